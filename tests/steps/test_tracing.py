"""Where a parcel is, after scans that come late, twice and in any order: it never goes back but by a return."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers import states
from carriers.base import Tracked
from carriers.states import Reason, Scan, settled, standing
from service.steps import tracing
from service.steps.tracing import RANK
from service.tracking import State
from tests.shop_items import NOON

SCANS = st.builds(
    lambda hour, state, reason: Scan(NOON + timedelta(hours=hour), state, state.value, "", "", reason),
    st.integers(0, 30),
    st.sampled_from(states.State),
    st.none() | st.sampled_from(Reason),
)


def told(scans: Sequence[Scan]) -> Tracked:
    every = settled(scans)
    return Tracked("1", standing(every), every, states.reason_of(every))


def after(batches: Sequence[Sequence[Scan]]) -> list[State]:
    """Return where a parcel is after each telling; what was told is kept."""
    kept: list[tracing.Told] = []
    stands = [State.CREATED]
    for batch in batches:
        answer = told(batch)
        kept = [*{one.mark + str(one.at): one for one in (*kept, *tracing.scans_of(answer))}.values()]
        stands.append(tracing.stands(stands[-1], answer, sorted(kept, key=lambda one: one.at)).state)
    return stands


def scan(state: states.State, hour: int, reason: Reason | None = None) -> Scan:
    return Scan(NOON + timedelta(hours=hour), state, state.value, "", "", reason)


@given(st.lists(SCANS, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_scans_are_told_makes_no_difference(scans: list[Scan], dice) -> None:
    mixed = [*scans, *scans[:2]]
    dice.shuffle(mixed)

    assert after([[one] for one in mixed])[-1] == after([scans, scans])[-1]


@given(st.lists(st.lists(SCANS, max_size=4), max_size=6))
def test_a_parcel_never_goes_back(batches: list[list[Scan]]) -> None:
    ranks = [RANK.index(state) for state in after(batches)]

    assert ranks == sorted(ranks)


def test_every_state_has_its_rank() -> None:
    assert set(RANK) == set(State)
    assert {state.value for state in State} == {state.value for state in states.State}


def test_what_its_sender_got_back_was_not_delivered_though_that_was_told_first() -> None:
    state = states.State
    ended = after([[scan(state.DELIVERED, 9)], [scan(state.RETURNING, 5)]])

    assert ended[1:] == [State.DELIVERED, State.RETURNED]


@pytest.mark.parametrize(
    ("scans", "reason"),
    [
        ([("at_pickup_point", None), ("returning", None)], "not_collected"),
        ([("at_pickup_point", None), ("returning", Reason.REFUSED)], "refused"),
        ([("exception", Reason.ADDRESS), ("returning", None)], "address"),
        ([("out_for_delivery", None), ("returning", None)], None),
        ([("at_pickup_point", None), ("exception", Reason.REFUSED), ("returning", None)], "refused"),
        ([("exception", Reason.REFUSED), ("at_pickup_point", None), ("returning", None)], "not_collected"),
        ([("at_pickup_point", None), ("exception", Reason.DAMAGED), ("returning", None)], "damaged"),
        ([("at_pickup_point", None), ("exception", Reason.ABSENT), ("returning", None)], "not_collected"),
        ([("at_pickup_point", None), ("delivered", None), ("returning", None)], None),
        ([("delivered", None), ("at_pickup_point", None), ("returning", None)], None),
        ([("returning", None), ("at_pickup_point", None), ("returned", None)], None),
        ([("in_transit", Reason.CUSTOMS), ("in_transit", None), ("returning", None), ("returned", None)], None),
        ([("in_transit", Reason.CUSTOMS), ("at_pickup_point", None), ("returning", None)], "not_collected"),
        ([("in_transit", None), ("in_transit", Reason.CUSTOMS)], "customs"),
    ],
)
def test_a_return_has_the_reason_it_was_told_with_or_the_one_it_must_have(scans, reason: str | None) -> None:
    answer = told([scan(states.State(state), hour, why) for hour, (state, why) in enumerate(scans)])

    assert tracing.stands(State.CREATED, answer, tracing.scans_of(answer)).reason == reason


def test_words_without_end_are_cut_and_odd_ones_can_be_stored() -> None:
    long = Scan(NOON, states.State.ACCEPTED, "c" * 900, "w\0" * 900, "p" * 900)
    [kept] = tracing.scans_of(Tracked("1", states.State.ACCEPTED, [long]))

    assert (len(kept.code), len(kept.said or ""), len(kept.spot or "")) == (64, 300, 120)
    assert "\0" not in (kept.said or "")
    assert len(tracing.scans_of(Tracked("1", states.State.ACCEPTED, [long] * 999))) == tracing.MOST_SCANS
