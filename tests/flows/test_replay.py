"""A signed call that comes again does nothing a second time, not even within the second that it names."""

from collections.abc import Callable

import pytest

from service import activations, inbox, tenants
from service.flows import admit, dismiss
from service.inbox import Delivery
from service.lanes import Lane
from service.steps import expand, turn
from service.steps.lifecycle import Endpoint, Stale
from service.tenants import Credentials, State
from tests.lifecycle import API_URL, CREDENTIALS, Bench, bench

OTHER = Credentials(API_URL, "addon-8", "another-key")


@pytest.fixture
def shop(database, tmp_path):
    with bench(database.url, tmp_path) as made:
        yield made


def install(shop: Bench, credentials: Credentials = CREDENTIALS, *, signature: str) -> str:
    return admit.run(shop.rig, shop.call(signature_digest=signature), credentials)


def uninstall(shop: Bench, *, signature: str) -> bool:
    return dismiss.run(shop.rig, shop.call(Endpoint.UNINSTALL, signature_digest=signature))


def access(shop: Bench, tenant_id: str) -> tenants.Access:
    with shop.rig.db.tx(tenant_id) as conn:
        found = tenants.access(conn, tenant_id)
    assert found is not None
    return found


def suspend(shop: Bench, tenant_id: str) -> None:
    revision = access(shop, tenant_id).credentials_revision
    with shop.rig.db.tx(tenant_id) as conn:
        tenants.suspend(conn, tenant_id, why="401", credentials_revision=revision)


def test_a_replayed_uninstallation_does_not_uninstall_a_shop_that_came_back_within_the_second(shop) -> None:
    tenant_id = install(shop, signature="came")
    uninstall(shop, signature="left")
    install(shop, OTHER, signature="came back")

    assert not uninstall(shop, signature="left")

    assert access(shop, tenant_id).state is State.ACTIVE
    assert access(shop, tenant_id).api_user == "addon-8"


def test_a_replayed_installation_does_not_bring_back_a_shop_that_left_within_the_second(shop) -> None:
    tenant_id = install(shop, signature="came")
    uninstall(shop, signature="left")

    with pytest.raises(Stale, match="has left since"):
        install(shop, signature="came")

    assert (access(shop, tenant_id).state, access(shop, tenant_id).api_key_sealed) == (State.DISMISSED, b"")
    assert shop.one("SELECT count(*) AS n FROM activation_steps WHERE due_at IS NOT NULL")["n"] == 0


def test_a_replayed_installation_does_not_bring_back_older_credentials(shop) -> None:
    tenant_id = install(shop, signature="came")
    install(shop, OTHER, signature="came with others")

    assert install(shop, signature="came") == tenant_id

    assert access(shop, tenant_id).api_user == "addon-8"


def test_a_replayed_installation_wakes_no_suspended_shop(shop) -> None:
    tenant_id = install(shop, signature="came")
    suspend(shop, tenant_id)

    assert install(shop, signature="came") == tenant_id

    assert access(shop, tenant_id).state is State.SUSPENDED


def test_a_replayed_installation_does_not_risk_the_logins_of_a_failed_activation_again(shop) -> None:
    tenant_id = install(shop, signature="came")
    shop.watch.pass_s(60)
    with shop.rig.db.tx(tenant_id) as conn:
        claimed = activations.claim(conn, tenant_id, Lane.ACTIVATE, now=shop.watch.at, lease_s=45)
        assert claimed
        activations.fail(conn, tenant_id, claimed, why="401")
    shop.watch.pass_s(-60)

    assert install(shop, signature="came") == tenant_id

    with shop.rig.db.tx(tenant_id) as conn:
        assert activations.has_failed(conn, tenant_id)


def test_an_installation_sent_twice_is_fine(shop) -> None:
    assert install(shop, signature="came") == install(shop, signature="came")
    assert len(shop.wakes.sent) == 1


def test_an_uninstallation_sent_twice_is_fine(shop) -> None:
    install(shop, signature="came")

    assert [uninstall(shop, signature="left") for _ in range(2)] == [True, False]


def nothing(shop: Bench, tenant_id: str) -> None: ...


def leave(shop: Bench, tenant_id: str) -> None:
    uninstall(shop, signature="left")


# The add-on was activated, then this happened, then it was activated with these credentials: is what the webhooks of
# the first activation tell still heard? Only an uninstallation deletes them for sure (docs/upgates.md 2.5).
ACTIVATED_AGAIN = [
    (nothing, CREDENTIALS, True),
    (nothing, OTHER, True),
    (suspend, CREDENTIALS, True),
    (suspend, OTHER, True),
    (leave, CREDENTIALS, False),
    (leave, OTHER, False),
]


@pytest.mark.parametrize(("happened", "credentials", "heard"), ACTIVATED_AGAIN)
def test_only_an_uninstallation_makes_webhooks_stale(
    shop, happened: Callable[[Bench, str], None], credentials: Credentials, heard: bool
) -> None:
    tenant_id = install(shop, signature="came")
    first = access(shop, tenant_id).generation
    happened(shop, tenant_id)
    shop.watch.pass_s(1)
    install(shop, credentials, signature="came again")

    assert (access(shop, tenant_id).generation == first) is heard
    assert hears(shop, tenant_id, generation=first) is heard
    assert hears(shop, tenant_id, generation=access(shop, tenant_id).generation)


def hears(shop: Bench, tenant_id: str, *, generation: int) -> bool:
    """Say whether a webhook of this generation becomes a hint."""
    body = b'{"orders": [{"order_number": "1"}]}'
    sent = Delivery(tenant_id, generation, "Orders.update", Lane.REFRESH_ORDERS, body, len(body), shop.watch.at)
    with shop.rig.db.tx(tenant_id) as conn:
        inbox.store(conn, [sent])
        fence = tenants.fence(conn, tenant_id)
        dial = turn.dial_of(shop.rig)
        done = expand.expand(conn, tenant_id, Lane.REFRESH_ORDERS, fence=fence, dial=dial, now=shop.watch.at)
    return done.hints == 1 and not done.dropped
