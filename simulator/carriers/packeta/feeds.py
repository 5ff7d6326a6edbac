"""Lists of points and carriers as JSON, and the widget's check of a point (carriers.md 1.6).

Every value is text, an empty one arrives as `{}`, a country in lower case.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from simulator import wire as plain
from simulator.carriers import wire
from simulator.carriers.packeta import network
from simulator.carriers.packeta.asking import tree
from simulator.carriers.packeta.network import External
from simulator.carriers.points import Point
from simulator.carriers.wire import Request, Response, Unreadable, as_json, as_text, as_xml
from simulator.carriers.world import World

AT_ONCE = 500
VALIDATE = (
    ("v6", "pps", "api", "widget", "v1", "validate"),
    ("v6", "api", "pps", "api", "widget", "v1", "validate"),
)
EMPTY: dict[str, str] = {}  # what an empty text arrives as
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS = dict.fromkeys(WEEK, "08:00–18:00") | {"saturday": "08:00–12:00", "sunday": EMPTY}
YES, ONE, TRUE = ("no", "yes"), ("0", "1"), ("false", "true")  # the three ways it says so


def name_of(parts: tuple[str, ...]) -> str:
    """Return the file a path leads to, `validate`, or "(unknown)"."""
    if parts in VALIDATE:
        return "validate"
    match parts:
        case ("v5", _, "branch.json" | "box.json" | "carrier.json" as name):
            return name
        case ("v5", _, "carrier", "json"):
            return "carrier.json"
        case ("api", _, "point.json" | "point.xml" as name) | ("api", "v5", _, "point.json" as name):
            return name
    return "(unknown)"


def answer(world: World, request: Request) -> Response:
    """Answer whatever is not the XML API."""
    parts, name = request.parts(), request.operation
    if name == "(unknown)":
        return as_text("not found\n", 404)
    if name == "validate":
        return _validate(world, request)
    key = parts[2] if parts[:2] == ("api", "v5") else parts[1]
    if world.account_with(api_key=key) is None:
        return as_json({"error": "Invalid API key."}, 401)  # guess: how a wrong key is answered
    if name.startswith("point"):
        return _external(world, request, name)
    return Response(200, {"content-type": wire.JSON}, stream=partial(_pieces, _rows(world, name)))


def _rows(world: World, name: str) -> Iterable[dict[str, Any]]:
    if name == "carrier.json":
        return [_carrier(one) for one in network.EXTERNALS.values()]
    kind, row = ("box", _box) if name == "box.json" else ("shop", _branch)
    wanted = [point for point in world.points.values() if point.kind == kind]
    return map(row, wanted)


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    left, comma = iter(rows), b""
    yield b"["
    while some := list(islice(left, AT_ONCE)):
        yield comma + plain.dumps(some)[1:-1]
        comma = b","
    yield b"]"


def _branch(point: Point) -> dict[str, Any]:
    return {
        "id": point.id,
        "name": point.name,
        "special": EMPTY,
        "place": point.name.partition(" ")[0],
        "street": f"{point.street} {point.house}",
        "city": point.city,
        "zip": point.zip,
        "country": point.country.lower(),
        "currency": network.CURRENCIES[point.country],
        "status": {
            "statusId": "1" if point.is_open else "2",
            "description": "V provozu" if point.is_open else "Dočasně uzavřeno",
        },
        "displayFrontend": ONE[point.is_open],
        "directions": EMPTY,
        "wheelchairAccessible": YES[point.takes_card],
        "creditCardPayment": YES[point.takes_card],
        "dressingRoom": ONE[0],
        "claimAssistant": ONE[1],
        "packetConsignment": ONE[1],
        "latitude": str(point.latitude),
        "longitude": str(point.longitude),
        "url": f"https://www.zasilkovna.cz/pobocky/{point.id}",
        "maxWeight": str(point.most_weight_g // 1_000),
        "labelRouting": f"{point.country}-{point.zip[:2]}",
        "labelName": point.name,
        "photos": EMPTY,
        "openingHours": {"regular": HOURS, "upcoming": EMPTY, "exceptions": EMPTY},
    }


def _box(point: Point) -> dict[str, Any]:
    number = int(point.id)
    return _branch(point) | {
        "type": "alzabox" if number % 7 == 0 else "zbox",
        "codAllowed": ONE[point.takes_cod],
        "hasKeypad": ONE[number % 5 == 0],
    }


def _carrier(one: External) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "available": TRUE[one.available],
        "pickupPoints": TRUE[one.points],
        "apiAllowed": TRUE[one.api],
        "separateHouseNumber": YES[one.house],
        "customsDeclarations": TRUE[one.customs],
        "requiresEmail": TRUE[one.email],
        "requiresPhone": TRUE[one.phone],
        "requiresSize": TRUE[one.size],
        "disallowsCod": TRUE[not one.cod],
        "country": one.country.lower(),
        "currency": network.CURRENCIES[one.country],
        "maxWeight": str(one.most_kg),
        "labelRouting": f"H-{one.id}",
        "labelName": one.name,
    }


def _external(world: World, request: Request, name: str) -> Response:
    """Return the points of the carriers `ids` names; those who have none are left out."""
    # guess: the envelope; a row does not say whose it is
    asked = {id_: network.external_points(world, id_) for id_ in request.one("ids").split(",")}
    told = [{"id": id_, "points": [_row(p) for p in theirs.values()]} for id_, theirs in asked.items() if theirs]
    if name == "point.json":
        return as_json({"carriers": told})
    return as_xml(tree("carriers", {"carrier": [{"id": one["id"], "point": one["points"]} for one in told]}))


def _row(point: Point) -> dict[str, Any]:
    return {
        "code": point.id,
        "coordinates": {"latitude": str(point.latitude), "longitude": str(point.longitude)},
        "street": point.street,
        "streetNumber": point.house,
        "city": point.city,
        "zip": point.zip,
        "country": point.country.lower(),
        "payment": ONE[point.takes_cod],
        "displayFrontend": ONE[point.is_open],
    }


def _validate(world: World, request: Request) -> Response:
    """Say whether a chosen point can be delivered to."""
    try:
        told = request.json()
        point, key = dict(told["point"]), str(told["apiKey"])
    except (Unreadable, KeyError, TypeError, ValueError):
        return as_json({"error": "apiKey and point are needed"}, 400)
    if world.account_with(api_key=key) is None:
        return as_json({"error": "Invalid API key."}, 401)
    if "carrierId" in point:
        theirs = network.external_points(world, str(point["carrierId"]))
        found = theirs.get(str(point.get("carrierPickupPointId")))
    else:
        found = world.points.get(str(point.get("id")))
    # guess: the codes
    wrong = ("NotFound", "Point was not found.") if found is None else ("Closed", "Point is not in operation.")
    is_valid = found is not None and found.is_open
    errors = [] if is_valid else [{"code": wrong[0], "description": wrong[1]}]
    return as_json({"isValid": is_valid, "errors": errors})
