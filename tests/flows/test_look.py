"""A look finds everything that changed since the watermark, while the list it reads goes on changing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import catalog, inbox
from service.flows import activate, refresh_orders
from service.lanes import Lane
from service.platform.shapes import Order, Page
from service.steps import look
from service.steps.look import PASSES, Walk
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town
from tests.shop_items import order

ORDERS, PRODUCTS = Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS
HOUR_S = 3_600


def ask(town: Town, tenant: str, lane: Lane = ORDERS) -> None:
    """Let the lane look at everything that changed, as a webhook does that nobody can read."""
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, lane, inbox.Cause.UNREADABLE, now=now, doubted_from=None)


def ended(town: Town, tenant: str, lane: Lane = ORDERS) -> bool:
    """Say whether the look was answered."""
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT due_at FROM hints WHERE lane = %s AND key = ''", [lane.value]).fetchone()
    assert found is not None
    return found["due_at"] is None


def watermark(town: Town, tenant: str, lane: Lane) -> datetime:
    with town.rig.db.tx(tenant) as conn:
        found = inbox.last_read(conn, tenant, lane).watermark
    assert found is not None
    return found


def meddle(town: Town, path: str, deeds: Iterator[Callable[[], object]]) -> None:
    """Let the next deed happen in the shop before each answer of the path."""
    answered = town.rig.transport.handler

    def handler(request):
        if request.url.path.endswith(path) and (deed := next(deeds, None)):
            deed()
        return answered(request)

    town.rig.transport.handler = handler


def nothing() -> None:
    """Let the shop alone before this answer."""


def restock(town: Town, shop: WorldShop, product_ids: list[int]) -> None:
    for product_id in product_ids:
        changes.change_product(town.world, shop, product_id, stock=7_777.0)


def outdated(town: Town, shop: WorldShop, tenant: str) -> list[int]:
    """Return the living products that the mirror shows otherwise than the shop."""
    with town.rig.db.tx(tenant) as conn:
        ours = catalog.known(conn, tenant, list(shop.products))
    shown = {product_id: (each.content["last_update_time"], each.content["stock"]) for product_id, each in ours.items()}
    return [
        product.seq
        for product in shop.live_products()
        if shown.get(product.seq) != (product.record["last_update_time"], product.record["stock"])
    ]


def test_changes_of_many_seconds_cost_one_call_a_page(town: Town) -> None:
    shop, tenant = town.activated(orders=250)
    town.watch.move(HOUR_S)
    for number in shop.orders:
        changes.change_random_order(town.world, shop, number)
        town.watch.move(1)
    town.watch.move(10)
    before = town.calls(shop)

    ask(town, tenant)
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) - before == 3


def test_a_second_that_fills_pages_costs_one_call_a_page(town: Town) -> None:
    shop, tenant = town.activated(orders=250)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    town.watch.move(10)
    before = town.calls(shop)

    ask(town, tenant)
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) - before == 3


@pytest.mark.parametrize("deed", ["change", "delete"])
def test_an_order_that_leaves_its_second_hides_no_other(town: Town, deed: str) -> None:
    shop, tenant = town.activated(orders=250)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    numbers = list(shop.orders)
    changes.bulk_status(town.world, shop, numbers, next(iter(shop.statuses)))
    town.undelivered = []
    town.watch.move(10)

    def leave() -> None:
        if deed == "change":
            changes.change_order(town.world, shop, numbers[3], internal_note="to the end of the list")
        else:
            changes.delete_order(town.world, shop, numbers[3])

    meddle(town, "/orders", iter([nothing, nothing, leave]))

    ask(town, tenant)
    town.work()
    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}


@pytest.mark.parametrize("deed", ["delete", "delete and enter", "move to the end", "move to the front"])
def test_products_that_change_places_during_the_walk_hide_no_other(town: Town, deed: str) -> None:
    shop, tenant = town.activated(orders=3, products=130)
    town.watch.move(HOUR_S)
    ids = list(shop.products)
    restock(town, shop, ids[:120])
    town.watch.move(10)

    def swap() -> None:
        if deed.startswith("delete"):
            changes.delete_product(town.world, shop, ids[3])
        if deed == "delete and enter":  # the count stays the same
            restock(town, shop, ids[125:126])
        if deed == "move to the end":  # in a shop that sorts by change, oldest first
            restock(town, shop, ids[3:4])
            shop.products[ids[3]] = shop.products.pop(ids[3])
        if deed == "move to the front":
            last = shop.products.pop(ids[119])
            rest = dict(shop.products)
            shop.products.clear()
            shop.products.update({ids[119]: last, **rest})
            restock(town, shop, ids[119:120])
        town.watch.move(10)

    meddle(town, "/products/simple", iter([nothing, swap]))

    ask(town, tenant, PRODUCTS)
    town.work()

    assert ended(town, tenant, PRODUCTS)
    assert outdated(town, shop, tenant) == []


def test_products_of_one_page_cost_one_call_and_those_of_three_pages_six(town: Town) -> None:
    shop, tenant = town.activated(orders=3, products=130)
    ids = list(shop.products)
    calls = []
    for changed in (ids[:10], ids[:120]):
        town.watch.move(HOUR_S)
        restock(town, shop, changed)
        town.watch.move(10)
        before = shop.stats.gets("/products")
        ask(town, tenant, PRODUCTS)
        town.work()
        calls.append(shop.stats.gets("/products") - before)

    assert outdated(town, shop, tenant) == []
    assert calls == [1, 6]


def test_a_list_that_never_stands_still_is_read_four_times_and_no_more(town: Town) -> None:
    shop, tenant = town.activated(orders=3, products=200)
    town.watch.move(HOUR_S)
    ids = list(shop.products)
    restock(town, shop, ids[:60])
    town.watch.move(10)
    others = iter(ids[60:])
    before = shop.stats.gets("/products")
    meddle(town, "/products/simple", (lambda: restock(town, shop, [next(others)]) for _ in repeat(None)))

    ask(town, tenant, PRODUCTS)
    town.beat()

    assert ended(town, tenant, PRODUCTS)
    assert shop.stats.gets("/products") - before == PASSES * 2


def test_what_changes_while_pages_are_turned_is_read_by_the_next_look(town: Town) -> None:
    shop, tenant = town.activated(orders=3, products=60)
    town.watch.move(HOUR_S)
    restock(town, shop, list(shop.products))
    began = town.watch()

    def change() -> None:
        town.watch.move(15 * 60)
        restock(town, shop, [1])
        town.watch.move(15 * 60)
        restock(town, shop, [60])

    meddle(town, "/products/simple", chain([nothing, nothing, nothing, change]))
    ask(town, tenant, PRODUCTS)
    town.work()
    assert ended(town, tenant, PRODUCTS)
    assert watermark(town, tenant, PRODUCTS) <= began + timedelta(seconds=1)

    ask(town, tenant, PRODUCTS)
    town.work()

    assert outdated(town, shop, tenant) == []


def test_a_look_before_the_pull_has_ended_is_put_off_and_costs_nothing(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    town.watch.move(3)
    activate.run(town.rig, tenant)
    ask(town, tenant)

    refresh_orders.run(town.rig, tenant)

    assert town.calls(shop) == 0
    assert not ended(town, tenant)
    town.work(for_s=120, idle_s=40)
    assert ended(town, tenant)


def test_a_killed_look_goes_on_from_its_cursor(town: Town) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    shop, tenant = town.activated(orders=250)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    town.watch.move(10)
    before = town.calls(shop)
    meddle(town, "/orders", iter([nothing, die]))
    ask(town, tenant)
    with pytest.raises(Killed):
        town.work()

    town.watch.move(town.rig.settings.lease_s)
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) - before == 3


@pytest.mark.parametrize(
    "fault",
    [{"kind": "empty"}, {"kind": "short", "honest": False}, {"kind": "truncated"}, {"kind": "html"}],
    ids=lambda fault: fault["kind"],
)
@pytest.mark.parametrize("lane", [ORDERS, PRODUCTS])
def test_an_answer_that_proves_nothing_ends_no_look(town: Town, fault: dict[str, Any], lane: Lane) -> None:
    shop, tenant = town.activated(orders=20, products=20)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    restock(town, shop, list(shop.products))
    town.watch.move(10)
    template = "/orders" if lane is ORDERS else "/products/simple"
    shop.faults.add(calls=3, method="GET", template=template, **fault)
    known = watermark(town, tenant, lane)

    ask(town, tenant, lane)
    town.work(for_s=5)
    assert not ended(town, tenant, lane)
    assert watermark(town, tenant, lane) == known
    town.work(for_s=600, idle_s=200)

    assert ended(town, tenant, lane)
    assert (town.differences(shop, tenant) == {}) if lane is ORDERS else (outdated(town, shop, tenant) == [])


def test_a_shop_that_tells_of_no_change_is_believed_when_the_mirror_knows_of_none(town: Town) -> None:
    shop, tenant = town.activated(orders=0)
    town.work(for_s=1_200, idle_s=301)  # the pull does not believe it at once either
    before = town.calls(shop)

    ask(town, tenant)
    town.work()

    assert ended(town, tenant)
    assert town.calls(shop) - before == 1


@pytest.mark.parametrize("lane", [ORDERS, PRODUCTS])
def test_a_second_change_within_the_second_that_was_read_is_found(town: Town, lane: Lane) -> None:
    shop, tenant = town.activated(orders=5)
    number, product_id = next(iter(shop.orders)), next(iter(shop.products))
    town.watch.move(HOUR_S)
    changes.change_order(town.world, shop, number, internal_note="first")
    restock(town, shop, [product_id])

    ask(town, tenant, lane)
    town.beat()
    changes.change_order(town.world, shop, number, internal_note="second, and its webhook is lost")
    changes.change_product(town.world, shop, product_id, stock=8_888.0)
    town.work()

    wrong = town.differences(shop, tenant) if lane is ORDERS else outdated(town, shop, tenant)
    assert not wrong


@dataclass
class MovingList:
    """A list of ten-row pages to which something happens before some of its answers."""

    rows: list[int]
    deeds: dict[int, tuple[str, int]]  # by the number of the answer: what, and how far along the list
    answers: int = 0
    touched: set[int] = field(default_factory=set[int])

    def page(self, number: int) -> Page[Order]:
        if deed := self.deeds.get(self.answers):
            self._happen(*deed)
        self.answers += 1
        shown = self.rows[(number - 1) * 10 : number * 10]
        return Page(
            items=[order(f"O{row}") for row in shown],
            set_aside=[],
            unread=frozenset(),
            current_page=number,
            pages=-(-len(self.rows) // 10),
            total=len(self.rows),
            began_at=order("O").last_update_time + timedelta(seconds=self.answers),
            complete=True,
        )

    def _happen(self, deed: str, place: int) -> None:
        untouched = [row for row in self.rows if row not in self.touched]
        row = untouched[place % len(untouched)]
        self.touched.add(row)
        if deed == "enter":
            self.rows.insert(place % len(self.rows), 1_000 + self.answers)
            return
        self.rows.remove(row)
        if deed != "leave":
            self.rows.insert(0 if deed == "to the front" else len(self.rows), row)


@given(
    rows=st.integers(11, 60),
    deeds=st.dictionaries(
        st.integers(1, 20),
        st.tuples(st.sampled_from(["leave", "enter", "to the front", "to the end"]), st.integers(0, 60)),
        max_size=PASSES - 1,
    ),
)
def test_whoever_keeps_still_is_seen_whatever_the_others_do(rows: int, deeds: dict[int, tuple[str, int]]) -> None:
    moving = MovingList(list(range(rows)), deeds)
    here: Walk | None = Walk(since="2026-02-01T00:00:00+00:00")
    seen: set[str] = set()

    while here is not None:
        page = moving.page(here.page)
        seen |= {item.order_number for item in page.items}
        here = look.onward(look.shown(here, page), page)

    assert {f"O{row}" for row in moving.rows if row < 1_000 and row not in moving.touched} - seen == set()
    assert moving.answers <= PASSES * 7
