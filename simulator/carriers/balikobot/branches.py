"""Lists of pick-up points, packed when asked to be, and the search for one near an address (carriers.md 6.6)."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from simulator import wire as plain
from simulator.carriers import wire
from simulator.carriers.balikobot import inners, network
from simulator.carriers.balikobot.asking import Asked, Method, Refusal
from simulator.carriers.balikobot.inners import Inner
from simulator.carriers.points import Point
from simulator.carriers.wire import Response

AT_ONCE = 500
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = dict.fromkeys((f"opening_{day}" for day in DAYS), "08:00-18:00") | {
    "opening_saturday": "08:00-12:00",
    "opening_sunday": "",
}
TYPES = {"shop": "branch", "box": "box", "office": "post", "partner": "partner"}  # guess: what `type` says
SHORT = ("id", "branch_id", "type", "name", "city", "street", "zip", "country", "address", "house_number")


def listed(asked: Asked) -> Response:
    """Return points with a part of their fields. Guess: which part, where there is a full list too."""
    _refuse_none(asked)
    row = partial(_short, asked.inner) if asked.inner.full else partial(full, asked.inner)
    return _list(asked, row)


def fully_listed(asked: Asked) -> Response:
    """Return points with all their fields; not every carrier has that."""
    _refuse_none(asked)
    if not asked.inner.full:
        raise Refusal(501, "Dopravce úplný seznam nemá.")
    return _list(asked, partial(full, asked.inner))


def located(asked: Asked) -> dict[str, Any]:
    """Return points of a city or a zip. Guess: which fields are needed, and that `radius` takes in all of a city."""
    _refuse_none(asked)
    told = asked.told
    taken = {"country", "city", "zip", "street", "max_results", "radius", "type"}
    if told.keys() - taken or not told.get("country") or not (told.get("city") or told.get("zip")):
        raise Refusal(413 if told.keys() - taken else 406, "country a city nebo zip jsou povinné.")
    near = [
        point
        for point in network.of(asked.world, asked.inner, None, str(told["country"]))
        if told.get("city") in (None, "", point.city) and told.get("zip") in (None, "", point.zip)
    ]
    most = told.get("max_results", 10)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise Refusal(413, "max_results")
    return {"status": 200, "branches": [full(asked.inner, point) for point in near[:most]]}


def full(inner: Inner, point: Point) -> dict[str, Any]:
    """Return a point with all the fields its carrier has; a post writes zips with a space, `branch_id` takes none."""
    zip_ = f"{point.zip[:3]} {point.zip[3:]}" if inner.zips else point.zip
    return {
        "id": point.id,
        "branch_id": point.id,
        "branch_uid": f"{inner.code}-{point.id}",
        "type": TYPES[point.kind],
        "name": point.name,
        "city": point.city,
        **_street(inner, point),
        "zip": zip_,
        "country": point.country,
        "city_part": None,
        "district": point.city,
        "region": None,
        "currency": inners.CURRENCIES[point.country],
        "photo_small": None,
        "photo_big": None,
        "url": f"https://points.example/{inner.code}/{point.id}",
        "latitude": point.latitude,
        "longitude": point.longitude,
        "directions_global": None,
        "directions_car": None,
        "directions_public": None,
        "wheelchair_accessible": point.takes_card,
        "claim_assistant": point.kind != "box",
        "dressing_room": False,
        "max_weight": point.most_weight_g / 1_000,
        **HOURS,
    }


def _street(inner: Inner, point: Point) -> dict[str, str]:
    """Return where a point is, in one of three ways. Guess: which carrier does it how."""
    if inner.code == "gls":
        return {"street": point.street, "house_number": point.house, "orientation_number": ""}
    whole = f"{point.street} {point.house}"
    return {"address": f"{whole}, {point.city}"} if inner.code == "dpd" else {"street": whole}


def _short(inner: Inner, point: Point) -> dict[str, Any]:
    return {name: value for name, value in full(inner, point).items() if name in SHORT}


def _refuse_none(asked: Asked) -> None:
    if not any(service.kinds for service in asked.inner.services):
        raise Refusal(501, "Dopravce nemá výdejní místa.")


def _list(asked: Asked, row: Callable[[Point], dict[str, Any]]) -> Response:
    """Return the list in pieces; with `gzip=1` as gzip bytes, which one carrier or another forgets."""
    told = _filters(asked.more)
    service = asked.inner.service(told["service"]) if "service" in told else None
    if "service" in told and (service is None or not service.kinds):
        raise Refusal(413, f"Služba {told['service']} nemá výdejní místa.")
    country = told.get("country", "")
    if country and country not in inners.CURRENCIES:
        raise Refusal(413, f"Neznámá země {country}.")
    found = network.of(asked.world, asked.inner, service, country)
    if asked.request.one("gzip") != "1" or asked.inner.plain:
        return Response(200, {"content-type": wire.JSON}, stream=lambda: _pieces(map(row, found)))
    return Response(200, {"content-type": "application/gzip"}, stream=lambda: _packed(_pieces(map(row, found))))


def _filters(more: tuple[str, ...]) -> dict[str, str]:
    """Return the service and the country a path asks for: `/service/{s}`, then `/country/{c}`, each or both."""
    names, values = more[::2], more[1::2]
    if len(more) % 2 or names not in ((), ("service",), ("country",), ("service", "country")):
        raise Refusal(501, "Metoda neexistuje.")
    return dict(zip(names, values, strict=True))


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    left, comma = iter(rows), b""
    yield b'{"status":200,"branches":['
    while some := list(islice(left, AT_ONCE)):
        yield comma + plain.dumps(some)[1:-1]
        comma = b","
    yield b"]}"


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # 31: with the header of gzip
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


METHODS: dict[str, Method] = {"branches": listed, "fullbranches": fully_listed, "branchlocator": located}
