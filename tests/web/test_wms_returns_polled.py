"""A return its carrier takes first and makes later is asked about until it is over, whoever dies meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service import contracts, returns
from service.problems import Cause
from service.returns import Parked, Return, State, Step
from simulator.carriers.ppl.batches import Batch
from tests.web.hatch import Hatch, fault, hatch
from tests.web.test_wms_returns import MINUTE, ask, asked, now, switch_on, work

POLLS, LABEL = "GET /shipment/batch/{}", "GET /data/{}"
LEASE_S = 45


@pytest.fixture
def door(town) -> Iterator[Hatch]:
    with hatch(town, "ppl") as door:
        switch_on(door, "ppl")
        yield door


def went(door: Hatch) -> dict[str, Any]:
    """Return a return that PPL has taken and is still at; nothing but it was made since the label."""
    [shipment] = door.ready("ppl")
    door.at.worlds["ppl"].ledger.clear()
    told = ask(door, shipment)
    work(door)
    assert asked(door, "ppl") == 1
    return told


def batch(door: Hatch) -> Batch:
    return [*door.at.worlds["ppl"].bag["batches"].values()][-1]


def stands(door: Hatch, told: dict[str, Any]) -> Return:
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        found = returns.one(conn, door.at.tenant, told["id"])
    assert found
    return found


def claimed(door: Hatch) -> Return:
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        found = returns.claim(conn, door.at.tenant, now=door.at.town.watch(), lease_s=LEASE_S)
    assert found
    return found


def test_what_its_carrier_is_at_waits_and_is_made_and_then_has_its_label(door: Hatch) -> None:
    told = went(door)
    door.at.worlds["ppl"].faults.add("error", operation=LABEL, calls=1)
    assert (now(door, told)["state"], now(door, told)["why"], asked(door, "ppl", POLLS)) == ("waiting", None, 0)
    work(door, 10)
    assert (now(door, told)["state"], len(now(door, told)["parcels"])) == ("made", 1)
    work(door, 2 * MINUTE)

    assert (now(door, told)["state"], now(door, told)["label"], asked(door, "ppl")) == ("ready", True, 1)
    assert stands(door, told).job is None


def test_it_is_asked_about_when_its_carrier_said_and_not_sooner(door: Hatch) -> None:
    told = went(door)

    assert stands(door, told).due_at == door.at.town.watch() + timedelta(seconds=2)


def test_a_worker_that_dies_while_he_asks_what_became_of_it_costs_nothing_but_time(door: Hatch) -> None:
    told = went(door)
    door.at.town.watch.move(5)
    assert claimed(door).step is Step.POLL

    work(door, LEASE_S + 10)

    assert (now(door, told)["state"], asked(door, "ppl")) == ("ready", 1)


@pytest.mark.parametrize("kind", ["error", "down", "html", "truncated", "busy"])
def test_it_is_asked_about_again_where_asking_fails(door: Hatch, kind: str) -> None:
    told = went(door)
    door.at.worlds["ppl"].faults.add(kind, operation=POLLS, calls=3)

    work(door, 10)
    assert now(door, told)["state"] == "waiting"
    assert fault(door.ask("DELETE", f"/returns/{told['id']}"))[:2] == (409, "not_parked")
    work(door, 15 * MINUTE, step_s=30)

    assert (now(door, told)["state"], asked(door, "ppl")) == ("ready", 1)
    assert door.at.causes() == set()


def test_what_its_carrier_finds_wrong_later_waits_for_a_person_and_can_be_asked_for_again(door: Hatch) -> None:
    told = went(door)
    batch(door).lines[0].fault = "ZipCodeUnknown"

    work(door, 10)
    parked = now(door, told)
    assert (parked["state"], parked["reason"], len(parked["faults"])) == ("parked", "refused", 1)
    assert "zip code does not exist" in parked["why"]
    assert door.at.causes() == {Cause.LABEL_REFUSED}
    assert door.ask("POST", f"/returns/{told['id']}/again").status_code == 202
    work(door, 10)

    assert (now(door, told)["state"], asked(door, "ppl")) == ("ready", 2)
    assert door.at.causes() == set()


def test_what_its_carrier_does_not_know_any_more_may_be_made_and_is_a_persons(door: Hatch) -> None:
    told = went(door)
    door.at.worlds["ppl"].bag["batches"].clear()

    work(door, 5 * MINUTE, step_s=MINUTE)

    assert (now(door, told)["state"], now(door, told)["reason"], asked(door, "ppl")) == ("parked", "unclear", 1)


def test_what_its_carrier_is_at_for_ever_is_a_persons(door: Hatch) -> None:
    told = went(door)
    batch(door).lines[0].ready_at += timedelta(days=1)

    work(door, 110 * MINUTE, step_s=5 * MINUTE)
    assert now(door, told)["state"] == "waiting"
    work(door, 40 * MINUTE, step_s=5 * MINUTE)

    assert (now(door, told)["reason"], asked(door, "ppl")) == ("unclear", 1)


@pytest.mark.parametrize("kind", ["busy", "html"])
def test_what_is_never_told_may_be_made(door: Hatch, kind: str) -> None:
    told = went(door)
    door.at.worlds["ppl"].faults.add(kind, operation=POLLS, calls=None)

    work(door, 240 * MINUTE, step_s=2 * MINUTE)

    assert (now(door, told)["reason"], asked(door, "ppl")) == ("unclear", 1)


def test_what_was_under_way_under_a_login_that_is_gone_may_be_made(door: Hatch) -> None:
    told = went(door)
    with door.at.town.rig.db.tx_all("a test removes a login") as conn:
        contracts.close(conn, door.at.contracts["ppl"].contract_id, now=door.at.town.watch())

    work(door, 10)

    assert now(door, told)["reason"] == "unclear"


def test_who_asked_first_and_comes_late_is_believed_unless_it_was_let_be(door: Hatch) -> None:
    told = went(door)
    job = stands(door, told).job or {}
    at, later = door.at, door.at.town.watch() + timedelta(hours=1)
    with at.town.rig.db.tx(at.tenant) as conn:
        conn.execute("UPDATE return_labels SET job = NULL, due_at = now() - interval '9 years'")
    first = claimed(door)
    with at.town.rig.db.tx(at.tenant) as conn:
        assert returns.park(conn, at.tenant, first, Parked.UNCLEAR, why="dead", now=later)

        assert returns.pending(conn, at.tenant, first, job, until=later, now=later)
        revived = returns.one(conn, at.tenant, told["id"])
        assert revived
        assert (revived.state, revived.step, revived.due_at) == (State.WAITING, Step.POLL, later)
        assert not returns.pending(conn, at.tenant, revived, job, until=later, now=later)  # nobody's
        conn.execute("UPDATE return_labels SET job = NULL, parked = 'unclear'")
        assert returns.give_up(conn, at.tenant, told["id"], now=later)
        assert not returns.pending(conn, at.tenant, first, job, until=later, now=later)
