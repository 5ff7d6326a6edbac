"""What the Post would refuse is found before it is asked."""

from dataclasses import replace

import pytest

from carriers import check
from carriers.money import Money
from carriers.shipment import Box, Cod, PointRef
from tests.carriers.ceska_posta.sample import HOME, JANA, OWN, THREE, TO_POINT, account, post

SIZED = {"options": {"size": "M"}}


def sized(**options: str):
    return replace(HOME, options={"size": "S", **options})


def found(shipment, given=None):
    adapter, _ = post(given=given or account())
    return [(fault.field, fault.code) for fault in adapter.validate(shipment)]


@pytest.mark.parametrize(
    "shipment", [TO_POINT, HOME, replace(THREE, **SIZED), replace(HOME, service="RR", value=Money(100, "EUR"))]
)
def test_a_good_shipment_has_no_fault(shipment) -> None:
    assert found(shipment) == []


@pytest.mark.parametrize(
    ("shipment", "fault"),
    [
        (replace(TO_POINT, point=None), ("point", "missing")),
        (replace(TO_POINT, point=PointRef("6020")), ("point", "not_offered")),
        (replace(TO_POINT, point=PointRef("60200", "packeta")), ("point", "not_offered")),
        (replace(HOME, point=PointRef("60200")), ("point", "not_both")),
        (replace(HOME, service="NP", point=PointRef("60200")), ("service", "not_offered")),
        (replace(HOME, service="XX"), ("service", "not_offered")),
        (replace(HOME, sender=JANA), ("sender", "not_offered")),
        (replace(HOME, adults_only=True), ("adults_only", "not_offered")),
        (replace(HOME, value=Money(0, "CZK")), ("value", "missing")),
        (replace(HOME, value=Money(100, "EUR")), ("value", "bad_currency")),
        (replace(HOME, cod=Cod(Money(129_050, "CZK"), "1")), ("cod.amount", "bad_amount")),
        (replace(HOME, cod=Cod(Money(1_000, "EUR"), "1")), ("cod.amount", "bad_currency")),
        (replace(HOME, cod=Cod(Money(129_000, "CZK"), "")), ("cod.variable_symbol", "missing")),
        (replace(HOME, cod=Cod(Money(129_000, "CZK"), "VS1")), ("cod.variable_symbol", "letters")),
        (replace(HOME, cod=Cod(Money(129_000, "CZK"), "12345678901")), ("cod.variable_symbol", "too_long")),
        (replace(HOME, boxes=(Box(1_000),), options={}), ("options.size", "missing")),
        (replace(HOME, options={"size": "XXL"}), ("options.size", "not_offered")),
        (replace(HOME, boxes=(Box(1_000, 2_401),)), ("boxes[0]", "too_large")),
        (replace(HOME, boxes=(Box(0),)), ("boxes[0].weight_g", "missing")),
        (replace(HOME, boxes=(Box(1),) * 6), ("boxes", "too_many")),
        (replace(HOME, boxes=()), ("boxes", "missing")),
        (replace(HOME, reference="R" * 51), ("reference", "too_long")),
        (replace(THREE, reference="R" * 49, **SIZED), ("reference", "too_long")),
        (replace(HOME, note="n" * 51), ("note", "too_long")),
        (replace(HOME, order_number="4" * 46), ("order_number", "too_long")),
        (replace(HOME, options={"size": "S", "colour": "red"}), ("options.colour", "not_offered")),
        (replace(HOME, options={"size": "S", "services": "10, 99"}), ("options.services", "not_offered")),
        (replace(HOME, options={"size": "S", "services": "34,46"}), ("options.services", "not_both")),
        (replace(HOME, options={"size": "S", "services": "76"}), ("recipient.phone", "bad_phone")),
        (replace(HOME, recipient=replace(JANA, phone=""), options={"services": "45"}), ("recipient.phone", "missing")),
        (replace(HOME, options={"size": "S", "services": "46"}), ("recipient.email", "missing")),
        (replace(TO_POINT, options={"point_city": "Brno\0"}), ("options.point_city", "letters")),
        (sized(notice="44"), ("options.notice", "not_offered")),
        (sized(notice="46", services="34"), ("options.notice", "not_both")),
        (sized(notice="none", services="34"), ("options.notice", "not_both")),
        (sized(notice="46"), ("recipient.email", "missing")),
        (sized(services="Du"), ("options.services", "not_offered")),
        (replace(HOME, service="RR", options={"services": "7"}), ("options.services", "not_both")),
        (sized(note2="n" * 51), ("options.note2", "too_long")),
        (sized(note_print="n" * 51), ("options.note_print", "too_long")),
        (sized(reference_number="n" * 31), ("options.reference_number", "too_long")),
        (sized(specific_symbol="1" * 11), ("options.specific_symbol", "too_long")),
        (sized(specific_symbol="SS1"), ("options.specific_symbol", "letters")),
        (sized(return_days="100"), ("options.return_days", "too_long")),
        (sized(pallets="0"), ("options.pallets", "letters")),
        (sized(address_code="x"), ("options.address_code", "letters")),
        (replace(TO_POINT, options={"city_part": "Židenice"}), ("options.city_part", "not_both")),
        (replace(HOME, recipient=replace(JANA, more="2. patro\0")), ("recipient.more", "letters")),
        (replace(HOME, options={"size": "S", "serial": "6000"}), ("options.serial", "not_offered")),
        (replace(HOME, recipient=replace(JANA, country="SK", zip="811 01")), ("recipient.country", "not_offered")),
        (replace(HOME, recipient=replace(JANA, phone="12")), ("recipient.phone", "bad_phone")),
    ],
)
def test_a_fault_names_its_field(shipment, fault) -> None:
    assert fault in found(shipment)
    assert fault[1] in check.CODES


