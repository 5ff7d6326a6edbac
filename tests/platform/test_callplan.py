"""A call that is not declared cannot be made."""

import inspect
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from operator import methodcaller
from typing import Any

import pytest

from service.platform import callplan
from service.platform.client import Shop
from service.platform.shapes import NewAffiliate, OrderUpdate
from service.platform.wire import Answer, Ask

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WITH: dict[str, Callable[[Shop], object]] = {
    "create_webhook": lambda shop: shop.create_webhook("a", "https://hooks.example.com", "Orders.update"),
    "update_webhook": lambda shop: shop.update_webhook(1, name="a", url="b", event="Orders.update"),
    "delete_webhooks": lambda shop: shop.delete_webhooks([1]),
    "orders_by_numbers": lambda shop: shop.orders_by_numbers(["1"]),
    "orders_created": lambda shop: shop.orders_created(NOW, NOW),
    "orders_about": lambda shop: shop.orders_about(NOW, NOW),
    "orders_changed": lambda shop: shop.orders_changed(NOW),
    "orders_before_resend": lambda shop: shop.orders_before_resend(["1"]),
    "update_orders": lambda shop: shop.update_orders([OrderUpdate("1", 5, None)], send_emails=True, send_sms=False),
    "add_history": lambda shop: shop.add_history("1", [("a", "b")]),
    "affiliates": lambda shop: shop.affiliates("7"),
    "add_affiliates": lambda shop: shop.add_affiliates("7", [NewAffiliate("1x", "a", "b", "c", "60200", "cz")]),
    "remove_affiliates": lambda shop: shop.remove_affiliates("7", ["1x"]),
    "products_by_ids": lambda shop: shop.products_by_ids([1]),
    "products_changed": lambda shop: shop.products_changed(NOW),
}
WRITTEN = b'{"webhook": {"id": 1, "event": "Orders.update"}}'


def asked(addon: callplan.AddonType) -> list[Ask[Any]]:
    """Return what the methods of the client ask; an add-on of another type may not call all of them."""
    asks: list[Ask[Any]] = []

    def answer(ask: Ask[Any]) -> Any:
        asks.append(ask)
        return ask.read(Answer(NOW, 200, {}, WRITTEN, ask))

    shop = Shop(answer, addon=addon)
    for method in (name for name, _ in inspect.getmembers(shop, inspect.ismethod) if not name.startswith("_")):
        with nullcontext() if addon == "fulfillment" else suppress(callplan.Undeclared):
            WITH.get(method, methodcaller(method))(shop)
    return asks


def test_every_method_names_a_row_and_every_row_is_used() -> None:
    assert {ask.row.name for ask in asked("fulfillment")} == set(callplan.ROWS)


def test_an_expedition_add_on_asks_nothing_it_has_not_declared() -> None:
    names = {ask.row.name for ask in asked("expedition")}

    assert names == {row.name for row in callplan.ROWS.values() if "expedition" in row.types}
    assert names == set(callplan.ROWS) - {"product_parameters", "product_related"}


def test_path_and_verb_come_from_the_plan() -> None:
    assert {(ask.row.verb, ask.row.path) for ask in asked("fulfillment")} == {
        (row.verb, row.path) for row in callplan.ROWS.values()
    }


@pytest.mark.parametrize("name", ["orders_put", "", "product_related"])
def test_an_undeclared_call_is_found_before_anything_is_sent(name: str) -> None:
    with pytest.raises(callplan.Undeclared):
        callplan.row(name, "expedition")


def test_nothing_is_written_but_webhooks_and_orders_unless_somebody_switched_it_on() -> None:
    written = [row for row in callplan.ROWS.values() if row.verb != "GET" and row.path != "/webhooks"]

    assert {(row.verb, row.path) for row in written if not row.optional} == {
        ("PUT", "/orders"), ("POST", "/orders/{order_number}/history"),
    }  # fmt: skip
    assert {(row.verb, row.path) for row in written if row.optional} == {
        ("POST", "/shipments/{id}/affiliates"), ("DELETE", "/shipments/{id}/affiliates"),
    }  # fmt: skip


@pytest.mark.parametrize("row", callplan.ROWS.values(), ids=list(callplan.ROWS))
def test_a_row_says_what_the_marketplace_asks(row: callplan.Row) -> None:
    assert row.types
    assert all(len(text) > 3 for text in (row.section, row.endpoint, row.count))
    assert len(row.purpose) > 30


def test_a_plan_with_a_row_that_is_not_whole_is_not_loaded() -> None:
    with pytest.raises(ValueError, match="purpose"):
        callplan.read('[orders]\nsection = "Orders"\nendpoint = "Orders"\nverb = "GET"')
