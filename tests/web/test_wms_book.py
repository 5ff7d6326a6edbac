"""A warehouse says what it packed, and gets labels: checked before anything is paid for, each item by itself."""

from typing import Any

import pytest

from service import bookings
from service.pairings import Pairing
from service.web.wms import shipments
from tests.web.gate import TO_THE_DOOR, Gate, change, merge, of, pair


def test_a_parcel_is_booked_and_the_shop_shows_its_code(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]

    [result] = gate.told(gate.item(number))
    assert result["status"] == 201, result
    assert result["shipment"]["write_back"]["state"] == "none"
    gate.at.work(30)
    gate.at.town.work(for_s=10)

    [booking] = gate.booked(number)
    assert booking.state is bookings.State.READY
    assert gate.at.shop.shown(number) == (gate.at.shop.sent_id, gate.at.numbers(booking.booking_id)[0])


def test_what_cannot_be_booked_is_told_field_by_field_and_nobody_is_asked(gate: Gate) -> None:
    bad, good, *_ = of(gate, TO_THE_DOOR)
    customer = gate.at.shop.shop.orders[bad].record["customer"]
    change(gate, bad, customer={**customer, "phone": "12", "zip_invoice": "999 99", "postal_yn": False})

    results = gate.told(gate.item(bad), gate.item(good, carrier="gls", service="PSD"))
    unpaired = gate.told({**gate.item(good), "carrier": None, "service": None})

    assert [(each["status"], each["code"]) for each in (*results, *unpaired)] == [
        (422, "unfit"), (409, "no_contract"), (409, "no_pairing")
    ]  # fmt: skip
    assert {fault["field"]: fault["code"] for fault in results[0]["faults"]} == {
        "recipient.phone": "bad_phone", "recipient.zip": "bad_zip"
    }  # fmt: skip
    assert gate.booked(bad) == gate.booked(good) == []
    assert len(gate.at.worlds["ppl"].ledger) == 0


def test_an_order_is_booked_as_its_merchant_paired_it_and_once(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]
    pair(gate, TO_THE_DOOR, Pairing("ppl", "BUSS"))
    wish = {"tenant": gate.at.tenant, "order": number, "book": True, "parcels": [{"weight_g": 900}, {"weight_g": 500}]}

    first, second = gate.told(wish, key="same")[0], gate.told(wish, key="same")[0]
    other = gate.told(wish)[0]
    gate.at.work(30)

    assert first["shipment"]["id"] == second["shipment"]["id"]
    assert other["code"] == "already_shipped"
    [booking] = gate.booked(number)
    assert (booking.carrier, booking.service, booking.boxes) == ("ppl", "BUSS", 2)
    assert len(gate.at.numbers(booking.booking_id)) == 2


def test_orders_of_one_recipient_leave_in_one_parcel_and_each_gets_its_code(gate: Gate) -> None:
    first, second = merge(gate)

    [result] = gate.told(gate.item(first, with_orders=[second]))
    assert result["status"] == 201, result
    gate.at.work(30)
    gate.at.town.work(for_s=10)

    [booking] = gate.booked(first)
    code = gate.at.numbers(booking.booking_id)[0]
    assert [gate.at.shop.shown(number) for number in (first, second)] == [(gate.at.shop.sent_id, code)] * 2
    assert gate.booked(second) == []


BAD = [
    ({"parcels": []}, "/shipments/0/parcels"),
    ({"parcels": [{"weight_g": 0}]}, "/shipments/0/parcels/0/weight_g"),
    ({"parcels": [{"weight_g": "1"}]}, "/shipments/0/parcels/0/weight_g"),
    ({"service": None}, "/shipments/0"),
    ({"ship_on": "tomorrow"}, "/shipments/0/ship_on"),
    ({"with_orders": ["O1", "O1"]}, "/shipments/0"),
    ({"options": {"a": 1}}, "/shipments/0/options/a"),
    ({"book": "yes"}, "/shipments/0/book"),
]


@pytest.mark.parametrize(("said", "field"), BAD)
def test_a_wish_that_cannot_be_read_says_where(said: dict[str, Any], field: str) -> None:
    wish = {"tenant": "t", "order": "O2", "book": True, "parcels": [{}], "carrier": "ppl", "service": "PRIV"}

    [], [told] = shipments.sorted_out([{**wish, **said}])

    assert (told["status"], told["code"], told["field"]) == (422, "invalid", field)
