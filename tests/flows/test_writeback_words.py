"""Whose word stands in the shop: the last one of ours, unless the shop itself has said something since."""

import pytest

from service.lanes import Lane
from service.problems import Cause
from simulator import changes
from tests.flows.shipping import Live, live
from tests.flows.test_ship_in_town import DPD, LATE, PPL, Packed
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


def test_what_the_shop_says_was_delivered_is_not_set_back_to_shipped(packed: Packed) -> None:
    number = packed.released[0]
    told = packed.ship(number, PPL, final=False)
    packed.after(5)
    changes.change_order(packed.town.world, packed.shop, number, status_id=packed.done_id)
    packed.read()

    packed.correct(told, DPD)  # and final now
    packed.after(60)

    assert packed.shown(number) == (packed.done_id, DPD.tracking_code)
    assert packed.mails(number) == 0


def test_a_code_that_was_taken_away_before_it_went_is_waited_for_again(packed: Packed) -> None:
    number = packed.released[0]
    told = packed.ship(number, PPL)
    packed.correct(told, LATE)
    packed.after(5)
    assert packed.mails(number) == 0
    packed.correct(told, DPD)
    packed.after(5)

    assert packed.shown(number) == (packed.sent_id, DPD.tracking_code)
    assert packed.mails(number) == 1


def test_a_row_waits_for_a_read_and_not_for_its_lease(shop: Live) -> None:
    number = shop.numbers[0]
    answered = shop.town.rig.transport.handler

    def at_once(request):
        if request.method == "GET":
            shop.town.watch.move(0.6)
            shop.turn()  # the read is under way
        return answered(request)

    shop.town.watch.move(60)
    shop.want(number)
    shop.tell(number)
    shop.town.rig.transport.handler = at_once
    for _ in range(2):
        shop.town.watch.move(1)
        FLOWS[Lane.REFRESH_ORDERS](shop.town.rig, shop.tenant)
    shop.town.rig.transport.handler = answered
    assert shop.mails(number) == 0

    shop.after(3)

    assert shop.mails(number) == 1
