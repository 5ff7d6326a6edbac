"""GLS: the MyGLS API as JSON and the open list of delivery points, after chapter 4 of the carriers' contracts.

Two accounts, each known to its country's server alone: `shop` (cz, the default) and `slovak` (sk, below `/sk`).
`world.bag`: `single` True switches on what is SINGLE in the contract; `trouble`, as in `{"PrintLabels": [16, 1000]}`,
has codes of GLS's own troubles (16, 17, 19-21, 1000, 1001) that are answered instead of the next calls.

XML and SOAP are not here: the contract prints neither. That and every "guess" in this package are UNCERTAIN or not in
the contract at all.
"""

import re
from functools import partial
from html import escape

from simulator.carriers import door
from simulator.carriers.gls import asking, booking, listing, network, tracks
from simulator.carriers.gls.asking import Error, Method, Refused, Stranger
from simulator.carriers.wire import App, Request, Response, Unreadable, as_json, as_text
from simulator.carriers.world import World

CODE = "gls"
COUNTRIES = ("cz", "sk", "hu", "ro", "si", "hr", "rs")
PLACES = {
    **{
        f"https://api{test}.mygls.{country}": "" if country == "cz" else f"/{country}"
        for country in COUNTRIES
        for test in ("", ".test")
    },
    "https://map.gls-czech.com": "",
    "https://map.gls-hungary.com": "",
}
SERVICE = ("ParcelService.svc", "json")
VERSION = re.compile(r"_\d{8}$")
METHODS: dict[str, Method] = {**booking.METHODS, **listing.METHODS, **tracks.METHODS}
POINTS = "deliveryPoints"
UNKNOWN = "(unknown)"
ITEMS = {
    "PrintLabels": "PrintLabelsInfoList",
    "PrepareLabels": "ParcelInfoList",
    "PrepareLabelsV2": "ParcelInfoList",
    "GetPrintedLabels": "PrintDataInfoList",
    "GetPrintData": "PrintDataInfoList",
    "GetParcelList": "PrintDataInfoList",
    "GetParcelStatuses": "ParcelStatusList",
    "GetParcelListStatuses": "ParcelList",
    "DeleteLabels": "SuccessfullyDeletedList",
    POINTS: "items",
}


def app(world: World) -> App:
    """Fill the world with accounts and points and return what answers."""
    _add_account(world, "shop", "CZ", "sklad@example.cz", "50001234")
    _add_account(world, "slovak", "SK", "sklad@example.sk", "50005678")
    network.fill(world)
    world.facts, world.codes = booking.facts, tracks.SAID
    return door.opened(
        world,
        operation=_operation,
        answer=partial(_answer, world),
        making=asking.MAKING,
        items=ITEMS,
        trouble=lambda status: _page(status, "The server encountered an error processing the request."),
    )


def _add_account(world: World, name: str, country: str, username: str, client_number: str) -> None:
    password = f"{world.rng.getrandbits(64):016x}"
    given = {"country": country, "active": True, "needs": ()}
    world.add_account(name, given=given, username=username, password=password, client_number=client_number)


def _split(request: Request) -> tuple[str, tuple[str, ...]]:
    """Return whose server it is, and the rest of the path."""
    parts = request.parts()
    return (parts[0], parts[1:]) if parts[:1] and parts[0] in COUNTRIES else ("cz", parts)


def _operation(request: Request) -> str:
    """Return the method without the version pinned behind its name, `deliveryPoints` for the list."""
    _, parts = _split(request)
    if parts[:2] == SERVICE and len(parts) == 3:
        name = VERSION.sub("", parts[2])
        return name if name in METHODS else UNKNOWN
    return POINTS if parts[:2] == ("data", "deliveryPoints") and len(parts) == 3 else UNKNOWN


def _answer(world: World, request: Request) -> Response:
    country, parts = _split(request)
    if request.operation == POINTS:
        return network.listed(world, request, parts[-1])
    method = METHODS.get(request.operation)
    if method is None or (method.is_single and not world.bag.get("single")):
        return _page(404, "Endpoint not found.")
    if request.method != "POST":
        return _page(405, "Method not allowed.")
    try:
        told, errors = _done(world, country.upper(), request, method)
    except Stranger:
        return as_text("Unauthorized", 401)
    except Refused as refused:
        told, errors = {}, refused.errors
    except Unreadable as wrong:
        # guess: how a body is refused whose values are of other types than its fields
        return _page(400, f"The server encountered an error processing the request: {wrong}")
    return as_json({**method.empty, **told, method.errors: asking.merged(errors)})


def _done(world: World, country: str, request: Request, method: Method) -> asking.Done:
    asked = asking.read(world, country, request, method)
    codes: list[int] = world.bag.get("trouble", {}).get(request.operation, [])
    if codes:
        raise Refused(Error(codes.pop(0), "Label generation failed."))
    return method.act(asked)


def _page(status: int, text: str) -> Response:
    page = f"<!DOCTYPE html><html><body><h1>Request Error</h1><p>{escape(text)}</p></body></html>"
    return as_text(page, status, "text/html; charset=utf-8")
