"""One order of `/wms/v1`: as it is now, and the word of a warehouse that it has it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.flows import acknowledge
from service.lanes import TenantId
from service.offers import Offer, Shown
from service.rig import Rig
from service.steps import offering
from service.steps.shipper import NotTheShipper
from service.web.app import posts
from service.web.wms import door, render
from service.web.wms.door import Caller, Refused


def routes(rig: Rig) -> list[Route]:
    """Return the routes of one order; its number may hold a slash, percent-encoded."""

    def one(request: Request, caller: Caller) -> Response:
        tenant_id, number = _named(request, caller)
        with rig.db.tx(tenant_id) as conn:
            return _answer(tenant_id, offering.shown(conn, tenant_id, number))

    def ack(request: Request, caller: Caller, body: bytes) -> Response:
        tenant_id, number = _named(request, caller)
        revision = door.json_of(body).get("revision")
        if isinstance(revision, bool) or not isinstance(revision, int) or revision < 0:
            raise door.malformed("/revision", "revision is the number that stands in the order.")
        try:
            shown = acknowledge.run(rig, tenant_id, number, revision=revision, account_id=caller.account_id)
        except NotTheShipper:
            raise door.not_the_shipper() from None
        if shown and not _heard(shown.offer, revision):
            now = shown.offer.revision
            detail = f"The order is at revision {now}."
            raise Refused(409, "revision", detail, field="/revision", more={"revision": now})
        return _answer(tenant_id, shown)

    path = "/wms/v1/orders/{tenant}/{number:path}"
    return [
        posts(f"{path}/ack", door.answering(rig, ack)),
        Route(path, door.answering(rig, one), methods=["GET"]),
    ]


def _named(request: Request, caller: Caller) -> tuple[TenantId, str]:
    return caller.shop(request.path_params["tenant"]), door.number_of(request)


def _heard(offer: Offer, revision: int) -> bool:
    """Say whether this revision is the present one or was acknowledged before; a new stop must be seen."""
    return revision == offer.revision or (revision == offer.acked_revision and not offer.unheard)


def _answer(tenant_id: TenantId, shown: Shown | None) -> Response:
    if shown is None:
        raise door.unknown()
    return JSONResponse(render.order(tenant_id, shown))
