"""The ledger of calls: a row before each call, completed after it. What Redis forgets is counted again from here.

Counted are attempts, not successes: each one cost a call. A row without an end is under way, or its worker died.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.lanes import Lane, TenantId

OWNS = ("calls",)


READ = "read"  # the outcome of a call whose answer could be read; the others are named after their error
NOT_IN_TIME = "NotInTime"  # we gave up; the shop may be at it still


@dataclass(frozen=True)
class End:
    """How a call ended; `status` None: no answer came, `items` None: none could be read."""

    outcome: str
    status: int | None = None
    items: int | None = None


@dataclass(frozen=True)
class Count:
    """How often one row of the call plan was called by one lane, and what it brought."""

    plan: str
    lane: str
    calls: int
    items: int
    failed: int  # ended with anything but an answer that could be read


@dataclass(frozen=True)
class Spent:
    """What a tenant called of late, as the budget needs it."""

    lane: str
    hour: int
    day: int


@dataclass(frozen=True)
class Open:
    """A call that began and that the shop may be at still."""

    call_id: int
    tenant_id: TenantId
    began_at: datetime


BEGIN = """
    INSERT INTO calls (tenant_id, lane, plan, began_at)
    VALUES (%(tenant_id)s, %(lane)s, %(plan)s, %(began_at)s)
    RETURNING call_id
"""


def begin(conn: db.Conn, tenant_id: TenantId, *, lane: Lane, plan: str, began_at: datetime) -> int:
    """Write down that a call begins; return its id."""
    row = db.one(conn, BEGIN, tenant_id=tenant_id, lane=lane.value, plan=plan, began_at=began_at)
    assert row is not None  # noqa: S101 - RETURNING of an INSERT
    return int(row["call_id"])


END = """
    UPDATE calls
    SET ended_at = %(ended_at)s, status = %(status)s, outcome = %(outcome)s, items = %(items)s
    WHERE tenant_id = %(tenant_id)s
      AND began_at = %(began_at)s
      AND call_id = %(call_id)s
"""


def end(conn: db.Conn, tenant_id: TenantId, *, call_id: int, began_at: datetime, ended_at: datetime, end: End) -> None:
    """Complete the row of a call."""
    how = {"status": end.status, "outcome": end.outcome, "items": end.items}
    db.run(conn, END, tenant_id=tenant_id, call_id=call_id, began_at=began_at, ended_at=ended_at, **how)


COUNTED = """
    SELECT plan, lane, count(*) AS calls, coalesce(sum(items), 0)::bigint AS items,
        count(*) FILTER (WHERE outcome IS DISTINCT FROM 'read') AS failed
    FROM calls
    WHERE tenant_id = coalesce(%(tenant_id)s, tenant_id)
      AND began_at >= %(since)s
      AND began_at < coalesce(%(until)s, 'infinity'::timestamptz)
    GROUP BY plan, lane
    ORDER BY plan, lane
"""


def counted(
    conn: db.Conn, tenant_id: TenantId | None, *, since: datetime, until: datetime | None = None
) -> list[Count]:
    """Count the calls begun from `since` until before `until`, per row of the plan and lane.

    `tenant_id` None counts all the transaction sees, `until` None up to now.
    """
    found = db.rows(conn, COUNTED, tenant_id=tenant_id, since=since, until=until)
    return [Count(row["plan"], row["lane"], row["calls"], row["items"], row["failed"]) for row in found]


SPENT = """
    SELECT lane, count(*) FILTER (WHERE began_at >= %(hour)s) AS hour, count(*) AS day
    FROM calls
    WHERE tenant_id = %(tenant_id)s
      AND began_at >= %(day)s
    GROUP BY lane
"""


def spent(conn: db.Conn, tenant_id: TenantId, *, hour: datetime, day: datetime) -> list[Spent]:
    """Count a tenant's calls since the hour and since the day began, per lane."""
    found = db.rows(conn, SPENT, tenant_id=tenant_id, hour=hour, day=day)
    return [Spent(row["lane"], row["hour"], row["day"]) for row in found]


LATEST = """
    SELECT began_at
    FROM calls
    WHERE tenant_id = %(tenant_id)s
      AND began_at >= %(since)s
    ORDER BY began_at
"""


def latest(conn: db.Conn, tenant_id: TenantId, *, since: datetime) -> list[datetime]:
    """Return when a tenant's calls began since then, oldest first."""
    return [row["began_at"] for row in db.rows(conn, LATEST, tenant_id=tenant_id, since=since)]


OPEN = """
    SELECT call_id, tenant_id, began_at
    FROM calls
    WHERE began_at > %(since)s
      AND (ended_at IS NULL OR outcome = %(not_in_time)s)
"""


def still_open(conn: db.Conn, *, since: datetime) -> list[Open]:
    """Return the calls begun since then that have not ended, or that the shop may be at still."""
    found = db.rows(conn, OPEN, since=since, not_in_time=NOT_IN_TIME)
    return [Open(row["call_id"], row["tenant_id"], row["began_at"]) for row in found]


BAD_LOGINS = """
    SELECT began_at
    FROM calls
    WHERE status = 401
      AND began_at > %(since)s
    ORDER BY began_at
"""


def bad_logins(conn: db.Conn, *, since: datetime) -> list[datetime]:
    """Return when logins were refused since then, as far as the transaction sees."""
    return [row["began_at"] for row in db.rows(conn, BAD_LOGINS, since=since)]


LET_IN = """
    SELECT tenant_id, max(began_at) AS last
    FROM calls
    WHERE began_at >= %(since)s
      AND status < 400
    GROUP BY tenant_id
"""


def let_in(conn: db.Conn, *, since: datetime) -> Mapping[TenantId, datetime]:
    """Return which shops took our login in calls begun since then, and when last, as far as the transaction sees."""
    return {row["tenant_id"]: row["last"] for row in db.rows(conn, LET_IN, since=since)}


@dataclass(frozen=True)
class Outcome:
    """How many calls ended in one way; `status` None: no answer came."""

    outcome: str
    status: int | None
    calls: int


OUTCOMES = """
    SELECT outcome, status, count(*) AS calls
    FROM calls
    WHERE began_at >= %(since)s
      AND ended_at IS NOT NULL
    GROUP BY outcome, status
    ORDER BY calls DESC, outcome, status
"""


def outcomes(conn: db.Conn, *, since: datetime) -> list[Outcome]:
    """Count how the calls begun since then ended, as far as the transaction sees."""
    return [Outcome(**row) for row in db.rows(conn, OUTCOMES, since=since)]


BY_TENANT = """
    SELECT tenant_id, count(*) AS calls
    FROM calls
    WHERE began_at >= %(since)s
    GROUP BY tenant_id
    ORDER BY calls DESC, tenant_id
"""


def by_tenant(conn: db.Conn, *, since: datetime) -> Mapping[TenantId, int]:
    """Count the calls begun since then of each shop that was called, the busiest first."""
    return {row["tenant_id"]: row["calls"] for row in db.rows(conn, BY_TENANT, since=since)}


MADE = "SELECT count(*) AS calls FROM calls WHERE began_at >= %(since)s"


def made(conn: db.Conn, *, since: datetime) -> int:
    """Count all calls begun since then, as far as the transaction sees."""
    row = db.one(conn, MADE, since=since)
    return int(row["calls"]) if row else 0
