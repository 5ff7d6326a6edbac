"""The data of a shop: the same every time, and holding what is odd in real shops (contract 7)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest

from simulator import World, changes
from simulator.wire import parse_date, stamp, stamp_of
from tests.simulator.inside import Inside, inside

Record = dict[str, Any]


@pytest.fixture(scope="module")
def shop() -> Inside:
    return inside(orders=900, products=120)


def lines(record: Record) -> list[Record]:
    return record["products"]


def content(it: Inside) -> bytes:
    shop = it.shop
    lists = [shop.statuses, shop.shipments, shop.affiliates, shop.payments, shop.owners, shop.customers, shop.invoices]
    orders = b"".join(order.render() for order in shop.orders.values())
    return (
        orders
        + json.dumps([product.record for product in shop.products.values()]).encode()
        + json.dumps(lists).encode()
    )


def test_the_same_seed_brings_the_same_content_and_another_does_not() -> None:
    one, two, other = inside(seed=7), inside(seed=7), inside(seed=8)

    assert content(one) == content(two)
    assert content(one) != content(other)
    assert one.shop.token == two.shop.token


def test_what_happens_later_is_the_same_too() -> None:
    runs = []
    for it in (inside(seed=3), inside(seed=3)):
        for _ in range(20):
            number = changes.create_order(it.world, it.shop).number
            changes.change_random_order(it.world, it.shop, number)
        runs.append(content(it))

    assert runs[0] == runs[1]


def test_orders_were_created_within_the_days_before_now_and_changed_no_earlier(shop: Inside) -> None:
    now = int(shop.watch().timestamp())

    for order in shop.shop.orders.values():
        assert now - 91 * 86_400 < order.created <= order.updated <= now
        assert order.record["creation_time"] == stamp_of(order.created)
        assert order.record["last_update_time"] == stamp_of(order.updated)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("no status", lambda r: r["status_id"] is None and r["status"] is None),
        ("no customer", lambda r: r["customer"]["email"] is None),
        ("empty text for nothing", lambda r: "" in r["customer"].values()),
        ("another delivery address", lambda r: r["customer"]["postal_yn"] and r["customer"]["city_postal"]),
        ("company", lambda r: r["customer"]["company_yn"] and r["customer"]["ico"]),
        ("COD", lambda r: (r["payment"] or {}).get("type") == "cashOnDelivery" and not r["paid_date"]),
        ("pick-up point", lambda r: (r["shipment"] or {}).get("affiliate_id")),
        ("home delivery by Packeta", lambda r: (r["shipment"] or {}).get("packeta_carrier_id")),
        ("manual shipment", lambda r: r["shipment"] and r["shipment"]["id"] is None),
        ("no shipment", lambda r: r["shipment"] is None),
        ("set with parts", lambda r: {"set", "set_part"} <= {row.get("type") for row in lines(r)}),
        ("gift", lambda r: any(row.get("type") == "gift" and row["parent_uuid"] for row in lines(r))),
        ("discount line", lambda r: any(row.get("type") == "discount" for row in lines(r))),
        ("fraction", lambda r: any(row["quantity"] != int(row["quantity"]) for row in lines(r))),
        ("line without code", lambda r: any(row["code"] is None and row["product_id"] for row in lines(r))),
        ("manual line", lambda r: any(row["product_id"] is None for row in lines(r))),
        ("variant", lambda r: any(row["option_set_id"] and row["parameters"] for row in lines(r))),
        ("adults only", lambda r: any(row["adult_yn"] for row in lines(r))),
        ("cut length", lambda r: any(row["length"] for row in lines(r))),
        ("weightless", lambda r: any(row["weight"] in (None, 0) for row in lines(r))),
        ("older order", lambda r: "uuid" not in r and all("type" not in row for row in lines(r))),
        ("cash register", lambda r: r["origin"] == "cash–register"),
        ("sizes of odd types", lambda r: "dimensions" in r and r["dimensions"]["width"] is None),
        ("no sizes", lambda r: "dimensions" not in r),
        ("prices without VAT", lambda r: not r["prices_with_vat_yn"]),
        ("euro", lambda r: r["currency_id"] == "EUR" and r["default_currency_rate"] != 1),
        ("tracking link", lambda r: r["tracking_url"] and r["tracking_code"] in r["tracking_url"]),
        ("code without link", lambda r: r["tracking_code"] and r["tracking_url"] is None),
        ("consent without end", lambda r: any(row["valid_to"] is None for row in r["customer"]["agreements"])),
        ("consent with a date", lambda r: any(isinstance(row["valid_to"], str) for row in r["customer"]["agreements"])),
        ("consent of PHP", lambda r: any(isinstance(row["valid_to"], dict) for row in r["customer"]["agreements"])),
        ("fields by language", lambda r: any("cs" in row["values"] for row in r["metas"])),
        ("attachment", lambda r: any(row["name"] is None for row in r["attachments"])),
        ("shipment under an older name", lambda r: "(2024)" in (r["shipment"] or {}).get("name", "")),
        ("voucher", lambda r: r["discount_voucher"] and r["discount_voucher"]["discounts"]),
    ],
)
def test_the_orders_hold_what_is_odd_in_real_shops(shop: Inside, name: str, odd: Callable[[Record], object]) -> None:
    assert any(odd(order.record) for order in shop.shop.orders.values()), name


def test_the_demos_big_shop_is_cheap_to_fill_and_to_read() -> None:
    started = process_time()
    it = inside(orders=5_200, products=1_500)
    filled = process_time()
    for page in range(1, 53):
        it.client.get("/orders", params={"page": page, "order_by": "creation_time", "order_dir": "asc"})
    read = process_time()

    assert filled - started < 5
    assert (read - filled) / 52 < 0.03  # the second time a third of that: orders stay rendered


def test_several_orders_share_one_second(shop: Inside) -> None:
    assert len({order.created for order in shop.shop.orders.values()}) < len(shop.shop.orders)


def test_phones_come_in_several_forms(shop: Inside) -> None:
    phones = [order.record["customer"]["phone"] or "" for order in shop.shop.orders.values()]

    assert {phone[:2] for phone in phones} >= {"", "+4", "00"}
    assert any(" " in phone for phone in phones)


def test_nobody_real_could_be_mailed(shop: Inside) -> None:
    mails = {order.record["customer"]["email"] for order in shop.shop.orders.values()} - {None}

    assert all(mail.endswith(("@example.com", "@example.org")) for mail in mails)


def test_number_formats_differ_from_shop_to_shop() -> None:
    world = World(7, lambda: datetime(2025, 3, 3, tzinfo=UTC))
    first = [
        next(reversed(world.add_shop(slug, orders=30, products=5, days=20).orders)) for slug in ("a", "b", "c", "d")
    ]

    assert first == ["O250030", "2025/000030", "2025-00030", "SK 00030"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("2025-03-30T02:30:00+02:00", "2025-03-30T01:30:00+01:00"),
        ("2025-1-1", "2025-01-01T00:00:00+01:00"),
        ("2025-07-01 12:00:00", "2025-07-01T12:00:00+02:00"),
        ("2025-07-01T12:00:00.900Z", "2025-07-01T14:00:00+02:00"),
    ],
)
def test_dates_are_shown_with_the_offset_of_prague_in_whole_seconds(text: str, seen: str) -> None:
    at = parse_date(text)

    assert at is not None
    assert stamp(at) == seen


@pytest.mark.parametrize("text", ["", "now", "2025-13-01", "2025-01-01T00:00:00 01:00", "01.03.2025"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None
