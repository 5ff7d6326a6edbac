"""What is left of something that was taken back in part."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Left:
    """What stands of a car after some of its orders were taken back: `number` names it from now on.

    `why` it stays; "": nobody had the time to take it back, so the same is to be asked for it.
    """

    number: str
    why: str = ""
