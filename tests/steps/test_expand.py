"""Webhooks become hints: each at its time, and what makes no sense costs only itself."""

import json
from datetime import datetime
from typing import Any

import pytest

from service import catalog, inbox, journal, orders
from service.inbox import Delivery, Dial
from service.lanes import Lane, lane_of
from service.platform.hooks import Record
from service.steps import expand
from service.tenants import State
from tests.shop_items import at, order, product

SHOP = "t_one"
DIAL = Dial(interval_s=60, routine_s=1800, wait_s=0.5)
ACTIVE = (State.ACTIVE, 3)
NOW = at(0)
SHIPPED = 12


def deliver(conn, event: str, *bodies: bytes | dict[str, Any], generation: int = 3, size: int | None = None) -> None:
    told = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    inbox.store(
        conn,
        [Delivery(SHOP, generation, event, lane_of(event), body, size or len(body), NOW) for body in told],
    )


def numbers(*those: str, status_id: int | None = None) -> dict[str, Any]:
    return {"orders": [{"order_number": number, "status_id": status_id} for number in those]}


def expanded(conn, lane: Lane = Lane.REFRESH_ORDERS, *, now: datetime = NOW, **said: Any) -> expand.Expanded:
    return expand.expand(conn, SHOP, lane, **{"fence": ACTIVE, "dial": DIAL, "now": now, **said})


def hints(conn, lane: Lane = Lane.REFRESH_ORDERS) -> dict[str, tuple[float, bool]]:
    """Return for each hint in how many seconds it is due, and whether it is urgent."""
    found = conn.execute("SELECT key, due_at, urgent FROM hints WHERE lane = %s ORDER BY key", (lane.value,)).fetchall()
    return {row["key"]: ((row["due_at"] - NOW).total_seconds(), row["urgent"]) for row in found}


def outcomes(conn) -> list[tuple[str, str | None, int]]:
    found = conn.execute("SELECT outcome, reason, records FROM deliveries ORDER BY delivery_id").fetchall()
    return [(row["outcome"], row["reason"], row["records"]) for row in found]


def kinds(conn) -> list[tuple[str, str | None]]:
    found = conn.execute("SELECT kind, order_number FROM journal ORDER BY journal_id").fetchall()
    return [(row["kind"], row["order_number"]) for row in found]


def test_many_webhooks_about_one_order_are_one_hint(conn) -> None:
    deliver(conn, "Orders.create", numbers("A", "B"))
    deliver(conn, "Orders.update", numbers("A"), numbers("A", "C"))

    done = expanded(conn)

    assert hints(conn) == dict.fromkeys("ABC", (0.5, True))
    assert (done.deliveries, done.records, done.hints, done.more) == (3, 5, 3, False)
    assert outcomes(conn) == [("expanded", None, 2), ("expanded", None, 1), ("expanded", None, 2)]


def test_a_busy_shop_waits_for_its_interval(conn) -> None:
    inbox.note_read(conn, SHOP, Lane.REFRESH_ORDERS, at=at(-10), watermark=None)
    deliver(conn, "Orders.update", numbers("A"))
    expanded(conn)

    assert hints(conn) == {"A": (50.0, True)}


@pytest.mark.parametrize(
    ("action", "told", "shown", "urgent"),
    [
        ("create", SHIPPED, SHIPPED, True),
        ("delete", None, SHIPPED, True),
        ("update", SHIPPED, SHIPPED, False),
        ("update", None, SHIPPED, False),
        ("update", 7, SHIPPED, True),
        ("update", SHIPPED, 7, True),
        ("update", 7, 7, True),
        ("update", SHIPPED, None, True),
    ],
)
def test_what_may_still_be_shipped_is_urgent(action: str, told: int | None, shown: int | None, urgent: bool) -> None:
    assert expand.is_urgent(Record("A", action, told, None, "order"), shown, {SHIPPED}) is urgent


def test_only_news_of_settled_orders_may_wait(conn) -> None:
    inbox.note_read(conn, SHOP, Lane.REFRESH_ORDERS, at=at(-100), watermark=None)
    orders.mirror(conn, SHOP, [order("gone", status_id=SHIPPED), order("open")], read_at=at(-50), source="pull")
    deliver(conn, "Orders.update", numbers("gone", "open", "unknown"))
    expanded(conn, settled={SHIPPED})

    assert hints(conn) == {"gone": (1700.0, False), "open": (0.5, True), "unknown": (0.5, True)}


def test_one_urgent_word_makes_the_order_urgent(conn) -> None:
    orders.mirror(conn, SHOP, [order("A", status_id=SHIPPED)], read_at=at(-50), source="pull")
    deliver(conn, "Orders.update", numbers("A"), numbers("A", status_id=3), numbers("A"))
    expanded(conn, settled={SHIPPED})

    assert hints(conn) == {"A": (0.5, True)}


@pytest.mark.parametrize(("event", "urgent"), [("create", True), ("delete", True), ("update", False)])
def test_a_change_of_a_product_can_wait(conn, event: str, urgent: bool) -> None:
    inbox.note_read(conn, SHOP, Lane.REFRESH_PRODUCTS, at=at(-100), watermark=None)
    deliver(conn, f"Products.{event}", {"products": [{"product_id": 41}]})
    expanded(conn, Lane.REFRESH_PRODUCTS)

    assert hints(conn, Lane.REFRESH_PRODUCTS) == {"41": (0.5, True) if urgent else (1700.0, False)}


