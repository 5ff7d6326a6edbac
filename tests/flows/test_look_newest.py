"""A look compares the newest changes and their number: one call when nothing differs, and what was lost is found."""

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import inbox
from service.flows import look
from service.inbox import Cause, Look
from service.lanes import LOOKED_AT, Lane
from service.platform.shapes import Order, Page
from service.steps import newest
from service.steps.newest import Compared, Walk
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town
from tests.shop_items import NOON, order

ORDERS = Lane.REFRESH_ORDERS
HOUR_S = 3_600


def ask(town: Town, tenant: str, cause: Cause = Cause.OUTAGE, *, doubted_for_s: float | None = None) -> None:
    now = town.watch()
    doubted_from = None if doubted_for_s is None else now - timedelta(seconds=doubted_for_s)
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, ORDERS, cause, now=now, doubted_from=doubted_from)


def status(shop: WorldShop, place: int) -> int:
    return list(shop.statuses)[place]


def last(town: Town, tenant: str) -> Look:
    with town.rig.db.tx(tenant) as conn:
        [found] = inbox.looks_of(conn, tenant, ORDERS, most=1)
    return found


def because(town: Town, tenant: str) -> dict[str, tuple[str, list[str]]]:
    """Return which orders stand in the journal as repaired by a look: what happened to each, and why we looked."""
    told = "SELECT order_number, kind, detail FROM journal WHERE detail ? 'because' AND order_number IS NOT NULL"
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute(told).fetchall()
    return {row["order_number"]: (row["kind"], row["detail"]["because"]) for row in found}


def test_a_look_at_a_shop_that_told_everything_costs_one_call(town: Town) -> None:
    shop, tenant = town.activated(orders=250)
    town.hear(shop, tenant)
    for _ in range(3):
        town.watch.move(HOUR_S)
        changes.bulk_status(town.world, shop, random.Random(1).sample(list(shop.orders), 60), status(shop, 2))
        changes.create_orders(town.world, shop, 20)
        town.deliver()
        town.work()
    town.watch.move(HOUR_S)
    before = town.calls(shop)

    ask(town, tenant)
    town.work()

    assert town.calls(shop) - before == 1
    assert (last(town, tenant).calls, last(town, tenant).found) == (1, 0)
    assert because(town, tenant) == {}


@pytest.mark.parametrize("seed", range(4))
def test_exactly_what_was_planted_is_found(town: Town, seed: int) -> None:
    dice = random.Random(seed)
    shop, tenant = town.activated(orders=120)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, list(shop.orders), status(shop, 2))
    town.deliver()
    town.work()
    town.watch.move(HOUR_S)
    changed, deleted = dice.sample(list(shop.orders), 7), []
    for number in changed:
        changes.change_order(town.world, shop, number, internal_note=f"lost {seed}")
    for number in dice.sample(sorted(shop.orders.keys() - set(changed)), 2):
        changes.delete_order(town.world, shop, number)
        deleted.append(number)
    made = [each.number for each in changes.create_orders(town.world, shop, dice.randint(1, 5))]
    town.undelivered = []  # nobody ever told
    town.watch.move(HOUR_S)

    ask(town, tenant, doubted_for_s=2 * HOUR_S)
    town.work(for_s=900, idle_s=400)

    assert town.differences(shop, tenant) == {}
    assert because(town, tenant).keys() == {*changed, *deleted, *made}
    assert {why for _, whys in because(town, tenant).values() for why in whys} == {"outage"}
    assert last(town, tenant).found == len(changed) + len(deleted) + len(made)


