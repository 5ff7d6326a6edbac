"""What PPL would refuse is found before it is asked."""

from dataclasses import replace
from datetime import datetime

import pytest

from carriers import check
from carriers.base import Carrier, Handle
from carriers.errors import CarrierRefused, Kind
from carriers.money import Money
from carriers.ppl import Ppl, rules
from carriers.shipment import Box, Cod, PointRef
from tests.carriers.ppl.world import (
    CREATED,
    JANA,
    MALY,
    NOW,
    TO_POINT,
    TWO_BOXES,
    Watch,
    Wire,
    account,
    ppl,
    told,
)

HOME = replace(TO_POINT, service="PRIV", point=None)
ABROAD = replace(JANA, country="SK", zip="81101", phone="+421905123456")
LONG = "x" * 51


def said(shipment, *switches):
    found = Ppl(account(*switches), Wire(), Watch()).validate(shipment)
    return [(fault.field, fault.code) for fault in found]


@pytest.mark.parametrize(
    "shipment",
    [
        TO_POINT,
        TWO_BOXES,
        HOME,
        replace(HOME, service="BUSS", recipient=MALY),
        replace(HOME, service="DOPO"),
        replace(TO_POINT, service="SBOX", boxes=(Box(10_000, 380, 500, 400),)),
        replace(HOME, service="CONN", recipient=ABROAD, cod=Cod(Money(12_50, "EUR"), "1")),
        replace(TO_POINT, service="SMEU", recipient=ABROAD, cod=None, value=Money(45_00, "EUR")),
        replace(TO_POINT, point=PointRef("KM1", "ppl")),
        replace(TWO_BOXES, boxes=(Box(1000),) * 20),
        replace(HOME, cod=Cod(Money(100_000_00, "CZK"), "1234567890")),
    ],
)
def test_what_ppl_carries_is_let_through(shipment) -> None:
    assert said(shipment) == []


@pytest.mark.parametrize(
    ("shipment", "field", "code"),
    [
        (replace(HOME, service="COPL"), "service", "not_offered"),
        (replace(HOME, recipient=ABROAD, cod=None), "recipient.country", "not_offered"),
        (replace(HOME, service="CONN", cod=None), "recipient.country", "not_offered"),
        (replace(HOME, reference="x" * 101), "reference", "too_long"),
        (replace(HOME, reference=""), "reference", "missing"),
        (replace(HOME, recipient=replace(JANA, name=LONG)), "recipient.name", "too_long"),
        (replace(HOME, recipient=replace(JANA, company=LONG)), "recipient.company", "too_long"),
        (replace(HOME, recipient=replace(JANA, city=LONG)), "recipient.city", "too_long"),
        (replace(HOME, recipient=replace(JANA, email="a@b.cz" + LONG)), "recipient.email", "too_long"),
        (replace(HOME, recipient=replace(JANA, street="x" * 58)), "recipient.street", "too_long"),
        (replace(HOME, recipient=replace(JANA, zip="00000")), "recipient.zip", "bad_zip"),
        (replace(HOME, recipient=replace(JANA, phone="12")), "recipient.phone", "bad_phone"),
        (replace(HOME, sender=replace(MALY, city="")), "sender.city", "missing"),
        (replace(HOME, sender=replace(MALY, company=LONG)), "sender.company", "too_long"),
        (replace(HOME, adults_only=True), "adults_only", "not_offered"),
        (replace(HOME, value=Money(500_001_00, "CZK")), "value", "too_much"),
        (replace(TO_POINT, point=None), "point", "missing"),
        (replace(TO_POINT, point=PointRef("")), "point", "missing"),
        (replace(TO_POINT, service="PRIV"), "point", "not_both"),
        (replace(TO_POINT, point=PointRef("1", "packeta")), "point.network", "not_offered"),
        (replace(HOME, service="CONN", recipient=ABROAD, cod=None, boxes=(Box(1), Box(1))), "boxes", "too_many"),
        (replace(TWO_BOXES, boxes=(Box(1000),) * 21), "boxes", "too_many"),
        (replace(HOME, boxes=(Box(1), Box(0))), "boxes[1].weight_g", "missing"),
        (replace(TO_POINT, service="SBOX", boxes=(Box(10_001),)), "boxes[0].weight_g", "too_heavy"),
        (replace(TO_POINT, service="SBOX", boxes=(Box(1, 501, 1, 1),)), "boxes[0]", "too_large"),
        (replace(HOME, cod=Cod(Money(100_001_00, "CZK"), "1")), "cod.amount", "too_much"),
        (replace(HOME, cod=Cod(Money(100_50, "CZK"), "1")), "cod.amount", "bad_amount"),
        (replace(HOME, cod=Cod(Money(0, "CZK"), "1")), "cod.amount", "bad_amount"),
        (replace(HOME, cod=Cod(Money(10_00, "EUR"), "1")), "cod.amount", "bad_currency"),
        (replace(HOME, cod=Cod(Money(10_00, "CZK"), "12345678901")), "cod.variable_symbol", "too_long"),
        (replace(HOME, cod=Cod(Money(10_00, "CZK"), "")), "cod.variable_symbol", "missing"),
        (replace(HOME, cod=Cod(Money(10_00, "CZK"), "OBJ-417")), "cod.variable_symbol", "letters"),
        (replace(HOME, cod=Cod(Money(10_00, "CZK"), "٤١٧")), "cod.variable_symbol", "letters"),
        (
            replace(HOME, service="CONN", recipient=ABROAD, cod=Cod(Money(3_000_01, "EUR"), "1")),
            "cod.amount",
            "too_much",
        ),
    ],
)
def test_what_ppl_refuses_is_named(shipment, field: str, code: str) -> None:
    assert (field, code) in said(shipment)
    assert code in check.CODES


