"""Parcel shops and lockers, and the open list of them (carriers.md 4.6)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from simulator import wire as plain
from simulator.carriers import points, wire
from simulator.carriers.points import Point
from simulator.carriers.wire import Request, Response, as_text
from simulator.carriers.world import World

COUNTS = {"CZ": 120, "SK": 30, "HU": 12, "RO": 12, "SI": 12, "HR": 12, "RS": 12}
FIRST_GOLD = {
    "CZ": 1_000_000,
    "SK": 5_000_000,
    "HU": 6_000_000,
    "RO": 7_000_000,
    "SI": 8_000_000,
    "HR": 8_500_000,
    "RS": 9_000_000,
}
# So many that each town of a country has shops and lockers.
BOXES = {"CZ": 5, "SK": 3, "HU": 3, "RO": 3, "SI": 3, "HR": 3, "RS": 3}
AT_ONCE = 500
FROM = ("08:00", "18:00")
NOT_BROWSERS = ("", "python-", "curl/", "java/", "okhttp/", "go-http-client/")


def fill(world: World) -> None:
    """Give the world its points."""
    for country, count in COUNTS.items():
        grow(world, count, country)
    world.grow = lambda count: grow(world, count, "CZ")


def grow(world: World, count: int, country: str) -> None:
    """Add points of a country; the second one in CZ is `CZ60200-PARCELSHOP01`."""
    counts = world.bag.setdefault("counts", {})
    begun = counts.get(country, 0)
    made = points.made(
        count,
        seed=world.seed,
        ids=lambda n: _id(country, n),
        country=country,
        boxes=BOXES[country],
        start=begun,
    )
    gold_ids = world.bag.setdefault("gold_ids", {})
    for n, point in enumerate(made.values(), begun):
        point.bag["gold_id"] = FIRST_GOLD[country] + n
        gold_ids[FIRST_GOLD[country] + n] = point.id
    world.points |= made
    counts[country] = begun + count


def by_gold_id(world: World, gold_id: object) -> Point | None:
    """Return the point whose `goldId` this is."""
    return world.points.get(world.bag["gold_ids"].get(gold_id, "")) if isinstance(gold_id, int) else None


def listed(world: World, request: Request, name: str) -> Response:
    """Return the list of a country, `cz.json`; clients without a name of their own are refused with 403 (4.6).

    Guess: which user agents those are, and that a closed point is not in the list, for the list has no field for it.
    """
    if request.method != "GET":
        return as_text("Method not allowed\n", 405)
    agent = request.headers.get("user-agent", "").strip().lower()
    if any(agent.startswith(one) if one else not agent for one in NOT_BROWSERS):
        return as_text("Forbidden\n", 403)
    country = name.removesuffix(".json").upper()
    if name != f"{country.lower()}.json" or country not in COUNTS:
        return as_text("Not found\n", 404)
    return Response(200, {"content-type": wire.JSON}, stream=lambda: _pieces(_rows(world, country)))


def _rows(world: World, country: str) -> Iterable[dict[str, Any]]:
    return map(_row, [point for point in world.points.values() if point.country == country and point.is_open])


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    left, comma = iter(rows), b""
    yield b'{"items":['
    while some := list(islice(left, AT_ONCE)):
        yield comma + plain.dumps(some)[1:-1]
        comma = b","
    yield b"]}"


def _row(point: Point) -> dict[str, Any]:
    is_locker = point.kind == "box"
    has = {
        "pickup": True,
        "delivery": True,
        "acceptsCash": point.takes_cod and not is_locker,
        "acceptsCard": point.takes_cod and point.takes_card,
    }
    return {
        "id": point.id,
        "goldId": point.bag["gold_id"],
        "externalId": f"{point.country}-{point.bag['gold_id']}",
        "name": point.name,
        "description": "",
        "contact": {
            "countryCode": point.country,
            "postalCode": point.zip,
            "city": point.city,
            "address": f"{point.street} {point.house}",
            "phone": "+420222333444",
            "web": "",
        },
        "location": [point.latitude, point.longitude],
        "hours": [[day, *(("00:00", "24:00") if is_locker else FROM)] for day in range(1, 8 if is_locker else 6)],
        "features": [name for name, is_so in has.items() if is_so],
        "type": "parcel-locker" if is_locker else "parcel-shop",
        "parcelLockerExternalProvider": None,
        "hasWheelchairAccess": point.bag["gold_id"] % 3 == 0,
        "lockerSaturation": "low" if is_locker else None,
    }


def _id(country: str, n: int) -> str:
    towns = points.ABROAD.get(country, points.TOWNS)
    kind = "PARCELLOCK" if n % BOXES[country] == BOXES[country] - 1 else "PARCELSHOP"
    return f"{country}{towns[n % len(towns)][1]}-{kind}{n // len(towns) + 1:02}"
