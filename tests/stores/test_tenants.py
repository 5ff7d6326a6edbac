"""One tenant per token, its credentials sealed, and nothing that belongs to older credentials touches newer ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import replays, tenants, tickets
from service.kit import slots
from service.kit.seal import Seal
from service.replays import Seen
from service.tenants import CallTooOld, Change, Credentials, State
from tests.lifecycle import API_URL, CREDENTIALS, START

SEAL = Seal(["MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="])
OTHER = Credentials(API_URL, "addon-8", "another-key")
LATER = START + timedelta(minutes=1)


@pytest.fixture
def conn(db):
    with db.tx_all("a test") as conn:
        yield conn


def admit(conn, credentials=CREDENTIALS, *, time=START, token="shop-1"):
    return tenants.admit(conn, token, credentials, time=time, seal=SEAL, now=START)


@pytest.fixture
def tenant_id(conn):
    return admit(conn)[0]


def opened(conn, tenant_id):
    access = tenants.access(conn, tenant_id)
    return access.api_url, access.api_user, SEAL.open(access.api_key_sealed)


def revision(conn, tenant_id):
    return tenants.access(conn, tenant_id).credentials_revision


def test_ten_installations_at_once_are_one_tenant(db) -> None:
    def install(_):
        with db.tx_all("a test") as conn:
            return admit(conn)

    with ThreadPoolExecutor(10) as pool:
        admitted = list(pool.map(install, range(10)))

    assert len({tenant_id for tenant_id, _ in admitted}) == 1
    assert sorted(change for _, change in admitted) == [Change.INSTALLED, *[Change.UNCHANGED] * 9]


def test_a_new_tenant_is_active_with_doubted_credentials(conn, tenant_id) -> None:
    access = tenants.access(conn, tenant_id)

    assert (access.state, access.generation, access.doubted) == (State.ACTIVE, 1, True)
    assert opened(conn, tenant_id) == (API_URL, "addon-7", "key-of-the-shop")


def test_the_same_installation_again_changes_nothing(conn, tenant_id) -> None:
    before = tenants.access(conn, tenant_id)

    assert admit(conn, time=LATER) == (tenant_id, Change.UNCHANGED)
    assert tenants.access(conn, tenant_id) == before


@pytest.mark.parametrize("credentials", [OTHER, Credentials(API_URL.replace("s5", "s7"), "addon-7", "key-of-the-shop")])
def test_new_credentials_replace_the_old_and_keep_the_webhooks_valid(conn, tenant_id, credentials) -> None:
    assert admit(conn, credentials, time=LATER) == (tenant_id, Change.RENEWED)
    assert opened(conn, tenant_id) == (credentials.api_url, credentials.api_user, credentials.api_key)
    assert tenants.fence(conn, tenant_id) == (State.ACTIVE, 1)


def test_credentials_sealed_with_a_lost_key_are_replaced(conn, tenant_id) -> None:
    fresh = Seal(["MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="])

    _, change = tenants.admit(conn, "shop-1", CREDENTIALS, time=LATER, seal=fresh, now=LATER)

    assert change is Change.RENEWED
    assert fresh.open(tenants.access(conn, tenant_id).api_key_sealed) == "key-of-the-shop"


def test_a_dismissed_tenant_has_no_credentials_and_its_webhooks_are_stale(conn, tenant_id) -> None:
    assert tenants.dismiss(conn, tenant_id, now=LATER)

    access = tenants.access(conn, tenant_id)
    assert (access.state, access.generation) == (State.DISMISSED, 2)
    assert (access.api_user, access.api_key_sealed) == ("", b"")
    assert not tenants.dismiss(conn, tenant_id, now=LATER)


def test_a_tenant_that_comes_back_is_the_same_in_another_generation(conn, tenant_id) -> None:
    tenants.dismiss(conn, tenant_id, now=START)

    assert admit(conn, OTHER, time=LATER) == (tenant_id, Change.REINSTALLED)
    assert tenants.fence(conn, tenant_id)[1] > 1
    assert tenants.of(conn, tenant_id).dismissed_at is None


def test_an_older_installation_is_refused(conn, tenant_id) -> None:
    tenants.note(conn, tenant_id, time=LATER, version=None, language=None)

    with pytest.raises(CallTooOld):
        admit(conn, OTHER, time=START)


def test_only_what_could_do_harm_must_not_be_older(conn, tenant_id) -> None:
    tenants.note(conn, tenant_id, time=LATER, version=None, language=None)

    assert tenants.called(conn, "shop-1", time=START, refuse_older=False).tenant_id == tenant_id
    with pytest.raises(CallTooOld):
        tenants.called(conn, "shop-1", time=START, refuse_older=True)


def test_the_time_of_the_last_call_never_goes_back(conn, tenant_id) -> None:
    tenants.note(conn, tenant_id, time=LATER, version=None, language=None)
    tenants.note(conn, tenant_id, time=START, version=None, language=None)

    with pytest.raises(CallTooOld):
        admit(conn, time=START)


def test_a_shop_nobody_installed_is_unknown(conn) -> None:
    assert tenants.called(conn, "nobody", time=START, refuse_older=True) is None
    assert tenants.access(conn, "t_nobody") is None
    assert tenants.of(conn, "t_nobody") is None
    assert tenants.fence(conn, "t_nobody") == (State.DISMISSED, 0)


def test_rejected_credentials_suspend_and_a_signed_installation_wakes(conn, tenant_id) -> None:
    assert tenants.suspend(conn, tenant_id, why="401", credentials_revision=revision(conn, tenant_id))
    assert tenants.of(conn, tenant_id).state_why == "401"

    assert admit(conn, time=LATER) == (tenant_id, Change.RESUMED)
    assert tenants.of(conn, tenant_id).state is State.ACTIVE


@pytest.mark.parametrize("suspended_before", [True, False])
def test_a_rejection_of_older_credentials_suspends_nobody(conn, tenant_id, suspended_before) -> None:
    old = revision(conn, tenant_id)
    if suspended_before:
        tenants.suspend(conn, tenant_id, why="401", credentials_revision=old)
    admit(conn, CREDENTIALS if suspended_before else OTHER, time=LATER)

    assert not tenants.suspend(conn, tenant_id, why="401", credentials_revision=old)
    assert tenants.fence(conn, tenant_id)[0] is State.ACTIVE


def test_trust_is_for_the_credentials_that_worked(conn, tenant_id) -> None:
    old = revision(conn, tenant_id)
    assert tenants.trust(conn, tenant_id, credentials_revision=old)
    assert not tenants.access(conn, tenant_id).doubted

    admit(conn, OTHER, time=LATER)

    assert not tenants.trust(conn, tenant_id, credentials_revision=old)
    assert tenants.access(conn, tenant_id).doubted


def test_a_moved_shop_keeps_everything_but_its_address(conn, tenant_id) -> None:
    there = API_URL.replace("s5", "s9")

    assert tenants.moved(conn, tenant_id, api_url=there)
    assert opened(conn, tenant_id) == (there, "addon-7", "key-of-the-shop")
    assert not tenants.moved(conn, tenant_id, api_url=there)


def test_a_version_change_replaces_credentials_only_of_a_tenant_that_is_with_us(conn, tenant_id) -> None:
    assert tenants.renew(conn, tenant_id, OTHER, seal=SEAL, now=LATER) is Change.RENEWED
    assert tenants.renew(conn, tenant_id, OTHER, seal=SEAL, now=LATER) is Change.UNCHANGED

    tenants.dismiss(conn, tenant_id, now=LATER)

    assert tenants.renew(conn, tenant_id, CREDENTIALS, seal=SEAL, now=LATER) is Change.UNCHANGED
    assert tenants.access(conn, tenant_id).api_user == ""


def test_what_people_see_holds_no_credentials(conn, tenant_id) -> None:
    seen = repr((tenants.everyone(conn), tenants.access(conn, tenant_id), CREDENTIALS))

    assert "key-of-the-shop" not in seen
    assert "addon-7" not in repr(tenants.access(conn, tenant_id))


def test_a_tenant_carries_its_name_and_its_accounts(conn, tenant_id) -> None:
    tenants.rename(conn, tenant_id, shop_name="shop.example.com")
    tenants.pair(conn, tenant_id, account_id="a_merchant")
    tenants.ship_from(conn, tenant_id, account_id="a_warehouse")

    (seen,) = tenants.everyone(conn)
    assert (seen.shop_name, seen.account_id, seen.warehouse_account_id) == (
        "shop.example.com",
        "a_merchant",
        "a_warehouse",
    )
    assert tenants.account_of(conn, tenant_id) == "a_merchant"


def test_slots_go_to_the_emptiest_hour_and_stay(conn) -> None:
    ids = [admit(conn, token=f"shop-{number}")[0] for number in range(48)]
    for tenant_id in ids:
        tenants.give_slot(conn, tenant_id)
    first = tenants.of(conn, ids[0]).slot_minute
    tenants.give_slot(conn, ids[0])

    assert tenants.of(conn, ids[0]).slot_minute == first
    assert set(tenants.schedule(conn).values()) == {2}


@given(st.lists(st.integers(0, 1439), max_size=200))
def test_a_slot_is_a_free_minute_of_the_emptiest_hour_while_there_is_one(taken) -> None:
    minute = slots.free(taken)
    hours = slots.per_hour(taken)

    assert hours[minute // 60] == min(hours.values())
    assert minute not in taken or len({m for m in taken if m // 60 == minute // 60}) == 60


def test_a_signature_is_good_at_one_endpoint(conn) -> None:
    def accept(endpoint, now=START, window=timedelta(hours=1)):
        return replays.accept(conn, signature_digest="d", endpoint=endpoint, token="shop-1", now=now, window=window)

    assert accept("open") is Seen.ACCEPTED
    assert accept("open") is Seen.AGAIN
    assert accept("uninstall") is Seen.REPLAY_ELSEWHERE
    assert accept("uninstall", START + timedelta(hours=2)) is Seen.ACCEPTED


def test_a_ticket_opens_once(conn, tenant_id) -> None:
    ticket = tickets.issue(conn, tenant_id, language="sk", now=START)

    session = tickets.exchange(conn, tenant_id, ticket, now=START)

    assert (session.tenant_id, session.language) == (tenant_id, "sk")
    assert tickets.exchange(conn, tenant_id, ticket, now=START) is None
    assert tickets.language(conn, tenant_id, ticket) == "sk"
    assert tickets.session(conn, tenant_id, session.secret, now=START) == session
    assert tickets.session(conn, tenant_id, ticket, now=START) is None


def test_a_ticket_opens_for_a_minute_and_a_session_for_half_a_day(conn, tenant_id) -> None:
    late = tickets.issue(conn, tenant_id, language="cs", now=START)
    assert tickets.exchange(conn, tenant_id, late, now=START + timedelta(seconds=60)) is None

    session = tickets.exchange(conn, tenant_id, tickets.issue(conn, tenant_id, language="cs", now=START), now=START)
    assert tickets.session(conn, tenant_id, session.secret, now=START + timedelta(hours=12)) is None


def test_a_ticket_is_void_with_another_tenant(conn, tenant_id) -> None:
    other, _ = admit(conn, token="shop-2")
    ticket = tickets.issue(conn, tenant_id, language="cs", now=START)

    assert tickets.tenant_of(ticket) == tenant_id
    assert tickets.exchange(conn, other, ticket, now=START) is None


@pytest.mark.parametrize("secret", ["", "*.x", "t_a", "../t_a.x", "T_A.x", "t_\u0661.x"])
def test_what_is_no_ticket_names_no_tenant(secret) -> None:
    assert tickets.tenant_of(secret) is None


def test_the_sessions_of_a_dismissed_tenant_end(conn, tenant_id) -> None:
    ticket = tickets.issue(conn, tenant_id, language="cs", now=START)
    session = tickets.exchange(conn, tenant_id, ticket, now=START)

    tenants.dismiss(conn, tenant_id, now=START)

    assert tickets.session(conn, tenant_id, session.secret, now=START) is None


def test_leaving_ends_a_session_and_forgetting_ends_all(conn, tenant_id) -> None:
    def enter():
        return tickets.exchange(conn, tenant_id, tickets.issue(conn, tenant_id, language="cs", now=START), now=START)

    mine, other = enter(), enter()

    tickets.leave(conn, mine)
    assert tickets.session(conn, tenant_id, mine.secret, now=START) is None
    assert tickets.session(conn, tenant_id, other.secret, now=START) == other

    tickets.forget(conn, tenant_id)
    assert tickets.session(conn, tenant_id, other.secret, now=START) is None


def test_old_tickets_are_thrown_away_when_a_new_one_is_made(conn, tenant_id) -> None:
    old = tickets.issue(conn, tenant_id, language="cs", now=START)
    tickets.issue(conn, tenant_id, language="cs", now=START + timedelta(days=2))

    assert tickets.language(conn, tenant_id, old) is None
