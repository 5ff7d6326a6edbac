"""The stand-in for a warehouse's system at a door that keeps its word, whatever happens in whatever order."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.wms import Ledger, NotHere, Warehouse, judge
from simulator.wms.door import Unheard
from tests.simulator.dock import faults, key, warehouse, well
from tests.simulator.fake_door import Answer, FakeDoor


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
def it(door: FakeDoor) -> Warehouse:
    return warehouse(door)


def test_every_released_order_is_read_once_acknowledged_and_shipped(door: FakeDoor) -> None:
    door.release(*(f"O{n}" for n in range(250)))
    it = warehouse(door, limit=100)

    came = it.settle()
    results = it.ship(250)
    it.settle()

    assert came == 250
    assert [result["status"] for result in results] == [201] * 250
    assert {entry.order["reason"] for entry in door.entries.values()} == {"shipped"}
    assert len([call for call, _ in door.calls if call == "POST shipments"]) == 3
    assert it.shelf() == []
    assert well(it)
    report = judge.report(it.ledger)
    assert report["acks"] == {"acked": 250}
    assert report["shipments"]["orders"] == 250


def test_the_cursor_is_that_of_the_answer_before(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    it.settle()
    door.calls.clear()
    door.release("O3")
    it.settle()

    assert door.calls[0] == ("GET orders", "after=2&limit=100&wait=0")


def test_a_number_is_percent_encoded(door: FakeDoor, it: Warehouse) -> None:
    door.release("2026/O 1")

    it.settle()
    it.ship(orders=[key("2026/O 1")])
    it.settle()

    assert door.entries["2026/O 1"].shipped
    assert well(it)


def test_a_stop_comes_off_the_shelf_and_is_acknowledged(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    it.settle()
    door.stop("O1", "changed", ("recipient",))
    it.reader.read()

    assert it.shelf() == [key("O2")]
    it.settle()
    assert door.entries["O1"].order["state"] == "held"
    assert judge.report(it.ledger)["stops"] == {"seen": 1, "acked": 1}
    assert judge.stops_missed(it.ledger, [key("O1"), key("O2")]) == [key("O2")]
    assert well(it)


def test_a_stop_that_is_not_acknowledged_is_found(door: FakeDoor, it: Warehouse) -> None:
    it.reader.acking.discard("stop")
    door.release("O1")
    it.settle()
    door.stop("O1")
    it.settle()

    assert judge.findings(it.ledger)["stops_not_acknowledged"] == [key("O1")]
    assert not it.ledger.deviations


def test_an_ack_that_is_too_late_is_left_to_the_feed(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.reader.read()
    door.stop("O1")
    [(owed, revision)] = it.reader.owed()
    it.reader.ack(owed, revision)
    it.settle()

    assert judge.report(it.ledger)["acks"] == {"superseded": 1, "acked": 1}
    assert well(it)


def test_what_is_not_on_the_shelf_is_not_shipped(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    door.stop("O2")
    it.settle()

    with pytest.raises(NotHere, match="O2"):
        it.ship(orders=[key("O1"), key("O2")])
    with pytest.raises(NotHere, match="3 orders wanted, 1"):
        it.ship(3)
    assert door.shipments == {}


def test_a_stop_between_two_posts_keeps_its_order_here(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    it.settle()

    def stopped_meanwhile(call: str, answer: Answer) -> Answer:
        if call == "POST shipments":
            door.spoil = lambda _call, answer: answer
            door.stop("O2")
            it.reader.read()
        return answer

    door.spoil = stopped_meanwhile
    results = it.ship(2, batch=1)

    assert [(result["number"], result["code"]) for result in results] == [("O1", None), ("O2", "off")]
    it.settle()
    assert well(it)
    assert [shipment["order"] for shipment in door.shipments.values()] == ["O1"]


def test_what_left_already_is_shipped_though_stopped(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.stop("O1")
    it.reader.read()

    [refused] = it.ship(orders=[key("O1")], anyway=True)
    [taken] = it.ship(orders=[key("O1")], left_already=True)
    it.settle()

    assert (refused["status"], refused["code"]) == (409, "stopped")
    assert taken["status"] == 201
    assert well(it)


def test_a_stop_seen_and_refused_stays_off_the_shelf_until_the_feed_moves(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.stop("O1")

    [refused] = it.ship(1)
    assert (refused["code"], it.shelf()) == ("stopped", [])
    assert judge.findings(it.ledger)["refused_though_released"] == [key("O1")]
    it.settle()
    assert well(it)


@pytest.mark.parametrize("deaf", [1, 2])
def test_a_post_whose_answer_was_lost_is_repeated_with_its_key(door: FakeDoor, it: Warehouse, deaf: int) -> None:
    door.release("O1", "O2")
    it.settle()
    door.deaf = deaf

    results = it.ship(2)

    assert [result["status"] for result in results] == [201, 201]
    assert results[0]["tries"] == deaf + 1
    assert (len(door.keys), len(door.shipments)) == (1, 2)
    assert judge.report(it.ledger)["posts"] == {
        "answered": 1, "repeated": 1, "thrown_away": 0, "turned_away": 0, "open": 0,
    }  # fmt: skip


def test_answers_can_be_thrown_away_on_purpose(door: FakeDoor, it: Warehouse) -> None:
    door.release(*(f"O{n}" for n in range(20)))
    it.settle()
    it.poster.lose_every = 4
    it.ship(20, batch=1)
    it.settle()

    assert len(it.ledger.of("lost")) > 3
    assert len(door.shipments) == 20
    assert well(it)


def test_a_post_nobody_answered_stays_open_and_its_orders_off_the_shelf(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    door.deaf = 3

    assert it.ship(1) == []
    assert it.shelf() == []
    assert len(judge.findings(it.ledger)["posts_not_answered"]) == 1
    [late] = it.repeat()
    it.settle()
    assert (late["status"], len(door.shipments)) == (201, 1)
    assert well(it)


def test_a_shipment_is_voided_and_its_order_shipped_anew(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    [first] = it.ship(1)
    it.settle()

    assert it.void(first["shipment"])["done"]
    it.settle()
    [second] = it.ship(orders=[key("O1")])
    it.settle()

    assert second["status"] == 201
    assert judge.report(it.ledger)["shipments"]["voided"] == 1
    assert well(it)


def test_codes_may_come_later_by_a_correction(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    [made] = it.ship(1, coded=False, parcels=2)
    before = door.shipments[made["shipment"]]["parcels"]

    corrected = it.correct(made["shipment"])
    it.settle()

    assert [parcel["tracking_code"] for parcel in before] == [None, None]
    assert corrected["parcels"] == door.shipments[made["shipment"]]["parcels"]
    assert all(parcel["tracking_code"].startswith("Z") for parcel in corrected["parcels"])
    assert well(it)


def test_a_correction_that_changes_nothing_is_no_new_revision(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    [made] = it.ship(1)
    it.settle()

    it.correct(made["shipment"], it.ledger.shipped[made["shipment"]].parcels)

    assert door.shipments[made["shipment"]]["revision"] == 1
    assert well(it)


def test_the_ledger_shows_codes_as_the_door_keeps_them(door: FakeDoor, it: Warehouse) -> None:
    door.release(*(f"O{n}" for n in range(50)))
    it.settle()
    it.ship(50)

    sent = [parcel for post in it.ledger.of("post") for item in post["items"] for parcel in item["parcels"]]
    assert any(" " in parcel["tracking_code"] for parcel in sent)
    assert {one.id: one.parcels for one in it.ledger.shipped.values()} == {
        id_: shipment["parcels"] for id_, shipment in door.shipments.items()
    }


def test_several_shipments_of_an_order_end_with_the_final_one(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    it.ship(1, final=False)

    assert it.shelf() == [key("O1")]
    it.ship(1)
    it.settle()
    assert [shipment["final"] for shipment in door.shipments.values()] == [False, True]
    assert well(it)


def test_how_far_the_shop_knows_can_be_looked_at(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1", "O2")
    it.settle()
    one, _ = it.ship(2)
    door.shipments[one["shipment"]]["write_back"] = {"state": "confirmed", "written_before": False}

    assert [line["write_back"] for line in it.look()] == ["confirmed", "due"]
    assert [line["write_back"] for line in it.look()] == ["due"]


def test_a_refused_correction_is_told_and_changes_nothing(door: FakeDoor, it: Warehouse) -> None:
    door.release("O1")
    it.settle()
    [made] = it.ship(1)
    door.shipments.clear()

    assert it.correct(made["shipment"])["done"] is False
    assert it.ledger.shipped[made["shipment"]].corrected == 0
    assert it.ledger.of("turned_down")[0]["status"] == 404
    assert not it.ledger.deviations
    with pytest.raises(NotHere):
        it.void("s_other")


def test_the_ledger_goes_on_where_an_earlier_run_ended(door: FakeDoor, tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    door.release("O1", "O2", "O3")
    first = warehouse(door, ledger=Ledger(file=book))
    first.settle()
    first.ship(orders=[key("O1")])
    door.deaf = 3
    first.ship(orders=[key("O2")])
    with book.open("a") as cut:
        cut.write('{"what": "page", "cur')
    door.calls.clear()

    second = warehouse(door, ledger=Ledger(file=book))
    second.repeat()
    second.settle()
    second.ship(1)
    second.settle()

    assert door.calls[1][1].startswith("after=3&")
    assert sorted(shipment["order"] for shipment in door.shipments.values()) == ["O1", "O2", "O3"]
    codes = [parcel["tracking_code"] for one in door.shipments.values() for parcel in one["parcels"]]
    assert len(set(codes)) == len(codes)
    assert well(second)
    assert "Nováková" not in book.read_text()


def test_a_line_after_one_that_was_cut_can_be_read(door: FakeDoor, tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    book.write_text('{"what": "page", "cur')
    door.release("O1")
    warehouse(door, ledger=Ledger(file=book)).settle()

    assert Ledger(file=book).cursor == "1"


NUMBERS = st.sampled_from(("O1", "O2", "O3"))
OF_AN_ORDER = ("release", "stop", "shipped_elsewhere", "ship", "void", "correct")
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(OF_AN_ORDER), NUMBERS),
        st.tuples(st.sampled_from(("read", "settle", "restart", "repeat")), st.none()),
        st.tuples(st.just("deaf"), st.integers(1, 4)),
    ),
    max_size=30,
)


def at_the_door(door: FakeDoor, what: str, number: str) -> None:
    """Let something happen to an order in the shop, where it can."""
    entry = door.entries.get(number)
    state = entry.order["state"] if entry else None
    if what == "release" and entry is None:
        door.release(number)
    elif what == "release" and state == "held" and not entry.shipped:
        door.again(number)
    elif what == "stop" and state == "released":
        door.stop(number)
    elif what == "shipped_elsewhere" and state == "released":
        door.hold(number, "shipped", shipped=True)


def in_the_warehouse(it: Warehouse, what: str, number: str) -> None:
    """Do something with an order here, where it can be done."""
    live = it.ledger.live(key(number))
    if what == "ship" and key(number) in it.shelf():
        it.ship(orders=[key(number)])
    elif what == "void" and live:
        it.void(live[0].id)
    elif what == "correct" and live:
        it.correct(live[0].id)


def to_the_whole(door: FakeDoor, it: Warehouse, what: str, calls: int | None) -> Warehouse:
    """Let something happen that is about no single order; return the warehouse that goes on."""
    if what == "restart":
        return warehouse(door, ledger=Ledger(file=it.ledger.file))
    door.deaf = calls or door.deaf
    steps = {"read": it.reader.read, "settle": it.settle, "repeat": it.repeat}
    if what in steps:
        steps[what]()
    return it


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=HAPPENINGS)
def test_an_honest_door_is_never_found_wrong_and_every_order_leaves_once(
    happenings: list[tuple[str, Any]], tmp_path: Path
) -> None:
    book = tmp_path / "book.jsonl"
    book.unlink(missing_ok=True)
    door = FakeDoor()
    it = warehouse(door, ledger=Ledger(file=book))
    for what, which in happenings:
        with suppress(Unheard):
            if what in OF_AN_ORDER:
                at_the_door(door, what, which)
                in_the_warehouse(it, what, which)
            else:
                it = to_the_whole(door, it, what, which)
    door.deaf = 0
    it.repeat()
    it.settle()
    ready = it.shelf()
    it.ship(orders=ready)
    it.settle()

    assert faults(it) == []
    assert {name: found for name, found in judge.findings(it.ledger).items() if found} == {}
    live = [shipment["order"] for shipment in door.shipments.values() if not shipment["voided"]]
    assert len(live) == len(set(live))
    assert {one.id: one.voided_at is not None for one in it.ledger.shipped.values()} == {
        id_: shipment["voided"] for id_, shipment in door.shipments.items()
    }
    assert not any(entry.order["state"] == "stop" for entry in door.entries.values())
