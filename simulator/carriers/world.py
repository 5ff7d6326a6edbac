"""One carrier: who may call it, the parcels it was told of, its points, and a line for every call it got.

Everything reads and writes under `world.lock`. Time is handed in; late work lands and scans are told by `tick`.
"""

import heapq
import random
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import RLock
from typing import Any, TypeAlias

from simulator.carriers import lives
from simulator.carriers.faults import Faults
from simulator.carriers.lives import End, Said, Scan, Step
from simulator.carriers.points import Point
from simulator.wire import PRAGUE

Now: TypeAlias = Callable[[], datetime]
PAID_AFTER = timedelta(days=3)
LONGEST_LEDGER = 200_000


@dataclass(slots=True)
class Account:
    """A contract; `login` is what its calls must bring, byte for byte, `given` what else the carrier knows of it."""

    name: str
    login: dict[str, str]
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Parcel:
    """A box the carrier was told of. `reference`: the sender's own; `told`: how many scans listeners have heard of.

    `plan`: every scan from the data on, past and to come. `cod`: amount and currency as text, `paid`: what is sent of
    it. `bag`: whatever the carrier keeps besides. `said`: codes of the carrier's own it was told to say, and
    when.
    """

    number: str
    reference: str
    account: str
    barcode: str
    made_at: datetime
    end: End
    plan: list[Scan]
    point: str = ""
    town: str = ""
    cod: tuple[str, str] | None = None
    paid: str | None = None
    bag: dict[str, Any] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    told: int = 0


@dataclass(slots=True)
class Car:
    """A collection somebody ordered: `told` is the order as it came, `cancelled_at` when it was called off."""

    id: str
    account: str
    told: Mapping[str, Any]
    ordered_at: datetime
    cancelled_at: datetime | None = None


@dataclass(slots=True)
class Entry:
    """A call: what it was, what befell it, and the numbers it made; `late`: nobody heard, and it landed later."""

    at: datetime
    method: str
    path: str
    operation: str
    status: int = 0
    faults: tuple[str, ...] = ()
    made: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    late: bool = False
    landed_at: datetime | None = None


@dataclass(order=True, slots=True)
class _Late:
    due_at: datetime
    serial: int
    run: Callable[[], object] = field(compare=False)


