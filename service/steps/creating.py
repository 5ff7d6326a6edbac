"""Have labels made, ask what becomes of what a carrier is at, and look for what nobody heard the answer of."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from carriers.base import Able, Booked, Pending, Taken
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import Shipment
from service import bookings, db
from service.bookings import Booking, Parked, Ways
from service.kit import backoff
from service.steps import carriage, desk, labelling, later, papers
from service.steps.desk import Desk
from service.steps.labelling import Done

log = logging.getLogger(__name__)

UNREAD_S = 30.0


def ways_of(able: Able) -> Ways:
    """Return what a carrier offers where an answer got lost."""
    return Ways(finds=able.finds, repeats=able.is_idempotent or able.repeat_is_free)


def book(at: Desk, going: Sequence[Booking]) -> None:
    """Have labels made, once."""
    told = legible(at, going)
    if not told:
        desk.answered(at)
        return
    try:
        taken = at.carrier.book([shipment for _, shipment in told])
    except CarrierError as error:
        taken = [error] * len(told)
    record(at, [each for each, _ in told], taken)


def legible(at: Desk, going: Sequence[Booking]) -> list[tuple[Booking, Shipment]]:
    """Return each with the parcel that was kept; what cannot be read any more is a person's."""
    told: list[tuple[Booking, Shipment]] = []
    for each in going:
        try:
            told.append((each, carriage.shipment_of(each.content or {})))
        except ValueError:
            why, in_doubt = "what was to be booked cannot be read", is_in_doubt(at, each)
            reason = Parked.UNCLEAR if in_doubt else Parked.FAILING
            with at.rig.db.tx(at.tenant_id) as conn:
                labelling.park(
                    conn, at.tenant_id, each, reason, why=why, never_asked=not in_doubt, now=at.rig.now()
                )  # fmt: skip
    return told


def is_in_doubt(at: Desk, each: Booking) -> bool:
    """Say whether a create before this one is unclear: a repetition that did nothing leaves it so."""
    return each.creates > 1 and ways_of(at.carrier.able).repeats


def poll(at: Desk, going: Sequence[Booking]) -> None:
    """Ask what became of what the carrier is at."""
    job = carriage.handle_of(going[0].job or {})
    try:
        taken = at.carrier.poll(job, [each.reference for each in going])
    except CarrierError as error:
        is_lost = isinstance(error, CarrierUnreachable)
        if is_lost and error.unclear:  # it knows nothing of the job any more
            taken = [error] * len(going)
        elif (
            is_lost and at.is_let_in and desk.is_own(at, error)
        ):  # an answer nobody can read: as if it were still at it
            taken = [Pending(each.reference, job, UNREAD_S) for each in going]
        else:
            outlasts = later.is_alone_for_long(at, going[0], error)
            later.blamed(at, going, error, is_own=outlasts or desk.is_of_parcels(error))
            return
    record(at, going, taken)


def record(at: Desk, going: Sequence[Booking], taken: Sequence[Taken]) -> None:
    """Write down what came of each; what failed altogether says something about the carrier."""
    both = list(zip(going, taken, strict=True))
    errors = [outcome for outcome in taken if isinstance(outcome, CarrierError) and desk.concerns_all(outcome)]
    is_own = len(errors) < len(taken)
    written(at, both, is_own=is_own, created=not going[0].job)
    if not is_own:
        desk.failed(at, errors[0])
    elif going[0].job:
        desk.answered(at)
    else:
        desk.well(at)


def written(at: Desk, both: Sequence[tuple[Booking, Taken]], *, is_own: bool, created: bool) -> None:
    """Write down what came of each; one that cannot be written down must not cost the others their numbers."""
    try:
        done = later.persisted(at, partial(write_down, at, both, is_own=is_own))
    except Exception as fault:
        if not db.blames_rows(fault):
            raise
        if len(both) == 1:
            stumbled(at, [both[0][0]], db.named(fault), created=created)
            return
        for pair in both:
            written(at, [pair], is_own=is_own, created=created)
        return
    if done:
        papers.leave(at, done)


def write_down(at: Desk, both: Sequence[tuple[Booking, Taken]], *, is_own: bool) -> list[Done]:
    """Write down what came of each, in one transaction; return what has its label too and may leave."""
    tenant_id, now = at.tenant_id, at.rig.now()
    made = [(each, outcome) for each, outcome in both if isinstance(outcome, Booked)]
    strange = [each for each, outcome in made if outcome.again and each.creates == 1]  # never asked for before
    believed = [(each, outcome) for each, outcome in made if each not in strange]
    found = {each.booking_id: labelling.sheet_of(outcome.label) for each, outcome in believed}
    sheets = {booking_id: sheet for booking_id, sheet in found.items() if sheet}
    with at.rig.db.tx(tenant_id) as conn:
        for each in strange:
            why = "the carrier says that it has taken it before: the number may be another parcel's"
            labelling.park(conn, tenant_id, each, Parked.UNCLEAR, why=why, now=now)
        for each, outcome in both:
            if isinstance(outcome, CarrierError):
                failed(conn, at, each, outcome, is_own=is_own)
        pending(conn, at, [(each, outcome) for each, outcome in both if isinstance(outcome, Pending)])
        return labelling.booked(conn, tenant_id, believed, sheets=sheets, now=now) if believed else []