def test_a_released_order_that_was_deleted_long_after_its_last_change_is_found(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    [first, *_] = changes.create_orders(town.world, shop, 5)
    town.deliver()
    town.work()
    with town.rig.db.tx(tenant) as conn:
        conn.execute(
            "INSERT INTO offers (tenant_id, order_number, position, revision, state, changed_at)"
            " VALUES (%s, %s, 1, 1, 'released', %s)",
            [tenant, first.number, town.watch()],
        )
    for _ in range(2):  # the watermark leaves the order behind
        town.watch.move(24 * HOUR_S)
        changes.create_order(town.world, shop)
        town.deliver()
        town.work()
        ask(town, tenant, Cause.PERSON)
        town.work()
    changes.delete_order(town.world, shop, first.number)
    town.undelivered = []
    town.watch.move(HOUR_S)
    before = town.calls(shop)

    ask(town, tenant)
    town.work()

    assert town.mirrored(tenant)[first.number]["state"] == "missing"
    assert because(town, tenant)[first.number] == ("missing", ["outage"])
    assert town.calls(shop) - before == 2


def test_twelve_hours_of_lost_webhooks_cost_one_call_per_hundred_changes_and_two_more_at_most(town: Town) -> None:
    shop, tenant = town.activated(orders=900)
    town.hear(shop, tenant)
    numbers = list(shop.orders)
    for day in range(3):  # the watermark is days old: what is known since then is not read again
        town.watch.move(24 * HOUR_S)
        changes.bulk_status(town.world, shop, numbers[day * 300 : day * 300 + 300], status(shop, 2))
        town.deliver()
        town.work()
    town.watch.move(HOUR_S)
    dice = random.Random(3)
    for number in dice.sample(numbers, 150):
        town.watch.move(12 * HOUR_S / 150)
        changes.change_order(town.world, shop, number, internal_note="lost")
    town.undelivered = []
    town.watch.move(10)
    before = town.calls(shop)

    ask(town, tenant, doubted_for_s=12 * HOUR_S)
    town.work()

    assert town.differences(shop, tenant) == {}
    assert last(town, tenant).found == 150
    assert town.calls(shop) - before == 2


def test_a_loss_behind_a_hundred_known_changes_is_found_when_the_doubt_reaches_back_to_it(town: Town) -> None:
    shop, tenant = town.activated(orders=300)
    town.hear(shop, tenant)
    numbers = list(shop.orders)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, numbers, status(shop, 2))
    town.deliver()
    town.work()
    town.watch.move(HOUR_S)
    changes.change_order(town.world, shop, numbers[7], internal_note="lost")
    town.undelivered = []
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, numbers[20:180], status(shop, 3))
    town.deliver()
    town.work()

    ask(town, tenant, doubted_for_s=1.5 * HOUR_S)
    town.work()

    assert because(town, tenant) == {numbers[7]: ("changed", ["outage"])}


def test_a_look_stands_in_the_journal_with_its_causes_and_in_its_rows_with_what_it_proves(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.watch.move(HOUR_S)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="lost")
    town.watch.move(60)

    ask(town, tenant, doubted_for_s=HOUR_S)
    town.watch.move(2)
    look.run(town.rig, tenant, by="operator")
    began = town.watch()
    town.work()

    with town.rig.db.tx(tenant) as conn:
        rows = inbox.looks_of(conn, tenant, ORDERS, most=9)
        [entry] = conn.execute("SELECT detail FROM journal WHERE kind = 'looked'").fetchall()
    assert entry["detail"]["because"] == ["outage", "person"]
    assert {each.cause for each in rows} == {Cause.OUTAGE, Cause.PERSON}
    for each in rows:
        assert each.covers_from
        assert each.covers_until == began
        assert each.covers_from <= began - timedelta(seconds=HOUR_S)
        assert (each.calls, each.found) == (1, 1)


def test_a_cause_that_comes_up_while_a_look_is_made_is_looked_at_once_more(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.watch.move(HOUR_S)
    answered = town.rig.transport.handler

    def meanwhile(request: Any) -> Any:
        town.rig.transport.handler = answered
        town.watch.move(1)
        ask(town, tenant, Cause.OUTAGE)
        return answered(request)

    ask(town, tenant, Cause.OUTAGE)
    town.rig.transport.handler = meanwhile
    before = town.calls(shop)
    town.work()

    assert town.calls(shop) - before == 2
    assert last(town, tenant).ended_at


@pytest.mark.parametrize("lane", LOOKED_AT)
def test_a_cause_that_comes_up_between_two_turns_of_a_look_is_looked_at_once_more(town: Town, lane: Lane) -> None:
    shop, tenant = town.activated(orders=150, products=70)
    town.watch.move(HOUR_S)
    for number in shop.orders:
        changes.change_order(town.world, shop, number, internal_note="lost")
    for product_id in shop.products:
        changes.change_product(town.world, shop, product_id, weight=7)
    town.watch.move(60)
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, lane, Cause.OUTAGE, now=town.watch(), doubted_from=None)
    answered = town.rig.transport.handler

    def slowly(request: Any) -> Any:
        town.watch.move(25)
        return answered(request)

    town.rig.transport.handler = slowly
    assert town.beat() == 1
    town.rig.transport.handler = answered
    with town.rig.db.tx(tenant) as conn:
        assert inbox.looks_of(conn, tenant, lane, most=1)[0].ended_at is None
        inbox.ask_look(conn, tenant, lane, Cause.PERSON, now=town.watch(), doubted_from=None)
    town.work()

    with town.rig.db.tx(tenant) as conn:
        assert [each.ended_at is None for each in inbox.looks_of(conn, tenant, lane, most=9)] == [False, False]


