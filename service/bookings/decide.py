"""What is to be done next about a booking, and when: pure, and the whole of safe booking (docs/carriers.md 10.6).

A create whose answer nobody heard may have been done, and may still be done while we think about it. So it is looked
for after a minute, once more after ten, and only then asked for again; where the carrier knows a repetition by its
reference, or takes nothing for one, the same is sent again after the minute; where neither holds, a person decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.bookings.rows import Booking

LOOK_AFTER = timedelta(seconds=60)
LOOK_AGAIN_AFTER = timedelta(minutes=10)
CALL_MOST = timedelta(seconds=70)  # the longest call of any adapter; a worker that died in it told nobody of its end
CREATES_MOST = 3  # then a person looks at what the carrier does
REBOOKS_MOST = 2  # of one shipment whose carrier hands no label out
REPEATS_MOST = 10  # of what costs nothing to repeat
TOGETHER_MOST = timedelta(minutes=2)  # labels asked for in vain: one of them may keep the others'
PENDING_MOST = timedelta(hours=2)  # a carrier that is at it for longer has forgotten it


class Step(StrEnum):
    """What a carrier is asked about a booking."""

    BOOK = "book"
    POLL = "poll"
    LOOK = "look"
    REPEAT = "repeat"  # the same once more, as the carrier knows it by its reference or takes nothing for it
    PRINT = "print"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Ways:
    """What a carrier offers where an answer got lost: it finds what it made, knows a repetition, or takes nothing."""

    finds: bool
    repeats: bool


def step(booking: Booking, ways: Ways) -> Step | None:
    """Return what is to be asked next; None: nothing can find out what became of it."""
    if booking.booked_at:
        return Step.CANCEL if booking.cancel_asked_at else Step.PRINT
    if booking.job:
        return Step.POLL
    if not booking.asked_at:
        return Step.BOOK
    if ways.repeats:
        return Step.REPEAT
    return Step.LOOK if ways.finds else None


def rests_until(booking: Booking, step: Step | None) -> datetime | None:
    """Return when that may be asked; None: at any time.

    What is in doubt is not looked for before a create that was sent must have landed. Nor is what was asked for twice
    taken back before: a carrier that has forgotten it would make the late one anew.
    """
    if step is Step.CANCEL:
        is_twice = booking.creates > 1 and booking.asked_at is not None
        return booking.asked_at + LOOK_AGAIN_AFTER if is_twice and booking.asked_at else None
    return look_at(booking) if step in (Step.LOOK, Step.REPEAT, None) else None


def look_at(booking: Booking) -> datetime:
    """Return when what is in doubt may be looked for: not before, as a create that was sent may still land.

    `asked_at` is when the call ended; where a claim still stands, nobody said that it did.
    """
    asked_at = booking.asked_at or booking.created_at
    ended_at = asked_at + CALL_MOST if booking.claim else asked_at
    return ended_at + (LOOK_AGAIN_AFTER if booking.looks else LOOK_AFTER)


def may_create_again(booking: Booking, now: datetime) -> bool:
    """Say whether what was looked for twice and not found may be asked for once more."""
    return booking.looks >= 1 and booking.asked_at is not None and now >= booking.asked_at + LOOK_AGAIN_AFTER


def worn_out(booking: Booking, ways: Ways) -> bool:
    """Say whether it was asked for as often as it may be by itself."""
    return booking.creates >= (REPEATS_MOST if ways.repeats else CREATES_MOST)


def goes_alone(booking: Booking, step: Step | None, now: datetime) -> bool:
    """Say whether a call asks for nothing beside it: it may be what the call before came to grief with."""
    if step is Step.PRINT:
        asked_at = booking.label_asked_at
        return booking.tries > 0 or (asked_at is not None and now - asked_at > TOGETHER_MOST)
    return step in (Step.BOOK, Step.REPEAT) and (booking.creates > 0 or booking.tries > 0)


def ask_at(asked_at: datetime | None, *, wait: timedelta, now: datetime) -> datetime | None:
    """Return when to ask what becomes of what a carrier is at, ever more rarely; None: it takes too long."""
    age = now - (asked_at or now)
    return None if age > PENDING_MOST else now + max(wait, age / 8)
