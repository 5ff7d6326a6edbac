"""Webhooks as they came: written down before the answer, expanded into hints later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service import db
from service.lanes import Lane, TenantId

SAMPLE_BYTES = 65_536  # as much is kept of a body that cannot be read
LARGE = 65_536  # from here on a body is stored alone: an array of them would be one more copy of each
GIVE_UP_AT = 3  # tries that ended in a fault of ours


@dataclass(frozen=True)
class Delivery:
    """One webhook call as it came; `size` above `len(body)` says that only a sample was kept."""

    tenant_id: TenantId
    generation: int
    event: str
    lane: Lane | None  # None: we have no use for this event
    body: bytes
    size: int
    received_at: datetime
    copies: int = 1
    delivery_id: int = 0  # given by the database


@dataclass(frozen=True)
class Verdict:
    """What became of a delivery: `expanded`, `unreadable` or `dropped`, and why; `received_at` names its partition."""

    delivery_id: int
    received_at: datetime
    outcome: str
    reason: str | None
    records: int


# Binary arrays: five times as fast as text. An event we have no use for is done as soon as it is stored. It sees every
# tenant by itself, so that it can be a whole transaction, in one round trip.
STORE = """
    INSERT INTO deliveries (tenant_id, generation, event, lane, body, size, copies, received_at, expanded_at, outcome)
    SELECT told.tenant_id, generation, event, lane, body, size, copies, received_at,
        CASE WHEN lane IS NULL THEN received_at END,
        CASE WHEN lane IS NULL THEN 'unknown' END
    FROM (SELECT set_config('app.tenant', '*', true)) AS every_tenant,
        unnest(%(tenant_ids)b::text[], %(generations)b::integer[], %(events)b::text[], %(lanes)b::text[],
        %(bodies)b::bytea[], %(sizes)b::integer[], %(copies)b::smallint[], %(received)b::timestamptz[])
        AS told (tenant_id, generation, event, lane, body, size, copies, received_at)
"""


STORE_LARGE = """
    INSERT INTO deliveries (tenant_id, generation, event, lane, body, size, copies, received_at, expanded_at, outcome)
    VALUES (%(tenant_id)s, %(generation)s, %(event)s, %(lane)s, %(body)b, %(size)s, %(copies)s, %(received_at)s,
        CASE WHEN %(lane)s::text IS NULL THEN %(received_at)s END,
        CASE WHEN %(lane)s::text IS NULL THEN 'unknown' END)
"""


def store(conn: db.Conn, deliveries: Sequence[Delivery]) -> int:
    """Write deliveries of any tenants down (docs/upgates.md 3.2: one durable append before the answer)."""
    large = [delivery for delivery in deliveries if len(delivery.body) >= LARGE]
    stored = _store(conn, [delivery for delivery in deliveries if len(delivery.body) < LARGE])
    return stored + sum(_store_large(conn, delivery) for delivery in large)


def is_one_statement(deliveries: Sequence[Delivery]) -> bool:
    """Say whether `store` runs a single statement, which needs no transaction around it."""
    return all(len(delivery.body) < LARGE for delivery in deliveries)


def _store(conn: db.Conn, deliveries: Sequence[Delivery]) -> int:
    return db.run(
        conn,
        STORE,
        tenant_ids=[delivery.tenant_id for delivery in deliveries],
        generations=[delivery.generation for delivery in deliveries],
        events=[delivery.event for delivery in deliveries],
        lanes=[delivery.lane and delivery.lane.value for delivery in deliveries],
        bodies=[delivery.body for delivery in deliveries],
        sizes=[delivery.size for delivery in deliveries],
        copies=[delivery.copies for delivery in deliveries],
        received=[delivery.received_at for delivery in deliveries],
    )


def _store_large(conn: db.Conn, delivery: Delivery) -> int:
    told = {**vars(delivery), "lane": delivery.lane and delivery.lane.value}
    return db.run(conn, STORE_LARGE, **told)


# The length of a body is known without reading it. A delivery is taken when those before it leave room, so the first
# always is.
TAKE = """
    WITH locked AS MATERIALIZED (
        SELECT delivery_id, tenant_id, generation, event, body, size, copies, received_at
        FROM deliveries
        WHERE tenant_id = %(tenant_id)s
          AND lane = %(lane)s
          AND expanded_at IS NULL
          AND parked IS NULL
          AND (due_at IS NULL OR due_at <= %(now)s)
        ORDER BY delivery_id
        LIMIT %(most)s
        FOR UPDATE SKIP LOCKED
    ), weighed AS (
        SELECT *, sum(octet_length(body)) OVER (ORDER BY delivery_id) - octet_length(body) AS before
        FROM locked
    )
    SELECT delivery_id, tenant_id, generation, event, body, size, copies, received_at
    FROM weighed
    WHERE before < %(most_bytes)s
    ORDER BY delivery_id
