"""Labels are handed over whatever became of the login they were made under, and the account that knows them is told."""

import json

from service import accounts, contracts
from service.accounts import Kind, Person
from tests.carriers.kit import SORTS
from tests.flows.counter import Counter
from tests.web.hatch import Hatch, fault, hatch
from tests.web.test_wms_handover import hand, now, post, work


def removed(at: Counter, code: str) -> None:
    with at.town.rig.db.tx_all("a test removes a login") as conn:
        contracts.close(conn, at.contracts[code].contract_id, now=at.town.watch())


def entered_for_the_shop(at: Counter, code: str) -> None:
    """Enter another login, for this shop alone: from now on it counts."""
    sort, world, rig = SORTS[code], at.worlds[code], at.town.rig
    with rig.db.tx_all("a test enters a login") as conn:
        at.contracts[code] = contracts.put(
            conn, at.account_id, at.tenant, code, base_url=f"{at.where}/{code}{sort.path}",
            secrets_sealed=rig.settings.seal.close(json.dumps(sort.secrets(world))), given=sort.given(world),
            switches=sorted(sort.switches), serials=None, now=at.town.watch(),
        )  # fmt: skip


def ordered(door: Hatch) -> int:
    """Return of how many parcels Balikobot heard by a hand-over."""
    return sum("order" in each.bag for each in door.at.worlds["balikobot"].parcels.values())


def test_what_was_labelled_under_a_login_that_was_entered_anew_is_told_at_the_hand_over(town) -> None:
    with hatch(town, "balikobot") as door:
        ids = door.ready("balikobot", 2)
        removed(door.at, "balikobot")
        door.at.log_in("balikobot", SORTS["balikobot"].secrets(door.at.worlds["balikobot"]))

        told = hand(door, "balikobot", shipments=ids)
        work(door.at)

        assert (now(door, told)["state"], told["refused"], ordered(door)) == ("done", [], 2)


def test_each_login_tells_of_its_own_labels_while_there_are_two(town) -> None:
    with hatch(town, "balikobot") as door:
        [before] = door.ready("balikobot")
        first = door.at.contracts["balikobot"].contract_id
        entered_for_the_shop(door.at, "balikobot")
        [after] = door.ready("balikobot")

        both = hand(door, "balikobot", shipments=[before, after])
        rest = hand(door, "balikobot")
        work(door.at)

        assert (both["shipments"], [(each["id"], each["code"]) for each in both["refused"]]) == (
            [after],
            [(before, "other_login")],
        )
        assert rest["shipments"] == [before]
        assert [now(door, each)["state"] for each in (both, rest)] == ["done", "done"]
        assert ordered(door) == 2
        with town.rig.db.tx(door.at.tenant) as conn:
            rows = conn.execute("SELECT contract_id FROM handovers").fetchall()
        assert first in {row["contract_id"] for row in rows}


def test_a_login_that_counts_no_more_tells_of_the_labels_made_under_it(town) -> None:
    with hatch(town, "balikobot") as door:
        removed(door.at, "balikobot")
        entered_for_the_shop(door.at, "balikobot")
        ids = door.ready("balikobot")
        with town.rig.db.tx_all("a test has another warehouse ship for the shop") as conn:
            depot = accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=town.watch())
            conn.execute(
                "UPDATE contracts SET account_id = %s WHERE contract_id = %s",
                [depot, door.at.contracts["balikobot"].contract_id],
            )
            assert "balikobot" not in contracts.usable(conn, door.at.tenant)

        told = hand(door, "balikobot")
        work(door.at)

        assert (now(door, told)["state"], told["shipments"], ordered(door)) == ("done", ids, 1)


def test_where_a_carrier_is_told_of_nothing_labels_of_any_login_go_together(town) -> None:
    with hatch(town, "ppl") as door:
        ids = door.ready("ppl")
        entered_for_the_shop(door.at, "ppl")
        ids += door.ready("ppl")

        told = hand(door, "ppl")
        work(door.at)

        assert ({*told["shipments"]}, told["refused"]) == ({*ids}, [])
        assert now(door, told)["state"] == "done"


def test_what_is_in_doubt_keeps_its_parcels_when_its_login_goes(town) -> None:
    with hatch(town, "balikobot") as door:
        ids = door.ready("balikobot", 2)
        door.at.worlds["balikobot"].faults.add("dropped", operation="order")
        told = hand(door, "balikobot", shipments=ids)
        work(door.at)
        removed(door.at, "balikobot")
        work(door.at, 120)
        door.at.log_in("balikobot", SORTS["balikobot"].secrets(door.at.worlds["balikobot"]))

        assert (now(door, told)["reason"], ordered(door)) == ("unclear", 2)
        assert fault(post(door, "balikobot"))[:2] == (409, "nothing_to_hand_over")
