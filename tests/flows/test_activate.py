"""What stands in the shop and with us when an activation has ended, and what happens when it cannot end."""

from datetime import timedelta

from service import activations, codebooks
from service.flows import activate
from service.lanes import Lane
from tests.flows.town import Town


def states(town: Town, tenant: str) -> dict[str, str]:
    with town.rig.db.tx(tenant) as conn:
        return {step.step.value: step.state for step in activations.of(conn, tenant)}


def test_every_step_ends_and_the_mirror_is_the_shop(town: Town) -> None:
    shop, tenant = town.activated(orders=250, products=60)

    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_one_webhook_an_event_is_registered_and_asked_for_first(town: Town) -> None:
    shop, _ = town.activated(orders=3)

    events = [hook.event for hook in shop.webhooks.values()]
    assert len(events) == len(set(events)) == 15
    assert shop.stats.broken == 0


def test_walking_the_webhooks_again_makes_none_twice(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    with town.rig.db.tx(tenant) as conn:
        activations.again(conn, tenant, step=activations.Step.WEBHOOKS, now=town.watch())

    town.work()

    assert len(shop.webhooks) == 15


def test_a_webhook_switched_off_is_switched_on_and_a_foreign_one_left_alone(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    [first, second, *_] = shop.webhooks.values()
    first.active = False
    second.url = "https://hooks.example.org/somebody-else"
    with town.rig.db.tx(tenant) as conn:
        activations.again(conn, tenant, step=activations.Step.WEBHOOKS, now=town.watch())

    town.work(for_s=600, idle_s=200)  # that one is missing is believed when the list says so again and again

    assert first.active
    assert second.url == "https://hooks.example.org/somebody-else"
    assert len(shop.webhooks) == 16


def test_credentials_that_come_alive_late_are_probed_again(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    user = shop.addon_user
    assert user
    user.revoked = True
    town.watch.move(2)
    activate.run(town.rig, tenant)
    user.revoked = False
    town.work(for_s=60, idle_s=40)

    assert set(states(town, tenant).values()) == {"done"}


def test_dead_credentials_cost_three_logins_an_hour_and_end_with_a_person(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    assert shop.addon_user
    shop.addon_user.revoked = True

    town.work(for_s=3_000, idle_s=400)

    assert shop.stats.breaches["bad_login"] == 3
    assert states(town, tenant)["connect"] == "failed"


def test_a_reinstalled_shop_is_not_pulled_twice(town: Town) -> None:
    shop, tenant = town.activated(orders=250)
    before = town.calls(shop)

    assert town.install(shop) == tenant
    town.work()

    assert town.calls(shop) - before <= 1
    assert set(states(town, tenant).values()) == {"done"}


def test_a_shop_that_comes_back_loses_no_status_by_one_short_list(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    with town.rig.db.tx(tenant) as conn:
        before = codebooks.entries(conn, tenant, "order_statuses").keys()
    shop.faults.add("short", calls=1, method="GET", template="/order-statuses")

    town.install(shop)
    town.work(for_s=120, idle_s=60)

    with town.rig.db.tx(tenant) as conn:
        ever = codebooks.ever(conn, tenant, "order_statuses")
    assert {entry_id for entry_id, entry in ever.items() if entry.gone_at is None} == before
    assert set(states(town, tenant).values()) == {"done"}


def test_a_second_shop_waits_for_the_first_ones_lead(town: Town) -> None:
    town.open_shop("alfa", orders=3)
    town.open_shop("beta", orders=3)
    alfa, beta = (town.install(shop) for shop in town.world.shops.values())
    with town.rig.db.tx(alfa) as conn:
        conn.execute(
            "UPDATE activation_steps SET state = 'running', started_at = %(now)s, due_at = %(now)s"
            " WHERE step = 'orders'",
            {"now": town.watch()},
        )
    town.watch.move(2)

    activate.run(town.rig, beta)

    with town.rig.db.tx(beta) as conn:
        orders = next(step for step in activations.of(conn, beta) if step.step is activations.Step.ORDERS)
    assert orders.due_at == town.watch() - timedelta(seconds=2) + timedelta(seconds=60)
    assert (Lane.PULL, beta) in town.wake.sent
