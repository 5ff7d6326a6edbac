"""What a person should know and do something about: one open row for each cause, closed by itself when it is over."""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class Problem:
    """An open problem of a tenant or, with a number, of one of its orders. No personal values in `detail`."""

    cause: Cause
    order_number: str | None
    first_at: datetime
    last_at: datetime
    count: int
    detail: Mapping[str, Any]


NOTE = """
    INSERT INTO problems (tenant_id, cause, order_number, detail, first_at, last_at)
    VALUES (%(tenant_id)s, %(cause)s, %(order_number)s, %(detail)s::jsonb, %(now)s, %(now)s)
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
    SET closed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND cause = %(cause)s
      AND closed_at IS NULL
      AND (%(order_numbers)s::text[] IS NULL OR order_number = ANY (%(order_numbers)s))
      AND (%(history)s::boolean IS NULL OR detail ? 'history' = %(history)s)
"""


def settle(  # which problems of whom are over
    conn: db.Conn,
    tenant_id: TenantId,
    cause: Cause,
    *,
    now: datetime,
    order_numbers: Sequence[str] | None = None,
    history: bool | None = None,
) -> int:
    """Close what is over: of these orders, or (None) every open problem of the cause; return how many.

    `history`: only what is about an order's history, or only what is not.
    """
    numbers = None if order_numbers is None else list(order_numbers)
    return db.run(conn, SETTLE, tenant_id=tenant_id, cause=cause.value, now=now, order_numbers=numbers, history=history)


OPEN = """
    SELECT cause, order_number, first_at, last_at, count, detail
    FROM problems
    WHERE tenant_id = %(tenant_id)s
      AND closed_at IS NULL
    ORDER BY first_at, problem_id
    LIMIT %(most)s
"""


def open_ones(conn: db.Conn, tenant_id: TenantId, *, most: int = 500) -> list[Problem]:
    """Return what is open, the oldest first."""
    return [
        Problem(Cause(row["cause"]), row["order_number"], row["first_at"], row["last_at"], row["count"], row["detail"])
        for row in db.rows(conn, OPEN, tenant_id=tenant_id, most=most)
    ]


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
    return {Cause(row["cause"]): Count(row["problems"], row["shops"]) for row in db.rows(conn, COUNTED)}
