"""Parcels are handed over once: carriers that want to hear of it hear of it, and nothing is taken back afterwards."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest

from carriers.base import Manifest
from service import bookings, contracts, handovers, journal, offers, problems
from service.flows import book
from service.flows.handover import MOST
from service.journal import Kind
from service.lanes import Lane
from service.problems import Cause
from service.steps import carriage, desk, handing, stranded
from tests.carriers.kit import SORTS
from tests.carriers.sorts import SHOP
from tests.flows.counter import Counter
from tests.web.hatch import Hatch, fault, hatch
from workers import due

CODES = [*SORTS]
MINUTE = 60


def post(door: Hatch, carrier: str, *, key: str | None = None, token: str | None = None, **said: Any) -> httpx.Response:
    door.keys += 1
    body = {"tenant": door.at.tenant, "carrier": carriage.called(carrier), **said}
    headers = {"Idempotency-Key": key or f"k{door.keys}"}
    return door.ask("POST", "/handover", json=body, headers=headers, token=token)


def hand(door: Hatch, carrier: str, **said: Any) -> dict[str, Any]:
    answer = post(door, carrier, **said)
    assert answer.status_code == 202, answer.text
    return answer.json()


def work(at: Counter, seconds: float = 0, *, step_s: float = 10) -> None:
    """Let the lane do what is due while time passes."""
    for _ in range(int(seconds // step_s) + 1):
        with at.town.rig.db.tx_all("a test asks whose rows are due") as conn:
            is_due = at.tenant in due.due(conn, Lane.BOOK, now=at.town.watch())
        if is_due:
            book.run(at.town.rig, at.tenant)
        if seconds:
            at.town.watch.move(step_s)


def now(door: Hatch, told: dict[str, Any]) -> dict[str, Any]:
    return door.ask("GET", f"/handover/{told['id']}").json()


def car(door: Hatch, code: str, **said: Any) -> dict[str, Any]:
    tomorrow = (door.at.town.watch() + timedelta(days=1)).date().isoformat()
    place = {name: getattr(SHOP, name) for name in ("name", "street", "city", "zip", "country", "phone", "email")}
    address = {"address": place} if SORTS[code].collects_from else {}
    return {"on": tomorrow, "from": "13:00", "to": "16:00", "note": "Rampa 2", **address, **said}


@pytest.mark.parametrize("code", CODES)
def test_what_has_its_label_is_handed_over_and_stays_so(town, code: str) -> None:
    with hatch(town, code) as door:
        ids = door.ready(code, 2)

        told = hand(door, code)
        work(door.at)

        assert (told["state"], told["manifest"], {*told["shipments"]}) == ("waiting", None, {*ids})
        done = now(door, told)
        assert (done["state"], done["refused"], done["why"]) == ("done", [], None)
        assert done["handed_over"]
        for each in ids:
            booking = door.booking(each)
            assert (booking["handed_over"], booking["handover_due"]) == (done["handed_over"], False)
            voided = door.ask("DELETE", f"/shipments/{each}").json()
            assert voided["voided"]
            assert (voided["booking"]["state"], voided["booking"]["handed_over"]) == ("ready", done["handed_over"])
        numbers = [door.booking(each)["order"] for each in ids]
        with town.rig.db.tx(door.at.tenant) as conn:
            story = [entry.kind for each in numbers for entry in journal.timeline(conn, door.at.tenant, each)]
        assert story.count(Kind.HANDED_OVER) == 2


def test_a_hand_over_is_news_in_the_feed_of_labels(town) -> None:
    with hatch(town, "ppl") as door:
        ids = door.ready("ppl", 2)
        cursor = door.feed()["cursor"]

        hand(door, "ppl", shipments=ids[:1])
        work(door.at)

        [told] = door.feed(after=cursor)["bookings"]
        assert told["shipment"] == ids[0]
        assert told["handed_over"]


def test_balikobot_hears_of_parcels_by_the_hand_over_and_its_paper_is_kept(town) -> None:
    with hatch(town, "balikobot") as door:
        asked = door.at.wants("balikobot", 2)
        door.at.work(30)

        told = hand(door, "balikobot")
        work(door.at)

        done = now(door, told)
        assert done["manifest"]["document"]
        assert done["manifest"]["number"]
        paper = door.ask("GET", f"/handover/{told['id']}/document")
        assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
        parcels = door.at.worlds["balikobot"].parcels
        assert all("order" in parcels[door.at.there(each)].bag for each in asked)


def test_a_manifest_that_is_optional_is_made_when_it_is_wanted(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta", 2)

        without = hand(door, "packeta", shipments=ids[:1])
        wanted = hand(door, "packeta", shipments=ids[1:], manifest=True)
        work(door.at)

        assert now(door, without)["manifest"] == {"number": None, "document": False}
        assert now(door, wanted)["manifest"]["number"]


def test_where_a_carrier_makes_no_paper_our_own_list_is_one(town) -> None:
    with hatch(town, "gls") as door:
        ids = door.ready("gls", 2)
        told = hand(door, "gls", shipments=ids)

        early = door.ask("GET", f"/handover/{told['id']}/document")
        work(door.at)
        paper = door.ask("GET", f"/handover/{told['id']}/document")

        assert fault(early)[:2] == (409, "not_handed_over")
        assert paper.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(StringIO(paper.text)))
        assert [row["shipment"] for row in rows] == ids
        assert [row["tracking_code"] for row in rows] == [
            door.booking(each)["parcels"][0]["tracking_code"] for each in ids
        ]


@pytest.mark.parametrize("code", ["ppl", "dpd_cz", "balikobot"])
def test_a_car_is_asked_for_once(town, code: str) -> None:
    with hatch(town, code) as door:
        door.ready(code)

        told = hand(door, code, collection=car(door, code))
        work(door.at, 60)

        done = now(door, told)
        assert (done["state"], done["collection"]["ordered"]) == ("done", True)
        assert bool(done["collection"]["number"]) == SORTS[code].numbers_cars
        cars = [call for call in door.at.worlds[code].ledger if CARS[code] in call.operation]
        assert len(cars) == 1


CARS = {"ppl": "POST /order/batch", "dpd_cz": "POST /pickup-orders", "balikobot": "orderpickup"}
CLOSES = {"balikobot": "order", "packeta": "createShipment"}


@pytest.mark.parametrize("kind", ["dropped", "late", "html", "truncated"])
def test_a_close_whose_answer_got_lost_is_told_again_where_that_does_no_harm(town, kind: str) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot", 2)
        door.at.worlds["balikobot"].faults.add(kind, operation="order", seconds=20)

        told = hand(door, "balikobot")
        work(door.at, 5 * MINUTE)
        door.at.worlds["balikobot"].tick()

        assert now(door, told)["state"] == "done"
        orders = {parcel.bag.get("order") for parcel in door.at.worlds["balikobot"].parcels.values()}
        assert len(orders) == 1


def test_of_shippers_told_together_the_one_whose_answer_got_lost_is_told_again_by_itself(town) -> None:
    with hatch(town, "balikobot") as door:
        [post], [lost] = door.ready("balikobot"), door.ready("balikobot", service="ppl/4")
        door.at.worlds["balikobot"].faults.add("dropped", operation="order", holding="/ppl/order")

        told = hand(door, "balikobot")
        work(door.at)
        first, known = now(door, told), door.ask("GET", f"/handover?tenant={door.at.tenant}").json()["handovers"]
        [again] = [each for each in known if each["id"] != told["id"]]
        [later] = door.ready("balikobot", service="ppl/4")
        new = hand(door, "balikobot")
        work(door.at, 2 * MINUTE)

        assert (first["state"], first["shipments"]) == ("done", [post])
        assert [(each["id"], each["code"]) for each in first["refused"]] == [(lost, "asked_apart")]
        assert again["id"] in first["refused"][0]["detail"]
        assert (now(door, again)["state"], now(door, again)["shipments"]) == ("done", [lost])
        assert (now(door, new)["state"], now(door, new)["shipments"]) == ("done", [later])
        orders = [parcel.bag.get("order") for parcel in door.at.worlds["balikobot"].parcels.values()]
        assert len({*orders}) == 3 == len(orders)


@pytest.mark.parametrize(("code", "operation"), [("packeta", "createShipment"), ("ppl", "POST /order/batch")])
def test_elsewhere_a_person_looks_and_hands_over_again(town, code: str, operation: str) -> None:
    with hatch(town, code) as door:
        ids = door.ready(code)
        door.at.worlds[code].faults.add("dropped", operation=operation)
        more = {"manifest": True} if code == "packeta" else {"collection": car(door, code)}

        told = hand(door, code, **more)
        work(door.at, 5 * MINUTE)

        parked = now(door, told)
        assert (parked["state"], parked["reason"]) == ("parked", "unclear")
        assert len([call for call in door.at.worlds[code].ledger if call.operation == operation]) == 1
        assert bool(parked["handed_over"]) == (code == "ppl")  # the parcels are, only the car is unclear
        assert ("once more by their ids" in parked["why"]) == (code == "packeta")  # what is handed over is refused
        if code == "packeta":
            assert fault(post(door, code))[:2] == (409, "nothing_to_hand_over")
            again = hand(door, code, shipments=ids)
            work(door.at)
            assert now(door, again)["state"] == "done"


def test_a_carrier_that_is_down_hears_of_it_when_it_is_back(town) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot")
        door.at.worlds["balikobot"].faults.add("down", calls=None)

        told = hand(door, "balikobot")
        work(door.at, 10 * MINUTE)
        waits = now(door, told)
        door.at.worlds["balikobot"].faults.clear()
        work(door.at, 5 * MINUTE)

        assert (waits["state"], bool(waits["why"])) == ("waiting", True)
        assert now(door, told)["state"] == "done"


def test_what_a_carrier_refuses_is_parked_with_its_words_and_can_be_tried_again(town) -> None:
    with hatch(town, "ppl") as door:
        ids = door.ready("ppl")

        told = hand(door, "ppl", collection=car(door, "ppl", address=None))
        work(door.at, 60)

        parked = now(door, told)
        assert (parked["state"], parked["reason"]) == ("parked", "refused")
        assert "address" in parked["why"]
        assert door.booking(ids[0])["handed_over"]


def test_a_label_that_is_taken_back_meanwhile_is_left_out(town) -> None:
    with hatch(town, "balikobot") as door:
        *ids, last = door.ready("balikobot", 3)

        told = hand(door, "balikobot", shipments=ids)
        alone = hand(door, "balikobot", shipments=[last])
        door.ask("DELETE", f"/shipments/{ids[0]}")
        door.ask("DELETE", f"/shipments/{alone['shipments'][0]}")
        work(door.at, 60)

        done = now(door, told)
        assert (done["state"], done["shipments"]) == ("done", ids[1:])
        assert [(each["id"], each["code"]) for each in done["refused"]] == [(ids[0], "cancelled")]
        assert (now(door, alone)["state"], now(door, alone)["reason"]) == ("parked", "nothing")
        assert [door.booking(each)["state"] for each in ids] == ["cancelled", "ready"]


def test_the_same_request_twice_is_one_hand_over_and_a_parcel_is_in_one_only(town) -> None:
    with hatch(town, "ppl") as door:
        ids = door.ready("ppl", 2)

        first = post(door, "ppl", key="same", shipments=ids[:1])
        again = post(door, "ppl", key="same", shipments=ids[:1])
        other = post(door, "ppl", key="same", shipments=ids)
        both = hand(door, "ppl", shipments=ids)

        assert first.json()["id"] == again.json()["id"]
        assert fault(other)[:2] == (422, "idempotency_key")
        assert both["shipments"] == ids[1:]
        assert [(each["id"], each["code"]) for each in both["refused"]] == [(ids[0], "in_handover")]
        listed = door.ask("GET", "/handover", params={"tenant": door.at.tenant}).json()["handovers"]
        assert {each["id"] for each in listed} == {first.json()["id"], both["id"]}


def test_what_is_in_other_hand_overs_keeps_nothing_that_is_free(town) -> None:
    with hatch(town, "ppl") as door:
        [free] = door.ready("ppl")
        with town.rig.db.tx(door.at.tenant) as conn:  # as many older ones as one takes
            conn.execute(
                """
                INSERT INTO bookings (tenant_id, booking_id, shipment_id, order_number, contract_id, carrier, service,
                    boxes, position, created_at, changed_at, booked_at, label_at)
                SELECT tenant_id, booking_id || n, shipment_id || n, order_number, contract_id, carrier, service,
                    boxes, 1000 + n, created_at, changed_at, booked_at, label_at - interval '1 minute'
                FROM bookings, generate_series(1, %s) AS n
                """,
                [MOST],
            )
            conn.execute(
                "INSERT INTO handed_bookings SELECT tenant_id, booking_id, 'h' FROM bookings WHERE position > 1000"
            )

        assert hand(door, "ppl")["shipments"] == [free]


def test_each_shipment_that_cannot_be_handed_over_says_why(town) -> None:
    with hatch(town, "ppl", "gls") as door:
        [good], [foreign] = door.ready("ppl"), door.ready("gls")
        [before, gone] = door.ready("ppl", 2)
        hand(door, "ppl", shipments=[before])
        work(door.at)
        door.ask("DELETE", f"/shipments/{gone}")
        [waits] = door.shipments(door.at.wants("ppl"))

        told = hand(door, "ppl", shipments=[good, foreign, before, gone, waits, "s_x_1", ""])

        assert told["shipments"] == [good]
        assert {each["id"]: each["code"] for each in told["refused"]} == {
            foreign: "other_carrier",
            before: "handed_over",
            gone: "cancelled",
            waits: "no_label_yet",
            "s_x_1": "unknown_shipment",
            "": "unknown_shipment",
        }


@pytest.mark.parametrize(
    ("said", "status", "code", "field"),
    [
        ({"carrier": "nobody"}, 422, "invalid", "/carrier"),
        ({"carrier": "gls"}, 409, "no_contract", "/carrier"),
        ({"carrier": 5}, 422, "invalid", "/carrier"),
        ({"tenant": None}, 422, "invalid", "/tenant"),
        ({"tenant": "t_other"}, 404, "unknown", None),
        ({"shipments": []}, 422, "invalid", "/shipments"),
        ({"shipments": ["s_a_1"] * 2}, 422, "invalid", "/shipments"),
        ({"shipments": [f"s_a_{each}" for each in range(501)]}, 422, "invalid", "/shipments"),
        ({"shipments": ["s" * 101]}, 422, "invalid", "/shipments/0"),
        ({"shipments": ["s_a_1\0"]}, 409, "nothing_to_hand_over", None),
        ({"manifest": "yes"}, 422, "invalid", "/manifest"),
        ({"collection": {"from": "25:00"}}, 422, "invalid", "/collection/from"),
        ({"collection": {"from": "16:00", "to": "13:00"}}, 422, "invalid", "/collection/to"),
        ({"collection": {"on": "2026-02-30"}}, 422, "invalid", "/collection/on"),
        ({"collection": {"on": "2020-01-01"}}, 422, "invalid", "/collection/on"),
        ({"collection": {"on": 20260303}}, 422, "invalid", "/collection/on"),
        ({"collection": {"note": "x" * 301}}, 422, "invalid", "/collection/note"),
        ({"collection": {"address": {"name": "x"}}}, 422, "invalid", "/collection/address/street"),
        ({"collection": {}, "carrier": "packeta"}, 409, "no_collection", "/collection"),
        ({}, 409, "nothing_to_hand_over", None),
    ],
)
def test_what_cannot_be_handed_over_is_refused_by_its_name(
    town, said: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    with hatch(town, "ppl", "packeta", count=1) as door:
        if "collection" in said:
            said = {**said, "collection": {**car(door, "ppl"), **said["collection"]}}

        answer = post(door, **{"carrier": "ppl", **said})

        assert fault(answer) == (status, code, field)


def test_a_stranger_learns_nothing_of_it(town) -> None:
    with hatch(town, "ppl") as door:
        door.ready("ppl")
        told = hand(door, "ppl")

        for path in (f"/handover/{told['id']}", f"/handover/{told['id']}/document", "/handover/h_x_1"):
            assert fault(door.ask("GET", path, token=door.stranger))[:2] == (404, "unknown_handover")
        assert fault(door.ask("GET", "/handover", params={"tenant": door.at.tenant}, token=door.stranger))[0] == 404
        assert fault(door.ask("GET", "/handover"))[0] == 404
        assert fault(post(door, "ppl", token=door.stranger))[0] == 404
        headerless = door.ask("POST", "/handover", json={"tenant": door.at.tenant, "carrier": "ppl"})
        assert fault(headerless) == (400, "malformed", "Idempotency-Key")


def parked(door: Hatch, **more: Any) -> tuple[list[str], dict[str, Any]]:
    """Return shipments whose hand-over to Packeta got lost, and that."""
    ids = door.ready("packeta", 2)
    door.at.worlds["packeta"].faults.add("dropped", operation="createShipment")
    told = hand(door, "packeta", manifest=True, shipments=ids, **more)
    work(door.at)
    assert now(door, told)["reason"] == "unclear"
    return ids, told


def told_of(door: Hatch) -> list[problems.Problem]:
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        stranded.settle(conn, door.at.tenant, now=door.at.town.watch())
        return problems.open_ones(conn, door.at.tenant)


def test_a_hand_over_that_got_no_further_is_told_until_it_is_tried_again(town) -> None:
    with hatch(town, "packeta") as door:
        ids, told = parked(door)

        [problem] = told_of(door)
        orders = [door.booking(each)["order"] for each in ids]
        assert (problem.cause, problem.order_number) == (Cause.HANDOVER_PARKED, None)
        assert problem.detail == {
            "handover": told["id"], "carrier": "packeta", "parked": "unclear", "count": 2, "orders": orders
        }  # fmt: skip
        hand(door, "packeta", shipments=ids[:1])
        assert door.at.causes() == {Cause.HANDOVER_PARKED}
        hand(door, "packeta", shipments=ids[1:])
        assert door.at.causes() == set()


def test_one_that_was_seen_to_elsewhere_is_let_be(town) -> None:
    with hatch(town, "packeta") as door:
        _, told = parked(door)
        path = f"/handover/{told['id']}"

        assert fault(door.ask("DELETE", path, token=door.stranger))[:2] == (404, "unknown_handover")
        first, again = (door.ask("DELETE", path) for _ in range(2))

        assert (first.status_code, first.json()["state"], again.json()) == (200, "cancelled", first.json())
        assert door.at.causes() == set()
        [ready] = door.ready("packeta")
        waits = hand(door, "packeta", shipments=[ready])
        assert fault(door.ask("DELETE", f"/handover/{waits['id']}"))[:2] == (409, "not_parked")


def test_nobody_is_reminded_of_what_was_taken_back_or_is_with_the_carrier_anyway(town) -> None:
    with hatch(town, "packeta") as door:
        ids, _ = parked(door)

        door.ask("DELETE", f"/shipments/{ids[0]}")
        assert {each.cause for each in told_of(door)} == {Cause.HANDOVER_PARKED}
        with town.rig.db.tx(door.at.tenant) as conn:
            conn.execute("UPDATE tracked SET state = 'in_transit' WHERE shipment_id = %s", [ids[1]])

        assert told_of(door) == []


def test_a_car_that_is_refused_is_told_and_labels_all_taken_back_are_not(town) -> None:
    with hatch(town, "ppl", "balikobot") as door:
        [ready], _ = door.ready("balikobot"), door.ready("ppl")
        hand(door, "balikobot", shipments=[ready])
        door.ask("DELETE", f"/shipments/{ready}")
        work(door.at, 60)
        assert door.at.causes() == set()

        told = hand(door, "ppl", collection=car(door, "ppl", address=None))
        work(door.at, 60)

        [problem] = told_of(door)
        assert (problem.cause, problem.detail["handover"]) == (Cause.HANDOVER_PARKED, told["id"])


def test_an_answer_that_comes_after_a_person_was_called_counts(town) -> None:
    with hatch(town, "packeta") as door:
        ids, told = parked(door)

        with town.rig.db.tx(door.at.tenant) as conn:
            each = handovers.one(conn, door.at.tenant, told["id"])
            assert each
            offers.hold(conn, door.at.tenant)
            handing.hand(conn, door.at.tenant, each, Manifest("77", ()), now=town.watch())

        assert (now(door, told)["state"], now(door, told)["reason"]) == ("done", None)
        assert door.at.causes() == set()
        assert all(door.booking(each)["handed_over"] for each in ids)


def test_parcels_a_carrier_took_none_of_are_left_to_a_person_and_can_be_handed_over_again(town) -> None:
    with hatch(town, "packeta") as door:
        ids = door.ready("packeta", 2)
        told = hand(door, "packeta", manifest=True, shipments=ids)
        with town.rig.db.tx(door.at.tenant) as conn:
            each = handovers.claim(conn, door.at.tenant, now=town.watch(), lease_s=45)
            assert each
            boxes = bookings.boxes(conn, door.at.tenant, each.booking_ids)
            offers.hold(conn, door.at.tenant)
            nothing = Manifest("77", ())
            taken = handing.covered(conn, door.at.tenant, each, boxes, nothing)
            handing.hand(conn, door.at.tenant, taken, nothing, now=town.watch())

        left = now(door, told)
        assert (left["state"], left["reason"], left["shipments"]) == ("parked", "refused", ids)
        assert door.at.causes() == {Cause.HANDOVER_PARKED}
        assert {*hand(door, "packeta")["shipments"]} == {*ids}
        assert door.at.causes() == set()


@pytest.mark.parametrize(("kind", "minutes"), [("down", 10), ("busy", 20)])
def test_a_carrier_that_is_away_is_told_of_while_nothing_but_a_hand_over_waits_for_it(
    town, kind: str, minutes: int
) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot")
        door.at.worlds["balikobot"].faults.add(kind, calls=None)
        hand(door, "balikobot")

        work(door.at, minutes * MINUTE)
        swept(door)

        assert door.at.causes() == {Cause.CARRIER_DOWN}
        door.at.worlds["balikobot"].faults.clear()
        work(door.at, 5 * MINUTE)
        assert door.at.causes() == set()


def swept(door: Hatch) -> None:
    """Let be told no more of carriers what is over, as the sweep does."""
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        desk.settle(conn, door.at.town.rig, door.at.tenant)


def test_what_a_carrier_failed_at_is_not_forgotten_while_a_hand_over_waits_for_it(town) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot")
        hand(door, "balikobot")
        contract_id, now = door.at.contracts["balikobot"].contract_id, town.watch()
        with town.rig.db.tx(door.at.tenant) as conn:
            contracts.failed(conn, contract_id, Lane.BOOK, why="it was out", now=now)
        town.watch.move(MINUTE)
        at = desk.opened(town.rig, door.at.tenant, Lane.BOOK, contract_id)
        assert at
        assert at.wary

        desk.left(at)

        with town.rig.db.tx(door.at.tenant) as conn:
            assert contracts.standing(conn, [contract_id], Lane.BOOK)[contract_id].tries == 1
