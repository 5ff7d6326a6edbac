"""What came of asking a carrier, in the transaction that writes it down: numbers, labels, doubts and refusals.

A shipment leaves when its label is there: only then the shop is told of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from carriers.base import Booked, Label
from carriers.labels import Unprintable
from service import bookings, db, journal, offers, problems, returns, shipments, tracking
from service.bookings import Booking, Box, Draft, Numbered, Parked, Sheet
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.problems import Cause
from service.shipments import Shipment
from service.steps import carriage, following, payouts

LABEL_SOON = timedelta(minutes=1)  # by then a label that came with its number is kept, or is fetched
UNUSED = "it was handed over, and its order leaves with other codes"
OF_A_PARCEL = (Cause.LABEL_REFUSED, Cause.LABEL_UNCLEAR)


@dataclass(frozen=True)
class Done:
    """A booking with its numbers, and its label."""

    booking: Booking
    boxes: Sequence[Box]
    sheet: Sheet


def booked(
    conn: db.Conn,
    tenant_id: TenantId,
    made: Sequence[tuple[Booking, Booked]],
    *,
    sheets: Mapping[str, Sheet],
    now: datetime,
) -> list[Done]:
    """Note the numbers a carrier gave; return what can leave, as the answer brought its label with it.

    A carrier that gives a number of another booking is not believed: a person looks. `sheets`: labels by booking.
    """
    boxes = {each.booking_id: carriage.boxes_of(told.parcels) for each, told in made}
    unlikely = _unlikely(conn, tenant_id, [each for each, _ in made], boxes)
    for each, _ in made:
        if why := unlikely.get(each.booking_id):
            park(conn, tenant_id, each, Parked.UNCLEAR, why=f"the carrier's answer cannot be: {why}", now=now)
    numbered = [
        Numbered(each, boxes[each.booking_id], told.notes, now + LABEL_SOON if each.booking_id in sheets else now)
        for each, told in made
        if each.booking_id not in unlikely
    ]
    if not numbered:
        return []
    known = bookings.booked(conn, tenant_id, numbered, now=now)
    for each in numbered:
        if each.booking.booking_id not in known:
            nobodys(conn, tenant_id, each.booking, each.boxes, now=now)
    settle(conn, tenant_id, [*known.values()], now=now)
    return [
        Done(each, boxes[booking_id], sheets[booking_id])
        for booking_id, each in known.items()
        if booking_id in sheets and not each.cancel_asked_at
    ]


def _unlikely(
    conn: db.Conn, tenant_id: TenantId, some: Sequence[Booking], boxes: Mapping[str, Sequence[Box]]
) -> dict[str, str]:
    """Return what cannot be in an answer, by booking: the first that is given a number has it."""
    numbers = {each.booking_id: [box.number for box in boxes[each.booking_id]] for each in some}
    every = [number for told in numbers.values() for number in told]
    holders = bookings.holders(conn, tenant_id, some[0].carrier, every)
    wrong: dict[str, str] = {}
    for each in some:
        told = numbers[each.booking_id]
        others = sorted(number for number in told if holders.setdefault(number, each.booking_id) != each.booking_id)
        if len(told) != each.boxes or len({*told}) != len(told):
            wrong[each.booking_id] = f"{', '.join(sorted(told)) or 'no number'} for {each.boxes} boxes"
        elif others:
            wrong[each.booking_id] = f"{', '.join(others)} of another booking"
    return wrong


def nobodys(conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], *, now: datetime) -> None:
    """Tell a person of a parcel whose number came when its booking had others, was over, or went with another carrier.

    A booking may have others where a person let it go again while whoever had asked first stood still.
    """
    known = bookings.one(conn, tenant_id, each.booking_id)
    if known is None:
        return
    numbers = [box.number for box in boxes]
    kept = {box.number for box in bookings.boxes(conn, tenant_id, [each.booking_id])[each.booking_id]}
    if known.cancelled_at or known.contract_id != each.contract_id or not kept.issuperset(numbers):
        detail = {**named(each), "numbers": numbers}
        journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_UNCLEAR, each.order_number, detail)])
        _stray(conn, tenant_id, each.order_number, detail, now=now)


def _stray(conn: db.Conn, tenant_id: TenantId, order_number: str, detail: Mapping[str, Any], *, now: datetime) -> None:
    """Tell of numbers no label has, each with its carrier, beside those told of before that nobody has seen to."""
    bookings.hold_feed(conn, tenant_id)  # one after the other, or the later one would not know of the other's
    cause = Cause.PARCEL_STRAY
    before = problems.one(conn, tenant_id, cause, order_number)
    known: Mapping[str, str] = before.detail.get("numbers", {}) if before else {}
    numbers = {**known, **dict.fromkeys(detail["numbers"], detail["carrier"])}
    problems.note(conn, tenant_id, cause, now=now, order_number=order_number, detail={**detail, "numbers": numbers})


def sheet_of(label: Label | None) -> Sheet | None:
    """Return a label that can be printed as it is kept; None for what is none, which is asked for anew."""
    try:
        return carriage.sheet_of(label) if label and carriage.parted(label, [1]) else None
    except Unprintable:
        return None


def ready(conn: db.Conn, tenant_id: TenantId, done: Sequence[Done], *, now: datetime) -> None:
    """Keep labels and let their shipments leave; what was cancelled meanwhile stays, though it has its label."""
    offers.hold(conn, tenant_id)
    known = bookings.unlabelled(conn, tenant_id, [each.booking.booking_id for each in done])
    if not known:
        return
    entries: list[Entry] = []
    numbers: set[str] = set()
    for each in done:
        booking = known.get(each.booking.booking_id)
        if booking is None:
            continue
        told = [box.number for box in each.boxes]
        detail = {**named(booking), "service": booking.service, "numbers": told}
        entries.append(Entry(now, Kind.LABEL, booking.order_number, detail))
        tracking.enter(conn, tenant_id, booking.booking_id, now=now)
        payouts.expect(conn, tenant_id, booking.booking_id, each.booking.content or {}, now=now)
        if not booking.cancel_asked_at:
            numbers |= _leave(conn, tenant_id, booking, each.boxes, now=now)
    journal.write(conn, tenant_id, entries)
    following.follow(conn, tenant_id, sorted(numbers), now=now)
    # Last: whoever moves a booking of the shop waits from here on. Then what was told of them, as whoever parks does.
    bookings.hold_feed(conn, tenant_id)
    settle(conn, tenant_id, [each for each in known.values() if not each.cancel_asked_at], now=now)
    sheets = {each.booking.booking_id: each.sheet for each in done if each.booking.booking_id in known}
    bookings.labelled(conn, tenant_id, sheets, now=now)


def _leave(conn: db.Conn, tenant_id: TenantId, each: Booking, boxes: Sequence[Box], *, now: datetime) -> set[str]:
    """Give every order of the parcel its codes; return their numbers."""
    leaving = [
        one for one in shipments.in_parcel(conn, tenant_id, each.shipment_id) if one.label_due and not one.voided
    ]
    for shipment in leaving:
        told = shipment.parcels  # as many as the boxes, unless it was corrected meanwhile: the boxes are what leaves
        parcels = tuple(
            replace(
                told[min(place, len(told) - 1)],
                carrier=carriage.called(box.carrier),
                tracking_code=carriage.code_of(box.number),
            )
            for place, box in enumerate(boxes)
        )
        shipments.change(conn, tenant_id, shipment, parcels=parcels, final=shipment.final, written=False, now=now)
    return {one.order_number for one in leaving}


def doubted(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> None:
    """Note that nobody heard what became of a create."""
    if not bookings.doubted(conn, tenant_id, each, why=why, now=now):
        return
    entry = Entry(now, Kind.LABEL_UNCLEAR, each.order_number, {**named(each), "creates": each.creates})
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
    bookings.hold_feed(conn, tenant_id)  # before the booking, as whoever cancels does
    bookings.not_done(conn, tenant_id, each, keeps_doubt=keeps_doubt, until=until, counts=counts, why=why)
    over(conn, tenant_id, each, now=now)


def never_made(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Note that the carrier never made it; what was to be cancelled meanwhile is over."""
    bookings.never_made(conn, tenant_id, each, now=now)
    over(conn, tenant_id, each, now=now)


