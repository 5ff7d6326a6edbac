"""`/metrics` for Prometheus: what the receiver counted, what the service owes, and whether its neighbours answer.

No label names a shop or a person: lanes, states, causes and outcomes are few, shops are hundreds, and `service doctor`
names those. Times are given as times, not as ages: they stay true while the neighbour that told them is away.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from time import monotonic
from typing import TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import guard
from service.doctor import gather
from service.doctor.evidence import Caps, OfDatabase, OfRedis, OfSpool
from service.rig import Rig
from service.steps import health
from service.tenants import State
from service.web.asked import Asked
from service.web.counters import BOUNDS_MS, Counters

Name = TypeVar("Name", bound=str)

FRESH_S = 10.0  # however many scrape us, each neighbour is asked six times a minute
WITHIN_S = 1.0  # all neighbours together; who answers later is told of next time
CERTIFICATE_FRESH_S = 3600.0
PLATFORM_ALARM = 60_000  # calls of the day to all shops (docs/upgates.md 1.7)
DAY = timedelta(days=1)


def route(rig: Rig, counters: Counters) -> Route:
    """Return `/metrics`: no secrets, yet nobody's business outside."""
    registry = CollectorRegistry()
    registry.register(Figures(rig, counters))
    ProcessCollector(registry=registry)

    def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})

    return Route("/metrics", metrics)


class Figures(Collector):
    """Everything there is to tell, gathered when somebody scrapes."""

    def __init__(self, rig: Rig, counters: Counters) -> None:
        self._rig = rig
        self._counters = counters
        self._database = Asked(lambda: gather.of_database(rig), fresh_s=FRESH_S)
        self._redis = Asked(lambda: gather.of_redis(rig), fresh_s=FRESH_S)
        self._spool = Asked(lambda: gather.of_spool(rig.settings), fresh_s=FRESH_S)
        self._certificate = Asked(lambda: gather.certificate_ends_at(rig.settings), fresh_s=CERTIFICATE_FRESH_S)

    def collect(self) -> Iterator[Metric]:
        """Yield every figure; what nobody knows yet has none."""
        neighbours = [self._database, self._redis, self._spool, self._certificate]
        for neighbour in neighbours:
            neighbour.begin()
        yield from of_receiver(self._counters)
        end = monotonic() + WITHIN_S
        database = self._database.told(within_s=end - monotonic())
        redis = self._redis.told(within_s=end - monotonic())
        spool = self._spool.told(within_s=end - monotonic())
        certificate = self._certificate.told(within_s=end - monotonic())
        up = {"database": database.is_up, "redis": redis.is_up, "spool": spool.is_up}
        if not guard.rehearses(self._rig.settings):
            up["certificate"] = certificate.is_up
        yield _gauges("up", "whether a neighbour answered when it was asked last", "of", up)
        if database.value:
            yield from of_database(database.value)
            yield from of_carriers(database.value)
            yield from of_tracking(database.value)
            yield from of_calls(database.value, gather.caps(self._rig.settings))
        if redis.value:
            yield from of_redis(redis.value)
        if spool.value:
            yield from of_spool(spool.value)
        if certificate.value:
            left = (certificate.value - self._rig.now()) / DAY
            yield _gauge("certificate_days", "until the TLS certificate of PUBLIC_URL ends", left)


def of_receiver(counters: Counters) -> Iterator[Metric]:
    """Yield what this process received; the numbers are the event loop's own, and nobody stops it to read them."""
    counts = list(accumulate(counters.ack_ms))
    bounds = [str(bound / 1000) for bound in BOUNDS_MS] + ["+Inf"]
    about = "from a webhook's first byte to its acknowledgement"
    buckets = list(zip(bounds, map(float, counts), strict=True))
    yield HistogramMetricFamily("expedition_ack_seconds", about, buckets=buckets, sum_value=counters.ack_s)
    answers = {
        "204": counters.stored + counters.wrong_mac,
        "503": counters.refused_503,
        "none": counters.hung_up,
    }
    family = CounterMetricFamily("expedition_webhook_answers", "webhooks by how they were answered", labels=["answer"])
    for answer, count in answers.items():
        family.add_metric([answer], count)
    yield family
    told = {
        "received": ("with an address of ours", counters.received),
        "spooled": ("written to a file because the database was away or slow", counters.spooled),
        "copied": ("stored as a count beside an identical one", counters.copies),
        "too_large": ("of which a sample was stored", counters.too_large),
        "not_ours": ("answered 204 and forgotten: the address is not ours", counters.wrong_mac),
    }
    for name, (words, count) in told.items():
        yield CounterMetricFamily(f"expedition_webhooks_{name}", f"webhooks {words}", value=count)


