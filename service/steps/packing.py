"""From a warehouse's word to what a carrier will be asked: pairing, login, order, boxes and point, all before any call.

What is wrong is told by fields, so that nothing is paid for that would be refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from carriers import check as rules
from carriers.base import Carrier
from carriers.errors import Fault
from carriers.shipment import Box, Customs, Shipment
from service import bookings, codebooks, contracts, db, orders, pairings, points, shipments
from service.bookings import Draft
from service.contracts import Breaker, Contract
from service.kit.clock import PRAGUE
from service.lanes import Lane, TenantId
from service.orders import Mirrored
from service.pairings import Pairing
from service.rig import LoginUnusable, Rig
from service.shipments import Parcel
from service.steps import carriage, declaring, drafting, filling, pairing
from service.steps.drafting import PointStanding
from service.steps.pairing import Unpaired

NOTHING: Mapping[str, str] = {}
SAY_WHICH = "Say with which carrier and service it is to be booked."
UNPAIRED: Mapping[Unpaired, str] = {
    Unpaired.NO_SHIPMENT: f"The order has no shipment. {SAY_WHICH}",
    Unpaired.BY_HAND: f"The order's shipment was typed in by hand. {SAY_WHICH}",
    Unpaired.NOT_PAIRED: "The order's shipment is paired with no service: its merchant does that on the panel.",
    Unpaired.SEVERAL: f"Several pairings fit the order's shipment. {SAY_WHICH}",
}


COLLECTED_LATER = "the COD is collected with the order's final shipment"
NEAR = 3  # open points that are named in place of one that is shut
AHEAD = timedelta(days=30)  # no parcel is announced for later


@dataclass(frozen=True)
class Wish:
    """How a parcel is to be booked: its boxes, other orders that go in it, and what counts instead of the pairing.

    `final`: the last one of its orders, which alone collects what they owe. `customs`: what is declared of it.
    """

    boxes: tuple[Box, ...]
    also: tuple[str, ...] = ()
    carrier: str | None = None
    service: str | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    ship_on: date | None = None
    final: bool = True
    customs: Customs | None = None


@dataclass(frozen=True)
class Packed:
    """What will be asked of whom, drafted from `orders`; it collects the COD of those `owing`."""

    contract: Contract
    shipment: Shipment
    booking_id: str
    orders: tuple[str, ...]
    owing: tuple[str, ...]
    final: bool
    notes: tuple[str, ...]  # what it goes without, for a person to read
    declared: bool = False  # the warehouse said what the customs are told

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """Return its boxes as a shipment names them, before they have their numbers."""
        carrier = carriage.called(self.contract.carrier)
        return tuple(Parcel(carrier, None, box.weight_g) for box in self.shipment.boxes)

    def draft(self, shipment_id: str, order_number: str) -> Draft:
        """Return it as the booking of a shipment of ours."""
        told = self.shipment
        return Draft(
            self.booking_id, shipment_id, order_number, self.contract.contract_id, self.contract.carrier,
            told.service, len(told.boxes),
            carriage.drafted(
                carriage.content_of(told), self.orders, self.owing, final=self.final, declared=self.declared
            ),
        )  # fmt: skip


@dataclass(frozen=True)
class Unfit:
    """Why a parcel cannot be booked: `code` for programs, `detail` for people, `faults` field by field."""

    code: str
    detail: str
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass
class Packer:
    """What one shop books with, looked up once for a batch, in the transaction of the batch."""

    rig: Rig
    conn: db.Conn
    tenant_id: TenantId
    opened: dict[str, Carrier] = field(default_factory=dict[str, Carrier])

    @cached_property
    def paired(self) -> Mapping[str, Pairing]:
        """Return the shop's pairings."""
        return pairings.of(self.conn, self.tenant_id)

    @cached_property
    def listed(self) -> Mapping[str, codebooks.Entry]:
        """Return every shipment that ever was on the shop's list."""
        return codebooks.ever(self.conn, self.tenant_id, "shipments")

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        """Return the logins of the shop, by carrier."""
        return contracts.usable(self.conn, self.tenant_id)

    @cached_property
    def failing(self) -> Mapping[str, Breaker]:
        """Return how carriers do that fail, by login."""
        return contracts.standing(self.conn, [each.contract_id for each in self.contracts.values()], Lane.BOOK)

    def pack(self, numbers: Sequence[str], wish: Wish, *, booking_id: str | None = None) -> Packed | Unfit:
        """Return what a carrier will be asked for these orders, which go in one parcel; nobody is asked yet."""
        found = self.look(numbers, wish, booking_id=booking_id)
        return found if isinstance(found, Unfit) else self._numbered(found)

    def booked_so(self, numbers: Sequence[str], chosen: Pairing, wish: Wish, *, booking_id: str) -> Packed | Unfit:
        """Return what the carrier of this pairing will be asked for these orders."""
        found = self._checked(numbers, self._orders(numbers), chosen, wish, booking_id=booking_id)
        return found if isinstance(found, Unfit) else self._numbered(found)

    def look(self, numbers: Sequence[str], wish: Wish, *, booking_id: str | None = None) -> Packed | Unfit:
        """Return what a carrier would be asked, for a person to look at: no number of the account's own row is taken.

        Such a number stands in it all the same; what is booked is made by `pack`.
        """
        known = self._orders(numbers)
        chosen = self._chosen(known[0].content, wish)
        if isinstance(chosen, Unfit):
            return chosen
        return self._checked(numbers, known, chosen, wish, booking_id=booking_id or bookings.fresh())

    def _orders(self, numbers: Sequence[str]) -> list[Mirrored]:
        return [found for each in numbers if (found := orders.one(self.conn, self.tenant_id, each))]

    def _checked(  # which orders, with whom, and how
        self,
        numbers: Sequence[str],
        known: Sequence[Mirrored],
        chosen: Pairing,
        wish: Wish,
        *,
        booking_id: str,
    ) -> Packed | Unfit:
        """Return what the carrier of a pairing will be asked."""
        contract = self.contracts.get(chosen.carrier)
        if contract is None:
            return Unfit("no_contract", f"There is no login with {carriage.called(chosen.carrier)} for this shop.")
        try:
            carrier = self._carrier(contract)
        except LoginUnusable as why:
            return Unfit("no_contract", f"The login with {carriage.called(chosen.carrier)} cannot be used: {why}.")
        reference = bookings.reference(booking_id)
        # To check with: one is taken for good when all is well.
        serial = {"serial": contract.given.get("number_first", "1")} if carrier.able.serials else NOTHING
        contents = [each.content for each in known]
        drafted = drafting.draft(
            contents,
            chosen,
            reference=reference,
            boxes=wish.boxes,
            ship_on=wish.ship_on,
            options={**wish.options, **serial},
            customs=wish.customs,
            meant=filling.meant(self.conn, self.tenant_id, contents),
        )
        shipment, faults, notes = drafted.shipment, [*drafted.faults, *_days(wish, self.rig.now())], list[str]()
        owing = tuple(known[place].order_number for place in drafted.owing)
        if wish.customs is None and "customs" not in carrier.able.takes:
            shipment = replace(shipment, customs=None)
        if shipment.customs and not (wish.final and self._is_whole(numbers, booking_id)):
            country = shipment.recipient.country
            part = declaring.of(contents, country, shipment.options, wish.customs, whole=False)
            shipment = replace(shipment, customs=part)
        if shipment.cod and not wish.final:
            shipment, owing, notes = replace(shipment, cod=None), (), [COLLECTED_LATER]
            faults = [fault for fault in faults if not (fault.field or "").startswith("cod")]
        faults += drafting.check(shipment, carrier, self._point(carrier, shipment))
        shipment, faults, without = drafting.without_note(shipment, faults)
        if faults:
            detail = "; ".join(str(fault) for fault in faults)
            return Unfit("unfit", f"It cannot be booked: {detail}.", [carriage.fault_of(fault) for fault in faults])
        said = wish.customs is not None
        return Packed(contract, shipment, booking_id, tuple(numbers), owing, wish.final, (*notes, *without), said)

    def _is_whole(self, numbers: Sequence[str], booking_id: str) -> bool:
        """Say whether nothing of these orders left, or leaves, otherwise than in this parcel."""
        own = bookings.one(self.conn, self.tenant_id, booking_id)
        told = shipments.of_orders(self.conn, self.tenant_id, numbers)
        others = (each for some in told.values() for each in some if not each.voided)
        return all(own is not None and each.leaves_in == own.shipment_id for each in others)

    def _chosen(self, content: Mapping[str, Any], wish: Wish) -> Pairing | Unfit:
        if wish.carrier and wish.service:
            return Pairing(wish.carrier, wish.service)
        found = pairing.chosen(content, self.paired, self.listed)
        return Unfit("no_pairing", UNPAIRED[found]) if isinstance(found, Unpaired) else self._instead(found)

    def _instead(self, found: Pairing) -> Pairing:
        """Return the pairing, or its second carrier where the first one has been down for as long as that one waits.

        Whose rest is over is asked again, as only what it makes tells that it is back; what it lets down is diverted.
        """
        contract, second = self.contracts.get(found.carrier), found.second
        breaker = self.failing.get(contract.contract_id) if contract else None
        now = self.rig.now()
        since = breaker.does_nothing_since(now) if breaker else None
        if second is None or second.carrier not in self.contracts or breaker is None or since is None:
            return found
        is_long = since + timedelta(minutes=second.after_min) <= now
        rests = breaker.rests_until is not None and breaker.rests_until > now
        return (found.instead or found) if is_long and rests else found

    def _carrier(self, contract: Contract) -> Carrier:
        if contract.contract_id not in self.opened:
            self.opened[contract.contract_id] = self.rig.carrier(contract)
        return self.opened[contract.contract_id]

    def _point(self, carrier: Carrier, shipment: Shipment) -> PointStanding | None:
        point = carrier.listed_point(shipment)
        if point is None or point.network is None:
            return None
        key = (carrier.code, point.network, point.point_id)
        found = points.find(self.conn, *key)
        standing = points.standing(self.conn, *key, country=shipment.recipient.country, now=self.rig.now())
        at_point = PointStanding(standing)
        if found:
            at_point = PointStanding(standing, found.takes_cod, found.most_weight_g, found.country)
        return replace(at_point, near=self._near(key, found, shipment)) if at_point.is_shut else at_point

    def _near(self, key: tuple[str, str, str], found: points.Point | None, shipment: Shipment) -> str | None:
        """Name open points that would take a parcel whose own is shut: code, name, street, town."""
        there = points.instead(
            self.conn,
            *key[:2],
            found,
            zip_code=shipment.recipient.zip,
            country=shipment.recipient.country,
            cod=shipment.cod is not None,
            weight_g=max((box.weight_g for box in shipment.boxes), default=0),
            most=NEAR,
        )
        named = ((f"{each.point_id} {each.name}", each.street, each.city) for each in there)
        return "; ".join(", ".join(part for part in parts if part) for parts in named) or None

    def _numbered(self, packed: Packed) -> Packed | Unfit:
        """Give a parcel its numbers of the account's own row, where it has one; they are taken for good."""
        contract, shipment = packed.contract, packed.shipment
        a_box = self._carrier(contract).able.serials
        if not a_box:
            return packed
        first = contracts.take_serials(self.conn, contract.contract_id, count=a_box * len(shipment.boxes))
        if first is None:
            return Unfit("no_numbers", f"The row of numbers of {contract.carrier} is used up. Ask for a new one.")
        return replace(packed, shipment=replace(shipment, options={**shipment.options, "serial": str(first)}))


def _days(wish: Wish, now: datetime) -> Iterator[Fault]:
    """Yield what is wrong with the day on which it is to leave."""
    today = now.astimezone(PRAGUE).date()
    if wish.ship_on and wish.ship_on < today:
        yield rules.fault("ship_on", "past", today)
    if wish.ship_on and wish.ship_on > today + AHEAD:
        yield rules.fault("ship_on", "bad_date", today + AHEAD)
