"""A label a person had to look at is asked for once more by the warehouse (docs/wms.md)."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.shipment import Box
from service import bookings, shipments
from service.bookings import Booking
from service.flows import labels, rebook, ship
from service.flows.rebook import RebookRefused, Why
from service.lanes import TenantId
from service.rig import Rig
from service.steps import reporting
from service.web.app import posts
from service.web.wms import door
from service.web.wms.door import Caller, Refused, answering
from service.web.wms.said import BoxSaid, Said
from service.web.wms.shipments import Fault, read

LOOK_FIRST = "The carrier may have made it. Look for it there; looked=true says that it has none."
REFUSED: Mapping[Why, tuple[int, str, str]] = {
    Why.UNKNOWN: (409, *labels.NOT_OURS),
    Why.CHANGED: (409, "not_parked", "It stands otherwise by now."),
    Why.HANDED: (409, "not_parked", "Its carrier has the parcel."),
    Why.VOIDED: (409, *ship.VOIDED),
    Why.UNWANTED: (409, "not_parked", "It was taken back: look for it at its carrier, and let it be."),
    Why.STOPPED: (409, "stopped", "The order must not leave: {0}."),
    Why.UNFIT: (422, "unfit", "{0}"),
}


class AgainSaid(Said):
    """How it goes once more; without boxes it goes in those of before."""

    parcels: Annotated[list[BoxSaid], Field(min_length=1, max_length=20)] | None = None
    as_it_was: bool = False
    looked: bool = False


def routes(rig: Rig) -> list[Route]:
    """Return the door."""

    def again(request: Request, caller: Caller, body: bytes) -> Response:
        said = read(AgainSaid, door.json_of(body), at="")
        if isinstance(said, Fault):
            raise Refused(422, "invalid", said.detail, field=said.field)
        shipment_id = request.path_params["id"]
        tenant_id, each = parked_one(rig, caller, shipment_id)
        if each.may_be_there and not said.looked:
            raise Refused(409, "look_first", LOOK_FIRST, field="/looked")
        boxes = tuple(box.packed for box in said.parcels or ())
        ask(rig, tenant_id, each, boxes, as_it_was=said.as_it_was, by=caller.account_id)
        return JSONResponse(shown(rig, tenant_id, shipment_id))

    return [posts("/wms/v1/shipments/{id}/book", answering(rig, again))]


def parked_one(rig: Rig, caller: Caller, shipment_id: str) -> tuple[TenantId, Booking]:
    """Return the label of a shipment that a person is to decide about; raise Refused."""
    tenant_id = shipments.tenant_of(shipment_id)
    if tenant_id is None or tenant_id not in caller.tenants:
        raise Refused(404, *ship.NONE_SUCH)
    with rig.db.tx(tenant_id) as conn:
        leading = shipments.leading(conn, tenant_id, [shipment_id]).get(shipment_id)
        if leading is None:
            raise Refused(404, *ship.NONE_SUCH)
        each = bookings.of_shipments(conn, tenant_id, [leading]).get(leading)
    if each is None:
        raise Refused(409, *labels.NOT_OURS)
    if not each.parked or each.cancelled_at:
        raise Refused(409, "not_parked", f"Nobody needs to decide about its label; it is {each.state}.")
    return tenant_id, each


def ask(  # what of whom, how, and who says so
    rig: Rig, tenant_id: TenantId, each: Booking, boxes: tuple[Box, ...], *, as_it_was: bool, by: str
) -> None:
    """Let it go once more; raise Refused."""
    try:
        rebook.again(rig, tenant_id, each.booking_id, over=each.position, boxes=boxes, as_it_was=as_it_was, by=by)
    except RebookRefused as refused:
        status, code, detail = REFUSED[refused.why]
        more = {"faults": list(refused.faults)} if refused.faults else {}
        raise Refused(status, code, detail.format(refused.detail), more=more) from None


def shown(rig: Rig, tenant_id: TenantId, shipment_id: str) -> Mapping[str, Any]:
    """Return the shipment as it stands now."""
    with rig.db.tx(tenant_id) as conn:
        found = shipments.one(conn, tenant_id, shipment_id)
        return reporting.shown(conn, tenant_id, [found], now=rig.now())[0] if found else {}
