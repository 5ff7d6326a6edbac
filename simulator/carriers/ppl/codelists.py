"""Code lists, the customer, and the two look-ups of addresses (2.6); of most the contract gives the address alone.

Their fields are UNCERTAIN: `code` and `name` wherever nothing better is known.
"""

from collections.abc import Callable
from typing import Any

from simulator.carriers import points, wire
from simulator.carriers.ppl import problems, products, tracking
from simulator.carriers.ppl.batches import DEPOT
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.ppl.products import PRODUCTS
from simulator.carriers.wire import Request, Response
from simulator.carriers.world import Account, World

MOST = 1_000
Rows = list[dict[str, Any]]


def _named(names: dict[str, str]) -> Rows:
    return [{"code": code, "name": name} for code, name in names.items()]


def _countries() -> Rows:
    return [
        {"code": code, "name": code, "cashOnDelivery": code in ("CZ", *products.SMART_EUROPE)}
        for code in sorted(products.EU | {"CH", "GB", "NO", "UA"})
    ]


def _products() -> Rows:
    return [{"code": code, "name": product.name} for code, product in PRODUCTS.items()]


def _limits() -> Rows:
    """Return the ceilings of COD and the bounds of insurance."""
    return [
        {
            "service": "COD",
            "product": code,
            "currency": currency,
            "minPrice": 0,
            "maxPrice": product.most_cod_czk if currency == "CZK" else most,
        }
        for code, product in PRODUCTS.items()
        if product.has_cod
        for currency, most in products.MOST_COD.items()
    ] + [
        {
            "service": "INSR",
            "product": code,
            "currency": "CZK",
            "minPrice": product.covered,
            "maxPrice": products.MOST_INSURED_CZK,
        }
        for code, product in PRODUCTS.items()
        if product.covered
    ]


def _statuses() -> Rows:
    return [
        {"statusId": id_, "code": code, "phase": phase, "group": phase, "name": name}
        for id_, code, phase, name in (*tracking.STATUSES.values(), tracking.DORMANT)
    ]


def _phases() -> Rows:
    return _named({phase: phase for _, _, phase, _ in (*tracking.STATUSES.values(), tracking.DORMANT)})


LISTS: dict[str, Callable[[], Rows]] = {
    "ageCheck": lambda: _named(products.AGES),
    "country": _countries,
    "currency": lambda: _named({code: code for code in products.CURRENCIES}),
    "externalNumber": lambda: _named(products.EXTERNAL),
    "product": _products,
    "proofOfIdentityType": lambda: _named({"OP": "Občanský průkaz", "PAS": "Cestovní pas"}),
    "service": lambda: _named(products.SERVICES),
    "servicePriceLimit": _limits,
    "shipmentPhase": _phases,
    "status": _statuses,
    "validationMessage": lambda: _named(products.MESSAGES),
}


def listed(_world: World, request: Request, _account: Account) -> Response:
    """Answer one code list; that `Limit` and `Offset` may be left out is UNCERTAIN."""
    problems.known(request, ("Limit", "Offset"))
    rows = LISTS.get(request.parts()[1])
    if rows is None:
        raise Problem(404)
    limit = problems.whole(request, "Limit", least=1, most=MOST, default=MOST)
    offset = problems.whole(request, "Offset", least=0, default=0)
    return wire.as_json(rows()[offset : offset + limit])


def customer(_world: World, request: Request, account: Account) -> Response:
    """Answer who calls."""
    problems.known(request, ())
    return wire.as_json({"customerId": account.given["customer"], "name": SENDER["name"], "accounts": []})


def addresses(_world: World, request: Request, _account: Account) -> Response:
    """Answer the customer's addresses, that of the pick-up among them."""
    problems.known(request, ())
    return wire.as_json([{"code": "PICK", **SENDER}, {"code": "INVO", **SENDER, "street": "Účetní 2"}])


SENDER = {
    "name": "Můj e-shop s.r.o.",
    "street": "Skladová 1",
    "city": "Praha",
    "zipCode": "19000",
    "country": "CZ",
    "phone": "+420222333444",
    "email": "sklad@example.cz",
}


def whisper(_world: World, request: Request, _account: Account) -> Response:
    """Answer which addresses begin like this one."""
    problems.known(request, ("Street", "ZipCode", "City", "Limit"))
    street, zip_code, city = (request.one(name).casefold() for name in ("Street", "ZipCode", "City"))
    found = [
        {"street": name, "zipCode": zip_, "city": town}
        for town, zip_, _, _ in points.TOWNS
        for name in points.STREETS
        if name.casefold().startswith(street) and zip_.startswith(zip_code) and town.casefold().startswith(city)
    ]
    return wire.as_json(found[:20])


def routing(_world: World, request: Request, _account: Account) -> Response:
    """Answer over which depot a zip code goes."""
    problems.known(request, ("Country", "ZipCode", "ProductType"))
    country, zip_code = request.one("Country", "CZ"), request.one("ZipCode")
    if not zip_code:
        raise Problem(400, errors={"ZipCode": ["The ZipCode field is required."]})
    return wire.as_json([{"country": country, "zipCode": zip_code, "inputDepot": DEPOT, "depot": zip_code[:2]}])
