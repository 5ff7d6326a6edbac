"""Whatever comes between want, claim, PUT, answer and echo, and wherever a worker dies: the shop shows the last word.

And each real change of status mailed once.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import outbox
from service.flows import writeback
from service.flows.writeback import Round
from service.rig import Rig
from simulator import changes
from tests.flows import mortal
from tests.flows.mortal import Fate, Killed
from tests.flows.shipping import Live, live
from tests.flows.town import FLOWS, STEP_S, Town

ORDERS = 6
ANSWER_S = 0.05
REST_S = 95
ROUNDS = 22  # of a minute and a half: until then all must be told and confirmed

WHICH = st.integers(0, ORDERS - 1)
DEEDS = st.one_of(
    st.tuples(st.just("ship"), WHICH),
    st.tuples(st.just("ship"), WHICH),
    st.tuples(st.just("ship_without_code"), WHICH),
    st.tuples(st.just("correct"), WHICH),
    st.tuples(st.just("correct_back"), WHICH),
    st.tuples(st.just("decide"), WHICH),
    st.tuples(st.just("set_back"), WHICH),
    st.tuples(st.just("void"), WHICH),
    st.tuples(st.just("arrive"), WHICH),
    st.tuples(st.just("note"), WHICH),
    st.tuples(st.just("deliver"), st.integers(1, 6)),
    st.tuples(st.just("lose"), st.integers(1, 3)),
    st.tuples(st.just("kill"), st.integers(1, 10)),
    st.tuples(st.just("fault"), st.sampled_from(["dropped", "html", "error", "busy", "truncated"])),
    st.tuples(st.just("late"), st.sampled_from([2, 20, 60, 90])),
    st.tuples(st.just("wait"), st.sampled_from([0.4, 1, 5, 40, REST_S])),
    st.tuples(st.just("rival"), st.just(1)),
)
slugs = (f"ship{number}" for number in count())


@dataclass
class Story:
    """One live shop, its workers, and what is still going to happen."""

    live: Live
    workers: Rig
    fate: Fate
    dice: random.Random
    deeds: list[tuple[str, Any]]
    numbers: list[str]
    killed: int = 0
    codes: Iterator[int] = field(default_factory=count)
    codes_of: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    based: dict[str, int] = field(default_factory=dict[str, int])
    decided: set[str] = field(default_factory=set[str])  # of these the shop itself had a word to say

    def happen(self) -> None:
        if self.deeds:
            name, much = self.deeds.pop(0)
            getattr(self, name)(much)

    def turn(self) -> int:
        due = [(lane, tenant) for lane, tenant in self.live.town.due() if tenant == self.live.tenant]
        for lane, tenant in due:
            self.mortally(lambda lane=lane, tenant=tenant: FLOWS[lane](self.workers, tenant))
        return len(due)

    def mortally(self, work) -> None:
        try:
            work()
        except Killed:
            self.fate.dead = False
            self.killed += 1

    def work(self) -> None:
        idle = 0
        for _ in range(60):
            idle = 0 if self.turn() else idle + 1
            self.pass_(STEP_S)
            if idle == 3:
                return

    def end(self) -> None:
        while self.deeds:
            self.happen()
        self.fate.left = None
        self.live.shop.faults.clear()
        with self.live.town.rig.db.tx(self.live.tenant) as conn:  # what failed alone three times waits for a person
            outbox.unpark(conn, self.live.tenant, now=self.live.town.watch())
        for _ in range(ROUNDS):
            self.live.town.deliver()
            self.work()
            self.pass_(REST_S)

    def pass_(self, seconds: float) -> None:
        self.live.town.watch.move(seconds)
        self.live.town.world.tick()

    def ship(self, which: int) -> None:
        serial = next(self.codes)
        self.live.want(self.numbers[which], tracking_code=f"C{serial}", extra_codes=(f"E{serial}", "E"))
        self.codes_of[self.numbers[which]].append(f"C{serial}")

    def ship_without_code(self, which: int) -> None:
        until = self.live.town.watch() + timedelta(seconds=30)
        self.live.want(self.numbers[which], tracking_code=None, wait_until=until)

    def ship_in_one(self, which: int) -> None:
        self.live.want(self.numbers[which], tracking_code=f"C{next(self.codes)}")

    def correct(self, which: int) -> None:
        number = self.numbers[which]
        if number in self.live.want_of:
            self.codes_of[number].append(f"C{next(self.codes)}")
            self.again(number, tracking_code=self.codes_of[number][-1], wait_until=None)

    def correct_back(self, which: int) -> None:
        """Correct a code, and then back to the one before, with some time in between."""
        number = self.numbers[which]
        if len(codes := self.codes_of[number]) > 1 and self.live.want_of[number].tracking_code == codes[-1]:
            codes.append(codes[-2])
            self.again(number, tracking_code=codes[-1], wait_until=None)

    def decide(self, which: int) -> None:
        """Let the merchant say that it has arrived."""
        self.say(self.numbers[which], self.live.done_id)

    def set_back(self, which: int) -> None:
        """Let the merchant set the status back to what it was."""
        self.say(self.numbers[which], self.based[self.numbers[which]])

    def say(self, number: str, status_id: int) -> None:
        if self.live.shown(number)[0] != status_id:
            self.decided.add(number)
            changes.change_order(self.live.town.world, self.live.shop, number, status_id=status_id)

    def void(self, which: int) -> None:
        number = self.numbers[which]
        if number in self.live.want_of:
            self.again(number, status_id=None, milestone=None, tracking_code=None, mail=False, wait_until=None)

    def arrive(self, which: int) -> None:
        number = self.numbers[which]
        if (known := self.live.want_of.get(number)) and known.status_id:
            self.again(number, status_id=self.live.done_id, milestone="delivered", mail=True)

    def again(self, number: str, **changed: object) -> None:
        known = self.live.want_of[number]
        names = ("status_id", "milestone", "mail", "tracking_code", "wait_until")
        self.live.want(number, **{**{name: getattr(known, name) for name in names}, **changed})

    def note(self, which: int) -> None:
        """Let the merchant change something that is none of our business."""
        changes.change_order(self.live.town.world, self.live.shop, self.numbers[which], internal_note=str(which))

    def deliver(self, many: int) -> None:
        town = self.live.town
        self.dice.shuffle(town.undelivered)
        some, town.undelivered = town.undelivered[:many], town.undelivered[many:]
        town.deliver(some)

    def lose(self, many: int) -> None:
        """Let nobody hear some webhooks."""
        del self.live.town.undelivered[:many]

    def kill(self, steps: int) -> None:
        self.fate.left = steps

    def fault(self, kind: str) -> None:
        self.live.shop.faults.add(kind, method="PUT", template="/orders")

    def late(self, seconds: int) -> None:
        self.live.shop.faults.add("late", method="PUT", template="/orders", seconds=seconds)

    def wait(self, seconds: float) -> None:
        self.pass_(seconds)

    def rival(self, _: int) -> None:
        """Let another worker make a call in the middle of this one's turn, although it has not got the turn."""
        round_ = Round(self.live.town.watch(), 100)
        self.mortally(lambda: writeback.one_call(self.workers, self.live.tenant, round_))


