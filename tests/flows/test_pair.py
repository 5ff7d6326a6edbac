"""A shop is paired by an explicit act: with an account whose token is shown, or with a new one."""

import pytest

from service import accounts, tenants
from service.accounts import Kind, Person
from service.alarms import Alarm, Owed, channels, owed
from service.flows import admit, pair
from service.flows.pair import Existing, PairingRefused
from tests.lifecycle import CREDENTIALS, START, bench


@pytest.fixture
def shop(database, tmp_path):
    with bench(database.url, tmp_path) as made:
        yield made


@pytest.fixture
def tenant_id(shop):
    return admit.run(shop.rig, shop.call(), CREDENTIALS)


def token_of(shop, kind=Kind.MERCHANT):
    with shop.rig.db.tx_all("a test") as conn:
        account_id = accounts.create(conn, kind, Person("Existing"), now=START)
        return account_id, accounts.add_token(conn, account_id, label="panel", now=START).secret


def everyone(shop):
    with shop.rig.db.tx_all("a test") as conn:
        return [account.account_id for account in accounts.everyone(conn)]


def test_a_token_pairs_with_its_account(shop, tenant_id) -> None:
    account_id, secret = token_of(shop)

    assert pair.run(shop.rig, tenant_id, Existing(secret)) == account_id

    with shop.rig.db.tx(tenant_id) as conn:
        assert tenants.of(conn, tenant_id).account_id == account_id


def test_a_token_nobody_made_pairs_with_nothing(shop, tenant_id) -> None:
    with pytest.raises(PairingRefused):
        pair.run(shop.rig, tenant_id, Existing("k_guessed"))


def test_the_token_of_a_warehouse_is_no_merchants(shop, tenant_id) -> None:
    _, secret = token_of(shop, Kind.WAREHOUSE)

    with pytest.raises(PairingRefused):
        pair.run(shop.rig, tenant_id, Existing(secret))


def test_the_account_a_shop_leaves_is_closed_when_nothing_hangs_on_it(shop, tenant_id) -> None:
    pair.run(shop.rig, tenant_id, Person("Made at activation"))
    account_id, secret = token_of(shop)

    pair.run(shop.rig, tenant_id, Existing(secret))

    assert everyone(shop) == [account_id]


def test_with_the_account_a_shop_leaves_its_channels_are_forgotten(shop, tenant_id) -> None:
    left = pair.run(shop.rig, tenant_id, Person("Made at activation", email="eva@example.com"))
    account_id, secret = token_of(shop)
    with shop.rig.db.tx_all("a test") as conn:
        for owner in (left, account_id):
            told = channels.add(
                conn, channels.Kind.MAIL, account_id=owner, address=None, secret_sealed=None, language="cs", now=START
            )
            owed.put(conn, [Owed(told, tenant_id, "no_echo", Alarm(START))])

    pair.run(shop.rig, tenant_id, Existing(secret))

    with shop.rig.db.tx_all("a test") as conn:
        assert [each.account_id for each in channels.everyone(conn)] == [account_id]
        assert {each for each, _ in owed.of(conn, tenant_id)} == {told}


def test_an_account_with_another_shop_stays(shop, tenant_id) -> None:
    account_id, secret = token_of(shop)
    second = admit.run(shop.rig, shop.call(token="shop-2"), CREDENTIALS)
    pair.run(shop.rig, tenant_id, Existing(secret))
    pair.run(shop.rig, second, Existing(secret))
    with shop.rig.db.tx_all("a test") as conn:
        conn.execute("DELETE FROM account_tokens")

    pair.run(shop.rig, second, Person("New", email="new@example.com"))

    assert account_id in everyone(shop)


def test_pairing_twice_with_one_account_changes_nothing(shop, tenant_id) -> None:
    account_id, secret = token_of(shop)
    pair.run(shop.rig, tenant_id, Existing(secret))

    assert pair.run(shop.rig, tenant_id, Existing(secret)) == account_id
    assert shop.one("SELECT count(*) AS n FROM journal WHERE kind = 'paired'")["n"] == 1
