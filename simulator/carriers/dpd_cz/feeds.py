"""The open list of pick-up points at `pickup.dpd.cz` (carriers.md 3.9); nobody logs in.

guess: that flags are "1" and "0", that a closed point stays in the list with `pickup_allowed` "0", the form of XML and
CSV, and what is said of an unknown point or country.
"""

import csv
import hashlib
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from simulator import wire as plain
from simulator.carriers import wire
from simulator.carriers.dpd_cz.asking import Problem
from simulator.carriers.dpd_cz.numbers import COUNTRIES
from simulator.carriers.points import Point
from simulator.carriers.wire import Request, Response, as_json, as_xml
from simulator.carriers.world import World

AT_ONCE = 500
NAMES = {
    "/api/getAll": "GET /api/getAll",
    "/api/get-all": "GET /api/getAll",
    "/api/GetParcelShopById": "GET /api/GetParcelShopById",
    "/api/GetParcelShopsByAddress": "GET /api/GetParcelShopsByAddress",
    "/Export/xml": "GET /Export/xml",
    "/Export/csv": "GET /Export/csv",
}
DAYS = ("Pondělí", "Úterý", "Středa", "Čtvrtek", "Pátek", "Sobota", "Neděle")
DAYTIME = ("08:00", "12:00", "13:00", "18:00")
ALWAYS = ("00:00", "12:00", "12:00", "23:59")
HOURS = [(n + 1, day, DAYTIME if n < 5 else ("08:00", "12:00", "", "")) for n, day in enumerate(DAYS[:6])]
BOX_HOURS = [(n + 1, day, ALWAYS) for n, day in enumerate(DAYS)]
TIMES = ("openMorning", "closeMorning", "openAfternoon", "closeAfternoon")


def _hours(rows: Iterable[tuple[int, str, tuple[str, ...]]]) -> list[dict[str, Any]]:
    return [{"day": day, "dayName": name, **dict(zip(TIMES, times, strict=True))} for day, name, times in rows]


WEEKS = (_hours(HOURS), _hours(BOX_HOURS))
WRITTEN = tuple(map(plain.dumps, WEEKS))


def name_of(request: Request) -> str | None:
    """Return the operation of a call, None where there is none."""
    return NAMES.get(request.path) if request.method == "GET" else None


def answer(world: World, request: Request) -> Response:
    """Answer whatever is not the GeoAPI."""
    match request.operation:
        case "GET /api/getAll":
            return _all(world, request)
        case "GET /api/GetParcelShopById":
            found = world.points.get(request.one("id"))
            return _listed([found]) if found else as_json({"status": "error", "message": "Parcel shop not found"})
        case "GET /api/GetParcelShopsByAddress":
            return _near(world, request)
        case "GET /Export/xml":
            return as_xml(_xml(_in(world, request)))
        case "GET /Export/csv":
            return Response(200, {"content-type": "text/csv; charset=windows-1250"}, _csv(_in(world, request)))
    raise Problem(404, "NOT_FOUND", "Not found", request.path)


def _in(world: World, request: Request) -> list[Point]:
    """Return the points of the country that is asked for by its three digits."""
    asked = request.one("country")
    letters = next((name for name, number in COUNTRIES.items() if number == asked), None)
    if letters is None:
        raise Problem(400, "VALIDATION_ERROR", "Country is not valid", f"country: {asked}")
    return [point for point in world.points.values() if point.country == letters]


def _all(world: World, request: Request) -> Response:
    found = _in(world, request)
    return Response(200, {"content-type": wire.JSON}, stream=partial(_pieces, found, _hash(found)))


def _near(world: World, request: Request) -> Response:
    """Answer the points of a town or postcode. guess: that is what near means here."""
    wanted, most = request.one("address").strip().casefold(), request.one("limit", "100")
    if not wanted or not (most.isascii() and most.isdigit()):
        raise Problem(400, "VALIDATION_ERROR", "Address or limit is not valid")
    near = (p for p in world.points.values() if p.city.casefold() in wanted or p.zip in wanted.replace(" ", ""))
    return _listed(list(islice(near, int(most))))


def _listed(found: list[Point]) -> Response:
    items = [_item(point) for point in found]
    return as_json({"status": "ok", "count": len(items), "hash": _hash(found), "data": {"items": items}})


def _pieces(found: list[Point], digest: str) -> Iterator[bytes]:
    left, comma = iter(found), b""
    yield b'{"status":"ok","count":%d,"hash":"%s","data":{"items":[' % (len(found), digest.encode())
    while some := list(islice(left, AT_ONCE)):
        yield comma + b",".join(map(_written, some))
        comma = b","
    yield b"]}}"


def _written(point: Point) -> bytes:
    """Return a point as JSON; its hours, by far the longest part, are written once for all."""
    return b'%s,"hours":%s}' % (plain.dumps(_bare(point))[:-1], WRITTEN[point.kind == "box"])


def _hash(found: list[Point]) -> str:
    """Return what changes when the list does."""
    digest = hashlib.sha256()
    for point in found:
        digest.update(f"{point.id}|{point.name}|{point.is_open}|{point.takes_cod}\n".encode())
    return digest.hexdigest()[:32]


def _item(point: Point) -> dict[str, Any]:
    return {**_bare(point), "hours": WEEKS[point.kind == "box"]}


def _bare(point: Point) -> dict[str, Any]:
    return {
        "id": point.id,
        "company": point.name,
        "street": point.street,
        "house_number": point.house,
        "city": point.city,
        "postcode": point.zip,
        "phone": "",
        "fax": "",
        "email": "",
        "homepage": "",
        "latitude": point.latitude,
        "longitude": point.longitude,
        "pickup_network_type": "dpd_box" if point.kind == "box" else "pickup_point",
        "pickup_allowed": _flag(point.is_open),
        "return_allowed": _flag(point.is_open),
        "express_allowed": "0",
        "dropoff_allowed": _flag(point.is_open),
        "cardpayment_allowed": _flag(point.takes_card),
        "cod_allowed": _flag(point.takes_cod),
        "service": "",
    }


def _flag(value: bool) -> str:  # noqa: FBT001 - it is what it says
    return "1" if value else "0"


def _xml(found: list[Point]) -> ET.Element:
    root = ET.Element("items")
    for point in found:
        row = ET.SubElement(root, "item")
        for name, value in _item(point).items():
            if name == "hours":
                _xml_hours(ET.SubElement(row, name), value)
            else:
                ET.SubElement(row, name).text = str(value) or None
    return root


def _xml_hours(parent: ET.Element, days: list[dict[str, Any]]) -> None:
    for day in days:
        at = ET.SubElement(parent, "item")
        for name, value in day.items():
            ET.SubElement(at, name).text = str(value) or None


def _csv(found: list[Point]) -> bytes:
    written = io.StringIO()
    rows = [_bare(point) for point in found]
    table = csv.DictWriter(written, list(rows[0]) if rows else ["id"], delimiter=";")
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode("windows-1250", "replace")
