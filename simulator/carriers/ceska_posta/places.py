"""Posting places of a contract (carriers.md 5.1); guess: everything but the path and `locationNumber`."""

from simulator.carriers.ceska_posta import shapes
from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.ceska_posta.shapes import Anything, Shape, Text
from simulator.carriers.wire import Request, Response, as_json
from simulator.carriers.world import Account, World

LOCATION = Shape(
    {
        "locationName": Text(needed=True),
        "senderAddress": Anything(),
        "codAddress": Anything(),
        "codBank": Anything(),
        "senderContacts": Anything(),
    }
)


def listed(_world: World, request: Request, account: Account) -> Response:
    """Answer the contract's places."""
    _own(request, account)
    return as_json([{"locationNumber": number, **told} for number, told in account.given["locations"].items()])


def add(_world: World, request: Request, account: Account) -> Response:
    """Take a place and answer its number."""
    _own(request, account)
    told = shapes.read(request, LOCATION)
    number = max(account.given["locations"], default=0) + 1
    account.given["locations"][number] = told
    return as_json({"locationNumber": number})


def remove(_world: World, request: Request, account: Account) -> Response:
    """Forget the place whose number the query gives."""
    _own(request, account)
    number = request.one("locationNumber")
    if not number.isdecimal() or int(number) not in account.given["locations"]:
        raise Failure(404)
    del account.given["locations"][int(number)]
    return Response(200)


def _own(request: Request, account: Account) -> None:
    if request.parts()[2] != account.login["id_contract"]:
        raise Failure(403)
