"""A warehouse ships, corrects and takes back; whatever it does twice, or two of them at once, is done once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.flows import ship, sweep
from service.flows.ship import ShipmentRefused
from service.lanes import Lane
from service.mappings import Tracking
from service.problems import Cause
from service.shipments import OtherBody, Parcel
from service.steps import leaving
from tests.dock import PPL, SENT, STORNO, Dock, dock, numbered

CODE = PPL.tracking_code
LATE = Parcel("ppl", None, 1250)
OTHER = Parcel("dpd", "05500000002", None)


@pytest.fixture
def at(database, tmp_path) -> Iterator[Dock]:
    with dock(database.url, tmp_path) as made:
        yield made


def test_what_is_shipped_is_offered_no_more_and_due_in_the_shop(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.bench.wakes.sent.clear()

    told = at.ships(shop, "O1")

    assert told == {
        "id": told["id"],
        "tenant": shop,
        "order": "O1",
        "revision": 1,
        "final": True,
        "voided": False,
        "created": "2026-03-01T12:00:03Z",
        "changed": "2026-03-01T12:00:03Z",
        "parcels": [{"carrier": "ppl", "tracking_code": CODE, "weight_g": 1250}],
        "booking": None,
        "write_back": {"state": "due", "written_before": False},
    }
    assert at.says(shop, "O1") == ("held", "shipped")
    assert at.written(shop) == [("O1", SENT, CODE, True)]
    assert at.bench.wakes.sent == [(Lane.WRITEBACK, shop)]
    assert at.journal(shop) == ["shipment"]


def test_parts_may_leave_before_the_last_one(at: Dock) -> None:
    shop = at.shop("alfa", "O1")

    at.ships(shop, "O1", LATE, final=False)
    at.ships(shop, "O1", PPL, final=False)
    assert at.says(shop, "O1") == ("released", None)
    assert at.written(shop) == [("O1", None, CODE, False)]

    at.ships(shop, "O1", OTHER)
    assert at.says(shop, "O1") == ("held", "shipped")
    assert at.written(shop) == [("O1", SENT, None, True)]
    assert at.post("a", at.item(shop, "O1"), at.item(shop, "O1", final=False)) == ["already_shipped"] * 2


def test_a_status_waits_a_quarter_of_an_hour_for_its_code(at: Dock) -> None:
    shop = at.shop("alfa", "O1", "O2")
    told = at.ships(shop, "O1", LATE)
    at.ships(shop, "O2", LATE)

    assert told["write_back"]["state"] == "waits"
    at.bench.watch.pass_s(14 * 60)
    assert at.correct(told, Parcel("ppl", None, 900))["write_back"]["state"] == "waits"
    assert at.correct(told, PPL)["write_back"] == {"state": "due", "written_before": False}
    assert at.written(shop) == [("O1", SENT, CODE, True)]
    at.bench.watch.pass_s(60)
    assert at.written(shop) == [("O2", SENT, None, True)]


def test_each_item_has_its_own_result(at: Dock) -> None:
    shop, other = at.shop("alfa", "O1", "O2"), at.shop("beta", "O1")
    at.shows(shop, "O3", payment={"type": "bankTransfer"})

    results = at.post(
        "a",
        at.item(other, "O1"),
        at.item(shop, "O9"),
        at.item(shop, "O1"),
        at.item("t_nobody", "O1"),
        at.item(shop, "O1"),
        at.item(shop, "O3"),
        at.item(shop, "O2", final=False),
    )

    said = [each if isinstance(each, str) else (each["tenant"], each["order"]) for each in results]
    assert said == [
        (other, "O1"), "unknown_order", (shop, "O1"), "unknown_order", "already_shipped", "not_released", (shop, "O2")
    ]  # fmt: skip
    assert at.says(other, "O1") == ("held", "shipped")


def test_a_foreign_shop_and_an_order_that_is_not_there_are_one_answer(at: Dock) -> None:
    shop, foreign = at.shop("alfa", "O1"), at.shop("beta", "O2")
    at.tenants.discard(foreign)
    items = [at.item(foreign, "O2"), at.item(shop, "O2"), at.item("t_x", "O2")]

    told = ship.record(at.bench.rig, at.asking("a"), numbered(items))

    assert {(each["code"], each["detail"]) for each in told} == {leaving.UNKNOWN}
    assert at.shipments(foreign, "O2") == []


@pytest.mark.parametrize(
    ("fields", "code", "why"),
    [
        ({"status_id": STORNO}, "not_released", "cancelled"),
        ({"status_id": SENT}, "not_released", "status"),
        ({"payment": {"type": "bankTransfer"}}, "not_released", "unpaid"),
        ({"created": -200_000}, "not_released", "history"),
    ],
)
def test_what_is_not_released_does_not_leave_unless_it_has_left_already(at: Dock, fields, code, why) -> None:
    shop = at.shop("alfa")
    at.shows(shop, "O1", **fields)

    [told] = ship.record(at.bench.rig, at.asking("a"), numbered([at.item(shop, "O1")]))
    assert (told["code"], told["detail"]) == (code, f"The order is not released: {why}.")
    assert at.shipments(shop, "O1") == []

    at.ships(shop, "O1", left_already=True)
    assert at.problems(shop) == {"O1": Cause.SHIPPED_THOUGH_HELD}
    assert at.post("a", at.item(shop, "O1", left_already=True)) == ["already_shipped"]


def test_a_stop_is_refused_until_it_has_left_already(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.shows(shop, "O1", status_id=STORNO)

    [told] = ship.record(at.bench.rig, at.asking("a"), numbered([at.item(shop, "O1")]))
    assert told["code"] == "stopped"
    assert "cancelled" in told["detail"]

    at.ships(shop, "O1", left_already=True)
    assert at.says(shop, "O1") == ("stop", "cancelled")  # it stays until it was acknowledged
    assert at.problems(shop) == {"O1": Cause.SHIPPED_THOUGH_HELD}
    assert at.written(shop) == [("O1", None, CODE, False)]  # the shop's cancellation stands


def test_what_leaves_of_the_history_is_never_written(at: Dock) -> None:
    shop = at.shop("alfa")
    at.shows(shop, "O1", created=-200_000)

    assert at.ships(shop, "O1", left_already=True)["write_back"]["state"] == "none"
    assert at.written(shop) == []


def test_a_shop_that_is_only_observed_ships_nothing_and_is_told_nothing(at: Dock) -> None:
    shop = at.shop("alfa", "O1", live=False)

    [told] = ship.record(at.bench.rig, at.asking("a"), numbered([at.item(shop, "O1")]))
    assert told["detail"] == "The order is not released: observed."
    assert at.ships(shop, "O1", left_already=True)["write_back"]["state"] == "due"
    assert at.written(shop) == []
    assert at.problems(shop) == {"O1": Cause.SHIPPED_THOUGH_HELD}
    assert at.post("a", at.item(shop, "O1", left_already=True)) == ["already_shipped"]


def test_a_correction_before_the_shop_was_told_is_noticed_by_nobody(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")

    changed = at.correct(told, OTHER)

    assert (changed["revision"], changed["write_back"]) == (2, {"state": "due", "written_before": False})
    assert at.written(shop) == [("O1", SENT, OTHER.tracking_code, True)]
    assert at.journal(shop) == ["shipment", "shipment_changed"]


def test_a_correction_after_the_shop_was_told_is_written_once_and_mails_nobody(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)
    at.bench.watch.pass_s(100)

    changed = at.correct(told, OTHER)

    assert changed["write_back"] == {"state": "due", "written_before": True}
    assert at.written(shop) == [("O1", None, OTHER.tracking_code, False)]
    assert at.written(shop) == []
    assert at.correct(told, OTHER)["write_back"] == {"state": "sent", "written_before": True}


def test_a_correction_while_a_call_is_under_way_counts_as_written_before(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.claims(shop)

    assert at.correct(told, OTHER)["write_back"]["written_before"]


def test_another_weight_is_nothing_to_the_shop(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)

    changed = at.correct(told, Parcel("ppl", CODE, 7))

    assert (changed["revision"], changed["write_back"]) == (2, {"state": "sent", "written_before": False})
    assert at.written(shop) == []


def test_the_same_correction_twice_is_one(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")

    assert at.correct(told, OTHER) == at.correct(told, OTHER)
    assert at.journal(shop) == ["shipment", "shipment_changed"]


def test_a_correction_may_open_and_close_an_order(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")

    at.correct(told, final=False)
    assert at.says(shop, "O1") == ("released", None)
    assert at.written(shop) == [("O1", None, CODE, False)]

    at.correct(told, final=True)
    assert at.says(shop, "O1") == ("held", "shipped")
    assert at.written(shop) == [("O1", SENT, None, True)]


def test_only_one_shipment_of_an_order_is_the_last(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    part = at.ships(shop, "O1", final=False)
    at.ships(shop, "O1")

    with pytest.raises(ShipmentRefused) as refused:
        at.correct(part, OTHER, final=True)

    assert refused.value.code == "already_shipped"
    assert at.correct(part, OTHER, final=False)["revision"] == 2


def test_a_part_of_a_stopped_order_may_be_corrected_to_the_last_and_a_person_is_told(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    part = at.ships(shop, "O1", final=False)
    at.shows(shop, "O1", status_id=STORNO)

    at.correct(part, final=True)

    assert at.problems(shop) == {"O1": Cause.SHIPPED_THOUGH_HELD}


def test_what_is_taken_back_in_time_is_offered_again_and_written_never(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")

    voided = at.void(told)

    assert (voided["voided"], voided["revision"]) == (True, 2)
    assert voided["write_back"] == {"state": "none", "written_before": False}
    assert at.says(shop, "O1") == ("released", None)
    assert at.written(shop) == []
    assert at.problems(shop) == {}
    assert at.void(told) == voided
    assert at.journal(shop) == ["shipment", "shipment_voided"]


def test_what_is_taken_back_too_late_is_told_to_a_person_until_it_leaves_again(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)

    assert at.void(told)["write_back"]["written_before"]
    assert at.problems(shop) == {"O1": Cause.VOIDED_AFTER_WRITTEN}
    assert at.written(shop) == []

    at.ships(shop, "O1", OTHER)
    assert at.problems(shop) == {}
    assert at.written(shop) == [("O1", None, OTHER.tracking_code, False)]


def test_what_is_taken_back_while_a_call_is_under_way_is_told_to_a_person(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.claims(shop)

    at.void(told)

    assert at.problems(shop) == {"O1": Cause.VOIDED_AFTER_WRITTEN}


def test_an_order_opened_again_after_the_shop_was_told_is_told_to_a_person(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.written(shop)

    at.correct(told, final=False)

    assert at.problems(shop) == {"O1": Cause.VOIDED_AFTER_WRITTEN}


def test_nobody_needs_to_know_of_a_parcel_that_did_not_leave_after_all(at: Dock) -> None:
    shop = at.shop("alfa")
    at.shows(shop, "O1", status_id=STORNO)
    told = at.ships(shop, "O1", left_already=True)

    at.void(told)

    assert at.problems(shop) == {}


def test_what_was_voided_stays_so(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.void(told)

    with pytest.raises(ShipmentRefused) as refused:
        at.correct(told, OTHER)

    assert refused.value.code == "voided"


@pytest.mark.parametrize("shipment_id", ["", "s_", "s_one_x", "t_x", "s_\0_x", "s_x_../..", "ž"])
def test_a_shipment_that_is_not_there_is_neither_corrected_nor_voided(at: Dock, shipment_id: str) -> None:
    at.shop("alfa")

    for act in (at.correct, at.void):
        with pytest.raises(ShipmentRefused) as refused:
            act({"id": shipment_id})
        assert refused.value.code == "unknown_shipment"


def test_a_foreign_shipment_is_not_there(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")
    at.tenants.clear()

    for act in (at.correct, at.void):
        with pytest.raises(ShipmentRefused) as refused:
            act(told)
        assert (refused.value.code, refused.value.detail) == ship.NONE_SUCH
    assert not at.shipments(shop, "O1")[0].voided


def test_several_parcels_go_as_the_merchant_chose(at: Dock) -> None:
    shop = at.shop("alfa", "O1", tracking=Tracking.LAST)

    at.ships(shop, "O1", PPL, OTHER)

    assert at.written(shop) == [("O1", SENT, OTHER.tracking_code, True)]


def at_once(*acts: Any) -> list[Any]:
    """Let everybody begin at the same moment and return what came of each."""
    gate = threading.Barrier(len(acts))

    def begin(act: Any) -> Any:
        gate.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result(20) for done in [threads.submit(begin, act) for act in acts]]


def test_two_warehouses_that_ship_one_order_at_once_cannot_both_win(at: Dock) -> None:
    numbers = [f"O{number}" for number in range(8)]
    shop = at.shop("alfa", *numbers)

    def ships(account: str, some: list[str]) -> Any:
        return lambda: at.post(account, *(at.item(shop, number) for number in some), key=f"{account}-{some}")

    forth, back = numbers, numbers[::-1]
    told = at_once(*(ships(f"a_{place}", forth if place % 2 else back) for place in range(6)))

    won = [each["order"] for results in told for each in results if not isinstance(each, str)]
    assert sorted(won) == numbers
    assert {each for results in told for each in results if isinstance(each, str)} == {"already_shipped"}
    assert [len(at.shipments(shop, number)) for number in numbers] == [1] * 8


def test_two_that_say_of_an_observed_shop_that_it_has_left_cannot_both_win_either(at: Dock) -> None:
    shop = at.shop("alfa", "O1", live=False)

    told = at_once(*(lambda: at.post("a", at.item(shop, "O1", left_already=True)) for _ in range(4)))

    assert [results for results in told if results != ["already_shipped"]] != []
    assert len(at.shipments(shop, "O1")) == 1


def test_voiding_and_correcting_at_once_ends_in_one_of_both_orders(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    told = at.ships(shop, "O1")

    def corrects() -> Any:
        try:
            return at.correct(told, OTHER)["revision"]
        except ShipmentRefused as refused:
            return refused.code

    corrected, voided = at_once(corrects, lambda: at.void(told)["revision"])

    assert (corrected, voided) in {(2, 3), ("voided", 2)}
    assert at.shipments(shop, "O1")[0].voided
    assert at.says(shop, "O1") == ("released", None)


def test_the_same_key_and_body_answers_the_same_and_does_nothing(at: Dock) -> None:
    shop, other = at.shop("alfa", "O1"), at.shop("beta", "O1")
    items = [at.item(shop, "O1"), at.item(other, "O1"), at.item(shop, "O9"), at.item("t_x", "O1")]

    first = at.post("a", *items, key="k")
    at.correct(first[0], OTHER)
    again = at.post("a", *items, key="k")

    assert again == first
    assert len(at.shipments(shop, "O1")) == len(at.shipments(other, "O1")) == 1


def test_the_same_key_at_once_is_one_request(at: Dock) -> None:
    shop, other = at.shop("alfa", "O1"), at.shop("beta", "O1")
    items = [at.item(each, "O1", final=False) for each in (shop, other)]

    told = at_once(*(lambda: at.post("a", *items, key="k") for _ in range(6)))

    assert all(results == told[0] for results in told)
    assert len(at.shipments(shop, "O1")) == len(at.shipments(other, "O1")) == 1


def test_a_key_with_another_body_is_refused(at: Dock) -> None:
    shop = at.shop("alfa", "O1", "O2")
    at.post("a", at.item(shop, "O1"), key="k", digest="one")

    with pytest.raises(OtherBody):
        at.post("a", at.item(shop, "O2"), key="k", digest="other")

    assert at.shipments(shop, "O2") == []
    assert isinstance(at.post("b", at.item(shop, "O2"), key="k", digest="other")[0], dict)


def test_a_call_that_died_between_two_shops_is_finished_by_its_repeat(at: Dock) -> None:
    first, second = sorted([at.shop("alfa", "O1"), at.shop("beta", "O1")])
    items = numbered([at.item(each, "O1") for each in (second, first)])
    asking = at.asking("a", key="k")
    wake, sent = at.bench.wakes, at.bench.wakes.sent

    class Dies:
        """The process ends after the first shop's commit."""

        def __call__(self, lane: Lane, tenant_id: str) -> bool:
            raise KeyboardInterrupt

        taken = wake.taken

    dying = type(at.bench.rig)(**{**vars(at.bench.rig), "wake": Dies()})
    with pytest.raises(KeyboardInterrupt):
        ship.record(dying, asking, items)
    [done] = at.shipments(first, "O1")
    assert at.shipments(second, "O1") == []
    sent.clear()

    told = ship.record(at.bench.rig, asking, items)

    assert [each["shipment"]["tenant"] for each in told] == [second, first]
    assert told[1]["shipment"]["id"] == done.shipment_id
    assert len(at.shipments(second, "O1")) == len(at.shipments(first, "O1")) == 1
    assert sent == [(Lane.WRITEBACK, second)]
    assert ship.record(at.bench.rig, asking, items) == told


