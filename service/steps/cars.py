"""The car of a hand-over at its carrier: ordered once, asked about now and then until that says whether it comes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

from carriers.base import Collection
from carriers.cars import Car, Ordered
from carriers.errors import CarrierError, CarrierRefused, Kind
from carriers.shipment import Address
from service import bookings, contracts, db, handovers, shipments, tenants
from service.handovers import Handover
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, desk, stranded
from service.steps.desk import Desk

LANE = Lane.BOOK
UNKNOWN_WEIGHS_G = 1_000  # whoever sends the car wants a number
REFUSED = "the carrier refused the car"
NOT_THERE = "the carrier knows of no such car"
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
    """Ask what became of one; while its carrier rests, answers oddly, or nobody has a login, the next time will do."""
    with rig.db.tx(tenant_id) as conn:
        contract = contracts.answering(conn, tenant_id, each.contract_id, each.carrier)
    if contract is None:
        return
    try:
        at = desk.opened(rig, tenant_id, LANE, contract.contract_id)
    except desk.NoContract:
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
        not_there(at, each, error)
        return
    with rig.db.tx(tenant_id) as conn:
        tell(conn, at, each, told)
    desk.heard(at)


def not_there(at: Desk, each: Handover, error: CarrierError) -> None:
    """Tell a person of a car its carrier still does not know when it is asked last; a recall may be why."""
    is_unknown = isinstance(error, CarrierRefused) and error.kind is Kind.UNKNOWN
    if is_unknown and handovers.is_last(each) and not each.car_recall_at:
        with at.rig.db.tx(at.tenant_id) as conn:
            stranded.refuse_car(conn, at.tenant_id, each, why=f"{NOT_THERE}: {error.why}", now=at.rig.now())


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
