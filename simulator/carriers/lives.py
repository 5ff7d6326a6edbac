"""What befalls parcels between hand-over and their end, and when; each carrier gives its own codes to these steps."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Step(StrEnum):
    """What a scan says; `DATA` is no scan yet, the carrier has the data alone."""

    DATA = "data"
    COLLECTED = "collected"
    DEPOT = "depot"
    TRANSIT = "transit"
    OUT = "out"
    ATTEMPT = "attempt"
    AT_POINT = "at_point"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"
    BACK = "back"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class End(StrEnum):
    """How a parcel ends."""

    HOME = "home"
    POINT = "point"
    SECOND_TRY = "second_try"
    REFUSED = "refused"
    UNCOLLECTED = "uncollected"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing that happened, or will; `place` is a town or a point's id, "" where the carrier would say none."""

    at: datetime
    step: Step
    place: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A code of the carrier's own that it was told to say, `after` so many scans."""

    at: datetime
    code: str
    after: int


ON_THE_WAY = ((Step.COLLECTED, 0), (Step.DEPOT, 5), (Step.TRANSIT, 9))
TO_THE_DOOR = (*ON_THE_WAY, (Step.OUT, 20))
STORED_H = 168  # a week at the point

# hours after hand-over
TIMETABLES: dict[End, tuple[tuple[Step, float], ...]] = {
    End.HOME: (*TO_THE_DOOR, (Step.DELIVERED, 24)),
    End.POINT: (*ON_THE_WAY, (Step.AT_POINT, 26), (Step.DELIVERED, 50)),
    End.SECOND_TRY: (*TO_THE_DOOR, (Step.ATTEMPT, 24), (Step.OUT, 44), (Step.DELIVERED, 48)),
    End.REFUSED: (*TO_THE_DOOR, (Step.REFUSED, 24), (Step.BACK, 26), (Step.RETURNED, 72)),
    End.UNCOLLECTED: (
        *ON_THE_WAY,
        (Step.AT_POINT, 26),
        (Step.EXPIRED, 26 + STORED_H),
        (Step.BACK, 32 + STORED_H),
        (Step.RETURNED, 56 + STORED_H),
    ),
    End.LOST: ON_THE_WAY,
}
OVER = (Step.DELIVERED, Step.RETURNED, Step.CANCELLED)


def drawn(seed: int, number: str, *, to_point: bool) -> End:
    """Return the end the seed has in store for a number: 17 of 20 are delivered at once."""
    usual, others = (End.POINT, (End.UNCOLLECTED,)) if to_point else (End.HOME, (End.SECOND_TRY, End.REFUSED))
    dice = random.Random(f"{seed}:{number}")
    return usual if dice.random() < 0.85 else dice.choice(others)


def planned(end: End, start: datetime, *, town: str = "", point: str = "") -> list[Scan]:
    """Return the scans of a parcel that is handed over at `start`."""
    return [Scan(start + timedelta(hours=h), step, _place(step, town, point)) for step, h in TIMETABLES[end]]


def replanned(scans: list[Scan], end: End, now: datetime, *, town: str = "", point: str = "") -> list[Scan]:
    """Return a parcel's scans with what is still to come exchanged for the way to another end."""
    past = [scan for scan in scans if scan.at <= now]
    table, seen = TIMETABLES[end], {scan.step for scan in past}
    reached = max((n for n, (step, _) in enumerate(table) if step in seen), default=-1)
    since = table[reached][1] if reached >= 0 else 0
    return past + [
        Scan(now + timedelta(hours=max(h - since, 0.1)), step, _place(step, town, point))
        for step, h in table[reached + 1 :]
    ]


def woven(scans: list[Scan], said: list[Said]) -> list[Scan | Said]:
    """Return scans with what was said between them."""
    found: list[Scan | Said] = []
    for n, scan in enumerate(scans):
        found += [one for one in said if one.after == n]
        found.append(scan)
    return found + [one for one in said if one.after >= len(scans)]


def moved_on(scans: list[Scan], now: datetime, steps: int | None) -> list[Scan]:
    """Return scans with the next `steps` (None: all) done by `now`, a second apart, and the rest as far after them."""
    past = [scan for scan in scans if scan.at <= now]
    coming = [scan for scan in scans if scan.at > now]
    count = len(coming) if steps is None else min(steps, len(coming))
    if not count:
        return scans
    done = [
        Scan(now - timedelta(seconds=count - 1 - n), scan.step, scan.place) for n, scan in enumerate(coming[:count])
    ]
    earlier = coming[count - 1].at - now
    return past + done + [Scan(scan.at - earlier, scan.step, scan.place) for scan in coming[count:]]


def _place(step: Step, town: str, point: str) -> str:
    if step is Step.AT_POINT or (step in (Step.DELIVERED, Step.EXPIRED) and point):
        return point
    return "" if step in (Step.DATA, Step.CANCELLED) else town
