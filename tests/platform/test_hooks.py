"""Thin webhook bodies are read leniently, and nothing in them can hurt."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.platform import hooks
from service.platform.hooks import Record, Unreadable

STAMP = "2025-03-01T10:05:00+01:00"


def order(number: Any, **fields: Any) -> dict[str, Any]:
    return {"orders": [{"order_number": number, **fields}]}


def body(**content: Any) -> bytes:
    return json.dumps({"project_name": "myshop", **content}).encode()


@pytest.mark.parametrize(
    ("event", "content", "records"),
    [
        (
            "Orders.create",
            {"orders": [{"order_number": "O1", "creation_time": STAMP, "status_id": 1, "status": "Přijatá"}]},
            [Record("O1", "create", 1, STAMP, "order")],
        ),
        ("Orders.update", order("O1", last_update_time=STAMP), [Record("O1", "update", None, STAMP, "order")]),
        ("Orders.delete", order("O1", deletion_time=STAMP), [Record("O1", "delete", None, STAMP, "order")]),
        ("orders.Update", order("O1", status_id="12"), [Record("O1", "update", 12, None, "order")]),
        ("Orders.update", order(200001, surprise=[1]), [Record("200001", "update", None, None, "order")]),
        (
            "OrderStatuses.update",
            {"statuses": [{"order_status_id": "12", "creation_time": STAMP}]},
            [Record("12", "update", None, STAMP, "status")],
        ),
        (
            "OrderStatuses.create",
            {"order_statuses": [{"order_status_id": 12}]},
            [Record("12", "create", None, None, "status")],
        ),
        (
            "Products.update",
            {"products": [{"product_id": 41, "code": None, "last_update_time": STAMP}]},
            [Record("41", "update", None, STAMP, "product")],
        ),
        ("Products.create", {"products": [{"product_id": "041"}]}, [Record("41", "create", None, None, "product")]),
        (
            "Products.delete",
            {"products": [{"product_id": 41}], "variants": [{"variant_id": 77, "deletion_time": STAMP}]},
            [Record("41", "delete", None, None, "product"), Record("77", "delete", None, STAMP, "variant")],
        ),
        ("Products.delete", {"variants": [{"variant_id": 77}]}, [Record("77", "delete", None, None, "variant")]),
        ("Products.delete", {"products": None, "variants": []}, []),
        ("Orders.update", {"orders": []}, []),
    ],
)  # fmt: skip
def test_a_body_names_its_records(event: str, content: dict[str, Any], records: list[Record]) -> None:
    reading = hooks.read(event, body(**content))

    assert reading.records == records
    assert reading.set_aside == []


@pytest.mark.parametrize("number", ["2025/001", "A 1", "📦-7", "Ž" * hooks.KEY_LETTERS, "0", " "])
def test_an_order_number_is_any_text(number: str) -> None:
    assert [record.key for record in hooks.read("Orders.update", body(orders=[{"order_number": number}])).records] == [
        number
    ]


@pytest.mark.parametrize(
    "number", ["", None, "a\0b", "x" * (hooks.KEY_LETTERS + 1), "x" * 5_000, "\ud800", True, 1.5, [], {}, -1, 2**63]
)
def test_a_bad_order_number_is_set_aside_and_the_others_are_read(number: object) -> None:
    reading = hooks.read("Orders.update", body(orders=[{"order_number": number}, {"order_number": "B"}, "C"]))

    assert [record.key for record in reading.records] == ["B"]
    assert [why.partition(":")[0] for why in reading.set_aside] == ["order 0", "order 2"]


@pytest.mark.parametrize("product_id", ["P41", "", 0, -3, 2**63, "9" * 30, "٤", None, True])
def test_a_product_id_is_a_positive_number(product_id: object) -> None:
    reading = hooks.read("Products.update", body(products=[{"product_id": product_id}]))

    assert (reading.records, len(reading.set_aside)) == ([], 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"{}",
        b'{"orders": null}',
        b'{"orders": {"order_number": "A"}}',
        b'{"orders": "A"}',
        b'{"products": []}',
        b'{"orders": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_body_without_sense_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable) as why:
        hooks.read("Orders.update", content)
    assert str(why.value).isprintable()


A_AND_B = [Record(key, "update", None, None, "order") for key in "AB"]


@pytest.mark.parametrize(
    "content",
    [
        b'{"orders": [{"order_number": "A"}], "orders": [{"order_number": "B"}]}',
        b'{"orders": [{"order_number": "A"}, {"order_number": "x", "order_number": "B"}]}',
        '{"project_name": "Žižkův obchůdek", "orders": [{"order_number": "A"}, {"order_number": "B"}]}'.encode(
            "cp1250"
        ),
        b'{"project_name": "two\nlines", "orders": [{"order_number": "A"}, {"order_number": "B"}]}',
        b'{"n": ' + b"9" * 5_000 + b', "orders": [{"order_number": "A"}, {"order_number": "B"}]}',
    ],
    ids=["two lists", "a number named twice", "windows-1250", "raw control letter", "long number"],
)
def test_what_can_be_mended_is_read_and_said(content: bytes) -> None:
    reading = hooks.read("Orders.update", content)

    assert reading.records == A_AND_B
    assert [why.partition(":")[0] for why in reading.set_aside] == ["mended"]
    assert all(why.isprintable() for why in reading.set_aside)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_any_encoding_of_unicode_is_read(encoding: str) -> None:
    reading = hooks.read("Orders.update", '{"orders": [{"order_number": "A"}, {"order_number": "B"}]}'.encode(encoding))

    assert (reading.records, reading.set_aside) == (A_AND_B, [])


def test_a_word_that_is_also_a_name_is_no_repetition() -> None:
    content = body(orders=[{"order_number": "orders"}, {"order_number": "order_number"}], project_name="orders")

    assert hooks.read("Orders.update", content).set_aside == []


@pytest.mark.parametrize("event", ["Shipments.update", "Payments.delete", "Labels.create", "nonsense", ""])
def test_of_a_body_nobody_has_seen_only_the_call_counts(event: str) -> None:
    assert hooks.read(event, b"anything at all").records == []


def test_a_time_is_read_when_it_is_one() -> None:
    stamps = [STAMP, "2025-03-01T10:05:00", "yesterday", "0001-01-01T00:00:00+02:00", 7]
    reading = hooks.read(
        "Orders.delete", body(orders=[{"order_number": "A", "deletion_time": stamp} for stamp in stamps])
    )

    at = datetime(2025, 3, 1, 9, 5, tzinfo=UTC)
    assert [record.time for record in reading.records] == [at, at, None, None, None]


def test_more_than_five_thousand_records_are_read() -> None:
    orders = [{"order_number": f"O{place}"} for place in range(7_001)]

    assert len(hooks.read("Orders.update", body(orders=orders)).records) == 7_001


def test_five_thousand_records_are_read_in_no_time() -> None:
    orders = [
        {"order_number": f"O{place}", "last_update_time": f"2025-03-01T10:{place % 60:02}:00+01:00", "status_id": 3}
        for place in range(5_000)
    ]  # fmt: skip
    content = body(orders=orders)

    def seconds() -> float:
        began = perf_counter()
        hooks.read("Orders.update", content)
        return perf_counter() - began

    assert min(seconds() for _ in range(20)) < 0.05  # 11 ms on a quiet machine; this one may be shared


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["orders", "order_number", "x"]), inner)
    ),
    max_leaves=12,
)
RECORDS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(["order_number", "product_id", "status_id"], JSON)))
EVENTS = st.sampled_from(["Orders.update", "Orders.delete", "Products.delete", "OrderStatuses.create"])


@given(
    event=EVENTS,
    content=st.fixed_dictionaries({}, optional=dict.fromkeys(["orders", "products", "statuses"], JSON | RECORDS)),
)
def test_whatever_comes_is_read_set_aside_or_unreadable(event: str, content: dict[str, Any]) -> None:
    try:
        reading = hooks.read(event, body(**content))
    except Unreadable:
        return
    for record in reading.records:
        assert 0 < len(record.key) <= hooks.KEY_LETTERS
        assert "\0" not in record.key.encode().decode()
        assert record.time is None or record.time.tzinfo is UTC


@given(content=st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with suppress(Unreadable):
        hooks.read("Orders.update", content)
