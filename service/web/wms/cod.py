"""Another amount is to be collected for a parcel that has its label (docs/wms.md)."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.money import Money
from service.flows import change_cod
from service.rig import Rig
from service.steps.asking import ComeAgain, Declined
from service.web.app import posts
from service.web.wms import door
from service.web.wms.again import shown
from service.web.wms.door import Answer, Caller, Refused, answering
from service.web.wms.said import Said
from service.web.wms.shipments import Fault, read

STATUS_OF = {"unknown_shipment": 404, "unknown_handover": 404, "invalid": 422}  # 409 is any other's


class CodSaid(Said):
    """What is collected from now on; 0: nothing."""

    amount: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]

    @property
    def money(self) -> Money:
        """Return it; raise Refused for more places than the currency has."""
        try:
            return Money.read(self.amount, self.currency)
        except ValueError as odd:
            raise Refused(422, "invalid", f"{odd}.", field="/amount") from None


def routes(rig: Rig) -> list[Route]:
    """Return the door."""

    def change(request: Request, caller: Caller, body: bytes) -> Response:
        said = read(CodSaid, door.json_of(body), at="")
        if isinstance(said, Fault):
            raise Refused(422, "invalid", said.detail, field=said.field)
        shipment_id = request.path_params["id"]
        account_id = caller.account_id
        tenant_id = change_cod.run(rig, caller.tenants, shipment_id, said.money, account_id=account_id, by=account_id)
        return JSONResponse(shown(rig, tenant_id, shipment_id))

    return [posts("/wms/v1/shipments/{id}/cod", answering(rig, asking(change)), method="PUT")]


def asking(answer: Answer) -> Answer:
    """Return a door that waits for a carrier's answer, with what it says put into problem documents."""

    def answered(request: Request, caller: Caller, *body: bytes) -> Response:
        try:
            return answer(request, caller, *body)
        except Declined as no:
            raise Refused(STATUS_OF.get(no.code, 409), no.code, no.detail, field=no.field) from None
        except ComeAgain as wait:
            raise Refused(503, "come_again", str(wait), retry_after_s=wait.after_s) from None

    return answered
