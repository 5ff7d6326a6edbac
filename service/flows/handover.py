"""A warehouse hands parcels over to a carrier: taken in here, told to the carrier by the lane that books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from carriers.base import Close
from service import bookings, contracts, db, handovers, journal, shipments
from service.bookings import Booking
from service.contracts import Contract
from service.handovers import Handover, State
from service.journal import Entry, Kind
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, stopping, stranded, untold

MOST = 500
LATELY = timedelta(days=30)  # of labels that nobody named

Refusal = tuple[str, str]  # code and detail

UNKNOWN = ("unknown_shipment", "There is no such shipment here.")
NOT_YET = ("no_label_yet", "We have no label of it.")
CANCELLED = ("cancelled", "Its label was taken back, or is being taken back.")
BEFORE = ("handed_over", "It is handed over already.")
ELSEWHERE = ("other_carrier", "Its label is another carrier's.")
APART = ("other_login", "Its label was made under another login than the others: hand it over by itself.")
TAKEN = ("in_handover", "It is in another hand-over.")


class NoSuchShop(Exception):
    """The shop was not the caller's when the key came first."""


class NoContract(Exception):
    """The shop has no login with this carrier."""


class NoCollection(Exception):
    """The carrier sends no car by its API."""


class NoHandover(Exception):
    """There is none by this id here."""


class NotParked(Exception):
    """There is nothing to decide; `state` says how it stands."""

    def __init__(self, state: State) -> None:
        super().__init__(state.value)
        self.state = state


