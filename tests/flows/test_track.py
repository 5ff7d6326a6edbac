"""Parcels are followed to their end, every scan is kept, and the shop hears what is new to it."""

from datetime import timedelta

import pytest

from service import bookings, contracts, tracking, words
from service.bookings import State as Booked
from service.flows import track
from service.mappings import Milestone
from service.outbox.merging import MILESTONES
from service.problems import Cause
from service.steps import desk
from service.tracking import State, decide
from simulator.carriers.lives import End
from tests.carriers.kit import SORTS
from tests.flows.road import HOUR, Road, road
from tests.flows.town import Town

CODES = [*SORTS]
LET_BE = words.CS["mail_let_be"] + ": 1"
DELIVERED, RETURNED = (
    [Milestone.SHIPPED, Milestone.DELIVERED],
    [Milestone.SHIPPED, Milestone.RETURNING, Milestone.RETURNED],
)


def test_the_milestones_of_the_mapping_and_of_the_outbox_are_the_same() -> None:
    assert tuple(Milestone) == MILESTONES


@pytest.mark.parametrize("code", CODES)
def test_every_parcel_is_followed_to_its_end_and_its_customer_hears_of_each_milestone_once(town, code: str) -> None:
    way = road(town, code, count=12)
    point = way.to_point(code)
    [home] = way.sent(code, end=End.HOME)
    [fetched] = way.sent(code, end=End.POINT, **point)
    [left] = way.sent(code, end=End.UNCOLLECTED, **point)
    [refused] = way.sent(code, end=End.REFUSED)
    [lost] = way.sent(code, end=End.LOST)

    way.on(270, step_h=1)

    there = [] if code == "dpd_cz" else [Milestone.PICKUP_POINT]  # its contract lists no words but of both ends
    assert way.told(home) == DELIVERED
    assert way.told(fetched) == [Milestone.SHIPPED, *there, Milestone.DELIVERED]
    assert way.told(left) == [Milestone.SHIPPED, *there, *RETURNED[1:]]
    assert way.told(refused) == RETURNED
    assert way.told(lost) == [Milestone.SHIPPED]
    assert {way.box(each).state for each in (home, fetched)} == {State.DELIVERED}
    assert way.box(lost).final_at is None
    if there:
        assert way.box(left).reason == "not_collected"
        assert [state for state in way.states(left) if state != State.ACCEPTED][-3:] == [
            "at_pickup_point", "returning", "returned",
        ]  # fmt: skip
        assert way.at.stands(lost).handed_at
    assert way.at.causes() == {Cause.PARCEL_BACK}
    told = [scan.at for scan in way.scans(left)]
    assert len(told) >= len(way.states(left))
    assert told == sorted(told)


def test_a_poll_that_brings_nothing_new_costs_the_shop_no_call(town) -> None:
    way = road(town, "ppl")
    way.sent("ppl", 3, end=End.LOST)
    way.on(24, step_h=1)
    calls, asked = len(way.at.shop.shop.stats.log), way.calls("ppl")

    way.on(48, step_h=1)

    assert way.calls("ppl") > asked
    assert len(way.at.shop.shop.stats.log) == calls


def test_somebody_has_all_parcels_asked_about_at_once_but_those_that_ended(town) -> None:
    way = road(town, "ppl")
    [ended] = way.sent("ppl", 1, end=End.HOME)
    way.on(270, step_h=1)
    way.sent("ppl", 2, end=End.LOST)
    assert not way.is_due()
    asked = way.calls("ppl")

    assert track.ask_now(way.town.rig, way.at.tenant) == 2

    assert way.is_due()
    way.work()
    assert not way.is_due()
    assert way.calls("ppl") > asked
    assert way.box(ended).due_at is None


def test_parcels_of_half_an_hour_are_asked_about_in_one_call_from_then_on(town) -> None:
    way = road(town, "ppl", count=12)
    for _ in range(3):
        way.sent("ppl", 2, end=End.LOST)
        town.watch.move(600)
    way.on(8)
    way.at.worlds["ppl"].ledger.clear()

    way.on(12)

    asked = [call for call in way.at.worlds["ppl"].ledger if call.operation == "GET /shipment"]
    assert 5 <= len(asked) <= 7


