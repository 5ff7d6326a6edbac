"""Labels under all that goes wrong: lost and late answers, killed workers, leaping clocks, cancels, fifty at once.

The verdict is from the carriers' own books and the shop's: nothing is paid for twice, lost, or mailed twice.
"""

import random
from collections import Counter as Tally
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import httpx

from carriers.registry import ADAPTERS
from service import bookings, problems
from service.bookings import Booking, State
from service.db import Database
from service.flows import book, sweep
from service.problems import Cause
from service.rig import Rig
from service.steps import carriage
from simulator.carriers.faults import KINDS
from tests.carriers.kit import SORTS
from tests.flows import mortal
from tests.flows.counter import Counter, counter
from tests.flows.mortal import Fate, Killed
from tests.flows.town import Town

LOSES = ("dropped", "empty", "truncated", "nulls", "wrong_types", "late", "slow")  # the work is done, nobody hears
HIDES = ("short",)  # a look-up that leaves out what is there says what is not so: nobody could know (decision 23)
AT_ONCE = 50
POOL = 25
TURNS = 6  # connections of those who take turns
PARCELS = 30
RACED = 8  # parcels fifty fall over each other for
OURS = {
    Cause.LABEL_REFUSED, Cause.LABEL_UNCLEAR, Cause.LABEL_NOT_TAKEN_BACK, Cause.PARCEL_STRAY, Cause.CARRIER_DOWN,
    Cause.CARRIER_REFUSES,
}  # fmt: skip
LATEST_S = 500.0
TICK_S = 5.0
BOOKS = {"ceska_posta": ["POST /parcelService", "POST /sendParcels"]}  # where one and several are two operations
ENDS = (State.READY, State.CANCELLED, State.PARKED)
FREE_UNPRINTED = "dpd_cz"  # nothing is owed for a parcel whose label was never printed (docs/carriers.md 3A)
UNHEARD = "ceska_posta"  # a code that is never posted costs nothing, so a cancellation tells nobody
LONGEST = timedelta(hours=12)


class Dead(Fate):
    """A fate that whoever it hit does not outlive: every further step of his is none."""

    def step(self) -> None:
        if self.dead:
            raise Killed
        super().step()


@dataclass
class Ended:
    """What came of a story: answers lost and landed late, by how many calls, and what is not as promised."""

    tally: Tally[str] = field(default_factory=Tally[str])
    wrong: list[str] = field(default_factory=list[str])


