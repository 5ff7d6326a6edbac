"""What the shop takes back once its label is there: nobody prints it and hands it over, and the others go on."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from service import orders
from service.web.wms.labels import LACKING
from tests.web import gate as door
from tests.web.gate import TO_THE_DOOR, Gate, merge
from tests.web.hatch import fault

CANCELLED = "the shop has cancelled the order"
NOT_SHOWN = "the shop does not show the order any more"


def deleted(gate: Gate, number: str) -> None:
    """Let the shop say that it deleted an order."""
    with gate.at.town.rig.db.tx(gate.at.tenant) as conn:
        orders.delete_told(conn, gate.at.tenant, {number: gate.at.town.watch()})


def ready(gate: Gate, count: int, **said: Any) -> tuple[list[str], list[str]]:
    """Return so many orders whose labels are there, and their shipments."""
    numbers = door.of(gate, TO_THE_DOOR)[:count]
    results = gate.told(*(gate.item(number, **said) for number in numbers))
    gate.at.work(30)
    return numbers, [each["shipment"]["id"] for each in results]


def printed(gate: Gate, *ids: str, **params: str) -> httpx.Response:
    return gate.ask("GET", "/labels", params={"ids": ",".join(ids), **params})


def handed(gate: Gate, **said: Any) -> httpx.Response:
    gate.keys += 1
    wanted = {"tenant": gate.at.tenant, "carrier": "ppl", **said}
    return gate.ask("POST", "/handover", headers={"Idempotency-Key": f"h{gate.keys}"}, json=wanted)


@pytest.mark.parametrize(("take", "why"), [(door.storno, CANCELLED), (deleted, NOT_SHOWN)])
def test_what_the_shop_took_back_is_not_printed_and_the_others_are(
    gate: Gate, take: Callable[[Gate, str], None], why: str
) -> None:
    [bad, _], [stopped, good] = ready(gate, 2)
    take(gate, bad)

    none = printed(gate, stopped, good)
    some = printed(gate, stopped, good, partial="true")

    assert fault(none)[:2] == (409, "labels")
    [item] = none.json()["items"]
    assert (item["id"], item["status"], item["code"]) == (stopped, 409, "stopped")
    assert item["detail"] == f"Order {bad} must not leave: {why}."
    assert some.status_code == 200
    assert some.headers[LACKING] == f"{stopped}=stopped"
    assert len(PdfReader(BytesIO(some.content)).pages) == 1


@pytest.mark.parametrize("named", [True, False])
def test_what_the_shop_took_back_is_not_handed_over_and_the_others_are(gate: Gate, named: bool) -> None:
    [bad, _], [stopped, good] = ready(gate, 2)
    door.storno(gate, bad)

    told = handed(gate, **({"shipments": [stopped, good]} if named else {})).json()
    gate.at.turn()
    alone = handed(gate, **({"shipments": [stopped]} if named else {}))

    assert told["shipments"] == [good]
    [refused] = told["refused"]
    assert refused.get("index") == (0 if named else None)
    assert (refused["id"], refused["status"], refused["code"]) == (stopped, 409, "stopped")
    assert refused["detail"] == f"Order {bad} must not leave: {CANCELLED}."
    assert fault(alone)[:2] == (409, "nothing_to_hand_over")
    assert [(each["id"], each["code"]) for each in alone.json()["items"]] == [(stopped, "stopped")]


def test_part_of_an_order_on_stop_is_neither_printed_nor_handed_over(gate: Gate) -> None:
    [number], [shipment] = ready(gate, 1, final=False)
    door.storno(gate, number)
    [order] = [each for each in gate.ask("GET", "/orders").json()["orders"] if each["number"] == number]

    answers = printed(gate, shipment), handed(gate, shipments=[shipment])

    assert (order["state"], order["reason"]) == ("stop", "cancelled")
    assert [each["code"] for answer in answers for each in answer.json()["items"]] == ["stopped"] * 2


def in_one_parcel(gate: Gate) -> tuple[str, str, str, str]:
    """Return two orders whose parcel has its label, and their shipments, the leading one first."""
    first, second = merge(gate)
    [result] = gate.told(gate.item(first, with_orders=[second]))
    gate.at.work(30)
    [companion] = gate.left(second)
    return first, second, result["shipment"]["id"], companion.shipment_id


def test_a_parcel_waits_for_every_order_in_it(gate: Gate) -> None:
    _, second, leading, companion = in_one_parcel(gate)
    door.storno(gate, second)

    labels = printed(gate, leading, companion)
    handover = handed(gate, shipments=[leading])

    said = f"Order {second} must not leave: {CANCELLED}."
    assert [(each["code"], each["detail"]) for each in labels.json()["items"]] == [("stopped", said)] * 2
    assert [(each["code"], each["detail"]) for each in handover.json()["items"]] == [("stopped", said)]


def test_an_order_that_was_taken_out_of_a_parcel_stops_it_no_more(gate: Gate) -> None:
    _, second, leading, companion = in_one_parcel(gate)
    handed(gate, shipments=[leading])
    gate.at.turn()
    gate.ask("DELETE", f"/shipments/{companion}")
    door.storno(gate, second)

    answer = printed(gate, leading)

    assert len(PdfReader(BytesIO(answer.content)).pages) == 1


@pytest.mark.parametrize("how", ["held", "stop"])
def test_an_order_that_must_not_leave_never_had_a_label_to_print_or_hand_over(gate: Gate, how: str) -> None:
    number = door.of(gate, TO_THE_DOOR)[0]
    door.storno(gate, number)
    if how == "held":
        door.change(gate, number)

    [result] = gate.told(gate.item(number))

    assert (result["status"], result["code"]) == (409, "stopped" if how == "stop" else "not_released")
    assert fault(handed(gate))[:2] == (409, "nothing_to_hand_over")
