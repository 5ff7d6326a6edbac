"""Cars: ordered, named, asked for and called off."""

import json
from dataclasses import replace
from datetime import date, time

import pytest

from carriers.base import Cancelled, Collection
from carriers.cars import Car, Ordered
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.ppl import PRODUCTION, Ppl, calls, cars
from carriers.shipment import Address
from tests.carriers.ppl.world import JANA, MALY, Reply, Wire, account, answer, parcel, ppl, told

DEPOT = Address(
    name="Sklad",
    company="Můj e-shop s.r.o.",
    street="Skladová 1",
    city="Praha",
    zip="190 00",
    country="CZ",
    phone="+420222333444",
    email="sklad@example.cz",
)
CAR = Collection(date(2026, 3, 5), time(12), time(16), 14, 120_000, DEPOT, "Rampa 2")
TODAY = Collection(date(2026, 3, 2), time(17, 30), time(18), 3, 12_000, MALY)
REFERENCE = "SVOZ-2026-03-05-1200-19000-4421cd3830dd"
ORDERED = Reply(201, headers={"location": "https://x.example/order/batch/0b-1?x=1"})
NUMBER = f"0b-1/{REFERENCE}"


def sent(collection: Collection) -> dict:
    wire = Wire(ORDERED)
    ppl(wire).collect(collection)
    return json.loads(wire.calls[0][1].body)["orders"][0]


def state(**item):
    return told({"items": [{"referenceId": REFERENCE, **item}]})


def test_a_car_is_ordered_for_a_day_and_a_place() -> None:
    call = calls.collect_call(account(), cars.order(CAR, DEPOT))

    assert (call.method, call.url, call.makes) == ("POST", f"{PRODUCTION}/order/batch", True)
    assert json.loads(call.body) == {
        "orders": [
            {
                "orderType": "CollectionOrder",
                "referenceId": REFERENCE,
                "shipmentCount": 14,
                "email": "sklad@example.cz",
                "note": "Rampa 2",
                "customerReference": REFERENCE,
                "sendDate": "2026-03-05",
                "sendTimeFrom": "12:00",
                "sendTimeTo": "16:00",
                "productType": "BUSS",
                "sender": {
                    "name": "Můj e-shop s.r.o.",
                    "name2": "Sklad",
                    "street": "Skladová 1",
                    "city": "Praha",
                    "zipCode": "19000",
                    "country": "CZ",
                    "contact": "Sklad",
                    "phone": "+420222333444",
                    "email": "sklad@example.cz",
                },
            }
        ]
    }


def test_a_car_that_takes_all_to_a_third_place_is_another_order() -> None:
    order = sent(replace(CAR, deliver_to=JANA))

    assert order["orderType"] == "TransportOrder"
    assert order["recipient"]["street"] == "Lipová 12"


@pytest.mark.parametrize(
    "other",
    [
        replace(CAR, until=time(15)),
        replace(CAR, count=15),
        replace(CAR, weight_g=1),
        replace(CAR, note="Rampa 3"),
        replace(CAR, address=replace(DEPOT, street="Skladová 2")),
        replace(CAR, deliver_to=JANA),
        replace(CAR, parcels=(parcel("70990012345"),)),
    ],
)
def test_two_cars_of_one_hour_and_town_have_a_name_each(other: Collection) -> None:
    assert sent(other)["customerReference"] != REFERENCE
    assert len(sent(other)["customerReference"]) <= 40


def test_an_order_asked_for_twice_has_the_same_name_both_times() -> None:
    loaded = replace(CAR, parcels=(parcel("70990012345"), parcel("70990012346")))

    assert sent(CAR) == sent(CAR)
    assert sent(loaded)["customerReference"] == sent(replace(loaded, parcels=loaded.parcels[::-1]))["customerReference"]


def test_a_name_is_short_enough_whatever_the_post_code() -> None:
    assert len(sent(replace(CAR, address=replace(DEPOT, zip="SW1A1AAXYZ", country="GB")))["customerReference"]) <= 40


def test_a_car_is_named_by_its_batch_and_its_reference() -> None:
    assert ppl(Wire(ORDERED)).collect(CAR) == NUMBER


def test_a_car_may_still_come_today() -> None:
    assert ppl(Wire(ORDERED)).collect(TODAY).startswith("0b-1/")


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"on": date(2026, 3, 1)}, "on", "past"),
        ({"since": time(15), "until": time(17)}, "until", "past"),
        ({"since": time(18), "until": time(18)}, "until", "not_both"),
        ({"on": date(2026, 3, 3), "since": time(16), "until": time(12)}, "until", "not_both"),
        ({"count": 0}, "count", "missing"),
        ({"note": "x" * 301}, "note", "too_long"),
        ({"address": None}, "address", "missing"),
        ({"address": replace(MALY, zip="")}, "address.zip", "missing"),
        ({"deliver_to": replace(MALY, city="")}, "deliver_to.city", "missing"),
    ],
)
def test_a_car_that_cannot_come_is_asked_for_of_nobody(changed, field: str, code: str) -> None:
    wire = Wire()
    with pytest.raises(CarrierRefused) as refused:
        ppl(wire).collect(replace(TODAY, **changed))

    assert refused.value.kind is Kind.CONTENT
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]
    assert not wire.calls


def test_a_refused_car_says_why() -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(told({"errors": {"orders[0].sendDate": ["Is a holiday."]}}, 400))).collect(CAR)

    assert refused.value.kind is Kind.CONTENT
    assert "Is a holiday." in str(refused.value)