@dataclass
class Story:
    """One shop with one carrier, and a seed from which everything is drawn."""

    at: Counter
    code: str
    dice: random.Random
    asked: list[str] = field(default_factory=list[str])
    tally: Tally[str] = field(default_factory=Tally[str])
    skew: timedelta = timedelta(0)

    @property
    def rig(self) -> Rig:
        return self.at.town.rig

    def now(self) -> datetime:
        """Return our clock, which may be another than the carrier's."""
        return self.at.town.watch() + self.skew

    def pass_by(self, seconds: float) -> None:
        """Let time pass; what is late lands when it is due."""
        while seconds > 0:
            step = min(seconds, TICK_S)
            seconds -= step
            self.at.town.watch.move(step)
            self.at.worlds[self.code].tick()

    def want(self) -> None:
        """Let some more orders leave, some in two boxes."""
        left = len(self.at.shop.numbers) - self.at.taken
        count = min(self.dice.randint(1, 2), left)
        if count:
            self.asked += self.at.wants(self.code, count)

    def plant(self) -> None:
        """Let one thing or another befall calls to come."""
        kind = self.dice.choice([*KINDS, *LOSES, *LOSES, "late", "late", "late"])
        books = self.dice.random() < 0.75 or kind in HIDES
        how: dict[str, Any] = (
            {"operation": self.dice.choice(BOOKS.get(self.code) or [SORTS[self.code].books])} if books else {}
        )
        if kind == "late":
            how |= {"seconds": 5.0, "seconds_most": LATEST_S, "seed": self.dice.randrange(1_000)}
        if kind == "slow":
            how["seconds"] = 60.0
        self.at.worlds[self.code].faults.add(kind, calls=self.dice.randint(1, 2), **how)

    def cancel(self) -> None:
        """Let somebody cancel a parcel that is on its way."""
        on_their_way = [each for each in self.asked if self.at.stands(each).state not in ENDS]
        if on_their_way:
            self.tally["cancelled"] += 1
            self.at.cancel(self.at.stands(self.dice.choice(on_their_way)).booking_id)

    def leap(self) -> None:
        """Let our clock leap ahead, which workers heed, or be set back, which they need not."""
        ahead = self.dice.choice([600.0, 3_600.0, -120.0, -3_600.0])
        self.tally["leaps"] += 1
        self.set(self.skew + timedelta(seconds=ahead))

    def set(self, skew: timedelta) -> None:
        """Set our clock by the carrier's; workers heed that it leapt ahead."""
        ahead, self.skew = skew - self.skew, skew
        if ahead > timedelta(0):
            with self.rig.db.tx_all("the clock leapt") as conn:
                bookings.rest_anew(conn, now=self.now())

    def turn(self, *, mortal_one: bool = False) -> None:
        """Let a worker have a turn; he may die at any step of it, and a call he was in goes on without him."""
        fate = Dead(self.dice.randint(1, 80) if mortal_one else None)
        rig = replace(self.rig, now=self.now, carriers=self.passing(fate))
        with closing(rig.to_carriers), suppress(Killed):
            book.run(mortal.workers(rig, fate), self.at.tenant)
        self.tally["killed"] += fate.dead

    def passing(self, fate: Fate) -> httpx.MockTransport:
        """Return the way to the carrier; a worker may die on it, and somebody may cancel meanwhile."""
        answer = self.rig.carriers
        assert isinstance(answer, httpx.MockTransport)
        asked = answer.handler

        def handler(request: httpx.Request) -> httpx.Response:
            fate.step()
            if fate.left is None and self.dice.random() < 0.02:
                self.cancel()
            answered = asked(request)
            fate.step()
            return answered  # pyright: ignore[reportReturnType]

        return httpx.MockTransport(handler)

    def race(self, url: str) -> None:
        """Let fifty work at one login at once."""
        contract_id, gate = self.at.contracts[self.code].contract_id, Barrier(AT_ONCE)
        with closing(Database(url, size=POOL)) as database:
            database.open()
            rig = replace(self.rig, db=database, now=self.now)

            def work(_: int) -> int:
                gate.wait()
                return book.work_off(rig, self.at.tenant, contract_id, going_on=lambda: True)

            with ThreadPoolExecutor(AT_ONCE) as pool:
                self.tally["raced"] += sum(pool.map(work, range(AT_ONCE)))
            rig.to_carriers.close()


def told(town: Town, url: str, code: str, seed: int, *, parcels: int) -> Ended:
    """Tell a story of so many parcels; `url`: its database."""
    with closing(Database(url, size=TURNS)) as database:
        database.open()
        town.rig = replace(town.rig, db=database)
        return _told(town, url, code, seed, parcels=parcels)


def _told(town: Town, url: str, code: str, seed: int, *, parcels: int) -> Ended:
    at = counter(town, code, count=2 * (parcels + RACED) + 10)
    story = Story(at, code, random.Random(f"{seed}:{code}"))
    deeds = [*[story.plant] * 12, *[story.cancel] * 2, story.leap]
    while len(story.asked) < parcels:
        story.want()
        for deed in story.dice.choices(deeds, k=story.dice.randint(2, 4)):
            deed()
        for _ in range(story.dice.randint(1, 4)):
            story.turn(mortal_one=story.dice.random() < 0.25)
            story.pass_by(story.dice.choice([1, 5, 30, 60, 90, 120, 600]))
    settle(story)
    story.asked += at.wants(code, RACED)
    story.plant()
    story.race(url)
    settle(story)
    at.town.work(for_s=600)
    sweep.run(town.rig, at.tenant)
    story.tally["parcels"] = len(story.asked)
    return Ended(story.tally + lost(story), [f"{code}, seed {seed}: {each}" for each in verdict(story)])


def settle(story: Story) -> None:
    """Let the weather clear, the clocks agree and everything come to its end."""
    story.at.worlds[story.code].faults.clear()
    story.pass_by(max(story.skew.total_seconds(), 0.0))  # or what was written would lie in the future
    story.set(timedelta(0))
    until = story.at.town.watch() + LONGEST
    while _waits(story) and story.at.town.watch() < until:
        if story.at.is_due():
            story.turn()
        story.pass_by(30)


def _waits(story: Story) -> bool:
    with story.rig.db.tx(story.at.tenant) as conn:
        return bookings.waits(conn, story.at.tenant, [story.at.contracts[story.code].contract_id])


