"""What stands in the way of a refresh: records that make no sense, a rival, Redis away, webhooks that come again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
import redis

from service import activations, inbox
from service.db import Row
from service.flows import dismiss, go_on, refresh_orders, sweep
from service.inbox import Debt
from service.lanes import Lane, TenantId
from service.steps import turn
from service.steps.lifecycle import Call, Endpoint
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town
from tests.settle import settle

LANE = Lane.REFRESH_ORDERS


def parked(town: Town, tenant: TenantId) -> list[Row]:
    with town.rig.db.tx(tenant) as conn:
        return inbox.parked(conn, tenant)


def debt(town: Town) -> Debt:
    with town.rig.db.tx_all("a test asks what is owed") as conn:
        return inbox.debt(conn, LANE, now=town.watch())


def changed(town: Town, shop: WorldShop, numbers: Sequence[str], **fields: Any) -> None:
    """Let orders change and their webhooks arrive."""
    for number in numbers:
        changes.change_order(town.world, shop, number, **fields)
    town.deliver()


def spoilt(town: Town, shop: WorldShop, number: str) -> None:
    """Let the shop print an order so that it cannot be read."""
    shop.orders[number].record["paid_date"] = ["no", "time"]
    changed(town, shop, [number], internal_note="spoilt")


def mended(town: Town, shop: WorldShop, number: str) -> None:
    shop.orders[number].record["paid_date"] = None
    changed(town, shop, [number], internal_note="mended")


def test_an_order_that_cannot_be_read_is_parked_and_the_others_are_mirrored(town: Town) -> None:
    shop, tenant = town.activated(orders=8)
    town.hear(shop, tenant)
    odd, *others = list(shop.orders)[:4]
    spoilt(town, shop, odd)
    changed(town, shop, others, internal_note="seen")

    town.work()
    assert set(town.differences(shop, tenant)) == {odd}
    assert parked(town, tenant) == []
    town.work(for_s=400, idle_s=200)

    [row] = parked(town, tenant)
    assert (row["lane"], row["key"]) == (LANE, odd)
    assert "paid_date" in row["parked"]
    assert set(town.differences(shop, tenant)) == {odd}
    before = town.calls(shop)
    town.work(for_s=4_000, idle_s=4_000)
    assert town.calls(shop) == before


def test_what_was_parked_comes_back_when_the_shop_mended_it_and_somebody_retries(town: Town) -> None:
    shop, tenant = town.activated(orders=8)
    town.hear(shop, tenant)
    odd = next(iter(shop.orders))
    spoilt(town, shop, odd)
    town.work(for_s=400, idle_s=200)
    town.world.on_event.clear()  # nobody tells that it was mended
    mended(town, shop, odd)
    town.work()
    assert set(town.differences(shop, tenant)) == {odd}

    go_on.run(town.rig, tenant)
    town.work()

    assert parked(town, tenant) == []
    assert town.differences(shop, tenant) == {}


def test_news_of_a_parked_order_is_a_reason_to_try_again(town: Town) -> None:
    shop, tenant = town.activated(orders=8)
    town.hear(shop, tenant)
    odd = next(iter(shop.orders))
    spoilt(town, shop, odd)
    town.work(for_s=400, idle_s=200)

    mended(town, shop, odd)
    town.work()

    assert parked(town, tenant) == []
    assert town.differences(shop, tenant) == {}


def between(town: Town, happens: Any) -> None:
    """Let something happen once while the shop answers the next call about orders."""
    answered = town.rig.transport.handler
    waiting = [happens]

    def handler(request: httpx.Request) -> httpx.Response:
        if waiting and request.url.path.endswith("/orders"):
            waiting.pop()()
        return answered(request)

    town.rig.transport.handler = handler


def test_a_second_turn_at_the_same_time_does_nothing(town: Town) -> None:
    shop, tenant = town.activated(orders=3 * refresh_orders.MOST)
    town.hear(shop, tenant)
    changed(town, shop, list(shop.orders), internal_note="seen")
    town.watch.move(3)  # a read within the second of a change is made once more
    before = town.calls(shop)
    seconds: list[int] = []
    between(town, lambda: seconds.append(refresh_orders.run(town.rig, tenant)))

    assert refresh_orders.run(town.rig, tenant) == 3
    assert seconds == [0]
    assert town.calls(shop) - before == 3
    assert town.differences(shop, tenant) == {}


def test_two_turns_share_the_hints_when_the_lock_is_lost(town: Town) -> None:
    shop, tenant = town.activated(orders=3 * refresh_orders.MOST)
    town.hear(shop, tenant)
    changed(town, shop, list(shop.orders), internal_note="seen")
    town.watch.move(3)  # a read within the second of a change is made once more
    before = town.calls(shop)
    seconds: list[int] = []

    def rival() -> None:
        town.rig.redis.delete(f"turn:{LANE}:{tenant}")
        seconds.append(refresh_orders.run(town.rig, tenant))

    between(town, rival)
    first = refresh_orders.run(town.rig, tenant)

    assert (first, seconds) == (1, [2])  # whoever lost the lock ends after the batch it had
    assert town.calls(shop) - before == 3
    assert town.differences(shop, tenant) == {}
    assert debt(town) == Debt(due=0, later=0, parked=0, unexpanded=0)


def test_other_lanes_and_other_shops_have_turns_of_their_own(town: Town) -> None:
    tenants_ = [town.install(town.open_shop(slug, orders=3)) for slug in ("alfa", "beta")]

    with turn.only_one(town.rig, tenants_[0], LANE) as mine:
        with turn.only_one(town.rig, tenants_[0], LANE) as again:
            assert (mine(), again()) == (True, False)
        with turn.only_one(town.rig, tenants_[1], LANE) as other:
            assert other()
        with turn.only_one(town.rig, tenants_[0], Lane.REFRESH_PRODUCTS) as products:
            assert products()
        assert mine()
    with turn.only_one(town.rig, tenants_[0], LANE) as later:
        assert later()


class Unsteady(redis.Redis):
    """A Redis that can be away."""

    away = False

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if self.away:
            raise redis.ConnectionError("nobody answers")
        return super().execute_command(*args, **options)

    def pipeline(self, *args: Any, **kwargs: Any) -> Any:
        if self.away:
            raise redis.ConnectionError("nobody answers")
        return super().pipeline(*args, **kwargs)


@pytest.fixture
def unsteady(town: Town) -> Unsteady:
    memory = Unsteady(connection_pool=town.rig.redis.connection_pool)
    town.rig = replace(town.rig, redis=memory)
    return memory


def test_redis_away_means_no_calls_and_nothing_is_lost(town: Town, unsteady: Unsteady) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    before = shop.stats.total
    unsteady.away = True
    changed(town, shop, list(shop.orders), internal_note="seen")
    changes.create_order(town.world, shop)
    town.deliver()
    town.work(for_s=120, idle_s=120)
    assert shop.stats.total == before

    unsteady.away = False
    town.work()

    assert town.differences(shop, tenant) == {}
    assert debt(town) == Debt(due=0, later=0, parked=0, unexpanded=0)


def test_redis_that_goes_in_the_middle_of_a_turn_loses_nothing(town: Town, unsteady: Unsteady) -> None:
    shop, tenant = town.activated(orders=3 * refresh_orders.MOST)
    town.hear(shop, tenant)
    changed(town, shop, list(shop.orders), internal_note="seen")
    before = town.calls(shop)

    def goes() -> None:
        unsteady.away = True

    between(town, goes)
    assert refresh_orders.run(town.rig, tenant) == 1
    town.work(for_s=60, idle_s=60)
    assert town.calls(shop) - before == 1

    unsteady.away = False
    unsteady.delete(f"turn:{LANE}:{tenant}")  # its ten seconds are Redis's own, and no watch moves them
    town.work(for_s=120, idle_s=60)

    assert town.differences(shop, tenant) == {}


def test_an_activation_waits_for_redis(town: Town, unsteady: Unsteady) -> None:
    shop = town.open_shop(orders=120)
    tenant = town.install(shop)
    unsteady.away = True
    town.work(for_s=120, idle_s=60)
    assert shop.stats.total == 0

    unsteady.away = False
    town.work(for_s=120, idle_s=20)

    with town.rig.db.tx(tenant) as conn:
        steps = activations.of(conn, tenant)
    assert {step.state for step in steps} == {"done"}
    assert town.differences(shop, tenant) == {}


def test_a_sweep_needs_neither_redis_nor_a_call(town: Town, unsteady: Unsteady) -> None:
    shop, tenant = town.activated(orders=3)
    before = shop.stats.total
    unsteady.away = True
    town.watch.move(3_600)
    settle(town.rig.db)

    assert [sweep.run(town.rig, tenant), sweep.run(town.rig, tenant)][1] == 0
    assert shop.stats.total == before


def dismissed(town: Town, shop: WorldShop) -> None:
    call = Call(Endpoint.UNINSTALL, shop.token, town.watch(), signature_digest="gone", version="1", language=None)
    assert dismiss.run(town.rig, call)


def test_a_webhook_that_comes_twice_at_once_is_one_read(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="seen")
    changes.create_order(town.world, shop)
    told, town.undelivered = town.undelivered, []
    before = town.calls(shop)

    town.deliver([*told, *told])
    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) - before <= 2  # the second one: it was read within the second of its change


def test_a_webhook_that_comes_again_later_is_read_again_and_changes_nothing(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="seen")
    told = list(town.undelivered)
    town.deliver()
    town.work()
    before, mirror = town.calls(shop), positions(town, tenant)
    town.watch.move(300)

    town.deliver(told)
    town.work()

    assert town.calls(shop) - before == 1
    assert positions(town, tenant) == mirror


def positions(town: Town, tenant: TenantId) -> dict[str, int]:
    """Return the place of each order in the feed: it moves when the content did."""
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT order_number, position FROM orders").fetchall()
    return {row["order_number"]: row["position"] for row in found}


def test_a_deletion_told_again_after_the_order_came_back_does_not_kill_it(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    number = next(iter(shop.orders))
    changes.delete_order(town.world, shop, number)
    told = list(town.undelivered)
    town.deliver()
    town.work()
    changes.restore_order(town.world, shop, number)
    town.deliver()
    town.work()
    town.watch.move(300)

    town.deliver([replace(one, received_at=town.watch()) for one in told])
    town.work()

    assert town.mirrored(tenant)[number]["state"] == "live"
    assert town.differences(shop, tenant) == {}


def test_a_webhook_for_an_earlier_registration_costs_no_call(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    number = next(iter(shop.orders))
    changes.change_order(town.world, shop, number, internal_note="seen")
    changes.delete_order(town.world, shop, number)
    changes.restore_order(town.world, shop, number)
    told, town.undelivered = town.undelivered, []
    town.watch.move(1)
    dismissed(town, shop)
    town.watch.move(1)
    assert town.install(shop) == tenant
    town.work()
    before, mirror = shop.stats.total, positions(town, tenant)

    town.deliver(told)
    town.work()

    assert shop.stats.total == before
    assert positions(town, tenant) == mirror
    assert outcomes(town, tenant)[-len(told) :] == ["dropped"] * len(told)
    assert town.differences(shop, tenant) == {}


def outcomes(town: Town, tenant: TenantId) -> list[str]:
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT outcome FROM deliveries ORDER BY delivery_id").fetchall()
    return [row["outcome"] for row in found]
