"""What a person should know and do something about: one open row for each cause, closed by itself when it is over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from service import db
from service.kit import canon
from service.lanes import TenantId

OWNS = ("problems",)


class Cause(StrEnum):
    """What is wrong; the doors say in words what to do about it."""

    STATUS_NEW = "status_new"  # the shop has a status nobody decided about
    STATUS_RENAMED = "status_renamed"  # a chosen status is called something else now
    STATUS_GONE = "status_gone"  # a chosen status was deleted
    WRITE_REFUSED = "write_refused"  # the shop refuses what we write of an order
    SILENT_DROP = "silent_drop"  # the shop said yes and shows something else
    WEBHOOKS_SILENT = "webhooks_silent"  # the shop has told nothing for longer than it is ever silent
    NO_ECHO = "no_echo"  # the shop never tells of what we write
    OVERRULED = "overruled"  # the shop's own later status won over ours
    VOIDED_AFTER_WRITTEN = "voided_after_written"  # the shop shows what the warehouse took back
    SHIPPED_THOUGH_HELD = "shipped_though_held"  # a parcel left although the order was stopped or held
    CANCELLED_AFTER_SHIPPED = "cancelled_after_shipped"  # the shop cancelled or deleted what had left
    NOT_ACKED = "not_acked"  # released orders are not in the warehouse for two hours
    NOT_CONFIRMED = "not_confirmed"  # what was shipped does not show in the shop for two hours
    ADDON_BLOCKED = "addon_blocked"  # the add-on is shut out of all shops; stands with one of those that told of it
    LABEL_REFUSED = "label_refused"  # a carrier does not take a parcel as it is
    LABEL_UNCLEAR = "label_unclear"  # a label may have been made, and nothing can find that out
    LABEL_NOT_TAKEN_BACK = "label_not_taken_back"  # a parcel that was to be stopped is with the carrier, or may be
    PARCEL_STRAY = "parcel_stray"  # a carrier has, or may have, parcels whose numbers no label of ours has
    HANDOVER_DUE = "handover_due"  # labels are half a day old, and their carrier was never told of the parcels
    HANDOVER_PARKED = "handover_parked"  # a carrier was not told what it gets, or sends no car, or may have been
    CARRIER_DOWN = "carrier_down"  # a carrier does not answer; parcels wait
    CARRIER_REFUSES = "carrier_refuses"  # a carrier lets us in no more
    PARCEL_BACK = "parcel_back"  # a parcel came back, and nobody has said that the goods are on stock again
    COD_OVERDUE = "cod_overdue"  # a carrier has not paid out what it collected
    COD_DIFFERS = "cod_differs"  # a carrier has paid out something else than was to be collected
    POINTS_REFUSED = "points_refused"  # a shop does not let us fill its shipment with points as it was told to
    CHANNEL_FAILING = "channel_failing"  # who should be told of alarms cannot be; stands with a shop of the alarms


CAUSES = [cause.value for cause in Cause]
OPERATORS_OWN = frozenset({Cause.ADDON_BLOCKED, Cause.CHANNEL_FAILING})  # no merchant can do anything about them


@dataclass(frozen=True)
class Problem:
    """An open problem of a tenant or, with a number, of one of its orders. No personal values in `detail`.

    `taken_by`: who sees to it, and what he noted.
    """

    cause: Cause
    order_number: str | None
    first_at: datetime
    last_at: datetime
    count: int
    detail: Mapping[str, Any]
    taken_by: str | None = None
    taken_note: str | None = None


NOTE = """
    INSERT INTO problems (tenant_id, cause, order_number, detail, first_at, last_at, news_at)
    VALUES (%(tenant_id)s, %(cause)s, %(order_number)s, %(detail)s::jsonb, %(now)s, %(now)s, %(now)s)
    ON CONFLICT (tenant_id, cause, order_number) WHERE closed_at IS NULL DO UPDATE SET
        detail = excluded.detail,
        last_at = greatest(problems.last_at, excluded.last_at),
        count = problems.count + 1
"""


def note(
    conn: db.Conn,
    tenant_id: TenantId,
    cause: Cause,
    *,
    now: datetime,
    order_number: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Open a problem, or count once more the one that is open."""
    db.run(
        conn,
        NOTE,
        tenant_id=tenant_id,
        cause=cause.value,
        order_number=order_number,
        detail=canon.stored(detail or {}),
        now=now,
    )


