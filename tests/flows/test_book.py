"""Labels are made once, whatever becomes of the answers; what nothing can clear is a person's."""

import pytest

from carriers import registry
from service import contracts
from service.bookings import Parked, State
from service.problems import Cause
from simulator import changes
from tests.carriers.kit import SORTS
from tests.flows.counter import counter

READY = State.READY.value
CODES = [*SORTS]


@pytest.mark.parametrize("code", CODES)
def test_a_parcel_gets_its_label_and_the_shop_its_code(town, code: str) -> None:
    at = counter(town, code)
    asked = at.wants(code, 3)

    at.work(30)

    assert at.states(asked) == [READY] * 3
    assert at.twice(code) == {}
    town.work(for_s=10)
    for each in asked:
        number = at.stands(each).order_number
        assert at.shop.shown(number) == (at.shop.sent_id, at.numbers(each)[0].upper())
    assert at.shop.mails() == 3


LOST = ["dropped", "empty", "truncated", "nulls", "wrong_types", "html", "late", "slow"]


@pytest.mark.parametrize("code", ["ppl", "gls", "balikobot", "dpd_cz"])
def test_an_answer_that_is_lost_costs_no_second_label(town, code: str) -> None:
    at = counter(town, code, count=8 * len(LOST))
    for kind in LOST:
        at.strikes(code, kind, seconds=45 if kind == "late" else 60)
        asked = at.wants(code, 2)

        at.work(720, step_s=30)

        assert at.states(asked) == [READY] * 2, kind
        assert at.paid_twice(code) == {}
        assert at.causes() == set()


@pytest.mark.parametrize("code", ["packeta", "ceska_posta"])
def test_where_nothing_can_be_looked_for_a_person_decides(town, code: str) -> None:
    at = counter(town, code, count=4 * len(LOST))
    for kind in LOST:
        at.strikes(code, kind, seconds=45 if kind == "late" else 60)
        [each] = at.wants(code)
        calls = len(at.worlds[code].ledger)

        at.work(720, step_s=30)

        assert (at.stands(each).state, at.stands(each).parked) == (State.PARKED, Parked.UNCLEAR), kind
        assert at.causes() == {Cause.LABEL_UNCLEAR}
        creates = [call for call in list(at.worlds[code].ledger)[calls:] if call.operation == SORTS[code].books]
        assert len(creates) == 1, kind


def test_what_is_refused_is_told_by_its_fields_and_spoils_no_other(town) -> None:
    at = counter(town, "ppl")
    good = at.wants("ppl")
    [bad] = at.wants("ppl", service="NONE")
    more = at.wants("ppl")

    at.work(30)

    assert at.states([*good, *more]) == [READY] * 2
    assert at.stands(bad).parked is Parked.REFUSED
    assert at.causes() == {Cause.LABEL_REFUSED}


def test_a_carrier_that_is_down_rests_and_everything_goes_once_it_is_back(town) -> None:
    at = counter(town, "packeta")
    at.worlds["packeta"].faults.add("down", calls=None)
    asked = at.wants("packeta", 5)

    at.work(3_600, step_s=60)
    tried = len(at.worlds["packeta"].ledger)
    assert at.states(asked) == ["waiting"] * 5
    assert at.causes() == {Cause.CARRIER_DOWN}
    at.worlds["packeta"].faults.clear()
    at.work(180)

    assert tried < 60
    assert at.states(asked) == [READY] * 5
    assert at.causes() == set()


def test_a_login_that_is_refused_stops_all_until_it_is_corrected(town) -> None:
    at = counter(town, "ppl")
    right = at.contracts["ppl"]
    at.log_in("ppl", {"client_secret": "wrong"})
    asked = at.wants("ppl", 2)

    at.work(60)
    assert at.states(asked) == ["waiting"] * 2
    assert at.causes() == {Cause.CARRIER_REFUSES}
    at.log_in("ppl", SORTS["ppl"].secrets(at.worlds["ppl"]))
    at.work(60)

    assert at.contracts["ppl"].contract_id == right.contract_id
    assert at.states(asked) == [READY] * 2
    assert at.causes() == set()


def test_an_order_that_was_cancelled_meanwhile_gets_no_label(town) -> None:
    at = counter(town, "packeta")
    at.worlds["packeta"].faults.add("down", calls=None)
    [each] = at.wants("packeta")
    storno = next(key for key, row in at.shop.shop.statuses.items() if row["type"] == "Canceled")
    changes.bulk_status(town.world, at.shop.shop, [at.stands(each).order_number], storno)
    at.shop.read()
    at.worlds["packeta"].faults.clear()

    at.work(180)

    assert at.stands(each).parked is Parked.STOPPED
    assert at.worlds["packeta"].made() == {}


def test_what_was_never_asked_for_is_cancelled_at_once(town) -> None:
    at = counter(town, "ppl")
    [each] = at.wants("ppl")

    assert at.cancel(each)
    at.work(30)

    assert at.stands(each).state is State.CANCELLED
    assert len(at.worlds["ppl"].ledger) == 0


@pytest.mark.parametrize("code", CODES)
def test_a_label_is_taken_back_at_its_carrier_until_it_has_the_parcel(town, code: str) -> None:
    at = counter(town, code)
    first, second = at.wants(code, 2)
    at.work(30)
    at.worlds[code].hand_over([at.there(second)])
    at.town.watch.move(3_600)

    at.cancel(first)
    at.cancel(second)
    at.work(30)

    hears = code != "ceska_posta"  # a code that is never posted costs nothing, so nobody need hear of it
    can = registry.ADAPTERS[code].able.cancel_batch > 0
    assert at.stands(first).state is (State.CANCELLED if can else State.PARKED)
    assert at.stands(second).state is (State.PARKED if hears else State.CANCELLED)
    assert (Cause.LABEL_NOT_TAKEN_BACK in at.causes()) == hears


def test_a_login_that_is_gone_leaves_its_parcels_to_a_person(town) -> None:
    at = counter(town, "gls")
    asked = at.wants("gls", 2)
    with town.rig.db.tx(at.tenant) as conn:
        contracts.close(conn, at.contracts["gls"].contract_id, now=town.watch())

    at.work(10)

    assert [at.stands(each).parked for each in asked] == [Parked.NO_CONTRACT] * 2
