"""What a parcel must be like; everything wrong is told, each with its field."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.carriers.world import World

CURRENCIES = {"CZ": "CZK", "SK": "EUR"}
ZIPS = {"CZ": r"[1-7]\d{4}", "SK": r"[089]\d{4}"}
NEEDED = {"name": 60, "street": 60, "city": 40, "zip": 5, "country": 2}
ALLOWED = {"company": 60, "phone": 20, "email": 100}
MOST_G = 30_000
KNOWN = {
    "": {"reference", "service", "recipient", "weight_g", "value", "point", "cod", "note"},
    "recipient": NEEDED.keys() | ALLOWED.keys(),
    "value": {"amount", "currency"},
    "cod": {"amount", "currency", "variable_symbol"},
}
AMOUNT = r"\d{1,9}(\.\d{2})?"
SYMBOL = r"\d{1,10}"

Wrong = tuple[str, str, str]
"""A field, a code, a message."""


def wrong(world: World, told: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield what is wrong with a parcel; a field the contract has not is wrong too, for it would do nothing."""
    yield from _strange(told)
    yield from _text(told, "reference", 40)
    yield from _text(told, "note", 100, needed=False)
    to = _inside(told, "recipient")
    for name, most in NEEDED.items():
        yield from _text(to, name, most, "recipient.")
    for name, most in ALLOWED.items():
        yield from _text(to, name, most, "recipient.", needed=False)
    country = to.get("country")
    if country not in CURRENCIES:
        yield "recipient.country", "not_served", "the carrier does not go there"
    elif not _like(to.get("zip"), ZIPS[country]):
        yield "recipient.zip", "wrong", f"is no post code of {country}"
    weight = told.get("weight_g")
    if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= MOST_G:
        yield "weight_g", "wrong", f"must be 1 to {MOST_G}"
    if not _like(_inside(told, "value").get("amount"), AMOUNT):
        yield "value.amount", "wrong", "must be an amount such as 1290.00"
    yield from _cod(told, str(country))
    yield from _where(world, told, str(country))


def _strange(told: Mapping[str, Any]) -> Iterator[Wrong]:
    for place, known in KNOWN.items():
        holder = _inside(told, place) if place else told
        for name in holder.keys() - known:
            yield f"{place}.{name}".removeprefix("."), "unknown", "there is no such field"


def _cod(told: Mapping[str, Any], country: str) -> Iterator[Wrong]:
    if "cod" not in told:
        return
    cod = _inside(told, "cod")
    if cod.get("currency") != CURRENCIES.get(country):
        yield "cod.currency", "wrong", f"must be that of {country}"
    if not _like(cod.get("amount"), AMOUNT):
        yield "cod.amount", "wrong", "must be an amount such as 1290.00"
    elif cod["currency"] == "CZK" and not _like(cod["amount"], r"\d+(\.00)?"):
        yield "cod.amount", "wrong", "must be whole crowns"
    if not _like(cod.get("variable_symbol"), SYMBOL):
        yield "cod.variable_symbol", "wrong", "must be 1 to 10 digits"


def _where(world: World, told: Mapping[str, Any], country: str) -> Iterator[Wrong]:
    if told.get("service") not in ("home", "point"):
        yield "service", "wrong", "must be home or point"
    if (told.get("service") == "point") != ("point" in told):
        yield "point", "wrong", "goes with service point alone"
    if "point" not in told:
        return
    point = world.points.get(str(told["point"]))
    if point is None or not point.is_open or point.country != country:
        yield "point", "unknown", "takes no parcels"
    elif "cod" in told and not point.takes_cod:
        yield "cod", "not_here", "is not collected at this point"
    to = _inside(told, "recipient")
    if not (to.get("phone") or to.get("email")):
        yield "recipient.phone", "missing", "a telephone or an e-mail is needed at a point"


def _text(holder: Mapping[str, Any], name: str, most: int, before: str = "", *, needed: bool = True) -> Iterator[Wrong]:
    value = holder.get(name)
    if value is None and not needed and name not in holder:
        return
    if not isinstance(value, str) or not value.strip():
        yield f"{before}{name}", "missing", "must be a text"
    elif len(value) > most:
        yield f"{before}{name}", "too_long", f"has more than {most} letters"


def _inside(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _like(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None
