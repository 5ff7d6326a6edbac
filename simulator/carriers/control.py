"""The control API of the carriers: bad weather, the life of parcels, what was called and made. This machine only.

Bodies are JSON objects; an unknown field or a wrong value is refused with 4xx and `{"error": …}` before anything is
done. C stands for `/_control/{code}`. `numbers` left out: every parcel.

    GET    /_control        what the ready line says
    GET    C                counts, and what is switched how
    PATCH  C                {"hand_over_after_s": 5}: parcels made from now on hand themselves over; null: never
                            {"webhook_url": "http://…", "webhook_key": "…"}: where it sends messages by itself
    GET    C/faults         those that wait, and all kinds with their meaning
    POST   C/faults         {"kind": "late", "calls": 2, "operation": "createPacket", "seconds": 90} …
    DELETE C/faults         {"kind": "busy"} or all
    POST   C/parcels/hand-over   {"numbers": […]}
    POST   C/parcels/move-on     {"numbers": […], "steps": 1}: next steps happen now; "steps": null: to the end
    POST   C/parcels/end         {"numbers": […], "end": "uncollected"}: home, point, second_try, refused, …, lost
    POST   C/parcels/say         {"numbers": […], "code": "60"}: a status of the carrier's own, now; GET C has all codes
    POST   C/parcels/pay         {"numbers": […], "amount": "990"}: what is paid out of the COD
    GET    C/parcels        every parcel: number, reference, end, scans so far, its COD now, what it was paid, and as
                            `facts` what the carrier knows besides: customs, insured, services, contact, stored_until
    GET    C/cars           every car that was ordered: id, the order as it came, when it was called off
    GET    C/points         every point: id, kind, country, whether it is open and takes COD
    POST   C/points         {"ids": […], "open": false}
    POST   C/points/change  {"every": 100}: every n-th point changes
    POST   C/points/grow    {"count": 100000}: so many points more
    GET    C/ledger?last=100     the newest calls
    GET    C/made           numbers by the sender's reference; {"counting_cancelled": true}: those called off too
"""

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from datetime import timedelta
from itertools import islice
from typing import Any

from pydantic import Field, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from simulator.carriers import points
from simulator.carriers.faults import KINDS
from simulator.carriers.lives import End
from simulator.carriers.registry import Carriers
from simulator.carriers.world import Parcel, World
from simulator.control.asking import Ask, Nothing, Refused, refusal, route


class Switches(Ask):
    """Seconds after which parcels hand themselves over, and where messages go; fields left out stay as they are."""

    hand_over_after_s: float | None = Field(None, ge=0)
    webhook_url: str | None = Field(None, pattern=r"^https?://")
    webhook_key: str = ""


class NewFault(Ask):
    """As `simulator.carriers.faults.Fault`."""

    kind: str
    calls: int | None = Field(1, ge=1)
    operation: str | None = None
    holding: str | None = None
    every: int = Field(1, ge=1)
    one_in: int = Field(1, ge=1)
    seed: int = 1
    seconds: float = Field(0.0, ge=0)
    seconds_most: float | None = Field(None, ge=0)
    items: int = Field(1, ge=1)
    status: int | None = Field(None, ge=400, le=599)
    retry_after: int | None = Field(30, ge=0)


class Clear(Ask):
    """One kind, or all."""

    kind: str | None = None


class Some(Ask):
    """Some parcels, or all."""

    numbers: list[str] | None = None


class MoveOn(Some):
    """How many steps; None: all."""

    steps: int | None = Field(1, ge=1)


class Ending(Ask):
    """How these end."""

    numbers: list[str]
    end: End


class Say(Ask):
    """A status of the carrier's own."""

    numbers: list[str]
    code: str


class Pay(Ask):
    """What is sent of the COD."""

    numbers: list[str]
    amount: str


class Points(Ask):
    """These points open or close."""

    ids: list[str]
    open: bool


class Change(Ask):
    """Every n-th point."""

    every: int = Field(100, ge=1)


class Grow(Ask):
    """How many."""

    count: int = Field(ge=1, le=1_000_000)


class Last(Ask):
    """How many lines."""

    last: int = Field(100, ge=1)


class Made(Ask):
    """Whether numbers that were called off count."""

    counting_cancelled: bool = False


def app(carriers: Carriers, told: dict[str, Any]) -> Starlette:
    """Return the control API over carriers; `told` is what the process says of itself."""
    routes = [_route(carriers, *row) for row in TABLE]
    routes.insert(0, route(nullcontext(), "GET", "/_control", Nothing, lambda _request, _ask: told))
    return Starlette(
        routes=routes, exception_handlers={Refused: refusal, ValidationError: refusal, HTTPException: refusal}
    )


def _route(carriers: Carriers, method: str, path: str, model: type[Ask], act: Callable[[World, Any], Any]) -> Route:

    def at_carrier(request: Request, ask: Ask) -> Any:
        world = carriers.worlds.get(request.path_params["code"])
        if world is None:
            raise Refused(f"no carrier {request.path_params['code']!r}; there are {', '.join(carriers.worlds)}", 404)
        with world.lock:
            try:
                return act(world, ask)
            except (KeyError, ValueError) as wrong:
                raise Refused(f"unknown: {wrong}", 404) from wrong

    return route(nullcontext(), method, f"/_control/{{code}}{path}", model, at_carrier)


def _overview(world: World, _ask: Nothing) -> dict[str, Any]:
    after = world.hand_over_after
    return {
        "code": world.code,
        "base_url": world.base_url,
        "accounts": {name: account.login for name, account in world.accounts.items()},
        "parcels": len(world.parcels),
        "points": len(world.points),
        "calls": len(world.ledger),
        "pushes": len(world.pushes),
        "codes": [*world.codes],
        "hand_over_after_s": None if after is None else after.total_seconds(),
    }


