"""Each call as it leaves, to the letter, and what is said before one leaves."""

import json
from dataclasses import replace
from datetime import date, time

import pytest

from carriers.base import Account, Collection, Format
from carriers.dpd_cz import POINTS, DpdCz, calls
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef
from tests.carriers.dpd_cz.scene import JANA, account, carrier, shipment

READS = {"x-api-key": "k-1", "Accept": "application/json"}
WRITES = {**READS, "Content-Type": "application/json"}
BASE = "https://geoapi-test.dpd.cz/v1"
RECEIVER = {
    "info": {
        "name1": "Jana Dvořáková",
        "contact": {"person": "Jana Dvořáková", "phone": "+420601234567", "email": "jana.dvorakova@example.cz"},
    },
    "address": {
        "street": "Lipová",
        "houseNumber": "12",
        "postalCode": "60200",
        "city": "Brno",
        "country": {"isoAlpha2": "CZ"},
    },
}
HOME = {
    "customer": {"dsw": "015012345"},
    "shipmentType": "Standard",
    "references": {"ref1": "OBJ-2026-00417", "ref2": "2026-00417"},
    "sender": {"it4emId": 776655},
    "receiver": RECEIVER,
    "parcels": [{"weightGrams": 1350, "references": {"ref1": "OBJ-2026-00417/1"}}],
    "services": {"notification": True},
}
COD = {"amountCents": 129000, "currency": "CZK", "payment": "CashOrCard", "variableSymbol": "202600417"}


def body(call):
    return json.loads(call.body)


def made(given, *switches):
    return body(calls.create_call(account(*switches), [given]))


def faults(given, *switches):
    return [(fault.field, fault.code) for fault in carrier(switches=switches)[0].validate(given)]


def test_a_home_delivery_is_this_request():
    call = calls.create_call(account(), [shipment()])

    assert (call.method, call.url, call.query, call.makes) == ("POST", f"{BASE}/shipments", (), True)
    assert call.headers == WRITES
    assert body(call) == [HOME]


def test_a_house_number_written_behind_the_street_goes_to_its_own_field():
    given = shipment(recipient=replace(JANA, street="Lipová 12", house_number=""))

    assert made(given) == [HOME]


def test_a_pick_up_point_with_cod_is_the_request_of_the_reference():
    given = shipment(service="337", point="CZ21570", cod=129000)

    services = {"notification": True, "pickupPoint": "CZ21570", "cashOnDelivery": COD}
    assert made(given) == [HOME | {"services": services}]


def test_several_boxes_are_parcels_of_one_shipment():
    given = shipment(service="101", weights=(1000, 2000, 31500))

    parcels = [
        {"weightGrams": weight, "references": {"ref1": f"OBJ-2026-00417/{place}"}}
        for place, weight in enumerate((1000, 2000, 31500), 1)
    ]
    assert made(given) == [HOME | {"parcels": parcels, "services": {}}]


def test_many_shipments_are_one_request_in_order():
    given = [shipment(f"R-{place}") for place in range(50)]

    refs = [one["references"]["ref1"] for one in body(calls.create_call(account(), given))]
    assert refs == [one.reference for one in given]


def test_a_company_is_named_first_and_its_person_second():
    given = shipment(recipient=replace(JANA, company="Lípa s.r.o.", phone="601 234 567", house_number="", email=""))

    receiver = made(given)[0]["receiver"]
    assert receiver["info"] == {
        "name1": "Lípa s.r.o.",
        "name2": "Jana Dvořáková",
        "contact": {"person": "Jana Dvořáková", "phone": "+420601234567"},
    }
    assert "houseNumber" not in receiver["address"]


def test_what_is_empty_is_not_sent():
    given = shipment(order_number="", recipient=replace(JANA, company=" ", house_number=" "))

    [sent] = made(given)
    assert sent["references"] == {"ref1": "OBJ-2026-00417"}
    assert sent["receiver"]["info"] == RECEIVER["info"]
    assert sent["receiver"]["address"] == {
        name: RECEIVER["address"][name] for name in RECEIVER["address"] if name != "houseNumber"
    }


def test_insurance_is_asked_for_by_an_option_and_lies_on_the_first_box():
    given = shipment(weights=(1000, 1000), options={"insurance": "1"})

    first, second = made(given)[0]["parcels"]
    assert first["additionalServices"] == {"insurance": {"amountCents": 129000, "currency": "CZK"}}
    assert "additionalServices" not in second


