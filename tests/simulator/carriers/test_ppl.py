"""PPL as its contract has it: what is printed there is answered, and what is forbidden there is refused."""

import copy
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from simulator.carriers import registry, transport
from simulator.carriers.lives import End, Scan, Step
from simulator.carriers.world import World

MONDAY = datetime(2026, 3, 2, 16, 1, tzinfo=UTC)  # 17:01 in Prague
REAL = "https://api.dhl.com/ecs/ppl/myapi2"
FORM = {"grant_type": "client_credentials", "scope": "myapi2"}

JANA: dict[str, Any] = {
    "name": "Jana Dvořáková",
    "street": "Lipová 12",
    "city": "Brno",
    "zipCode": "60200",
    "country": "CZ",
    "contact": "Jana Dvořáková",
    "phone": "+420601234567",
    "email": "jana.dvorakova@example.cz",
}
COD: dict[str, Any] = {"codPrice": 1290, "codCurrency": "CZK", "codVarSym": "202600417"}
SMAD: dict[str, Any] = {
    "referenceId": "OBJ-2026-00417",
    "productType": "SMAD",
    "note": "Volat předem",
    "recipient": JANA,
    "specificDelivery": {"parcelShopCode": "KM10004321"},
    "cashOnDelivery": COD,
    "externalNumbers": [{"code": "CUST", "externalNumber": "OBJ-2026-00417"}],
}
SET: dict[str, Any] = {
    "referenceId": "OBJ-2026-00418",
    "productType": "PRIV",
    "shipmentSet": {
        "numberOfShipments": 2,
        "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 4.2}}, {"weighedShipmentInfo": {"weight": 7.9}}],
    },
    "recipient": {
        "name": "Malý a syn s.r.o.",
        "name2": "sklad",
        "street": "Tovární 8",
        "city": "Olomouc",
        "zipCode": "77900",
        "country": "CZ",
        "contact": "Petr Malý",
        "phone": "+420605111222",
        "email": "petr.maly@example.cz",
    },
    "insurance": {"insurancePrice": 60000, "insuranceCurrency": "CZK"},
}
EXAMPLE: dict[str, Any] = {
    "labelSettings": {
        "format": "Pdf",
        "dpi": 300,
        "completeLabelSettings": {"isCompleteLabelRequested": True, "pageSize": "A4", "position": 1},
    },
    "shipments": [SMAD, SET],
}
COLLECTION: dict[str, Any] = {
    "orderType": "CollectionOrder",
    "referenceId": "SVOZ-2026-03-05",
    "shipmentCount": 14,
    "email": "sklad@example.cz",
    "note": "Rampa 2",
    "customerReference": "SVOZ-2026-03-05",
    "sendDate": "2026-03-05",
    "sendTimeFrom": "12:00",
    "sendTimeTo": "16:00",
    "productType": "BUSS",
    "sender": {
        "name": "Můj e-shop s.r.o.",
        "street": "Skladová 1",
        "city": "Praha",
        "zipCode": "19000",
        "country": "CZ",
        "contact": "Sklad",
        "phone": "+420222333444",
        "email": "sklad@example.cz",
    },
}


