"""Faults: each befalls the calls it is meant for, and the world stays what it says it is."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

import httpx
import pytest

from simulator.faults import KINDS, Fault
from tests.simulator.inside import Inside, inside


@pytest.fixture
def it() -> Inside:
    return inside(orders=150, products=5)


def test_a_fault_befalls_so_many_calls_and_then_is_gone(it: Inside) -> None:
    it.shop.faults.add("error", calls=2)

    assert [it.client.get("/orders").status_code for _ in range(3)] == [500, 500, 200]


def test_an_error_may_be_any_of_the_servers(it: Inside) -> None:
    it.shop.faults.add("error", status=503)

    answer = it.client.get("/orders")
    assert answer.status_code == 503
    assert answer.json()["messages"][0]["level"] == "fatal_error"


def test_a_fault_may_be_bound_to_method_and_endpoint(it: Inside) -> None:
    it.shop.faults.add("error", calls=None, method="get", template="/orders/{order_number}")
    number = it.order().number

    assert it.client.get("/orders").status_code == 200
    assert it.client.get(f"/orders/{number}").status_code == 500
    it.shop.faults.clear()
    assert it.client.get(f"/orders/{number}").status_code == 200


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="late_answered"):
        Fault("sleepy")


def test_429_comes_with_a_date_or_without_any_header(it: Inside) -> None:
    it.shop.faults.add("busy")
    bare = it.client.get("/orders")
    it.shop.faults.add("busy", retry_after=timedelta(seconds=40))
    dated = it.client.get("/orders")

    assert (bare.status_code, dated.status_code) == (429, 429)
    assert "retry-after" not in bare.headers
    assert parsedate_to_datetime(dated.headers["retry-after"]) == it.watch() + timedelta(seconds=40)


def test_a_429_of_a_verified_addon_tells_of_no_windows(it: Inside) -> None:
    it.shop.verified = True
    for of_the_addon in (True, False):
        it.shop.faults.add("busy", retry_after=timedelta(seconds=40))
        for user in it.shop.users.values():
            user.addon = of_the_addon
        told = it.client.get("/orders").headers

        assert "retry-after" in told
        assert ("x-rate-limit-hour-remaining" in told) is not of_the_addon


def test_html_comes_with_status_200(it: Inside) -> None:
    it.shop.faults.add("html")

    answer = it.client.get("/orders")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_an_empty_answer_has_a_valid_envelope(it: Inside) -> None:
    it.shop.faults.add("empty")

    assert it.get("/orders", page=1) == {
        "current_page": 1,
        "current_page_items": 0,
        "number_of_pages": 0,
        "number_of_items": 0,
        "orders": [],
    }


@pytest.mark.parametrize(("honest", "said"), [(True, (95, 145)), (False, (100, 150))])
def test_a_short_answer_leaves_out_items_with_a_fitting_envelope_or_not(
    it: Inside, honest: bool, said: tuple[int, int]
) -> None:
    full = it.numbers()
    it.shop.faults.add("short", items=5, honest=honest)

    answer = it.get("/orders")

    shown = [order["order_number"] for order in answer["orders"]]
    assert len(shown) == 95
    assert [number for number in full if number in shown] == shown
    assert (answer["current_page_items"], answer["number_of_items"]) == said


def test_a_doubled_answer_repeats_every_item(it: Inside) -> None:
    it.shop.faults.add("doubled")

    answer = it.get("/orders")

    assert answer["current_page_items"] == 100
    assert len(answer["orders"]) == 200
    assert all(one == two for one, two in list(pairwise(answer["orders"]))[::2])


def test_a_truncated_answer_is_no_json(it: Inside) -> None:
    it.shop.faults.add("truncated")

    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        it.client.get("/orders").json()


def test_a_dropped_answer_leaves_the_work_done(it: Inside) -> None:
    number = it.order(status_id=it.status("Received")).number
    it.shop.faults.add("dropped", method="PUT")

    with pytest.raises(httpx.RemoteProtocolError):
        it.put_order(number, status_id=it.status("Sent"))

    assert it.shop.orders[number].record["status_id"] == it.status("Sent")
    assert it.shop.mail_counts["email"] == 1


@pytest.mark.parametrize("kind", ["late", "late_answered"])
def test_a_late_write_shows_only_once_it_landed(it: Inside, kind: str) -> None:
    number, sent = it.order(status_id=it.status("Received")).number, it.status("Sent")
    it.shop.faults.add(kind, method="PUT", seconds=60)

    if kind == "late":
        with pytest.raises(httpx.RemoteProtocolError):
            it.put_order(number, status_id=sent)
    else:
        assert it.put_order(number, status_id=sent)["updated_yn"] is True
    it.watch.go(seconds=59)
    early = it.get(f"/orders/{number}")["orders"][0]["status_id"]
    it.watch.go(seconds=1)
    landed = it.world.tick()

    assert (early, landed) == (it.status("Received"), 1)
    record = it.get(f"/orders/{number}")["orders"][0]
    assert record["status_id"] == sent
    assert record["last_update_time"] == "2025-03-03T10:16:00+01:00"
    assert it.events("Orders.update")


def test_a_late_write_lands_without_a_tick_when_somebody_reads(it: Inside) -> None:
    number, sent = it.order(status_id=it.status("Received")).number, it.status("Sent")
    it.shop.faults.add("late_answered", method="PUT", seconds=2)
    it.put_order(number, status_id=sent)

    it.watch.go(seconds=3)

    assert it.get(f"/orders/{number}")["orders"][0]["status_id"] == sent


def test_a_silent_write_says_yes_and_does_nothing(it: Inside) -> None:
    order = it.order(status_id=it.status("Received"))
    before = order.render()
    it.shop.faults.add("silent", method="PUT")

    assert it.put_order(order.number, status_id=it.status("Sent"))["updated_yn"] is True
    assert order.render() == before
    assert it.heard == []
    assert it.shop.mail_counts["email"] == 0


def put_all(it: Inside, numbers: list[str], **fields: object) -> list[dict]:
    return it.put("/orders", {"orders": [{"order_number": number, **fields} for number in numbers]})["orders"]


def struck(it: Inside, calls: int) -> list[int]:
    """Return which of so many calls were answered with 500."""
    return [n for n in range(1, calls + 1) if it.client.get("/owner").status_code == 500]


def test_a_fault_may_befall_every_nth_call(it: Inside) -> None:
    it.shop.faults.add("error", calls=None, every=3)

    assert struck(it, 9) == [3, 6, 9]


def test_a_fault_may_befall_one_call_in_n_by_a_seed(it: Inside) -> None:
    it.shop.faults.add("error", calls=None, one_in=10, seed=7)
    first = struck(it, 300)
    it.shop.faults.clear()
    it.shop.faults.add("error", calls=None, one_in=10, seed=7)

    assert struck(it, 300) == first
    assert 15 <= len(first) <= 50


def test_calls_count_those_befallen_and_not_those_passed_over(it: Inside) -> None:
    it.shop.faults.add("error", calls=2, every=2)

    assert struck(it, 8) == [2, 4]


def test_a_late_write_lands_somewhere_within_its_span(it: Inside) -> None:
    numbers = it.numbers()[:8]
    it.shop.faults.add("late", calls=None, method="PUT", seconds=2, seconds_most=90)

    for number in numbers:
        with pytest.raises(httpx.RemoteProtocolError):
            it.put_order(number, tracking_code="L1")
    delays = [(late.due_at - it.watch()).total_seconds() for late in it.world.late]

    assert all(2 <= delay <= 90 for delay in delays)
    assert len(set(delays)) == len(numbers)


def test_a_write_may_answer_with_one_result_too_few(it: Inside) -> None:
    numbers = it.numbers()
    it.shop.faults.add("short", method="PUT")

    answers = put_all(it, numbers, tracking_code="S1")

    assert (len(numbers), len(answers)) == (100, 99)
    assert all(it.shop.orders[number].record["tracking_code"] == "S1" for number in numbers)


@pytest.mark.parametrize("kind", ["empty", "doubled", "reversed"])
def test_a_write_may_answer_other_results_than_asked(it: Inside, kind: str) -> None:
    numbers = it.numbers()[:4]
    it.shop.faults.add(kind, method="PUT")

    answered = [answer["order_number"] for answer in put_all(it, numbers, tracking_code="X")]

    assert answered == {"empty": [], "doubled": sorted(numbers * 2, key=numbers.index), "reversed": numbers[::-1]}[kind]
    assert it.shop.orders[numbers[3]].record["tracking_code"] == "X"


def test_a_list_may_come_in_another_order(it: Inside) -> None:
    numbers = it.numbers()
    it.shop.faults.add("reversed")

    assert it.numbers() == numbers[::-1]


def test_messages_may_have_levels_nobody_listed(it: Inside) -> None:
    it.shop.faults.add("odd_levels", method="PUT")

    answer = it.put_order(it.numbers()[0], tracking_code="X")

    assert answer["updated_yn"] is True
    assert [message.get("level") for message in answer["messages"]] == ["notice", None]


def test_booleans_may_be_text_in_two_wordings(it: Inside) -> None:
    numbers = it.numbers()[:2]
    it.shop.faults.add("texts", calls=2)

    written = [answer["updated_yn"] for answer in put_all(it, [*numbers, "NONE", "NONE"])]
    read = [order["resolved_yn"] for order in it.get("/orders", order_numbers=";".join(numbers))["orders"]]

    assert written == ["1", "true", "0", "false"]
    assert read[0] in ("0", "1")
    assert read[1] in ("false", "true")


def test_a_write_may_answer_without_its_flags(it: Inside) -> None:
    number = it.numbers()[0]
    it.shop.faults.add("flagless", calls=2)

    answers = put_all(it, [number, "NONE"], tracking_code="X")
    history = it.client.post(f"/orders/{number}/history", json={"data": [{"name": "a", "value": "b"}]}).json()

    assert ["updated_yn" in answer for answer in answers] == [False, False]
    assert [bool(answer["messages"]) for answer in answers] == [False, True]
    assert history == {"messages": []}


@pytest.mark.parametrize(("kind", "flag"), [("silent", True), ("refused", False)])
def test_single_orders_may_stay_unwritten(it: Inside, kind: str, flag: bool) -> None:
    good, bad, other = it.numbers()[:3]
    it.shop.faults.add(kind, method="PUT", numbers={bad})

    put_all(it, [other], tracking_code="A")  # names no such order and does not use the fault up
    answers = put_all(it, [good, bad], tracking_code="B")
    again = put_all(it, [bad], tracking_code="C")

    assert [answer["updated_yn"] for answer in answers] == [True, flag]
    assert bool(answers[1]["messages"]) is not flag
    assert [it.shop.orders[number].record["tracking_code"] for number in (other, good, bad)] == ["A", "B", "C"]
    assert again[0]["updated_yn"] is True


def test_a_fault_bound_to_an_order_finds_it_in_path_and_query(it: Inside) -> None:
    number, other = it.numbers()[:2]
    it.shop.faults.add("error", calls=None, numbers={number})

    codes = [
        it.client.get(path).status_code
        for path in (
            "/orders",
            f"/orders/{number}/history",
            f"/orders?order_numbers={other};{number}",
            f"/orders/{other}",
        )
    ]

    assert codes == [200, 500, 500, 200]


def test_a_dropped_history_record_is_there_all_the_same(it: Inside) -> None:
    number = it.numbers()[0]
    before = it.get(f"/orders/{number}/history")["number_of_items"]
    it.shop.faults.add("dropped", method="POST", template="/orders/{order_number}/history")

    with pytest.raises(httpx.RemoteProtocolError):
        it.client.post(f"/orders/{number}/history", json={"data": [{"name": "Další zásilky", "value": "DR2, DR3"}]})

    history = it.get(f"/orders/{number}/history")
    assert history["number_of_items"] == before + 1
    assert history["history"][-1]["data"] == [{"name": "Další zásilky", "value": "DR2, DR3"}]
    assert history["history"][-1]["origin"] == "api"


def test_latency_longer_than_the_clients_patience_is_a_timeout(it: Inside) -> None:
    it.shop.latency_s = 3.0

    with pytest.raises(httpx.ReadTimeout):
        it.client.get("/orders", timeout=2.0)

    assert it.client.get("/orders", timeout=4.0).status_code == 200


def test_one_call_may_be_slow(it: Inside) -> None:
    it.shop.faults.add("latency", seconds=30)

    with pytest.raises(httpx.ReadTimeout):
        it.client.get("/orders")

    assert it.client.get("/orders").status_code == 200


def test_faults_do_not_count_as_broken_rules(it: Inside) -> None:
    for kind in KINDS:
        it.shop.faults.add(kind, retry_after=timedelta(seconds=1))
        try:
            it.client.get("/orders", timeout=None)
        except httpx.HTTPError:
            continue

    assert it.shop.stats.broken == 0
