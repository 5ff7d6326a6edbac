"""The certificate of `/wms/v1`: whether we know everything a shop changed in a period, and its proof on request."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.flows import certify
from service.kit import clock
from service.kit.spans import Span
from service.rig import Rig
from service.steps import certificate, proof
from service.web.app import posts
from service.web.wms import door
from service.web.wms.door import Caller, Refused


def routes(rig: Rig) -> list[Route]:
    """Return the routes: to read it costs the shop nothing, to ask for its proof costs what it said before."""

    def read(request: Request, caller: Caller) -> Response:
        tenant_id, period = caller.shop(request.path_params["tenant"]), period_of(request, rig.now())
        with rig.db.tx(tenant_id) as conn:
            keep_days, whole = rig.settings.keep_journal_days, is_whole(request)
            drawn = certificate.draw(conn, tenant_id, period, now=rig.now(), keep_days=keep_days, whole=whole)
        return JSONResponse(certificate.document(drawn))

    def prove(request: Request, caller: Caller, _: bytes) -> Response:
        tenant_id, period = caller.shop(request.path_params["tenant"]), period_of(request, rig.now())
        try:
            drawn = certify.run(rig, tenant_id, period, by=caller.account_id, whole=is_whole(request))
        except certify.NotCalled:
            raise Refused(409, "not_called", "This shop is not called at the moment.") from None
        except certify.TooSoon as soon:
            wait_s = max(1, round((soon.until - rig.now()).total_seconds()))
            detail = f"A proof has just ended. Ask for the next one in {wait_s} seconds."
            raise Refused(429, "too_soon", detail, retry_after_s=wait_s) from None
        return JSONResponse(certificate.document(drawn), 202 if drawn.proving else 200)

    path = "/wms/v1/certificates/{tenant}"
    return [Route(path, door.answering(rig, read), methods=["GET"]), posts(path, door.answering(rig, prove))]


def period_of(request: Request, now: datetime) -> Span:
    """Return the period that is asked for; raise Refused that names the parameter at fault."""
    try:
        return proof.period(_moment(request, "from"), _moment(request, "to"), now=now)
    except proof.NoPeriod as fault:
        raise door.malformed(fault.field, str(fault)) from None


def is_whole(request: Request) -> bool:
    """Say whether the proof is to compare all orders; raise Refused for what is neither."""
    said = request.query_params.get("whole", "false")
    if said not in ("true", "false"):
        raise door.malformed("whole", "whole is true or false.")
    return said == "true"


def _moment(request: Request, name: str) -> datetime:
    """Read a day or a time; without an offset it is Prague's, like every time of the platform without one."""
    try:
        return clock.parse(request.query_params.get(name, ""))
    except (ValueError, OverflowError):
        detail = f"{name} is a day or a time, ISO 8601; the + of an offset is written %2B."
        raise door.malformed(name, detail) from None