def test_one_fault_is_said_once() -> None:
    assert said(replace(TWO_BOXES, boxes=(Box(1000),) * 21)) == [("boxes", "too_many")]
    assert said(replace(TO_POINT, point=None)) == [("point", "missing")]


def test_an_age_is_checked_where_its_code_is_trusted() -> None:
    assert said(replace(HOME, adults_only=True), rules.ADULTS) == []
    assert rules.ADULTS in Ppl.able.unproven


@pytest.mark.parametrize(
    ("service", "value", "is_insured"),
    [
        ("PRIV", Money(50_000_00, "CZK"), False),
        ("PRIV", Money(50_000_01, "CZK"), True),
        ("SMAR", Money(20_000_00, "CZK"), False),
        ("SMAR", Money(20_001_00, "CZK"), True),
        ("CONN", Money(9_000_00, "EUR"), False),
        ("NOPE", Money(1_00, "CZK"), False),
    ],
)
def test_only_a_value_above_what_is_covered_is_declared(service: str, value: Money, *, is_insured: bool) -> None:
    assert rules.is_insured(replace(HOME, service=service, value=value)) is is_insured


REFUSED = [
    lambda carrier: carrier.hear({}, b""),
    lambda carrier: carrier.close([], datetime.date(NOW)),
    lambda carrier: carrier.return_label(HOME),
]


@pytest.mark.parametrize("ask", REFUSED)
def test_what_ppl_has_not_is_refused(ask) -> None:
    with pytest.raises(CarrierRefused) as refused:
        ask(ppl(Wire()))

    assert refused.value.kind is Kind.UNSUPPORTED


def test_what_ppl_can_is_what_it_says() -> None:
    able = Ppl.able

    assert issubclass(Ppl, Carrier)
    assert (able.batch, able.boxes, able.label_batch, able.track_batch, able.cancel_batch) == (1000, 20, 50, 100, 1)
    assert able.is_async
    assert able.finds
    assert not able.is_idempotent
    assert not able.pushes
    assert not able.returns
    assert Ppl.secret < Ppl.needs.keys()
    assert Handle("ppl", {}).carrier == Ppl.code


@pytest.mark.parametrize(
    ("value", "noted"),
    [
        (Money(5_000_00, "EUR"), ("its value of 5000.00 EUR was not declared: PPL insures values in CZK",)),
        (Money(60_000_00, "CZK"), ()),
        (Money(499_00, "EUR"), ()),
    ],
)
def test_a_value_that_goes_uninsured_is_noted_once_it_is_booked(value: Money, noted: tuple[str, ...]) -> None:
    abroad = replace(HOME, service="CONN", recipient=ABROAD, value=value)
    item = {"referenceId": HOME.reference, "shipmentNumber": "70990012345", "importState": "Complete"}
    carrier = ppl(Wire(CREATED, told({"items": [item]})))

    [pending] = carrier.book([abroad])
    [booked] = carrier.poll(pending.job, [pending.reference])

    assert booked.notes == noted
