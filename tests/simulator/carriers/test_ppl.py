"""PPL: logging in and creating; what is printed is answered, what is forbidden is refused."""

import copy
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.carriers.ppl_client import (
    BOX,
    COD,
    EXAMPLE,
    FORM,
    JANA,
    PRID,
    REAL,
    SET,
    SMAD,
    Bench,
    printed_within,
    texts,
    with_,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_token_is_given_for_half_an_hour(bench: Bench) -> None:
    form = FORM | bench.world.accounts["shop"].login
    told = bench.client.post("/login/getAccessToken", data=form).json()

    assert told["expires_in"] == 1800
    assert told["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "all"}, 400, "invalid_scope"),
    ],
)
def test_a_wrong_login_gets_no_token(bench: Bench, changed: dict[str, str], status: int, error: str) -> None:
    answer = bench.client.post("/login/getAccessToken", data=FORM | bench.world.accounts["shop"].login | changed)

    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_a_login_in_capitals_or_as_json_is_wrong(bench: Bench) -> None:
    login = FORM | bench.world.accounts["shop"].login
    capitals = login | {"client_secret": login["client_secret"].upper()}

    assert bench.client.post("/login/getAccessToken", data=capitals).status_code == 401
    assert bench.client.post("/login/getAccessToken", json=login).status_code == 400


def test_a_thirteenth_token_within_a_minute_is_refused(bench: Bench) -> None:
    login = FORM | bench.world.accounts["shop"].login
    statuses = [bench.client.post("/login/getAccessToken", data=login).status_code for _ in range(12)]

    assert statuses == [200] * 11 + [429]
    bench.go(seconds=61)
    assert bench.client.post("/login/getAccessToken", data=login).status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic {}", "bearer {}", "{}", "Bearer {} "])
def test_a_call_without_the_right_token_is_a_401(bench: Bench, header: str | None) -> None:
    token = bench.headers["Authorization"].removeprefix("Bearer ")
    bench.headers = {"Authorization": header.format(token)} if header else {}

    answer = bench.get("/info")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_token_ends_after_its_half_hour(bench: Bench) -> None:
    bench.at += timedelta(seconds=1799)
    assert bench.get("/info").status_code == 200
    bench.at += timedelta(seconds=1)
    assert bench.get("/info").status_code == 401


def test_a_missing_role_is_a_403_and_no_401(bench: Bench) -> None:
    bench.login("tracking")

    assert bench.create(SMAD).status_code == 403
    assert bench.get("/accessPoint", Limit=1, Offset=0).status_code == 403
    assert bench.get("/shipment", Limit=1, Offset=0).status_code == 200
    assert bench.get("/versionInformation").status_code == 200


def test_calls_faster_than_25_a_second_are_put_off(bench: Bench) -> None:
    statuses = []
    for _ in range(100):
        bench.at += timedelta(milliseconds=20)
        statuses.append(bench.get("/info").status_code)

    assert statuses[:60] == [200] * 60
    assert statuses[-1] == 429


def test_calls_40_ms_apart_are_all_answered(bench: Bench) -> None:
    statuses = set()
    for _ in range(200):
        bench.at += timedelta(milliseconds=40)
        statuses.add(bench.get("/info").status_code)

    assert statuses == {200}


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/shipment", 405), ("GET", "//info", 404)]
)
def test_an_unknown_address_is_said_to_be_unknown(bench: Bench, method: str, path: str, status: int) -> None:
    assert bench.client.request(method, REAL + path, headers=bench.headers).status_code == status