def test_an_hour_s_budget_that_is_used_up_lets_parcels_wait_for_the_next(town) -> None:
    way = road(town, "gls")
    sent = way.sent("gls", 2, end=End.HOME)
    town.watch.move(7 * HOUR)
    spend(way, "gls", decide.ceiling("gls") - 1)

    way.work()
    assert sorted(way.box(each).polled_at is None for each in sent) == [False, True]
    assert [spent.refused for spent in spent_now(way)] == [1]
    town.watch.move(HOUR)
    way.work()

    assert all(way.box(each).polled_at for each in sent)


def spend(way: Road, code: str, calls: int) -> None:
    with way.town.rig.db.tx(way.at.tenant) as conn:
        assert tracking.take(conn, way.at.contracts[code].contract_id, code, calls=calls, now=way.town.watch())


def spent_now(way: Road) -> list[tracking.Spent]:
    with way.town.rig.db.tx(way.at.tenant) as conn:
        return tracking.spent(conn, now=way.town.watch())


def test_a_carrier_that_is_down_changes_no_parcel_and_all_are_asked_once_it_is_back(town) -> None:
    way = road(town, "gls", count=12)
    sent = way.sent("gls", 5, end=End.HOME)
    way.at.worlds["gls"].faults.add("down", calls=None)
    way.on(30, step_h=0.25)
    asked = way.calls("gls")
    assert {way.box(each).state for each in sent} == {State.CREATED}
    with town.rig.db.tx(way.at.tenant) as conn:
        desk.settle(conn, town.rig, way.at.tenant)  # as the sweep does
    assert way.at.causes() == {Cause.CARRIER_DOWN}

    way.at.worlds["gls"].faults.clear()
    way.on(1, step_h=0.1)

    assert asked < 400
    assert {way.box(each).state for each in sent} == {State.DELIVERED}
    assert way.at.causes() == set()


def test_a_number_the_carrier_does_not_know_keeps_its_state_and_is_asked_again(town) -> None:
    way = road(town, "packeta")
    [one] = way.sent("packeta", end=End.HOME)
    way.on(8)
    gone = way.at.worlds["packeta"].parcels.pop(way.at.there(one))
    way.on(6)
    assert way.box(one).state is State.IN_TRANSIT

    way.at.worlds["packeta"].parcels[gone.number] = gone
    way.on(20)

    assert way.box(one).state is State.DELIVERED


def test_what_was_taken_back_is_followed_no_more(town) -> None:
    way = road(town, "ppl")
    [one] = way.at.wants("ppl")
    way.at.work(30)
    way.at.cancel(one)
    way.at.work(30)

    way.on(48, step_h=6)

    assert way.at.stands(one).state is Booked.CANCELLED
    assert (way.box(one).state, way.box(one).polled_at) == (State.CANCELLED, None)


def test_what_never_arrives_is_let_be_after_sixty_days_and_counted_once(town) -> None:
    way = road(town, "ppl")
    [one] = way.sent("ppl", end=End.LOST)
    way.on(24 * 61, step_h=48)
    asked = way.calls("ppl")
    stopped_at = way.box(one).stopped_at
    way.on(48, step_h=24)

    assert stopped_at
    assert way.calls("ppl") == asked < 200
    assert way.at.causes() == set()
    assert [LET_BE in way.morning(stopped_at + timedelta(hours=hours)) for hours in (1, 25)] == [True, False]


def test_another_login_stands_in_for_one_that_was_removed(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME)
    with town.rig.db.tx(way.at.tenant) as conn:
        contracts.close(conn, way.at.contracts["gls"].contract_id, now=town.watch())
    way.on(12, step_h=3)
    assert way.box(one).state is State.CREATED

    way.at.log_in("gls", SORTS["gls"].secrets(way.at.worlds["gls"]))
    way.on(30, step_h=1)

    assert way.box(one).state is State.DELIVERED


def test_the_shop_s_own_storno_is_not_written_over_by_a_delivery(town) -> None:
    way = road(town, "ppl")
    [one] = way.sent("ppl", end=End.HOME)
    storno = way.cancelled_in_shop(one)

    way.on(30, step_h=1)

    assert way.box(one).state is State.DELIVERED
    assert way.shown(one) == storno


