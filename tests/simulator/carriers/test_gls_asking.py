"""GLS: who may call, and what of a request is refused before anything is done."""

import json
from typing import Any

import pytest

from tests.simulator.carriers.gls_client import HOME, HOW, PARCEL, REAL, Bench, codes_of, other


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("member", ["Username", "Password"])
@pytest.mark.parametrize("method", ["PrintLabels", "GetParcelStatuses", "DeleteLabels", "GetParcelList"])
def test_a_wrong_login_is_answered_in_both_ways(bench: Bench, method: str, member: str) -> None:
    lists = {
        "PrintLabels": "PrintLabelsErrorList",
        "GetParcelStatuses": "GetParcelStatusErrors",
        "DeleteLabels": "DeleteLabelsErrorList",
        "GetParcelList": "GetParcelListErrors",
    }
    wrong = {"Username": "Sklad@example.cz", "Password": bench.login["Password"][::-1]}
    answer = bench.post(method, **{member: wrong[member]})

    if member == "Username":
        assert answer.status_code == 401
    else:
        assert answer.status_code == 200
        assert answer.json()[lists[method]] == [
            {"ErrorCode": -1, "ErrorDescription": "Unauthorized", "ClientReferenceList": [], "ParcelIdList": []}
        ]


@pytest.mark.parametrize("password", [[], None, [1] * 63])
def test_a_short_password_is_unauthorized(bench: Bench, password: Any) -> None:
    answer = bench.ask("GetParcelStatuses", Password=password)

    assert codes_of(answer, "GetParcelStatusErrors") == [-1]


@pytest.mark.parametrize(
    "password", ["9b71d224bd62f378" * 8, [1.5] * 64, [256] * 64, [-1] * 64, ["1"] * 64, [True] * 64]
)
def test_a_password_is_a_list_of_bytes(bench: Bench, password: Any) -> None:
    assert bench.post("GetParcelStatuses", Password=password).status_code == 400


def test_an_account_is_known_to_its_countrys_server_alone(bench: Bench) -> None:
    bench.account = "slovak"
    assert bench.post("GetParcelList").status_code == 401

    bench.base = "https://api.mygls.sk"
    assert codes_of(bench.ask("GetParcelList"), "GetParcelListErrors") == [12]
    bench.base = "https://api.test.mygls.sk"
    assert codes_of(bench.ask("GetParcelList"), "GetParcelListErrors") == [12]


def test_a_slovak_account_sends_for_euros(bench: Bench) -> None:
    bench.account, bench.base = "slovak", "https://api.mygls.sk"
    address = PARCEL["DeliveryAddress"] | {"City": "Žilina", "ZipCode": "01001", "CountryIsoCode": "SK"}
    parcel = other("SK-1", ClientNumber=50005678, DeliveryAddress=address, CODAmount=12.34, CODCurrency="EUR")
    (row,) = bench.printed(parcel)

    assert bench.world.parcels[str(row["ParcelNumber"])].cod == ("12.34", "EUR")


def test_a_user_that_is_not_active_may_nothing(bench: Bench) -> None:
    bench.world.accounts["shop"].given["active"] = False

    assert bench.wrong(PARCEL)[0][0] == 15


@pytest.mark.parametrize("method", ["PrepareLabels", "PrintLabels", "GetPrintedLabels", "GetPrintData"])
def test_methods_of_labels_need_the_engine(bench: Bench, method: str) -> None:
    (errors,) = (value for name, value in bench.ask(method).items() if "Error" in name)

    assert [one["ErrorCode"] for one in errors] == [12]