@contextmanager
def story_of(town: Town, *, orders: int = ORDERS, deeds: list[tuple[str, Any]], dice: random.Random) -> Iterator[Story]:
    shop = live(town, count=2 * orders, slug=next(slugs))
    town.world.on_event.clear()
    town.undelivered = []
    town.hear(shop.shop, shop.tenant)
    fate = Fate()
    story = Story(shop, mortal.workers(town.rig, fate), fate, dice, deeds, shop.numbers[:orders])
    story.based = {number: shop.shop.orders[number].record["status_id"] for number in story.numbers}
    answered = town.rig.transport.handler

    def handler(request: httpx.Request) -> httpx.Response:
        fate.step()
        story.happen()
        town.watch.move(ANSWER_S)
        answer = answered(request)
        story.happen()
        fate.step()
        return answer

    town.rig.transport.handler = handler
    yield story
    town.rig.transport.handler = answered
    del town.world.shops[shop.shop.slug]


def changed_by_us(story: Story, number: str) -> int:
    """Count the real changes of the order's status that came through the API, as the shop's own history has them."""
    rows = [row for row in story.live.shop.orders[number].history if row["origin"] == "api"]
    return sum(each["name"] == "Stav" for row in rows for each in row["changes"])


def extra_codes(story: Story, number: str) -> Counter[str]:
    """Count the codes of further parcels in the order's history."""
    return Counter(each["value"] for row in story.live.shop.orders[number].history for each in row["data"])


def check(story: Story) -> None:
    shop = story.live
    mails = Counter((mail.order_number, mail.status_id) for mail in shop.shop.mails)
    assert set(mails.values()) <= {1}
    for number in story.numbers:
        assert shop.mails(number) == changed_by_us(story, number)
        assert set(extra_codes(story, number).values()) <= {1}
        if wanted := shop.want_of.get(number):
            status_id, code = shop.shown(number)
            decided = number in story.decided
            assert status_id in (wanted.status_id, shop.done_id) or wanted.status_id is None or decided
            assert wanted.tracking_code in (None, code)
            assert shop.state(number) in ("confirmed", "none", *(["sent"] if decided else []))
    assert {number for _, number in shop.problems()} <= story.decided
    shop.tell(*shop.shop.orders)  # what a merchant changed and nobody heard of is not our business here
    story.work()
    assert shop.town.differences(shop.shop, shop.tenant) == {}


@given(deeds=st.lists(DEEDS, min_size=8, max_size=30), seed=st.integers(0, 999))
def test_any_interleaving_ends_with_the_last_word_and_one_mail_a_change(
    town: Town, deeds: list[tuple[str, Any]], seed: int
) -> None:
    with story_of(town, deeds=list(deeds), dice=random.Random(seed)) as story:
        while story.deeds:
            story.happen()
            story.turn()
            story.pass_(story.dice.choice([0, 0.6, 3]))
        story.end()

        check(story)


@pytest.mark.parametrize("kind", [None, "dropped"])
def test_a_write_back_may_die_at_every_single_step(town: Town, kind: str | None) -> None:
    with story_of(town, orders=120, deeds=[], dice=random.Random(7)) as story:
        for steps in count(1):
            story.live.shop.faults.clear()
            story.ship_in_one(steps)
            if kind:
                story.fault(kind)
            story.pass_(1)
            story.kill(steps)
            for _ in range(3):
                story.mortally(lambda: writeback.run(story.workers, story.live.tenant))
                story.pass_(REST_S)
            if story.fate.left:  # it had ended before
                break
            story.work()
            assert story.live.mails(story.numbers[steps]) == 1
        story.end()

        assert story.killed == steps - 1 > 12
        check(story)
