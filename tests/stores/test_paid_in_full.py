"""What an order owed was paid out when all of it was, none is another sum, and we heard of it since it is wanted."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from service.tracking import Payment
from service.tracking.payments import in_full
from tests.shop_items import at

FIRST, SECOND = date(2026, 3, 4), date(2026, 3, 6)
HEARD = at(6 * 86_400)
OWED = Payment(
    booking_id="b_1", contract_id="k_1", carrier="gls", order_number="O1", amount=(129_000, "CZK"),
    variable_symbol="1", delivered_on=None, due_on=None, paid_on=None, paid=None, paid_by=None, over_at=None,
    told=None, entered_at=at(0), covers=("O1",), heard_at=None,
)  # fmt: skip
PAID = replace(OWED, paid_on=FIRST, paid=OWED.amount, heard_at=HEARD)
UNSAID = replace(PAID, paid=None)  # by tracking, which tells a day
OVER = replace(OWED, over_at=at(9))


@pytest.mark.parametrize(
    ("some", "day"),
    [
        ([], None),
        ([OWED], None),
        ([OVER], None),
        ([PAID], FIRST),
        ([UNSAID], FIRST),
        ([PAID, OWED], None),
        ([PAID, replace(OWED, due_on=FIRST)], None),
        ([PAID, OVER], FIRST),
        ([PAID, replace(PAID, paid_on=SECOND)], SECOND),
        ([PAID, replace(PAID, paid=(99_000, "CZK"))], None),
        ([replace(PAID, paid=(129_000, "EUR"))], None),
        ([replace(PAID, over_at=at(9))], FIRST),
        ([replace(PAID, paid_on=date(2026, 2, 28))], None),  # before it had a label
        ([replace(PAID, paid_on=date(2026, 3, 1))], date(2026, 3, 1)),
        ([replace(PAID, paid_on=date(2026, 3, 14))], date(2026, 3, 14)),
        ([replace(PAID, paid_on=date(2026, 3, 15))], None),  # a slip of the list
    ],
)
def test_money_is_there_when_all_of_it_is(some: list[Payment], day: date | None) -> None:
    assert in_full(some, since=at(0)) == day


@pytest.mark.parametrize(
    ("heard", "since", "day"),
    [
        (HEARD, HEARD, FIRST),
        (HEARD, HEARD + timedelta(seconds=1), None),
        (None, at(0), None),  # before anybody wrote down when
    ],
)
def test_money_counts_that_was_told_of_since_it_is_wanted(
    heard: datetime | None, since: datetime, day: date | None
) -> None:
    assert in_full([replace(PAID, heard_at=heard)], since=since) == day


def test_of_several_the_last_one_told_of_counts() -> None:
    before = replace(PAID, heard_at=at(86_400 * 4))

    assert in_full([before, PAID], since=HEARD) == FIRST
    assert in_full([before, before], since=HEARD) is None