@dataclass
class Bench:
    """A shop that speaks to the carrier, and the carrier's world."""

    at: datetime = MONDAY
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        carriers = registry.built(["ppl"], now=lambda: self.at, seed=7)
        self.world: World = carriers.worlds["ppl"]
        self.client = httpx.Client(transport=transport(carriers), base_url=REAL)
        self.login()

    def login(self, name: str = "shop") -> None:
        form = FORM | self.world.accounts[name].login
        token = self.client.post("/login/getAccessToken", data=form).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "cs-CZ"}

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)
        self.world.tick()
        if self.at - MONDAY > timedelta(minutes=29):
            self.login()

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        return self.client.post(path, json=body, params=query, headers=self.headers)

    def create(self, *shipments: dict[str, Any], **settings: Any) -> httpx.Response:
        return self.post("/shipment/batch", {"shipments": list(shipments), **settings})

    def batch(self, *shipments: dict[str, Any], **settings: Any) -> tuple[str, dict[str, Any]]:
        """Send shipments, wait until they are imported, and return the batch's address and what it says."""
        place = self.create(*shipments, **settings).headers["location"]
        self.go(seconds=15)
        return place, self.get(place).json()

    def number(self, shipment: dict[str, Any] = SMAD) -> str:
        return self.batch(shipment)[1]["items"][0]["shipmentNumber"]

    def fault(self, shipment: dict[str, Any]) -> str | None:
        return self.batch(shipment)[1]["items"][0]["errorCode"]

    def track(self, **filters: Any) -> list[dict[str, Any]]:
        return self.get("/shipment", Limit=100, Offset=0, **filters).json()

    def phases(self, number: str) -> list[str | None]:
        (told,) = self.track(ShipmentNumbers=number)
        return [event["phase"] for event in told["trackAndTrace"]["events"]]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def with_(shipment: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a shipment with one field changed; None takes it away."""
    changed = copy.deepcopy(shipment)
    *way, last = path.split(".")
    at: Any = changed
    for name in way:
        at = at[int(name)] if name.isdigit() else at[name]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return changed


def printed_within(printed: Any, given: Any) -> bool:
    """Say whether an answer has everything that is printed, and lists as long."""
    if isinstance(printed, dict):
        return all(name in given and printed_within(value, given[name]) for name, value in printed.items())
    if isinstance(printed, list):
        return len(printed) == len(given) and all(map(printed_within, printed, given))
    return printed == given


def pages(pdf: bytes) -> Iterator[tuple[tuple[float, float], list[tuple[str, str]]]]:
    """Return for each page its size in millimetres and the codes read from its raster of 203 dpi."""
    for page in pypdfium2.PdfDocument(pdf):
        width, height = page.get_size()
        picture = page.render(scale=203 / 72, grayscale=True).to_pil()
        codes = [(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)]
        yield (round(width / 72 * 25.4), round(height / 72 * 25.4)), codes


def texts(pdf: bytes) -> list[str]:
    return [text for _, codes in pages(pdf) for _, text in codes]


# --- login


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


# --- creating


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


def test_a_body_that_is_not_called_json_is_not_read(bench: Bench) -> None:
    assert bench.client.post("/shipment/batch", content=b"{}", headers=bench.headers).status_code == 415


PRID = with_(with_(SMAD, "specificDelivery", None), "productType", "PRID")
SLOVAK = JANA | {"country": "SK", "zipCode": "81101"}
BOX = "KM10004202"


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


# --- labels


def test_labels_are_read_back_as_their_numbers(bench: Bench) -> None:
    _, told = bench.batch(SMAD, SET, labelSettings=EXAMPLE["labelSettings"])
    first, second = told["items"]
    related = second["relatedItems"][0]

    for item in (first, second, related):
        answer = bench.get(item["labelUrl"])
        assert answer.headers["content-type"] == "application/pdf"
        ((size, codes),) = pages(answer.content)
        assert size == (127, 110)
        assert ("Code128", item["shipmentNumber"]) in codes
        assert ("ITF", f"0{item['shipmentNumber']}") in codes


def test_a_label_needs_the_token(bench: Bench) -> None:
    _, told = bench.batch(SMAD)

    assert bench.client.get(told["items"][0]["labelUrl"]).status_code == 401


def test_the_complete_label_is_a_sheet_with_four_places(bench: Bench) -> None:
    settings = with_(EXAMPLE["labelSettings"], "completeLabelSettings.position", 3)
    _, told = bench.batch(SMAD, SET, labelSettings=settings)
    (link,) = told["completeLabel"]["labelUrls"]

    (first, on_first), (second, on_second) = pages(bench.get(link).content)
    assert first == second == (210, 297)
    assert {text for kind, text in on_first if kind == "Code128"} >= {"70990012345", "40950012346"}
    assert "40950012347" in {text for _, text in on_second}
    assert "40950012347" not in {text for _, text in on_first}


def test_labels_of_a_batch_come_in_parts_and_in_order(bench: Bench) -> None:
    place, told = bench.batch(with_(SET, "referenceId", "B"), with_(SMAD, "referenceId", "A"))
    main, smart = (item["shipmentNumber"] for item in told["items"])
    other = told["items"][0]["relatedItems"][0]["shipmentNumber"]

    def order(**query: Any) -> list[str]:
        content = bench.get(place + "/label", **query).content
        return [text for _, codes in pages(content) for kind, text in codes if kind == "Code128" and len(text) == 11]

    assert order() == [main, other, smart]
    assert order(OrderBy="ReferenceId", Limit=200, Offset=0) == [smart, main, other]
    assert order(OrderBy="ShipmentNumber", Limit=2, Offset=1) == [other, smart]
    assert len(list(pages(bench.get(place + "/label", PageSize="A4", Position=2).content))) == 1


@pytest.mark.parametrize(
    "query", [{"PageSize": "A6"}, {"Position": 5}, {"Limit": 201}, {"Offset": -1}, {"OrderBy": "Name"}, {"Page": "A4"}]
)
def test_a_wrong_wish_for_labels_is_refused(bench: Bench, query: dict[str, Any]) -> None:
    place, _ = bench.batch(SMAD)

    answer = bench.get(place + "/label", **query)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(query))


def test_there_are_no_labels_before_the_import(bench: Bench) -> None:
    place = bench.create(SMAD).headers["location"]

    assert bench.get(place + "/label").status_code == 404


def test_zpl_has_the_number_in_its_bars(bench: Bench) -> None:
    _, told = bench.batch(SMAD, labelSettings={"format": "Zpl", "dpi": 203})
    text = bench.get(told["items"][0]["labelUrl"]).text

    assert text.startswith("^XA") and text.rstrip().endswith("^XZ")
    assert re.search(r"\^BCN.*\^FD70990012345\^FS", text)
    assert re.search(r"\^B2N.*\^FD070990012345\^FS", text)


@pytest.mark.parametrize("kind", ["Png", "Jpeg"])
def test_pictures_are_read_back_too(bench: Bench, kind: str) -> None:
    _, told = bench.batch(SMAD, labelSettings={"format": kind})
    answer = bench.get(told["items"][0]["labelUrl"])

    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)))
    assert code.text == "70990012345"


def test_the_format_is_changed_afterwards(bench: Bench) -> None:
    place, told = bench.batch(SMAD)
    link = told["items"][0]["labelUrl"]
    assert bench.get(link).content.startswith(b"%PDF")

    assert bench.client.put(place, json={"labelSettings": {"format": "Zpl"}}, headers=bench.headers).is_success
    assert bench.get(link).text.startswith("^XA")
    body = {"labelSettings": {"format": "Svg", "completeLabelSettings": {"isCompleteLabelRequested": True}}}
    assert bench.client.put(place, json=body, headers=bench.headers).is_success
    assert bench.get(bench.get(place).json()["completeLabel"]["labelUrls"][0]).text.startswith("<svg")
    wrong = {"labelSettings": {"format": "Doc"}}
    assert bench.client.put(place, json=wrong, headers=bench.headers).status_code == 400


def test_a_parcel_without_label_has_no_link(bench: Bench) -> None:
    place, told = bench.batch(SMAD | {"labelService": {"labelless": True}})

    assert told["items"][0]["labelUrl"] is None
    assert bench.get(place + "/label").status_code == 404


# --- tracking


def test_the_tracking_example_is_answered_as_printed(bench: Bench) -> None:
    number = bench.number()
    prague = timedelta(hours=1)
    bench.world.parcels[number].plan = [
        Scan(MONDAY, Step.DATA),
        Scan(datetime(2026, 3, 3, 4, 30, tzinfo=UTC) - prague, Step.TRANSIT),
        Scan(datetime(2026, 3, 4, 9, 12, tzinfo=UTC) - prague, Step.AT_POINT),
    ]
    bench.go(days=2)

    order = {"statusId": 1, "code": "DataShipment", "phase": "Order", "group": "Order"}
    moving = {"statusId": 11, "code": "Arrival", "phase": "InTransport", "group": "InTransport"}
    point = {"statusId": 450, "code": "ParcelShop", "phase": "PickupPoint", "group": "PickupPoint"}
    assert bench.track(ShipmentNumbers=number) == [
        {
            "shipmentNumber": "70990012345",
            "productType": "SMAD",
            "lastUpdateDate": "2026-03-04T09:12:00",
            "externalNumbers": [{"code": "CUST", "externalNumber": "OBJ-2026-00417"}],
            "trackAndTrace": {
                "externalShipmentId": None,
                "partnerUrl": None,
                "events": [
                    order | {"eventDate": "2026-03-02T17:01:00", "name": "Zásilka objednána"},
                    moving | {"eventDate": "2026-03-03T04:30:00", "name": "Zásilka v přepravě"},
                    point | {"eventDate": "2026-03-04T09:12:00", "name": "Připraveno k vyzvednutí"},
                ],
            },
            "paymentInfo": {"codPaidDate": None},
        }
    ]


HANDED = ["Order", "PickedUpFromSender", "InTransport", "InTransport"]


@pytest.mark.parametrize(
    ("end", "shipment", "phases"),
    [
        (End.HOME, PRID, [*HANDED, "Delivering", "Delivered"]),
        (End.POINT, SMAD, [*HANDED, "PickupPoint", "Delivered"]),
        (End.SECOND_TRY, PRID, [*HANDED, "Delivering", "NotDelivered", "Delivering", "Delivered"]),
        (End.REFUSED, PRID, [*HANDED, "Delivering", "Rejected", "Returning", "BackToSender"]),
        (End.UNCOLLECTED, SMAD, [*HANDED, "PickupPoint", "NotDelivered", "Returning", "BackToSender"]),
        (End.LOST, SMAD, HANDED),
    ],
)
def test_scans_come_in_order_with_the_clock(
    bench: Bench, end: End, shipment: dict[str, Any], phases: list[str]
) -> None:
    number = bench.number(shipment)  # an odd one
    bench.world.end([number], end)
    seen = [bench.phases(number)]
    bench.world.hand_over([number])
    for _ in range(40):
        bench.go(hours=7)
        seen.append(bench.phases(number))

    assert all(later[: len(earlier)] == earlier for earlier, later in zip(seen, seen[1:], strict=False))
    assert (seen[0], seen[-1]) == (["Order"], phases)


def test_every_second_return_ends_with_a_delivered(bench: Bench) -> None:
    bench.number()
    number = bench.number(with_(PRID, "referenceId", "OBJ-2"))
    bench.world.end([number], End.REFUSED)
    bench.world.hand_over([number])
    bench.go(days=4)

    assert bench.phases(number)[-2:] == ["Returning", "Delivered"]


def test_cod_that_was_paid_out_is_told(bench: Bench) -> None:
    number = bench.number()
    bench.world.end([number], End.POINT)
    bench.world.hand_over([number])
    bench.go(hours=51)
    assert bench.track(ShipmentNumbers=number)[0]["paymentInfo"] == {"codPaidDate": None}

    bench.go(days=3)
    assert bench.track(ShipmentStates="CodPaidDate")[0]["paymentInfo"]["codPaidDate"].startswith("2026-03-07T")


def test_an_unknown_number_is_left_out(bench: Bench) -> None:
    number = bench.number()

    assert [one["shipmentNumber"] for one in bench.track(ShipmentNumbers=["70990099999", number])] == [number]
    assert bench.track(ShipmentNumbers="70990099999") == []
    bench.login("tracking")
    assert bench.track(ShipmentNumbers=number) == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"Offset": 0}, "Limit"),
        ({"Limit": 100}, "Offset"),
        ({"Limit": 0, "Offset": 0}, "Limit"),
        ({"Limit": 1001, "Offset": 0}, "Limit"),
        ({"Limit": 1, "Offset": 0, "CustomerReference": "x"}, "CustomerReference"),
        ({"Limit": 1, "Offset": 0, "ShipmentStates": "Lost"}, "ShipmentStates"),
        ({"Limit": 1, "Offset": 0, "DateFrom": "2.3.2026"}, "DateFrom"),
    ],
)
def test_a_wrong_search_is_refused(bench: Bench, query: dict[str, Any], wrong: str) -> None:
    answer = bench.get("/shipment", **query)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [wrong])


def test_more_than_a_hundred_numbers_are_too_many(bench: Bench) -> None:
    numbers = [f"7099{n:07d}" for n in range(101)]

    assert bench.get("/shipment", ShipmentNumbers=numbers, Limit=1000, Offset=0).status_code == 414
    assert bench.get("/shipment", ShipmentNumbers=numbers[1:], Limit=1000, Offset=0).status_code == 200


def test_shipments_are_found_by_what_they_were_made_with(bench: Bench) -> None:
    invoiced = SET | {"externalNumbers": [{"code": "INVO", "externalNumber": "2026001"}]}
    _, told = bench.batch(SMAD, invoiced)
    smart, main = (item["shipmentNumber"] for item in told["items"])
    other = told["items"][1]["relatedItems"][0]["shipmentNumber"]

    def found(**query: Any) -> list[str]:
        return [one["shipmentNumber"] for one in bench.track(**query)]

    assert found() == [smart, main, other]
    assert found(CustomerReferences="OBJ-2026-00417") == [smart]
    assert found(CustomerReferences="OBJ-2026-00418") == []
    assert found(InvoiceNumbers="2026001") == [main, other]
    assert found(VariableSymbols="202600417") == [smart]
    assert found(ShipmentStates="DataShipment", DateFrom="2026-03-02", DateTo="2026-03-02") == [smart, main, other]
    assert found(ShipmentStates="Delivered") == found(DateFrom="2026-03-03") == []
    assert [one["shipmentNumber"] for one in bench.get("/shipment", Limit=1, Offset=1).json()] == [main]


# --- afterwards


def test_each_parcel_is_cancelled_by_itself_until_it_is_picked_up(bench: Bench) -> None:
    _, told = bench.batch(SMAD, SET)
    numbers = [told["items"][1]["shipmentNumber"], told["items"][1]["relatedItems"][0]["shipmentNumber"]]

    assert bench.post(f"/shipment/{numbers[0]}/cancel").is_success
    assert (bench.phases(numbers[0]), bench.phases(numbers[1])) == (["Order", None], ["Order"])
    assert bench.post(f"/shipment/{numbers[1]}/cancel").is_success
    assert bench.phases(numbers[1]) == ["Order", "Canceled"]
    assert bench.post(f"/shipment/{numbers[1]}/cancel").is_success

    smart = told["items"][0]["shipmentNumber"]
    bench.world.hand_over([smart])
    answer = bench.post(f"/shipment/{smart}/cancel")
    assert answer.status_code == 400
    assert answer.json()["instance"] == f"/shipment/{smart}/cancel"
    assert bench.post("/shipment/70990099999/cancel").status_code == 404


def test_contacts_may_be_completed_and_papers_added(bench: Bench) -> None:
    number = bench.number()

    assert bench.post(f"/shipment/{number}/redirect", {"phone": "+420601000000"}).is_success
    assert bench.post(f"/shipment/{number}/redirect", {"street": "Jiná 1"}).status_code == 400
    assert bench.post("/shipment/70990099999/redirect", {"phone": "+420601000000"}).status_code == 404
    papers = bench.client.post(f"/shipment/{number}/documents", content=b"%PDF-", headers=bench.headers)
    assert papers.is_success
    bench.world.hand_over([number])
    bench.world.move_on([number], steps=None)
    assert bench.post(f"/shipment/{number}/redirect", {"phone": "+420601000000"}).status_code == 400


def test_a_collection_is_ordered_and_called_off(bench: Bench) -> None:
    answer = bench.post("/order/batch", {"orders": [COLLECTION]})
    assert (answer.status_code, answer.content) == (201, b"")
    place = answer.headers["location"]
    assert "/order/batch/" in place
    assert bench.get(place).json()["items"][0]["importState"] == "InProcess"

    bench.go(seconds=3)
    (item,) = bench.get(place).json()["items"]
    assert (item["referenceId"], item["importState"], item["orderState"]) == ("SVOZ-2026-03-05", "Complete", "Created")
    cancelled = bench.post("/order/cancel", {"note": "Nic není"}, customerReference="SVOZ-2026-03-05")
    assert cancelled.is_success
    assert bench.get(place).json()["items"][0]["orderState"] == "Canceled"
    assert bench.post("/order/cancel", {"note": "x"}, customerReference="jiná").status_code == 404
    assert bench.post("/order/cancel", {"note": "x"}).status_code == 400
    assert bench.get("/order/batch/nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orderType", "Order"),
        ("orderType", "TransportOrder"),
        ("referenceId", "x" * 51),
        ("note", "x" * 301),
        ("customerReference", "x" * 41),
        ("sendDate", "5.3.2026"),
        ("sendTimeFrom", "25:00"),
        ("shipmentCount", 0),
    ],
)
def test_a_collection_that_breaks_a_rule_is_refused(bench: Bench, name: str, value: Any) -> None:
    answer = bench.post("/order/batch", {"orders": [COLLECTION | {name: value}]})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"orders[0].{'recipient' if value == 'TransportOrder' else name}"]


def test_a_collection_of_yesterday_is_refused_after_import(bench: Bench) -> None:
    place = bench.post("/order/batch", {"orders": [COLLECTION | {"sendDate": "2026-03-01"}]}).headers["location"]
    bench.go(seconds=3)

    (item,) = bench.get(place).json()["items"]
    assert (item["importState"], item["errorCode"]) == ("Error", "SendDatePast")


# --- points and lists


def test_points_are_paged(bench: Bench) -> None:
    def page(offset: int) -> list[dict[str, Any]]:
        return bench.get("/accessPoint", CountryCode="CZ", Limit=50, Offset=offset).json()

    told = [point for offset in range(0, 250, 50) for point in page(offset)]
    codes = [point["accessPointCode"] for point in told]
    assert len(codes) == len(set(codes)) > 190
    assert {point["accessPointType"] for point in told} == {"ParcelShop", "ParcelBox", "AlzaBox"}
    assert {point["country"] for point in told} == {"CZ"}
    assert bench.get("/accessPoint", CountryCode="CZ").status_code == 400
    assert bench.get("/accessPoint", Limit=1001, Offset=0).status_code == 400
    assert bench.get("/accessPoint", Country="CZ", Limit=1, Offset=0).status_code == 400


def test_points_are_filtered(bench: Bench) -> None:
    def found(**query: Any) -> list[dict[str, Any]]:
        return bench.get("/accessPoint", Limit=1000, Offset=0, **query).json()

    assert {point["country"] for point in found(CountryCode="SK")} == {"SK"}
    assert {point["zipCode"] for point in found(ZipCode="60200")} == {"60200"}
    assert {point["city"] for point in found(City="brno")} == {"Brno"}
    assert {point["accessPointType"] for point in found(AccessPointTypes=["ParcelBox", "AlzaBox"])} == {
        "ParcelBox",
        "AlzaBox",
    }
    assert not any(point["activeCashPayment"] for point in found(ActiveCashPayment="false"))
    assert {point["city"] for point in found(Latitude=49.195, Longitude=16.608, Radius=15, CountryCode="CZ")} == {
        "Brno"
    }
    assert bench.get("/accessPoint", Limit=1, Offset=0, Radius=5).status_code == 400
    assert bench.get("/accessPoint", Limit=1, Offset=0, AccessPointTypes="Shop").status_code == 400


def test_a_point_that_closed_is_gone_or_says_so(bench: Bench) -> None:
    for code in ("KM10004321", BOX):
        bench.world.points[code].is_open = False
    told = {point["accessPointCode"]: point for point in bench.get("/accessPoint", Limit=1000, Offset=0).json()}

    assert "KM10004321" not in told
    assert told[BOX]["pickupEnabled"] is False


@pytest.mark.parametrize(
    "name",
    [
        "ageCheck", "country", "currency", "externalNumber", "product", "proofOfIdentityType", "service",
        "servicePriceLimit", "shipmentPhase", "status", "validationMessage",
    ],
)  # fmt: skip
def test_every_code_list_has_rows(bench: Bench, name: str) -> None:
    assert bench.get(f"/codelist/{name}").json()


def test_limits_are_those_that_are_kept(bench: Bench) -> None:
    limits = bench.get("/codelist/servicePriceLimit").json()
    cod = {(row["product"], row["currency"]): row["maxPrice"] for row in limits if row["service"] == "COD"}

    assert (cod["SMAD", "CZK"], cod["SMED", "CZK"], cod["COND", "RON"]) == (100_000, 80_000, 7_300)
    assert bench.get("/codelist/nothing").status_code == 404


def test_the_customer_has_an_address_for_the_van(bench: Bench) -> None:
    assert "PICK" in {row["code"] for row in bench.get("/customer/address").json()}
    assert bench.get("/customer").json()["customerId"]
    assert bench.get("/addressWhisper", City="Brno", Street="Lip").json()[0]["street"] == "Lipová"
    assert bench.get("/routing", Country="CZ", ZipCode="60200").json()[0]["depot"] == "60"


# --- bad weather


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
