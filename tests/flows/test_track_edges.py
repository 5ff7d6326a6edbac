"""What parcels, logins and money do at the edges: orders in one parcel, logins that go, what is late, two at once."""

from datetime import date, timedelta
from threading import Thread
from typing import Any

import psycopg

from carriers import states
from carriers.base import Tracked
from carriers.states import Scan
from service import bookings, contracts, offers, shipments, tracking
from service.bookings import Ways
from service.db import Database
from service.flows import goods_back, track
from service.journal import Kind
from service.lanes import Lane
from service.mappings import Milestone
from service.problems import Cause
from service.shipments import Parcel
from service.steps import desk, labelling, payouts, tracing
from service.tracking import State, payments
from simulator.carriers.lives import End
from tests.carriers.kit import SORTS
from tests.flows.road import HOUR, Road, road
from tests.simulator.until import until

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
DAY_H = 24


def tells(
    way: Road, booking_id: str, state: states.State, *, days: float = 0, why: states.Reason | None = None
) -> None:
    """Let a carrier tell of a box what happened so many days from now."""
    box, now = way.box(booking_id), way.town.watch()
    scan = Scan(now + timedelta(days=days), state, state.value, "", reason=why)
    told = {box.key: Tracked(box.number, state, [scan], why)}
    with way.town.rig.db.tx(way.at.tenant) as conn:
        tracing.record(conn, way.at.tenant, told, tells_paid=False, now=now)


def test_the_customs_hold_a_parcel_until_it_moves_on_and_are_no_reason_of_its_return(town) -> None:
    way = road(town, "packeta")
    [one] = way.sent("packeta")
    reasons: list[str | None] = []

    for state, why in (("in_transit", states.Reason.CUSTOMS), ("in_transit", None), ("returning", None)):
        tells(way, one, states.State(state), why=why)
        reasons.append(way.box(one).reason)
        town.watch.move(HOUR)
    tells(way, one, states.State.RETURNED)
    tells(way, one, states.State.IN_TRANSIT, days=-9, why=states.Reason.CUSTOMS)  # told late

    assert reasons == ["customs", None, None]
    assert (way.box(one).state, way.box(one).reason) == (State.RETURNED, None)


def test_every_order_in_a_parcel_hears_where_it_is(town) -> None:
    way = road(town, "ppl")
    [one] = way.at.wants("ppl")
    along, with_it = way.at.shop.numbers[way.at.taken], way.at.stands(one).shipment_id
    draft = shipments.Draft(along, (Parcel("ppl", None, 1),), final=True, label_due=True, booked_with=with_it)
    with town.rig.db.tx(way.at.tenant) as conn:
        shipments.add(conn, way.at.tenant, [draft], account_id="a_any", now=town.watch())
    way.at.work(30)
    world, there = way.at.worlds["ppl"], [way.at.there(one)]
    world.end(there, End.REFUSED)
    world.hand_over(there)

    way.on(110, step_h=3)

    assert way.at.shop.shown(along)[0] == way.shown(one) == way.status[Milestone.RETURNED]
    mailed = [mail.status_id for mail in way.at.shop.shop.mails if mail.order_number == along]
    assert mailed == [way.status[each] for each in (Milestone.SHIPPED, Milestone.RETURNING, Milestone.RETURNED)]
    assert [entry.kind for entry in way.story(along)].count(Kind.PARCEL) == len(way.states(one))
    assert goods_back.run(town.rig, way.at.tenant, one, by="a_house")
    assert Kind.GOODS_BACK in [entry.kind for entry in way.story(along)]


def test_a_login_that_asks_too_often_rests_as_told_and_what_was_told_before_stands(town) -> None:
    way = road(town, "balikobot")
    [first] = way.sent("balikobot", end=End.LOST, service="cp/DR")
    [second] = way.sent("balikobot", end=End.LOST, service="ppl/1")
    world, contract_id = way.at.worlds["balikobot"], way.at.contracts["balikobot"].contract_id
    world.faults.add("busy", operation="track", holding=way.box(second).number, retry_after=1_200, calls=None)
    town.watch.move(7 * HOUR)
    world.tick()

    way.work()

    assert (way.box(first).state, way.box(second).tries) == (State.IN_TRANSIT, 0)
    with town.rig.db.tx(way.at.tenant) as conn:
        [breaker] = contracts.standing(conn, [contract_id], Lane.TRACK).values()
    assert breaker.rests_until == town.watch() + timedelta(seconds=1_200)
    assert way.causes() == {Cause.CARRIER_DOWN}


