"""What GLS would refuse, known before it is asked (docs/carriers.md 4.2)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from carriers import check
from carriers.base import Able
from carriers.errors import Fault
from carriers.gls import calls
from carriers.shipment import Shipment

OPTIONS = {
    "FDS": "flexible delivery by e-mail; the recipient's address where none is given",
    "FSS": "flexible delivery by SMS, only beside FDS; the recipient's number where none is given",
    "SM1": "an SMS to the recipient with this text",
    "SM2": "an SMS before delivery; the recipient's number where none is given",
    "CS1": "a number to call; the recipient's where none is given",
    "INS": "insured for the shipment's value, one box only",
    "AOS": "handed to this person only; the recipient where nobody is given",
    "DDS": "delivered on this day, 2026-03-05",
    "SZL": "a document comes back; its number, at most 15 letters",
    "TGS": "service TGS of the contract",
    "XS": "service XS of the contract",
}
CALLED = ("FSS", "SM2", "CS1")  # each says a number of its own, or means the recipient's
DAY = r"\d{4}-\d\d-\d\d"


def faults(shipment: Shipment, able: Able, *, home: str, today: date) -> Iterator[Fault]:
    """Yield everything that is wrong, the shared rules first; `home`: the country of the contract."""
    yield from check.shared(shipment, able, options=OPTIONS)
    yield from check.rounded(shipment)
    yield from _house(shipment)
    yield from _point(shipment)
    yield from _options(shipment)
    yield from _told(shipment)
    if "INS" in shipment.options:
        yield from _insured(shipment, check.CURRENCIES.get(home))
    if _is_day(day := shipment.options.get("DDS", "")) and date.fromisoformat(day) < today:
        yield check.fault("options.DDS", "past")
    if not shipment.order_number and not shipment.note:
        yield check.fault("order_number", "missing")  # some accounts demand a text on the label


def _house(shipment: Shipment) -> Iterator[Fault]:
    if re.fullmatch(r"\s*0+\s*", shipment.recipient.house_number):
        yield check.fault("recipient.house_number", "missing")


def _point(shipment: Shipment) -> Iterator[Fault]:
    if shipment.service != calls.POINT:
        if shipment.point:
            yield check.fault("point", "not_both", calls.POINT)
        return
    if shipment.point is None or not shipment.point.point_id.strip():
        yield check.fault("point", "missing")
    elif shipment.point.network not in (None, calls.CODE):
        yield check.fault("point.network", "not_offered", calls.CODE)
    for name in ("phone", "email"):  # the point writes to whoever comes for it
        if not getattr(shipment.recipient, name).strip():
            yield check.fault(f"recipient.{name}", "missing")


def _options(shipment: Shipment) -> Iterator[Fault]:
    options = shipment.options
    if "FSS" in options and "FDS" not in options:
        yield check.fault("options.FSS", "not_both", "FDS")
    yield from check.text("options.SZL", options.get("SZL", ""), 15)
    if "DDS" in options and not _is_day(options["DDS"]):
        yield check.fault("options.DDS", "letters", DAY)
    for name in ("SM1", "SZL"):
        if name in options and not options[name].strip():
            yield check.fault(f"options.{name}", "missing")
    for name, said in options.items():
        if check.UNPRINTABLE.search(said):
            yield check.fault(f"options.{name}", "letters")


def _told(shipment: Shipment) -> Iterator[Fault]:
    """Yield what is wrong with whom a service calls or writes to."""
    options, recipient = shipment.options, shipment.recipient
    if ("SM1" in options or any(options.get(name) == "" for name in CALLED)) and not recipient.phone:
        yield check.fault("recipient.phone", "missing")
    for name in CALLED:
        if (said := options.get(name)) and check.phone_of(replace(recipient, phone=said)) is None:
            yield check.fault(f"options.{name}", "bad_phone", recipient.country)
    mail = options.get("FDS")
    if mail == "" and not recipient.email:
        yield check.fault("recipient.email", "missing")
    if mail and not check.EMAIL.fullmatch(mail):
        yield check.fault("options.FDS", "bad_email")


def _insured(shipment: Shipment, due: str | None) -> Iterator[Fault]:
    """Yield what is wrong with an insured value: it is sent without a currency, so it is that of the contract."""
    if len(shipment.boxes) != 1:
        yield check.fault("options.INS", "not_both", "boxes: 1")
    if shipment.value.minor <= 0:
        yield check.fault("value", "missing")
    if shipment.value.currency != due:
        yield check.fault("value", "bad_currency", due)


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(DAY, text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
