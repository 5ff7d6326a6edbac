"""One delivery, order or product we fail at: it is parked after three tries, and its tenant's others go on."""

import psycopg
import pytest

from service import activations, inbox
from service.db import Row
from service.flows import go_on
from service.lanes import Lane, TenantId
from simulator import changes
from tests.flows.town import Town

REFUSE = "ALTER TABLE hints ADD CONSTRAINT poison CHECK (key <> '{key}')"
TAKE_IT = "ALTER TABLE hints DROP CONSTRAINT poison"


@pytest.fixture
def refuse(database):
    """Let the database refuse a hint with this key: a fault of ours that nobody foresaw."""

    def refused(key: str | None) -> None:
        with psycopg.connect(database.admin_url, autocommit=True) as conn:
            conn.execute(TAKE_IT if key is None else REFUSE.format(key=key))

    return refused


def stuck(town: Town, tenant: TenantId) -> list[Row]:
    with town.rig.db.tx(tenant) as conn:
        return inbox.stuck(conn, tenant)


def test_a_delivery_we_fail_at_is_parked_and_those_around_it_are_read(town: Town, refuse) -> None:
    shop, tenant = town.activated(orders=9)
    town.hear(shop, tenant)
    bad = list(shop.orders)[4]
    refuse(bad)
    for number in shop.orders:
        changes.change_order(town.world, shop, number, internal_note="seen")
    town.deliver()

    town.work(for_s=20)
    assert (set(town.differences(shop, tenant)) - {bad}, stuck(town, tenant)) == (set(), [])
    town.work(for_s=200, idle_s=100)

    [row] = stuck(town, tenant)
    assert (row["lane"], row["event"], row["parked"]) == ("refresh_orders", "Orders.update", "CheckViolation poison")
    assert town.differences(shop, tenant) == {}  # what it told was looked for
    with town.rig.db.tx(tenant) as conn:
        [look] = inbox.looks_of(conn, tenant, Lane.REFRESH_ORDERS, most=9)
    assert (look.cause, look.doubted_from) == (inbox.Cause.UNREADABLE, row["received_at"])


def test_a_parked_delivery_wakes_nobody_until_it_is_retried(town: Town, refuse) -> None:
    shop, tenant = town.activated(orders=3)
    town.hear(shop, tenant)
    bad = next(iter(shop.orders))
    refuse(bad)
    changes.change_order(town.world, shop, bad, internal_note="seen")
    town.deliver()
    town.work(for_s=200, idle_s=100)
    with town.rig.db.tx_all("a test asks what is owed") as conn:
        debt = inbox.debt(conn, Lane.REFRESH_ORDERS, now=town.watch())
        oldest = inbox.oldest(conn, Lane.REFRESH_ORDERS, now=town.watch())
    assert (debt.parked, debt.unexpanded, oldest, town.due()) == (1, 0, None, [])
    refuse(None)

    assert go_on.run(town.rig, tenant) == ["1 parked rows"]
    town.work()

    assert stuck(town, tenant) == []
    assert town.differences(shop, tenant) == {}


@pytest.fixture
def spoil(database):
    """Let the database refuse what the shop shows of one thing, or (None) take it again."""

    def spoilt(table: str, condition: str | None) -> None:
        with psycopg.connect(database.admin_url, autocommit=True) as conn:
            if condition is None:
                conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT poison")
            else:
                conn.execute(f"ALTER TABLE {table} ADD CONSTRAINT poison CHECK ({condition}) NOT VALID")

    return spoilt


def parked(town: Town, tenant: TenantId) -> list[tuple[str, str, str, bool]]:
    with town.rig.db.tx(tenant) as conn:
        return [(row["lane"], row["key"], row["parked"], row["died"]) for row in inbox.parked(conn, tenant)]


