"""A warehouse says what it packed, and gets labels: checked before anything is paid for, each item by itself."""

from typing import Any

import pytest

from carriers import check, registry
from carriers.money import Money
from carriers.shipment import Box, Customs, Goods
from service import affiliates, bookings
from service import shipments as store
from service.affiliates import Affiliate, Key
from service.bookings import Parked, State
from service.pairings import Pairing
from service.steps import carriage
from service.web.wms import shipments
from tests.web.gate import TO_THE_DOOR, Gate, change, merge, of, owing, pair, show, storno, story


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
    assert "/shipment/batch" not in {each.path for each in gate.at.worlds["ppl"].ledger}


def test_a_point_we_put_into_an_own_shipment_is_booked_by_its_carriers_code(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]
    own = next(id_ for id_, row in gate.at.shop.shop.shipments.items() if row["code"] == "OSOBNE")
    place = next(id_ for id_, point in gate.at.worlds["ppl"].points.items() if point.is_open and point.country == "CZ")
    ours = Affiliate(
        "KM1xABC", Key("ppl", "ppl", place), b"", affiliates.State.GONE
    )  # it closed since, or was told otherwise
    pair(gate, own, Pairing("ppl", "SMAR"))
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        affiliates.add(conn, gate.at.tenant, str(own), [ours])
    shipment = {**gate.at.shop.shop.orders[number].record["shipment"], "id": own, "code": "OSOBNE", "type": "custom"}
    change(gate, number, shipment={**shipment, "affiliate_id": "KM1xABC"})

    [result] = gate.told({**gate.item(number), "carrier": None, "service": None})
    assert result["status"] == 201, result
    gate.at.work(30)

    [booking] = gate.booked(number)
    assert booking.state is bookings.State.READY
    assert [parcel.point for parcel in gate.at.worlds["ppl"].parcels.values()] == [place]


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


def test_a_warehouse_reads_which_services_and_options_it_may_say(gate: Gate) -> None:
    [shop] = gate.ask("GET", "/carriers").json()["shops"]
    of_one = gate.ask("GET", "/carriers", params={"tenant": gate.at.tenant}).json()["shops"]
    elsewhere = gate.ask("GET", "/carriers", params={"tenant": "t_another"})

    assert (of_one, elsewhere.status_code) == ([shop], 404)
    told = {each["carrier"]: each for each in shop["carriers"]}
    assert told.keys() == {"ppl", "packeta"}
    assert {"code": "PRIV", "name": "Parcel CZ Private", "to_point": False} in told["ppl"]["services"]
    assert (told["ppl"]["formats"], told["ppl"]["collection"], told["ppl"]["handover_due"]) == (
        ["pdf"], True, False
    )  # fmt: skip
    known = registry.ADAPTERS["packeta"].options.keys()
    assert {each["name"] for each in told["packeta"]["options"]} == known - check.DECLARED.keys()  # it declares nothing


def test_an_option_nobody_could_ever_say_rightly_is_offered_to_nobody() -> None:
    for code, adapter in registry.ADAPTERS.items():
        hidden = {"serial", "PSS"} & adapter.options.keys()
        assert adapter.options.keys() - carriage.options_of(code).keys() == hidden


def test_what_is_wrong_with_an_order_that_goes_along_is_told_of_that_one(gate: Gate) -> None:
    first, second = merge(gate)

    [result] = gate.told(gate.item(first, with_orders=[second, "NOPE"]), key="k")
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        kept = store.kept(conn, gate.at.tenant, gate.at.account_id, "k") or []

    assert (result["code"], result["field"]) == ("unknown_order", "/shipments/0/with_orders/1")
    assert [each["order"] for each in kept] == ["NOPE"]  # the page names it
    assert "NOPE" in result["detail"]


GOODS = {"content": "Hrnek", "quantity": 2, "weight_g": 600, "value": "499.50", "currency": "CZK", "hs_code": "691200"}
BAD = [
    ({"parcels": []}, "/shipments/0/parcels"),
    ({"parcels": [{"weight_g": 0}]}, "/shipments/0/parcels/0/weight_g"),
    ({"parcels": [{"weight_g": "1"}]}, "/shipments/0/parcels/0/weight_g"),
    ({"service": None}, "/shipments/0"),
    ({"ship_on": "tomorrow"}, "/shipments/0/ship_on"),
    ({"with_orders": ["O1", "O1"]}, "/shipments/0"),
    ({"options": {"a": 1}}, "/shipments/0/options/a"),
    ({"book": "yes"}, "/shipments/0/book"),
    ({"parcels": [{"content": "a\nb"}]}, "/shipments/0/parcels/0/content"),
    ({"parcels": [{"value": {"amount": "1,5", "currency": "CZK"}}]}, "/shipments/0/parcels/0/value/amount"),
    ({"parcels": [{"value": {"amount": "1.5", "currency": "HUF"}}]}, "/shipments/0/parcels/0/value"),
    ({"customs": {"goods": [{**GOODS, "value": "1,5"}]}}, "/shipments/0/customs/goods/0/value"),
    ({"customs": {"goods": [{**GOODS, "currency": "HUF"}]}}, "/shipments/0/customs/goods/0"),
    ({"customs": {"goods": [{**GOODS, "origin": "Česko"}]}}, "/shipments/0/customs/goods/0/origin"),
    ({"customs": {"goods": [GOODS] * 21}}, "/shipments/0/customs/goods"),
]


