"""Tokens hang on accounts, are shown once, and open nothing after they were revoked."""

from datetime import timedelta

import pytest

from service import accounts, tenants
from service.accounts import Kind, Person
from service.kit.seal import Seal
from tests.lifecycle import CREDENTIALS, START

OWNER = {
    "company": "Kvítek s.r.o.",
    "company_number": "12345678",
    "vat_number": "CZ12345678",
    "email": "Owner@example.com",
    "phone": None,
    "firstname": "",
    "bank_account": "1",
}
PERSON = accounts.person_of(OWNER)


@pytest.fixture
def conn(db):
    with db.tx_all("a test") as conn:
        yield conn


@pytest.fixture
def merchant(conn):
    return accounts.create_merchant(conn, OWNER, now=START)


def test_an_account_is_who_the_owner_is(conn, merchant) -> None:
    account = accounts.of(conn, merchant)

    assert account.kind is Kind.MERCHANT
    assert account.person == Person("Kvítek s.r.o.", "12345678", "CZ12345678", "Owner@example.com", None)


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"firstname": "Jana", "surname": "Nová"}, "Jana Nová"),
        ({"email": "a@example.com"}, "a@example.com"),
        ({"company": None}, "?"),
        ({}, "?"),
    ],
)
def test_an_owner_without_a_company_still_has_a_name(entry, name) -> None:
    assert accounts.person_of(entry).name == name


def test_accounts_are_listed_and_an_unknown_one_is_none(conn, merchant) -> None:
    warehouse = accounts.create(conn, Kind.WAREHOUSE, Person("Sklad"), now=START + timedelta(seconds=1))

    assert [account.account_id for account in accounts.everyone(conn)] == [merchant, warehouse]
    assert accounts.of(conn, "a_nobody") is None


@pytest.mark.parametrize(
    ("person", "found"),
    [
        (Person("x", company_number="12345678"), True),
        (Person("x", email="owner@EXAMPLE.com"), True),
        (Person("x", company_number="1", email="b@example.com"), False),
        (Person("Kvítek s.r.o."), False),
    ],
)
def test_candidates_for_pairing_share_number_or_mail(conn, merchant, person, found) -> None:
    assert [account.account_id for account in accounts.alike(conn, person)] == [merchant] * found


def test_a_warehouse_is_no_candidate_for_a_merchant(conn) -> None:
    accounts.create(conn, Kind.WAREHOUSE, PERSON, now=START)

    assert accounts.alike(conn, PERSON) == []


def test_a_token_opens_its_account_until_it_is_revoked(conn, merchant) -> None:
    token = accounts.add_token(conn, merchant, label="ERP", now=START)
    assert accounts.bearer(conn, token.secret).account_id == merchant

    assert accounts.revoke(conn, merchant, token_id=token.token_id, now=START)

    assert accounts.bearer(conn, token.secret) is None
    assert not accounts.revoke(conn, merchant, token_id=token.token_id, now=START)


def test_a_token_is_shown_once(conn, merchant) -> None:
    made = accounts.add_token(conn, merchant, label="ERP", now=START)

    (listed,) = accounts.tokens(conn, merchant)

    assert (listed.token_id, listed.label, listed.secret) == (made.token_id, "ERP", None)
    assert made.secret not in repr(made)
    assert made.secret not in str(conn.execute("SELECT * FROM account_tokens").fetchall())


def test_a_token_is_revoked_by_its_own_account_only(conn, merchant) -> None:
    other = accounts.create(conn, Kind.MERCHANT, PERSON, now=START)
    token = accounts.add_token(conn, merchant, label="ERP", now=START)

    assert not accounts.revoke(conn, other, token_id=token.token_id, now=START)


@pytest.mark.parametrize("secret", ["", "k_none", "\u2603"])
def test_an_unknown_token_opens_nothing(conn, merchant, secret) -> None:
    assert accounts.bearer(conn, secret) is None


def test_an_account_that_was_left_is_closed_when_nothing_hangs_on_it(conn, merchant) -> None:
    assert accounts.left(conn, merchant)
    assert accounts.of(conn, merchant) is None


def test_an_account_with_a_token_is_not_closed(conn, merchant) -> None:
    accounts.add_token(conn, merchant, label="ERP", now=START)

    assert not accounts.left(conn, merchant)


@pytest.mark.parametrize("hang", [tenants.pair, tenants.ship_from])
def test_an_account_with_a_shop_is_not_closed(conn, merchant, hang) -> None:
    seal = Seal(["MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="])
    tenant_id, _ = tenants.admit(conn, "shop-1", CREDENTIALS, time=START, seal=seal, now=START)
    hang(conn, tenant_id, account_id=merchant)

    assert not accounts.left(conn, merchant)
