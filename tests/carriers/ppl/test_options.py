"""What a merchant may ask of PPL beside a parcel, of one shipment or of all, to the letter and before it is asked."""

import json
from dataclasses import replace
from datetime import date

import pytest

from carriers import check
from carriers.base import Format, Pending
from carriers.errors import CarrierRefused, Kind
from carriers.money import Money
from carriers.ppl import Ppl, answers, calls, given, rules
from carriers.shipment import Box, Cod
from tests.carriers.ppl.world import (
    BATCH,
    CREATED,
    JANA,
    MALY,
    TO_POINT,
    TWO_BOXES,
    Reply,
    Watch,
    Wire,
    account,
    parcel,
    ppl,
    told,
)

HOME = replace(TO_POINT, service="PRIV", point=None)
LINE = "Můj e-shop; Skladová 1; Praha; 190 00; cz; 222 333 444; sklad@example.cz"
SHOP = {
    "name": "Můj e-shop",
    "street": "Skladová 1",
    "city": "Praha",
    "zipCode": "19000",
    "country": "CZ",
    "contact": "Můj e-shop",
    "phone": "+420222333444",
    "email": "sklad@example.cz",
}
BERN = replace(JANA, city="Bern", zip="3011", country="CH", phone="+41446681800")


def sent(shipment, **said):
    return json.loads(calls.create_call(account(**said), [shipment]).body)["shipments"][0]


def said(shipment, *switches, **given):
    found = Ppl(account(*switches, **given), Wire(), Watch()).validate(shipment)
    return [(fault.field, fault.code) for fault in found]


def asked(**options):
    return replace(HOME, options=options)


# options


def test_every_option_has_its_place_on_the_wire() -> None:
    told = sent(
        asked(
            services="SATD, EVEN,SATD",
            deliver_on="2026-03-05",
            deliver_from="08:00",
            deliver_to="12:00",
            spec_symbol="417",
            age_check="A15",
            sender_mask=LINE,
        )
    )

    assert told["services"] == [{"code": "SATD"}, {"code": "EVEN"}]
    assert told["specificDelivery"] == {
        "specificDeliveryDate": "2026-03-05",
        "specificDeliveryTimeFrom": "08:00",
        "specificDeliveryTimeTo": "12:00",
    }
    assert told["cashOnDelivery"]["specSymbol"] == "417"
    assert told["ageCheck"] == "A15"
    assert told["senderMask"] == SHOP


@pytest.mark.parametrize(
    ("options", "name", "code"),
    [
        ({"moon": "1"}, "moon", "not_offered"),
        ({"services": "SATD;EVEN"}, "services", "letters"),
        ({"services": "x" * 21}, "services", "too_long"),
        ({"deliver_on": "5. 3. 2026"}, "deliver_on", "letters"),
        ({"deliver_on": "2026-02-30"}, "deliver_on", "letters"),
        ({"deliver_on": "2026-03-01"}, "deliver_on", "past"),
        ({"deliver_from": "8:00"}, "deliver_from", "letters"),
        ({"deliver_to": "24:00"}, "deliver_to", "letters"),
        ({"deliver_from": "12:00", "deliver_to": "08:00"}, "deliver_to", "not_both"),
        ({"spec_symbol": "1234567"}, "spec_symbol", "too_long"),
        ({"spec_symbol": "A1"}, "spec_symbol", "letters"),
        ({"age_check": "osmnáct let"}, "age_check", "letters"),
        ({"sender_mask": "Můj e-shop, Skladová 1"}, "sender_mask", "letters"),
        ({"sender_mask": "Můj e-shop; Skladová 1; Praha; 1; CZ"}, "sender_mask", "bad_zip"),
        ({"sender_mask": "Můj e-shop; Skladová 1; Praha; 19000; CZE"}, "sender_mask", "letters"),
        ({"sender_mask": f"{'x' * 51}; Skladová 1; Praha; 19000; CZ"}, "sender_mask", "too_long"),
    ],
)
def test_an_option_ppl_would_refuse_is_named(options, name: str, code: str) -> None:
    assert said(asked(**options)) == [(f"options.{name}", code)]
    assert code in check.CODES


@pytest.mark.parametrize(
    "options",
    [
        {"services": ""},
        {"services": "SATD, EVEN"},
        {"deliver_on": "2026-03-02", "deliver_to": "12:00"},
        {"spec_symbol": "000417"},
        {"sender_mask": "Můj e-shop; Skladová 1; Praha; 19000; CZ"},
        {"age_check": ""},
    ],
)
def test_an_option_ppl_takes_is_let_through(options) -> None:
    assert said(asked(**options)) == []