@pytest.mark.parametrize(("said", "field"), BAD)
def test_a_wish_that_cannot_be_read_says_where(said: dict[str, Any], field: str) -> None:
    wish = {"tenant": "t", "order": "O2", "book": True, "parcels": [{}], "carrier": "ppl", "service": "PRIV"}

    [], [told] = shipments.sorted_out([{**wish, **said}])

    assert (told["status"], told["code"], told["field"]) == (422, "invalid", field)


def test_what_is_declared_is_read_as_it_is_said() -> None:
    customs = {"goods": [GOODS], "category": "11", "invoice_number": "F1", "eori": "CZ123"}
    wish = {"tenant": "t", "order": "O2", "book": True, "parcels": [{"content": "Hrnky"}], "customs": customs}

    [item], [] = shipments.sorted_out([wish])

    assert item.wish is not None
    assert item.wish.boxes == (Box(0, content="Hrnky"),)
    assert item.wish.customs == Customs((Goods("Hrnek", 2, 600, Money(49_950, "CZK"), "691200"),), "11", "F1", "CZ123")


def test_what_a_box_is_worth_is_read_as_it_is_said() -> None:
    parcel = {"weight_g": 900, "value": {"amount": "499.50", "currency": "CZK"}}
    wish = {"tenant": "t", "order": "O2", "book": True, "parcels": [parcel, {}]}

    [item], [] = shipments.sorted_out([wish])

    assert item.wish is not None
    assert item.wish.boxes == (Box(900, value=Money(49_950, "CZK")), Box(0))


def test_an_order_that_changes_while_its_carrier_is_down_does_not_leave_as_it_was(gate: Gate) -> None:
    moved, gone, same = of(gate, TO_THE_DOOR)[0], *merge(gate, skip=1)
    gate.at.worlds["ppl"].faults.add("down", calls=None)
    gate.told(gate.item(moved), gate.item(gone, with_orders=[same]))
    gate.at.work(5)

    customer = gate.at.shop.shop.orders[moved].record["customer"]
    show(gate, moved, customer={**customer, "city_invoice": "Jinde"})
    storno(gate, same)
    gate.at.worlds["ppl"].faults.clear()
    gate.at.work(300)

    parked = [gate.booked(number)[0] for number in (moved, gone)]
    assert [(each.state, each.parked) for each in parked] == [(State.PARKED, Parked.STOPPED)] * 2
    assert parked[0].why == "the order was changed since it was packed: recipient"
    assert gate.at.worlds["ppl"].made() == {}


def test_what_an_order_owes_is_collected_by_its_final_shipment_alone(gate: Gate) -> None:
    number = owing(gate)

    first, last = gate.told(gate.item(number, final=False), gate.item(number))

    collects = {each.shipment_id: each.content["cod"] is not None for each in gate.booked(number) if each.content}
    assert [collects[told["shipment"]["id"]] for told in (first, last)] == [False, True]
    assert first["notes"] == ["the COD is collected with the order's final shipment"]
    assert "notes" not in last
    assert [entry.detail.get("notes") for entry in story(gate, number)] == [first["notes"], None]


NOTES = ['Zvonek; „Novák"', "x" * 129, "Díky 🎁"]


@pytest.mark.parametrize("note", NOTES)
def test_a_note_a_customer_typed_stops_no_parcel(gate: Gate, note: str) -> None:
    number = of(gate, TO_THE_DOOR)[0]
    customer = gate.at.shop.shop.orders[number].record["customer"]
    change(gate, number, customer={**customer, "customer_note": note})

    [result] = gate.told(gate.item(number, carrier="packeta", service="home", options={"carrier_id": "106"}))

    assert result["status"] == 201, result
    [booking] = gate.booked(number)
    is_cut = set(note) == {"x"}  # as its couriers do
    assert booking.content
    assert (booking.content["note"], bool(result.get("notes"))) == ((note, False) if is_cut else ("", True))


def test_a_carrier_is_called_here_as_everywhere(gate: Gate) -> None:
    number = of(gate, TO_THE_DOOR)[0]

    [told] = shipments.sorted_out([gate.item(number, carrier="dpd", service="1")])[0]
    [result] = gate.told(gate.item(number, carrier="dpd", service="1"))

    assert told.wish
    assert told.wish.carrier == "dpd_cz"
    assert result["detail"] == "There is no login with dpd for this shop."


@pytest.mark.parametrize(("day", "code"), [("2020-01-01", "past"), ("9999-12-31", "bad_date")])
def test_a_parcel_leaves_within_a_month(gate: Gate, day: str, code: str) -> None:
    number = of(gate, TO_THE_DOOR)[0]

    [result] = gate.told(gate.item(number, ship_on=day))

    assert [(each["field"], each["code"]) for each in result["faults"]] == [("ship_on", code)]


def test_what_is_told_and_what_is_booked_stand_in_one_request_and_are_answered_the_same_again(gate: Gate) -> None:
    booked, told, bad, *_ = of(gate, TO_THE_DOOR)
    gone = {"tenant": gate.at.tenant, "order": told, "final": True, "parcels": [{"carrier": "own"}]}
    items = [gate.item(bad, service="NONE", carrier="ppl"), gone, gate.item(booked), {**gone, "parcels": []}]

    first, second = gate.told(*items, key="one"), gate.told(*items, key="one")

    assert first == second
    assert [each["index"] for each in first] == [0, 1, 2, 3]
    assert {each["field"] for each in first[0]["faults"]} >= {"service"}
    assert [each["status"] for each in first[2:]] == [201, 422]
