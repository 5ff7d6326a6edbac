"""A customer is to send something back: a label for the way back, asked for here and made by the lane that books.

The return is drafted from the order as it is now, with the service that brought it; what only concerns the way out (a
pick-up point that closed, COD) does not stop it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carriers.base import Able
from carriers.errors import Fault
from carriers.shipment import Box, Shipment
from service import bookings, db, journal, orders, returns, shipments, tracking
from service.bookings import Booking
from service.contracts import Contract
from service.journal import Entry, Kind
from service.lanes import Lane, TenantId
from service.pairings import Pairing
from service.returns import Draft, Return
from service.rig import LoginUnusable, Rig
from service.steps import bringing, carriage, drafting, pairing
from service.steps.packing import Packer
from service.tracking import Followed

# No way back is made of them. Nobody takes a declaration with it: what comes from outside the union is declared there.
OUTWARD = ("adults_only", "cod", "customs", "note", "options", "point", "service", "ship_on")

Refusal = tuple[str, str]  # code and detail

UNKNOWN = ("unknown_shipment", "There is no such shipment here.")
NO_SUCH = ("unknown_return", "There is no such return here.")
NOT_BOOKED = ("not_booked", "We made no label for this shipment, so we make none for its way back.")
CANCELLED = ("cancelled", "Its label was taken back, or is being taken back.")
NOT_LEFT = ("not_left", "It has not left: its label is {0}.")
NO_ORDER = ("no_order", "The shop does not show the order any more.")
NO_CONTRACT = ("no_contract", "There is no login with {0} for this shop that can be used.")
NO_RETURNS = ("no_returns", "{0} makes no return labels by its API.")
NOT_SWITCHED_ON = ("no_returns", "The login with {0} has its switch for returns off: {1}.")
HAS_RETURN = ("has_return", "There is a return of it already; another one is made with another: true.")
UNFIT = ("unfit", "It cannot be asked for: {0}.")
NOT_PARKED = ("not_parked", "There is nothing to decide: it is {0}.")
NOT_YET = ("no_label_yet", "Its label is not there yet; it is {0}.")
NO_LABEL = ("no_label", "It needs no label: what the customer says instead stands in the return.")
GONE = ("label_gone", "Its label is not kept any more; ask for it again.")


class NoReturn(Exception):
    """There is none, or it cannot be; `code` is for programs, `detail` for people, `more` goes with it."""

    def __init__(self, refusal: Refusal, *said: str, **more: Any) -> None:
        super().__init__(refusal[0])
        self.code, self.detail, self.more = refusal[0], refusal[1].format(*said), more


@dataclass(frozen=True)
class Wanted:
    """What is to come back; no box: one that weighs what went out. `another`: also where one was asked for before.

    `known`: its options were judged when it came first.
    """

    shipment_id: str
    boxes: tuple[Box, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    another: bool = False
    known: bool = False


def run(rig: Rig, account_id: str, tenants: frozenset[TenantId], wanted: Wanted, *, key: str, digest: str) -> Return:
    """Take a return in, or return the one this key stands for; raise NoReturn, or OtherBody."""
    tenant_id = shipments.tenant_of(wanted.shipment_id)
    if tenant_id is None or tenant_id not in tenants:
        raise NoReturn(UNKNOWN)
    with rig.db.tx_all("an idempotency key belongs to an account") as conn:
        asked = shipments.begin_key(
            conn, account_id, key, digest=digest, tenant_ids=tenants & {tenant_id}, now=rig.now()
        )
    if tenant_id not in asked.tenant_ids:
        raise NoReturn(UNKNOWN)
    with rig.db.tx(tenant_id) as conn:
        before = shipments.answered(conn, tenant_id, asked)
        known = returns.one(conn, tenant_id, before[0]["return"]) if before else None
        if known is None:
            known = enter(conn, rig, tenant_id, account_id, wanted)
            shipments.keep(conn, tenant_id, asked, [{"return": known.return_id}])
    rig.wake(Lane.BOOK, tenant_id)
    return known


def enter(conn: db.Conn, rig: Rig, tenant_id: TenantId, account_id: str, wanted: Wanted) -> Return:
    """Enter a return of what left; one for a shipment, if no other is asked for on purpose."""
    draft = drafted(conn, rig, tenant_id, account_id, wanted, return_id=returns.fresh(tenant_id))
    entered = returns.add(conn, tenant_id, draft, now=rig.now())
    if entered is None:
        there = returns.first(conn, tenant_id, wanted.shipment_id)
        raise NoReturn(HAS_RETURN, **{"return": there.return_id} if there else {})
    return entered


def drafted(  # of what, for whom, and under which name
    conn: db.Conn, rig: Rig, tenant_id: TenantId, account_id: str, wanted: Wanted, *, return_id: str
) -> Draft:
    """Return what the carrier will be asked; raise NoReturn for what it would not do."""
    told = shipments.one(conn, tenant_id, wanted.shipment_id)
    if told is None:
        raise NoReturn(UNKNOWN)
    head = told.booked_with or told.shipment_id
    booked = left(bookings.of_shipments(conn, tenant_id, [head]).get(head))
    together = shipments.in_parcel(conn, tenant_id, head)
    packer = Packer(rig, conn, tenant_id)
    contract = packer.contracts.get(booked.carrier)
    if contract is None:
        raise NoReturn(NO_CONTRACT, carriage.called(booked.carrier))
    makes_returns(carriage.able_of(contract), contract)
    numbers = sorted({each.order_number for each in together if not each.voided} | {booked.order_number})
    contents = [found.content for each in numbers if (found := orders.one(conn, tenant_id, each))]
    if len(contents) < len(numbers):
        raise NoReturn(NO_ORDER)
    weights = [parcel.weight_g or 0 for parcel in told.parcels]
    boxes = wanted.boxes or (Box(sum(weights) if all(weights) else 0),)
    shipment = checked(
        packer, contract, contents, paired(packer, booked, contents[0]), replace(wanted, boxes=boxes), return_id
    )
    return Draft(
        return_id, account_id, wanted.shipment_id, told.order_number, contract.contract_id, contract.carrier,
        shipment.service, len(shipment.boxes), wanted.another, carriage.content_of(shipment),
    )  # fmt: skip


def left(booked: Booking | None) -> Booking:
    """Return the booking something left with; raise NoReturn."""
    if booked is None:
        raise NoReturn(NOT_BOOKED)
    if booked.cancelled_at or booked.cancel_asked_at:
        raise NoReturn(CANCELLED)
    if not booked.label_at:
        raise NoReturn(NOT_LEFT, booked.state)
    return booked


def makes_returns(able: Able, contract: Contract) -> None:
    """Raise NoReturn where a carrier has no return labels, or a login has not switched them on."""
    called = carriage.called(contract.carrier)
    if not able.returns and "returns" in able.unproven:
        raise NoReturn(NOT_SWITCHED_ON, called, able.unproven["returns"])
    if not able.returns:
        raise NoReturn(NO_RETURNS, called)


def paired(packer: Packer, booked: Booking, content: Mapping[str, Any]) -> Pairing:
    """Return the service that brought it, with the options of the order's pairing where that is the carrier's."""
    found = pairing.chosen(content, packer.paired, packer.listed)
    if isinstance(found, Pairing) and found.carrier == booked.carrier:
        return replace(found, service=booked.service)
    return Pairing(booked.carrier, booked.service)


def checked(  # who, under which login, and what
    packer: Packer,
    contract: Contract,
    contents: Sequence[Mapping[str, Any]],
    chosen: Pairing,
    wanted: Wanted,
    return_id: str,
) -> Shipment:
    """Return the shipment to bring back, nothing collected; raise NoReturn with what its carrier would refuse."""
    try:
        carrier = packer.rig.at_carriers.opened(contract)
    except LoginUnusable:
        raise NoReturn(NO_CONTRACT, carriage.called(contract.carrier)) from None
    told = drafting.draft(
        contents, chosen, reference=returns.reference(return_id), boxes=wanted.boxes, options=wanted.options
    )
    shipment = replace(told.shipment, cod=None, point=None, customs=None)
    found = (*told.faults, *drafting.check(shipment, carrier), *carrier.validate_back(shipment))
    faults = [each for each in found if concerns(each, wanted)]
    if faults:
        said = "; ".join(str(fault) for fault in faults)
        raise NoReturn(UNFIT, said, faults=[carriage.fault_of(fault) for fault in faults])
    return shipment


def concerns(fault: Fault, wanted: Wanted) -> bool:
    """Say whether a fault stands in the way back: what the way out wants does not, unless it was asked for now."""
    name = fault.field or ""
    is_new = not wanted.known and name.removeprefix("options.") in wanted.options
    return is_new or name.partition(".")[0] not in OUTWARD


def again(rig: Rig, tenants: frozenset[TenantId], return_id: str, *, by: str) -> Return:
    """Ask anew for what a person looked at, from the order as it is now; or for a label that could not be had."""
    with rig.db.tx(tenant := _tenant(tenants, return_id)) as conn:
        each = _one(conn, tenant, return_id)
        if each.made_at:
            known = returns.print_again(conn, tenant, return_id, now=rig.now())
        elif each.parked:
            draft = drafted(conn, rig, tenant, by, wanted_before(each), return_id=return_id)
            known = returns.again(conn, tenant, draft, now=rig.now())
        else:
            known = None
        if known is None:
            raise NoReturn(NOT_PARKED, each.state)
        _note(rig, conn, tenant, each, Kind.PERSON, deed="asked for a return again", by=by)
        bringing.settle(conn, tenant, each, now=rig.now())
    rig.wake(Lane.BOOK, tenant)
    return known


def wanted_before(each: Return) -> Wanted:
    """Return what was asked for; nothing but its shipment once that is forgotten."""
    if not each.content:
        return Wanted(each.shipment_id, another=each.another)
    kept = carriage.shipment_of(each.content)
    return Wanted(each.shipment_id, kept.boxes, kept.options, another=each.another, known=True)


def give_up(rig: Rig, tenants: frozenset[TenantId], return_id: str, *, by: str) -> Return:
    """Let a return be that was not made, or that whoever says so has looked for. Twice is the same as once."""
    with rig.db.tx(tenant := _tenant(tenants, return_id)) as conn:
        each = _one(conn, tenant, return_id)
        if each.cancelled_at:
            return each
        known = returns.give_up(conn, tenant, return_id, now=rig.now())
        if known is None:
            raise NoReturn(NOT_PARKED, each.state)
        _note(rig, conn, tenant, each, Kind.LABEL_CANCELLED, account=by)
        bringing.settle(conn, tenant, each, now=rig.now())
    return known


def one(rig: Rig, tenants: frozenset[TenantId], return_id: str) -> Return:
    """Return a return; raise NoReturn for one that is not there or not the caller's."""
    with rig.db.tx(tenant := _tenant(tenants, return_id)) as conn:
        return _one(conn, tenant, return_id)


