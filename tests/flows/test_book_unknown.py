"""What a carrier says it does not know may be there all the same: one such answer costs no second label."""

import pytest

from service import bookings
from service.bookings import Parked, State
from tests.flows.counter import Counter, counter
from tests.flows.test_rebook import again
from tests.flows.town import Town

READY = State.READY.value
LABEL, CANCEL, FIND = "GET /data/{}", "POST /shipment/{}/cancel", "GET /shipment"


@pytest.fixture
def at(town: Town) -> Counter:
    return counter(town, "ppl")


def unknown(at: Counter, operation: str, *, calls: int | None = 1) -> None:
    at.worlds["ppl"].faults.add("error", operation=operation, status=404, calls=calls)


def standing(at: Counter) -> int:
    return sum(len(numbers) for numbers in at.worlds["ppl"].made().values())


def test_a_label_not_known_once_is_asked_for_again_before_anything_is_made_anew(at: Counter) -> None:
    unknown(at, LABEL)
    unknown(at, CANCEL)
    [booking] = at.wants("ppl")

    at.work(60)
    assert (at.states([booking]), standing(at)) == ([State.BOOKED.value], 1)
    at.work(11 * 60, step_s=60)

    assert (at.states([booking]), len(at.worlds["ppl"].parcels), at.causes()) == ([READY], 1, set())


def test_a_label_that_stays_unknown_is_made_anew_once_its_parcel_is_taken_back(at: Counter) -> None:
    unknown(at, LABEL, calls=2)
    [booking] = at.wants("ppl")

    at.work(12 * 60, step_s=60)

    assert (at.states([booking]), standing(at), len(at.worlds["ppl"].parcels)) == ([READY], 1, 2)


def test_what_is_not_known_to_be_taken_back_and_still_found_is_a_persons(at: Counter) -> None:
    unknown(at, LABEL, calls=2)
    unknown(at, CANCEL, calls=None)
    [booking] = at.wants("ppl")

    at.work(25 * 60, step_s=60)

    assert (at.stands(booking).parked, len(at.worlds["ppl"].parcels)) == (Parked.FAILING, 1)


def test_what_somebody_cancels_and_its_carrier_does_not_know_once_is_asked_about_again(at: Counter) -> None:
    [booking] = at.wants("ppl")
    at.work(30)
    unknown(at, CANCEL)

    at.cancel(booking)
    at.work(30)
    assert (at.stands(booking).state, standing(at)) == (State.CANCELLING, 1)
    at.work(11 * 60, step_s=60)

    assert (at.stands(booking).state, standing(at)) == (State.CANCELLED, 0)


def test_what_was_looked_for_before_it_had_its_number_counts_for_nothing_after(at: Counter) -> None:
    [booking] = at.wants("ppl")
    with at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE bookings SET looks = 2")
    unknown(at, LABEL)

    at.work(30)

    with at.town.rig.db.tx(at.tenant) as conn:
        each = bookings.one(conn, at.tenant, booking)
    assert each
    assert (each.state, each.looks, each.cancel_asked_at) == (State.BOOKED, 1, None)


def test_what_was_deleted_at_a_carrier_that_finds_nothing_is_booked_anew_once_a_person_has_looked(town: Town) -> None:
    at = counter(town, "packeta")
    at.worlds["packeta"].faults.add("error", operation="packetLabelPdf")
    [booking] = at.wants("packeta")
    at.turn()
    at.worlds["packeta"].parcels.clear()

    at.work(30 * 60, step_s=60)
    assert at.stands(booking).parked is Parked.FAILING
    again(at, booking)
    at.work(15 * 60, step_s=60)

    assert (at.states([booking]), len(at.worlds["packeta"].parcels), at.causes()) == ([READY], 1, set())
