"""Have carriers make labels: what is due, under each login two calls at a time, and never twice.

A create is written down before it leaves. What ends without an answer rests, is looked for and only then asked for
again; the decision is service/bookings/decide.py.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from carriers.base import Able, Booked, Cancelled, Format, Pending, Taken
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.labels import Unprintable
from service import bookings, db, offers, orders, tenants
from service.bookings import Booking, Claimed, Parked, Step, Ways
from service.kit import backoff
from service.kit.mirroring import State
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import bringing, carriage, desk, handing, labelling, statuses, turn
from service.steps.desk import Desk

LANE = Lane.BOOK
AT_ONCE = 2  # calls under one login of one shop
LOGINS_AT_ONCE = 4
PRINTED_AT_ONCE = 10  # labels of one call: pages that cannot be told apart spoil no more
POLLED_AT_ONCE = 100
SINCE = timedelta(minutes=5)  # before it was asked for, as carriers' clocks differ
TRIES = 5  # of one booking, at its own fault
NO_WAYS = Ways(finds=False, repeats=False)


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Ask carriers about what is due; return how many calls were made, hand-overs among them."""
    with turn.only_one(rig, tenant_id, LANE) as still_mine:
        began = rig.now()
        going_on = partial(_goes_on, rig, began, still_mine)
        calls = handing.work_off(rig, tenant_id, going_on=going_on)  # first: a car waits for no label
        calls += bringing.work_off(rig, tenant_id, going_on=going_on)
        with rig.db.tx(tenant_id) as conn:
            due = {} if tenants.has_left(conn, tenant_id) else bookings.due_contracts(conn, tenant_id, now=began)
        clerk = partial(work_off, rig, tenant_id, going_on=going_on)
        desks = [contract_id for contract_id, count in due.items() for _ in range(min(AT_ONCE, count))]
        with ThreadPoolExecutor(AT_ONCE * LOGINS_AT_ONCE, thread_name_prefix=LANE) as pool:
            calls += sum(pool.map(clerk, desks))
    if calls:
        with rig.db.tx(tenant_id) as conn:
            desk.settle(conn, rig, tenant_id)
        rig.wake(LANE, tenant_id)
        rig.wake(Lane.WRITEBACK, tenant_id)
    return calls


def _goes_on(rig: Rig, began: datetime, still_mine: Callable[[], bool]) -> bool:
    return rig.now() - began < turn.TURN and still_mine()


def work_off(rig: Rig, tenant_id: TenantId, contract_id: str, *, going_on: Callable[[], bool]) -> int:
    """Make call after call under one login while something is due and its carrier does its part; return how many."""
    calls = 0
    while going_on():
        try:
            at = desk.opened(rig, tenant_id, LANE, contract_id)
        except desk.NoContract:
            without_contract(rig, tenant_id, contract_id)
            break
        if at is None or not one_call(at):
            break
        calls += 1
    return calls


def without_contract(rig: Rig, tenant_id: TenantId, contract_id: str) -> None:
    """Leave what was to be booked under a login that is gone to a person."""
    now = rig.now()
    why = "the login with the carrier was removed; enter it again, or book with another carrier"
    with rig.db.tx(tenant_id) as conn:
        claimed = _claim(conn, rig, tenant_id, contract_id, ways=NO_WAYS, most=lambda _: POLLED_AT_ONCE)
        never_asked = claimed.step is Step.BOOK
        for each in claimed.bookings:
            labelling.park(
                conn, tenant_id, each, Parked.NO_CONTRACT, why=why, never_asked=never_asked, now=now
            )  # fmt: skip


def _claim(  # whose, under which login, and how much
    conn: db.Conn, rig: Rig, tenant_id: TenantId, contract_id: str, *, ways: Ways, most: Callable[[Step], int]
) -> Claimed:
    lease_s = rig.settings.lease_s
    return bookings.claim(conn, tenant_id, contract_id, ways=ways, most=most, now=rig.now(), lease_s=lease_s)


def one_call(at: Desk) -> bool:
    """Claim what the next call is about and make it; False when there is nothing to ask."""
    able = at.carrier.able
    with at.rig.db.tx(at.tenant_id) as conn:
        most = partial(size, able, wary=at.wary)
        claimed = _claim(conn, at.rig, at.tenant_id, at.contract.contract_id, ways=ways_of(able), most=most)
        going = without_a_call(conn, at, claimed)
    if going:
        DEEDS[claimed.step or Step.BOOK](at, going)
    else:
        desk.well(at)
    return bool(claimed.bookings)


def size(able: Able, step: Step, *, wary: bool) -> int:
    """Return how many bookings one call is about."""
    if wary or step in (Step.LOOK, Step.CANCEL):
        return 1
    if step is Step.POLL:
        return POLLED_AT_ONCE
    return min(able.label_batch, PRINTED_AT_ONCE) if step is Step.PRINT else able.batch


