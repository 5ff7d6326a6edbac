"""Fetch the labels of what is booked, and have parcels taken back."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from carriers.base import Able, Cancelled, Format, Label
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.labels import Unprintable
from service import bookings, db
from service.bookings import Booking, Box, Parked
from service.steps import carriage, desk, labelling, later
from service.steps.desk import Desk
from service.steps.labelling import Done

PARTS, FEWEST = 3, 2  # calls at a time, and labels of each
UNKNOWN = "the carrier says that it does not know the parcel"
LOOK = "look for it there, and take it back, before it is booked anew"


def print_labels(at: Desk, going: Sequence[Booking]) -> None:
    """Fetch the labels of what is booked, by three calls at a time: under a login six, where creates are two.

    Many carriers hand them out one by one, and reading makes nothing.
    """
    count = max(1, min(PARTS, len(going) // FEWEST))
    parts = [going[place::count] for place in range(count)]
    with ThreadPoolExecutor(count, thread_name_prefix="print") as pool:
        list(pool.map(partial(fetch, at), parts))


def fetch(at: Desk, going: Sequence[Booking]) -> None:
    """Fetch some labels by one call; where the pages of several cannot be told apart, each alone."""
    with at.rig.db.tx(at.tenant_id) as conn:
        boxes = bookings.boxes(conn, at.tenant_id, [each.booking_id for each in going])
    try:
        some = [boxes[each.booking_id] for each in going]
        parts = asked_for(at, some, at.carrier.first_format(carriage.parcels_of(some[0])))
    except CarrierRefused as refusal:
        without_label(at, going, refusal)
        return
    except CarrierError as error:
        later.put_off(at, going, error)
        return
    except Unprintable as broken:
        unread(at, going, str(broken))
        return
    if parts is None:
        for each in going:
            fetch(at, [each])
        return
    done = [
        Done(each, boxes[each.booking_id], carriage.sheet_of(part)) for each, part in zip(going, parts, strict=True)
    ]  # fmt: skip
    leave(at, done)
    desk.answered(at)


def asked_for(at: Desk, boxes: Sequence[Sequence[Box]], kind: Format) -> list[Label] | None:
    """Ask for the labels of bookings with these boxes by one call; None: its pages do not tell whose they are.

    Raise a CarrierError, or Unprintable for an answer that is no label.
    """
    parcels = [carriage.parcels_of(some) for some in boxes]
    try:
        label = at.carrier.labels([one for some in parcels for one in some], kind)
    except CarrierUnreachable as lost:
        if lost.answered and lost.operation not in desk.OF_NOBODY:
            raise Unprintable(lost.why) from None
        raise
    return carriage.parted(label, [len(some) for some in parcels])


def unread(at: Desk, going: Sequence[Booking], why: str) -> None:
    """Find out by halves which of these has no label that can be read; that one has it at its own fault."""
    error = no_label(at, why)
    is_own, half = desk.is_own(at, error), len(going) // 2
    if is_own and half:
        fetch(at, going[:half])
        fetch(at, going[half:])
    else:
        later.blamed(at, going, error, is_own=is_own)


def no_label(at: Desk, why: str) -> CarrierUnreachable:
    """Return the error for an answer that is no label."""
    what = "what came is no label"
    return CarrierUnreachable(at.carrier.code, "labels", what, unclear=False, answered=True, said=why)


def leave(at: Desk, done: Sequence[Done]) -> None:
    """Keep labels and let their shipments leave; one that cannot be written down must not keep the others."""
    try:
        later.persisted(at, partial(ready, at, done))
    except Exception as fault:
        if not db.blames_rows(fault):
            raise
        if len(done) > 1:
            for each in done:
                leave(at, [each])
            return
        later.stumbled(at, done[0].booking, db.named(fault))


def ready(at: Desk, done: Sequence[Done]) -> None:
    with at.rig.db.tx(at.tenant_id) as conn:
        labelling.ready(conn, at.tenant_id, done, now=at.rig.now())


def without_label(at: Desk, going: Sequence[Booking], refusal: CarrierRefused) -> None:
    """Have a parcel made anew whose label the carrier hands out no more: one that was found again at PPL, say.

    Of several each is asked for alone: what is wrong with one must not keep the others' labels.
    """
    if len(going) > 1 and desk.is_of_parcels(refusal):
        for each in going:
            fetch(at, [each])
        return
    is_handed_out_no_more = refusal.kind is Kind.UNKNOWN and not is_of_before(at, going[0])
    if not is_handed_out_no_more and refusal.kind is not Kind.UNSUPPORTED:
        later.put_off(at, going, refusal)
    elif refusal.kind is Kind.UNKNOWN and not going[0].looks:
        not_known(at, going[0], str(refusal))
    else:
        with at.rig.db.tx(at.tenant_id) as conn:
            is_going = not at.carrier.able.serials and bookings.replace(
                conn, at.tenant_id, going[0], why=str(refusal), now=at.rig.now()
            )
        if is_going:
            desk.answered(at)
        else:
            later.put_off(at, going, refusal)


def not_known(at: Desk, each: Booking, why: str) -> None:
    """Ask once more, and not at once, about what the carrier says it does not know."""
    with at.rig.db.tx(at.tenant_id) as conn:
        bookings.not_known(conn, at.tenant_id, each, why=why, now=at.rig.now())
    desk.answered(at)


def is_of_before(at: Desk, each: Booking) -> bool:
    """Say whether its number is of a login that was there before: one of another account does not know it."""
    return each.made_under is not None or (each.booked_at is not None and each.booked_at < at.contract.changed_at)


def cancel(at: Desk, going: Sequence[Booking]) -> None:
    """Have a parcel taken back; where the carrier cannot, or has it, a person sees that it does not leave."""
    [each] = going
    if binds_nobody(at.carrier.able, each):
        cancelled(at, each, [Cancelled.LOCAL])
        return
    most = at.carrier.able.cancel_batch
    if not most:
        not_taken_back(at, each, "the carrier takes no parcel back by itself")
        return
    with at.rig.db.tx(at.tenant_id) as conn:
        parcels = carriage.parcels_of(bookings.boxes(conn, at.tenant_id, [each.booking_id])[each.booking_id])
    said: list[Cancelled | CarrierError] = []
    try:
        for first in range(0, len(parcels), most):
            said += at.carrier.cancel(parcels[first : first + most])
    except CarrierError as error:
        said.append(error)
    cancelled(at, each, said)


def binds_nobody(able: Able, each: Booking) -> bool:
    """Say whether a parcel is none as long as its label is not printed, and nobody ever asked for that."""
    return able.repeat_is_free and not able.label_with_booking and not (each.label_at or each.label_asked_at)


def cancelled(at: Desk, each: Booking, said: Sequence[Cancelled | CarrierError]) -> None:
    """Write down what a carrier said of taking the boxes of one booking back."""
    lost = [error for error in said if isinstance(error, CarrierBusy | CarrierUnreachable)]
    refused = [str(error) for error in said if isinstance(error, CarrierRefused) and error.kind is not Kind.UNKNOWN]
    if lost:
        later.put_off(at, [each], lost[0])
        return
    if refused or Cancelled.TOO_LATE in said:
        not_taken_back(at, each, "; ".join(refused) or "the carrier has the parcel already")
        return
    is_unknown = any(one is Cancelled.UNKNOWN or isinstance(one, CarrierRefused) for one in said)
    if is_unknown and is_of_before(at, each):
        not_taken_back(at, each, "it is not known under this login, which was entered after it was made")
        return
    if is_unknown and not each.looks:
        not_known(at, each, UNKNOWN)
        return
    if is_unknown and each.rebook and not is_gone(at, each):
        return
    words = sorted({one.value for one in said if isinstance(one, Cancelled)}) or [Cancelled.UNKNOWN.value]
    with at.rig.db.tx(at.tenant_id) as conn:
        labelling.cancelled(conn, at.tenant_id, each, why=", ".join(words), now=at.rig.now())
    desk.answered(at)


def is_gone(at: Desk, each: Booking) -> bool:
    """Say whether the carrier, asked by our reference, has nothing: else another label may be a second one.

    What it has, or cannot find so, is left to a person.
    """
    if at.carrier.able.finds:
        try:
            found = at.carrier.find(carriage.shipment_of(each.content or {}), since=later.looked_from(each))
        except CarrierError as error:
            later.put_off(at, [each], error)
            return False
        if not found:
            return True
    with at.rig.db.tx(at.tenant_id) as conn:
        labelling.park(conn, at.tenant_id, each, Parked.FAILING, why=f"{UNKNOWN}; {LOOK}", now=at.rig.now())
    desk.answered(at)
    return False


def not_taken_back(at: Desk, each: Booking, why: str) -> None:
    """Let a person see to it that the parcel does not leave."""
    with at.rig.db.tx(at.tenant_id) as conn:
        labelling.park(conn, at.tenant_id, each, Parked.NOT_TAKEN_BACK, why=why, now=at.rig.now())
    desk.answered(at)
