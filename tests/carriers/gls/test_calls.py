"""Every call to the byte: method, address, headers and body."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from carriers.base import Account, Format
from carriers.errors import CarrierRefused, Kind
from carriers.gls import PRODUCTION, SANDBOX, calls
from carriers.gls.parcel import house_number, label_text, parcel_of
from carriers.money import Money
from carriers.shipment import Address, Box
from carriers.wire import Call
from tests.carriers.gls import bench

DIGEST = list(hashlib.sha512(bench.PASSWORD.encode()).digest())
WAREHOUSE = {
    "Name": "Můj e-shop s.r.o.",
    "Street": "Skladová",
    "HouseNumber": "1",
    "HouseNumberInfo": "",
    "City": "Praha",
    "ZipCode": "19000",
    "CountryIsoCode": "CZ",
    "ContactName": "Můj e-shop s.r.o.",
    "ContactPhone": "+420222333444",
    "ContactEmail": "sklad@example.cz",
}
JANA = {
    "Name": "Jana Dvořáková",
    "Street": "Lipová",
    "HouseNumber": "12",
    "HouseNumberInfo": "/3",
    "City": "Brno",
    "ZipCode": "60200",
    "CountryIsoCode": "CZ",
    "ContactName": "Jana Dvořáková",
    "ContactPhone": "+420601234567",
    "ContactEmail": "jana.dvorakova@example.cz",
}


def body(call: Call) -> dict[str, Any]:
    return json.loads(call.body or b"")


def test_a_parcel_to_a_point_with_cod_is_asked_for_as_the_contract_shows() -> None:
    day = replace(bench.POINT, ship_on=date(2026, 3, 5))

    call = calls.create_call(bench.ACCOUNT, [day], Format.PDF)

    assert (call.method, call.url) == ("POST", "https://api.mygls.cz/ParcelService.svc/json/PrintLabels")
    assert call.headers == {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    assert (call.makes, call.query) == (True, ())
    assert body(call) == {
        "Username": "sklad@example.cz",
        "Password": DIGEST,
        "ParcelList": [
            {
                "ClientNumber": 50001234,
                "ClientReference": "OBJ-2026-00417",
                "Count": 1,
                "CODAmount": 1290,
                "CODReference": "202600417",
                "CODCurrency": "CZK",
                "Content": "Obj. 417",
                "PickupDate": "/Date(1772708400000)/",
                "PickupAddress": WAREHOUSE,
                "DeliveryAddress": JANA,
                "ServiceList": [
                    {"Code": "PSD", "PSDParameter": {"StringValue": "CZ60200-PARCELSHOP01"}},
                    {"Code": "FDS", "FDSParameter": {"Value": "jana.dvorakova@example.cz"}},
                ],
                "ParcelPropertyList": [
                    {"Content": "Obj. 417", "Height": 15, "Length": 30, "Width": 20, "Weight": 1.35}
                ],
            }
        ],
        "WebshopEngine": "upgates-expedition",
        "PrintPosition": 1,
        "ShowPrintDialog": False,
        "TypeOfPrinter": "Thermo",
    }


def test_the_bytes_of_a_parcel_to_an_address_are_these() -> None:
    call = calls.create_call(bench.ACCOUNT, [bench.HOME], Format.ZPL)

    assert (call.body or b"").decode().replace(json.dumps(DIGEST, separators=(",", ":")), "[…]") == (
        '{"Username":"sklad@example.cz","Password":[…],"ParcelList":[{"ClientNumber":50001234,'
        '"ClientReference":"OBJ-2026-00417","Count":1,"Content":"417","PickupAddress":{"Name":"Můj e-shop s.r.o.",'
        '"Street":"Skladová","HouseNumber":"1","HouseNumberInfo":"","City":"Praha","ZipCode":"19000",'
        '"CountryIsoCode":"CZ","ContactName":"Můj e-shop s.r.o.","ContactPhone":"+420222333444",'
        '"ContactEmail":"sklad@example.cz"},"DeliveryAddress":{"Name":"Jana Dvořáková","Street":"Lipová",'
        '"HouseNumber":"12","HouseNumberInfo":"/3","City":"Brno","ZipCode":"60200","CountryIsoCode":"CZ",'
        '"ContactName":"Jana Dvořáková","ContactPhone":"+420601234567","ContactEmail":"jana.dvorakova@example.cz"},'
        '"ServiceList":[],"ParcelPropertyList":[{"Content":"417","Height":15,"Length":30,"Width":20,"Weight":1.35}]}],'
        '"WebshopEngine":"upgates-expedition","PrintPosition":1,"ShowPrintDialog":false,"TypeOfPrinter":"ThermoZPL"}'
    )


def test_several_boxes_are_one_parcel_with_a_count() -> None:
    boxes = (Box(500), Box(12_345, 301, None, None))

    parcel = body(calls.create_call(bench.ACCOUNT, [replace(bench.HOME, boxes=boxes)], Format.PDF))["ParcelList"][0]

    assert parcel["Count"] == 2
    assert parcel["ParcelPropertyList"] == [
        {"Content": "417", "Weight": 0.5},
        {"Content": "417", "Length": 31, "Weight": 12.345},
    ]


def test_each_box_says_what_is_in_it_and_of_what_kind_it_is_and_the_label_whose_order_it_is() -> None:
    boxes = (Box(500, content="Knihy"), Box(600))
    shipment = replace(bench.HOME, boxes=boxes, note="opatrně", options={"PackageType": "2"})

    parcel = parcel_of(bench.ACCOUNT, shipment)

    assert parcel["Content"] == "417, opatrně"
    assert [(one["Content"], one["PackageType"]) for one in parcel["ParcelPropertyList"]] == [
        ("Knihy", 2),
        ("417, opatrně", 2),
    ]
    assert parcel["ServiceList"] == []


@pytest.mark.parametrize(
    ("number", "note", "told"),
    [
        ("417", "", "417"),
        ("417", "Obj. 417", "Obj. 417"),
        ("41", "u brány 417", "41, u brány 417"),
        ("", "u brány", "u brány"),
        ("", "", "Knihy, Papír"),
    ],
)
def test_a_label_says_the_order_whatever_else_it_says(number: str, note: str, told: str) -> None:
    boxes = (Box(1, content="Knihy"), Box(1, content=" Papír "), Box(1, content="Knihy"))

    assert label_text(replace(bench.HOME, order_number=number, note=note, boxes=boxes)) == told


def test_shipments_of_a_batch_stand_in_their_order() -> None:
    asked = body(calls.create_call(bench.ACCOUNT, bench.shipments(3), Format.PDF))

    assert [parcel["ClientReference"] for parcel in asked["ParcelList"]] == ["R-0", "R-1", "R-2"]


@pytest.mark.parametrize(
    ("minor", "currency", "wire"),
    [(129_000, "CZK", "1290"), (1_250, "EUR", "12.5"), (1_999, "RON", "19.99"), (12_990, "HUF", "12990")],
)
def test_money_is_written_in_digits_and_never_by_way_of_a_float(minor: int, currency: str, wire: str) -> None:
    cod = replace(bench.COD, amount=Money(minor, currency))

    call = calls.create_call(bench.ACCOUNT, [replace(bench.HOME, cod=cod)], Format.PDF)

    assert f'"CODAmount":{wire},'.encode() in (call.body or b"")


@pytest.mark.parametrize(
    ("options", "wire"),
    [
        ({"FDS": "a@b.cz", "FSS": ""}, [("FDS", "a@b.cz"), ("FSS", "+420601234567")]),
        ({"SM1": "Balík #ParcelNr#"}, [("SM1", "+420601234567|Balík #ParcelNr#")]),
        ({"SM2": "", "CS1": "777 888 999"}, [("SM2", "+420601234567"), ("CS1", "+420777888999")]),
        ({"INS": ""}, [("INS", 1290)]),
        ({"AOS": ""}, [("AOS", "Jana Dvořáková")]),
        ({"FDS": "1", "FSS": "1"}, [("FDS", "jana.dvorakova@example.cz"), ("FSS", "+420601234567")]),
        ({"SM2": "1", "AOS": "1"}, [("SM2", "+420601234567"), ("AOS", "Jana Dvořáková")]),
        ({"DDS": "2026-03-05"}, [("DDS", "/Date(1772708400000)/")]),
        ({"SZL": "DL-17"}, [("SZL", "DL-17")]),
    ],
)
def test_a_service_carries_its_parameter(options: dict[str, str], wire: list[tuple[str, Any]]) -> None:
    found = body(calls.create_call(bench.ACCOUNT, [replace(bench.HOME, options=options)], Format.PDF))

    expected = [{"Code": code, f"{code}Parameter": {"Value": value}} for code, value in wire]
    assert found["ParcelList"][0]["ServiceList"] == expected


@pytest.mark.parametrize(
    ("code", "chosen", "parameter"),
    [
        ("DPV", "hodinky", {"StringValue": "hodinky", "DecimalValue": 1290}),
        (
            "SDS",
            "2026-03-05 10:00-12:30",
            {"TimeFrom": "/Date(1772701200000)/", "TimeTo": "/Date(1772710200000)/"},
        ),
        (
            "ADR",
            '[1,"L",2,0.50,1950]',
            {"AdrItemType": 1, "AmountUnit": "L", "InnerCount": 2, "PackSize": 0.5, "UnNumber": 1950},
        ),
    ],
)
def test_a_service_of_several_parts_carries_them_all(code: str, chosen: str, parameter: dict[str, Any]) -> None:
    asked = body(calls.create_call(bench.ACCOUNT, [replace(bench.HOME, options={code: chosen})], Format.PDF))

    assert asked["ParcelList"][0]["ServiceList"] == [{"Code": code, f"{code}Parameter": parameter}]


def test_a_window_is_of_the_clock_where_the_parcel_goes() -> None:
    there = replace(bench.JANA, country="RO", zip="010101", phone="")
    parcel = parcel_of(bench.ACCOUNT, replace(bench.HOME, recipient=there, options={"SDS": "2026-03-05 10:00-12:30"}))

    assert parcel["ServiceList"][0]["SDSParameter"]["TimeFrom"] == "/Date(1772697600000)/"


def test_services_go_together_each_once_beside_the_one_that_was_paired() -> None:
    def codes(service: str, *options: str) -> list[str]:
        asked = replace(bench.POINT, service=service, options=dict.fromkeys(options, "1"))
        return [each["Code"] for each in parcel_of(bench.ACCOUNT, asked)["ServiceList"]]

    assert codes("PSD", "24H", "FDS", "SAT") == ["PSD", "24H", "FDS", "SAT"]
    assert codes("24H", "24H", "T09", "TGS", "XS") == ["24H", "T09", "TGS", "XS"]
    assert codes("parcel", "T10", "T12", "PSS") == ["T10", "T12", "PSS"]


@pytest.mark.parametrize("options", [{"DDS": "soon"}, {"SDS": "10-12"}, {"ADR": "x"}])
def test_an_option_that_cannot_be_written_is_refused_and_not_guessed(options: dict[str, str]) -> None:
    with pytest.raises(CarrierRefused) as refused:
        calls.create_call(bench.ACCOUNT, [replace(bench.HOME, options=options)], Format.PDF)
    assert refused.value.kind is Kind.CONTENT
    assert [fault.field for fault in refused.value.faults] == [f"options.{name}" for name in options]


@pytest.mark.parametrize("service", ["24H", "T09", "T10", "T12", "SAT"])
def test_a_service_by_the_hour_has_no_parameter(service: str) -> None:
    asked = body(calls.create_call(bench.ACCOUNT, [replace(bench.HOME, service=service)], Format.PDF))

    assert asked["ParcelList"][0]["ServiceList"] == [{"Code": service}]


@pytest.mark.parametrize(
    ("street", "number", "split"),
    [
        ("Lipová", "12/3", ("Lipová", "12", "/3")),
        ("Lipová", "12a", ("Lipová", "12", "a")),
        ("Lipová", "007", ("Lipová", "7", "")),
        ("Lipová", "0", ("Lipová", "", "")),
        ("Lipová", "č.p. 5", ("Lipová", "", "č.p. 5")),
        ("Lipová 12", "", ("Lipová", "12", "")),
        ("Lipová 12/3", "", ("Lipová", "12", "/3")),
        ("17. listopadu 5 b", "", ("17. listopadu", "5", "b")),
        ("nám. 28. října", "", ("nám. 28. října", "", "")),
        ("Lhota", "", ("Lhota", "", "")),
        ("12", "", ("12", "", "")),
    ],
)
def test_a_house_number_is_digits_and_the_rest_of_it(street: str, number: str, split: tuple[str, str, str]) -> None:
    at = Address("A", street, "B", "60200", "CZ", house_number=number)

    assert house_number(at) == split


def test_a_company_is_the_name_and_its_person_the_contact() -> None:
    firm = replace(bench.JANA, company="Knihy; a.s.")

    to = body(calls.create_call(bench.ACCOUNT, [replace(bench.HOME, recipient=firm)], Format.PDF))["ParcelList"][0]

    assert (to["DeliveryAddress"]["Name"], to["DeliveryAddress"]["ContactName"]) == ("Knihy; a.s.", "Jana Dvořáková")


def test_a_company_of_nothing_but_spaces_is_none() -> None:
    blank = replace(bench.HOME, recipient=replace(bench.JANA, company="  "))

    to = body(calls.create_call(bench.ACCOUNT, [blank], Format.PDF))["ParcelList"][0]

    assert to["DeliveryAddress"] == JANA


def test_a_reprint_names_ids_as_numbers() -> None:
    roll = calls.reprint_call(bench.ACCOUNT, ["90210001"], Format.PDF)

    assert roll.url == "https://api.mygls.cz/ParcelService.svc/json/GetPrintedLabels"
    assert body(roll) == {
        "Username": "sklad@example.cz",
        "Password": DIGEST,
        "ParcelIdList": [90210001],
        "WebshopEngine": "upgates-expedition",
        "PrintPosition": 1,
        "ShowPrintDialog": False,
        "TypeOfPrinter": "Thermo",
    }
    assert not roll.makes


@pytest.mark.parametrize(
    ("chosen", "kind", "printer"),
    [
        ("Connect", Format.PDF, "Connect"),
        ("Connect", Format.ZPL, "ThermoZPL"),
        ("ThermoZPL_300DPI", Format.ZPL, "ThermoZPL_300DPI"),
        ("", Format.PDF, "Thermo"),
        ("A4_2x2", Format.PDF, "Thermo"),  # kept since long
        ("Zebra", Format.ZPL, "ThermoZPL"),
    ],
)
def test_a_printer_is_chosen_among_those_with_one_label_a_page(chosen: str, kind: Format, printer: str) -> None:
    account = replace(bench.ACCOUNT, given={**bench.ACCOUNT.given, "printer": chosen})

    assert body(calls.create_call(account, [bench.HOME], kind))["TypeOfPrinter"] == printer


def test_statuses_of_many_are_asked_for_as_those_of_one() -> None:
    call = calls.many_call(bench.ACCOUNT, ["31177007966", bench.number(0)])

    assert call.url.endswith("/json/GetParcelListStatuses")
    assert body(call) == {
        "Username": "sklad@example.cz",
        "Password": DIGEST,
        "ParcelNumberList": [31177007966, int(bench.number(0))],
        "ReturnPOD": False,
        "LanguageIsoCode": "CS",
    }


@pytest.mark.parametrize(
    ("amount", "wire"), [(Money(99_000, "CZK"), "990"), (Money(0, "CZK"), "0"), (Money(1_250, "EUR"), "12.5")]
)
def test_a_changed_cod_names_an_id_and_an_amount(amount: Money, wire: str) -> None:
    call = calls.cod_call(bench.ACCOUNT, "90210001", amount)

    assert call.url == "https://api.mygls.cz/ParcelService.svc/json/ModifyCOD"
    assert (call.body or b"").endswith(f'],"ParcelId":90210001,"CODAmount":{wire}}}'.encode())
    assert call.makes  # a lost answer is unclear


def test_statuses_are_asked_for_by_the_long_number() -> None:
    call = calls.statuses_call(bench.ACCOUNT, "31177007966")

    assert call.url.endswith("/json/GetParcelStatuses")
    assert body(call) == {
        "Username": "sklad@example.cz",
        "Password": DIGEST,
        "ParcelNumber": 31177007966,
        "ReturnPOD": False,
        "LanguageIsoCode": "CS",
    }


def test_the_list_covers_whole_days_around_what_we_look_for() -> None:
    since = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)  # half past midnight in Prague

    asked = body(calls.list_call(bench.ACCOUNT, since=since, until=bench.NOW))

    assert asked["PrintDateFrom"] == f"/Date({int(datetime(2026, 3, 3, 23, tzinfo=UTC).timestamp())}000)/"
    assert asked["PrintDateTo"] == f"/Date({int(datetime(2026, 3, 5, 23, tzinfo=UTC).timestamp())}000)/"


def test_a_deletion_names_ids() -> None:
    call = calls.delete_call(bench.ACCOUNT, ["1000", "1001"])

    assert call.url.endswith("/json/DeleteLabels")
    assert body(call)["ParcelIdList"] == [1000, 1001]


def test_points_are_asked_for_under_a_name_of_our_own() -> None:
    call = calls.points_call(bench.ACCOUNT, "CZ")

    assert (call.method, call.url) == ("GET", "https://map.gls-czech.com/data/deliveryPoints/cz.json")
    assert call.headers == {"Accept": "application/json", "User-Agent": "upgates-expedition"}
    assert call.body is None


@pytest.mark.parametrize("country", ["CZ", "SK", "HU", "RO", "SI", "HR", "RS"])
def test_every_country_has_hosts_of_its_own(country: str) -> None:
    assert PRODUCTION[country] == f"https://api.mygls.{country.lower()}"
    assert SANDBOX[country] == f"https://api.test.mygls.{country.lower()}"


def test_an_identity_card_goes_with_a_serbian_sender_only() -> None:
    def parcel(country: str) -> dict[str, Any]:
        given = {**bench.ACCOUNT.given, "sender_country": country, "sender_identity_card": "123"}
        return parcel_of(replace(bench.ACCOUNT, given=given), bench.HOME)

    assert parcel("RS")["SenderIdentityCardNumber"] == "123"
    assert "SenderIdentityCardNumber" not in parcel("CZ")


@pytest.mark.parametrize("lost", ["username", "client_number", "sender_name", "sender_zip", "sender_country"])
def test_an_account_that_lacks_something_is_told_what(lost: str) -> None:
    account = Account(bench.ACCOUNT.base_url, bench.ACCOUNT.secrets, {**bench.ACCOUNT.given, lost: " "})

    with pytest.raises(CarrierRefused, match=lost) as refused:
        calls.create_call(account, [bench.HOME], Format.PDF)
    assert refused.value.kind is Kind.ACCOUNT


def test_a_client_number_of_letters_is_refused() -> None:
    account = replace(bench.ACCOUNT, given={**bench.ACCOUNT.given, "client_number": "CZ-1"})

    with pytest.raises(CarrierRefused, match="client_number"):
        calls.create_call(account, [bench.HOME], Format.PDF)


def test_no_secret_is_shown() -> None:
    call = calls.create_call(bench.ACCOUNT, [bench.HOME], Format.PDF)

    assert str(DIGEST[0]) + ", " + str(DIGEST[1]) not in repr(call)
    assert bench.PASSWORD not in repr(bench.ACCOUNT)
    assert bench.PASSWORD.encode() not in (call.body or b"")