def test_the_words_of_scans_go_when_orders_are_masked_and_the_scans_stay(town: Town) -> None:
    way = road(town, "ppl")
    [one] = way.sent("ppl", end=End.HOME)
    way.on(30, step_h=3)
    before = way.scans(one)
    assert any(scan.said for scan in before)

    town.watch.move(86_400 * (town.rig.settings.mask_orders_days + 1))
    way.sweep()

    after = way.scans(one)
    assert [(scan.at, scan.code) for scan in after] == [(scan.at, scan.code) for scan in before]
    assert not any(scan.said or scan.spot for scan in after)


def test_a_parcel_that_left_is_handed_over_once_its_carrier_shows_it(town) -> None:
    way = road(town, "gls")
    [one] = way.at.wants("gls")
    way.at.work(30)
    way.on(12, step_h=2)
    assert way.at.stands(one).handed_at is None

    way.at.worlds["gls"].hand_over([way.at.there(one)])
    way.on(7, step_h=1)

    assert way.at.stands(one).handed_at
    with town.rig.db.tx(way.at.tenant) as conn:
        assert bookings.cancel(conn, way.at.tenant, one, now=town.watch()) is None


def test_what_its_carrier_will_not_speak_of_is_asked_about_ever_later_and_let_be_at_last(town) -> None:
    way = road(town, "ceska_posta")
    bad, good = way.sent("ceska_posta", 2, end=End.LOST)
    way.refuses("ceska_posta", way.box(bad).number)

    way.on(24, step_h=1)
    assert way.box(good).state in tracking.HELD
    assert (way.box(bad).state, way.box(bad).tries > 3) == (State.CREATED, True)
    way.on(24 * 60, step_h=240)

    assert (way.box(bad).stopped_at is not None, way.box(bad).due_at) == (True, None)


def test_a_parcel_whose_own_answer_cannot_be_read_is_asked_about_ever_later_and_let_be_at_last(town) -> None:
    way = road(town, "gls")
    bad, good = way.sent("gls", 2, end=End.LOST)
    way.at.worlds["gls"].faults.add("html", holding=way.box(bad).number[:11], calls=None)
    asked = way.calls("gls")

    way.on(12, step_h=0.25)
    assert way.box(good).state in tracking.HELD
    assert (way.box(bad).state, way.box(bad).tries > 3) == (State.CREATED, True)
    assert way.at.causes() == set()
    way.on(24 * 60, step_h=240)

    assert (way.box(bad).stopped_at is not None, way.box(bad).due_at) == (True, None)
    assert way.calls("gls") - asked < 80


@pytest.mark.parametrize("code", ["ppl", "ceska_posta", "balikobot"])
def test_answers_that_are_short_doubled_or_out_of_order_mix_no_parcels_up(town, code: str) -> None:
    way = road(town, code)
    home = way.sent(code, 3, end=End.HOME)
    [back] = way.sent(code, end=End.REFUSED)
    for kind in ("short", "doubled", "reversed", "nulls", "wrong_types", "truncated", "html"):
        way.at.worlds[code].faults.add(kind, calls=None, every=2, operation=FOLLOWS[code])

    way.on(110, step_h=2)

    assert [way.told(each) for each in home] == [DELIVERED] * 3
    assert way.told(back) == RETURNED


FOLLOWS = {"ppl": "GET /shipment", "ceska_posta": "POST /parcelStatus", "balikobot": "track"}


def test_a_worker_that_dies_with_a_question_leaves_it_to_the_next_one(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", end=End.HOME)
    town.watch.move(7 * HOUR)
    with town.rig.db.tx(way.at.tenant) as conn:
        now, contract_id = town.watch(), way.at.contracts["gls"].contract_id
        assert tracking.claim(conn, way.at.tenant, contract_id, most=1, now=now, lease_s=town.rig.settings.lease_s)
    assert not way.is_due()

    town.watch.move(town.rig.settings.lease_s)
    way.work()

    assert way.box(one).state is State.IN_TRANSIT
