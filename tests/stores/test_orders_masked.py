"""Of an order that ended what names a person goes, and nothing brings half of it back."""

from typing import Any

import pytest

from service import orders
from service.db import Conn
from service.orders.masking import masked
from tests.shop_items import at, order, raw_order

SHOP = "t_one"
PEOPLE = ["eva@example.com", "601 000 000", "Eva", "Nováková", "Dlouhá 1", "Praha", "Alza Box 7", "gift for Eva"]


def take(conn: Conn, *, read: float, **changed: Any) -> orders.Taken:
    (taken,) = orders.mirror(conn, SHOP, [order("O1", **changed)], read_at=at(read), source="event")
    return taken


def mask(conn: Conn) -> int:
    orders.hold(conn, SHOP)
    return orders.mask(conn, SHOP, ["O1", "O2"], now=at(99))


def test_nobody_is_named_in_what_is_left_and_the_goods_are() -> None:
    raw = raw_order("O1", internal_note="call Eva", metas=[{"value": "Eva"}], surprise="Eva", tracking_url="…/Eva")
    raw["customer"]["customer_note"] = "gift for Eva"
    raw["shipment"] |= {"affiliate_id": "7", "affiliate_name": "Alza Box 7"}
    raw["products"][0] |= {"configurations": [{"engraving": "Eva"}], "parameters": [{"value": "Eva"}]}

    left = masked(raw)

    assert [word for word in PEOPLE if word in str(left)] == []
    assert [line["quantity"] for line in left["products"]] == [2.0, 1]
    assert (left["order_total"], left["payment"]["type"]) == (1299.0, "cashOnDelivery")
    assert masked(left) == left


@pytest.mark.parametrize("strange", [None, 7, "Eva", ["Eva"], {"a": "Eva"}, [[{"a": "Eva"}], None]])
@pytest.mark.parametrize("field", ["customer", "products", "shipment", "payment"])
def test_a_shape_nobody_expects_is_masked_too(field: str, strange: object) -> None:
    raw = {"order_number": "O1", field: strange}

    assert "Eva" not in str(masked(raw))


@pytest.mark.parametrize("field", ["tracking_code", "order_total", "language_id"])
def test_a_field_that_stays_stays_only_as_a_plain_value(field: str) -> None:
    assert masked({field: {"name": "Eva"}}) == {"products": []}


def test_an_order_is_masked_once_and_one_we_do_not_know_never(conn: Conn) -> None:
    take(conn, read=1)

    assert (mask(conn), mask(conn)) == (1, 0)


def test_a_read_of_the_same_content_brings_it_back_and_says_so(conn: Conn) -> None:
    take(conn, read=1)
    mask(conn)

    taken = take(conn, read=5)

    assert (taken.what, taken.changes) == ("revived", {})
    assert orders.standing(conn, SHOP, ["O1"])["O1"].masked is False
    found = orders.one(conn, SHOP, "O1")
    assert found
    assert found.content == raw_order("O1")


def test_a_change_is_told_as_one(conn: Conn) -> None:
    take(conn, read=1)
    mask(conn)

    taken = take(conn, read=5, changed=4, status_id=7)

    assert taken.what == "changed"
    assert taken.changes["status_id"] == (1, 7)


def test_an_older_read_brings_nothing_back(conn: Conn) -> None:
    take(conn, read=5)
    mask(conn)

    assert take(conn, read=1).what == "stale"
    assert orders.standing(conn, SHOP, ["O1"])["O1"].masked
