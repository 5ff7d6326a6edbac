"""Look things up in the mirror of orders."""

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service import db
from service.kit import mirroring
from service.kit.mirroring import Counts, Presence, State
from service.lanes import TenantId
from service.orders.taking import Source


@dataclass(frozen=True)
class Mirrored:
    """One order as we know it; `position` is its place in the feed."""

    order_number: str
    status_id: int | None
    paid_date: datetime | None
    tracking_code: str | None
    creation_time: datetime
    last_update_time: datetime
    content: Mapping[str, Any]
    read_at: datetime
    first_read_at: datetime
    source: Source
    presence: Presence
    position: int

    @property
    def state(self) -> State:
        """Say whether it is live, held as missing, or deleted."""
        return self.presence.state


STATUSES = """
    SELECT order_number, status_id
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND state = 'live'
"""


def statuses_of(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, int | None]:
    """Return the status of each live order we know; what is absent here is unknown, held or deleted."""
    found = db.rows(conn, STATUSES, tenant_id=tenant_id, numbers=list(numbers))
    return {row["order_number"]: row["status_id"] for row in found}


@dataclass(frozen=True)
class Standing:
    """What decides whether an order may leave; `payment_type` is the shop's own word."""

    order_number: str
    state: State
    delete_told: bool
    status_id: int | None
    paid: bool
    payment_type: str | None
    creation_time: datetime
    read_at: datetime
    masked: bool  # it is to be read before it may leave: nobody knows where to


STANDING = """
    SELECT order_number, state, delete_told_at IS NOT NULL AS delete_told, status_id, paid_date IS NOT NULL AS paid,
        content -> 'payment' ->> 'type' AS payment_type, creation_time, read_at,
        masked_at IS NOT NULL AS masked
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
"""


def standing(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, Standing]:
    """Return how these orders stand, without their content; one we never saw is not among them."""
    found = db.rows(conn, STANDING, tenant_id=tenant_id, numbers=list(numbers))
    standings: list[db.Row] = [{**row, "state": State(row["state"])} for row in found]
    return {row["order_number"]: Standing(**row) for row in standings}


@dataclass(frozen=True)
class Stamp:
    """Which change of an order the mirror shows, when a read last showed it, and whether it is live."""

    last_update_time: datetime
    seen_at: datetime
    live: bool


STAMPS = """
    SELECT order_number, last_update_time, seen_at, state = 'live' AS live
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
"""


def stamps(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, Stamp]:
    """Return which change of each order the mirror shows; one we never saw is not among them."""
    found = db.rows(conn, STAMPS, tenant_id=tenant_id, numbers=list(numbers))
    return {row["order_number"]: Stamp(row["last_update_time"], row["seen_at"], row["live"]) for row in found}


WITNESSES = """
    SELECT order_number
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND state = 'live'
      AND order_number <> ALL (%(besides)s)
      AND strpos(order_number, %(separator)s) = 0
    ORDER BY position DESC
    LIMIT %(most)s
"""


def witnesses(conn: db.Conn, tenant_id: TenantId, *, besides: Sequence[str], separator: str, most: int) -> list[str]:
    """Return live orders that changed last: asked for too, they vouch for an answer that lacks the others.

    A number that holds the `separator` of a list cannot stand in one, so it vouches for nothing.
    """
    found = db.rows(conn, WITNESSES, tenant_id=tenant_id, besides=list(besides), separator=separator, most=most)
    return [row["order_number"] for row in found]


NEXT_TO = """
    SELECT least(here.creation_time, beside.creation_time) AS since,
        greatest(here.creation_time, beside.creation_time) AS until
    FROM orders AS here
    CROSS JOIN LATERAL (
        (
            SELECT creation_time
            FROM orders
            WHERE tenant_id = %(tenant_id)s
              AND creation_time <= here.creation_time
              AND order_number <> here.order_number
              AND state = 'live'
            ORDER BY creation_time DESC
            LIMIT 1
        )
        UNION ALL
        (
            SELECT creation_time
            FROM orders
            WHERE tenant_id = %(tenant_id)s
              AND creation_time > here.creation_time
              AND state = 'live'
            ORDER BY creation_time
            LIMIT 1
        )
    ) AS beside
    WHERE here.tenant_id = %(tenant_id)s
      AND here.order_number = %(order_number)s
    ORDER BY greatest(here.creation_time, beside.creation_time) - least(here.creation_time, beside.creation_time)
    LIMIT 1
"""