def pending(conn: db.Conn, at: Desk, some: Sequence[tuple[Booking, Pending]]) -> None:
    """Ask what becomes of these later, but not for ever."""
    now = at.rig.now()
    waiting: list[tuple[Booking, Mapping[str, Any], datetime]] = []
    for each, outcome in some:
        until = bookings.ask_at(each.asked_at, wait=timedelta(seconds=outcome.wait_s), now=now)
        if until:
            waiting.append((each, carriage.job_of(outcome.job), until))
        else:
            why = "the carrier has been at it for too long, and may have made it"
            labelling.park(conn, at.tenant_id, each, Parked.UNCLEAR, why=why, now=now)
    if waiting:
        bookings.pending(conn, at.tenant_id, waiting, now=now)


def failed(conn: db.Conn, at: Desk, each: Booking, error: CarrierError, *, is_own: bool) -> None:
    """Say what a create that brought no number means for one booking; `is_own`: others of the same call fared well."""
    tenant_id, now, why, in_doubt = at.tenant_id, at.rig.now(), str(error), is_in_doubt(at, each)
    bookings.hold_feed(conn, tenant_id)  # before any booking that is not to move, as whoever cancels does
    is_own = is_own or desk.is_of_parcels(error)
    park = partial(labelling.park, conn, tenant_id, each, why=why, now=now)
    until = backoff.after(now, each.tries) if is_own else now
    is_unclear = isinstance(error, CarrierUnreachable) and error.unclear
    if is_unclear or (isinstance(error, CarrierRefused) and error.kind is Kind.DUPLICATE):
        ways = ways_of(at.carrier.able)
        if ways.repeats and bookings.worn_out(each, ways):
            park(Parked.UNCLEAR)
        else:
            labelling.doubted(conn, tenant_id, each, why=why, now=now)
    elif isinstance(error, CarrierRefused) and not desk.concerns_all(error):
        reason = Parked.UNCLEAR if in_doubt else Parked.REFUSED
        park(reason, faults=carriage.faults_of(error), never_asked=not in_doubt)
    elif is_own and each.tries + 1 >= later.TRIES:
        is_unclear = in_doubt or each.job is not None
        park(Parked.UNCLEAR if is_unclear else Parked.REFUSED, never_asked=not is_unclear)
    elif each.job:  # it was taken, and what becomes of it is still to be told
        bookings.put_off(conn, tenant_id, each, until=until, counts=is_own, why=why)
    else:
        labelling.not_done(
            conn, tenant_id, each, keeps_doubt=in_doubt, until=until, counts=is_own, why=why, now=now
        )  # fmt: skip


def stumbled(at: Desk, going: Sequence[Booking], what: str, *, created: bool) -> None:
    """Write down that we failed at these, in a way that would come again; `created`: a create may have left."""
    log.error("%s of %s: %s at %s", at.lane, at.tenant_id, what, ", ".join(each.booking_id for each in going))
    why = f"we failed at it: {what}"
    lost = CarrierUnreachable(at.carrier.code, "book", why, unclear=True)
    with at.rig.db.tx(at.tenant_id) as conn:
        for each in going:
            if created:
                failed(conn, at, each, lost, is_own=True)
            else:
                later.put_off_alone(conn, at, each, why)
    desk.answered(at)


def look(at: Desk, going: Sequence[Booking]) -> None:
    """Look for what nobody heard the answer of; what is not found twice was never made."""
    [each] = going
    try:
        found = at.carrier.find(carriage.shipment_of(each.content or {}), since=later.looked_from(each))
    except CarrierError as error:
        later.put_off(at, going, error)
        return
    if found:
        written(at, [(each, replace(found, again=False))], is_own=True, created=False)
    else:
        with at.rig.db.tx(at.tenant_id) as conn:
            not_found(conn, at, each)
    desk.answered(at)


def not_found(conn: db.Conn, at: Desk, each: Booking) -> None:
    """Look once more, or let it be asked for again, which happens so often and no more."""
    now = at.rig.now()
    if not bookings.may_create_again(each, now):
        bookings.not_found(conn, at.tenant_id, each, now=now)
    elif bookings.worn_out(each, ways_of(at.carrier.able)) and not each.cancel_asked_at:
        why = f"it was asked for {each.creates} times, and the carrier has never shown it"
        labelling.park(conn, at.tenant_id, each, Parked.UNCLEAR, why=why, now=now)
    else:
        labelling.never_made(conn, at.tenant_id, each, now=now)
