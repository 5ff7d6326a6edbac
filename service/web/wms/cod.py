"""Another amount is to be collected for a parcel that has its label (docs/wms.md)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from carriers.money import Money
from service.flows import change_cod
from service.rig import Rig
from service.web.app import posts
from service.web.wms import door
from service.web.wms.again import shown
from service.web.wms.asked import asking
from service.web.wms.door import Caller, Refused, answering
from service.web.wms.said import Amount, Currency, Said
from service.web.wms.shipments import Fault, read


class CodSaid(Said):
    """What is collected from now on; 0: nothing."""

    amount: Amount
    currency: Currency

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