@pytest.mark.parametrize(
    ("money", "hundredths"), [(Money(129000, "CZK"), 129000), (Money(4990, "EUR"), 4990), (Money(1290, "HUF"), 129000)]
)
def test_money_is_hundredths_even_where_the_currency_has_none(money, hundredths):
    given = shipment(cod=1)

    cod = made(replace(given, cod=Cod(money, "1")))[0]["services"]["cashOnDelivery"]
    assert cod["amountCents"] == hundredths


def test_the_spelling_of_cod_is_a_switch():
    cod = made(shipment(cod=100), "payment_upper")[0]["services"]["cashOnDelivery"]

    assert cod["payment"] == "CASH_OR_CARD"


def test_an_address_id_that_is_no_number_is_sent_as_it_is():
    call = calls.create_call(account(given={"dsw": "1", "address_id": "x"}), [shipment()])

    assert body(call)[0]["sender"] == {"it4emId": "x"}


def test_a_return_goes_from_the_recipient_to_the_registered_address():
    call = calls.return_call(account(), shipment())

    assert (call.url, call.makes) == (f"{BASE}/shipments", True)
    assert body(call) == [
        HOME
        | {
            "shipmentType": "Return",
            "sender": RECEIVER,
            "receiver": {"it4emId": 776655},
            "services": {"dpdReturn": True},
        }
    ]


def test_pdf_labels_are_asked_for_as_a6_and_bare():
    call = calls.labels_call(account(), ["13845600012345", "13845600012346"], Format.PDF)

    assert (call.method, call.url, call.makes) == ("POST", f"{BASE}/parcels/labels", False)
    assert call.headers == {**WRITES, "Accept": "application/pdf"}
    assert body(call) == {
        "printType": "PDF",
        "printProperties": {"pageSize": "A6", "labelsPerPage": 1},
        "parcels": [{"parcelNumber": "13845600012345"}, {"parcelNumber": "13845600012346"}],
    }


def test_zpl_labels_are_asked_for_in_json_and_with_a_page_only_where_that_is_switched_on():
    plain = calls.labels_call(account(), ["13845600012345"], Format.ZPL)
    paged = calls.labels_call(account("zpl_page"), ["13845600012345"], Format.ZPL)

    assert plain.headers == paged.headers == WRITES
    assert body(plain) == {"printType": "ZPL", "parcels": [{"parcelNumber": "13845600012345"}]}
    assert body(paged) == body(plain) | {"printProperties": {"pageSize": "A6", "labelsPerPage": 1}}


@pytest.mark.parametrize(
    ("call", "method", "url", "query"),
    [
        (calls.me_call(account()), "GET", f"{BASE}/me", ()),
        (calls.track_call(account(), "13845600012345"), "GET", f"{BASE}/parcels/13845600012345/tracking", ()),
        (calls.track_call(account(), "1/2?"), "GET", f"{BASE}/parcels/1%2F2%3F/tracking", ()),
        (calls.delete_call(account(), "3f0b/"), "DELETE", f"{BASE}/shipments/3f0b%2F", ()),
        (
            calls.list_call(account(), since=date(2026, 3, 5), until=date(2026, 3, 6)),
            "GET",
            f"{BASE}/parcels",
            (("from", "2026-03-05"), ("to", "2026-03-06")),
        ),
    ],
)
def test_the_other_calls_are_these(call, method, url, query):
    assert (call.method, call.url, call.query, call.body, call.makes) == (method, url, query, None, False)
    assert call.headers == READS


def test_many_parcels_are_tracked_in_one_call():
    call = calls.track_many_call(account(), ["1", "2"])

    assert (call.method, call.url, call.headers, call.makes) == ("POST", f"{BASE}/parcels/tracking", WRITES, False)
    assert body(call) == {"parcels": ["1", "2"]}


def test_a_car_is_told_in_its_note_what_has_no_field():
    collection = Collection(date(2026, 3, 6), time(9), time(14, 30), count=12, weight_g=34_100, note="Vrata C")
    call = calls.collect_call(account(), collection)

    assert (call.method, call.url, call.makes) == ("POST", f"{BASE}/pickup-orders", True)
    assert body(call) == [
        {"customerAddress": {"it4emId": 776655}, "date": "2026-03-06", "note": "Vrata C, 09:00-14:30, 12 ks, 35 kg"}
    ]


def test_the_list_of_points_is_asked_for_without_our_key():
    call = calls.points_call(f"{POINTS}/", "203")

    assert (call.method, call.url, call.query) == ("GET", "https://pickup.dpd.cz/api/getAll", (("country", "203"),))
    assert call.headers == {}


