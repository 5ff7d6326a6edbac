"""Access points: ParcelShop, ParcelBox and AlzaBox (2.6)."""

from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from typing import Any

from simulator.carriers import points, wire
from simulator.carriers.points import Point
from simulator.carriers.ppl import problems
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.wire import Request, Response
from simulator.carriers.world import Account, World

MOST = 1_000
TYPES = ("ParcelShop", "ParcelBox", "AlzaBox")
FIRST = 10_004_200  # so that KM10004321, the example's, is a shop
ABROAD = ("SK", "PL", "DE", "NL", "RO", "BG", "HU", "AT")
WORDS = {"true": True, "false": False}
EARTH_KM = 6_371
FILTERS = (
    "CountryCode", "ZipCode", "City", "AccessPointTypes", "Radius", "Latitude", "Longitude", "ActiveCardPayment",
    "ActiveCashPayment",
)  # fmt: skip


def made(seed: int) -> dict[str, Point]:
    """Return points in the Czech Republic and a few in every other country of Smart Europe.

    More are made by `simulator.carriers.points.made` with `ident`; those abroad, but for Slovakia, have Czech towns.
    """
    found = points.made(200, seed=seed, ids=ident)
    for n, country in enumerate(ABROAD):
        first = 20_000_000 + n * 1_000
        found |= points.made(10, seed=seed, ids=lambda at, first=first: f"KM{first + at}", country=country)
    return found


def ident(n: int) -> str:
    """Return the code of the n-th Czech point."""
    return f"KM{FIRST + n}"


def listed(world: World, request: Request, _account: Account) -> Response:
    """Answer a page of the points."""
    problems.known(request, (*FILTERS, "Limit", "Offset"))
    limit = problems.whole(request, "Limit", least=1, most=MOST)
    offset = problems.whole(request, "Offset", least=0)
    found = list(_found(world, request))
    return wire.as_json([_told(point) for point in found[offset : offset + limit]])


def _found(world: World, request: Request) -> Iterator[Point]:
    country, zip_code, city = request.one("CountryCode"), request.one("ZipCode"), request.one("City").casefold()
    types = request.many("AccessPointTypes")
    for kind in types:
        if kind not in TYPES:
            raise problems.invalid("AccessPointTypes", kind)
    card, cash = _flag(request, "ActiveCardPayment"), _flag(request, "ActiveCashPayment")
    circle = _circle(request)
    for point in world.points.values():
        if (
            (not country or point.country == country)
            and (not zip_code or point.zip == zip_code)
            and (not city or point.city.casefold() == city)
            and (not types or _type(point) in types)
            and card in (None, point.takes_card)
            and cash in (None, point.takes_cod)
            and (circle is None or _is_within(point, *circle))
            and _is_listed(point)
        ):
            yield point


def _is_listed(point: Point) -> bool:
    """Say whether a point is told of: a shop that closed is not, a box that closed is, without `pickupEnabled`.

    What the carrier does is UNCERTAIN; a client must do with both.
    """
    return point.is_open or point.kind == "box"


def _type(point: Point) -> str:
    if point.kind != "box":
        return "ParcelShop"
    return "AlzaBox" if int(point.id[-1]) % 2 else "ParcelBox"


def _flag(request: Request, name: str) -> bool | None:
    given = request.one(name)
    if given and given not in WORDS:
        raise problems.invalid(name, given)
    return WORDS.get(given)


def _circle(request: Request) -> tuple[float, float, float] | None:
    """Return the middle of a circle and its radius, which is in kilometres (UNCERTAIN)."""
    given = {name: request.one(name) for name in ("Latitude", "Longitude", "Radius")}
    if not any(given.values()):
        return None
    missing = {name: [f"The {name} field is required."] for name, value in given.items() if not value}
    if missing:
        raise Problem(400, errors=missing)
    try:
        latitude, longitude, radius = (float(value) for value in given.values())
    except ValueError as wrong:
        raise problems.invalid("Radius", ", ".join(given.values())) from wrong
    return latitude, longitude, radius


def _is_within(point: Point, latitude: float, longitude: float, radius_km: float) -> bool:
    north, east = radians(point.latitude - latitude), radians(point.longitude - longitude)
    part = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(point.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(part)) <= radius_km


def _told(point: Point) -> dict[str, Any]:
    is_box = point.kind == "box"
    return {
        "accessPointCode": point.id,
        "accessPointType": _type(point),
        "name": point.name,
        "name2": None,
        "street": f"{point.street} {point.house}",
        "city": point.city,
        "country": point.country,
        "zipCode": point.zip,
        "phone": None if is_box else "+420225331500",
        "email": None,
        "activeCardPayment": point.takes_card,
        "activeCashPayment": point.takes_cod,
        "pickupEnabled": point.is_open,
        "dimensionForced": is_box,
        "tribalServicePoint": False,
        "accessPointNote": "Nonstop" if is_box else None,
        "workHours": list(_hours(is_box=is_box)),
        "gps": {"latitude": point.latitude, "longitude": point.longitude},
        "capacitySettings": list(_capacity(is_box=is_box)),
    }


def _hours(*, is_box: bool) -> Iterator[dict[str, Any]]:
    """Return when a point is open; that 1 is Sunday and the parts of a day are 0 and 1 is UNCERTAIN."""
    if is_box:
        for day in range(1, 8):
            yield {"weekDay": day, "dayPart": 0, "openFrom": "00:00:00", "openTo": "23:59:00"}
        return
    for day in range(2, 7):
        yield {"weekDay": day, "dayPart": 0, "openFrom": "08:00:00", "openTo": "12:00:00"}
        yield {"weekDay": day, "dayPart": 1, "openFrom": "13:00:00", "openTo": "18:00:00"}
    yield {"weekDay": 7, "dayPart": 0, "openFrom": "08:00:00", "openTo": "11:30:00"}


def _capacity(*, is_box: bool) -> Iterator[dict[str, Any]]:
    """Return the compartments of a box (the largest is 2.2's 50×40×38 cm); a shop has none. In cm (UNCERTAIN)."""
    for size, height in (("S", 8), ("M", 18), ("L", 38)) if is_box else ():
        yield {"size": size, "capacity": 10, "length": 50, "height": height, "width": 40}
