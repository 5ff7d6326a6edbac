"""Take over what reads show, and weigh what they lack."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from service import db
from service.kit import canon, mirroring
from service.kit.mirroring import Gone, Presence, Read
from service.lanes import TenantId
from service.orders.decide import Decision, Known, Taken, decide
from service.platform.shapes import Order

Source = Literal["pull", "event", "look"]
Stamps = tuple[str, datetime, Presence, int]  # order number, begin of the read that wrote it, evidence, position


UPSERT = """
    INSERT INTO orders (
        tenant_id, order_number, status_id, paid_date, tracking_code, creation_time, last_update_time, content,
        read_at, seen_at, first_read_at, source, state, missing_since, missing_last_at, delete_told_at,
        position
    )
    SELECT
        %(tenant_id)s, order_number, status_id, paid_date, tracking_code, creation_time, last_update_time,
        content::jsonb, %(read_at)s, seen_at, %(read_at)s, %(source)s, state, missing_since,
        missing_last_at, delete_told_at, position
    FROM unnest(
        %(numbers)b::text[], %(status_ids)b::bigint[], %(paid_dates)b::timestamptz[], %(tracking_codes)b::text[],
        %(creation_times)b::timestamptz[], %(last_update_times)b::timestamptz[], %(contents)b::text[],
        %(positions)b::bigint[], %(states)b::text[], %(seen)b::timestamptz[],
        %(missing_since)b::timestamptz[], %(missing_last)b::timestamptz[], %(told)b::timestamptz[]
    ) AS page (
        order_number, status_id, paid_date, tracking_code, creation_time, last_update_time, content,
        position, state, seen_at, missing_since, missing_last_at, delete_told_at
    )
    ON CONFLICT (tenant_id, order_number) DO UPDATE SET
        status_id = excluded.status_id,
        paid_date = excluded.paid_date,
        tracking_code = excluded.tracking_code,
        creation_time = excluded.creation_time,
        last_update_time = excluded.last_update_time,
        content = excluded.content,
        read_at = excluded.read_at,
        source = excluded.source,
        position = excluded.position,
        state = excluded.state,
        seen_at = excluded.seen_at,
        missing_since = excluded.missing_since,
        missing_last_at = excluded.missing_last_at,
        delete_told_at = excluded.delete_told_at,
        masked_at = NULL
"""


def mirror(
    conn: db.Conn, tenant_id: TenantId, page: Sequence[Order], *, read_at: datetime, source: Source
) -> list[Taken]:
    """Take over what is newer than the mirror; say what each order of the page meant, by order number.

    Any shuffle of reads ends the same (service/kit/mirroring.py). A read begun later than a deletion revives the order
    even when its content is older. The feed moves only when the WMS would see a difference.
    """
    newest = {order.order_number: order for order in sorted(page, key=lambda order: order.last_update_time)}
    before = last = hold(conn, tenant_id)
    known = _known(conn, tenant_id, list(newest))
    decisions: list[Decision] = []
    for number, order in sorted(newest.items()):
        decision = decide(order, known.get(number), read_at=read_at, next_position=last + 1)
        last = max(last, decision.position)
        decisions.append(decision)
    if whole := [decision for decision in decisions if decision.writes == "all"]:
        db.run(conn, UPSERT, tenant_id=tenant_id, read_at=read_at, source=source, **_columns(whole))
    _mark(conn, tenant_id, [_stamps(decision) for decision in decisions if decision.writes == "stamps"])
    if last > before:
        db.run(conn, MOVE, tenant_id=tenant_id, position=last)
    return [decision.taken for decision in decisions]


def _stamps(decision: Decision) -> Stamps:
    return decision.taken.order_number, decision.read_at, decision.presence, decision.position


def _columns(decisions: Sequence[Decision]) -> dict[str, list[Any]]:
    orders = [decision.order for decision in decisions]
    return {
        "numbers": [order.order_number for order in orders],
        "status_ids": [order.status_id for order in orders],
        "paid_dates": [order.paid_date for order in orders],
        "tracking_codes": [order.tracking_code and canon.storable(order.tracking_code) for order in orders],
        "creation_times": [order.creation_time for order in orders],
        "last_update_times": [order.last_update_time for order in orders],
        "contents": [canon.stored(order.raw) for order in orders],
        "positions": [decision.position for decision in decisions],
        **mirroring.columns(decision.presence for decision in decisions),
    }


LOCK = """
    INSERT INTO order_positions (tenant_id, position)
    VALUES (%(tenant_id)s, 0)
    ON CONFLICT (tenant_id) DO UPDATE SET position = order_positions.position
    RETURNING position
