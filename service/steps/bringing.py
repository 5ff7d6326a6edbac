"""Have return labels made: each is asked for once, for no carrier finds one whose answer got lost.

What a carrier is still at is asked about until that is over. What ends unclear waits for a person. A password that
stands in place of a label is sealed at once and is in no journal.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from carriers.base import Booked, Format, Hidden, Parcel, Pending, Taken
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Kind
from service import bookings, db, journal, problems, returns, tenants, tracking
from service.journal import Entry
from service.kit import backoff
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.returns import Parked, Return, Step
from service.rig import Rig
from service.steps import carriage, desk, labelling, stopping
from service.steps.desk import Desk

LANE = Lane.BOOK
MOST = 20  # of one turn: what is to leave today waits for no return
REST = timedelta(seconds=30)
TRIES = 5  # for a label, at its own fault

PARCELS = TypeAdapter(tuple[Parcel, ...])
CAUSES: Mapping[Parked, Cause] = {
    Parked.REFUSED: Cause.LABEL_REFUSED,
    Parked.UNCLEAR: Cause.LABEL_UNCLEAR,
    Parked.NO_CONTRACT: Cause.LABEL_REFUSED,
    Parked.FAILING: Cause.LABEL_REFUSED,
}
LOOK = "no carrier finds a return by its reference; look for it in the carrier's own list, then ask again or let it be"
DIED = f"it was asked for, and nobody wrote the answer down: {LOOK}"
TOO_LONG = f"the carrier has been at it for too long, and may have made it: {LOOK}"
GONE_AT_IT = f"the login with the carrier was removed, or replaced, while that was at it: {LOOK}"
GONE = "the login with the carrier was removed; enter it again, and ask again"


def work_off(rig: Rig, tenant_id: TenantId, *, going_on: Callable[[], bool]) -> int:
    """Take returns on while one is due, so many of one turn; return how many."""
    taken = 0
    while taken < MOST and going_on():
        with rig.db.tx(tenant_id) as conn:
            left = tenants.has_left(conn, tenant_id)
            each = None if left else returns.claim(conn, tenant_id, now=rig.now(), lease_s=rig.settings.lease_s)
        if each is None:
            break
        take_on(rig, tenant_id, each)
        taken += 1
    return taken


def take_on(rig: Rig, tenant_id: TenantId, each: Return) -> None:
    """Do what is next for one."""
    if each.step is Step.LOST:
        park(rig, tenant_id, each, Parked.UNCLEAR, DIED)
        return
    with rig.db.tx(tenant_id) as conn:
        came_at = stopping.came_back_at(conn, tenant_id)
    if each.step is Step.ASK and stopping.is_from_before(each.since, came_at):
        park(rig, tenant_id, each, Parked.REFUSED, stopping.CAME_BACK)
        return
    try:
        at = desk.opened(rig, tenant_id, LANE, each.contract_id)
    except desk.NoContract:
        is_at_it = each.step is Step.POLL
        park(rig, tenant_id, each, *((Parked.UNCLEAR, GONE_AT_IT) if is_at_it else (Parked.NO_CONTRACT, GONE)))
        return
    if at is None:
        put_off(rig, tenant_id, each, "its carrier does not answer at the moment")
        return
    DEEDS[each.step](replace(at, doing=f"return {each.step}"), each)


def ask(at: Desk, each: Return) -> None:
    """Have the return made, marked before."""
    with at.rig.db.tx(at.tenant_id) as conn:
        is_ours = returns.asked(conn, at.tenant_id, each, at=at.rig.now())
    if not is_ours:
        desk.answered(at)
        return
    try:
        taken = at.carrier.return_label(carriage.shipment_of(each.content or {}))
    except CarrierError as error:
        taken = error
    if came(at, each, taken):
        desk.well(at)


def poll(at: Desk, each: Return) -> None:
    """Ask what became of what the carrier is at; an answer nobody can read is as if it were still at it."""
    job, reference = carriage.handle_of(each.job or {}), returns.reference(each.return_id)
    try:
        [taken] = at.carrier.poll(job, [reference])
    except CarrierError as error:
        taken = error
    if isinstance(taken, CarrierUnreachable) and not taken.unclear and at.is_let_in and desk.is_own(at, taken):
        taken = Pending(reference, job, REST.total_seconds())
    if came(at, each, taken):
        desk.answered(at)


def came(at: Desk, each: Return, taken: Taken) -> bool:
    """Write down what came of a question; False: an error, which says itself what it means for the carrier."""
    if isinstance(taken, CarrierError):
        failed(at, each, taken)
        return False
    with at.rig.db.tx(at.tenant_id) as conn:
        if isinstance(taken, Booked):
            record(conn, at, each, taken, now=at.rig.now())
        else:
            wait(conn, at, each, taken, now=at.rig.now())
    return True


def failed(at: Desk, each: Return, error: CarrierError) -> None:
    """Say what a question that brought no number means: again, or a person.

    What a carrier has said it is at may be made, as long as it refuses nothing: it stays asked for.

    An account that lacks a right may lack it to returns alone: what is to leave goes on.
    """
    is_unclear = isinstance(error, CarrierUnreachable) and error.unclear
    is_late = isinstance(error, CarrierBusy) and not at.wary and desk.outlasts(at, error, each.since)
    is_own = is_late or desk.is_of_parcels(error)
    is_in_doubt = is_unclear or (is_late and each.job is not None)
    if is_in_doubt or (isinstance(error, CarrierRefused) and error.kind is Kind.DUPLICATE):
        park(at.rig, at.tenant_id, each, Parked.UNCLEAR, f"{error}: {LOOK}")
    elif isinstance(error, CarrierRefused) and is_own:
        park(at.rig, at.tenant_id, each, Parked.REFUSED, str(error), faults=carriage.faults_of(error))
    elif is_late:
        park(at.rig, at.tenant_id, each, Parked.REFUSED, str(error))
    else:
        until = _until(at, each, error)
        put_off(at.rig, at.tenant_id, each, str(error), did_nothing=not each.job, until=until)
    if is_own and not isinstance(error, CarrierBusy):
        desk.answered(at)
    else:
        desk.failed(at, error)


def record(conn: db.Conn, at: Desk, each: Return, made: Booked, *, now: datetime) -> None:
    """Note what the carrier made; an answer that cannot be is left to a person."""
    tenant_id, numbers = at.tenant_id, [parcel.number for parcel in made.parcels]
    held = [*bookings.holders(conn, tenant_id, each.carrier, numbers).values()]
    held += returns.holders(conn, tenant_id, each.carrier, numbers)
    if len(numbers) != each.boxes or held:
        what = ", ".join(sorted(held)) or f"{len(numbers)} numbers for {each.boxes} boxes"
        left_to_a_person(conn, tenant_id, each, Parked.UNCLEAR, f"the carrier's answer cannot be: {what}", now=now)
        return
    sheet = labelling.sheet_of(made.label) if made.label and made.label.format is Format.PDF else None
    hidden = [str(note) for note in made.notes if isinstance(note, Hidden)]
    known = returns.made(
        conn,
        tenant_id,
        each.return_id,
        PARCELS.dump_python(made.parcels, mode="json"),
        notes=[note for note in made.notes if not isinstance(note, Hidden)],
        told=at.rig.settings.seal.close(json.dumps(hidden)) if hidden else None,
        label=sheet.content if sheet else None,
        now=now,
    )
    _note(conn, tenant_id, each, numbers, is_ours=known is not None, now=now)
    if known:
        tracking.enter_back(
            conn, tenant_id, each.return_id, numbers, contract_id=each.contract_id, carrier=each.carrier,
            order_number=each.order_number, shipment_id=each.shipment_id, now=now,
        )  # fmt: skip
        settle(conn, tenant_id, each, now=now)


def wait(conn: db.Conn, at: Desk, each: Return, taken: Pending, *, now: datetime) -> None:
    """Ask what becomes of it later, but not for ever; an answer that came late is taken from whoever was called."""
    tenant_id = at.tenant_id
    until = bookings.ask_at(each.asked_at, wait=timedelta(seconds=taken.wait_s), now=now)
    if until is None:
        left_to_a_person(conn, tenant_id, each, Parked.UNCLEAR, TOO_LONG, now=now)
        return
    is_ours = returns.pending(conn, tenant_id, each, carriage.job_of(taken.job), until=until, now=now)
    if is_ours and not each.job:
        settle(conn, tenant_id, each, now=now)
    elif not each.job:
        _note(conn, tenant_id, each, [], is_ours=False, now=now)


def _note(  # of which, by which numbers
    conn: db.Conn, tenant_id: TenantId, each: Return, numbers: Sequence[str], *, is_ours: bool, now: datetime
) -> None:
    # Somebody let it be meanwhile, or had it asked for once more: this one is one too many, and whoever looks finds it.
    kind = journal.Kind.RETURN_LABEL if is_ours else journal.Kind.LABEL_UNCLEAR
    told = {"service": each.service, "numbers": list(numbers), "account": each.account_id}
    journal.write(conn, tenant_id, [Entry(now, kind, each.order_number, {**named(each), **told})])


def print_label(at: Desk, each: Return) -> None:
    """Fetch the label of one that is made."""
    try:
        label = at.carrier.labels(PARCELS.validate_python(each.parcels), Format.PDF)
        sheet = labelling.sheet_of(label)
        if sheet is None:
            raise CarrierUnreachable(at.carrier.code, "labels", "what came is no label", unclear=False, answered=True)
    except CarrierError as error:
        not_printed(at, each, error)
        return
    with at.rig.db.tx(at.tenant_id) as conn:
        returns.printed(conn, at.tenant_id, each, sheet.content, now=at.rig.now())
        settle(conn, at.tenant_id, each, now=at.rig.now())
    desk.answered(at)


def not_printed(at: Desk, each: Return, error: CarrierError) -> None:
    """Ask for a label later; what the carrier refuses again and again is for a person."""
    is_busy = isinstance(error, CarrierBusy)
    is_own = desk.outlasts(at, error, each.made_at) if is_busy else desk.is_own(at, error)
    if not is_own:
        put_off(at.rig, at.tenant_id, each, str(error), until=_until(at, each, error))
        desk.failed(at, error)
        return
    if each.tries + 1 >= TRIES:
        park(at.rig, at.tenant_id, each, Parked.FAILING, str(error))
    else:
        until = backoff.after(at.rig.now(), each.tries)
        put_off(at.rig, at.tenant_id, each, str(error), until=until, counts=True)
    if is_busy or (isinstance(error, CarrierUnreachable) and not at.is_let_in):  # its notice may be for everybody
        desk.failed(at, error)
    else:
        desk.answered(at)


def _until(at: Desk, each: Return, error: CarrierError) -> datetime:
    if isinstance(error, CarrierBusy):
        return desk.behind(at, error, each.since)
    return at.rig.now() + REST


def put_off(  # whose, why, until when, and what that says of it
    rig: Rig,
    tenant_id: TenantId,
    each: Return,
    why: str,
    *,
    did_nothing: bool = False,
    until: datetime | None = None,
    counts: bool = False,
) -> None:
    """Go on later; `did_nothing`: the question that left was surely not answered with a deed."""
    with rig.db.tx(tenant_id) as conn:
        if did_nothing:
            returns.asked(conn, tenant_id, each, at=None)
        returns.put_off(conn, tenant_id, each, until=until or rig.now() + REST, why=why, counts=counts)


def park(
    rig: Rig, tenant_id: TenantId, each: Return, reason: Parked, why: str, *, faults: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Leave it to a person, and tell him."""
    with rig.db.tx(tenant_id) as conn:
        left_to_a_person(conn, tenant_id, each, reason, why, faults=faults, now=rig.now())


