"""Call a car off: at its carrier where a hand-over ordered one, here alone where it was not asked for yet.

Its carrier is asked at once, and saying so twice is the same as once.
"""

from collections.abc import Collection

from carriers.base import Cancelled
from carriers.cars import Left
from carriers.errors import CarrierRefused, Kind
from service import contracts, db, handovers, journal
from service.contracts import Contract
from service.handovers import Handover
from service.journal import Entry
from service.lanes import TenantId
from service.rig import Rig
from service.steps import asking, carriage, shipper, stranded
from service.steps.asking import ComeAgain, Declined
from service.steps.desk import Desk

UNKNOWN = ("unknown_handover", "There is no such hand-over here.")
NO_CAR = ("no_car", "No car is ordered that could be called off: none was, it was refused, or it has no number.")
NOT_THERE = ("no_car", "Its carrier knows of no such car.")
CANNOT = ("cannot_recall", "The API of {0} calls no car off.")
TOO_LATE = ("too_late", "It is too late to call it off.")
ASKED_FOR = "The car is being ordered at this moment."
DOING = "call off"
MORE = "Some of its orders are called off, and more are left; ask again for the rest."

CODES = {Kind.TOO_LATE: TOO_LATE[0], Kind.UNKNOWN: NO_CAR[0], Kind.UNSUPPORTED: CANNOT[0]}


def run(rig: Rig, tenants: Collection[TenantId], handover_id: str, *, account_id: str, by: str) -> None:
    """Call the car of a hand-over off on the word of an account; raise Declined, ComeAgain or NotTheShipper."""
    tenant_id = handovers.tenant_of(handover_id)
    if tenant_id is None or tenant_id not in tenants:
        raise Declined(*UNKNOWN)
    with rig.db.tx(tenant_id) as conn:
        each = handovers.one(conn, tenant_id, handover_id)
        if each is None:
            raise Declined(*UNKNOWN)
        shipper.only(conn, tenant_id, account_id)
        if each.car_cancelled_at or withdrawn(conn, rig, tenant_id, each, by=by):
            return
        contract = callable_off(conn, tenant_id, each)
    at = asking.opened(rig, tenant_id, contract.contract_id, doing=DOING)
    ask(at, each)
    with rig.db.tx(tenant_id) as conn:
        written(conn, rig, tenant_id, each, by=by)


def withdrawn(conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Handover, *, by: str) -> bool:
    """Ask for no car that is only to be asked for; raise ComeAgain while it is. False: it was, or none was wanted."""
    if not each.waits_for_car:
        return False
    if not handovers.withdrawn(conn, tenant_id, each.handover_id, now=rig.now()):
        raise ComeAgain(asking.SOON_S, ASKED_FOR)
    note(conn, rig, tenant_id, each, by=by)
    return True


def callable_off(conn: db.Conn, tenant_id: TenantId, each: Handover) -> Contract:
    """Return the login to ask with; raise Declined unless there is a car, and its carrier takes one back."""
    if not each.has_car:
        raise Declined(*NO_CAR)
    contract = contracts.answering(conn, tenant_id, each.contract_id, each.carrier)
    if contract is None:
        raise Declined(*asking.NO_CONTRACT)
    if not carriage.able_of(contract).recalls_cars:
        raise Declined(CANNOT[0], CANNOT[1].format(carriage.called(each.carrier)))
    return contract


def ask(at: Desk, each: Handover) -> None:
    """Ask the carrier; raise Declined or ComeAgain.

    What it may have heard before and knows no more, it has called off. Marked before, for a worker may die.
    """
    mark(at, each, asked=True)
    try:
        became = asking.ask(at, lambda carrier: carrier.recall(each.car or ""))
    except ComeAgain as wait:
        if not wait.unclear:
            mark(at, each, asked=bool(each.car_recall_at))
        raise
    except Declined:
        mark(at, each, asked=bool(each.car_recall_at))
        raise
    except CarrierRefused as refusal:
        mark(at, each, asked=False)
        if refusal.kind is Kind.UNKNOWN and each.car_recall_at:
            return
        raise declined(refusal) from None
    if isinstance(became, Left):
        keep(at, each, became)
    mark(at, each, asked=False)
    if became is Cancelled.TOO_LATE:
        raise Declined(*TOO_LATE)
    if became is Cancelled.UNKNOWN and not each.car_recall_at:
        raise Declined(*NOT_THERE)


def mark(at: Desk, each: Handover, *, asked: bool) -> None:
    """Note whether its carrier may have called the car off without our knowing."""
    with at.rig.db.tx(at.tenant_id) as conn:
        since = (each.car_recall_at or at.rig.now()) if asked else None
        handovers.recalled(conn, at.tenant_id, each.handover_id, at=since)


def keep(at: Desk, each: Handover, left: Left) -> None:
    """Note what of a car stands after some of it was called off; raise Declined where it stays, else ComeAgain.

    The mark stays: where the carrier knows of the rest no more, the whole is called off.
    """
    with at.rig.db.tx(at.tenant_id) as conn:
        handovers.car_left(conn, at.tenant_id, each.handover_id, car=left.number, now=at.rig.now())
    if left.why:
        raise Declined(TOO_LATE[0], "", said=left.why)
    raise ComeAgain(asking.SOON_S, MORE)


def declined(refusal: CarrierRefused) -> Declined:
    """Return a carrier's no in our words, with its own."""
    return Declined(CODES.get(refusal.kind, asking.REFUSED), "", said=refusal.why)


def written(conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Handover, *, by: str) -> None:
    """Write down that no car comes."""
    if handovers.called_off(conn, tenant_id, each.handover_id, now=rig.now()):
        note(conn, rig, tenant_id, each, by=by)
        stranded.settle(conn, tenant_id, now=rig.now())


def note(conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Handover, *, by: str) -> None:
    """Write down who called it off."""
    detail = {"deed": "called a car off", "by": by, "handover": each.handover_id, "carrier": each.carrier}
    journal.write(conn, tenant_id, [Entry(rig.now(), journal.Kind.PERSON, None, detail)])
