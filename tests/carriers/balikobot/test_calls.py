import base64
import re
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from carriers.balikobot import calls, rules
from carriers.base import Collection
from carriers.money import Money
from carriers.shipment import Box, Cod, PointRef, Shipment
from tests.carriers.balikobot.made_up import ACCOUNT, BASE, RECIPIENT, account, home, shipment

LOGIN = "Basic " + base64.b64encode(b"obchod:tajny-klic").decode()
RECIPIENT_FIELDS = (
    '"rec_name":"Jana Dvořáková","rec_street":"Lipová 12","rec_city":"Brno",'
    '"rec_zip":"60200","rec_country":"CZ","rec_phone":"+420601234567","rec_email":"jana.dvorakova@example.cz"'
)
POINT_WITH_COD = (
    f'{{"packages":[{{"eid":"OBJ-2026-00417-1","service_type":"VMCZ",{RECIPIENT_FIELDS},"branch_id":"18542",'
    '"weight":1.35,"real_order_id":"2026000417","return_track":true,"price":1290,"ins_currency":"CZK",'
    '"cod_price":1290,"cod_currency":"CZK","vs":"202600417"}]}'
)
HOME = (
    f'{{"packages":[{{"eid":"OBJ-2026-00418-1","service_type":"4",{RECIPIENT_FIELDS},"weight":0.8,"length":30,'
    '"width":20.5,"height":10,"real_order_id":"2026000417","note":"zvonek","sat_delivery":true,'
    '"require_full_age":true,"services":["A","B"],"return_track":true,"price":1290,"ins_currency":"CZK"}]}'
)
BOXES = (
    f'{{"packages":[{{"eid":"OBJ-2026-00418-1","service_type":"4",{RECIPIENT_FIELDS},"weight":10,'
    '"real_order_id":"ca2d992833","return_track":true,"order_number":1,"price":1290,"ins_currency":"CZK"},'
    f'{{"eid":"OBJ-2026-00418-2","service_type":"4",{RECIPIENT_FIELDS},"weight":2.5,'
    '"real_order_id":"ca2d992833","return_track":true,"order_number":2}]}'
)
PICKUP = (
    '{"date":"2026-03-05","time_from":"12:00","time_to":"16:00","weight":40,"package_count":14,"message":"Rampa 2"}'
)
AT_HOME = home(
    boxes=(Box(800, 300, 205, 100),), note="zvonek", adults_only=True, options={"sat_delivery": "1", "services": "A, B"}
)


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        (shipment(), "zasilkovna/add", POINT_WITH_COD),
        (AT_HOME, "ppl/add", HOME),
        (home(boxes=(Box(10_000), Box(2_500))), "ppl/add", BOXES),
    ],
)
def test_a_shipment_is_sent_letter_by_letter(given: Shipment, path: str, body: str) -> None:
    call = calls.add(ACCOUNT, [given])

    assert (call.method, call.url, call.query, call.makes) == ("POST", f"{BASE}/{path}", (), True)
    assert call.headers == {
        "authorization": LOGIN,
        "accept": "application/json",
        "content-type": "application/json",
    }
    assert call.body == body.encode()


COLLECTION = Collection(date(2026, 3, 5), time(12), time(16), 14, 40_000, note="Rampa 2")


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        (calls.whoami(ACCOUNT), "GET", "info/whoami", None),
        (calls.activated(ACCOUNT, "ups"), "GET", "ups/activatedservices", None),
        (calls.overview(ACCOUNT, "cp"), "GET", "cp/overview", None),
        (calls.stored(ACCOUNT, "cp", "42719"), "GET", "cp/package/42719", None),
        (calls.labels(ACCOUNT, "cp", ["42719"]), "POST", "cp/labels", '{"package_ids":["42719"]}'),
        (calls.drop(ACCOUNT, "sp", ["42719"]), "POST", "sp/drop", '{"package_ids":["42719"]}'),
        (calls.order(ACCOUNT, "gls", ["1", "2"]), "POST", "gls/order", '{"package_ids":["1","2"]}'),
        (calls.track(ACCOUNT, "ppl", ["4151"]), "POST", "v2/ppl/track", '{"carrier_ids":["4151"]}'),
        (calls.pickup(ACCOUNT, "dpd", COLLECTION), "POST", "dpd/orderpickup", PICKUP),
        (
            calls.pickup(ACCOUNT, "ppl", COLLECTION),
            "POST",
            "ppl/orderpickup",
            '{"date":"2026-03-05","note":"Rampa 2"}',
        ),
    ],
)
def test_each_method_has_its_call(call: calls.Call, method: str, path: str, body: str | None) -> None:
    assert (call.method, call.url, call.body) == (method, f"{BASE}/{path}", body and body.encode())
    assert call.headers["authorization"] == LOGIN


