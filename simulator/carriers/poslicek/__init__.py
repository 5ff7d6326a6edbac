"""Poslíček: a stand-in of the small contract that every new carrier starts with. The contract is invented.

Bend it to what the carrier really says, from the contract alone and never from the adapter. It is JSON below
`https://api.poslicek.example/v1`; every call brings `Authorization: Bearer <api_key>`:

    GET    /account                 {"number": "4711"}: whose key it is
    POST   /parcels                 {"parcels": [1 to 20 of
                                        {"reference", "service": "home" or "point", "recipient": {"name", "company",
                                         "street", "city", "zip", "country": "CZ" or "SK", "phone", "email"},
                                         "weight_g": 1 to 30000, "value": {"amount": "1290.00", "currency"},
                                         "point", "cod": {"amount", "currency", "variable_symbol"}, "note"}]}
                                    {"parcels": [{"reference", "number", "tracking_url"} or
                                                 {"reference", "errors": [{"field", "code", "message"}]}]}
                                    each for itself, in any order; a reference told again makes another parcel
    GET    /parcels?reference=R     {"parcels": [{"reference", "number", "tracking_url"}]} that were not cancelled
    DELETE /parcels/{number}        204; 404: there is none, 409: it was handed over, 410: it was cancelled before
    POST   /labels                  {"numbers": [1 to 20]}: a PDF, a page of A6 for each, in this order; 404: one is
                                    not there
    POST   /tracking                {"numbers": [1 to 20]}: {"parcels": [{"number", "events": [{"at", "code", "text",
                                    "place"}]}]}; a number nobody has is left out
    GET    /points?country=CZ       {"points": [{"id", "kind", "name", "street", "city", "zip", "country", "latitude",
                                    "longitude", "open", "takes_cod", "opening"}]}

Letters at most: reference, city 40, name, company, street 60, note, email 100. `company`, `phone`, `email`, `note` may
be missing, `cod` too; `point` goes with its service, and a phone or an e-mail with it. No other field is taken. COD is
in the currency of the country, whole in CZK. Codes of events: registered, accepted, depot, on_the_way, out,
not_delivered, at_point, delivered, refused, not_collected, going_back, returned, cancelled.

What is refused as a whole has a status (400, 401, 404, 409, 410, 429) and {"error": {"code", "message"}}. The bar code
of a label is Code 128 and says the number.
"""

from collections.abc import Callable
from functools import partial

from simulator.carriers import door
from simulator.carriers.poslicek import asking, network, papers, parcels, tracks
from simulator.carriers.poslicek.asking import Asked, Problem
from simulator.carriers.wire import App, Request, Response
from simulator.carriers.world import World

CODE = "poslicek"
PLACES = {"https://api.poslicek.example/v1": ""}

API: dict[str, Callable[[Asked], Response]] = {
    "GET /account": network.account,
    "POST /parcels": parcels.create,
    "GET /parcels": parcels.find,
    "DELETE /parcels/{}": parcels.delete,
    "POST /labels": papers.printed,
    "POST /tracking": tracks.told,
    "GET /points": network.listed,
}
MAKING = {"POST /parcels"}
ITEMS = {"POST /parcels": "parcels", "GET /parcels": "parcels", "POST /tracking": "parcels", "GET /points": "points"}
UNKNOWN = "unknown"


def app(world: World) -> App:
    """Fill the world with one contract and points, and return what answers."""
    network.fill(world)
    return door.opened(
        world,
        operation=_operation,
        answer=partial(_answer, world),
        making=MAKING,
        items=ITEMS,
        trouble=lambda status: asking.bad(asking.trouble(status)),
    )


def _operation(request: Request) -> str:
    """Return the name a call has in `API`."""
    first, *rest = request.parts() or ("",)
    name = f"{request.method} /{first}" + "/{}" * len(rest)
    return name if name in API else UNKNOWN


def _answer(world: World, request: Request) -> Response:
    try:
        account = asking.logged_in(world, request)
        return API.get(request.operation, asking.nowhere)(Asked(world, account, request))
    except Problem as problem:
        return asking.bad(problem)