def of_database(database: OfDatabase) -> Iterator[Metric]:
    """Yield what the service owes, and what a person should look at."""
    rows = GaugeMetricFamily("expedition_lane_rows", "rows a lane owes, over all shops", labels=["lane", "state"])
    for lane, owed in database.lanes.items():
        for state, count in (("due", owed.due), ("later", owed.later), ("parked", owed.parked)):
            rows.add_metric([lane, state], count)
    yield rows
    lanes = database.lanes.items()
    since = {lane: owed.since for lane, owed in lanes}
    untaken = {lane: owed.untaken_since for lane, owed in lanes}
    promised = {lane: within.total_seconds() for lane, within in health.PROMISED.items()}
    yield _times("lane_since", "since when a lane's oldest debt that is due is owed", "lane", since)
    yield _times("lane_untaken", "since when a lane's longest waiting row could have been taken", "lane", untaken)
    yield _gauges("lane_promise_seconds", "how long rows of a lane may be due and untaken", "lane", promised)
    states = {state: len(database.in_state(state)) for state in State if state is not State.DISMISSED}
    yield _gauges("shops", "shops by what may be done with them", "state", states)
    yield _gauge("addon_blocked", "whether UPgates has blocked the add-on at all shops", database.block is not None)
    problems = {cause: count.problems for cause, count in database.problems.items()}
    yield _gauges("problems", "open problems, which a person decides, by cause", "cause", problems)
    yield _gauge("shops_webhooks_off", "shops whose webhooks had to be mended within a day", database.hooks_off)
    yield _gauge("webhooks_overdue", "webhooks never expanded that keep their day from being dropped", database.overdue)
    yield _times("partitions_end", "until when partitions are made ahead", "table", database.partitions)
    yield _time("receiver_alive", "when a web process last said that it receives", database.receiver_at)
    yield _time("look", "when a look last ended", database.looked_at)
    yield _time("seal", "when anything of the journal was last sealed", database.sealed_at)


def of_carriers(database: OfDatabase) -> Iterator[Metric]:
    """Yield how labels, carriers and lists of points stand."""
    labels = GaugeMetricFamily("expedition_labels", "parcels whose label is not made", labels=["carrier", "state"])
    for carrier, each in database.labels.items():
        for state, count in (("waiting", each.waiting), ("doubtful", each.doubtful), ("parked", each.parked)):
            labels.add_metric([carrier, state], count)
    yield labels
    since = {carrier: each.since for carrier, each in database.labels.items()}
    late = {carrier: each.late_since for carrier, each in database.labels.items()}
    yield _times("labels_waiting", "when the oldest label that waits was asked for", "carrier", since)
    yield _times("labels_late", "the same of those whose carrier is well and does not rest", "carrier", late)
    logins = GaugeMetricFamily("expedition_logins_failing", "logins that fail", labels=["carrier", "lane", "why"])
    failing = GaugeMetricFamily(
        "expedition_carrier_failing_timestamp_seconds",
        "since when a carrier gives no answer",
        labels=["carrier", "lane"],
    )
    for each in database.failing:
        logins.add_metric([each.carrier, each.lane, "no_answer"], each.down)
        logins.add_metric([each.carrier, each.lane, "refused"], each.refused)
        if each.since:
            failing.add_metric([each.carrier, each.lane], each.since.timestamp())
    yield logins
    yield failing
    about = "when the list of points that was read longest ago was read"
    yield _times("points_read", about, "carrier", database.lists)


