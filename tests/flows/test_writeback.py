"""What left stands in the shop, with one mail per change of status, whatever becomes of the calls."""

import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from service import inbox, mappings, outbox
from service.lanes import Lane
from service.problems import Cause
from simulator import changes
from tests.flows.shipping import MINUTE, Live, live
from tests.flows.town import FLOWS, Town

REST_S, CONFIRM_S = 90, 30 * MINUTE


@pytest.fixture
def shop(town: Town) -> Live:
    return live(town, count=30)


def put_fault(shop: Live, kind: str, **how: object) -> None:
    shop.shop.faults.add(kind, method="PUT", template="/orders", **how)


def test_a_shipped_order_gets_status_code_and_one_mail(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number)
    assert (Lane.WRITEBACK, shop.tenant) in shop.town.due()

    shop.after(1)

    assert shop.shown(number) == (shop.sent_id, f"T{number}")
    assert shop.mails(number) == shop.mails() == 1
    assert shop.state(number) == "sent"
    assert shop.turn() == 0


def test_a_lone_row_waits_for_company_and_then_for_the_interval(shop: Live) -> None:
    first, second, *_ = shop.numbers
    shop.want(first)
    assert shop.turn() == 0
    assert shop.after(0.5) == 1
    shop.want(second)

    assert shop.after(1.4) == 0
    assert shop.after(0.7) == 1


def test_rows_with_other_flags_go_in_the_same_round(shop: Live) -> None:
    first, second, *_ = shop.numbers
    shop.want(first)
    shop.want(second, mail=False)

    assert shop.after(1) == 2
    assert (shop.mails(first), shop.mails(second)) == (1, 0)


def test_many_rows_go_in_full_batches_that_wait_for_nothing(town: Town) -> None:
    shop = live(town, count=300)
    shop.want(*shop.numbers[:230])

    assert shop.turn() == 2  # full ones do not wait
    assert shop.after(2.1) == 1


def test_an_observed_shop_is_not_written_to(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number)
    with shop.town.rig.db.tx(shop.tenant) as conn:
        mappings.switch(conn, shop.tenant, live_since=None)

    assert shop.after(1) == 0
    assert (Lane.WRITEBACK, shop.tenant) not in shop.town.due()
    assert shop.puts() == 0


def test_a_status_waits_for_its_code_then_goes_without_it_and_the_late_code_mails_nobody(shop: Live) -> None:
    number = shop.numbers[0]
    until = shop.town.watch() + timedelta(minutes=15)
    shop.want(number, tracking_code=None, wait_until=until)

    assert shop.after(14 * MINUTE) == 0
    assert shop.state(number) == "waits"
    shop.after(MINUTE + 1)
    assert shop.shown(number)[0] == shop.sent_id
    shop.town.watch.move(2)
    shop.want(number, tracking_code="LATE")
    shop.after(2)

    assert shop.shown(number) == (shop.sent_id, "LATE")
    assert shop.mails() == 1


def test_a_code_in_time_goes_with_its_status(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number, tracking_code=None, wait_until=shop.town.watch() + timedelta(minutes=15))
    shop.town.watch.move(MINUTE)
    shop.want(number, tracking_code="INTIME", wait_until=None)
    shop.after(1)

    assert shop.shown(number) == (shop.sent_id, "INTIME")
    assert [mail.tracking_code for mail in shop.shop.mails] == ["INTIME"]


@pytest.mark.parametrize("kind", ["dropped", "html", "error", "truncated"])
def test_an_answer_that_tells_nothing_is_followed_by_a_read_and_mails_once(shop: Live, kind: str) -> None:
    number = shop.numbers[0]
    put_fault(shop, kind)
    shop.want(number)

    shop.after(1)
    assert shop.state(number) == "due"
    assert [shop.after(s) for s in (1, 28, 60)] == [0, 0, 0]  # 89 s
    shop.after(2)
    shop.after(5)

    assert shop.shown(number) == (shop.sent_id, f"T{number}")
    assert shop.mails() == 1
    assert shop.puts() == (1 if kind in ("dropped", "truncated") else 2)


@pytest.mark.parametrize("seconds", [2, 30, 89, 90])
def test_a_write_that_lands_late_is_waited_for(shop: Live, seconds: int) -> None:
    number = shop.numbers[0]
    put_fault(shop, "late", seconds=seconds)
    shop.want(number)

    shop.after(1)
    for _ in range(50):
        shop.after(3)

    assert shop.shown(number) == (shop.sent_id, f"T{number}")
    assert shop.mails() == shop.puts() == 1


@pytest.mark.parametrize(("retry_after", "wait_s"), [(None, 4), (timedelta(hours=1), 61 * MINUTE)])
def test_a_call_there_is_no_budget_for_is_made_later_and_nothing_is_read(
    shop: Live, retry_after: timedelta | None, wait_s: int
) -> None:
    number = shop.numbers[0]
    put_fault(shop, "busy", retry_after=retry_after)
    reads = shop.town.calls(shop.shop)
    shop.want(number)

    shop.after(1)
    assert shop.after(1) == 0
    shop.after(wait_s)

    assert shop.shown(number)[0] == shop.sent_id
    assert shop.mails() == 1
    assert shop.town.calls(shop.shop) == reads


