"""The health of the lanes: what each owes, and whether somebody is late with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from service import activations, bookings, db, inbox, outbox
from service.lanes import Lane, Waiting

# How long rows of a lane may be due and untaken. Sweeping is housekeeping and promises nothing, lists of points come in
# turn and the shops that show them follow, and a mail server that is away makes nobody unready.
PROMISED: Mapping[Lane, timedelta] = {
    Lane.ACTIVATE: timedelta(minutes=5),
    Lane.PULL: timedelta(minutes=30),
    Lane.REFRESH_ORDERS: timedelta(minutes=2),
    Lane.REFRESH_PRODUCTS: timedelta(minutes=10),
    Lane.REFRESH_STATUSES: timedelta(minutes=10),
    Lane.REFRESH_SHIPPING: timedelta(minutes=10),
    Lane.WRITEBACK: timedelta(minutes=2),
    Lane.BOOK: timedelta(minutes=2),
}


def of_lanes(conn: db.Conn, *, now: datetime) -> dict[Lane, Waiting]:
    """Return what each lane that promises something owes, over every tenant."""
    return {lane: _of(conn, lane, now) for lane in PROMISED}


def _of(conn: db.Conn, lane: Lane, now: datetime) -> Waiting:
    if lane in (Lane.ACTIVATE, Lane.PULL):
        return activations.waiting(conn, lane, now=now)
    if lane is Lane.WRITEBACK:
        return outbox.waiting(conn, now=now)
    if lane is Lane.BOOK:
        return bookings.waiting(conn, now=now)
    return inbox.waiting(conn, lane, now=now)


def late(owed: Mapping[Lane, Waiting], *, now: datetime) -> dict[Lane, float]:
    """Return the lanes past their promise, each with the seconds its longest waiting row was left untaken."""
    waited = {lane: now - each.untaken_since for lane, each in owed.items() if each.untaken_since}
    return {lane: for_.total_seconds() for lane, for_ in waited.items() if for_ > PROMISED[lane]}