def over(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Let be what was to be cancelled while it was asked for, where nothing came of that."""
    if known := bookings.over(conn, tenant_id, each, now=now):
        taken_back(conn, tenant_id, known, said="never made", now=now)


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
    if known.cancel_asked_at and not known.asked_at and not known.booked_at:
        over(conn, tenant_id, known, now=now)
        return
    left_to_a_person(conn, tenant_id, each, reason, faults=faults, now=now)


def left_to_a_person(  # what of whom, and why
    conn: db.Conn,
    tenant_id: TenantId,
    each: Booking,
    reason: Parked,
    *,
    faults: Sequence[Mapping[str, Any]] = (),
    now: datetime,
) -> None:
    """Tell a person of a booking that is his to decide by now."""
    detail = {**named(each), "parked": reason.value, "fields": [fault.get("field") for fault in faults]}
    journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_REFUSED, each.order_number, detail)])
    problems.note(conn, tenant_id, CAUSES[reason], now=now, order_number=each.order_number, detail=detail)


def settle(
    conn: db.Conn, tenant_id: TenantId, some: Sequence[Booking], *, causes: Sequence[Cause] = OF_A_PARCEL, now: datetime
) -> None:
    """Close what was told of labels that is over now; what other labels of their orders, or returns, wait for stays."""
    numbers = sorted({each.order_number for each in some})
    waits = waited_for(conn, tenant_id, numbers, but=[each.booking_id for each in some])
    for cause in causes:
        over = [number for number in numbers if cause not in waits[number]]
        if over:
            problems.settle(conn, tenant_id, cause, now=now, order_numbers=over)


def waited_for(
    conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, but: Sequence[str]
) -> Mapping[str, set[Cause]]:
    """Return what labels and returns of orders wait for a person because of, by order; `but` bookings are left out."""
    if not numbers:
        return {}
    labels = bookings.parked_of(conn, tenant_id, numbers, but=but)
    back = returns.parked_of(conn, tenant_id, numbers)
    return {
        number: {CAUSES[Parked(each.value)] for each in (*labels.get(number, ()), *back.get(number, ()))}
        for number in numbers
    }


def cancelled(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> None:
    """Note that a carrier took a parcel back; what was to have another label is booked anew, by another reference."""
    offers.hold(conn, tenant_id)  # before bookings and boxes, as whoever is told where they are
    known = bookings.cancelled(conn, tenant_id, each, why=why, now=now)
    if known is None:
        return
    tracking.leave(conn, tenant_id, known.booking_id, now=now)
    if known.rebook and each.content:
        booking_id = bookings.fresh()
        content = {**each.content, "reference": bookings.reference(booking_id)}
        draft = Draft(
            booking_id, known.shipment_id, known.order_number, known.contract_id, known.carrier, known.service,
            known.boxes, content,
        )  # fmt: skip
        bookings.add(conn, tenant_id, [draft], now=now)
    taken_back(conn, tenant_id, known, said=why, now=now)


def taken_back(conn: db.Conn, tenant_id: TenantId, each: Booking, *, said: str, now: datetime) -> None:
    """Write down that there is no label any more and no money to come with it, and close what was told of it.

    With the offers held, where it had its label: the shop may hear that all else was paid.
    """
    entry = Entry(now, Kind.LABEL_CANCELLED, each.order_number, {**named(each), "said": said})
    journal.write(conn, tenant_id, [entry])
    settle(conn, tenant_id, [each], causes=(*OF_A_PARCEL, Cause.LABEL_NOT_TAKEN_BACK), now=now)
    if payouts.over(conn, tenant_id, each.booking_id, now=now):
        payouts.tell_shop(conn, tenant_id, [each.booking_id], now=now)


def take_back(conn: db.Conn, tenant_id: TenantId, shipment_id: str, *, elsewhere: bool, now: datetime) -> bool:
    """Have the label of a shipment taken back that does not leave with it; say whether its carrier is to be told.

    `elsewhere`: whoever says so has a label from somewhere else, so what a person was to decide is decided; of what is
    handed over he is told. Without it that stays as it is. Call it with the offers held.
    """
    each = bookings.of_shipments(conn, tenant_id, [shipment_id]).get(shipment_id)
    if each is None or each.cancelled_at:
        return False
    if each.handed_at:
        if elsewhere and (known := bookings.unused(conn, tenant_id, each.booking_id, why=UNUSED, now=now)):
            left_to_a_person(conn, tenant_id, known, Parked.NOT_TAKEN_BACK, now=now)
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
        detail = {**named(each), "said": said}
        journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_CANCELLED, each.order_number, detail)])
        settle(conn, tenant_id, [each], now=now)
    return False


def leave_after_all(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Let a parcel be that its carrier did not take back: somebody says that a shipment leaves in it after all."""
    if bookings.used(conn, tenant_id, each.booking_id, now=now):
        settle(conn, tenant_id, [each], causes=(Cause.LABEL_NOT_TAKEN_BACK,), now=now)


def is_used(shipment: Shipment, boxes: Sequence[Box]) -> bool:
    """Say whether a shipment leaves in one of these boxes, going by its codes; one without any may."""
    codes = [parcel.tracking_code for parcel in shipment.parcels if parcel.tracking_code]
    return not codes or any(carriage.names(box, code) for box in boxes for code in codes)


def named(each: Booking) -> dict[str, Any]:
    """Return what says in the journal which booking it is."""
    return {"booking": each.booking_id, "shipment": each.shipment_id, "carrier": each.carrier}
