"""A counter where parcels get their labels: a live shop, logins with carriers, and stand-ins that make them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carriers.money import Money
from carriers.shipment import Box, Cod, PointRef, Shipment
from service import accounts, bookings, contracts, offers, problems, shipments, tenants
from service.accounts import Kind, Person
from service.bookings import Booking, Draft
from service.contracts import Contract
from service.flows import book
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.shipments import Parcel
from service.steps import carriage, offering
from simulator.carriers import registry as stand_ins
from simulator.carriers import transport
from simulator.carriers.world import World
from tests.carriers.kit import RECIPIENT, SORTS
from tests.flows.shipping import Live, live
from tests.flows.town import Town

DUE = Lane.BOOK


@dataclass
class Counter:
    """One live shop that ships with these carriers, each under a login of its merchant."""

    shop: Live
    worlds: dict[str, World]
    account_id: str
    contracts: dict[str, Contract] = field(default_factory=dict[str, Contract])
    taken: int = 0
    where: str = "http://carriers.test"

    @property
    def town(self) -> Town:
        return self.shop.town

    @property
    def tenant(self) -> TenantId:
        return self.shop.tenant

    def shipment(self, code: str, reference: str, number: str, **changed: Any) -> Shipment:
        """Return a parcel to a door that the carrier would take."""
        good = Shipment(
            reference, number, SORTS[code].home, RECIPIENT, (Box(1_200, 300, 200, 100),), Money(129_000, "CZK")
        )
        if SORTS[code].home == "home":
            good = self.to_point(code, good)
        return replace(good, **changed)

    def to_point(self, code: str, shipment: Shipment) -> Shipment:
        sort, world = SORTS[code], self.worlds[code]
        place = next(
            place
            for place, point in world.points.items()
            if point.is_open and point.country == "CZ" and point.kind != "office" and place.startswith(sort.network)
        )
        return replace(shipment, service=sort.to_point, point=PointRef(place.removeprefix(f"{sort.network}/")))

    def cod(self) -> Cod:
        return Cod(Money(129_000, "CZK"), "26000417")

    def wants(self, code: str, count: int = 1, **changed: Any) -> list[str]:
        """Let so many orders leave, each in a parcel whose label is to be made; return the ids of their bookings."""
        numbers = self.shop.numbers[self.taken : self.taken + count]
        assert len(numbers) == count, "the shop has too few orders"
        self.taken += count
        now = self.town.watch()
        with self.town.rig.db.tx(self.tenant) as conn:
            offers.hold(conn, self.tenant)
            parcels = (Parcel(carriage.called(code), None, 1_200),) * len(changed.get("boxes", "1"))
            drafts = [shipments.Draft(number, parcels, final=True, label_due=True) for number in numbers]
            made = shipments.add(conn, self.tenant, drafts, account_id="a_any", now=now)
            asked: list[Draft] = []
            for each in made:
                booking_id = bookings.fresh()
                told = self.shipment(code, booking_id.removeprefix("b_"), each.order_number, **changed)
                asked.append(
                    Draft(
                        booking_id, each.shipment_id, each.order_number, self.contracts[code].contract_id, code,
                        told.service, len(told.boxes), carriage.content_of(told),
                    )
                )  # fmt: skip
            bookings.add(conn, self.tenant, asked, now=now)
        return [draft.booking_id for draft in asked]

    def turn(self) -> int:
        """Let the lane have one turn, due or not."""
        return book.run(self.town.rig, self.tenant)

    def work(self, seconds: float = 0, *, step_s: float = 5) -> None:
        """Let time pass and the lane do what is due in it."""
        end = 0.0
        while True:
            while self.is_due() and self.turn():
                pass
            if end >= seconds:
                return
            end += step_s
            self.town.watch.move(step_s)
            for world in self.worlds.values():
                world.tick()

    def is_due(self) -> bool:
        with self.town.rig.db.tx_all("a test asks whose rows are due") as conn:
            return self.tenant in bookings.due_tenants(conn, now=self.town.watch())

    def stands(self, booking_id: str) -> Booking:
        """Return the booking as it stands, or the one that was made in its place."""
        with self.town.rig.db.tx(self.tenant) as conn:
            asked = bookings.one(conn, self.tenant, booking_id)
            assert asked
            return bookings.of_shipments(conn, self.tenant, [asked.shipment_id])[asked.shipment_id]

    def states(self, booking_ids: Sequence[str]) -> list[str]:
        return [self.stands(each).state.value for each in booking_ids]

    def numbers(self, booking_id: str) -> list[str]:
        now = self.stands(booking_id).booking_id
        with self.town.rig.db.tx(self.tenant) as conn:
            return [box.number for box in bookings.boxes(conn, self.tenant, [now])[now]]

    def there(self, booking_id: str) -> str:
        """Return what the stand-in calls the only box of a booking."""
        now = self.stands(booking_id)
        with self.town.rig.db.tx(self.tenant) as conn:
            [parcel] = carriage.parcels_of(bookings.boxes(conn, self.tenant, [now.booking_id])[now.booking_id])
        return SORTS[now.carrier].key(parcel)

    def log_in(
        self,
        code: str,
        secrets: Mapping[str, str],
        *,
        given: Mapping[str, str] | None = None,
        switches: Collection[str] = (),
    ) -> None:
        """Enter the login with a carrier, or another one; `switches`: what is on beside what the suite needs."""
        sort, world, now = SORTS[code], self.worlds[code], self.town.watch()
        with self.town.rig.db.tx_all("a test enters a login") as conn:
            self.contracts[code] = contracts.put(
                conn,
                self.account_id,
                None,
                code,
                base_url=f"{self.where}/{code}{sort.path}",
                secrets_sealed=self.town.rig.settings.seal.close(json.dumps(secrets)),
                given=sort.given(world) if given is None else given,
                switches=sorted({*sort.switches, *switches}),
                serials=None,
                now=now,
            )

    def causes(self) -> set[Cause]:
        with self.town.rig.db.tx(self.tenant) as conn:
            return {each.cause for each in problems.open_ones(conn, self.tenant)}

    def twice(self, code: str) -> dict[str, list[str]]:
        """Return what the carrier made more often than once of one reference, what it took back left out."""
        return {ref: numbers for ref, numbers in self.worlds[code].made().items() if len(numbers) > 1}

    def strikes(self, code: str, kind: str, **how: Any) -> None:
        """Let the next create be befallen by a fault."""
        self.worlds[code].faults.add(kind, operation=SORTS[code].books, **how)

    def paid_twice(self, code: str) -> dict[str, list[str]]:
        """Return what would be paid for twice: at DPD nothing before its label is printed (docs/carriers.md 3A)."""
        parcels = self.worlds[code].parcels
        twice = self.twice(code)
        if code != "dpd_cz":
            return twice
        printed = {
            ref: [each for each in numbers if parcels[each].bag.get("printed")] for ref, numbers in twice.items()
        }
        return {ref: numbers for ref, numbers in printed.items() if len(numbers) > 1}

    def cancel(self, booking_id: str) -> Booking | None:
        with self.town.rig.db.tx(self.tenant) as conn:
            return bookings.cancel(conn, self.tenant, booking_id, now=self.town.watch())


def counter(town: Town, *codes: str, count: int = 8, where: str = "http://carriers.test") -> Counter:
    """Return a live shop with a login for each of these carriers; `where` they are, if not in process."""
    shop = live(town, count=count)
    built = stand_ins.built(codes or [*SORTS], now=town.watch, seed=7)
    town.rig = replace(town.rig, carriers=transport(built))
    now = town.watch()
    with town.rig.db.tx(shop.tenant) as conn:
        conn.execute("UPDATE mappings SET history_until = '2000-01-01Z'")
        offering.weigh(conn, shop.tenant, dict.fromkeys(shop.numbers, ()), now=now)
    with town.rig.db.tx_all("a test gives a shop its merchant") as conn:
        account_id = accounts.create(conn, Kind.MERCHANT, Person("Merchant"), now=now)
        tenants.pair(conn, shop.tenant, account_id=account_id)
    made = Counter(shop, dict(built.worlds), account_id, where=where)
    for code, world in built.worlds.items():
        made.log_in(code, SORTS[code].secrets(world))
    return made
