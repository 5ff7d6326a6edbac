"""One carrier at a time on the bench: its adapter, its simulator, a watch, and parcels it would take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import BytesIO

import httpx
import pypdfium2
import zxingcpp

from carriers import check, registry
from carriers.base import Account, Booked, Carrier, Close, Handle, Label, Parcel, Pending, Taken
from carriers.dpd_cz import barcode
from carriers.errors import CarrierRefused, Kind
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, Customs, Goods, PointRef, Shipment
from simulator.carriers import registry as stand_ins
from simulator.carriers import transport
from simulator.carriers.world import Parcel as Thing
from simulator.carriers.world import World
from tests.carriers.sorts import Sort

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
RECIPIENT = Address(
    "Jana Dvořáková", "Lipová 12", "Brno", "60200", "CZ", phone="+420601234567", email="jana.dvorakova@example.cz"
)
ABROAD = {
    "CH": Address("Jana Meier", "Bahnhofstrasse 12", "Bern", "3011", "CH", phone="+41446681800"),
    "HU": Address("Jana Nagy", "Fő utca 12", "Budapest", "1011", "HU", phone="+36301234567"),
    "PL": Address("Jana Nowak", "Długa 12", "Kraków", "30001", "PL", phone="+48601234567"),
    "RO": Address("Jana Popescu", "Strada Lungă 12", "București", "010011", "RO", phone="+40721234567"),
    "SK": Address("Jana Kováčová", "Hlavná 12", "Košice", "04001", "SK", phone="+421905123456"),
}
DECLARED = Customs((Goods("Hrnek", 2, 400, Money(25_000, "CZK"), "691110", "CZ"),), "11", "FA-77", "CZ12345678")
DPI = 203
POLLS = 10

SORTS: Mapping[str, Sort] = {code: import_module(f"tests.carriers.{code}.sort").SORT for code in registry.ADAPTERS}


@dataclass
class Watch:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Kit:
    """A carrier on the bench."""

    code: str
    sort: Sort
    watch: Watch
    world: World
    carrier: Carrier
    client: httpx.Client
    account: Account
    serial: int = 0
    answers: list[httpx.Response] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)

    def home(self, **changed: object) -> Shipment:
        """Return a parcel for a door that the carrier would take."""
        self.serial += 1
        good = Shipment(
            f"r{self.serial:08d}", f"O26{self.serial:04d}", self.sort.home, RECIPIENT, (Box(1_200, 300, 200, 100),),
            Money(129_000, "CZK"), options={"serial": str(self.serial)} if self.carrier.able.serials else {},
        )  # fmt: skip
        return replace(good, **changed)

    def to_point(self, *, is_open: bool = True, **changed: object) -> Shipment:
        """Return a parcel for an open point, or for one that is closed."""
        point = self.point(self.sort.to_point, is_open=is_open)
        return self.home(**{"service": self.sort.to_point, "point": point, **changed})

    def point(self, service: str, country: str = "CZ", *, is_open: bool = True) -> PointRef:
        """Return the first point of a country at which a service ends."""
        begins = service.partition("/")[0] if self.sort.network else ""
        place = next(
            place
            for place, point in self.world.points.items()
            if point.is_open is is_open
            and point.country == country
            and place.startswith(self.place("", begins))
            and self.sort.takes_to(service, place, point)
        )
        return PointRef(place.removeprefix(self.place("", begins)), country="" if country == "CZ" else country)

    def suited(self, service: str, country: str = "", **changed: object) -> Shipment:
        """Return a parcel this service would take where it goes, declared where that is outside the Union."""
        to, able = country or self.sort.goes.get(service, "CZ"), self.carrier.able
        good = {
            "service": service,
            "recipient": RECIPIENT if to == "CZ" else replace(ABROAD[to], email=RECIPIENT.email),
            "point": self.point(service, to) if service in able.to_point else None,
            "customs": DECLARED if to not in check.UNION and "customs" in able.takes else None,
        }
        return self.home(**{**good, **changed})

    def cod(self, **changed: object) -> Shipment:
        return self.home(**{"cod": Cod(Money(129_000, "CZK"), "26000417"), **changed})

    def book(self, *shipments: Shipment) -> list[Taken]:
        """Book in lists as large as the carrier takes, and ask until nothing is pending."""
        taken: list[Taken] = []
        most = self.carrier.able.batch
        for first in range(0, len(shipments), most):
            taken += self.settled(self.carrier.book(shipments[first : first + most]))
        return taken

    def settled(self, taken: Sequence[Taken]) -> list[Taken]:
        found = list(taken)
        for _ in range(POLLS):
            waiting = [each for each in found if isinstance(each, Pending)]
            if not waiting:
                break
            self.watch.go(seconds=max(each.wait_s for each in waiting))
            for job in {repr(each.job): each.job for each in waiting}.values():
                mine = [each for each in waiting if each.job == job]
                told = self.carrier.poll(job, [each.reference for each in mine])
                for each, now in zip(mine, told, strict=True):
                    found[found.index(each)] = now
        return found

    def booked(self, *shipments: Shipment) -> list[Booked]:
        taken = self.book(*(shipments or (self.home(),)))
        assert all(isinstance(each, Booked) for each in taken), taken
        return [each for each in taken if isinstance(each, Booked)]

    def parcels(self, *shipments: Shipment) -> list[Parcel]:
        return [parcel for each in self.booked(*shipments) for parcel in each.parcels]

    def wired(self, shipment: Shipment) -> str:
        """Book and return all bodies that went out for it."""
        before = len(self.asked)
        self.booked(shipment)
        return self.said(before)

    def said(self, first: int = 0) -> str:
        """Return all bodies that went out, from one call on."""
        return "\n".join(request.content.decode() for request in self.asked[first:])

    def stranger(self) -> Parcel:
        """Return a parcel with ids of the right kind that nobody has."""
        [real] = self.parcels(self.home())
        number = nines(real.number)
        return Parcel(number, number, "", Handle(self.code, {n: nines(each) for n, each in real.handle.ids.items()}))

    def there(self, parcel: Parcel) -> Thing:
        """Return a parcel as the carrier itself has it."""
        return self.world.parcels[self.sort.key(parcel)]

    def place(self, point_id: str, network: str = "") -> str:
        """Return what the stand-in calls a point: with its network in front where it has several."""
        return f"{network or self.sort.network}/{point_id}" if self.sort.network else point_id

    def hand_over(self, parcels: Sequence[Parcel]) -> None:
        """Give the carrier all parcels; what must be closed is closed, for else it has never heard of them."""
        if self.carrier.able.close is Close.REQUIRED:
            self.carrier.close(parcels, self.watch().date())
        self.world.hand_over()

    def made(self) -> int:
        """Return how many parcels the carrier has made, by its own books."""
        return sum(len(numbers) for numbers in self.world.made(counting_cancelled=True).values())

    def strikes(self, kind: str, **how: object) -> None:
        """Let the next booking call be befallen by a fault."""
        self.world.faults.add(kind, operation=self.sort.books, **how)

    def opened(self, **changed: object) -> Carrier:
        """Return the adapter for another account."""
        return registry.opened(
            self.code, replace(self.account, **changed), client=self.client, now=self.watch, nap=unrested
        )


def kit(code: str, *, seed: int = 7, is_wide: bool = False) -> Kit:
    """Put a carrier on the bench; `is_wide`: with all switched on that the stand-in knows."""
    sort, watch = SORTS[code], Watch()
    worlds = stand_ins.built([code], now=watch, seed=seed)
    world = worlds.worlds[code]
    asked: list[httpx.Request] = []
    client = httpx.Client(transport=transport(worlds), event_hooks={"request": [asked.append]})
    given = {**sort.given(world), **(sort.more_given if is_wide else {})}
    switches = sort.switches | (sort.more if is_wide else frozenset())
    account = Account(f"http://carriers.test/{code}{sort.path}", dict(sort.secrets(world)), given, switches)
    carrier = registry.opened(code, account, client=client, now=watch, nap=unrested)
    return Kit(code, sort, watch, world, carrier, client, account, asked=asked)


def lacks(asked: Callable[..., object], *given: object) -> bool:
    """Say whether something is refused, by its name, as what the carrier does not have."""
    try:
        asked(*given)
    except CarrierRefused as refusal:
        return refusal.kind is Kind.UNSUPPORTED and refusal.operation == asked.__name__
    return False


def nines(told: str) -> str:
    """Return an id of the same form that nobody has."""
    return "".join("9" if letter.isdigit() else letter for letter in told)


def numbers_in(code: str, page: set[str]) -> set[str]:
    """Return what the bar codes of a page say as the carrier's numbers, which at DPD are the middle of them."""
    return {barcode.number_in(said) or said for said in page} if code == "dpd_cz" else page


def unrested(seconds: float) -> None:
    """Wait for nobody: the watch of a bench stands."""


def codes(label: Label) -> list[set[str]]:
    """Return what the bar codes on each page say, as a scanner of 203 dpi reads them."""
    with pypdfium2.PdfDocument(BytesIO(label.content)) as document:
        pages = [page.render(scale=DPI / 72, grayscale=True).to_pil() for page in document]
    return [{code.text for code in zxingcpp.read_barcodes(page)} for page in pages]
