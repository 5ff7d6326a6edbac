"""How labels stand over every tenant: what the lane owes, and what waits, is in doubt or parked at each carrier."""

from dataclasses import dataclass
from datetime import datetime

from service import db
from service.lanes import Waiting

WAITING = """
    WITH owed AS (
        SELECT bookings.since, bookings.parked IS NOT NULL AS is_parked,
            bookings.claim IS NOT NULL AND bookings.asked_at IS NULL AS is_dropped,
            bookings.parked IS NULL
                AND bookings.due_at <= %(now)s
                AND coalesce(breakers.rests_until, '-infinity') <= %(now)s AS is_due,
            GREATEST(bookings.due_at, breakers.rests_until) AS free_at
        FROM bookings
        JOIN tenants ON tenants.tenant_id = bookings.tenant_id AND tenants.state <> 'dismissed'
        LEFT JOIN breakers ON breakers.contract_id = bookings.contract_id AND breakers.lane = 'book'
        WHERE bookings.due_at IS NOT NULL
    )
    SELECT count(*) FILTER (WHERE is_due) AS due,
        count(*) FILTER (WHERE NOT is_due AND NOT is_parked) AS later,
        count(*) FILTER (WHERE is_parked) AS parked,
        min(since) FILTER (WHERE is_due) AS since,
        min(CASE WHEN is_dropped THEN since ELSE GREATEST(since, free_at) END) FILTER (WHERE is_due) AS untaken_since
    FROM owed
"""


def waiting(conn: db.Conn, *, now: datetime) -> Waiting:
    """Return what the lane owes, over every tenant; what waits for a carrier that rests is not due.

    What a worker dropped is owed all the time; what may have been asked for then rests, and is owed again after it.
    """
    row = db.one(conn, WAITING, now=now)
    return Waiting(**row) if row else Waiting(0, 0, 0, None, None)


@dataclass(frozen=True)
class Standing:
    """Unsettled bookings with one carrier.

    `since`: when the oldest that waits was asked for; `late_since`: the oldest of those whose carrier is well and does
    not rest. What is in doubt rests by itself and is neither.
    """

    waiting: int
    doubtful: int
    parked: int
    since: datetime | None
    late_since: datetime | None


BY_CARRIER = """
    WITH unsettled AS (
        SELECT bookings.carrier, bookings.since, bookings.parked IS NOT NULL AS is_parked,
            bookings.asked_at IS NOT NULL AND bookings.job IS NULL AND bookings.booked_at IS NULL AS in_doubt,
            breakers.failing_since IS NULL AND coalesce(breakers.rests_until, '-infinity') <= %(now)s AS is_well
        FROM bookings
        JOIN tenants ON tenants.tenant_id = bookings.tenant_id AND tenants.state <> 'dismissed'
        LEFT JOIN breakers ON breakers.contract_id = bookings.contract_id AND breakers.lane = 'book'
        WHERE bookings.due_at IS NOT NULL
    )
    SELECT carrier,
        count(*) FILTER (WHERE NOT is_parked AND NOT in_doubt) AS waiting,
        count(*) FILTER (WHERE NOT is_parked AND in_doubt) AS doubtful,
        count(*) FILTER (WHERE is_parked) AS parked,
        min(since) FILTER (WHERE NOT is_parked AND NOT in_doubt) AS since,
        min(since) FILTER (WHERE NOT is_parked AND NOT in_doubt AND is_well) AS late_since
    FROM unsettled
    GROUP BY carrier
    ORDER BY carrier
"""


def by_carrier(conn: db.Conn, *, now: datetime) -> dict[str, Standing]:
    """Return how labels stand at each carrier that owes any, over every tenant."""
    return {row.pop("carrier"): Standing(**row) for row in db.rows(conn, BY_CARRIER, now=now)}
