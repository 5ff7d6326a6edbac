"""Another carrier for what the first one has failed at for too long, as long as nobody was asked for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import bookings, contracts, db, journal, offers, orders, shipments
from service.bookings import Booking
from service.journal import Entry, Kind
from service.lanes import Lane, TenantId
from service.pairings import Pairing
from service.rig import Rig
from service.steps import carriage, pairing
from service.steps.packing import Packer, Unfit, Wish

MOST = 200  # of one transaction


@dataclass(frozen=True)
class Page:
    """What was looked at in one transaction: how many went elsewhere, and after which others wait; None: after none."""

    diverted: int
    last: Booking | None


NONE = Page(0, None)


def divert(  # whose, under which login, and after whom
    rig: Rig, conn: db.Conn, tenant_id: TenantId, contract_id: str, *, lane: Lane, after: Booking | None = None
) -> Page:
    """Book with the second carrier of their pairings what waits for a carrier that does nothing, so many at a time.

    What the second carrier would not take waits on for the first one. Options go with their own carrier.
    """
    breaker, now = contracts.standing(conn, [contract_id], lane).get(contract_id), rig.now()
    since = breaker.does_nothing_since(now) if breaker else None
    if breaker is None or since is None:
        return NONE
    if breaker.rests_until is None or breaker.rests_until <= now:  # it is asked again first
        return NONE
    packer = Packer(rig, conn, tenant_id)
    longest = now - since
    services = sorted({each.service for each in packer.paired.values() if _is_for(each, longest)})
    if not services:
        return NONE
    offers.hold(conn, tenant_id)  # before the rows, as whoever voids a shipment does
    waiting = bookings.unasked(conn, tenant_id, contract_id, services=services, after=after, most=MOST, now=now)
    diverted = sum(_diverted(packer, each, longest, now=now) for each in waiting)
    return Page(diverted, waiting[-1] if len(waiting) == MOST else None)


def _is_for(paired: Pairing, failing: timedelta) -> bool:
    return paired.second is not None and failing >= timedelta(minutes=paired.second.after_min)


def _diverted(packer: Packer, each: Booking, failing: timedelta, *, now: datetime) -> bool:
    """Give one booking to its second carrier; what a warehouse chose for it by name stays with that."""
    conn, tenant_id = packer.conn, packer.tenant_id
    numbers = [one.order_number for one in shipments.in_parcel(conn, tenant_id, each.shipment_id) if not one.voided]
    contents = [found.content for number in numbers if (found := orders.one(conn, tenant_id, number))]
    chosen = pairing.chosen(contents[0], packer.paired, packer.listed) if contents else None
    if not isinstance(chosen, Pairing) or (chosen.carrier, chosen.service) != (each.carrier, each.service):
        return False
    if not _is_for(chosen, failing) or chosen.instead is None:
        return False
    told = carriage.kept(each.content)
    if told is None:  # at its own carrier's turn it is left to a person
        return False
    wish = Wish(
        told.boxes,
        ship_on=told.ship_on,
        final=carriage.collects(each.content or {}),
        customs=carriage.declared(each.content),
    )
    packed = packer.booked_so(numbers, chosen.instead, wish, booking_id=each.booking_id)
    if isinstance(packed, Unfit):
        return False
    known = bookings.again(conn, tenant_id, packed.draft(each.shipment_id, each.order_number), now=now)
    if known is None:
        return False
    detail = {
        "booking": each.booking_id, "shipment": each.shipment_id, "carrier": known.carrier, "service": known.service,
        "instead_of": each.carrier,
    }  # fmt: skip
    journal.write(conn, tenant_id, [Entry(now, Kind.LABEL_DIVERTED, each.order_number, detail)])
    return True
