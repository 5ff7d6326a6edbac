"""A WMS follows its labels by their feed, and a shipment that is taken back or corrected takes its label back."""

from typing import Any

import pytest

from service import bookings
from service.bookings import Sheet, State
from service.lanes import Lane
from service.problems import Cause
from service.steps import labelling
from service.steps.labelling import Done
from tests.web.hatch import Hatch, fault, hatch


def states(page: dict[str, Any]) -> list[str]:
    return [each["state"] for each in page["bookings"]]


def test_a_label_is_followed_from_wanted_to_ready_and_stands_once(town) -> None:
    with hatch(town, "ppl") as door:
        asked = door.at.wants("ppl", 2)
        first = door.feed()

        door.at.work(30)
        second = door.feed(after=first["cursor"])

        assert (states(first), first["more"]) == (["waiting"] * 2, False)
        assert states(second) == ["ready"] * 2
        told = second["bookings"][0]
        assert (told["carrier"], told["label"], told["handed_over"], told["reason"]) == ("ppl", True, None, None)
        assert [each["tracking_code"] for each in told["parcels"]] == door.at.numbers(told["id"])
        assert {each["id"] for each in second["bookings"]} == set(asked)
        assert door.booking(told["shipment"]) == told
        assert door.feed(after=second["cursor"]) == {"bookings": [], "cursor": second["cursor"], "more": False}


def test_what_a_carrier_refuses_says_why_and_which_fields(town) -> None:
    with hatch(town, "ppl") as door:
        [bad] = door.at.wants("ppl", service="NONE")
        door.at.work(30)

        [told] = door.feed()["bookings"]

        assert (told["id"], told["state"], told["reason"], told["label"]) == (bad, "parked", "refused", False)
        assert told["why"]
        assert told["faults"]


def test_a_page_holds_as_many_as_were_asked_for_and_goes_on(town) -> None:
    with hatch(town, "packeta") as door:
        asked = door.at.wants("packeta", 3)
        first = door.feed(limit=2)
        second = door.feed(limit=2, after=first["cursor"])

        assert (first["more"], second["more"]) == (True, False)
        assert {each["id"] for page in (first, second) for each in page["bookings"]} == set(asked)


def test_a_cursor_of_one_feed_does_not_fit_the_other(town) -> None:
    with hatch(town, "ppl") as door:
        of_bookings = door.feed()["cursor"]
        of_orders = door.ask("GET", "/orders").json()["cursor"]

        assert fault(door.ask("GET", "/bookings", params={"after": of_orders})) == (400, "cursor", "after")
        assert fault(door.ask("GET", "/orders", params={"after": of_bookings})) == (400, "cursor", "after")


@pytest.mark.parametrize(
    ("params", "field"),
    [({"limit": "0"}, "limit"), ({"limit": "x"}, "limit"), ({"wait": "26"}, "wait"), ({"after": "!"}, "after")],
)
def test_what_cannot_be_asked_is_refused_by_its_name(town, params: dict[str, str], field: str) -> None:
    with hatch(town, "ppl") as door:
        status, _, named = fault(door.ask("GET", "/bookings", params=params))

        assert (status, named) == (400, field)


def test_a_stranger_sees_nothing_of_it(town) -> None:
    with hatch(town, "ppl") as door:
        door.at.wants("ppl")

        assert door.ask("GET", "/bookings", token=door.stranger).json()["bookings"] == []
        assert fault(door.ask("GET", "/bookings", token=door.stranger, params={"tenant": door.at.tenant}))[0] == 404
        assert fault(door.ask("GET", "/bookings", token="wrong"))[:2] == (401, "token")


def test_whoever_waits_is_let_go_when_the_process_ends_and_without_a_seat_at_once(town) -> None:
    with hatch(town, "ppl") as door:
        door.bell.end()

        assert door.feed(wait=25)["bookings"] == []


def test_a_shipment_that_is_voided_takes_its_label_back(town) -> None:
    with hatch(town, "ppl") as door:
        [made] = door.ready("ppl")
        [fresh] = door.shipments(door.at.wants("ppl"))

        told = [door.ask("DELETE", f"/shipments/{each}").json()["booking"] for each in (made, fresh)]
        woken = (Lane.BOOK, door.at.tenant) in door.at.town.wake.sent
        door.at.work(30)

        assert [each["state"] for each in told] == ["cancelling", "cancelled"]
        assert woken
        assert [door.booking(each)["state"] for each in (made, fresh)] == ["cancelled"] * 2
        assert [door.booking(each)["label"] for each in (made, fresh)] == [False] * 2


def test_what_the_carrier_has_already_is_a_persons_when_it_is_voided(town) -> None:
    with hatch(town, "ppl") as door:
        asked = door.at.wants("ppl")
        door.at.work(30)
        door.at.worlds["ppl"].hand_over([door.at.there(asked[0])])
        town.watch.move(3_600)
        [made] = door.shipments(asked)

        door.ask("DELETE", f"/shipments/{made}")
        door.at.work(30)

        told = door.booking(made)
        assert (told["state"], told["reason"]) == ("parked", "not_taken_back")