def test_a_car_nobody_heard_of_is_unclear() -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        ppl(Wire(Reply(201))).collect(CAR)

    assert lost.value.unclear


@pytest.mark.parametrize(
    ("item", "ordered"),
    [
        ({"importState": "InProcess"}, Ordered(Car.WAITING, "InProcess")),
        ({"importState": "InProcess", "orderState": "None"}, Ordered(Car.WAITING, "None")),
        ({"importState": "Complete", "orderState": "Created"}, Ordered(Car.ORDERED, "Created")),
        ({"importState": "Complete"}, Ordered(Car.ORDERED, "Complete")),
        ({"importState": "Complete", "state": "PickedUp"}, Ordered(Car.CAME, "PickedUp")),
        ({"importState": "Complete", "orderState": "NotPickedUp"}, Ordered(Car.MISSED, "NotPickedUp")),
        ({"importState": "Complete", "orderState": "Canceled"}, Ordered(Car.CANCELLED, "Canceled")),
        ({"importState": "Complete", "orderState": "SomethingNew"}, Ordered(Car.WAITING, "SomethingNew")),
        (
            {"importState": "Error", "errorCode": "E1", "errorMessage": "Ten den se nejezdí."},
            Ordered(Car.REFUSED, "E1: Ten den se nejezdí."),
        ),
        ({"importState": "Error"}, Ordered(Car.REFUSED, "")),
    ],
)
def test_a_car_stands_as_ppl_says(item, ordered: Ordered) -> None:
    wire = Wire(state(**item))

    assert ppl(wire).car(NUMBER) == ordered
    assert (wire.calls[0][1].method, wire.calls[0][1].url) == ("GET", f"{PRODUCTION}/order/batch/0b-1")


def test_a_car_ordered_before_it_had_a_reference_is_asked_for_by_its_batch_alone() -> None:
    wire = Wire(told({"items": [{"referenceId": "SVOZ-2026-03-05-1200-19000", "importState": "Complete"}]}))

    assert ppl(wire).car("0b-1").car is Car.ORDERED
    assert wire.calls[0][1].url == f"{PRODUCTION}/order/batch/0b-1"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"items": []}', b'{"items": [{"referenceId": "OTHER"}]}', b"<html>"])
def test_an_answer_about_another_car_says_nothing_of_this_one(body: bytes) -> None:
    with pytest.raises(CarrierUnreachable) as lost:
        cars.read_ordered(answer(Reply(200, body), "car"), REFERENCE)

    assert not lost.value.unclear


def test_a_car_nobody_knows_is_refused_as_unknown() -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(Reply(404))).car(NUMBER)

    assert refused.value.kind is Kind.UNKNOWN


def test_a_car_is_called_off_by_its_reference() -> None:
    wire = Wire(Reply(200))

    assert ppl(wire).recall(NUMBER) is Cancelled.DONE
    call = wire.calls[0][1]
    assert (call.method, call.url) == ("POST", f"{PRODUCTION}/order/cancel")
    assert call.query == (("customerReference", REFERENCE),)
    assert json.loads(call.body) == {"note": "Zrušeno odesílatelem"}


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize(
    ("said", "became"),
    [("Canceled", Cancelled.BEFORE), ("PickedUp", Cancelled.TOO_LATE), ("NotPickedUp", Cancelled.TOO_LATE)],
)
def test_a_car_that_is_not_called_off_any_more_says_why(status: int, said: str, became: Cancelled) -> None:
    assert ppl(Wire(Reply(status), state(importState="Complete", orderState=said))).recall(NUMBER) is became


@pytest.mark.parametrize("stands", [Reply(404), state(importState="Error", errorMessage="Ten den se nejezdí.")])
def test_a_car_nobody_has_heard_of_is_unknown_when_called_off(stands: Reply) -> None:
    assert ppl(Wire(Reply(404), stands)).recall(NUMBER) is Cancelled.UNKNOWN


def test_a_car_that_is_still_being_taken_in_is_to_be_called_off_later() -> None:
    with pytest.raises(CarrierBusy) as busy:
        ppl(Wire(Reply(404), state(importState="InProcess"))).recall(NUMBER)

    assert busy.value.wait_s == 2.0


def test_a_car_that_ppl_has_and_does_not_find_is_not_called_off() -> None:
    with pytest.raises(CarrierRefused, match="call PPL") as refused:
        ppl(Wire(Reply(404), state(importState="Complete", orderState="Created"))).recall(NUMBER)

    assert refused.value.kind is not Kind.UNKNOWN


def test_a_car_that_ppl_keeps_is_refused_in_its_words() -> None:
    problem = told({"errors": {"orderReference": ["Řidič je na cestě."]}}, 400)

    with pytest.raises(CarrierRefused, match="Řidič je na cestě"):
        ppl(Wire(problem, state(importState="Complete", orderState="Created"))).recall(NUMBER)


def test_a_car_whose_name_others_may_share_is_not_called_off() -> None:
    wire = Wire()

    with pytest.raises(CarrierRefused) as refused:
        ppl(wire).recall("0b-1")

    assert refused.value.kind is Kind.UNSUPPORTED
    assert wire.calls == []


@pytest.mark.parametrize("status", [429, 500])
def test_a_car_is_not_taken_for_called_off_where_ppl_is_ill(status: int) -> None:
    with pytest.raises((CarrierBusy, CarrierUnreachable)):
        ppl(Wire(Reply(status))).recall(NUMBER)


def test_ppl_tells_of_cars_and_takes_them_back() -> None:
    assert Ppl.able.collects
    assert Ppl.able.tells_of_cars
    assert Ppl.able.recalls_cars
