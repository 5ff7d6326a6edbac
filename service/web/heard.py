"""`POST /carriers/{contract}/{mac}`: messages carriers send by themselves; whatever is wrong with one, there is none.

The address is made here, too: it is entered at the carrier and holds no secret but its MAC.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.flows import hear
from service.flows.hear import Heard
from service.kit.seal import HookMac
from service.rig import Rig
from service.web import problem
from service.web.app import posts

LARGEST = 2**16  # a message is one kilobyte
WITHIN_S = 5.0


def subject(contract_id: str) -> str:
    """Return what the MAC of an address covers."""
    return f"carriers/{contract_id}"


def address(public_url: str, mac: HookMac, contract_id: str) -> str:
    """Return the address under which a carrier tells of the parcels of a contract."""
    return f"{public_url}/{subject(contract_id)}/{mac.sign(subject(contract_id))}"


def routes(rig: Rig) -> list[Route]:
    """Return the door."""

    def heard(request: Request, body: bytes) -> Response:
        contract_id, mac = request.path_params["contract"], request.path_params["mac"]
        if not rig.settings.hook_mac.fits(subject(contract_id), mac):
            return problem.standard(404)
        if len(body) > LARGEST:
            return problem.standard(413, f"The body is larger than {LARGEST} bytes.")
        came_of_it = hear.run(rig, contract_id, request.headers, body)
        return Response(status_code=200) if came_of_it is Heard.TAKEN else problem.standard(404)

    return [posts("/carriers/{contract}/{mac}", heard, within_s=WITHIN_S)]