def _switch(world: World, ask: Switches) -> dict[str, Any]:
    if "hand_over_after_s" in ask.model_fields_set:
        after = ask.hand_over_after_s
        world.hand_over_after = None if after is None else timedelta(seconds=after)
    if "webhook_url" in ask.model_fields_set:
        world.webhook = (ask.webhook_url, ask.webhook_key) if ask.webhook_url else None
    return _overview(world, Nothing())


def _faults(world: World, _ask: Nothing) -> dict[str, Any]:
    told = [{name: value for name, value in asdict(one).items() if name[0] != "_"} for one in world.faults.waiting]
    return {"waiting": told, "kinds": KINDS}


def _add_fault(world: World, ask: NewFault) -> dict[str, Any]:
    world.faults.add(**ask.model_dump())
    return _faults(world, Nothing())


def _clear(world: World, ask: Clear) -> dict[str, Any]:
    world.faults.clear(ask.kind)
    return _faults(world, Nothing())


def _hand_over(world: World, ask: Some) -> dict[str, Any]:
    return {"count": world.hand_over(ask.numbers)}


def _move_on(world: World, ask: MoveOn) -> dict[str, Any]:
    return {"count": world.move_on(ask.numbers, steps=ask.steps)}


def _end(world: World, ask: Ending) -> dict[str, Any]:
    world.end(ask.numbers, ask.end)
    return {"count": len(ask.numbers)}


def _say(world: World, ask: Say) -> dict[str, Any]:
    return {"count": world.say(ask.numbers, ask.code)}


def _pay(world: World, ask: Pay) -> dict[str, Any]:
    for number in ask.numbers:
        world.parcels[number].paid = ask.amount
    return {"count": len(ask.numbers)}


def _parcels(world: World, _ask: Nothing) -> dict[str, Any]:
    return {"count": len(world.parcels), "parcels": [_parcel(world, one) for one in world.parcels.values()]}


def _parcel(world: World, parcel: Parcel) -> dict[str, Any]:
    paid_at = world.paid_at(parcel)
    return {
        "number": parcel.number,
        "reference": parcel.reference,
        "end": parcel.end,
        "point": parcel.point,
        "cod": parcel.cod,
        "paid": parcel.paid,
        "paid_at": paid_at and paid_at.isoformat(),
        "facts": _plain(world.facts(parcel)),
        "scans": [[scan.at.isoformat(), scan.step, scan.place] for scan in world.scans(parcel)],
    }


def _plain(told: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(dict(told), default=str))  # amounts may be decimal numbers


def _cars(world: World, _ask: Nothing) -> dict[str, Any]:
    told = [
        {
            "id": car.id,
            "account": car.account,
            "told": _plain(car.told),
            "ordered_at": car.ordered_at.isoformat(),
            "cancelled_at": car.cancelled_at and car.cancelled_at.isoformat(),
        }
        for car in world.cars.values()
    ]
    return {"count": len(told), "cars": told}


def _told_points(world: World, _ask: Nothing) -> dict[str, Any]:
    told = [
        {"id": id_, **{name: getattr(point, name) for name in ("kind", "country", "name", "is_open", "takes_cod")}}
        for id_, point in world.points.items()
    ]
    return {"count": len(told), "points": told}


def _points(world: World, ask: Points) -> dict[str, Any]:
    for id_ in ask.ids:
        world.points[id_].is_open = ask.open
    return {"count": len(ask.ids)}


def _change(world: World, ask: Change) -> dict[str, Any]:
    ids = points.changed(world.points, every=ask.every, seed=world.serial("changes"))
    return {"count": len(ids), "ids": ids}


def _grow(world: World, ask: Grow) -> dict[str, Any]:
    if world.grow is None:
        raise Refused(f"{world.code} has no list of points that grows", 409)
    world.grow(ask.count)
    return {"count": len(world.points)}


def _ledger(world: World, ask: Last) -> dict[str, Any]:
    newest = islice(reversed(world.ledger), ask.last)
    lines = [asdict(entry) for entry in newest]
    for line in lines:
        line["at"] = line["at"].isoformat()
        line["landed_at"] = line["landed_at"] and line["landed_at"].isoformat()
    return {"count": len(world.ledger), "calls": lines[::-1]}


def _made(world: World, ask: Made) -> dict[str, Any]:
    made = world.made(counting_cancelled=ask.counting_cancelled)
    return {"made": made, "twice": {reference: numbers for reference, numbers in made.items() if len(numbers) > 1}}


TABLE: tuple[tuple[str, str, type[Ask], Callable[[World, Any], Any]], ...] = (
    ("GET", "", Nothing, _overview),
    ("PATCH", "", Switches, _switch),
    ("GET", "/faults", Nothing, _faults),
    ("POST", "/faults", NewFault, _add_fault),
    ("DELETE", "/faults", Clear, _clear),
    ("POST", "/parcels/hand-over", Some, _hand_over),
    ("POST", "/parcels/move-on", MoveOn, _move_on),
    ("POST", "/parcels/end", Ending, _end),
    ("POST", "/parcels/say", Say, _say),
    ("POST", "/parcels/pay", Pay, _pay),
    ("GET", "/parcels", Nothing, _parcels),
    ("GET", "/cars", Nothing, _cars),
    ("GET", "/points", Nothing, _told_points),
    ("POST", "/points", Points, _points),
    ("POST", "/points/change", Change, _change),
    ("POST", "/points/grow", Grow, _grow),
    ("GET", "/ledger", Last, _ledger),
    ("GET", "/made", Made, _made),
)