SETTLE = """
    UPDATE problems
    SET closed_at = %(now)s, news_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND cause = %(cause)s
      AND closed_at IS NULL
      AND (%(order_numbers)s::text[] IS NULL OR order_number = ANY (%(order_numbers)s))
      AND (%(history)s::boolean IS NULL OR detail ? 'history' = %(history)s)
      AND (%(count)s::integer IS NULL OR count = %(count)s)
"""


def settle(  # which problems of whom are over
    conn: db.Conn,
    tenant_id: TenantId,
    cause: Cause,
    *,
    now: datetime,
    order_numbers: Sequence[str] | None = None,
    history: bool | None = None,
    count: int | None = None,
) -> int:
    """Close what is over: of these orders, or (None) every open problem of the cause; return how many.

    `history`: only what is about an order's history, or only what is not. `count`: only what was told so often.
    """
    numbers = None if order_numbers is None else list(order_numbers)
    which = {"order_numbers": numbers, "history": history, "count": count}
    return db.run(conn, SETTLE, tenant_id=tenant_id, cause=cause.value, now=now, **which)


OVER = """
    UPDATE problems
    SET closed_at = %(now)s, news_at = %(now)s
    WHERE cause = %(cause)s
      AND closed_at IS NULL
"""


def over(conn: db.Conn, cause: Cause, *, now: datetime) -> int:
    """Close a problem of the whole service, whichever shop it stands with. The transaction must see every tenant."""
    return db.run(conn, OVER, cause=cause.value, now=now)


OPEN = """
    SELECT cause, order_number, first_at, last_at, count, detail, taken_by, taken_note
    FROM problems
    WHERE tenant_id = %(tenant_id)s
      AND closed_at IS NULL
      AND NOT cause = ANY (%(but)s)
      AND (%(causes)s::text[] IS NULL OR cause = ANY (%(causes)s))
    ORDER BY first_at, problem_id
    LIMIT %(most)s
"""

ONE = """
    SELECT cause, order_number, first_at, last_at, count, detail, taken_by, taken_note
    FROM problems
    WHERE tenant_id = %(tenant_id)s
      AND closed_at IS NULL
      AND cause = %(cause)s
      AND order_number = %(order_number)s
"""


def one(conn: db.Conn, tenant_id: TenantId, cause: Cause, order_number: str) -> Problem | None:
    """Return what is open of one cause at one order."""
    row = db.one(conn, ONE, tenant_id=tenant_id, cause=cause.value, order_number=order_number)
    return _problem(row) if row else None


def _known(rows: Sequence[db.Row]) -> list[db.Row]:
    """Return the rows of causes we have; a newer version beside us may have more, and sees to them itself."""
    return [row for row in rows if row["cause"] in CAUSES]


def _problem(row: db.Row) -> Problem:
    known: db.Row = {**row, "cause": Cause(row["cause"])}
    return Problem(**known)


LATEST = OPEN.replace("ORDER BY first_at, problem_id", "ORDER BY first_at DESC, problem_id DESC")


def open_ones(  # which of them, and which first
    conn: db.Conn,
    tenant_id: TenantId,
    *,
    most: int = 500,
    for_merchant: bool = False,
    causes: Collection[Cause] | None = None,
    latest_first: bool = False,
) -> list[Problem]:
    """Return what is open of these causes (None: of all), the oldest first; for a merchant without operators' own."""
    but = [cause.value for cause in OPERATORS_OWN] if for_merchant else []
    asked = None if causes is None else [cause.value for cause in causes]
    found = db.rows(conn, LATEST if latest_first else OPEN, tenant_id=tenant_id, most=most, but=but, causes=asked)
    return [_problem(row) for row in _known(found)]


HOW_MANY = """
    SELECT cause, count(*) AS problems, count(order_number) + COALESCE(sum((detail ->> 'count')::integer), 0) AS orders
    FROM problems
    WHERE tenant_id = %(tenant_id)s
      AND closed_at IS NULL
    GROUP BY cause
"""


