"""What PPL carries and what it would refuse: products, lengths, limits (docs/carriers.md 2.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from carriers import check
from carriers.base import Able, Close, Collection
from carriers.errors import Fault
from carriers.money import Money
from carriers.ppl import options
from carriers.shipment import Address, Shipment

BOXES = 20
PRAGUE = ZoneInfo("Europe/Prague")
CZ = frozenset({"CZ"})
EU = check.UNION - CZ
OUTSIDE = check.WORLD - EU - CZ  # that PPL drives to each of them is nowhere said
EU_POINTS = frozenset({"SK", "PL", "DE", "NL", "RO", "BG", "HU", "AT"})
HOME = Money(50_000_00, "CZK")
SHOP = Money(20_000_00, "CZK")
INLAND = Money(100_000_00, "CZK")
ABROAD = Money(80_000_00, "CZK")


@dataclass(frozen=True)
class Product:
    """A service of PPL: `with_cod` is its code where money is collected, `included` the cover nobody declares."""

    name: str
    with_cod: str
    countries: frozenset[str] = CZ
    at_point: bool = False
    boxes: int = BOXES
    included: Money = HOME
    most_weight_g: int | None = None
    most_mm: tuple[int, int, int] | None = None
    most_cod: Money = INLAND


# UNCERTAIN: the cover of BUSS, DOPO, CONN, SMEU and COPL is nowhere said; they are taken to be as PRIV.
PRODUCTS = {
    "PRIV": Product("Parcel CZ Private", "PRID"),
    "BUSS": Product("Parcel CZ Business", "BUSD"),
    "DOPO": Product("Parcel CZ morning", "DOPD"),
    "SMAR": Product("Parcel CZ Smart", "SMAD", at_point=True, included=SHOP),
    "SBOX": Product(
        "Smart to box", "SBOD", at_point=True, included=SHOP, most_weight_g=10_000, most_mm=(500, 400, 380)
    ),
    "CONN": Product("Parcel Connect", "COND", EU, boxes=1, most_cod=ABROAD),
    "SMEU": Product("Smart Europe", "SMED", EU_POINTS, at_point=True, boxes=1, most_cod=ABROAD),
    "COPL": Product("Connect Plus", "COPD", OUTSIDE),
}

# UNCERTAIN: some products stop at 500 EUR, nobody says which; what is above is left to PPL to refuse.
MOST_COD = {
    "EUR": Money(3_000_00, "EUR"),
    "PLN": Money(6_500_00, "PLN"),
    "HUF": Money(600_000, "HUF"),
    "RON": Money(7_300_00, "RON"),
}
MOST_VALUE = Money(500_000_00, "CZK")
# Below the least cover there is, 20,000 CZK, whatever the crown has ever been worth.
SURELY_COVERED = {
    "EUR": Money(500_00, "EUR"),
    "PLN": Money(2_000_00, "PLN"),
    "HUF": Money(100_000, "HUF"),
    "RON": Money(2_000_00, "RON"),
}
ADULTS, OUTSIDE_UNION, RELABEL, RETURNS = "adults_only", "outside_union", "relabel", "returns"
TAKE_DATE = "take_date"
LONGEST = 100  # of an external number
NUMBER = re.compile("[0-9]{11}")

ABLE = Able(
    services={code: product.name for code, product in PRODUCTS.items() if product.countries != OUTSIDE},
    countries=CZ | EU,
    to_point=frozenset(code for code, product in PRODUCTS.items() if product.at_point),
    cod=frozenset({"CZK", *MOST_COD}),
    points=True,
    boxes=BOXES,
    batch=1000,
    is_async=True,
    label_batch=50,  # of ours: each is a call
    tells_paid=True,
    track_batch=100,  # SINGLE: the practical size of one request (2.4)
    cancel_batch=1,
    collects=True,
    close=Close.NONE,
    finds=True,
    unproven={
        ADULTS: "that A18 is the code of 18+ in /codelist/ageCheck, where the account gives no other",
        OUTSIDE_UNION: "that COPL is booked as what stays in the EU is; its customs papers reach PPL by other ways, "
        "for how /shipment/{number}/documents takes them is nowhere printed",
        RELABEL: "that a batch's labels are made anew in another format by a PUT of the settings as at booking",
        RETURNS: "that a return is RETD, RECI or RECE, as the account says, from the recipient to its return_address",
        TAKE_DATE: "that the day a parcel leaves is specificTakeDate, written as 2026-03-05",
    },
    takes=frozenset({"sender", "return_to", "recipient.more", "boxes.value"}),
    insures=frozenset({MOST_VALUE.currency}),
    label_days=30,
    recalls_cars=True,
    tells_of_cars=True,
    redirects=True,
)


def able_to(*, adults_only: bool, outside_union: bool, returns: bool, take_date: bool) -> Able:
    """Return what an account can that has switched these on."""
    takes = ABLE.takes | {"ship_on"} if take_date else ABLE.takes
    able = replace(ABLE, adults_only=adults_only, returns=returns, takes=takes)
    if not outside_union:
        return able
    services = {code: product.name for code, product in PRODUCTS.items()}
    return replace(able, services=services, countries=able.countries | OUTSIDE)


def faults(shipment: Shipment, able: Able, *, now: datetime) -> Iterator[Fault]:
    """Yield what PPL would refuse, by what it can for this account."""
    named = replace(able, adults_only=able.adults_only or bool(shipment.options.get("age_check")))
    yield from _shared(shipment, named)
    yield from check.text("reference", shipment.reference, LONGEST)  # it is what we look for
    if not shipment.reference:
        yield check.fault("reference", "missing")
    yield from options.lengths("recipient", shipment.recipient)
    for name, given in (("sender", shipment.sender), ("return_to", shipment.return_to)):
        if given:
            yield from chain(check.address(name, given), options.lengths(name, given))
    yield from options.faults(shipment, today=now.astimezone(PRAGUE).date())
    yield from _values(shipment)
    if product := PRODUCTS.get(shipment.service):
        yield from chain(_product(shipment, product), _cod(shipment, product))


def _shared(shipment: Shipment, able: Able) -> Iterator[Fault]:
    """Yield what no carrier would take; outside the EU nobody says which currency is due, so any PPL collects is."""
    for found in check.shared(shipment, able, options=options.OPTIONS):
        is_of_money = found.field in ("cod.amount", "cod.variable_symbol") and found.code in ("bad_currency", "missing")
        if not (is_of_money and shipment.service == "COPL"):
            yield found
    if shipment.service == "COPL":
        told = check.money(shipment, able, None)
        yield from (found for found in told if found.code in ("bad_currency", "missing"))


def _values(shipment: Shipment) -> Iterator[Fault]:
    """Yield what is wrong with what is insured, of the whole or of boxes: all of them, or none."""
    if shipment.value.currency == MOST_VALUE.currency and shipment.value > MOST_VALUE:
        yield check.fault("value", "too_much", f"{MOST_VALUE.plain(0)} CZK")
    for place, box in enumerate(shipment.boxes):
        field = f"boxes[{place}].value"
        if box.value is None:
            if has_values(shipment):
                yield check.fault(field, "missing")
        elif box.value.currency != MOST_VALUE.currency:
            yield check.fault(field, "bad_currency", MOST_VALUE.currency)
        elif box.value.minor < 0:
            yield check.fault(field, "bad_amount")
        elif box.value > MOST_VALUE:
            yield check.fault(field, "too_much", f"{MOST_VALUE.plain(0)} CZK")


def contact_faults(contact: Address) -> Iterator[Fault]:
    """Yield what PPL would refuse of a corrected contact (2.5): nothing at all, or what is too long or of no form."""
    for name, most in (("name", 50), ("phone", 30), ("email", 50)):
        yield from check.text(f"contact.{name}", getattr(contact, name), most)
    if not (contact.name.strip() or contact.phone or contact.email):
        yield check.fault("contact.name", "missing")
    if contact.phone and check.phone_of(contact) is None:
        yield check.fault("contact.phone", "bad_phone", contact.country)
    if contact.email and not check.EMAIL.fullmatch(contact.email):
        yield check.fault("contact.email", "bad_email")
    if check.UNPRINTABLE.search(contact.name):
        yield check.fault("contact.name", "letters")


def collection_faults(collection: Collection, *, now: datetime) -> Iterator[Fault]:
    """Yield what PPL would refuse in an order of a car (2.5), and what is over by `now` where the car drives."""
    here = now.astimezone(PRAGUE)
    if collection.on < here.date():
        yield check.fault("on", "past", here.date())
    elif collection.on == here.date() and collection.until <= here.time():
        yield check.fault("until", "past", f"{here:%H:%M}")
    if collection.since >= collection.until:
        yield check.fault("until", "not_both", f"{collection.since:%H:%M}")
    if collection.count < 1:
        yield check.fault("count", "missing")
    yield from check.text("note", collection.note, 300)
    if collection.address is None:
        yield check.fault("address", "missing")
    for name, given in (("address", collection.address), ("deliver_to", collection.deliver_to)):
        if given:
            yield from chain(check.address(name, given), options.lengths(name, given))


def carried(shipment: Shipment) -> str:
    """Return the external number: order number and our reference, by which people and we find a shipment again.

    Where both are too long for it, or are one, our reference stands alone, as it did for all before.
    """
    together = f"{shipment.order_number}/{shipment.reference}"
    says_no_more = shipment.order_number in ("", shipment.reference)
    return shipment.reference if says_no_more or len(together) > LONGEST else together


def has_values(shipment: Shipment) -> bool:
    return any(box.value is not None for box in shipment.boxes)


def is_insured(shipment: Shipment) -> bool:
    """Say whether the value must be declared: it is above what is covered anyway, and no box has one of its own.

    UNCERTAIN: covers are known in CZK alone, so a value in another currency is not declared.
    """
    return not has_values(shipment) and _is_above(shipment.value, shipment.service)


def are_boxes_insured(shipment: Shipment) -> bool:
    """Say whether boxes must declare their own values: together they are above what is covered anyway.

    UNCERTAIN: whether that covers each parcel of a set, or all of them; declared, it does no harm.
    """
    values = [box.value for box in shipment.boxes if box.value is not None]
    if len({value.currency for value in values}) != 1:
        return False
    return _is_above(Money(sum(value.minor for value in values), values[0].currency), shipment.service)


def notes(shipment: Shipment) -> tuple[str, ...]:
    """Return what a parcel goes without: a value declared in another currency, an order number that was too long."""
    return (*_uninsured(shipment), *_unnamed(shipment))


def _uninsured(shipment: Shipment) -> Iterator[str]:
    value = shipment.value
    covered = SURELY_COVERED.get(value.currency, Money(0, value.currency))
    if value.currency != HOME.currency and value > covered and not has_values(shipment):
        yield f"its value of {value.plain()} {value.currency} was not declared: PPL insures values in CZK"


def _unnamed(shipment: Shipment) -> Iterator[str]:
    if shipment.order_number not in carried(shipment):
        yield f"PPL was not told its order number: with our reference it is longer than {LONGEST} letters"


def _is_above(value: Money, service: str) -> bool:
    included = PRODUCTS.get(service, PRODUCTS["PRIV"]).included
    return value.currency == included.currency and value > included


def _product(shipment: Shipment, product: Product) -> Iterator[Fault]:
    if shipment.recipient.country not in product.countries:
        there = None if product.countries == OUTSIDE else ", ".join(sorted(product.countries))
        yield check.fault("recipient.country", "not_offered", there)
    if product.at_point and (shipment.point is None or not shipment.point.point_id):
        yield check.fault("point", "missing")
    if not product.at_point and shipment.point:
        yield check.fault("point", "not_both", "SMAR, SBOX, SMEU")
    if shipment.point and shipment.point.network not in (None, "ppl"):
        yield check.fault("point.network", "not_offered", "ppl")
    if product.boxes < len(shipment.boxes) <= BOXES:  # more than that is said by what all share
        yield check.fault("boxes", "too_many", product.boxes)
    for place, box in enumerate(shipment.boxes):
        if product.most_weight_g and box.weight_g > product.most_weight_g:
            yield check.fault(f"boxes[{place}].weight_g", "too_heavy", product.most_weight_g)
        if product.most_mm:
            yield from check.size(f"boxes[{place}]", box, product.most_mm)


def _cod(shipment: Shipment, product: Product) -> Iterator[Fault]:
    if shipment.cod is None:
        return
    yield from check.text("cod.variable_symbol", shipment.cod.variable_symbol, 10, "[0-9]*")
    yield from check.rounded(shipment)
    amount = shipment.cod.amount
    most = product.most_cod if amount.currency == "CZK" else MOST_COD.get(amount.currency)
    if most and amount > most:
        yield check.fault("cod.amount", "too_much", f"{most.plain(0)} {most.currency}")
