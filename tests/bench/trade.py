"""A day of a shop as a list of deeds: what customers, the bank and the staff do to each order, and when it is packed.

A choice, not a measurement; all of it is here. Orders come by the hour's custom. Three in four are paid within four
minutes, the others when the bank's list is read at half past; one on delivery never. The staff go through the new ones
each half hour, one person packs a box a minute. What is not packed in one day is on the next, so the evening before is
part of the list: a day is counted from midnight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

HOUR, MINUTE = 3600.0, 60.0
DAY = 24 * HOUR
DESK = (7.5 * HOUR, 17 * HOUR)  # the office's day
SITTING_S = 10 * MINUTE
OPENS, LAST_CALL = 8 * HOUR, 15 * HOUR  # packing; what is confirmed later leaves the next day
A_BOX_S = (30.0, 90.0)
WAVES = (9.5 * HOUR, 12.5 * HOUR, 15.5 * HOUR)
IN_A_WAVE_S = 10.0  # from one box to the next
BY_LISTS = tuple(hour * HOUR for hour in range(9, 19))
BY_THE_HOUR = (2, 1, 1, 1, 1, 2, 4, 8, 16, 20, 24, 24, 22, 22, 22, 22, 22, 22, 24, 28, 32, 30, 20, 10)

What = Literal["created", "paid", "changed", "noted", "confirmed", "packed", "shipped", "done"]
Packing = Literal["one by one", "three waves"]


@dataclass(frozen=True, order=True)
class Deed:
    """Something that happens to an order; seconds since midnight, of the evening before below zero."""

    at_s: float
    order: int
    what: What


def day(orders: int, packing: Packing, *, seed: int = 1) -> list[Deed]:
    """Return the deeds of a day in their order, with those of the evening before on which they rest.

    Orders below zero are those that left the day before. About 5.7 deeds for each order are told by a webhook; our own
    write is told by one more.
    """
    dice = Random(seed)
    started = [_begun(dice) for _ in range(orders)]
    evening = [[(at - DAY, what) for at, what in deeds] for deeds in started if deeds[-1][0] > LAST_CALL]
    evening = [deeds for deeds in evening if deeds[0][0] < 0]
    told = [Deed(at, order, what) for order, deeds in enumerate([*evening, *started]) for at, what in deeds]
    ready = {deed.order: deed.at_s for deed in told if deed.what == "confirmed" and deed.at_s <= LAST_CALL}
    pack = _one_by_one if packing == "one by one" else _in_waves
    told += pack(sorted(ready, key=lambda order: ready[order]), ready.__getitem__, dice)
    for place in range(
        orders
    ):  # what left the day before arrives, and its order is closed when the carrier's list comes
        listed = BY_LISTS[place % len(BY_LISTS)] + place // len(BY_LISTS)
        told.append(Deed(listed, -1 - place, "done"))
    return sorted(deed for deed in told if deed.at_s < DAY)


def _begun(dice: Random) -> list[tuple[float, What]]:
    """Return what happens to an order until it may be packed; the confirmation comes last."""
    created = dice.choices(range(24), BY_THE_HOUR)[0] * HOUR + dice.uniform(0, HOUR)
    paid = created + dice.uniform(MINUTE, 4 * MINUTE)
    if dice.random() < 0.25:
        paid = _next_import(created + HOUR) + dice.uniform(0, MINUTE)
    confirmed = _at_the_desk(paid, dice)
    edit: tuple[float, What] = (min(confirmed, created + dice.uniform(2 * MINUTE, 30 * MINUTE)), "changed")
    if dice.random() < 0.5:  # the customer calls or writes at once, the staff when they look at it
        edit = (confirmed - dice.uniform(1, MINUTE), "noted")
    return [(created, "created"), *sorted([(paid, "paid"), edit]), (confirmed, "confirmed")]


def _next_import(at: float) -> float:
    """Return the next half past of the bank's hours, 8:30 to 18:30."""
    days, time = divmod(at, DAY)
    if time > 18.5 * HOUR:
        days, time = days + 1, 0.0
    return days * DAY + max(8.5 * HOUR, (time + HOUR / 2) // HOUR * HOUR + HOUR / 2)


def _at_the_desk(paid: float, dice: Random) -> float:
    """Return when somebody confirms it: new orders are gone through at every half hour of the office's day."""
    days, time = divmod(paid, DAY)
    if time > DESK[1]:
        days, time = days + 1, 0.0
    sitting = max(DESK[0], (time // (HOUR / 2) + 1) * HOUR / 2)
    return days * DAY + sitting + dice.uniform(0, SITTING_S)


def _one_by_one(queue: Sequence[int], ready: Callable[[int], float], dice: Random) -> list[Deed]:
    """Pack at one person's pace until nothing is left, each box told as it leaves."""
    told: list[Deed] = []
    free = OPENS
    for order in queue:
        packed = max(free, ready(order) + MINUTE) + dice.uniform(*A_BOX_S)
        told += [Deed(packed, order, "packed"), Deed(packed + dice.uniform(15, 45), order, "shipped")]
        free = packed
    return told


def _in_waves(queue: Sequence[int], ready: Callable[[int], float], dice: Random) -> list[Deed]:
    """Pack what is there three times a day; a wave is told whole when it is done."""
    told: list[Deed] = []
    began = float("-inf")
    for begins in WAVES:
        wave = [order for order in queue if began < ready(order) <= begins]
        packed = [begins + (place + dice.uniform(0, 1)) * IN_A_WAVE_S for place in range(len(wave))]
        told += [Deed(at, order, "packed") for at, order in zip(packed, wave, strict=True)]
        told += [Deed(begins + len(wave) * IN_A_WAVE_S + MINUTE, order, "shipped") for order in wave]
        began = begins
    return told