def test_a_refused_connection_did_nothing(shop: Live) -> None:
    number = shop.numbers[0]
    answered = shop.town.rig.transport.handler

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    shop.town.rig.transport.handler = away
    shop.want(number)
    shop.after(1)
    shop.town.rig.transport.handler = answered
    shop.after(3)

    assert shop.shown(number)[0] == shop.sent_id
    assert shop.mails() == 1


def answer_with(shop: Live, change) -> None:
    """Let the next answers to a PUT be changed on their way."""
    answered = shop.town.rig.transport.handler

    def handler(request: httpx.Request) -> httpx.Response:
        response = answered(request)
        if request.method == "PUT":
            told = json.loads(response.content)
            return httpx.Response(200, json={**told, "orders": change(told["orders"])})
        return response

    shop.town.rig.transport.handler = handler


def test_what_an_answer_of_99_items_lacks_is_read_and_not_mailed_again(town: Town) -> None:
    shop = live(town, count=140)
    numbers = shop.numbers[:100]
    answer_with(shop, lambda items: items[::-1][1:])
    shop.want(*numbers)
    shop.turn()
    assert [shop.state(number) for number in numbers].count("due") == 1

    shop.after(REST_S + 1)

    assert shop.puts() == 1
    assert {shop.mails(number) for number in numbers} == {1}


def test_a_refused_item_is_tried_three_times_then_parked_with_a_level_and_no_words(shop: Live) -> None:
    good, bad, *_ = shop.numbers
    shop.want(good)
    shop.want(bad, status_id=987_654)
    for _ in range(40):
        shop.after(10)

    assert shop.shown(good)[0] == shop.sent_id
    assert shop.puts() == 3
    assert shop.state(bad) == "parked"
    assert shop.problems() == [(Cause.WRITE_REFUSED, bad)]
    with shop.town.rig.db.tx(shop.tenant) as conn:
        [parked] = outbox.parked(conn, shop.tenant)
    assert parked["parked"] == "the shop refused it 3 times (error)"

    shop.want(bad, tracking_code="NEWS")
    assert shop.state(bad) == "due"