def test_a_label_that_was_made_elsewhere_is_not_made_again(town) -> None:
    with hatch(town, "ppl") as door:
        [waits] = door.shipments(door.at.wants("ppl"))
        refused = door.at.wants("ppl", service="NONE")
        door.at.work(0)
        [parked] = door.shipments(refused)
        assert Cause.LABEL_REFUSED in door.at.causes()
        elsewhere = {"parcels": [{"carrier": "ppl", "tracking_code": "ELSE-1"}], "final": True}

        told = [door.ask("PUT", f"/shipments/{each}", json=elsewhere).json() for each in (waits, parked)]
        door.at.work(60)

        assert told[1]["booking"]["state"] == "cancelled"
        for each in (waits, parked):
            shown = door.ask("GET", f"/shipments/{each}").json()
            assert shown["booking"]["state"] == "cancelled"
            assert shown["parcels"][0]["tracking_code"] == "ELSE-1"
        assert Cause.LABEL_REFUSED not in door.at.causes()


def test_a_shipment_whose_label_is_due_is_not_corrected_without_a_code(town) -> None:
    with hatch(town, "ppl") as door:
        [waits] = door.shipments(door.at.wants("ppl"))

        answer = door.ask("PUT", f"/shipments/{waits}", json={"parcels": [{"carrier": "gls"}], "final": True})

        assert fault(answer) == (409, "label_due", None)
        assert door.booking(waits)["state"] == "waiting"


def test_codes_that_come_while_the_label_is_fetched_stand(town) -> None:
    with hatch(town, "ppl") as door:
        tenant = door.at.tenant
        door.at.worlds["ppl"].faults.add("down", operation="GET /data/{}", calls=None)
        [asked] = door.at.wants("ppl")
        door.at.work(30)
        before = door.at.stands(asked)
        assert before.state is State.BOOKED
        elsewhere = {"parcels": [{"carrier": "ppl", "tracking_code": "ELSE-1"}], "final": True}
        door.ask("PUT", f"/shipments/{before.shipment_id}", json=elsewhere)

        with town.rig.db.tx(tenant) as conn:
            boxes = bookings.boxes(conn, tenant, [asked])[asked]
            labelling.ready(conn, tenant, [Done(before, boxes, Sheet("pdf", b"%PDF", ()))], now=town.watch())
        door.at.work(300)

        shown = door.ask("GET", f"/shipments/{before.shipment_id}").json()
        assert shown["parcels"][0]["tracking_code"] == "ELSE-1"
        assert shown["booking"]["state"] == "cancelled"


@pytest.mark.parametrize("code", ["balikobot", "ppl"])
def test_a_label_its_carrier_never_heard_of_says_so(town, code: str) -> None:
    with hatch(town, code) as door:
        [made] = door.ready(code)

        assert door.booking(made)["handover_due"] == (code == "balikobot")


OTHERWISE = {"parcels": [{"carrier": "gls", "tracking_code": "ELSE-100001"}], "final": True}


def put(door: Hatch, shipment: str, **said: Any) -> dict[str, Any]:
    answer = door.ask("PUT", f"/shipments/{shipment}", json={**OTHERWISE, **said})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_label_whose_shipment_left_with_other_codes_is_taken_back_at_its_carrier(town) -> None:
    with hatch(town, "ppl") as door:
        asked = door.at.wants("ppl")
        door.at.work(30)
        [made] = door.shipments(asked)
        cursor = door.feed()["cursor"]

        told = put(door, made)
        woken = (Lane.BOOK, door.at.tenant) in town.wake.sent
        door.at.work(30)

        assert (told["booking"]["state"], woken) == ("cancelling", True)
        [news] = door.feed(after=cursor)["bookings"]
        assert (news["shipment"], news["state"], news["label"]) == (made, "cancelled", False)
        assert door.ask("GET", f"/shipments/{made}").json()["parcels"][0]["tracking_code"] == "ELSE-100001"
        assert door.at.worlds["ppl"].made() == {}
        assert door.at.causes() == set()


def test_a_label_stays_whose_codes_are_told_as_a_reader_reads_them_or_not_at_all(town) -> None:
    with hatch(town, "packeta") as door:
        [made] = door.ready("packeta")
        code = door.booking(made)["parcels"][0]["tracking_code"]

        for said in (code.removeprefix("Z"), f"{code[:4]} {code[4:].lower()}", f"{code}0012", None):
            put(door, made, parcels=[{"carrier": "packeta", "tracking_code": said}])

            assert door.booking(made)["state"] == "ready"


def test_what_is_handed_over_and_left_with_other_codes_is_a_persons_until_it_is_put_right(town) -> None:
    with hatch(town, "ppl") as door:
        [made] = door.ready("ppl")
        before = door.ask("GET", f"/shipments/{made}").json()["parcels"]
        body = {"tenant": door.at.tenant, "carrier": "ppl"}
        door.ask("POST", "/handover", json=body, headers={"Idempotency-Key": "h"})
        door.at.turn()
        cursor = door.feed()["cursor"]

        put(door, made)

        [news] = door.feed(after=cursor)["bookings"]
        assert (news["state"], news["reason"], bool(news["handed_over"])) == ("parked", "not_taken_back", True)
        assert door.at.causes() == {Cause.LABEL_NOT_TAKEN_BACK}
        put(door, made, parcels=before)
        assert door.booking(made)["state"] == "ready"
        assert door.at.causes() == set()