def test_the_key_is_in_nothing_that_is_shown():
    given = Account(f"{BASE}/", {"api_key": " hush \n"})
    call = calls.me_call(given)

    assert call.headers["x-api-key"] == "hush"
    assert "hush" not in f"{given!r} {call!r}"


@pytest.mark.parametrize("service", calls.PROVEN)
def test_a_good_shipment_has_no_faults(service):
    point = "CZ21570" if service == "337" else ""

    assert faults(shipment(service=service, point=point, cod=129000)) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"service": "999"}, ("service", "not_offered")),
        ({"service": "dpd12"}, ("service", "not_offered")),
        ({"service": "337"}, ("point", "missing")),
        ({"service": "337", "point": PointRef(" ")}, ("point", "missing")),
        ({"point": PointRef("CZ21570")}, ("service", "not_both")),
        ({"service": "337", "point": PointRef("1", "packeta")}, ("point.network", "not_offered")),
        ({"service": "337", "point": PointRef("CZ1"), "boxes": (Box(1), Box(1))}, ("boxes", "too_many")),
        ({"service": "337", "point": PointRef("CZ1"), "boxes": (Box(20_001),)}, ("boxes[0].weight_g", "too_heavy")),
        ({"boxes": (Box(1), Box(31_501))}, ("boxes[1].weight_g", "too_heavy")),
        ({"boxes": (Box(1),) * 21}, ("boxes", "too_many")),
        ({"boxes": (Box(0),)}, ("boxes[0].weight_g", "missing")),
        ({"reference": "R" * 34}, ("reference", "too_long")),
        ({"order_number": "R" * 36}, ("order_number", "too_long")),
        ({"recipient": replace(JANA, name="J" * 36)}, ("recipient.name", "too_long")),
        ({"recipient": replace(JANA, name="J")}, ("recipient.name", "missing")),
        ({"recipient": replace(JANA, company="J" * 36)}, ("recipient.company", "too_long")),
        ({"recipient": replace(JANA, phone="", email="")}, ("recipient.phone", "missing")),
        ({"recipient": replace(JANA, phone="123")}, ("recipient.phone", "bad_phone")),
        ({"recipient": replace(JANA, name="Jana 🎁")}, ("recipient.name", "letters")),
        ({"recipient": replace(JANA, zip="99999")}, ("recipient.zip", "bad_zip")),
        ({"recipient": replace(JANA, country="US")}, ("recipient.country", "not_offered")),
        ({"cod": Cod(Money(129050, "CZK"), "1")}, ("cod.amount", "bad_amount")),
        ({"cod": Cod(Money(4990, "EUR"), "1")}, ("cod.amount", "bad_currency")),
        ({"cod": Cod(Money(100, "CZK"), "")}, ("cod.variable_symbol", "missing")),
        ({"cod": Cod(Money(100, "CZK"), "OBJ-1")}, ("cod.variable_symbol", "letters")),
        ({"cod": Cod(Money(100, "CZK"), "1" * 11)}, ("cod.variable_symbol", "too_long")),
        ({"value": Money(100, "EUR"), "options": {"insurance": "1"}}, ("value", "bad_currency")),
        ({"value": Money(0, "CZK"), "options": {"insurance": "1"}}, ("value", "missing")),
        ({"options": {"insurance": "yes"}}, ("options.insurance", "not_offered")),
        ({"options": {"saturday": "1"}}, ("options.saturday", "not_offered")),
        ({"adults_only": True}, ("adults_only", "not_offered")),
        ({"sender": JANA}, ("sender", "not_offered")),
    ],
)
def test_what_dpd_would_refuse_is_said_before(change, found):
    assert found in faults(replace(shipment(), **change))


def test_a_reference_of_a_single_box_may_have_33_letters():
    assert faults(shipment("R" * 33)) == []


def test_switches_open_what_is_not_certain():
    abroad = Address("Eva Nováková", "Hlavná 5", "Bratislava", "811 01", "SK", phone="+421905123456")
    given = replace(shipment(), recipient=abroad, cod=Cod(Money(4990, "EUR"), "1"))

    assert faults(given) == [("cod.amount", "bad_currency")]
    assert faults(given, "cod_abroad") == []
    assert faults(shipment(service="dpd12"), "more_services") == []


def test_every_switch_that_is_asked_for_is_declared():
    assert set(DpdCz.able.unproven) == {
        "cod_abroad",
        "collect_address",
        "delete",
        "find_list",
        "more_services",
        "payment_upper",
        "returns",
        "status_words",
        "track_batch",
        "zpl_page",
    }
