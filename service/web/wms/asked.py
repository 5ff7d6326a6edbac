"""What the doors that wait for a carrier's answer share: what it says, as problem documents (docs/wms.md)."""

from starlette.requests import Request
from starlette.responses import Response

from service.steps.asking import ComeAgain, Declined
from service.steps.shipper import NotTheShipper
from service.web.wms import door
from service.web.wms.door import Answer, Caller, Refused

STATUS_OF = {"unknown_shipment": 404, "unknown_handover": 404, "invalid": 422}  # 409 is any other's


def asking(answer: Answer) -> Answer:
    """Return a door that waits for a carrier's answer, with what it says put into problem documents."""

    def answered(request: Request, caller: Caller, *body: bytes) -> Response:
        try:
            return answer(request, caller, *body)
        except NotTheShipper:
            raise door.not_the_shipper() from None
        except Declined as no:
            raise Refused(STATUS_OF.get(no.code, 409), no.code, no.detail, field=no.field) from None
        except ComeAgain as wait:
            raise Refused(503, "come_again", str(wait), retry_after_s=wait.after_s) from None

    return answered