def test_a_symbol_that_stands_in_a_pairing_is_left_out_where_nothing_is_collected() -> None:
    prepaid = replace(asked(spec_symbol="1"), cod=None)

    assert said(prepaid) == []
    assert b"specSymbol" not in calls.create_call(account(), [prepaid]).body


def test_a_day_of_delivery_before_it_leaves_does_not_go_together() -> None:
    shipment = replace(asked(deliver_on="2026-03-03"), ship_on=date(2026, 3, 4))

    assert said(shipment) == [("options.deliver_on", "not_both")]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("services[0].code", "options.services"),
        ("specificDelivery.specificDeliveryDate", "options.deliver_on"),
        ("specificDelivery.specificTakeDate", "ship_on"),
        ("specificDelivery.parcelShopCode", "point"),
        ("cashOnDelivery.specSymbol", "options.spec_symbol"),
        ("senderMask.zipCode", "options.sender_mask"),
        ("backAddress.zipCode", "return_to.zip"),
        ("shipmentSet.shipmentSetItems[0].insurance.insurancePrice", "boxes[0].value"),
    ],
)
def test_a_path_of_what_was_asked_for_is_the_field_it_was_asked_by(path: str, field: str) -> None:
    assert answers.field_of(path, replace(HOME, sender=MALY, return_to=MALY)) == field


# of a shipment


def test_the_day_it_leaves_is_told_where_it_is_switched_on_and_where_it_goes_back_always() -> None:
    shipment = replace(TO_POINT, ship_on=date(2026, 3, 4), return_to=MALY)
    on = json.loads(calls.create_call(account(rules.TAKE_DATE), [shipment]).body)["shipments"][0]

    assert on["specificDelivery"] == {"parcelShopCode": "KM10004321", "specificTakeDate": "2026-03-04"}
    assert sent(shipment)["specificDelivery"] == {"parcelShopCode": "KM10004321"}
    assert sent(shipment)["backAddress"]["name"] == "Malý a syn s.r.o."
    assert ["ship_on" in ppl(Wire(), switched=switched).able.takes for switched in ([], [rules.TAKE_DATE])] == [
        False,
        True,
    ]


@pytest.mark.parametrize(("on", "is_told"), [(date(2026, 3, 1), False), (date(2026, 3, 2), True)])
def test_a_day_that_went_by_while_it_waited_is_not_told(on: date, *, is_told: bool) -> None:
    wire = Wire(CREATED)

    ppl(wire, switched=[rules.TAKE_DATE]).book([replace(HOME, ship_on=on)])

    assert (b"specificTakeDate" in wire.calls[0][1].body) is is_told


def test_a_second_line_of_an_address_stands_under_the_name() -> None:
    told = sent(replace(TWO_BOXES, recipient=replace(MALY, more="2. patro")))["recipient"]

    assert (told["name"], told["name2"], told["contact"]) == ("Malý a syn s.r.o.", "2. patro", "Petr Malý")
    assert said(replace(TWO_BOXES, recipient=replace(MALY, more="x" * 51))) == [("recipient.more", "too_long")]


@pytest.mark.parametrize(
    ("values", "declared"),
    [
        ((60_000, 50_000), [60_000, 50_000]),
        ((40_000, 40_000), [40_000, 40_000]),
        ((25_000, 25_000), [None, None]),
        ((60_000, 0), [60_000, None]),
    ],
)
def test_boxes_are_insured_each_for_its_own_value_where_all_are_above_what_is_covered(values, declared) -> None:
    boxes = tuple(Box(1000, value=Money(value * 100, "CZK")) for value in values)
    told = sent(replace(TWO_BOXES, boxes=boxes))

    items = [each.get("insurance") for each in told["shipmentSet"]["shipmentSetItems"]]
    assert items == [each and {"insurancePrice": each, "insuranceCurrency": "CZK"} for each in declared]
    assert "insurance" not in told


