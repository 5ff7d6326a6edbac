"""Merchants number their orders as they like: whatever the number holds, the order is mirrored and kept true."""

import pytest

from service.inbox import LOOK
from service.lanes import Lane
from simulator import changes
from tests.flows.town import Town

FORMATS = {
    "slash": "{yyyy}/{n}",
    "space": "A {n} B",
    "emoji": "📦-{n}",
    "separator": "{n};{yy}",
    "query": "{n}%2F&a=b?#+'\"",
    "all": "č. {n}/📦;{yy}\\{n}",
}


@pytest.mark.parametrize("numbered", FORMATS.values(), ids=FORMATS)
def test_an_odd_number_is_pulled_created_changed_deleted_and_restored(town: Town, numbered: str) -> None:
    shop = town.world.add_shop("alfa", orders=8, products=3, verified=True, number_format=numbered)
    tenant = town.install(shop)
    town.work()
    town.hear(shop, tenant)
    assert town.differences(shop, tenant) == {}

    first, second, third, *_ = shop.orders
    changes.create_order(town.world, shop)
    changes.change_order(town.world, shop, first, internal_note="seen")
    changes.delete_orders(town.world, shop, [second, third])
    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}
    changes.restore_order(town.world, shop, third)
    town.deliver()
    town.work()
    assert town.differences(shop, tenant) == {}
    assert town.mirrored(tenant)[first]["content"]["internal_note"] == "seen"


def test_odd_numbers_cost_plain_ones_nothing(town: Town) -> None:
    shop, tenant = town.activated(orders=60)
    plain = list(shop.orders)
    town.hear(shop, tenant)
    for numbered in FORMATS.values():
        shop.number_format = numbered
        changes.create_order(town.world, shop)
    for number in plain:
        changes.change_random_order(town.world, shop, number)
    before = town.calls(shop)

    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}
    alone = sum(";" in numbered for numbered in FORMATS.values())
    assert town.calls(shop) - before <= 2 + 2 * alone  # what holds the separator is asked for by itself


def test_a_witness_with_a_separator_is_not_written_down_as_unreadable(town: Town) -> None:
    shop, tenant = town.activated(orders=30)
    plain = list(shop.orders)
    town.hear(shop, tenant)
    shop.number_format = FORMATS["separator"]
    for _ in range(3):  # the newest of the mirror, so the first to be asked to vouch
        changes.create_order(town.world, shop)
    town.deliver()
    town.work()

    changes.delete_order(town.world, shop, plain[0])
    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.mirrored(tenant)[plain[0]]["state"] == "deleted"
    assert unreadable(town, tenant) == 0


def test_a_deleted_order_with_a_separator_is_gone_once_a_list_shows_its_neighbour_without_it(town: Town) -> None:
    shop = town.world.add_shop("alfa", orders=5, products=3, verified=True, number_format=FORMATS["separator"])
    tenant = town.install(shop)
    town.work()
    town.hear(shop, tenant)
    number = next(iter(shop.orders))
    changes.delete_order(town.world, shop, number)
    before = town.calls(shop)

    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.mirrored(tenant)[number]["state"] == "deleted"
    assert town.calls(shop) - before <= 2


def test_an_empty_answer_kills_no_order_with_a_separator(town: Town) -> None:
    shop = town.world.add_shop("alfa", orders=5, products=3, verified=True, number_format=FORMATS["separator"])
    tenant = town.install(shop)
    town.work()
    town.hear(shop, tenant)
    number = next(iter(shop.orders))
    shop.faults.add("empty", calls=1, method="GET", template="/orders")
    changes.change_order(town.world, shop, number, internal_note="seen")

    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}


def test_the_only_order_of_a_shop_is_held_when_it_is_deleted_because_nothing_can_vouch_for_it(town: Town) -> None:
    shop = town.world.add_shop("alfa", orders=1, products=3, verified=True, number_format=FORMATS["separator"])
    tenant = town.install(shop)
    town.work()
    town.hear(shop, tenant)
    [number] = shop.orders
    changes.delete_order(town.world, shop, number)
    before = town.calls(shop)

    town.deliver()
    for _ in range(60):
        town.work()
        town.watch.move(60)

    assert town.mirrored(tenant)[number]["state"] == "missing"
    assert town.calls(shop) - before <= 10  # it is asked for ever more seldom


def test_a_number_that_cannot_be_kept_is_set_aside_and_fails_no_page(town: Town) -> None:
    shop = town.open_shop(orders=8)
    shop.number_format = "A\0{n}"
    changes.create_order(town.world, shop)
    tenant = town.install(shop)
    town.work()
    town.hear(shop, tenant)
    odd = changes.create_order(town.world, shop).number
    shop.number_format = "B{n}"
    changes.create_order(town.world, shop)

    town.deliver()
    town.work()
    town.watch.move(301)  # what was never seen is asked for once more
    town.work()

    assert set(town.differences(shop, tenant)) == {number for number in shop.orders if "\0" in number}
    assert odd not in town.mirrored(tenant)
    assert owed(town, tenant) == []


def unreadable(town: Town, tenant: str) -> int:
    with town.rig.db.tx(tenant) as conn:
        row = conn.execute("SELECT count(*) AS n FROM journal WHERE kind = 'unreadable'").fetchone()
    return row["n"] if row else 0


def owed(town: Town, tenant: str) -> list[str]:
    """Return what is still due, and parked, of the orders."""
    asked = "SELECT key FROM hints WHERE lane = %s AND (due_at IS NOT NULL OR parked IS NOT NULL) AND key <> %s"
    with town.rig.db.tx(tenant) as conn:
        return [row["key"] for row in conn.execute(asked, (Lane.REFRESH_ORDERS.value, LOOK)).fetchall()]
