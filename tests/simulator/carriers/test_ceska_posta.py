"""Česká pošta's stand-in: every rule of a booking (carriers.md 5.2)."""

import base64
import copy
from collections.abc import Iterator
from typing import Any, cast

import pytest

from simulator.carriers.ceska_posta import numbers
from tests.simulator.carriers.posta_client import EXAMPLE, GOOD, HOME_TO, Posta, boxes, home, order, posta, with_
from tests.simulator.carriers.yard import codes

OK = {"responseCode": 1, "responseText": "OK"}


@pytest.fixture
def it() -> Posta:
    return posta()


def test_the_contracts_order_is_answered_as_printed(it: Posta) -> None:
    answer = it.post("/parcelService", EXAMPLE.encode())

    told = answer.json()
    file = told["responseHeader"]["responsePrintParams"].pop("file")
    assert told == {
        "responseHeader": {
            "resultHeader": OK,
            "resultParcelData": [
                {"recordNumber": "OBJ202600417", "parcelCode": "NB5847769990L", "parcelStateResponse": [OK]}
            ],
            "resultParcelCustomsGoods": [],
            "resultParcelCustomsDocument": [],
            "responsePrintParams": {"printParamsResponse": [OK]},
        }
    }
    assert codes(base64.b64decode(file, validate=True)) == [[("Code128", "NB5847769990L")]]
    assert it.yard.world.made() == {"OBJ202600417": ["NB5847769990L"]}


def test_a_bad_order_is_answered_as_printed(it: Posta) -> None:
    answer = it.post("/parcelService", order(parcelServices=["7", "41", "45"], emailAddress=""))

    assert answer.status_code == 200
    assert answer.json() == {
        "responseHeader": {
            "resultHeader": {"responseCode": 19, "responseText": "BATCH_INVALID"},
            "resultParcelData": [
                {
                    "recordNumber": "OBJ202600417",
                    "parcelCode": "",
                    "parcelStateResponse": [
                        {"responseCode": 261, "responseText": "MISSING_SIZE_CATEGORY"},
                        {"responseCode": 250, "responseText": "MISSING_REQUIRED_EMAIL"},
                    ],
                }
            ],
        }
    }
    assert not it.yard.world.parcels


@pytest.mark.parametrize(
    ("params", "status"), [({}, 400), ({"idContract": "356000001"}, 403), ({"idContract": "356000000"}, 200)]
)
def test_the_contract_is_told_in_the_query(it: Posta, params: dict[str, str], status: int) -> None:
    assert it.send("POST", "/parcelService", EXAMPLE.encode(), **params).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/parcelService", 404),
        ("POST", "/parcelservice", 404),
        ("GET", "/", 404),
        ("DELETE", "/parcelStatus", 404),
        ("GET", "/sendParcels/stats", 501),
        ("GET", "/sendParcels/idTransaction/1", 404),
        ("GET", "/parcelDataHistory/parcelID/NB5847769990L", 404),
        ("GET", "/location/idContract/356000001", 403),
    ],
)
def test_what_is_not_there_is_said_so(it: Posta, method: str, path: str, status: int) -> None:
    answer = it.send(method, path)

    assert answer.status_code == status
    assert answer.json()[0]["status"] == status


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", EXAMPLE.replace("1290,", "NaN,").encode()])
def test_what_is_no_order_is_a_400(it: Posta, body: bytes) -> None:
    assert it.post("/parcelService", body).status_code == 400


def test_another_content_type_is_a_400(it: Posta) -> None:
    it.headers = {"Content-Type": "text/plain"}

    assert it.post("/parcelService", EXAMPLE.encode()).status_code == 400


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"transmissionDate": "5.3.2026"}, "transmissionDate"),
        ({"transmissionDate": "2026-02-30"}, "transmissionDate"),
        ({"transmissionDate": None}, "transmissionDate"),
        ({"locationNumber": "1"}, "locationNumber"),
        ({"customerID": "L001234"}, "customerID"),
        ({"position": 0}, "position"),
        ({"printParams": {}}, "idForm"),
        ({"weight": 1.35}, "weight"),
        ({"amount": "1290"}, "amount"),
        ({"insuredValue": True}, "insuredValue"),
        ({"vsVoucher": 202600417}, "vsVoucher"),
        ({"vsVoucher": "20260041712"}, "vsVoucher"),
        ({"notePrint": "x" * 51}, "notePrint"),
        ({"quantityParcel": 2}, "quantityParcel"),
        ({"sequenceParcel": 2}, "sequenceParcel"),
        ({"currency": "kč"}, "currency"),
        ({"subject": "X"}, "subject"),
        ({"parcelServices": "M"}, "parcelServices"),
        ({"parcelServices": [7]}, "parcelServices[0]"),
        ({"recordID": ""}, "recordID"),
        ({"emailAddress": [None]}, "emailAddress"),
        ({"address": "Lipová 12"}, "address"),
        ({"additionAddress": "x"}, "additionAddress"),
        ({"multipartParcelData": ["box"] * 5}, "multipartParcelData"),
    ],
)
def test_a_field_of_another_shape_is_named_in_a_400(it: Posta, changes: dict[str, Any], field: str) -> None:
    answer = it.post("/parcelService", order(**changes))

    assert answer.status_code == 400
    assert any(f"{field}:" in told["message"] for told in answer.json())
    assert not it.yard.world.parcels