"""


def take(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, *, now: datetime, most: int, most_bytes: int
) -> list[Delivery]:
    """Lock the oldest deliveries nobody has expanded: at most `most`, and stop after `most_bytes`.

    One that failed before waits for its time, one that was parked for a person.
    """
    taken = db.binary(conn, TAKE, tenant_id=tenant_id, lane=lane.value, now=now, most=most, most_bytes=most_bytes)
    return [Delivery(lane=lane, **row) for row in taken]


# Named by their keys as well: joined alone, a table that grew since it was last analysed is compared row by row with
# every verdict, which takes seconds and then the statement's timeout, again and again. The times keep it to the days
# they came on.
EXPANDED = """
    UPDATE deliveries
    SET expanded_at = %(now)s, due_at = NULL, outcome = told.outcome, reason = told.reason, records = told.records,
        body = CASE WHEN told.outcome = 'unreadable' THEN substr(body, 1, %(sample)s) ELSE body END
    FROM unnest(%(delivery_ids)b::bigint[], %(outcomes)b::text[], %(reasons)b::text[], %(records)b::integer[])
        AS told (delivery_id, outcome, reason, records)
    WHERE deliveries.tenant_id = %(tenant_id)s
      AND deliveries.received_at >= %(first)s
      AND deliveries.received_at <= %(last)s
      AND deliveries.delivery_id = ANY(%(delivery_ids)b::bigint[])
      AND deliveries.delivery_id = told.delivery_id
"""


def expanded(conn: db.Conn, tenant_id: TenantId, verdicts: Sequence[Verdict], *, now: datetime) -> int:
    """Mark deliveries done, each with its outcome; of an unreadable one only a sample stays."""
    if not verdicts:
        return 0
    return db.run(
        conn,
        EXPANDED,
        tenant_id=tenant_id,
        now=now,
        sample=SAMPLE_BYTES,
        first=min(verdict.received_at for verdict in verdicts),
        last=max(verdict.received_at for verdict in verdicts),
        delivery_ids=[verdict.delivery_id for verdict in verdicts],
        outcomes=[verdict.outcome for verdict in verdicts],
        reasons=[verdict.reason for verdict in verdicts],
        records=[verdict.records for verdict in verdicts],
    )


ARE_WAITING = """
    SELECT EXISTS (
        SELECT FROM deliveries
        WHERE tenant_id = %(tenant_id)s
          AND lane = ANY (%(lanes)s)
          AND expanded_at IS NULL
          AND parked IS NULL
    ) AS waiting
"""


def are_waiting(conn: db.Conn, tenant_id: TenantId, lanes: Iterable[Lane]) -> bool:
    """Say whether a shop told of something in these lanes that nobody has read yet."""
    return bool(db.rows(conn, ARE_WAITING, tenant_id=tenant_id, lanes=[lane.value for lane in lanes])[0]["waiting"])


OVERDUE = """
    SELECT date_trunc('day', received_at) AS day, count(*) AS deliveries
    FROM deliveries
    WHERE expanded_at IS NULL
      AND received_at < %(before)s
    GROUP BY 1
    ORDER BY 1
