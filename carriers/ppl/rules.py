"""What PPL carries and what it would refuse: products, lengths, limits (docs/carriers.md 2.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from carriers import check
from carriers.base import Able, Close, Collection
from carriers.errors import Fault
from carriers.money import Money
from carriers.shipment import Address, Shipment

BOXES = 20
PRAGUE = ZoneInfo("Europe/Prague")
CZ = frozenset({"CZ"})
EU = frozenset({
    "AT", "BE", "BG", "CY", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
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


# Connect Plus is left out: it needs customs papers, which a shipment cannot hold. Returns: see `Ppl.return_label`.
# UNCERTAIN: the cover of BUSS, DOPO, CONN and SMEU is nowhere said; they are taken to be as PRIV.
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
ADULTS, RELABEL = "adults_only", "relabel"

ABLE = Able(
    services={code: product.name for code, product in PRODUCTS.items()},
    countries=CZ | EU,
    to_point=frozenset(code for code, product in PRODUCTS.items() if product.at_point),
    cod=frozenset({"CZK", *MOST_COD}),
    points=True,
    boxes=BOXES,
    batch=1000,
    is_async=True,
    label_batch=50,  # of ours: each is a call
    positions=4,
    tells_paid=True,
    track_batch=100,  # SINGLE: the practical size of one request (2.4)
    cancel_batch=1,
    collects=True,
    close=Close.NONE,
    finds=True,
    unproven={
        ADULTS: "that A18 is the code of 18+ in /codelist/ageCheck",
        RELABEL: "that a batch's labels are made anew in another format by a PUT of the settings as at booking",
    },
    takes=frozenset({"sender"}),
)


def faults(shipment: Shipment, able: Able) -> Iterator[Fault]:
    """Yield what PPL would refuse, by what it can for this account."""
    yield from check.shared(shipment, able, options=())
    yield from check.text("reference", shipment.reference, 100)  # it is the external number we look for
    if not shipment.reference:
        yield check.fault("reference", "missing")
    yield from _lengths("recipient", shipment.recipient)
    if shipment.sender:
        yield from chain(check.address("sender", shipment.sender), _lengths("sender", shipment.sender))
    if shipment.value.currency == MOST_VALUE.currency and shipment.value > MOST_VALUE:
        yield check.fault("value", "too_much", f"{MOST_VALUE.plain(0)} CZK")
    if product := PRODUCTS.get(shipment.service):
        yield from chain(_product(shipment, product), _cod(shipment, product))


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
    else:
        yield from chain(check.address("address", collection.address), _lengths("address", collection.address))


def is_insured(shipment: Shipment) -> bool:
    """Say whether the value must be declared: it is above what is covered anyway.

    UNCERTAIN: covers are known in CZK alone, so a value in another currency is not declared.
    """
    included = PRODUCTS.get(shipment.service, PRODUCTS["PRIV"]).included
    return shipment.value.currency == included.currency and shipment.value > included


def notes(shipment: Shipment) -> tuple[str, ...]:
    """Return what a parcel goes without: nobody says how much of a value in another currency is covered."""
    value = shipment.value
    covered = SURELY_COVERED.get(value.currency, Money(0, value.currency))
    if value.currency == HOME.currency or value <= covered:
        return ()
    return (f"its value of {value.plain()} {value.currency} was not declared: PPL insures values in CZK",)


def _product(shipment: Shipment, product: Product) -> Iterator[Fault]:
    if shipment.recipient.country not in product.countries:
        yield check.fault("recipient.country", "not_offered", ", ".join(sorted(product.countries)))
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


def _lengths(field: str, given: Address) -> Iterator[Fault]:
    for name, most in (("name", 50), ("company", 50), ("city", 50), ("zip", 10), ("phone", 30), ("email", 50)):
        yield from check.text(f"{field}.{name}", getattr(given, name), most)
    yield from check.text(f"{field}.street", street(given), 60)


def street(given: Address) -> str:
    """Return the street with its number, as PPL wants it."""
    return f"{given.street} {given.house_number}".strip()