def test_each_box_of_a_set_carries_the_number_it_is_looked_for_by() -> None:
    told = sent(TWO_BOXES)

    assert [each["externalNumbers"] for each in told["shipmentSet"]["shipmentSetItems"]] == [
        told["externalNumbers"]
    ] * 2
    assert "externalNumbers" not in sent(HOME)["shipmentSet"]["shipmentSetItems"][0]


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ((Money(1, "CZK"), Money(0, "CZK")), []),
        ((Money(1, "CZK"), None), [("boxes[1].value", "missing")]),
        ((Money(1, "EUR"), Money(1, "CZK")), [("boxes[0].value", "bad_currency")]),
        (
            (Money(500_001_00, "CZK"), Money(-1, "CZK")),
            [("boxes[0].value", "too_much"), ("boxes[1].value", "bad_amount")],
        ),
    ],
)
def test_a_value_of_a_box_that_ppl_does_not_insure_is_named(values, faults) -> None:
    assert said(replace(TWO_BOXES, boxes=tuple(Box(1000, value=value) for value in values))) == faults


def test_a_place_to_go_back_to_must_be_an_address() -> None:
    assert said(replace(HOME, return_to=replace(MALY, city=""))) == [("return_to.city", "missing")]


@pytest.mark.parametrize(
    ("number", "carried"),
    [("O26", "O26/OBJ-2026-00417"), ("", "OBJ-2026-00417"), ("OBJ-2026-00417", "OBJ-2026-00417")],
)
def test_order_and_reference_are_one_number(number: str, carried: str) -> None:
    told = sent(replace(HOME, order_number=number))

    assert told["externalNumbers"] == [{"code": "CUST", "externalNumber": carried}]
    assert told["referenceId"] == "OBJ-2026-00417"


@pytest.mark.parametrize(("length", "is_told"), [(85, True), (86, False)])
def test_an_order_number_that_does_not_fit_stays_out_and_is_noted(length: int, *, is_told: bool) -> None:
    long = replace(HOME, order_number="9" * length)

    assert len(rules.carried(long)) == (100 if is_told else len(HOME.reference))
    assert bool(rules.notes(long)) is not is_told
    assert said(long) == []


# of an account


def test_what_an_account_gives_goes_with_each_shipment() -> None:
    bank = {"iban": "CZ65 0800 0000 1920 0014 5399", "swift": "GIBACZPX", "account": "2000145399"}
    told = sent(
        TO_POINT,
        sender_mask=LINE,
        return_address=LINE,
        depot="09",
        integrator_id="4546462",
        account_prefix="19",
        bank_code="0800",
        **bank,
    )

    assert told["senderMask"] == told["backAddress"] == SHOP
    assert (told["depot"], told["integratorId"]) == ("09", 4_546_462)
    assert told["cashOnDelivery"] == {
        "codPrice": 1290,
        "codCurrency": "CZK",
        "codVarSym": "202600417",
        "iban": "CZ6508000000192000145399",
        "swift": "GIBACZPX",
        "account": "2000145399",
        "accountPre": "19",
        "bankCode": "0800",
    }


def test_a_shipment_goes_before_its_account() -> None:
    told = sent(
        replace(
            asked(sender_mask=LINE.replace("Můj e-shop", "Jiný"), age_check="A15"), return_to=MALY, adults_only=True
        ),
        sender_mask=LINE,
        return_address=LINE,
        age_check="A18+",
    )

    assert told["senderMask"]["name"] == "Jiný"
    assert told["backAddress"]["city"] == "Olomouc"
    assert told["ageCheck"] == "A15"