class Nothing(Exception):
    """None of what was named can be handed over; `refused` says why, shipment by shipment."""

    def __init__(self, refused: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("nothing to hand over")
        self.refused = refused


@dataclass(frozen=True)
class Wanted:
    """What is handed over; `shipment_ids` None: whatever has its label. `manifest`: also where that is optional."""

    tenant_id: TenantId
    carrier: str
    shipment_ids: Sequence[str] | None
    manifest: bool
    collection: Mapping[str, Any] | None = field(repr=False)


def run(rig: Rig, account_id: str, tenants: frozenset[TenantId], wanted: Wanted, *, key: str, digest: str) -> Handover:
    """Take a hand-over in, or return the one this key stands for.

    Raise OtherBody when the key came with another body, NoSuchShop, NoContract, NoCollection or Nothing.
    """
    tenant_id = wanted.tenant_id
    with rig.db.tx_all("an idempotency key belongs to an account") as conn:
        asked = shipments.begin_key(
            conn, account_id, key, digest=digest, tenant_ids=tenants & {tenant_id}, now=rig.now()
        )
    if tenant_id not in asked.tenant_ids & tenants:
        raise NoSuchShop
    with rig.db.tx(tenant_id) as conn:
        before = shipments.answered(conn, tenant_id, asked)
        known = handovers.one(conn, tenant_id, before[0]["handover"]) if before else None
        if known is None:
            known = enter(conn, rig, account_id, wanted)
            shipments.keep(conn, tenant_id, asked, [{"handover": known.handover_id}])
    rig.wake(Lane.BOOK, tenant_id)
    return known


def enter(conn: db.Conn, rig: Rig, account_id: str, wanted: Wanted) -> Handover:
    """Enter what can be handed over, each parcel in one hand-over only."""
    tenant_id, now = wanted.tenant_id, rig.now()
    found, refused = sorted_out(conn, tenant_id, wanted, since=now - LATELY)
    logins = by_login(conn, tenant_id, found, wanted)
    if not logins:
        raise NoContract
    handover_id = handovers.fresh(tenant_id)
    contract, good, taken = logins[0][0], dict[str, str](), set[str]()
    for contract, some in logins:
        if wanted.collection and not carriage.able_of(contract).collects:
            raise NoCollection
        together = {each.booking_id: each.shipment_id for each in some}
        good |= together
        taken = handovers.take(conn, tenant_id, handover_id, [*together], named=wanted.shipment_ids is not None)
        if taken:
            break
    refused |= {named: APART for named, each in found.items() if each.booking_id not in good}
    refused |= {
        named: TAKEN for named, each in found.items() if each.booking_id in good and each.booking_id not in taken
    }
    told = items(refused, wanted.shipment_ids)
    if not taken:
        raise Nothing(told)
    made = handovers.add(
        conn,
        tenant_id,
        handover_id,
        account_id=account_id,
        contract_id=contract.contract_id,
        carrier=contract.carrier,
        parcels={booking_id: shipment_id for booking_id, shipment_id in good.items() if booking_id in taken},
        closes=closes(contract, wanted),
        collection=wanted.collection,
        refused=told,
        now=now,
    )
    stranded.settle(conn, tenant_id, now=now)
    untold.settle(conn, tenant_id, now=now)
    return made


def items(refused: Mapping[str, Refusal], named: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return what is not handed over, in the order named and with its place there where somebody named it."""
    places = [*enumerate(named)] if named is not None else [(None, each) for each in refused]
    return [
        {**({} if place is None else {"index": place}), "id": each, "code": code, "detail": detail}
        for place, each in places
        if each in refused
        for code, detail in [refused[each]]
    ]


def closes(contract: Contract, wanted: Wanted) -> bool:
    """Say whether the carrier is told of what is handed over under a login."""
    close = carriage.able_of(contract).close
    return close is Close.REQUIRED or (close is Close.OPTIONAL and wanted.manifest)


def by_login(
    conn: db.Conn, tenant_id: TenantId, found: Mapping[str, Booking], wanted: Wanted
) -> list[tuple[Contract, Sequence[Booking]]]:
    """Return the logins whose carrier is told, each with what it knows; the one that counts now comes first.

    A label's own login tells as long as there is one: a warehouse may have entered its own since. Where it is gone, or
    nobody is told, the one that counts does; where none counts, nobody can tell of such a label.
    """
    usable = contracts.usable(conn, tenant_id).get(wanted.carrier)
    known: dict[str, Contract | None] = {}
    told: dict[str, tuple[Contract, list[Booking]]] = {usable.contract_id: (usable, [])} if usable else {}
    for each in found.values():
        own = each.made_under or each.contract_id
        if own not in known:
            login = contracts.answering(conn, tenant_id, own, wanted.carrier)
            known[own] = usable if login and usable and not tells(login, usable, wanted) else login
        if login := known[own]:
            told.setdefault(login.contract_id, (login, []))[1].append(each)
    return [*told.values()]


def tells(login: Contract, usable: Contract, wanted: Wanted) -> bool:
    """Say whether it matters under which of two logins a carrier is told."""
    return closes(login, wanted) or closes(usable, wanted)


def sorted_out(
    conn: db.Conn, tenant_id: TenantId, wanted: Wanted, *, since: datetime
) -> tuple[dict[str, Booking], dict[str, Refusal]]:
    """Return what can be handed over, by shipment and in the order named, and why others cannot."""
    if wanted.shipment_ids is None:
        return whatever(conn, tenant_id, wanted.carrier, since=since)
    ours = [each for each in wanted.shipment_ids if shipments.tenant_of(each) == tenant_id]
    leading = shipments.leading(conn, tenant_id, ours)
    booked = bookings.of_shipments(conn, tenant_id, [*leading.values()])
    stopped = stopping.refusals(conn, tenant_id, [*booked.values()])
    good: dict[str, Booking] = {}
    refused: dict[str, Refusal] = {}
    for shipment_id in wanted.shipment_ids:
        each = booked.get(leading.get(shipment_id, ""))
        if each is None:
            refused[shipment_id] = NOT_YET if shipment_id in leading else UNKNOWN
        elif refusal := held(each, wanted.carrier) or stopped.get(each.booking_id):
            refused[shipment_id] = refusal
        else:
            good[shipment_id] = each
    return good, refused


def whatever(
    conn: db.Conn, tenant_id: TenantId, carrier: str, *, since: datetime
) -> tuple[dict[str, Booking], dict[str, Refusal]]:
    """Return what has its label of a carrier, so many of the oldest that are free, and why others are not."""
    free: dict[str, Booking] = {}
    refused: dict[str, Refusal] = {}
    last: Booking | None = None
    while len(free) < MOST and (
        page := bookings.unhanded(conn, tenant_id, carrier, since=since, after=last, most=MOST)
    ):
        taken = handovers.held(conn, tenant_id, [each.booking_id for each in page])
        stopped = stopping.refusals(conn, tenant_id, page)
        for each in page:
            if refusal := stopped.get(each.booking_id):
                refused[each.shipment_id] = refusal
            elif each.booking_id in taken and len(refused) < MOST:
                refused[each.shipment_id] = TAKEN
            elif each.booking_id not in taken and len(free) < MOST:
                free[each.shipment_id] = each
        last = page[-1]
    return free, refused


def held(each: Booking, carrier: str) -> Refusal | None:
    """Return why a parcel cannot be handed over; None when it can."""
    if each.cancelled_at or each.cancel_asked_at:
        return CANCELLED
    if each.handed_at:
        return BEFORE
    if each.carrier != carrier:
        return ELSEWHERE
    return None if each.label_at else NOT_YET


def give_up(rig: Rig, tenants: frozenset[TenantId], handover_id: str, *, by: str) -> Handover:
    """Let a parked one be that was seen to elsewhere; the carrier is told nothing. Twice is the same as once.

    Raise NoHandover for one that is not there or not the caller's, NotParked where there is nothing to decide.
    """
    tenant_id = handovers.tenant_of(handover_id)
    if tenant_id is None or tenant_id not in tenants:
        raise NoHandover
    with rig.db.tx(tenant_id) as conn:
        each = handovers.one(conn, tenant_id, handover_id)
        if each is None:
            raise NoHandover
        if each.cancelled_at:
            return each
        known = handovers.give_up(conn, tenant_id, handover_id, now=rig.now())
        if known is None:
            raise NotParked(each.state)
        detail = {"deed": "let a hand-over be", "by": by, "handover": handover_id, "carrier": each.carrier}
        journal.write(conn, tenant_id, [Entry(rig.now(), Kind.PERSON, None, detail)])
        stranded.settle(conn, tenant_id, now=rig.now())
    return known