class World:
    """Everything one carrier knows."""

    def __init__(self, code: str, *, now: Now, seed: int = 1, base_url: str = "") -> None:
        """Make an empty world; `now` returns an aware time, `base_url` is where links of this carrier lead."""
        self.code = code
        self.now = now
        self.seed = seed
        self.base_url = base_url or f"http://carriers.test/{code}"
        self.lock = RLock()
        self.rng = random.Random(f"{seed}:{code}")
        self.accounts: dict[str, Account] = {}
        self.parcels: dict[str, Parcel] = {}
        self.points: dict[str, Point] = {}
        self.cars: dict[str, Car] = {}
        self.ledger: deque[Entry] = deque(maxlen=LONGEST_LEDGER)
        self.faults = Faults()
        self.bag: dict[str, Any] = {}
        """Whatever else a carrier keeps: tokens, batches, manifests."""
        self.hand_over_after: timedelta | None = None
        """How long after it was made a parcel is handed over by itself; None: when told."""
        self.on_scan: list[Callable[[Parcel, Scan], None]] = []
        """Called by `tick` for every new scan, under the lock; must not wait."""
        self.pushes: list[Any] = []
        self.webhook: tuple[str, str] | None = None
        """Where messages go that the carrier sends by itself, and the key they are signed with."""
        self.grow: Callable[[int], object] | None = None
        """Adds so many points, where the carrier's simulator offers that."""
        self.facts: Callable[[Parcel], Mapping[str, Any]] = lambda _parcel: {}
        """What this carrier knows of a parcel now: `customs`, `insured`, `services`, `contact`, `stored_until`."""
        self.codes: Collection[str] = ()
        """Codes of the carrier's own that `say` takes, besides those of the steps."""
        self._made: dict[str, list[str]] = {}
        self._serials: Counter[str] = Counter()
        self._late: list[_Late] = []
        self._entry: Entry | None = None

    def add_account(self, name: str = "shop", *, given: dict[str, Any] | None = None, **login: str) -> Account:
        """Add a contract with its login."""
        account = self.accounts[name] = Account(name, login, dict(given or {}))
        return account

    def account_with(self, **login: str) -> Account | None:
        """Return the account whose login has exactly these values, None when there is none."""
        found = (a for a in self.accounts.values() if all(a.login.get(name) == told for name, told in login.items()))
        return next(found, None)

    def serial(self, name: str, start: int = 1) -> int:
        """Return the next number of a row of numbers, the first one `start`."""
        self._serials[name] += 1
        return start + self._serials[name] - 1

    def today(self, at: datetime | None = None) -> date:
        """Return the day it is, or was, in Prague."""
        return (at or self.now()).astimezone(PRAGUE).date()

    def make(
        self,
        number: str,
        *,
        reference: str,
        account: str,
        barcode: str = "",
        point: str = "",
        town: str = "",
        cod: tuple[str, str] | None = None,
        **bag: Any,
    ) -> Parcel:
        """Take a parcel and note it in the ledger; a number that exists is a bug of the simulator."""
        if number in self.parcels:
            raise ValueError(f"{self.code} has made {number} already")
        now = self.now()
        parcel = Parcel(
            number=number,
            reference=reference,
            account=account,
            barcode=barcode or number,
            made_at=now,
            end=lives.drawn(self.seed, number, to_point=bool(point)),
            plan=[Scan(now, Step.DATA)],
            point=point,
            town=town,
            cod=cod,
            bag=bag,
        )
        self.parcels[number] = parcel
        self._made.setdefault(reference, []).append(number)
        if self._entry is not None:
            self._entry.made.append(number)
            self._entry.references.append(reference)
        if self.hand_over_after is not None:
            self.hand_over([number], at=now + self.hand_over_after)
        return parcel

    def made(self, *, counting_cancelled: bool = False) -> dict[str, list[str]]:
        """Return the numbers made for each of the sender's references: two of them are a second paid label."""
        return {
            reference: kept
            for reference, numbers in self._made.items()
            if (kept := [n for n in numbers if counting_cancelled or not self.is_cancelled(self.parcels[n])])
        }

    def scans(self, parcel: Parcel) -> list[Scan]:
        """Return what has happened to a parcel so far, the data first."""
        now = self.now()
        return [scan for scan in parcel.plan if scan.at <= now]

    def history(self, parcel: Parcel) -> list[Scan | Said]:
        """Return what has happened to a parcel, and what the carrier was told to say of it, in the order of both."""
        return lives.woven(self.scans(parcel), parcel.said)

    def step(self, parcel: Parcel) -> Step:
        """Return the newest step."""
        return self.scans(parcel)[-1].step

    def is_handed(self, parcel: Parcel) -> bool:
        """Say whether the carrier has the parcel itself."""
        return any(scan.step not in (Step.DATA, Step.CANCELLED) for scan in self.scans(parcel))

    def is_cancelled(self, parcel: Parcel) -> bool:
        """Say whether it was called off."""
        return any(scan.step is Step.CANCELLED for scan in parcel.plan)

    def paid_at(self, parcel: Parcel) -> datetime | None:
        """Return when the COD was sent to the sender, None while it was not: three days after delivery."""
        delivered = next((scan.at for scan in parcel.plan if scan.step is Step.DELIVERED), None)
        paid = delivered + PAID_AFTER if parcel.cod and delivered else None
        return paid if paid and paid <= self.now() else None

    def cancel(self, parcel: Parcel) -> bool:
        """Call a parcel off; False once it was handed over."""
        if self.is_handed(parcel):
            return False
        if not self.is_cancelled(parcel):
            parcel.plan = [*self.scans(parcel), Scan(self.now(), Step.CANCELLED)]
        return True

    def hand_over(self, numbers: Iterable[str] | None = None, *, at: datetime | None = None) -> int:
        """Give parcels (None: all that wait) to the carrier; return how many those were."""
        start, count = at or self.now(), 0
        for parcel in self._chosen(numbers):
            if not self.is_handed(parcel) and not self.is_cancelled(parcel):
                way = lives.planned(parcel.end, start, town=parcel.town, point=parcel.point)
                parcel.plan = [*self.scans(parcel), *way]
                count += 1
        return count

    def move_on(self, numbers: Iterable[str] | None = None, *, steps: int | None = 1) -> int:
        """Let the next steps (None: all) of parcels happen now, hand-over included; return how many parcels moved."""
        count, now = 0, self.now()
        for parcel in self._chosen(numbers):
            if len(parcel.plan) == 1:
                self.hand_over([parcel.number], at=now + timedelta(seconds=1))
            before, parcel.plan = parcel.plan, lives.moved_on(parcel.plan, now, steps)
            count += parcel.plan is not before
        return count

    def say(self, numbers: Iterable[str], code: str) -> int:
        """Have a code of the carrier's own said of parcels now; ValueError for one it does not have."""
        if code not in self.codes:
            raise ValueError(f"{self.code} does not say {code!r}")
        chosen = self._chosen(numbers)
        for parcel in chosen:
            parcel.said.append(Said(self.now(), code, len(self.scans(parcel))))
        return len(chosen)

    def end(self, numbers: Iterable[str], how: End) -> None:
        """Choose how parcels end; what has happened stays."""
        for parcel in self._chosen(numbers):
            parcel.end = how
            if len(parcel.plan) > 1 and not self.is_cancelled(parcel):
                way = lives.replanned(parcel.plan, how, self.now(), town=parcel.town, point=parcel.point)
                parcel.plan = way

    def order_car(self, id_: str, *, account: str, told: Mapping[str, Any]) -> Car:
        """Take an order for a car."""
        car = self.cars[id_] = Car(id_, account, told, self.now())
        return car

    def recall_car(self, id_: str, account: str) -> Car | None:
        """Call a car off; None where this account has no such car, or it was called off before."""
        car = self.cars.get(id_)
        if car is None or car.account != account or car.cancelled_at:
            return None
        car.cancelled_at = self.now()
        return car

    def note(self, entry: Entry) -> Entry:
        """Write a line of the ledger; what is made until `noted` belongs to it."""
        self.ledger.append(entry)
        return entry

    def working(self, entry: Entry, work: Callable[[], Any]) -> Any:
        """Do a call's work; what it makes stands in its line."""
        before, self._entry = self._entry, entry
        try:
            return work()
        finally:
            self._entry = before

    def put_off(self, seconds: float, run: Callable[[], object]) -> None:
        """Have something done later."""
        heapq.heappush(self._late, _Late(self.now() + timedelta(seconds=seconds), self.serial("late"), run))

    def tick(self) -> int:
        """Do what is due by now and tell of new scans; return how many late works landed."""
        with self.lock:
            landed = 0
            while self._late and self._late[0].due_at <= self.now():
                heapq.heappop(self._late).run()
                landed += 1
            if self.on_scan:
                self._tell()
            return landed

    def _tell(self) -> None:
        for parcel in self.parcels.values():
            if parcel.told < len(parcel.plan):
                news = self.scans(parcel)[parcel.told :]
                parcel.told += len(news)
                for scan in news:
                    for listener in self.on_scan:
                        listener(parcel, scan)

    def _chosen(self, numbers: Iterable[str] | None) -> list[Parcel]:
        return [*self.parcels.values()] if numbers is None else [self.parcels[number] for number in numbers]
