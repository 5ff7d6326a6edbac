"""What the evidence about the whole service speaks for: one function a neighbour, each yields what it finds."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from service import guard
from service.budget import rules
from service.doctor.causes import Finding, Trouble
from service.doctor.evidence import Evidence, OfDatabase, OfRedis, OfSpool
from service.kit.clock import PRAGUE
from service.lanes import Lane, Waiting
from service.problems import Cause
from service.steps import health
from service.tenants import State

SERVICE = "python -m service"
NAMED = 3  # shops, lanes or reasons in one line
DISK_LEAST, DISK_SHARE = 500_000_000, 0.05
FULL_SHARE = 0.8  # of the spool, and of the service's day
DRAINED_WITHIN = timedelta(minutes=2)
CERTIFICATE_LEFT = timedelta(days=14)  # it is renewed 30 days before its end
ALIVE_WITHIN = timedelta(minutes=2)  # the receiver says so twice a minute
MOST_WAKEUPS, HEARD_WITHIN = 20, timedelta(seconds=30)  # of a lane: whoever listens takes them within a moment
FEWEST_CALLS, FAILED_SHARE = 10, 0.2
MADE_AHEAD = timedelta(days=1)
DOWN_FOR, LABELS_WITHIN = timedelta(minutes=10), timedelta(minutes=10)
NOT_OURS = {Lane.ACTIVATE, Lane.PULL, Lane.BOOK}  # steps are told apart, parcels are for whoever packs them
# By a cause of its own, or nothing is to be done.
TOLD_APART = (Cause.WEBHOOKS_SILENT, Cause.ADDON_BLOCKED, Cause.CARRIER_DOWN, Cause.NO_ECHO, Cause.OVERRULED)
NO_FAILURE = ("read", "PlatformBusy", "Moved")  # an answer, a shop that says when to come back or where it went


def of_service(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong with the service as a whole, in no order."""
    yield from _of_start(evidence)
    if evidence.spool:
        yield from _of_spool(evidence.spool, at=evidence.at)
    if evidence.certificate_ends_at:
        yield from _of_certificate(evidence.certificate_ends_at, at=evidence.at)
    if evidence.redis:
        yield from _of_redis(evidence.redis, evidence.database, at=evidence.at)
    if evidence.database:
        yield from _of_work(evidence.database, at=evidence.at)
        yield from _of_carriers(evidence.database, at=evidence.at)
        yield from _of_shops(evidence.database)
        yield from _of_calls(evidence.database, evidence)
        yield from _of_ageing(evidence.database, at=evidence.at)


def _of_start(evidence: Evidence) -> Iterator[Finding]:
    if why := evidence.away.get("DATABASE_URL"):
        says = f"PostgreSQL does not answer: {_short(why)}"
        yield Finding(Trouble.DATABASE_AWAY, says, "docker compose ps postgres; docker compose logs --tail 50 postgres")
    if why := evidence.away.get("REDIS_URL"):
        says = f"Redis does not answer, so no shop is called: {_short(why)}"
        yield Finding(Trouble.REDIS_AWAY, says, "docker compose ps redis; docker compose logs --tail 50 redis")
    known = {
        Trouble.SCHEMA_BEHIND: [fault for fault in evidence.faults if guard.MIGRATE in fault],
        Trouble.CLOCKS_APART: [fault for fault in evidence.faults if guard.KEEP_TIME in fault],
    }
    known[Trouble.UNFIT] = [fault for fault in evidence.faults if not any(fault in each for each in known.values())]
    todo = {
        Trouble.SCHEMA_BEHIND: "docker compose run --rm migrate",
        Trouble.CLOCKS_APART: "timedatectl set-ntp true",
        Trouble.UNFIT: f"{SERVICE} check",
    }
    for trouble, faults in known.items():
        if faults:
            more = f"; {len(faults) - 1} more" if len(faults) > 1 else ""
            yield Finding(trouble, _short(faults[0]) + more, todo[trouble])


def _of_spool(spool: OfSpool, *, at: datetime) -> Iterator[Finding]:
    held = spool.held
    if spool.disk_free < max(DISK_LEAST, spool.disk_bytes * DISK_SHARE):
        says = f"the disk of the spool has {_mb(spool.disk_free)} free of {_mb(spool.disk_bytes)}"
        yield Finding(Trouble.DISK_LOW, says, "df -h; du -xh /var | sort -h | tail, then make room")
    if held.size >= spool.most_bytes * FULL_SHARE:
        says = f"the spool holds {_mb(held.size)} of {_mb(spool.most_bytes)}; when it is full, webhooks are refused"
        yield Finding(Trouble.SPOOL_FULL, says, f"{SERVICE} spool --drain")
    if held.oldest and at - held.oldest > DRAINED_WITHIN:
        says = f"webhooks wait in {held.files} spool files for {_age(at, held.oldest)}"
        yield Finding(Trouble.SPOOL_WAITS, says, f"{SERVICE} spool --drain")
    if held.aside:
        says = f"{held.aside} spool files were drained but for what is damaged in them"
        yield Finding(Trouble.SPOOL_ASIDE, says, f"{SERVICE} spool")