def of_calls(database: OfDatabase, caps: Caps) -> Iterator[Metric]:
    """Yield what was called of late, and what it is held against."""
    bounds = {"platform": PLATFORM_ALARM, "service": caps.service, "shop": caps.shop}
    fullest = max(database.calls.values(), default=0)
    yield _gauge("calls_today", "calls of the day in Prague to all shops", database.calls_made)
    yield _gauge("calls_today_fullest_shop", "calls of the day to the shop that was called most", fullest)
    yield _gauges(
        "calls_cap", "calls of a day: the platform's alarm, our bound for all shops, and for one", "of", bounds
    )
    outcomes: dict[str, int] = {}
    for each in database.outcomes:
        outcomes[each.outcome] = outcomes.get(each.outcome, 0) + each.calls
    yield _gauges("calls_last_hour", "calls of the last hour by what came of them", "outcome", outcomes)
    yield _gauge("logins_refused", "wrong logins of the last hour; five lock our address out", database.logins_refused)


def of_tracking(database: OfDatabase) -> Iterator[Metric]:
    """Yield how often carriers were asked where parcels are in this hour, and what each contract may be asked."""
    asked = {each.carrier: each for each in database.asked}
    calls = {name: each.calls for name, each in asked.items()}
    fullest = {name: each.fullest for name, each in asked.items()}
    most = {name: each.ceiling for name, each in asked.items()}
    refused = {name: each.refused for name, each in asked.items()}
    yield _gauges("tracking_calls_hour", "questions of the hour about parcels, over all contracts", "carrier", calls)
    yield _gauges("tracking_calls_hour_fullest", "of the contract that asked most", "carrier", fullest)
    yield _gauges("tracking_calls_hour_cap", "what one contract may ask in an hour", "carrier", most)
    yield _gauges("tracking_refused_hour", "turns that wait for the next hour's budget", "carrier", refused)


def of_redis(redis: OfRedis) -> Iterator[Metric]:
    """Yield who is at work."""
    yield _gauge("beat_alive", "whether beat said within 15 s that it works", redis.beat_at is not None)
    yield _time("beat_alive", "when beat last said that it works", redis.beat_at)
    yield _gauge("workers_alive", "workers that gave a sign of life within 20 s", redis.workers)
    yield _gauges("wakeups_waiting", "wake-ups no worker has taken", "lane", redis.wakeups)
    yield _gauge("calls_under_way", "calls to all shops that are under way", redis.calls_under_way)


def of_spool(spool: OfSpool) -> Iterator[Metric]:
    """Yield how full the spool and its disk are."""
    held = spool.held
    yield _gauge("spool_files", "files of webhooks that wait for the database", held.files)
    yield _gauge("spool_aside_files", "files that were drained but for what is damaged in them", held.aside)
    yield _gauge("spool_bytes", "what all files of the spool hold", held.size)
    yield _gauge("spool_limit_bytes", "what they may hold; above it webhooks are refused", spool.most_bytes)
    yield _time("spool_oldest", "when the oldest spooled webhook was received", held.oldest)
    yield _gauge("spool_disk_bytes", "size of the disk the spool lies on", spool.disk_bytes)
    yield _gauge("spool_disk_free_bytes", "what is free of it", spool.disk_free)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"expedition_{name}", about, value=float(value))


def _gauges(name: str, about: str, label: str, values: Mapping[Name, float]) -> Metric:
    family = GaugeMetricFamily(f"expedition_{name}", about, labels=[label])
    for what, value in values.items():
        family.add_metric([what], float(value))
    return family


def _time(name: str, about: str, at: datetime | None) -> Metric:
    """Return a time as seconds since 1970, as Prometheus counts; a family without a sample when there was none."""
    family = GaugeMetricFamily(f"expedition_{name}_timestamp_seconds", about)
    if at:
        family.add_metric([], at.timestamp())
    return family


def _times(name: str, about: str, label: str, times: Mapping[Name, datetime | None]) -> Metric:
    family = GaugeMetricFamily(f"expedition_{name}_timestamp_seconds", about, labels=[label])
    for what, at in times.items():
        if at:
            family.add_metric([what], at.timestamp())
    return family
