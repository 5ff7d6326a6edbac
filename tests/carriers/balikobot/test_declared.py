import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from carriers.balikobot import calls, declared, fields, rules
from carriers.base import Booked
from carriers.money import Money
from carriers.shipment import Address, Box, Customs, Goods
from tests.carriers.balikobot.made_up import ACCOUNT, NOW, Wire, account, balikobot, home, packages, row

LONDON = Address(
    "Ann Hill",
    "Baker Street 7",
    "London",
    "NW1 6XE",
    "GB",
    phone="+442079460958",
    email="ann@example.com",
    more="Flat 2",
)
GOODS = Goods("Woollen cap", 3, 450, Money(100_000, "CZK"), "650500", "CZ")
CUSTOMS = Customs((GOODS,), invoice_number="FV2600417", eori="CZ1234567890")
ON = account(declared.ROWS, services="ups/65")
ABROAD = home(service="ups/65", recipient=LONDON, customs=CUSTOMS)
DECLARED = (
    '{"packages":[{"eid":"OBJ-2026-00418-1","service_type":"65","rec_name":"Ann Hill","rec_street":"Baker Street 7",'
    '"rec_street_append":"Flat 2","rec_city":"London","rec_zip":"NW16XE","rec_country":"GB",'
    '"rec_phone":"+442079460958","rec_email":"ann@example.com","weight":1.35,"real_order_id":"2026000417",'
    '"return_track":true,"price":1290,"ins_currency":"CZK","content_data":[{"content_name":"Woollen cap",'
    '"content_name_en":"Woollen cap","content_customs_code":"650500","content_country":"CZ","content_pieces":3,'
    '"content_weight":0.15,"content_price":333.33,"content_currency":"CZK"}],"invoice_number":"FV2600417",'
    '"eori":"CZ1234567890"}]}'
)


def found(given: Any, at: Any = ON) -> set[tuple[str | None, str]]:
    return {(fault.field, fault.code) for fault in rules.faults(given, at)}


def said(**options: str) -> Any:
    return home(options=options)


def test_a_declaration_is_sent_letter_by_letter() -> None:
    assert found(ABROAD) == set()
    assert calls.add(ON, [ABROAD]).body == DECLARED.encode()


def test_of_several_boxes_the_first_declares_them_all() -> None:
    first, second = (calls.package(ON, replace(ABROAD, boxes=(Box(1), Box(2))), place) for place in (0, 1))

    assert first["eori"] == "CZ1234567890"
    assert not {"content_data", "invoice_number", "eori"} & second.keys()


def test_without_its_switch_goods_are_not_told_which_the_booking_says_and_all_with_a_name_of_its_own_is() -> None:
    off = account(services="ups/65")
    package = calls.package(off, ABROAD, 0)

    assert found(ABROAD, off) == set()
    assert (package["invoice_number"], package["eori"]) == ("FV2600417", "CZ1234567890")
    assert "content_data" not in package
    assert [len([*declared.notes(at, ABROAD)]) for at in (off, ON)] == [1, 0]
    assert [*declared.notes(off, replace(ABROAD, options={"content_data": "[{}]"}))] == []
    assert [*declared.notes(off, replace(ABROAD, customs=replace(CUSTOMS, goods=())))] == []


def test_what_is_not_told_is_said_with_the_booking_and_where_it_is_found_again() -> None:
    told = packages(row("OBJ-2026-00418-1", 1))
    adapter = balikobot(Wire([told, told]), account(services="ups/65"))

    [booked], again = adapter.book([ABROAD]), adapter.find(ABROAD, since=NOW)
    assert isinstance(booked, Booked)
    assert again is not None
    assert all("customs_rows" in notes[-1] for notes in (booked.notes, again.notes))


def test_what_a_merchant_says_of_a_declaration_goes_first_and_as_it_is() -> None:
    own = {"content_data": '[{"content_ead": "own", "content_price": 1.10}]', "invoice_number": "1", "eori": "E"}
    given = replace(ABROAD, options=own)
    body = calls.add(ON, [given]).body or b""

    assert found(given, account(services="ups/65")) == set()
    assert b'"content_data":[{"content_ead":"own","content_price":1.1}],"invoice_number":"1","eori":"E"' in body


def test_further_fields_stand_with_each_box_and_never_for_what_a_shipment_says() -> None:
    given = home(
        boxes=(Box(1), Box(2)), options={"fields": '{"declaration_comments": "gift", "mu_type": "EP", "eid": "other"}'}
    )
    packages = [calls.package(ACCOUNT, given, place) for place in (0, 1)]

    assert [(each["declaration_comments"], each["mu_type"]) for each in packages] == [("gift", "EP")] * 2
    assert [each["eid"] for each in packages] == ["OBJ-2026-00418-1", "OBJ-2026-00418-2"]


@pytest.mark.parametrize("name", sorted(fields.WRITTEN))
def test_no_field_of_ours_is_said_in_other_words(name: str) -> None:
    given = said(fields=json.dumps({name: "x"}))

    assert found(given) == {("options.fields", "not_both")}
    assert declared.others(given) == {}


BAD = ["x", "{", "null", "7", '"text"', "NaN", '{"a": NaN}', '{"a": 1e999999}', '["\\ud800"]', "[" * 999, "[]", "{}"]


@pytest.mark.parametrize("text", [*BAD, '{"Eid": 1}', '{"a b": 1}', '{"": 1}', "[{}]", '{"a": "\\ud800"}'])
def test_further_fields_that_are_none_are_found_before_and_never_sent(text: str) -> None:
    given = said(fields=text)

    assert found(given) == {("options.fields", "letters")}
    assert calls.package(ACCOUNT, given, 0) == calls.package(ACCOUNT, home(), 0)


@pytest.mark.parametrize("text", [*BAD, "[1]", '[{"a": 1}, null]', '{"a": 1}', '[{"a": "\\ud800"}]'])
def test_rows_that_are_none_are_found_before_and_never_sent(text: str) -> None:
    given = said(content_data=text)

    assert found(given) == {("options.content_data", "letters")}
    assert "content_data" not in calls.package(ACCOUNT, given, 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"content": " "}, ("content", "missing")),
        ({"content": "🎁"}, ("content", "letters")),
        ({"quantity": 0}, ("quantity", "missing")),
        ({"value": Money(-1, "CZK")}, ("value", "bad_amount")),
        ({"hs_code": "6505.00"}, ("hs_code", "letters")),
        ({"hs_code": "65050000000"}, ("hs_code", "too_long")),
        ({"origin": "cz"}, ("origin", "letters")),
    ],
)
def test_goods_nobody_can_declare_are_found_before(changed: dict[str, Any], field: tuple[str, str]) -> None:
    given = replace(ABROAD, customs=replace(CUSTOMS, goods=(replace(GOODS, **changed),)))

    assert found(given) == {(f"customs.goods[0].{field[0]}", field[1])}
    assert found(given, account(services="ups/65")) == set()
    assert calls.add(ON, [given]).body


def test_weight_and_price_are_those_of_a_piece() -> None:
    told, unweighed = (declared.row(Goods("Cap", 4, grams, Money(1_001, "HUF"))) for grams in (1_000, 0))

    assert (told["content_weight"], told["content_price"]) == (Decimal("0.250"), Decimal(250))
    assert not {"content_customs_code", "content_country"} & told.keys()
    assert "content_weight" not in unweighed


def test_why_it_is_sent_has_no_field_and_that_is_said() -> None:
    assert len([*declared.notes(ON, replace(ABROAD, customs=replace(CUSTOMS, category="gift")))]) == 1