def left_to_a_person(  # what of whom, and why
    conn: db.Conn,
    tenant_id: TenantId,
    each: Return,
    reason: Parked,
    why: str,
    *,
    faults: Sequence[Mapping[str, Any]] = (),
    now: datetime,
) -> None:
    """Note that a person must decide. A carrier's words may name somebody: they stay with the return."""
    if not returns.park(conn, tenant_id, each, reason, why=why, faults=faults, now=now):
        return
    detail = {**named(each), "parked": reason.value, "fields": [fault.get("field") for fault in faults]}
    kind = journal.Kind.LABEL_UNCLEAR if reason is Parked.UNCLEAR else journal.Kind.LABEL_REFUSED
    journal.write(conn, tenant_id, [Entry(now, kind, each.order_number, detail)])
    problems.note(conn, tenant_id, CAUSES[reason], now=now, order_number=each.order_number, detail=detail)


def settle(conn: db.Conn, tenant_id: TenantId, each: Return, *, now: datetime) -> None:
    """Close what was told of an order's return that is over now; what others, or a label of it, wait for stays open."""
    waited_for = labelling.waited_for(conn, tenant_id, [each.order_number], but=[])[each.order_number]
    for cause in {*CAUSES.values()} - waited_for:
        problems.settle(conn, tenant_id, cause, now=now, order_numbers=[each.order_number])


def boxes_of(each: Return) -> list[bookings.Box]:
    """Return the boxes of a return as those of bookings are kept, the first one at place 1."""
    return carriage.boxes_of(PARCELS.validate_python(each.parcels))


def named(each: Return) -> dict[str, Any]:
    """Return what says in the journal which return it is."""
    return {"return": each.return_id, "shipment": each.shipment_id, "carrier": each.carrier}


DEEDS: Mapping[Step, Callable[[Desk, Return], None]] = {Step.ASK: ask, Step.POLL: poll, Step.PRINT: print_label}
