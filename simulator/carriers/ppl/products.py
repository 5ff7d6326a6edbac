"""What may be sent how: products, where they go, and what COD and insurance they bear. All of it is found after import.

The codes and texts of these errors are invented: the real ones are live in `/codelist/validationMessage`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, TypeAlias

from simulator.carriers import union
from simulator.carriers.points import Point
from simulator.carriers.world import World

Money: TypeAlias = int | Decimal
Shipment: TypeAlias = dict[str, Any]

EU = frozenset(union.COUNTRIES)
CZECH = frozenset({"CZ"})
SMART_EUROPE = frozenset({"SK", "PL", "DE", "NL", "RO", "BG", "HU", "AT"})


@dataclass(frozen=True)
class Product:
    """A way to send. `digit`: the first of its numbers; `to`: countries, None: any; `covered`: CZK insured anyway."""

    name: str
    digit: int
    to: frozenset[str] | None = None
    has_cod: bool = False
    to_point: bool = False
    boxes_only: bool = False
    one_parcel: bool = False
    outside_eu: bool = False
    covered: int | None = None
    most_cod_czk: int = 100_000


PRODUCTS = {
    "PRIV": Product("Parcel CZ Private", 4, CZECH, covered=50_000),
    "PRID": Product("Parcel CZ Private COD", 4, CZECH, has_cod=True, covered=50_000),
    "BUSS": Product("Parcel CZ Business", 8, CZECH),
    "BUSD": Product("Parcel CZ Business COD", 8, CZECH, has_cod=True),
    "DOPO": Product("Parcel CZ Dopolední balík", 3, CZECH),
    "DOPD": Product("Parcel CZ Dopolední balík COD", 3, CZECH, has_cod=True),
    "SMAR": Product("Parcel CZ Smart", 7, CZECH, to_point=True, covered=20_000),
    "SMAD": Product("Parcel CZ Smart COD", 7, CZECH, has_cod=True, to_point=True, covered=20_000),
    "SBOX": Product("Smart to box", 7, CZECH, to_point=True, boxes_only=True, covered=20_000),
    "SBOD": Product("Smart to box COD", 7, CZECH, has_cod=True, to_point=True, boxes_only=True, covered=20_000),
    "CONN": Product("Parcel Connect", 2, EU, one_parcel=True),
    "COND": Product("Parcel Connect COD", 2, EU, has_cod=True, one_parcel=True, most_cod_czk=80_000),
    "SMEU": Product("Smart Europe", 2, SMART_EUROPE, to_point=True, one_parcel=True),
    "SMED": Product(
        "Smart Europe COD",
        2,
        SMART_EUROPE,
        has_cod=True,
        to_point=True,
        one_parcel=True,
        most_cod_czk=80_000,
    ),
    "COPL": Product("Connect Plus", 2, outside_eu=True),
    "COPD": Product("Connect Plus COD", 2, has_cod=True, outside_eu=True),
    "RETD": Product("Vratka", 4, CZECH),
    "RECI": Product("Vratka ze zahraničí", 2),
    "RECE": Product("Vratka do zahraničí", 2),
}
MOST_COD = {"CZK": 100_000, "EUR": 3_000, "PLN": 6_500, "HUF": 600_000, "RON": 7_300}
CURRENCIES = tuple(MOST_COD)
MOST_INSURED_CZK = 500_000
WHOLE = ("CZK", "HUF")  # chapter 0: whole crowns; whole forints is UNCERTAIN and the safe reading
BOX_KG = 10

# The codes of these three lists are not in the contract: a client asks `/codelist/…`.
AGES = {"A15": "Kontrola věku 15+", "A18": "Kontrola věku 18+"}
DOCUMENTS_BACK = "DOCB"
SERVICES = {"SATD": "Sobotní doručení", "EVEN": "Večerní doručení", DOCUMENTS_BACK: "Vrácení dokumentů"}
EXTERNAL = {"CUST": "Reference zákazníka", "INVO": "Číslo faktury"}

MESSAGES = {
    "CodMissing": "The product needs cash on delivery.",
    "CodNotAllowed": "The product has no cash on delivery.",
    "CodNotWhole": "The cash on delivery has too many decimals for its currency.",
    "CodTooHigh": "The cash on delivery is above the limit.",
    "CountryNotServed": "The product does not go to this country.",
    "ZipCodeUnknown": "The zip code does not exist.",
    "TooManyParcels": "The product goes with one parcel only.",
    "ParcelShopMissing": "The product needs a parcel shop code.",
    "ParcelShopNotAllowed": "The product goes to an address, not to a parcel shop.",
    "ParcelShopUnknown": "The parcel shop does not exist.",
    "ParcelShopClosed": "The parcel shop is closed.",
    "ParcelShopNoBox": "The product goes to boxes only.",
    "ParcelShopNoCod": "The parcel shop takes no payment.",
    "TooHeavy": "The parcel is too heavy for a box.",
    "InsuranceTooLow": "The insured price is within the included cover.",
    "InsuranceTooHigh": "The insured price is above the limit.",
    "AgeCheckUnknown": "The age check is not in the code list.",
    "ServiceUnknown": "The service is not in the code list.",
    "ExternalNumberUnknown": "The type of an external number is not in the code list.",
    "DeliveryDatePast": "The day of the delivery is over.",
    "DeliveryTimeWrong": "The delivery ends before it begins.",
    "SendDatePast": "The day of the collection is over.",
    "SendTimeWrong": "The collection ends before it begins.",
}


def fault(world: World, shipment: Shipment) -> str | None:
    """Return the code of the first thing that import finds wrong with a shipment, None when it is fine."""
    product = PRODUCTS[shipment["productType"]]
    found = chain(
        _codes(shipment),
        _ways(shipment, product),
        _points(world, shipment, product),
        _days(world, shipment),
        _cod(shipment, product),
        _insured(shipment, product),
    )
    return next(found, None)


def parcels(shipment: Shipment) -> list[Shipment]:
    """Return the items of a set, empty where they were only counted; one for a shipment that is no set."""
    given: Shipment = shipment.get("shipmentSet") or {"numberOfShipments": 1}
    return given.get("shipmentSetItems") or [{}] * given["numberOfShipments"]


def is_abroad(shipment: Shipment) -> bool:
    """Say whether a shipment leaves the country, and so has the other size of label."""
    return PRODUCTS[shipment["productType"]].digit == 2


def point_of(shipment: Shipment) -> str:
    """Return the pick-up point's code, "" for an address."""
    return (shipment.get("specificDelivery") or {}).get("parcelShopCode") or ""