def test_a_deleted_variant_is_a_hint_about_the_product_that_has_it(conn) -> None:
    catalog.mirror(conn, SHOP, [product(41, variants=[{"variant_id": 77}, {"variant_id": 78}])], read_at=at(-50))
    deliver(conn, "Products.delete", {"products": [], "variants": [{"variant_id": 77}]})
    expanded(conn, Lane.REFRESH_PRODUCTS)

    assert hints(conn, Lane.REFRESH_PRODUCTS) == {"41": (0.5, True)}


def test_a_deleted_variant_of_no_product_we_know_is_a_look(conn) -> None:
    deliver(conn, "Products.delete", {"products": [], "variants": [{"variant_id": 77}]})
    expanded(conn, Lane.REFRESH_PRODUCTS)

    assert hints(conn, Lane.REFRESH_PRODUCTS) == {inbox.LOOK: (0.5, True)}


@pytest.mark.parametrize(
    ("event", "lane"),
    [
        ("OrderStatuses.update", Lane.REFRESH_STATUSES),
        ("Shipments.create", Lane.REFRESH_SHIPPING),
        ("Payments.delete", Lane.REFRESH_SHIPPING),
    ],
)
def test_a_list_that_changed_is_read_whole_after_two_seconds(conn, event: str, lane: Lane) -> None:
    deliver(conn, event, {"statuses": [{"order_status_id": "1"}, {"order_status_id": "2"}]}, {"statuses": []})
    expanded(conn, lane)

    assert hints(conn, lane) == {inbox.LOOK: (2.0, True)}


def test_a_deletion_holds_the_order_at_once(conn) -> None:
    orders.mirror(conn, SHOP, [order("A"), order("B")], read_at=at(-50), source="pull")
    deliver(conn, "Orders.delete", {"orders": [{"order_number": "A", "deletion_time": "2026-03-01T13:00:00+01:00"}]})
    deliver(conn, "Orders.delete", numbers("never seen"))
    expanded(conn)

    assert orders.statuses_of(conn, SHOP, ["A", "B"]).keys() == {"B"}
    assert kinds(conn) == [(journal.Kind.DELETE_TOLD, "A")]
    assert hints(conn) == {"A": (0.5, True), "never seen": (0.5, True)}


def test_an_unreadable_webhook_is_a_look_and_the_others_go_on(conn) -> None:
    deliver(conn, "Orders.update", numbers("A"), b"<html>", numbers("B"))

    done = expanded(conn)

    assert hints(conn) == dict.fromkeys((inbox.LOOK, "A", "B"), (0.5, True))
    assert [outcome for outcome, _, _ in outcomes(conn)] == ["expanded", "unreadable", "expanded"]
    assert kinds(conn) == [(journal.Kind.UNREADABLE, None)]
    assert done.unreadable == 1


def test_a_sample_is_unreadable_even_when_it_could_be_read(conn) -> None:
    deliver(conn, "Orders.update", numbers("A"), size=9_000_000)
    expanded(conn)

    assert hints(conn) == {inbox.LOOK: (0.5, True)}
    ((outcome, reason, _),) = outcomes(conn)
    assert outcome == "unreadable"
    assert "9000000 bytes" in str(reason)


def test_bad_records_are_set_aside_and_counted(conn) -> None:
    deliver(
        conn, "Orders.update", {"orders": [{"order_number": "A"}, {}, 7, {"order_number": ""}, {"order_number": "\0"}]}
    )

    done = expanded(conn)

    assert hints(conn) == dict.fromkeys((inbox.LOOK, "A"), (0.5, True))
    ((outcome, reason, records),) = outcomes(conn)
    assert (outcome, records, done.set_aside) == ("expanded", 1, 4)
    assert str(reason).startswith("4 records set aside: order 1: ")
    assert str(reason).endswith(" and 1 more")


@pytest.mark.parametrize("number", ["2025/001", "A 1", "📦-7"])
def test_a_strange_order_number_is_a_hint_like_any_other(conn, number: str) -> None:
    deliver(conn, "Orders.update", numbers(number))
    expanded(conn)

    assert list(hints(conn)) == [number]


def test_an_earlier_registration_is_dropped_a_later_one_is_heard(conn) -> None:
    deliver(conn, "Orders.update", numbers("old"), b"<html>", generation=2)
    deliver(conn, "Orders.update", numbers("new"), generation=4)

    assert expanded(conn).dropped == 2
    assert list(hints(conn)) == ["new"]


@pytest.mark.parametrize("lane", [Lane.REFRESH_ORDERS, Lane.REFRESH_SHIPPING])
def test_an_uninstalled_tenant_is_not_heard(conn, lane: Lane) -> None:
    deliver(conn, "Orders.update" if lane is Lane.REFRESH_ORDERS else "Shipments.update", numbers("A"))
    expanded(conn, lane, fence=(State.DISMISSED, 3))

    assert hints(conn, lane) == {}


def test_a_suspended_tenant_is_heard_because_it_may_come_back(conn) -> None:
    deliver(conn, "Orders.update", numbers("A"))
    expanded(conn, Lane.REFRESH_ORDERS, fence=(State.SUSPENDED, 3))

    assert hints(conn, Lane.REFRESH_ORDERS) == {"A": (0.5, True)}


def test_nothing_waiting_is_nothing_told(conn) -> None:
    assert expanded(conn, Lane.REFRESH_SHIPPING) == expand.Expanded(0, 0, 0, 0, 0, 0, more=False)
    assert hints(conn, Lane.REFRESH_SHIPPING) == {}


def test_a_bulk_is_taken_in_portions(conn) -> None:
    filler = "x" * 700_000
    deliver(conn, "Orders.update", *({**numbers(str(place)), "project_name": filler} for place in range(5)))

    assert [expanded(conn).more for _ in range(2)] == [True, False]
    assert len(hints(conn)) == 5
