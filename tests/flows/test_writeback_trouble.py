"""An order the shop chokes on stops no other, a shop in trouble parks none, further codes stand in no way."""

import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import psycopg
import pytest

from service import inbox, journal, outbox
from service.flows import go_on
from service.journal import Kind
from service.lanes import Lane
from service.problems import Cause
from service.steps import receipts
from simulator import changes
from tests.flows.shipping import MINUTE, Live, live
from tests.flows.test_writeback import answer_with, put_fault
from tests.flows.town import Town

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def shop(town: Town) -> Live:
    return live(town, count=30)


def instead(shop: Live, answer: Callable[[httpx.Request, Answer], httpx.Response]) -> Answer:
    """Let every call be answered so, with the shop's own answer at hand; return that."""
    answered = shop.town.rig.transport.handler
    shop.town.rig.transport.handler = lambda request: answer(request, answered)
    return answered


def test_an_order_the_shop_chokes_on_holds_the_others_up_for_minutes_and_is_parked(shop: Live) -> None:
    good, bad, later = shop.numbers[:9], shop.numbers[9], shop.numbers[10]

    def picky(request: httpx.Request, answered: Answer) -> httpx.Response:
        chokes = request.method == "PUT" and bad.encode() in request.content
        return httpx.Response(500, json={}) if chokes else answered(request)

    instead(shop, picky)
    shop.want(*good, bad)
    for _ in range(30):
        shop.after(10)
    assert {shop.mails(number) for number in good} == {1}
    shop.want(later)
    for _ in range(8):
        shop.after(10)
    assert shop.mails(later) == 1
    for _ in range(60):
        shop.after(10)

    assert shop.state(bad) == "parked"
    assert shop.problems() == [(Cause.WRITE_REFUSED, bad)]


def test_a_shop_that_says_nothing_of_an_order_is_not_asked_for_ever(shop: Live) -> None:
    number = shop.numbers[0]
    calls: list[str] = []

    def mute(request: httpx.Request, answered: Answer) -> httpx.Response:
        calls.append(request.method)
        return httpx.Response(200, json={"orders": []}) if request.method == "PUT" else answered(request)

    instead(shop, mute)
    shop.want(number)
    for _ in range(2 * 360):
        shop.after(10)

    assert (calls.count("PUT"), calls.count("GET")) == (3, 3)
    assert shop.state(number) == "parked"
    assert shop.problems() == [(Cause.WRITE_REFUSED, number)]


def moved_to_a_stranger(shop: Live) -> None:
    away = "https://shop.example.com/api/v2"
    instead(shop, lambda request, answered: httpx.Response(301, json={"api_url": away}))


def seal_broken(shop: Live) -> None:
    with shop.town.rig.db.tx(shop.tenant) as conn:
        conn.execute("UPDATE tenants SET api_key_sealed = 'broken'")


def answers_501(shop: Live) -> None:
    instead(shop, lambda request, answered: httpx.Response(501, json={}))


@pytest.mark.parametrize("trouble", [moved_to_a_stranger, seal_broken, answers_501])
def test_trouble_of_the_whole_shop_parks_no_order(shop: Live, trouble: Callable[[Live], None]) -> None:
    some = shop.numbers[:6]
    trouble(shop)
    shop.want(*some)
    for _ in range(60):
        shop.after(30)

    assert {shop.state(number) for number in some} == {"due"}
    assert shop.problems() == []


def test_a_refusal_that_was_done_all_the_same_is_read_and_not_sent_again(shop: Live) -> None:
    number = shop.numbers[0]
    answer_with(shop, lambda items: [{**item, "updated_yn": False} for item in items])
    shop.want(number)
    for _ in range(40):
        shop.after(10)

    assert (shop.puts(), shop.mails(number)) == (1, 1)
    assert shop.state(number) == "confirmed"
    assert shop.problems() == []


