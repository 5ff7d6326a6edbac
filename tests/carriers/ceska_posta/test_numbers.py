"""Parcel codes of a sender's own range, and the digit that proves them."""

from dataclasses import replace

import pytest

from carriers.ceska_posta import numbers
from carriers.errors import CarrierRefused, Kind
from tests.carriers.ceska_posta.sample import ACCOUNT, OWN, THREE, TO_POINT, account

VECTORS = ["DR4362230958U", "NB5847769990L", "NB0600004030U", "RR950819194CZ", "VL800017039CZ"]


@pytest.mark.parametrize("code", VECTORS)
def test_a_real_code_fits_its_check_digit(code) -> None:
    assert numbers.is_code(code)
    assert numbers.is_valid(code)


@pytest.mark.parametrize("code", VECTORS)
@pytest.mark.parametrize("place", range(2, 10))
def test_one_digit_mistyped_is_found(code, place) -> None:
    wrong = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]

    assert not numbers.is_valid(wrong)


@pytest.mark.parametrize(
    "text", [None, 5847769990, "", "NB584776999", "Z1234567890", "nb5847769990l", "NB58477６9990L"]
)
def test_what_is_no_code_is_none(text) -> None:
    assert not numbers.is_code(text)


@pytest.mark.parametrize(
    ("sender", "letter", "prefix", "serial", "code"),
    [
        ("58477", "L", "NB", 6999, "NB5847769990L"),
        ("060", "U", "NB", 403, "NB0600004030U"),
        ("436", "U", "DR", 223095, "DR4362230958U"),
    ],
)
def test_a_code_is_made_from_sender_and_serial(sender, letter, prefix, serial, code) -> None:
    given = account(number_sender=sender, number_letter=letter, number_first="0", number_last=str(serial))

    assert numbers.range_of(given).code(prefix, serial) == code


def test_each_box_has_the_next_serial() -> None:
    codes = numbers.codes_of(account(**OWN), replace(THREE, options={"serial": "6997"}))

    assert [code[7:11] for code in codes] == ["6997", "6998", "6999"]
    assert all(map(numbers.is_valid, codes))


def test_an_account_without_a_range_leaves_codes_to_the_post() -> None:
    assert numbers.codes_of(ACCOUNT, TO_POINT) == ()


@pytest.mark.parametrize(
    ("serial", "code"),
    [("", "missing"), ("x", "letters"), ("-1", "letters"), ("5999", "too_much"), ("7000", "too_much")],
)
def test_a_serial_is_one_of_the_range(serial, code) -> None:
    found = list(numbers.faults(account(**OWN), replace(TO_POINT, options={"serial": serial})))

    assert [(fault.field, fault.code) for fault in found] == [("options.serial", code)]


def test_the_last_box_too_has_a_serial_of_the_range() -> None:
    found = list(numbers.faults(account(**OWN), replace(THREE, options={"serial": "6998"})))

    assert [fault.code for fault in found] == ["too_much"]


@pytest.mark.parametrize(
    "given",
    [
        {"number_sender": "58477"},
        {**OWN, "number_letter": "C"},
        {**OWN, "number_letter": "X"},
        {**OWN, "number_first": "7000"},
        {**OWN, "number_last": "60000"},
        {**OWN, "number_last": "many"},
    ],
)
def test_a_range_that_makes_no_codes_is_the_accounts_matter(given) -> None:
    with pytest.raises(CarrierRefused) as refusal:
        numbers.range_of(account(**given))

    assert refusal.value.kind is Kind.ACCOUNT
