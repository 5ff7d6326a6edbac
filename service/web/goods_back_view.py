"""Parcels that came back and whose goods nobody has yet, as people see them; and the word that somebody has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from service import db, problems, tracking
from service.flows import goods_back
from service.lanes import TenantId
from service.problems import Cause
from service.rig import Rig
from service.steps.shipper import NotTheShipper
from service.tickets import Session
from service.tracking import Followed, State
from service.web.acts import Fields, Refusal, account_of
from service.web.shipping_form import BY
from service.web.words import Language, Words
from service.words import moment

CARD, SAID = "back", "goods_back_said"
SHOWN = 100


@dataclass(frozen=True)
class Back:
    """A label whose parcels came back: since when, why, and their numbers."""

    booking_id: str
    number: str
    carrier: str
    since: str
    why: str
    codes: Sequence[str]


def look(conn: db.Conn, tenant_id: TenantId, language: Language, words: Words) -> list[Back]:
    """Return what came back, the longest waiting first."""
    open_ones = problems.open_ones(conn, tenant_id, causes=[Cause.PARCEL_BACK], most=SHOWN)
    numbers = list(dict.fromkeys(each.order_number for each in open_ones if each.order_number))
    found: dict[str, list[Followed]] = {}
    for boxes in tracking.of_orders(conn, tenant_id, numbers).values():
        for box in boxes:
            if box.state is State.RETURNED and box.goods_back_at is None:
                found.setdefault(box.booking_id, []).append(box)
    return [_back(boxes, language, words) for boxes in sorted(found.values(), key=lambda each: each[0].state_since)]


def _back(boxes: Sequence[Followed], language: Language, words: Words) -> Back:
    first = boxes[0]
    return Back(
        first.booking_id,
        first.order_number,
        words.get(f"carrier_{first.carrier}", first.carrier),
        moment(first.state_since, language),
        words.get(f"parcel_{first.reason}", "") if first.reason else "",
        [box.number for box in boxes],
    )


def act(
    rig: Rig, told: Callable[[Session, str | Refusal], Response]
) -> Callable[[Session, Fields], Response]:  # fmt: skip
    """Return the door: hear that the goods of a label are back."""

    def door(session: Session, fields: Fields) -> Response:
        return told(session, _said(rig, session, dict(fields).get("booking", "")))

    return door


def _said(rig: Rig, session: Session, booking_id: str) -> str | Refusal:
    account_id = account_of(rig, session.tenant_id)
    try:
        is_news = goods_back.of_shop(rig, session.tenant_id, booking_id, account_id=account_id, by=BY)
    except NotTheShipper:
        return Refusal(CARD, "goods_back_warehouse", 409)
    return SAID if is_news else Refusal(CARD, "goods_back_not", 409)