@pytest.mark.parametrize(("dpi", "made"), [("", (300, 203)), ("600", (600, 600)), ("72", (300, 203))])
def test_labels_are_as_fine_as_the_account_says(dpi: str, made: tuple[int, int]) -> None:
    looks = [calls.label_settings(account(dpi=dpi), kind)["dpi"] for kind in (Format.PDF, Format.ZPL)]
    relabelled = json.loads(calls.relabel_call(account(dpi=dpi), BATCH, Format.ZPL).body)["labelSettings"]

    assert tuple(looks) == made
    assert relabelled["dpi"] == made[1]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("dpi", "72"),
        ("return_product", "PRIV"),
        ("age_check", "18 let"),
        ("integrator_id", "my shop"),
        ("iban", "CZ12"),
        ("iban", "CZ6508000000192000145398"),
        ("swift", "GIBA"),
        ("cod_currency", "Kč"),
        ("sender_mask", "Můj e-shop"),
        ("return_address", "Můj e-shop; Skladová 1; Praha; 1; CZ"),
    ],
)
def test_what_an_account_gives_wrongly_is_said_when_it_is_tried_and_books_nothing(name: str, wrong: str) -> None:
    wire = Wire()

    for ask in (Ppl.test, lambda carrier: carrier.book([HOME])):
        with pytest.raises(CarrierRefused) as refused:
            ask(ppl(wire, **{name: wrong}))
        assert refused.value.kind is Kind.ACCOUNT
        assert [fault.field for fault in refused.value.faults] == [name]
    assert wire.calls == wire.logins == []


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"account": "19-2000145399", "bank_code": "0800"}, [("account", "letters")]),
        ({"account": "2000145398", "bank_code": "0800"}, [("account", "bad_check")]),
        ({"account": "2000145399", "bank_code": "0800", "account_prefix": "18"}, [("account_prefix", "bad_check")]),
        ({"account": "2000145399", "bank_code": "0800", "account_prefix": "x"}, [("account_prefix", "letters")]),
        ({"account": "2000145399", "bank_code": "800"}, [("bank_code", "letters")]),
        ({"account": "2000145399"}, [("bank_code", "missing")]),
        ({"bank_code": "0800"}, [("account", "missing")]),
        ({"account_prefix": "19"}, [("account", "missing")]),
        ({"iban": "CZ65 0800 0000 1920 0014 5399"}, []),
        ({"iban": "SK31 1200 0000 1987 4263 7541"}, []),
        ({"iban": "CZ56 0800 0000 1920 0014 5399"}, [("iban", "bad_check")]),
        ({"account": "2000145399", "bank_code": "0800", "account_prefix": "19"}, []),
        ({"account": "19", "bank_code": "0100"}, []),
    ],
)
def test_an_account_that_can_be_none_is_named(said, faults) -> None:
    assert [(fault.field, fault.code) for fault in given.faults(account(**said))] == faults


@pytest.mark.parametrize(
    ("currency", "given_currency", "is_told"),
    [("CZK", "", True), ("EUR", "", False), ("EUR", "EUR", True), ("CZK", "EUR", False)],
)
def test_an_account_is_of_one_currency(currency: str, given_currency: str, *, is_told: bool) -> None:
    shipment = replace(HOME, service="CONN", cod=Cod(Money(12_00, currency), "1"))

    told = sent(shipment, iban="CZ6508000000192000145399", cod_currency=given_currency)["cashOnDelivery"]
    assert ("iban" in told) is is_told


OF_LOGIN = {
    "iban": "CZ6508000000192000145399", "account": "2000145399", "bank_code": "0800", "sender_mask": LINE,
    "return_address": LINE, "age_check": "X18", "depot": "09",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("cashOnDelivery.iban", "iban"),
        ("cashOnDelivery.BankCode", "bank_code"),
        ("backAddress.zipCode", "return_address"),
        ("senderMask", "sender_mask"),
        ("ageCheck", "age_check"),
        ("depot", "depot"),
    ],
)
def test_what_is_wrong_with_a_login_is_not_told_of_the_parcel(path: str, name: str) -> None:
    wire = Wire(told({"errors": {f"shipments[0].{path}": ["Is wrong."]}}, 400))

    [refused] = ppl(wire, **OF_LOGIN).book([replace(HOME, adults_only=True)])

    assert isinstance(refused, CarrierRefused)
    [fault] = refused.faults
    assert (fault.field, fault.theirs, fault.says) == (None, path, f"what the login gives as {name}: Is wrong.")
    assert name in refused.why


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("backAddress.zipCode", "return_to.zip"),
        ("senderMask.zipCode", "options.sender_mask"),
        ("ageCheck", "adults_only"),
        ("cashOnDelivery.codPrice", "cod.amount"),
        ("backAddressee", None),
    ],
)
def test_what_the_parcel_says_itself_is_told_of_the_parcel(path: str, field: str | None) -> None:
    own = replace(asked(sender_mask=LINE, age_check="A15"), return_to=MALY)
    wire = Wire(told({"errors": {f"shipments[0].{path}": ["Is wrong."]}}, 400))

    [refused] = ppl(wire, **OF_LOGIN).book([own])

    assert isinstance(refused, CarrierRefused)
    assert [(fault.field, fault.says) for fault in refused.faults] == [(field, "Is wrong.")]


def test_a_format_of_labels_that_is_none_is_said_as_the_login_is_entered_and_stops_no_parcel() -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(), label_format="docx").test_all()

    assert [fault.field for fault in refused.value.faults] == ["label_format"]
    assert given.format_of(account(label_format="docx")) is Format.PDF
    assert not list(given.faults(account(label_format="docx")))


def test_all_that_is_read_of_an_account_may_be_given() -> None:
    assert {*given.FORMS, *given.LINES, "depot", "label_format"} == given.MAY_GIVE.keys()


