"""Hand parcels over: tell the carriers that want to hear of it, ask for the car, and write down what came of it.

A close whose answer got lost is asked again only where the carrier knows it again (`able.closes_again`), a car never.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from carriers.base import Manifest
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable
from service import bookings, db, handovers, journal, offers, tenants
from service.bookings import Box
from service.handovers import Handover, Parked, Step
from service.journal import Entry, Kind
from service.kit.clock import PRAGUE
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, cars, desk, stopping, stranded
from service.steps.desk import Desk

LANE = Lane.BOOK
REST = timedelta(seconds=30)
AGAIN_AFTER = timedelta(seconds=60)  # what got lost may still land

TAKEN_BACK = {"code": "cancelled", "detail": "Its label was taken back."}
NOT_COVERED = {"code": "not_covered", "detail": "The carrier did not take it with the others."}
ALL_TAKEN_BACK, NONE_TAKEN = "every label was taken back", "the carrier took none of them"
GONE = "the login with the carrier was removed"
LOST = (
    "the answer got lost; look at the carrier whether it was done, then hand the shipments over once more by their ids"
)

LOST_CAR = (
    "the answer got lost; look at the carrier whether a car comes, else order one there: the shipments are handed over"
)


def work_off(rig: Rig, tenant_id: TenantId, *, going_on: Callable[[], bool]) -> int:
    """Take hand-overs on while one is due; return how many."""
    taken = 0
    while going_on():
        with rig.db.tx(tenant_id) as conn:
            has_left = tenants.has_left(conn, tenant_id)
            each = None if has_left else handovers.claim(conn, tenant_id, now=rig.now(), lease_s=rig.settings.lease_s)
        if each is None:
            break
        take_on(rig, tenant_id, each)
        taken += 1
    return taken


def take_on(rig: Rig, tenant_id: TenantId, each: Handover) -> None:
    """Do what is next for one."""
    if each.step is Step.HAND:
        with rig.db.tx(tenant_id) as conn:
            offers.hold(conn, tenant_id)  # before the places in the feed, as whoever voids a shipment does
            hand(conn, tenant_id, left(conn, tenant_id, each), None, now=rig.now())
        return
    with rig.db.tx(tenant_id) as conn:
        came_at = stopping.came_back_at(conn, tenant_id)
    if stopping.is_from_before(each.since, came_at):
        not_asked(rig, tenant_id, each, Parked.REFUSED, stopping.CAME_BACK)
        return
    try:
        at = desk.opened(rig, tenant_id, LANE, each.contract_id)
    except desk.NoContract:
        not_asked(rig, tenant_id, each, Parked.NO_CONTRACT, GONE)
        return
    if at is None:
        put_off(rig, tenant_id, each, "its carrier does not answer at the moment")
    elif each.asked_at and not (each.step is Step.CLOSE and at.carrier.able.closes_again):
        park(rig, tenant_id, each, Parked.UNCLEAR, lost(each))
        desk.left(at)
    elif each.step is Step.CLOSE:
        close(replace(at, doing=each.step), each)
    else:
        collect(replace(at, doing=each.step), each)


def not_asked(rig: Rig, tenant_id: TenantId, each: Handover, reason: Parked, why: str) -> None:
    """Leave to a person what its carrier is not asked any more; what it was asked before may be done."""
    if each.asked_at:
        park(rig, tenant_id, each, Parked.UNCLEAR, f"{why}; {lost(each)}")
    else:
        park(rig, tenant_id, each, reason, why)


def lost(each: Handover) -> str:
    """Return what a person is told to do about a question whose answer got lost."""
    return LOST_CAR if each.step is Step.COLLECT else LOST


def left(conn: db.Conn, tenant_id: TenantId, each: Handover) -> Handover:
    """Return a hand-over without what was taken back since it was asked for."""
    booked = bookings.of_shipments(conn, tenant_id, each.shipment_ids)
    parcels = {
        booking_id: shipment_id
        for booking_id, shipment_id in zip(each.booking_ids, each.shipment_ids, strict=True)
        if (now := booked.get(shipment_id)) and now.booking_id == booking_id and not now.cancel_asked_at
    }
    if len(parcels) < len(each.booking_ids):
        handovers.keep_only(conn, tenant_id, each, parcels, refused=TAKEN_BACK)
        return handovers.one(conn, tenant_id, each.handover_id) or each
    return each


def close(at: Desk, each: Handover) -> None:
    """Tell the carrier, marked before; what may have been told before is told in the same words."""
    tenant_id, now = at.tenant_id, at.rig.now()
    with at.rig.db.tx(tenant_id) as conn:
        each = each if each.asked_at else left(conn, tenant_id, each)
        boxes = bookings.boxes(conn, tenant_id, each.booking_ids)
        is_ours = handovers.asked(conn, tenant_id, each, at=each.asked_at or now)
    if not is_ours or not each.booking_ids:
        park(at.rig, tenant_id, each, Parked.NOTHING, ALL_TAKEN_BACK)
        desk.left(at)
        return
    parcels = [parcel for one in each.booking_ids for parcel in carriage.parcels_of(boxes[one])]
    try:
        manifest = at.carrier.close(parcels, day_of(each, now))
    except CarrierError as error:
        failed(at, each, error)
        return
    with at.rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)
        known = without_doubt(conn, tenant_id, each, boxes, manifest, now=at.rig.now())
        hand(conn, tenant_id, covered(conn, tenant_id, known, boxes, manifest), manifest, now=at.rig.now())
    desk.heard(at)


def without_doubt(
    conn: db.Conn,
    tenant_id: TenantId,
    each: Handover,
    boxes: Mapping[str, Sequence[Box]],
    manifest: Manifest,
    *,
    now: datetime,
) -> Handover:
    """Return a hand-over without what may be done or not, which is asked about again by itself, in the same words."""
    doubted = {*manifest.doubted}
    parcels = dict(zip(each.booking_ids, each.shipment_ids, strict=True))
    unclear = {one: parcels[one] for one in parcels if any(box.number in doubted for box in boxes[one])}
    if not unclear:
        return each
    apart = handovers.apart(conn, tenant_id, each, unclear, due_at=now + AGAIN_AFTER, now=now)
    where = apart.handover_id if apart else "another hand-over"
    told = {"code": "asked_apart", "detail": f"Whether the carrier has it is not known yet: {where} asks again."}
    left = {one: shipment_id for one, shipment_id in parcels.items() if one not in unclear}
    handovers.keep_only(conn, tenant_id, each, left, refused=told)
    return handovers.one(conn, tenant_id, each.handover_id) or each


def covered(
    conn: db.Conn, tenant_id: TenantId, each: Handover, boxes: Mapping[str, Sequence[Box]], manifest: Manifest
) -> Handover:
    """Return a hand-over without what the carrier's answer does not name."""
    named = {*manifest.covers}
    parcels = {
        booking_id: shipment_id
        for booking_id, shipment_id in zip(each.booking_ids, each.shipment_ids, strict=True)
        if all(box.number in named for box in boxes[booking_id])
    }
    if len(parcels) == len(each.booking_ids):
        return each
    if not parcels:  # it keeps them, for whoever has to look
        return replace(each, booking_ids=(), shipment_ids=())
    handovers.keep_only(conn, tenant_id, each, parcels, refused=NOT_COVERED)
    return handovers.one(conn, tenant_id, each.handover_id) or each


