"""Have carriers make labels: what is due, under each login two calls at a time, and never twice.

A create is written down before it leaves. What ends without an answer rests, is looked for and only then asked for
again; the decision is service/bookings/decide.py.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from carriers.base import Able
from service import bookings, contracts, db, tenants
from service.bookings import Booking, Claimed, Parked, Step, Ways
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import bringing, cars, creating, desk, handing, instead, labelling, papers, stopping, turn
from service.steps.desk import Desk

LANE = Lane.BOOK
AT_ONCE = 2  # calls under one login of one shop
LOGINS_AT_ONCE = 4
BOOKED_AT_ONCE = 20  # what a lost answer leaves in doubt; asked one by one it is over before it is asked for anew
PRINTED_AT_ONCE = 13  # labels of one claim: fifty are two rounds of two, and a slow courier's end in their lease
POLLED_AT_ONCE = 100
LINGER = timedelta(seconds=3)  # a clerk stays for what is due then, instead of waiting for beat and the others' end
NO_WAYS = Ways(finds=False, repeats=False)

GONE = "the login with the carrier was removed"
IN_DOUBT = Parked.UNCLEAR, GONE + " or replaced by another account's; look for {reference} there before it goes again"
LEFT: Mapping[Step | None, tuple[Parked, str]] = {
    Step.BOOK: (Parked.NO_CONTRACT, f"{GONE}; enter it again, or book with another carrier"),
    Step.PRINT: (Parked.NO_CONTRACT, f"{GONE}, and the label is still to be fetched; enter it again"),
    Step.CANCEL: (Parked.NOT_TAKEN_BACK, f"{GONE}; take the parcel back at the carrier"),
    Step.POLL: IN_DOUBT,
    None: IN_DOUBT,
}  # what becomes of what has no login any more


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Ask carriers about what is due; return how many calls were made, hand-overs among them."""
    with turn.only_one(rig, tenant_id, LANE) as still_mine:
        began = rig.now()
        going_on = partial(turn.goes_on, rig, began, still_mine)
        calls = handing.work_off(rig, tenant_id, going_on=going_on)  # first: a car waits for no label
        calls += cars.ask_about(rig, tenant_id, going_on=going_on)
        calls += bringing.work_off(rig, tenant_id, going_on=going_on)
        with rig.db.tx(tenant_id) as conn:
            due = {} if tenants.has_left(conn, tenant_id) else bookings.due_contracts(conn, tenant_id, now=began)
        clerk = partial(work_off, rig, tenant_id, going_on=going_on)
        desks = [contract_id for contract_id, count in due.items() for _ in range(min(AT_ONCE, count))]
        with ThreadPoolExecutor(AT_ONCE * LOGINS_AT_ONCE, thread_name_prefix=LANE) as pool:
            calls += sum(pool.map(clerk, desks))
        # Not sooner: while one of them finds out whether a carrier is back, the others see it rest.
        calls += sum(diverted(rig, tenant_id, contract_id, going_on=going_on) for contract_id in due)
    if calls:
        with rig.db.tx(tenant_id) as conn:
            desk.settle(conn, rig, tenant_id)
        rig.wake(LANE, tenant_id)
        rig.wake(Lane.WRITEBACK, tenant_id)
    return calls


def work_off(rig: Rig, tenant_id: TenantId, contract_id: str, *, going_on: Callable[[], bool]) -> int:
    """Make call after call under one login while something is due and its carrier does its part; return how many."""
    calls = 0
    while going_on():
        try:
            at = desk.opened(rig, tenant_id, LANE, contract_id, tested=calls > 0)
        except desk.NoContract:
            moved = without_contract(rig, tenant_id, contract_id)
            calls += moved
            if moved:
                continue
            break
        if at is None:
            break
        if one_call(at):
            calls += 1
        elif not lingered(rig, tenant_id, contract_id):
            break
    return calls


def lingered(rig: Rig, tenant_id: TenantId, contract_id: str) -> bool:
    """Wait for what is due in a moment, such as a batch that is being made; False when nothing is."""
    with rig.db.tx(tenant_id) as conn:
        now = rig.now()
        soonest = bookings.soonest(conn, tenant_id, contract_id, now=now)
    if soonest is None or soonest - now > LINGER:
        return False
    rig.nap(max(soonest - now, timedelta(0)).total_seconds())
    return rig.now() >= soonest


def diverted(rig: Rig, tenant_id: TenantId, contract_id: str, *, going_on: Callable[[], bool]) -> int:
    """Give what nobody was asked for to the second carrier of its pairing, where the first has failed for too long."""
    with rig.db.tx(tenant_id) as conn:
        page = instead.divert(rig, conn, tenant_id, contract_id, lane=LANE)
    diverted = page.diverted
    while page.last and going_on():
        with rig.db.tx(tenant_id) as conn:
            page = instead.divert(rig, conn, tenant_id, contract_id, lane=LANE, after=page.last)
        diverted += page.diverted
    return diverted


def without_contract(rig: Rig, tenant_id: TenantId, contract_id: str) -> int:
    """Go on under the login that stands in for one that is gone, or leave it to a person; return how many went on.

    That login may be another account's: what is in doubt would not be found, and be made a second time.
    """
    with rig.db.tx(tenant_id) as conn:
        to = {carrier: each.contract_id for carrier, each in contracts.usable(conn, tenant_id).items()}
        hung = bookings.rehang(conn, tenant_id, contract_id, to=to, now=rig.now())
    with rig.db.tx(tenant_id) as conn:
        claimed = _claim(conn, rig, tenant_id, contract_id, ways=NO_WAYS, most=lambda _: POLLED_AT_ONCE)
    with rig.db.tx(tenant_id) as conn:
        for each in claimed.bookings:
            reason, why = LEFT[claimed.step]
            why = why.format(reference=each.reference)
            never_asked = claimed.step is Step.BOOK
            labelling.park(conn, tenant_id, each, reason, why=why, never_asked=never_asked, now=rig.now())
    return hung + len(claimed.bookings)


