"""The stand-in for a warehouse's system at doors that do not keep to docs/wms.md: each lie is found and named."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.wms import Warehouse, judge
from simulator.wms.door import Unheard
from tests.simulator.dock import faults, key, warehouse, well
from tests.simulator.fake_door import Answer, FakeDoor, order, problem


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
def it(door: FakeDoor) -> Warehouse:
    return warehouse(door)


def spoilt_feed(change: Callable[[dict[str, Any]], Any]) -> Callable[[str, Answer], Answer]:
    def spoil(call: str, answer: Answer) -> Answer:
        if call != "GET orders" or not answer[1]["orders"]:
            return answer
        page = json.loads(json.dumps(answer[1]))
        change(page)
        return 200, page

    return spoil


def test_a_revision_that_goes_back_is_found_and_not_believed(door: FakeDoor, it: Warehouse) -> None:
    door.put(order("O1", revision=5))
    it.settle()
    door.put(order("O1", revision=4, state="stop", reason="cancelled"))
    it.reader.read()

    assert faults(it) == ["a revision went back"]
    assert judge.findings(it.ledger)["revisions_back"] == [key("O1")]
    assert it.shelf() == [key("O1")]


def test_an_order_that_comes_again_unchanged_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", state="held", reason="unpaid", recipient=None, phone=None, email=None, lines=[])
    it.settle()
    door.put(door.entries["O1"].order)
    it.settle()

    assert faults(it) == ["an order came again unchanged"]


def test_another_acknowledgement_may_bring_an_order_again(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.put(door.entries["O1"].order)
    it.settle()

    assert well(it)


def test_an_order_that_changes_without_a_new_revision_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.put(door.entries["O1"].order | {"weight_g": 7})
    it.settle()

    assert faults(it) == ["an order changed without a new revision"]


def test_a_stop_that_vanishes_before_its_ack_is_found(door: FakeDoor, it: Warehouse) -> None:
    it.reader.acking.discard("stop")
    door.release("O1")
    door.stop("O1")
    it.settle()
    door.release("O1", revision=3)
    it.settle()

    assert faults(it) == ["a stop is gone before it was acknowledged"]


def test_an_order_shipped_elsewhere_and_offered_here_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.entries["O1"].shipped = True

    [result] = it.ship(1)
    it.settle()

    assert result["code"] == "already_shipped"
    assert it.shelf() == []
    assert judge.findings(it.ledger)["refused_though_released"] == [key("O1")]
    assert judge.report(it.ledger)["shipments"]["orders"] == 0


def test_an_order_shipped_elsewhere_and_told_so_is_no_fault(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.hold("O1", "shipped", shipped=True)

    [result] = it.ship(1)
    it.settle()

    assert result["code"] == "already_shipped"
    assert well(it)


def test_a_door_that_takes_what_it_does_not_release_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.checks = False
    door.release("O1")
    it.settle()
    door.hold("O1", "unpaid")
    it.settle()
    it.ship(orders=[key("O1")], anyway=True)

    assert judge.findings(it.ledger)["accepted_though_not_released"] == [key("O1")]


def test_a_door_that_ships_an_order_twice_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.checks = False
    door.release("O1")
    it.settle()
    for _ in range(2):
        it.ship(orders=[key("O1")], anyway=True)

    assert judge.findings(it.ledger)["shipped_twice"] == [key("O1")]


def test_an_order_offered_though_shipped_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    it.ship(1)
    door.release("O1", revision=9)
    it.settle()

    assert judge.findings(it.ledger)["offered_though_shipped"] == [key("O1")]


def test_an_order_held_as_shipped_after_its_void_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    [made] = it.ship(1)
    it.void(made["shipment"])
    door.hold("O1", "shipped")
    it.settle()

    assert judge.findings(it.ledger)["held_as_shipped_though_voided"] == [key("O1")]


def test_history_that_is_released_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    it.settle()

    assert judge.never_right(it.ledger, [key("O2"), key("O9")]) == [key("O2")]


def test_a_key_that_ships_again_is_found(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.checks = False
    it.poster.lose_every = 1
    door.keys = Forgetful()
    it.ship(1)

    assert "the same key and body are answered otherwise" in faults(it)


class Forgetful(dict[str, Any]):
    """Keys nobody remembers."""

    def get(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda page: page["orders"].append(page["orders"][0]), "an order stands twice in one answer"),
        (lambda page: page["orders"][0].pop("adult"), "Order adult: missing"),
        (lambda page: page["orders"][0].update(weight_g="1250"), "Order weight_g: int_type"),
        (lambda page: page["orders"][0].update(created="2026-03-01T09:12:44+01:00"), "Order created: value_error"),
        (lambda page: page["orders"][0]["cod"].update(amount="1 249,00"), "Order cod.amount: string_pattern_mismatch"),
        (lambda page: page["orders"][0]["lines"][0].update(kind="set"), "Order lines.0.kind: literal_error"),
        (lambda page: page["orders"][0].update(state="gone"), "Order state: literal_error"),
        (lambda page: page["orders"][0].update(reason="unpaid"), "a released order has a reason"),
        (lambda page: page["orders"][0].update(state="held"), "a held order has no reason of the list"),
        (lambda page: page["orders"][0].update(state="stop", reason="changed"), "a stop for a change names no field"),
        (lambda page: page["orders"][0].update(acked_revision=2), "a later revision is acknowledged"),
        (lambda page: page["orders"][0]["lines"].append(page["orders"][0]["lines"][0]), "two lines have one id"),
        (lambda page: page.update(cursor="0"), "orders, and yet the cursor is the one we gave"),
        (lambda page: page.update(more=True, orders=[]), "no orders, and yet there are more"),
        (lambda page: page.update(more="no"), "Page more: bool_type"),
    ],
    ids=lambda told: told if isinstance(told, str) else "page",
)
def test_what_the_feed_must_not_say_is_found(
    door: FakeDoor, change: Callable[[dict[str, Any]], Any], fault: str
) -> None:
    it = warehouse(door)
    it.ledger.note("page", cursor="0", orders=0)
    door.release("O1")
    door.spoil = spoilt_feed(change)

    try:
        it.reader.read()
    except Unheard:
        assert fault.startswith("Page")

    assert fault in faults(it)


def test_a_held_order_must_not_show_who_ordered(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", state="held", reason="unpaid")
    it.settle()

    assert faults(it) == ["a held order shows a contact", "a held order shows a recipient", "a held order shows lines"]


def test_unknown_fields_are_passed_over_and_faults_name_no_values(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", gift_wrap=True)
    door.release("O2", email=["jana@example.com"])
    it.settle()

    assert it.shelf() == [key("O1")]
    assert faults(it) == ["Order email: string_type"]
    assert "jana@example.com" not in json.dumps(it.ledger.lines)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda results: results.pop(), "2 items, 1 results"),
        (lambda results: results.reverse(), "the results are not in the order asked"),
        (lambda results: results[0].pop("shipment"), "a shipment that was made is not shown"),
        (lambda results: results[0].update(status=409), "a shipment that was refused is shown"),
        (lambda results: results[0]["shipment"].update(order="O9"), "the shipment is of another order"),
        (lambda results: results[0]["shipment"].update(final=False), "the shipment is not as final as sent"),
        (
            lambda results: results[0]["shipment"]["parcels"][0].update(tracking_code="OTHER1"),
            "the shipment's parcels are not those sent",
        ),
        (
            lambda results: results[0]["shipment"]["parcels"][0].update(tracking_code="lower case"),
            "Result shipment.parcels.0.tracking_code: string_pattern_mismatch",
        ),
        (lambda results: results[0].update(index="0"), "Result index: int_type"),
    ],
    ids=lambda told: told if isinstance(told, str) else "page",
)
def test_what_a_post_must_not_answer_is_found(
    door: FakeDoor, it: Warehouse, change: Callable[[list[dict[str, Any]]], Any], fault: str
) -> None:
    def spoil(call: str, answer: Answer) -> Answer:
        told = json.loads(json.dumps(answer[1]))
        if call == "POST shipments":
            change(told["results"])
        return answer[0], told

    door.release("O1", "O2")
    it.settle()
    door.spoil = spoil
    it.ship(2)

    assert fault in faults(it)


def test_results_in_another_order_are_told_apart_by_their_index(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    it.settle()
    door.spoil = lambda call, answer: (
        (200, {"results": answer[1]["results"][::-1]}) if call == "POST shipments" else answer
    )
    results = it.ship(2)

    assert {result["number"]: door.shipments[result["shipment"]]["order"] for result in results} == {
        "O1": "O1",
        "O2": "O2",
    }


@pytest.mark.parametrize(
    ("answered", "fault"),
    [
        ((409, {"status": 409, "title": "T", "detail": "D"}), "a 409 without the present revision"),
        ((409, {"status": 404, "title": "T", "detail": "D"}), "the document's status is not that of the answer"),
        ((404, {"error": "gone"}), "Problem status: missing"),
        ((302, problem(302, "Elsewhere")[1]), "an answer 302 is not described"),
        (problem(409, "Old", code="revision", revision=1), "an ack is refused for an older revision"),
    ],
    ids=lambda told: told if isinstance(told, str) else "page",
)  # fmt: skip
def test_what_an_ack_must_not_answer_is_found(door: FakeDoor, it: Warehouse, answered: Answer, fault: str) -> None:
    door.release("O1")
    door.spoil = lambda call, answer: answered if call.endswith("ack") else answer
    it.settle()

    assert fault in faults(it)
    assert it.ledger.acked == {}


def test_a_wrong_token_is_a_refusal_of_the_whole_post(door: FakeDoor) -> None:
    it = warehouse(door, token="wrong")

    [result] = it.ship(orders=[key("O1")], anyway=True)

    assert (result["status"], result["shipment"]) == (401, None)
    assert judge.report(it.ledger)["posts"]["turned_away"] == 1
    assert not it.ledger.deviations


@pytest.mark.parametrize(
    ("call", "answered"),
    [
        ("POST shipments", problem(422, "No", code="nonsense")),
        ("PUT shipments", problem(409, "No")),
        ("DELETE shipments", problem(404, "No", code="unknown_order")),
    ],
)
def test_a_refusal_with_a_code_nobody_described_is_found(
    door: FakeDoor, it: Warehouse, call: str, answered: Answer
) -> None:
    door.release("O1", "O2")
    it.settle()
    [made] = it.ship(orders=[key("O1")])
    door.spoil = lambda asked, answer: answered if asked == call else answer
    it.ship(orders=[key("O2")])
    it.correct(made["shipment"])
    it.void(made["shipment"])

    assert faults(it) == [f"refused with {answered[0]} and another code than described"]
