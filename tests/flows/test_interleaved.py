"""Whatever comes between two steps of a pull or a refresh, and wherever a worker dies: the mirror ends as the shop."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from service.inbox import Delivery
from service.lanes import TenantId
from service.rig import Rig
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows import mortal
from tests.flows.mortal import Fate, Killed
from tests.flows.town import FLOWS, STEP_S, Town

LEASE_S, FIVE_MINUTES_S = 46, 301
ANSWER_S = 0.05
LIES = ("empty", "short", "html", "truncated", "doubled", "busy", "error")
TURNS = 12  # of a story: afterwards what is left of the deeds happens at once
ROUNDS = 20  # of five minutes: until then the mirror must be complete

DEEDS = st.one_of(
    st.tuples(st.just("change"), st.integers(1, 30)),
    st.tuples(st.just("create"), st.integers(1, 3)),
    st.tuples(st.just("delete"), st.integers(1, 4)),
    st.tuples(st.just("restore"), st.integers(1, 4)),
    st.tuples(st.just("bulk"), st.integers(90, 130)),
    st.tuples(st.just("deliver"), st.integers(1, 6)),
    st.tuples(st.just("repeat"), st.integers(1, 4)),
    st.tuples(st.just("kill"), st.integers(1, 12)),
    st.tuples(st.just("lie"), st.sampled_from(LIES)),
    st.tuples(st.just("wait"), st.sampled_from([0.4, 1, 3, 30, LEASE_S])),
    st.tuples(st.just("rival"), st.just(1)),
)
slugs = (f"shop{number}" for number in count())


@dataclass
class Story:
    """One shop, its workers, and what is still going to happen."""

    town: Town
    shop: WorldShop
    tenant: TenantId
    workers: Rig
    fate: Fate
    dice: random.Random
    deeds: list[tuple[str, Any]]
    told: list[Delivery] = field(default_factory=list[Delivery])  # what was delivered: the platform may repeat it
    killed: int = 0

    def happen(self) -> None:
        """Let the next deed be done, if any is left."""
        if self.deeds:
            name, much = self.deeds.pop(0)
            getattr(self, name)(much)
        if not self.shop.webhooks:  # nobody is told before they are registered
            self.town.undelivered = []

    def turn(self) -> int:
        """Let every lane that is due have one turn, as beat does; the dead leave their leases behind."""
        due = [(lane, tenant) for lane, tenant in self.town.due() if tenant == self.tenant]
        for lane, tenant in due:
            try:
                FLOWS[lane](self.workers, tenant)
            except Killed:
                self.fate.dead = False
                self.killed += 1
        return len(due)

    def end(self) -> None:
        """Bring everything that waits, then work until nothing is due, and again after five minutes, until all fits."""
        while self.deeds:
            self.happen()
        self.fate.left = None
        self._bring(self.town.undelivered)
        self.town.undelivered = []
        for _ in range(ROUNDS):
            self.work()
            if not self.town.differences(self.shop, self.tenant):
                return
            self.town.watch.move(FIVE_MINUTES_S)

    def work(self) -> None:
        idle = 0
        for _ in range(120):
            idle = 0 if self.turn() else idle + 1
            self.town.watch.move(STEP_S)
            if idle == 3:
                return

    def change(self, count: int) -> None:
        for number in self._some(self._living(), count):
            changes.change_random_order(self.town.world, self.shop, number)

    def create(self, count: int) -> None:
        changes.create_orders(self.town.world, self.shop, count)

    def delete(self, count: int) -> None:
        changes.delete_orders(self.town.world, self.shop, self._some(self._living(), count))

    def restore(self, count: int) -> None:
        for number in self._some([number for number, order in self.shop.orders.items() if order.deleted_at], count):
            changes.restore_order(self.town.world, self.shop, number)

    def bulk(self, count: int) -> None:
        status_id = self.dice.choice(sorted(self.shop.statuses))
        changes.bulk_status(self.town.world, self.shop, self._some(self._living(), count), status_id)

    def deliver(self, count: int) -> None:
        waiting = self._some(self.town.undelivered, len(self.town.undelivered))
        self._bring(waiting[:count])
        self.town.undelivered = waiting[count:]

    def repeat(self, count: int) -> None:
        self._bring(self._some(self.told, count))

    def kill(self, steps: int) -> None:
        self.fate.left = steps

    def lie(self, kind: str) -> None:
        self.shop.faults.add(kind, method="GET", template="/orders")

    def wait(self, seconds: float) -> None:
        self.town.watch.move(seconds)

    def rival(self, _count: int) -> None:
        """Let another worker have its turn in the middle of this one's."""
        self.turn()

    def _bring(self, deliveries: Sequence[Delivery]) -> None:
        now = self.town.watch()
        self.told += deliveries
        self.town.deliver([replace(one, received_at=now) for one in deliveries])

    def _living(self) -> list[str]:
        return [order.number for order in self.shop.live_orders()]

    def _some(self, those: Sequence[Any], count: int) -> list[Any]:
        return self.dice.sample(those, min(count, len(those)))


@contextmanager
def story_of(town: Town, *, orders: int, deeds: list[tuple[str, Any]], dice: random.Random) -> Iterator[Story]:
    """Install a new shop in the town; a deed happens before and after each of its answers about orders."""
    shop = town.open_shop(next(slugs), orders=orders)
    shop.products_follow_stock = False
    fate = Fate()
    tenant = town.install(shop)
    town.world.on_event.clear()
    town.hear(shop, tenant)
    story = Story(town, shop, tenant, mortal.workers(town.rig, fate), fate, dice, deeds)
    answered = town.rig.transport.handler

    def handler(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/orders"):
            return answered(request)
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
    del town.world.shops[shop.slug]


@given(
    orders=st.sampled_from([130, 160, 230]), deeds=st.lists(DEEDS, min_size=8, max_size=24), seed=st.integers(0, 999)
)
def test_any_interleaving_of_pages_webhooks_deletes_restores_and_kills_ends_complete(
    town: Town, orders: int, deeds: list[tuple[str, Any]], seed: int
) -> None:
    with story_of(town, orders=orders, deeds=list(deeds), dice=random.Random(seed)) as story:
        while not story.shop.webhooks:
            story.turn()
            town.watch.move(STEP_S)
        for _ in range(TURNS):
            story.turn()
            if story.dice.random() < 0.3:
                story.happen()
            town.watch.move(story.dice.choice([0, 1, 3]))
        story.end()

        assert town.differences(story.shop, story.tenant) == {}
        town.watch.move(FIVE_MINUTES_S)
        story.work()
        assert town.differences(story.shop, story.tenant) == {}


def test_a_refresh_may_die_at_every_single_step(town: Town) -> None:
    with story_of(town, orders=20, deeds=[], dice=random.Random(7)) as story:
        story.work()
        for steps in count(1):
            story.change(2)
            story.create(1)
            story.delete(1)
            story.deliver(99)
            story.kill(steps)
            story.work()
            if story.fate.left:  # it had ended before
                break
            town.watch.move(LEASE_S)
            story.work()
        story.end()

        assert story.killed == steps - 1 > 15
        assert town.differences(story.shop, story.tenant) == {}
