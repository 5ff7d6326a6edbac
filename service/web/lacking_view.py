"""What a print lacks as people see it: the orders of each label that cannot be printed, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from service import bookings, db, shipments
from service.flows.labels import Refusal
from service.lanes import TenantId
from service.steps import stopping
from service.web.words import Words


@dataclass(frozen=True)
class Missing:
    """A label that cannot be printed; `orders` are those in its parcel, none where we know of no such parcel."""

    orders: str
    why: str


def look(conn: db.Conn, tenant_id: TenantId, lacking: Mapping[str, Refusal], words: Words) -> list[Missing]:
    """Return what is lacking, in the order asked: `lacking` says it by shipment."""
    leading = shipments.leading(conn, tenant_id, [*lacking])
    inside = shipments.orders_in(conn, tenant_id, [*leading.values()])
    booked = bookings.of_shipments(conn, tenant_id, [*leading.values()])
    stopped = stopping.in_parcels(conn, tenant_id, [*booked.values()])
    found: list[Missing] = []
    for shipment_id, (code, _) in lacking.items():
        each = booked.get(leading.get(shipment_id, ""))
        held = ", ".join(stopped.get(each.booking_id, ())) if each else ""
        orders = ", ".join(inside.get(leading.get(shipment_id, ""), ()))
        found.append(Missing(orders, words[f"lack_{code}"].format(orders=held or orders)))
    return found
