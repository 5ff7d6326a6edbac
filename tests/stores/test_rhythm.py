"""A silence is told from a quiet night: soon after its limit, and hardly ever without cause."""

import math
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from service.inbox import rhythm
from service.kit.clock import PRAGUE

BEGIN = datetime(2026, 2, 2, tzinfo=UTC)  # over the night in March when clocks go forward
LEARNED, JUDGED = timedelta(days=28), timedelta(days=30)
EVERY = timedelta(minutes=15)  # so often a shop is swept
HOLIDAY = 40  # a working day on which few people buy, counted from the beginning

SHOPS = [  # events a day
    pytest.param(6, id="a small shop"),
    pytest.param(40, id="a shop"),
    pytest.param(300, id="a busy shop"),
    pytest.param(2_000, id="a large shop"),
]


def busyness(at: datetime) -> float:
    """Return how busy a shop is: hardly by night, half as much on weekends, a third on a holiday."""
    local = at.astimezone(PRAGUE)
    day = 0.05 if local.hour < 6 else 1.0 + 0.5 * math.sin((local.hour - 6) / 18 * math.pi)
    week = 0.5 if local.weekday() >= 5 else 1.0
    return day * week * (0.3 if (at - BEGIN).days == HOLIDAY else 1.0)


def month(a_day: float, seed: int) -> list[datetime]:
    """Return when a shop tells of something, by chance, through the time it is learned from and the month judged."""
    dice, told, at = random.Random(f"{a_day}:{seed}"), [], BEGIN
    most = 1.5 * a_day / 20 / 3_600
    while at < BEGIN + LEARNED + JUDGED:
        at += timedelta(seconds=dice.expovariate(most))
        if dice.random() < busyness(at) / 1.5:
            told.append(at)
    return told


def counted(told: list[datetime]) -> dict[datetime, int]:
    """Return the slots with news of each hour, as the store keeps them."""
    bits: Counter[datetime] = Counter()
    for at in told:
        bits[rhythm.hour_of(at)] |= rhythm.slot_bit(at)
    return {hour: slots.bit_count() for hour, slots in bits.items()}


def false_alarms(told: list[datetime]) -> int:
    """Return how often a gap of the month judged would have been called a silence; each is one alarm."""
    hours, alarms, learned_on, known = counted(told), 0, None, None
    for before, after in pairwise(told):
        if before < BEGIN + LEARNED or after - before < EVERY:
            continue
        if learned_on != before.date():  # a rhythm of four weeks hardly changes within a day
            learned_on, known = before.date(), rhythm.learn(hours, heard_at=before)
        if known and rhythm.silent_at(known, before, now=after):
            alarms += 1
    return alarms


@pytest.mark.parametrize("a_day", SHOPS)
def test_a_generated_month_brings_less_than_one_false_alarm_a_shop(a_day: float) -> None:
    alarms = [false_alarms(month(a_day, seed)) for seed in range(6)]

    assert max(alarms) <= 1
    assert sum(alarms) <= 1


@pytest.mark.parametrize(("a_day", "hours"), [(40, 14), (300, 4), (2_000, 3)])
def test_a_shop_that_falls_silent_at_noon_is_missed_within_hours(a_day: float, hours: float) -> None:
    noon = BEGIN + LEARNED + timedelta(days=2, hours=11)
    told = [at for at in month(a_day, 1) if at < noon]
    known = rhythm.learn(counted(told), heard_at=told[-1])
    assert known

    silent_at = rhythm.silent_at(known, told[-1], now=noon + timedelta(days=5))

    assert silent_at
    assert silent_at - noon <= timedelta(hours=hours)


def test_the_limit_does_not_depend_on_when_somebody_looks() -> None:
    told = month(300, 2)
    known = rhythm.learn(counted(told), heard_at=told[-1])
    assert known
    limit = rhythm.silent_at(known, told[-1], now=told[-1] + timedelta(days=9))
    assert limit

    assert rhythm.silent_at(known, told[-1], now=limit - timedelta(seconds=1)) is None
    assert rhythm.silent_at(known, told[-1], now=limit + timedelta(seconds=1)) == limit


@pytest.mark.parametrize("told", [month(300, 3)[:900], month(0.5, 3)], ids=["for three days", "every other day"])
def test_of_a_shop_that_is_hardly_known_no_silence_says_anything(told: list[datetime]) -> None:
    assert rhythm.learn(counted(told), heard_at=told[-1]) is None
