"""A car from its order to its recall: what is asked, what the answers mean, and what is never asked."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from carriers.base import Cancelled, Collection
from carriers.cars import Car, Left, Ordered
from carriers.dpd_cz import DpdCz, cars
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from tests.carriers.dpd_cz.scene import JANA, Wire, account, answer, carrier, parcel
from tests.carriers.kit import kit

BASE = "https://geoapi-test.dpd.cz/v1"
CAR = Collection(date(2026, 3, 6), time(9), time(14, 30), count=12, weight_g=34_100, note="Vrata C")
FULL = replace(CAR, parcels=(parcel("13845600012345"), parcel("13845600012346")))


def refusal(act):
    with pytest.raises(CarrierRefused) as refused:
        act()
    return refused.value


def test_a_car_is_asked_for_by_the_parcels_it_comes_for():
    call = cars.order_call(account(), FULL)

    assert (call.method, call.url, call.makes) == ("POST", f"{BASE}/pickup-orders", True)
    assert json.loads(call.body) == [
        {"parcel": {"parcelNumber": number}, "date": "2026-03-06", "note": "Vrata C, 09:00-14:30"}
        for number in ("13845600012345", "13845600012346")
    ]


def test_a_car_to_an_address_is_told_in_its_note_what_has_no_field():
    call = cars.address_call(account(), CAR)

    assert (call.method, call.url, call.makes) == ("POST", f"{BASE}/pickup-orders", True)
    assert json.loads(call.body) == [
        {"customerAddress": {"it4emId": 776655}, "date": "2026-03-06", "note": "Vrata C, 09:00-14:30, 12 ks, 35 kg"}
    ]


def test_the_orders_of_a_car_are_asked_about_and_taken_back_by_their_ids():
    first, second = (cars.recall_call(account(), order) for order in cars.orders_in("7f/1,99"))
    shown = cars.show_call(account(), "7f/1,99")

    assert (shown.method, shown.url) == ("GET", f"{BASE}/pickup-orders/99")  # the last that is taken back
    assert (first.method, first.url) == ("DELETE", f"{BASE}/pickup-orders/7f%2F1")
    assert (second.method, second.url) == ("DELETE", f"{BASE}/pickup-orders/99")


def test_the_number_of_a_car_is_all_its_orders():
    dpd, wire = carrier([{"id": "9b1d"}, {"id": 9912}])

    assert dpd.collect(FULL) == "9b1d,9912"
    assert len(wire.calls) == 1


def test_a_car_to_an_address_is_one_order_whatever_it_comes_for():
    dpd, wire = carrier([{"id": 9912}], switches=["collect_address"])

    assert dpd.collect(FULL) == "9912"
    assert "customerAddress" in json.loads(wire.calls[0].body)[0]


@pytest.mark.parametrize("told", [[], [{}], [{"id": None}], {"id": 1}, [{"id": 1}, {"id": 2}], [{"id": True}]])
def test_an_order_without_a_number_is_unclear(told):
    with pytest.raises(CarrierUnreachable) as lost:
        cars.read_ordered(answer(told), 1)

    assert lost.value.unclear


@pytest.mark.parametrize(
    "told",
    [[], [{"id": "1"}], [{"id": "1"}, {}], [{"id": "1"}, {"id": "1"}], [{"id": "1"}, {"id": "2,3"}], {"id": "1"},
     [{"id": "1"}, {"id": "2"}, {"id": "3"}], [{"id": "1"}, {"code": "E", "message": "no"}]],
)  # fmt: skip
def test_orders_that_are_not_all_named_leave_unclear_whether_a_car_comes(told):
    with pytest.raises(CarrierUnreachable) as lost:
        cars.read_ordered(answer(told), 2)

    assert lost.value.unclear


def test_a_car_that_is_refused_in_every_row_is_refused():
    told = [{"code": "E3", "message": "Date is over"}] * 2

    assert refusal(lambda: cars.read_ordered(answer(told), 2)).code == "E3"


@pytest.mark.parametrize("told", [{"id": "2", "date": "2026-03-06"}, {}, {"id": 2}])
def test_an_order_that_is_there_is_an_ordered_car(told):
    assert carrier(told)[0].car("1,2") == Ordered(Car.ORDERED)


@pytest.mark.parametrize("told", [[], {"id": "1"}, b"<html>", b""])
def test_what_is_no_order_of_that_id_says_nothing_of_it(told):
    with pytest.raises(CarrierUnreachable):
        carrier(told)[0].car("1,2")


def test_an_order_that_is_not_there_is_unknown():
    assert refusal(lambda: carrier((404, {}, b""))[0].car("1")).kind is Kind.UNKNOWN


GONE, NOT_THERE, STAYS = (204, {}, b""), (404, {}, b""), (409, {}, b'{"code": "C", "message": "on its way"}')


@pytest.mark.parametrize(
    ("told", "ended"),
    [
        ([GONE], Cancelled.DONE),
        ([NOT_THERE], Cancelled.UNKNOWN),
        ([STAYS], Cancelled.TOO_LATE),
        ([GONE, NOT_THERE], Cancelled.DONE),  # the first try ended midway
        ([NOT_THERE, GONE], Cancelled.DONE),
        ([NOT_THERE, NOT_THERE], Cancelled.UNKNOWN),
        ([STAYS, STAYS], Cancelled.TOO_LATE),
        ([GONE, STAYS], Left("1", "1 of 2 orders of the car are off, 1 stand")),
        ([STAYS, GONE, GONE], Left("0", "2 of 3 orders of the car are off, 0 stand")),
    ],
)
def test_a_car_is_called_off_when_none_of_its_orders_stands(told, ended):
    dpd, wire = carrier(*told)

    assert dpd.recall(",".join(str(place) for place in range(len(told)))) == ended
    assert len(wire.calls) == len(told)


def test_what_there_is_no_time_for_is_left_to_the_next_question_and_what_stands_comes_last():
    orders, gone = list("abcd"), {"a": Cancelled.TOO_LATE, "b": Cancelled.DONE}

    assert cars.together(orders, gone) == Left("c,d,a")
    assert cars.together(orders, {"a": Cancelled.TOO_LATE}) is Cancelled.TOO_LATE
    assert cars.together(orders, dict.fromkeys(orders[:3], Cancelled.UNKNOWN)) == Left("d")


def test_a_long_recall_stops_after_its_time():
    wire, seconds = Wire(GONE, GONE), iter([0, 10, 20])
    dpd = DpdCz(account(), wire, lambda: datetime(2026, 3, 6, tzinfo=UTC) + timedelta(seconds=next(seconds)))

    assert dpd.recall("1,2,3,4") == Left("3,4")
    assert len(wire.calls) == 2


@pytest.mark.parametrize(
    ("told", "error"),
    [((401, {}, b""), CarrierRefused), ((429, {}, b""), CarrierBusy), ((500, {}, b""), CarrierUnreachable)],
)
def test_a_recall_that_fails_midway_ends_there_and_may_be_asked_for_again(told, error):
    dpd, wire = carrier(GONE, told)

    with pytest.raises(error) as failed:
        dpd.recall("1,2,3")
    assert getattr(failed.value, "unclear", False) is (error is CarrierUnreachable)
    assert len(wire.calls) == 2


@pytest.mark.parametrize("act", [lambda dpd: dpd.car(""), lambda dpd: dpd.recall(" , ")])
def test_a_car_that_was_given_no_number_is_asked_nothing_about(act):
    dpd, wire = carrier()

    assert refusal(lambda: act(dpd)).kind is Kind.UNKNOWN
    assert wire.calls == []


@pytest.mark.parametrize("other", [{"address": JANA}, {"deliver_to": JANA}, {"parcels": ()}])
def test_a_car_to_elsewhere_or_for_nothing_named_is_refused_without_a_call(other):
    dpd, wire = carrier()

    assert refusal(lambda: dpd.collect(replace(FULL, **other))).kind is Kind.UNSUPPORTED
    assert wire.calls == []


def test_a_car_is_ordered_seen_and_called_off_at_the_stand_in():
    at = kit("dpd_cz")
    dpd = at.opened(switches=frozenset())
    wanted = replace(CAR, on=at.watch().date(), parcels=tuple(at.parcels(at.home(), at.home())))

    number = dpd.collect(wanted)
    there = dpd.car(number)
    ended = dpd.recall(number), dpd.recall(number)

    assert len(cars.orders_in(number)) == 2
    assert (there, ended) == (Ordered(Car.ORDERED), (Cancelled.DONE, Cancelled.UNKNOWN))
    assert refusal(lambda: dpd.car(number)).kind is Kind.UNKNOWN
