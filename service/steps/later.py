"""What is to be asked again: when the carrier does its part, or at a booking's own fault so often and no more."""

from collections.abc import Sequence

from carriers.errors import CarrierError
from service import bookings, db
from service.bookings import Booking, Parked
from service.kit import backoff
from service.steps import desk, labelling
from service.steps.desk import Desk

TRIES = 5  # of one booking, at its own fault


def put_off(at: Desk, going: Sequence[Booking], error: CarrierError) -> None:
    """Ask again later; what the carrier refuses again and again is for a person."""
    now, why = at.rig.now(), str(error)
    with at.rig.db.tx(at.tenant_id) as conn:
        for each in going:
            if desk.is_of_parcels(error):
                put_off_alone(conn, at, each, why)
            else:
                bookings.put_off(conn, at.tenant_id, each, until=now, counts=False, why=why)
    if desk.concerns_all(error):
        desk.failed(at, error)
    else:
        desk.answered(at)


def put_off_alone(conn: db.Conn, at: Desk, each: Booking, why: str) -> None:
    """Ask again about one later, at its own fault; in the end it is a person's, who sees whether it was made."""
    now = at.rig.now()
    if each.tries + 1 >= TRIES:
        reason = Parked.FAILING if each.booked_at else Parked.UNCLEAR
        labelling.park(conn, at.tenant_id, each, reason, why=why, now=now)
    else:
        bookings.put_off(conn, at.tenant_id, each, until=backoff.after(now, each.tries), counts=True, why=why)
