"""The control API of a warehouse: tells it what to ship and asks what it saw. This machine only.

Bodies are JSON objects; an unknown field or what cannot be done is refused with 4xx and `{"error": …}`.

    GET    /                 where the door is, whose feed is read, the cursor, the switches
    PATCH  /                 {"lose_every": 10, "ack_released": true, "ack_stops": false}
    GET    /shelf            the orders that may be packed now: {"count": n, "orders": [["t_…", "O1"], …]}
    POST   /ship             {"count": 300, "tenant": "t_…", "of": "oldest"} or {"orders": [["t_…", "O1"]]}, and
                             {"final": true, "left_already": false, "coded": true, "parcels": 2, "anyway": false,
                             "batch": 100}: a result for each, {"count": n, "accepted": n, "results": […]}
    POST   /void             {"shipment": "s_…"}
    POST   /correct          {"shipment": "s_…", "parcels": […], "final": true}: without parcels its codes are new
    POST   /look             {"shipments": ["s_…"]} or {} for all the shop may not know of yet
    POST   /repeat           posts without an answer once more, with their own keys
    GET    /report           figures, findings, deviations from docs/wms.md, times
    POST   /judge            {"stopped": [["t_…", "O1"]], "never": […]}: stops not seen, orders released in error
    GET    /ledger?what=a,b  every line of the book, or those of these kinds, a JSON line each
    GET    /shown            every order as the door showed it last, a JSON line each; personal
"""

import json
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from pydantic import Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.control.asking import Ask, Nothing, Refused, refusal, route
from simulator.wms import judge
from simulator.wms.door import Refused as DoorRefused
from simulator.wms.door import Unheard
from simulator.wms.ledger import Line
from simulator.wms.posting import MOST
from simulator.wms.shapes import State
from simulator.wms.warehouse import NotHere, Warehouse, Which

Keys = list[tuple[str, str]]


class Switches(Ask):
    """Fields left out stay as they are."""

    lose_every: int | None = Field(None, ge=0)
    ack_released: bool | None = None
    ack_stops: bool | None = None


class Ship(Ask):
    """Which orders and how, as `Warehouse.ship` takes it."""

    count: int | None = Field(None, ge=1)
    orders: Keys | None = None
    tenant: str | None = None
    of: Which = "oldest"
    final: bool = True
    left_already: bool = False
    coded: bool = True
    parcels: int | None = Field(None, ge=1, le=20)
    anyway: bool = False
    batch: int = Field(MOST, ge=1, le=MOST)


class One(Ask):
    """A shipment that was made here."""

    shipment: str


class Correct(One):
    """What it is now."""

    parcels: list[dict[str, Any]] | None = Field(None, min_length=1)
    final: bool | None = None


class Look(Ask):
    """Which shipments."""

    shipments: list[str] | None = None


class Truth(Ask):
    """What whoever runs the shops knows."""

    stopped: Keys = Field(default_factory=list)
    never: Keys = Field(default_factory=list)


class Kinds(Ask):
    """Kinds of lines parted by commas."""

    what: str | None = None


def app(warehouse: Warehouse, told: dict[str, Any]) -> Starlette:
    """Return the control API over a warehouse; `told` is what the process says of itself."""

    def working(act: Callable[[Warehouse, Any], Any]) -> Callable[[Request, Any], Any]:
        return lambda _request, ask: run_in_threadpool(_refusing, act, warehouse, ask)

    table = (
        ("GET", "/", Nothing, lambda _warehouse, _ask: told | _overview(warehouse)),
        ("PATCH", "/", Switches, _switch),
        ("GET", "/shelf", Nothing, _shelf),
        ("POST", "/ship", Ship, lambda warehouse, ask: _results(warehouse.ship(**ask.model_dump()))),
        ("POST", "/void", One, lambda warehouse, ask: warehouse.void(ask.shipment)),
        ("POST", "/correct", Correct, lambda warehouse, ask: warehouse.correct(**ask.model_dump())),
        ("POST", "/look", Look, lambda warehouse, ask: {"shipments": warehouse.look(ask.shipments)}),
        ("POST", "/repeat", Nothing, lambda warehouse, _ask: _results(warehouse.repeat())),
        ("GET", "/report", Nothing, lambda warehouse, _ask: judge.report(warehouse.ledger)),
        ("POST", "/judge", Truth, _judge),
        ("GET", "/ledger", Kinds, _ledger),
        ("GET", "/shown", Nothing, lambda warehouse, _ask: _ndjson(list(warehouse.reader.shown.values()))),
    )
    routes: list[Route] = [route(nullcontext(), *row[:3], working(row[3])) for row in table]
    handlers = {Refused: refusal, ValidationError: refusal, HTTPException: refusal}
    return Starlette(routes=routes, exception_handlers=handlers)


def _refusing(act: Callable[[Warehouse, Any], Any], warehouse: Warehouse, ask: Any) -> Any:
    """Do it; what cannot be done here is 409, what the door refuses or does not answer 502."""
    try:
        return act(warehouse, ask)
    except NotHere as missing:
        raise Refused(str(missing), 409) from missing
    except (Unheard, DoorRefused) as failed:
        raise Refused(f"the door: {failed}", 502) from failed


def _overview(warehouse: Warehouse) -> dict[str, Any]:
    return {
        "tenant": warehouse.reader.tenant,
        "cursor": warehouse.ledger.cursor,
        "following": warehouse.following,
        "lose_every": warehouse.poster.lose_every,
        "acking": sorted(warehouse.reader.acking),
    }


def _switch(warehouse: Warehouse, ask: Switches) -> dict[str, Any]:
    if ask.lose_every is not None:
        warehouse.poster.lose_every = ask.lose_every
    for state, wanted in ((State.RELEASED, ask.ack_released), (State.STOP, ask.ack_stops)):
        if wanted is not None:
            (warehouse.reader.acking.add if wanted else warehouse.reader.acking.discard)(state)
    return _overview(warehouse)


def _shelf(warehouse: Warehouse, _ask: Nothing) -> dict[str, Any]:
    keys = warehouse.shelf()
    return {"count": len(keys), "orders": keys}


def _results(results: list[Line]) -> dict[str, Any]:
    accepted = sum(result["shipment"] is not None for result in results)
    return {"count": len(results), "accepted": accepted, "results": results}


def _judge(warehouse: Warehouse, ask: Truth) -> dict[str, Any]:
    ledger = warehouse.ledger
    return {
        "stops_missed": judge.stops_missed(ledger, ask.stopped),
        "released_though_never": judge.never_right(ledger, ask.never),
        "findings": judge.findings(ledger),
        "deviations": dict(ledger.deviations),
        "shipments": [asdict(one) for one in ledger.shipped.values()],
    }


def _ledger(warehouse: Warehouse, ask: Kinds) -> Response:
    ledger = warehouse.ledger
    if ask.what is not None:
        return _ndjson(ledger.of(*ask.what.split(",")))
    with ledger.lock:
        return _ndjson(list(ledger.lines))


def _ndjson(lines: Iterable[Line]) -> Response:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return Response(text, media_type="application/x-ndjson")
