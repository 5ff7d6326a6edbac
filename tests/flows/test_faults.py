"""Answers that lie while a shop is being connected: nothing is made twice, deleted or believed because of them."""

from random import Random
from string import ascii_letters

import httpx
import pytest

from service import activations, codebooks, inbox
from service.activations import Step
from service.flows import version
from service.lanes import Lane
from service.steps.lifecycle import Call, Endpoint
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town

HOOKS = 15
LIES = ("empty", "short", "html")
BOTH = ("/webhooks", "/webhooks/events")


class Killed(BaseException):
    """What kill -9 looks like from inside."""


def signed(town: Town, shop: WorldShop, endpoint: Endpoint) -> Call:
    digest = f"{endpoint} {town.watch()}"
    return Call(endpoint, shop.token, town.watch(), signature_digest=digest, version="2", language=None)


def states(town: Town, tenant: str) -> dict[Step, str]:
    with town.rig.db.tx(tenant) as conn:
        return {step.step: step.state for step in activations.of(conn, tenant)}


def registered(shop: WorldShop) -> dict[int, tuple[str, str]]:
    return {hook.id: (hook.event, hook.url) for hook in shop.webhooks.values()}


def counted(town: Town, tenant: str, kind: str) -> int:
    with town.rig.db.tx(tenant) as conn:
        return len(codebooks.entries(conn, tenant, kind))


@pytest.mark.parametrize("template", BOTH)
@pytest.mark.parametrize("kind", LIES)
def test_a_lie_about_webhooks_during_an_activation_costs_none(town: Town, kind: str, template: str) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    shop.faults.add(kind, calls=None, method="GET", template=template)
    town.work(for_s=60, idle_s=60)
    shop.faults.clear()

    town.work(for_s=600, idle_s=200)

    events = [event for event, _ in registered(shop).values()]
    assert len(events) == len(set(events)) == HOOKS
    assert set(states(town, tenant).values()) == {"done"}


@pytest.mark.parametrize("template", BOTH)
@pytest.mark.parametrize("kind", LIES)
def test_a_lie_about_webhooks_at_a_version_change_touches_none(town: Town, kind: str, template: str) -> None:
    shop, tenant = town.activated(orders=3)
    before = registered(shop)
    town.watch.move(60)
    shop.faults.add(kind, calls=None, method="GET", template=template)
    version.run(town.rig, signed(town, shop, Endpoint.VERSION), None)

    town.work(for_s=60, idle_s=60)
    assert registered(shop) == before
    shop.faults.clear()
    town.work(for_s=600, idle_s=200)

    assert registered(shop) == before
    assert set(states(town, tenant).values()) == {"done"}


@pytest.mark.parametrize("kind", LIES)
def test_a_lie_to_the_successor_of_a_killed_worker_makes_none_twice(town: Town, kind: str) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    answered = town.rig.transport.handler

    def dying(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and len(shop.webhooks) == 7:
            raise Killed
        return answered(request)

    town.rig.transport.handler = dying
    with pytest.raises(Killed):
        town.work()
    town.rig.transport.handler = answered
    town.watch.move(46)  # until the lease is over
    shop.faults.add(kind, calls=2, method="GET", template="/webhooks")

    town.work(for_s=600, idle_s=200)

    events = [event for event, _ in registered(shop).values()]
    assert len(events) == len(set(events)) == HOOKS
    assert set(states(town, tenant).values()) == {"done"}


def test_a_webhook_that_stays_away_is_made_again(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    shop.webhooks.clear()
    version.run(town.rig, signed(town, shop, Endpoint.VERSION), None)

    town.work(for_s=600, idle_s=200)

    assert len({event for event, _ in registered(shop).values()}) == HOOKS
    assert states(town, tenant)[Step.WEBHOOKS] == "done"


def test_an_event_that_stays_away_leaves_its_webhook_alone(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    before = registered(shop)
    shop.faults.add("short", calls=None, items=5, method="GET", template="/webhooks/events")
    version.run(town.rig, signed(town, shop, Endpoint.VERSION), None)

    town.work(for_s=600, idle_s=200)

    assert registered(shop) == before
    assert states(town, tenant)[Step.WEBHOOKS] == "done"


@pytest.mark.parametrize("kind", ["empty", "html"])
@pytest.mark.parametrize("template", ["/owner", "/languages", "/order-statuses", "/shipments", "/payments"])
def test_a_lie_about_a_list_during_an_activation_is_not_believed(town: Town, template: str, kind: str) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    shop.faults.add(kind, calls=None, method="GET", template=template)
    town.work(for_s=60, idle_s=60)
    shop.faults.clear()

    town.work(for_s=600, idle_s=200)

    assert set(states(town, tenant).values()) == {"done"}
    assert counted(town, tenant, template.removeprefix("/").replace("-", "_")) > 0


def test_a_shop_without_payments_is_connected_all_the_same(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    shop.faults.add("empty", calls=None, method="GET", template="/payments")

    town.work(for_s=600, idle_s=200)

    assert set(states(town, tenant).values()) == {"done"}


def test_a_number_of_kilobytes_is_set_aside_and_the_look_goes_on(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    town.hear(shop, tenant)
    shop.number_format = "".join(Random(7).choices(ascii_letters, k=9_000)) + "{n}"  # not to be compressed
    long = changes.create_order(town.world, shop).number
    shop.number_format = "B{n}"
    other = changes.create_order(town.world, shop).number

    town.deliver()
    town.work()

    assert town.differences(shop, tenant) == {long: "missing"}
    assert other in town.mirrored(tenant)
    with town.rig.db.tx_all("a test asks what is owed") as conn:
        debt = inbox.debt(conn, Lane.REFRESH_ORDERS, now=town.watch())
    assert (debt.due, debt.later, debt.parked, debt.unexpanded) == (0, 0, 0, 0)
