"""What a warehouse tells us: shipments made, corrected and taken back (docs/wms.md).

Fields we do not know are let through: a newer client may say more than we ask. What we do know must be of its type and
inside its bounds, and each item of a list is held against that alone, so that a bad one spoils no other.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import shipments
from service.flows import ship
from service.flows.ship import Asking, Item, Result, ShipmentRefused
from service.kit import canon, seal
from service.rig import Rig
from service.shipments import Draft, OtherBody
from service.steps import reporting
from service.web import problem
from service.web.app import posts
from service.web.wms import door
from service.web.wms.door import Caller, Refused, answering
from service.web.wms.said import BookSaid, Correction, Said, ShipmentSaid, books

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,100}")
MOST = 100
STATUS_OF = {
    "unknown_order": 404,
    "unknown_shipment": 404,
    "not_released": 409,
    "stopped": 409,
    "already_shipped": 409,
    "voided": 409,
    "label_due": 409,
    "invalid": 422,
    "no_pairing": 409,
    "no_contract": 409,
    "no_numbers": 409,
    "unfit": 422,
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a body, and where; never the value itself."""

    field: str
    detail: str


S = TypeVar("S", bound=Said)


def routes(rig: Rig) -> list[Route]:
    """Return the doors of shipments."""
    doors = Doors(rig)
    one = "/wms/v1/shipments/{id}"
    return [
        posts("/wms/v1/shipments", answering(rig, doors.record)),
        posts(one, answering(rig, doors.correct), method="PUT"),
        Route(one, answering(rig, doors.void), methods=["DELETE"]),
        Route(one, answering(rig, doors.one), methods=["GET"]),
    ]


class Doors:
    """What the doors do once it is known who calls."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def record(self, request: Request, caller: Caller, body: bytes) -> Response:
        """Take shipments in; each has its own result."""
        key = key_of(request)
        said = door.json_of(body)
        items, refused = sorted_out(listed(said))
        asked = Asking(caller.account_id, caller.tenants, key, digest_of(said))
        try:
            told = ship.record(self._rig, asked, items)
        except OtherBody:
            detail = "This key came before with another body; a new request needs a new key."
            raise Refused(422, "idempotency_key", detail, field=HEADER) from None
        results = [*refused, *(_result(each) for each in told)]
        return JSONResponse({"results": sorted(results, key=lambda result: result["index"])})

    def one(self, request: Request, caller: Caller) -> Response:
        """Show a shipment."""
        shipment_id = request.path_params["id"]
        tenant_id = shipments.tenant_of(shipment_id)
        if tenant_id in caller.tenants:
            with self._rig.db.tx(tenant_id) as conn:
                if found := shipments.one(conn, tenant_id, shipment_id):
                    [shown] = reporting.shown(conn, tenant_id, [found], now=self._rig.now())
                    return JSONResponse(shown)
        raise _refused(*ship.NONE_SUCH)

    def correct(self, request: Request, caller: Caller, body: bytes) -> Response:
        """Replace what a shipment holds."""
        said = read(Correction, door.json_of(body), at="")
        if isinstance(said, Fault):
            raise Refused(422, "invalid", said.detail, field=said.field)
        by, shipment_id = caller.account_id, request.path_params["id"]
        with _refusing():
            told = ship.correct(self._rig, caller.tenants, shipment_id, parcels=said.packed, final=said.final, by=by)
        return JSONResponse(told)

    def void(self, request: Request, caller: Caller) -> Response:
        """Take a shipment back."""
        with _refusing():
            told = ship.void(self._rig, caller.tenants, request.path_params["id"], by=caller.account_id)
        return JSONResponse(told)


def key_of(request: Request) -> str:
    """Return the idempotency key; raise Refused when there is not exactly one, of visible ASCII."""
    said = request.headers.getlist(HEADER)
    if len(said) != 1 or not KEY.fullmatch(said[0]):
        raise door.malformed(HEADER, "Exactly one key is needed, of 1 to 100 visible ASCII characters.")
    return said[0]


def digest_of(said: Mapping[str, Any]) -> str:
    """Return a fingerprint that a repeat has too, however its client orders the fields."""
    try:
        return seal.digest(canon.text(said))
    except ValueError:
        raise door.malformed("", "A number in the body is too large.") from None


def listed(said: Mapping[str, Any]) -> Sequence[object]:
    """Return the items of a body; raise Refused."""
    found = said.get("shipments")
    if not isinstance(found, list) or not 1 <= len(cast("list[object]", found)) <= MOST:
        raise Refused(422, "invalid", f"A list of 1 to {MOST} shipments is needed.", field="/shipments")
    return cast("list[object]", found)


def sorted_out(listed: Sequence[object]) -> tuple[list[Item], list[dict[str, Any]]]:
    """Return the items that can be read, and the results of the others."""
    items: list[Item] = []
    refused: list[dict[str, Any]] = []
    for index, each in enumerate(listed):
        said = read(BookSaid if books(each) else ShipmentSaid, each, at=f"/shipments/{index}")
        if isinstance(said, Fault):
            refused.append({"index": index, **_problem("invalid", said.detail), "field": said.field})
        elif isinstance(said, BookSaid):
            items.append(Item(index, said.tenant, Draft(said.order, (), said.final), wish=said.wish))
        else:
            draft = Draft(said.order, said.packed, said.final)
            items.append(Item(index, said.tenant, draft, left_already=said.left_already))
    return items, refused


def read(shape: type[S], said: object, *, at: str) -> S | Fault:
    """Return what was said in its shape, or the first thing that is wrong with it; `at` points to it in the body."""
    try:
        return shape.model_validate(said)
    except ValidationError as faults:
        first = faults.errors(include_input=False, include_url=False, include_context=False)[0]
        return Fault("/".join([at, *map(str, first["loc"])]), first["msg"].removeprefix("Value error, "))


def _result(told: Result) -> dict[str, Any]:
    """Return what the flow says of one item as the WMS reads it."""
    if "shipment" in told:
        return {"status": 201, **told}
    place = f"with_orders/{told['along']}" if "along" in told else "order"
    field = f"/shipments/{told['index']}/{place}"
    faults = {"faults": told["faults"]} if told.get("faults") else {}
    return {"index": told["index"], **_problem(told["code"], told["detail"]), "field": field, **faults}


def _problem(code: str, detail: str) -> dict[str, Any]:
    status = STATUS_OF[code]
    return {"status": status, "title": problem.phrase(status), "detail": detail, "code": code}


@contextmanager
def _refusing() -> Generator[None, None, None]:
    """Put what the flow refuses into the words of the door."""
    try:
        yield
    except ShipmentRefused as fault:
        raise _refused(fault.code, fault.detail) from None


def _refused(code: str, detail: str) -> Refused:
    return Refused(STATUS_OF[code], code, detail)