def test_what_was_parked_and_then_set_by_hand_is_over(shop: Live) -> None:
    number = shop.numbers[0]
    put_fault(shop, "refused", calls=None)
    shop.want(number)
    for _ in range(40):
        shop.after(10)
    assert (shop.puts(), shop.state(number)) == (3, "parked")

    changes.change_order(shop.town.world, shop.shop, number, status_id=shop.sent_id, tracking_code=f"T{number}")
    shop.read()

    assert shop.state(number) == "confirmed"
    assert shop.problems() == []


def history(shop: Live, number: str) -> list[str]:
    rows = [row for row in shop.shop.orders[number].history if row["event"] == "Záznam z API"]
    return [each["value"] for row in rows for each in row["data"]]


def test_a_missing_right_keeps_the_codes_of_further_parcels_and_stops_no_status(shop: Live) -> None:
    some, new = shop.numbers[:4], shop.numbers[4]
    refused: list[str] = []

    def forbidden(request: httpx.Request, answered: Answer) -> httpx.Response:
        if request.method != "POST":
            return answered(request)
        refused.append(request.url.path)
        return httpx.Response(403, json={})

    answered = instead(shop, forbidden)
    shop.want(*some, extra_codes=("B2",))
    for _ in range(10):
        shop.after(MINUTE)
    assert len(refused) == 1  # the others wait with the one that was told
    shop.want(new)
    shop.after(3)
    assert shop.mails(new) == 1
    shop.town.rig.transport.handler = answered
    for _ in range(70):
        shop.after(MINUTE)

    assert [history(shop, number) for number in some] == [["B2"]] * 4
    assert shop.problems() == []


def test_a_history_there_is_no_call_for_rests_no_status(shop: Live) -> None:
    number, new, *_ = shop.numbers

    def busy(request: httpx.Request, answered: Answer) -> httpx.Response:
        return httpx.Response(429, json={}) if request.method == "POST" else answered(request)

    instead(shop, busy)
    shop.want(number, extra_codes=("B2",))
    shop.after(1)
    shop.want(new)
    for _ in range(3):
        shop.after(3)

    assert shop.mails(new) == 1


def test_a_status_passes_hundreds_of_histories(town: Town) -> None:
    shop = live(town, count=160)
    many, new = shop.numbers[:100], shop.numbers[110]
    records: list[str] = []

    def slow(request: httpx.Request, answered: Answer) -> httpx.Response:
        if request.method == "POST":
            records.append(request.url.path)
            town.watch.move(1)
            if len(records) == 5:
                shop.want(new)
        if request.method == "PUT":
            records.clear()
        return answered(request)

    shop.want(*many, extra_codes=("X1",))
    instead(shop, slow)
    shop.after(1)

    assert shop.mails(new) == 1
    assert len(records) > 5  # and the others come after it


def test_a_lost_answer_about_the_history_is_written_down(shop: Live) -> None:
    number = shop.numbers[0]
    shop.shop.faults.add("dropped", method="POST")
    shop.want(number, extra_codes=("B2",))
    shop.after(1)
    shop.after(3)

    with shop.town.rig.db.tx(shop.tenant) as conn:
        [lost] = [each for each in journal.timeline(conn, shop.tenant, number) if each.kind is Kind.WRITE_UNCLEAR]
    assert lost.detail["history"] == ["B2"]


def test_a_refused_history_stays_a_problem_until_the_history_takes_a_code(shop: Live) -> None:
    number = shop.numbers[0]

    def no_history(request: httpx.Request, answered: Answer) -> httpx.Response:
        return httpx.Response(400, json={}) if request.method == "POST" else answered(request)

    answered = instead(shop, no_history)
    shop.want(number, extra_codes=("B2",))
    shop.after(1)
    shop.after(3)
    assert shop.problems() == [(Cause.WRITE_REFUSED, number)]
    shop.want(number, tracking_code="NEW", extra_codes=("B2",))
    shop.after(3)
    assert shop.shown(number)[1] == "NEW"
    assert shop.problems() == [(Cause.WRITE_REFUSED, number)]
    shop.town.rig.transport.handler = answered

    shop.want(number, tracking_code="NEW", extra_codes=("B2", "C3"))
    for _ in range(3):
        shop.after(3)
    assert history(shop, number) == ["C3"]
    assert shop.problems() == [(Cause.WRITE_REFUSED, number)]

    assert go_on.rows(shop.town.rig, shop.tenant, lane=Lane.WRITEBACK, key=number) == 1
    for _ in range(3):
        shop.after(3)

    assert history(shop, number) == ["C3", "B2"]
    assert shop.problems() == []