def test_a_repeat_does_no_more_than_the_first_call_could(at: Dock) -> None:
    shop, later = at.shop("alfa", "O1"), at.shop("beta", "O1")
    items = [at.item(shop, "O1"), at.item(later, "O1")]
    at.tenants.discard(later)
    first = at.post("a", *items, key="k")

    at.tenants.add(later)

    assert at.post("a", *items, key="k") == first
    assert first[1] == "unknown_order"
    assert at.shipments(later, "O1") == []


def test_a_repeat_shows_nothing_of_a_shop_that_was_lost_meanwhile(at: Dock) -> None:
    shop = at.shop("alfa", "O1")
    at.post("a", at.item(shop, "O1"), key="k")

    at.tenants.discard(shop)

    assert at.post("a", at.item(shop, "O1"), key="k") == ["unknown_order"]


def test_a_key_is_forgotten_after_thirty_days(at: Dock) -> None:
    shop = at.shop("alfa", "O1", "O2")
    at.post("a", at.item(shop, "O1"), key="k", digest="one")

    at.bench.watch.pass_s(30 * 86_400)
    sweep.run(at.bench.rig, shop)
    with pytest.raises(OtherBody):
        at.post("a", at.item(shop, "O2"), key="k", digest="other")

    at.bench.watch.pass_s(1)
    sweep.run(at.bench.rig, shop)
    assert isinstance(at.post("a", at.item(shop, "O2"), key="k", digest="other")[0], dict)
