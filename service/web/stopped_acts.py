"""What is done with stopped orders on the page "To pack": they were taken off the line, so what comes next may come."""

from collections.abc import Callable

from starlette.responses import Response

from service.flows import acknowledge
from service.rig import Rig
from service.steps.shipper import NotTheShipper
from service.tickets import Session
from service.web import pack_form
from service.web.acts import Fields, Refusal, account_of, number
from service.web.shipping_form import BY

CARD = "stopped"


def off_the_line(
    rig: Rig, told: Callable[[Session, str | Refusal], Response]
) -> Callable[[Session, Fields], Response]:  # fmt: skip
    """Return the door: hear that orders are off the line, each as it was shown."""

    def door(session: Session, fields: Fields) -> Response:
        return told(session, _off(rig, session, pack_form.ids(fields, "seen")))

    return door


def _off(rig: Rig, session: Session, tokens: list[str]) -> str | Refusal:
    shown = [token.partition(".") for token in tokens]
    seen = {name: number(revision) for revision, _, name in shown}
    if not seen:
        return Refusal(CARD, "form_odd")
    account_id = account_of(rig, session.tenant_id)
    try:
        moved = acknowledge.off_the_line(rig, session.tenant_id, seen, account_id=account_id, by=BY)
    except NotTheShipper:
        return Refusal(CARD, "stopped_warehouse", 409)
    return Refusal(CARD, "stopped_moved", 409, {each: each for each in moved}) if moved else "stopped_off_said"