def test_an_order_whose_history_is_gone_rests_no_other_and_a_code_that_is_taken_back_ends_its_problem(
    shop: Live,
) -> None:
    number, *others = shop.numbers

    def gone(request: httpx.Request, answered: Answer) -> httpx.Response:
        return httpx.Response(404, json={}) if request.method == "POST" else answered(request)

    instead(shop, gone)
    shop.want(number, extra_codes=("B2",))
    for other in others[:8]:
        shop.after(MINUTE * 60)
        shop.want(other)
        shop.after(3)
        assert shop.mails(other) == 1
    assert shop.problems() == [(Cause.WRITE_REFUSED, number)]

    with shop.town.rig.db.tx(shop.tenant) as conn:
        outbox.put(conn, shop.tenant, {number: shop.want_of[number]}, now=shop.town.watch())
        assert outbox.history_lacks(conn, shop.tenant, [number]) == {number}
        outbox.put(conn, shop.tenant, {number: replace(shop.want_of[number], extra_codes=())}, now=shop.town.watch())
        receipts.settle_histories(conn, shop.tenant, [number], now=shop.town.watch())

    assert shop.problems() == []


def test_codes_that_went_with_a_worker_that_died_wait_for_a_person(shop: Live) -> None:
    number = shop.numbers[0]

    def deadly(request: httpx.Request, answered: Answer) -> httpx.Response:
        if request.method == "POST":
            raise RuntimeError("killed")
        return answered(request)

    answered = instead(shop, deadly)
    shop.want(number, extra_codes=("B2",))
    with pytest.raises(RuntimeError):
        shop.after(1)
    shop.town.rig.transport.handler = answered
    for _ in range(5):
        shop.after(MINUTE)
    with shop.town.rig.db.tx(shop.tenant) as conn:
        waiting = [row["order_number"] for row in outbox.parked(conn, shop.tenant)]
    assert (history(shop, number), waiting) == ([], [number])

    go_on.rows(shop.town.rig, shop.tenant, lane=Lane.WRITEBACK, key=number)
    shop.after(3)

    assert history(shop, number) == ["B2"]


def test_a_deleted_order_s_receipt_is_not_waited_for(shop: Live) -> None:
    number = shop.numbers[0]
    shop.want(number)
    shop.after(1)
    changes.delete_order(shop.town.world, shop.shop, number)
    told = json.dumps({"orders": [{"order_number": number}]}).encode()
    shop.town.deliver([shop.town.delivery(shop.tenant, "Orders.delete", told)])
    shop.town.work(for_s=10 * MINUTE, idle_s=MINUTE)
    reads = shop.town.calls(shop.shop)

    shop.town.work(for_s=3 * 60 * MINUTE, idle_s=3 * 60 * MINUTE)

    assert shop.town.calls(shop.shop) == reads


def lost_and_sick(shop: Live, bad: str) -> list[str]:
    """Let the first PUT that names an order be done and not answered, and every read of it fail; return the reads."""
    lost: list[str] = []
    reads: list[str] = []

    def sick(request: httpx.Request, answered: Answer) -> httpx.Response:
        params = request.url.params
        if bad in [*params.get_list("order_number"), *params.get("order_numbers", "").split(";")]:
            reads.append(bad)
            return httpx.Response(500)
        if request.method == "PUT" and bad.encode() in request.content and not lost:
            lost.append(bad)
            answered(request)
            raise httpx.ReadTimeout("lost", request=request)
        return answered(request)

    instead(shop, sick)
    return reads


