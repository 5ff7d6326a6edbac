"""What is sent to PPL, to the letter."""

import json
from dataclasses import replace

import pytest

from carriers.base import Format
from carriers.money import Money
from carriers.ppl import PRODUCTION, calls, rules
from carriers.shipment import Box, Cod
from tests.carriers.ppl.world import BATCH, JANA, MALY, SECRET, TO_POINT, TWO_BOXES, account

CZECH = {"Accept-Language": "cs-CZ"}
WRITTEN = {**CZECH, "Content-Type": "application/json"}
PDF_LABELS = {"format": "Pdf", "dpi": 300, "completeLabelSettings": {"isCompleteLabelRequested": False}}


def body_of(*shipments):
    return json.loads(calls.create_call(account(), shipments).body)


OF_SET = [{"code": "CUST", "externalNumber": "2026-00418/OBJ-2026-00418"}]


def test_a_batch_is_asked_for_with_a_point_and_cod_and_a_set_to_an_address() -> None:
    call = calls.create_call(account(), [TO_POINT, TWO_BOXES])

    assert (call.method, call.url, call.query, call.makes) == ("POST", f"{PRODUCTION}/shipment/batch", (), True)
    assert call.headers == WRITTEN
    assert json.loads(call.body) == {
        "labelSettings": PDF_LABELS,
        "shipments": [
            {
                "referenceId": "OBJ-2026-00417",
                "productType": "SMAD",
                "note": "Volat předem",
                "shipmentSet": {
                    "numberOfShipments": 1,
                    "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 1.25}}],
                },
                "recipient": {
                    "name": "Jana Dvořáková",
                    "street": "Lipová 12",
                    "city": "Brno",
                    "zipCode": "60200",
                    "country": "CZ",
                    "contact": "Jana Dvořáková",
                    "phone": "+420601234567",
                    "email": "jana.dvorakova@example.cz",
                },
                "specificDelivery": {"parcelShopCode": "KM10004321"},
                "cashOnDelivery": {"codPrice": 1290, "codCurrency": "CZK", "codVarSym": "202600417"},
                "externalNumbers": [{"code": "CUST", "externalNumber": "2026-00417/OBJ-2026-00417"}],
            },
            {
                "referenceId": "OBJ-2026-00418",
                "productType": "PRIV",
                "shipmentSet": {
                    "numberOfShipments": 2,
                    "shipmentSetItems": [
                        {"weighedShipmentInfo": {"weight": 4.2}, "externalNumbers": OF_SET},
                        {"weighedShipmentInfo": {"weight": 7.9}, "externalNumbers": OF_SET},
                    ],
                },
                "recipient": {
                    "name": "Malý a syn s.r.o.",
                    "name2": "Petr Malý",
                    "street": "Tovární 8",
                    "city": "Olomouc",
                    "zipCode": "77900",
                    "country": "CZ",
                    "contact": "Petr Malý",
                    "phone": "+420605111222",
                    "email": "petr.maly@example.cz",
                },
                "insurance": {"insurancePrice": 60000, "insuranceCurrency": "CZK"},
                "externalNumbers": OF_SET,
            },
        ],
    }


def test_a_home_delivery_says_no_more_than_it_must() -> None:
    plain = replace(JANA, phone="", email="")
    home = replace(TO_POINT, service="PRIV", recipient=plain, point=None, cod=None, note="", boxes=(Box(10_000),))

    assert body_of(home)["shipments"] == [
        {
            "referenceId": "OBJ-2026-00417",
            "productType": "PRIV",
            "shipmentSet": {"numberOfShipments": 1, "shipmentSetItems": [{"weighedShipmentInfo": {"weight": 10}}]},
            "recipient": {
                "name": "Jana Dvořáková",
                "street": "Lipová 12",
                "city": "Brno",
                "zipCode": "60200",
                "country": "CZ",
                "contact": "Jana Dvořáková",
            },
            "externalNumbers": [{"code": "CUST", "externalNumber": "2026-00417/OBJ-2026-00417"}],
        }
    ]


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money(12_50, "EUR"), b'"codPrice":12.5,'),
        (Money(1_10, "EUR"), b'"codPrice":1.1,'),
        (Money(1_000_00, "CZK"), b'"codPrice":1000,'),
        (Money(12_345, "HUF"), b'"codPrice":12345,'),
        (Money(999_999_999_99, "PLN"), b'"codPrice":999999999.99,'),
    ],
)
def test_money_is_written_digit_by_digit(amount, written) -> None:
    call = calls.create_call(account(), [replace(TO_POINT, cod=Cod(amount, "1"))])

    assert written in call.body


