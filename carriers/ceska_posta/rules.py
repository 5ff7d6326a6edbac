"""What the Post would refuse, found before it is asked (docs/carriers.md 5.2)."""

import re
from collections.abc import Iterator

from carriers import check
from carriers.base import Able, Account
from carriers.ceska_posta import calls, numbers
from carriers.errors import Fault
from carriers.shipment import Shipment

# The services a parcel may have besides those its own fields ask for.
EXTRAS = {
    "1": "addressee only", "8": "strictly in person", "3": "proof of delivery", "76": "proof of delivery by SMS",
    "77": "proof of delivery by e-mail", "78": "proof of delivery by SMS and e-mail", "10": "bulky", "11": "fragile",
    "1N": "non-standard", "20": "not stored", "21": "stored 3 days", "22": "stored 10 days", "12": "stored 7 days",
    "30": "stored longer", "24": "complex delivery", "25": "old appliance", "1A": "8-14 h", "1B": "13-19 h",
    "18": "Saturday", "19": "Sunday", "27": "pick-up by another person", "31": "poste restante",
    "34": "notice by SMS", "45": "notice by SMS and e-mail", "46": "notice by e-mail",
}  # fmt: skip
OPTIONS = {
    "serial": "First of the own serials of this shipment, one for each box; only with a number range",
    "size": "Size class S, M, L or XL where the boxes are not measured",
    "services": "Codes of further services, separated by commas",
    "point_city": "Town of the Balíkovna point, for the fuller style of its address",
}
INSURED = frozenset({"DR", "NP", "VL"})  # declared value is mandatory (service 7)
LONGEST_RECORD, LONGEST_NOTE = 50, 50
BY_SMS, BY_EMAIL = frozenset({"34", "45", "76", "78"}), frozenset({"45", "46", "77", "78"})


def faults(account: Account, able: Able, shipment: Shipment) -> Iterator[Fault]:
    """Yield all that is wrong with a shipment, as far as it can be known without asking."""
    yield from check.shared(shipment, able, options=OPTIONS)
    yield from check.rounded(shipment)
    yield from _delivery(shipment)
    yield from _money(shipment)
    yield from _size(account, shipment)
    yield from _texts(shipment)
    yield from _options(shipment)
    yield from numbers.faults(account, shipment)


def _delivery(shipment: Shipment) -> Iterator[Fault]:
    point = shipment.point
    if point is None:
        if shipment.service in calls.TO_POINT:
            yield check.fault("point", "missing")
    elif shipment.service not in calls.TO_POINT:
        yield check.fault("point", "not_both", shipment.service)
    elif point.network not in {None, "ceska_posta"} or not re.fullmatch(r"\d{5}", point.point_id, re.ASCII):
        yield check.fault("point", "not_offered")


def _money(shipment: Shipment) -> Iterator[Fault]:
    if shipment.value.currency != "CZK" and shipment.service not in calls.PLAIN:
        yield check.fault("value", "bad_currency", "CZK")
    elif shipment.value.minor == 0 and shipment.service in INSURED:
        yield check.fault("value", "missing")
    symbol = shipment.cod.variable_symbol if shipment.cod else ""
    if symbol and not re.fullmatch(r"\d*", symbol, re.ASCII):
        yield check.fault("cod.variable_symbol", "letters", r"\d{1,10}")
    elif len(symbol) > 10:
        yield check.fault("cod.variable_symbol", "too_long", 10)


def _size(account: Account, shipment: Shipment) -> Iterator[Fault]:
    longest = calls.SIZES["XL"]
    for place, box in enumerate(shipment.boxes):
        yield from check.size(f"boxes[{place}]", box, (longest, longest, longest))
    size = calls.size_of(account, shipment)
    is_measured = any(side for box in shipment.boxes for side in (box.length_mm, box.width_mm, box.height_mm))
    if size is None and not is_measured and shipment.service not in calls.LETTERS:
        yield check.fault("options.size", "missing", ", ".join(calls.SIZES))
    elif size is not None and size not in calls.SIZES:
        yield check.fault("options.size", "not_offered", ", ".join(calls.SIZES))


def _texts(shipment: Shipment) -> Iterator[Fault]:
    longest = len(calls.record_of(shipment, len(shipment.boxes) - 1)) if shipment.boxes else 0
    if longest > LONGEST_RECORD:
        yield check.fault("reference", "too_long", LONGEST_RECORD - (longest - len(shipment.reference)))
    yield from check.text("note", shipment.note, LONGEST_NOTE)
    yield from check.text("order_number", shipment.order_number, LONGEST_NOTE - len(calls.ORDER))


def _options(shipment: Shipment) -> Iterator[Fault]:
    for name, text in shipment.options.items():
        if check.UNPRINTABLE.search(text):
            yield check.fault(f"options.{name}", "letters")
    extras = calls.extras_of(shipment)
    if unknown := sorted(set(extras) - EXTRAS.keys()):
        yield check.fault("options.services", "not_offered", ", ".join(unknown))
    if len(calls.NOTICES & set(extras)) > 1:
        yield check.fault("options.services", "not_both", ", ".join(sorted(calls.NOTICES)))
    if BY_SMS & set(extras) and not calls.is_mobile(shipment.recipient):
        yield check.fault("recipient.phone", "bad_phone" if shipment.recipient.phone else "missing", "CZ")
    if BY_EMAIL & set(extras) and not shipment.recipient.email:
        yield check.fault("recipient.email", "missing")
