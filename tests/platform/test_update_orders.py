"""Writing orders: what goes out, what the answer says of each item, and what stays unclear."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from service.lanes import Lane
from service.platform.errors import PlatformBusy, PlatformRefused, PlatformUnreachable
from service.platform.shapes import Done, OrderUpdate
from tests.platform.bench import Bench

PUT = {"method": "PUT", "template": "/orders"}
YES, NO, UNTOLD = Done(done=True), Done(done=False), Done(done=None)


def write(bench: Bench, *updates: OrderUpdate, emails: bool = True, sms: bool = False):
    return bench.lane(Lane.WRITEBACK).update_orders(updates, send_emails=emails, send_sms=sms)


def numbers(bench: Bench, count: int) -> list[str]:
    return sorted(bench.shop.orders)[:count]


def answering(bench: Bench, answer: Callable[[httpx.Request], httpx.Response]) -> list[httpx.Request]:
    """Let somebody else answer for the shop; return the requests as they come."""
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer(request)

    bench.rig = replace(bench.rig, transport=httpx.MockTransport(handler))
    return asked


def told(bench: Bench, *items: Any) -> dict[str, Done]:
    answering(bench, lambda _: httpx.Response(200, json={"orders": list(items), "messages": []}))
    return dict(write(bench, OrderUpdate("A", 5, None), OrderUpdate("B", 5, None)))


def test_only_what_changes_goes_out_and_both_flags_always(bench: Bench) -> None:
    asked = answering(bench, lambda _: httpx.Response(200, json={"orders": []}))

    write(bench, OrderUpdate("A", 5, "X 1"), OrderUpdate("B", None, "Y"), OrderUpdate("C", 6, None), emails=False)

    assert json.loads(asked[0].content) == {
        "send_emails_yn": False,
        "send_sms_yn": False,
        "orders": [
            {"order_number": "A", "status_id": 5, "tracking_code": "X 1"},
            {"order_number": "B", "tracking_code": "Y"},
            {"order_number": "C", "status_id": 6},
        ],
    }


def test_a_hundred_orders_are_one_call_and_a_hundred_and_one_none(bench: Bench) -> None:
    status = min(bench.shop.statuses)
    some = [OrderUpdate(number, status, None) for number in numbers(bench, 101)]

    assert set(write(bench, *some[:100]).values()) == {YES}
    assert bench.rows() == [("orders_update", 200, "read", 100)]
    with pytest.raises(ValueError, match="1 to 100"):
        write(bench, *some)


def test_each_item_has_its_own_word(bench: Bench) -> None:
    [known] = numbers(bench, 1)

    answer = write(bench, OrderUpdate(known, 987_654, None), OrderUpdate("nobody's", 1, None))

    assert answer == {known: Done(done=False, levels=("error",)), "nobody's": Done(done=False, levels=("error",))}


@pytest.mark.parametrize(
    ("item", "done"),
    [
        ({"updated_yn": True}, YES),
        ({"updated_yn": "1"}, YES),
        ({"updated_yn": "True"}, YES),
        ({"updated_yn": 1}, YES),
        ({"updated_yn": False}, NO),
        ({"updated_yn": "0"}, NO),
        ({"updated_yn": "false"}, NO),
        ({"created_yn": True}, YES),
        ({"created_yn": False, "updated_yn": True}, NO),
        ({"updated_yn": None, "messages": []}, YES),
        ({"updated_yn": ""}, YES),
        ({}, YES),
        ({"messages": None}, YES),
        ({"messages": [{"level": "info", "message": "x"}]}, Done(done=True, levels=("info",))),
        ({"messages": [{"level": "error", "message": "x"}]}, Done(done=False, levels=("error",))),
        ({"messages": [{"level": "FATAL_ERROR"}]}, Done(done=False, levels=("fatal_error",))),
        ({"messages": [{"message": "no level"}]}, Done(done=False, levels=("untold",))),
        ({"messages": [{"level": "Jan Novak"}]}, Done(done=True, levels=("other",))),
        ({"messages": [{"level": ["error"]}, "text", 7]}, Done(done=False, levels=("other", "untold", "untold"))),
        ({"updated_yn": True, "messages": [{"level": "error"}]}, Done(done=True, levels=("error",))),
        ({"updated_yn": "perhaps"}, UNTOLD),
        ({"updated_yn": {"a": 1}}, UNTOLD),
    ],
)
def test_an_item_is_read_leniently(bench: Bench, item: dict[str, Any], done: Done) -> None:
    assert told(bench, {"order_number": "A", **item}) == {"A": done}


def test_order_and_company_of_the_items_do_not_matter(bench: Bench) -> None:
    odd = [{"updated_yn": True}, None, 7, "text", [], {"order_number": None}, {"order_number": True}]

    assert told(bench, {"order_number": "B", "updated_yn": 0}, *odd, {"order_number": "A"}) == {"A": YES, "B": NO}


def test_an_item_that_comes_twice_with_two_words_says_nothing(bench: Bench) -> None:
    twice = [{"order_number": "A", "updated_yn": True}, {"order_number": "A", "updated_yn": False}]
    same = [{"order_number": "B", "updated_yn": True}] * 2

    assert told(bench, *twice, *same) == {"A": UNTOLD, "B": YES}


@pytest.mark.parametrize("body", [{}, {"orders": None}, {"orders": "x"}, {"messages": [{"level": "fatal_error"}]}])
def test_an_answer_without_items_says_nothing_of_any(bench: Bench, body: dict[str, Any]) -> None:
    answering(bench, lambda _: httpx.Response(200, json=body))

    assert write(bench, OrderUpdate("A", 5, None)) == {}


@pytest.mark.parametrize("kind", ["dropped", "late", "error", "html", "truncated"])
def test_what_may_have_been_done_is_unclear_and_asked_once(bench: Bench, kind: str) -> None:
    bench.shop.faults.add(kind, calls=None, **PUT)

    with pytest.raises(PlatformUnreachable) as lost:
        write(bench, OrderUpdate(numbers(bench, 1)[0], 1, None))

    assert lost.value.unclear
    assert len(bench.rows()) == 1


def test_a_read_timeout_is_unclear(bench: Bench) -> None:
    bench.shop.faults.add("latency", seconds=60, **PUT)

    with pytest.raises(PlatformUnreachable) as lost:
        write(bench, OrderUpdate(numbers(bench, 1)[0], 1, None))

    assert lost.value.unclear


def test_a_refused_connection_did_nothing_and_is_tried_again(bench: Bench) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    asked = answering(bench, away)
    with pytest.raises(PlatformUnreachable) as lost:
        write(bench, OrderUpdate("A", 1, None))

    assert not lost.value.unclear
    assert len(asked) == 3


@pytest.mark.parametrize("status", [400, 404, 405, 413, 501])
def test_a_call_that_is_refused_whole_did_nothing(bench: Bench, status: int) -> None:
    answering(bench, lambda _: httpx.Response(status, json={"messages": []}))

    with pytest.raises(PlatformRefused):
        write(bench, OrderUpdate("A", 1, None))


def test_too_many_calls_are_a_matter_of_time(bench: Bench) -> None:
    bench.shop.faults.add("busy", **PUT)

    with pytest.raises(PlatformBusy):
        write(bench, OrderUpdate(numbers(bench, 1)[0], 1, None))


@pytest.mark.parametrize("number", ["2026/7", "a b", "ř", "100%", "x;y", "a?b#c"])
def test_a_record_of_the_history_finds_its_order_whatever_its_number(bench: Bench, number: str) -> None:
    asked = answering(bench, lambda _: httpx.Response(200, json={"updated": True}))

    assert bench.lane(Lane.WRITEBACK).add_history(number, [("Code", "A1")]) is True

    assert asked[0].method == "POST"
    assert asked[0].url.raw_path.count(b"/") == 6
    assert httpx.URL(asked[0].url).path.endswith(f"/orders/{number}/history")
    assert json.loads(asked[0].content) == {"data": [{"name": "Code", "value": "A1"}]}


@pytest.mark.parametrize(
    ("body", "done"),
    [
        ({"updated": True}, True),
        ({"updated": "0"}, False),
        ({"messages": []}, True),
        ({"messages": [{"level": "error"}]}, False),
        ({"updated": "?"}, None),
    ],
)
def test_what_the_shop_says_of_a_record(bench: Bench, body: dict[str, Any], done: bool | None) -> None:
    answering(bench, lambda _: httpx.Response(200, json=body))

    assert bench.lane(Lane.WRITEBACK).add_history("A", [("Code", "A1")]) is done
