"""The reading half of `/wms/v1`: only its own shops, every order at its latest change, and news within milliseconds."""

import base64
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any

import httpx
import pytest

from service import accounts, tenants
from service.accounts import Kind
from service.flows import dismiss, mapping
from service.steps.lifecycle import Call, Endpoint
from service.web import bell as bells
from service.web.app import before_the_end
from service.web.bell import Bell
from tests.live import CANCELED, WAITING
from tests.simulator.until import until
from tests.web import warehouse
from tests.web.warehouse import Place

UNAUTHORISED = ["", "Bearer", "Bearer wrong", "Basic d3Jvbmc=", "Bearer k_1 x", "Bearer ž", "k_1"]
BAD_CURSORS = ["x", "!!!!", "e30", "bnVsbA", "W10", "WzEsIHt9XQ", "A" * 60_000, "W" * 60_000, "ž", "null", "1"]


@pytest.fixture
def place(database, redis_url, tmp_path) -> Iterator[Place]:
    with warehouse.opened(database.url, redis_url, tmp_path) as opened:
        yield opened


def numbers(page: dict[str, Any]) -> list[str]:
    return [each["number"] for each in page["orders"]]


def at_fault(answer: httpx.Response) -> tuple[int, str, str | None]:
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert {"title", "detail"} <= document.keys()
    return answer.status_code, document["code"], document.get("field")


def test_without_a_token_of_ours_every_door_is_shut_in_the_same_words(place: Place) -> None:
    place.take()
    doors = [("GET", "/orders"), ("GET", f"/orders/{place.shops['alfa']}/O1"), ("POST", "/orders/t_x/O1/ack")]
    answers = [place.site.http.get("/wms/v1/orders")]
    for said in UNAUTHORISED:
        headers = {"authorization": said.encode()}
        answers += [place.site.http.request(method, f"/wms/v1{path}", headers=headers) for method, path in doors]

    assert {at_fault(answer) for answer in answers} == {(401, "token", None)}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.content for answer in answers}) == 1


def test_a_revoked_token_is_as_good_as_none(place: Place) -> None:
    with place.rig.db.tx_all("a test revokes") as conn:
        account = accounts.bearer(conn, place.warehouse)
        assert account
        (token,) = accounts.tokens(conn, account.account_id)
        accounts.revoke(conn, account.account_id, token_id=token.token_id, now=place.rig.now())

    assert at_fault(place.ask("GET", "/orders")) == (401, "token", None)


def test_a_token_in_another_case_of_the_scheme_is_taken(place: Place) -> None:
    headers = {"authorization": f"bearer  {place.warehouse}"}

    assert place.site.http.get("/wms/v1/orders", headers=headers).status_code == 200


def test_the_feed_is_one_over_all_shops_of_the_account_and_no_others(place: Place) -> None:
    for shop, number in (("alfa", "O1"), ("beta", "O1"), ("gama", "O1"), ("beta", "O2")):
        place.take(number, shop=shop)

    ours = [(each["tenant"], each["number"]) for each in place.feed()["orders"]]
    theirs = place.ask("GET", "/orders", token=place.merchant).json()["orders"]

    assert sorted(ours) == sorted(
        [(place.shops["alfa"], "O1"), (place.shops["beta"], "O1"), (place.shops["beta"], "O2")]
    )
    assert [(each["tenant"], each["number"]) for each in theirs] == [(place.shops["gama"], "O1")]


def test_the_feed_goes_on_where_it_was_left_and_repeats_nothing(place: Place) -> None:
    place.take("O1")
    place.take("O2")
    first = place.feed(limit=1)
    second = place.feed(limit=1, after=first["cursor"])
    third = place.feed(limit=1, after=second["cursor"])

    assert (numbers(first), first["more"]) == (["O1"], True)
    assert (numbers(second), second["more"]) == (["O2"], False)
    assert (numbers(third), third["more"], third["cursor"]) == ([], False, second["cursor"])

    place.take("O1", changed=80, status_id=CANCELED)
    again = place.feed(after=third["cursor"])["orders"]
    assert [(each["number"], each["revision"], each["state"]) for each in again] == [("O1", 2, "stop")]


