"""Parcel codes: thirteen letters with a check digit, national ones and those of S10 (carriers.md 5.7)."""

import re

from simulator.carriers.ceska_posta.login import ANY
from simulator.carriers.world import Account, World

WEIGHTS = (1, 8, 6, 4, 2, 3, 5, 9, 7)
SENDER_DIGITS = {"C": 4, "B": 4, "M": 5, "L": 5, "F": 2, "E": 2, "P": 2, "U": 3, "T": 3}
NATIONAL = re.compile(rf"(?P<prefix>[A-Z][A-Z ])(?P<nine>\d{{9}})(?P<check>\d)(?P<letter>[{''.join(SENDER_DIGITS)}])")
S10 = re.compile(r"(?P<prefix>[A-Z]{2})(?P<eight>\d{8})(?P<check>\d)CZ")
# Registered and insured letters have S10 numbers in the contract's vectors; guess: the others of these.
INTERNATIONAL = {"RR": 95_081_919, "VL": 80_001_703} | dict.fromkeys(("RT", "EE", "EM", "CE", "CS", "CV"), 1)


def check_digit(digits: str) -> int:
    """Return the check digit over nine digits, or eight of S10."""
    weights = WEIGHTS[-len(digits) :]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return {0: 5, 1: 0}.get(rest, 11 - rest)


def national(prefix: str, nine: str, letter: str) -> str:
    """Return a national number."""
    return f"{prefix:2}{nine}{check_digit(nine)}{letter}"


def drawn(world: World, account: Account, prefix: str) -> str | None:
    """Return the next number of an account's rows for a product, None when they are used up."""
    if prefix in INTERNATIONAL:
        eight = f"{world.serial(f'number {prefix}', INTERNATIONAL[prefix]):08d}"
        return f"{prefix}{eight}{check_digit(eight)}CZ" if len(eight) == 8 else None
    ranges = account.given["ranges"]
    for sender, letter, first in ranges.get(prefix) or ranges[ANY]:
        serial = str(world.serial(f"number {prefix} {sender}{letter}", first))
        if len(serial) <= 9 - len(sender):
            return national(prefix, sender + serial.zfill(9 - len(sender)), letter)
    return None


def fault_of_own(account: Account, prefix: str, number: str) -> int | None:
    """Return the code a number the sender brings is refused with, None for a good one."""
    own, read = account.given["own"], NATIONAL.fullmatch(number)
    if own is None or read is None or read["prefix"] != f"{prefix:2}":
        return 100
    if int(read["check"]) != check_digit(read["nine"]):
        return 145
    return None if read["letter"] == own[1] and read["nine"].startswith(own[0]) else 100