@pytest.mark.parametrize("beside", [0, 5])
def test_an_order_in_doubt_that_the_shop_cannot_answer_about_stops_no_other(shop: Live, beside: int) -> None:
    bad, *others = shop.numbers[:12]
    reads = lost_and_sick(shop, bad)

    shop.want(bad, *others[:beside])
    for _ in range(60):
        shop.after(10)
    shop.want(*others[beside:])
    for _ in range(60):
        shop.after(10)

    assert {shop.mails(number) for number in (bad, *others)} == {1}
    assert {shop.state(number) for number in others} == {"sent"} | ({"confirmed"} if beside else set())
    assert len(reads) <= 3 * 12  # it is asked for ever more rarely, three tries each time


def test_an_order_in_doubt_that_we_fail_at_is_parked(shop: Live, database) -> None:
    bad, other = shop.numbers[:2]
    shop.shop.faults.add("dropped", method="PUT")
    shop.want(bad, other)
    shop.after(1)
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        refused = f"order_number <> '{bad}' OR status_id <> {shop.sent_id}"
        conn.execute(f"ALTER TABLE orders ADD CONSTRAINT poison CHECK ({refused}) NOT VALID")

    for _ in range(60):
        shop.after(10)
        shop.town.beat()

    assert (shop.mails(bad), shop.mails(other)) == (1, 1)
    assert shop.state(other) == "confirmed"
    with shop.town.rig.db.tx(shop.tenant) as conn:
        assert [(row["key"], row["died"]) for row in inbox.parked(conn, shop.tenant)] == [(bad, True)]


def test_several_orders_the_shop_cannot_answer_about_hold_no_other_up(shop: Live) -> None:
    numbers = shop.numbers[:12]
    bad = {numbers[0], numbers[9]}
    lost: list[httpx.Request] = []

    def sick(request: httpx.Request, answered: Answer) -> httpx.Response:
        params = request.url.params
        if bad & {*params.get_list("order_number"), *params.get("order_numbers", "").split(";")}:
            return httpx.Response(500)
        if request.method == "PUT" and not lost:
            lost.append(request)
            answered(request)
            raise httpx.ReadTimeout("lost", request=request)
        return answered(request)

    instead(shop, sick)
    shop.want(*numbers[:10])
    for _ in range(120):
        shop.after(10)
    shop.want(*numbers[10:])
    for _ in range(240):
        shop.after(30)

    assert {number for number in numbers if shop.mails(number) != 1} <= bad


def test_a_retry_sends_nothing_early_that_is_in_doubt(town: Town) -> None:
    shop = live(town, count=3)
    number = shop.numbers[0]
    late: list[httpx.Request] = []
    loses = False

    def odd(request: httpx.Request, answered: Answer) -> httpx.Response:
        if request.method == "POST":  # the history refuses the further code, which waits for a person then
            return httpx.Response(404, json={})
        if request.method == "PUT" and loses and not late:
            late.append(request)
            shop.town.watch.move(20)
            raise httpx.ReadTimeout("lost", request=request)
        return answered(request)

    answered = instead(shop, odd)
    shop.want(number, extra_codes=("B2",))
    for _ in range(5):
        shop.after(3)
    mailed = shop.mails(number)
    shop.town.watch.move(600)
    loses = True
    shop.want(number, extra_codes=("B2",), status_id=shop.done_id, milestone="delivered")
    for _ in range(100):
        shop.after(1)
        if late:
            break
    shop.after(5)
    go_on.run(shop.town.rig, shop.tenant)
    for _ in range(80):
        shop.after(1)
    answered(late[0])  # it lands 85 s after we had given it up
    for _ in range(30):
        shop.after(1)

    assert shop.mails(number) - mailed <= 1
