"""What a carrier failed at once, or at one label alone, sends no new order to the second carrier of its pairing."""

import pytest

from service import bookings
from service.bookings import Parked, State
from service.contracts import DOWN_MOST
from service.pairings import Pairing, Second
from tests.carriers.kit import SORTS
from tests.flows.counter import Counter, counter
from tests.flows.test_instead import AFTER_MIN, carriers, wants

FIRST = Pairing("ppl", "PRIV", second=Second("gls", SORTS["gls"].home, AFTER_MIN))
LABEL = "GET /data/{}"  # of PPL


@pytest.fixture
def at(town) -> Counter:
    return counter(town, "gls", "ppl", count=60)


def test_what_nobody_wants_any_more_of_a_carrier_that_failed_once_diverts_no_new_order(at: Counter) -> None:
    at.strikes("gls", "down")
    [given_up] = wants(at, 1)
    at.turn()
    at.cancel(given_up)
    at.town.watch.move(2 * AFTER_MIN * 60)

    more = wants(at, 2)
    at.work(30)

    assert carriers(at, more) == ["gls"] * 2
    assert at.states(more) == [State.READY.value] * 2


def test_a_carrier_that_is_back_keeps_all_that_comes_with_the_one_that_finds_it_out(at: Counter) -> None:
    at.worlds["gls"].faults.add("down", calls=None)
    gone = wants(at, 3)
    at.work(AFTER_MIN * 60 + 240, step_s=30)
    assert carriers(at, gone) == ["ppl"] * 3
    at.worlds["gls"].faults.clear()
    at.work(3_600, step_s=60)

    more = wants(at, 3)
    at.work(30)

    assert carriers(at, more) == ["gls"] * 3
    assert at.states(more) == [State.READY.value] * 3


@pytest.mark.parametrize("kind", ["error", "html", "empty"])
def test_one_label_that_was_late_diverts_no_new_order(at: Counter, kind: str) -> None:
    at.worlds["ppl"].faults.add(kind, operation=LABEL, calls=3)
    [late] = wants(at, 1, paired=FIRST)
    at.work(300)
    assert at.states([late]) == [State.READY.value]
    at.town.watch.move(2 * AFTER_MIN * 60)

    more = wants(at, 2, paired=FIRST)
    at.work(30)

    assert carriers(at, more) == ["ppl"] * 2
    assert at.states(more) == [State.READY.value] * 2


@pytest.mark.parametrize("kind", ["html", "empty"])
def only_of(at: Counter, kind: str) -> str:
    """Return a booking whose label alone PPL fails at for ever."""
    faults = at.worlds["ppl"].faults
    faults.add(kind, operation=LABEL, calls=None)
    [bad] = wants(at, 1, paired=FIRST)
    at.work(20)
    with at.town.rig.db.tx(at.tenant) as conn:
        [box] = bookings.boxes(conn, at.tenant, [bad])[bad]
    faults.clear()
    faults.add(kind, operation=LABEL, holding=box.handle["label"].rpartition("/")[2], calls=None)
    return bad


@pytest.mark.parametrize("kind", ["html", "empty"])
def test_one_label_that_is_never_readable_diverts_no_new_order(at: Counter, kind: str) -> None:
    only_of(at, kind)
    at.work(2 * AFTER_MIN * 60, step_s=60)

    more = wants(at, 2, paired=FIRST)
    at.work(30)

    assert carriers(at, more) == ["ppl"] * 2
    assert at.states(more) == [State.READY.value] * 2


def test_one_label_that_never_comes_is_a_persons_once_others_come_and_diverts_none_between_two_rests(
    at: Counter,
) -> None:
    bad = only_of(at, "error")
    at.work(3 * 3_600, step_s=120)
    at.town.watch.move(DOWN_MOST.total_seconds())

    more = wants(at, 2, paired=FIRST)
    at.work(1_200, step_s=60)

    assert carriers(at, more) == ["ppl"] * 2
    assert at.states(more) == [State.READY.value] * 2
    assert at.stands(bad).parked is Parked.FAILING
