import pytest

from carriers.base import Address
from carriers.street import parted


@pytest.mark.parametrize(
    ("street", "number", "cut"),
    [
        ("Lipová 12", "", ("Lipová", "12")),
        ("Lipová  12/3 ", "", ("Lipová", "12/3")),
        ("Lipová 12 / 3b", "", ("Lipová", "12 / 3b")),
        ("28. října 1137 B", "", ("28. října", "1137 B")),
        ("Nám. 17. listopadu 5", "", ("Nám. 17. listopadu", "5")),
        ("Lipová", "12", ("Lipová", "12")),
        ("Lipová 12", "12", ("Lipová 12", "12")),
        ("náměstí 28. října", "", ("náměstí 28. října", "")),
        ("Hlavní 5, byt 3", "", ("Hlavní 5, byt 3", "")),
        ("Hlavní 5 3", "", ("Hlavní 5 3", "")),
        ("Lipová", "", ("Lipová", "")),
        ("417", "", ("417", "")),
    ],
)
def test_the_number_behind_a_street_is_cut_where_it_can_be_nothing_else(street, number, cut) -> None:
    assert parted(Address("Jana", street, "Brno", "60200", "CZ", house_number=number)) == cut
