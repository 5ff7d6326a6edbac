"""Answers of the outside: what is read, what is set aside, and what proves nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.platform import callplan, envelope, jsontext, wire
from service.platform.errors import (
    CredentialsRejected,
    Forbidden,
    Gone,
    Moved,
    PlatformBusy,
    PlatformRefused,
    PlatformUnreachable,
    RequestRefused,
    Unreadable,
)
from service.platform.shapes import Language, Order, Owner, ServiceRight, Webhook, WebhookEvent
from service.platform.wire import Answer, Ask

NOW = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
STAMP = "2026-03-01T10:00:00+01:00"


def order(number: Any = "O1", **fields: Any) -> dict[str, Any]:
    return {"order_number": number, "creation_time": STAMP, "last_update_time": STAMP, **fields}


def answer(
    body: Any, *, status: int = 200, name: str = "orders_events", headers: dict[str, str] | None = None
) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(NOW, status, headers or {}, raw, Ask(callplan.ROWS[name], lambda _: None))


def page_of(*items: Any, **envelope_: Any):
    told = {"current_page": 1, "current_page_items": len(items), "number_of_pages": 1, "number_of_items": len(items)}
    return envelope.page(answer({**told, **envelope_, "orders": list(items)}), Order)


def judged(told: Answer) -> None:
    wire.judge(told, jitter=lambda: 0.5)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  \n", b"<!DOCTYPE html><html></html>", b'{"orders": [{"order_number": "1"', b"[]", b'"text"', b"null",
        b"\xff\xfe\x00", b"[" * 100_000, b'{"a": ' * 100_000,
    ],
)  # fmt: skip
def test_an_answer_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable) as unreadable:
        envelope.page(answer(body), Order)

    assert not unreadable.value.unclear


def test_an_unreadable_answer_to_a_write_is_unclear() -> None:
    with pytest.raises(Unreadable) as unreadable:
        envelope.single(answer(b"<html>", name="create_webhook"), Webhook)

    assert unreadable.value.unclear


def test_a_whole_page_is_complete() -> None:
    page = page_of(order("O1"), order("O2"))

    assert ([item.order_number for item in page.items], page.complete, page.last) == (["O1", "O2"], True, True)
    assert page.began_at == NOW


@pytest.mark.parametrize(
    "told",
    [
        {"current_page_items": 3},
        {"number_of_items": 3},
        {"number_of_items": 1},
        {"number_of_items": 1, "number_of_pages": 2},
        {"orders": None},
        {"orders": "O1"},
    ],
)
def test_an_envelope_that_disagrees_with_its_items_makes_a_page_incomplete(told: dict[str, Any]) -> None:
    whole = {"current_page": 1, "current_page_items": 2, "number_of_pages": 1, "number_of_items": 2}
    body = {**whole, "orders": [order("O1"), order("O2")], **told}

    assert not envelope.page(answer(body), Order).complete


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        ({"orders": [order()]}, True),  # a single item may come without its envelope (B15)
        ({"orders": order()}, True),
        ({"orders": []}, False),
        ({"orders": [order("O1"), order("O2")]}, False),
        ({}, False),
        ({"messages": []}, False),
    ],
)
def test_a_page_without_an_envelope_proves_little(body: Any, complete: bool) -> None:
    assert envelope.page(answer(body), Order).complete is complete


@pytest.mark.parametrize(("body", "complete"), [({"owner": [{}, {"language_id": "sk"}]}, True), ({}, False)])
def test_a_list_that_has_no_pages_needs_its_root_only(body: Any, complete: bool) -> None:
    assert envelope.page(answer(body, name="owner"), Owner).complete is complete


@pytest.mark.parametrize(("current", "pages", "items", "last"), [(1, 3, 1, False), (3, 3, 1, True), (2, 3, 0, True)])
def test_a_walk_ends_with_the_last_page_or_an_empty_one(current, pages, items, last) -> None:
    found = [order(f"O{n}") for n in range(items)]

    assert page_of(*found, current_page=current, number_of_pages=pages, number_of_items=250).last is last


@pytest.mark.parametrize(
    ("bad", "unread", "complete"),
    [
        (order("O2", last_update_time="yesterday"), {"O2"}, True),
        (order("O2", status_id=[1]), {"O2"}, True),
        (order("O2", status_id=2**63), {"O2"}, True),
        (order("O2", paid_date="soon"), {"O2"}, True),
        (order("O2", tracking_code={"a": 1}), {"O2"}, True),
        ({"order_number": "O2"}, {"O2"}, True),
        (order("x" * 201), set(), True),
        (order(""), set(), False),
        (order(None), set(), False),
        (order(["O2"]), set(), False),
        ("O2", set(), False),
        (None, set(), False),
        ([], set(), False),
    ],
)
def test_an_item_that_cannot_be_read_is_set_aside_and_fails_nobody_else(bad: Any, unread: set[str], complete) -> None:
    page = page_of(order("O1"), bad, order("O3"))

    assert [item.order_number for item in page.items] == ["O1", "O3"]
    assert (len(page.set_aside), page.unread, page.complete) == (1, unread, complete)


def test_why_an_item_was_set_aside_does_not_show_its_content() -> None:
    (reason,) = page_of(order("O2", tracking_code={"secret": "value"})).set_aside

    assert reason == "order_number 'O2': tracking_code string_type"


def test_an_item_that_comes_twice_is_one() -> None:
    page = page_of(order("O1"), order("O1", tracking_code="T"), current_page_items=1, number_of_items=1)

    assert [(item.order_number, item.tracking_code) for item in page.items] == [("O1", "T")]
    assert not page.complete


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"status_id": "12"}, "status_id", 12),
        ({"status_id": ""}, "status_id", None),
        ({}, "status_id", None),
        ({"paid_date": "2026-03-01T10:00:00+01:00"}, "paid_date", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ({"paid_date": "2026-07-01 10:00:00"}, "paid_date", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ({"paid_date": {"date": "2026-03-01 10:00:00.000000", "timezone": "Europe/Prague"}}, "paid_date",
            datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ({"paid_date": "0000-00-00 00:00:00"}, "paid_date", None),
        ({"paid_date": ""}, "paid_date", None),
        ({"tracking_code": ""}, "tracking_code", None),
        ({"tracking_code": 1234567890}, "tracking_code", "1234567890"),
        ({"order_number": 4711}, "order_number", "4711"),
        ({"order_number": "2025/0001 ž 📦"}, "order_number", "2025/0001 ž 📦"),
    ],
)  # fmt: skip
def test_the_outside_is_read_leniently(fields: dict[str, Any], name: str, value: object) -> None:
    assert getattr(Order.read(order(**fields)), name) == value


def test_an_item_keeps_what_it_was_made_of() -> None:
    received = order("O1", products=[{"quantity": 1.5}], raw="theirs")

    assert Order.read(received).raw == received


def test_flags_are_read_in_all_their_forms() -> None:
    given_, wanted = [True, 1, "1", "true", False, 0, "0", None], [True] * 4 + [False] * 4

    assert [WebhookEvent.read({"name": "Orders.update", "allowed_yn": flag}).allowed for flag in given_] == wanted


def test_an_unknown_privilege_is_kept() -> None:
    assert ServiceRight.read({"service": "orders", "privilege": "sometimes"}).privilege == "sometimes"


def test_owner_and_language_are_entries_of_a_code_list() -> None:
    owner = Owner.read({"company": "Alpha", "language_id": None})
    language = Language.read({"language_id": "cs", "default_yn": "1"})

    assert (owner.entry.kind, owner.entry.id, owner.entry.raw["company"]) == ("owner", "-", "Alpha")
    assert (language.entry.kind, language.entry.id, language.default) == ("languages", "cs", True)


def test_the_address_of_a_webhook_does_not_show() -> None:
    hook = Webhook.read({"id": "5", "event": "Orders.update", "url": "https://hooks.example.com/u/t/s3cret"})

    assert "s3cret" not in repr(hook)


@pytest.mark.parametrize(
    "body",
    [
        {"webhook": {"id": 5, "event": "Orders.update"}},
        {"webhook": [{"id": 5, "event": "Orders.update"}]},
        {"webhooks": [{"id": "5", "event": "Orders.update", "messages": []}]},
    ],
)
def test_what_was_written_is_found_in_any_shape(body: Any) -> None:
    assert envelope.single(answer(body, name="create_webhook"), Webhook).id == 5


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"message": "Neplatná událost", "level": "error"}]},
        {"webhook": {"messages": [{"message": "Neplatná událost"}]}},
    ],
)
def test_a_write_the_shop_did_not_do_is_refused_in_its_words(body: Any) -> None:
    with pytest.raises(PlatformRefused, match="Neplatná událost"):
        envelope.single(answer(body, name="create_webhook"), Webhook)


@pytest.mark.parametrize("body", [{}, {"webhook": {}}, {"webhook": {"id": "x"}}, {"messages": "none"}])
def test_a_write_nobody_speaks_of_is_unclear(body: Any) -> None:
    with pytest.raises(Unreadable) as unreadable:
        envelope.single(answer(body, name="create_webhook"), Webhook)
    assert unreadable.value.unclear


@pytest.mark.parametrize(
    ("item", "done"),
    [
        ({"id": "5", "deleted": True}, True),
        ({"id": 5, "deleted_yn": "1"}, True),
        ({"id": 5, "deleted": False}, False),
        ({"id": 5, "messages": []}, True),
        ({"id": 5, "messages": [{"message": "ne", "level": "error"}]}, False),
        ({"id": 5, "messages": [{"message": "ale", "level": "warning"}]}, True),
    ],
)
def test_success_is_the_first_flag_there_is(item: dict[str, Any], done: bool) -> None:
    told = answer({"webhooks": [item, "noise", {"deleted": True}]}, name="delete_webhooks")

    assert envelope.flagged(told, flags=("deleted", "deleted_yn"), key="id") == {"5": done}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, Moved), (400, RequestRefused), (401, CredentialsRejected), (403, Forbidden), (404, Gone),
        (405, PlatformRefused), (413, RequestRefused), (418, PlatformRefused), (429, PlatformBusy),
        (500, PlatformUnreachable), (501, PlatformRefused), (502, PlatformUnreachable), (304, PlatformRefused),
    ],
)  # fmt: skip
def test_a_status_means(status: int, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        judged(answer(b"<html>", status=status))

    assert raised.type is error


@pytest.mark.parametrize(("name", "unclear"), [("orders_events", False), ("create_webhook", True)])
def test_a_server_error_on_a_write_is_unclear(name: str, unclear: bool) -> None:
    with pytest.raises(PlatformUnreachable) as raised:
        judged(answer(b"", status=503, name=name))

    assert raised.value.unclear is unclear


def test_both_forms_of_a_move_are_read() -> None:
    body = answer({"api_url": "https://b.example.com/api/v2"}, status=301)
    location = answer(b"", status=301, headers={"location": "https://b.example.com/api/v2/orders?page=2"})
    neither = answer({"api_url": None}, status=301)

    for told, url in [
        (body, "https://b.example.com/api/v2"),
        (location, "https://b.example.com/api/v2"),
        (neither, ""),
    ]:
        with pytest.raises(Moved) as moved:
            judged(told)
        assert moved.value.api_url == url


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({"retry-after": "Sun, 01 Mar 2026 12:30:00 GMT"}, NOW + timedelta(minutes=20)),
        ({"retry-after": "2026-03-01T13:30:00+01:00"}, NOW + timedelta(minutes=20)),
        ({"retry-after": " 1200 "}, NOW + timedelta(minutes=20)),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:00 GMT"}, NOW + timedelta(seconds=1)),  # over already
        ({"retry-after": "Sun, 01 Mar 2036 12:00:00 GMT"}, NOW + timedelta(days=2)),
        ({"retry-after": "9999-12-31T23:59:59Z"}, NOW + timedelta(days=2)),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, NOW + timedelta(days=2)),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -0100"}, NOW + timedelta(seconds=2)),  # the year 10000 in UTC
        ({"retry-after": "0001-01-01T00:00:00+14:00"}, NOW + timedelta(seconds=2)),
        ({"retry-after": "0"}, NOW + timedelta(seconds=1)),
        ({"retry-after": "-5"}, NOW + timedelta(seconds=2)),
        ({"retry-after": "1.5"}, NOW + timedelta(seconds=2)),
        ({"retry-after": "²"}, NOW + timedelta(seconds=2)),
        ({"retry-after": "9" * 400}, NOW + timedelta(seconds=2)),
        ({"retry-after": ", , , , ,"}, NOW + timedelta(seconds=2)),
        ({"retry-after": ""}, NOW + timedelta(seconds=2)),
        ({"retry-after": "later"}, NOW + timedelta(seconds=2)),
        ({}, NOW + timedelta(seconds=2)),
        ({"x-rate-limit-hour": "10", "x-rate-limit-hour-remaining": "0", "x-rate-limit-day": "100",
            "x-rate-limit-day-remaining": "0"}, datetime(2026, 3, 1, 13, tzinfo=UTC)),
        ({"x-rate-limit-hour": "10", "x-rate-limit-hour-remaining": "4", "x-rate-limit-day": "100",
            "x-rate-limit-day-remaining": "0"}, NOW + timedelta(seconds=2)),  # too many at once
    ],
)  # fmt: skip
def test_a_429_says_when_to_come_back(headers: dict[str, str], until: datetime) -> None:
    with pytest.raises(PlatformBusy) as busy:
        judged(answer(b"", status=429, headers=headers))

    assert busy.value.until == until


@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ [\d:]+ ([A-Z]+|[+-]\d+)"))
def test_no_retry_after_breaks_anything_or_stops_a_shop_for_long(text: str) -> None:
    with pytest.raises(PlatformBusy) as busy:
        judged(answer(b"", status=429, headers={"retry-after": text}))

    assert NOW < busy.value.until <= NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'{"a": "x\u0000y"}', {"a": "x\ufffdy"}),
        (rb'{"a": "x\ud83d"}', {"a": "x\ufffd"}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "😀"}),
        (b'{"a": "x\xff"}', {"a": "x�"}),
        (b'{"a": NaN, "b": [Infinity, 1.5]}', {"a": None, "b": [None, 1.5]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "two\nlines"}', {"a": "two\nlines"}),
    ],
)
def test_what_postgresql_could_not_keep_is_mended(body: bytes, value: object) -> None:
    assert jsontext.parse(body) == value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(STAMP),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["order_number", "creation_time", "last_update_time", "status_id", "paid_date", "x"])


@given(
    st.lists(st.dictionaries(NAMES, JSON, max_size=6) | JSON, max_size=4),
    st.dictionaries(
        st.sampled_from(["current_page", "current_page_items", "number_of_pages", "number_of_items"]), JSON, max_size=4
    ),
)
def test_no_answer_of_the_right_root_raises_or_loses_an_item_silently(items: list[Any], told: dict[str, Any]) -> None:
    page = envelope.page(answer({**told, "orders": items}), Order)

    assert len({item.order_number for item in page.items}) == len(page.items)
    assert len(page.items) + len(page.set_aside) <= len(items)
    assert bool(items) == bool(page.items or page.set_aside)
