"""A person decides what becomes of a label that needs him: once more, taken back, or let be.

What he was shown is named by its place in the feed of bookings: nobody decides about what has moved on meanwhile.
Whether the shipment itself stays is told to `service.flows.ship` before, which takes most labels back with it; what is
left is what nobody knows of, and what the carrier did not take back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from carriers.shipment import Box
from service import bookings, contracts, db, journal, offers, problems, shipments
from service.bookings import Booking, Draft
from service.journal import Entry, Kind
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.rig import Rig
from service.shipments import Shipment
from service.steps import carriage, labelling, stopping
from service.steps.packing import Packer, Unfit, Wish


class Why(StrEnum):
    """Why an act is not done."""

    UNKNOWN = "unknown"  # there is no such label here
    CHANGED = "changed"  # it stands otherwise by now
    HANDED = "handed"  # the carrier has the parcel
    VOIDED = "voided"  # its shipment was taken back
    UNWANTED = "unwanted"  # it is to be taken back: what may have been made is a person's, and nothing is made anew
    STOPPED = "stopped"  # the order must not leave any more
    UNFIT = "unfit"  # it cannot be booked as the order is; `faults` say why


class RebookRefused(Exception):
    """An act was not done."""

    def __init__(self, why: Why, detail: str = "", faults: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(f"{why}: {detail}")
        self.why, self.detail, self.faults = why, detail, tuple(faults)


def wish_of(each: Booking, boxes: Sequence[Box], *, as_it_was: bool) -> Wish:
    """Return how a booking goes once more: by the pairing of now, or with the carrier and service it had."""
    kept = carriage.kept(each.content)
    before = kept.boxes if kept else ()
    is_as_before = [box.weight_g for box in boxes] == [box.weight_g for box in before] and all(
        _is_same(box, old) for box, old in zip(boxes, before, strict=True)
    )
    packed = before if is_as_before or not boxes else tuple(boxes)  # who confirms the weights keeps the measures
    customs = carriage.declared(each.content)
    if not as_it_was:
        return Wish(packed, customs=customs)
    options = {name: text for name, text in kept.options.items() if name != "serial"} if kept else {}
    return Wish(packed, carrier=each.carrier, service=each.service, options=options, customs=customs)


def _is_same(box: Box, old: Box) -> bool:
    """Say whether a box that was typed is the one from before; what is in it nobody types."""
    return box.length_mm is None or replace(box, content=old.content, value=old.value) == old


def again(  # what of whom, how, and who says so
    rig: Rig, tenant_id: TenantId, booking_id: str, *, over: int, boxes: Sequence[Box], as_it_was: bool, by: str
) -> None:
    """Ask once more for a label, as the order is now; raise RebookRefused.

    Whoever lets go again what may have been made has looked for it at the carrier. `boxes`: none leaves them.
    """
    with rig.db.tx(tenant_id) as conn:
        each, leaving = _held(conn, tenant_id, booking_id, over=over)
        stopped = stopping.not_to_leave(conn, tenant_id, [one.order_number for one in leaving])
        if not each.parked:
            raise RebookRefused(Why.CHANGED)
        if each.is_unwanted and not each.booked_at:
            raise RebookRefused(Why.UNWANTED)
        if stopped:
            raise RebookRefused(Why.STOPPED, "; ".join(stopped.values()))
        if each.booked_at:
            _resume(conn, rig, tenant_id, each)
        else:
            _anew(conn, rig, tenant_id, each, leaving, wish_of(each, boxes, as_it_was=as_it_was))
        labelling.settle(conn, tenant_id, [each], now=rig.now())
        _note(conn, rig, tenant_id, each, "label again", by=by)
    rig.wake(Lane.BOOK, tenant_id)


def _held(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, over: int) -> tuple[Booking, Sequence[Shipment]]:
    """Return a booking as it was shown, with what still leaves in its parcel; offers are held first, as everywhere."""
    offers.hold(conn, tenant_id)
    each = bookings.one(conn, tenant_id, booking_id)
    if each is None:
        raise RebookRefused(Why.UNKNOWN)
    leaving = [one for one in shipments.in_parcel(conn, tenant_id, each.shipment_id) if not one.voided]
    if each.position != over or each.cancelled_at:
        raise RebookRefused(Why.CHANGED)
    if not leaving:
        raise RebookRefused(Why.VOIDED)
    return each, leaving


def _resume(conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Booking) -> None:
    login = contracts.answering(conn, tenant_id, each.made_under or each.contract_id, each.carrier)
    if login is None:
        raise RebookRefused(Why.UNFIT, f"There is no login with {carriage.called(each.carrier)} for this shop.")
    if bookings.resume(conn, tenant_id, each.booking_id, login.contract_id, now=rig.now()) is None:
        raise RebookRefused(Why.CHANGED)


def _anew(  # what of whom, and how
    conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Booking, leaving: Sequence[Shipment], wish: Wish
) -> None:
    numbers = [one.order_number for one in leaving]
    wish = replace(wish, final=leaving[0].final)  # another may have collected before
    packed = Packer(rig, conn, tenant_id).pack(numbers, wish, booking_id=each.booking_id)
    if isinstance(packed, Unfit):
        raise RebookRefused(Why.UNFIT, packed.detail, packed.faults)
    drafted: Draft = packed.draft(each.shipment_id, each.order_number)
    if bookings.again(conn, tenant_id, drafted, now=rig.now()) is None:
        raise RebookRefused(Why.CHANGED)
    for one in leaving:
        if one.label_due:
            shipments.repack(conn, tenant_id, one, parcels=packed.parcels, now=rig.now())


def leaving(rig: Rig, tenant_id: TenantId, booking_id: str, *, over: int) -> Sequence[Shipment]:
    """Return the shipments that leave with a label and may be taken back, none where there is none by now.

    Raise RebookRefused.
    """
    with rig.db.tx(tenant_id) as conn:
        try:
            each, standing = _held(conn, tenant_id, booking_id, over=over)
        except RebookRefused as refused:
            if refused.why is Why.VOIDED:
                return ()
            raise
        boxes = bookings.boxes(conn, tenant_id, [booking_id])[booking_id]
        found = [one for one in standing if not boxes or labelling.is_used(one, boxes)]
    if each.handed_at and found:
        raise RebookRefused(Why.HANDED)
    return found


def take_back(rig: Rig, tenant_id: TenantId, booking_id: str, *, by: str) -> None:
    """Have the carrier take a parcel back, or let it never hear of it; what is cancelled or handed over stays so."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)
        known = bookings.cancel(conn, tenant_id, booking_id, now=now)
        if known is None:
            return
        if known.cancelled_at:
            labelling.taken_back(conn, tenant_id, known, said="never asked for", now=now)
        _note(conn, rig, tenant_id, known, "label taken back", by=by)
    rig.wake(Lane.BOOK, tenant_id)


