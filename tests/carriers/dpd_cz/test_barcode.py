"""The code on the label, by the vectors of docs/carriers.md 3.0."""

import pytest

from carriers import digits
from carriers.base import Address
from carriers.dpd_cz import barcode
from tests.carriers.dpd_cz.scene import shipment

VECTORS = (
    ("000393206219912345678101040", "9"),
    ("007110601782532948375101276", "X"),
    ("008182709980000020028101276", "B"),
    ("007110601632532948375179276", "A"),
)
CODE = "%006020013845600012345327203"


@pytest.mark.parametrize(("letters", "check"), VECTORS)
def test_the_line_below_the_code_ends_in_the_check_character_of_the_reference(letters, check):
    assert digits.mod_37_36(letters) == check
    assert barcode.line(f"%{letters}").replace(" ", "") == letters + check


@pytest.mark.parametrize(("letters", "check"), VECTORS)
def test_a_number_is_found_in_whatever_was_scanned_or_typed(letters, check):
    number = letters[7:21]

    for scanned in (f"%{letters}", letters, letters + check, barcode.line(letters).lower(), number, f" {number} "):
        assert barcode.number_in(scanned) == number


@pytest.mark.parametrize("scanned", ["", "13845600012", "%00", VECTORS[0][0] + "8", "Z1234567890", "١" * 14])
def test_what_is_no_code_of_dpd_has_no_number(scanned):
    assert barcode.number_in(scanned) is None


def test_a_code_has_the_post_code_the_number_the_service_and_the_country():
    assert barcode.built(zip_code="60200", number="13845600012345", service="327", country="CZ") == CODE


@pytest.mark.parametrize(
    "wrong", [{"number": "1"}, {"zip_code": "12345678"}, {"service": "1"}, {"country": "US"}, {"zip_code": "A-1"}]
)
def test_parts_that_do_not_fit_make_no_code(wrong):
    with pytest.raises(ValueError, match="bar code"):
        barcode.built(**{"zip_code": "60200", "number": "13845600012345", "service": "327", "country": "CZ"} | wrong)


def test_a_line_of_no_code_is_refused():
    with pytest.raises(ValueError, match="no DPD"):
        barcode.line("13845600012345")


@pytest.mark.parametrize(
    ("given", "service"),
    [({"service": "101"}, "101"), ({"service": "327"}, "327"), ({"service": "327", "cod": 100}, "329")],
)
def test_the_code_to_come_is_known_for_a_way_to_a_door(given, service):
    assert barcode.expected(shipment(**given), "13845600012345") == f"%006020013845600012345{service}203"


@pytest.mark.parametrize(
    "given",
    [
        {"service": "337", "point": "CZ21570"},
        {"service": "101", "cod": 100},
        {"service": "dpd12"},
        {"point": "CZ21570"},
        {"recipient": Address("J", "S", "C", "bad", "CZ")},
    ],
)
def test_where_nobody_knows_the_code_it_is_the_number_it_contains(given):
    assert barcode.expected(shipment(**given), "13845600012345") == "13845600012345"
