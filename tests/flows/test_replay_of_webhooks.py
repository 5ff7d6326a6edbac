"""What was delivered is read once more, for as many calls as were stated, and never mailed."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from service import inbox
from service.db import Row
from service.flows import refresh_orders, refresh_products, replay
from service.lanes import Lane
from simulator import changes
from tests.flows.shipping import Live, live
from tests.flows.town import Town

HOUR = timedelta(hours=1)


def outbox_rows(shop: Live) -> list[Row]:
    with shop.town.rig.db.tx(shop.tenant) as conn:
        return conn.execute("SELECT * FROM outbox ORDER BY order_number").fetchall()


def test_a_replay_touches_no_update_and_mails_nobody(town: Town) -> None:
    shop = live(town, count=8)
    town.hear(shop.shop, shop.tenant)
    shop.want(*shop.numbers[:3])
    shop.after(5)
    town.deliver()
    town.work()
    shop.after(600)
    town.work()
    before, mails, puts = outbox_rows(shop), shop.mails(), shop.puts()
    assert mails == 3
    now = town.watch()

    effects = replay.weigh(town.rig, shop.tenant, since=now - 2 * HOUR, until=now)
    assert outbox_rows(shop) == before
    assert replay.run(town.rig, shop.tenant, effects, since=now - 2 * HOUR, until=now) >= 3
    assert outbox_rows(shop) == before
    town.work()
    shop.after(600)

    assert (shop.mails(), shop.puts()) == (mails, puts)
    flags = [(row["want_mail"], row["want_sms"], row["sent_status_id"], row["revision"]) for row in outbox_rows(shop)]
    assert flags == [(row["want_mail"], row["want_sms"], row["sent_status_id"], row["revision"]) for row in before]


def test_a_replay_costs_no_more_calls_than_it_said(town: Town) -> None:
    shop, tenant = town.activated(orders=230, products=3)
    town.hear(shop, tenant)
    for number in shop.orders:
        changes.change_order(town.world, shop, number, internal_note="seen")
    town.deliver()
    town.work()
    town.watch.move(60)
    now, before = town.watch(), shop.stats.total

    effects = replay.weigh(town.rig, tenant, since=now - HOUR, until=now)
    replay.run(town.rig, tenant, effects, since=now - HOUR, until=now)
    town.work()

    assert (effects.deliveries, effects.count(Lane.REFRESH_ORDERS), effects.calls) == (230, 230, 3)
    assert shop.stats.total - before <= effects.calls


def test_a_webhook_that_names_nothing_readable_is_replayed_as_a_look(town: Town) -> None:
    _, tenant = town.activated(orders=2)
    town.deliver([town.delivery(tenant, "Orders.update", b"nonsense"), town.delivery(tenant, "Payments.update", b"{}")])
    town.watch.move(1)

    effects = replay.weigh(town.rig, tenant, since=town.watch() - HOUR, until=town.watch())

    assert effects.keys == {Lane.REFRESH_ORDERS: [inbox.LOOK], Lane.REFRESH_SHIPPING: [inbox.LOOK]}
    assert (effects.looks, effects.calls) == ([Lane.REFRESH_ORDERS], 3)
    town.work()
    since = town.watch() - HOUR
    replay.run(town.rig, tenant, effects, since=since, until=town.watch())
    with town.rig.db.tx(tenant) as conn:
        told = {each.cause: each.doubted_from for each in inbox.looks_of(conn, tenant, Lane.REFRESH_ORDERS, most=9)}
    assert told[inbox.Cause.PERSON] == since


@given(some.sets(some.text("12;", min_size=1, max_size=4)), some.sets(some.integers(1, 200).map(str)))
def test_the_calls_stated_are_those_of_full_batches(numbers: set[str], products: set[str]) -> None:
    keys = {Lane.REFRESH_ORDERS: sorted(numbers), Lane.REFRESH_PRODUCTS: sorted(products)}
    alone = sum(";" in number for number in numbers)

    assert (replay.ORDERS_A_CALL, replay.PRODUCTS_A_CALL) == (refresh_orders.MOST, refresh_products.MOST)
    together = -(-(len(numbers) - alone) // refresh_orders.MOST)
    assert replay.cost(keys, addon="expedition") == alone + together + -(-len(products) // refresh_products.MOST)
