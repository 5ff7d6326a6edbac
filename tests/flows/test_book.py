"""Labels are made once, whatever becomes of the answers; what nothing can clear is a person's."""

import pytest

from service.bookings import Parked, State
from service.problems import Cause
from tests.carriers.kit import SORTS
from tests.flows.counter import counter

READY = State.READY.value
CODES = [*SORTS]
REPEATABLE = {"ppl", "gls", "balikobot", "dpd_cz"}


@pytest.mark.parametrize("code", CODES)
def test_a_parcel_gets_its_label_and_the_shop_its_code(town, code: str) -> None:
    at = counter(town, code)
    asked = at.wants(code, 3)

    at.work(30)

    assert at.states(asked) == [READY] * 3
    assert at.twice(code) == {}
    town.work(for_s=10)
    for each in asked:
        number = at.stands(each).order_number
        assert at.shop.shown(number) == (at.shop.sent_id, at.numbers(each)[0].upper())
    assert at.shop.mails() == 3
