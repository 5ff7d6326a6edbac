"""Each call as it leaves, to the letter."""

import json
from dataclasses import replace
from datetime import date

import pytest

from carriers.base import Account, Format
from carriers.dpd_cz import POINTS, calls
from carriers.money import Money
from carriers.shipment import Box, Cod
from tests.carriers.dpd_cz.scene import JANA, account, shipment

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


def test_a_box_with_a_value_of_its_own_is_insured_for_that_one():
    boxes = (Box(1000, value=Money(50000, "CZK")), Box(1000, value=Money(79050, "CZK")), Box(1000))

    parcels = made(shipment(boxes=boxes))[0]["parcels"]
    assert [one.get("additionalServices") for one in parcels] == [
        {"insurance": {"amountCents": 50000, "currency": "CZK"}},
        {"insurance": {"amountCents": 79050, "currency": "CZK"}},
        None,
    ]


@pytest.mark.parametrize(
    ("service", "options", "said"),
    [
        ("101", {"notification": "1"}, {"notification": True}),
        ("327", {"notification": "0"}, {}),
        ("dpd12", {}, {"dpdTimeGuarantee": "DPD12", "notification": True}),
        ("dpd12", {"notification": "0"}, {"dpdTimeGuarantee": "DPD12"}),
        ("guarantee", {}, {"dpdGuarantee": True, "notification": True}),
        ("express", {}, {"airExpress": True, "notification": True}),
        ("pneu", {}, {"dpdPneu": True, "notification": True}),
        ("sameday", {}, {"dpdTimeGuarantee": "SAMEDAY", "notification": True}),
        ("shop2home", {}, {"shopToHome": True, "notification": True}),
        ("101", {"services": "guarantee, express"}, {"dpdGuarantee": True, "airExpress": True}),
        ("101", {"services": "swap,dpd12,"}, {"swap": True, "dpdTimeGuarantee": "DPD12"}),
        ("101", {"services": "declared_value"}, {"declaredValue": {"amountCents": 129000, "currency": "CZK"}}),
        ("101", {"services": ""}, {}),
        ("101", {"person": "Petr Lípa"}, {"personalIdentification": {"name": "Petr Lípa"}}),
        ("101", {"person_id": "9"}, {"personalIdentification": {"name": "Jana Dvořáková", "personalId": "9"}}),
        ("101", {"person": " ", "person_id": ""}, {}),
    ],
)
def test_services_say_what_was_chosen_and_what_is_on_top(service, options, said):
    assert made(shipment(service=service, options=options))[0]["services"] == said


def test_from_shop_to_shop_is_to_a_point():
    said = made(shipment(service="shop2shop", point="CZ21570"))[0]["services"]

    assert said == {"shopToShop": True, "notification": True, "pickupPoint": "CZ21570"}


def test_a_shipment_has_two_references_of_the_merchants_own():
    given = shipment(options={"ref3": "Sklad 7", "ref4": " "})

    assert made(given)[0]["references"] == HOME["references"] | {"ref3": "Sklad 7"}


def test_what_another_sends_is_fetched_from_there_where_that_is_switched_on():
    sender = replace(JANA, name="Jiří Dub", street="Dubová")

    [plain], [fetched] = made(shipment(sender=sender)), made(shipment(sender=sender), "collections")
    assert plain == HOME
    assert fetched == HOME | {
        "shipmentType": "ThirdPartyCollection",
        "sender": {
            "info": {"name1": "Jiří Dub", "contact": RECEIVER["info"]["contact"] | {"person": "Jiří Dub"}},
            "address": RECEIVER["address"] | {"street": "Dubová"},
        },
    }


@pytest.mark.parametrize(
    ("money", "hundredths"), [(Money(129000, "CZK"), 129000), (Money(4990, "EUR"), 4990), (Money(1290, "HUF"), 129000)]
)
def test_money_is_hundredths_even_where_the_currency_has_none(money, hundredths):
    given = shipment(cod=1)

    cod = made(replace(given, cod=Cod(money, "1")))[0]["services"]["cashOnDelivery"]
    assert cod["amountCents"] == hundredths


@pytest.mark.parametrize(
    ("allowed", "options", "payment", "spelt"),
    [
        (None, {}, "CashOrCard", "CASH_OR_CARD"),
        (True, {}, "CashOrCard", "CASH_OR_CARD"),
        (False, {}, "Cash", "CASH"),
        (None, {"credit_card": "0"}, "Cash", "CASH"),
        (None, {"credit_card": "1"}, "CashOrCard", "CASH_OR_CARD"),
        (True, {"credit_card": "0"}, "CashOrCard", "CASH_OR_CARD"),  # what the parcel says goes before its pairing
    ],
)
def test_cod_is_paid_in_cash_alone_where_no_card_is_allowed(allowed, options, payment, spelt):
    given = replace(shipment(options=options), cod=Cod(Money(129000, "CZK"), "202600417", allowed))

    said = [made(given, *switches)[0]["services"]["cashOnDelivery"] for switches in ([], ["payment_upper"])]
    assert said == [COD | {"payment": payment}, COD | {"payment": spelt}]


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


@pytest.mark.parametrize(("country", "kind"), [("CZ", "Collection"), ("SK", "Import")])
def test_a_return_that_is_picked_up_is_a_collection_or_from_abroad_an_import(country, kind):
    given = shipment(recipient=replace(JANA, country=country), options={"picked_up": "1"})

    [back] = body(calls.return_call(account(), given))
    assert (back["shipmentType"], back["services"], back["receiver"]) == (kind, {}, {"it4emId": 776655})
    assert back["sender"]["info"] == RECEIVER["info"]


def test_the_codes_of_a_parcel_without_label_are_asked_for_as_the_contract_shows():
    call = calls.drop_off_call(account(), "13845600012345")

    assert (call.method, call.url, call.makes) == ("POST", f"{BASE}/parcels/13845600012345/drop-off-codes", True)
    assert (call.headers, body(call)) == (WRITES, {"aztec": {"format": "PNG"}})


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


def test_the_list_of_points_is_asked_for_without_our_key():
    call = calls.points_call(f"{POINTS}/", "203")

    assert (call.method, call.url, call.query) == ("GET", "https://pickup.dpd.cz/api/getAll", (("country", "203"),))
    assert call.headers == {}


def test_the_key_is_in_nothing_that_is_shown():
    given = Account(f"{BASE}/", {"api_key": " hush \n"})
    call = calls.me_call(given)

    assert call.headers["x-api-key"] == "hush"
    assert "hush" not in f"{given!r} {call!r}"
