"""A clock that leaps is taken in before anybody acts by it: nobody has waited as long as it says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import pytest

from service.kit.clock import Leaps
from service.outbox.doubt import LANDS_WITHIN, LEAVES_WITHIN
from tests.flows.town import Town, build
from tests.stores import outbox_bench as bench
from workers.leaps import heed

HOUR = timedelta(hours=1)
RESTS = LEAVES_WITHIN + LANDS_WITHIN


@dataclass
class Hands:
    """A clock and what it shows beside the time that really passes."""

    now: datetime = bench.NOW
    passed_s: float = 0.0
    leaps: Leaps = field(init=False)

    def __post_init__(self) -> None:
        self.leaps = Leaps(lambda: self.now, lambda: self.passed_s)

    def move(self, shown: timedelta, passed: timedelta) -> None:
        self.now += shown
        self.passed_s += passed.total_seconds()


@pytest.fixture
def town(tmp_path, database, redis_url) -> Iterator[Town]:
    built = build(tmp_path, database.url, redis_url)
    yield built
    built.rig.close()


@pytest.mark.parametrize("leap", [HOUR, timedelta(seconds=5)])
def test_a_leap_is_seen_until_it_is_taken_in(leap: timedelta) -> None:
    hands = Hands()
    hands.move(timedelta(seconds=1) + leap, timedelta(seconds=1))

    assert hands.leaps.ahead() == hands.leaps.ahead() == leap
    hands.leaps.take_in()
    assert hands.leaps.ahead() == timedelta(0)


def test_a_clock_that_is_set_right_slowly_does_not_leap() -> None:
    hands = Hands()
    hands.move(timedelta(seconds=1_004), timedelta(seconds=1_000))

    assert hands.leaps.ahead() == timedelta(0)


def test_a_leap_after_the_clock_was_set_back_counts_from_there() -> None:
    hands = Hands()
    hands.move(-HOUR, timedelta(0))

    assert hands.leaps.ahead() == timedelta(0)
    hands.move(HOUR, timedelta(0))
    assert hands.leaps.ahead() == HOUR


def in_doubt(town: Town) -> None:
    """Leave O1 in doubt, O2 in doubt and deleted, O3 still to be sent, O4 parked."""
    with town.rig.db.tx(bench.SHOP) as conn:
        bench.go_live(conn)
        for number in ("O1", "O2", "O3", "O4"):
            bench.mirror(conn, number, at=-100)
        bench.want(conn, "O1", "O2", "O4")
        assert bench.numbers(bench.claim(conn)) == ["O1", "O2", "O4"]
        bench.want(conn, "O3", at=2)
        conn.execute("UPDATE outbox SET due_at = NULL WHERE order_number = 'O2'")
        conn.execute("UPDATE outbox SET parked = 'why', due_at = %s WHERE order_number = 'O4'", [bench.NOW])


def due(town: Town) -> dict[str, datetime | None]:
    with town.rig.db.tx(bench.SHOP) as conn:
        return {number: bench.row(conn, number).due_at for number in ("O1", "O2", "O3", "O4")}


def test_after_a_leap_what_is_in_doubt_rests_anew_and_nothing_else(town: Town) -> None:
    in_doubt(town)
    hands, before = Hands(), due(town)
    hands.move(HOUR, timedelta(0))
    town.watch.at = hands.now

    heed(town.rig, hands.leaps)

    assert due(town) == before | {"O1": hands.now + RESTS}
    assert hands.leaps.ahead() == timedelta(0)


def test_without_a_leap_nothing_is_touched(town: Town) -> None:
    in_doubt(town)
    before = due(town)

    heed(town.rig, Hands().leaps)

    assert due(town) == before


def test_a_leap_that_could_not_be_taken_in_is_still_there(town: Town) -> None:
    hands = Hands()
    hands.move(HOUR, timedelta(0))
    town.rig.db.close()

    with pytest.raises(psycopg.Error):
        heed(town.rig, hands.leaps)

    assert hands.leaps.ahead() == HOUR
