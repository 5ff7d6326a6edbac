"""What a merchant paired is kept as he answered it."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from service import pairings
from service.db import Database
from service.pairings import Pairing, Second
from tests.shop_items import NOON, at

SHOP = "t_one"
HOME = Pairing("packeta", "home", {"carrier_id": "106"}, Second("ppl", "PRIV", 90), 1_500)


@pytest.fixture
def conn(database) -> Iterator[psycopg.Connection]:
    opened = Database(database.url, size=1)
    opened.open()
    with opened.tx(SHOP) as conn:
        yield conn
    opened.close()


def test_a_pairing_is_known_by_the_shops_own_id(conn) -> None:
    pairings.save(conn, SHOP, "12", HOME, now=NOON)

    assert pairings.of(conn, SHOP) == {"12": replace(HOME, revision=1)}


def test_a_pairing_is_replaced_whole_and_counts_its_changes(conn) -> None:
    pairings.save(conn, SHOP, "12", HOME, now=NOON)

    assert pairings.save(conn, SHOP, "12", Pairing("gls", "parcel"), now=at(1)) == 2
    assert pairings.of(conn, SHOP) == {"12": Pairing("gls", "parcel", revision=2)}


def test_a_pairing_is_taken_back_once(conn) -> None:
    pairings.save(conn, SHOP, "12", HOME, now=NOON)

    assert pairings.forget(conn, SHOP, "12")
    assert not pairings.forget(conn, SHOP, "12")
    assert pairings.of(conn, SHOP) == {}


@pytest.mark.parametrize("wrong", [{"parcel_weight_g": 0}, {"second": Second("ppl", "PRIV", 0)}])
def test_a_figure_that_says_nothing_is_not_kept(conn, wrong) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
        pairings.save(conn, SHOP, "12", replace(HOME, **wrong), now=NOON)
