"""What the acts of a page share: whose form it is, and what is told when an act is not done."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from service import tenants
from service.lanes import TenantId
from service.rig import Rig
from service.steps.asking import ComeAgain, Declined
from service.steps.shipper import NotTheShipper
from service.tickets import Session
from service.web import frame
from service.web.frame import Frame

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Refusal:
    """Why an act was not done, told on the card it was asked for.

    `fault` is a key of words, `faults` are those of single fields, sentences. `said`: what a carrier said of it.
    """

    card: str
    fault: str
    status: int = 422
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    said: str = ""


def account_of(rig: Rig, tenant_id: TenantId) -> str:
    """Return the account of the shop whose page it is; empty where it has none."""
    with rig.db.tx(tenant_id) as conn:
        shop = tenants.of(conn, tenant_id)
    return (shop and shop.account_id) or ""


def acting(
    shared: Frame,
    act: Callable[[Session, Fields], Response],
    refused: Callable[[Session, Refusal], Response],
    *,
    most: int,
    as_typed: bool | Collection[str] = False,
) -> Callable[[Request, bytes], Response]:
    """Return the door of an act: for whoever has a session, and sends a form of ours with at most so many fields."""

    def door(request: Request, body: bytes) -> Response:
        fields = frame.fields_of(body, most=most, as_typed=as_typed)
        session = shared.session(request)
        if session is None:
            return shared.ended(request)
        if not frame.ours(dict(fields), session):
            return refused(session, Refusal("page", "form_old", 403))
        return act(session, fields)

    return shared.calmly(door)


def showing(shared: Frame, show: Callable[[Request, Session], Response]) -> Callable[[Request], Response]:
    """Return the door of a page for whoever has a session."""

    def door(request: Request) -> Response:
        session = shared.session(request)
        return shared.ended(request) if session is None else show(request, session)

    return shared.calmly(door)


def not_done(card: str, why: Declined | ComeAgain | NotTheShipper) -> Refusal:
    """Return why a carrier that was asked at once did not do it, with its own words."""
    if isinstance(why, ComeAgain):
        return Refusal(card, "ask_come_again", 503)
    if isinstance(why, NotTheShipper):
        return Refusal(card, "ask_not_the_shipper", 409)
    return Refusal(card, f"ask_{why.code}", 409, {"said": why.said} if why.said else {})


def number(text: str) -> int:
    """Return a number a form of ours carries; -1 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
