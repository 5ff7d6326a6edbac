"""The car of a hand-over that is ordered: its carrier is asked now and then, ten times at most, whether it comes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time

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
CALLED_OFF = "the carrier called the car off"
IN_DOUBT = "whether the car comes could not be found out; look at the carrier"
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
    """Ask what became of one; while its carrier rests, answers oddly, or nobody has a login, the next time will do.

    There is none after the last: then a person is told.
    """
    at = opened(rig, tenant_id, each)
    if at is None:
        with rig.db.tx(tenant_id) as conn:
            doubt(conn, tenant_id, each, now=rig.now())
        return
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


def opened(rig: Rig, tenant_id: TenantId, each: Handover) -> Desk | None:
    """Return a login that may ask about a car; None while there is none."""
    with rig.db.tx(tenant_id) as conn:
        contract = contracts.answering(conn, tenant_id, each.contract_id, each.carrier)
    try:
        at = desk.opened(rig, tenant_id, LANE, contract.contract_id) if contract else None
    except desk.NoContract:
        return None
    return at and replace(at, doing=DOING)


def not_there(at: Desk, each: Handover, error: CarrierError) -> None:
    """Tell a person of a car its carrier says nothing of, or does not know, when it is asked last.

    A recall may be why it knows it no more.
    """
    is_unknown = isinstance(error, CarrierRefused) and error.kind is Kind.UNKNOWN
    tenant_id, now = at.tenant_id, at.rig.now()
    with at.rig.db.tx(tenant_id) as conn:
        if not is_unknown:
            doubt(conn, tenant_id, each, now=now)
        elif handovers.is_last(each) and not each.car_recall_at:
            stranded.refuse_car(conn, tenant_id, each, why=f"{NOT_THERE}: {error.why}", now=now)


def doubt(conn: db.Conn, tenant_id: TenantId, each: Handover, *, now: datetime) -> None:
    """Tell a person of a car that is asked about no more, though nobody knows whether it comes."""
    if handovers.is_last(each):
        stranded.doubt_car(conn, tenant_id, each, why=IN_DOUBT, now=now)


def tell(conn: db.Conn, at: Desk, each: Handover, told: Ordered) -> None:
    """Write down what its carrier says of a car; while it is at it, it is asked again."""
    tenant_id, now = at.tenant_id, at.rig.now()
    if told.car is Car.REFUSED:
        stranded.refuse_car(conn, tenant_id, each, why=told.said or REFUSED, now=now)
    elif told.car is Car.CANCELLED and not each.car_recall_at:  # that of a recall just under way is mended by its end
        stranded.refuse_car(conn, tenant_id, each, why=told.said or CALLED_OFF, now=now)
    elif told.car is Car.CANCELLED:
        handovers.called_off(conn, tenant_id, each.handover_id, now=now)
        stranded.settle(conn, tenant_id, now=now)
    elif told.car is Car.WAITING:
        doubt(conn, tenant_id, each, now=now)
    else:
        handovers.car_settled(conn, tenant_id, each)