def created_next_to(conn: db.Conn, tenant_id: TenantId, order_number: str) -> tuple[datetime, datetime] | None:
    """Return the times between which an order and the live one nearest to it were created; None when there is none.

    A list of that time must show the other one: it vouches for an answer that lacks the first.
    """
    found = db.one(conn, NEXT_TO, tenant_id=tenant_id, order_number=order_number)
    return (found["since"], found["until"]) if found else None


CREATED = """
    SELECT count(*) AS orders
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND creation_time >= %(since)s
      AND creation_time <= %(until)s
      AND seen_at >= %(shown_since)s
      AND order_number <> ALL (%(besides)s)
      AND state = 'live'
"""


def count_created_between(
    conn: db.Conn,
    tenant_id: TenantId,
    *,
    since: datetime,
    until: datetime,
    shown_since: datetime,
    besides: Sequence[str],
) -> int:
    """Return how many live orders created in the window a read begun at `shown_since` or later has shown.

    Both ends belong to the window, as in the platform's filter (docs/upgates.md 4.1).
    """
    found = db.rows(
        conn,
        CREATED,
        tenant_id=tenant_id,
        since=since,
        until=until,
        shown_since=shown_since,
        besides=list(besides),
    )
    return found[0]["orders"]


CHANGED = """
    SELECT count(*) AS listed, count(*) FILTER (WHERE seen_at >= %(shown_since)s) AS shown
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND last_update_time >= %(since)s
      AND order_number <> ALL (%(besides)s)
      AND state = 'live'
"""


def count_changed(
    conn: db.Conn, tenant_id: TenantId, *, since: datetime, shown_since: datetime, besides: Sequence[str]
) -> tuple[int, int]:
    """Return how many live orders changed since, and how many of them a read begun at `shown_since` or later showed."""
    found = db.rows(
        conn, CHANGED, tenant_id=tenant_id, since=since, shown_since=shown_since, besides=list(besides)
    )  # fmt: skip
    return found[0]["listed"], found[0]["shown"]


OLDEST = """
    SELECT min(last_update_time) AS at
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND state = 'live'
"""


def oldest_change(conn: db.Conn, tenant_id: TenantId) -> datetime | None:
    """Return the oldest last change of a live order: a list of what changed since then holds them all."""
    return db.rows(conn, OLDEST, tenant_id=tenant_id)[0]["at"]


UNLISTED = """
    SELECT order_number
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND last_update_time >= %(since)s
      AND seen_at < %(shown_since)s
      AND order_number <> ALL (%(besides)s)
      AND state = 'live'
    ORDER BY last_update_time DESC, order_number
"""


def changed_but_unshown(
    conn: db.Conn, tenant_id: TenantId, *, since: datetime, shown_since: datetime, besides: Sequence[str]
) -> list[str]:
    """Return the live orders changed since that no read begun at `shown_since` or later has shown."""
    found = db.rows(
        conn, UNLISTED, tenant_id=tenant_id, since=since, shown_since=shown_since, besides=list(besides)
    )  # fmt: skip
    return [row["order_number"] for row in found]


UNSHOWN = """
    SELECT order_number
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND creation_time >= %(since)s
      AND creation_time <= %(until)s
      AND seen_at < %(shown_since)s
      AND state = 'live'
    ORDER BY creation_time, order_number
"""


def unshown_between(
    conn: db.Conn, tenant_id: TenantId, *, since: datetime, until: datetime, shown_since: datetime
) -> list[str]:
    """Return the live orders created in the window that no read begun at `shown_since` or later has shown."""
    found = db.rows(conn, UNSHOWN, tenant_id=tenant_id, since=since, until=until, shown_since=shown_since)
    return [row["order_number"] for row in found]


