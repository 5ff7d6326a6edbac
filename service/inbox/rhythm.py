"""How often a shop tells of an event, learned from what it told before, and when it is silent for too long.

Pure. Time is cut into slots of five minutes, because news comes in bunches: what counts is whether a slot brought any.
The mean of each hour, working days apart from weekends, says how many slots with news a silence should have had by now.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.kit.clock import PRAGUE

SLOT_MIN = 5
HOUR = timedelta(hours=1)
REMEMBERED = timedelta(days=28)
LEARNED_IN = timedelta(days=7)
FEWEST = 100  # slots with news in four weeks: of a rarer event no silence says anything
ENOUGH = 4  # so often an hour of the week is seen before anything is expected of it
SPARE = 4.0  # with this much beyond ln(slots a month) a month of chance brings one false alarm in e^4 = 55

Hours = Mapping[datetime, int]  # by the beginning of the hour: how many of its slots brought news
Kind = tuple[bool, int]  # whether it is a weekend, and the hour of Prague


@dataclass(frozen=True)
class Rhythm:
    """How many slots with news an hour of each kind has, and after how many missing ones a silence is one."""

    per_hour: Mapping[Kind, float]
    tolerance: float


def slot_bit(at: datetime) -> int:
    """Return the bit of the slot within its hour."""
    return 1 << at.minute // SLOT_MIN


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def learn(hours: Hours, *, heard_at: datetime) -> Rhythm | None:
    """Return the rhythm up to when something was heard last; None while too little is known.

    The silence since then is not learned from: else it would excuse itself.
    """
    since = max(min(hours, default=heard_at), heard_at - REMEMBERED)
    heard = {hour: count for hour, count in hours.items() if since <= hour <= heard_at}
    if heard_at - since < LEARNED_IN or sum(heard.values()) < FEWEST:
        return None
    days, slots = Counter[Kind](), Counter[Kind]()
    hour = hour_of(since)
    while hour <= heard_at:
        days[kind_of(hour)] += 1
        slots[kind_of(hour)] += heard.get(hour, 0)
        hour += HOUR
    per_hour = {kind: slots[kind] / (days[kind] + 1) for kind in days if days[kind] >= ENOUGH}
    return Rhythm(per_hour, math.log(sum(heard.values())) + SPARE)


def kind_of(hour: datetime) -> Kind:
    """Return what kind of an hour it is, by the shop's own clock."""
    local = hour.astimezone(PRAGUE)
    return local.weekday() >= 5, local.hour


def silent_at(rhythm: Rhythm, heard_at: datetime, *, now: datetime) -> datetime | None:
    """Return since when a silence is too long; None when by `now` it is not.

    For news that comes by chance a silence that lacks n slots has a probability of e^-n.
    """
    missing, at = 0.0, heard_at
    while at < now:
        end = hour_of(at) + HOUR
        rate = rhythm.per_hour.get(kind_of(at), 0.0)
        needed = rhythm.tolerance - missing
        if rate and needed <= rate * ((end - at) / HOUR):
            limit = at + HOUR * (needed / rate)
            return limit if limit <= now else None
        missing += rate * ((end - at) / HOUR)
        at = end
    return None
