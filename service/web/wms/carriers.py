"""`GET /wms/v1/carriers`: with whom each shop can ship, and what a wish for a label may say there (docs/wms.md)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.base import Close
from service import contracts
from service.contracts import Contract
from service.lanes import TenantId
from service.rig import Rig
from service.steps import carriage
from service.web.wms.door import Caller, answering


def routes(rig: Rig) -> list[Route]:
    """Return the route."""

    def listed(request: Request, caller: Caller) -> Response:
        named = request.query_params.get("tenant")
        tenants = sorted(caller.tenants) if named is None else [caller.shop(named)]
        return JSONResponse({"shops": [shop(rig, each) for each in tenants]})

    return [Route("/wms/v1/carriers", answering(rig, listed), methods=["GET"])]


def shop(rig: Rig, tenant_id: TenantId) -> dict[str, Any]:
    """Return the logins that count for a shop."""
    with rig.db.tx(tenant_id) as conn:
        usable = contracts.usable(conn, tenant_id)
    return {"tenant": tenant_id, "carriers": [document(each) for each in usable.values()]}


def document(contract: Contract) -> Mapping[str, Any]:
    """Return what can be asked of a carrier under a login; nothing of the login itself."""
    able = carriage.able_of(contract)
    options = carriage.options_of(contract.carrier, able)
    return {
        "carrier": carriage.called(contract.carrier),
        "services": [
            {"code": code, "name": name, "to_point": code in able.to_point} for code, name in able.services.items()
        ],
        "options": [{"name": name, "what": what} for name, what in options.items()],
        "countries": sorted(able.countries),
        "cod": sorted(able.cod),
        "boxes": able.boxes,
        "most_weight_g": able.most_weight_g,
        "formats": sorted(able.formats),
        "points": able.points,
        "adults_only": able.adults_only,
        "returns": able.returns,
        "collection": able.collects,
        "collection_recall": able.recalls_cars,
        "cod_change": able.changes_cod,
        "customs": "customs" in able.takes,
        "handover_due": able.close is Close.REQUIRED,
    }
