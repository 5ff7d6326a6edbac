"""What only PPL knows of a shipment, by the names of `options` (docs/carriers.md 2.2)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from carriers import check
from carriers.errors import Fault
from carriers.shipment import Address, Shipment

LINE = "name; street with number; town; post code; country; telephone; e-mail (the last two may be left out)"
OPTIONS: Mapping[str, str] = {
    "services": "codes of further services as in /codelist/service, separated by commas",
    "deliver_on": "delivered on this day, 2026-03-05",
    "deliver_from": "not before this hour, 08:00",
    "deliver_to": "not after this hour, 12:00",
    "spec_symbol": "specific symbol of the COD payment, at most 6 digits; left out where none is collected",
    "age_check": "code of an age check as in /codelist/ageCheck",
    "sender_mask": f"who is named as the sender: {LINE}",
}
CODE = "[0-9A-Za-z_.-]+"
HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
PARTS = ("name", "street", "city", "zip", "country", "phone", "email")
LEAST_PARTS = 5
LENGTHS = (("name", 50), ("company", 50), ("more", 50), ("city", 50), ("zip", 10), ("phone", 30), ("email", 50))


def faults(shipment: Shipment, *, today: date) -> Iterator[Fault]:
    """Yield what is wrong with options, each under `options.<name>`."""
    given = shipment.options
    for code in services(shipment):
        yield from check.text("options.services", code, 20, CODE)
    yield from check.text("options.age_check", given.get("age_check", ""), 20, CODE)
    yield from _when(shipment, today)
    yield from check.text("options.spec_symbol", given.get("spec_symbol", ""), 6, "[0-9]*")
    if line := given.get("sender_mask", "").strip():
        yield from line_faults("options.sender_mask", line)


def services(shipment: Shipment) -> Sequence[str]:
    """Return the codes of further services, each once, in the order they were asked for."""
    said = shipment.options.get("services", "").split(",")
    return list(dict.fromkeys(code for one in said if (code := one.strip())))


def address_of(line: str) -> Address | None:
    """Return the address a line says, `Můj e-shop; Skladová 1; Praha; 19000; CZ`; None for a line of no such form."""
    parts = [part.strip() for part in line.split(";")]
    if not LEAST_PARTS <= len(parts) <= len(PARTS):
        return None
    said = dict(zip(PARTS, parts, strict=False))
    return Address(**{**said, "country": said["country"].upper()})


def line_faults(field: str, line: str) -> Iterator[Fault]:
    """Yield what is wrong with an address in a line: all of it is one field."""
    given = address_of(line)
    if given is None or not re.fullmatch("[A-Z]{2}", given.country):
        yield check.fault(field, "letters", LINE)
        return
    for found in chain(check.address(field, given), lengths(field, given)):
        yield Fault(field, found.code, f"{found.field}: {found.says}", found.limit)


def lengths(field: str, given: Address) -> Iterator[Fault]:
    for name, most in LENGTHS:
        yield from check.text(f"{field}.{name}", getattr(given, name), most)
    yield from check.text(f"{field}.street", street(given), 60)


def street(given: Address) -> str:
    """Return the street with its number, as PPL wants it."""
    return f"{given.street} {given.house_number}".strip()


def _when(shipment: Shipment, today: date) -> Iterator[Fault]:
    given = shipment.options
    for name in ("deliver_from", "deliver_to"):
        yield from check.text(f"options.{name}", given.get(name, ""), 5, HOUR)
    since, until = given.get("deliver_from", ""), given.get("deliver_to", "")
    if since and until and since >= until:
        yield check.fault("options.deliver_to", "not_both", since)
    if not (said := given.get("deliver_on", "")):
        return
    on = _day(said)
    if on is None:
        yield check.fault("options.deliver_on", "letters", "2026-03-05")
    elif on < today:
        yield check.fault("options.deliver_on", "past", today)
    elif shipment.ship_on and on < shipment.ship_on:
        yield check.fault("options.deliver_on", "not_both", shipment.ship_on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None
