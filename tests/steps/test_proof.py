"""What of a period is proven, what the rest costs, and whose losses they are: tables, and intervals of every kind."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.inbox import LATE, Cause, Look, Loss, What
from service.journal import Entry, Kind
from service.kit import spans
from service.kit.spans import Span
from service.steps import proof
from service.steps.look import OVERLAP
from service.steps.proof import Done, NoPeriod, Outcome, Share, Verdict, Why

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=900)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def span(since: float, until: float) -> Span:
    return Span(at(since), at(until))


def looked(since: float | None, until: float | None) -> Look:
    """A look that compared every change between two minutes."""
    begin, end = since if since is None else at(since), until if until is None else at(until)
    return Look(1, Cause.PERSON, None, at(0), at(0), at(0), begin, end, 1, 0, 0, 0)


def loss(what: What = What.CHANGED, **told: Any) -> Loss:
    fields = {"known_at": at(-60), "created_at": at(-90), "changed_at": at(5), "looked_at": at(50), "found_at": at(50)}
    return Loss("O1", what, **{**fields, **told})


minutes = st.integers(0, 40)


@given(st.tuples(minutes, minutes), st.lists(st.tuples(minutes, minutes), max_size=6))
def test_a_moment_is_in_a_gap_or_covered_and_never_both(whole: tuple[int, int], covered: list[tuple[int, int]]) -> None:
    given_spans = [span(*each) for each in covered]
    found = spans.gaps(span(*whole), given_spans)

    for minute in range(41):
        is_covered = any(each.holds(at(minute)) for each in given_spans)
        is_open = [gap for gap in found if gap.holds(at(minute))]
        assert len(is_open) == (span(*whole).holds(at(minute)) and not is_covered)


@given(st.tuples(minutes, minutes), st.lists(st.tuples(minutes, minutes), max_size=6))
def test_gaps_come_in_order_apart_and_inside(whole: tuple[int, int], covered: list[tuple[int, int]]) -> None:
    found = spans.gaps(span(*whole), [span(*each) for each in covered])

    assert list(found) == sorted(found)
    assert all(not gap.empty and gap.within(span(*whole)) == gap for gap in found)
    assert all(before.until < after.since for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("looks", "left"),
    [
        ([], [(0, 60)]),
        ([looked(-10, 60)], []),
        ([looked(0, 60)], [(0, 10)]),  # ten minutes are left for clocks that differ
        ([looked(-10, 59)], [(59, 60)]),
        ([looked(-30, 20), looked(10, 60)], []),  # the second takes up where the first one ended
        ([looked(-30, 20), looked(15, 60)], [(20, 25)]),
        ([looked(None, None)], [(0, 60)]),  # its list never stood still
        ([looked(50, 55)], [(0, 60)]),  # shorter than the clocks may differ
    ],
)
def test_a_look_proves_what_it_compared_less_what_clocks_may_differ(looks: list[Look], left: list[Any]) -> None:
    found = proof.gaps(span(0, 60), looks, known_from=LONG_AGO, kept_from=LONG_AGO)

    assert [(gap.span, gap.why) for gap in found] == [(span(*each), Why.NOT_LOOKED) for each in left]


@pytest.mark.parametrize(
    ("known", "kept", "whys"),
    [
        (None, -500, [(0, 60, Why.BEFORE_US)]),
        (20, -500, [(0, 20, Why.BEFORE_US)]),
        (-500, 20, [(0, 20, Why.AGED)]),
        (20, 30, [(0, 20, Why.BEFORE_US), (20, 30, Why.AGED)]),
        (70, -500, [(0, 60, Why.BEFORE_US)]),
        (-500, 70, [(0, 60, Why.AGED)]),
    ],
)
def test_what_was_before_us_or_has_aged_away_no_look_proves(known: Any, kept: float, whys: list[Any]) -> None:
    known_from = None if known is None else at(known)
    found = proof.gaps(span(0, 60), [looked(-100, 60)], known_from=known_from, kept_from=at(kept))

    assert [(gap.span, gap.why) for gap in found] == [(span(since, until), why) for since, until, why in whys]
    assert proof.doubted_from(found) is None


def test_a_proof_reaches_back_to_the_first_gap_it_can_close() -> None:
    found = proof.gaps(span(0, 60), [looked(0, 30)], known_from=at(5), kept_from=LONG_AGO)

    assert proof.doubted_from(found) == at(5)


@pytest.mark.parametrize(
    ("compared", "listed", "least", "most"),
    [(0, 0, 1, 2), (1, 1, 1, 2), (100, 100, 1, 2), (101, 101, 2, 3), (99, 500, 1, 6), (100, 500, 2, 6)],
)
def test_a_proof_costs_a_page_for_each_hundred_and_one_call_more_at_most(
    compared: int, listed: int, least: int, most: int
) -> None:
    found = proof.cost(compared=compared, listed=listed)

    assert (found.at_least, found.at_most) == (least, most)


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (at(5), at(5), "from"),
        (at(6), at(5), "from"),
        (at(0), at(61), "to"),
        (datetime(1999, 12, 31, tzinfo=UTC), at(0), "from"),
        (datetime.min.replace(tzinfo=UTC), at(0), "from"),
        (at(0), datetime.max.replace(tzinfo=UTC), "to"),
    ],
)
def test_a_period_that_is_none_or_not_over_is_refused_by_the_end_at_fault(
    since: datetime, until: datetime, field: str
) -> None:
    with pytest.raises(NoPeriod) as refused:
        proof.period(since, until, now=at(60))

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("found", "share"),
    [
        (loss(changed_at=at(0)), Share.CERTAIN),
        (loss(changed_at=at(10)), Share.POSSIBLE),  # changed after it; what it showed in it nobody knows
        (loss(changed_at=at(10), known_at=at(10)), Share.NONE),  # a state from after the period was known
        (loss(changed_at=at(-1)), Share.NONE),
        (loss(What.NEW, known_at=None, created_at=at(3), changed_at=at(30)), Share.CERTAIN),
        (loss(What.NEW, known_at=None, created_at=at(-2), changed_at=at(30)), Share.POSSIBLE),
        (loss(What.NEW, known_at=None, created_at=at(10), changed_at=at(30)), Share.NONE),
        (loss(What.ABSENT, known_at=at(-60), created_at=None, changed_at=None), Share.POSSIBLE),
        (loss(What.ABSENT, known_at=at(2), created_at=None, changed_at=None, looked_at=at(9)), Share.CERTAIN),
        (loss(What.ABSENT, known_at=at(11), created_at=None, changed_at=None), Share.NONE),
        (loss(What.UNREAD, known_at=None, created_at=None, changed_at=None), Share.POSSIBLE),
    ],
)
def test_a_loss_belongs_to_the_period_its_change_lies_in(found: Loss, share: Share) -> None:
    assert proof.share(found, span(0, 10)) is share


def entries(*kinds: Kind) -> Sequence[Entry]:
    return [Entry(at(50 + place), kind, "O1") for place, kind in enumerate(kinds)]


UNSEEN: dict[str, Any] = {"changed_at": None, "created_at": None}


@pytest.mark.parametrize(
    ("found", "later", "outcome"),
    [
        (loss(), [], Outcome(Done.MIRRORED, at(50))),
        (loss(What.ABSENT, **UNSEEN), [], Outcome(Done.ASKED, at(50))),
        (loss(What.ABSENT, **UNSEEN), [Kind.MISSING], Outcome(Done.HELD, at(50))),
        (loss(What.ABSENT, **UNSEEN), [Kind.MISSING, Kind.DELETED], Outcome(Done.DELETED, at(51))),
        (loss(What.ABSENT, **UNSEEN), [Kind.MISSING, Kind.REVIVED, Kind.READ], Outcome(Done.MIRRORED, at(51))),
        (loss(What.ABSENT, **UNSEEN), [Kind.READ, Kind.MISSING], None),  # it was listed after all
        (loss(What.UNREAD, **UNSEEN), [Kind.READ], None),  # and nothing had changed
        (loss(What.UNREAD, **UNSEEN), [Kind.CHANGED, Kind.READ], Outcome(Done.MIRRORED, at(50))),
        (loss(What.UNREAD, told_at=at(40), **UNSEEN), [Kind.CHANGED], None),
        (loss(What.UNREAD, told_at=at(40), **UNSEEN), [], Outcome(Done.ASKED, at(50))),
        (loss(What.UNREAD, **UNSEEN), [Kind.OFFERED], Outcome(Done.ASKED, at(50))),
    ],
)
def test_what_was_done_is_what_the_journal_says_since(found: Loss, later: list[Kind], outcome: Outcome | None) -> None:
    assert proof.outcome(found, entries(*later), parked=None) == outcome


def test_what_waits_for_a_person_says_why() -> None:
    parked = proof.outcome(loss(What.UNREAD, **UNSEEN), [], parked="it cannot be read")

    assert parked == Outcome(Done.PARKED, at(50), "it cannot be read")


@pytest.mark.parametrize(
    ("changed", "told", "minutes_on", "undecided"),
    [(45, None, 5, True), (45, None, 10, False), (39, None, 5, False), (45, 52, 5, False)],
)
def test_what_changed_shortly_before_the_look_may_still_be_told(
    changed: float, told: float | None, minutes_on: float, undecided: bool
) -> None:
    found = loss(changed_at=at(changed), told_at=told and at(told))

    assert timedelta(minutes=10) == LATE == OVERLAP
    assert proof.is_undecided(found, now=at(50 + minutes_on)) == undecided


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({}, Verdict.COMPLETE),
        ({"gaps": 1}, Verdict.UNPROVEN),
        ({"undecided": 1}, Verdict.UNPROVEN),
        ({"missing": 1}, Verdict.INCOMPLETE),
        ({"nameless": 1}, Verdict.INCOMPLETE),
        ({"missing": 1, "gaps": 1}, Verdict.UNPROVEN),
    ],
)
def test_only_what_is_proven_and_lost_nothing_is_complete(told: dict[str, int], verdict: Verdict) -> None:
    assert proof.verdict(**{**dict.fromkeys(("gaps", "undecided", "missing", "nameless"), 0), **told}) is verdict
