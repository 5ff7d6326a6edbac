"""How far a caller has read a feed of `/wms/v1`, what a request for its next page asks, and how shops share a page.

Both feeds, of orders and of bookings, go by the same words; a cursor of one never fits the other.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar, cast

from starlette.requests import Request

from service.lanes import TenantId
from service.web.wms import door
from service.web.wms.door import Caller, Refused

LIMIT, MOST = 100, 500
LONGEST_WAIT_S = 25
LOOK_AGAIN_S = 1.0  # a notice may be lost
AT_WORK = 2  # readers at once: more threads that want the interpreter keep each other from it, and the receiver too
SEAT_WITHIN_S = 0.5
ORDERS = ""  # as its cursors always were
T = TypeVar("T")


@dataclass(frozen=True)
class Cursor:
    """How far a caller has read each shop, and what it reads: a cursor fits only what it was made for."""

    reads: str
    positions: Mapping[TenantId, int]

    @classmethod
    def begun(cls, caller: Caller, tenant: str | None, *, feed: str) -> Self:
        """Return the cursor of whoever has read nothing."""
        return cls(hashlib.sha256(f"{feed}{caller.account_id}/{tenant or '*'}".encode()).hexdigest()[:8], {})

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
    """The next documents of a feed."""

    found: Sequence[Mapping[str, Any]]
    cursor: Cursor
    more: bool

    def document(self, name: str) -> dict[str, object]:
        """Return the page as docs/wms.md describes it; `name`: what its documents are."""
        return {name: self.found, "cursor": self.cursor.written(), "more": self.more}


class Seats:
    """Lets few readers work at once."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(AT_WORK)

    @contextmanager
    def taken(self) -> Generator[None, None, None]:
        """Work; beside a database that is away nobody queues for long."""
        seat = self._free.acquire(timeout=SEAT_WITHIN_S)
        try:
            yield
        finally:
            if seat:
                self._free.release()


def asked_of(request: Request, caller: Caller, *, feed: str) -> Asked:
    """Return what is asked for; raise Refused that names the parameter at fault."""
    said = request.query_params
    tenant = said.get("tenant")
    tenants = sorted(caller.tenants) if tenant is None else [caller.shop(tenant)]
    cursor = Cursor.begun(caller, tenant, feed=feed)
    if after := said.get("after"):
        cursor = _cursor(after, made_for=cursor.reads)
    return Asked(
        tenants,
        cursor,
        limit=number(said.get("limit"), "limit", least=1, most=MOST, default=LIMIT),
        wait_s=number(said.get("wait"), "wait", least=0, most=LONGEST_WAIT_S, default=0),
    )


def _cursor(text: str, *, made_for: str) -> Cursor:
    try:
        cursor = Cursor.read(text)
    except (ValueError, RecursionError):
        raise Refused(400, "cursor", "This is no cursor of ours.", field="after") from None
    if cursor.reads != made_for:
        detail = "This cursor was given to another account, or for another tenant parameter or feed."
        raise Refused(400, "cursor", detail, field="after")
    return cursor


def number(text: str | None, name: str, *, least: int, most: int, default: int) -> int:
    """Read a parameter that is a whole number; raise Refused that says what is allowed."""
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise door.malformed(name, f"{name} is a number from {least} to {most}.")
    return int(text)


def behind(asked: Asked, heads: Mapping[TenantId, int]) -> dict[TenantId, int]:
    """Return the shops that have moved on, each with its last position.

    Raises Refused when one is behind the cursor, as after a restore.
    """
    if any(asked.cursor.at(tenant_id) > heads.get(tenant_id, 0) for tenant_id in asked.tenants):
        detail = "The cursor is ahead of the feed, which was restored: read it from the beginning."
        raise Refused(400, "cursor_ahead", detail, field="after")
    return {tenant_id: head for tenant_id, head in sorted(heads.items()) if head > asked.cursor.at(tenant_id)}


def shared(
    asked: Asked,
    news: Mapping[TenantId, int | None],
    after: Callable[[TenantId, int, int, int | None], Sequence[T]],
    placed: Callable[[T], tuple[int, Mapping[str, Any]]],
) -> Page:
    """Return what lies behind the cursor in these shops, and share the limit so that no shop holds up the others.

    `news` names where each shop's feed ends, None when that is not known. `after` reads so many of a shop behind a
    position; `placed` tells the position and the document of one.
    """
    found: list[Mapping[str, Any]] = []
    cursor, more = asked.cursor, False
    for place, (tenant_id, head) in enumerate(news.items()):
        share = -(-(asked.limit - len(found)) // (len(news) - place))  # what earlier ones left goes to the later ones
        if share <= 0:
            more = True
            break
        some = after(tenant_id, cursor.at(tenant_id), share + 1, head)
        more = more or len(some) > share
        told = [placed(one) for one in some[:share]]
        found += [document for _, document in told]
        if told:
            cursor = cursor.onward(tenant_id, told[-1][0])
    return Page(found, cursor, more)
