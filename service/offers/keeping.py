"""Keep what warehouses were told, in the order in which it was committed."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service import db
from service.lanes import TenantId
from service.offers.decide import Offer, Reason, State

LOCK = """
    INSERT INTO offer_positions (tenant_id, position)
    VALUES (%(tenant_id)s, 0)
    ON CONFLICT (tenant_id) DO UPDATE SET position = offer_positions.position
    RETURNING position
"""


def hold(conn: db.Conn, tenant_id: TenantId) -> int:
    """Keep everybody else from changing the shop's offers until the transaction ends; return the last position.

    Whoever also mirrors orders does that first: all of us take these two locks in the same order.
    """
    return db.rows(conn, LOCK, tenant_id=tenant_id)[0]["position"]


PUT = """
    INSERT INTO offers (
        tenant_id, order_number, position, revision, state, reason, changed, acked_revision, by_hand, changed_at
    )
    SELECT
        %(tenant_id)s, order_number, position, revision, state, reason,
        ARRAY(SELECT jsonb_array_elements_text(moved.changed::jsonb)), acked_revision, by_hand, %(now)s
    FROM unnest(
        %(numbers)b::text[], %(positions)b::bigint[], %(revisions)b::integer[], %(states)b::text[],
        %(reasons)b::text[], %(changed)b::text[], %(acked)b::integer[], %(by_hand)b::boolean[]
    ) AS moved (order_number, position, revision, state, reason, changed, acked_revision, by_hand)
    ON CONFLICT (tenant_id, order_number) DO UPDATE SET
        position = excluded.position,
        revision = excluded.revision,
        state = excluded.state,
        reason = excluded.reason,
        changed = excluded.changed,
        acked_revision = excluded.acked_revision,
        by_hand = excluded.by_hand,
        changed_at = excluded.changed_at
"""

MOVE = """
    UPDATE offer_positions
    SET position = %(position)s
    WHERE tenant_id = %(tenant_id)s
"""

# Sent at the commit: whoever hears it finds the rows.
TELL = """
    SELECT pg_notify('offers', %(tenant_id)s)
"""


def put(conn: db.Conn, tenant_id: TenantId, moved: Sequence[Offer], *, now: datetime) -> None:
    """Store what warehouses are to be told, each order at the end of the feed, and wake who waits for it."""
    if not moved:
        return
    first = hold(conn, tenant_id) + 1
    placed = [replace(offer, position=place) for place, offer in enumerate(moved, first)]
    db.run(
        conn,
        PUT,
        tenant_id=tenant_id,
        now=now,
        numbers=[offer.order_number for offer in placed],
        positions=[offer.position for offer in placed],
        revisions=[offer.revision for offer in placed],
        states=[offer.state.value for offer in placed],
        reasons=[offer.reason and offer.reason.value for offer in placed],
        changed=[json.dumps(offer.changed) for offer in placed],
        acked=[offer.acked_revision for offer in placed],
        by_hand=[offer.by_hand for offer in placed],
    )
    db.run(conn, MOVE, tenant_id=tenant_id, position=placed[-1].position)
    db.run(conn, TELL, tenant_id=tenant_id)


KNOWN = """
    SELECT order_number, position, revision, state, reason, changed, acked_revision, by_hand
    FROM offers
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
"""


def known(conn: db.Conn, tenant_id: TenantId, numbers: Collection[str]) -> dict[str, Offer]:
    """Return what stands of these orders; one without a row was never told of."""
    return {
        row["order_number"]: _offer(row) for row in db.rows(conn, KNOWN, tenant_id=tenant_id, numbers=list(numbers))
    }


@dataclass(frozen=True)
class Shown:
    """An offer with the order it is about; of a held one no content leaves the store."""

    offer: Offer
    created: datetime
    content: Mapping[str, Any] | None = field(repr=False)


# One statement, so one snapshot: the content is the one the state was decided on.
AFTER = """
    SELECT
        offers.order_number, offers.position, offers.revision, offers.state, offers.reason, offers.changed,
        offers.acked_revision, offers.by_hand, orders.creation_time,
        CASE WHEN offers.state <> 'held' THEN orders.content END AS content
    FROM offers
    JOIN orders ON orders.tenant_id = offers.tenant_id AND orders.order_number = offers.order_number
    WHERE offers.tenant_id = %(tenant_id)s
      AND offers.position > %(position)s
    ORDER BY offers.position
    LIMIT %(most)s
"""


def after(conn: db.Conn, tenant_id: TenantId, position: int, *, most: int) -> list[Shown]:
    """Return the orders whose latest change lies behind a position of the feed, oldest change first."""
    found = db.rows(conn, AFTER, tenant_id=tenant_id, position=position, most=most)
    return [Shown(_offer(row), row["creation_time"], row["content"]) for row in found]


ONE = """
    SELECT
        orders.order_number, coalesce(offers.position, 0) AS position, coalesce(offers.revision, 0) AS revision,
        coalesce(offers.state, 'held') AS state,
        CASE WHEN offers.state IS NULL THEN 'history' ELSE offers.reason END AS reason,
        coalesce(offers.changed, '{}') AS changed, offers.acked_revision, coalesce(offers.by_hand, false) AS by_hand,
        orders.creation_time, CASE WHEN offers.state <> 'held' THEN orders.content END AS content
    FROM orders
    LEFT JOIN offers ON offers.tenant_id = orders.tenant_id AND offers.order_number = orders.order_number
    WHERE orders.tenant_id = %(tenant_id)s
      AND orders.order_number = %(order_number)s
