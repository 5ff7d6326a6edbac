import pytest

from carriers.shipment import Address
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
        ("1. máje 5", "", ("1. máje", "5")),
        ("Náměstí 28. října 3/5a", "", ("Náměstí 28. října", "3/5a")),
        ("namesti 28.rijna 12", "", ("namesti 28.rijna", "12")),
        ("7. pěšího pluku 12", "", ("7. pěšího pluku", "12")),
        ("Március 15. tér 3", "", ("Március 15. tér", "3")),
        ("28. října", "", ("28. října", "")),
        ("Hlavná 12/B", "", ("Hlavná", "12/B")),
        ("Fő utca 36/A.", "", ("Fő utca", "36/A")),
        ("Fő utca 12.", "", ("Fő utca", "12")),
        ("Lipová 12/3/4", "", ("Lipová", "12/3/4")),
        ("Lipová 1234/5-7", "", ("Lipová", "1234/5-7")),
        *[
            (whole, "", (whole, ""))
            for whole in (
                "Kossuth Lajos utca 12. 3/5",
                "Petőfi u. 12. 3. em. 5",
                "Petőfi u. 12. emelet 5",
                "Rakoczi ut 12. fsz. 2",
                "Fő utca 12. II. 5",
                "Fő utca 12. A lh. 5",
                "Fő utca 12/A. 5",
                "Fő utca 12. üzlet 5",
                "Lipová 12. 3",
                "Lipová 12. patro 3",
                "12. fsz. 2",
                "Str. Lunga 5. Ap. 7",
            )
        ],
    ],
)
def test_the_number_behind_a_street_is_cut_where_it_can_be_nothing_else(street, number, cut) -> None:
    assert parted(Address("Jana", street, "Brno", "60200", "CZ", house_number=number)) == cut
