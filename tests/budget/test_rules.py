"""What may be called when: shares, windows, pace, and credentials nobody knows yet."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.budget import rules
from service.budget.rules import Caps, Grant, Span, State, Wait, Why
from service.lanes import Lane

NOON = rules.millis(datetime(2026, 3, 1, 12, 10, tzinfo=UTC))
CAPS = Caps(
    calls_per_second=2,
    burst=20,
    calls_per_day=5000,
    service_per_day=50_000,
    at_once=2,
    service_at_once=16,
    lease_ms=45_000,
)
PLATINUM = State(seeded=True, hour=Span(100), day=Span(1500))
FRESH = Lane.REFRESH_ORDERS


def call(state: State, lane: Lane, now: int = NOON) -> State | Wait:
    """Make one call that ends at once."""
    decided = rules.decide(state, lane, now, CAPS, doubted=False)
    if isinstance(decided, Wait):
        return decided
    after = rules.taken(state, decided, lane, now, CAPS, doubted=False)
    return rules.replace(after, leases=0, service_leases=0, paced_until=0)


def calls(state: State, lane: Lane, most: int = 10_000) -> tuple[int, State, Wait | None]:
    """Make calls until one has to wait."""
    for made in range(most):
        after = call(state, lane)
        if isinstance(after, Wait):
            return made, state, after
        state = after
    return most, state, None


def test_a_pull_leaves_half_of_hour_and_day_to_fresh_events() -> None:
    pulled, state, wait = calls(PLATINUM, Lane.PULL)

    assert (pulled, wait) == (800, Wait(rules.next_hour(NOON), Why.SHARE))
    assert calls(state, FRESH)[0] == 800


def test_a_pull_takes_half_of_what_fresh_events_left() -> None:
    _, state, _ = calls(PLATINUM, FRESH, most=60)

    assert calls(state, Lane.PULL)[0] == 770


def test_a_lane_with_half_a_share_goes_on_where_the_hour_ends_as_long_as_the_day_has_calls() -> None:
    bronze = State(seeded=True, hour=Span(10), day=Span(100))

    assert calls(bronze, Lane.PULL)[0] == 55
    assert calls(rules.replace(bronze, day=Span(0)), Lane.PULL)[0] == 5


def test_a_new_hour_gives_a_lane_its_share_again_though_it_drew_from_the_day() -> None:
    _, state, _ = calls(PLATINUM, Lane.PULL)

    assert calls(rules.replace(state, hour=Span(100)), Lane.PULL)[0] > 0


def test_the_day_is_drawn_from_once_the_hour_is_used_up() -> None:
    state = State(seeded=True, hour=Span(0), day=Span(100))

    assert rules.decide(state, FRESH, NOON, CAPS, doubted=False) == Grant("day")
    assert calls(state, Lane.PULL)[0] == 50


def test_hour_and_day_used_up_wait_for_the_next_clock_hour() -> None:
    made, _, wait = calls(PLATINUM, FRESH)

    assert (made, wait) == (1600, Wait(rules.millis(datetime(2026, 3, 1, 13, tzinfo=UTC)), Why.WINDOW))


def test_a_shop_that_tells_no_limit_is_bound_by_our_own_day() -> None:
    made, _, wait = calls(State(seeded=True), FRESH)

    assert made == CAPS.calls_per_day
    assert wait == Wait(rules.millis(datetime(2026, 3, 1, 23, tzinfo=UTC)), Why.OWN_DAY)  # midnight in Prague


CALLING = {*Lane} - {Lane.ALARM, Lane.BOOK, Lane.TRACK, Lane.POINTS}
HOUSEKEEPING = {Lane.SWEEP, Lane.AFFILIATES}


@pytest.mark.parametrize(
    ("used", "open_to"),
    [(0, CALLING), (30_000, CALLING - HOUSEKEEPING), (37_500, CALLING - HOUSEKEEPING - {Lane.PULL}), (50_000, set())],
)
def test_the_last_calls_of_the_service_s_day_are_for_fresh_events(used: int, open_to: set[Lane]) -> None:
    state = rules.replace(PLATINUM, service_used=used)
    open_now = {lane for lane in Lane if isinstance(rules.decide(state, lane, NOON, CAPS, doubted=False), Grant)}

    assert open_now == open_to


@pytest.mark.parametrize("lane", sorted(CALLING))
def test_every_lane_that_calls_has_its_share_and_can_make_a_call_on_the_smallest_tariff(lane) -> None:
    bronze = State(seeded=True, hour=Span(10), day=Span(100))

    assert rules.decide(bronze, lane, NOON, CAPS, doubted=False) == Grant("hour")


def test_fresh_events_find_half_of_the_burst_while_a_pull_runs_at_full_speed() -> None:
    pulled = rules.paced([NOON] * (CAPS.burst // 2), CAPS)
    state = State(seeded=True, paced_until=pulled)

    assert rules.decide(state, Lane.PULL, NOON, CAPS, doubted=False) == Wait(NOON + CAPS.interval_ms, Why.PACE)
    assert rules.decide(state, FRESH, NOON, CAPS, doubted=False) == Grant(None)


@given(st.lists(st.integers(0, 400), max_size=200), st.sampled_from(list(Lane)))
def test_no_second_sees_more_than_the_burst_and_the_pace(gaps: list[int], lane: Lane) -> None:
    now, state, began = NOON, State(seeded=True), list[int]()
    for gap in gaps:
        now += gap
        decided = rules.decide(state, lane, now, CAPS, doubted=False)
        if isinstance(decided, Grant):
            began.append(now)
            state = rules.replace(state, paced_until=rules.paced(began, CAPS))

    for first in began:
        assert len([at for at in began if first <= at < first + 1_000]) <= CAPS.burst + CAPS.calls_per_second


def test_nothing_is_called_before_the_time_the_shop_named() -> None:
    state = rules.replace(PLATINUM, blocked_until=NOON + 90_000)

    assert rules.decide(state, Lane.ACTIVATE, NOON, CAPS, doubted=False) == Wait(NOON + 90_000, Why.BLOCKED)
    assert rules.decide(state, Lane.ACTIVATE, NOON + 90_000, CAPS, doubted=False) == Grant("hour")


def test_three_bad_logins_stop_fresh_credentials_and_no_others() -> None:
    bad = (NOON - 3_000_000, NOON - 2_000_000, NOON - 1_000_000, NOON - 5)
    state = rules.replace(PLATINUM, bad_logins=bad)

    assert rules.decide(state, Lane.ACTIVATE, NOON, CAPS, doubted=True) == Wait(bad[1] + rules.HOUR_MS, Why.LOGINS)
    assert rules.decide(state, FRESH, NOON, CAPS, doubted=False) == Grant("hour")


def test_fresh_credentials_are_tried_one_at_a_time_in_the_whole_service() -> None:
    state = rules.replace(PLATINUM, doubted_leases=1, service_leases=1)

    assert rules.decide(state, Lane.ACTIVATE, NOON, CAPS, doubted=True) == Wait(
        NOON + rules.LOOK_AGAIN_MS, Why.ONE_DOUBTED
    )
    assert rules.decide(state, Lane.ACTIVATE, NOON, CAPS, doubted=False) == Grant("hour")


@pytest.mark.parametrize(("leases", "service_leases", "why"), [(2, 2, Why.AT_ONCE), (1, 16, Why.ALL_AT_ONCE)])
def test_calls_at_once_are_bounded_per_shop_and_for_the_service(leases, service_leases, why) -> None:
    state = rules.replace(PLATINUM, leases=leases, service_leases=service_leases)

    assert rules.decide(state, FRESH, NOON, CAPS, doubted=False) == Wait(NOON + rules.LOOK_AGAIN_MS, why)


@pytest.mark.parametrize(
    ("now", "begins", "ends", "hours"),
    [
        ("2026-03-01T12:00+00:00", "2026-02-28T23:00+00:00", "2026-03-01T23:00+00:00", 24),
        ("2026-03-29T12:00+00:00", "2026-03-28T23:00+00:00", "2026-03-29T22:00+00:00", 23),
        ("2026-10-25T12:00+00:00", "2026-10-24T22:00+00:00", "2026-10-25T23:00+00:00", 25),
    ],
)
def test_a_day_is_prague_s(now: str, begins: str, ends: str, hours: int) -> None:
    at = rules.millis(datetime.fromisoformat(now))

    assert rules.moment(rules.day_began(at)) == datetime.fromisoformat(begins)
    assert rules.moment(rules.next_day(at)) == datetime.fromisoformat(ends)
    assert rules.next_day(at) - rules.day_began(at) == hours * rules.HOUR_MS