"""


def one(conn: db.Conn, tenant_id: TenantId, order_number: str) -> Shown | None:
    """Return one order as it is offered now; None when there is none, revision 0 when it never was."""
    row = db.one(conn, ONE, tenant_id=tenant_id, order_number=order_number)
    return Shown(_offer(row), row["creation_time"], row["content"]) if row else None


HEADS = """
    SELECT tenant_id, position
    FROM offer_positions
    WHERE tenant_id = ANY (%(tenant_ids)s)
"""


def heads(conn: db.Conn, tenant_ids: Collection[TenantId]) -> dict[TenantId, int]:
    """Return the last position of each shop's feed; a shop that never offered anything is not in it."""
    return {
        row["tenant_id"]: row["position"]
        for row in db.rows(conn, HEADS, tenant_ids=list(tenant_ids))
        if row["position"]
    }


ACK = """
    UPDATE offers
    SET acked_revision = revision
    WHERE tenant_id = %(tenant_id)s
      AND order_number = %(order_number)s
      AND revision = %(revision)s
"""


def ack(conn: db.Conn, tenant_id: TenantId, order_number: str, *, revision: int) -> bool:
    """Note that a warehouse has the present revision; False when it is not the present one."""
    return db.run(conn, ACK, tenant_id=tenant_id, order_number=order_number, revision=revision) == 1


MARK = """
    UPDATE offers
    SET by_hand = true
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND NOT by_hand
"""


def mark_by_hand(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> int:
    """Note that a person released these, for later verdicts; return of how many that was news."""
    return db.run(conn, MARK, tenant_id=tenant_id, numbers=list(numbers))


BY_HAND = """
    SELECT order_number
    FROM offers
    WHERE tenant_id = %(tenant_id)s
      AND by_hand
    ORDER BY order_number
"""


def by_hand(conn: db.Conn, tenant_id: TenantId) -> list[str]:
    """Return what a person released: of history the only orders that are weighed again."""
    return [row["order_number"] for row in db.rows(conn, BY_HAND, tenant_id=tenant_id)]


ON_THE_LINE = """
    SELECT order_number
    FROM offers
    WHERE tenant_id = %(tenant_id)s
      AND state <> 'held'
    ORDER BY order_number
"""


def on_the_line(conn: db.Conn, tenant_id: TenantId) -> list[str]:
    """Return what a warehouse may be packing: it was released, or stopped and nobody acknowledged that."""
    return [row["order_number"] for row in db.rows(conn, ON_THE_LINE, tenant_id=tenant_id)]


COUNTS = """
    SELECT state, reason, count(*) AS orders
    FROM offers
    WHERE tenant_id = %(tenant_id)s
    GROUP BY state, reason
"""


def counts(conn: db.Conn, tenant_id: TenantId) -> dict[tuple[State, Reason | None], int]:
    """Return how many orders are told to be what and why, for the panel."""
    return {
        (State(row["state"]), _reason(row["reason"])): row["orders"]
        for row in db.rows(conn, COUNTS, tenant_id=tenant_id)
    }


def _offer(row: db.Row) -> Offer:
    return Offer(
        order_number=row["order_number"],
        position=row["position"],
        revision=row["revision"],
        state=State(row["state"]),
        reason=_reason(row["reason"]),
        changed=tuple(row["changed"]),
        acked_revision=row["acked_revision"],
        by_hand=row["by_hand"],
    )


def _reason(text: str | None) -> Reason | None:
    return Reason(text) if text else None


ENDED = """
    SELECT orders.order_number
    FROM orders
    LEFT JOIN offers ON offers.tenant_id = orders.tenant_id AND offers.order_number = orders.order_number
    WHERE orders.tenant_id = %(tenant_id)s
      AND orders.last_update_time < %(before)s
      AND orders.masked_at IS NULL
      AND (orders.missing_last_at IS NULL OR orders.missing_last_at < %(before)s)
      AND offers.state IS DISTINCT FROM 'released'
    ORDER BY orders.last_update_time, orders.order_number
    LIMIT %(most)s
"""


def ended(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> list[str]:
    """Return orders that ended before then and still name a person, the oldest first.

    An end is the last change the shop shows (a shipment and its confirmation are changes too) or the proof that it was
    deleted, whichever is later. What a warehouse has released has not ended.
    """
    found = db.rows(conn, ENDED, tenant_id=tenant_id, before=before, most=most)
    return [row["order_number"] for row in found]
