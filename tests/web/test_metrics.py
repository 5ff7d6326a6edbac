"""`/metrics` over HTTP: whole while all answer, quick and honest while a neighbour does not."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from service import inbox, problems, tracking
from service.budget import ledger
from service.db import Conn, Database
from service.flows import age
from service.lanes import Lane
from service.rig import Rig
from service.wakeup import BEAT_ALIVE
from service.web.asked import Asked
from service.web.counters import BOUNDS_MS, Counters
from service.web.metrics import WITHIN_S
from tests.web.desk import SHOP, Gated, Woken, rig_over
from tests.web.test_app import BODY, Site, serving

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
HANG_S = 10


def watched(db: Database, url: str, redis_url: str, folder: Path) -> Rig:
    """Return the rig of a rehearsal, whose certificate nobody asks for."""
    (folder / "spool").mkdir()
    memory = redis.Redis.from_url(redis_url)
    given = {"public_url": "http://127.0.0.1:8000", "spool_folder": folder / "spool"}
    return rig_over(url, folder, db=db, wake=Woken(), memory=memory, **given)


@pytest.fixture
def site(database, redis_url, tmp_path) -> Iterator[Site]:
    db = Database(database.url, size=4)
    db.open()
    with serving(watched(db, database.url, redis_url, tmp_path)) as site:
        yield site


def scraped(site: Site) -> Samples:
    """Return every sample as Prometheus itself would read it."""
    answer = site.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"expedition_{name}", frozenset(labels.items())))


def test_acknowledgements_stand_in_buckets_around_the_bounds_that_count(site: Site) -> None:
    for _ in range(3):
        site.http.post(site.path(), content=BODY)
    site.http.post("/u/nobody")

    told = scraped(site)

    bounds = {
        dict(labels)["le"]: value for (name, labels), value in told.items() if name.endswith("ack_seconds_bucket")
    }
    assert {"0.003", "0.015", "0.06", "0.3", "0.6", "0.75", "+Inf"} <= set(bounds)
    assert bounds["+Inf"] == of(told, "ack_seconds_count") == 3
    assert 0 < of(told, "ack_seconds_sum") < 3 * 0.75
    assert (of(told, "webhook_answers_total", answer="204"), of(told, "webhook_answers_total", answer="503")) == (4, 0)
    assert (of(told, "webhooks_received_total"), of(told, "webhooks_not_ours_total")) == (3, 1)


def test_a_bucket_holds_all_that_took_no_longer() -> None:
    counters = Counters()
    for seconds in (0.0005, 0.003, 0.0031, 0.2999, 0.3, 0.74, 0.9):
        counters.acked(seconds)

    assert dict(zip([*BOUNDS_MS, "more"], counters.ack_ms, strict=True)) == dict.fromkeys([*BOUNDS_MS, "more"], 0) | {
        1: 1,
        3: 1,
        5: 1,
        300: 2,
        750: 1,
        "more": 1,
    }
    assert counters.ack_s == pytest.approx(2.2465)


def test_what_the_service_owes_is_told_by_lane(site: Site) -> None:
    now = site.rig.now()
    since = now - timedelta(seconds=300)
    with site.rig.db.tx_all("a test writes") as conn:
        conn.execute(
            "INSERT INTO tenants (tenant_id, token, state, api_url, installed_at, doubted)"
            " VALUES (%s, 'token', 'active', 'https://x.example.com', %s, false)",
            [SHOP, now],
        )
    with site.rig.db.tx(SHOP) as conn:
        hints = [inbox.Hint(key, urgent=True, due_at=since) for key in "123"]
        inbox.hint(conn, SHOP, Lane.REFRESH_ORDERS, hints, now=since)
        conn.execute("UPDATE hints SET parked = 'three times' WHERE key = '3'")
        problems.note(conn, SHOP, problems.Cause.WEBHOOKS_SILENT, now=now)
        for status in (200, 401, 401):
            call = ledger.begin(conn, SHOP, lane=Lane.REFRESH_ORDERS, plan="orders", began_at=now)
            end = ledger.End("read" if status == 200 else "CredentialsRejected", status)
            ledger.end(conn, SHOP, call_id=call, began_at=now, ended_at=now, end=end)
        for contract_id, calls in (("k_one", 3), ("k_two", 5)):
            tracking.take(conn, contract_id, "gls", calls=calls, now=now)
    age.run(site.rig)

    told = scraped(site)

    lane = {"lane": "refresh_orders"}
    rows = [of(told, "lane_rows", **lane, state=state) for state in ("due", "later", "parked")]
    assert rows == [2, 0, 1]
    assert of(told, "lane_since_timestamp_seconds", **lane) == pytest.approx(since.timestamp())
    assert of(told, "lane_untaken_timestamp_seconds", **lane) == pytest.approx(since.timestamp())
    assert of(told, "lane_promise_seconds", **lane) == 120
    assert of(told, "lane_since_timestamp_seconds", lane="writeback") is None
    assert (of(told, "shops", state="active"), of(told, "shops", state="held")) == (1, 0)
    assert of(told, "problems", cause="webhooks_silent") == 1
    assert (of(told, "logins_refused"), of(told, "calls_today"), of(told, "calls_today_fullest_shop")) == (2, 3, 3)
    assert (of(told, "calls_cap", of="platform"), of(told, "calls_cap", of="service")) == (60_000, 50_000)
    assert of(told, "calls_last_hour", outcome="CredentialsRejected") == 2
    assert of(told, "tracking_calls_hour", carrier="gls") == 8
    assert of(told, "tracking_calls_hour_fullest", carrier="gls") == 5
    assert of(told, "tracking_refused_hour", carrier="gls") == 0
    assert of(told, "partitions_end_timestamp_seconds", table="deliveries") > (now + timedelta(days=1)).timestamp()


def test_spool_disk_and_those_at_work_are_told(site: Site) -> None:
    now = site.rig.now()
    site.rig.redis.set(BEAT_ALIVE, now.isoformat())
    site.rig.redis.rpush("pull", "a message", "another")
    (site.rig.settings.spool_folder / "s_old.aside").write_bytes(b"\0" * 10)

    told = scraped(site)

    assert of(told, "beat_alive_timestamp_seconds") == pytest.approx(now.timestamp())
    assert (of(told, "beat_alive"), of(told, "workers_alive"), of(told, "calls_under_way")) == (1, 0, 0)
    assert of(told, "wakeups_waiting", lane="pull") == 2
    assert (of(told, "spool_files"), of(told, "spool_aside_files"), of(told, "spool_bytes")) == (0, 1, 10)
    assert 0 < of(told, "spool_disk_free_bytes") < of(told, "spool_disk_bytes")


def test_no_label_names_a_shop(site: Site) -> None:
    site.http.post(site.path(), content=BODY)

    labels = [label for _, named in scraped(site) for label in named]

    assert {name for name, _ in labels} <= {
        "le",
        "answer",
        "of",
        "lane",
        "state",
        "cause",
        "outcome",
        "table",
        "carrier",
        "why",
    }
    assert SHOP not in {value for _, value in labels}


def test_a_redis_that_is_away_is_told_at_once_and_the_rest_stays_known(site: Site) -> None:
    object.__setattr__(site.rig, "redis", redis.Redis(port=1))

    began = monotonic()
    told = scraped(site)

    assert monotonic() - began < WITHIN_S + 1
    ups = {who: of(told, "up", of=who) for who in ("database", "redis", "spool")}
    assert ups == {"database": 1, "redis": 0, "spool": 1}
    assert of(told, "lane_rows", lane="pull", state="due") == 0
    assert of(told, "workers_alive") is None


def test_a_database_that_hangs_holds_no_scrape_up(database, redis_url, tmp_path) -> None:
    gated = Gated(database.url)
    gated.open()
    with serving(watched(gated, database.url, redis_url, tmp_path)) as site:
        gated.gate.clear()
        began = monotonic()
        told = scraped(site)

        assert monotonic() - began < WITHIN_S + 1
        assert (of(told, "up", of="database"), of(told, "up", of="redis")) == (0, 1)
        assert (of(told, "webhooks_received_total"), of(told, "shops", state="active")) == (0, None)
        gated.gate.set()


class Counted(Database):
    """A database that counts who looks across tenants, by the reason given."""

    whys: Counter[str]

    @contextmanager
    def tx_all(self, why: str) -> Iterator[Conn]:
        self.whys[why] += 1
        with super().tx_all(why) as conn:
            yield conn


def test_many_scrapes_ask_once(database, redis_url, tmp_path) -> None:
    counted = Counted(database.url, size=4)
    counted.whys = Counter()
    counted.open()
    with serving(watched(counted, database.url, redis_url, tmp_path)) as site:
        for _ in range(5):
            scraped(site)

    assert counted.whys["what is wrong may be wrong at any shop"] == 1


def test_a_neighbour_is_asked_once_in_a_while_by_one_thread_at_a_time() -> None:
    asked, go_on, watch = [], Event(), {"now": 0.0}

    def ask() -> int:
        asked.append(1)
        assert go_on.wait(HANG_S)
        if len(asked) == 2:
            raise redis.ConnectionError
        if len(asked) == 3:
            raise ZeroDivisionError
        return len(asked)

    neighbour = Asked(ask, fresh_s=10, clock=lambda: watch["now"])
    for _ in range(3):
        neighbour.begin()
    assert (neighbour.told(within_s=0).value, neighbour.told(within_s=0).is_up) == (None, False)
    go_on.set()
    assert (neighbour.told(within_s=HANG_S).value, neighbour.told(within_s=0).is_up) == (1, True)
    watch["now"] = 9.9
    neighbour.begin()
    assert asked == [1]

    for _ in ("away", "a bug"):
        watch["now"] += 10
        neighbour.begin()
        told = neighbour.told(within_s=HANG_S)
        assert (told.value, told.is_up) == (1, False)
    watch["now"] += 10
    neighbour.begin()
    assert (neighbour.told(within_s=HANG_S).value, neighbour.told(within_s=0).is_up) == (4, True)