def test_a_call_refused_whole_parks_the_one_order_that_causes_it(shop: Live) -> None:
    wanted = shop.numbers[:8]
    bad = wanted[3]
    answered = shop.town.rig.transport.handler

    def picky(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and bad.encode() in request.content:
            return httpx.Response(400, json={"messages": []})
        return answered(request)

    shop.town.rig.transport.handler = picky
    shop.want(*wanted)
    for _ in range(30):
        shop.after(10)

    assert shop.state(bad) == "parked"
    assert {shop.mails(number) for number in wanted if number != bad} == {1}


def test_the_shop_s_own_later_status_wins_and_the_code_still_goes(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number)
    changes.change_order(shop.town.world, shop.shop, number, status_id=shop.done_id)
    shop.read()

    shop.after(3)

    assert shop.shown(number) == (shop.done_id, f"T{number}")
    assert shop.mails() == 0
    assert (Cause.OVERRULED, number) in shop.problems()


def test_what_the_shop_told_last_is_read_before_anything_is_written_over_it(shop: Live) -> None:
    number, other, *_ = shop.numbers
    shop.want(number, other)
    changes.change_order(shop.town.world, shop.shop, number, status_id=shop.done_id)
    shop.tell(number)
    FLOWS[Lane.REFRESH_ORDERS](shop.town.rig, shop.tenant)  # it hears of it

    assert shop.after(3) == 1
    assert (shop.mails(number), shop.mails(other)) == (0, 1)
    shop.town.work(for_s=10, idle_s=4)
    shop.after(3)

    assert shop.shown(number) == (shop.done_id, f"T{number}")
    assert shop.mails(number) == 0
    assert (Cause.OVERRULED, number) in shop.problems()


def test_news_that_cannot_be_read_holds_a_write_up_for_seconds_only(shop: Live) -> None:
    number = shop.numbers[0]
    shop.shop.faults.add("error", method="GET", template="/orders")
    shop.want(number)
    shop.tell(number)
    FLOWS[Lane.REFRESH_ORDERS](shop.town.rig, shop.tenant)  # it hears of it

    assert [shop.after(3), shop.after(25)] == [0, 0]
    assert shop.after(5) == 1
    assert shop.mails(number) == 1


def test_a_status_the_shop_shows_already_is_not_sent(shop: Live) -> None:
    number = shop.numbers[0]
    changes.change_order(shop.town.world, shop.shop, number, status_id=shop.sent_id)
    shop.read()
    shop.want(number)
    shop.after(3)

    assert shop.shown(number) == (shop.sent_id, f"T{number}")
    assert shop.mails() == 0


def test_an_echo_confirms_and_is_read_at_leisure(town: Town) -> None:
    shop = live(town, count=30)
    number = shop.numbers[0]
    settings = town.rig.settings.model_copy(update={"routine_s": 1800})
    patient = replace(town, rig=replace(town.rig, settings=settings))
    shop.town = patient
    patient.hear(shop.shop, shop.tenant)
    patient.watch.move(60)
    shop.want(number)
    shop.after(1)
    reads = patient.calls(shop.shop)
    patient.deliver()
    patient.work(for_s=600, idle_s=500)

    assert shop.state(number) == "confirmed"
    assert patient.calls(shop.shop) == reads
    assert shop.story(number)[-2:] == ["written", "confirmed"]
    with patient.rig.db.tx(shop.tenant) as conn:
        assert inbox.debt(conn, Lane.REFRESH_ORDERS, now=patient.watch()).later == 1


def test_a_receipt_that_does_not_come_is_read_with_the_next_batch(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number)
    shop.after(1)
    assert shop.after(CONFIRM_S - 10) == 0
    shop.town.work(for_s=60, idle_s=30)

    assert shop.state(number) == "confirmed"


def test_a_silent_drop_is_a_problem_and_not_sent_again(shop: Live) -> None:
    number = shop.numbers[0]
    put_fault(shop, "silent")
    shop.want(number)
    shop.after(1)
    shop.town.watch.move(REST_S)
    shop.read()
    shop.after(MINUTE)

    assert shop.problems() == [(Cause.SILENT_DROP, number)]
    assert shop.puts() == 1
    changes.change_order(shop.town.world, shop.shop, number, status_id=shop.sent_id, tracking_code=f"T{number}")
    shop.read()
    assert shop.problems() == []
    assert shop.state(number) == "confirmed"


def test_an_answer_that_came_before_the_work_is_no_silent_drop(shop: Live) -> None:
    number = shop.numbers[0]
    put_fault(shop, "late_answered", seconds=60)
    shop.want(number)
    shop.after(1)
    shop.read()
    shop.after(MINUTE)
    shop.read()

    assert shop.problems() == []
    assert shop.state(number) == "confirmed"
    assert shop.mails() == 1


def test_a_shop_that_never_echoes_is_told_of_and_believed_again_at_the_first_echo(town: Town) -> None:
    shop = live(town, count=40)
    numbers = shop.numbers[:21]
    shop.want(*numbers[:20])
    shop.after(1)
    shop.town.work(for_s=CONFIRM_S + 60, idle_s=CONFIRM_S + 60)
    assert (Cause.NO_ECHO, None) in shop.problems()

    shop.want(numbers[20])
    shop.after(3)
    shop.tell(numbers[20])
    shop.town.work(for_s=10, idle_s=3)

    assert shop.problems() == []


def test_codes_of_further_parcels_go_into_the_history_once(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number, extra_codes=("B2", "C3"))
    shop.after(1)
    shop.after(3)

    rows = [row for row in shop.shop.orders[number].history if row["event"] == "Záznam z API"]
    assert [[each["value"] for each in row["data"]] for row in rows] == [["B2", "C3"]]
    assert shop.state(number) == "sent"


@pytest.mark.parametrize(("kind", "records"), [("dropped", 1), ("error", 0), ("busy", 1)])
def test_a_lost_answer_about_the_history_is_not_repeated(shop: Live, kind: str, records: int) -> None:
    number = shop.numbers[0]
    shop.shop.faults.add(kind, method="POST")
    shop.want(number, extra_codes=("B2",))
    for _ in range(10):
        shop.after(60)

    rows = [row for row in shop.shop.orders[number].history if row["event"] == "Záznam z API"]
    assert len(rows) == records


def test_a_deleted_order_waits_until_it_lives(shop: Live) -> None:
    number = shop.numbers[0]
    changes.delete_order(shop.town.world, shop.shop, number)
    told = json.dumps({"orders": [{"order_number": number}]}).encode()
    shop.town.deliver([shop.town.delivery(shop.tenant, "Orders.delete", told)])
    shop.town.work(for_s=10)
    shop.want(number, based_on_status_id=shop.shown(number)[0])
    assert shop.after(3) == 0

    changes.restore_order(shop.town.world, shop.shop, number)
    shop.read()
    shop.after(3)

    assert shop.shown(number)[0] == shop.sent_id
    assert shop.mails() == 1


def test_a_missing_right_parks_no_order_and_all_go_when_it_is_given(shop: Live) -> None:
    wanted = shop.numbers[:5]
    answered = shop.town.rig.transport.handler

    def forbidden(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={}) if request.method == "PUT" else answered(request)

    shop.town.rig.transport.handler = forbidden
    shop.want(*wanted)
    for _ in range(10):
        shop.after(60)
    assert {shop.state(number) for number in wanted} == {"due"}
    shop.town.rig.transport.handler = answered
    for _ in range(30):
        shop.after(120)

    assert [shop.mails(number) for number in wanted] == [1] * 5
