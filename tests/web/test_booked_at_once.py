"""One order booked by the page, the warehouse's door and the lane at the same moment: one parcel, and each is told."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from service.bookings import State
from service.db import Database
from tests.flows.town import build
from tests.web.gate import TO_THE_DOOR, Gate, of, open_gate
from tests.web.parcel_desk import Desk, desk, said

ORDERS = 4


@dataclass
class Both:
    """A merchant at the page and his warehouse at the door, of one shop."""

    gate: Gate
    desk: Desk

    @property
    def numbers(self) -> list[str]:
        return of(self.gate, TO_THE_DOOR)[:ORDERS]

    def door(self, number: str, key: str) -> httpx.Response:
        headers, item = {"Idempotency-Key": f"{key}-{number}"}, self.gate.item(number)
        return self.gate.ask("POST", "/shipments", headers=headers, json={"shipments": [item]})

    def press(self, form: dict[str, Any]) -> httpx.Response:
        return self.desk.browser.post("/panel/pack/book", data=form)

    def again(self, shipment_id: str) -> httpx.Response:
        return self.gate.ask("POST", f"/shipments/{shipment_id}/book", json={"as_it_was": True})

    def made(self) -> list[int]:
        return [len(numbers) for numbers in self.gate.at.worlds["ppl"].made(counting_cancelled=True).values()]


@pytest.fixture
def both(tmp_path, database, redis_url) -> Iterator[Both]:
    town = build(tmp_path, database.url, redis_url)
    with closing(Database(database.url, size=10)) as wide:
        wide.open()
        town.rig.db.close()
        town.rig = replace(town.rig, db=wide)
        with open_gate(town) as gate:
            made = desk(gate.at)
            made.pair()
            yield Both(gate, made)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Let everybody begin at the same moment and return what came of each."""
    gate = threading.Barrier(len(acts))

    def begin(act: Callable[[], Any]) -> Any:
        gate.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result(30) for done in [threads.submit(begin, act) for act in acts]]


def told(answer: httpx.Response) -> str:
    """Return what the door said of its only item."""
    assert answer.status_code == 200, answer.text
    [result] = answer.json()["results"]
    return "booked" if result["status"] == 201 else result["code"]


def shown(both: Both, answer: httpx.Response) -> str:
    """Return what the page said of its only order."""
    if answer.status_code == 409:
        assert said("pack_changed") in answer.text
        return "changed"
    assert answer.status_code == 303, answer.text
    batch = both.desk.page(answer.headers["location"])
    return "already_shipped" if said("pack_already_shipped") in batch else "booked"


def test_an_order_booked_by_page_door_and_lane_at_once_is_one_parcel(both: Both) -> None:
    for number in both.numbers:
        form = both.desk.form(tick={number: ""})

        page, one, other, _ = at_once(
            lambda form=form: both.press(form),
            lambda number=number: both.door(number, "one"),
            lambda number=number: both.door(number, "other"),
            both.gate.at.turn,
        )
        outcomes = [shown(both, page), told(one), told(other)]
        both.gate.at.work(30)

        assert outcomes.count("booked") == 1
        assert set(outcomes) <= {"booked", "already_shipped", "changed"}
        assert [each.state for each in both.gate.booked(number)] == [State.READY]
        assert len(both.gate.left(number)) == 1
    assert both.made() == [1] * ORDERS


def test_a_parked_label_asked_for_again_while_page_and_door_book_its_order_is_one_parcel(both: Both) -> None:
    for number in both.numbers:
        form = both.desk.form(tick={number: ""})
        shipment_id = both.door(number, "first").json()["results"][0]["shipment"]["id"]
        with both.gate.at.town.rig.db.tx(both.gate.at.tenant) as conn:
            conn.execute(
                "UPDATE bookings SET parked = 'refused', why = 'a test', due_at = NULL, since = NULL"
                " WHERE shipment_id = %s",
                [shipment_id],
            )

        page, one, *again, _ = at_once(
            lambda form=form: both.press(form),
            lambda number=number: both.door(number, "other"),
            lambda shipment_id=shipment_id: both.again(shipment_id),
            lambda shipment_id=shipment_id: both.again(shipment_id),
            both.gate.at.turn,
        )
        both.gate.at.work(30)

        assert (shown(both, page), told(one)) == ("changed", "already_shipped")
        assert sorted(each.status_code for each in again) == [200, 409]
        assert [each.json()["code"] for each in again if each.status_code == 409] == ["not_parked"]
        assert [each.state for each in both.gate.booked(number)] == [State.READY]
    assert both.made() == [1] * ORDERS
