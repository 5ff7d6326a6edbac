"""A car that was ordered is asked about until its carrier says whether it comes, and can be called off."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from carriers.base import Cancelled
from carriers.cars import Car, Left, Ordered
from carriers.errors import Kind
from service import accounts, handovers, tenants
from service.handovers import cars
from service.problems import Cause
from service.steps import handing
from service.steps.cars import CALLED_OFF, IN_DOUBT, NOT_THERE, collection_of
from tests.carriers.kit import SORTS
from tests.flows.scripted import Script, busy, lost, no, scripted
from tests.web.hatch import Hatch, fault, hatch
from tests.web.test_wms_handover import car, hand, now, work
from tests.web.test_wms_handover_logins import removed

HOURS = 3_600
WAITS = Ordered(Car.WAITING)


@pytest.fixture
def script(town) -> Script:
    return scripted(town)


@pytest.fixture
def door(town, script: Script) -> Iterator[Hatch]:  # before the counter opens
    with hatch(town, "ppl", "balikobot") as opened:
        yield opened


def ordered(door: Hatch, code: str = "ppl") -> dict:
    """Return a hand-over whose car is ordered, before anybody asks what became of it."""
    door.ready(code)
    told = hand(door, code, collection=car(door, code))
    work(door.at)
    assert now(door, told)["collection"]["ordered"]
    return told


def call_off(door: Hatch, told: dict, **how: str) -> httpx.Response:
    return door.ask("DELETE", f"/handover/{told['id']}/collection", **how)


def asked(script: Script, question: str = "car") -> int:
    return sum(each[0] == question for each in script.asked)


def test_a_car_is_told_which_parcels_it_comes_for(door: Hatch) -> None:
    ids = door.ready("ppl", 2)
    told = hand(door, "ppl", shipments=ids, collection=car(door, "ppl"))

    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        each = handovers.one(conn, door.at.tenant, told["id"])
        assert each
        wanted = collection_of(conn, door.at.tenant, each)

    codes = [parcel["tracking_code"] for one in ids for parcel in door.booking(one)["parcels"]]
    assert ([parcel.number for parcel in wanted.parcels], wanted.count) == (codes, 2)


def test_a_car_its_carrier_has_taken_on_is_asked_about_once(door: Hatch, script: Script) -> None:
    told = ordered(door)
    work(door.at, 60)

    done = now(door, told)
    assert (done["state"], done["collection"]["refused"], done["collection"]["cancelled"]) == ("done", None, None)
    assert script.asked == [("car", done["collection"]["number"])]


def test_a_car_that_is_refused_after_all_is_told_with_its_carriers_words(door: Hatch, script: Script) -> None:
    script.will("car", WAITS, lost(), Ordered(Car.REFUSED, "no car comes to that ramp"))
    told = ordered(door)
    work(door.at, 300)

    parked = now(door, told)
    assert (parked["state"], parked["reason"], parked["why"]) == ("parked", "refused", "no car comes to that ramp")
    assert (bool(parked["collection"]["refused"]), bool(parked["handed_over"])) == (True, True)
    assert (asked(script), door.at.causes()) == (3, {Cause.HANDOVER_PARKED})
    assert fault(call_off(door, told))[:2] == (409, "no_car")
    assert door.ask("DELETE", f"/handover/{told['id']}").json()["state"] == "cancelled"
    assert door.at.causes() == set()


def test_a_car_nobody_says_anything_of_is_not_asked_about_for_ever(door: Hatch, script: Script) -> None:
    script.will("car", *[WAITS, busy(), no(Kind.UNKNOWN), lost()] * 5)
    told = ordered(door)
    work(door.at, 4 * HOURS, step_s=30)

    assert asked(script) <= cars.ASKS_MOST
    parked = now(door, told)
    assert (parked["state"], parked["reason"], parked["why"]) == ("parked", "unclear", IN_DOUBT)
    assert (bool(parked["collection"]["ordered"]), parked["collection"]["refused"]) == (True, None)
    assert door.at.causes() == {Cause.HANDOVER_PARKED}
    assert call_off(door, told).json()["state"] == "done"
    assert door.at.causes() == set()


def test_a_car_that_nobody_could_ask_about_is_told(door: Hatch, script: Script) -> None:
    told = ordered(door)
    removed(door.at, "ppl")
    work(door.at, 4 * HOURS, step_s=30)

    assert (now(door, told)["reason"], asked(script)) == ("unclear", 0)
    assert Cause.HANDOVER_PARKED in door.at.causes()


def test_a_car_its_carrier_still_does_not_know_when_it_is_asked_last_is_told(door: Hatch, script: Script) -> None:
    script.will("car", *[no(Kind.UNKNOWN)] * cars.ASKS_MOST)
    told = ordered(door)
    work(door.at, 0.5 * HOURS, step_s=30)
    assert door.at.causes() == set()
    work(door.at, 2 * HOURS, step_s=30)

    parked = now(door, told)
    assert (parked["state"], parked["reason"], bool(parked["collection"]["refused"])) == ("parked", "refused", True)
    assert (NOT_THERE in parked["why"], "so says the carrier" in parked["why"]) == (True, True)
    assert (asked(script), door.at.causes()) == (cars.ASKS_MOST, {Cause.HANDOVER_PARKED})


def test_it_is_asked_ever_more_sparsely_for_an_hour_and_a_half(door: Hatch) -> None:
    at = door.at.town.watch()
    waits = [cars.ask_again_at(asks, at) for asks in range(1, cars.ASKS_MOST + 1)]

    assert waits[-1] is None
    seconds = [(each - at).total_seconds() for each in waits if each]
    assert seconds == sorted(seconds)
    assert timedelta(hours=0.5) < timedelta(seconds=sum(seconds)) < timedelta(hours=1.5)


def test_a_car_is_called_off_at_its_carrier_and_twice_is_the_same_as_once(door: Hatch, script: Script) -> None:
    told = ordered(door)

    first, again = call_off(door, told), call_off(door, told)
    work(door.at, 60)

    assert (first.status_code, again.json()) == (200, first.json())
    assert (first.json()["state"], bool(first.json()["collection"]["cancelled"])) == ("done", True)
    assert (asked(script, "recall"), asked(script)) == (1, 0)


def test_what_is_unclear_of_calling_off_is_asked_again(door: Hatch, script: Script) -> None:
    told = ordered(door)
    script.will("recall", lost(), Cancelled.BEFORE)

    first = call_off(door, told)
    assert (fault(first)[:2], now(door, told)["collection"]["cancelled"]) == ((503, "come_again"), None)
    assert int(first.headers["retry-after"]) > 0
    door.at.town.watch.move(60)

    assert call_off(door, told).json()["collection"]["cancelled"]


def test_a_car_its_carrier_never_knew_is_never_taken_for_called_off(door: Hatch, script: Script) -> None:
    told = ordered(door)
    script.will("recall", Cancelled.UNKNOWN, no(Kind.UNKNOWN), busy(), Cancelled.UNKNOWN, no(Kind.TOO_LATE))

    assert [fault(call_off(door, told))[1] for _ in range(3)] == ["no_car", "no_car", "come_again"]
    door.at.town.watch.move(60)
    assert [fault(call_off(door, told))[1] for _ in range(2)] == ["no_car", "too_late"]
    assert now(door, told)["collection"]["cancelled"] is None


@pytest.mark.parametrize("gone", [Cancelled.UNKNOWN, no(Kind.UNKNOWN)])
def test_a_car_that_is_known_no_more_after_an_answer_got_lost_is_called_off(
    door: Hatch, script: Script, gone: object
) -> None:
    told = ordered(door)
    script.will("recall", lost(), busy(), gone)

    for wait_s in (60, 60, 0):
        answer = call_off(door, told)
        door.at.town.watch.move(wait_s)

    assert answer.json()["collection"]["cancelled"]


def test_what_was_said_clearly_after_an_answer_got_lost_settles_it(door: Hatch, script: Script) -> None:
    told = ordered(door)
    script.will("recall", lost(), Cancelled.TOO_LATE, Cancelled.UNKNOWN)
    call_off(door, told)
    door.at.town.watch.move(60)

    assert [fault(call_off(door, told))[1] for _ in range(2)] == ["too_late", "no_car"]


def test_a_car_that_is_called_off_in_part_goes_by_what_is_left_of_it(door: Hatch, script: Script) -> None:
    told = ordered(door)
    script.will("recall", Left("8,9"), Left("9", "1 of 2 orders of the car are off, 9 stand"), Cancelled.UNKNOWN)

    first, second = call_off(door, told), call_off(door, told)

    assert (fault(first)[:2], fault(second)[:2]) == ((503, "come_again"), (409, "too_late"))
    assert "9 stand" in second.json()["detail"]
    assert (now(door, told)["collection"]["number"], now(door, told)["collection"]["cancelled"]) == ("9", None)
    assert call_off(door, told).json()["collection"]["cancelled"]  # the rest is gone, too
    assert [about[0] for question, *about in script.asked if question == "recall"][1:] == ["8,9", "9"]


@pytest.mark.parametrize("is_handed", [False, True])
def test_a_car_that_was_not_asked_for_yet_is_asked_for_no_more(door: Hatch, script: Script, is_handed: bool) -> None:
    door.ready("ppl")
    told = hand(door, "ppl", collection=car(door, "ppl"))
    if is_handed:
        with door.at.town.rig.db.tx(door.at.tenant) as conn:
            each = handovers.claim(conn, door.at.tenant, now=door.at.town.watch(), lease_s=45)
            assert each
            handing.hand(conn, door.at.tenant, each, None, now=door.at.town.watch())

    first, again = call_off(door, told), call_off(door, told)
    work(door.at, 60)

    assert (first.status_code, again.json()) == (200, first.json())
    done = now(door, told)
    assert (done["state"], bool(done["handed_over"])) == ("done", True)
    assert (done["collection"]["ordered"], bool(done["collection"]["cancelled"])) == (False, True)
    assert door.at.worlds["ppl"].cars == {}
    assert asked(script, "recall") == 0


def test_whoever_is_about_to_ask_for_a_car_that_is_withdrawn_does_not(door: Hatch, script: Script) -> None:
    told, each = claimed(door)
    assert call_off(door, told).status_code == 200

    handing.take_on(door.at.town.rig, door.at.tenant, each)

    assert (now(door, told)["state"], door.at.worlds["ppl"].cars) == ("done", {})


def test_a_car_that_is_just_being_asked_for_is_not_withdrawn(door: Hatch) -> None:
    told, each = claimed(door)
    with door.at.town.rig.db.tx(door.at.tenant) as conn:
        assert handovers.asked(conn, door.at.tenant, each, at=door.at.town.watch())

    assert fault(call_off(door, told))[:2] == (503, "come_again")
    assert now(door, told)["collection"]["cancelled"] is None


def claimed(door: Hatch) -> tuple[dict, handovers.Handover]:
    """Return a hand-over whose parcels are handed over, claimed by whoever is to ask for its car."""
    door.ready("ppl")
    told, rig, tenant_id = hand(door, "ppl", collection=car(door, "ppl")), door.at.town.rig, door.at.tenant
    with rig.db.tx(tenant_id) as conn:
        each = handovers.claim(conn, tenant_id, now=rig.now(), lease_s=45)
        assert each
        handing.hand(conn, tenant_id, each, None, now=rig.now())
        each = handovers.claim(conn, tenant_id, now=rig.now(), lease_s=45)
        assert each
        assert each.step is handovers.Step.COLLECT
    return told, each


def test_a_car_outlives_its_login_where_another_was_entered(door: Hatch, script: Script) -> None:
    script.will("car", WAITS, Ordered(Car.ORDERED))
    told = ordered(door)
    work(door.at, 6)
    removed(door.at, "ppl")
    work(door.at, 20)
    door.at.log_in("ppl", SORTS["ppl"].secrets(door.at.worlds["ppl"]))
    work(door.at, 60)

    assert asked(script) == 2
    assert call_off(door, told).json()["collection"]["cancelled"]


def test_a_car_is_called_off_by_whoever_ships(door: Hatch, script: Script) -> None:
    told, rig = ordered(door), door.at.town.rig
    with rig.db.tx_all("a test has somebody else ship for the shop") as conn:
        warehouse = accounts.create(conn, accounts.Kind.WAREHOUSE, accounts.Person("W"), now=rig.now())
        tenants.ship_from(conn, door.at.tenant, account_id=warehouse)

    assert fault(call_off(door, told))[:2] == (409, "not_the_shipper")
    assert asked(script, "recall") == 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Cancelled.TOO_LATE, "too_late"),
        (Cancelled.UNKNOWN, "no_car"),
        (no(Kind.TOO_LATE), "too_late"),
        (no(Kind.UNKNOWN), "no_car"),
        (no(Kind.UNSUPPORTED), "cannot_recall"),
        (no(Kind.CONTENT), "refused"),
        (no(Kind.LOGIN), "login_refused"),
    ],
)
def test_a_carriers_no_to_calling_off_is_told(door: Hatch, script: Script, answer: object, code: str) -> None:
    told = ordered(door)
    script.will("recall", answer)

    assert fault(call_off(door, told))[:2] == (409, code)
    assert now(door, told)["collection"]["cancelled"] is None


@pytest.mark.parametrize("unknown", [Cancelled.UNKNOWN, no(Kind.UNKNOWN)])
def test_a_no_that_was_heard_is_no_yes_the_second_time(door: Hatch, script: Script, unknown: object) -> None:
    told = ordered(door)
    script.will("recall", *[unknown] * 3)

    answers = [fault(call_off(door, told))[:2] for _ in range(3)]

    assert answers == [(409, "no_car")] * 3
    assert now(door, told)["collection"]["cancelled"] is None


def test_what_got_lost_and_is_not_known_any_more_is_called_off_unless_a_no_came_between(
    door: Hatch, script: Script
) -> None:
    told = ordered(door)
    script.will("recall", lost(), no(Kind.CONTENT), Cancelled.UNKNOWN, lost(), Cancelled.UNKNOWN)

    answers: list[int] = []
    for _ in range(5):
        answers.append(call_off(door, told).status_code)
        door.at.town.watch.move(60)

    assert answers == [503, 409, 409, 503, 200]
    assert now(door, told)["collection"]["cancelled"]


def test_a_car_ppl_has_and_does_not_find_is_not_called_off_by_asking_twice(town) -> None:
    with hatch(town, "ppl") as door:
        told, world = ordered(door), door.at.worlds["ppl"]
        work(door.at, 60)
        for _ in range(2):
            world.faults.add("error", operation=RECALLS["ppl"], status=404)
            assert fault(call_off(door, told))[:2] == (409, "refused")

        assert now(door, told)["collection"]["cancelled"] is None
        assert call_off(door, told).json()["collection"]["cancelled"]


def test_what_cannot_be_called_off_says_why(door: Hatch, script: Script) -> None:
    elsewhere = ordered(door, "balikobot")
    door.ready("ppl", 2)
    without = hand(door, "ppl")

    assert fault(call_off(door, elsewhere))[1] in ("cannot_recall", "no_car")  # it gives no number
    assert fault(call_off(door, without))[:2] == (409, "no_car")
    assert fault(call_off(door, without, token=door.stranger))[:2] == (404, "unknown_handover")
    assert fault(call_off(door, {"id": "h_x_1"}))[:2] == (404, "unknown_handover")
    assert asked(script, "recall") == 0


def test_a_car_its_carrier_called_off_by_itself_is_told(door: Hatch, script: Script) -> None:
    script.will("car", Ordered(Car.CANCELLED))
    told = ordered(door)
    work(door.at, 30)

    parked = now(door, told)
    assert (parked["state"], parked["why"], parked["collection"]["cancelled"]) == ("parked", CALLED_OFF, None)
    assert (asked(script), door.at.causes()) == (1, {Cause.HANDOVER_PARKED})


def test_a_car_we_asked_to_call_off_is_called_off_once_its_carrier_says_so(door: Hatch, script: Script) -> None:
    script.will("recall", lost())
    script.will("car", Ordered(Car.CANCELLED))
    told = ordered(door)
    call_off(door, told)
    work(door.at, 60)

    assert now(door, told)["collection"]["cancelled"]
    assert door.at.causes() == set()


@pytest.mark.parametrize("code", ["ppl", "dpd_cz"])
@pytest.mark.parametrize("is_lost", [False, True])
def test_carriers_that_take_cars_back_do(town, code: str, is_lost: bool) -> None:
    with hatch(town, code) as door:
        told, world = ordered(door, code), door.at.worlds[code]
        work(door.at, 60)
        if is_lost:
            world.faults.add("dropped", operation=RECALLS[code])
            assert fault(call_off(door, told))[:2] == (503, "come_again")
            assert now(door, told)["collection"]["cancelled"] is None
            town.watch.move(60)

        answer = call_off(door, told)

        assert answer.json()["collection"]["cancelled"], answer.text
        assert all(each.cancelled_at for each in world.cars.values())


RECALLS = {"ppl": "POST /order/cancel", "dpd_cz": "DELETE /pickup-orders/{}"}


def test_dpd_sends_a_car_for_the_parcels_that_are_named_to_it(town) -> None:
    with hatch(town, "dpd_cz") as door:
        with town.rig.db.tx_all("a test switches off what no document has") as conn:
            conn.execute("UPDATE contracts SET switches = '{}'")
        ids = door.ready("dpd_cz", 2)
        told = hand(door, "dpd_cz", shipments=ids, collection=car(door, "dpd_cz"))

        work(door.at, 60)

        codes = {parcel["tracking_code"] for one in ids for parcel in door.booking(one)["parcels"]}
        assert now(door, told)["collection"]["ordered"], now(door, told)
        assert {each.told["parcel"]["parcelNumber"] for each in door.at.worlds["dpd_cz"].cars.values()} == codes


def test_a_car_ppl_refuses_after_it_took_the_order_in_is_told(town) -> None:
    with hatch(town, "ppl") as door:
        told = ordered(door)
        orders = door.at.worlds["ppl"].bag["orders"]
        orders[0] = replace(orders[0], fault="SendTimeWrong")

        work(door.at, 120)

        parked = now(door, told)
        assert (parked["state"], parked["reason"], bool(parked["collection"]["refused"])) == ("parked", "refused", True)
        assert "SendTimeWrong" in parked["why"]