def hand(conn: db.Conn, tenant_id: TenantId, each: Handover, manifest: Manifest | None, *, now: datetime) -> None:
    """Note that these parcels are handed over: none of them is taken back any more. Call it with the offers held."""
    if not each.booking_ids:
        reason, why = (Parked.REFUSED, NONE_TAKEN) if manifest else (Parked.NOTHING, ALL_TAKEN_BACK)
        stranded.park(conn, tenant_id, each, reason, why=why, now=now)
        return
    number = manifest.number if manifest else None
    paper = manifest.document.content if manifest and manifest.document else None
    bookings.handed(conn, tenant_id, each.booking_ids, now=now)
    handovers.closed(conn, tenant_id, each, manifest=number, document=paper, now=now)
    stranded.settle(conn, tenant_id, now=now)
    booked = bookings.of_shipments(conn, tenant_id, each.shipment_ids)
    told = {"handover": each.handover_id, "carrier": each.carrier, "manifest": number, "account": each.account_id}
    entries = [
        Entry(now, Kind.HANDED_OVER, booked[one].order_number, {"shipment": one, **told}) for one in each.shipment_ids
    ]
    journal.write(conn, tenant_id, entries)


def collect(at: Desk, each: Handover) -> None:
    """Ask for the car, marked before."""
    tenant_id, now = at.tenant_id, at.rig.now()
    with at.rig.db.tx(tenant_id) as conn:
        wanted = cars.collection_of(conn, tenant_id, each)
        is_ours = handovers.asked(conn, tenant_id, each, at=now)
    if not is_ours:
        desk.left(at)
        return
    try:
        car = at.carrier.collect(wanted)
    except CarrierError as error:
        failed(at, each, error)
        return
    with at.rig.db.tx(tenant_id) as conn:
        tells = at.carrier.able.tells_of_cars
        handovers.collected(conn, tenant_id, each, car=car, tells=tells, now=at.rig.now())
        stranded.settle(conn, tenant_id, now=at.rig.now())
    desk.heard(at)


