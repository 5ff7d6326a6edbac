"""What is to be asked again: when the carrier does its part, or at a booking's own fault so often and no more."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from carriers.errors import CarrierBusy, CarrierError, CarrierRefused
from service import bookings, db
from service.bookings import Booking, Parked, Step
from service.kit import backoff
from service.steps import desk, labelling
from service.steps.desk import Desk

T = TypeVar("T")
log = logging.getLogger(__name__)

TRIES = 5  # of one booking, at its own fault
WRITES = 3
TOO_LONG = timedelta(days=3)  # then it is a person's, whatever its carrier does for others
SINCE = timedelta(days=1)


def persisted(at: Desk, write: Callable[[], T]) -> T:
    """Write down what a carrier said; a database that is away for a moment must not cost what is paid for."""
    for _ in range(WRITES - 1):
        try:
            return write()
        except Exception as fault:
            if db.blames_rows(fault):
                raise
            log.warning("%s of %s: once more, %s", at.lane, at.tenant_id, db.named(fault))
            at.rig.nap(1.0)
    return write()


def put_off(at: Desk, going: Sequence[Booking], error: CarrierError) -> None:
    """Ask again later; what the carrier refuses, or answers unreadably, again and again is for a person.

    So is what alone has had no answer at all for hours, or found it busy.
    """
    outlasts = len(going) == 1 and is_alone_for_long(at, going[0], error)
    blamed(at, going, error, is_own=outlasts or desk.is_own(at, error))


def is_alone_for_long(at: Desk, each: Booking, error: CarrierError) -> bool:
    """Say whether one has failed for hours, and its carrier not at all others of its kind.

    Of labels, and of what a carrier is busy at, that is known by what it does for another; where it does nothing for
    anybody all wait, for days. What it is asked rarely has no other: there it is enough that it lets us in.
    """
    since, is_busy = due_since(each), isinstance(error, CarrierBusy)
    if since is None or isinstance(error, CarrierRefused):
        return False
    if at.doing == Step.PRINT or (is_busy and at.doing in (Step.POLL, Step.LOOK)):
        waited = at.rig.now() - since
        is_alone = waited > desk.PATIENCE and desk.fares_ill_alone(at, since)
        return is_alone or (waited > TOO_LONG and desk.outlasts(at, error, since))
    return desk.outlasts(at, error, since)


def looked_from(each: Booking) -> datetime:
    """Return from when on a carrier is to look for it: before it was entered, for clocks differ, and leap."""
    return min(each.asked_at or each.created_at, each.created_at) - SINCE


def due_since(each: Booking) -> datetime | None:
    """Return since when this has been asked for: what follows a number, or an answer nobody heard, not before that."""
    return max(each.since, each.booked_at or each.asked_at or each.since) if each.since else None


def blamed(at: Desk, going: Sequence[Booking], error: CarrierError, *, is_own: bool) -> None:
    """Ask again later; `is_own`: the fault may be of what was asked about, and is counted."""
    since = min((since for each in going if (since := due_since(each))), default=None)
    is_rarer = isinstance(error, CarrierBusy) or at.doing == Step.PRINT
    until = desk.behind(at, error, since) if is_rarer else at.rig.now()
    why = str(error)
    with at.rig.db.tx(at.tenant_id) as conn:
        for each in going:
            if is_own:
                put_off_alone(conn, at, each, why)
            else:
                bookings.put_off(conn, at.tenant_id, each, until=until, counts=False, why=why)
    # One that nobody tested may show its notice to everybody: it is counted once, and the carrier goes on resting.
    if isinstance(error, CarrierBusy):  # it rests as it asks to, whosever fault that is
        is_alone = len(going) == 1 and desk.fares_ill_alone(at, since)
        desk.failed(at, error, says_nothing=is_alone)
    elif is_own and isinstance(error, CarrierRefused):
        desk.answered(at)
    elif is_own and at.is_let_in:
        desk.lets_in(at)
    else:
        desk.failed(at, error)


def put_off_alone(conn: db.Conn, at: Desk, each: Booking, why: str) -> None:
    """Ask again about one later, at its own fault; in the end it is a person's, who sees whether it was made."""
    now = at.rig.now()
    bookings.hold_feed(conn, at.tenant_id)  # before any booking that is not to be parked, as whoever cancels does
    if each.tries + 1 >= TRIES:
        labelling.park(conn, at.tenant_id, each, _given_up(each), why=why, now=now)
    else:
        bookings.put_off(conn, at.tenant_id, each, until=backoff.after(now, each.tries), counts=True, why=why)


def _given_up(each: Booking) -> Parked:
    if not each.booked_at:
        return Parked.UNCLEAR
    return Parked.NOT_TAKEN_BACK if each.cancel_asked_at and not each.rebook else Parked.FAILING


def stumbled(at: Desk, each: Booking, what: str) -> None:
    """Write down that we failed at one, in a way that would come again."""
    log.error("%s of %s: %s at %s", at.lane, at.tenant_id, what, each.booking_id)
    with at.rig.db.tx(at.tenant_id) as conn:
        put_off_alone(conn, at, each, f"we failed at it: {what}")
