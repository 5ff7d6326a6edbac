"""Which orders must not leave any more, whatever was booked for them.

Asked before a label is made, before it is printed, and before a parcel is handed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from carriers.shipment import Shipment
from service import db, orders, shipments, tenants
from service.bookings import Booking, Unhanded
from service.kit.mirroring import State
from service.lanes import TenantId
from service.offers.told import Json
from service.pairings import Pairing
from service.steps import carriage, drafting, filling, statuses
from service.steps.drafting import Meant

CAME_BACK = "the shop left after it was asked for, and came back since; ask for it again if it is still to go"


def held_back(conn: db.Conn, tenant_id: TenantId, going: Sequence[Booking]) -> dict[str, str]:
    """Return which bookings nobody is to be asked for any more, each with why: of any order in the parcel.

    What waited when its shop was uninstalled is not made when that comes back. An order that says otherwise by now
    where it goes, or what is collected, is not sent as it was: a person books it again. What was packed is the
    warehouse's: lines that changed are no reason, as with every shipment that is told.
    """
    drafted = {each.booking_id: carriage.drafted_from(each.content) for each in going}
    of_each = {each.booking_id: drafted[each.booking_id] or [each.order_number] for each in going}
    numbers = sorted({number for some in of_each.values() for number in some})
    stopped, shown = not_to_leave(conn, tenant_id, numbers), orders.several(conn, tenant_id, numbers)
    came_at = came_back_at(conn, tenant_id)
    said: dict[str, str] = {}
    for each in going:
        if is_from_before(each.since, came_at):
            said[each.booking_id] = CAME_BACK
        elif gone := next((stopped[number] for number in of_each[each.booking_id] if number in stopped), None):
            said[each.booking_id] = gone
        elif why := _outdated(conn, tenant_id, each, [shown[number].content for number in drafted[each.booking_id]]):
            said[each.booking_id] = why
    return said


def came_back_at(conn: db.Conn, tenant_id: TenantId) -> datetime | None:
    """Return when the shop was installed last: what waited before that is not asked for by itself any more."""
    tenant = tenants.of(conn, tenant_id)
    return tenant.installed_at if tenant else None


def is_from_before(since: datetime | None, came_at: datetime | None) -> bool:
    """Say whether what is due since then has waited since before its shop came back."""
    return since is not None and came_at is not None and since < came_at


def _outdated(conn: db.Conn, tenant_id: TenantId, each: Booking, contents: Sequence[Json]) -> str | None:
    """Return why a parcel is not sent as it was packed; one that cannot be compared must not keep the others."""
    try:
        changed = _changed(each, contents, filling.meant(conn, tenant_id, contents))
    except Exception as fault:
        if not db.blames_rows(fault):
            raise
        return f"nobody can tell whether the order was changed since it was packed: {db.named(fault)}"
    return f"the order was changed since it was packed: {', '.join(changed)}" if changed else None


def _changed(each: Booking, contents: Sequence[Json], meant: Meant) -> list[str]:
    """Return which fields of a parcel its orders say otherwise by now; none where either is not known."""
    kept = carriage.kept(each.content)
    if not contents or each.content is None or kept is None:  # what is illegible goes to a person by whoever sends it
        return []
    collects = carriage.collects(each.content)
    as_paired = Pairing(each.carrier, each.service)
    now = drafting.draft(contents, as_paired, reference=kept.reference, boxes=kept.boxes, meant=meant).shipment
    before, after = _compared(kept, collects=collects), _compared(now, collects=collects)
    return [field for field, value in after.items() if value != before[field]]


def _compared(shipment: Shipment, *, collects: bool) -> Mapping[str, object]:
    return {
        "recipient": replace(shipment.recipient, region=""),  # what only tells more was not kept at first
        "point": shipment.point,
        "cod": shipment.cod if collects else None,
        "adults_only": shipment.adults_only,
    }


def in_parcels(
    conn: db.Conn, tenant_id: TenantId, going: Sequence[Booking] | Sequence[Unhanded]
) -> dict[str, dict[str, str]]:  # fmt: skip
    """Return which of these parcels must not leave, by booking: the orders in it that must not, each with why.

    An order whose shipment was voided is in the parcel no more.
    """
    leave_in = shipments.orders_in(conn, tenant_id, [each.shipment_id for each in going], voided=False)
    inside = {each.booking_id: leave_in[each.shipment_id] or [each.order_number] for each in going}
    stopped = not_to_leave(conn, tenant_id, sorted({number for some in inside.values() for number in some}))
    found = {
        booking_id: {number: stopped[number] for number in numbers if number in stopped}
        for booking_id, numbers in inside.items()
    }
    return {booking_id: said for booking_id, said in found.items() if said}


def refusals(conn: db.Conn, tenant_id: TenantId, going: Sequence[Booking]) -> dict[str, tuple[str, str]]:
    """Return which of these parcels a door refuses, by booking, each with code and detail."""
    return {
        booking_id: ("stopped", "; ".join(f"Order {number} must not leave: {why}." for number, why in said.items()))
        for booking_id, said in in_parcels(conn, tenant_id, going).items()
    }


def not_to_leave(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, str]:
    """Return which of these orders must not leave any more, each with why."""
    types = statuses.types(conn, tenant_id)
    known = orders.standing(conn, tenant_id, numbers)
    said: dict[str, str] = {}
    for number in numbers:
        order = known.get(number)
        if order is None or order.state is not State.LIVE or order.delete_told:
            said[number] = "the shop does not show the order any more"
        elif order.status_id is not None and types.get(order.status_id) == statuses.RETURNS_STOCK:
            said[number] = "the shop has cancelled the order"
    return said
