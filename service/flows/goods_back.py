"""The warehouse has the goods of a parcel that came back: written down, and nobody is reminded of it any more.

Stock is the shop's own business (docs/upgates.md 4.7): nothing is written there.
"""

from collections.abc import Collection, Mapping
from typing import Any

from service import bookings, db, journal, offers, problems, shipments, tracking
from service.bookings import Booking
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.problems import Cause
from service.rig import Rig
from service.steps import reporting, shipper
from service.tracking import State


class NotBack(Exception):
    """Nothing of it can have come back; `code` for programs, `detail` for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def run(rig: Rig, tenant_id: TenantId, booking_id: str, *, by: str) -> bool:
    """Note that the goods of a booking are back; False where that was said before, or none of them ever left."""
    with rig.db.tx(tenant_id) as conn:
        return _heard(conn, rig, tenant_id, booking_id, by=by)


def of_shop(rig: Rig, tenant_id: TenantId, booking_id: str, *, account_id: str, by: str) -> bool:
    """Note it as above on the word of an account; raise NotTheShipper where another one ships for the shop."""
    with rig.db.tx(tenant_id) as conn:
        shipper.only(conn, tenant_id, account_id)
        return _heard(conn, rig, tenant_id, booking_id, by=by)


def _heard(conn: db.Conn, rig: Rig, tenant_id: TenantId, booking_id: str, *, by: str) -> bool:
    offers.hold(conn, tenant_id)  # before boxes, as everywhere
    booking = bookings.one(conn, tenant_id, booking_id)
    return bool(booking and has_left(conn, tenant_id, booking) and note(conn, rig, tenant_id, booking, by=by))


def of_shipment(rig: Rig, tenants: Collection[TenantId], shipment_id: str, *, account_id: str) -> Mapping[str, Any]:
    """Note that the goods of a shipment are back and return it; raise NotBack or NotTheShipper.

    Twice is the same as once.
    """
    tenant_id = shipments.tenant_of(shipment_id)
    if tenant_id is None or tenant_id not in tenants:
        raise _none_such()
    with rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)
        known = shipments.one(conn, tenant_id, shipment_id)
        if known is None:
            raise _none_such()
        shipper.only(conn, tenant_id, account_id)
        booking = bookings.of_shipments(conn, tenant_id, [known.leaves_in]).get(known.leaves_in)
        if booking is None:
            raise NotBack("not_followed", "The warehouse told its own codes: nobody follows these parcels.")
        if not has_left(conn, tenant_id, booking):
            raise NotBack("not_left", "As far as we know these parcels are not with their carrier; void the shipment.")
        note(conn, rig, tenant_id, booking, by=account_id)
        [shown] = reporting.shown(conn, tenant_id, [known], now=rig.now())
    return shown


def _none_such() -> NotBack:
    return NotBack("unknown_shipment", "There is no such shipment here.")


def has_left(conn: db.Conn, tenant_id: TenantId, booking: Booking) -> bool:
    """Say whether anything of a booking was handed over: what it told, or what its carrier tells of a box."""
    boxes = tracking.of_bookings(conn, tenant_id, [booking.booking_id])[booking.booking_id]
    states = {box.state for box in boxes} - {State.CANCELLED}
    return bool(states) and (booking.handed_at is not None or states != {State.CREATED})


def note(conn: db.Conn, rig: Rig, tenant_id: TenantId, booking: Booking, *, by: str) -> bool:
    """Write it down for every order whose goods these are; False: that was done before."""
    now = rig.now()
    if not tracking.goods_back(conn, tenant_id, booking.booking_id, by=by, now=now):
        return False
    detail = {"booking": booking.booking_id, "by": by}
    orders = shipments.orders_in(conn, tenant_id, [booking.shipment_id])[booking.shipment_id]
    journal.write(conn, tenant_id, [Entry(now, Kind.GOODS_BACK, number, detail) for number in orders])
    bookings.moved(conn, tenant_id, [booking.booking_id], now=now)
    every = tracking.of_orders(conn, tenant_id, [booking.order_number])[booking.order_number]
    if all(box.goods_back_at or box.state is not State.RETURNED for box in every):
        problems.settle(conn, tenant_id, Cause.PARCEL_BACK, now=now, order_numbers=[booking.order_number])
    return True