def test_a_clock_that_is_put_back_lets_no_look_be_made_for_ever(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.watch.move(HOUR_S)
    ask(town, tenant)
    town.watch.move(-600)
    ask(town, tenant, Cause.PERSON)
    before = town.calls(shop)

    town.work(for_s=1_200, idle_s=900)

    assert town.calls(shop) - before == 1
    assert last(town, tenant).ended_at


def test_a_cause_that_comes_up_while_a_look_rests_between_two_pages_is_looked_at_once_more(town: Town) -> None:
    shop, tenant = town.activated(orders=250)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, list(shop.orders), status(shop, 2))
    town.undelivered = []
    town.watch.move(HOUR_S)
    shop.faults.add("busy", every=2, calls=1, retry_after=timedelta(seconds=30))

    ask(town, tenant, Cause.OUTAGE)
    town.work(for_s=10)
    assert last(town, tenant).ended_at is None
    changes.change_order(town.world, shop, [*shop.orders][-1], internal_note="lost")
    town.undelivered = []
    town.watch.move(2)
    ask(town, tenant, Cause.HOOK_OFF)
    town.work(for_s=300, idle_s=60)

    assert town.differences(shop, tenant) == {}
    assert last(town, tenant).ended_at


@dataclass
class MovingList:
    """A list of ten-row pages, newest first, to which something happens before some of its answers."""

    rows: list[int]
    deeds: dict[int, tuple[str, int]]  # by the number of the answer: what, and to which row
    answers: int = 0
    touched: set[int] = field(default_factory=set[int])

    def page(self, number: int) -> Page[Order]:
        if deed := self.deeds.get(self.answers):
            self._happen(*deed)
        self.answers += 1
        return Page(
            items=[order(f"O{row}") for row in self.rows[(number - 1) * 10 : number * 10]],
            set_aside=[],
            unread=frozenset(),
            current_page=number,
            pages=-(-len(self.rows) // 10),
            total=len(self.rows),
            began_at=NOON + timedelta(seconds=self.answers),
            complete=True,
        )

    def _happen(self, deed: str, place: int) -> None:
        row = self.rows[place % len(self.rows)]
        if deed == "enter":
            row = 1_000 + self.answers
        else:
            self.rows.remove(row)
        self.touched.add(row)
        if deed != "leave":
            self.rows.insert(0, row)


@given(
    rows=st.integers(11, 60),
    deeds=st.dictionaries(
        st.integers(1, 20), st.tuples(st.sampled_from(["leave", "enter", "change"]), st.integers(0, 60)), max_size=6
    ),
)
def test_whoever_keeps_still_is_shown_by_one_pass_whatever_the_others_do(
    rows: int, deeds: dict[int, tuple[str, int]]
) -> None:
    moving = MovingList(list(range(rows)), deeds)
    here: Walk | None = Walk(since="2026-02-01T00:00:00+00:00")
    seen: set[str] = set()

    while here is not None:
        page = moving.page(here.page)
        seen |= {item.order_number for item in page.items}
        compared = Compared(differs=True, agrees=False, all_shown=True, reaches=NOON)
        here = newest.onward(newest.shown(here, page, []), page, compared, doubted_from=None)

    assert {f"O{row}" for row in moving.rows if row not in moving.touched} - seen == set()


@pytest.mark.parametrize(
    ("compared", "goes_on"),
    [
        ({}, False),
        ({"differs": True}, True),
        ({"agrees": False}, True),
        ({"reaches": NOON - timedelta(minutes=9)}, True),  # the doubt is not reached
    ],
)
def test_a_page_is_turned_for_a_difference_only(compared: dict[str, Any], goes_on: bool) -> None:
    page = replace(MovingList(list(range(30)), {}).page(1))
    same = Compared(differs=False, agrees=True, all_shown=False, reaches=NOON - timedelta(hours=1))

    here = newest.onward(
        newest.shown(Walk(since=NOON.isoformat()), page, []), page, replace(same, **compared), doubted_from=NOON
    )

    assert (here is not None) == goes_on
