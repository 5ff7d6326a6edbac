"""Stand-ins for parcel carriers, written from their wire contracts alone; nothing here imports anything of ours.

A carrier is a module or a package `simulator/carriers/<code>` that has

    CODE = "packeta"                                what it is mounted below: /packeta/…
    PLACES = {"https://www.zasilkovna.cz": ""}      real addresses and the path they lead to below the code; in process
                                                    both these and `http://carriers.test/<code>/…` are answered
    def app(world: World) -> App                    fills the world and returns what answers a call

and is found by its CODE (`registry.modules`): nothing is to be registered. `poslicek` is invented, the one to copy
(docs/new-carrier.md), and served only when it is asked for. `app` is nearly always

    def app(world: World) -> App:
        account = world.add_account(api_password="…", api_key="…")      # drawn from world.rng; printed for clients
        world.points |= points.made(200, seed=world.seed, ids=lambda n: f"KM{10_000_000 + n}")
        return door.opened(
            world,
            operation=_operation,           # Request -> a name ("createPacket", "POST /shipments"), never raises
            answer=partial(_answer, world), # Request -> Response: does the work and says what is wrong in its own way
            making={"createPacket"},        # the operations that make something: only they may land late
            items={"track": "packages", "listing": "data.items", "packetTracking": "result/record", "batch": ""},
            trouble=_trouble,               # status -> Response: how this carrier writes 429, 500, 503
        )

`door.opened` writes the ledger, lets late work land, and does all faults (`faults.KINDS`); the carrier knows of none.
`items` says where in a good answer (JSON by points, XML by slashes and the items' tag, "" a list at the top) the items
are that may be doubled, left out or turned round; a path an answer lacks changes nothing.

What a carrier uses:

    request.path, .query, .headers, .body           the path is the one below the code, raw; header names lower case
    request.json() / .xml() / .form()               the body, or `wire.Unreadable`
    request.parts(), .one("Limit"), .many("Numbers")  the path's segments, the query
    request.at                                      when it arrived: check signed times and tokens against this, never
                                                    against world.now(), for a late call had arrived in time
    wire.as_json, as_xml, as_text, as_file          answers; `Response(200, {…}, stream=…)` for a large one in pieces

    world.account_with(api_key=…)                   the account whose login has these values, byte for byte, else None
    world.serial("packets", 4_154_090_123)          the next number of a row; world.rng for chance; world.bag for the
                                                    rest it keeps (tokens, batches, manifests)
    world.make(number, reference=…, account=…, barcode=…, point=…, town=…, cod=("1290", "CZK"), …)
                                                    takes a parcel and notes it in the ledger; more keywords go to
                                                    parcel.bag. `reference` is the SENDER'S (an order number, an eid):
                                                    `world.made()` counts second labels by it
    world.parcels[number], world.scans(parcel)      what happened so far: Scan(at, step, place), `lives.Step.DATA` first
    world.step(parcel), is_handed, is_cancelled     where it is
    world.cancel(parcel)                            False once it was handed over
    world.paid_at(parcel), parcel.paid              when the COD was sent to the sender, and how much if not all of it
    world.history(parcel), world.codes              scans with what the carrier was told to say; which codes it takes
    world.facts = lambda parcel: {…}                what a test may see: customs, insured, services, contact, …
    world.order_car(id, account=…, told=…)          a collection; world.recall_car(id, account) calls it off
    world.on_scan.append(listener), pushes.put      to send messages by itself; the process delivers them
    world.points, point.is_open, points.made        pick-up points; `world.grow = …` adds many more when asked

    paper.pdf([Label((Code("Z415…"), Code("Z415…", Symbology.QR)), ("Jana Dvořáková", …), mark="HD")], size=A6,
              page=A4, skip=1), paper.zpl(…, dpi=203), paper.png(Code(…))

Steps are the world's (`lives.Step`); a carrier writes each as its own code, and one without a code is left out.

In tests, with a watch as `now`:

    carriers = registry.built(["packeta"], now=watch, seed=7)
    client = httpx.Client(transport=transport(carriers), base_url="http://carriers.test/packeta")
    world = carriers.worlds["packeta"]
    world.faults.add("late", seconds=90)            # then watch.go(seconds=91); world.tick()
    world.hand_over([number]); watch.go(hours=26)   # or world.move_on([number], steps=2), world.end([number], End.LOST)
    world.say([number], "64"); world.facts(parcel); world.cars

As a process: `python -m simulator.carriers --port 0`, its control API in `simulator.carriers.control`.
"""

from simulator.carriers.inprocess import transport
from simulator.carriers.registry import Carriers, built

__all__ = ["Carriers", "built", "transport"]
