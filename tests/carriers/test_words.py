"""The carriers' own words: money without floats, states without guesses, check digits by their vectors."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers import digits, states
from carriers.money import Money
from carriers.states import Reason, Scan, State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def scan(state: State, hours: float = 0, *, code: str = "", reason: Reason | None = None) -> Scan:
    return Scan(NOON + timedelta(hours=hours), state, code or state.value, "", "", reason)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1290", "CZK", 129_000),
        ("12,50", "EUR", 1_250),
        (Decimal("0.10"), "EUR", 10),
        (7, "HUF", 7),
        ("-1", "CZK", -100),
    ],
)
def test_an_amount_is_read_into_minor_units(amount: object, currency: str, minor: int) -> None:
    assert Money.read(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize("amount", [12.5, True, None, "", "NaN", "inf", "1e400", "12.345", "one"])
def test_what_is_no_exact_amount_is_no_money(amount: object) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.read(amount, "EUR")


def test_forints_have_no_minor_units() -> None:
    assert Money.read("1995", "HUF").plain() == "1995"
    with pytest.raises(ValueError, match="0 decimal places"):
        Money.read("1995.50", "HUF")


@given(minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(["CZK", "EUR", "HUF"]))
def test_what_is_written_reads_the_same(minor: int, currency: str) -> None:
    assert Money.read(Money(minor, currency).plain(), currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "step", "collected"),
    [
        (129_049, "CZK", None, 129_000),
        (129_050, "CZK", None, 129_100),
        (1_251, "EUR", None, 1_251),
        (1_997, "HUF", 5, 1_995),
    ],
)
def test_what_is_collected_is_rounded_to_what_can_be_paid(minor: int, currency: str, step: int, collected: int) -> None:
    assert Money(minor, currency).collected(step_minor=step) == Money(collected, currency)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("000393206219912345678101040", "9"),
        ("007110601782532948375101276", "X"),
        ("008182709980000020028101276", "B"),
        ("007110601632532948375179276", "A"),
    ],
)
def test_the_character_of_dpd_is_right(text: str, check: str) -> None:
    assert digits.mod_37_36(text) == check


def test_the_digit_of_gls_is_right() -> None:
    assert digits.gls("3117700796") == "6"


@pytest.mark.parametrize(
    "number", ["DR4362230958U", "NB5847769990L", "NB0600004030U", "RR950819194CZ", "VL800017039CZ"]
)
def test_the_digit_of_the_post_is_right(number: str) -> None:
    body = number[2:].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    assert digits.mod_11(body[:-1]) == body[-1]


def test_scans_are_told_in_the_order_of_their_times_and_once() -> None:
    newest_first = [scan(State.DELIVERED, 9), scan(State.ACCEPTED, 1), scan(State.ACCEPTED, 1), scan(State.CREATED)]

    assert [each.state for each in states.settled(newest_first)] == [State.CREATED, State.ACCEPTED, State.DELIVERED]


@pytest.mark.parametrize(
    ("hours", "newest_first", "filled"),
    [
        ([None, 1, None, 3], True, [1, 1, 1, 3]),
        ([3, None, 1, None], False, [3, 1, 1, 1]),
        ([1, None, 1], False, [1, 1, 1]),
        ([None, 2, None], True, [2, 2, 2]),
        ([None], True, []),
    ],
)
def test_a_scan_without_a_time_has_that_of_the_one_before(
    hours: list[int | None], newest_first: bool, filled: list[int]
) -> None:
    times = [None if hour is None else NOON + timedelta(hours=hour) for hour in hours]

    assert [*states.filled(times, newest_first=newest_first)] == [NOON + timedelta(hours=hour) for hour in filled]


def test_what_is_delivered_after_a_return_began_is_returned() -> None:
    told = states.settled([scan(State.DELIVERED, 9, code="d"), scan(State.RETURNING, 5)])

    assert [(each.state, each.code) for each in told] == [(State.RETURNING, "returning"), (State.RETURNED, "d")]


@pytest.mark.parametrize(
    ("seen", "stands"),
    [
        ([], State.UNKNOWN),
        ([State.UNKNOWN], State.UNKNOWN),
        ([State.EXCEPTION], State.EXCEPTION),
        ([State.CREATED, State.CANCELLED], State.CANCELLED),
        ([State.ACCEPTED, State.CANCELLED], State.ACCEPTED),
        ([State.OUT_FOR_DELIVERY, State.EXCEPTION, State.IN_TRANSIT], State.OUT_FOR_DELIVERY),
        ([State.AT_PICKUP_POINT, State.UNKNOWN], State.AT_PICKUP_POINT),
        ([State.AT_PICKUP_POINT, State.RETURNING], State.RETURNING),
        ([State.RETURNING, State.DELIVERED], State.RETURNED),
        ([State.DELIVERED, State.RETURNING], State.RETURNING),
    ],
)
def test_the_furthest_stage_is_where_a_parcel_stands(seen: list[State], stands: State) -> None:
    assert states.standing(states.settled([scan(state, place) for place, state in enumerate(seen)])) is stands


@given(seen=st.lists(st.sampled_from(State), max_size=8), order=st.randoms(use_true_random=False))
def test_in_whatever_order_scans_come_a_parcel_stands_the_same(seen: list[State], order) -> None:
    scans = [scan(state, place // 2) for place, state in enumerate(seen)]  # two of them at each moment
    shuffled = [*scans, *scans[:2]]
    order.shuffle(shuffled)

    assert states.standing(states.settled(shuffled)) is states.standing(states.settled(scans))


def test_the_last_reason_counts() -> None:
    scans = [scan(State.EXCEPTION, 1, reason=Reason.ABSENT), scan(State.RETURNING, 2, reason=Reason.NOT_COLLECTED)]

    assert states.reason_of([*scans, scan(State.RETURNED, 3)]) is Reason.NOT_COLLECTED


def test_the_customs_are_a_reason_while_nothing_came_after_them() -> None:
    scans = [scan(State.EXCEPTION, 1, reason=Reason.ABSENT), scan(State.IN_TRANSIT, 2, reason=Reason.CUSTOMS)]

    assert states.reason_of(scans) is Reason.CUSTOMS
    assert states.reason_of([*scans, scan(State.IN_TRANSIT, 3)]) is Reason.ABSENT
