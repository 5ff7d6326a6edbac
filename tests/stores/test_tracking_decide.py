"""Young parcels are asked about often, old ones rarely, ended ones never; money only for a while."""

from datetime import date, timedelta

import pytest

from service.tracking import State, decide
from tests.shop_items import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "still", "pause"),
    [
        (State.CREATED, 0 * DAY, 6 * HOUR),
        (State.UNKNOWN, 0 * DAY, 6 * HOUR),
        (State.ACCEPTED, 0 * DAY, 2 * HOUR),
        (State.IN_TRANSIT, 2 * DAY, 2 * HOUR),
        (State.EXCEPTION, 0 * DAY, 2 * HOUR),
        (State.RETURNING, 0 * DAY, 2 * HOUR),
        (State.OUT_FOR_DELIVERY, 0 * DAY, HOUR / 2),
        (State.AT_PICKUP_POINT, 0 * DAY, 6 * HOUR),
        (State.OUT_FOR_DELIVERY, 3 * DAY, 6 * HOUR),
        (State.IN_TRANSIT, 14 * DAY, DAY),
        (State.AT_PICKUP_POINT, 20 * DAY, DAY),
        (State.DELIVERED, 0 * DAY, None),
        (State.RETURNED, 0 * DAY, None),
        (State.CANCELLED, 0 * DAY, None),
    ],
)
def test_a_state_has_its_rhythm(state: State, still: timedelta, pause: timedelta | None) -> None:
    due = decide.due_next(state, state_since=NOON - still, first_at=NOON - still, now=NOON, money=None)

    assert due == (pause and NOON + pause)


def test_after_sixty_days_nothing_is_asked() -> None:
    first = NOON - 60 * DAY

    assert decide.due_next(State.IN_TRANSIT, state_since=first, first_at=first, now=NOON, money=None) is None
    last = decide.due_next(State.IN_TRANSIT, state_since=first, first_at=first, now=NOON - HOUR, money=None)
    assert last == NOON  # it is asked about once more, and then let be


@pytest.mark.parametrize(("money", "asks"), [(NOON.date(), True), (NOON.date() - DAY, False), (None, False)])
def test_a_delivered_parcel_is_asked_about_its_money_once_a_day_until_its_last_day(
    money: date | None, asks: bool
) -> None:
    due = decide.due_next(State.DELIVERED, state_since=NOON, first_at=NOON, now=NOON, money=money)

    assert due == (NOON + DAY if asks else None)


ON, DUE, AFTER = date(2026, 3, 5), date(2026, 3, 15), date(2026, 3, 16)
CZK = (129_000, "CZK")


@pytest.mark.parametrize(
    ("paid_on", "paid", "over", "today", "stands"),
    [
        (None, None, False, ON, "waiting"),
        (None, None, False, DUE, "waiting"),
        (None, None, False, AFTER, "overdue"),
        (None, None, True, AFTER, "over"),
        (ON, None, False, AFTER, "paid"),
        (ON, CZK, False, AFTER, "paid"),
        (ON, CZK, True, AFTER, "paid"),
        (ON, (129_000, "EUR"), False, ON, "differs"),
        (ON, (128_900, "CZK"), False, ON, "differs"),
    ],
)
def test_money_stands_as_it_was_paid(paid_on, paid, over: bool, today: date, stands: str) -> None:
    found = decide.payment(amount=CZK, paid_on=paid_on, paid=paid, due_on=DUE, over=over, today=today)

    assert found == stands