def day_of(each: Handover, now: datetime) -> date:
    """Return the day on which the parcels leave: that of the car, else today."""
    on = (each.collection or {}).get("on")
    return date.fromisoformat(on) if on else now.astimezone(PRAGUE).date()


def failed(at: Desk, each: Handover, error: CarrierError) -> None:
    """Say what a question that was not answered with yes means: again, or a person.

    What is refused, or has no answer for hours, of a carrier that lets us in is the hand-over's own: no other waits.
    """
    repeats = each.step is Step.CLOSE and at.carrier.able.closes_again
    is_unclear = isinstance(error, CarrierUnreachable) and error.unclear
    is_back = at.wary and isinstance(error, CarrierBusy)  # many come to a carrier that was away
    is_late = not is_back and desk.outlasts(at, error, each.since)
    is_own = is_late or desk.is_of_parcels(error) or (at.is_let_in and desk.is_own(at, error))
    if is_unclear and not repeats:
        park(at.rig, at.tenant_id, each, Parked.UNCLEAR, f"{error}: {lost(each)}")
    elif is_late or (isinstance(error, CarrierRefused) and is_own):
        in_doubt = is_unclear or each.asked_at is not None
        got_lost = is_late and (in_doubt or isinstance(error, CarrierUnreachable))
        why = f"{error}: {lost(each)}" if got_lost else str(error)
        park(at.rig, at.tenant_id, each, Parked.UNCLEAR if in_doubt else Parked.REFUSED, why)
    else:
        put_off(at.rig, at.tenant_id, each, str(error), did_nothing=not is_unclear, until=_until(at, each, error))
    if is_own and not isinstance(error, CarrierBusy):
        desk.heard(at)
    else:
        desk.failed(at, error)


def _until(at: Desk, each: Handover, error: CarrierError) -> datetime:
    if isinstance(error, CarrierBusy):
        return desk.behind(at, error, each.since)
    return at.rig.now() + (AGAIN_AFTER if isinstance(error, CarrierUnreachable) else REST)


def put_off(  # whose, why, and until when
    rig: Rig,
    tenant_id: TenantId,
    each: Handover,
    why: str,
    *,
    did_nothing: bool = False,
    until: datetime | None = None,
) -> None:
    """Go on later; `did_nothing`: the question that left was surely not answered with a deed."""
    with rig.db.tx(tenant_id) as conn:
        if did_nothing and not each.asked_at:  # one before it may have done something
            handovers.asked(conn, tenant_id, each, at=None)
        handovers.put_off(conn, tenant_id, each, until=until or rig.now() + REST, why=why)


def park(rig: Rig, tenant_id: TenantId, each: Handover, reason: Parked, why: str) -> None:
    """Leave it to a person, and tell him."""
    with rig.db.tx(tenant_id) as conn:
        stranded.park(conn, tenant_id, each, reason, why=why, now=rig.now())


def lines(conn: db.Conn, tenant_id: TenantId, each: Handover) -> Sequence[Sequence[str]]:
    """Return our own list of what is handed over, a line a box; nobody's name is on it."""
    booked = bookings.of_shipments(conn, tenant_id, each.shipment_ids)
    boxes = bookings.boxes(conn, tenant_id, each.booking_ids)
    return [
        [
            booked[shipment_id].order_number,
            shipment_id,
            carriage.called(each.carrier),
            booked[shipment_id].service,
            f"{box.place}/{len(boxes[booking_id])}",
            carriage.code_of(box.number),
        ]
        for booking_id, shipment_id in zip(each.booking_ids, each.shipment_ids, strict=True)
        for box in boxes[booking_id]
    ]