def test_the_example_is_answered_as_printed(bench: Bench) -> None:
    answer = bench.post("/shipment/batch", EXAMPLE)
    assert (answer.status_code, answer.content) == (201, b"")
    place = answer.headers["location"]
    assert re.fullmatch(rf"{REAL}/shipment/batch/[0-9a-f-]{{36}}", place)
    bench.go(seconds=3)

    link = f"{REAL}/data/8b1f2c7e-0000-4000-8000-00000000000"
    printed = {
        "completeLabel": {"labelUrls": [f"{link}1"]},
        "items": [
            {
                "referenceId": "OBJ-2026-00417",
                "shipmentNumber": "70990012345",
                "importState": "Complete",
                "labelUrl": f"{link}2",
                "insurancePrice": 0,
                "insuranceCurrency": "CZK",
                "errorCode": None,
                "errorMessage": None,
                "relatedItems": [],
            },
            {
                "referenceId": "OBJ-2026-00418",
                "shipmentNumber": "40950012346",
                "importState": "Complete",
                "labelUrl": f"{link}3",
                "errorCode": None,
                "errorMessage": None,
                "relatedItems": [
                    {
                        "shipmentNumber": "40950012347",
                        "importState": "Complete",
                        "relationType": "ShipmentSet",
                        "labelUrl": f"{link}4",
                    }
                ],
            },
        ],
    }
    assert printed_within(printed, bench.get(place).json())
    assert bench.get(place).json()["items"][1]["insurancePrice"] == 60000


def test_links_lead_to_where_the_call_came(bench: Bench) -> None:
    sandbox = REAL.replace("api.", "api-dev.")
    answer = bench.post(f"{sandbox}/shipment/batch", EXAMPLE)
    assert answer.headers["location"].startswith(f"{sandbox}/shipment/batch/")

    answer = bench.post("http://carriers.test/ppl/shipment/batch", EXAMPLE)
    assert answer.headers["location"].startswith("http://carriers.test/ppl/shipment/batch/")


def test_a_batch_is_imported_within_seconds_and_says_how_far_it_is(bench: Bench) -> None:
    place = bench.post("/shipment/batch", EXAMPLE).headers["location"]
    states = []
    for _ in range(4):
        told = bench.get(place).json()
        states.append({(item["importState"], item["shipmentNumber"] is None) for item in told["items"]})
        bench.go(seconds=1.001)

    assert states[0] == {("Accepted", True)}
    assert states[1] == {("Accepted", True), ("InProcess", True)} or states[1] == {("InProcess", True)}
    assert states[2] == {("Complete", False), ("InProcess", True)}
    assert states[3] == {("Complete", False)}


def test_the_rejection_is_written_as_printed(bench: Bench) -> None:
    wrong = with_(with_(SMAD, "recipient.zipCode", None), "cashOnDelivery.codVarSym", "20260041700")
    answer = bench.create(wrong)

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json() == {
        "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "detail": None,
        "instance": "/shipment/batch",
        "errors": {
            "shipments[0].recipient.zipCode": ["The ZipCode field is required."],
            "shipments[0].cashOnDelivery.codVarSym": ["Maximum length is 10."],
        },
    }
    assert bench.world.parcels == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("referenceId", None),
        ("referenceId", "x" * 129),
        ("referenceId", 417),
        ("productType", None),
        ("productType", "XXXX"),
        ("recipient", None),
        ("recipient.country", None),
        ("recipient.country", "cz"),
        ("recipient.zipCode", ""),
        ("recipient.zipCode", 60200),
        ("recipient.zipCode", "6" * 11),
        ("recipient.name", "x" * 51),
        ("recipient.name2", "x" * 51),
        ("recipient.street", "x" * 61),
        ("recipient.city", "x" * 51),
        ("recipient.contact", "x" * 51),
        ("recipient.phone", "601234567"),
        ("recipient.phone", "+420" + "1" * 27),
        ("recipient.email", "jana"),
        ("recipient.email", "x" * 47 + "@a.b"),
        ("recipient.houseNumber", "12"),
        ("cashOnDelivery.codPrice", "1290"),
        ("cashOnDelivery.codPrice", 0),
        ("cashOnDelivery.codCurrency", "USD"),
        ("cashOnDelivery.codVarSym", None),
        ("cashOnDelivery.specSymbol", "1234567"),
        ("externalNumbers.0.externalNumber", "x" * 101),
        ("shipmentNumber", "70990000001"),
        ("pickupPoint", "KM10004321"),
        ("shipmentSet", {"numberOfShipments": 21}),
        ("shipmentSet", {"numberOfShipments": 0}),
        ("shipmentSet", {"numberOfShipments": 3, "shipmentSetItems": [{}, {}]}),
        ("shipmentSet", {"numberOfShipments": 1, "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 0}}]}),
        ("insurance", {"insurancePrice": 60000}),
        ("services", [{}]),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_by_its_path(bench: Bench, path: str, value: Any) -> None:
    answer = bench.create(SET, with_(SMAD, path, value))

    assert answer.status_code == 400
    (named,) = answer.json()["errors"]
    assert named.startswith("shipments[1]." + path.replace(".0.", "[0]."))
    assert bench.world.made() == {}


@pytest.mark.parametrize(
    "settings",
    [
        {"labelSettings": {"format": "pdf"}},
        {"labelSettings": {"dpi": 200}},
        {"labelSettings": {"dpi": "300"}},
        {"labelSettings": {"completeLabelSettings": {"position": 5}}},
        {"labelSettings": {"completeLabelSettings": {"pageSize": "A6"}}},
        {"labelSettings": {"completeLabelSettings": {"isCompleteLabelRequested": "true"}}},
        {"returnChannel": {"type": "Sms"}},
        {"returnChannel": {"type": "Email", "address": "x" * 101}},
        {"shipmentsOrderBy": "Name"},
        {"labels": "Pdf"},
    ],
)
def test_a_setting_that_breaks_its_rule_is_refused(bench: Bench, settings: dict[str, Any]) -> None:
    assert bench.create(SMAD, **settings).status_code == 400


def test_a_reference_is_unique_inside_its_batch_alone(bench: Bench) -> None:
    twice = bench.create(SMAD, SMAD)
    assert list(twice.json()["errors"]) == ["shipments[1].referenceId"]

    assert bench.create(SMAD).status_code == bench.create(SMAD).status_code == 201
    assert len(bench.world.made()["OBJ-2026-00417"]) == 2


def test_a_batch_has_one_to_a_thousand_shipments(bench: Bench) -> None:
    many = [with_(SMAD, "referenceId", f"OBJ-{n}") for n in range(1001)]

    assert bench.create(*many).status_code == 400
    assert bench.create().status_code == 400
    place, told = bench.batch(*many[:1000])
    assert {item["importState"] for item in told["items"]} == {"Complete"}
    assert place


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"shipments": NaN}', b"<xml/>"])
def test_a_body_that_is_no_request_is_refused(bench: Bench, body: bytes) -> None:
    headers = bench.headers | {"content-type": "application/json"}
    answer = bench.client.post("/shipment/batch", content=body, headers=headers)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["$"])


