"""What came of asking a carrier, in the transaction that writes it down: numbers, labels, doubts and refusals.

A shipment leaves when its label is there: only then the shop is told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from carriers.base import Booked, Label
from carriers.labels import Unprintable
from service import bookings, db, journal, offers, problems, shipments
from service.bookings import Booking, Box, Draft, Parked, Sheet
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.problems import Cause
from service.steps import carriage, following

OF_A_PARCEL = (Cause.LABEL_REFUSED, Cause.LABEL_UNCLEAR)


def booked(conn: db.Conn, tenant_id: TenantId, each: Booking, made: Booked, *, now: datetime) -> Booking | None:
    """Note the numbers a carrier gave, and the label where its answer brought one; None: it had its numbers before.

    A carrier that gives a number of another booking is not believed: a person looks.
    """
    boxes = carriage.boxes_of(made.parcels)
    if why := _unlikely(conn, tenant_id, each, boxes):
        park(conn, tenant_id, each, Parked.UNCLEAR, why=f"the carrier's answer cannot be: {why}", now=now)
        return None
    known = bookings.booked(conn, tenant_id, each, boxes, notes=made.notes, now=now)
    if known is None:
        _nobodys(conn, tenant_id, each, boxes, now=now)
        return None
    settle(conn, tenant_id, known, now=now)
    sheet = sheet_of(made.label)
    if sheet is not None and not known.cancel_asked_at:
        return ready(conn, tenant_id, known, boxes, sheet, now=now)
    return known


def _unlikely(conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box]) -> str | None:
    numbers = [box.number for box in boxes]
    if len(boxes) != each.boxes or len({*numbers}) != len(numbers):
        return f"{', '.join(sorted(numbers)) or 'no number'} for {each.boxes} boxes"
    held = bookings.holders(conn, tenant_id, each.carrier, numbers)
    others = sorted(number for number, holder in held.items() if holder != each.booking_id)
    return f"{', '.join(others)} of another booking" if others else None


def _nobodys(conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], *, now: datetime) -> None:
    """Tell a person of a parcel whose number came when its booking was over, or went with another carrier by then."""
    known = bookings.one(conn, tenant_id, each.booking_id)
    if known and (known.cancelled_at or known.contract_id != each.contract_id):
        detail = {**_named(each), "numbers": [box.number for box in boxes]}
        journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_UNCLEAR, each.order_number, detail)])
        cause = Cause.LABEL_NOT_TAKEN_BACK
        problems.note(conn, tenant_id, cause, now=now, order_number=each.order_number, detail=detail)


def sheet_of(label: Label | None) -> Sheet | None:
    """Return a label that can be printed as it is kept; None for what is none, which is asked for anew."""
    try:
        return carriage.sheet_of(label) if label and carriage.parted(label, [1]) else None
    except Unprintable:
        return None


def ready(
    conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], sheet: Sheet, *, now: datetime
) -> Booking | None:
    """Keep a label and let the shipment leave with its numbers; None: it was cancelled meanwhile.

    What is to be cancelled does not leave, although it has its label.
    """
    offers.hold(conn, tenant_id)
    known = bookings.labelled(conn, tenant_id, each.booking_id, sheet, now=now)
    if known is None:
        return None
    numbers = [box.number for box in boxes]
    detail = {**_named(known), "service": known.service, "numbers": numbers, "notes": list(known.notes)}
    journal.write(conn, tenant_id, [Entry(now, Kind.LABEL, known.order_number, detail)])
    settle(conn, tenant_id, known, now=now)
    if not known.cancel_asked_at:
        leave(conn, tenant_id, known, boxes, now=now)
    return known


def leave(conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], *, now: datetime) -> None:
    """Give every order of the parcel its codes: they have left."""
    leaving = [one for one in shipments.in_parcel(conn, tenant_id, each.shipment_id) if not one.voided]
    for shipment in leaving:
        told = shipment.parcels  # as many as the boxes, unless it was corrected meanwhile: the boxes are what leaves
        parcels = tuple(
            replace(
                told[min(place, len(told) - 1)],
                carrier=carriage.CALLED.get(box.carrier, box.carrier),
                tracking_code=code_of(box.number),
            )
            for place, box in enumerate(boxes)
        )
        shipments.change(conn, tenant_id, shipment, parcels=parcels, final=shipment.final, written=False, now=now)
    following.follow(conn, tenant_id, sorted({one.order_number for one in leaving}), now=now)


def code_of(number: str) -> str:
    """Return a number as the shop shows it: capital letters, no spaces."""
    return "".join(number.split()).upper()


def doubted(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> None:
    """Note that nobody heard what became of a create."""
    bookings.doubted(conn, tenant_id, each, why=why, now=now)
    entry = Entry(now, Kind.LABEL_UNCLEAR, each.order_number, {**_named(each), "creates": each.creates})
    journal.write(conn, tenant_id, [entry])


def not_done(  # noqa: PLR0913  # what of whom, and why
    conn: db.Conn,
    tenant_id: TenantId,
    each: Booking,
    *,
    keeps_doubt: bool,
    until: datetime,
    counts: bool,
    why: str,
    now: datetime,
) -> None:
    """Note that a create surely did nothing; what was to be cancelled meanwhile is over."""
    bookings.not_done(conn, tenant_id, each, keeps_doubt=keeps_doubt, until=until, counts=counts, why=why)
    over(conn, tenant_id, each, now=now)


def never_made(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Note that the carrier never made it; what was to be cancelled meanwhile is over."""
    bookings.never_made(conn, tenant_id, each, now=now)
    over(conn, tenant_id, each, now=now)


