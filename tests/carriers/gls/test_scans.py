"""Every status code of the contract, and what many of them amount to."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from carriers.base import Tracked
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.gls import body, scans
from carriers.states import Reason, State
from tests.carriers.gls import bench

PRAGUE = ZoneInfo("Europe/Prague")
NUMBER = "31177007966"
TABLE = {
    State.CREATED: [51, 52, 83, 84, 85],
    State.ACCEPTED: [1],
    State.IN_TRANSIT: [
        *(2, 3, 6, 7, 9, 10, 13, 21, 22, 24, 25, 26, 27, 37, 41, 46, 47, 53, 59, 80, 86, 99),
        *(60, 61, 62, 64, 65, 66, 67, 70, 71, 72, 73, 74, 76),
    ],
    State.OUT_FOR_DELIVERY: [4, 32],
    State.AT_PICKUP_POINT: [8, 54, 55, 56, 97],
    State.DELIVERED: [5, 58, 92, 93],
    State.EXCEPTION: [
        *(11, 12, *range(14, 21), *range(33, 37), 38, 39, 68, 69),
        *(28, 29, 30, 31, 42, 43, 44, 75, 401, 402, 403, 404, 420),
    ],
    State.RETURNING: [57, 23, 40],
    State.CANCELLED: [87, 88, 89, 90, 91],
    State.UNKNOWN: [45, 63, 100, 999, "", "X5", "5a", None, "٥"],
}


def read(said: Any) -> Tracked:
    return scans.read_statuses(bench.answer(said), NUMBER, PRAGUE)


def statuses(*codes: Any, newest_first: bool = True, same_time: bool = False) -> dict[str, Any]:
    """Return an answer with these codes in the order they happened."""
    rows = [
        {"StatusCode": code, "StatusDate": f"/Date({1_772_700_000_000 + (0 if same_time else place) * 60_000}+0100)/"}
        for place, code in enumerate(codes)
    ]
    return {"ParcelNumber": int(NUMBER), "ParcelStatusList": rows[::-1] if newest_first else rows}


def test_the_example_of_the_contract_ends_delivered() -> None:
    tracked = read(bench.STATUSES)

    assert (tracked.number, tracked.state, tracked.reason) == (NUMBER, State.DELIVERED, None)
    assert [(scan.code, scan.state, scan.text, scan.place) for scan in tracked.scans] == [
        ("51", State.CREATED, "Data přijata", ""),
        ("04", State.OUT_FOR_DELIVERY, "Na doručení", "Brno"),
        ("05", State.DELIVERED, "Doručeno", "Brno"),
    ]
    assert tracked.scans[0].at == datetime(2026, 3, 5, 8, 40, tzinfo=UTC)


@pytest.mark.parametrize(("state", "code"), [(state, code) for state, codes in TABLE.items() for code in codes])
def test_a_code_means_what_the_contract_says(state: State, code: Any) -> None:
    assert [scan.state for scan in read(statuses(code)).scans] == [state]


def test_the_table_of_the_contract_is_whole() -> None:
    expected = {code: state for state, codes in TABLE.items() if state is not State.UNKNOWN for code in codes}

    assert expected == scans.STATES


@pytest.mark.parametrize("code", ["5", "05", "005", 5])
def test_a_code_is_a_number_however_it_is_padded(code: Any) -> None:
    tracked = read(statuses(code))

    assert tracked.state is State.DELIVERED
    assert tracked.scans[0].code == str(code)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("back", [23, 40, 57])
def test_delivered_after_a_return_began_is_returned(back: int, newest_first: bool) -> None:
    assert read(statuses(51, 1, back, 5, newest_first=newest_first)).state is State.RETURNED


def test_of_two_scans_at_one_time_the_one_above_is_the_later() -> None:
    assert read(statuses(51, 23, 5, same_time=True)).state is State.RETURNED


@pytest.mark.parametrize(
    ("codes", "state", "reason"),
    [
        ((51, 87), State.CANCELLED, None),
        ((51, 1, 87), State.ACCEPTED, None),
        ((51, 1, 55), State.AT_PICKUP_POINT, None),
        ((51, 1, 4, 17), State.OUT_FOR_DELIVERY, Reason.REFUSED),
        ((51, 1, 56, 57), State.RETURNING, Reason.NOT_COLLECTED),
        ((51, 999), State.CREATED, None),
        ((51, 1, 60), State.IN_TRANSIT, Reason.CUSTOMS),
        ((51, 1, 60, 17), State.IN_TRANSIT, Reason.REFUSED),
        ((), State.UNKNOWN, None),
    ],
)
def test_many_scans_amount_to_a_state(codes: tuple[int, ...], state: State, reason: Reason | None) -> None:
    tracked = read(statuses(*codes))

    assert (tracked.state, tracked.reason) == (state, reason)


@pytest.mark.parametrize("code", TABLE[State.IN_TRANSIT])
def test_whoever_is_held_by_the_customs_is_said_to_be(code: int) -> None:
    assert read(statuses(code)).reason is (Reason.CUSTOMS if code >= 60 and code not in (80, 86, 99) else None)


def many(said: Any, *numbers: str) -> list[Tracked]:
    return scans.read_many(bench.answer(said), numbers, PRAGUE)


def test_of_many_each_is_told_of_by_its_number_whatever_the_list_is_called() -> None:
    other = statuses(51, 1) | {"ParcelNumber": int(bench.number(1))}

    told = many({"Any": [other, bench.STATUSES], "Info": [{"ParcelNumber": 1}, None]}, NUMBER, bench.number(1))

    assert told == [read(bench.STATUSES), read_other(other)]


def read_other(said: Any) -> Tracked:
    return scans.read_statuses(bench.answer(said), bench.number(1), PRAGUE)


def test_one_that_is_told_of_twice_has_each_scan_once() -> None:
    assert many({"A": [bench.STATUSES, bench.STATUSES]}, NUMBER) == [read(bench.STATUSES)]


@pytest.mark.parametrize("said", [{}, {"ParcelList": []}, {"ParcelList": None}, [], b"<html>"])
def test_an_answer_that_tells_of_no_parcel_is_none(said: Any) -> None:
    with pytest.raises(CarrierUnreachable):
        many(said, NUMBER)


def test_of_many_an_error_that_is_of_no_number_is_raised() -> None:
    with pytest.raises(CarrierRefused) as refused:
        many({"ParcelList": [bench.STATUSES], "Errors": [bench.refusal(-1)]}, NUMBER)
    assert refused.value.kind is Kind.LOGIN


@pytest.mark.parametrize("code", [4, 5, 9, 10, 26])
def test_a_number_gls_does_not_know_is_unknown(code: int) -> None:
    said = {"ParcelStatusList": None, "ParcelNumber": 0, "GetParcelStatusErrors": [bench.refusal(code)]}

    assert read(said) == Tracked(NUMBER, State.UNKNOWN)


def test_an_error_of_the_login_is_raised() -> None:
    with pytest.raises(CarrierRefused) as refused:
        read({"GetParcelStatusErrors": [bench.refusal(-1)]})
    assert refused.value.kind is Kind.LOGIN


def test_asking_too_often_is_busy() -> None:
    with pytest.raises(CarrierBusy):
        read({"GetParcelStatusErrors": [bench.refusal(31)]})


@pytest.mark.parametrize(
    "said", [{}, {"ParcelStatusList": None}, [], b"<html>", bench.STATUSES | {"ParcelNumber": int(bench.number(1))}]
)
def test_an_answer_that_is_not_of_this_parcel_is_none(said: Any) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        read(said)
    assert not lost.value.unclear


def test_the_number_without_its_check_digit_is_the_same_parcel() -> None:
    assert read(bench.STATUSES | {"ParcelNumber": 3117700796}).state is State.DELIVERED


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("/Date(1772700000000)/", datetime(2026, 3, 5, 8, 40, tzinfo=UTC)),
        ("/Date(1772700000000-0500)/", datetime(2026, 3, 5, 8, 40, tzinfo=UTC)),
        ("2026-03-05T09:40:00", datetime(2026, 3, 5, 8, 40, tzinfo=UTC)),
        ("2026-07-05T10:40:00", datetime(2026, 7, 5, 8, 40, tzinfo=UTC)),
        ("2026-03-05T08:40:00Z", datetime(2026, 3, 5, 8, 40, tzinfo=UTC)),
        ("/Date(-62135596800000)/", None),
        ("/Date(999999999999999)/", None),
        ("/Date(99999999999999999999)/", None),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1772700000000, None),
    ],
)
def test_a_time_is_read_with_its_zone_or_not_at_all(said: Any, at: datetime | None) -> None:
    assert body.moment(said, PRAGUE) == at


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_scan_without_a_time_happened_at_the_time_of_the_one_before(newest_first: bool) -> None:
    said = statuses(51, 1, 23, 5, newest_first=newest_first)
    said["ParcelStatusList"][1 if newest_first else 2]["StatusDate"] = "soon"

    tracked = read(said)

    assert [(scan.code, scan.at.minute) for scan in tracked.scans] == [("51", 40), ("23", 41), ("1", 41), ("5", 43)]
    assert tracked.state is State.RETURNED


def test_scans_of_which_none_has_a_time_are_none() -> None:
    said = statuses(51, 5)
    for row in said["ParcelStatusList"]:
        row["StatusDate"] = None

    assert (read(said).state, read(said).scans) == (State.UNKNOWN, [])
