"""What makes us look without a word of the shop: our own absence, its silence, hooks that are off."""

from datetime import timedelta

import pytest

from service import activations, codebooks, inbox, problems
from service.flows import attend, sweep
from service.inbox import Cause
from service.lanes import Lane
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town

ORDERS = Lane.REFRESH_ORDERS
HOUR_S = 3_600
DAY_S = 24 * HOUR_S


def causes(town: Town, tenant: str) -> list[Cause]:
    with town.rig.db.tx(tenant) as conn:
        return [each.cause for each in inbox.looks_of(conn, tenant, ORDERS, most=50)]


def calls(town: Town, tenant: str, since_s: float) -> dict[str, int]:
    """Return how often each row of the call plan was used."""
    told = "SELECT plan, count(*) AS calls FROM calls WHERE began_at >= %s GROUP BY plan"
    with town.rig.db.tx(tenant) as conn:
        rows = conn.execute(told, [town.watch() - timedelta(seconds=since_s)]).fetchall()
    return {row["plan"]: row["calls"] for row in rows}


def alarms(town: Town, tenant: str) -> list[problems.Cause]:
    with town.rig.db.tx(tenant) as conn:
        return [each.cause for each in problems.open_ones(conn, tenant)]


def hook(shop: WorldShop, event: str):
    return next(each for each in shop.webhooks.values() if each.event == event)


def swept(town: Town, tenant: str) -> None:
    sweep.run(town.rig, tenant)
    town.work()


def test_after_twelve_hours_without_a_receiver_each_shop_is_looked_at_once_and_its_webhooks_too(town: Town) -> None:
    shop, tenant = town.activated(orders=150)
    attend.run(town.rig, {})
    for number in list(shop.orders)[:120]:
        town.watch.move(12 * HOUR_S / 120)
        changes.change_order(town.world, shop, number, internal_note="lost")
    town.watch.move(60)

    attend.run(town.rig, {})
    began = town.watch()
    for _ in range(3):
        swept(town, tenant)

    assert town.differences(shop, tenant) == {}
    assert causes(town, tenant) == [Cause.OUTAGE]
    spent = calls(town, tenant, (town.watch() - began).total_seconds())
    assert spent == {"orders_changes": 2, "products_changes": 1, "webhooks_on_evidence": 1}


def test_an_outage_is_told_to_one_process_and_spreads_the_looks_in_waves(town: Town) -> None:
    tenants = [town.install(town.open_shop(f"shop{place}", orders=0)) for place in range(7)]
    attend.run(town.rig, {})
    town.watch.move(299)
    attend.run(town.rig, {})
    with town.rig.db.tx_all("a test asks") as conn:
        assert inbox.away_after(conn, town.watch() - timedelta(days=1)) is None

    town.watch.move(300)
    for _ in range(2):  # two processes
        attend.run(town.rig, {})

    due = "SELECT sweep_due_at - %s AS wait, count(*) AS shops FROM tenants GROUP BY 1 ORDER BY 1"
    with town.rig.db.tx_all("a test asks") as conn:
        waves = conn.execute(due, [town.watch()]).fetchall()
        outages = conn.execute("SELECT count(*) AS n FROM receiver_outages").fetchone()
    assert [(row["wait"].total_seconds(), row["shops"]) for row in waves] == [(0, 5), (10, 2)]
    assert len(tenants) == 7
    assert outages == {"n": 1}


def test_a_process_that_took_all_that_came_while_the_database_was_away_makes_nobody_look(town: Town) -> None:
    _, tenant = town.activated(orders=5)
    attend.run(town.rig, {})
    began = town.watch()
    town.watch.move(HOUR_S)

    attend.run(town.rig, {}, here_since=began)
    swept(town, tenant)
    assert causes(town, tenant) == []

    town.watch.move(HOUR_S)
    attend.run(town.rig, {}, here_since=began + timedelta(seconds=HOUR_S + 1))  # something was refused meanwhile
    swept(town, tenant)
    assert causes(town, tenant) == [Cause.OUTAGE]


def test_a_quiet_shop_costs_less_than_a_third_of_a_call_a_day_each_for_a_recorded_cause(town: Town) -> None:
    _, tenant = town.activated(orders=20)
    town.watch.move(60)
    began = town.watch()
    for _ in range(30 * 4):
        town.watch.move(DAY_S / 4 - 10)
        swept(town, tenant)

    spent = calls(town, tenant, (town.watch() - began).total_seconds())
    assert spent == {"orders_changes": 4}
    assert sum(spent.values()) / 30 <= 0.3
    assert causes(town, tenant) == [Cause.SILENCE] * 4
    assert alarms(town, tenant) == []


def test_a_refused_webhook_is_looked_after_once_the_shop_has_sent_it_again(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.watch.move(HOUR_S)
    before = town.calls(shop)

    attend.run(town.rig, {(tenant, ORDERS): town.watch()})
    town.work(for_s=300)
    assert town.calls(shop) == before
    town.watch.move(600)
    town.work()

    assert town.calls(shop) - before == 1
    assert causes(town, tenant) == [Cause.REFUSED]


@pytest.mark.parametrize("fault", ["off", "elsewhere", "double"])
def test_a_change_no_webhook_told_has_the_webhooks_looked_at_and_mended(town: Town, fault: str) -> None:
    shop, tenant = town.activated(orders=5)
    hooked = hook(shop, "Orders.update")
    url, count = hooked.url, len(shop.webhooks)
    if fault == "off":
        hooked.active = False
    if fault == "elsewhere":
        hooked.url = hooked.url.replace(".1/", ".0/")
    if fault == "double":
        town.rig.shop(tenant, Lane.ACTIVATE).create_webhook("again", url, "Orders.update")
    town.watch.move(2 * HOUR_S)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="lost")
    town.watch.move(HOUR_S)

    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, ORDERS, Cause.PERSON, now=town.watch(), doubted_from=None)
    town.work()

    hooks = [each for each in shop.webhooks.values() if each.event == "Orders.update"]
    assert [(each.active, each.url) for each in hooks] == [(True, url)]
    assert len(shop.webhooks) == count
    assert calls(town, tenant, 300)["webhooks_on_evidence"] == 1
    assert town.differences(shop, tenant) == {}