def test_an_order_we_fail_at_is_parked_and_the_others_of_its_batch_are_mirrored(town: Town, spoil) -> None:
    shop, tenant = town.activated(orders=9)
    town.hear(shop, tenant)
    bad = list(shop.orders)[4]
    spoil("orders", f"order_number <> '{bad}'")
    for number in shop.orders:
        changes.change_order(town.world, shop, number, internal_note="seen")
    town.deliver()

    town.work(for_s=20)
    assert set(town.differences(shop, tenant)) == {bad}
    town.work(for_s=400, idle_s=100)

    assert parked(town, tenant) == [("refresh_orders", bad, "CheckViolation poison", True)]
    spoil("orders", None)
    go_on.run(town.rig, tenant)
    town.work()
    assert town.differences(shop, tenant) == {}
    assert parked(town, tenant) == []


def test_an_order_we_fail_at_does_not_stop_the_pull(town: Town, spoil) -> None:
    shop = town.open_shop(orders=120)
    bad = list(shop.orders)[50]
    spoil("orders", f"order_number <> '{bad}'")
    tenant = town.install(shop)

    town.work(for_s=600, idle_s=100)

    assert set(town.differences(shop, tenant)) == {bad}
    assert parked(town, tenant) == [("refresh_orders", bad, "CheckViolation poison", True)]
    assert town.calls(shop) < 12


def test_an_order_we_fail_at_does_not_stop_a_look(town: Town, spoil) -> None:
    shop, tenant = town.activated(orders=9)
    bad = list(shop.orders)[4]
    spoil("orders", f"order_number <> '{bad}'")
    for number in shop.orders:  # nobody tells
        changes.change_order(town.world, shop, number, internal_note="seen")
    with town.rig.db.tx(tenant) as conn:
        look = inbox.Hint(inbox.LOOK, urgent=True, due_at=town.watch())
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, [look], now=town.watch())

    town.work(for_s=600, idle_s=100)

    assert set(town.differences(shop, tenant)) == {bad}
    assert [row[1] for row in parked(town, tenant)] == [bad]


def test_a_product_we_fail_at_is_parked_alone(town: Town, spoil) -> None:
    shop, tenant = town.activated(orders=1, products=6)
    town.hear(shop, tenant)
    bad = list(shop.products)[2]
    spoil("products", f"product_id <> {bad}")
    for product_id in shop.products:
        changes.change_product(town.world, shop, product_id, manufacturer="Jiný")
    town.deliver()

    town.work(for_s=600, idle_s=100)

    assert parked(town, tenant) == [("refresh_products", str(bad), "CheckViolation poison", True)]


def nameless(shop, number: str) -> None:
    """Let the shop print an order without its number, wherever it lists it."""
    shop.orders[number].record["order_number"] = None


def test_an_order_without_a_number_ends_the_pull_as_a_problem_and_not_never(town: Town) -> None:
    shop = town.open_shop(orders=120)
    bad = list(shop.orders)[50]
    nameless(shop, bad)
    tenant = town.install(shop)

    town.work(for_s=1_000, idle_s=300)

    assert set(town.differences(shop, tenant)) == {bad}
    with town.rig.db.tx(tenant) as conn:
        steps = {step.step.value: step.state for step in activations.of(conn, tenant)}
        told = conn.execute("SELECT detail->>'why' AS why FROM journal WHERE kind = 'unreadable'").fetchall()
    assert set(steps.values()) == {"done"}
    assert "order_number ?" in told[0]["why"]
    assert town.calls(shop) < 12


def test_an_order_without_a_number_stops_no_look(town: Town) -> None:
    shop, tenant = town.activated(orders=9)
    bad = next(iter(shop.orders))
    for number in shop.orders:  # nobody tells
        changes.change_order(town.world, shop, number, internal_note="seen")
    nameless(shop, bad)
    with town.rig.db.tx(tenant) as conn:
        look = inbox.Hint(inbox.LOOK, urgent=True, due_at=town.watch())
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, [look], now=town.watch())

    town.work(for_s=1_000, idle_s=400)

    assert set(town.differences(shop, tenant)) == {bad}
    assert town.due() == []