def _of_certificate(ends_at: datetime, *, at: datetime) -> Iterator[Finding]:
    if ends_at - at < CERTIFICATE_LEFT:
        left = f"ends in {(ends_at - at).days} days" if ends_at > at else "has ended"
        says = f"the TLS certificate of PUBLIC_URL {left} ({ends_at:%F %T}); then no shop reaches us"
        yield Finding(
            Trouble.CERTIFICATE_ENDS, says, "docker compose logs --tail 100 caddy; docker compose restart caddy"
        )


def _of_redis(redis: OfRedis, database: OfDatabase | None, *, at: datetime) -> Iterator[Finding]:
    if redis.beat_at is None:
        says = "beat has given no sign of life for 15 s or more: nobody wakes what is due"
        yield Finding(Trouble.BEAT_SILENT, says, "docker compose logs --tail 50 beat; docker compose restart beat")
    waiting = {lane: count for lane, count in redis.wakeups.items() if count}
    told = ", ".join(f"{count} of {lane}" for lane, count in list(waiting.items())[:NAMED]) or "none"
    if not redis.workers:
        says = f"no worker has given a sign of life for 20 s; wake-ups nobody took: {told}"
        yield Finding(
            Trouble.WORKERS_GONE, says, "docker compose up --detach worker; docker compose logs --tail 50 worker"
        )
    elif database and any(
        count >= MOST_WAKEUPS and _untaken(database.lanes, lane, at) > HEARD_WITHIN for lane, count in waiting.items()
    ):
        says = f"{redis.workers} workers live and yet wake-ups pile up: {told}"
        yield Finding(Trouble.WORKERS_DEAF, says, "docker compose restart worker")


def _untaken(lanes: Mapping[Lane, Waiting], lane: Lane, at: datetime) -> timedelta:
    """Return for how long rows of a lane could have been taken; a burst that has just come is no trouble."""
    since = lanes[lane].untaken_since if lane in lanes else None
    return at - since if since else timedelta()


def _of_work(database: OfDatabase, *, at: datetime) -> Iterator[Finding]:
    if database.receiver_at is None or at - database.receiver_at > ALIVE_WITHIN:
        since = f"for {_age(at, database.receiver_at)}" if database.receiver_at else "ever"
        says = f"no web process has said {since} that it receives webhooks"
        yield Finding(Trouble.RECEIVER_SILENT, says, "docker compose ps web; docker compose logs --tail 50 web")
    late = health.late(database.lanes, now=at)
    if late:
        said = [f"{lane} for {seconds:.0f} s ({database.lanes[lane].due} rows)" for lane, seconds in late.items()]
        says = f"rows are due and nobody takes them: {', '.join(said[:NAMED])}"
        yield Finding(Trouble.LANE_LATE, says, "docker compose up --detach --scale worker=3 worker")
    steps = _parked(database.lanes, Lane.ACTIVATE, Lane.PULL)
    if steps:
        says = f"{sum(steps.values())} steps of activations failed"
        yield Finding(Trouble.ACTIVATION_FAILED, says, f"{SERVICE} parked, then {SERVICE} retry TENANT")
    rows = _parked(database.lanes, *(set(database.lanes) - NOT_OURS))
    if rows:
        said = ", ".join(f"{count} of {lane}" for lane, count in rows.items())
        yield Finding(Trouble.ROWS_PARKED, f"parked after three tries: {said}", f"{SERVICE} parked")


def _parked(lanes: Mapping[Lane, Waiting], *which: Lane) -> dict[Lane, int]:
    return {lane: lanes[lane].parked for lane in sorted(which) if lane in lanes and lanes[lane].parked}


def _of_carriers(database: OfDatabase, *, at: datetime) -> Iterator[Finding]:
    down = [each for each in database.failing if each.since and at - each.since > DOWN_FOR]
    if down:
        said = ", ".join(
            f"{each.carrier} for {_age(at, each.since)} ({each.lane}, {each.down} logins)"
            for each in down
            if each.since
        )
        waiting = sum(database.labels[each].waiting for each in {each.carrier for each in down} & {*database.labels})
        says = f"carriers do not answer: {said}; {waiting} parcels wait for their labels"
        yield Finding(Trouble.CARRIER_DOWN, says, f"see what each says of itself; then {SERVICE} problems")
    late = {
        carrier: each
        for carrier, each in database.labels.items()
        if each.late_since and at - each.late_since > LABELS_WITHIN
    }
    if late:
        said = ", ".join(
            f"{carrier} for {_age(at, each.late_since)} ({each.waiting} parcels)"
            for carrier, each in late.items()
            if each.late_since
        )
        says = f"labels wait though their carrier is well: {said}"
        yield Finding(Trouble.LABELS_LATE, says, "docker compose logs --tail 100 worker; see `book` in Flower")