def test_a_post_office_is_offered_to_whom_vouched_for_it() -> None:
    shipment = replace(HOME, service="NP", point=PointRef("60200"))

    assert found(shipment, account(switches=("na_postu",))) == []


@pytest.mark.parametrize(
    ("service", "network", "faults"),
    [
        ("NP", None, []),
        ("NP", "na_postu", []),
        ("NP", "ceska_posta", []),  # an office of Balíkovna's list
        ("NB", "na_postu", [("point", "not_offered")]),
    ],
)
def test_a_point_is_of_the_list_its_product_ends_at(service, network, faults) -> None:
    shipment = replace(HOME, service=service, point=PointRef("60200", network))

    assert found(shipment, account(switches=("na_postu",))) == faults


@pytest.mark.parametrize("services", ["3,76", "20,22", "1A,1B", "4,5"])
def test_services_nobody_forbids_together_are_left_to_the_post(services) -> None:
    assert "options.services" not in {field for field, _ in found(sized(services=services))}


def test_newer_services_of_cod_are_offered_to_whom_vouched_for_them() -> None:
    shipment = replace(TO_POINT, options={"services": "Du"})

    assert found(shipment, account(switches=("newer_cod",))) == []


def test_an_order_number_is_as_long_as_it_likes_where_the_label_says_something_else() -> None:
    assert found(replace(sized(note_print="Eshop"), order_number="4" * 60)) == []


def test_an_account_with_own_numbers_demands_a_serial() -> None:
    assert found(TO_POINT, account(**OWN)) == [("options.serial", "missing")]
    assert found(replace(TO_POINT, options={"serial": "6000"}), account(**OWN)) == []


@pytest.mark.parametrize("service", ["RR", "VL"])
def test_letters_have_no_numbers_of_an_own_range(service) -> None:
    letter = replace(HOME, service=service, options={"serial": "6000"})

    assert found(letter, account(**OWN)) == [("service", "not_offered")]


def test_an_account_may_name_the_size_of_what_nobody_measured() -> None:
    assert found(replace(HOME, boxes=(Box(1_000),), options={}), account(size="L")) == []


def test_a_letter_has_no_size_class() -> None:
    assert found(replace(HOME, service="RR", boxes=(Box(200),), options={}, value=Money(0, "CZK"))) == []