def test_a_busy_shop_does_not_keep_the_others_waiting(place: Place) -> None:
    for number in range(6):
        place.take(f"O{number}", shop="alfa")
    place.take("B1", shop="beta")

    page = place.feed(limit=4)

    assert len(page["orders"]) <= 4
    assert "B1" in numbers(page)
    assert page["more"]
    seen = numbers(page)
    while page["more"]:
        page = place.feed(limit=4, after=page["cursor"])
        seen += numbers(page)
    assert sorted(seen) == ["B1", "O0", "O1", "O2", "O3", "O4", "O5"]


def test_one_shop_alone_can_be_followed(place: Place) -> None:
    place.take("O1", shop="alfa")
    place.take("O2", shop="beta")

    page = place.feed(tenant=place.shops["beta"])

    assert numbers(page) == ["O2"]
    assert numbers(place.feed(tenant=place.shops["beta"], after=page["cursor"])) == []


def test_a_shop_that_was_switched_back_stops_what_it_had_released(place: Place) -> None:
    alfa = place.shops["alfa"]
    place.take("O1", shop="alfa")
    cursor = place.feed()["cursor"]
    mapping.observe(place.rig, alfa, by="test")
    place.take("O2", shop="alfa")

    [told] = place.feed(after=cursor)["orders"]
    assert (told["number"], told["state"], told["reason"]) == ("O1", "stop", "withdrawn")
    assert place.ask("GET", f"/orders/{alfa}/O1").json() == told
    shown = place.ask("POST", f"/orders/{alfa}/O1/ack", json={"revision": told["revision"]}).json()
    assert (shown["state"], shown["reason"], shown["lines"], shown["recipient"]) == ("held", "observed", [], None)
    assert place.ask("GET", f"/orders/{alfa}/O2").json()["reason"] == "observed"


def test_the_orders_of_a_suspended_shop_stay_and_those_of_one_that_left_are_stopped(place: Place) -> None:
    alfa = place.shops["alfa"]
    place.take("O1", shop="alfa")
    place.take("O2", shop="beta")
    cursor = place.feed()["cursor"]
    with place.rig.db.tx(place.shops["beta"]) as conn:
        assert tenants.suspend(conn, place.shops["beta"], why="x", credentials_revision=2)
    left(place, "alfa")

    [told] = place.feed(after=cursor)["orders"]
    assert (told["tenant"], told["number"], told["state"], told["reason"]) == (alfa, "O1", "stop", "uninstalled")
    assert place.ask("GET", f"/orders/{alfa}/O1").json() == told
    assert place.ask("GET", f"/orders/{place.shops['beta']}/O2").json()["state"] == "released"
    shown = place.ask("POST", f"/orders/{alfa}/O1/ack", json={"revision": told["revision"]}).json()
    assert (shown["state"], shown["reason"], shown["recipient"]) == ("held", "uninstalled", None)


def test_a_shop_that_left_is_no_stranger_s_business(place: Place) -> None:
    place.take("O1", shop="alfa")
    left(place, "alfa")

    answer = place.ask("GET", f"/orders/{place.shops['alfa']}/O1", token=place.merchant)
    assert at_fault(answer) == (404, "unknown", None)
    assert place.ask("GET", "/orders", token=place.merchant).json()["orders"] == []


def left(place: Place, name: str) -> None:
    """Let a shop be uninstalled, by a signed call."""
    now = place.rig.now()
    assert dismiss.run(place.rig, Call(Endpoint.UNINSTALL, name, now, f"{name} left", None, None))


def test_what_is_no_cursor_is_refused_by_its_name(place: Place) -> None:
    for cursor in BAD_CURSORS:
        answer = place.ask("GET", "/orders", params={"after": cursor})

        assert at_fault(answer) == (400, "cursor", "after")


def test_an_empty_cursor_is_the_beginning(place: Place) -> None:
    place.take()

    assert numbers(place.feed(after="")) == ["O1"]


def test_a_forged_position_is_refused(place: Place) -> None:
    for position in (-1, 1.5, True, "1", None, [], 2**63):
        answer = place.ask("GET", "/orders", params={"after": forged(place, place.shops["alfa"], position)})

        assert at_fault(answer) == (400, "cursor", "after")


