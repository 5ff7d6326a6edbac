"""Hand-overs that got no further: a person is told, until their parcels go with another, or with the carrier anyway."""

from dataclasses import dataclass
from datetime import datetime

from service import bookings, db, handovers, problems, tracking
from service.handovers import Handover, Parked
from service.lanes import TenantId
from service.problems import Cause

NAMED = 10  # orders a problem names; the hand-over has them all


@dataclass(frozen=True)
class Stranded:
    """A hand-over somebody must see to, and the orders of those of its parcels that wait for it."""

    handover: Handover
    numbers: list[str]


def park(conn: db.Conn, tenant_id: TenantId, each: Handover, reason: Parked, *, why: str, now: datetime) -> None:
    """Leave a hand-over to a person and tell him, if a parcel waits for him. What its carrier said stays with it."""
    if handovers.park(conn, tenant_id, each, reason, why=why, now=now):
        tell(conn, tenant_id, each, reason, now=now)


def refuse_car(conn: db.Conn, tenant_id: TenantId, each: Handover, *, why: str, now: datetime) -> None:
    """Leave a hand-over to a person whose carrier had taken the order of a car in, and refused it then."""
    if handovers.car_refused(conn, tenant_id, each, why=why, now=now):
        tell(conn, tenant_id, each, Parked.REFUSED, now=now)


def doubt_car(conn: db.Conn, tenant_id: TenantId, each: Handover, *, why: str, now: datetime) -> None:
    """Leave a hand-over to a person of whose car nobody knows whether it comes."""
    if handovers.car_doubted(conn, tenant_id, each, why=why, now=now):
        tell(conn, tenant_id, each, Parked.UNCLEAR, now=now)


def tell(conn: db.Conn, tenant_id: TenantId, each: Handover, reason: Parked, *, now: datetime) -> None:
    """Tell a person of a parked hand-over, if a parcel waits for him."""
    standing = {one.handover.handover_id: one.numbers for one in those(conn, tenant_id)}
    if numbers := standing.get(each.handover_id):
        named = {"handover": each.handover_id, "carrier": each.carrier, "parked": reason.value}
        detail = {**named, "count": len(numbers), "orders": numbers[:NAMED]}
        problems.note(conn, tenant_id, Cause.HANDOVER_PARKED, now=now, detail=detail)


def settle(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Close what was told of hand-overs once no parcel waits for a person."""
    if not those(conn, tenant_id):
        problems.settle(conn, tenant_id, Cause.HANDOVER_PARKED, now=now)


def those(conn: db.Conn, tenant_id: TenantId) -> list[Stranded]:
    """Return the parked hand-overs with a parcel that is neither taken back, with another, nor seen by the carrier."""
    left = handovers.left_to_a_person(conn, tenant_id)
    booked = bookings.of_shipments(conn, tenant_id, sorted({each for one in left for each in one.shipment_ids}))
    there = {each.booking_id: each for each in booked.values() if not each.cancelled_at and not each.cancel_asked_at}
    boxes = tracking.of_bookings(conn, tenant_id, [*there])
    waiting = {each for each in there if not any(box.state in tracking.HELD for box in boxes[each])}
    found = [(one, [there[each].order_number for each in one.booking_ids if each in waiting]) for one in left]
    return [Stranded(one, numbers) for one, numbers in found if numbers]
