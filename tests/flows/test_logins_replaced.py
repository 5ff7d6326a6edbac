"""A login is removed or replaced while parcels are under way with it: none is made twice, none is stuck for ever."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from carriers import registry
from service import bookings, contracts
from service.bookings import Parked
from service.flows import carriers, rebook
from service.flows.rebook import RebookRefused, Why
from service.steps.logins import Entered
from service.web import labels_view
from service.web.labels_pages import Pages
from service.web.words import EN, Language
from tests.flows.counter import Counter, counter
from tests.flows.town import build

LABELS = ("GET /data/{}", "PUT /shipment/batch/{}", "GET /shipment/batch/{}/label")


@pytest.fixture
def at(tmp_path, database, redis_url) -> Iterator[Counter]:
    town = build(tmp_path, database.url, redis_url)
    made = counter(town, "ppl")
    shop = made.worlds["ppl"].accounts["shop"]
    made.worlds["ppl"].add_account("other", given=shop.given, client_id="other", client_secret="another")
    log_in(made)
    yield made
    town.rig.close()


def log_in(
    at: Counter, login: Mapping[str, str] | None = None, *, label_format: str = "", **how: Any
) -> contracts.Contract:
    """Enter a login with PPL as the page does: that of the shop's own account, or another."""
    told = login or at.worlds["ppl"].accounts["shop"].login
    given = {"client_id": told["client_id"], "label_format": label_format}
    entered = Entered("ppl", {"client_secret": told["client_secret"]}, given, **how)
    carriers.log_in(at.town.rig, at.tenant, entered, over=None, by="a test")
    with at.town.rig.db.tx(at.tenant) as conn:
        at.contracts["ppl"] = contracts.usable(conn, at.tenant)["ppl"]
    return at.contracts["ppl"]


def log_out(at: Counter) -> None:
    carriers.log_out(at.town.rig, at.tenant, at.contracts["ppl"].contract_id, by="a test")


def other(at: Counter) -> Mapping[str, str]:
    return at.worlds["ppl"].accounts["other"].login


def doubtful(at: Counter) -> str:
    """Have a label made whose answer gets lost."""
    at.strikes("ppl", "dropped")
    [booking] = at.wants("ppl")
    at.work()
    assert at.states([booking]) == ["doubtful"]
    return booking


def numbered(at: Counter) -> str:
    """Have a parcel made whose label does not come."""
    for operation in LABELS:
        at.worlds["ppl"].faults.add("down", operation=operation, calls=None)
    [booking] = at.wants("ppl")
    at.work(10)
    assert at.states([booking]) == ["booked"]
    at.worlds["ppl"].faults.clear()
    return booking


def again(at: Counter, booking_id: str) -> None:
    over = at.stands(booking_id).position
    rebook.again(at.town.rig, at.tenant, booking_id, over=over, boxes=(), as_it_was=True, by="a test")


def shown_to_a_person(at: Counter) -> labels_view.Decision:
    """Return the one label the page asks a person about."""
    with at.town.rig.db.tx(at.tenant) as conn:
        [decision] = labels_view.look(conn, at.town.rig, at.tenant, Language.EN, EN, pages=Pages()).decisions
    return decision


def made(at: Counter) -> int:
    return len(at.worlds["ppl"].parcels)


def test_what_is_in_doubt_under_a_removed_login_goes_again_only_once_somebody_has_looked(at: Counter) -> None:
    booking = doubtful(at)

    log_out(at)
    at.work(700, step_s=50)
    log_in(at)
    at.work(700, step_s=50)

    assert at.stands(booking).parked is Parked.UNCLEAR
    assert at.stands(booking).reference in (at.stands(booking).why or "")
    assert made(at) == 1


def test_a_login_that_is_entered_again_finds_what_was_in_doubt_under_it(at: Counter) -> None:
    booking = doubtful(at)
    before = at.contracts["ppl"]

    log_out(at)
    after = log_in(at)
    at.work(700, step_s=50)

    assert (after.contract_id, after.revision > before.revision) == (before.contract_id, True)
    assert at.states([booking]) == ["ready"]
    assert at.twice("ppl") == {}


def test_another_account_is_not_asked_for_what_is_in_doubt_under_the_one_before(at: Counter) -> None:
    booking = doubtful(at)
    before = at.contracts["ppl"]

    after = log_in(at, other(at))
    at.work(1_500, step_s=50)

    assert after.contract_id != before.contract_id
    assert after.revision > before.revision
    assert at.stands(booking).parked is Parked.UNCLEAR
    assert at.twice("ppl") == {}
    assert made(at) == 1
    assert log_in(at).contract_id == before.contract_id


