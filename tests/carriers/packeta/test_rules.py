"""What Packeta would refuse is found before it is asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from carriers import check
from carriers.money import Money
from carriers.packeta import rules
from carriers.shipment import Address, Box, Cod, Customs, Goods, PointRef, Shipment
from tests.carriers.packeta.packing import JANA, PETR, TO_COURIERS_POINT, TO_HOME, TO_POINT, Says, packeta

IN_CZ = PointRef("18542", country="CZ")


def found(shipment: Shipment, *switches: str) -> set[tuple[str | None, str]]:
    carrier = packeta(Says(), switches=frozenset(switches))
    return {(fault.field, fault.code) for fault in carrier.validate(shipment)}


@pytest.mark.parametrize("good", [TO_POINT, TO_HOME, TO_COURIERS_POINT])
def test_a_good_shipment_has_no_fault(good: Shipment) -> None:
    assert found(good) == set()


TOYS = Goods("Hračky", 2, 900, Money(4_000, "EUR"), hs_code="950300", origin="CZ")
DECLARED = Customs((TOYS,), invoice_number="F-7")
BERN = replace(PETR, country="CH", zip="3011", city="Bern", phone="+41446681800")
ABROAD = replace(TO_HOME, recipient=BERN, options={"carrier_id": "3294"}, customs=DECLARED, value=Money(4_000, "EUR"))


def to(recipient: Address) -> Shipment:
    return replace(TO_HOME, recipient=recipient)


@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        (replace(TO_POINT, reference="x" * 37), "reference", "too_long"),
        (replace(TO_POINT, reference="x" * 35, boxes=(Box(1), Box(1))), "reference", "too_long"),
        (replace(TO_POINT, reference=" "), "reference", "missing"),
        (replace(TO_POINT, reference="a\x00"), "reference", "letters"),
        (replace(TO_POINT, service="drone"), "service", "not_offered"),
        (replace(TO_POINT, boxes=()), "boxes", "missing"),
        (replace(TO_POINT, boxes=(Box(1),) * 11), "boxes", "too_many"),
        (replace(TO_POINT, boxes=(Box(0),)), "boxes[0].weight_g", "missing"),
        (to(replace(PETR, name="x" * 33 + " y")), "recipient.name", "too_long"),
        (to(replace(PETR, name='Jan "Honza" Malý')), "recipient.name", "letters"),
        (to(replace(PETR, name="Jan; Malý")), "recipient.name", "letters"),
        (to(replace(PETR, name="Jan 😀 Malý")), "recipient.name", "letters"),
        (to(replace(PETR, company="x" * 33)), "recipient.company", "too_long"),
        (to(replace(PETR, company='"Malý"')), "recipient.company", "letters"),
        (to(replace(PETR, street="x" * 33 + " 1")), "recipient.street", "too_long"),
        (to(replace(PETR, house_number="1" * 17)), "recipient.house_number", "too_long"),
        (to(replace(PETR, street="Lipová")), "recipient.house_number", "missing"),
        (to(replace(PETR, city="x" * 33)), "recipient.city", "too_long"),
        (to(replace(PETR, zip="1")), "recipient.zip", "bad_zip"),
        (to(replace(PETR, phone="", email="")), "recipient.phone", "missing"),
        (to(replace(PETR, phone="123")), "recipient.phone", "bad_phone"),
        (to(replace(PETR, phone="+12025550123")), "recipient.phone", "bad_phone"),
        (to(replace(PETR, phone="+33612345678")), "recipient.phone", "bad_phone"),
        (replace(TO_POINT, recipient=replace(JANA, phone="+12025550123")), "recipient.phone", "bad_phone"),
        (to(replace(PETR, email="petr")), "recipient.email", "bad_email"),
        (to(replace(PETR, country="US")), "recipient.country", "not_offered"),
        (to(replace(PETR, country="DE", zip="10115")), "options.carrier_id", "missing"),
        (replace(TO_HOME, point=PointRef("1")), "point", "not_both"),
        (replace(TO_HOME, options={"carrier_id": "DPD"}), "options.carrier_id", "letters"),
        (replace(TO_HOME, options={"speed": "1"}), "options.speed", "not_offered"),
        (replace(TO_HOME, options={"carrier_service": "a, b"}), "options.carrier_service", "letters"),
        (replace(TO_HOME, options={"deliver_on": "soon"}), "options.deliver_on", "letters"),
        (replace(TO_HOME, options={"deliver_on": "20260310"}), "options.deliver_on", "letters"),
        (replace(TO_HOME, options={"deliver_on": "2026-W11-2"}), "options.deliver_on", "letters"),
        (replace(TO_HOME, options={"deliver_on": "2026-02-30"}), "options.deliver_on", "letters"),
        (replace(TO_HOME, options={"deliver_on": "2026-03-19"}), "options.deliver_on", "too_much"),
        (replace(TO_HOME, options={"deliver_on": "2026-03-03"}), "options.deliver_on", "past"),
        (replace(TO_HOME, options={"province": "a\n"}), "options.province", "letters"),
        (replace(TO_HOME, options={"province": "x" * 33}), "options.province", "too_long"),
        (replace(TO_HOME, options={"eshop": "a😀"}), "options.eshop", "letters"),
        (replace(TO_HOME, options={"customer_barcode": "x" * 33}), "options.customer_barcode", "too_long"),
        (replace(TO_HOME, options={"customer_barcode": "a b"}), "options.customer_barcode", "letters"),
        (
            replace(TO_HOME, boxes=(Box(1), Box(1)), options={"customer_barcode": "ab"}),
            "options.customer_barcode",
            "not_both",
        ),
        (replace(TO_HOME, boxes=(Box(1, value=Money(1, "EUR")),)), "boxes[0].value", "bad_currency"),
        (replace(TO_HOME, boxes=(Box(1, value=Money(-1, "CZK")),)), "boxes[0].value", "bad_amount"),
        (replace(TO_HOME, options={"customs_attributes": "ead=carrier"}), "options.customs_attributes", "not_offered"),
        (replace(TO_HOME, customs=DECLARED), "customs", "not_offered"),
        (to(replace(PETR, more="c/o Nová")), "recipient.more", "not_offered"),
        (replace(TO_HOME, adults_only=True), "adults_only", "not_offered"),
        (replace(TO_COURIERS_POINT, adults_only=True), "adults_only", "not_offered"),
        (replace(TO_POINT, point=None), "point", "missing"),
        (replace(TO_POINT, point=PointRef("Brno")), "point", "letters"),
        (replace(TO_POINT, point=PointRef("1", network="dpd")), "point", "letters"),
        (replace(TO_POINT, point=PointRef("a\x01", network="3060")), "point", "letters"),
        (replace(TO_POINT, note="x" * 129), "note", "too_long"),
        (replace(TO_POINT, note="a;b"), "note", "letters"),
        (replace(TO_POINT, note='a"b'), "note", "letters"),
        (replace(TO_POINT, note="a😀"), "note", "letters"),
        (replace(TO_POINT, cod=Cod(Money(129_050, "CZK"), "1")), "cod.amount", "bad_amount"),
        (replace(TO_POINT, cod=Cod(Money(0, "CZK"), "1")), "cod.amount", "bad_amount"),
        (replace(TO_POINT, point=IN_CZ, cod=Cod(Money(100, "EUR"), "1")), "cod.amount", "bad_currency"),
        (replace(TO_POINT, cod=Cod(Money(100, "USD"), "1")), "cod.amount", "bad_currency"),
        (replace(TO_POINT, cod=None, point=replace(IN_CZ, country="CH")), "point", "not_offered"),
        (replace(TO_POINT, value=Money(100, "EUR")), "value", "bad_currency"),
        (replace(TO_POINT, cod=None, value=Money(100, "USD")), "value", "bad_currency"),
        (replace(TO_POINT, value=Money(-1, "CZK")), "value", "bad_amount"),
    ],
)
def test_what_packeta_refuses_is_told_by_field(bad: Shipment, field: str, code: str) -> None:
    assert (field, code) in found(bad)


def goods(**changed: Any) -> Shipment:
    return replace(ABROAD, customs=Customs((TOYS, replace(TOYS, **changed))))


@pytest.mark.parametrize(
    "good",
    [
        ABROAD,
        replace(ABROAD, options={"carrier_id": "3294", "customs_attributes": "ead=own|mrn=26CZ1"}),
        replace(TO_HOME, boxes=(Box(1), Box(1)), options={"customs_attributes": "ead=own"}),  # stands in its pairing
        replace(TO_HOME, customs=DECLARED),  # the Canary Islands are in Spain and in no customs union
        replace(TO_POINT, point=PointRef("18542")),  # where it lies nobody knows: Packeta says it
        goods(hs_code="", origin="", weight_g=0),
    ],
)
def test_what_leaves_the_union_is_taken_declared_where_that_is_switched_on(good: Shipment) -> None:
    assert found(good, "customs") == set()


@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        (replace(ABROAD, customs=None), "customs", "missing"),
        (replace(ABROAD, customs=None, options={"customs_attributes": "ead=own"}), "customs", "missing"),
        (replace(ABROAD, customs=Customs(())), "customs.goods", "missing"),
        (replace(ABROAD, customs=Customs((TOYS,), invoice_number="a\x00")), "customs.invoice_number", "letters"),
        (replace(ABROAD, boxes=(Box(1), Box(1))), "boxes", "too_many"),
        (goods(content=" "), "customs.goods[1].content", "missing"),
        (goods(content="a\x00"), "customs.goods[1].content", "letters"),
        (goods(quantity=0), "customs.goods[1].quantity", "missing"),
        (goods(value=Money(-1, "EUR")), "customs.goods[1].value", "bad_amount"),
        (goods(hs_code="95.03"), "customs.goods[1].hs_code", "letters"),
        (goods(hs_code="9" * 11), "customs.goods[1].hs_code", "too_long"),
        (goods(origin="cz"), "customs.goods[1].origin", "letters"),
        (replace(ABROAD, options={"customs_attributes": "ead"}), "options.customs_attributes", "letters"),
        (replace(ABROAD, options={"customs_attributes": "a=\x00"}), "options.customs_attributes", "letters"),
        (replace(ABROAD, options={"customs_attributes": f"a={'b' * 999}"}), "options.customs_attributes", "too_long"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_told_by_field(bad: Shipment, field: str, code: str) -> None:
    assert (field, code) in found(bad, "customs")


@pytest.mark.parametrize(
    ("email", "faults"), [("", {("options.mail_return", "not_offered")}), ("p@example.com", set())]
)
def test_what_packeta_is_to_mail_wants_an_address_on_the_way_back_alone(email: str, faults: set[object]) -> None:
    there = replace(TO_HOME, recipient=replace(PETR, email=email), options={"mail_return": "1"})

    assert {(fault.field, fault.code) for fault in packeta(Says()).validate_back(there)} == faults
    assert found(there) == set()


def test_options_that_stand_in_every_declaration_are_known_where_goods_are_declared() -> None:
    said = replace(ABROAD, options={**ABROAD.options, "hs_code": "950300", "customs_category": "sale"})

    assert found(said, "customs") == set()


def test_countries_widen_with_the_switch_alone() -> None:
    assert ("recipient.country", "not_offered") in found(ABROAD)
    assert packeta(Says()).able.countries == check.UNION


EUROS = {"value": Money(5_000, "EUR"), "cod": Cod(Money(5_000, "EUR"), "417")}


@pytest.mark.parametrize(
    ("country", "zip_", "point", "money", "faults"),
    [
        ("SK", "811 01", IN_CZ, {}, set()),
        ("CH", "8001", IN_CZ, {}, set()),
        ("CZ", "811 01", PointRef("18542"), {}, set()),  # an address nobody hears of
        ("SK", "811 01", IN_CZ, EUROS, {("cod.amount", "bad_currency")}),
        ("CZ", "110 00", PointRef("18542"), EUROS, set()),  # where it lies nobody knows: Packeta says it
    ],
)
def test_a_parcel_goes_to_the_country_of_its_point_and_not_of_its_recipient(
    country: str, zip_: str, point: PointRef, money: Mapping[str, Any], faults: set[tuple[str, str]]
) -> None:
    there = replace(JANA, country=country, zip=zip_)

    assert found(replace(TO_POINT, recipient=there, point=point, **money)) == faults


@pytest.mark.parametrize(
    ("country", "zip_", "phone"),
    [("CZ", "60200", "+421905123456"), ("FR", "75001", "+33612345678"), ("FR", "75001", "06 12 34 56 78")],
)
def test_a_telephone_of_a_listed_country_or_of_its_own_is_taken(country: str, zip_: str, phone: str) -> None:
    there = replace(PETR, country=country, zip=zip_, phone=phone)

    assert found(replace(TO_HOME, recipient=there, options={"carrier_id": "131"})) == set()


def test_every_code_has_words() -> None:
    bad = replace(TO_HOME, options={"x": "1", "deliver_on": "?"}, note=";", point=PointRef("x"), boxes=())

    assert {code for _, code in found(bad)} <= check.CODES.keys()


def test_adults_are_asked_at_packetas_own_points_alone() -> None:
    assert found(replace(TO_POINT, adults_only=True)) == set()


def test_forints_go_by_five() -> None:
    hungarian = replace(JANA, country="HU", zip="1051", phone="+3612345678")
    five = replace(TO_POINT, recipient=hungarian, cod=Cod(Money(1_005, "HUF"), "1"), value=Money(1_003, "HUF"))

    assert found(five) == set()
    assert ("cod.amount", "bad_amount") in found(replace(five, cod=Cod(Money(1_003, "HUF"), "1")))


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Jana Dvořáková", ("Jana", "Dvořáková")),
        ("  Anna  Marie   Nová ", ("Anna Marie", "Nová")),
        ("Novák", ("Novák", "-")),
        ("Jana Dvor\u030ca\u0301kova\u0301", ("Jana", "Dvořáková")),
        ("Sdružení přátel starého železa a mědi", ("Sdružení přátel starého železa a", "mědi")),
        ("Sdružení přátel velmi starého železa a mědi", ("Sdružení přátel velmi starého", "železa a mědi")),
    ],
)
def test_a_name_is_cut_where_both_parts_fit(whole: str, parts: tuple[str, str]) -> None:
    assert rules.names(whole) == parts


@pytest.mark.parametrize(
    ("street", "number", "parts"),
    [
        ("Lipová 12/3", "", ("Lipová", "12/3")),
        ("Lipová", "12/3", ("Lipová", "12/3")),
        ("Lipová 7", "12", ("Lipová 7", "12")),
        ("28. října 15", "", ("28. října", "15")),
        ("náměstí 28. října", "", ("náměstí 28. října", "")),
        ("Hlavní 5, byt 3", "", ("Hlavní 5, byt 3", "")),
        ("č.p. 12", "", ("č.p.", "12")),
        ("12", "", ("12", "")),
        ("Lipová 12 a", "", ("Lipová 12 a", "")),
    ],
)
def test_a_house_number_is_cut_only_where_it_is_plain(street: str, number: str, parts: tuple[str, str]) -> None:
    assert rules.house(replace(PETR, street=street, house_number=number)) == parts
