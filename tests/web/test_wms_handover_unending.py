"""A hand-over its carrier will not have, or never answers readably, is a person's and stops no label."""

import pytest

from service.problems import Cause
from tests.web.hatch import hatch
from tests.web.test_wms_handover import MINUTE, hand, now, work


@pytest.mark.parametrize("status", [403, 409, 423])
def test_a_close_its_carrier_refuses_is_parked_and_brakes_no_label(town, status: int) -> None:
    with hatch(town, "balikobot") as door:
        ids = door.ready("balikobot")
        door.at.worlds["balikobot"].faults.add("error", operation="order", status=status)

        told = hand(door, "balikobot")
        work(door.at, MINUTE)

        parked = now(door, told)
        assert (parked["state"], parked["reason"]) == ("parked", "refused")
        assert door.tries(door.at.contracts["balikobot"].contract_id) == 0
        again = hand(door, "balikobot", shipments=ids)
        work(door.at)
        assert now(door, again)["state"] == "done"


@pytest.mark.parametrize(("kind", "fails"), [("html", False), ("error", True)])
def test_a_close_that_has_no_answer_for_hours_is_a_persons(town, kind: str, *, fails: bool) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot")
        contract_id = door.at.contracts["balikobot"].contract_id
        door.at.worlds["balikobot"].faults.add(kind, operation="order", calls=None)

        told = hand(door, "balikobot")
        work(door.at, 30 * MINUTE, step_s=60)
        assert (now(door, told)["state"], door.tries(contract_id) > 0) == ("waiting", fails)
        work(door.at, 120 * MINUTE, step_s=120)

        parked = now(door, told)
        assert (parked["state"], parked["reason"]) == ("parked", "unclear")
        assert door.tries(contract_id) == 0


def test_a_close_its_carrier_is_busy_for_without_end_keeps_no_label_and_is_a_persons(town) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot")
        door.at.worlds["balikobot"].faults.add("busy", operation="order", calls=None)

        told = hand(door, "balikobot")
        work(door.at, 30 * MINUTE, step_s=30)
        label = door.at.wants("balikobot")
        work(door.at, 2 * MINUTE, step_s=30)
        assert (now(door, told)["state"], door.at.states(label)) == ("waiting", ["ready"])
        assert door.at.causes() == {Cause.CARRIER_DOWN}
        work(door.at, 120 * MINUTE, step_s=120)

        parked = now(door, told)
        assert (parked["state"], parked["reason"]) == ("parked", "refused")
        assert "once more by their ids" not in parked["why"]  # no answer got lost
        assert door.at.causes() == {Cause.HANDOVER_PARKED}


def test_a_hand_over_that_waited_for_a_shop_that_left_is_not_told_when_that_comes_back(town) -> None:
    with hatch(town, "balikobot") as door:
        door.ready("balikobot")
        told = hand(door, "balikobot")
        town.watch.move(MINUTE)
        with town.rig.db.tx_all("a test lets a shop leave and come back") as conn:
            conn.execute("UPDATE tenants SET installed_at = %s", [town.watch()])

        work(door.at, MINUTE)

        assert (now(door, told)["state"], now(door, told)["reason"]) == ("parked", "refused")
        assert not any("order" in call.operation for call in door.at.worlds["balikobot"].ledger)
