from dataclasses import replace
from typing import Any

import pytest

from carriers import check
from carriers.balikobot import rules, services
from carriers.money import Money
from carriers.shipment import Box, Cod, Customs, PointRef, Shipment
from tests.carriers.balikobot.made_up import ACCOUNT, RECIPIENT, account, home, shipment

SLOVAK = replace(RECIPIENT, zip="811 01", city="Bratislava", country="SK", phone="+421905123456")
HUNGARIAN = replace(RECIPIENT, zip="1011", city="Budapest", country="HU", phone="+36201234567")


def found(given: Shipment, *switches: str, **more: str) -> set[tuple[str | None, str]]:
    return {(fault.field, fault.code) for fault in rules.faults(given, account(*switches, **more))}


def test_a_value_that_is_only_told_may_be_in_any_currency() -> None:
    assert found(home(value=Money(100, "USD"))) == set()


@pytest.mark.parametrize("service", services.SERVICES)
def test_each_listed_service_can_be_booked(service: str) -> None:
    product = services.SERVICES[service]
    countries = {"SK": SLOVAK, "HU": HUNGARIAN, "PL": replace(RECIPIENT, zip="00-001", country="PL", phone="")}
    countries["RO"] = replace(RECIPIENT, zip="010011", country="RO", phone="")
    recipient = countries.get(product.country or "CZ", RECIPIENT)
    given = home(service=service, recipient=recipient, point=PointRef("60200") if product.to_point else None)

    assert found(given) == set()


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (home(service="ppl/45"), ("service", "not_offered")),
        (home(service="fancourier/1"), ("service", "not_offered")),
        (home(service="ppl"), ("service", "not_offered")),
        (shipment(point=None), ("point", "missing")),
        (home(value=Money(100, "USD"), options={"del_insurance": "1"}), ("value", "bad_currency")),
        (home(boxes=(Box(1, value=Money(100, "USD")),)), ("boxes[0].value", "bad_currency")),
        (shipment(point=PointRef(" ")), ("point", "missing")),
        (shipment(point=PointRef("1", "dpd")), ("point", "not_offered")),
        (home(point=PointRef("1")), ("point", "not_both")),
        (shipment(recipient=SLOVAK, cod=None), ("recipient.country", "not_offered")),
        (home(recipient=replace(RECIPIENT, phone="", email="")), ("recipient.phone", "missing")),
        (home(recipient=replace(RECIPIENT, phone="123")), ("recipient.phone", "bad_phone")),
        (home(recipient=replace(RECIPIENT, zip="99999")), ("recipient.zip", "bad_zip")),
        (home(sender=replace(RECIPIENT, city="")), ("sender.city", "missing")),
        (home(boxes=()), ("boxes", "missing")),
        (home(boxes=(Box(0),)), ("boxes[0].weight_g", "missing")),
        (home(boxes=(Box(1),) * 21), ("boxes", "too_many")),
        (home(boxes=(Box(1),) * 100), ("boxes", "too_many")),
        (shipment(cod=None, boxes=(Box(1),) * 2), ("boxes", "too_many")),
        (home(service="dpd/3", point=PointRef("1"), boxes=(Box(1),) * 2), ("boxes", "too_many")),
        (home(boxes=(Box(1),) * 2, cod=Cod(Money(100, "CZK"), "1")), ("cod", "not_both")),
        (shipment(cod=Cod(Money(12_950, "CZK"), "1")), ("cod.amount", "bad_amount")),
        (shipment(cod=Cod(Money(100, "EUR"), "1")), ("cod.amount", "bad_currency")),
        (shipment(cod=Cod(Money(100, "CZK"), "")), ("cod.variable_symbol", "missing")),
        (shipment(cod=Cod(Money(100, "CZK"), "12345678901")), ("cod.variable_symbol", "letters")),
        (shipment(cod=Cod(Money(100, "CZK"), "OBJ1")), ("cod.variable_symbol", "letters")),
        (home(service="sp/BZA", cod=Cod(Money(100, "CZK"), "1")), ("cod.amount", "bad_currency")),
        (
            shipment(service="zasilkovna/VMHU", recipient=HUNGARIAN, cod=Cod(Money(1_001, "HUF"), "1")),
            ("cod.amount", "bad_amount"),
        ),
        (shipment(options={"swap": "true"}), ("cod", "not_both")),
        (home(options={"parachute": "1"}), ("options.parachute", "not_offered")),
        (home(options={"content": "dárek 🎁"}), ("options.content", "letters")),
        (home(options={"content": "c" * 91}), ("options.content", "too_long")),
        (home(boxes=(Box(1, content="c" * 91),)), ("boxes[0].content", "too_long")),
        (home(boxes=(Box(1, content="🎁"),)), ("boxes[0].content", "letters")),
        (home(boxes=(Box(1, value=Money(1, "CZK")), Box(1))), ("boxes[1].value", "missing")),
        (home(boxes=(Box(1, value=Money(-1, "CZK")),)), ("boxes[0].value", "bad_amount")),
        (home(recipient=replace(RECIPIENT, more="🎁")), ("recipient.more", "letters")),
        (home(recipient=replace(RECIPIENT, region="\x00")), ("recipient.region", "letters")),
        (home(sender=replace(RECIPIENT, more="🎁")), ("sender.more", "letters")),
        (home(customs=Customs((), eori="🎁")), ("customs.eori", "letters")),
    ],
)
def test_what_would_be_refused_is_found_before(given: Shipment, fault: tuple[str, str]) -> None:
    assert found(given) == {fault}


