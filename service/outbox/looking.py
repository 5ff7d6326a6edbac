"""Look the outbox over: whose turn it is, how far each order is, what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.lanes import TenantId, Waiting
from service.outbox import rows
from service.outbox.decide import State, state

DUE_TENANTS = """
    SELECT outbox.tenant_id
    FROM outbox
    JOIN mappings ON mappings.tenant_id = outbox.tenant_id AND mappings.live_since IS NOT NULL
    LEFT JOIN write_backs ON write_backs.tenant_id = outbox.tenant_id
    WHERE outbox.due_at <= %(now)s
      AND outbox.parked IS NULL
      AND (write_backs.rests_until IS NULL OR write_backs.rests_until <= %(now)s)
      AND NOT EXISTS (
          SELECT FROM tenants
          WHERE tenants.tenant_id = outbox.tenant_id AND (tenants.state <> 'active' OR tenants.doubted)
      )
    UNION
    SELECT outbox.tenant_id
    FROM outbox
    JOIN mappings ON mappings.tenant_id = outbox.tenant_id AND mappings.live_since IS NOT NULL
    WHERE outbox.confirm_by <= %(now)s
      AND NOT EXISTS (
          SELECT FROM tenants
          WHERE tenants.tenant_id = outbox.tenant_id AND (tenants.state <> 'active' OR tenants.doubted)
      )
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return whose turn it is to be written to, or to be asked about receipts that did not come; over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, now=now)]


