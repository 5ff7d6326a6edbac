"""A certificate is complete by identity: what no look compared is a gap, what was lost stands there by its number."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from service import inbox
from service.flows import certify, dismiss, look, sweep
from service.inbox import Cause
from service.kit.spans import Span
from service.lanes import Lane
from service.steps import certificate
from service.steps.certificate import Certificate
from service.steps.lifecycle import Call, Endpoint
from service.steps.proof import Done, Share, Verdict, Why
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.planting import drawn, named
from tests.flows.town import Town

ORDERS = Lane.REFRESH_ORDERS
HOUR_S, DAY_S = 3_600, 86_400


@pytest.fixture
def at_work(town: Town) -> tuple[WorldShop, str]:
    """A shop that was pulled an hour ago and is heard."""
    shop, tenant = town.activated(orders=125)
    town.hear(shop, tenant)
    town.watch.move(HOUR_S)
    return shop, tenant


def since(town: Town, seconds: float) -> Span:
    return Span(town.watch() - timedelta(seconds=seconds), town.watch())


def told(town: Town) -> None:
    town.deliver()
    town.work()


def untold(town: Town) -> None:
    town.undelivered = []


def note(town: Town, shop: WorldShop, number: str, text: str = "a note") -> None:
    changes.change_order(town.world, shop, number, internal_note=text)


def prove(town: Town, tenant: str, period: Span, *, for_s: float = 60) -> Certificate:
    certify.run(town.rig, tenant, period, by="a test")
    town.work(for_s=for_s, idle_s=min(for_s, 400))
    return drawn(town, tenant, period)


def test_a_period_no_look_covers_is_unproven_and_says_what_its_proof_costs(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    told(town)
    before, period = town.calls(shop), since(town, 600)

    made = drawn(town, tenant, period)

    assert made.verdict is Verdict.UNPROVEN
    assert [(gap.span, gap.why) for gap in made.gaps] == [(period, Why.NOT_LOOKED)]
    assert made.proving
    assert (made.proving.orders, made.proving.cost.at_least, made.proving.cost.at_most) == (125, 2, 3)
    assert town.calls(shop) == before


def test_a_proof_costs_what_it_said_and_is_not_paid_twice(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    told(town)
    town.watch.move(HOUR_S)
    before, period = town.calls(shop), since(town, 2 * HOUR_S)
    stated = certify.run(town.rig, tenant, period, by="a test").proving
    town.work()

    made = drawn(town, tenant, period)
    again = certify.run(town.rig, tenant, period, by="a test")

    assert stated
    assert stated.cost.at_least <= town.calls(shop) - before <= stated.cost.at_most
    assert made.verdict is Verdict.COMPLETE
    assert (again.verdict, again.proving) == (Verdict.COMPLETE, None)
    assert not town.due()


def test_looks_that_were_made_anyway_prove_a_period_for_nothing(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    period_begins = town.watch()
    for _ in range(3):
        note(town, shop, next(iter(shop.orders)))
        told(town)
        town.watch.move(HOUR_S)
        look.run(town.rig, tenant, by="somebody")
        town.work()
    before = town.calls(shop)

    made = drawn(town, tenant, Span(period_begins, town.watch() - timedelta(minutes=1)))

    assert (made.verdict, made.proving) == (Verdict.COMPLETE, None)
    assert town.calls(shop) == before


def test_it_says_what_arrived_what_was_read_and_what_the_shop_lists(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    begin = town.watch()
    made_up, before = changes.create_orders(town.world, shop, 2), town.calls(shop)
    told(town)
    note(town, shop, made_up[0].number)
    told(town)
    town.watch.move(HOUR_S)
    period = Span(begin, town.watch())
    calls = town.calls(shop) - before
    sweep.run(town.rig, tenant)

    made = certificate.document(prove(town, tenant, period))

    assert made["verdict"] == "complete"
    assert made["arrived"] == {
        "since": certificate.stamp(begin), "deliveries": 2, "copies": 2, "records": 3,
        "unreadable": 0, "dropped": 0, "waiting": 0, "parked": 0,
    }  # fmt: skip
    assert made["calls"] == {"since": certificate.stamp(begin), "orders_events": calls}
    assert made["read"] == {"since": certificate.stamp(begin), "event": made["read"]["event"]}
    assert made["read"]["event"].items() >= {"new": 2, "changed": 1}.items()
    assert made["listed"]["orders"] >= 2
    assert [each["because"] for each in made["looks"]] == [["person"]]
    assert made["seal"]["digest"]


def test_what_was_lost_is_named_with_what_was_done_about_it(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    changed, gone, *_ = shop.orders
    note(town, shop, gone)
    told(town)
    town.watch.move(HOUR_S)
    note(town, shop, changed)
    changes.delete_order(town.world, shop, gone)
    new = changes.create_order(town.world, shop).number
    untold(town)
    town.watch.move(HOUR_S)
    period = since(town, 3 * HOUR_S)

    soon = prove(town, tenant, period)
    later = drawn_after(town, tenant, period, 900)

    assert soon.verdict is later.verdict is Verdict.INCOMPLETE
    assert done(soon) == {changed: Done.MIRRORED, gone: Done.HELD, new: Done.MIRRORED}
    assert done(later) == {changed: Done.MIRRORED, gone: Done.DELETED, new: Done.MIRRORED}


def done(made: Certificate) -> dict[str, Done]:
    return {each.loss.order_number: each.outcome.done for each in made.missing}


def drawn_after(town: Town, tenant: str, period: Span, seconds: float) -> Certificate:
    town.work(for_s=seconds, idle_s=seconds)
    return drawn(town, tenant, period)


def test_a_lone_loss_behind_a_hundred_known_changes_is_named_though_the_counts_are_equal(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    numbers = list(shop.orders)
    changes.bulk_status(town.world, shop, numbers, next(iter(shop.statuses)))
    told(town)
    town.watch.move(HOUR_S)
    note(town, shop, numbers[7])
    untold(town)
    town.watch.move(HOUR_S)
    changes.bulk_status(town.world, shop, numbers[8:], next(iter(shop.statuses)))
    told(town)
    look.run(town.rig, tenant, by="somebody")  # it ends at its first page, and moves the watermark past the loss
    town.work()
    assert numbers[7] in town.differences(shop, tenant)
    town.watch.move(HOUR_S)

    assert named(prove(town, tenant, since(town, 4 * HOUR_S))) == [numbers[7]]


def test_the_second_change_of_ten_minutes_is_named_though_the_first_was_told(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    number = next(iter(shop.orders))
    note(town, shop, number, "told")
    told(town)
    town.watch.move(120)
    note(town, shop, number, "lost")
    untold(town)
    town.watch.move(HOUR_S)

    assert named(prove(town, tenant, since(town, 2 * HOUR_S))) == [number]


def test_who_was_told_of_and_is_not_read_yet_is_no_loss(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    with town.rig.db.tx(tenant) as conn:
        inbox.rest(conn, tenant, ORDERS, until=town.watch() + timedelta(hours=2))
    note(town, shop, next(iter(shop.orders)))
    told(town)
    town.watch.move(3 * HOUR_S)

    made = prove(town, tenant, since(town, 4 * HOUR_S))

    assert (made.verdict, named(made)) == (Verdict.COMPLETE, [])


@pytest.mark.parametrize("late_s", [300, 2 * HOUR_S])
def test_a_webhook_that_comes_after_the_look_makes_no_loss(
    town: Town, at_work: tuple[WorldShop, str], late_s: float
) -> None:
    shop, tenant = at_work
    number, other, *_ = shop.orders
    note(town, shop, number)
    changes.delete_order(town.world, shop, other)
    came_late, town.undelivered = town.undelivered, []
    town.watch.move(120)
    period = since(town, HOUR_S)
    early = prove(town, tenant, period)
    town.watch.move(late_s)
    town.deliver(came_late)
    town.work()

    made = drawn(town, tenant, period)

    assert [loss.order_number for loss in early.undecided] == [number]
    assert early.verdict is Verdict.UNPROVEN
    assert number not in named(made)
    assert [loss.order_number for loss in made.late] == ([number] if late_s > 600 else [])


def test_a_status_that_is_renamed_and_a_masked_order_are_no_losses(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    begin = town.watch()
    note(town, shop, next(iter(shop.orders)))
    told(town)
    status_id = next(iter(shop.orders.values())).record["status_id"]
    changes.rename_status(town.world, shop, status_id, {"cs": "Jinak"})
    untold(town)
    with town.rig.db.tx(tenant) as conn:
        conn.execute("UPDATE orders SET masked_at = %s WHERE order_number = ANY(%s)", [begin, list(shop.orders)[:1]])
    town.watch.move(HOUR_S)

    made = prove(town, tenant, Span(begin, town.watch()))

    assert (made.verdict, named(made)) == (Verdict.COMPLETE, [])


def test_our_own_write_that_the_shop_did_not_echo_is_no_loss(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    town.hear(shop, tenant)
    number = next(iter(shop.orders))
    town.watch.move(HOUR_S)
    begin = town.watch()
    with town.rig.db.tx(tenant) as conn:
        conn.execute(
            "INSERT INTO outbox (tenant_id, order_number, sent_tracking_code, sent_tracking_at, confirm_by)"
            " VALUES (%s, %s, 'A1', %s, %s)",
            [tenant, number, begin, begin + timedelta(days=1)],
        )
    changes.change_order(town.world, shop, number, tracking_code="A1")
    untold(town)
    town.watch.move(1_200)

    assert named(prove(town, tenant, Span(begin, town.watch()))) == []


def test_an_order_that_changed_again_after_the_period_may_have_lost_a_change_in_it(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    twice, late, before = list(shop.orders)[:3]
    note(town, shop, before, "lost before")
    town.watch.move(HOUR_S)
    begin = town.watch()
    note(town, shop, twice, "lost in it")
    town.watch.move(HOUR_S)
    period = Span(begin, town.watch())
    note(town, shop, twice, "lost again")
    note(town, shop, late, "lost after it")
    untold(town)
    town.watch.move(HOUR_S)

    made = prove(town, tenant, period)

    assert {each.loss.order_number: each.share for each in made.missing} == {
        twice: Share.POSSIBLE,
        late: Share.POSSIBLE,
    }


def test_an_order_that_cannot_be_read_keeps_a_period_from_being_complete(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    begin, number = town.watch(), next(iter(shop.orders))
    note(town, shop, number)
    untold(town)
    town.watch.move(HOUR_S)
    period = Span(begin, town.watch())
    order, printed = shop.orders[number], shop.orders[number].record
    order.record, order.rendered = {**printed, "creation_time": "yesterday"}, None

    asked = prove(town, tenant, period)
    parked = drawn_after(town, tenant, period, 2 * HOUR_S)
    order.record, order.rendered = printed, None
    with town.rig.db.tx(tenant) as conn:
        inbox.unpark(conn, tenant, now=town.watch())
    mended = drawn_after(town, tenant, period, 60)

    assert asked.verdict is parked.verdict is Verdict.INCOMPLETE
    assert done(asked).keys() == {number}
    assert done(parked) == {number: Done.PARKED}
    assert parked.missing[0].outcome.why
    assert done(mended) == {number: Done.MIRRORED}


def test_before_the_first_pull_nothing_is_proven_nor_asked_for(town: Town) -> None:
    shop = town.open_shop(orders=5)
    tenant = town.install(shop)
    pulling = drawn(town, tenant, since(town, HOUR_S))
    town.work()
    town.watch.move(HOUR_S)
    long_ago = Span(town.watch() - timedelta(days=2), town.watch() - timedelta(days=1))

    made = certify.run(town.rig, tenant, long_ago, by="a test")

    assert [gap.why for gap in pulling.gaps] == [gap.why for gap in made.gaps] == [Why.BEFORE_US]
    assert pulling.proving is made.proving is None
    assert not town.due()


def test_a_day_with_an_outage_of_ours_is_proven_by_the_look_after_it(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    begin = town.watch()
    with town.rig.db.tx_all("the receiver goes away") as conn:
        inbox.beat(conn, now=town.watch())
    note(town, shop, next(iter(shop.orders)))
    untold(town)
    town.watch.move(HOUR_S)
    with town.rig.db.tx_all("and is back") as conn:
        inbox.beat(conn, now=town.watch())
    sweep.run(town.rig, tenant)
    town.work()
    town.watch.move(-1)

    made = drawn(town, tenant, Span(begin, begin + timedelta(hours=1)))

    assert [(each.began_at, each.ended_at) for each in made.outages] == [(begin, begin + timedelta(hours=1))]
    assert (made.verdict, named(made)) == (Verdict.INCOMPLETE, [next(iter(shop.orders))])


def test_what_a_shop_did_while_it_was_uninstalled_is_named(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    begin, number = town.watch(), next(iter(shop.orders))
    assert dismiss.run(town.rig, Call(Endpoint.UNINSTALL, shop.token, town.watch(), "d1", None, None))
    town.watch.move(DAY_S)
    note(town, shop, number)
    untold(town)
    gone = drawn(town, tenant, Span(begin, town.watch()))
    with pytest.raises(certify.NotCalled):
        certify.run(town.rig, tenant, Span(begin, town.watch()), by="a test")
    town.watch.move(HOUR_S)
    town.install(shop)
    town.work()
    town.watch.move(HOUR_S)

    made = prove(town, tenant, Span(begin, town.watch()))

    assert (gone.verdict, made.verdict) == (Verdict.UNPROVEN, Verdict.INCOMPLETE)
    assert named(made) == [number]


def test_a_proof_under_way_is_not_asked_for_twice_nor_one_that_just_ended(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    period = since(town, 600)
    before = town.calls(shop)
    certify.run(town.rig, tenant, period, by="a test")
    town.watch.move(30)
    again = certify.run(town.rig, tenant, period, by="a test")
    town.work()
    younger = since(town, 20)
    town.watch.move(60)
    with pytest.raises(certify.TooSoon) as soon:
        certify.run(town.rig, tenant, Span(younger.since, town.watch()), by="a test")
    town.watch.move((soon.value.until - town.watch()).total_seconds())
    certify.run(town.rig, tenant, Span(younger.since, town.watch()), by="a test")
    town.work()

    assert again.proving
    assert again.proving.asked_at == period.until
    assert town.calls(shop) - before == 2


def test_a_look_that_has_not_begun_is_made_to_reach_further_back(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    period = since(town, HOUR_S)
    before = town.calls(shop)
    look.run(town.rig, tenant, by="somebody")

    made = prove(town, tenant, period)

    assert made.gaps == [] or {gap.why for gap in made.gaps} == {Why.BEFORE_US}
    assert town.calls(shop) - before == 1


def meddle(town: Town, deed: Callable[[], object]) -> None:
    """Let something happen in the shop before each answer to a list."""
    answered = town.rig.transport.handler

    def handler(request: Any) -> Any:
        if "last_update_time_from" in str(request.url):
            deed()
        return answered(request)

    town.rig.transport.handler = handler


def test_orders_that_come_while_pages_are_turned_cost_one_page_and_no_other_pass(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    begin = town.watch()
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    told(town)
    town.watch.move(HOUR_S)
    period, answers = Span(begin, town.watch()), iter(range(9))
    meddle(town, lambda: changes.create_order(town.world, shop) if next(answers) == 1 else None)

    made = prove(town, tenant, period)

    assert made.verdict is Verdict.COMPLETE
    assert [each.calls for each in made.looks] == [3]


def test_a_look_that_was_not_shown_all_the_shop_counts_proves_nothing(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    shop, tenant = at_work
    begin = town.watch()
    changes.bulk_status(town.world, shop, list(shop.orders), next(iter(shop.statuses)))
    told(town)
    town.watch.move(HOUR_S)
    period = Span(begin, town.watch())
    answered = town.rig.transport.handler

    def one_too_many(request: Any) -> Any:
        answer = answered(request)
        if "last_update_time_from" not in str(request.url):
            return answer
        shown = json.loads(answer.read())
        return httpx.Response(200, json={**shown, "number_of_items": shown["number_of_items"] + 1})

    town.rig.transport.handler = one_too_many

    made = prove(town, tenant, period)

    assert made.verdict is Verdict.UNPROVEN
    with town.rig.db.tx(tenant) as conn:
        [found] = inbox.looks_of(conn, tenant, ORDERS, most=1)
    assert (found.covers_from, found.covers_until) == (None, None)


def test_what_has_aged_is_said_to_be_gone(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    begin = town.watch()
    note(town, shop, next(iter(shop.orders)))
    untold(town)
    town.watch.move(HOUR_S)
    period = Span(begin, town.watch())
    fresh = prove(town, tenant, period)
    town.watch.move(399 * DAY_S)
    kept = drawn(town, tenant, period)
    town.watch.move(2 * DAY_S)
    sweep.run(town.rig, tenant)

    aged = drawn(town, tenant, period)

    assert fresh.verdict is kept.verdict is Verdict.INCOMPLETE
    assert (aged.verdict, [gap.why for gap in aged.gaps]) == (Verdict.UNPROVEN, [Why.AGED])
    assert (named(aged), list(aged.looks), aged.proving) == ([], [], None)
    assert rows_left(town, tenant) == 0


def rows_left(town: Town, tenant: str) -> int:
    with town.rig.db.tx(tenant) as conn:
        [found] = conn.execute(
            "SELECT (SELECT count(ended_at) FROM looks) + (SELECT count(*) FROM losses) AS rows"
        ).fetchall()
    return found["rows"]


def test_an_open_look_is_never_too_old(town: Town, at_work: tuple[WorldShop, str]) -> None:
    _, tenant = at_work
    with town.rig.db.tx(tenant) as conn:
        inbox.note_cause(conn, tenant, ORDERS, Cause.PERSON, now=town.watch(), doubted_from=None)
    town.watch.move(500 * DAY_S)
    sweep.run(town.rig, tenant)

    with town.rig.db.tx(tenant) as conn:
        assert [each.cause for each in inbox.looks_of(conn, tenant, ORDERS, most=9)] == [Cause.SILENCE, Cause.PERSON]


def test_counts_begin_where_the_kept_days_begin(town: Town, at_work: tuple[WorldShop, str], database) -> None:
    shop, tenant = at_work
    note(town, shop, next(iter(shop.orders)))
    told(town)
    today = town.watch().replace(hour=0, minute=0, second=0, microsecond=0)
    period = Span(today - timedelta(days=2), town.watch())
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        gone = "INSERT INTO partitions_gone (parent, first, upto, dropped_at) VALUES (%s, %s, %s, %s)"
        conn.execute(gone, ["deliveries", today - timedelta(days=2), today, today])
        conn.execute(gone, ["calls", today, today + timedelta(days=7), today])

    made = drawn(town, tenant, period)

    assert made.arrived
    assert (made.arrived.since, made.arrived.what["deliveries"]) == (today, 1)
    assert made.calls is None
    assert made.taken
    assert made.taken.since == period.since


def test_what_a_read_for_others_happened_to_find_is_named(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    begin, (number, other, *_) = town.watch(), shop.orders
    note(town, shop, number, "told")  # it is a witness from now on: it changed last
    told(town)
    town.watch.move(HOUR_S)
    note(town, shop, number, "lost")
    untold(town)
    town.watch.move(HOUR_S)
    note(town, shop, other)
    told(town)
    healed = town.differences(shop, tenant)
    town.watch.move(HOUR_S)

    assert healed == {}
    assert named(prove(town, tenant, Span(begin, town.watch()))) == [number]


def test_a_witness_whose_webhook_is_on_its_way_is_no_loss(town: Town, at_work: tuple[WorldShop, str]) -> None:
    shop, tenant = at_work
    begin, (number, other, *_) = town.watch(), shop.orders
    note(town, shop, number, "told")
    told(town)
    town.watch.move(HOUR_S)
    note(town, shop, number, "on its way")
    on_its_way, town.undelivered = town.undelivered, []
    note(town, shop, other)
    told(town)
    town.deliver(on_its_way)
    town.work()
    town.watch.move(HOUR_S)

    made = prove(town, tenant, Span(begin, town.watch()))

    assert (made.verdict, named(made), list(made.late)) == (Verdict.COMPLETE, [], [])


def test_a_look_from_before_numbers_were_written_down_proves_nothing(
    town: Town, at_work: tuple[WorldShop, str]
) -> None:
    _, tenant = at_work
    period = since(town, 600)
    proven = prove(town, tenant, period)
    with town.rig.db.tx(tenant) as conn:
        conn.execute("UPDATE looks SET listed = NULL")

    assert proven.verdict is Verdict.COMPLETE
    assert drawn(town, tenant, period).verdict is Verdict.UNPROVEN
