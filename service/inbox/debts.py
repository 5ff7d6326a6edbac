"""What the lanes owe, over every tenant: whose turn it is, and since when."""

from dataclasses import dataclass
from datetime import datetime

from service import db
from service.lanes import Lane, TenantId, Waiting


@dataclass(frozen=True)
class Debt:
    """What a lane owes: rows due now, rows waiting for a known time, parked rows, webhooks not yet expanded."""

    due: int
    later: int
    parked: int
    unexpanded: int


# The hints of a suspended shop wait behind the fence, those of one with fresh credentials until its activation has
# tried them (a 401 elsewhere would suspend it), those of one that does not answer until its lane has rested. Their
# webhooks are taken in all the same.
DUE_TENANTS = """
    SELECT hints.tenant_id
    FROM hints
    LEFT JOIN readings ON readings.tenant_id = hints.tenant_id AND readings.lane = hints.lane
    WHERE hints.lane = %(lane)s
      AND hints.due_at <= %(now)s
      AND hints.parked IS NULL
      AND (readings.rests_until IS NULL OR readings.rests_until <= %(now)s)
      AND NOT EXISTS (
          SELECT FROM tenants
          WHERE tenants.tenant_id = hints.tenant_id AND (tenants.state <> 'active' OR tenants.doubted)
      )
    UNION
    SELECT tenant_id
    FROM deliveries
    WHERE lane = %(lane)s
      AND expanded_at IS NULL
      AND received_at <= %(now)s
      AND parked IS NULL
      AND (due_at IS NULL OR due_at <= %(now)s)
"""


def due_tenants(conn: db.Conn, lane: Lane, *, now: datetime) -> list[TenantId]:
    """Return whose turn it is in a lane, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, lane=lane.value, now=now)]


OLDEST = """
    SELECT LEAST(
        (SELECT min(since) FROM hints WHERE lane = %(lane)s AND due_at <= %(now)s AND parked IS NULL),
        (
            SELECT min(received_at)
            FROM deliveries
            WHERE lane = %(lane)s
              AND expanded_at IS NULL
              AND parked IS NULL
              AND (due_at IS NULL OR due_at <= %(now)s)
        )
    ) AS since
"""


def oldest(conn: db.Conn, lane: Lane, *, now: datetime) -> datetime | None:
    """Return since when the lane's oldest debt that is due waits, over every tenant: its age is the lane's health."""
    row = db.one(conn, OLDEST, lane=lane.value, now=now)
    return row["since"] if row else None


DEBT = """
    SELECT count(*) FILTER (WHERE parked IS NULL AND due_at <= %(now)s) AS due,
        count(*) FILTER (WHERE parked IS NULL AND due_at > %(now)s) AS later,
        count(*) FILTER (WHERE parked IS NOT NULL)
            + (SELECT count(*) FROM deliveries WHERE lane = %(lane)s AND parked IS NOT NULL) AS parked,
        (
            SELECT count(*) FROM deliveries WHERE lane = %(lane)s AND expanded_at IS NULL AND parked IS NULL
        ) AS unexpanded
    FROM hints
    WHERE lane = %(lane)s
      AND due_at IS NOT NULL
"""


def debt(conn: db.Conn, lane: Lane, *, now: datetime) -> Debt:
    """Count what a lane owes, over every tenant."""
    row = db.one(conn, DEBT, lane=lane.value, now=now)
    return Debt(**row) if row else Debt(0, 0, 0, 0)


# Behind the fence, or while its shop rests, a hint is owed but not due: nobody is late with it.
WAITING = """
    WITH owed AS (
        SELECT hints.since, hints.claim, hints.due_at, hints.parked IS NOT NULL AS is_parked,
            hints.parked IS NULL
                AND hints.due_at <= %(now)s
                AND (readings.rests_until IS NULL OR readings.rests_until <= %(now)s)
                AND NOT EXISTS (
                    SELECT FROM tenants
                    WHERE tenants.tenant_id = hints.tenant_id AND (tenants.state <> 'active' OR tenants.doubted)
                ) AS is_due,
            GREATEST(hints.due_at, readings.rests_until) AS free_at
        FROM hints
        LEFT JOIN readings ON readings.tenant_id = hints.tenant_id AND readings.lane = hints.lane
        WHERE hints.lane = %(lane)s
          AND hints.due_at IS NOT NULL
        UNION ALL
        SELECT received_at, NULL, received_at, parked IS NOT NULL,
            parked IS NULL AND GREATEST(received_at, due_at) <= %(now)s, GREATEST(received_at, due_at)
        FROM deliveries
        WHERE lane = %(lane)s
          AND expanded_at IS NULL
    )
    SELECT count(*) FILTER (WHERE is_due) AS due,
        count(*) FILTER (WHERE NOT is_due AND NOT is_parked) AS later,
        count(*) FILTER (WHERE is_parked) AS parked,
        min(since) FILTER (WHERE is_due) AS since,
        min(CASE WHEN claim IS NULL THEN GREATEST(since, free_at) ELSE since END) FILTER (WHERE is_due) AS untaken_since
    FROM owed
"""


def waiting(conn: db.Conn, lane: Lane, *, now: datetime) -> Waiting:
    """Return what a lane owes, over every tenant, webhooks not yet expanded among it."""
    row = db.one(conn, WAITING, lane=lane.value, now=now)
    return Waiting(**row) if row else Waiting(0, 0, 0, None, None)