def state_of(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> dict[str, State]:
    """Return how far the write-back of each of these orders is."""
    told: dict[str, State] = dict.fromkeys(numbers, "none")
    told.update({row.order_number: state(row, now) for row, _ in rows.looked_at(conn, tenant_id, numbers)})
    return told


@dataclass(frozen=True)
class Told:
    """What a shop was told of an order, or may have been by a call whose answer is not known."""

    status: bool = False
    code: bool = False


TOLD = """
    SELECT COALESCE(sent_status_id, asked_status_id) IS NOT NULL AS status,
        COALESCE(sent_tracking_code, asked_tracking_code) IS NOT NULL AS code
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND order_number = %(order_number)s
    FOR UPDATE
"""


def told(conn: db.Conn, tenant_id: TenantId, order_number: str) -> Told:
    """Return what the shop knows of an order, so that a correction can say what it comes too late for.

    Until the transaction ends nobody claims the row: what was not told by now will be told as corrected.
    """
    row = db.one(conn, TOLD, tenant_id=tenant_id, order_number=order_number)
    return Told(**row) if row else Told()


LEFT_BEHIND = """
    SELECT order_number
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND order_number = %(order_number)s
      AND want_tracking_code IS NULL
      AND COALESCE(asked_tracking_code, sent_tracking_code) IS NOT NULL
"""


def left_behind(conn: db.Conn, tenant_id: TenantId, order_number: str) -> bool:
    """Say whether the shop shows a code that was taken back and that nothing replaces: none can be erased there."""
    return db.one(conn, LEFT_BEHIND, tenant_id=tenant_id, order_number=order_number) is not None


SET_RIGHT = """
    SELECT outbox.order_number
    FROM outbox
    JOIN orders ON orders.tenant_id = outbox.tenant_id AND orders.order_number = outbox.order_number
    WHERE outbox.tenant_id = %(tenant_id)s
      AND outbox.order_number = ANY(%(numbers)b::text[])
      AND outbox.asked_at IS NULL
      AND orders.read_at > COALESCE(GREATEST(outbox.sent_status_at, outbox.sent_tracking_at), '-infinity')
      AND CASE
          WHEN outbox.sent_status_id IS NOT NULL THEN orders.status_id IS DISTINCT FROM outbox.sent_status_id
          WHEN outbox.sent_tracking_code IS NULL THEN true
          ELSE orders.tracking_code IS DISTINCT FROM outbox.sent_tracking_code
      END
"""


def set_right(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> list[str]:
    """Return those of these orders that do not show what we sent (any more): the shop set them otherwise itself."""
    found = db.rows(conn, SET_RIGHT, tenant_id=tenant_id, numbers=list(numbers))
    return [row["order_number"] for row in found]


@dataclass(frozen=True)
class Counts:
    """How many orders of a shop are how far: waiting for a code, due or in doubt, sent, confirmed, parked."""

    waits: int
    due: int
    sent: int
    confirmed: int
    parked: int


# The same distinctions as decide.state; a test holds both equal.
COUNTS = """
    WITH told AS (
        SELECT CASE
            WHEN parked IS NOT NULL THEN 'parked'
            WHEN due_at IS NOT NULL AND want_status_id IS NOT NULL
                AND want_status_id IS DISTINCT FROM sent_status_id AND overruled_at IS NULL
                AND want_tracking_code IS NULL AND waits_for_code_until > %(now)s THEN 'waits'
            WHEN due_at IS NOT NULL THEN 'due'
            WHEN sent_status_at > COALESCE(confirmed_at, '-infinity')
                OR sent_tracking_at > COALESCE(code_confirmed_at, '-infinity')
                OR sent_paid_at > COALESCE(paid_confirmed_at, '-infinity') THEN 'sent'
            WHEN confirmed_at IS NOT NULL THEN 'confirmed'
        END AS state
        FROM outbox
        WHERE tenant_id = %(tenant_id)s
    )
    SELECT count(*) FILTER (WHERE state = 'waits') AS waits,
        count(*) FILTER (WHERE state = 'due') AS due,
        count(*) FILTER (WHERE state = 'sent') AS sent,
        count(*) FILTER (WHERE state = 'confirmed') AS confirmed,
        count(*) FILTER (WHERE state = 'parked') AS parked
    FROM told
"""


def counts(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> Counts:
    """Count the orders of a shop by how far their write-back is."""
    row = db.one(conn, COUNTS, tenant_id=tenant_id, now=now)
    return Counts(**row) if row else Counts(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Debt:
    """What the lane owes: rows due now, rows waiting for a known time, parked rows, rows in doubt; since when."""

    due: int
    later: int
    parked: int
    in_doubt: int
    oldest: datetime | None


DEBT = """
    SELECT count(*) FILTER (WHERE parked IS NULL AND due_at <= %(now)s) AS due,
        count(*) FILTER (WHERE parked IS NULL AND due_at > %(now)s) AS later,
        count(*) FILTER (WHERE parked IS NOT NULL) AS parked,
        count(*) FILTER (WHERE asked_at IS NOT NULL) AS in_doubt,
        min(since) FILTER (WHERE parked IS NULL AND due_at <= %(now)s) AS oldest
    FROM outbox
    WHERE due_at IS NOT NULL
"""


def debt(conn: db.Conn, *, now: datetime) -> Debt:
    """Count what the lane owes, over every tenant."""
    row = db.one(conn, DEBT, now=now)
    return Debt(**row) if row else Debt(0, 0, 0, 0, None)


WAITING = """
    WITH owed AS (
        SELECT outbox.since, outbox.claim, outbox.parked IS NOT NULL AS is_parked,
            outbox.parked IS NULL
                AND outbox.due_at <= %(now)s
                AND mappings.live_since IS NOT NULL
                AND (write_backs.rests_until IS NULL OR write_backs.rests_until <= %(now)s)
                AND NOT EXISTS (
                    SELECT FROM tenants
                    WHERE tenants.tenant_id = outbox.tenant_id AND (tenants.state <> 'active' OR tenants.doubted)
                ) AS is_due,
            GREATEST(outbox.due_at, write_backs.rests_until) AS free_at
        FROM outbox
        LEFT JOIN mappings ON mappings.tenant_id = outbox.tenant_id
        LEFT JOIN write_backs ON write_backs.tenant_id = outbox.tenant_id
        WHERE outbox.due_at IS NOT NULL
    )
    SELECT count(*) FILTER (WHERE is_due) AS due,
        count(*) FILTER (WHERE NOT is_due AND NOT is_parked) AS later,
        count(*) FILTER (WHERE is_parked) AS parked,
        min(since) FILTER (WHERE is_due) AS since,
        min(CASE WHEN claim IS NULL THEN GREATEST(since, free_at) ELSE since END) FILTER (WHERE is_due) AS untaken_since
    FROM owed
"""


def waiting(conn: db.Conn, *, now: datetime) -> Waiting:
    """Return what the lane owes, over every tenant; what is not live or rests is not due."""
    row = db.one(conn, WAITING, now=now)
    return Waiting(**row) if row else Waiting(0, 0, 0, None, None)


HISTORY_LACKS = """
    SELECT order_number
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY(%(numbers)b::text[])
      AND NOT want_extra_codes <@ sent_extra_codes
"""


def history_lacks(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> set[str]:
    """Return those of these orders whose history does not hold every code it is to hold."""
    found = db.rows(conn, HISTORY_LACKS, tenant_id=tenant_id, numbers=list(numbers))
    return {row["order_number"] for row in found}


PARKED = """
    SELECT order_number, COALESCE(since, sent_status_at, sent_tracking_at, sent_paid_at) AS since,
        COALESCE(parked, 'its history did not take the codes of further parcels') AS parked
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND (parked IS NOT NULL OR asked_extra_codes <> '{}')
    ORDER BY since, order_number
"""


def parked(conn: db.Conn, tenant_id: TenantId) -> list[db.Row]:
    """Return what waits for a person: order number, since when if that is known, and why."""
    return db.rows(conn, PARKED, tenant_id=tenant_id)


UNPARK = """
    WITH waiting AS MATERIALIZED (
        SELECT order_number
        FROM outbox
        WHERE tenant_id = %(tenant_id)s
          AND (parked IS NOT NULL OR asked_extra_codes <> '{}')
          AND order_number = COALESCE(%(order_number)s, order_number)
        ORDER BY order_number
        FOR UPDATE
    )
    UPDATE outbox
    SET parked = NULL,
        tries = 0,
        due_at = CASE WHEN asked_at IS NULL THEN %(now)s ELSE due_at END,
        since = COALESCE(since, %(now)s),
        asked_extra_codes = '{}'
    FROM waiting
    WHERE outbox.tenant_id = %(tenant_id)s
      AND outbox.order_number = waiting.order_number
"""


def unpark(conn: db.Conn, tenant_id: TenantId, *, now: datetime, order_number: str | None = None) -> int:
    """Make what was parked due once more, all of the tenant or one order; return how many rows.

    What is in doubt goes on resting: a write may still land, and read too early it would be sent twice (B28).
    """
    return db.run(conn, UNPARK, tenant_id=tenant_id, now=now, order_number=order_number)


FORGET = """
    WITH owed AS MATERIALIZED (
        SELECT order_number
        FROM outbox
        WHERE tenant_id = %(tenant_id)s
          AND due_at IS NOT NULL
        ORDER BY order_number
        FOR UPDATE
    )
    DELETE FROM outbox
    USING owed
    WHERE outbox.tenant_id = %(tenant_id)s
      AND outbox.order_number = owed.order_number
"""


def forget(conn: db.Conn, tenant_id: TenantId) -> int:
    """Owe the shop nothing any more: the add-on was uninstalled (docs/upgates.md 2.5)."""
    return db.run(conn, FORGET, tenant_id=tenant_id)