PLACES = [
    ["labelSettings"],
    ["labelSettings", "completeLabelSettings"],
    ["shipments"],
    ["shipments", 0],
    ["shipments", 0, "referenceId"],
    ["shipments", 0, "recipient"],
    ["shipments", 0, "recipient", "zipCode"],
    ["shipments", 0, "cashOnDelivery", "codPrice"],
    ["shipments", 0, "externalNumbers"],
    ["shipments", 1, "shipmentSet", "numberOfShipments"],
    ["shipments", 1, "shipmentSet", "shipmentSetItems", 0, "weighedShipmentInfo", "weight"],
    ["shipments", 1, "insurance", "insurancePrice"],
]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud83d"),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(PLACES), ODD)
def test_no_body_is_too_odd_to_be_judged(place: list[Any], value: Any) -> None:
    bench = Bench()
    body = copy.deepcopy(EXAMPLE)
    *way, last = place
    at: Any = body
    for step in way:
        at = at[step]
    at[last] = value
    headers = bench.headers | {"content-type": "application/json"}
    answer = bench.client.post("/shipment/batch", content=json.dumps(body).encode(), headers=headers)

    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        bench.go(seconds=5)
        assert bench.get(answer.headers["location"]).json()["items"]


@pytest.mark.parametrize(
    "path",
    [
        "/shipment?Offset=0&Limit=" + "9" * 5_000,
        "/shipment?Limit=%C2%B2&Offset=0",
        "/shipment?Limit=1&Offset=0&DateFrom=%00",
        "/accessPoint?Limit=1&Offset=0&Radius=inf&Latitude=nan&Longitude=1e400",
        "/accessPoint?Limit=1&Offset=0&Radius=1&Latitude=1000&Longitude=1000",
    ],
)
def test_no_query_is_too_odd_to_be_judged(bench: Bench, path: str) -> None:
    assert bench.client.get(path, headers=bench.headers).status_code == 400


