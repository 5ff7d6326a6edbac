"""`GET /wms/v1/points`: where parcels are picked up, by code, post code or distance (docs/wms.md)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers import registry
from service import db, points
from service.points import Point
from service.rig import Rig
from service.steps import carriage
from service.web.wms import cursors, door
from service.web.wms.door import Caller

LIMIT, MOST = 20, 100
LONGEST = 200  # letters of a code, as a list is taken over
WITHIN_M = 50_000
WAYS = ("code", "zip", "near")
LISTED = [code for code, adapter in registry.ADAPTERS.items() if adapter.able.points]

Look = Callable[[db.Conn], Sequence[Point]]


def routes(rig: Rig) -> list[Route]:
    """Return the route."""

    def found(request: Request, caller: Caller) -> Response:
        tenant_id = caller.shop(request.query_params.get("tenant") or "")
        limit = cursors.number(request.query_params.get("limit"), "limit", least=1, most=MOST, default=LIMIT)
        look = look_of(request.query_params, most=limit + 1)
        with rig.db.tx(tenant_id) as conn:
            there = look(conn)
        return JSONResponse({"points": [told(each) for each in there[:limit]], "more": len(there) > limit})

    return [Route("/wms/v1/points", door.answering(rig, found), methods=["GET"])]


def look_of(said: Mapping[str, str], *, most: int) -> Look:
    """Return how to look for what is asked for; raise Refused that names the parameter at fault."""
    ways = [way for way in WAYS if way in said]
    if len(ways) != 1:
        raise door.malformed("code", f"Say one of {', '.join(WAYS)}.")
    if any(len(each) > LONGEST or "\0" in each for each in said.values()):
        raise door.malformed(ways[0], f"It has up to {LONGEST} letters.")
    called = said.get("carrier", "")
    carrier = carriage.CODES.get(called, called)
    if carrier not in LISTED:
        raise door.malformed("carrier", f"carrier is one of {', '.join(map(carriage.called, LISTED))}.")
    network, country = said.get("network", ""), said.get("country", "CZ").upper()
    if ways == ["code"]:
        return lambda conn: points.by_code(conn, carrier, said["code"], network=network, most=most)
    if ways == ["zip"]:
        return lambda conn: points.by_zip(conn, carrier, said["zip"], country=country, network=network, most=most)
    try:
        place = points.place_of(said["near"])
    except ValueError:
        raise door.malformed("near", "near is degrees north and east: 49.195,16.608") from None
    return lambda conn: points.near(conn, carrier, place, within_m=WITHIN_M, network=network, most=most)


def told(point: Point) -> dict[str, Any]:
    """Return a point as docs/wms.md describes it."""
    return {
        "carrier": carriage.called(point.carrier),
        "network": point.network,
        "id": point.point_id,
        "state": "gone" if point.gone_at else "open" if point.is_open else "closed",
        "kind": point.kind,
        "name": point.name,
        "street": point.street,
        "city": point.city,
        "zip": point.zip,
        "country": point.country,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "cod": point.takes_cod,
        "max_weight_g": point.most_weight_g,
        "opening": point.opening,
        "distance_m": None if point.distance_m is None else round(point.distance_m),
    }