def test_what_a_carrier_is_at_for_another_account_is_a_persons(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.turn()
    assert at.states([booking]) == ["pending"]

    log_in(at, other(at))
    at.work(1_500, step_s=50)

    assert at.stands(booking).parked is Parked.UNCLEAR
    assert at.twice("ppl") == {}


def test_a_password_that_is_changed_stops_nothing(at: Counter) -> None:
    booking = doubtful(at)
    before = at.contracts["ppl"]
    login = at.worlds["ppl"].accounts["shop"].login
    at.worlds["ppl"].accounts["shop"].login = {**login, "client_secret": "changed"}

    after = log_in(at)
    at.work(700, step_s=50)

    assert after.contract_id == before.contract_id
    assert at.states([booking]) == ["ready"]
    assert at.twice("ppl") == {}


def test_what_nobody_was_asked_for_goes_with_the_login_there_is(at: Counter) -> None:
    asked = at.wants("ppl", 3)

    log_in(at, other(at))
    at.work(30)

    assert at.states(asked) == ["ready"] * 3
    assert {each.account for each in at.worlds["ppl"].parcels.values()} == {"other"}


def test_a_numbered_parcel_gets_its_label_once_its_login_is_back(at: Counter) -> None:
    booking = numbered(at)
    log_out(at)
    at.work(300, step_s=50)
    assert at.stands(booking).parked is Parked.NO_CONTRACT
    with pytest.raises(RebookRefused) as refused:
        again(at, booking)
    log_in(at)

    offered = shown_to_a_person(at)
    again(at, booking)
    at.work(30)

    assert offered.resumes
    assert refused.value.why is Why.UNFIT
    assert at.states([booking]) == ["ready"]
    assert made(at) == 1


def test_a_numbered_parcel_goes_on_by_itself_under_the_login_that_stands_in(at: Counter) -> None:
    booking = numbered(at)
    log_in(at, for_all_shops=False)  # for the shop alone, which counts before that of the account

    log_out(at)
    at.work(300, step_s=50)

    assert at.states([booking]) == ["ready"]
    assert made(at) == 1


def test_a_label_is_kept_as_it_was_made_though_its_login_asks_for_another_format_by_now(at: Counter) -> None:
    booking = numbered(at)
    log_in(at, label_format="zpl")
    [zpl] = at.wants("ppl")

    at.work(300, step_s=50)

    with at.town.rig.db.tx(at.tenant) as conn:
        kept = {kind: {*bookings.sheets(conn, at.tenant, [booking, zpl], format=kind)} for kind in ("pdf", "zpl")}
    assert kept == {"pdf": {booking}, "zpl": {zpl}}
    assert at.states([booking, zpl]) == ["ready"] * 2


def test_another_account_that_does_not_know_a_number_makes_no_second_parcel(at: Counter) -> None:
    booking = numbered(at)

    log_in(at, other(at))
    at.work(7_200, step_s=300)

    each = at.stands(booking)
    assert (each.parked, each.booking_id) == (Parked.FAILING, booking)
    assert made(at) == 1
    log_in(at)
    again(at, booking)
    at.work(30)
    assert at.states([booking]) == ["ready"]
    assert made(at) == 1


def test_another_account_that_does_not_know_a_number_has_taken_nothing_back(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    log_in(at, other(at))

    at.cancel(booking)
    at.work(60)

    assert at.stands(booking).parked is Parked.NOT_TAKEN_BACK
    assert at.worlds["ppl"].made(counting_cancelled=False)


def test_what_was_to_be_taken_back_under_a_removed_login_is_a_persons(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    log_out(at)

    at.cancel(booking)
    at.work(60)

    assert at.stands(booking).parked is Parked.NOT_TAKEN_BACK


def test_a_row_of_numbers_goes_on_after_its_login_was_removed_and_under_another_customer(at: Counter) -> None:
    row = {"number_sender": "58477", "number_letter": "L", "number_first": "6000", "number_last": "6999"}

    def entered(customer: str, **changed: str) -> contracts.Contract:
        given = {
            "customer_id": customer,
            "post_code": "10003",
            "location_number": "1",
            "contract_id": "1",
            **row,
            **changed,
        }
        told = Entered("ceska_posta", {"api_token": "token", "secret_key": "c2VjcmV0"}, given)
        carriers.log_in(at.town.rig, at.tenant, told, over=None, by="a test", untested=True)
        with at.town.rig.db.tx(at.tenant) as conn:
            return contracts.usable(conn, at.tenant)["ceska_posta"]

    def taken(contract: contracts.Contract) -> int | None:
        with at.town.rig.db.tx(at.tenant) as conn:
            return contracts.take_serials(conn, contract.contract_id, count=10)

    first = entered("U219")
    numbers = [taken(first)]
    carriers.log_out(at.town.rig, at.tenant, first.contract_id, by="a test")
    numbers.append(taken(entered("U219")))
    numbers.append(taken(entered("U220")))
    numbers.append(taken(entered("U219")))
    other = {"number_letter": "M"}
    numbers.append(taken(entered("U220", **other)))
    numbers.append(taken(entered("U221")))

    assert numbers == [6_000, 6_010, 6_020, 6_030, 6_000, 6_040]


@pytest.mark.parametrize("code", registry.ADAPTERS)
def test_what_says_whose_account_it_is_is_asked_for(code: str) -> None:
    adapter = registry.ADAPTERS[code]

    assert adapter.whose <= adapter.needs.keys() | adapter.may_give.keys()
