"""Česká pošta: B2B-ZSKService REST v1, its public tracking and its list of Balíkovny (carriers.md 5).

Three accounts: `shop` gets generated numbers, `ranged` may bring numbers of its own range, `second` is somebody else's.
A login holds besides token and key what every call must say of the contract: `id_contract`, `customer_id`,
`post_code`, `location_number`. Where the contract is silent a comment says "guess".
"""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from simulator.carriers import door
from simulator.carriers.ceska_posta import batches, booking, failures, login, papers, pickup, places, tracks
from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.wire import App, Request, Response
from simulator.carriers.world import Account, World

CODE = "ceska_posta"
PLACES = {
    "https://b2b.postaonline.cz:444/restservices/ZSKService/v1": "",
    "https://b2b-test.postaonline.cz:444/restservices/ZSKService/v1": "",
    "https://b2c.cpost.cz": "",
    "http://napostu.ceskaposta.cz": "",
}

KEYED: dict[str, Callable[[World, Request, Account], Response]] = {
    "POST /parcelService": booking.create,
    "POST /sendParcels": batches.create,
    "GET /sendParcels/idTransaction/{}": batches.result,
    "POST /parcelPrinting": papers.print_again,
    "POST /parcelStatus": tracks.statuses,
    "GET /parcelDataHistory/parcelID/{}": tracks.history,
    "GET /location/idContract/{}": places.listed,
    "POST /location/idContract/{}": places.add,
    "DELETE /location/idContract/{}": places.remove,
}
# The contract names these and prints nothing of them; saying so is better than inventing what nobody can check.
NOT_SHOWN = ("GET /sendParcels/stats", "POST /letterWithCN22", "POST /letterWithCN22Printing")
PUBLIC: dict[str, Callable[[World, Request], Response]] = {
    "GET /services/ParcelHistory/getDataAsJson": tracks.public,
    "GET /vystupy/balikovny.xml": pickup.balikovny,
    "GET /vystupy/napostu.xml": pickup.napostu,
}
PATHS = [(name, name.partition(" ")[2].strip("/").split("/")) for name in (*KEYED, *NOT_SHOWN, *PUBLIC)]
ROWS = "{*}row"
ITEMS = {
    "POST /parcelService": "responseHeader.resultParcelData",
    "GET /sendParcels/idTransaction/{}": "ResultSendParcelsList",
    "POST /parcelStatus": "detail",
    "GET /parcelDataHistory/parcelID/{}": "parcelStatusHistory",
    "GET /services/ParcelHistory/getDataAsJson": "",
    "GET /vystupy/balikovny.xml": ROWS,
    "GET /vystupy/napostu.xml": ROWS,
}


def app(world: World) -> App:
    """Fill the world with accounts and points and return what answers."""
    login.fill(world)
    pickup.fill(world)
    world.bag |= {"batches": {}, "open": {}}
    world.facts, world.codes = booking.facts, tracks.SAID
    return door.opened(
        world,
        operation=_operation,
        answer=partial(_answer, world),
        making={"POST /parcelService", "POST /sendParcels", "POST /location/idContract/{}"},
        items=ITEMS,
        trouble=lambda status: _written(world, Failure(status)),
    )


def _operation(request: Request) -> str:
    """Return `POST /parcelService` and the like, "(unknown)" for what is not there."""
    found = (name for name, path in PATHS if name.startswith(f"{request.method} ") and _fits(request, path))
    return next(found, "(unknown)")


def _fits(request: Request, path: list[str]) -> bool:
    parts = request.parts()
    return len(parts) == len(path) and all(told in ("{}", part) for told, part in zip(path, parts, strict=True))


def _answer(world: World, request: Request) -> Response:
    try:
        return _done(world, request)
    except Failure as failure:
        return _written(world, failure)


def _done(world: World, request: Request) -> Response:
    name = request.operation
    if name in PUBLIC:
        return PUBLIC[name](world, request)
    if name == "(unknown)":  # also another method: 405 is not among the statuses of 5.2
        raise Failure(404)
    account = login.caller(world, request)
    if name in NOT_SHOWN:
        raise Failure(501, "The contract does not show this operation.")
    return KEYED[name](world, request, account)


def _written(world: World, failure: Failure) -> Response:
    return failures.written(failure, at=world.now(), id_=str(UUID(int=world.rng.getrandbits(128), version=4)))
