"""Access points: ParcelShop, ParcelBox and AlzaBox (2.6)."""

from collections.abc import Callable, Iterator
from itertools import islice
from math import asin, cos, radians, sin, sqrt
from typing import Any

from simulator.carriers import points
from simulator.carriers.points import Point
from simulator.carriers.ppl import problems
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.wire import JSON, Request, Response
from simulator.carriers.world import Account, World
from simulator.wire import dumps

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


def _hours(days: range, *parts: tuple[str, str]) -> list[dict[str, Any]]:
    """Return when a point is open; that 1 is Sunday and the parts of a day are 0 and 1 is UNCERTAIN."""
    return [
        {"weekDay": day, "dayPart": n, "openFrom": f"{first}:00", "openTo": f"{last}:00"}
        for day in days
        for n, (first, last) in enumerate(parts)
    ]


BOX_HOURS = _hours(range(1, 8), ("00:00", "23:59"))
SHOP_HOURS = _hours(range(2, 7), ("08:00", "12:00"), ("13:00", "18:00")) + _hours(range(7, 8), ("08:00", "11:30"))
# In cm (UNCERTAIN); the largest is the 50×40×38 of 2.2.
COMPARTMENTS = [
    {"size": size, "capacity": 10, "length": 50, "height": height, "width": 40}
    for size, height in (("S", 8), ("M", 18), ("L", 38))
]

OF_A_BOX = dumps({"workHours": BOX_HOURS, "capacitySettings": COMPARTMENTS})
OF_A_SHOP = dumps({"workHours": SHOP_HOURS, "capacitySettings": []})


def made(seed: int) -> dict[str, Point]:
    """Return points in the Czech Republic and a few in every other country of Smart Europe."""
    found = points.made(200, seed=seed, ids=ident)
    for n, country in enumerate(ABROAD):
        first = 20_000_000 + n * 1_000
        found |= points.made(10, seed=seed, ids=lambda at, first=first: f"KM{first + at}", country=country)
    return found


def grow(world: World, count: int) -> None:
    """Add so many Czech points."""
    world.points |= points.made(count, seed=world.seed, ids=ident, start=len(world.points))


def ident(n: int) -> str:
    """Return the code of the n-th Czech point."""
    return f"KM{FIRST + n}"


def listed(world: World, request: Request, _account: Account) -> Response:
    """Answer a page of the points."""
    problems.known(request, (*FILTERS, "Limit", "Offset"))
    limit = problems.whole(request, "Limit", least=1, most=MOST)
    offset = problems.whole(request, "Offset", least=0)
    found: Iterator[Point] = iter(world.points.values())
    for test in (*_tests(request), _is_listed):  # one within the other: 100,000 points are gone through for every page
        found = filter(test, found)
    page = b",".join(_written(point) for point in islice(found, offset, offset + limit))
    return Response(200, {"content-type": JSON}, b"[" + page + b"]")


def _tests(request: Request) -> Iterator[Callable[[Point], bool]]:
    """Return what a point must pass."""
    if country := request.one("CountryCode"):
        yield lambda point: point.country == country
    if zip_code := request.one("ZipCode"):
        yield lambda point: point.zip == zip_code
    if city := request.one("City").casefold():
        yield lambda point: point.city.casefold() == city
    if types := request.many("AccessPointTypes"):
        for kind in types:
            if kind not in TYPES:
                raise problems.invalid("AccessPointTypes", kind)
        yield lambda point: _type(point) in types
    if (card := _flag(request, "ActiveCardPayment")) is not None:
        yield lambda point: point.takes_card is card
    if (cash := _flag(request, "ActiveCashPayment")) is not None:
        yield lambda point: point.takes_cod is cash
    if circle := _circle(request):
        yield lambda point: _is_within(point, *circle)


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
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= radius <= EARTH_KM):
        raise problems.invalid("Radius", ", ".join(given.values()))
    return latitude, longitude, radius


def _is_within(point: Point, latitude: float, longitude: float, radius_km: float) -> bool:
    north, east = radians(point.latitude - latitude), radians(point.longitude - longitude)
    part = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(point.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(part)) <= radius_km


def _written(point: Point) -> bytes:
    """Return a point as JSON; what is the same for all of its kind is written once."""
    return dumps(_told(point))[:-1] + b"," + (OF_A_BOX if point.kind == "box" else OF_A_SHOP)[1:]


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
        "gps": {"latitude": point.latitude, "longitude": point.longitude},
    }
