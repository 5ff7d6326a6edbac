"""The number of a house, where a customer wrote it behind the street and a carrier has a field of its own for it."""

import re

from carriers.base import Address

WRITTEN = re.compile(r"(?P<street>.*?\S)\s+(?P<number>\d{1,6}(?:\s?[a-zA-Z])?(?:\s?[/-]\s?\d{1,5}(?:\s?[a-zA-Z])?)?)")
OTHER = re.compile(r"\d+(?![\d.])")  # of `28. října` it is the name


def parted(given: Address) -> tuple[str, str]:
    """Return street and house number; a number is cut off the street only where it ends it and is its only one.

    `28. října 12/3 B` is cut, `Hlavní 5, byt 3` and `náměstí 28. října` stay whole: half of an address is none.
    """
    street, number = " ".join(given.street.split()), given.house_number.strip()
    found = None if number else WRITTEN.fullmatch(street)
    if not found or OTHER.search(found["street"]):
        return street, number
    return found["street"], found["number"]