def test_only_what_would_be_done_twice_makes() -> None:
    assert calls.order(ACCOUNT, "cp", ["1"]).makes
    assert calls.pickup(ACCOUNT, "dpd", COLLECTION).makes
    assert not calls.checked(ACCOUNT, [shipment()]).makes
    assert not calls.drop(ACCOUNT, "cp", ["1"]).makes


@pytest.mark.parametrize(("is_full", "method"), [(True, "fullbranches"), (False, "branches")])
def test_points_are_asked_for_compressed(is_full: bool, method: str) -> None:
    call = calls.branches(ACCOUNT, "ppl/46", "CZ", is_full=is_full)

    assert (call.method, call.url) == ("GET", f"{BASE}/ppl/{method}/service/46/country/CZ")
    assert call.query == (("gzip", "1"),)


@pytest.mark.parametrize(
    ("service", "given", "branch"),
    [
        ("cp/NB", "602 00", "60200"),
        ("sp/BZB", "811 01", "81101"),
        ("ppl/46", "KM12345678", "12345678"),
        ("dpd/3", "CZ21570", "CZ21570"),
        ("zasilkovna/VMCZ", "18542", "18542"),
    ],
)
def test_a_point_is_told_in_its_shippers_way(service: str, given: str, branch: str) -> None:
    package = calls.package(ACCOUNT, shipment(service=service, point=PointRef(given)), 0)

    assert package["branch_id"] == branch


@pytest.mark.parametrize("reference", ["OBJ-2026-00417", "A1", "shp_01HZX", "x" * 40, "č. 7", ""])
def test_an_eid_is_stable_its_boxs_own_and_always_a_name_they_take(reference: str) -> None:
    given = shipment(reference)

    assert re.fullmatch(rules.EID, calls.eid_of(given, 0))
    assert calls.eid_of(given, 0) == calls.eid_of(replace(given, note="changed"), 0) != calls.eid_of(given, 1)


def test_an_eid_can_be_read_where_the_reference_is_a_name_they_take() -> None:
    assert calls.eid_of(shipment("OBJ-2026-00417"), 0) == "OBJ-2026-00417-1"


@pytest.mark.parametrize(
    ("street", "number", "told"),
    [("Lipová", "12", "Lipová 12"), ("Lipová 12", "12", "Lipová 12"), ("Lipová 12", "", "Lipová 12")],
)
def test_the_house_number_stands_once_and_with_its_street(street: str, number: str, told: str) -> None:
    given = home(recipient=replace(RECIPIENT, street=street, house_number=number))

    assert calls.package(ACCOUNT, given, 0)["rec_street"] == told


def test_cod_of_several_boxes_stands_at_the_first() -> None:
    given = home(boxes=(Box(1), Box(2)), cod=Cod(Money(4_990, "EUR"), "7"))

    first, second = (calls.package(ACCOUNT, given, place) for place in (0, 1))
    assert (first["cod_price"], first["cod_currency"], first["order_number"]) == (Decimal("49.90"), "EUR", 1)
    assert "cod_price" not in second
    assert "price" not in second


def test_the_accounts_bank_goes_with_cod_alone() -> None:
    bank = account(iban="CZ6508000000192000145399")

    assert calls.package(bank, shipment(), 0)["iban"] == "CZ6508000000192000145399"
    assert "iban" not in calls.package(bank, home(), 0)


def test_a_long_note_is_cut_and_a_long_order_number_left_away() -> None:
    package = calls.package(ACCOUNT, home(note="n" * 400, order_number="OBJ-2026-00418"), 0)

    assert package["note"] == "n" * 350
    assert "real_order_id" not in package