def test_a_change_that_was_told_is_no_evidence_against_the_webhooks(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    town.watch.move(2 * HOUR_S)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="told")
    town.watch.move(11 * 60)
    town.deliver()
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, ORDERS, Cause.PERSON, now=town.watch(), doubted_from=None)

    town.work()

    assert "webhooks_on_evidence" not in calls(town, tenant, 600)


def test_a_hook_whose_last_call_failed_by_the_shops_own_word_makes_its_lane_look(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.watch.move(2 * HOUR_S)
    hook(shop, "Orders.create").last_error_at = town.watch()
    changes.create_order(town.world, shop)
    town.watch.move(HOUR_S)
    attend.run(town.rig, {})
    with town.rig.db.tx(tenant) as conn:
        assert activations.check_webhooks(conn, tenant, why="a test", now=town.watch())

    town.work()

    assert causes(town, tenant) == [Cause.REFUSED]
    assert town.differences(shop, tenant) == {}


@pytest.mark.parametrize("fault", ["failed", "off"])
def test_a_list_whose_webhook_failed_or_was_off_is_read_once(town: Town, fault: str) -> None:
    shop, tenant = town.activated(orders=5)
    town.watch.move(2 * HOUR_S)
    hooked = hook(shop, "OrderStatuses.create")
    if fault == "failed":
        hooked.last_error_at = town.watch()
    else:
        hooked.active = False
    made = changes.create_status(town.world, shop, {"cs": "Čeká"})
    for _ in range(2):
        town.watch.move(HOUR_S)
        with town.rig.db.tx(tenant) as conn:
            assert activations.check_webhooks(conn, tenant, why="a test", now=town.watch())
        town.work()

    with town.rig.db.tx(tenant) as conn:
        assert str(made["id"]) in codebooks.entries(conn, tenant, "order_statuses")
    assert calls(town, tenant, 3 * HOUR_S)["order_statuses"] == 1


def test_a_shop_that_falls_silent_beyond_its_rhythm_is_an_alarm_and_a_look(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    with town.rig.db.tx(tenant) as conn:  # four weeks of a change every ten minutes
        now = town.watch()
        ago = [now - timedelta(minutes=10 * step) for step in range(6 * 24 * 28)]
        inbox.note_heard(conn, tenant, [("Orders.update", at) for at in ago])
        found = inbox.silences(conn, tenant, now=now + timedelta(hours=4))
    limit = found[0].since
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="lost")
    town.undelivered = []
    town.watch.move((limit - now).total_seconds() - 60)
    swept(town, tenant)
    assert alarms(town, tenant) == []

    town.watch.at = limit + timedelta(minutes=15)  # a quiet shop is swept so often
    swept(town, tenant)
    swept(town, tenant)

    assert alarms(town, tenant) == [problems.Cause.WEBHOOKS_SILENT]
    assert causes(town, tenant) == [Cause.SILENCE]
    assert town.differences(shop, tenant) == {}
    assert calls(town, tenant, 900) == {"orders_changes": 1, "webhooks_on_evidence": 1}
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="heard again")
    town.deliver()
    town.work()
    swept(town, tenant)
    assert alarms(town, tenant) == []


def a_month_of_news(town: Town, tenant: str) -> None:
    """Let a shop have told of a change every ten minutes for four weeks, up to now."""
    with town.rig.db.tx(tenant) as conn:
        ago = [town.watch() - timedelta(minutes=10 * step) for step in range(6 * 24 * 28)]
        inbox.note_heard(conn, tenant, [("Orders.update", at) for at in ago])


def beats_on(town: Town, hours: int) -> None:
    for _ in range(hours * 20):
        town.watch.move(180)
        attend.run(town.rig, {})


def test_a_silence_of_ours_is_no_silence_of_the_shop(town: Town) -> None:
    _, tenant = town.activated(orders=5)
    attend.run(town.rig, {})
    a_month_of_news(town, tenant)

    town.watch.move(6 * HOUR_S)
    swept(town, tenant)  # the workers are back before the receiver is
    attend.run(town.rig, {})
    swept(town, tenant)
    assert alarms(town, tenant) == []
    assert causes(town, tenant) == [Cause.OUTAGE]

    beats_on(town, hours=6)
    swept(town, tenant)
    assert alarms(town, tenant) == [problems.Cause.WEBHOOKS_SILENT]


def test_a_shop_whose_webhooks_wait_to_be_read_is_not_silent(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    a_month_of_news(town, tenant)
    town.watch.move(5 * HOUR_S)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="no worker was there")
    town.deliver()
    town.watch.move(HOUR_S)

    sweep.run(town.rig, tenant)
    assert alarms(town, tenant) == []
    town.work()
    sweep.run(town.rig, tenant)
    assert alarms(town, tenant) == []


def test_a_shop_swept_after_the_second_outage_is_looked_at_for_the_first_one_as_well(town: Town) -> None:
    _, tenant = town.activated(orders=5)
    attend.run(town.rig, {})
    began = town.watch()
    for away_s in (600, 60, 600):
        town.watch.move(away_s)
        attend.run(town.rig, {})

    swept(town, tenant)

    with town.rig.db.tx(tenant) as conn:
        assert [each.doubted_from for each in inbox.looks_of(conn, tenant, ORDERS, most=9)] == [began]
