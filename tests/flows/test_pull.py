"""The pull reads a closed window once and believes its end only when the counts agree."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import inbox
from service.flows import dismiss, pull
from service.lanes import Lane, TenantId
from service.steps.history import Walk, onward
from service.steps.lifecycle import Call, Endpoint
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.between import Killed, at_page, lost_from_the_mirror, meddling_between_pages
from tests.flows.town import Town

LONG = {"for_s": 1_200, "idle_s": 301}  # enough for every back-off


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


def test_a_killed_worker_costs_one_page(town: Town) -> None:
    shop = town.open_shop(orders=420)
    tenant = town.install(shop)
    pages = iter(range(100))

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


@pytest.mark.parametrize("answer", [1, 3], ids=["first", "last"])
def test_an_empty_page_is_asked_for_again_and_not_believed(town: Town, answer: int) -> None:
    shop = town.open_shop(orders=250)
    tenant = town.install(shop)
    meddling_between_pages(town, at_page(answer, lambda: shop.faults.add("empty", method="GET", template="/orders")))

    town.work(**LONG)

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) == 4


def test_a_shop_without_orders_ends_its_pull_once_it_has_said_so_often_enough(town: Town) -> None:
    shop = town.open_shop(orders=0)
    tenant = town.install(shop)

    town.work(**LONG)

    assert ended(town, tenant) == {"orders": "step_done", "products": "step_done"}
    assert town.calls(shop) == pull.EMPTY + 2  # and the end is confirmed
    town.hear(shop, tenant)
    changes.create_order(town.world, shop)
    town.deliver()
    town.work()
    assert town.differences(shop, tenant) == {}


def test_an_unreadable_order_is_asked_for_by_number_once_the_pull_has_ended(town: Town) -> None:
    shop = town.open_shop(orders=120)
    tenant = town.install(shop)
    number = spoilt(shop, 60)
    meddling_between_pages(town, at_page(3, lambda: mend(shop, number)))

    town.work(**LONG)

    assert ended(town, tenant)["orders"] == "step_done"
    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) == 3


def test_an_order_that_stays_unreadable_is_parked_with_its_reason_and_stops_nothing(town: Town) -> None:
    shop = town.open_shop(orders=120)
    tenant = town.install(shop)
    number = spoilt(shop, 60)

    town.work(**LONG)

    assert ended(town, tenant) == {"orders": "step_done", "products": "step_done"}
    assert town.differences(shop, tenant) == {number: "missing"}
    with town.rig.db.tx(tenant) as conn:
        [parked] = inbox.parked(conn, tenant)
    assert (parked["lane"], parked["key"]) == (Lane.REFRESH_ORDERS, number)
    assert "last_update_time" in parked["parked"]


def test_unreadable_orders_do_not_hide_that_another_is_missing(town: Town) -> None:
    shop = town.open_shop(orders=450)
    tenant = town.install(shop)
    number = spoilt(shop, 60)
    lost = list(shop.orders)[250]

    meddling_between_pages(town, at_page(5, lambda: lost_from_the_mirror(town, tenant, [lost])))

    town.work()

    assert town.differences(shop, tenant) == {number: "missing"}


def test_a_change_in_the_second_of_its_page_is_looked_at_once_more(town: Town) -> None:
    shop = town.open_shop(orders=40)
    tenant = town.install(shop)
    number = list(shop.orders)[7]

    def change(note: str) -> None:
        changes.change_order(town.world, shop, number, internal_note=note)

    meddling_between_pages(town, at_page(1, lambda: change("the answer shows it")))
    while not town.calls(shop):
        town.watch.move(1)
        town.beat()
    change("of the same second, and nobody tells")
    assert town.differences(shop, tenant) == {number: "stale"}
    town.work()

    assert town.differences(shop, tenant) == {}


def test_what_is_looked_at_once_more_waits_for_its_own_pace_and_survives_a_kill(town: Town) -> None:
    shop = town.open_shop(orders=120)
    tenant = town.install(shop)
    number = next(iter(shop.orders))

    def die() -> None:
        raise Killed

    meddling_between_pages(town, at_page(1, lambda: changes.change_order(town.world, shop, number, internal_note="x")))
    meddling_between_pages(town, at_page(2, die))
    with pytest.raises(Killed):
        town.work()

    with town.rig.db.tx(tenant) as conn:
        [hint] = conn.execute("SELECT key, urgent, due_at FROM hints WHERE lane = 'refresh_orders'").fetchall()
    assert (hint["key"], hint["urgent"]) == (number, False)
    assert hint["due_at"] == town.watch() + timedelta(seconds=town.rig.settings.routine_s)


def test_a_product_that_changed_in_the_second_of_its_page_is_looked_at_once_more(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    product_id = next(iter(shop.products.values())).record["product_id"]

    def change(code: str) -> None:
        changes.change_product(town.world, shop, product_id, code=code)

    def mirrored() -> str | None:
        asked = "SELECT content ->> 'code' AS code FROM products WHERE product_id = %s"
        with town.rig.db.tx(tenant) as conn:
            row = conn.execute(asked, [product_id]).fetchone()
        return row["code"] if row else None

    meddling_between_pages(town, at_page(1, lambda: change("SHOWN")), of="/products/simple")
    while not mirrored():
        town.watch.move(1)
        town.beat()
    change("HIDDEN")
    assert mirrored() == "SHOWN"
    town.work()

    assert mirrored() == "HIDDEN"


def uninstalled(town: Town, shop: WorldShop) -> None:
    """Do what a signed uninstallation does."""
    town.world.uninstall(shop)
    digest = f"uninstalled at {town.watch()}"
    assert dismiss.run(town.rig, Call(Endpoint.UNINSTALL, shop.token, town.watch(), digest, "1", "cs"))


def test_an_uninstallation_in_the_middle_of_a_page_drops_it_and_a_reinstallation_begins_anew(town: Town) -> None:
    shop = town.open_shop(orders=420)
    tenant = town.install(shop)
    gone = [list(shop.orders)[place] for place in (3, 410)]
    meddling_between_pages(town, at_page(3, lambda: uninstalled(town, shop)))
    town.work()
    assert (town.calls(shop), len(town.mirrored(tenant))) == (3, 200)

    changes.delete_orders(town.world, shop, gone)  # nobody tells us while we are not installed
    changes.create_orders(town.world, shop, 2)
    for number in list(shop.orders)[:5]:
        if number not in gone:
            changes.change_random_order(town.world, shop, number)
    town.watch.move(60)
    assert town.install(shop) == tenant
    # As many are lost as the mirror still holds of those that are gone: counting alone would not notice.
    meddling_between_pages(town, at_page(5, lambda: lost_from_the_mirror(town, tenant, list(shop.orders)[20:21])))
    town.work()
    town.watch.move(301)  # two answers that lack an order prove it gone
    town.work()

    assert ended(town, tenant)["orders"] == "step_done"
    assert town.differences(shop, tenant) == {}


def test_a_worker_from_before_the_reinstallation_stores_nothing(town: Town) -> None:
    shop = town.open_shop(orders=420)
    tenant = town.install(shop)

    def leave_and_come_back() -> None:
        uninstalled(town, shop)
        town.watch.move(1)
        town.install(shop)

    meddling_between_pages(town, at_page(3, leave_and_come_back))
    for _ in range(4):
        town.beat()
        town.watch.move(1)
    before = len(town.mirrored(tenant))
    town.work()

    assert before == 200
    assert town.differences(shop, tenant) == {}


def spoilt(shop: WorldShop, place: int) -> str:
    """Make an order's answer one that cannot be read; return its number."""
    number = list(shop.orders)[place]
    order = shop.orders[number]
    order.record["last_update_time"] = "yesterday"
    order.rendered = None
    return number


def mend(shop: WorldShop, number: str) -> None:
    order = shop.orders[number]
    order.record["last_update_time"] = order.record["creation_time"]
    order.rendered = None


def ended(town: Town, tenant: TenantId) -> dict[str, str]:
    """Return how the steps of the pull ended, by the journal."""
    asked = "SELECT detail ->> 'step' AS step, kind FROM journal WHERE kind IN ('step_done', 'problem')"
    with town.rig.db.tx(tenant) as conn:
        found = {row["step"]: row["kind"] for row in conn.execute(asked).fetchall()}
    return {step: found[step] for step in ("orders", "products") if step in found}