def test_a_delivered_parcel_whose_money_is_awaited_goes_with_the_login_that_stands_in(town) -> None:
    way = road(town, "ppl")
    [one] = way.sent("ppl", end=End.HOME, cod=way.at.cod())
    way.on(40, step_h=2)
    assert way.box(one).final_at
    with town.rig.db.tx(way.at.tenant) as conn:
        contracts.close(conn, way.at.contracts["ppl"].contract_id, now=town.watch())
    way.at.log_in("ppl", SORTS["ppl"].secrets(way.at.worlds["ppl"]))

    way.on(DAY_H * 5, step_h=4)

    assert way.payment(one).paid_on
    assert not way.is_due()
    assert way.box(one).due_at is None


def test_money_nobody_speaks_of_is_let_be_after_sixty_days(town) -> None:
    way = road(town, "ceska_posta")
    [one] = way.sent("ceska_posta", end=End.LOST, cod=way.at.cod())
    way.on(DAY_H * 59, step_h=120)
    tells(way, one, states.State.DELIVERED)
    with town.rig.db.tx(way.at.tenant) as conn:  # as after a poll that found no payment yet
        conn.execute("UPDATE tracked SET due_at = %s, since = %s", [town.watch(), town.watch()])
    way.refuses("ceska_posta", way.box(one).number)
    way.on(DAY_H * 2, step_h=12)

    assert way.box(one).state is State.DELIVERED
    assert (way.box(one).due_at, way.box(one).stopped_at) == (None, None)


def test_goods_of_what_never_left_cannot_come_back(town) -> None:
    way = road(town, "ppl")
    taken_back, waiting = way.at.wants("ppl", 2)
    way.at.work(30)
    way.at.cancel(taken_back)
    way.at.work(30)

    assert [goods_back.run(town.rig, way.at.tenant, each, by="a_house") for each in (taken_back, waiting)] == [
        False
    ] * 2
    assert [way.box(each).goods_back_at for each in (taken_back, waiting)] == [None] * 2


def test_money_of_one_parcel_that_is_there_hides_no_other_of_its_order_that_is_late(town) -> None:
    way = road(town, "gls")
    first, second = way.sent("gls", 2, end=End.HOME, cod=way.at.cod())
    way.on(30, step_h=3)
    with town.rig.db.tx(way.at.tenant) as conn:
        conn.execute("UPDATE cod_payments SET order_number = 'O1'")
    town.watch.move(86_400 * 20)
    way.sweep()
    assert Cause.COD_OVERDUE in way.causes()

    pays(way, first)
    assert Cause.COD_OVERDUE in way.causes()
    pays(way, second)

    assert way.causes() == set()


def pays(way: Road, booking_id: str) -> None:
    now = way.town.watch()
    with way.town.rig.db.tx(way.at.tenant) as conn:
        assert payouts.paid(conn, way.at.tenant, booking_id, on=now.date(), amount=None, by="tracking", now=now)


def test_no_money_is_waited_for_of_what_its_carrier_has_cancelled(town) -> None:
    way = road(town, "gls")
    [one] = way.at.wants("gls", cod=way.at.cod())
    way.at.work(30)

    tells(way, one, states.State.CANCELLED)

    assert way.payment(one).stands(town.watch().date()) == "over"