@pytest.mark.parametrize("service", rules.PRODUCTS)
def test_money_to_collect_changes_the_product(service: str) -> None:
    product = rules.PRODUCTS[service]
    shipments = [replace(TO_POINT, service=service), replace(TO_POINT, service=service, cod=None)]

    assert [one["productType"] for one in body_of(*shipments)["shipments"]] == [product.with_cod, service]


def test_a_sender_and_an_age_are_told_where_the_shipment_has_them() -> None:
    (told,) = body_of(replace(TO_POINT, sender=MALY, adults_only=True))["shipments"]

    assert told["sender"]["name"] == "Malý a syn s.r.o."
    assert told["ageCheck"] == "A18"


def test_an_account_that_prints_zpl_has_it_made_at_once() -> None:
    call = calls.create_call(account(label_format="zpl"), [TO_POINT])

    assert json.loads(call.body)["labelSettings"]["format"] == "Zpl"


def test_a_token_is_asked_for_by_a_form() -> None:
    call = calls.token_call(account())

    assert (call.method, call.url, call.makes) == ("POST", f"{PRODUCTION}/login/getAccessToken", False)
    assert call.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert call.body == (b"grant_type=client_credentials&client_id=me&client_secret=s3cr3t+%26+more&scope=myapi2")


def test_no_secret_is_shown() -> None:
    call = calls.signed(calls.token_call(account()), "tok-1")

    assert call.headers["Authorization"] == "Bearer tok-1"
    assert SECRET not in repr((call, account()))
    assert "tok-1" not in repr(call)


ROWS = (("Limit", "1000"), ("Offset", "0"))


@pytest.mark.parametrize(
    ("call", "method", "path", "query"),
    [
        (calls.info_call(account()), "GET", "/info", ()),
        (calls.poll_call(account(), BATCH), "GET", f"/shipment/batch/{BATCH}", ()),
        (calls.find_call(account(), "OBJ 1/2"), "GET", "/shipment", (("CustomerReferences", "OBJ 1/2"), *ROWS)),
        (
            calls.track_call(account(), ["70990012345", "40950012346"]),
            "GET",
            "/shipment",
            (("ShipmentNumbers", "70990012345"), ("ShipmentNumbers", "40950012346"), *ROWS),
        ),
        (calls.label_call(account(), f"{PRODUCTION}/data/abc"), "GET", "/data/abc", ()),
        (calls.cancel_call(account(), "7099/../1"), "POST", "/shipment/7099%2F..%2F1/cancel", ()),
        (
            calls.points_call(account(), "SK", offset=2000),
            "GET",
            "/accessPoint",
            (("CountryCode", "SK"), ("Limit", "1000"), ("Offset", "2000")),
        ),
    ],
)
def test_what_has_no_body_is_asked_for_by_its_address(call, method, path, query) -> None:
    assert (call.method, call.url, call.query) == (method, f"{PRODUCTION}{path}", query)
    assert (call.headers, call.body, call.makes) == (CZECH, None, False)


def test_another_format_is_asked_for_a_batch_that_was_made() -> None:
    call = calls.relabel_call(account(), BATCH, Format.ZPL)

    assert (call.method, call.url, call.headers) == ("PUT", f"{PRODUCTION}/shipment/batch/{BATCH}", WRITTEN)
    assert json.loads(call.body) == {
        "labelSettings": {"format": "Zpl", "dpi": 203, "completeLabelSettings": {"isCompleteLabelRequested": False}}
    }


@pytest.mark.parametrize(
    "url",
    ["", "https://evil.example/data/1", f"{PRODUCTION}.evil.example/data/1", f"{PRODUCTION}/shipment", "/data/1"],
)
def test_a_token_goes_to_no_other_address(url: str) -> None:
    assert calls.label_call(account(), url) is None