CREATED_AFTER = """
    SELECT order_number
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND creation_time > %(after)s
    ORDER BY creation_time, order_number
"""


def created_after(conn: db.Conn, tenant_id: TenantId, after: datetime) -> list[str]:
    """Return the orders created later, whatever their state, oldest first."""
    return [row["order_number"] for row in db.rows(conn, CREATED_AFTER, tenant_id=tenant_id, after=after)]


CREATED_UNTIL = """
    SELECT order_number
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND creation_time <= %(until)s
    ORDER BY creation_time DESC, order_number DESC
    LIMIT %(most)s
"""


def created_until(conn: db.Conn, tenant_id: TenantId, until: datetime, *, most: int) -> list[str]:
    """Return the last orders created until then, whatever their state, oldest first."""
    found = db.rows(conn, CREATED_UNTIL, tenant_id=tenant_id, until=until, most=most)
    return [row["order_number"] for row in reversed(found)]


WITH_STATUS = """
    SELECT order_number
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND status_id = ANY (%(status_ids)s)
      AND state = 'live'
    ORDER BY creation_time, order_number
"""


def with_status(conn: db.Conn, tenant_id: TenantId, status_ids: Collection[int]) -> list[str]:
    """Return the live orders in one of these statuses, oldest first."""
    found = db.rows(conn, WITH_STATUS, tenant_id=tenant_id, status_ids=sorted(status_ids))
    return [row["order_number"] for row in found]


# Named one by one: a statement that is prepared fails once a newer schema gives its table another column.
COLUMNS = """
    order_number, status_id, paid_date, tracking_code, creation_time, last_update_time, content, read_at,
    first_read_at, source, position, seen_at, delete_told_at, missing_since, missing_last_at
"""

SEVERAL = f"""
    SELECT {COLUMNS}
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
"""  # noqa: S608  # a constant


def several(conn: db.Conn, tenant_id: TenantId, numbers: Collection[str]) -> dict[str, Mirrored]:
    """Return those of these orders that were ever read, whatever their state, by number."""
    found = db.rows(conn, SEVERAL, tenant_id=tenant_id, numbers=sorted(numbers))
    return {row["order_number"]: _mirrored(row) for row in found}


def one(conn: db.Conn, tenant_id: TenantId, order_number: str) -> Mirrored | None:
    """Return one order, whatever its state."""
    return several(conn, tenant_id, [order_number]).get(order_number)


STREAM = f"""
    SELECT {COLUMNS}
    FROM orders
    WHERE tenant_id = %(tenant_id)s
    ORDER BY order_number
"""  # noqa: S608  # a constant


def stream(conn: db.Conn, tenant_id: TenantId) -> Generator[Mirrored]:
    """Yield every order of a tenant, whatever its state, a few hundred in memory at a time."""
    with conn.cursor(name="orders_stream") as cursor:
        cursor.itersize = 500
        for row in cursor.execute(STREAM, {"tenant_id": tenant_id}):
            yield _mirrored(row)


COUNTS = """
    SELECT state, count(*) AS orders
    FROM orders
    WHERE tenant_id = %(tenant_id)s
    GROUP BY state
"""


def counts(conn: db.Conn, tenant_id: TenantId) -> Counts:
    """Return how many orders the mirror holds, for the panel."""
    return Counts(**{row["state"]: row["orders"] for row in db.rows(conn, COUNTS, tenant_id=tenant_id)})


def _mirrored(row: db.Row) -> Mirrored:
    return Mirrored(
        order_number=row["order_number"],
        status_id=row["status_id"],
        paid_date=row["paid_date"],
        tracking_code=row["tracking_code"],
        creation_time=row["creation_time"],
        last_update_time=row["last_update_time"],
        content=row["content"],
        read_at=row["read_at"],
        first_read_at=row["first_read_at"],
        source=row["source"],
        presence=mirroring.presence_of(row),
        position=row["position"],
    )
