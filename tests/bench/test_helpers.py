"""The benches' own arithmetic: a day is the day it says, and a reader's faults are found."""

from collections import Counter
from typing import get_args

import pytest

from tests.bench import feed, trade
from tests.bench.trade import DAY, Packing


@pytest.mark.parametrize("packing", get_args(Packing))
def test_a_day_brings_every_order_once_through_the_house(packing: Packing) -> None:
    deeds = trade.day(300, packing)
    today = Counter(deed.what for deed in deeds if deed.at_s >= 0)

    assert deeds == sorted(deeds)
    assert all(deed.at_s < DAY for deed in deeds)
    assert today["created"] == today["done"] == 300
    assert today["changed"] + today["noted"] == pytest.approx(300, abs=15)
    assert today["packed"] == today["shipped"] == pytest.approx(300, abs=15)


@pytest.mark.parametrize("packing", get_args(Packing))
def test_no_order_is_packed_before_it_is_confirmed_nor_shipped_before_it_is_packed(packing: Packing) -> None:
    when = {(deed.order, deed.what): deed.at_s for deed in trade.day(300, packing)}
    shipped = [order for order, what in when if what == "shipped"]

    assert shipped
    for order in shipped:
        times = [when[order, what] for what in ("created", "paid", "confirmed", "packed", "shipped")]
        assert times == sorted(times)


def test_the_same_seed_is_the_same_day() -> None:
    assert trade.day(20, "one by one", seed=3) == trade.day(20, "one by one", seed=3)
    assert trade.day(20, "one by one", seed=3) != trade.day(20, "one by one", seed=4)


COMMITTED = {("a", "O1", 1): 1.0, ("a", "O1", 2): 2.0, ("a", "O2", 1): 1.5}


def test_a_reader_may_pass_a_revision_over_but_not_the_last_one() -> None:
    assert feed.gaps([("a", "O1", 2, 2.1), ("a", "O2", 1, 2.1)], COMMITTED) == 0
    assert feed.gaps([("a", "O1", 1, 1.1), ("a", "O2", 1, 2.1)], COMMITTED) == 1
    assert feed.gaps([], COMMITTED) == 2


def test_what_a_reader_gets_again_or_out_of_turn_is_counted() -> None:
    assert feed.repeats([("a", "O1", 1, 1.1), ("b", "O1", 1, 1.2), ("a", "O1", 2, 2.1)]) == 0
    assert feed.repeats([("a", "O1", 2, 1.1), ("a", "O1", 1, 1.2), ("a", "O1", 2, 1.3)]) == 2


def test_a_lag_counts_from_the_commit_and_never_below_zero() -> None:
    seen = [("a", "O1", 1, 1.1), ("a", "O1", 2, 2.5), ("a", "O2", 1, 1.4)]

    assert feed.lags_of(seen, COMMITTED, besides={("a", "O1", 1)}) == [0.5, 0.0]
