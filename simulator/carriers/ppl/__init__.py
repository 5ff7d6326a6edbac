"""PPL CZ: the CPL API ("myAPI2"), after chapter 2 of the carriers' contracts; UNCERTAIN and SINGLE are its words.

Two accounts: `shop` may do everything, `tracking` has the role of tracking alone. `world.bag` holds tokens, batches,
links and orders, and takes three switches: `words` other words for phases (`{"Delivering": "OutForDelivery"}`, 2.4 has
two for some), `paid_event` True for an event of its own when COD was paid out, `missed` numbers of orders no car came
for.
"""

from collections.abc import Callable
from functools import partial

from simulator.carriers import door
from simulator.carriers.ppl import batches, codelists, links, login, orders, places, problems, tracking
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.wire import App, Request, Response
from simulator.carriers.world import Account, World

CODE = "ppl"
PLACES = {links.PRODUCTION: "", links.SANDBOX: ""}

Act = Callable[[World, Request, Account], Response]

# Operation -> the role it needs (which role stands for what is UNCERTAIN) and what does it.
TABLE: dict[str, tuple[str | None, Act]] = {
    "GET /info": (None, login.info),
    "GET /versionInformation": (None, login.version),
    "POST /shipment/batch": (login.CLIENT, batches.create),
    "GET /shipment/batch/{}": (login.CLIENT, batches.state),
    "PUT /shipment/batch/{}": (login.CLIENT, batches.change),
    "GET /shipment/batch/{}/label": (login.CLIENT, batches.label),
    "GET /data/{}": (login.CLIENT, batches.data),
    "GET /shipment": (login.TRACKING, tracking.listed),
    "POST /shipment/{}/cancel": (login.CLIENT, tracking.cancel),
    "POST /shipment/{}/redirect": (login.CLIENT, tracking.redirect),
    "POST /shipment/{}/documents": (login.CLIENT, tracking.documents),
    "POST /order/batch": (login.CLIENT, orders.create),
    "GET /order/batch/{}": (login.CLIENT, orders.state),
    "POST /order/cancel": (login.CLIENT, orders.cancel),
    "GET /accessPoint": (login.POINTS, places.listed),
    "GET /codelist/{}": (None, codelists.listed),
    "GET /customer": (login.CLIENT, codelists.customer),
    "GET /customer/address": (login.CLIENT, codelists.addresses),
    "GET /addressWhisper": (login.CLIENT, codelists.whisper),
    "GET /routing": (login.CLIENT, codelists.routing),
}
LOGIN = "POST /login/getAccessToken"
UNKNOWN = "unknown"
PATHS = [(name, name.partition(" ")[0], name.partition(" ")[2].strip("/").split("/")) for name in (LOGIN, *TABLE)]


def app(world: World) -> App:
    """Return the carrier with its accounts and points."""
    login.fill(world)
    world.bag |= {"batches": {}, "data": {}, "orders": [], "words": {}, "missed": set[str]()}
    world.facts, world.codes = tracking.facts, tracking.SAID
    world.points |= places.made(world.seed)
    world.grow = partial(places.grow, world)
    return door.opened(
        world,
        operation=_operation,
        answer=partial(_answer, world),
        making={"POST /shipment/batch", "POST /order/batch"},
        items={
            "GET /shipment/batch/{}": "items",
            "GET /order/batch/{}": "items",
            "GET /shipment": "",
            "GET /accessPoint": "",
        },
        trouble=lambda status: problems.written(Problem(status), "/"),
    )


def _operation(request: Request) -> str:
    return next((name for name, method, path in PATHS if method == request.method and _fits(request, path)), UNKNOWN)


def _fits(request: Request, path: list[str]) -> bool:
    parts = request.parts()
    if "" in request.path[1:].split("/"):  # two slashes, or one at the end
        return False
    return len(parts) == len(path) and all(told in ("{}", part) for told, part in zip(path, parts, strict=True))


def _answer(world: World, request: Request) -> Response:
    try:
        return _done(world, request)
    except Problem as problem:
        return problems.written(problem, request.path)


def _done(world: World, request: Request) -> Response:
    if request.operation == LOGIN:
        return login.token(world, request)
    if request.operation == UNKNOWN:
        raise Problem(405 if any(_fits(request, path) for _, _, path in PATHS) else 404)
    role, act = TABLE[request.operation]
    return act(world, request, login.caller(world, request, role))
