"""When a channel is told of a cause at a shop, and what: pure rules on values and times.

A cause that comes and goes begins anew for a channel once an hour at most (`AGAIN_AFTER`), and its end is told when it
has lasted for ten minutes (`CALM`): two messages an hour, however it flaps. No begin is left untold for good.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

AGAIN_AFTER = timedelta(hours=1)
CALM = timedelta(minutes=10)
GATHER = timedelta(minutes=5)  # between two messages to one channel: what comes meanwhile goes together


class Pace(StrEnum):
    """How soon a channel is told of a cause."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    NEVER = "never"


class Owes(StrEnum):
    """What a channel is still to be told."""

    BEGUN = "begun"
    STILL = "still"  # once a day, while nobody sees to it
    OVER = "over"


@dataclass(frozen=True)
class Alarm:
    """What a channel knows of a cause at a shop, and what it is to be told next; `since`: owed since then."""

    begun_at: datetime
    over_at: datetime | None = None
    told_at: datetime | None = None
    owes: Owes | None = None
    due_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """How a cause stands: open since when, in somebody's hands, or come and gone unseen."""

    open_since: datetime | None
    taken: bool = False
    passed_since: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """How a channel hears of a cause: the pace, its next hourly and daily times, and whether of begins alone."""

    pace: Pace
    next_hour: datetime
    next_morning: datetime
    begins_only: bool = False


def moved(known: Alarm | None, standing: Standing, terms: Terms, *, now: datetime) -> Alarm | None:
    """Return the alarm as it is now that a cause stands like this; None: there is none."""
    if terms.pace is Pace.NEVER:
        return known and forgotten(known, now)
    if standing.open_since is None:
        return _ended(known, standing, terms, now=now)
    if known is None:
        return _begun(Alarm(standing.open_since), terms, now=now)
    if known.over_at is not None and known.owes is None:
        return _begun(replace(known, begun_at=standing.open_since, over_at=None), terms, now=now)
    if known.owes is Owes.OVER:  # nobody heard that it was over, so it never was
        known = settled(known)
    return _lasting(replace(known, over_at=None), standing, terms, now=now)


def told(now_known: Alarm, claimed: Alarm, terms: Terms, *, taken: bool, now: datetime) -> Alarm:
    """Return the alarm after its channel was told what it owed when it was claimed; it may have moved since.

    `taken`: somebody sees to it.
    """
    if terms.pace is Pace.NEVER:
        return forgotten(now_known, now)
    if claimed.owes is Owes.OVER and now_known.over_at is None:  # it came back while we said that it was over
        return _begun(now_known, terms, now=now)
    if claimed.owes is not now_known.owes:
        return now_known
    if claimed.owes is Owes.OVER:
        return settled(now_known)
    heard = settled(replace(now_known, told_at=now if claimed.owes is Owes.BEGUN else now_known.told_at))
    return _heard(heard, terms, was_over=claimed.over_at is not None, taken=taken, now=now)


def _heard(alarm: Alarm, terms: Terms, *, was_over: bool, taken: bool, now: datetime) -> Alarm:
    """Return what follows after a begin, or a reminder, was told: with its end (`was_over`), or without."""
    if alarm.over_at is not None:
        return alarm if was_over else _over(alarm, terms, now=now)
    if was_over:  # it came back while we said that it was over, too
        return _begun(alarm, terms, now=now)
    return _lasting(alarm, Standing(alarm.begun_at, taken), terms, now=now)


def settled(alarm: Alarm) -> Alarm:
    """Return the alarm with nothing owed."""
    return replace(alarm, owes=None, due_at=None, since=None)


def forgotten(alarm: Alarm, now: datetime) -> Alarm:
    """Return the alarm of whoever hears nothing more: over for him, so the next he hears is a begin."""
    return replace(settled(alarm), over_at=alarm.over_at or now)


def put_off(alarm: Alarm, until: datetime) -> Alarm:
    """Return the alarm told later."""
    return replace(alarm, due_at=until)


def _begun(alarm: Alarm, terms: Terms, *, now: datetime) -> Alarm:
    due_at = _slot(terms, now)
    if alarm.told_at is not None:
        due_at = max(due_at, alarm.told_at + AGAIN_AFTER)
    return replace(alarm, owes=Owes.BEGUN, due_at=due_at, since=now)


def _lasting(alarm: Alarm, standing: Standing, terms: Terms, *, now: datetime) -> Alarm:
    if alarm.owes is Owes.BEGUN:
        return alarm
    if standing.taken or terms.begins_only:
        return settled(alarm)
    return alarm if alarm.owes else replace(alarm, owes=Owes.STILL, due_at=terms.next_morning, since=now)


def _ended(known: Alarm | None, standing: Standing, terms: Terms, *, now: datetime) -> Alarm | None:
    passed = standing.passed_since
    if known is None or (known.over_at is not None and known.owes is None and passed and passed >= known.over_at):
        if passed is None:
            return None
        return _begun(Alarm(passed, over_at=now, told_at=known and known.told_at), terms, now=now)
    if known.over_at is not None:
        return known
    ended = replace(known, over_at=now)
    return ended if known.owes is Owes.BEGUN else _over(ended, terms, now=now)


def _over(alarm: Alarm, terms: Terms, *, now: datetime) -> Alarm:
    if terms.begins_only:
        return settled(alarm)
    return replace(alarm, owes=Owes.OVER, due_at=max(_slot(terms, now), now + CALM), since=now)


def _slot(terms: Terms, now: datetime) -> datetime:
    return {Pace.AT_ONCE: now, Pace.HOURLY: terms.next_hour, Pace.DAILY: terms.next_morning}[terms.pace]
