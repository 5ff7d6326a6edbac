"""Packeta: one URL that takes and answers XML, feeds in JSON, and messages it sends by itself (carriers.md 1)."""

from functools import partial

from simulator.carriers import door
from simulator.carriers.packeta import asking, book, claims, feeds, hooks, network, papers, tracks
from simulator.carriers.packeta.asking import Asked, Fault, Method
from simulator.carriers.wire import App, Request, Response, Unreadable, as_text
from simulator.carriers.world import World

CODE = "packeta"
PLACES = {
    "https://www.zasilkovna.cz": "",
    "https://pickup-point.api.packeta.com": "",
    "https://widget.packeta.com": "",
}
REST = ("api", "rest")
METHODS: dict[str, Method] = {**book.METHODS, **claims.METHODS, **papers.METHODS, **tracks.METHODS}
MAKING = {"createPacket", "createPacketClaim", "createPacketClaimWithPassword", "createShipment", "cancelPacket"}
ITEMS = {
    "packetTracking": "result/record",
    "packetCourierTracking": "result/record",
    "shipmentPackets": "result/packet",
    "branch.json": "",
    "box.json": "",
    "carrier.json": "",
    "point.json": "carriers",
}


def app(world: World) -> App:
    """Fill the world with points and one account, cleared to ship, and return what answers."""
    world.add_account(
        api_password=f"{world.rng.getrandbits(128):032x}",
        api_key=f"{world.rng.getrandbits(64):016x}",
        given={"cleared": True, "senders": ["muj-eshop"], "most_value": 100_000, "barcodes": False},
    )
    network.fill(world)
    hooks.listen(world)
    world.facts, world.codes = partial(book.facts, world), tracks.SAID
    return door.opened(world, operation=_operation, answer=partial(_answer, world), making=MAKING, items=ITEMS)


def _operation(request: Request) -> str:
    """Return the method's name of an XML call, the file's name of a feed, `validate` of the widget's check."""
    parts = request.parts()
    if parts == REST:
        try:
            return request.xml().tag
        except Unreadable:
            return "(unreadable)"
    return feeds.name_of(parts)


def _answer(world: World, request: Request) -> Response:
    if request.parts() != REST:
        return feeds.answer(world, request)
    if request.method != "POST":
        return as_text("only POST\n", 405)
    try:
        return asking.good(_done(world, request))
    except Fault as fault:
        return asking.bad(fault)


def _done(world: World, request: Request) -> object:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        root = request.xml()
    except Unreadable as wrong:
        raise Fault("MalformedXmlFault", f"The request is not XML: {wrong}") from wrong  # guess: the fault's name
    if kind not in ("text/xml", "application/xml"):
        raise Fault("MalformedXmlFault", f"The content type {kind!r} is not XML.")
    account = asking.logged_in(world, root)
    if root.tag not in METHODS:
        raise Fault("NotSupportedFault", f"There is no method {root.tag}.")
    return METHODS[root.tag](Asked(world, account, root, request))