def _claim(  # whose, under which login, and how much
    conn: db.Conn, rig: Rig, tenant_id: TenantId, contract_id: str, *, ways: Ways, most: Callable[[Step], int]
) -> Claimed:
    lease_s = rig.settings.lease_s
    return bookings.claim(conn, tenant_id, contract_id, ways=ways, most=most, now=rig.now(), lease_s=lease_s)


def one_call(at: Desk) -> bool:
    """Claim what the next call is about and make it; False when there is nothing to ask."""
    claimed, going = claim_next(at)
    while claimed.bookings and not going:
        claimed, going = claim_next(at)
    if not going or claimed.step is None or claimed.until is None:
        desk.left(at)
        return False
    if at.rig.now() < claimed.until:
        ask(at, claimed.step, going)
    else:
        never_left(at, claimed.step, going)
        desk.answered(at)
    return True


def claim_next(at: Desk) -> tuple[Claimed, Sequence[Booking]]:
    """Claim what the next call is about; return it, and what of it the carrier is to be asked about."""
    able = at.carrier.able
    with at.rig.db.tx(at.tenant_id) as conn:
        most = partial(size, able, wary=at.wary)
        ways = creating.ways_of(able)
        claimed = _claim(conn, at.rig, at.tenant_id, at.contract.contract_id, ways=ways, most=most)
    binds_now = claimed.step is Step.REPEAT or (claimed.step is Step.PRINT and papers.binds_with_label(able))
    if not (claimed.bookings and (binds_now or claimed.step in (Step.BOOK, None))):
        return claimed, claimed.bookings
    # In another transaction: whoever parks holds the feed's last place before a row, as whoever cancels does.
    with at.rig.db.tx(at.tenant_id) as conn:
        return claimed, without_a_call(conn, at, claimed)


def never_left(at: Desk, step: Step, going: Sequence[Booking]) -> None:
    """Take back the mark of what we came to too late: somebody else may be at it by now."""
    now = at.rig.now()
    with at.rig.db.tx(at.tenant_id) as conn:
        for each in going if step in (Step.BOOK, Step.REPEAT) else ():
            why, in_doubt = "it was not asked for in time", creating.is_in_doubt(at, each)
            labelling.not_done(
                conn, at.tenant_id, each, keeps_doubt=in_doubt, until=now, counts=False, why=why, now=now
            )


def ask(at: Desk, step: Step, going: Sequence[Booking]) -> None:
    """Make a call; what we fail at ourselves is in doubt, or put off, and stops nothing else."""
    at = replace(at, doing=Step.BOOK if step is Step.REPEAT else step)  # a carrier is busy at creates of both kinds
    try:
        DEEDS[step](at, going)
    except Exception as fault:
        if not db.blames_rows(fault):
            raise
        creating.stumbled(at, going, db.named(fault), created=step in (Step.BOOK, Step.REPEAT))


def size(able: Able, step: Step, *, wary: bool) -> int:
    """Return how many bookings one call is about."""
    if wary or step in (Step.LOOK, Step.CANCEL):
        return 1
    if step is Step.POLL:
        return POLLED_AT_ONCE
    return min(able.label_batch, PRINTED_AT_ONCE) if step is Step.PRINT else min(able.batch, BOOKED_AT_ONCE)


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
        return since_it_is_back(conn, at, claimed)
    going = [each for each in claimed.bookings if not each.is_unwanted]
    for each in claimed.bookings:
        if each.is_unwanted:
            why = "it was to be taken back"
            labelling.not_done(
                conn, at.tenant_id, each, keeps_doubt=False, until=now, counts=False, why=why, now=now
            )  # fmt: skip
    stopped = stopping.held_back(conn, at.tenant_id, going)
    for each in going:
        if why := stopped.get(each.booking_id):
            park(each, Parked.STOPPED, why=why, never_asked=True)
    return [each for each in going if each.booking_id not in stopped]


def since_it_is_back(conn: db.Conn, at: Desk, claimed: Claimed) -> Sequence[Booking]:
    """Park what would cost something only now, and waited when its shop left; return the others."""
    came_at, able, now = stopping.came_back_at(conn, at.tenant_id), at.carrier.able, at.rig.now()
    going: list[Booking] = []
    for each in claimed.bookings:
        in_doubt = claimed.step is Step.REPEAT
        is_old = stopping.is_from_before(each.since, came_at)
        if is_old and (in_doubt or binds_only_now(able, each, came_at)):
            reason = Parked.UNCLEAR if in_doubt else Parked.FAILING
            labelling.park(conn, at.tenant_id, each, reason, why=stopping.CAME_BACK, now=now)
        else:
            going.append(each)
    return going


def binds_only_now(able: Able, each: Booking, came_at: datetime | None) -> bool:
    """Say whether its label was not asked for before the shop was back; this claim has marked it already."""
    was_asked = stopping.is_from_before(each.label_asked_at, came_at)
    return papers.binds_nobody(able, each if was_asked else replace(each, label_asked_at=None))


DEEDS: dict[Step, Callable[[Desk, Sequence[Booking]], None]] = {
    Step.BOOK: creating.book,
    Step.REPEAT: creating.book,
    Step.POLL: creating.poll,
    Step.LOOK: creating.look,
    Step.PRINT: papers.print_labels,
    Step.CANCEL: papers.cancel,
}