def test_at_most_ten_things_are_told(it: Posta) -> None:
    asked = order()
    asked["parcelServiceData"]["parcelParams"] |= {f"unknown{n}": n for n in range(20)}

    assert len(it.post("/parcelService", asked).json()) == 10


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"customerID": ""}, 10),
        ({"customerID": "L99999"}, 10),
        ({"customerID": "U219"}, 3),
        ({"locationNumber": 2}, 11),
        ({"locationNumber": None}, 11),
        ({"postCode": "11000"}, 12),
        ({"postCode": None}, 12),
        ({"transmissionDate": "2026-03-04"}, 13),
    ],
)
def test_a_wrong_header_refuses_the_whole(it: Posta, changes: dict[str, Any], code: int) -> None:
    told = it.book(order(**changes))

    assert told["resultHeader"]["responseCode"] == code
    assert told["resultParcelData"] == []
    assert not it.yard.world.parcels


def test_the_day_is_that_of_prague(it: Posta) -> None:
    it.yard.go(hours=15)  # 23:00 UTC, in Prague it is the sixth

    assert it.book(order())["resultHeader"]["responseCode"] == 13
    assert it.made(order(transmissionDate="2026-03-06"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"prefixParcelCode": ""}, 128),
        ({"prefixParcelCode": "XX"}, 103),
        ({"prefixParcelCode": "nb"}, 103),
        ({"weight": ""}, 104),
        ({"weight": "0"}, 104),
        ({"weight": "51"}, 104),
        ({"weight": "1,35"}, 121),
        ({"weight": "1.3505"}, 121),
        ({"weight": "-1"}, 121),
        ({"insuredValue": 0}, 105),
        ({"insuredValue": -1}, 105),
        ({"insuredValue": 10.005}, 105),
        ({"insuredValue": None}, 336),
        ({"amount": 0}, 106),
        ({"amount": 1290.5}, 106),
        ({"amount": 20_001}, 139),
        ({"amount": None}, 124),
        ({"currency": "EUR"}, 107),
        ({"vsVoucher": ""}, 108),
        ({"vsVoucher": "OBJ417"}, 132),
        ({"vsParcel": "20 26"}, 132),
        ({"parcelServices": ["M", "7"]}, 131),
        ({"parcelServices": ["7", "41"]}, 261),
        ({"parcelServices": ["M", "L", "7", "41"]}, 112),
        ({"parcelServices": ["M", "7", "41", "4"]}, 112),
        ({"parcelServices": ["M", "7", "41", "34", "46"]}, 112),
        ({"parcelServices": ["M", "7", "41", "99"]}, 112),
        ({"parcelServices": ["M", "7", "41", "7"]}, 112),
        ({"parcelServices": ["M", "7", "41", "70"]}, 112),
        ({"parcelServices": ["M", "41"]}, 113),
        ({"surname": ""}, 114),
        ({"subject": "P"}, 115),
        ({"subject": None, "surname": ""}, 300),
        ({"parcelAddress": {}}, 300),
        ({"zipCode": ""}, 219),
        ({"zipCode": "602 00"}, 247),
        ({"zipCode": "99998"}, 247),
        ({"zipCode": "22200"}, 247),
        ({"street": "Lipová"}, 247),
        ({"houseNumber": "12"}, 247),
        ({"isoCountry": "SK"}, 137),
        ({"mobilNumber": ""}, 189),
        ({"mobilNumber": "+421905123456"}, 184),
        ({"mobilNumber": "+420222333444"}, 184),
        ({"mobilNumber": "601 234 567"}, 184),
        ({"emailAddress": "jana"}, 185),
        ({"masterCode": "NB5847769990L"}, 100),
        ({"parcelCode": "NB5847769990L"}, 100),
    ],
)
def test_a_wrong_order_to_a_point_has_its_code(it: Posta, changes: dict[str, Any], code: int) -> None:
    assert code in it.codes(order(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parcelServices": ["M"], "insuredValue": 0}, 113),
        ({"city": ""}, 220),
        ({"street": " "}, 260),
        ({"zipCode": ""}, 219),
        ({"zipCode": "779 00"}, 309),
        ({"zipCode": "7790"}, 309),
        ({"zipCode": "00001"}, 117),
        ({"street": "P.O.BOX 12"}, 142),
        ({"prefixParcelCode": "NP"}, 309),
        ({"prefixParcelCode": "CE"}, 137),
        ({"prefixParcelCode": "CE", "isoCountry": "DE"}, 127),
        ({"prefixParcelCode": "CE", "isoCountry": "DE", "parcelServices": ["44"], "insuredValue": 0}, 206),
    ],
)
def test_a_wrong_order_to_the_door_has_its_code(it: Posta, changes: dict[str, Any], code: int) -> None:
    asked = home()
    asked["parcelServiceData"]["parcelAddress"]["address"] = copy.copy(HOME_TO) | {"isoCountry": "CZ"}

    assert code in it.codes(with_(asked, **changes))


