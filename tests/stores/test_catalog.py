"""The mirror of products lives by the rules of orders; variants come and go with their product."""

from service import catalog
from service.kit.mirroring import Counts, State
from tests.shop_items import at, product

SHOP = "t_one"


def read(conn, *page, began: float) -> list[catalog.Taken]:
    return catalog.mirror(conn, SHOP, page, read_at=at(began))


def kept(conn, product_id: int = 41) -> catalog.Mirrored:
    found = catalog.one(conn, SHOP, product_id)
    assert found
    return found


def test_a_newer_read_takes_over_and_names_what_differs(conn) -> None:
    read(conn, product(41, stock=5), began=10)

    (taken,) = read(conn, product(41, changed=20, stock=4, ean="859"), began=30)

    assert (taken.what, taken.fields) == ("changed", ["ean", "stock"])
    assert kept(conn).content["stock"] == 4
    assert kept(conn).code == "P41"


def test_a_read_that_began_earlier_is_stale(conn) -> None:
    read(conn, product(41, stock=4), began=10)

    assert [taken.what for taken in read(conn, product(41, stock=5), began=9)] == ["stale"]
    assert kept(conn).content["stock"] == 4


def test_without_a_stamp_the_read_that_began_last_wins(conn) -> None:
    read(conn, product(41, changed=None, stock=4), began=10)
    read(conn, product(41, changed=None, stock=5), began=9)

    assert kept(conn).content["stock"] == 4
    assert [taken.settle_again for taken in read(conn, product(41, changed=None), began=11)] == [False]


def test_a_read_close_after_the_change_is_looked_at_once_more(conn) -> None:
    assert [taken.settle_again for taken in read(conn, product(41, changed=0), product(42, changed=-60), began=1)] == [
        True,
        False,
    ]


def test_a_deleted_product_is_held_then_proven_gone_then_revived(conn) -> None:
    read(conn, product(41), began=10)

    assert catalog.delete_told(conn, SHOP, {41: at(20), 99: at(20)}) == [41]
    assert kept(conn).presence.state is State.MISSING
    assert catalog.live(conn, SHOP, [41, 99]) == set()
    assert [gone.became for gone in catalog.missing(conn, SHOP, [41, 99], read_at=at(30), now=at(30))] == [
        "deleted",
        "unknown",
    ]
    assert [taken.what for taken in read(conn, product(41), began=40)] == ["revived"]
    assert catalog.live(conn, SHOP, [41]) == {41}


def test_two_answers_five_minutes_apart_prove_a_product_gone(conn) -> None:
    read(conn, product(41), began=10)

    (first,) = catalog.missing(conn, SHOP, [41], read_at=at(20), now=at(21))
    (second,) = catalog.missing(conn, SHOP, [41], read_at=at(320), now=at(321))

    assert (first.became, first.look_again_at) == ("missing", at(320))
    assert second.became == "deleted"


def test_the_product_of_a_variant_is_found(conn) -> None:
    many = [{"variant_id": 77}, {"variant_id": "78"}, {"variant_id": None}, "nonsense"]
    read(conn, product(41, variants=many), product(42, variants=[{"variant_id": 79}]), product(43), began=10)

    assert catalog.of_variants(conn, SHOP, [78, 79, 5]) == {41: {78}, 42: {79}}


def test_a_fulfillment_list_keeps_what_was_read_last(conn) -> None:
    sets = product(41, changed=None, sets=[{"code": "A1", "quantity": 2}])

    assert catalog.mirror_list(conn, SHOP, "related", [sets], read_at=at(10)) == 1
    assert catalog.mirror_list(conn, SHOP, "related", [product(41, changed=None)], read_at=at(9)) == 0
    assert catalog.listed(conn, SHOP, "related", 41) == sets.raw
    assert catalog.listed(conn, SHOP, "parameters", 41) is None


def test_witnesses_are_live_products_that_were_not_asked_for(conn) -> None:
    read(conn, product(41), product(42), product(43), began=10)
    catalog.delete_told(conn, SHOP, {43: at(20)})

    assert catalog.witnesses(conn, SHOP, besides=[42], most=2) == [41]
    assert catalog.counts(conn, SHOP) == Counts(live=2, missing=1)
