"""What a shop that refuses us costs, what waits for a person, and how everything goes on once the shop was mended."""

from datetime import timedelta

import pytest

from service import activations, tenants
from service.activations import Step
from service.flows import activate, admit, go_on, refresh_orders, version
from service.lanes import Lane
from service.platform.errors import CredentialsRejected, RightMissing
from service.steps import setback, turn
from service.steps.lifecycle import Call, Endpoint
from service.tenants import Credentials, State
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import FLOWS, Town

HOUR_S = 3_600
PROBLEMS = "SELECT count(*) AS problems FROM journal WHERE kind = 'problem'"


def states(town: Town, tenant: str) -> dict[str, str]:
    with town.rig.db.tx(tenant) as conn:
        return {step.step.value: step.state for step in activations.of(conn, tenant)}


def failed(town: Town, tenant: str) -> dict[str, str | None]:
    with town.rig.db.tx(tenant) as conn:
        return {step.step.value: step.why for step in activations.of(conn, tenant) if step.state == "failed"}


def seen(town: Town, tenant: str) -> tenants.Tenant:
    with town.rig.db.tx(tenant) as conn:
        found = tenants.of(conn, tenant)
    assert found is not None
    return found


def access(town: Town, tenant: str) -> tenants.Access:
    with town.rig.db.tx(tenant) as conn:
        found = tenants.access(conn, tenant)
    assert found is not None
    return found


def problems(town: Town, tenant: str) -> int:
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute(PROBLEMS).fetchone()
    assert found is not None
    return found["problems"]


def logins_refused(shop: WorldShop) -> int:
    return shop.stats.breaches["bad_login"]


def refused(town: Town) -> tuple[WorldShop, str]:
    """Return a shop whose fresh credentials were refused three times."""
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    revoke(shop)
    probe(town)
    return shop, tenant


def revoke(shop: WorldShop, *, revoked: bool = True) -> None:
    assert shop.addon_user
    shop.addon_user.revoked = revoked


def probe(town: Town) -> None:
    """Let every probe of the credentials happen that the hour allows."""
    for seconds in (2, 31, 301, 31, 301, 600):
        town.watch.move(seconds)
        town.beat()


def changed(town: Town, shop: WorldShop, tenant: str) -> str:
    """Change an order, tell it so that it is due to be read, and return its number."""
    town.hear(shop, tenant)
    number = next(iter(shop.orders))
    changes.change_order(town.world, shop, number, internal_note="changed")
    town.deliver()
    turn.take_in(town.rig, tenant, Lane.REFRESH_ORDERS)
    town.watch.move(5)
    return number


def install(town: Town, shop: WorldShop) -> str:
    """Install with fresh credentials, as the door does."""
    user = town.world.install(shop)
    return admit.run(town.rig, call(town, shop), Credentials(town.world.api_url(shop), user.login, user.key))


def call(town: Town, shop: WorldShop, endpoint: Endpoint = Endpoint.INSTALL) -> Call:
    signature = f"{endpoint} at {town.watch()}"
    return Call(endpoint, shop.token, town.watch(), signature, version="2", language="cs")