def test_a_body_that_is_not_called_json_is_not_read(bench: Bench) -> None:
    assert bench.client.post("/shipment/batch", content=b"{}", headers=bench.headers).status_code == 415


SLOVAK = JANA | {"country": "SK", "zipCode": "81101"}


@pytest.mark.parametrize(
    ("shipment", "code"),
    [
        (SMAD, None),
        (with_(SMAD, "cashOnDelivery", None), "CodMissing"),
        (with_(SMAD, "productType", "SMAR"), "CodNotAllowed"),
        (with_(SMAD, "cashOnDelivery.codPrice", 1290.5), "CodNotWhole"),
        (with_(SMAD, "cashOnDelivery.codPrice", 100_000), None),
        (with_(SMAD, "cashOnDelivery.codPrice", 100_001), "CodTooHigh"),
        (with_(SMAD, "cashOnDelivery", COD | {"codCurrency": "EUR", "codPrice": 12.34}), None),
        (with_(SMAD, "cashOnDelivery", COD | {"codCurrency": "EUR", "codPrice": 12.345}), "CodNotWhole"),
        (with_(SMAD, "cashOnDelivery", COD | {"codCurrency": "EUR", "codPrice": 3_000.01}), "CodTooHigh"),
        (with_(SMAD, "cashOnDelivery", COD | {"codCurrency": "HUF", "codPrice": 0.5}), "CodNotWhole"),
        (with_(SMAD, "specificDelivery", None), "ParcelShopMissing"),
        (with_(SMAD, "specificDelivery.parcelShopCode", "KM1"), "ParcelShopUnknown"),
        (with_(SMAD, "specificDelivery.parcelShopCode", "KM10004249"), "ParcelShopClosed"),
        (with_(SMAD, "productType", "SBOD"), "ParcelShopNoBox"),
        (with_(SMAD, "productType", "PRID"), "ParcelShopNotAllowed"),
        (PRID, None),
        (with_(PRID, "recipient", SLOVAK), "CountryNotServed"),
        (with_(PRID, "recipient.zipCode", "602 00"), "ZipCodeUnknown"),
        (with_(with_(PRID, "recipient", SLOVAK), "productType", "COND"), None),
        (
            with_(with_(with_(PRID, "recipient", SLOVAK), "productType", "COND"), "cashOnDelivery.codPrice", 80_001),
            "CodTooHigh",
        ),
        (
            with_(
                with_(with_(PRID, "recipient", SLOVAK), "productType", "COND"), "shipmentSet", {"numberOfShipments": 2}
            ),
            "TooManyParcels",
        ),
        (with_(with_(PRID, "recipient", SLOVAK), "productType", "COPD"), "CountryNotServed"),
        (with_(PRID, "ageCheck", "A18"), None),
        (with_(PRID, "ageCheck", "18"), "AgeCheckUnknown"),
        (with_(PRID, "services", [{"code": "XX"}]), "ServiceUnknown"),
        (with_(PRID, "externalNumbers.0.code", "ORDER"), "ExternalNumberUnknown"),
        (with_(SET, "insurance.insurancePrice", 50_000), "InsuranceTooLow"),
        (with_(SET, "insurance.insurancePrice", 500_000), None),
        (with_(SET, "insurance.insurancePrice", 500_001), "InsuranceTooHigh"),
    ],
)
def test_what_is_wrong_otherwise_is_told_after_import(bench: Bench, shipment: dict[str, Any], code: str | None) -> None:
    assert bench.fault(shipment) == code


def test_a_box_takes_ten_kilograms(bench: Bench) -> None:
    heavy = {
        "numberOfShipments": 1,
        "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 10.5}}],
    }
    plain = with_(with_(SMAD, "specificDelivery.parcelShopCode", BOX), "productType", "SBOD")

    assert bench.fault(plain) is None
    assert bench.fault(plain | {"shipmentSet": heavy}) == "TooHeavy"


def test_a_point_that_takes_no_money_gets_no_cod(bench: Bench) -> None:
    point = bench.world.points["KM10004321"]
    point.takes_card = False
    assert bench.fault(SMAD) is None
    point.takes_cod = False
    assert bench.fault(SMAD) == "ParcelShopNoCod"