@pytest.mark.parametrize(
    ("given", "switches", "more"),
    [
        (shipment(), (), {}),
        (home(note="n" * 400, order_number="OBJ-2026-00418"), (), {}),
        (home(boxes=(Box(1),) * 20, order_number="OBJ-2026-00418"), (), {}),
        (home(service="gls/1", boxes=(Box(1),) * 99), (), {}),
        (home(boxes=(Box(1),) * 2, cod=Cod(Money(100, "CZK"), "1")), ("cod_first_box",), {}),
        (home(service="gls/1", recipient=HUNGARIAN, cod=Cod(Money(1_001, "HUF"), "1")), (), {}),
        (shipment(options={"swap": "0"}), (), {}),
        (home(service="zasilkovna/4161"), (), {"services": "toptrans/1, zasilkovna/4161"}),
    ],
)
def test_what_would_be_taken_is_let_through(given: Shipment, switches: Any, more: Any) -> None:
    assert found(given, *switches, **more) == set()


def test_an_account_names_services_and_nothing_else() -> None:
    assert rules.offered(
        account(services="../admin/x, ppl, PPL/1, toptrans/1")
    ).services.keys() - services.SERVICES.keys() == {"toptrans/1"}


def test_fan_courier_is_offered_to_romanian_addresses_when_switched_on() -> None:
    there = replace(RECIPIENT, zip="400001", city="Cluj-Napoca", country="RO", phone="+40722123456")
    given, named = home(service="fan/Standard", recipient=there), {"services": "fan/Standard"}

    assert found(given, **named) == {("service", "not_offered")}
    assert found(given, "fan_courier") == {("service", "not_offered")}
    assert found(given, "fan_courier", **named) == set()
    assert found(replace(given, point=PointRef("F1")), "fan_courier", **named) == {("point", "not_both")}
    assert found(replace(given, recipient=RECIPIENT), "fan_courier", **named) == {("recipient.country", "not_offered")}


def test_findings_have_words() -> None:
    bad = shipment("", service="", recipient=replace(RECIPIENT, name="", zip="x", phone="x", email="x"), boxes=())

    assert {fault.code for fault in rules.faults(bad, ACCOUNT)} <= check.CODES.keys()


def test_what_is_cut_is_said() -> None:
    assert rules.notes(shipment()) == ()
    assert len(rules.notes(home(note="n" * 351, order_number="OBJ-2026-00418"))) == 2