@pytest.mark.parametrize(
    ("method", "body", "name", "code"),
    [
        ("PrintLabels", {**HOW, "ParcelList": []}, "PrintLabelsErrorList", 2),
        ("PrintLabels", {**HOW, "ParcelList": None}, "PrintLabelsErrorList", 2),
        ("PrintLabels", {"ParcelList": [HOME]}, "PrintLabelsErrorList", 34),
        ("PrintLabels", {**HOW, "ParcelList": [HOME], "TypeOfPrinter": "A5"}, "PrintLabelsErrorList", 34),
        ("PrintLabels", {**HOW, "ParcelList": [HOME], "PrintPosition": 5}, "PrintLabelsErrorList", 13),
        ("PrintLabels", {**HOW, "ParcelList": [HOME], "ClientNumberList": []}, "PrintLabelsErrorList", 13),
        ("PrintLabels", {**HOW, "ParcelList": [HOME], "Printer": "x"}, "PrintLabelsErrorList", 13),
        ("GetPrintedLabels", {**HOW, "ParcelIdList": []}, "GetPrintedLabelsErrorList", 3),
        ("GetPrintData", {}, "GetPrintDataErrorList", 3),
        ("DeleteLabels", {}, "DeleteLabelsErrorList", 3),
        ("DeleteLabels", {"ParcelIdList": [*range(1, 52)]}, "DeleteLabelsErrorList", 22),
        ("GetParcelStatuses", {}, "GetParcelStatusErrors", 11),
        ("GetParcelStatuses", {"ParcelNumber": 31177007966}, "GetParcelStatusErrors", 5),
        ("GetParcelStatuses", {"ParcelNumber": 1, "LanguageIsoCode": "CZ"}, "GetParcelStatusErrors", 13),
        ("ModifyCOD", {"ParcelId": 1}, "ModifyCODError", 12),
        ("ModifyCOD", {"CODAmount": 1}, "ModifyCODError", 7),
        ("ModifyCOD", {"CODAmount": 1, "ParcelId": 1, "ParcelNumber": 1}, "ModifyCODError", 7),
        ("ModifyCOD", {"CODAmount": 1, "ParcelId": 1}, "ModifyCODError", 4),
        ("ModifyCOD", {"CODAmount": 1, "ParcelNumber": 1}, "ModifyCODError", 5),
        ("ModifyCOD", {"CODAmount": -1, "ParcelId": 1}, "ModifyCODError", 8),
        ("GetParcelList", {"PickupDateFrom": "/Date(2)/", "PickupDateTo": "/Date(1)/"}, "GetParcelListErrors", 24),
        ("GetParcelList", {"PrintDateFrom": "/Date(2)/", "PrintDateTo": "/Date(1)/"}, "GetParcelListErrors", 25),
        ("GetParcelList", {"PrintDateFrom": "/Date(2)/"}, "GetParcelListErrors", 25),
    ],
)
def test_a_request_that_lacks_something_is_refused_whole(
    bench: Bench, method: str, body: dict[str, Any], name: str, code: int
) -> None:
    assert codes_of(bench.label(method, **body), name) == [code]
    assert bench.world.parcels == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"Username": NaN}', b"<xml/>", b'{"Username": "\\ud800"}', b"[" * 100_000, b"\xff"],
)
def test_a_body_that_is_no_request_is_refused(bench: Bench, body: bytes) -> None:
    url = f"{REAL}/ParcelService.svc/json/PrintLabels"
    answer = bench.client.post(url, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("GetParcelStatuses", {"ParcelNumber": "31177007966"}),
        ("GetParcelStatuses", {"ParcelNumber": 31177007966.0}),
        ("GetParcelStatuses", {"ParcelNumber": 2**63}),
        ("GetParcelStatuses", {"ParcelNumber": 1, "ReturnPOD": "false"}),
        ("DeleteLabels", {"ParcelIdList": [31177007966]}),
        ("DeleteLabels", {"ParcelIdList": ["90210001"]}),
        ("ModifyCOD", {"ParcelId": 31177007966, "CODAmount": 1}),
        ("ModifyCOD", {"ParcelId": 1, "CODAmount": "1"}),
        ("GetParcelList", {"PrintDateFrom": "2026-03-02", "PrintDateTo": "2026-03-03"}),
        ("GetParcelList", {"PrintDateFrom": "/Date(99999999999999)/", "PrintDateTo": "/Date(9e9)/"}),
        ("PrintLabels", {"ParcelList": {}, "WebshopEngine": "x", **HOW}),
        ("PrintLabels", {"ParcelList": [None], "WebshopEngine": "x", **HOW}),
        ("PrintLabels", {"ParcelList": [HOME], "WebshopEngine": "x", **HOW, "ShowPrintDialog": 0}),
    ],
)
def test_methods_are_strict_about_types(bench: Bench, method: str, body: dict[str, Any]) -> None:
    assert bench.post(method, **body).status_code == 400
    assert bench.world.parcels == {}


def test_a_body_that_is_not_called_json_is_not_read(bench: Bench) -> None:
    answer = bench.client.post(f"{REAL}/ParcelService.svc/json/PrintLabels", content=json.dumps(bench.login))

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/ParcelService.svc/json/PrintLabels", 405),
        ("POST", "/ParcelService.svc/json/PrintLabel", 404),
        ("POST", "/ParcelService.svc/json/PrintLabels_2025", 404),
        ("POST", "/ParcelService.svc/json", 404),
        ("POST", "/ParcelService.svc/xml/PrintLabels", 404),
        ("POST", "/MasterDataService.svc/json/GetDeliveryPoints", 404),
        ("POST", "/ParcelService.svc/json/GetParcelListStatuses", 404),
        ("GET", "/", 404),
    ],
)
def test_what_does_not_exist_is_said_to(bench: Bench, verb: str, path: str, status: int) -> None:
    assert bench.client.request(verb, REAL + path).status_code == status