# ages


def test_a_code_of_the_account_checks_an_age_without_a_guess() -> None:
    adults = replace(HOME, adults_only=True)
    wire = Wire(CREATED)

    [taken] = ppl(wire, age_check="X18").book([adults])

    assert isinstance(taken, Pending)
    assert b'"ageCheck":"X18"' in wire.calls[0][1].body
    assert said(adults, age_check="X18") == []
    assert "ageCheck" not in sent(HOME, age_check="X18")


def test_a_code_of_the_shipment_checks_an_age_whatever_is_switched_on() -> None:
    adults = replace(asked(age_check="X18"), adults_only=True)

    [taken] = ppl(Wire(CREATED)).book([adults])

    assert isinstance(taken, Pending)
    assert said(adults) == []


# outside the EU


def test_connect_plus_is_offered_where_it_is_switched_on() -> None:
    plus = replace(HOME, service="COPL", recipient=BERN, cod=None)

    assert ("service", "not_offered") in said(plus)
    assert said(plus, rules.OUTSIDE_UNION) == []
    assert sent(plus)["productType"] == "COPL"
    assert "COPL" in Ppl(account(rules.OUTSIDE_UNION), Wire(), Watch()).able.services


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"recipient": JANA}, [("recipient.country", "not_offered")]),
        ({"cod": Cod(Money(12_50, "EUR"), "1")}, []),
        ({"cod": Cod(Money(12_50, "CHF"), "1")}, [("cod.amount", "bad_currency")]),
        ({"cod": Cod(Money(12_50, "EUR"), "")}, [("cod.variable_symbol", "missing")]),
        ({"cod": Cod(Money(3_001_00, "EUR"), "1")}, [("cod.amount", "too_much")]),
        ({"service": "CONN"}, [("recipient.country", "not_offered")]),
    ],
)
def test_what_goes_outside_the_union_has_its_rules(changed, faults) -> None:
    plus = replace(HOME, service="COPL", recipient=BERN, cod=None)

    assert said(replace(plus, **changed), rules.OUTSIDE_UNION) == faults


# a contact that is corrected


def test_a_contact_is_corrected() -> None:
    wire = Wire(Reply(200))

    ppl(wire).redirect(parcel("70990012345"), JANA)

    call = wire.calls[0][1]
    assert (call.method, call.url.partition("myapi2")[2]) == ("POST", "/shipment/70990012345/redirect")
    assert json.loads(call.body) == {
        "contact": "Jana Dvořáková",
        "phone": "+420601234567",
        "email": "jana.dvorakova@example.cz",
    }


def test_what_nobody_corrects_stays_as_it_is() -> None:
    call = calls.redirect_call(account(), "1", replace(JANA, name="", email=""))

    assert json.loads(call.body) == {"phone": "+420601234567"}


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"name": "", "phone": "", "email": ""}, "contact.name", "missing"),
        ({"name": "x" * 51}, "contact.name", "too_long"),
        ({"name": "Jana 🙂"}, "contact.name", "letters"),
        ({"phone": "12"}, "contact.phone", "bad_phone"),
        ({"email": "jana"}, "contact.email", "bad_email"),
    ],
)
def test_a_contact_that_is_none_is_told_to_nobody(changed, field: str, code: str) -> None:
    wire = Wire()

    with pytest.raises(CarrierRefused) as refused:
        ppl(wire).redirect(parcel("70990012345"), replace(JANA, **changed))

    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]
    assert wire.calls == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply(404), Kind.UNKNOWN), (told({"errors": {"shipmentNumber": ["Už je doručena."]}}, 400), Kind.CONTENT)],
)
def test_a_contact_that_is_not_corrected_says_why(reply: Reply, kind: Kind) -> None:
    with pytest.raises(CarrierRefused) as refused:
        ppl(Wire(reply)).redirect(parcel("70990012345"), JANA)

    assert refused.value.kind is kind


# numbers


@pytest.mark.parametrize(
    ("number", "is_one"),
    [("70990012345", True), ("7099001234", False), ("Z1234567890", False), ("", False), ("٧0990012345", False)],
)
def test_a_number_has_eleven_digits(number: str, *, is_one: bool) -> None:
    assert ppl(Wire()).is_number(number) is is_one


def test_what_ppl_insures_and_how_long_it_has_labels_is_said() -> None:
    assert Ppl.able.insures == {"CZK"}
    assert Ppl.able.label_days == 30
    assert Ppl.able.redirects
