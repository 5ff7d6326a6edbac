"""Parcel codes of a sender's own number range: with them a repeated booking is told as such (docs/carriers.md 5.7).

Without a range the Post makes the codes up, and a repeated booking is a second parcel.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from carriers import check, digits
from carriers.base import Account
from carriers.errors import CarrierRefused, Fault, Kind
from carriers.shipment import Shipment

SENDER_DIGITS = {"B": 4, "C": 4, "E": 2, "F": 2, "L": 5, "M": 5, "P": 2, "T": 3, "U": 3}
GIVEN = ("number_sender", "number_letter", "number_first", "number_last")
DOMESTIC = re.compile(r"([A-Z]{2}|[A-Z] )(\d{9})(\d)([A-Z])")
ABROAD = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")


@dataclass(frozen=True)
class Range:
    """The serials a sender may use, both ends included; `letter` says how the nine digits split."""

    sender: str
    letter: str
    first: int
    last: int

    def code(self, prefix: str, serial: int) -> str:
        """Return the thirteen characters of a parcel."""
        nine = self.sender + str(serial).zfill(9 - len(self.sender))
        return f"{prefix:<2}{nine}{digits.mod_11(nine)}{self.letter}"


def has_own(account: Account) -> bool:
    """Say whether an account has numbers of its own; one left half empty has them, so that nobody books twice."""
    return any(account.given.get(name) for name in GIVEN)


def range_of(account: Account) -> Range | None:
    """Return the number range of an account, None without one; raise CarrierRefused where it makes no codes."""
    if not has_own(account):
        return None
    sender, letter, first, last = (account.given.get(name, "").strip() for name in GIVEN)
    is_right = re.fullmatch(r"\d+", sender, re.ASCII) and SENDER_DIGITS.get(letter) == len(sender)
    if not is_right or not all(re.fullmatch(r"\d{1,7}", end, re.ASCII) for end in (first, last)):
        raise _wrong("sender digits, letter and serials do not make a parcel code")
    if not int(first) <= int(last) < 10 ** (9 - len(sender)):
        raise _wrong("the serials end before they begin, or have more digits than the letter leaves them")
    return Range(sender, letter, int(first), int(last))


def _wrong(why: str) -> CarrierRefused:
    return CarrierRefused("ceska_posta", "book", f"the number range of the account: {why}", kind=Kind.ACCOUNT)


def faults(account: Account, shipment: Shipment) -> Iterator[Fault]:
    """Yield what is wrong with `options["serial"]`: the first of as many serials as there are boxes.

    The same serials must come with every try, so whoever books has kept them before the first one.
    """
    allotted = range_of(account)
    serial = shipment.options.get("serial", "")
    if allotted is None:
        if serial:
            yield check.fault("options.serial", "not_offered")
    elif not serial:
        yield check.fault("options.serial", "missing")
    elif not re.fullmatch(r"\d{1,7}", serial, re.ASCII):
        yield check.fault("options.serial", "letters", r"\d{1,7}")
    elif not allotted.first <= int(serial) <= allotted.last - len(shipment.boxes) + 1:
        yield check.fault("options.serial", "too_much", f"{allotted.first}-{allotted.last}")


def codes_of(account: Account, shipment: Shipment) -> tuple[str, ...]:
    """Return the own code of each box; none where the Post makes them up. The serial has passed `faults`."""
    allotted = range_of(account)
    if allotted is None:
        return ()
    first = int(shipment.options["serial"])
    return tuple(allotted.code(shipment.service, first + place) for place in range(len(shipment.boxes)))


def is_code(text: object) -> bool:
    """Say whether something has the form of a parcel code, check digit aside."""
    return isinstance(text, str) and text.isascii() and bool(DOMESTIC.fullmatch(text) or ABROAD.fullmatch(text))


def is_valid(code: str) -> bool:
    """Say whether a parcel code's check digit fits; one that does not was mistyped."""
    if not code.isascii():
        return False
    if found := DOMESTIC.fullmatch(code):
        return digits.mod_11(found[2]) == found[3]
    found = ABROAD.fullmatch(code)
    return found is not None and digits.mod_11(found[1]) == found[2]
