"""The pull reads a closed window once and believes its end only when the counts agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.flows import pull
from service.flows.pull import Walk, onward
from simulator import changes
from tests.flows.town import Town


def test_a_hundred_orders_cost_one_call_and_the_end_is_confirmed(town: Town) -> None:
    shop, tenant = town.activated(orders=250)

    assert town.calls(shop) == 3
    assert town.differences(shop, tenant) == {}


def test_a_shop_of_one_page_is_asked_twice_because_one_answer_proves_no_end(town: Town) -> None:
    shop, _ = town.activated(orders=40)

    assert town.calls(shop) == 2


@pytest.mark.parametrize("kind", ["empty", "short", "html", "truncated"])
def test_answers_that_lie_lose_no_order(town: Town, kind: str) -> None:
    shop = town.open_shop(orders=250)
    shop.faults.add(kind, calls=4, method="GET", template="/orders")
    tenant = town.install(shop)

    town.work(for_s=1200, idle_s=301)

    assert town.differences(shop, tenant) == {}


def test_orders_deleted_while_pages_are_read_hide_no_other(town: Town) -> None:
    shop = town.open_shop(orders=420)
    tenant = town.install(shop)
    town.hear(shop, tenant)
    numbers = list(shop.orders)
    gone = iter([numbers[:7], numbers[100:103], numbers[7:9]])

    def meddle() -> None:
        if doomed := next(gone, None):
            changes.delete_orders(town.world, shop, doomed)

    meddling_between_pages(town, meddle)
    town.work()
    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}


def meddling_between_pages(town: Town, meddle) -> None:
    """Let something happen in the shop before each answer to `GET /orders`."""
    answered = town.rig.transport.handler

    def handler(request):
        if request.url.path.endswith("/orders"):
            meddle()
        return answered(request)

    town.rig.transport.handler = handler


def test_a_killed_worker_costs_one_page(town: Town) -> None:
    shop = town.open_shop(orders=420)
    tenant = town.install(shop)
    pages = iter(range(100))

    class Killed(BaseException):
        pass

    def die() -> None:
        if next(pages) == 2:
            raise Killed

    meddling_between_pages(town, die)
    with pytest.raises(Killed):
        town.work()
    town.watch.move(town.rig.settings.lease_s)
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) == 5


@given(sizes=st.lists(st.integers(0, 350), min_size=1, max_size=6), start=st.integers(1, 350))
def test_a_walk_over_a_list_that_changes_ends_and_its_last_two_answers_agree(sizes: list[int], start: int) -> None:
    walk: Walk | None = Walk()
    totals = iter([start, *sizes])
    total, told = start, []

    for _ in range(200):
        if walk is None:
            break
        total = next(totals, total)
        pages = -(-total // 100)
        told.append(total)
        walk = onward(walk, pages=max(pages, 1), total=total, size=max(1, min(100, total)))

    assert walk is None
    assert told[-1] == told[-2]


def test_a_window_closes_when_the_pull_begins(town: Town) -> None:
    shop = town.open_shop(orders=120)
    tenant = town.install(shop)
    town.hear(shop, tenant)
    deeds = iter([lambda: town.watch.move(2), lambda: changes.create_orders(town.world, shop, 5)])

    def meddle() -> None:
        if deed := next(deeds, None):
            deed()

    meddling_between_pages(town, meddle)

    town.work()

    assert len([1 for difference in town.differences(shop, tenant).values() if difference == "missing"]) == 5
    town.deliver()
    town.work()
    assert town.differences(shop, tenant) == {}


def test_a_pull_without_a_watch_that_stands_ends_its_turn(town: Town) -> None:
    shop = town.open_shop(orders=420)
    tenant = town.install(shop)
    town.watch.move(3)
    town.beat()
    meddling_between_pages(town, lambda: town.watch.move(15))

    assert pull.run(town.rig, tenant) == 2
