"""Who may call, and the pick-up points."""

from functools import partial

from simulator.carriers import points
from simulator.carriers.poslicek.asking import Asked
from simulator.carriers.wire import Response, as_json
from simulator.carriers.world import World

FIRST_POINT = 1_001
OPENING = {"box": "0-24", "shop": "Po-Pá 8-18, So 8-12"}


def fill(world: World) -> None:
    """Add one contract, and points in both countries."""
    world.add_account(api_key=f"{world.rng.getrandbits(128):032x}", given={"number": "4711"})
    _add(world, 200, "CZ", 0)
    _add(world, 40, "SK", 0)
    world.grow = partial(_grow, world)


def account(asked: Asked) -> Response:
    """Answer whose key it is."""
    return as_json({"number": asked.account.given["number"]})


def listed(asked: Asked) -> Response:
    """Answer the points of a country, none for one without; a closed one stays in the list."""
    country = asked.request.one("country")
    there = (point for point in asked.world.points.values() if point.country == country)
    return as_json({"points": [_shown(point) for point in there]})


def _shown(point: points.Point) -> dict[str, object]:
    return {
        "id": point.id,
        "kind": point.kind,
        "name": point.name,
        "street": f"{point.street} {point.house}",
        "city": point.city,
        "zip": point.zip,
        "country": point.country,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "open": point.is_open,
        "takes_cod": point.takes_cod,
        "opening": OPENING[point.kind],
    }


def _add(world: World, count: int, country: str, start: int) -> None:
    ids = f"{country}{{}}".format
    world.points |= points.made(
        count, seed=world.seed, ids=lambda n: ids(FIRST_POINT + n), country=country, start=start
    )


def _grow(world: World, count: int) -> None:
    _add(world, count, "CZ", sum(point.country == "CZ" for point in world.points.values()))