def ways_of(able: Able) -> Ways:
    """Return what a carrier offers where an answer got lost."""
    return Ways(finds=able.finds, repeats=able.is_idempotent or able.repeat_is_free)


def without_a_call(conn: db.Conn, at: Desk, claimed: Claimed) -> Sequence[Booking]:
    """Park what nothing can clear and what must not leave any more; return what the carrier is to be asked about."""
    now = at.rig.now()
    park = partial(labelling.park, conn, at.tenant_id, now=now)
    if claimed.step is None:
        for each in claimed.bookings:
            why = f"look for {each.reference} at the carrier before it goes again: {each.why or 'the answer got lost'}"
            park(each, Parked.UNCLEAR, why=why)
        return ()
    if claimed.step is not Step.BOOK:
        return claimed.bookings
    stopped = not_to_leave(conn, at.tenant_id, [each.order_number for each in claimed.bookings])
    for each in claimed.bookings:
        if why := stopped.get(each.order_number):
            park(each, Parked.STOPPED, why=why, never_asked=True)
    return [each for each in claimed.bookings if each.order_number not in stopped]


def not_to_leave(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, str]:
    """Return which of these orders must not leave any more, each with why."""
    types = statuses.types(conn, tenant_id)
    known = orders.standing(conn, tenant_id, numbers)
    said: dict[str, str] = {}
    for number in numbers:
        order = known.get(number)
        if order is None or order.state is not State.LIVE or order.delete_told:
            said[number] = "the shop does not show the order any more"
        elif order.status_id is not None and types.get(order.status_id) == statuses.RETURNS_STOCK:
            said[number] = "the shop has cancelled the order"
    return said


def book(at: Desk, going: Sequence[Booking]) -> None:
    """Have labels made, once."""
    try:
        taken = at.carrier.book([carriage.shipment_of(each.content or {}) for each in going])
    except CarrierError as error:
        taken = [error] * len(going)
    record(at, going, taken)


def poll(at: Desk, going: Sequence[Booking]) -> None:
    """Ask what became of what the carrier is at."""
    try:
        taken = at.carrier.poll(carriage.handle_of(going[0].job or {}), [each.reference for each in going])
    except CarrierError as error:
        put_off(at, going, error)
        return
    record(at, going, taken)


def record(at: Desk, going: Sequence[Booking], taken: Sequence[Taken]) -> None:
    """Write down what came of each in one transaction; what failed altogether says something about the carrier."""
    tenant_id, now = at.tenant_id, at.rig.now()
    with at.rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)  # before the first place in the feed, as whoever voids a shipment does
        for each, outcome in zip(going, taken, strict=True):
            match outcome:
                case Booked():
                    labelling.booked(conn, tenant_id, each, outcome, now=now)
                case Pending():
                    until = now + timedelta(seconds=outcome.wait_s)
                    bookings.pending(conn, tenant_id, each, carriage.job_of(outcome.job), until=until, now=now)
                case CarrierError():
                    failed(conn, at, each, outcome)
    errors = [outcome for outcome in taken if isinstance(outcome, CarrierError) and desk.concerns_all(outcome)]
    if len(errors) == len(taken):
        desk.failed(at, errors[0])
    else:
        desk.well(at)


def failed(conn: db.Conn, at: Desk, each: Booking, error: CarrierError) -> None:
    """Say what a create that brought no number means for one booking."""
    tenant_id, now, why = at.tenant_id, at.rig.now(), str(error)
    # A repetition that surely did nothing leaves the first one as unclear as it was.
    in_doubt = each.creates > 1 and ways_of(at.carrier.able).repeats
    is_unclear = isinstance(error, CarrierUnreachable) and error.unclear
    if is_unclear or (isinstance(error, CarrierRefused) and error.kind is Kind.DUPLICATE):
        labelling.doubted(conn, tenant_id, each, why=why, now=now)
    elif isinstance(error, CarrierRefused) and not desk.concerns_all(error):
        faults = carriage.faults_of(error)
        reason = Parked.UNCLEAR if in_doubt else Parked.REFUSED
        labelling.park(conn, tenant_id, each, reason, why=why, faults=faults, never_asked=not in_doubt, now=now)
    elif each.job:  # it was taken, and what becomes of it is still to be told
        bookings.put_off(conn, tenant_id, each, until=now, counts=False, why=why)
    else:
        bookings.not_done(conn, tenant_id, each, keeps_doubt=in_doubt, until=now, why=why)


def look(at: Desk, going: Sequence[Booking]) -> None:
    """Look for what nobody heard the answer of; what is not found twice was never made."""
    [each] = going
    since = (each.asked_at or each.created_at) - SINCE
    try:
        found = at.carrier.find(carriage.shipment_of(each.content or {}), since=since)
    except CarrierError as error:
        put_off(at, going, error)
        return
    with at.rig.db.tx(at.tenant_id) as conn:
        if found:
            labelling.booked(conn, at.tenant_id, each, found, now=at.rig.now())
        else:
            not_found(conn, at, each)
    desk.well(at)


