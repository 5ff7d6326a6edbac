"""The code on the label, by the vectors of docs/carriers.md 3.0."""

import pytest

from carriers import digits
from carriers.dpd_cz import barcode

VECTORS = (
    ("000393206219912345678101040", "9"),
    ("007110601782532948375101276", "X"),
    ("008182709980000020028101276", "B"),
    ("007110601632532948375179276", "A"),
)


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


def test_a_line_of_no_code_is_refused():
    with pytest.raises(ValueError, match="no DPD"):
        barcode.line("13845600012345")
