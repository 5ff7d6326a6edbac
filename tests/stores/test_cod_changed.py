"""Of amounts asked for one after another, what we know is the one the carrier said yes to last."""

from datetime import datetime, timedelta

import pytest

from service.tracking import collecting, payments
from service.tracking.collecting import Asked, Turn
from tests.lifecycle import START
from tests.stores.test_payments import INSERT

LEASE_S = 45
A_MINUTE = timedelta(minutes=1)


def owed(conn, *, minor: int = 100, over: datetime | None = None) -> None:
    told = {"booking_id": "b_one", "due": None, "on": None, "minor": None, "currency": None, "over": over, "now": START}
    conn.execute(INSERT, told)
    conn.execute("UPDATE cod_payments SET amount_minor = %s", [minor])


def begin(conn, minor: int, *, now: datetime = START) -> Turn | None:
    return collecting.begin(conn, "t_one", "b_one", minor, now=now, lease_s=LEASE_S)


def changed(conn, turn: Turn | None, *, is_gone: bool = False) -> bool:
    assert turn
    return collecting.changed(conn, "t_one", turn, is_gone=is_gone, now=START)


def stands(conn) -> tuple[int, bool]:
    """Return what is collected, and whether it is expected."""
    each = payments.of_bookings(conn, "t_one", ["b_one"])["b_one"]
    return each.amount[0], each.over_at is None


@pytest.mark.parametrize(
    ("before", "minor", "lets"),
    [
        (Asked(None, None, None), 50, True),
        (Asked(50, START + A_MINUTE, "c_one"), 50, False),  # somebody is at it
        (Asked(50, START, "c_one"), 70, True),  # he never came back
        (Asked(50, START + A_MINUTE, None), 50, True),  # nobody heard: the same does no harm
        (Asked(50, START + A_MINUTE, None), 70, False),  # it may still land
        (Asked(50, START, None), 70, True),
    ],
)
def test_another_amount_is_asked_for_when_nothing_else_is_on_its_way(before: Asked, minor: int, lets: bool) -> None:
    assert before.lets(minor, START) is lets


def test_only_what_the_carrier_took_is_known(db) -> None:
    with db.tx("t_one") as conn:
        owed(conn)
        turn = begin(conn, 50)
        assert (begin(conn, 70), stands(conn)) == (None, (100, True))

        assert changed(conn, turn)
        assert stands(conn) == (50, True)
        assert changed(conn, begin(conn, 0))
        assert stands(conn) == (0, False)
        assert changed(conn, begin(conn, 70))
        assert stands(conn) == (70, True)


def test_whoever_comes_after_his_turn_changes_nothing(db) -> None:
    with db.tx("t_one") as conn:
        owed(conn)
        late = begin(conn, 50)

        assert changed(conn, begin(conn, 70, now=START + A_MINUTE))
        assert not changed(conn, late)
        assert stands(conn) == (70, True)


def test_after_a_no_another_amount_may_be_asked_for_and_after_silence_the_same_one_alone(db) -> None:
    with db.tx("t_one") as conn:
        owed(conn)

        for unclear, other in ((False, True), (True, False)):
            turn = begin(conn, 50)
            assert turn
            collecting.leave(conn, "t_one", turn, unclear=unclear, now=START)
            assert bool(begin(conn, 70)) is other
            conn.execute("UPDATE cod_payments SET asked_claim = NULL, asked_until = NULL WHERE asked_minor = 70")


def test_a_no_after_silence_leaves_the_silence_as_it_was(db) -> None:
    with db.tx("t_one") as conn:
        owed(conn)
        first = begin(conn, 50)
        assert first
        collecting.leave(conn, "t_one", first, unclear=True, now=START)

        again = begin(conn, 50)
        assert again
        collecting.leave(conn, "t_one", again, unclear=False, now=START)

        assert begin(conn, 70) is None
        assert begin(conn, 70, now=START + A_MINUTE)


def test_nothing_is_expected_of_a_label_that_was_taken_back_meanwhile(db) -> None:
    with db.tx("t_one") as conn:
        owed(conn, minor=0, over=START)

        assert changed(conn, begin(conn, 70), is_gone=True)
        assert stands(conn) == (70, False)
