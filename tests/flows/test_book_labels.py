"""Labels come through the flow as their carriers made them, and cost the shop no call."""

import pytest

from carriers import labels
from carriers.base import Label
from service import bookings
from service.bookings import State
from service.steps import carriage
from tests.carriers.kit import SORTS, codes, numbers_in
from tests.flows.counter import Counter, counter

COUNT = 5  # more than an A4 sheet holds


def printed(at: Counter, asked: list[str]) -> tuple[list[Label], list[str]]:
    """Return the kept labels in the order asked, and what the bar code on each must say."""
    with at.town.rig.db.tx(at.tenant) as conn:
        sheets = bookings.sheets(conn, at.tenant, asked, format="pdf")
        boxes = bookings.boxes(conn, at.tenant, asked)
    return [carriage.label_of(sheets[each]) for each in asked], [boxes[each][0].barcode for each in asked]


@pytest.mark.parametrize("code", [*SORTS])
def test_every_bar_code_can_be_read_after_merging_and_on_sheets(town, code: str) -> None:
    at = counter(town, code, count=COUNT + 5)
    asked = at.wants(code, COUNT)
    at.work(30)
    assert at.states(asked) == [State.READY.value] * COUNT
    asked.reverse()  # in pick order, which is none of ours

    made, wanted = printed(at, asked)
    whole = labels.merged(made)

    assert [number in numbers_in(code, page) for page, number in zip(codes(whole), wanted, strict=True)] == [
        True
    ] * COUNT
    assert whole.covers == tuple(number for each in made for number in each.covers)
    on_sheets = [numbers_in(code, page) for page in codes(labels.on_a4(whole, start=3))]
    assert [len(on_sheets), set(wanted) <= set().union(*on_sheets)] == [2, True]


def test_booking_and_printing_ask_the_shop_for_nothing(town) -> None:
    at = counter(town, "ppl", "packeta", count=20)
    asked = [*at.wants("ppl", 4), *at.wants("packeta", 4)]
    before = len(at.shop.shop.stats.log)

    at.work(60)
    assert at.states(asked) == [State.READY.value] * 8
    assert len(at.shop.shop.stats.log) == before
    town.work(for_s=60)

    assert {(call.method, call.template) for call in [*at.shop.shop.stats.log][before:]} == {("PUT", "/orders")}
