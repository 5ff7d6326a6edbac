"""What `packetAttributes` must be like, field by field (carriers.md 1.2 and 1.7)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from simulator.carriers.packeta import network
from simulator.carriers.packeta.network import External
from simulator.carriers.points import Point
from simulator.carriers.world import Account, World

NAME = re.compile(r"(?:[^\W_]|[ ,.'\-&()])+")
EMAIL = re.compile(r"[^@\s\"]+@[^@\s\"]+\.[^@\s\"]{2,}")
SERVICE = re.compile(r"[a-z][a-zA-Z0-9]*(?:,[a-z][a-zA-Z0-9]*)*")
PHONES = {
    "CZ": r"420\d{9}",
    "SK": r"421\d{9}",
    "PL": r"48\d{9}",
    "HU": r"36\d{8,9}",
    "RO": r"400?[1-9]\d{8}",
    "DE": r"49\d{7,13}",
    "AT": r"43\d{8,13}",
}
PREFIXES = {"CZ": "420", "SK": "421", "PL": "48", "HU": "36", "RO": "40", "DE": "49", "AT": "43"}
LENGTHS = {"number": 36, "name": 32, "surname": 32, "company": 32, "street": 32, "houseNumber": 16, "city": 32,
           "note": 128, "customerBarcode": 32}  # fmt: skip
TAKEN = {
    *("number", "name", "surname", "company", "email", "phone", "addressId", "carrierPickupPoint", "street"),
    *("houseNumber", "city", "zip", "province", "currency", "cod", "value", "weight", "size", "eshop", "deliverOn"),
    *("adultContent", "note", "carrierService", "customerBarcode", "attributes", "items", "security"),
}
ADULTS = ("CZ", "SK", "HU", "RO")
CURRENCIES = ("CZK", "EUR", "HUF", "PLN", "RON")
MOST_DAYS = 14

Wrong = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where `addressId` leads: one of Packeta's own points, or an external carrier."""

    point: Point | None = None
    external: External | None = None

    @property
    def country(self) -> str:
        """Return the country; there is no field for it (carriers.md 1.2)."""
        return self.point.country if self.point else self.external.country if self.external else ""

    @property
    def is_home(self) -> bool:
        """Say whether it needs an address."""
        return self.external is not None and not self.external.points


def destination(world: World, address_id: str) -> Destination | None:
    """Return where an id leads, None for nowhere."""
    if address_id in world.points:
        return Destination(point=world.points[address_id])
    return Destination(external=network.EXTERNALS[address_id]) if address_id in network.EXTERNALS else None


def wrong(world: World, account: Account, told: dict[str, str], size: dict[str, str], today: date) -> Wrong:
    """Yield (attribute, what is wrong with it), nothing for a packet that can be made."""
    if not account.given.get("cleared", True):
        yield "user_id", "User is not allowed to send packets."
    for name in sorted(told.keys() - TAKEN):
        yield name, "Attribute is not known."  # guess: whether others than reserved ones are told apart from known ones
    yield from _lengths(told)
    yield from _who(told)
    to = destination(world, told.get("addressId", ""))
    if to is None:
        yield "addressId", "Branch does not exist."
        return
    yield from _where(world, told, to)
    yield from _reach(told, to)
    yield from _money(account, told, to)
    yield from _box(told, size, to)
    yield from _rest(account, told, to, today)


def split(told: dict[str, str]) -> dict[str, str]:
    """Return attributes with a lone `name` of several words split (SINGLE in the contract)."""
    name = told.get("name", "").strip()
    if told.get("surname") or " " not in name:
        return told
    first, _, last = name.rpartition(" ")
    return told | {"name": first, "surname": last}


def phone_of(text: str, country: str) -> str:
    """Return a number as digits with its prefix; one without is read as one of `country`."""
    digits = re.sub(r"[\s\-()]", "", text)
    for mark in ("+", "00"):
        if digits.startswith(mark):
            return digits.removeprefix(mark)
    prefix = PREFIXES.get(country, "")
    return digits if re.fullmatch(PHONES.get(country, ""), digits) else prefix + digits


def amount(text: str) -> Decimal | None:
    """Return a plain decimal number, None for anything else."""
    try:
        return Decimal(text) if re.fullmatch(r"\d{1,9}(?:\.\d+)?", text) else None
    except InvalidOperation:
        return None


def contact(told: dict[str, str], country: str) -> Wrong:
    """Yield what is wrong with an e-mail and a phone, the latter read as one of `country`."""
    if told.get("email") and not EMAIL.fullmatch(told["email"]):
        yield "email", "E-mail is not valid."
    if told.get("phone"):
        digits = phone_of(told["phone"], country)
        # guess: what numbers of countries without a pattern are like
        patterns = [*PHONES.values(), *(() if country in PHONES else (r"[1-9]\d{7,14}",))]
        if not any(re.fullmatch(pattern, digits) for pattern in patterns):
            yield "phone", "Phone number is not valid."


