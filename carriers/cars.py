"""What becomes of a car that was asked for, and what is left of one that was taken back in part."""

from dataclasses import dataclass
from enum import StrEnum


class Car(StrEnum):
    """How it stands with a car that was asked for."""

    WAITING = "waiting"  # the carrier is still at it
    ORDERED = "ordered"
    REFUSED = "refused"
    CAME = "came"
    MISSED = "missed"  # it came, or did not, and has nothing
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Ordered:
    """What a carrier says of a car; `said` in its own words."""

    car: Car
    said: str = ""


@dataclass(frozen=True)
class Left:
    """What stands of a car after some of its orders were taken back: `number` names it from now on.

    `why` it stays; "": nobody had the time to take it back, so the same is to be asked for it.
    """

    number: str
    why: str = ""