def test_a_missing_right_is_a_problem_for_a_person_and_costs_no_further_call(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    assert shop.addon_user
    town.world.set_rights(shop, shop.addon_user, {"owner": "deny"})
    town.work()
    before = shop.stats.total

    for _ in range(4):
        town.watch.move(HOUR_S)
        town.beat()

    assert failed(town, tenant) == {"owner": "owner: our access to the shop lacks the right for it (403)"}
    assert problems(town, tenant) == 1
    assert seen(town, tenant).state is State.ACTIVE
    assert shop.stats.total == before


def test_an_activation_that_lacked_a_right_goes_on_by_retry(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    assert shop.addon_user
    town.world.set_rights(shop, shop.addon_user, {"owner": "deny"})
    town.work()
    town.world.set_rights(shop, shop.addon_user, {"owner": "all"})

    assert go_on.run(town.rig, tenant) == ["the failed activation"]
    town.work()

    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_a_version_that_brings_the_right_restarts_the_activation_from_its_first_step(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    assert shop.addon_user
    town.world.set_rights(shop, shop.addon_user, {"owner": "deny"})
    town.work()
    town.world.set_rights(shop, shop.addon_user, {"owner": "all"})

    assert version.run(town.rig, call(town, shop, Endpoint.VERSION), None)
    town.work()

    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_an_access_switched_off_during_the_activation_is_tried_again_until_it_is_back(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    town.world.block_addon(403)
    town.work(for_s=200, idle_s=200)
    assert states(town, tenant)["connect"] == "running"
    assert seen(town, tenant).state is State.ACTIVE
    assert shop.stats.total <= 6

    town.world.unblock_addon()
    town.work(for_s=300, idle_s=130)

    assert set(states(town, tenant).values()) == {"done"}
    assert problems(town, tenant) == 0


def test_an_access_switched_off_suspends_a_running_shop_until_retry(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    town.world.block_addon(403)
    changed(town, shop, tenant)
    town.beat()
    assert seen(town, tenant).state is State.SUSPENDED
    assert seen(town, tenant).state_why == "the shop or UPgates switched our access off (403)"
    town.world.unblock_addon()
    town.watch.move(HOUR_S)
    assert town.due() == []

    assert go_on.run(town.rig, tenant) == ["the suspended shop"]
    town.work()

    assert seen(town, tenant).state is State.ACTIVE
    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_a_rejected_login_of_a_running_shop_costs_one_login_and_waits_for_retry(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    revoke(shop)
    changed(town, shop, tenant)
    town.beat()
    town.watch.move(HOUR_S)
    town.beat()
    assert (logins_refused(shop), seen(town, tenant).state) == (1, State.SUSPENDED)
    revoke(shop, revoked=False)

    go_on.run(town.rig, tenant)
    town.work()

    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_a_rejected_login_of_a_running_shop_ends_with_a_new_installation(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    revoke(shop)
    changed(town, shop, tenant)
    town.beat()
    assert seen(town, tenant).state is State.SUSPENDED

    assert install(town, shop) == tenant
    town.work()

    assert seen(town, tenant).state is State.ACTIVE
    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_a_shop_suspended_in_the_middle_of_its_pull_is_read_whole_after_retry(town: Town) -> None:
    shop = town.open_shop(orders=250)
    tenant = town.install(shop)
    while states(town, tenant)["codebooks"] != "done":
        town.watch.move(1)
        activate.run(town.rig, tenant)
    revoke(shop)
    town.work()
    assert (seen(town, tenant).state, logins_refused(shop)) == (State.SUSPENDED, 1)
    revoke(shop, revoked=False)

    go_on.run(town.rig, tenant)
    town.work()

    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def retried(town: Town, shop: WorldShop, tenant: str) -> None:
    revoke(shop, revoked=False)
    assert go_on.run(town.rig, tenant) == ["the failed activation"]


def installed_anew(town: Town, shop: WorldShop, tenant: str) -> None:
    assert install(town, shop) == tenant


@pytest.mark.parametrize("restart", [retried, installed_anew])
def test_a_failed_activation_is_restarted_and_waits_until_the_hour_of_bad_logins_is_over(town: Town, restart) -> None:
    shop, tenant = refused(town)
    assert list(failed(town, tenant)) == ["connect"]
    before = shop.stats.total

    restart(town, shop, tenant)
    probe(town)
    assert shop.stats.total == before

    town.watch.move(HOUR_S)
    town.work()

    assert logins_refused(shop) == 3
    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_a_retry_that_comes_too_early_risks_no_login_within_the_hour(town: Town) -> None:
    shop, tenant = refused(town)

    for _ in range(3):
        go_on.run(town.rig, tenant)
        town.watch.move(120)
        town.beat()

    assert logins_refused(shop) == 3


def test_credentials_that_worked_before_are_doubted_once_the_activation_sees_them_refused(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    revoke(shop)
    version.run(town.rig, call(town, shop, Endpoint.VERSION), None)
    probe(town)
    assert list(failed(town, tenant)) == ["webhooks"]

    go_on.run(town.rig, tenant)
    probe(town)

    assert logins_refused(shop) == 3
    revoke(shop, revoked=False)
    town.watch.move(HOUR_S)
    town.work()
    assert set(states(town, tenant).values()) == {"done"}


def test_a_refresh_risks_no_login_while_the_activation_probes(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    revoke(shop)
    version.run(town.rig, call(town, shop, Endpoint.VERSION), None)
    activate.run(town.rig, tenant)
    changed(town, shop, tenant)

    for lane in refreshing():
        FLOWS[lane](town.rig, tenant)

    assert (logins_refused(shop), seen(town, tenant).state) == (1, State.ACTIVE)
    revoke(shop, revoked=False)
    town.work(for_s=120, idle_s=60)
    assert set(states(town, tenant).values()) == {"done"}
    assert town.differences(shop, tenant) == {}


def test_fresh_credentials_are_tried_by_the_activation_before_any_refresh(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    changed(town, shop, tenant)
    assert install(town, shop) == tenant
    before = shop.stats.total

    assert {lane for lane, _ in town.due()} & refreshing() == set()
    for lane in refreshing():
        FLOWS[lane](town.rig, tenant)
    assert shop.stats.total == before
    town.work()

    assert not access(town, tenant).doubted
    assert town.differences(shop, tenant) == {}


def refreshing() -> set[Lane]:
    return {lane for lane in FLOWS if lane.startswith("refresh")}


def test_what_was_told_while_fresh_credentials_were_refused_is_read_once_they_work(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    install(town, shop)
    revoke(shop)
    number = changed(town, shop, tenant)
    probe(town)
    assert refresh_orders.run(town.rig, tenant) == 0
    assert logins_refused(shop) == 3
    assert town.mirrored(tenant)[number]["content"] != shop.orders[number].record

    retried(town, shop, tenant)
    town.watch.move(HOUR_S)
    town.work()

    assert town.differences(shop, tenant) == {}


@pytest.mark.parametrize("trouble", [RightMissing("denied"), CredentialsRejected("401")])
def test_a_worker_whose_step_was_taken_over_decides_nothing_about_it(town: Town, trouble) -> None:
    shop, tenant = town.activated(orders=3)
    with town.rig.db.tx(tenant) as conn:
        activations.again(conn, tenant, step=Step.WEBHOOKS, now=town.watch())
        slow = activations.claim(conn, tenant, Lane.ACTIVATE, now=town.watch(), lease_s=45)
    assert slow
    town.watch.move(46)
    activate.run(town.rig, tenant)

    with town.rig.db.tx(tenant) as conn:
        setback.take(conn, tenant, slow, trouble, now=town.watch())

    assert set(states(town, tenant).values()) == {"done"}
    assert not access(town, tenant).doubted
    assert problems(town, tenant) == 0
    assert shop.stats.broken == 0


def test_a_step_that_is_put_off_shows_why_and_when_and_a_busy_shop_is_no_failure(town: Town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    shop.faults.add("busy", retry_after=timedelta(minutes=7))
    town.watch.move(2)
    activate.run(town.rig, tenant)

    with town.rig.db.tx(tenant) as conn:
        connect = activations.of(conn, tenant)[0]
    assert (connect.state, connect.why, connect.due_at) == (
        "running",
        None,
        town.watch() + timedelta(minutes=7),
    )


def test_there_is_nothing_to_retry_of_a_shop_that_is_not_with_us(town: Town) -> None:
    _, tenant = refused(town)
    with town.rig.db.tx(tenant) as conn:
        tenants.dismiss(conn, tenant, now=town.watch())
        activations.stop(conn, tenant)

    for stranger, why in ((tenant, "was uninstalled"), ("t_nobody", "there is no tenant t_nobody")):
        with pytest.raises(LookupError, match=why):
            go_on.run(town.rig, stranger)

    assert town.due() == []
    with town.rig.db.tx(tenant) as conn:
        assert all(step.due_at is None for step in activations.of(conn, tenant))


def test_a_shop_in_which_nothing_stopped_is_left_alone(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    before = shop.stats.total

    assert go_on.run(town.rig, tenant) == []
    town.work()

    assert shop.stats.total == before
