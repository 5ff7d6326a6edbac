"""When a parcel is asked about next, and how much its carrier may be asked: pure (docs/carriers.md 10.7)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from service.kit.clock import PRAGUE

Paid = Literal["waiting", "paid", "overdue", "differs", "over"]


class State(StrEnum):
    """Where a parcel is, in the words of the carriers' library (carriers/states.py), which no store imports."""

    CREATED = "created"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AT_PICKUP_POINT = "at_pickup_point"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


FINAL = frozenset({State.DELIVERED, State.RETURNED, State.CANCELLED})
BACK = frozenset({State.RETURNING, State.RETURNED})
HELD = frozenset(State) - {State.CREATED, State.CANCELLED, State.UNKNOWN, State.EXCEPTION}  # the carrier has had it

MOVING = timedelta(hours=2)
RHYTHM: Mapping[State, timedelta] = {
    State.CREATED: timedelta(hours=6),
    State.UNKNOWN: timedelta(hours=6),
    State.OUT_FOR_DELIVERY: timedelta(minutes=30),
    State.AT_PICKUP_POINT: timedelta(hours=6),
}
STALE_AFTER, STALE = timedelta(days=3), timedelta(hours=6)  # nothing new for so long: seldom
OLD_AFTER, OLD = timedelta(days=14), timedelta(days=1)
STOP_AFTER = timedelta(days=60)
MONEY = timedelta(days=1)
MONEY_LATE = timedelta(days=14)  # after the day it was due on; then only a file tells of it
AHEAD = timedelta(minutes=30)  # what is due so soon fills a call that is made anyway

# Calls an hour and contract. No carrier documents one for tracking (docs/carriers.md 9, 11); ours are a tenth of what
# clients were seen to hold themselves to, where there is such a number (Packeta: ten a second, 1.7), and else what
# 10.7 asks of a shop with some thousand parcels on the way.
CEILINGS: Mapping[str, int] = {
    "packeta": 3_600,
    "gls": 1_800,
    "ppl": 300,
    "dpd_cz": 1_800,
    "ceska_posta": 600,
    "balikobot": 600,
}
CEILING = 600

# Days from the delivery to the money, counted generously: contracts say between two working days and two weeks.
PAYOUT_DAYS: Mapping[str, int] = {"packeta": 10, "ppl": 10, "gls": 14, "dpd_cz": 10, "ceska_posta": 10}
PAYOUT = 14


def ceiling(carrier: str) -> int:
    """Return how many calls an hour a contract with this carrier is asked by at most."""
    return CEILINGS.get(carrier, CEILING)


def hour_of(now: datetime) -> datetime:
    """Return the hour whose budget counts."""
    return now.replace(minute=0, second=0, microsecond=0)


def next_hour(now: datetime) -> datetime:
    """Return when there is a new budget."""
    return hour_of(now) + timedelta(hours=1)


def payout_due(carrier: str, delivered_on: date) -> date:
    """Return the day by which the money of a delivered parcel is to be there."""
    return delivered_on + timedelta(days=PAYOUT_DAYS.get(carrier, PAYOUT))


def money_until(carrier: str, delivered_on: date) -> date:
    """Return the last day on which a carrier is asked whether it has paid."""
    return payout_due(carrier, delivered_on) + MONEY_LATE


def due_next(
    state: State, *, state_since: datetime, first_at: datetime, now: datetime, money: date | None
) -> datetime | None:
    """Return when a parcel is asked about next; None: no more. `money`: until then its carrier may tell of payment.

    Young parcels often, old ones rarely; what has ended never, unless its money is still to be told of.
    """
    if now - first_at >= STOP_AFTER:
        return None
    if state in FINAL:
        is_awaited = state is State.DELIVERED and money is not None and now.astimezone(PRAGUE).date() <= money
        return now + MONEY if is_awaited else None
    pause = RHYTHM.get(state, MOVING)
    still = now - state_since
    if still >= OLD_AFTER:
        pause = max(pause, OLD)
    elif still >= STALE_AFTER:
        pause = max(pause, STALE)
    return min(now + pause, max(first_at + STOP_AFTER, now))


def payment(  # all there is to know of it
    *,
    amount: tuple[int, str],
    paid_on: date | None,
    paid: tuple[int, str] | None,
    due_on: date | None,
    over: bool,
    today: date,
) -> Paid:
    """Say how the money of a booking stands; what was paid without an amount is taken to be all of it."""
    if paid_on:
        return "differs" if paid is not None and paid != amount else "paid"
    if over:
        return "over"
    return "overdue" if due_on and due_on < today else "waiting"
