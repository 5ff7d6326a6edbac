"""Returns of `/wms/v1`: labels for the way back, where the carrier that brought it makes them (docs/wms.md)."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import returns
from service.flows import bring_back as flow
from service.flows.bring_back import NoReturn, Wanted
from service.returns import Return
from service.rig import Rig
from service.shipments import OtherBody
from service.steps import bringing, carriage, reporting
from service.tracking import Followed
from service.web.app import posts
from service.web.wms import door
from service.web.wms.door import Answer, Caller, Refused, answering
from service.web.wms.said import BoxSaid, Said, Word
from service.web.wms.shipments import HEADER, Fault, digest_of, key_of, read

STATUS_OF = {"unknown_shipment": 404, "unknown_return": 404, "unfit": 422}  # 409 is any other's
UNKEPT = {"Cache-Control": "no-store"}


class ReturnSaid(Said):
    """What is to come back; nothing said: one box that weighs what went out."""

    parcels: Annotated[list[BoxSaid], Field(min_length=1, max_length=20)] | None = None
    options: Annotated[dict[Word, Word], Field(max_length=20, default_factory=dict)]
    another: bool = False

    def wanted(self, shipment_id: str) -> Wanted:
        """Return it as the flow takes it."""
        boxes = tuple(each.packed for each in self.parcels or ())
        return Wanted(shipment_id, boxes, self.options, another=self.another)


def routes(rig: Rig) -> list[Route]:
    """Return the doors of returns."""
    doors = Doors(rig)
    path = "/wms/v1/returns/{id}"
    return [
        posts("/wms/v1/shipments/{id}/return", answering(rig, saying(doors.ask))),
        Route(path, answering(rig, saying(doors.one)), methods=["GET"]),
        Route(path, answering(rig, saying(doors.give_up)), methods=["DELETE"]),
        Route(f"{path}/label", answering(rig, saying(doors.label)), methods=["GET"]),
        posts(f"{path}/again", answering(rig, saying(doors.again))),
    ]


def saying(answer: Answer) -> Answer:
    """Return a door that puts what the flow refuses into the words of the door."""

    def answered(request: Request, caller: Caller, *body: bytes) -> Response:
        try:
            return answer(request, caller, *body)
        except NoReturn as fault:
            status = STATUS_OF.get(fault.code, 409)
            raise Refused(status, fault.code, fault.detail, more=fault.more) from None

    return answered


class Doors:
    """What the doors do once it is known who calls."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def ask(self, request: Request, caller: Caller, body: bytes) -> Response:
        """Take a return in; what comes of it is asked for by its id."""
        key, json, shipment_id = key_of(request), door.json_of(body or b"{}"), request.path_params["id"]
        said = read(ReturnSaid, json, at="")
        if isinstance(said, Fault):
            raise Refused(422, "invalid", said.detail, field=said.field)
        digest = digest_of({"return": shipment_id, "said": json})
        try:
            made = flow.run(
                self._rig, caller.account_id, caller.tenants, said.wanted(shipment_id), key=key, digest=digest
            )
        except OtherBody:
            detail = "This key came before with another body; a new request needs a new key."
            raise Refused(422, "idempotency_key", detail, field=HEADER) from None
        return self._shown(made, caller, 202)

    def one(self, request: Request, caller: Caller) -> Response:
        """Show one."""
        return self._shown(flow.one(self._rig, caller.tenants, request.path_params["id"]), caller)

    def give_up(self, request: Request, caller: Caller) -> Response:
        """Let one be that was not made."""
        found = flow.give_up(self._rig, caller.tenants, request.path_params["id"], by=caller.account_id)
        return self._shown(found, caller)

    def label(self, request: Request, caller: Caller) -> Response:
        """Hand out the label."""
        found = flow.label(self._rig, caller.tenants, request.path_params["id"], by=caller.account_id)
        headers = {"Content-Disposition": 'attachment; filename="return.pdf"', **UNKEPT}
        return Response(found, headers=headers, media_type="application/pdf")

    def again(self, request: Request, caller: Caller, _body: bytes) -> Response:
        """Ask for one again that a person has looked for."""
        found = flow.again(self._rig, caller.tenants, request.path_params["id"], by=caller.account_id)
        return self._shown(found, caller, 202)

    def _shown(self, each: Return, caller: Caller, status: int = 200) -> Response:
        told = flow.told(self._rig, each, by=caller.account_id)
        return JSONResponse(document(each, told, flow.where(self._rig, each)), status, headers=UNKEPT)


def document(each: Return, told: list[str], where: Mapping[int, Followed]) -> dict[str, Any]:
    """Return the document of one."""
    return {
        "id": each.return_id,
        "tenant": returns.tenant_of(each.return_id),
        "order": each.order_number,
        "shipment": each.shipment_id,
        "carrier": carriage.called(each.carrier),
        "service": each.service,
        "state": each.state.value,
        "reason": each.parked.value if each.parked else None,
        "why": each.why,
        "faults": list(each.faults),
        "parcels": [reporting.parcel(box, where.get(box.place)) for box in bringing.boxes_of(each)],
        "label": each.has_label,
        "told": told,
        "notes": list(each.notes),
        "created": reporting.stamp(each.created_at),
        "changed": reporting.stamp(each.changed_at),
    }
