"""When the mirror holds fewer orders than the shop tells, the pull reads what differs and not the window again."""

import pytest

from service import activations
from service.activations import Progress, Step
from service.db import Row
from service.lanes import TenantId
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.between import Killed, at_page, lost_from_the_mirror, meddling_between_pages
from tests.flows.town import Town

ORDERS, PAGES = 1_200, 12
FEWER, FEWER_PAGES = 450, 5  # enough to be halved
LONG = {"for_s": 1_200, "idle_s": 301}  # enough for every back-off


def pulled_but_for(town: Town, *, lost: slice, orders: int = ORDERS) -> tuple[WorldShop, TenantId]:
    """Install a shop; before the last page is answered, some of its orders are lost."""
    shop = town.open_shop(orders=orders)
    tenant = town.install(shop)
    doomed = list(shop.orders)[lost]
    last = -(-orders // 100)
    meddling_between_pages(town, at_page(last, lambda: lost_from_the_mirror(town, tenant, doomed)))
    return shop, tenant


def orders_step(town: Town, tenant: TenantId) -> Progress:
    with town.rig.db.tx(tenant) as conn:
        return next(step for step in activations.of(conn, tenant) if step.step is Step.ORDERS)


def told_at_the_end(town: Town, tenant: TenantId) -> Row:
    """Return the journal's row about the end of the orders: its kind, and what it told."""
    asked = "SELECT kind, detail FROM journal WHERE detail ->> 'step' = 'orders'"
    with town.rig.db.tx(tenant) as conn:
        [row] = conn.execute(asked).fetchall()
    return row


@pytest.mark.parametrize(
    ("lost", "most"),
    [
        (slice(600, 601), 6),
        (slice(0, 1), 1),
        (slice(1_050, 1_051), 8),
        (slice(150, 1_000, 400), 12),
    ],
    ids=["one in the middle", "the first", "a late one", "three far apart"],
)
def test_only_what_differs_is_read(town: Town, lost: slice, most: int) -> None:
    shop, tenant = pulled_but_for(town, lost=lost)

    town.work()

    assert town.differences(shop, tenant) == {}
    assert PAGES < town.calls(shop) <= PAGES + most
    told = told_at_the_end(town, tenant)
    assert (told["kind"], told["detail"]["rounds"], told["detail"]["short"]) == ("step_done", 1, False)


def test_orders_restored_on_pages_already_read_are_found(town: Town) -> None:
    shop = town.open_shop(orders=700)
    numbers = list(shop.orders)
    doomed = [numbers[40], numbers[41], numbers[320]]
    changes.delete_orders(town.world, shop, doomed)
    tenant = town.install(shop)
    meddling_between_pages(
        town, at_page(6, lambda: [changes.restore_order(town.world, shop, number) for number in doomed])
    )

    town.work()

    assert town.differences(shop, tenant) == {}
    assert town.calls(shop) <= 7 + 1 + 6  # one page was read twice because the count had grown


@pytest.mark.parametrize("kind", ["empty", "short", "html", "truncated", "doubled", "error"])
@pytest.mark.parametrize("answer", [1, 2])
def test_answers_that_lie_while_comparing_hide_nothing(town: Town, kind: str, answer: int) -> None:
    shop, tenant = pulled_but_for(town, lost=slice(220, 221), orders=FEWER)
    fault = {"method": "GET", "template": "/orders"}
    meddling_between_pages(town, at_page(FEWER_PAGES + answer, lambda: shop.faults.add(kind, **fault)))

    town.work(**LONG)

    assert town.differences(shop, tenant) == {}
    assert told_at_the_end(town, tenant)["kind"] == "step_done"


def test_a_worker_killed_while_comparing_costs_one_page(town: Town) -> None:
    undisturbed, _ = pulled_but_for(town, lost=slice(220, 221), orders=FEWER)
    town.work()
    shop = town.open_shop("beta", orders=FEWER)
    tenant = town.install(shop)
    doomed = list(shop.orders)[220:221]
    meddling_between_pages(town, at_page(FEWER_PAGES, lambda: lost_from_the_mirror(town, tenant, doomed)))

    def die() -> None:
        raise Killed

    for page in (FEWER_PAGES + 2, FEWER_PAGES + 4):
        meddling_between_pages(town, at_page(page, die))

    for _ in range(2):
        with pytest.raises(Killed):
            town.work()
        town.watch.move(town.rig.settings.lease_s)
    town.work()

    assert town.differences(shop, tenant) == {}
    assert FEWER_PAGES < town.calls(shop) <= town.calls(undisturbed) + 2
    assert told_at_the_end(town, tenant)["detail"]["rounds"] == 1


@pytest.mark.parametrize("place", [30, 220], ids=["one that was read", "the one that is looked for"])
def test_a_deletion_while_comparing_is_no_problem(town: Town, place: int) -> None:
    shop, tenant = pulled_but_for(town, lost=slice(220, 221), orders=FEWER)
    town.hear(shop, tenant)
    other = list(shop.orders)[place]
    meddling_between_pages(town, at_page(FEWER_PAGES + 2, lambda: changes.delete_order(town.world, shop, other)))

    town.work()
    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {}
    assert told_at_the_end(town, tenant)["kind"] == "step_done"


def test_what_stays_short_after_three_rounds_is_a_problem_for_a_person(town: Town) -> None:
    shop = town.open_shop(orders=FEWER)
    shop.number_format = "A\0{n}"  # no number that could be kept, or asked for
    changes.create_order(town.world, shop)
    tenant = town.install(shop)

    town.work()

    told = told_at_the_end(town, tenant)
    assert told["kind"] == "problem"
    assert told["detail"] == {"step": "orders", "told": FEWER + 1, "rounds": 3, "short": True}
    assert town.calls(shop) <= FEWER_PAGES + 1 + 3 * 8
    assert orders_step(town, tenant).state == "done"


def test_the_panel_sees_the_pages_go_on_while_comparing(town: Town) -> None:
    _, tenant = pulled_but_for(town, lost=slice(150, 400, 200), orders=FEWER)
    seen: list[tuple[int, int | None]] = []

    def look() -> None:
        step = orders_step(town, tenant)
        seen.append((step.pages_done, step.pages_all))

    meddling_between_pages(town, look)

    town.work()

    assert [done for done, _ in seen] == list(range(len(seen)))
    assert all(done < (all_ or 1) <= FEWER_PAGES + 8 for done, all_ in seen)
    last = orders_step(town, tenant)
    assert last.pages_done == last.pages_all == len(seen)
