"""Webhooks are hints: whatever their order and however often they come, the mirror ends as the shop."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import inbox
from service.lanes import Lane
from simulator import changes
from tests.flows.town import Town


def test_a_hundred_changes_of_one_order_are_one_call(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    before = town.calls(shop)
    for _ in range(100):
        changes.change_random_order(town.world, shop, next(iter(shop.orders)))

    town.deliver()
    town.work()

    assert town.calls(shop) - before <= 2
    assert town.differences(shop, tenant) == {}


def test_a_bulk_of_five_hundred_goes_in_full_batches(town: Town) -> None:
    shop, tenant = town.activated(orders=500)
    town.hear(shop, tenant)
    before = town.calls(shop)
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))

    town.deliver()
    town.work()

    assert town.calls(shop) - before <= 12
    assert town.differences(shop, tenant) == {}


def test_a_deleted_order_is_dead_and_a_restored_one_lives(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    first, second, *_ = shop.orders
    changes.delete_orders(town.world, shop, [first, second])
    town.deliver()
    town.work()
    assert {town.mirrored(tenant)[number]["state"] for number in (first, second)} == {"deleted"}

    changes.restore_order(town.world, shop, first)
    town.deliver()
    town.work()

    assert town.mirrored(tenant)[first]["state"] == "live"
    assert town.differences(shop, tenant) == {}


def test_an_unreadable_webhook_becomes_a_look_that_finds_what_changed(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    number = next(iter(shop.orders))
    town.watch.move(60)
    changes.change_order(town.world, shop, number, internal_note="only the delta shows it")

    town.deliver([town.delivery(tenant, "Orders.update", b"{not json")])
    town.work()

    assert town.differences(shop, tenant) == {}


@pytest.mark.parametrize("kind", ["empty", "short", "html", "truncated", "doubled", "error"])
def test_a_hundred_lying_answers_lose_no_order_and_kill_none(town: Town, kind: str) -> None:
    shop, tenant = town.activated(orders=30)
    town.hear(shop, tenant)
    shop.faults.add(kind, calls=100, method="GET", template="/orders")
    numbers = list(shop.orders)
    for round_ in range(10):
        for number in numbers[round_ : round_ + 3]:
            changes.change_random_order(town.world, shop, number)
        changes.create_order(town.world, shop)
        town.deliver()
        town.work(for_s=60)

    town.work(for_s=60)
    assert "falsely deleted" not in town.differences(shop, tenant).values()
    shop.faults.clear()
    for _ in range(200):
        town.work(for_s=10)
        town.watch.move(60)
        if not town.differences(shop, tenant):
            break

    assert town.differences(shop, tenant) == {}


def test_a_busy_budget_puts_off_and_loses_nothing(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    shop.faults.add("busy", calls=3, method="GET", template="/orders")
    changes.change_random_order(town.world, shop, next(iter(shop.orders)))

    town.deliver()
    town.work(for_s=300, idle_s=100)

    assert town.differences(shop, tenant) == {}


@given(data=st.data())
def test_any_shuffle_with_repeats_ends_in_the_shops_state(town: Town, data: st.DataObject) -> None:
    if not town.world.shops:
        town.activated(orders=12)
    [shop] = town.world.shops.values()
    tenant = data.draw(st.just(tenant_of(town)))
    town.world.on_event.clear()
    town.hear(shop, tenant)
    dice = random.Random(data.draw(st.integers(0, 10_000)))
    for _ in range(data.draw(st.integers(1, 8))):
        act(town, shop, dice)
        town.watch.move(dice.choice([0, 0, 1]))
    told = town.undelivered
    told = told + dice.choices(told, k=len(told)) if told else told
    dice.shuffle(told)
    while told:
        count = dice.randint(1, 4)
        town.deliver(told[:count])
        told = told[count:]
        if dice.random() < 0.5:
            town.beat()
        town.watch.move(dice.choice([0, 1, 3]))
    town.undelivered = []

    settled(town, shop, tenant)

    assert town.differences(shop, tenant) == {}


def act(town: Town, shop, dice: random.Random) -> None:
    """Let one thing happen in the shop."""
    living = [number for number, order in shop.orders.items() if not order.deleted_at]
    dead = [number for number, order in shop.orders.items() if order.deleted_at]
    deed = dice.choice(["change", "change", "change", "create", "delete", "restore"])
    if deed == "create":
        changes.create_order(town.world, shop)
    elif deed == "delete" and len(living) > 4:
        changes.delete_order(town.world, shop, dice.choice(living))
    elif deed == "restore" and dead:
        changes.restore_order(town.world, shop, dice.choice(dead))
    else:
        changes.change_random_order(town.world, shop, dice.choice(living))


def settled(town: Town, shop, tenant: str) -> None:
    """Work until quiet, then past the time after which an absence is asked about once more."""
    town.work(for_s=60)
    for _ in range(3):
        if not town.differences(shop, tenant):
            return
        town.watch.move(301)
        town.work(for_s=60)


def tenant_of(town: Town) -> str:
    with town.rig.db.tx_all("a test asks for its only tenant") as conn:
        [row] = conn.execute("SELECT tenant_id FROM tenants").fetchall()
    return row["tenant_id"]


def test_hints_are_not_counted_against_when_the_shop_is_down(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    shop.faults.add("error", calls=50, method="GET", template="/orders")
    changes.change_random_order(town.world, shop, next(iter(shop.orders)))
    town.deliver()

    town.work(for_s=4_000, idle_s=3_700)

    with town.rig.db.tx_all("a test asks for parked rows") as conn:
        assert inbox.debt(conn, Lane.REFRESH_ORDERS, now=town.watch()).parked == 0
