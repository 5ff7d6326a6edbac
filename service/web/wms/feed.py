"""The feed of `/wms/v1`: every order at the place of its latest change, over all shops of the caller."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic as machine_monotonic
from typing import Any, Self, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service import db, offers
from service.lanes import TenantId
from service.rig import Rig
from service.web.bell import Bell
from service.web.wms import door
from service.web.wms.door import Caller, Refused
from service.web.wms.tail import Tails

LIMIT, MOST = 100, 500
LONGEST_WAIT_S = 25
LOOK_AGAIN_S = 1.0  # a notice may be lost
AT_WORK = 2  # readers at once: more threads that want the interpreter keep each other from it, and the receiver too
SEAT_WITHIN_S = 0.5


@dataclass(frozen=True)
class Cursor:
    """How far a caller has read each shop, and what it reads: a cursor fits only what it was made for."""

    reads: str
    positions: Mapping[TenantId, int]

    @classmethod
    def begun(cls, caller: Caller, tenant: str | None) -> Self:
        """Return the cursor of whoever has read nothing."""
        return cls(hashlib.sha256(f"{caller.account_id}/{tenant or '*'}".encode()).hexdigest()[:8], {})

    @classmethod
    def read(cls, text: str) -> Self:
        """Return a cursor we once wrote; raise ValueError for anything else."""
        found: object = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
        match found:
            case [str(reads), dict()]:
                positions = cast("dict[str, object]", cast("list[object]", found)[1])
                return cls(reads, {tenant_id: _position(place) for tenant_id, place in positions.items()})
            case _:
                raise ValueError("is no cursor")

    def written(self) -> str:
        """Return it as text for a URL."""
        plain = json.dumps([self.reads, self.positions], separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def at(self, tenant_id: TenantId) -> int:
        """Return how far a shop was read."""
        return self.positions.get(tenant_id, 0)

    def onward(self, tenant_id: TenantId, position: int) -> Self:
        """Return the cursor behind a position of a shop."""
        return replace(self, positions={**self.positions, tenant_id: position})


def _position(place: object) -> int:
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < 2**63:
        raise ValueError("is no position")
    return place


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    tenants: Sequence[TenantId]
    cursor: Cursor
    limit: int
    wait_s: int


@dataclass(frozen=True)
class Page:
    """The next orders of the feed."""

    orders: Sequence[Mapping[str, Any]]
    cursor: Cursor
    more: bool

    @property
    def document(self) -> dict[str, object]:
        """Return the page as docs/wms.md describes it."""
        return {"orders": self.orders, "cursor": self.cursor.written(), "more": self.more}


def routes(rig: Rig, bell: Bell, *, monotonic: Callable[[], float] = machine_monotonic) -> list[Route]:
    """Return the route of the feed."""
    tails = Tails(rig, bell, monotonic=monotonic)
    seats = threading.Semaphore(AT_WORK)

    @contextmanager
    def seated() -> Generator[None, None, None]:
        taken = seats.acquire(timeout=SEAT_WITHIN_S)  # beside a database that is away nobody queues for long
        try:
            yield
        finally:
            if taken:
                seats.release()

    def feed(request: Request) -> Response:
        mark = bell.mark
        with seated():
            asked, page = first(request)
        if not page.orders and asked.wait_s:
            page = wait(request, asked, mark)
        return JSONResponse(page.document)

    def first(request: Request) -> tuple[Asked, Page]:
        with rig.db.tx_all("whose token it is and which of its shops have news, for the price of one look") as conn:
            asked = asked_of(request, door.caller_of(conn, request))
            news = behind(conn, asked)
        return asked, read(tails, asked, news)

    def wait(request: Request, asked: Asked, mark: int) -> Page:
        until = monotonic() + asked.wait_s
        with bell.ear(asked.tenants) as ear:
            missed = any(bell.rang(tenant_id, since=mark) for tenant_id in asked.tenants)  # before there was an ear
            page = read(tails, asked, look(request, asked) if missed else {})
            while ear and not (page.orders or ear.over) and (left := until - monotonic()) > 0:
                rung = ear.wait(min(LOOK_AGAIN_S, left))
                with seated():
                    page = read(tails, asked, dict.fromkeys(sorted(rung)) or look(request, asked))
        return page

    def look(request: Request, asked: Asked) -> dict[TenantId, int]:
        """Return which of the shops have news; the token may be revoked by now, or a shop be gone."""
        with rig.db.tx_all("which of an account's shops have news, for the price of one look") as conn:
            caller = door.caller_of(conn, request)
            return behind(conn, replace(asked, tenants=[each for each in asked.tenants if each in caller.tenants]))

    return [Route("/wms/v1/orders", door.refusing(feed), methods=["GET"])]


def asked_of(request: Request, caller: Caller) -> Asked:
    """Return what is asked for; raise Refused that names the parameter at fault."""
    said = request.query_params
    tenant = said.get("tenant")
    tenants = sorted(caller.tenants) if tenant is None else [caller.shop(tenant)]
    cursor = Cursor.begun(caller, tenant)
    if after := said.get("after"):
        cursor = _cursor(after, made_for=cursor.reads)
    return Asked(
        tenants,
        cursor,
        limit=_number(said.get("limit"), "limit", least=1, most=MOST, default=LIMIT),
        wait_s=_number(said.get("wait"), "wait", least=0, most=LONGEST_WAIT_S, default=0),
    )


def _cursor(text: str, *, made_for: str) -> Cursor:
    try:
        cursor = Cursor.read(text)
    except (ValueError, RecursionError):
        raise Refused(400, "cursor", "This is no cursor of ours.", field="after") from None
    if cursor.reads != made_for:
        detail = "This cursor was given to another account, or for another tenant parameter."
        raise Refused(400, "cursor", detail, field="after")
    return cursor


def _number(text: str | None, name: str, *, least: int, most: int, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise door.malformed(name, f"{name} is a number from {least} to {most}.")
    return int(text)


def behind(conn: db.Conn, asked: Asked) -> dict[TenantId, int]:
    """Return the shops that have moved on, each with its last position.

    Raises Refused when one is behind the cursor, as after a restore.
    """
    heads = offers.heads(conn, asked.tenants)
    if any(asked.cursor.at(tenant_id) > heads.get(tenant_id, 0) for tenant_id in asked.tenants):
        detail = "The cursor is ahead of the feed, which was restored: read it from the beginning."
        raise Refused(400, "cursor_ahead", detail, field="after")
    return {tenant_id: head for tenant_id, head in sorted(heads.items()) if head > asked.cursor.at(tenant_id)}


def read(tails: Tails, asked: Asked, news: Mapping[TenantId, int | None]) -> Page:
    """Return what lies behind the cursor in these shops, and share the limit so that no shop holds up the others.

    `news` names where each shop's feed ends, None when that is not known.
    """
    orders: list[dict[str, Any]] = []
    cursor, more = asked.cursor, False
    for place, (tenant_id, head) in enumerate(news.items()):
        share = -(-(asked.limit - len(orders)) // (len(news) - place))  # what earlier ones left goes to the later ones
        if share <= 0:
            more = True
            break
        found = tails.after(tenant_id, cursor.at(tenant_id), most=share + 1, head=head)
        more = more or len(found) > share
        orders += [line.document for line in found[:share]]
        if found:
            cursor = cursor.onward(tenant_id, found[:share][-1].position)
    return Page(orders, cursor, more)