def not_found(conn: db.Conn, at: Desk, each: Booking) -> None:
    """Look once more, or let it be asked for again, which happens so often and no more."""
    now = at.rig.now()
    if not bookings.may_create_again(each, now):
        bookings.not_found(conn, at.tenant_id, each, now=now)
    elif bookings.worn_out(each) and not each.cancel_asked_at:
        why = f"it was asked for {each.creates} times, and the carrier has never shown it"
        labelling.park(conn, at.tenant_id, each, Parked.UNCLEAR, why=why, now=now)
    else:
        bookings.never_made(conn, at.tenant_id, each, now=now)


def print_labels(at: Desk, going: Sequence[Booking]) -> None:
    """Fetch the labels of what is booked; where the pages of several cannot be told apart, each alone."""
    with at.rig.db.tx(at.tenant_id) as conn:
        boxes = bookings.boxes(conn, at.tenant_id, [each.booking_id for each in going])
    parcels = [carriage.parcels_of(boxes[each.booking_id]) for each in going]
    try:
        label = at.carrier.labels([one for some in parcels for one in some], Format.PDF)
        parts = carriage.parted(label, [len(some) for some in parcels])
    except CarrierRefused as refusal:
        without_label(at, going, refusal)
        return
    except CarrierError as error:
        put_off(at, going, error)
        return
    except Unprintable as broken:
        put_off(at, going, CarrierUnreachable(at.carrier.code, "labels", str(broken), unclear=False))
        return
    if parts is None:
        for each in going:
            print_labels(at, [each])
        return
    with at.rig.db.tx(at.tenant_id) as conn:
        for each, part in zip(going, parts, strict=True):
            sheet = carriage.sheet_of(part)
            labelling.ready(conn, at.tenant_id, each, boxes[each.booking_id], sheet, now=at.rig.now())
    desk.well(at)


def without_label(at: Desk, going: Sequence[Booking], refusal: CarrierRefused) -> None:
    """Have a parcel made anew whose label the carrier hands out no more: one that was found again at PPL, say."""
    if refusal.kind not in (Kind.UNKNOWN, Kind.UNSUPPORTED):
        put_off(at, going, refusal)
    elif len(going) > 1:
        for each in going:
            print_labels(at, [each])
    else:
        with at.rig.db.tx(at.tenant_id) as conn:
            is_going = bookings.replace(conn, at.tenant_id, going[0], why=str(refusal), now=at.rig.now())
        if not is_going:
            put_off(at, going, refusal)


def cancel(at: Desk, going: Sequence[Booking]) -> None:
    """Have a parcel taken back; where the carrier cannot, or has it, a person sees that it does not leave."""
    [each] = going
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


def cancelled(at: Desk, each: Booking, said: Sequence[Cancelled | CarrierError]) -> None:
    """Write down what a carrier said of taking the boxes of one booking back."""
    lost = [error for error in said if isinstance(error, CarrierBusy | CarrierUnreachable)]
    refused = [str(error) for error in said if isinstance(error, CarrierRefused) and error.kind is not Kind.UNKNOWN]
    if lost:
        put_off(at, [each], lost[0])
        return
    if refused or Cancelled.TOO_LATE in said:
        not_taken_back(at, each, "; ".join(refused) or "the carrier has the parcel already")
    else:
        words = sorted({one.value for one in said if isinstance(one, Cancelled)}) or [Cancelled.UNKNOWN.value]
        with at.rig.db.tx(at.tenant_id) as conn:
            labelling.cancelled(conn, at.tenant_id, each, why=", ".join(words), now=at.rig.now())
    desk.well(at)


def not_taken_back(at: Desk, each: Booking, why: str) -> None:
    """Let a person see to it that the parcel does not leave."""
    with at.rig.db.tx(at.tenant_id) as conn:
        labelling.park(conn, at.tenant_id, each, Parked.NOT_TAKEN_BACK, why=why, now=at.rig.now())


DEEDS: dict[Step, Callable[[Desk, Sequence[Booking]], None]] = {
    Step.BOOK: book,
    Step.REPEAT: book,
    Step.POLL: poll,
    Step.LOOK: look,
    Step.PRINT: print_labels,
    Step.CANCEL: cancel,
}


def put_off(at: Desk, going: Sequence[Booking], error: CarrierError) -> None:
    """Ask again later; what the carrier refuses again and again is for a person."""
    now, is_own, why = at.rig.now(), not desk.concerns_all(error), str(error)
    with at.rig.db.tx(at.tenant_id) as conn:
        for each in going:
            if is_own and each.tries + 1 >= TRIES:
                labelling.park(conn, at.tenant_id, each, Parked.FAILING, why=why, now=now)
            else:
                until = backoff.after(now, each.tries) if is_own else now
                bookings.put_off(conn, at.tenant_id, each, until=until, counts=is_own, why=why)
    if is_own:
        desk.well(at)
    else:
        desk.failed(at, error)