"""

MOVE = """
    UPDATE order_positions
    SET position = %(position)s
    WHERE tenant_id = %(tenant_id)s
"""


def hold(conn: db.Conn, tenant_id: TenantId) -> int:
    """Keep everybody else from changing the shop's mirror until the transaction ends; return the last position."""
    return db.rows(conn, LOCK, tenant_id=tenant_id)[0]["position"]


KNOWN = """
    SELECT order_number, last_update_time, read_at, position, content, seen_at, delete_told_at, missing_since,
        missing_last_at, masked_at IS NOT NULL AS masked
    FROM orders
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
"""


def _known(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, Known]:
    return {
        row["order_number"]: Known(
            Read(row["read_at"], row["last_update_time"]),
            mirroring.presence_of(row),
            row["position"],
            row["content"],
            masked=row["masked"],
        )
        for row in db.rows(conn, KNOWN, tenant_id=tenant_id, numbers=list(numbers))
    }


MARK = """
    UPDATE orders
    SET read_at = page.read_at, state = page.state, seen_at = page.seen_at, missing_since = page.missing_since,
        missing_last_at = page.missing_last_at, delete_told_at = page.delete_told_at, position = page.position
    FROM unnest(
        %(numbers)b::text[], %(read_ats)b::timestamptz[], %(positions)b::bigint[], %(states)b::text[],
        %(seen)b::timestamptz[], %(missing_since)b::timestamptz[], %(missing_last)b::timestamptz[],
        %(told)b::timestamptz[]
    ) AS page (order_number, read_at, position, state, seen_at, missing_since, missing_last_at, delete_told_at)
    WHERE orders.tenant_id = %(tenant_id)s
      AND orders.order_number = page.order_number
"""


def _mark(conn: db.Conn, tenant_id: TenantId, marks: Sequence[Stamps]) -> None:
    if marks:
        numbers, read_ats, presences, positions = map(list, zip(*marks, strict=True))
        db.run(
            conn,
            MARK,
            tenant_id=tenant_id,
            numbers=numbers,
            read_ats=read_ats,
            positions=positions,
            **mirroring.columns(presences),
        )


def delete_told(conn: db.Conn, tenant_id: TenantId, told: Mapping[str, datetime]) -> list[str]:
    """Hold orders whose deletion a webhook told, by when it came; return those that this was news for.

    Dispatch stops at once. A read begun later that showed the order knows better than the event (3.4.1).
    """
    weighed = _weigh(conn, tenant_id, list(told), lambda number, presence: mirroring.told(presence, told[number]))
    return sorted(number for number, (before, after) in weighed.items() if before != after)


def missing(
    conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, read_at: datetime, now: datetime
) -> list[Gone[str]]:
    """Weigh that a valid answer lacks orders it was asked for; say what became of each (docs/upgates.md T43).

    Whether the answer is valid is the caller's judgement (service/steps/take_over.py).
    """
    weighed = _weigh(conn, tenant_id, numbers, lambda _number, presence: mirroring.gone(presence, read_at))
    return [mirroring.became(each, weighed.get(each), read_at=read_at, now=now) for each in sorted(set(numbers))]


def doubted(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, read_at: datetime) -> dict[str, datetime]:
    """Note that an answer lacks too many orders at once to be believed; return since when answers lack each of them."""
    weighed = _weigh(conn, tenant_id, numbers, lambda _number, presence: mirroring.doubted(presence, read_at))
    return {number: after.missing_since or read_at for number, (_, after) in weighed.items()}


def _weigh(
    conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], rule: Callable[[str, Presence], Presence]
) -> dict[str, tuple[Presence, Presence]]:
    """Apply a rule to the evidence of orders; return it before and after. The feed moves where the state changes."""
    before_last = last = hold(conn, tenant_id)
    weighed: dict[str, tuple[Presence, Presence]] = {}
    marks: list[Stamps] = []
    for number, known in sorted(_known(conn, tenant_id, numbers).items()):
        position, after = known.position, rule(number, known.presence)
        weighed[number] = known.presence, after
        if known.presence.state is not after.state:
            position = last = last + 1
        if known.presence != after:
            marks.append((number, known.read.read_at, after, position))
    _mark(conn, tenant_id, marks)
    if last > before_last:
        db.run(conn, MOVE, tenant_id=tenant_id, position=last)
    return weighed
