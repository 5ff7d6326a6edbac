"""A year of one shop: seasons, weekends and sales, both changes of the clock, a new year, what ages, a reinstallation.

Orders come as on the benches' day (tests/bench/trade.py), the warehouse packs in waves on working days, and whatever
falls due happens when the watch gets there. In a leap year there is a 29 February.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from service.flows import age
from service.kit.clock import PRAGUE
from simulator import changes
from tests.bench import trade
from tests.prove import ground as grounds
from tests.prove import trial as trials
from tests.prove import verdict
from tests.prove.deeds import come_back, uninstall
from tests.prove.ground import Ground
from tests.prove.scene import Site
from tests.prove.trial import Trial

BEGINS = date(2028, 1, 10)  # a leap year
SWEEP_EVERY = timedelta(hours=1)
SEASON = (0.8, 0.8, 0.9, 1.0, 1.0, 0.9, 0.7, 0.8, 1.0, 1.1, 1.6, 1.8)  # by month
WEEKDAY = (1.2, 1.1, 1.0, 1.0, 1.0, 0.7, 0.9)
SALES = {(11, 24): 4.0, (11, 27): 3.0, (12, 26): 2.0}  # days on which everybody buys
LEAVES_ON, BACK_AFTER = 200, 3  # the day it is uninstalled, and how many days it is away
TARIFF_ON = {60: ("gold", False), 90: ("platinum", False), 120: ("platinum", True)}  # and whether windows are lifted
MONTH = 30  # days between two looks at the database's size
ARRIVES_AFTER = timedelta(days=1, hours=3)

SIZE = "SELECT pg_database_size(current_database()) AS bytes"
CALLS = "SELECT plan, count(*) AS calls FROM calls WHERE began_at >= %s AND began_at < %s GROUP BY plan"
STORED = "SELECT sum(copies) AS copies FROM deliveries WHERE received_at >= %s AND received_at < %s"
PARTS = "SELECT count(*) AS parts FROM pg_class WHERE relispartition AND relkind = 'r'"


@dataclass
class Lived:
    """What a year came to."""

    days: int = 0
    orders: int = 0
    shipped: int = 0
    mails: int = 0
    calls: Counter[str] = field(default_factory=Counter[str])
    webhooks: int = 0
    stored: int = 0
    bytes_at: dict[int, int] = field(default_factory=dict[int, int])
    partitions: int = 0
    journal: int = 0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def per_order(self) -> float:
        """Calls about orders for each order created."""
        about = sum(calls for plan, calls in self.calls.items() if plan.startswith("orders"))
        return round(about / max(1, self.orders), 2)


def told(ground: Ground, *, orders_a_day: float, days: int = 366, seed: int = 1) -> Lived:
    """Live through so many days of a shop with so many orders a day on average."""
    start = datetime.combine(BEGINS, time(0, 0), PRAGUE).astimezone(UTC)
    with ground.opened(
        grounds.empty_scene(start), seed=seed, pull_spacing_s=0, interval_s=60, routine_s=1_800
    ) as trial:
        trial.sweep_every = SWEEP_EVERY
        age.run(trial.rig)
        trials.furnish(trial, shops=1, orders=20)
        year = Year(trial, trial.sites[0], random.Random(f"{seed}:year"), orders_a_day)
        for day in range(days):
            year.live(day)
            if day % MONTH == MONTH - 1:
                print(f"         day {day + 1}, {year.lived.orders:,} orders", flush=True)
        return year.ended(days)


@dataclass(order=True)
class Due:
    at: datetime
    serial: int
    what: str = field(compare=False)
    number: str = field(compare=False, default="")


@dataclass
class Year:
    """A year under way."""

    trial: Trial
    site: Site
    dice: random.Random
    orders_a_day: float
    lived: Lived = field(default_factory=Lived)
    due: list[Due] = field(default_factory=list[Due])
    ready: list[str] = field(default_factory=list[str])
    counted_to: datetime | None = None
    serial: Iterator[int] = field(default_factory=count)

    def live(self, day: int) -> None:
        """Live through one day from midnight to midnight, as Prague has it."""
        today = BEGINS + timedelta(days=day)
        midnight = self.at(today, 0)
        for _ in range(self._how_many(today)):
            hour = self.dice.choices(range(24), trade.BY_THE_HOUR)[0]
            self.plan(midnight + timedelta(hours=hour, seconds=self.dice.uniform(0, 3_600)), "created")
        if today.weekday() < 5:
            for wave in trade.WAVES:
                self.plan(self.at(today, wave), "wave")
        self.plan(self.at(today, 4 * 3_600), "aged")
        if tariff := TARIFF_ON.get(day):
            self.site.shop.tariff, self.site.shop.verified = tariff
        if day == LEAVES_ON:
            uninstall(self.trial, self.site, 1, self.dice)
        if day == LEAVES_ON + BACK_AFTER:
            come_back(self.trial, self.site, 1, self.dice)
        end = self.at(today + timedelta(days=1), 0)
        while self.due and self.due[0].at < end:
            next_ = heapq.heappop(self.due)
            self.until(next_.at)
            getattr(self, next_.what)(next_.number)
        self.until(end)
        self.trial.tend()
        self._count(day)

    def at(self, day: date, second: float) -> datetime:
        """Return a time of a day of Prague; the nights on which the clock changes are an hour shorter or longer."""
        return (datetime.combine(day, time(0, 0), PRAGUE)).astimezone(UTC) + timedelta(seconds=second)

    def plan(self, at: datetime, what: str, number: str = "") -> None:
        heapq.heappush(self.due, Due(at, next(self.serial), what, number))

    def until(self, at: datetime) -> None:
        """Let time pass: letters come at once, lanes have their turns when they are due."""
        trial = self.trial
        while trial.now < at:
            if trial.post:
                trial.carry_all()
            if trial.turn():
                trial.pass_(1)
                continue
            next_at = trial.next_at() or at
            trial.pass_(max(1.0, (min(next_at, at) - trial.now).total_seconds()))

    def _how_many(self, today: date) -> int:
        mean = self.orders_a_day * SEASON[today.month - 1] * WEEKDAY[today.weekday()]
        mean *= SALES.get((today.month, today.day), 1.0)
        return int(mean) + (self.dice.random() < mean % 1)

    def created(self, _number: str) -> None:
        number = changes.create_order(self.trial.town.world, self.site.shop).number
        self.lived.orders += 1
        now = self.trial.now
        self.plan(now + timedelta(seconds=self.dice.uniform(60, 7_200)), "paid", number)
        if self.dice.random() < 0.4:
            self.plan(now + timedelta(seconds=self.dice.uniform(120, 3_600)), "changed", number)
        if self.dice.random() < 0.03:
            self.plan(now + timedelta(seconds=self.dice.uniform(600, 86_400)), "deleted", number)

    def paid(self, number: str) -> None:
        if not self.site.shop.orders[number].deleted_at:
            received = next(i for i, row in self.site.shop.statuses.items() if row["type"] == "Received")
            day = self.trial.now.date().isoformat()
            changes.change_order(self.trial.town.world, self.site.shop, number, status_id=received, paid_date=day)

    def changed(self, number: str) -> None:
        if not self.site.shop.orders[number].deleted_at:
            note = f"Zákazník volal {self.dice.randint(1, 999)}"
            changes.change_order(self.trial.town.world, self.site.shop, number, internal_note=note)

    def deleted(self, number: str) -> None:
        changes.delete_order(self.trial.town.world, self.site.shop, number)

    def wave(self, _number: str) -> None:
        """Pack what may be packed; it arrives the day after."""
        warehouse, rig = self.site.warehouse, self.trial.rig
        if self.site.uninstalled:
            return
        while warehouse.read(rig):
            pass
        warehouse.ack(rig, warehouse.stopped())
        numbers = warehouse.packable()
        for first in range(0, len(numbers), 100):
            warehouse.post(rig, *warehouse.packed(numbers[first : first + 100], coded=True, final=True))
        for number in numbers:
            self.plan(self.trial.now + ARRIVES_AFTER, "done", number)

    def done(self, number: str) -> None:
        if not self.site.shop.orders[number].deleted_at:
            changes.change_order(self.trial.town.world, self.site.shop, number, resolved_yn=True)

    def aged(self, _number: str) -> None:
        age.run(self.trial.rig)

    def _count(self, day: int) -> None:
        """Add the day's calls up before their rows age away."""
        now, since = self.trial.now, self.counted_to or datetime.min.replace(tzinfo=UTC)
        with self.trial.rig.db.tx_all("a year counts its calls") as conn:
            for row in conn.execute(CALLS, [since, now]).fetchall():
                self.lived.calls[row["plan"]] += row["calls"]
            row = conn.execute(STORED, [since, now]).fetchone()
            self.lived.stored += int((row and row["copies"]) or 0)
            if day % MONTH == MONTH - 1:
                row = conn.execute(SIZE).fetchone()
                self.lived.bytes_at[day + 1] = row["bytes"] if row else 0
        self.counted_to = now

    def ended(self, days: int) -> Lived:
        """Judge the year after a last hour in which everything is told."""
        self.until(self.trial.now + timedelta(hours=1))
        while self.site.warehouse.read(self.trial.rig):
            pass
        self._count(days)
        lived = self.lived
        with self.trial.rig.db.tx_all("a year looks back") as conn:
            size, parts = conn.execute(SIZE).fetchone(), conn.execute(PARTS).fetchone()
            rows = conn.execute("SELECT count(*) AS entries FROM journal").fetchone()
        assert size
        assert parts
        assert rows
        lived.bytes_at[days] = size["bytes"]
        lived.days, lived.partitions, lived.journal = days, parts["parts"], rows["entries"]
        lived.webhooks = self.trial.acked.total()
        lived.shipped = len(self.site.warehouse.told)
        lived.mails = self.site.shop.mail_counts["email"]
        lived.wrong = verdict.wrongs(self.trial, aged=True)
        if lived.stored < lived.webhooks:
            lived.wrong.append(f"{lived.webhooks - lived.stored} acknowledged webhooks are not stored")
        return lived
