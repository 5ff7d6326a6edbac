"""The feed of labels of `/wms/v1`: every booking at the place of its latest change, over all shops of the caller.

Whoever waits looks again each second: labels are made in seconds, so no notice is needed for them.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic as machine_monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import bookings
from service.lanes import TenantId
from service.rig import Rig
from service.steps import reporting
from service.web.bell import Bell
from service.web.wms import cursors, door
from service.web.wms.cursors import LOOK_AGAIN_S, Asked, Page, Seats

FEED = "bookings:"
Placed = tuple[int, Mapping[str, Any]]


def routes(rig: Rig, bell: Bell, *, monotonic: Callable[[], float] = machine_monotonic) -> list[Route]:
    """Return the route of the feed; whoever waits takes one of the bell's seats."""
    seats = Seats()

    def feed(request: Request) -> Response:
        asked, page = look(request)
        if not page.found and asked.wait_s:
            page = wait(request, asked, page)
        return JSONResponse(page.document("bookings"))

    def look(request: Request) -> tuple[Asked, Page]:
        """Return what is asked for and there; the token may be revoked by now, or a shop be gone."""
        with seats.taken():
            with rig.db.tx_all("whose token it is and which of its shops have news, for the price of one look") as conn:
                asked = cursors.asked_of(request, door.caller_of(conn, request), feed=FEED)
                news = cursors.behind(asked, bookings.heads(conn, asked.tenants))
            return asked, cursors.shared(asked, news, after, lambda placed: placed)

    def after(tenant_id: TenantId, position: int, most: int, _head: int | None) -> Sequence[Placed]:
        with rig.db.tx(tenant_id) as conn:
            found = bookings.after(conn, tenant_id, position, most=most)
            told = reporting.labels_of(conn, tenant_id, found)
        return [(each.position, document) for each, document in zip(found, told, strict=True)]

    def wait(request: Request, asked: Asked, page: Page) -> Page:
        until = monotonic() + asked.wait_s
        with bell.ear(()) as ear:
            while ear and not (page.found or ear.over) and (left := until - monotonic()) > 0:
                ear.wait(min(LOOK_AGAIN_S, left))
                _, page = look(request)
        return page

    return [Route("/wms/v1/bookings", door.refusing(feed), methods=["GET"])]