def test_an_uncollected_parcel_is_counted_in_the_month_its_way_back_began(town) -> None:
    way = road(town, "gls")
    one, had = way.at.wants("gls", 2, cod=way.at.cod())
    way.at.work(30)
    month = town.watch().date().replace(day=1)
    for state in (states.State.AT_PICKUP_POINT, states.State.RETURNING):
        tells(way, one, state)
    for hours, state in enumerate((states.State.AT_PICKUP_POINT, states.State.DELIVERED, states.State.RETURNING)):
        tells(way, had, state, days=hours / DAY_H)
    town.watch.move(86_400 * 40)
    for each in (one, had):
        tells(way, each, states.State.RETURNED)

    with town.rig.db.tx(way.at.tenant) as conn:
        found = tracking.uncollected(conn, way.at.tenant, since=town.watch() - timedelta(days=90))

    assert [(each.month, each.count) for each in found] == [(month, 1)]
    stand = [way.payment(each).stands(town.watch().date()) for each in (one, had)]
    assert stand == ["over", "overdue"]  # what was delivered was paid for, whatever came of it later


def test_a_number_its_carrier_never_knows_is_asked_about_no_more_often_than_others(town) -> None:
    way = road(town, "ceska_posta")
    [one] = way.sent("ceska_posta", end=End.LOST)
    way.refuses("ceska_posta", way.box(one).number)
    asked = way.calls("ceska_posta")

    way.on(DAY_H * 10, step_h=1)

    assert way.calls("ceska_posta") - asked < 60


def test_what_was_told_of_a_parcel_and_cannot_be_written_down_costs_the_others_nothing(town) -> None:
    way = road(town, "ppl")
    good, bad = way.sent("ppl", 2)
    town.watch.move(86_400)
    now, contract_id = town.watch(), way.at.contracts["ppl"].contract_id
    at = desk.opened(town.rig, way.at.tenant, Lane.TRACK, contract_id)
    with town.rig.db.tx(way.at.tenant) as conn:
        boxes = tracking.claim(conn, way.at.tenant, contract_id, most=9, now=now, lease_s=45)
    assert at
    assert len(boxes) == 2
    days: dict[str, Any] = {good: None, bad: "soon"}
    told = [Tracked(box.number, states.State.DELIVERED, stored_until=days[box.booking_id]) for box in boxes]

    track.record(at, boxes, told)

    assert [way.box(each).state is State.DELIVERED for each in (good, bad)] == [True, False]
    again = way.box(bad)
    assert again.tries == 1
    assert again.due_at
    assert again.due_at > now


def test_money_of_a_delivery_in_days_to_come_is_late_all_the_same(town) -> None:
    way = road(town, "gls")
    [one] = way.sent("gls", cod=way.at.cod())

    tells(way, one, states.State.DELIVERED, days=20_000)

    assert way.box(one).delivered_on == town.watch().date()
    assert (way.payment(one).due_on or date.max) < town.watch().date() + timedelta(days=30)


def test_whoever_notes_a_cancellation_and_whoever_notes_a_scan_stand_in_one_line(town, database) -> None:
    way = road(town, "gls")
    [one] = way.at.wants("gls", cod=way.at.cod())
    way.at.work(30)
    box, now, tenant = way.box(one), town.watch(), way.at.tenant
    beside = Database(database.url, size=1)
    beside.open()

    with town.rig.db.tx(tenant) as conn:
        bookings.cancel(conn, tenant, one, now=now)
        ways, login = Ways(finds=False, repeats=False), way.at.contracts["gls"].contract_id
        [each] = bookings.claim(conn, tenant, login, ways=ways, most=lambda _: 1, now=now, lease_s=45).bookings

    def takes_back() -> None:
        with town.rig.db.tx(tenant) as conn:
            labelling.cancelled(conn, tenant, each, why="cancelled", now=now)

    clerk = Thread(target=takes_back)
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        with beside.tx(tenant) as conn:
            offers.hold(conn, tenant)
            tracking.held(conn, tenant, [box.key])
            clerk.start()
            until(lambda: (admin.execute(WAITING, [database.name]).fetchone() or [0])[0])
            bookings.handed(conn, tenant, [one], now=now)
        clerk.join(10)
    beside.close()

    assert way.box(one).state is State.CANCELLED
    with town.rig.db.tx(tenant) as conn:
        assert payments.of_bookings(conn, tenant, [one])[one].over_at