def lost(story: Story) -> Tally[str]:
    """Count creates whose answer nobody heard though they were done, and those of them that were done late."""
    found = Tally[str]()
    for call in story.at.worlds[story.code].ledger:
        if call.made and any(kind in LOSES for kind in call.faults):
            found["lost"] += 1
            found["late"] += call.late
    return found


def verdict(story: Story) -> list[str]:
    """Say what is not as promised."""
    standing = {each: story.at.stands(each) for each in story.asked}
    with story.rig.db.tx(story.at.tenant) as conn:
        open_ones = problems.open_ones(conn, story.at.tenant, most=10_000)
        told = {each.order_number: each.cause for each in open_ones if each.cause in OURS}
    wrong = [f"{ref} was paid for twice: {numbers}" for ref, numbers in paid_twice(story).items()]
    for each in standing.values():
        wrong += of_one(story, each, told.get(each.order_number))
    wrong += unaccounted(story)
    with story.rig.db.tx(story.at.tenant) as conn:
        extra = set(told) - {each.order_number for each in standing.values() if each.state is State.PARKED}
    return [*wrong, *(f"{number} has a problem that is over: {told[number]}" for number in extra)]


def every(story: Story) -> list[Booking]:
    """Return all bookings there ever were."""
    with story.rig.db.tx(story.at.tenant) as conn:
        return bookings.of_orders(conn, story.at.tenant, [*story.at.shop.shop.orders])


def paid_twice(story: Story) -> dict[str, list[str]]:
    boxes = {each.reference: each.boxes for each in every(story)}
    return {ref: numbers for ref, numbers in paid(story).items() if len(numbers) > boxes.get(ref, 0)}


def paid(story: Story) -> dict[str, list[str]]:
    """Return what the carrier would put on its bill, by our reference."""
    world, bill = story.at.worlds[story.code], dict[str, list[str]]()
    ours = {each.reference for each in every(story)}
    for told, numbers in world.made().items():
        counts = [n for n in numbers if story.code != FREE_UNPRINTED or world.parcels[n].bag.get("printed")]
        if counts:
            # Balíkobot's reference is that of a box, Packeta's stands behind the order number.
            parts = told.split("-")
            bill.setdefault(next((part for part in parts if part in ours), parts[0]), []).extend(counts)
    return bill


def of_one(story: Story, each: Booking, problem: Cause | None) -> list[str]:
    """Say what is wrong with how a booking ended."""
    name = f"{each.booking_id} ({each.state})"
    at = story.at
    if each.state not in ENDS:
        return [f"{name} came to no end: {each}"]
    if each.state is State.PARKED:
        return [] if problem else [f"{name} is parked, and nobody is told"]
    shown, code = at.shop.shown(each.order_number)
    mails = at.shop.mails(each.order_number)
    if each.state is State.CANCELLED:
        return [f"{name} is shown as sent"] if shown == at.shop.sent_id and not each.label_at else []
    with story.rig.db.tx(at.tenant) as conn:
        boxes = bookings.boxes(conn, at.tenant, [each.booking_id])[each.booking_id]
        sheet = bookings.sheets(conn, at.tenant, [each.booking_id], format="pdf").get(each.booking_id)
    world, parcels = at.worlds[story.code], carriage.parcels_of(boxes)
    known = [world.parcels.get(SORTS[story.code].key(parcel)) for parcel in parcels]
    wrong: list[str] = []
    if len(boxes) != each.boxes or not all(one and not world.is_cancelled(one) for one in known):
        wrong.append(f"{name} has numbers the carrier does not know: {boxes}")
    if sheet is None or not {box.number for box in boxes} <= set(sheet.covers):
        wrong.append(f"{name} has no label of its own: {sheet and sheet.covers}")
    if shown != at.shop.sent_id or code not in {"".join(box.number.split()).upper() for box in boxes}:
        wrong.append(f"{name} is not shown in the shop: {shown} {code}")
    if mails != 1:
        wrong.append(f"{name} was mailed {mails} times")
    return wrong


def unaccounted(story: Story) -> list[str]:
    """Return what the carrier would put on its bill and no booking of ours accounts for."""
    standing = {each.reference: each.state for each in every(story)}
    accounted = {ref for ref, state in standing.items() if state in (State.READY, State.PARKED)}
    strange = paid(story).keys() - accounted
    if story.code == UNHEARD:
        strange -= {ref for ref, state in standing.items() if state is State.CANCELLED}
    return [f"{ref} is on the bill, and its booking is {standing.get(ref)}" for ref in sorted(strange)]


def codes() -> Sequence[str]:
    """Return whom stories are told of."""
    return [*ADAPTERS]
