"""A login is removed or replaced while parcels are under way with it: none is made twice, and none is stuck for ever."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from service import bookings, contracts
from service.bookings import Parked
from service.flows import carriers, rebook
from service.flows.rebook import RebookRefused, Why
from service.steps.logins import Entered
from tests.carriers.kit import SORTS
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


def log_in(at: Counter, login: Mapping[str, str] | None = None, **how: Any) -> contracts.Contract:
    """Enter a login with PPL as the page does: that of the shop's own account, or another."""
    told = login or at.worlds["ppl"].accounts["shop"].login
    entered = Entered("ppl", {"client_secret": told["client_secret"]}, {"client_id": told["client_id"]}, **how)
    carriers.log_in(at.town.rig, at.tenant, entered, over=None, by="a test")
    with at.town.rig.db.tx(at.tenant) as conn:
        at.contracts["ppl"] = contracts.usable(conn, at.tenant)["ppl"]
    return at.contracts["ppl"]


def log_out(at: Counter) -> None:
    carriers.log_out(at.town.rig, at.tenant, at.contracts["ppl"].contract_id, by="a test")


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


def test_a_numbered_parcel_gets_its_label_once_its_login_is_back(at: Counter) -> None:
    booking = numbered(at)
    log_out(at)
    at.work(300, step_s=50)
    assert at.stands(booking).parked is Parked.NO_CONTRACT
    with pytest.raises(RebookRefused) as refused:
        again(at, booking)
    log_in(at)

    again(at, booking)
    at.work(30)

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


def test_what_was_to_be_taken_back_under_a_removed_login_is_a_persons(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    log_out(at)

    at.cancel(booking)
    at.work(60)

    assert at.stands(booking).parked is Parked.NOT_TAKEN_BACK