def label(rig: Rig, tenants: frozenset[TenantId], return_id: str, *, by: str) -> bytes:
    """Return the label to print, a PDF, and write down who has it; raise NoReturn."""
    with rig.db.tx(tenant := _tenant(tenants, return_id)) as conn:
        each = _one(conn, tenant, return_id)
        found = returns.label(conn, tenant, return_id)
        if found is None:
            raise NoReturn(without_label(each), each.state)
        _note(rig, conn, tenant, each, Kind.LABEL_PRINTED, format="pdf", account=by)
    return found


def without_label(each: Return) -> Refusal:
    """Return why there is no label to print."""
    if each.told is not None:
        return NO_LABEL
    return GONE if each.label_at else NOT_YET


def told(rig: Rig, each: Return, *, by: str) -> list[str]:
    """Return what the customer says in place of a label, to whoever asked for the return and nobody else."""
    if not each.told or each.account_id != by:
        return []
    return json.loads(rig.settings.seal.open(each.told))


def where(rig: Rig, each: Return) -> dict[int, Followed]:
    """Return where the boxes of a return are, by their places; none while it has no number."""
    if not each.made_at or (tenant_id := returns.tenant_of(each.return_id)) is None:
        return {}
    with rig.db.tx(tenant_id) as conn:
        return {box.place: box for box in tracking.of_bookings(conn, tenant_id, [each.return_id])[each.return_id]}


def _tenant(tenants: frozenset[TenantId], return_id: str) -> TenantId:
    tenant_id = returns.tenant_of(return_id)
    if tenant_id is None or tenant_id not in tenants:
        raise NoReturn(NO_SUCH)
    return tenant_id


def _one(conn: db.Conn, tenant_id: TenantId, return_id: str) -> Return:
    if found := returns.one(conn, tenant_id, return_id):
        return found
    raise NoReturn(NO_SUCH)


def _note(rig: Rig, conn: db.Conn, tenant_id: TenantId, each: Return, kind: Kind, **said: str) -> None:
    journal.write(conn, tenant_id, [Entry(rig.now(), kind, each.order_number, {**bringing.named(each), **said})])
