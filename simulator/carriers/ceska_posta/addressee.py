"""Whether a parcel can be brought to where it is addressed (carriers.md 5.2)."""

import re
from collections.abc import Iterator
from typing import Any

from simulator.carriers.points import TOWNS, Point
from simulator.carriers.world import World

TOWN_OF = {zip_: city for city, zip_, _, _ in TOWNS}
ABROAD = ("EM", "CE", "CS", "CV")
BALIKOVNA = "balíkovna"
DEPOT = "depo"


def codes(world: World, prefix: str, whom: dict[str, Any]) -> Iterator[int]:
    """Yield what is wrong with name and address for a product."""
    to = whom.get("address", {})
    yield from _name(whom)
    is_abroad = prefix in ABROAD
    if ((to.get("isoCountry") or "CZ") != "CZ") != is_abroad:
        yield 137
    elif is_abroad:
        yield from _place(to)
    elif prefix == "NB":
        yield from _balikovna(world, to)
    else:
        yield from _home(world, prefix, to)


def balikovna(world: World, zip_: str) -> Point | None:
    """Return the Balíkovna with this code, None for one that is closed or does not exist."""
    point = world.points.get(zip_)
    return point if point and point.is_open and point.kind != DEPOT else None


def _name(whom: dict[str, Any]) -> Iterator[int]:
    subject, surname, company = (whom.get(name, "").strip() for name in ("subject", "surname", "company"))
    if subject == "F" and not surname:
        yield 114
    elif subject == "P" and not company:
        yield 115
    elif not surname and not company:
        yield 300


def _balikovna(world: World, to: dict[str, Any]) -> Iterator[int]:
    """Take the point's code alone, or `BALÍKOVNA` with the point's town; somebody's own street is refused."""
    zip_, street, city = (to.get(name, "").strip() for name in ("zipCode", "street", "city"))
    point = balikovna(world, zip_)
    if not zip_:
        yield 219
    elif point is None:
        yield 247
    elif street.casefold() not in ("", BALIKOVNA) or to.get("houseNumber") or to.get("sequenceNumber"):
        yield 247  # guess: the code
    elif city and _words(city)[:1] not in (_words(point.city)[:1], _words(point.name)[:1]):
        yield 301


def _home(world: World, prefix: str, to: dict[str, Any]) -> Iterator[int]:
    zip_, city, street = (to.get(name, "") for name in ("zipCode", "city", "street"))
    yield from _place(to)
    if not zip_:
        yield 219
    elif not re.fullmatch(r"\d{5}", zip_):
        yield 309
    elif not "10000" <= zip_ <= "79999":  # no town has such a code, a Balíkovna may
        yield 248 if zip_ in world.points else 117
    elif prefix in ("NP", "NV", "NA"):
        office = world.points.get(zip_)
        if office is None or office.kind != "office" or not office.is_open:
            yield 309
    elif re.search(r"p\. ?o\. ?box|poste restante", street, re.IGNORECASE):
        yield 142
    elif not to.get("houseNumber") and not to.get("sequenceNumber"):
        yield 253  # guess: a street without a number is inexact, no more
    if city and zip_ in TOWN_OF and _words(city)[:1] != _words(TOWN_OF[zip_])[:1]:
        yield 301


def _place(to: dict[str, Any]) -> Iterator[int]:
    if not to.get("city", "").strip():
        yield 220
    if not to.get("street", "").strip():
        yield 260


def _words(text: str) -> list[str]:
    return text.casefold().split()