def test_one_bad_shipment_does_not_spoil_its_batch(bench: Bench) -> None:
    place, told = bench.batch(
        SET,
        with_(SMAD, "cashOnDelivery", None),
        with_(SMAD, "referenceId", "OBJ-3"),
        labelSettings=EXAMPLE["labelSettings"],
    )

    first, bad, last = told["items"]
    assert (first["importState"], bad["importState"], last["importState"]) == ("Complete", "Error", "Complete")
    assert (bad["shipmentNumber"], bad["labelUrl"]) == (None, None)
    assert bad["errorMessage"] == "The product needs cash on delivery."
    messages = {row["code"]: row["name"] for row in bench.get("/codelist/validationMessage").json()}
    assert messages[bad["errorCode"]] == bad["errorMessage"]
    assert len(texts(bench.get(place + "/label").content)) == 3 * 3


def test_related_items_are_not_all_parcels_of_the_set(bench: Bench) -> None:
    _, told = bench.batch(SET | {"services": [{"code": "DOCB"}], "dormant": {"note": "vratka"}})

    related = [one["relationType"] for one in told["items"][0]["relatedItems"]]
    assert related == ["ShipmentSet", "DocumentBack", "Dormant"]


def test_a_batch_is_known_to_its_sender_for_thirty_days(bench: Bench) -> None:
    place, told = bench.batch(SMAD)
    link = told["items"][0]["labelUrl"]
    bench.world.accounts["tracking"].given["roles"].append("client")
    bench.login("tracking")
    assert (bench.get(place).status_code, bench.get(link).status_code) == (404, 404)

    bench.go(days=29)
    assert (bench.get(place).status_code, bench.get(link).status_code) == (200, 200)
    bench.go(days=2)
    assert (bench.get(place).status_code, bench.get(link).status_code) == (404, 404)
    assert bench.get("/shipment/batch/nothing").status_code == 404


def test_a_dropped_create_was_made_and_is_found_by_its_reference(bench: Bench) -> None:
    bench.world.faults.add("dropped", operation="POST /shipment/batch")
    with pytest.raises(httpx.RemoteProtocolError):
        bench.create(SMAD)
    assert bench.track(CustomerReferences="OBJ-2026-00417") == []

    bench.go(seconds=60)
    (found,) = bench.track(CustomerReferences="OBJ-2026-00417")
    assert bench.world.made() == {"OBJ-2026-00417": [found["shipmentNumber"]]}
    made = [(entry.made, entry.references) for entry in bench.world.ledger if entry.made]
    assert made == [([found["shipmentNumber"]], ["OBJ-2026-00417"])]


def test_a_late_create_lands_though_its_token_is_over(bench: Bench) -> None:
    bench.world.faults.add("late", seconds=3600)
    with pytest.raises(httpx.RemoteProtocolError):
        bench.create(SMAD)
    bench.go(seconds=60)
    assert bench.track(CustomerReferences="OBJ-2026-00417") == []

    bench.go(seconds=3600)
    bench.go(seconds=3)
    assert len(bench.track(CustomerReferences="OBJ-2026-00417")) == 1
    (entry,) = [entry for entry in bench.world.ledger if entry.made]
    assert (entry.late, entry.status) == (True, 201)


def test_a_set_is_no_second_label(bench: Bench) -> None:
    bench.number(SET)

    assert {reference: len(numbers) for reference, numbers in bench.world.made().items()} == {
        "OBJ-2026-00418": 1,
        "OBJ-2026-00418#2": 1,
    }


@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("error", 500)])
def test_trouble_is_written_as_a_problem(bench: Bench, kind: str, status: int) -> None:
    bench.world.faults.add(kind, operation="POST /shipment/batch")
    answer = bench.create(SMAD)

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers.get("retry-after") == ("30" if kind == "busy" else None)
    assert bench.world.made() == {}


@pytest.mark.parametrize(("kind", "count"), [("doubled", 3), ("short", 1), ("reversed", 2)])
def test_a_polled_batch_can_lack_items_or_have_one_twice(bench: Bench, kind: str, count: int) -> None:
    place, told = bench.batch(SMAD, SET)
    bench.world.faults.add(kind)

    assert len(bench.get(place).json()["items"]) == count
    assert bench.get(place).json() == told
