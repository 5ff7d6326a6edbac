"""What came of asking a carrier, in the transaction that writes it down: numbers, labels, doubts and refusals.

A shipment leaves when its label is there: only then the shop is told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from carriers.base import Booked, Label
from carriers.labels import Unprintable
from service import bookings, db, journal, offers, problems, shipments, tracking
from service.bookings import Booking, Box, Draft, Parked, Sheet
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.problems import Cause
from service.steps import carriage, following, payouts

OF_A_PARCEL = (Cause.LABEL_REFUSED, Cause.LABEL_UNCLEAR)


def booked(conn: db.Conn, tenant_id: TenantId, each: Booking, made: Booked, *, now: datetime) -> Booking | None:
    """Note the numbers a carrier gave, and the label where its answer brought one; None: it had its numbers before.

    A carrier that gives a number of another booking is not believed: a person looks.
    """
    offers.hold(conn, tenant_id)
    boxes = carriage.boxes_of(made.parcels)
    held = bookings.holders(conn, tenant_id, each.carrier, [box.number for box in boxes])
    if len(boxes) != each.boxes or held:
        what = ", ".join(sorted(held)) or f"{len(boxes)} numbers for {each.boxes} boxes"
        park(conn, tenant_id, each, Parked.UNCLEAR, why=f"the carrier's answer cannot be: {what}", now=now)
        return None
    known = bookings.booked(conn, tenant_id, each.booking_id, boxes, notes=made.notes, now=now)
    if known is None:
        return None
    settle(conn, tenant_id, known, now=now)
    sheet = sheet_of(made.label)
    if sheet is not None and not known.cancel_asked_at:
        return ready(conn, tenant_id, known, boxes, sheet, now=now)
    return known


def sheet_of(label: Label | None) -> Sheet | None:
    """Return a label that can be printed as it is kept; None for what is none, which is asked for anew."""
    try:
        return carriage.sheet_of(label) if label and carriage.parted(label, [1]) else None
    except Unprintable:
        return None


def ready(
    conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], sheet: Sheet, *, now: datetime
) -> Booking | None:
    """Keep a label and let the shipment leave with its numbers; None: it was cancelled meanwhile."""
    offers.hold(conn, tenant_id)
    known = bookings.labelled(conn, tenant_id, each.booking_id, sheet, now=now)
    if known is None:
        return None
    tracking.enter(conn, tenant_id, known.booking_id, now=now)
    payouts.expect(conn, tenant_id, known.booking_id, each.content or {}, now=now)
    numbers = [box.number for box in boxes]
    detail = {**_named(known), "service": known.service, "numbers": numbers}
    journal.write(conn, tenant_id, [Entry(now, Kind.LABEL, known.order_number, detail)])
    leave(conn, tenant_id, known, boxes, now=now)
    return known


def leave(conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], *, now: datetime) -> None:
    """Give every order of the parcel its codes: they have left."""
    leaving = [
        one for one in shipments.in_parcel(conn, tenant_id, each.shipment_id) if one.label_due and not one.voided
    ]
    for shipment in leaving:
        parcels = tuple(
            replace(parcel, carrier=carriage.called(box.carrier), tracking_code=carriage.code_of(box.number))
            for parcel, box in zip(shipment.parcels, boxes, strict=True)
        )
        shipments.change(conn, tenant_id, shipment, parcels=parcels, final=shipment.final, written=False, now=now)
    following.follow(conn, tenant_id, sorted({one.order_number for one in leaving}), now=now)


def doubted(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> None:
    """Note that nobody heard what became of a create."""
    bookings.doubted(conn, tenant_id, each, why=why, now=now)
    entry = Entry(now, Kind.LABEL_UNCLEAR, each.order_number, {**_named(each), "creates": each.creates})
    journal.write(conn, tenant_id, [entry])


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
    if not bookings.park(
        conn, tenant_id, each, reason, why=why, faults=faults, never_asked=never_asked, now=now
    ):  # fmt: skip
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
    if bookings.cancelled(conn, tenant_id, each, why=why, now=now):
        tracking.leave(conn, tenant_id, each.booking_id, now=now)
        payouts.over(conn, tenant_id, each.booking_id, now=now)
        if each.rebook and each.content:
            booking_id = bookings.fresh()
            content = {**each.content, "reference": bookings.reference(booking_id)}
            bookings.add(
                conn,
                tenant_id,
                [
                    Draft(
                        booking_id,
                        each.shipment_id,
                        each.order_number,
                        each.contract_id,
                        each.carrier,
                        each.service,
                        each.boxes,
                        content,
                    )
                ],
                now=now,
            )
        detail = {**_named(each), "said": why}
        journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_CANCELLED, each.order_number, detail)])
        for cause in (*OF_A_PARCEL, Cause.LABEL_NOT_TAKEN_BACK):
            problems.settle(conn, tenant_id, cause, now=now, order_numbers=[each.order_number])


def take_back(conn: db.Conn, tenant_id: TenantId, shipment_id: str, *, elsewhere: bool, now: datetime) -> bool:
    """Have the label of a shipment taken back that does not leave with it; say whether its carrier is to be told.

    `elsewhere`: whoever says so has a label from somewhere else, so what a person was to decide is decided. What is
    handed over stays as it is. Call it with the offers held.
    """
    each = bookings.of_shipments(conn, tenant_id, [shipment_id]).get(shipment_id)
    if each is None or each.cancelled_at:
        return False
    if elsewhere and each.parked and not each.booked_at:
        over = bookings.give_up(conn, tenant_id, each.booking_id, now=now)
        said = "made elsewhere"
    else:
        known = bookings.cancel(conn, tenant_id, each.booking_id, now=now)
        over, said = bool(known and known.cancelled_at), "never asked for"
        if known and not over:
            return not known.parked
    if over:
        detail = {**_named(each), "said": said}
        journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_CANCELLED, each.order_number, detail)])
        settle(conn, tenant_id, each, now=now)
    return False


def _named(each: Booking) -> dict[str, Any]:
    return {"booking": each.booking_id, "shipment": each.shipment_id, "carrier": each.carrier}