def _lengths(told: dict[str, str]) -> Wrong:
    for name, most in LENGTHS.items():
        if name in told and not 1 <= len(told[name]) <= most:
            yield name, f"Must be 1 to {most} characters long."
    for name in ("number", "name", "surname", "addressId", "value", "weight"):
        if name not in told:
            yield name, "Attribute is required."


def _who(told: dict[str, str]) -> Wrong:
    for name in ("name", "surname"):
        if told.get(name) and not NAME.fullmatch(told[name]):
            yield name, "Contains characters that are not allowed."
    if not told.get("email") and not told.get("phone"):
        yield "email", "E-mail or phone is required."
    if any(mark in told.get("note", "") for mark in '";'):
        yield "note", "Contains characters that are not allowed."


def _where(world: World, told: dict[str, str], to: Destination) -> Wrong:
    if (to.point and not to.point.is_open) or (to.external and not to.external.available):
        yield "addressId", "Branch is not active."
    if to.external and to.external.points:
        theirs = network.external_points(world, to.external.id)
        point = theirs.get(told.get("carrierPickupPoint", ""))
        if point is None or not point.is_open:
            yield "carrierPickupPoint", "Pickup point is not valid."
    elif told.get("carrierPickupPoint"):
        yield "carrierPickupPoint", "This destination has no pickup points of its own."
    if to.is_home:
        needed = ("street", "city", "zip", *(("houseNumber",) if to.external and to.external.house else ()))
        for name in needed:
            if not told.get(name):
                yield name, "Attribute is required for home delivery."


def _reach(told: dict[str, str], to: Destination) -> Wrong:
    external = to.external
    if external and external.email and not told.get("email"):
        yield "email", "E-mail is required by the carrier."
    if external and external.phone and not told.get("phone"):
        yield "phone", "Phone is required by the carrier."
    yield from contact(told, to.country)


def _money(account: Account, told: dict[str, str], to: Destination) -> Wrong:
    ours = network.CURRENCIES[to.country]
    currency = told.get("currency", ours)
    if currency not in CURRENCIES:
        yield "currency", "Currency is not supported."
    value, cod = amount(told.get("value", "")), amount(told.get("cod", "0"))
    if "value" in told and value is None:
        yield "value", "Must be a number."
    elif value is not None and value > account.given.get("most_value", 100_000):
        yield "value", "Exceeds the limit of the contract."
    if cod is None:
        yield "cod", "Must be a number."
    elif cod:
        yield from _cod(cod, currency, ours, to)


def _cod(cod: Decimal, currency: str, ours: str, to: Destination) -> Wrong:
    if currency != ours:
        yield "currency", "Must be the currency of the destination country."
    if (to.external and not to.external.cod) or (to.point and not to.point.takes_cod):
        yield "cod", "Cash on delivery is not allowed for this destination."
    step = {"CZK": Decimal(1), "HUF": Decimal(5)}.get(currency, Decimal("0.01"))
    if cod % step:
        yield "cod", f"Must be a multiple of {step} in {currency}."


def _box(told: dict[str, str], size: dict[str, str], to: Destination) -> Wrong:
    weight = amount(told.get("weight", ""))
    if "weight" in told and not weight:
        yield "weight", "Must be a number greater than 0."
    most_kg = to.external.most_kg if to.external else to.point.most_weight_g / 1_000 if to.point else 0
    if weight and weight > most_kg:
        yield "weight", f"Exceeds {most_kg} kg."  # guess: the feed tells `maxWeight`; whether it is held against it
    sides = [amount(size.get(side, "")) for side in ("length", "width", "height")]
    if (size or (to.external and to.external.size)) and not all(sides):
        yield "size", "Length, width and height in millimetres are required."


def _rest(account: Account, told: dict[str, str], to: Destination, today: date) -> Wrong:
    if not told.get("eshop") and len(account.given.get("senders", ())) > 1:
        yield "eshop", "Attribute is required, there are several senders."
    if told.get("adultContent", "0") not in ("0", "1"):
        yield "adultContent", "Must be 0 or 1."
    elif told.get("adultContent") == "1" and (to.point is None or to.country not in ADULTS):
        yield "adultContent", "Is not available for this destination."
    if told.get("carrierService") is not None and not SERVICE.fullmatch(told["carrierService"]):
        yield "carrierService", "Must be codes joined by commas."
    if "deliverOn" in told:
        day = _day(told["deliverOn"])
        if day is None or not today <= day <= today + timedelta(days=MOST_DAYS):
            yield "deliverOn", f"Must be a date at most {MOST_DAYS} days ahead."


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None
