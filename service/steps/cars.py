"""The car of a hand-over at its carrier: ordered once, asked about now and then until that says whether it comes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

from carriers.base import Car, Collection, Ordered
from carriers.errors import CarrierError
from carriers.shipment import Address
from service import bookings, db, handovers, shipments, tenants
from service.handovers import Handover
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, desk, stranded
from service.steps.desk import Desk

LANE = Lane.BOOK
UNKNOWN_WEIGHS_G = 1_000  # whoever sends the car wants a number
REFUSED = "the carrier refused the car"
DOING = "car"


def collection_of(conn: db.Conn, tenant_id: TenantId, each: Handover) -> Collection:
    """Return the car that is asked for: how many boxes, what they weigh together, and which they are."""
    booked = bookings.of_shipments(conn, tenant_id, each.shipment_ids)
    orders = sorted({one.order_number for one in booked.values()})
    told = [one for some in shipments.of_orders(conn, tenant_id, orders).values() for one in some]
    boxes = [box for one in told if one.shipment_id in booked for box in one.parcels]
    numbered = bookings.boxes(conn, tenant_id, each.booking_ids)
    said = dict(each.collection or {})
    return Collection(
        date.fromisoformat(said["on"]),
        time.fromisoformat(said["from"]),
        time.fromisoformat(said["to"]),
        count=max(1, len(boxes)),
        weight_g=sum(box.weight_g or UNKNOWN_WEIGHS_G for box in boxes),
        address=Address(**said["address"]) if said.get("address") else None,
        note=said.get("note") or "",
        parcels=tuple(parcel for one in each.booking_ids for parcel in carriage.parcels_of(numbered[one])),
    )


def ask_about(rig: Rig, tenant_id: TenantId, *, going_on: Callable[[], bool]) -> int:
    """Ask what became of the cars it is time to ask about; return of how many."""
    asked = 0
    while going_on():
        with rig.db.tx(tenant_id) as conn:
            has_left = tenants.has_left(conn, tenant_id)
            each = None if has_left else handovers.claim_car(conn, tenant_id, now=rig.now())
        if each is None:
            break
        ask(rig, tenant_id, each)
        asked += 1
    return asked


def ask(rig: Rig, tenant_id: TenantId, each: Handover) -> None:
    """Ask what became of one; while its carrier rests, or answers oddly, the next time is soon enough."""
    try:
        at = desk.opened(rig, tenant_id, LANE, each.contract_id)
    except desk.NoContract:
        with rig.db.tx(tenant_id) as conn:
            handovers.car_settled(conn, tenant_id, each)
        return
    if at is None:
        return
    at = replace(at, doing=DOING)
    try:
        told = at.carrier.car(each.car or "")
    except CarrierError as error:
        if desk.is_own(at, error):
            desk.heard(at)
        else:
            desk.failed(at, error)
        return
    with rig.db.tx(tenant_id) as conn:
        tell(conn, at, each, told)
    desk.heard(at)


def tell(conn: db.Conn, at: Desk, each: Handover, told: Ordered) -> None:
    """Write down what its carrier says of a car; while it is at it, it is asked again."""
    tenant_id, now = at.tenant_id, at.rig.now()
    if told.car is Car.REFUSED:
        stranded.refuse_car(conn, tenant_id, each, why=told.said or REFUSED, now=now)
    elif told.car is Car.CANCELLED:
        handovers.called_off(conn, tenant_id, each.handover_id, now=now)
        stranded.settle(conn, tenant_id, now=now)
    elif told.car is not Car.WAITING:
        handovers.car_settled(conn, tenant_id, each)
