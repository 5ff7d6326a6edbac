"""Tracking codes as the carriers make them, never one twice, now and then typed the way people type."""

import random
import re
from collections.abc import Callable
from typing import Any

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
UNTIDY_ONE_IN = 10


def clean(code: str) -> str:
    """Return a code as the door keeps it: no spaces, letters upper case."""
    return re.sub(r"\s", "", code).upper()


def as_kept(parcels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return parcels as the door keeps them: their codes clean."""
    return [{**one, "tracking_code": one["tracking_code"] and clean(one["tracking_code"])} for one in parcels]


class Codes:
    """Draws codes by a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"{seed}:codes")
        self._drawn: set[str] = set()

    def draw(self, carrier: str) -> str:
        """Return a new code in the carrier's form; one in ten is in lower case with spaces between its parts."""
        code = MADE[carrier](self._rng)
        while code in self._drawn:
            code = MADE[carrier](self._rng)
        self._drawn.add(code)
        return self._untidy(code) if self._rng.randrange(UNTIDY_ONE_IN) == 0 else code

    def used(self, code: str) -> None:
        """Never draw this one: an earlier run did."""
        self._drawn.add(clean(code))

    def _untidy(self, code: str) -> str:
        return " ".join(code[at : at + 4] for at in range(0, len(code), 4)).lower()


def _digits(rng: random.Random, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}d}"


def s10(rng: random.Random, service: str, country: str) -> str:
    """Return a code of the postal union: two letters, eight digits, their check digit, the country."""
    serial = _digits(rng, 8)
    check = 11 - sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True)) % 11
    return f"{service}{serial}{({10: 0, 11: 5}).get(check, check)}{country}"


def gls(rng: random.Random) -> str:
    """Return ten digits and their check digit (3-1 weights from the right, plus one)."""
    serial = _digits(rng, 10)
    total = 1 + sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(serial)))
    return f"{serial}{-total % 10}"


MADE: dict[str, Callable[[random.Random], str]] = {
    "packeta": lambda rng: f"Z{_digits(rng, 10)}",
    "ppl": lambda rng: f"{rng.choice('4578')}0{_digits(rng, 9)}",
    "dpd": lambda rng: f"13{_digits(rng, 12)}",
    "gls": gls,
    "ceska_posta": lambda rng: f"{rng.choice(('DR', 'NB', 'BA'))}{_digits(rng, 10)}{rng.choice('CEMT')}",
    "slovenska_posta": lambda rng: s10(rng, rng.choice(("ZB", "EB", "RR")), "SK"),
    "fan_courier": lambda rng: f"2{_digits(rng, 12)}",
    "balikobot": lambda rng: f"BB-{_digits(rng, 8)}",
    "messenger": lambda rng: f"M-{_digits(rng, 6)}",
    "own": lambda rng: f"ROZVOZ/{_digits(rng, 6)}",
}
