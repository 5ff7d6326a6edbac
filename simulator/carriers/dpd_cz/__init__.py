"""DPD CZ: the GeoAPI below `/v1` and the open list of pick-up points (carriers.md 3.0, 3A, 3.9).

What the contract leaves open is marked `guess` where it is decided. `/v2` is not here, for nobody tells how it differs.
Neither are messages of its own nor payments of COD, which this carrier has no call for.
`world.bag["deletes"] = False` takes away DELETE of shipments, which the contract calls SINGLE.
"""

from collections.abc import Callable
from functools import partial

from simulator.carriers import door
from simulator.carriers.dpd_cz import asking, book, feeds, network, orders, papers, tracks
from simulator.carriers.dpd_cz.asking import Asked, Problem
from simulator.carriers.wire import App, Request, Response
from simulator.carriers.world import World

CODE = "dpd_cz"
PLACES = {
    "https://geoapi.dpd.cz/v1": "/v1",
    "https://geoapi-test.dpd.cz/v1": "/v1",
    "https://pickup.dpd.cz": "",
}

API: dict[str, Callable[[Asked], Response]] = {
    "GET /me": network.me,
    "POST /shipments": book.create,
    "DELETE /shipments/{}": book.delete,
    "POST /parcels/labels": papers.several,
    "POST /parcels/{}/labels": papers.one,
    "POST /parcels/{}/drop-off-codes": papers.drop_off,
    "POST /parcels/tracking": tracks.several,
    "GET /parcels/{}/tracking": tracks.one,
    "POST /pickup-orders": orders.create,
    "GET /pickup-orders/{}": orders.show,
    "DELETE /pickup-orders/{}": orders.delete,
}
PATHS = [(name, *name.split(" ")) for name in API]
MAKING = {"POST /shipments", "POST /pickup-orders"}
ITEMS = {
    "POST /shipments": "",
    "POST /parcels/labels": "labels",
    "POST /parcels/tracking": "parcels",
    "GET /parcels/{}/tracking": "parcelEvents",
    "POST /pickup-orders": "",
    "GET /api/getAll": "data.items",
    "GET /api/GetParcelShopsByAddress": "data.items",
}
UNKNOWN = "unknown"


def app(world: World) -> App:
    """Fill the world with one contract and points, and return what answers."""
    network.fill(world)
    world.facts, world.codes = book.facts, tracks.SAID
    return door.opened(
        world,
        operation=_operation,
        answer=partial(_answer, world),
        making=MAKING,
        items=ITEMS,
        trouble=lambda status: asking.bad(asking.trouble(status)),
    )


def _operation(request: Request) -> str:
    """Return the name of a call; an alias has the name of what it stands for."""
    if not _is_api(request):
        return feeds.name_of(request) or UNKNOWN
    return next((name for name, method, path in PATHS if method == request.method and _fits(request, path)), UNKNOWN)


def _is_api(request: Request) -> bool:
    return request.path.startswith("/v1/")


def _fits(request: Request, path: str) -> bool:
    told, wanted = request.path.removeprefix("/v1/").split("/"), path[1:].split("/")
    return len(told) == len(wanted) and all(
        part == here or (part == "{}" and here) for part, here in zip(wanted, told, strict=True)
    )


def _answer(world: World, request: Request) -> Response:
    try:
        if not _is_api(request):
            return feeds.answer(world, request)
        account = asking.logged_in(world, request)
        if request.operation == UNKNOWN:
            raise _nowhere(request)
        return API[request.operation](Asked(world, account, request))
    except Problem as problem:
        return asking.bad(problem)


def _nowhere(request: Request) -> Problem:
    if any(_fits(request, path) for _, _, path in PATHS):
        return Problem(405, "METHOD_NOT_ALLOWED", "Method not allowed", request.method)
    return Problem(404, "NOT_FOUND", "Not found", request.path)
