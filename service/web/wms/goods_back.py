"""`POST /wms/v1/shipments/{id}/goods-back`: what came back is in the warehouse again (docs/wms.md)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.flows import goods_back
from service.flows.goods_back import NotBack
from service.rig import Rig
from service.steps.shipper import NotTheShipper
from service.web.app import posts
from service.web.wms import door
from service.web.wms.door import Caller, Refused, answering

STATUS_OF = {"unknown_shipment": 404, "not_followed": 409, "not_left": 409}


def routes(rig: Rig) -> list[Route]:
    """Return the route."""

    def back(request: Request, caller: Caller, _body: bytes) -> Response:
        try:
            told = goods_back.of_shipment(
                rig, caller.tenants, request.path_params["id"], account_id=caller.account_id
            )  # fmt: skip
        except NotTheShipper:
            raise door.not_the_shipper() from None
        except NotBack as fault:
            raise Refused(STATUS_OF[fault.code], fault.code, fault.detail) from None
        return JSONResponse(told)

    return [posts("/wms/v1/shipments/{id}/goods-back", answering(rig, back))]
