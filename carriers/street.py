"""The number of a house, where a customer wrote it behind the street and a carrier has a field of its own for it."""

import re
import unicodedata

from carriers.shipment import Address

LETTER = r"\s?[a-zA-Z]"
WRITTEN = re.compile(
    rf"(?P<street>.*?\S)\s+(?P<number>\d{{1,6}}(?:{LETTER})?(?:\s?[/-](?:\s?\d{{1,5}}(?:{LETTER})?|{LETTER})){{0,2}})\.?"
)
# `12.` is a house as often as a name (Hungarian writes every house so), and a floor, a staircase or a flat may follow
# it. So it counts as a name only where it begins the street or stands before a month, or before the word for a street.
BEGINS = r"^\d+\.\s?(?!(?:em|emelet|fsz|ap|patro|poschodie)\b)[^\W\d_]{2}"
MONTHS = (
    "ledna|unora|brezna|dubna|kvetna|cervna|cervence|srpna|zari|rijna|listopadu|prosince|januara|februara|marca|aprila|"
    "maja|maje|juna|jula|augusta|septembra|oktobra|novembra|decembra|junija|julija|avgusta"
)
NAMES = re.compile(rf"{BEGINS}|\d+\.\s?(?:{MONTHS}|utca|ut|ter|ulice|ulica)\b")


def parted(given: Address) -> tuple[str, str]:
    """Return street and house number; a number is cut off the street only where it ends it and is its only one.

    `28. října 12/3 B` is cut, `Hlavní 5, byt 3`, `utca 12. 3/5` and `náměstí 28. října` stay whole: half of an address
    is none, and a flat for a house is worse.
    """
    street, number = " ".join(given.street.split()), given.house_number.strip()
    found = None if number else WRITTEN.fullmatch(street)
    if not found or re.search(r"\d", NAMES.sub("", _plain(found["street"]))):
        return street, number
    return found["street"], found["number"]


def _plain(text: str) -> str:
    """Return text in small letters without their marks."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