@dataclass(frozen=True)
class Size:
    """How often one cause is open at a tenant, and how many orders that is about."""

    problems: int
    orders: int


def sizes(conn: db.Conn, tenant_id: TenantId) -> Mapping[Cause, Size]:
    """Count what is open at a tenant by cause, however much it is."""
    found = _known(db.rows(conn, HOW_MANY, tenant_id=tenant_id))
    return {Cause(row["cause"]): Size(row["problems"], row["orders"]) for row in found}


@dataclass(frozen=True)
class Count:
    """How often one cause is open, and at how many shops."""

    problems: int
    shops: int


COUNTED = """
    SELECT cause, count(*) AS problems, count(DISTINCT tenant_id) AS shops
    FROM problems
    WHERE closed_at IS NULL
    GROUP BY cause
    ORDER BY problems DESC, cause
"""


def counted(conn: db.Conn) -> Mapping[Cause, Count]:
    """Count what is open by cause, as far as the transaction sees; the most frequent cause first."""
    return {Cause(row["cause"]): Count(row["problems"], row["shops"]) for row in _known(db.rows(conn, COUNTED))}


TAKE = """
    UPDATE problems
    SET taken_by = %(by)s, taken_at = %(now)s, taken_note = %(note)s, news_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND cause = %(cause)s
      AND closed_at IS NULL
"""


def take(conn: db.Conn, tenant_id: TenantId, cause: Cause, *, by: str | None, note: str | None, now: datetime) -> int:
    """Note who sees to the open problems of a cause (None: nobody any more); return how many they are."""
    return db.run(conn, TAKE, tenant_id=tenant_id, cause=cause.value, by=by, note=note, now=now)


NEWS_OF = """
    SELECT DISTINCT tenant_id
    FROM problems
    WHERE news_at <= %(now)s
"""


def with_news(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants of which a problem opened, closed or changed hands unweighed, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, NEWS_OF, now=now)]


@dataclass(frozen=True)
class News:
    """How a cause stands at a tenant: open since when (None: not), in somebody's hands, or come and gone since."""

    cause: Cause
    open_since: datetime | None
    taken: bool
    passed_since: datetime | None


WEIGHED = """
    UPDATE problems
    SET news_at = NULL
    WHERE tenant_id = %(tenant_id)s
      AND news_at IS NOT NULL
      AND cause = ANY (%(causes)s)
    RETURNING cause, first_at, closed_at
"""

STANDING = """
    SELECT cause, min(first_at) AS since, bool_and(taken_by IS NOT NULL) AS taken
    FROM problems
    WHERE tenant_id = %(tenant_id)s
      AND closed_at IS NULL
    GROUP BY cause
"""


def take_news(conn: db.Conn, tenant_id: TenantId) -> list[News]:
    """Return how each cause stands of which something is new, and count that as weighed."""
    fresh = db.rows(conn, WEIGHED, tenant_id=tenant_id, causes=CAUSES)
    standing = {row["cause"]: row for row in db.rows(conn, STANDING, tenant_id=tenant_id)} if fresh else {}
    told: list[News] = []
    for cause in sorted({row["cause"] for row in fresh}):
        stands = standing.get(cause)
        passed = [row["first_at"] for row in fresh if row["cause"] == cause and row["closed_at"]]
        since, taken = (stands["since"], stands["taken"]) if stands else (None, False)
        told.append(News(Cause(cause), since, taken, min(passed, default=None)))
    return told


def in_hands(conn: db.Conn, tenant_id: TenantId) -> set[Cause]:
    """Return the causes of which somebody sees to every open problem."""
    return {Cause(row["cause"]) for row in _known(db.rows(conn, STANDING, tenant_id=tenant_id)) if row["taken"]}


TELL_ANEW = """
    UPDATE problems
    SET news_at = %(now)s
    WHERE closed_at IS NULL
      AND (%(tenant_id)s::text IS NULL OR tenant_id = %(tenant_id)s)
"""


def tell_anew(conn: db.Conn, *, now: datetime, tenant_id: TenantId | None = None) -> int:
    """Let what is open at a tenant (None: at all that are seen) be weighed once more: who is told has changed."""
    return db.run(conn, TELL_ANEW, now=now, tenant_id=tenant_id)