def over(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Let be what was to be cancelled while it was asked for, where nothing came of that."""
    if known := bookings.over(conn, tenant_id, each, now=now):
        _taken_back(conn, tenant_id, known, said="never made", now=now)


CAUSES: Mapping[Parked, Cause] = {
    Parked.REFUSED: Cause.LABEL_REFUSED,
    Parked.UNCLEAR: Cause.LABEL_UNCLEAR,
    Parked.STOPPED: Cause.LABEL_REFUSED,
    Parked.NO_CONTRACT: Cause.LABEL_REFUSED,
    Parked.NOT_TAKEN_BACK: Cause.LABEL_NOT_TAKEN_BACK,
    Parked.FAILING: Cause.LABEL_REFUSED,
}


def park(  # noqa: PLR0913  # what of whom, and why
    conn: db.Conn,
    tenant_id: TenantId,
    each: Booking,
    reason: Parked,
    *,
    why: str,
    faults: Sequence[Mapping[str, Any]] = (),
    never_asked: bool = False,
    now: datetime,
) -> None:
    """Leave a booking to a person, and tell him. A carrier's words may name somebody: they stay with the booking."""
    known = bookings.park(conn, tenant_id, each, reason, why=why, faults=faults, never_asked=never_asked, now=now)
    if known is None:
        return
    if known.cancel_asked_at and not known.asked_at:
        over(conn, tenant_id, known, now=now)
        return
    detail = {**_named(each), "parked": reason.value, "fields": [fault.get("field") for fault in faults]}
    journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_REFUSED, each.order_number, detail)])
    problems.note(conn, tenant_id, CAUSES[reason], now=now, order_number=each.order_number, detail=detail)


def settle(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Close what was told of an order's label that is over now."""
    for cause in OF_A_PARCEL:
        problems.settle(conn, tenant_id, cause, now=now, order_numbers=[each.order_number])


def cancelled(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> None:
    """Note that a carrier took a parcel back; what was to have another label is booked anew, by another reference."""
    known = bookings.cancelled(conn, tenant_id, each, why=why, now=now)
    if known is None:
        return
    if known.rebook and each.content:
        booking_id = bookings.fresh()
        content = {**each.content, "reference": bookings.reference(booking_id)}
        draft = Draft(
            booking_id, known.shipment_id, known.order_number, known.contract_id, known.carrier, known.service,
            known.boxes, content,
        )  # fmt: skip
        bookings.add(conn, tenant_id, [draft], now=now)
    _taken_back(conn, tenant_id, known, said=why, now=now)


def _taken_back(conn: db.Conn, tenant_id: TenantId, each: Booking, *, said: str, now: datetime) -> None:
    entry = Entry(now, Kind.LABEL_CANCELLED, each.order_number, {**_named(each), "said": said})
    journal.write(conn, tenant_id, [entry])
    for cause in (*OF_A_PARCEL, Cause.LABEL_NOT_TAKEN_BACK):
        problems.settle(conn, tenant_id, cause, now=now, order_numbers=[each.order_number])


def _named(each: Booking) -> dict[str, Any]:
    return {"booking": each.booking_id, "shipment": each.shipment_id, "carrier": each.carrier}
