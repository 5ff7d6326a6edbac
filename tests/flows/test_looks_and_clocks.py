"""Clocks that jump, causes that come in between, a dial of minutes: no look is skipped, and no certificate is wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from service import inbox
from service.flows import attend, certify, look, sweep
from service.inbox import Cause, Walked
from service.kit.spans import Span
from service.lanes import Lane
from service.steps import look as looking
from service.steps.newest import Walk
from service.steps.proof import Verdict
from service.web.presence import Presence
from simulator import changes
from tests.flows.planting import drawn, named
from tests.flows.town import Town

ORDERS = Lane.REFRESH_ORDERS
HOUR_S = 3600


def outages(town: Town, tenant: str) -> list[inbox.Look]:
    """Return the looks that were made because our receiver was away."""
    with town.rig.db.tx(tenant) as conn:
        return inbox.looks_of(conn, tenant, ORDERS, most=99, cause=Cause.OUTAGE)


def test_what_was_lost_while_a_told_order_waits_to_be_read_once_more_is_named(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    began = town.watch()
    dial = town.rig.settings.model_copy(update={"interval_s": 60, "routine_s": 1800})
    town.rig = replace(town.rig, settings=dial)
    number = next(iter(shop.orders))
    changes.change_order(town.world, shop, number, internal_note="told")
    town.deliver()
    town.work()
    town.watch.move(120)
    changes.change_order(town.world, shop, number, internal_note="lost")
    town.undelivered = []
    town.watch.move(HOUR_S)
    town.work()
    town.watch.move(HOUR_S)
    period = Span(began, town.watch())
    certify.run(town.rig, tenant, period, by="a test")
    town.work()

    assert named(drawn(town, tenant, period))


def test_a_cause_older_than_an_empty_answer_is_looked_for_from_its_own_time(town: Town) -> None:
    shop, tenant = town.activated(orders=20)
    town.hear(shop, tenant)
    town.watch.move(7 * HOUR_S)
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="told")
    town.deliver()
    town.work()
    town.watch.move(HOUR_S)
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, ORDERS, Cause.SILENCE, now=town.watch(), doubted_from=town.watch())
    with town.rig.db.tx(tenant) as conn:
        [hint] = inbox.claim(conn, tenant, ORDERS, now=town.watch(), lease_s=45, most=1)
    opened = looking.begin(town.rig, tenant, ORDERS, hint)
    assert opened
    here = replace(Walk.begun(hint.cursor, opened=opened, awaited_since=None), empty=1, calls=1)
    looking.doubt(town.rig, tenant, ORDERS, hint, here.cursor(), doubts=0)
    town.watch.move(1)
    long_ago = town.watch() - timedelta(hours=5)
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, ORDERS, Cause.PERSON, now=town.watch(), doubted_from=long_ago)
    town.watch.move(600)
    town.work()

    with town.rig.db.tx(tenant) as conn:
        [made] = inbox.looks_of(conn, tenant, ORDERS, most=9, cause=Cause.PERSON)
    assert made.ended_at
    assert made.covers_from
    assert made.covers_from <= long_ago


def test_a_cause_asked_for_by_a_clock_that_is_ahead_is_not_ended_by_the_walk_before_it(town: Town) -> None:
    _, tenant = town.activated(orders=3)
    now, ahead = town.watch(), town.watch() + timedelta(seconds=6)
    with town.rig.db.tx(tenant) as conn:
        inbox.ask_look(conn, tenant, ORDERS, Cause.OUTAGE, now=now, doubted_from=now)
        inbox.begin_looks(conn, tenant, ORDERS, now=now)
        inbox.ask_look(conn, tenant, ORDERS, Cause.REFUSED, now=ahead, doubted_from=now - timedelta(hours=9))
        walked = Walked(now, now + timedelta(seconds=1), 1, 0, 1)

        assert inbox.end_looks(conn, tenant, ORDERS, walked=walked, now=now + timedelta(seconds=5))


def test_a_frozen_process_does_not_vouch_for_the_time_it_was_frozen() -> None:
    at = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    presence = Presence(lambda: at[0])
    at[0] += timedelta(seconds=1)
    presence.note()
    at[0] += timedelta(minutes=6)

    assert presence.since == at[0]


def test_an_outage_in_a_future_that_was_taken_back_costs_one_look(town: Town) -> None:
    _, tenant = town.activated(orders=3)
    for jump_s in (0, HOUR_S, -HOUR_S):
        town.watch.move(jump_s)
        attend.run(town.rig, {})
    for _ in range(20):
        town.watch.move(120)
        attend.run(town.rig, {})
        sweep.run(town.rig, tenant)
        town.work()

    assert len(outages(town, tenant)) == 1


def test_an_outage_is_looked_after_though_the_look_of_another_lies_in_the_future(town: Town) -> None:
    _, tenant = town.activated(orders=3)
    attend.run(town.rig, {})
    town.watch.move(HOUR_S)
    attend.run(town.rig, {})
    sweep.run(town.rig, tenant)
    town.work()
    town.watch.move(-HOUR_S)
    attend.run(town.rig, {})
    town.watch.move(600)
    attend.run(town.rig, {})
    for _ in range(20):
        town.watch.move(60)
        attend.run(town.rig, {})
        sweep.run(town.rig, tenant)
    town.work()

    assert len(outages(town, tenant)) == 2


def test_a_look_of_a_clock_that_was_put_back_proves_nothing_of_what_is_still_to_come(town: Town) -> None:
    shop, tenant = town.activated(orders=30)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    attend.run(town.rig, {})
    began = town.watch()
    town.watch.move(HOUR_S)
    look.run(town.rig, tenant, by="a test")
    town.work()
    attend.run(town.rig, {})
    town.watch.move(-HOUR_S)
    attend.run(town.rig, {})
    town.watch.move(600)
    changes.create_order(town.world, shop)
    town.undelivered = []
    town.watch.move(1800)

    assert drawn(town, tenant, Span(began, town.watch())).verdict is Verdict.UNPROVEN
