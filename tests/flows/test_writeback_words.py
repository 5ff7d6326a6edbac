"""Whose word stands in the shop: the last one of ours, unless the shop itself has said something since."""

import pytest

from service.lanes import Lane
from service.problems import Cause
from simulator import changes
from tests.flows.shipping import Live, live
from tests.flows.test_ship_in_town import DPD, PPL, Packed
from tests.flows.test_writeback import put_fault
from tests.flows.town import FLOWS, Town


@pytest.fixture
def shop(town: Town) -> Live:
    return live(town, count=30)


@pytest.fixture
def packed(town: Town) -> Packed:
    return Packed(**vars(live(town, count=20)))


def test_a_code_that_was_corrected_and_corrected_back_stands_in_the_shop(packed: Packed) -> None:
    number = packed.released[0]
    told = packed.ship(number, PPL)
    packed.after(5)
    packed.read()
    packed.correct(told, DPD)
    packed.after(5)
    assert packed.shown(number)[1] == DPD.tracking_code  # and the mirror still shows the first one

    packed.correct(told, PPL)
    packed.after(5)
    assert packed.shown(number)[1] == PPL.tracking_code
    assert packed.state(number) == "sent"
    packed.read()

    assert packed.state(number) == "confirmed"
    assert packed.mails(number) == 1


def test_a_status_that_was_told_and_set_back_while_in_doubt_is_not_sent_again(shop: Live) -> None:
    number = shop.numbers[0]
    before, _ = shop.shown(number)
    put_fault(shop, "dropped")
    shop.want(number)
    shop.after(1)
    assert shop.mails(number) == 1
    shop.tell(number)
    FLOWS[Lane.REFRESH_ORDERS](shop.town.rig, shop.tenant)  # it hears of it
    changes.change_order(shop.town.world, shop.shop, number, status_id=before)
    for _ in range(20):
        shop.after(10)

    assert shop.mails(number) == 1
    assert shop.shown(number)[0] == before
    assert shop.problems() == [(Cause.OVERRULED, number)]
    assert shop.state(number) == "confirmed"