def _codes(shipment: Shipment) -> Iterator[str]:
    if (shipment.get("ageCheck") or "A18") not in AGES:
        yield "AgeCheckUnknown"
    if any(one["code"] not in SERVICES for one in shipment.get("services") or ()):
        yield "ServiceUnknown"
    numbered = [shipment, *parcels(shipment)]
    if any(one["code"] not in EXTERNAL for part in numbered for one in part.get("externalNumbers") or ()):
        yield "ExternalNumberUnknown"


def _ways(shipment: Shipment, product: Product) -> Iterator[str]:
    country, zip_code = shipment["recipient"]["country"], shipment["recipient"]["zipCode"]
    if (product.to is not None and country not in product.to) or (product.outside_eu and country in EU):
        yield "CountryNotServed"
    if country in ("CZ", "SK") and not re.fullmatch(r"\d{5}", zip_code):  # UNCERTAIN: as in the examples, no space
        yield "ZipCodeUnknown"
    if product.one_parcel and len(parcels(shipment)) > 1:
        yield "TooManyParcels"
    if product.boxes_only and any(
        weight["weight"] > BOX_KG for one in parcels(shipment) if (weight := one.get("weighedShipmentInfo"))
    ):
        yield "TooHeavy"


def _points(world: World, shipment: Shipment, product: Product) -> Iterator[str]:
    code = point_of(shipment)
    if not product.to_point:
        if code:  # UNCERTAIN: the table gives these products an address
            yield "ParcelShopNotAllowed"
        return
    point = world.points.get(code)
    if point is None:
        yield "ParcelShopUnknown" if code else "ParcelShopMissing"
        return
    yield from _point(shipment, product, point)


def _point(shipment: Shipment, product: Product, point: Point) -> Iterator[str]:
    if not point.is_open:
        yield "ParcelShopClosed"
    if point.country != shipment["recipient"]["country"]:
        yield "CountryNotServed"
    if product.boxes_only and point.kind != "box":
        yield "ParcelShopNoBox"
    if product.has_cod and not (point.takes_card or point.takes_cod):
        yield "ParcelShopNoCod"


def _days(world: World, shipment: Shipment) -> Iterator[str]:
    """Judge a wished day and hours; that it is done at all is UNCERTAIN."""
    wish = shipment.get("specificDelivery") or {}
    if (wish.get("specificDeliveryDate") or "9999")[:10] < world.today().isoformat():
        yield "DeliveryDatePast"
    first, last = wish.get("specificDeliveryTimeFrom"), wish.get("specificDeliveryTimeTo")
    if first and last and first >= last:
        yield "DeliveryTimeWrong"


def _cod(shipment: Shipment, product: Product) -> Iterator[str]:
    cod = shipment.get("cashOnDelivery")
    if not cod:
        if product.has_cod:
            yield "CodMissing"
        return
    if not product.has_cod:
        yield "CodNotAllowed"
    price, currency = Decimal(cod["codPrice"]), cod["codCurrency"]
    if price > (product.most_cod_czk if currency == "CZK" else MOST_COD[currency]):
        yield "CodTooHigh"
    if price != round(price, 0 if currency in WHOLE else 2):
        yield "CodNotWhole"


def _insured(shipment: Shipment, product: Product) -> Iterator[str]:
    """Judge declared prices in CZK; the contract knows no bounds in other currencies."""
    for one in (shipment, *parcels(shipment)):
        insurance = one.get("insurance")
        if not insurance or insurance["insuranceCurrency"] != "CZK":
            continue
        if insurance["insurancePrice"] <= (product.covered or 0):
            yield "InsuranceTooLow"
        if insurance["insurancePrice"] > MOST_INSURED_CZK:
            yield "InsuranceTooHigh"
