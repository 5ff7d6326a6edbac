"""The feed of `/wms/v1`: every order at the place of its latest change, over all shops of the caller."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic as machine_monotonic

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import offers
from service.lanes import TenantId
from service.rig import Rig
from service.web.bell import Bell
from service.web.wms import cursors, door
from service.web.wms.cursors import LOOK_AGAIN_S, Asked, Page, Seats
from service.web.wms.tail import Line, Tails


def routes(rig: Rig, bell: Bell, *, monotonic: Callable[[], float] = machine_monotonic) -> list[Route]:
    """Return the route of the feed."""
    tails = Tails(rig, bell, monotonic=monotonic)
    seats = Seats()

    def feed(request: Request) -> Response:
        mark = bell.mark
        with seats.taken():
            asked, page = first(request)
        if not page.found and asked.wait_s:
            page = wait(request, asked, mark)
        return JSONResponse(page.document("orders"))

    def first(request: Request) -> tuple[Asked, Page]:
        with rig.db.tx_all("whose token it is and which of its shops have news, for the price of one look") as conn:
            asked = cursors.asked_of(request, door.caller_of(conn, request), feed=cursors.ORDERS)
            news = cursors.behind(asked, offers.heads(conn, asked.tenants))
        return asked, read(tails, asked, news)

    def wait(request: Request, asked: Asked, mark: int) -> Page:
        until = monotonic() + asked.wait_s
        with bell.ear(asked.tenants) as ear:
            missed = any(bell.rang(tenant_id, since=mark) for tenant_id in asked.tenants)  # before there was an ear
            page = read(tails, asked, look(request, asked) if missed else {})
            while ear and not (page.found or ear.over) and (left := until - monotonic()) > 0:
                rung = ear.wait(min(LOOK_AGAIN_S, left))
                with seats.taken():
                    page = read(tails, asked, dict.fromkeys(sorted(rung)) or look(request, asked))
        return page

    def look(request: Request, asked: Asked) -> dict[TenantId, int]:
        """Return which of the shops have news; the token may be revoked by now, or a shop be gone."""
        with rig.db.tx_all("which of an account's shops have news, for the price of one look") as conn:
            caller = door.caller_of(conn, request)
            left = replace(asked, tenants=[each for each in asked.tenants if each in caller.tenants])
            return cursors.behind(left, offers.heads(conn, left.tenants))

    return [Route("/wms/v1/orders", door.refusing(feed), methods=["GET"])]


def read(tails: Tails, asked: Asked, news: Mapping[TenantId, int | None]) -> Page:
    """Return what lies behind the cursor in these shops."""

    def after(tenant_id: TenantId, position: int, most: int, head: int | None) -> list[Line]:
        return tails.after(tenant_id, position, most=most, head=head)

    return cursors.shared(asked, news, after, lambda line: (line.position, line.document))
