"""What is wrong with a parcel is found before anybody is paid, field by field."""

from dataclasses import replace

import pytest

from carriers import check
from carriers.base import Able
from carriers.money import Money
from carriers.shipment import Address, Box, Cod, PointRef, Shipment

ABLE = Able(
    services={"home": "to the door"},
    countries=frozenset({"CZ", "SK", "HU"}),
    cod=frozenset({"CZK", "EUR"}),
    boxes=2,
    most_weight_g=30_000,
)
RECIPIENT = Address(
    "Jana Dvořáková", "Lipová 12", "Brno", "602 00", "CZ", phone="601 234 567", email="jana@example.com"
)
GOOD = Shipment("r1", "O1", "home", RECIPIENT, (Box(1_200),), Money(129_000, "CZK"))
COD = Cod(Money(129_000, "CZK"), "260001")


def found(shipment: Shipment) -> list[tuple[str | None, str]]:
    return [(fault.field, fault.code) for fault in check.shared(shipment, ABLE, options=("fragile",))]


def to(**changed: str) -> Shipment:
    return replace(GOOD, recipient=replace(RECIPIENT, **changed))


def test_a_good_parcel_has_no_faults() -> None:
    assert found(GOOD) == []
    assert found(replace(GOOD, cod=COD)) == []


@pytest.mark.parametrize(
    ("shipment", "fault"),
    [
        (to(name=" "), ("recipient.name", "missing")),
        (to(street=""), ("recipient.street", "missing")),
        (to(zip="902 00"), ("recipient.zip", "bad_zip")),
        (to(zip="6020"), ("recipient.zip", "bad_zip")),
        (to(phone="12"), ("recipient.phone", "bad_phone")),
        (to(email="jana at example.com"), ("recipient.email", "bad_email")),
        (to(name="Jana 🎁"), ("recipient.name", "letters")),
        (to(name="Jana \ud83c"), ("recipient.name", "letters")),
        (replace(GOOD, note="call\x00"), ("note", "letters")),
        (to(country="DE", zip="10115", phone=""), ("recipient.country", "not_offered")),
        (replace(GOOD, service="moon"), ("service", "not_offered")),
        (replace(GOOD, point=PointRef("18542")), ("point", "not_offered")),
        (replace(GOOD, adults_only=True), ("adults_only", "not_offered")),
        (replace(GOOD, boxes=()), ("boxes", "missing")),
        (replace(GOOD, boxes=(Box(1), Box(1), Box(1))), ("boxes", "too_many")),
        (replace(GOOD, boxes=(Box(0),)), ("boxes[0].weight_g", "missing")),
        (replace(GOOD, boxes=(Box(5), Box(30_001))), ("boxes[1].weight_g", "too_heavy")),
        (replace(GOOD, value=Money(-1, "CZK")), ("value", "bad_amount")),
        (replace(GOOD, cod=Cod(Money(0, "CZK"), "1")), ("cod.amount", "bad_amount")),
        (replace(GOOD, cod=Cod(Money(1_000, "EUR"), "1")), ("cod.amount", "bad_currency")),
        (replace(GOOD, cod=Cod(Money(129_000, "CZK"), "")), ("cod.variable_symbol", "missing")),
    ],
)
def test_each_fault_names_its_field(shipment: Shipment, fault: tuple[str, str]) -> None:
    assert found(shipment) == [fault]


def test_several_faults_are_all_told() -> None:
    assert len(found(replace(to(zip="1", phone="2"), boxes=(Box(0),)))) == 3


@pytest.mark.parametrize(
    ("country", "phone", "e164"),
    [
        ("CZ", "601 234 567", "+420601234567"),
        ("CZ", "+421 905 123 456", "+421905123456"),
        ("SK", "0905 123 456", "+421905123456"),
        ("HU", "06 20 123 4567", "+36201234567"),
        ("CZ", "00420601234567", "+420601234567"),
    ],
)
def test_a_telephone_number_is_read_as_its_country_writes_it(country: str, phone: str, e164: str) -> None:
    assert check.phone_of(replace(RECIPIENT, country=country, phone=phone)) == e164


@pytest.mark.parametrize(
    ("country", "given", "plain"),
    [("CZ", "602 00", "60200"), ("SK", "811 01", "81101"), ("SK", "SK-811 01", "81101"), ("NL", "1012 ab", "1012AB"),
     ("AT", "A-1010", "1010"), ("DE", "D-10115", "10115"), ("PL", "00-001", "00001"), ("IE", "D02 AF30", "D02AF30"),
     ("CZ", "81101", None)],
)  # fmt: skip
def test_a_post_code_is_one_of_its_country(country: str, given: str, plain: str | None) -> None:
    assert check.zip_of(replace(RECIPIENT, country=country, zip=given)) == plain


@pytest.mark.parametrize(
    ("box", "fits"),
    [(Box(1, 500, 400, 380), True), (Box(1, 380, 500, 400), True), (Box(1, 501, 10, 10), False), (Box(1), True),
     (Box(1, 450, 450, 10), False)],
)  # fmt: skip
def test_a_box_may_be_turned_to_fit(box: Box, fits: bool) -> None:
    assert (list(check.size("boxes[0]", box, (500, 400, 380))) == []) is fits


def test_where_nobody_collects_nothing_is_collected() -> None:
    far = replace(to(country="CH", zip="8001", phone=""), cod=COD)

    assert ("cod.amount", "bad_currency") in found(far)


def test_what_is_collected_must_be_payable() -> None:
    crowns = replace(GOOD, cod=Cod(Money(129_050, "CZK"), "1"))

    [fault] = check.rounded(crowns)

    assert (fault.field, fault.code, fault.limit) == ("cod.amount", "bad_amount", "1291.00 CZK")
    assert list(check.rounded(replace(GOOD, cod=COD))) == []


def test_the_world_is_countries_alone() -> None:
    assert {"GB", "US", "NO", "RS", "UA", "XK", "CZ"} <= check.WORLD
    assert not {"AC", "TA", "001"} & check.WORLD
    assert all(len(code) == 2 and code.isupper() for code in check.WORLD)


def test_no_line_of_an_address_holds_what_is_not_printed() -> None:
    given = replace(RECIPIENT, more="2. patro\0")

    assert [(one.field, one.code) for one in check.address("sender", given)] == [("sender.more", "letters")]