def test_a_code_that_only_a_balikovna_has_is_no_address(it: Posta) -> None:
    zip_ = next(id_ for id_ in it.yard.world.points if id_ >= "80000")

    assert it.codes(home(zipCode=zip_)) == [248]


@pytest.mark.parametrize(
    "changes",
    [
        {"street": "", "city": ""},
        {"street": "Balíkovna"},
        {"city": "Brno"},
        {"mobilNumber": "601234567"},
        {"parcelServices": ["M", "7", "41"], "mobilNumber": "+421905123456", "emailAddress": ""},
        {"amount": 1290.0},
        {"amount": 20_000},
        {"locationNumber": 1, "contractNumber": "356000000"},
        {"transmissionDate": "2026-04-05"},
    ],
)
def test_what_the_contract_allows_is_taken(it: Posta, changes: dict[str, Any]) -> None:
    told = it.book(order(**changes))

    assert told["resultParcelData"][0]["parcelStateResponse"] == [OK]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"city": "Ostrava"}, "INFO_CITY_CHANGED"),
        ({"specSym": "x"}, "INFO_INVALID_SPEC_SYMBOL"),
        ({"phoneNumber": "volejte"}, "INFO_INVALID_TELEPHONE_NUMBER"),
        ({"mobilNumber": "volejte"}, "INFO_INVALID_MOBIL_NUMBER"),
        ({"emailAddress": "jana"}, "INFO_INVALID_EMAIL"),
        ({"houseNumber": ""}, "INFO_INEXACT_ADDRESS"),
        ({"parcelServices": ["M", "7", "25"]}, "INFO_CANCEL_SERVICE_25"),
    ],
)
def test_information_is_no_refusal(it: Posta, changes: dict[str, Any], text: str) -> None:
    told = it.book(home(**changes))

    assert told["resultHeader"] == OK
    assert [one["responseText"] for one in told["resultParcelData"][0]["parcelStateResponse"]] == [text]
    assert told["resultParcelData"][0]["parcelCode"] in it.yard.world.parcels


def abroad(**goods: Any) -> dict[str, Any]:
    asked = home(prefixParcelCode="CE", parcelServices=["44"], insuredValue=0, street="Hauptstraße", city="Berlin")
    data = asked["parcelServiceData"]
    data["parcelAddress"]["address"] |= {"zipCode": "10115", "isoCountry": "DE"}
    good = {**GOOD, "iso": "CZ", **goods}
    data["parcelCustomsDeclaration"] = {"category": "91", "customValCur": "EUR", "parcelCustomGoods": [good]}
    return asked


def test_a_parcel_abroad_has_an_international_number(it: Posta) -> None:
    assert numbers.S10.fullmatch(it.made(abroad()))


@pytest.mark.parametrize(
    ("goods", "code"),
    [({"quantity": 0}, 210), ({"weight": ""}, 212), ({"customVal": 0}, 213), ({"iso": ""}, 214), ({"hsCode": ""}, 215),
     ({"customCont": ""}, 216), ({"weight": "1.351"}, 221)],
)  # fmt: skip
def test_wrong_goods_have_their_code(it: Posta, goods: dict[str, Any], code: int) -> None:
    assert it.codes(abroad(**goods)) == [code]


ODD: tuple[Any, ...] = (
    None, "", " ", "\ud800", "😀;^~", "x" * 10_000, -1, 10**40, 1e300, 1e-300, True, [], {}, ["M"], {"a": 1},
)  # fmt: skip


EVERY = 11


def ways(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything within a body."""
    inside: Any = {}
    if isinstance(value, dict | list):
        inside = cast("Any", value).items() if isinstance(value, dict) else enumerate(cast("Any", value))
    for name, one in dict(inside).items():
        yield (name,)
        yield from ((name, *way) for way in ways(one))


@pytest.mark.parametrize("base", [order(), home(), boxes(2), abroad()], ids=["point", "home", "set", "abroad"])
def test_no_value_is_left_without_an_answer(it: Posta, base: dict[str, Any]) -> None:
    statuses = set[int]()
    for turn, (*way, name) in enumerate(ways(base)):
        for value in ODD[turn % EVERY :: EVERY]:  # each place a few, each value in many places
            asked = copy.deepcopy(base)
            place = asked
            for step in way:
                place = place[step]
            place[name] = value
            statuses.add(it.post("/parcelService", asked).status_code)

    assert statuses == {200, 400}
