"""Balíkobot: one JSON API over many carriers; parcels are added, then ordered, then handed over (carriers.md 6).

Two accounts: `shop` has live keys, `test` those of the sandbox on the same host. What a test may set:

    account.given["carriers"]       the carriers activated for these keys, at first all but `liftago` (others: 403)
    account.given["layout"], ["position"]    how labels are laid out: "A6", or "A4" from a position on
    account.given["incomplete"]     carriers whose profile lacks something (409)
    account.given["ranges"]         {"cp": 406}: no range of numbers, 413: used up
    world.bag["unavailable"]        carriers whose own system is down (426)
    world.bag["failures_with"]      the HTTP status of a failure, 200 or 400; both are allowed
    world.bag["labels_after_order"] True: `labels` knows ordered packages too
    world.bag["track_unknown"]      the status of all where `track` does not know one of several: 200 or 404

Points have the key `<carrier>/<value of branch_id>`, for example `zasilkovna/18542`.
"""

from functools import partial

from simulator.carriers import door
from simulator.carriers.balikobot import asking, book, branches, inners, network, orders, papers, settings, tracks
from simulator.carriers.balikobot.asking import Asked, Method, Refusal
from simulator.carriers.wire import App, Request, Response, as_json
from simulator.carriers.world import Account, World

CODE = "balikobot"
PLACES = {
    "https://apiv2.balikobot.cz": "",
    "https://api.balikobot.cz": "/v1",
    "https://pdf.balikobot.cz": "/pdf",
}
METHODS: dict[str, Method] = {
    **book.METHODS,
    **orders.METHODS,
    **papers.METHODS,
    **tracks.METHODS,
    **branches.METHODS,
    **settings.METHODS,
}
POSTED = {
    *("add", "check", "drop", "labels", "order", "orderpickup", "track", "trackstatus", "pod", "branchlocator"),
    *("transportcosts", "b2a", "b2c", "checkb2a", "checkb2c"),
}
MAKING = {"add", "drop", "order", "orderpickup"}
ITEMS = {
    **dict.fromkeys(("add", "check", "overview", "track", "trackstatus", "pod"), "packages"),
    **dict.fromkeys(("branches", "fullbranches", "branchlocator"), "branches"),
    "order": "package_ids",
    "carriers": "carriers",
    "services": "service_types",
    "activatedservices": "service_types",
}
OF_NOBODY = {"whoami", "carriers"}
WITH_PATH = {"package", "orderview", "branches", "fullbranches", "zipcodes", "addserviceoptions"}
LIVE_ONLY = {"orderpickup", "pod"}  # guess: the contract says "some methods"
UNKNOWN = "(unknown)"


def app(world: World) -> App:
    """Fill the world with two accounts and the carriers' points, and return what answers."""
    for name, is_live in (("shop", True), ("test", False)):
        world.add_account(
            name,
            api_user=f"balikobot_{name}_{world.rng.getrandbits(24):06x}",
            api_key=f"{world.rng.getrandbits(128):032x}",
            given={"live": is_live, "carriers": set(inners.INNERS) - {"liftago"}, "layout": "A6", "position": 1},
        )
    world.bag |= {"eids": {}, "ids": {}, "orders": {}, "collections": []}
    network.fill(world)
    world.facts, world.codes = book.facts, tracks.SAID
    return door.opened(
        world,
        operation=_operation,
        answer=partial(_answer, world),
        making=MAKING,
        items=ITEMS,
        trouble=lambda status: as_json({"status": status}, status),
    )


def _operation(request: Request) -> str:
    """Return the method's name, `pdf` for a document, "(unknown)" for what is nowhere."""
    parts = request.parts()
    if parts[:1] == ("pdf",):
        return "pdf"
    return _asked_for(parts)[1]


def _asked_for(parts: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    """Return the carrier, the method and what follows; tracking is at /v2 alone, `pod` at the v1 host alone."""
    match parts:
        case ("v1", carrier, "pod"):
            return carrier, "pod", ()
        case ("v2", carrier, "track" | "trackstatus" as method):  # guess: that `trackstatus` is there too
            return carrier, method, ()
        case ("v1" | "v2", *_) | (_, "pod" | "track", *_):
            return "", UNKNOWN, ()
        case ("info", "whoami" | "carriers" as method) | ("getCountriesData" | "changelog" as method,):
            return "info", method, ()
        case (carrier, method, *more) if carrier != "info" and method in METHODS.keys() - OF_NOBODY:
            if not more or method in WITH_PATH:
                return carrier, method, tuple(more)
    return "", UNKNOWN, ()


def _answer(world: World, request: Request) -> Response:
    if request.operation == "pdf":
        return papers.answer(world, request)
    try:
        told = _done(world, request)
    except Refusal as refusal:
        return asking.bad(world, refusal)
    return told if isinstance(told, Response) else asking.good(world, told)


def _done(world: World, request: Request) -> dict[str, object] | Response:
    account = asking.logged_in(world, request)
    carrier, name, more = _asked_for(request.parts())
    if name == UNKNOWN:
        raise Refusal(501, "Metoda neexistuje.")
    verb = "POST" if name in POSTED else "GET"
    if request.method != verb:
        raise Refusal(400, f"Metoda {name} se volá {verb}.")
    told = asking.body(request) if verb == "POST" else {}
    inner = _inner(world, account, carrier)
    if name in LIVE_ONLY and not account.given["live"]:
        raise Refusal(423, "Metoda je dostupná pouze pro ostré klíče.")
    return METHODS[name](Asked(world, account, inner, request, more, told))


def _inner(world: World, account: Account, carrier: str) -> inners.Inner:
    """Return the carrier a path names, by its code or an alias; it must be activated and up."""
    if carrier == "info":
        return inners.NONE
    code = inners.ALIASES.get(carrier, carrier)
    if code not in inners.CODES:
        # guess; 404 would pass for a package that is gone already
        raise Refusal(501, f"Dopravce {carrier} neexistuje.")
    if code not in account.given["carriers"]:
        raise Refusal(403, f"Dopravce {code} není pro tyto klíče aktivován.")
    if code in world.bag.get("unavailable", ()):
        raise Refusal(426, f"Dopravce {code} není dostupný.")
    return inners.INNERS[code]
