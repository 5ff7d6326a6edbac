"""One order the shop fails at: the others go on, and it ends parked."""

from collections.abc import Sequence

import httpx
import pytest

from service import inbox
from service.lanes import Lane
from service.platform.client import READ_S
from simulator import changes
from tests.flows.test_refresh_faults import changed, debt, parked
from tests.flows.town import Town, build

LANE = Lane.REFRESH_ORDERS


def poisoned(town: Town, numbers: Sequence[str], *, hangs: bool = False) -> list[str]:
    """Let the shop answer 500, or nothing in time, when one of these is asked for; the list may be changed later."""
    answered, bad = town.rig.transport.handler, list(numbers)

    def handler(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        asked = [*params.get_list("order_number"), *params.get("order_numbers", "").split(";")]
        if request.url.path.endswith("/orders") and set(asked) & set(bad):
            if not hangs:
                return httpx.Response(500)
            town.watch.move(READ_S)
            raise httpx.ReadTimeout("nothing came", request=request)
        return answered(request)

    town.rig.transport.handler = handler
    return bad


@pytest.mark.parametrize("place", [0, 60, -1])
def test_an_order_the_shop_fails_at_is_parked_and_the_others_go_on(town: Town, place: int) -> None:
    shop, tenant = town.activated(orders=130)
    town.hear(shop, tenant)
    bad = list(shop.orders)[place]
    left = poisoned(town, [bad])
    changed(town, shop, list(shop.orders), internal_note="seen")

    town.work(for_s=1_800, idle_s=1_000)
    assert set(town.differences(shop, tenant)) == {bad}
    town.work(for_s=7_200, idle_s=4_000)

    [row] = parked(town, tenant)
    assert row["key"] == bad
    assert "500" in row["parked"]
    left.clear()
    inbox_unpark(town, tenant)
    town.work()
    assert town.differences(shop, tenant) == {}


@pytest.mark.parametrize("place", [0, 60, -1])
def test_an_order_at_which_the_shop_hangs_is_parked_and_the_others_go_on(town: Town, place: int) -> None:
    shop, tenant = town.activated(orders=130)
    town.hear(shop, tenant)
    bad = list(shop.orders)[place]
    poisoned(town, [bad], hangs=True)
    changed(town, shop, list(shop.orders), internal_note="seen")

    town.work(for_s=3 * 3_600, idle_s=3 * 3_600)

    assert set(town.differences(shop, tenant)) == {bad}
    assert [row["key"] for row in parked(town, tenant)] == [bad]


def inbox_unpark(town: Town, tenant: str) -> None:
    with town.rig.db.tx(tenant) as conn:
        inbox.unpark(conn, tenant, now=town.watch())


def test_news_is_not_held_up_by_an_order_the_shop_fails_at(town: Town) -> None:
    shop, tenant = town.activated(orders=30)
    town.hear(shop, tenant)
    bad, *others = shop.orders
    poisoned(town, [bad])
    changed(town, shop, [bad], internal_note="seen")
    slow = 0
    for number in others:
        changed(town, shop, [number], internal_note="seen")
        town.work(for_s=60, idle_s=60)
        slow += number in town.differences(shop, tenant)

    assert slow <= 3
    assert [row["key"] for row in parked(town, tenant)] == [bad]


def test_a_witness_the_shop_fails_at_stops_nobody(town: Town) -> None:
    shop, tenant = town.activated(orders=30)
    town.hear(shop, tenant)
    first, second, *others = shop.orders
    changed(town, shop, [first, second], internal_note="seen")
    town.work()
    poisoned(town, [first, second])  # those that changed last vouch for the others

    changed(town, shop, others, internal_note="seen")
    town.work(for_s=1_800, idle_s=1_000)

    assert town.differences(shop, tenant) == {}
    assert debt(town).parked == 0


def test_a_shop_that_is_down_parks_nothing(town: Town) -> None:
    shop, tenant = town.activated(orders=30)
    town.hear(shop, tenant)
    shop.faults.add("error", calls=None, method="GET", template="/orders")
    changed(town, shop, list(shop.orders), internal_note="seen")
    town.work(for_s=20_000, idle_s=4_000)
    assert parked(town, tenant) == []
    shop.faults.clear()
    town.work(for_s=8_000, idle_s=4_000)

    assert town.differences(shop, tenant) == {}


@pytest.mark.parametrize("addon", ["expedition", "fulfillment"])
def test_a_product_the_shop_fails_at_is_parked_and_the_others_go_on(tmp_path, database, redis_url, addon: str) -> None:
    town = build(tmp_path, database.url, redis_url, addon=addon)
    shop, tenant = town.activated(orders=1, products=12)
    town.hear(shop, tenant)
    bad = list(shop.products)[4]
    answered = town.rig.transport.handler

    def handler(request: httpx.Request) -> httpx.Response:
        asked = request.url.params.get("product_ids", "").split(";")
        return httpx.Response(500) if str(bad) in asked else answered(request)

    town.rig.transport.handler = handler
    for product_id in shop.products:
        changes.change_product(town.world, shop, product_id, manufacturer="Jiný")
    town.deliver()
    town.work(for_s=7_200, idle_s=4_000)

    [row] = parked(town, tenant)
    assert (row["lane"], row["key"]) == (Lane.REFRESH_PRODUCTS, str(bad))
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT product_id, content FROM products").fetchall()
    assert {row["product_id"] for row in found if row["content"]["manufacturer"] != "Jiný"} == {bad}
    town.rig.close()