def test_several_boxes_are_bound_by_their_shipment_whatever_their_orders_number() -> None:
    two = (Box(1), Box(2))
    first, second = (home(each, boxes=two, order_number="OBJ-2026-00418") for each in ("OBJ-2026-00418", "s_other"))

    bound = [[calls.package(ACCOUNT, each, place)["real_order_id"] for place in (0, 1)] for each in (first, second)]
    assert [len({*ids}) for ids in bound] == [1, 1]
    assert bound[0] != bound[1]
    assert len(bound[0][0]) == 10


def test_what_is_not_certain_is_sent_when_switched_on() -> None:
    on = account("full_errors", "cod_currency_always")

    assert "return_full_errors" not in calls.package(ACCOUNT, home(), 0)
    assert "cod_currency" not in calls.package(ACCOUNT, home(), 0)
    assert calls.package(on, home(), 0)["return_full_errors"] is True
    assert calls.package(on, home(), 0)["cod_currency"] == "CZK"


def test_a_second_line_and_a_region_stand_with_their_address() -> None:
    whom = replace(RECIPIENT, more="2. patro", region="Cluj")
    package = calls.package(ACCOUNT, home(recipient=whom, sender=whom), 0)

    assert [package[f"{whose}_street_append"] for whose in ("rec", "sen")] == ["2. patro"] * 2
    assert [package[f"{whose}_region"] for whose in ("rec", "sen")] == ["Cluj"] * 2
    assert calls.package(ACCOUNT, home(recipient=whom, options={"rec_region": "Iași"}), 0)["rec_region"] == "Iași"


def test_each_box_says_what_is_in_it_unless_the_merchant_says_it_of_all() -> None:
    two = (Box(1, content="boty"), Box(2))

    assert [calls.package(ACCOUNT, home(boxes=two), place).get("content") for place in (0, 1)] == ["boty", None]
    given = home(boxes=two, options={"content": "oblečení"})
    assert [calls.package(ACCOUNT, given, place)["content"] for place in (0, 1)] == ["oblečení"] * 2


def test_boxes_with_values_of_their_own_are_each_insured_for_theirs() -> None:
    two = (Box(1, value=Money(50_000, "CZK")), Box(2, value=Money(4_990, "EUR")))
    first, second = (calls.package(ACCOUNT, home(boxes=two), place) for place in (0, 1))

    assert (first["price"], first["ins_currency"]) == (Decimal(500), "CZK")
    assert (second["price"], second["ins_currency"]) == (Decimal("49.90"), "EUR")


@pytest.mark.parametrize(
    ("allowed", "options", "told"),
    [
        (None, {}, None),
        (True, {}, True),
        (False, {}, False),
        (True, {"credit_card": "0"}, None),
        (False, {"credit_card": "1"}, True),
        (None, {"credit_card": "1"}, True),
    ],
)
def test_whether_a_card_is_taken_is_told_where_somebody_says_it(
    allowed: bool | None, options: dict[str, str], told: bool | None
) -> None:
    given = shipment(cod=Cod(Money(100, "CZK"), "7", allowed), options=options)

    assert calls.package(ACCOUNT, given, 0).get("credit_card") is told


def test_another_sender_is_told() -> None:
    package = calls.package(ACCOUNT, home(sender=replace(RECIPIENT, name="Sklad")), 0)

    assert package["sen_name"] == "Sklad"
    assert package["sen_zip"] == "60200"


@pytest.mark.parametrize(
    ("link", "is_fetched"),
    [
        ("https://pdf.balikobot.cz/cp/eNor.", True),
        (f"{BASE}/pdf/1", True),
        ("http://pdf.balikobot.cz/cp/eNor.", False),
        ("https://pdf.balikobot.cz.example.com/1", False),
        ("http://169.254.169.254/latest", False),
        ("file:///etc/passwd", False),
        ("https://[broken", False),
        ("https://pdf.balikobot.cz/a b", False),
    ],
)
def test_a_document_is_fetched_from_balikobot_alone_and_without_the_login(link: str, is_fetched: bool) -> None:
    call = calls.document(ACCOUNT, link)

    assert (call is not None) == is_fetched
    assert call is None or not call.headers


def test_no_secret_shows() -> None:
    call = calls.add(ACCOUNT, [shipment()])

    assert "tajny" not in repr(call) + repr(ACCOUNT)
    assert LOGIN.split()[1] not in repr(call)
