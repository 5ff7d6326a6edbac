"""What is sent to the Post, to the byte."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest

from carriers.base import Format
from carriers.ceska_posta import PRODUCTION, calls, records
from carriers.money import Money
from tests.carriers.ceska_posta.sample import ACCOUNT, HOME, NONCE, OWN, STAMP, THREE, TO_POINT, TODAY, account


def body(call):
    return json.loads(call.body, parse_float=Decimal)


def test_a_point_with_cod_is_asked_for_as_the_example_of_the_contract_does() -> None:
    shipment = replace(TO_POINT, options={"point_city": "Brno 2"})

    call = calls.create_call(ACCOUNT, shipment, today=TODAY, stamp=STAMP)

    assert (call.method, call.url, call.makes) == ("POST", f"{PRODUCTION}/parcelService", True)
    assert call.query == (("idContract", "356000000"),)
    assert body(call) == {
        "parcelServiceHeader": {
            "parcelServiceHeaderCom": {
                "transmissionDate": "2026-03-05", "customerID": "L00123", "postCode": "19000", "locationNumber": 1,
            },
            "printParams": {"idForm": 101, "shiftHorizontal": 0, "shiftVertical": 0},
            "position": 1,
        },
        "parcelServiceData": {
            "parcelParams": {
                "recordID": "OBJ202600417", "prefixParcelCode": "NB", "weight": "1.350", "insuredValue": 1290,
                "amount": 1290, "currency": "CZK", "vsVoucher": "202600417", "vsParcel": "202600417",
                "sequenceParcel": 1, "quantityParcel": 1, "notePrint": "Obj. 417",
            },
            "parcelServices": ["M", "7", "41", "45"],
            "parcelAddress": {
                "firstName": "Jana", "surname": "Dvořáková", "subject": "F",
                "address": {"street": "BALÍKOVNA", "city": "Brno 2", "zipCode": "60200", "isoCountry": "CZ"},
                "mobilNumber": "+420601234567", "emailAddress": "jana.dvorakova@example.cz",
            },
        },
    }  # fmt: skip


def test_a_point_whose_town_nobody_told_is_its_post_code_alone() -> None:
    call = calls.create_call(ACCOUNT, TO_POINT, today=TODAY, stamp=STAMP)

    address = body(call)["parcelServiceData"]["parcelAddress"]["address"]
    assert address == {"zipCode": "60200", "isoCountry": "CZ"}


def test_a_home_delivery_has_its_street_company_and_size_class() -> None:
    call = calls.create_call(ACCOUNT, HOME, today=TODAY, stamp=STAMP)

    assert body(call)["parcelServiceData"] == {
        "parcelParams": {
            "recordID": "OBJ202600418", "prefixParcelCode": "DR", "weight": "1.350", "insuredValue": Decimal("999.50"),
            "sequenceParcel": 1, "quantityParcel": 1, "notePrint": "Obj. 418",
        },
        "parcelServices": ["S", "7", "1A"],
        "parcelAddress": {
            "firstName": "Jana", "surname": "Dvořáková", "company": "Dvořáková s.r.o.", "subject": "P",
            "address": {
                "street": "Dlouhá", "houseNumber": "12", "sequenceNumber": "3", "city": "Brno", "zipCode": "60200",
                "isoCountry": "CZ",
            },
            "phoneNumber": "+420221132060",
        },
    }  # fmt: skip


def test_what_only_the_post_knows_is_told_in_its_own_fields() -> None:
    wished = {
        "note2": "křehké", "note_print": "Eshop 418", "specific_symbol": "77", "return_days": "7", "pallets": "2",
        "reference_number": "R-418", "ic": "12345678", "dic": "CZ12345678", "specification": "vrátnice",
        "city_part": "Zábrdovice", "address_code": "19051234", "notice": "none", "size": "S",
    }  # fmt: skip
    recipient = replace(HOME.recipient, more="2. patro", region="Jihomoravský kraj")  # which is told abroad only
    home = replace(HOME, recipient=recipient, options=wished, note="volat")

    assert body(calls.create_call(ACCOUNT, home, today=TODAY, stamp=STAMP))["parcelServiceData"] == {
        "parcelParams": {
            "recordID": "OBJ202600418", "prefixParcelCode": "DR", "weight": "1.350", "insuredValue": Decimal("999.50"),
            "sequenceParcel": 1, "quantityParcel": 1, "note": "volat", "notePrint": "Eshop 418", "note2": "křehké",
            "specSym": "77", "returnNumDays": "7", "referenceNumber": "R-418", "pallets": 2,
        },
        "parcelServices": ["S", "7"],
        "parcelAddress": {
            "firstName": "Jana", "surname": "Dvořáková", "company": "Dvořáková s.r.o.", "aditionAddress": "2. patro",
            "subject": "P", "ic": "12345678", "dic": "CZ12345678", "specification": "vrátnice",
            "address": {
                "street": "Dlouhá", "houseNumber": "12", "sequenceNumber": "3", "cityPart": "Zábrdovice",
                "addressCode": "19051234", "city": "Brno", "zipCode": "60200", "isoCountry": "CZ",
            },
            "phoneNumber": "+420221132060",
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, ["M", "7", "41", "45"]),
        ({"notice": "none"}, ["M", "7", "41"]),
        ({"notice": "46"}, ["M", "7", "41", "46"]),
        ({"services": "34"}, ["M", "7", "41", "34"]),
        ({"services": "4"}, ["M", "7", "45", "4"]),
        ({"services": "Dh,10"}, ["M", "7", "45", "Dh", "10"]),
    ],
)
def test_a_notice_and_a_kind_of_cod_that_is_asked_for_stands_for_the_usual_one(options, told) -> None:
    said = body(calls.create_call(ACCOUNT, replace(TO_POINT, options=options), today=TODAY, stamp=STAMP))

    assert said["parcelServiceData"]["parcelServices"] == told


def test_a_kind_of_cod_is_of_no_matter_where_nothing_is_collected() -> None:
    home = replace(HOME, options={"size": "S", "services": "4,10"})

    said = body(calls.create_call(ACCOUNT, home, today=TODAY, stamp=STAMP))

    assert said["parcelServiceData"]["parcelServices"] == ["S", "7", "10"]


def test_a_franking_machine_and_a_customer_card_are_told_with_each_booking() -> None:
    given = account(franking_number="123456", card_number="9876")

    said = body(calls.create_call(given, HOME, today=TODAY, stamp=STAMP))

    header = said["parcelServiceHeader"]["parcelServiceHeaderCom"]
    assert (header["frankingNumber"], header["senderCustCardNum"]) == ("123456", "9876")


def test_further_boxes_are_multi_box_and_nothing_else() -> None:
    call = calls.create_call(account(**OWN), replace(THREE, options={"serial": "6000"}), today=TODAY, stamp=STAMP)

    said = body(call)
    assert said["parcelServiceData"]["parcelServices"] == ["7", "70"]
    assert said["multipartParcelData"] == [
        {
            "addParcelData": {
                "recordID": "OBJ9/2", "prefixParcelCode": "DR", "parcelCode": "DR5847760015L",
                "masterCode": "DR5847760001L", "weight": "2.500", "sequenceParcel": 2, "quantityParcel": 3,
            },
            "addParcelDataServices": ["70"],
        },
        {
            "addParcelData": {
                "recordID": "OBJ9/3", "prefixParcelCode": "DR", "parcelCode": "DR5847760029L",
                "masterCode": "DR5847760001L", "weight": "15.000", "sequenceParcel": 3, "quantityParcel": 3,
            },
            "addParcelDataServices": ["70"],
        },
    ]  # fmt: skip


@pytest.mark.parametrize(("switches", "told"), [((), None), (("contract_number",), "1021535")])
def test_the_orders_number_is_told_only_where_it_is_switched_on(switches, told) -> None:
    given = account(switches=switches, contract_number="1021535")

    said = body(calls.create_call(given, HOME, today=TODAY, stamp=STAMP))

    assert said["parcelServiceHeader"]["parcelServiceHeaderCom"].get("contractNumber") == told


def test_a_batch_keeps_good_parcels_beside_bad_ones() -> None:
    call = calls.send_call(account(contract_id="77"), [TO_POINT, HOME], today=TODAY, stamp=STAMP)

    said = body(call)
    assert (call.method, call.url, call.makes) == ("POST", f"{PRODUCTION}/sendParcels", True)
    assert call.query == (("idContract", "77"),)
    assert said["parcelHeader"] == {
        "transmissionDate": "2026-03-05", "customerID": "L00123", "postCode": "19000", "locationNumber": 1,
        "goodToAccept": True,
    }  # fmt: skip
    assert [one["parcelParams"]["recordID"] for one in said["parcelDataList"]] == ["OBJ202600417", "OBJ202600418"]


@pytest.mark.parametrize(("kind", "form"), [(Format.PDF, 101), (Format.ZPL, 200)])
def test_labels_are_printed_by_the_form_of_their_kind(kind, form) -> None:
    given = account(contract_id="356000000", contract_number="1021535")

    call = calls.print_call(given, ["NB5847769990L"], kind, stamp=STAMP)

    assert (call.url, call.query, call.makes) == (
        f"{PRODUCTION}/parcelPrinting",
        (("idContract", "356000000"),),
        False,
    )
    assert body(call) == {
        "printingHeader": {
            "customerID": "L00123", "contractNumber": "356000000", "idForm": form, "shiftHorizontal": 0,
            "shiftVertical": 0, "position": 1,
        },
        "printingData": ["NB5847769990L"],
    }  # fmt: skip


@pytest.mark.parametrize(("service", "told"), [("RR", (None, False)), ("VL", (Decimal("999.50"), True))])
def test_of_letters_only_the_insured_one_is_insured(service, told) -> None:
    said = body(calls.create_call(ACCOUNT, replace(HOME, service=service), today=TODAY, stamp=STAMP))

    parcel = said["parcelServiceData"]
    assert (parcel["parcelParams"].get("insuredValue"), "7" in parcel["parcelServices"]) == told


@pytest.mark.parametrize("service", ["RR", "VL"])
def test_a_letter_has_the_form_of_an_address_label(service) -> None:
    booking = calls.create_call(ACCOUNT, replace(HOME, service=service), today=TODAY, stamp=STAMP)
    again = calls.print_call(ACCOUNT, [f"{service}950819194CZ"], Format.PDF, stamp=STAMP)

    assert body(booking)["parcelServiceHeader"]["printParams"]["idForm"] == 21
    assert body(again)["printingHeader"]["idForm"] == 21


def test_parcels_are_asked_for_by_their_codes() -> None:
    call = calls.track_call(ACCOUNT, ["NB5847769990L"], stamp=STAMP)

    assert (call.method, call.url) == ("POST", f"{PRODUCTION}/parcelStatus")
    assert call.body == b'{"parcelIds":["NB5847769990L"],"language":"CZ"}'


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (calls.sent_call(ACCOUNT, "28x97/a b", stamp=STAMP), "/sendParcels/idTransaction/28x97%2Fa%20b"),
        (calls.history_call(ACCOUNT, "B 5847769990L", stamp=STAMP), "/parcelDataHistory/parcelID/B%205847769990L"),
        (calls.places_call(account(contract_id="77/1"), stamp=STAMP), "/location/idContract/77%2F1"),
    ],
)
def test_what_is_only_asked_has_no_body_and_an_empty_hash(call, path) -> None:
    assert (call.method, call.url, call.body) == ("GET", PRODUCTION + path, None)
    assert call.headers["Authorization-Content-SHA256"] == ""
    assert call.headers["Authorization"] == f'CP-HMAC-SHA256 nonce="{NONCE}",signature="{signature("")}"'


def test_the_bytes_that_are_sent_are_those_that_are_signed() -> None:
    call = calls.create_call(ACCOUNT, TO_POINT, today=TODAY, stamp=STAMP)

    digest = sha256(call.body).hexdigest()
    assert call.headers == {
        "Accept": "application/json",
        "Api-Token": ACCOUNT.secrets["api_token"],
        "Authorization-Timestamp": "1772701200",
        "Authorization-Content-SHA256": digest,
        "Authorization": f'CP-HMAC-SHA256 nonce="{NONCE}",signature="{signature(digest)}"',
        "Content-Type": "application/json",
    }


def test_a_signature_is_what_another_tool_computes() -> None:
    call = calls.track_call(ACCOUNT, ["NB5847769990L"], stamp=STAMP)

    assert (
        call.headers["Authorization-Content-SHA256"]
        == "b4f31b83226e44b35f73f33a8de794853720834c83179b74fb2a277d108923ec"
    )
    assert call.headers["Authorization"].endswith('signature="1r9SzU/pXltJnjkIBTxO+yJQGrVjr4YzEzLdEJNiSx8="')


def signature(digest: str) -> str:
    text = f"{digest};1772701200;{NONCE}".encode()
    return b64encode(hmac.new(b"c2VjcmV0LWtleQ==", text, sha256).digest()).decode()


def test_no_secret_is_shown() -> None:
    call = calls.create_call(ACCOUNT, TO_POINT, today=TODAY, stamp=STAMP)

    shown = repr(call) + repr(ACCOUNT)
    assert ACCOUNT.secrets["secret_key"] not in shown
    assert ACCOUNT.secrets["api_token"] not in shown


def test_the_list_of_points_is_asked_for_without_key_and_signature() -> None:
    call = calls.points_call(ACCOUNT)

    assert (call.method, call.url, dict(call.headers)) == ("GET", calls.POINTS, {})
    assert calls.offices_call(ACCOUNT) == replace(call, url=calls.POST_OFFICES)


@pytest.mark.parametrize(
    ("ship_on", "posted"),
    [(None, TODAY), (date(2026, 3, 4), TODAY), (date(2026, 3, 6), date(2026, 3, 6))],
)
def test_nothing_is_posted_on_a_day_that_is_over(ship_on, posted) -> None:
    assert calls.posted_on(replace(HOME, ship_on=ship_on), TODAY) == posted


def test_a_posting_kept_open_says_so_in_every_request() -> None:
    given = account(switches=("open_posting",))

    one = body(calls.create_call(given, HOME, today=TODAY, stamp=STAMP))["parcelServiceHeader"]
    many = body(calls.send_call(given, [HOME, TO_POINT], today=TODAY, stamp=STAMP))["parcelHeader"]
    last = body(calls.close_call(given, on=TODAY, stamp=STAMP))["parcelServiceHeader"]
    assert (one["transmissionEnd"], many["transmissionEnd"], last["transmissionEnd"]) == (False, False, True)


def test_measures_are_sent_in_centimetres_where_somebody_vouched_for_it() -> None:
    given = account(switches=("measures",))

    params = body(calls.create_call(given, TO_POINT, today=TODAY, stamp=STAMP))["parcelServiceData"]["parcelParams"]
    assert (params["length"], params["width"], params["height"]) == (40, 30, 20)


@pytest.mark.parametrize(
    ("phone", "email", "service"),
    [
        ("+420601234567", "a@example.cz", "45"),
        ("+420601234567", "", "34"),
        ("+421905123456", "a@example.cz", "46"),
        ("", "a@example.cz", "46"),
        ("+420221132060", "", None),
    ],
)
def test_a_recipient_hears_of_a_parcel_in_one_way_and_by_sms_at_a_czech_mobile_only(phone, email, service) -> None:
    assert records.notice_of(replace(HOME.recipient, phone=phone, email=email)) == service


@pytest.mark.parametrize(
    ("street", "number", "parts"),
    [
        ("Dlouhá 12/3", "", {"street": "Dlouhá", "houseNumber": "12", "sequenceNumber": "3"}),
        ("Dlouhá", "12/3a", {"street": "Dlouhá", "houseNumber": "12", "sequenceNumber": "3a"}),
        ("17. listopadu 5b", "", {"street": "17. listopadu", "houseNumber": "5b"}),
        ("Náměstí", "", {"street": "Náměstí"}),
    ],
)
def test_a_house_number_is_found_at_the_end_of_a_street(street, number, parts) -> None:
    home = replace(HOME, recipient=replace(HOME.recipient, street=street, house_number=number))

    address = body(calls.create_call(ACCOUNT, home, today=TODAY, stamp=STAMP))["parcelServiceData"]["parcelAddress"]
    assert address["address"] == {**parts, "city": "Brno", "zipCode": "60200", "isoCountry": "CZ"}


def test_money_is_written_as_it_is() -> None:
    home = replace(HOME, value=Money(10**14 + 1, "CZK"))

    call = calls.create_call(ACCOUNT, home, today=TODAY, stamp=STAMP)

    assert b'"insuredValue":1000000000000.01,' in call.body