def forged(place: Place, tenant: str, position: object) -> str:
    """Return a cursor of the right making with a position nobody gave."""
    reads = json.loads(_plain(place.feed()["cursor"]))[0]
    return base64.urlsafe_b64encode(json.dumps([reads, {tenant: position}]).encode()).decode()


def _plain(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def test_a_cursor_fits_only_what_it_was_given_for(place: Place) -> None:
    place.take()
    everything, one = place.feed()["cursor"], place.feed(tenant=place.shops["alfa"])["cursor"]
    foreign = place.ask("GET", "/orders", token=place.merchant).json()["cursor"]

    for cursor, params in (
        (everything, {"tenant": place.shops["alfa"]}),
        (one, {}),
        (one, {"tenant": place.shops["beta"]}),
        (foreign, {}),
    ):
        assert at_fault(place.ask("GET", "/orders", params={**params, "after": cursor})) == (400, "cursor", "after")


def test_a_position_of_a_foreign_shop_in_a_cursor_opens_nothing(place: Place) -> None:
    place.take("O1", shop="gama")
    forged_one = forged(place, place.shops["gama"], 0)

    assert numbers(place.feed(after=forged_one)) == []


def test_a_cursor_ahead_of_a_restored_feed_is_not_waited_for(place: Place) -> None:
    place.take()
    ahead_one = forged(place, place.shops["alfa"], 999)

    assert at_fault(place.ask("GET", "/orders", params={"after": ahead_one})) == (400, "cursor_ahead", "after")


def test_a_number_out_of_bounds_is_refused_by_its_name(place: Place) -> None:
    for name in ("limit", "wait"):
        for value in ("-1", "1.5", "x", "", "501", "999999999999", "١", " 1", "1e2"):
            answer = place.ask("GET", "/orders", params={name: value})

            assert at_fault(answer) == (400, "malformed", name)


def test_no_page_is_empty_by_request(place: Place) -> None:
    assert at_fault(place.ask("GET", "/orders", params={"limit": 0})) == (400, "malformed", "limit")


def test_a_foreign_shop_an_unknown_shop_and_an_unknown_order_are_one_answer(place: Place) -> None:
    place.take("O1", shop="gama")
    foreign, ours = place.shops["gama"], place.shops["alfa"]
    paths = [
        f"/orders/{foreign}/O1",
        "/orders/t_nobody/O1",
        f"/orders/{ours}/O1",
        f"/orders/{ours}/%00",
        "/orders/*/O1",
    ]

    answers = [place.ask("GET", path) for path in paths]
    answers += [place.ask("POST", f"{path}/ack", json={"revision": 1}) for path in paths]
    answers += [place.ask("GET", "/orders", params={"tenant": tenant}) for tenant in (foreign, "t_nobody", "*", "")]

    assert {at_fault(answer) for answer in answers} == {(404, "unknown", None)}
    assert len({answer.content for answer in answers}) == 1


def test_any_number_a_shop_can_give_is_found_percent_encoded(place: Place) -> None:
    for number in ("O/1", "a b", "ž#?&=", "O%2F1", "x/ack", "..;a", "+420", "📦-7", "/", "ack"):
        place.take(number)
        encoded = "".join(f"%{byte:02X}" for byte in number.encode())
        path = f"/orders/{place.shops['alfa']}/{encoded}"

        assert place.ask("GET", path).json()["number"] == number
        assert place.ask("POST", f"{path}/ack", json={"revision": 1}).json()["acked_revision"] == 1


def test_an_order_of_history_is_held_and_says_so(place: Place) -> None:
    place.take("OLD")
    with place.rig.db.tx(place.shops["alfa"]) as conn:
        conn.execute("DELETE FROM offers")
        conn.execute("UPDATE orders SET creation_time = creation_time - interval '1 year'")

    shown = place.ask("GET", f"/orders/{place.shops['alfa']}/OLD").json()

    assert (shown["state"], shown["reason"], shown["revision"], shown["lines"]) == ("held", "history", 0, [])


def ack(place: Place, body: Any, number: str = "O1") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return place.ask("POST", f"/orders/{place.shops['alfa']}/{number}/ack", content=content)


def test_a_revision_is_acknowledged_once_and_no_later_word_changes_that(place: Place) -> None:
    place.take()

    for _ in range(2):
        answer = ack(place, {"revision": 1, "something": "new"})
        assert (answer.status_code, answer.json()["acked_revision"], answer.json()["state"]) == (200, 1, "released")
    assert place.feed()["orders"][0]["revision"] == 1


def test_an_old_revision_is_refused_with_the_present_one(place: Place) -> None:
    place.take()
    place.take(changed=80, status_id=WAITING)

    for revision in (0, 1, 3, 2**80):
        answer = ack(place, {"revision": revision})
        assert at_fault(answer) == (409, "revision", "/revision")
        assert answer.json()["revision"] == 2


def test_a_stop_is_not_acknowledged_by_a_word_of_before(place: Place) -> None:
    place.take()
    ack(place, {"revision": 1})
    place.take(changed=80, status_id=WAITING)

    assert at_fault(ack(place, {"revision": 1})) == (409, "revision", "/revision")


def test_only_the_warehouse_that_ships_for_a_shop_acknowledges_for_it(place: Place) -> None:
    place.take("O1", shop="alfa")
    with place.rig.db.tx_all("a test lets the merchant own the shop too") as conn:
        tenants.pair(conn, place.shops["alfa"], account_id=place.accounts[1])

    path, said = f"/orders/{place.shops['alfa']}/O1/ack", {"revision": 1}
    assert at_fault(place.ask("POST", path, token=place.merchant, json=said)) == (409, "not_the_shipper", None)
    assert place.ask("POST", path, json=said).json()["acked_revision"] == 1


def test_what_follows_a_stop_is_a_new_revision_in_the_feed(place: Place) -> None:
    place.take()
    place.take(changed=80, total_weight=1)
    cursor = place.feed()["cursor"]

    answer = ack(place, {"revision": 2})

    assert (answer.json()["state"], answer.json()["revision"], answer.json()["acked_revision"]) == ("released", 3, 2)
    assert ack(place, {"revision": 2}).json() == answer.json()
    assert place.feed(after=cursor)["orders"] == [answer.json()]


def test_a_body_that_is_no_object_with_a_number_is_refused(place: Place) -> None:
    place.take()
    for body in (b"", b"{", b"[]", b"7", b"null", b'"x"', b'{"revision": "\\ud800"}', b"\xff", b'{"revision": NaN}'):
        assert at_fault(ack(place, body)) == (400, "malformed", "")
    for revision in (None, "1", 1.0, True, -1, [], {}):
        assert at_fault(ack(place, {"revision": revision})) == (400, "malformed", "/revision")


def test_a_method_that_is_not_there_is_refused_in_the_same_form(place: Place) -> None:
    answer = place.ask("DELETE", "/orders")

    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.fixture
def readers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def waiting(place: Place) -> int:
    return len(place.site.app.web.bell._waiting)


def wait_in(readers: ThreadPoolExecutor, place: Place, **params: Any) -> Future[tuple[dict[str, Any], float]]:
    def read() -> tuple[dict[str, Any], float]:
        page = place.feed(wait=25, **params)
        return page, monotonic()

    before = waiting(place)
    reading = readers.submit(read)
    until(lambda: waiting(place) > before)
    return reading


def test_news_wake_whoever_waits(place: Place, readers) -> None:
    cursor = place.feed()["cursor"]
    took = []
    for changed in range(5):
        reading = wait_in(readers, place, after=cursor)
        began = monotonic()
        place.take(f"O{changed}")
        page, ended = reading.result(10)
        assert numbers(page) == [f"O{changed}"]
        cursor = page["cursor"]
        took.append(ended - began)
    assert sorted(took)[2] < 0.3, took


def test_news_of_another_account_wake_nobody(place: Place, readers) -> None:
    reading = wait_in(readers, place)

    place.take("O1", shop="gama")
    assert not reading.done()
    place.take("O2", shop="beta")

    assert numbers(reading.result(10)[0]) == ["O2"]


def test_a_token_that_is_revoked_while_its_reader_waits_opens_nothing_more(place: Place, readers) -> None:
    reading = readers.submit(place.ask, "GET", "/orders", params={"wait": 25})
    until(lambda: waiting(place) == 1)
    with place.rig.db.tx_all("a test takes the token away") as conn:
        conn.execute("UPDATE account_tokens SET revoked_at = now() WHERE account_id = %s", (place.accounts[0],))

    assert at_fault(reading.result(10))[:2] == (401, "token")


def test_a_lost_notice_costs_a_second(place: Place, readers) -> None:
    reading = wait_in(readers, place)
    with place.rig.db.tx(place.shops["alfa"]) as conn:
        conn.execute("SELECT pg_notify('other', 'x')")
    place.site.app.web.bell._ears.clear()
    began = monotonic()

    place.take()

    assert numbers(reading.result(10)[0]) == ["O1"]
    assert monotonic() - began < 5


def test_nothing_new_is_an_empty_page_with_the_same_cursor(place: Place) -> None:
    place.take()
    cursor = place.feed()["cursor"]
    began = monotonic()

    page = place.feed(after=cursor, wait=1)

    assert (page["orders"], page["more"], page["cursor"]) == ([], False, cursor)
    assert 0.9 < monotonic() - began < 5


def test_pages_are_answered_while_readers_wait(place: Place, readers) -> None:
    several = [wait_in(readers, place) for _ in range(6)]

    assert place.site.http.get("/health/ready").status_code == 200
    place.take()
    assert [numbers(reading.result(10)[0]) for reading in several] == [["O1"]] * 6


def test_all_readers_are_let_go_when_the_process_ends(place: Place, readers) -> None:
    several = [wait_in(readers, place) for _ in range(3)]
    began = monotonic()

    place.site.app.web.bell.end()

    assert [reading.result(10)[0]["orders"] for reading in several] == [[], [], []]
    assert monotonic() - began < 5
    assert place.feed(wait=25)["orders"] == []
    assert monotonic() - began < 5


def test_more_readers_than_may_wait_are_answered_at_once(database) -> None:
    bell = Bell(database.url, most_waiting=1)

    with bell.ear(["t_one"]) as first, bell.ear(["t_one"]) as second:
        assert first is not None
        assert second is None
    with bell.ear(["t_one"]) as third:
        assert third is not None
    assert bell._ears == {}


def test_a_database_that_is_away_is_listened_to_again(database, db) -> None:
    bell = Bell(database.url)
    bell.start()
    try:
        until(lambda: _listeners(db) == 1)
        with db.tx("t_one") as conn:
            conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s", (bells.LISTEN,))
        with bell.ear(["t_one"]) as ear:
            assert ear is not None
            until(lambda: _rings(db, ear), within_s=10)
    finally:
        bell.stop()
    assert not bell._thread.is_alive()


def _listeners(db) -> int:
    with db.tx("t_one") as conn:
        row = conn.execute("SELECT count(*) AS n FROM pg_stat_activity WHERE query = %s", (bells.LISTEN,)).fetchone()
    return row["n"]


def _rings(db, ear: bells.Ear) -> bool:
    with db.tx("t_one") as conn:
        conn.execute("SELECT pg_notify('offers', 't_one')")
    return ear._rung.wait(0.1)


def test_the_process_lets_readers_go_before_the_server_waits_for_them() -> None:
    heard: list[str] = []
    known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for number in known:
            signal.signal(number, lambda *_: heard.append("server"))
        before_the_end(lambda: heard.append("readers"))
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)

    assert heard == ["readers", "server"]


def test_only_the_main_thread_is_told_of_the_end() -> None:
    known = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=before_the_end, args=(lambda: None,))

    thread.start()
    thread.join()

    assert signal.getsignal(signal.SIGTERM) is known


def test_a_database_that_is_away_is_an_answer(place: Place) -> None:
    place.rig.db.close()

    answer = place.ask("GET", "/orders")

    assert at_fault(answer) == (503, "away", None)
    assert answer.headers["retry-after"] == "5"


def test_a_warehouse_and_a_merchant_may_both_read_one_shop(place: Place) -> None:
    with place.rig.db.tx_all("a test pairs") as conn:
        merchant = accounts.bearer(conn, place.merchant)
        assert merchant
        assert merchant.kind is Kind.MERCHANT
        tenants.pair(conn, place.shops["alfa"], account_id=merchant.account_id)
    place.take("O1", shop="alfa")

    assert numbers(place.feed()) == ["O1"]
    assert numbers(place.ask("GET", "/orders", token=place.merchant).json()) == ["O1"]
