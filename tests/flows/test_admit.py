"""A signed installation becomes one tenant, and only what is new about it leads to work."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service import activations, inbox, tenants
from service.activations import Step
from service.flows import admit, dismiss, version
from service.flows import open as opening
from service.inbox import Hint
from service.journal import Kind
from service.lanes import Lane
from service.steps.lifecycle import Endpoint, Stale
from service.tenants import CallTooOld, Credentials, State
from tests.lifecycle import API_URL, CREDENTIALS, bench

OTHER = Credentials(API_URL, "addon-8", "another-key")
KINDS = "SELECT array_agg(kind ORDER BY journal_id) AS kinds FROM journal WHERE tenant_id = %(tenant_id)s"
DUE = """
    SELECT (SELECT count(*) FROM activation_steps WHERE due_at IS NOT NULL)
         + (SELECT count(*) FROM hints WHERE due_at IS NOT NULL) AS due
"""


@pytest.fixture
def shop(database, tmp_path):
    with bench(database.url, tmp_path) as made:
        yield made


def install(shop, credentials=CREDENTIALS, **other):
    return admit.run(shop.rig, shop.call(**other), credentials)


def steps(shop, tenant_id):
    with shop.rig.db.tx(tenant_id) as conn:
        return activations.of(conn, tenant_id)


def seen(shop, tenant_id):
    with shop.rig.db.tx(tenant_id) as conn:
        return tenants.of(conn, tenant_id)


def finish(shop, tenant_id):
    """Walk through the plan as the workers would."""
    with shop.rig.db.tx(tenant_id) as conn:
        shop.watch.pass_s(60)
        for lane in (Lane.ACTIVATE, Lane.PULL):
            while claimed := activations.claim(conn, tenant_id, lane, now=shop.watch.at, lease_s=45):
                activations.done(conn, tenant_id, claimed, now=shop.watch.at, next_at=shop.watch.at)


def kinds(shop, tenant_id):
    return shop.one(KINDS, tenant_id=tenant_id)["kinds"]


def test_ten_installations_at_once_are_one_tenant_with_one_plan(shop) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda n: install(shop, signature_digest=f"d{n}"), range(10)))

    assert len(set(found)) == 1
    assert shop.one("SELECT count(*) AS n FROM tenants")["n"] == 1
    assert kinds(shop, found[0]) == [Kind.INSTALLED]
    assert shop.wakes.sent == [(Lane.ACTIVATE, found[0])]


def test_an_installation_plans_the_activation_and_gives_a_slot(shop) -> None:
    tenant_id = install(shop)

    assert [step.step for step in steps(shop, tenant_id)] == list(activations.EXPEDITION)
    assert steps(shop, tenant_id)[0].due_at is not None
    assert seen(shop, tenant_id).slot_minute is not None


def test_installing_an_active_tenant_again_changes_nothing(shop) -> None:
    tenant_id = install(shop)
    finish(shop, tenant_id)
    before = steps(shop, tenant_id)

    assert install(shop) == tenant_id

    assert steps(shop, tenant_id) == before
    assert kinds(shop, tenant_id) == [Kind.INSTALLED]
    assert len(shop.wakes.sent) == 1


def test_new_credentials_are_live_at_once_and_the_steps_are_walked_again(shop) -> None:
    tenant_id = install(shop)
    finish(shop, tenant_id)
    shop.watch.pass_s(1)

    install(shop, OTHER)

    with shop.rig.db.tx(tenant_id) as conn:
        access = tenants.access(conn, tenant_id)
    assert shop.rig.settings.seal.open(access.api_key_sealed) == "another-key"
    assert access.generation == 1
    assert {step.state for step in steps(shop, tenant_id)} == {"waiting"}
    assert kinds(shop, tenant_id)[-1] == Kind.RENEWED


def test_a_shop_that_comes_back_reads_only_what_changed(shop) -> None:
    tenant_id = install(shop)
    finish(shop, tenant_id)
    dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL))
    shop.watch.pass_s(3600)

    assert install(shop, OTHER) == tenant_id

    assert seen(shop, tenant_id).state is State.ACTIVE
    finish_until_orders(shop, tenant_id)
    with shop.rig.db.tx(tenant_id) as conn:
        claimed = activations.claim(conn, tenant_id, Lane.PULL, now=shop.watch.at, lease_s=45)
    assert (claimed.step, claimed.cursor) == (Step.ORDERS, {"delta": True})
    assert kinds(shop, tenant_id)[-1] == Kind.REINSTALLED


def finish_until_orders(shop, tenant_id):
    with shop.rig.db.tx(tenant_id) as conn:
        shop.watch.pass_s(60)
        while claimed := activations.claim(conn, tenant_id, Lane.ACTIVATE, now=shop.watch.at, lease_s=45):
            activations.done(conn, tenant_id, claimed, now=shop.watch.at, next_at=shop.watch.at)


def test_a_suspended_shop_is_woken_by_a_signed_installation(shop) -> None:
    tenant_id = install(shop)
    with shop.rig.db.tx(tenant_id) as conn:
        revision = tenants.access(conn, tenant_id).credentials_revision
        tenants.suspend(conn, tenant_id, why="401", credentials_revision=revision)
    shop.watch.pass_s(1)

    install(shop)

    assert seen(shop, tenant_id).state is State.ACTIVE
    assert kinds(shop, tenant_id)[-1] == Kind.RESUMED


def test_a_replay_of_an_older_installation_is_refused_whole(shop) -> None:
    tenant_id = install(shop)
    old = shop.watch.at
    shop.watch.pass_s(5)
    install(shop, OTHER)

    with pytest.raises(CallTooOld):
        install(shop, time=old, signature_digest="fresh")
    with shop.rig.db.tx(tenant_id) as conn:
        assert tenants.access(conn, tenant_id).api_user == "addon-8"
    assert shop.one("SELECT count(*) AS n FROM lifecycle_requests WHERE signature_digest = 'fresh'")["n"] == 0


def test_an_uninstallation_erases_the_credentials_and_leaves_nothing_due(shop) -> None:
    tenant_id = install(shop)
    with shop.rig.db.tx(tenant_id) as conn:
        inbox.hint(conn, tenant_id, Lane.REFRESH_ORDERS, [Hint("1", True, shop.watch.at)], now=shop.watch.at)

    assert dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL))

    with shop.rig.db.tx(tenant_id) as conn:
        access = tenants.access(conn, tenant_id)
    assert (access.state, access.generation, access.api_key_sealed) == (State.DISMISSED, 2, b"")
    assert shop.one(DUE)["due"] == 0
    assert kinds(shop, tenant_id)[-1] == Kind.UNINSTALLED


@pytest.mark.parametrize("installed", [True, False])
def test_an_uninstallation_of_a_shop_that_is_not_with_us_is_fine(shop, installed) -> None:
    if installed:
        install(shop)
        dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL))
        shop.watch.pass_s(1)

    assert not dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL))


def test_a_signature_of_an_opening_uninstalls_nothing(shop) -> None:
    tenant_id = install(shop)
    opening.run(shop.rig, shop.call(Endpoint.OPEN, signature_digest="captured"), language="cs")

    with pytest.raises(Stale):
        dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL, signature_digest="captured"))
    assert seen(shop, tenant_id).state is State.ACTIVE


def test_an_opening_gives_a_ticket_only_to_a_shop_that_is_with_us(shop) -> None:
    install(shop)

    assert opening.run(shop.rig, shop.call(Endpoint.OPEN), language="cs")
    assert opening.run(shop.rig, shop.call(Endpoint.OPEN, token="nobody"), language="cs") is None


def test_a_version_change_compares_the_webhooks_and_nothing_else(shop) -> None:
    tenant_id = install(shop)
    finish(shop, tenant_id)

    assert version.run(shop.rig, shop.call(Endpoint.VERSION, version="2"), None)

    assert [step.step for step in steps(shop, tenant_id) if step.state == "waiting"] == [Step.WEBHOOKS]
    assert seen(shop, tenant_id).version == "2"
    detail = shop.one("SELECT detail FROM journal WHERE kind = 'version_changed'")["detail"]
    assert (detail["before"], detail["after"]) == ("1", "2")


def test_a_version_change_brings_new_credentials(shop) -> None:
    tenant_id = install(shop)

    version.run(shop.rig, shop.call(Endpoint.VERSION, version="2"), OTHER)

    with shop.rig.db.tx(tenant_id) as conn:
        assert tenants.access(conn, tenant_id).api_user == "addon-8"


def test_a_captured_version_change_cannot_carry_other_credentials(shop) -> None:
    tenant_id = install(shop)
    call = shop.call(Endpoint.VERSION, version="2")
    version.run(shop.rig, call, None)

    assert version.run(shop.rig, call, OTHER)

    with shop.rig.db.tx(tenant_id) as conn:
        assert tenants.access(conn, tenant_id).api_user == "addon-7"


@pytest.mark.parametrize("installed", [True, False])
def test_a_version_change_of_a_shop_that_is_not_with_us_changes_nothing(shop, installed) -> None:
    if installed:
        install(shop)
        dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL))

    assert not version.run(shop.rig, shop.call(Endpoint.VERSION), OTHER)
