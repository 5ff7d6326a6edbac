"""Ask a carrier one thing for somebody who waits for the answer: what it says, why nobody asks it, or come again."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from carriers.base import Carrier
from carriers.errors import CarrierError, CarrierRefused, CarrierUnreachable
from service import contracts
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import desk
from service.steps.desk import Desk

T = TypeVar("T")

LANE = Lane.BOOK
SOON_S, LATER_S = 5, 30

NO_CONTRACT = ("no_contract", "The login it was made under was removed, and the shop has no other with its carrier.")
REFUSED = "refused"  # in its carrier's words
SHUT_OUT = ("login_refused", "Its carrier refuses the login. Correct it.")
AWAY = "Its carrier does not answer at the moment; asking again does no harm."


class Declined(Exception):
    """It is not done: `code` for programs, `detail` for people, `field` where that was asked for wrongly.

    `said`: what of the detail are its carrier's own words.
    """

    def __init__(self, code: str, detail: str, field: str | None = None, *, said: str = "") -> None:
        super().__init__(code)
        self.code, self.detail, self.field, self.said = code, detail or said, field, said


class ComeAgain(Exception):
    """Not now; `unclear`: it may have been done, and asking again for the same does no harm."""

    def __init__(self, after_s: int, why: str, *, unclear: bool = False) -> None:
        super().__init__(why)
        self.after_s, self.unclear = after_s, unclear


def opened(rig: Rig, tenant_id: TenantId, contract_id: str, *, doing: str) -> Desk:
    """Return a login ready to be used for a step of this name; raise Declined or ComeAgain."""
    try:
        at = desk.opened(rig, tenant_id, LANE, contract_id)
    except desk.NoContract:
        raise Declined(*NO_CONTRACT) from None
    if at is not None:
        return replace(at, doing=doing)
    with rig.db.tx(tenant_id) as conn:
        breaker = contracts.standing(conn, [contract_id], LANE).get(contract_id)
    if breaker and breaker.shut_out:
        raise Declined(*SHUT_OUT)
    raise ComeAgain(LATER_S, AWAY)


def ask(at: Desk, question: Callable[[Carrier], T]) -> T:
    """Return what the carrier says; raise Declined, ComeAgain, or the CarrierRefused of what was asked about."""
    try:
        said = question(at.carrier)
    except CarrierError as error:
        if desk.is_own(at, error):
            desk.heard(at)
        else:
            desk.failed(at, error)
        if isinstance(error, CarrierRefused):
            raise (error if desk.is_of_parcels(error) else Declined(*SHUT_OUT)) from None
        unclear = isinstance(error, CarrierUnreachable) and error.unclear
        raise ComeAgain(LATER_S, AWAY, unclear=unclear) from None
    desk.heard(at)
    return said
