"""Orders of a live shop that do not move: where each stands, since when, and why.

Three places, in the order of an order's way: paid and not released, released and not acknowledged by the warehouse,
shipped and not confirmed in the shop. What the shop itself has in a status that says it left is not looked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service import db
from service.lanes import TenantId


class Where(StrEnum):
    """Where an order stands still."""

    HELD = "held"  # paid, and not released
    UNACKED = "unacked"  # released, and the warehouse did not say that it has it
    UNCONFIRMED = "unconfirmed"  # shipped, and status and tracking code do not show in the shop


@dataclass(frozen=True)
class Stuck:
    """An order that stands still.

    `why`: of a held one the reason of its offer, of an unconfirmed one how far its write-back is (`waits` for a code,
    `due`, `unclear`, `sent`, `parked`).
    """

    order_number: str
    since: datetime
    why: str | None


@dataclass(frozen=True)
class Heap:
    """The orders that stand still in one place: how many, since when the newest, and the oldest of them."""

    count: int
    newest: datetime
    oldest: Sequence[Stuck]


# A correction of a shipment begins its time anew; what became of the parcel later, and its money, has a time of its
# own. An order may be paid for before it exists here, never before it was made there. Withdrawn: what was cancelled,
# deleted, shipped, is history, or may not go at all by the merchant's word. LEAST ignores NULL: what landed waits since
# no time of its own, and would be as new as now for ever.
STUCK = """
    WITH standing AS (
        SELECT 'held' AS place, offers.order_number, GREATEST(orders.paid_date, orders.creation_time) AS since,
            offers.reason AS why
        FROM offers
        JOIN orders ON orders.tenant_id = offers.tenant_id AND orders.order_number = offers.order_number
        WHERE offers.tenant_id = %(tenant_id)s
          AND offers.state = 'held'
          AND offers.reason NOT IN ('shipped', 'cancelled', 'deleted', 'history', 'too_old', 'observed', 'uninstalled')
          AND orders.paid_date IS NOT NULL
          AND orders.state <> 'deleted'
          AND NOT EXISTS (
              SELECT FROM mapped_statuses
              WHERE mapped_statuses.tenant_id = orders.tenant_id
                AND mapped_statuses.status_id = orders.status_id
                AND mapped_statuses.role <> 'release'
          )
        UNION ALL
        SELECT 'unacked', offers.order_number, offers.changed_at, NULL
        FROM offers
        WHERE offers.tenant_id = %(tenant_id)s
          AND offers.state = 'released'
          AND offers.acked_revision IS DISTINCT FROM offers.revision
          AND %(acks)s
        UNION ALL
        SELECT 'unconfirmed', outbox.order_number,
            COALESCE(
                (SELECT max(shipments.changed_at)
                 FROM shipments
                 WHERE shipments.tenant_id = outbox.tenant_id
                   AND shipments.order_number = outbox.order_number
                   AND COALESCE(outbox.milestone, 'shipped') = 'shipped'
                   AND outbox.want_paid_date IS NULL),
                CASE WHEN outbox.since IS NOT NULL THEN LEAST(outbox.since, %(now)s) END,
                GREATEST(outbox.sent_status_at, outbox.sent_tracking_at, outbox.sent_paid_at),
                outbox.due_at
            ),
            CASE
                WHEN outbox.parked IS NOT NULL THEN 'parked'
                WHEN outbox.asked_at IS NOT NULL THEN 'unclear'
                WHEN outbox.due_at IS NULL THEN 'sent'
                WHEN outbox.want_tracking_code IS NULL AND outbox.waits_for_code_until > %(now)s
                    AND outbox.want_status_id IS DISTINCT FROM outbox.sent_status_id AND outbox.overruled_at IS NULL
                    THEN 'waits'
                ELSE 'due'
            END
        FROM outbox
        WHERE outbox.tenant_id = %(tenant_id)s
          AND (outbox.due_at IS NOT NULL OR outbox.confirm_by IS NOT NULL)
    ),
    stuck AS (
        SELECT standing.place, standing.order_number, standing.since, standing.why,
            count(*) OVER (PARTITION BY place) AS orders,
            max(since) OVER (PARTITION BY place) AS newest,
            row_number() OVER (PARTITION BY place ORDER BY since, order_number) AS nth
        FROM standing
        JOIN mappings ON mappings.tenant_id = %(tenant_id)s AND mappings.live_since IS NOT NULL
        WHERE standing.since <= %(before)s
    )
    SELECT place, order_number, since, why, orders, newest
    FROM stuck
    WHERE nth <= %(most)s
    ORDER BY since, order_number
"""


def stuck(
    conn: db.Conn, tenant_id: TenantId, *, before: datetime, now: datetime, acks: bool, most: int = 100
) -> dict[Where, Heap]:
    """Return the orders that have stood still since `before`, of each place the oldest `most`; no place without any.

    `acks`: a warehouse reads the shop, so what is released waits for its word. A shop that is only observed has none.
    """
    found = db.rows(conn, STUCK, tenant_id=tenant_id, before=before, now=now, acks=acks, most=most)
    by_place = {place: [row for row in found if row["place"] == place] for place in Where}
    return {
        place: Heap(
            some[0]["orders"], some[0]["newest"], [Stuck(row["order_number"], row["since"], row["why"]) for row in some]
        )
        for place, some in by_place.items()
        if some
    }