def let_be(rig: Rig, tenant_id: TenantId, booking_id: str, *, by: str) -> None:
    """Be done with a parked label: a person saw to it elsewhere, or there is none."""
    with rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)
        each = bookings.one(conn, tenant_id, booking_id)
        if each is None:
            return
        if bookings.give_up(conn, tenant_id, booking_id, now=rig.now()):
            labelling.taken_back(conn, tenant_id, each, said="let be", now=rig.now())
        _note(conn, rig, tenant_id, each, "label let be", by=by)


def seen_to(rig: Rig, tenant_id: TenantId, order_number: str, *, by: str, over: int | None = None) -> bool:
    """Close what was told of a parcel whose number no label has: somebody stopped it. False: nothing is told of one.

    `over`: how often it was told where that was shown (None: however often).
    """
    cause, now = Cause.PARCEL_STRAY, rig.now()
    with rig.db.tx(tenant_id) as conn:
        closed = problems.settle(conn, tenant_id, cause, now=now, order_numbers=[order_number], count=over)
        if closed:
            detail = {"by": by, "act": "parcel stopped"}
            journal.write(conn, tenant_id, [Entry(now, Kind.PERSON, order_number, detail)])
    return closed > 0


def _note(conn: db.Conn, rig: Rig, tenant_id: TenantId, each: Booking, act: str, *, by: str) -> None:
    detail = {"by": by, "act": act, **labelling.named(each)}
    journal.write(conn, tenant_id, [Entry(rig.now(), Kind.PERSON, each.order_number, detail)])
