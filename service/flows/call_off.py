"""Call a car off that a hand-over ordered: its carrier is asked at once, and saying so twice is the same as once."""

from collections.abc import Collection

from carriers.base import Cancelled
from carriers.errors import CarrierRefused, Kind
from service import contracts, db, handovers, journal
from service.handovers import Handover
from service.journal import Entry
from service.lanes import TenantId
from service.rig import Rig
from service.steps import asking, carriage, stranded
from service.steps.asking import Declined
from service.steps.desk import Desk

UNKNOWN = ("unknown_handover", "There is no such hand-over here.")
NO_CAR = ("no_car", "No car is ordered that could be called off: none was, it was refused, or it has no number.")
NOT_THERE = ("no_car", "Its carrier knows of no such car.")
CANNOT = ("cannot_recall", "The API of {0} calls no car off.")
TOO_LATE = ("too_late", "It is too late to call it off.")

CODES = {Kind.TOO_LATE: TOO_LATE[0], Kind.UNSUPPORTED: CANNOT[0]}


def run(rig: Rig, tenants: Collection[TenantId], handover_id: str, *, by: str) -> None:
    """Call the car of a hand-over off; raise Declined or ComeAgain."""
    tenant_id = handovers.tenant_of(handover_id)
    if tenant_id is None or tenant_id not in tenants:
        raise Declined(*UNKNOWN)
    with rig.db.tx(tenant_id) as conn:
        each = handovers.one(conn, tenant_id, handover_id)
        if each is None:
            raise Declined(*UNKNOWN)
        if each.car_cancelled_at:
            return
        callable_off(conn, each)
    ask(asking.opened(rig, tenant_id, each.contract_id), each)
    with rig.db.tx(tenant_id) as conn:
        written(conn, rig, tenant_id, each, by=by)


def callable_off(conn: db.Conn, each: Handover) -> None:
    """Raise Declined unless there is a car, and its carrier takes one back."""
    if not each.has_car:
        raise Declined(*NO_CAR)
    contract = contracts.one(conn, each.contract_id)
    if contract is None:
        raise Declined(*asking.NO_CONTRACT)
    if not carriage.able_of(contract).recalls_cars:
        raise Declined(CANNOT[0], CANNOT[1].format(carriage.called(each.carrier)))


def ask(at: Desk, each: Handover) -> None:
    """Ask the carrier; raise Declined or ComeAgain. What it was asked before and knows no more, it has called off.

    That holds only while nobody heard the answer: after a no that was heard, a second one is no yes.
    """
    asked_at = each.car_recall_at or at.rig.now()
    with at.rig.db.tx(at.tenant_id) as conn:
        handovers.recalled(conn, at.tenant_id, each.handover_id, now=asked_at)
    try:
        expect_off(at, each)
    except Declined:
        with at.rig.db.tx(at.tenant_id) as conn:
            handovers.recall_heard(conn, at.tenant_id, each.handover_id, asked_at=asked_at)
        raise


def expect_off(at: Desk, each: Handover) -> None:
    """Ask, and raise Declined or ComeAgain unless the car does not come."""
    try:
        became = asking.ask(at, lambda carrier: carrier.recall(each.car or ""))
    except CarrierRefused as refusal:
        if refusal.kind is not Kind.UNKNOWN:
            raise declined(refusal) from None
        became = Cancelled.UNKNOWN
    if became is Cancelled.TOO_LATE:
        raise Declined(*TOO_LATE)
    if became is Cancelled.UNKNOWN and not each.car_recall_at:
        raise Declined(*NOT_THERE)


def declined(refusal: CarrierRefused) -> Declined:
    """Return a carrier's no in our words, with its own."""
    return Declined(CODES.get(refusal.kind, asking.REFUSED), "", said=refusal.why)


def written(conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Handover, *, by: str) -> None:
    """Write down that no car comes."""
    now = rig.now()
    if handovers.called_off(conn, tenant_id, each.handover_id, now=now) is None:
        return
    detail = {"deed": "called a car off", "by": by, "handover": each.handover_id, "carrier": each.carrier}
    journal.write(conn, tenant_id, [Entry(now, journal.Kind.PERSON, None, detail)])
    stranded.settle(conn, tenant_id, now=now)