def _of_shops(database: OfDatabase) -> Iterator[Finding]:
    if block := database.block:
        held = len(database.in_state(State.HELD))
        says = (
            f"UPgates blocked the add-on: {held} shops are held since {block.since:%F %T}, {block.probes} probes so far"
        )
        yield Finding(Trouble.ADDON_BLOCKED, says, f"ask UPgates why, then {SERVICE} problems")
    if database.logins_refused >= rules.BAD_LOGINS:
        says = f"{database.logins_refused} logins were refused within an hour; five lock our address out of all shops"
        yield Finding(Trouble.LOGINS_REFUSED, says, f"{SERVICE} tenants; let no suspended shop be retried for an hour")
    suspended = database.in_state(State.SUSPENDED)
    if suspended:
        said = ", ".join(
            f"{shop.tenant_id} ({_short(shop.state_why or 'no reason', 60)})" for shop in suspended[:NAMED]
        )
        says = f"{len(suspended)} of {len(database.shops)} shops are called no more: {said}"
        do = f"{SERVICE} retry {suspended[0].tenant_id}, once its credentials work; else its merchant activates it anew"
        yield Finding(Trouble.SHOPS_SUSPENDED, says, do)
    if silent := database.problems.get(Cause.WEBHOOKS_SILENT):
        says = f"{silent.shops} shops have told nothing for longer than they are ever silent"
        yield Finding(Trouble.WEBHOOKS_SILENT, says, f"{SERVICE} problems, then {SERVICE} look TENANT")
    if database.hooks_off:
        says = (
            f"webhooks of {database.hooks_off} shops were missing, off or led elsewhere within a day, and were mended"
        )
        yield Finding(Trouble.WEBHOOKS_OFF, says, f"{SERVICE} looks TENANT")
    others = {cause: count for cause, count in database.problems.items() if cause not in TOLD_APART}
    if others:
        said = ", ".join(
            f"{count.problems} {cause} ({count.shops} shops)" for cause, count in list(others.items())[:NAMED]
        )
        yield Finding(Trouble.PROBLEMS_OPEN, f"what a person decides: {said}", f"{SERVICE} problems")


def _of_calls(database: OfDatabase, evidence: Evidence) -> Iterator[Finding]:
    caps, refill = evidence.caps, rules.moment(rules.next_day(rules.millis(evidence.at)))
    again = f"there are more at {refill.astimezone(PRAGUE):%F %H:%M} in Prague"
    if database.calls_made >= caps.service * FULL_SHARE:
        says = f"{database.calls_made} of the service's {caps.service} calls of the day are made; {again}"
        yield Finding(Trouble.SERVICE_CALLS_USED_UP, says, f"{SERVICE} calls {_busiest(database)}")
    full = [shop for shop, calls in database.calls.items() if calls >= caps.shop]
    if full:
        says = f"{len(full)} shops have used up their {caps.shop} calls of the day, {full[0]} first; {again}"
        yield Finding(Trouble.SHOP_CALLS_USED_UP, says, f"{SERVICE} calls {full[0]}")
    failed = [each for each in database.outcomes if each.outcome not in NO_FAILURE and each.status != 401]
    made, lost = (sum(each.calls for each in some) for some in (database.outcomes, failed))
    if lost >= FEWEST_CALLS and lost >= made * FAILED_SHARE:
        said = ", ".join(f"{each.calls} {each.outcome} {each.status or '(no answer)'}" for each in failed[:NAMED])
        says = f"{lost} of {made} calls of the last hour brought nothing: {said}"
        yield Finding(Trouble.PLATFORM_FAILS, says, f"{SERVICE} lanes; what failed is tried again by itself")


def _busiest(database: OfDatabase) -> str:
    return next(iter(database.calls), "TENANT")


def _of_ageing(database: OfDatabase, *, at: datetime) -> Iterator[Finding]:
    short = [parent for parent, end in database.partitions.items() if end is None or end - at < MADE_AHEAD]
    if short:
        says = f"no partitions are made ahead for {', '.join(short)}: their rows go where they cannot be dropped"
        yield Finding(Trouble.PARTITIONS_BEHIND, says, "docker compose logs --tail 100 beat")
    if database.overdue:
        says = f"{database.overdue} webhooks older than they are kept were never expanded; their days cannot go"
        yield Finding(Trouble.WEBHOOKS_OVERDUE, says, f"{SERVICE} ages, then {SERVICE} parked")


def _short(text: str, most: int = 140) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _age(now: datetime, since: datetime) -> str:
    seconds = (now - since).total_seconds()
    for unit_s, unit in ((3600, "h"), (60, "min")):
        if seconds >= 10 * unit_s:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds:.0f} s"