"""


def overdue(conn: db.Conn, *, before: datetime) -> dict[date, int]:
    """Count by day (UTC) what came before then and was never expanded, over every tenant: those days are kept."""
    return {row["day"].date(): row["deliveries"] for row in db.rows(conn, OVERDUE, before=before)}


STUMBLED = """
    UPDATE deliveries
    SET tries = tries + 1,
        due_at = %(until)s,
        parked = CASE WHEN tries + 1 >= %(give_up_at)s THEN %(why)s END
    WHERE tenant_id = %(tenant_id)s
      AND delivery_id = %(delivery_id)s
      AND expanded_at IS NULL
      AND parked IS NULL
    RETURNING CASE WHEN parked IS NOT NULL THEN received_at END AS received_at
"""


def stumbled(conn: db.Conn, tenant_id: TenantId, delivery_id: int, *, until: datetime, why: str) -> datetime | None:
    """Put a delivery off whose expansion died; return when it came if it was parked now, as the third time it is."""
    params = {"delivery_id": delivery_id, "until": until, "why": why, "give_up_at": GIVE_UP_AT}
    row = db.one(conn, STUMBLED, tenant_id=tenant_id, **params)
    return row["received_at"] if row else None


STUCK = """
    SELECT lane, delivery_id, event, received_at, parked
    FROM deliveries
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NOT NULL
    ORDER BY lane, delivery_id
"""


def stuck(conn: db.Conn, tenant_id: TenantId) -> list[db.Row]:
    """Return the deliveries that wait for a person: lane, id, event, since when, and why."""
    return db.rows(conn, STUCK, tenant_id=tenant_id)


UNSTICK = """
    UPDATE deliveries
    SET parked = NULL, tries = 0, due_at = NULL
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NOT NULL
      AND lane = COALESCE(%(lane)s, lane)
      AND delivery_id = COALESCE(%(delivery_id)s, delivery_id)
"""


def unstick(conn: db.Conn, tenant_id: TenantId, *, lane: Lane | None = None, delivery_id: int | None = None) -> int:
    """Let parked deliveries be expanded once more, all of the tenant or those named; return how many."""
    return db.run(conn, UNSTICK, tenant_id=tenant_id, lane=lane and lane.value, delivery_id=delivery_id)


RECEIVED = """
    SELECT delivery_id, tenant_id, generation, event, lane, body, size, copies, received_at
    FROM deliveries
    WHERE tenant_id = %(tenant_id)s
      AND generation >= %(generation)s
      AND received_at >= %(since)s
      AND received_at < %(until)s
"""


def received(
    conn: db.Conn, tenant_id: TenantId, *, generation: int, since: datetime, until: datetime
) -> Iterator[Delivery]:
    """Bring the deliveries of a period one by one, whatever became of them; a day of a large shop fits no memory."""
    params = {"tenant_id": tenant_id, "generation": generation, "since": since, "until": until}
    for row in db.stream(conn, RECEIVED, **params):
        read: db.Row = {**row, "lane": Lane(row["lane"]) if row["lane"] else None}
        yield Delivery(**read)


ARRIVED = """
    SELECT count(*) AS deliveries,
        COALESCE(sum(copies), 0) AS copies,
        COALESCE(sum(records), 0) AS records,
        count(*) FILTER (WHERE outcome = 'unreadable') AS unreadable,
        count(*) FILTER (WHERE outcome = 'dropped') AS dropped,
        count(*) FILTER (WHERE expanded_at IS NULL AND parked IS NULL) AS waiting,
        count(*) FILTER (WHERE expanded_at IS NULL AND parked IS NOT NULL) AS parked
    FROM deliveries
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND received_at >= %(since)s
      AND received_at < %(until)s
"""


@dataclass(frozen=True)
class Arrived:
    """Webhooks of a period: rows and the calls they stand for, the records in them, and what became of some."""

    deliveries: int
    copies: int
    records: int
    unreadable: int
    dropped: int
    waiting: int
    parked: int


def arrived(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, since: datetime, until: datetime) -> Arrived:
    """Count what a lane was told in a period, as far as it is still kept."""
    [row] = db.rows(conn, ARRIVED, tenant_id=tenant_id, lane=lane.value, since=since, until=until)
    return Arrived(**{name: int(value) for name, value in row.items()})
