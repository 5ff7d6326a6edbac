"""Orders of one recipient that leave in one parcel: each shipment of it shows its label and can be named for it."""

from io import BytesIO
from typing import Any

from pypdf import PdfReader

from service import bookings
from service.web.wms.labels import LACKING
from tests.web.gate import Gate, merge
from tests.web.hatch import fault

ELSEWHERE = {"parcels": [{"carrier": "gls", "tracking_code": "90000000001"}], "final": True}


def merged(gate: Gate) -> tuple[str, str, str, str]:
    """Return two orders that are booked in one parcel, and their shipments, the leading one first."""
    first, second = merge(gate)
    [result] = gate.told(gate.item(first, with_orders=[second]))
    assert result["status"] == 201, result
    [companion] = gate.left(second)
    return first, second, result["shipment"]["id"], companion.shipment_id


def shown(gate: Gate, shipment_id: str) -> dict[str, Any]:
    return gate.ask("GET", f"/shipments/{shipment_id}").json()


def test_each_shipment_of_a_parcel_shows_its_label(gate: Gate) -> None:
    _, _, leading, companion = merged(gate)

    assert shown(gate, companion)["booking"] == shown(gate, leading)["booking"]
    assert shown(gate, companion)["booking"]["shipment"] == leading


def test_a_label_is_printed_by_either_of_its_shipments_and_once_for_both(gate: Gate) -> None:
    _, _, leading, companion = merged(gate)
    gate.at.work(30)

    both = gate.ask("GET", "/labels", params={"ids": f"{companion},{leading}"})
    one = gate.ask("GET", "/labels", params={"ids": companion})
    some = gate.ask("GET", "/labels", params={"ids": f"{companion},s_x_1", "partial": "true"})

    assert [len(PdfReader(BytesIO(each.content)).pages) for each in (both, one, some)] == [1, 1, 1]
    assert some.headers[LACKING] == "s_x_1=unknown_shipment"


def test_a_companion_without_a_label_yet_is_named_as_it_was_asked_for(gate: Gate) -> None:
    _, _, _, companion = merged(gate)

    answer = gate.ask("GET", "/labels", params={"ids": companion})

    assert [(each["id"], each["code"]) for each in answer.json()["items"]] == [(companion, "no_label_yet")]


def test_a_parcel_is_handed_over_by_either_of_its_shipments(gate: Gate) -> None:
    _, _, leading, companion = merged(gate)
    gate.at.work(30)
    wanted = {"tenant": gate.at.tenant, "carrier": "ppl", "shipments": [companion, leading]}

    told = gate.ask("POST", "/handover", headers={"Idempotency-Key": "h"}, json=wanted).json()
    again = gate.ask("POST", "/handover", headers={"Idempotency-Key": "i"}, json=wanted).json()

    assert (told["shipments"], told["refused"]) == ([leading, companion], [])
    assert [(each["index"], each["id"], each["status"], each["code"]) for each in again["items"]] == [
        (0, companion, 409, "in_handover"), (1, leading, 409, "in_handover")
    ]  # fmt: skip
    assert {each["title"] for each in again["items"]} == {"Conflict"}


def test_whichever_shipment_of_a_parcel_is_voided_takes_all_of_it_back(gate: Gate) -> None:
    first, second, _, companion = merged(gate)

    answer = gate.ask("DELETE", f"/shipments/{companion}").json()
    gate.at.work(30)

    assert (answer["voided"], answer["booking"]["state"]) == (True, "cancelled")
    assert [each.voided for each in (*gate.left(first), *gate.left(second))] == [True, True]
    assert gate.booked(first)[0].state is bookings.State.CANCELLED
    assert gate.at.worlds["ppl"].made() == {}


def test_after_the_hand_over_only_the_one_that_is_named_is_voided(gate: Gate) -> None:
    first, second, leading, companion = merged(gate)
    gate.at.work(30)
    wanted = {"tenant": gate.at.tenant, "carrier": "ppl", "shipments": [leading]}
    gate.ask("POST", "/handover", headers={"Idempotency-Key": "h"}, json=wanted)
    gate.at.turn()

    gate.ask("DELETE", f"/shipments/{companion}")

    assert [each.voided for each in (*gate.left(first), *gate.left(second))] == [False, True]
    assert gate.booked(first)[0].state is bookings.State.READY


def test_a_label_made_elsewhere_is_that_of_every_order_of_the_parcel(gate: Gate) -> None:
    first, second, leading, companion = merged(gate)

    refused = gate.ask("PUT", f"/shipments/{companion}", json=ELSEWHERE)
    told = gate.ask("PUT", f"/shipments/{leading}", json=ELSEWHERE).json()
    gate.at.work(30)
    gate.at.town.work(for_s=10)

    assert fault(refused)[:2] == (409, "label_due")
    assert told["booking"]["state"] == "cancelled"
    assert [gate.at.shop.shown(each) for each in (first, second)] == [(gate.at.shop.sent_id, "90000000001")] * 2
    assert shown(gate, companion)["parcels"][0]["tracking_code"] == "90000000001"


def test_a_ready_label_is_given_up_for_codes_of_the_leading_one_and_not_of_one_that_went_along(gate: Gate) -> None:
    first, second, leading, companion = merged(gate)
    gate.at.work(30)

    gate.ask("PUT", f"/shipments/{companion}", json=ELSEWHERE)
    assert gate.booked(first)[0].state is bookings.State.READY
    other = {"carrier": "gls", "tracking_code": "90000000002"}
    gate.ask("PUT", f"/shipments/{leading}", json={**ELSEWHERE, "parcels": [other]})
    gate.at.work(30)

    assert gate.booked(first)[0].state is bookings.State.CANCELLED
    codes = [gate.left(each)[0].parcels[0].tracking_code for each in (first, second)]
    assert codes == ["90000000002", "90000000001"]
