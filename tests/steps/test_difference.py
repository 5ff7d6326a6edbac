"""Halving a window finds whatever is missing, and reads little else."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kit import clock
from service.steps import difference
from service.steps.difference import Window

START = datetime(2026, 3, 1, tzinfo=UTC)
SIZE = 5  # of a page


def at(second: int) -> str:
    return (START + timedelta(seconds=second)).isoformat()


def window(since: int, until: int) -> Window:
    return Window(at(since), at(until))


def seconds_of(here: Window) -> tuple[int, int]:
    since, until = ((clock.parse(stamp) - START) // timedelta(seconds=1) for stamp in here)
    return since, until


def read_what_lacks(
    created: Sequence[int], mirrored: Collection[int], *, until: int, newest_first: bool
) -> tuple[set, int]:
    """Compare as the pull does, orders being places in `created`; return what is mirrored then, and the calls."""
    mirror = set(mirrored)
    places = sorted(range(len(created)), key=lambda place: created[place], reverse=newest_first)
    windows: Sequence[Window] = [window(0, until)]
    page, calls = 1, 0
    while windows:
        since_s, until_s = seconds_of(windows[0])
        listed = [place for place in places if since_s <= created[place] <= until_s]
        shown = listed[(page - 1) * SIZE : page * SIZE]
        mirror.update(shown)
        calls += 1
        windows, page = difference.onward(
            windows,
            page=page,
            pages=ceil(len(listed) / SIZE),
            lacking=len(mirror.intersection(listed)) < len(listed),
            shown=[START + timedelta(seconds=created[place]) for place in shown],
        )
    return mirror, calls


@given(
    created=st.lists(st.integers(0, 3_000) | st.sampled_from([7, 1_500, 2_999]), max_size=200),
    lost=st.sets(st.integers(0, 199), max_size=12),
    newest_first=st.booleans(),
)
def test_whatever_is_missing_is_read_within_a_bound_of_calls(
    created: list[int], lost: set[int], newest_first: bool
) -> None:
    everything = set(range(len(created)))
    missing = everything & lost

    mirror, calls = read_what_lacks(created, everything - missing, until=3_000, newest_first=newest_first)

    fullest = max((created.count(second) + created.count(second + 1) for second in created), default=0)
    levels = ceil(log2(3_000)) + 1
    assert mirror == everything
    assert calls <= 1 + len(missing) * (4 * levels + ceil(fullest / SIZE) + difference.FEW_PAGES)


@pytest.mark.parametrize("place", [0, 6, 999, 1_000, 1_731, 1_999])
def test_one_of_two_thousand_orders_costs_a_dozen_calls_or_two_and_not_four_hundred(place: int) -> None:
    created = [second * 40 for second in range(2_000)]
    everything = set(range(2_000))

    mirror, calls = read_what_lacks(created, everything - {place}, until=80_000, newest_first=False)

    assert mirror == everything
    assert calls <= 20


def test_a_young_shop_in_a_long_window_costs_no_call_for_the_empty_years() -> None:
    created = [300_000_000 + second * 40 for second in range(100)]

    mirror, calls = read_what_lacks(created, range(1, 99), until=300_010_000, newest_first=False)

    assert len(mirror) == 100
    assert calls <= 12


@given(since=st.integers(0, 5_000), width=st.integers(2, 5_000))
def test_halves_meet_in_one_second_and_are_narrower(since: int, width: int) -> None:
    first, second = difference.halves(window(since, since + width))

    (begin, middle), (again, end) = seconds_of(first), seconds_of(second)
    assert (begin, end) == (since, since + width)
    assert begin < middle == again < end


@pytest.mark.parametrize("width", [0, 1])
def test_a_second_is_not_split_but_read_page_by_page(width: int) -> None:
    narrow = window(5, 5 + width)

    assert difference.halves(narrow) == [narrow]
    assert difference.onward([narrow], page=1, pages=9, lacking=True) == ([narrow], 2)
    assert difference.onward([narrow], page=8, pages=9, lacking=True) == ([narrow], 9)
    assert difference.onward([narrow, window(6, 9)], page=9, pages=9, lacking=True) == ([window(6, 9)], 1)


def test_a_window_of_few_pages_is_read_rather_than_split() -> None:
    wide = window(0, 1_000)

    assert difference.onward([wide], page=1, pages=difference.FEW_PAGES, lacking=True) == ([wide], 2)
    split, page = difference.onward([wide], page=1, pages=difference.FEW_PAGES + 1, lacking=True)
    assert (split, page) == ([window(0, 500), window(500, 1_000)], 1)


def test_a_window_in_which_nothing_lacks_is_left_at_once() -> None:
    assert difference.onward([window(0, 9), window(9, 20)], page=1, pages=7, lacking=False) == ([window(9, 20)], 1)


@pytest.mark.parametrize(
    ("shown", "left"),
    [
        ([1, 4, 4], window(4, 9)),
        ([4, 1], window(0, 9)),
        ([4, 4], window(0, 9)),  # nothing says in which direction this list goes on
        ([], window(0, 9)),
        ([4, 12], window(0, 9)),  # a shop that does not keep to the window need not keep to the order either
    ],
)
def test_what_a_page_in_order_has_shown_is_left_out(shown: list[int], left: Window) -> None:
    assert difference.after(window(0, 9), [START + timedelta(seconds=second) for second in shown]) == left
