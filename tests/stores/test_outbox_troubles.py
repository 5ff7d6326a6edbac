"""The outbox when the shop does not do its part: what is tried again, ever more rarely, and what is left alone."""

from itertools import pairwise

import psycopg
import pytest

from service import inbox, orders, outbox
from service.db import Database
from service.lanes import Lane
from tests.stores.outbox_bench import (
    BASE,
    NOW,
    SENT,
    SHOP,
    YES,
    after,
    claim,
    go_live,
    mirror,
    numbers,
    record,
    row,
    send,
    want,
)


@pytest.fixture
def conn(db: Database):
    with db.tx(SHOP) as opened:
        go_live(opened)
        yield opened


def test_a_receipt_that_never_comes_is_asked_for_ever_more_rarely_and_never_of_a_deleted_order(conn) -> None:
    mirror(conn, "O2", at=-10, status_id=BASE)
    want(conn, "O1", "O2")
    send(conn)
    orders.delete_told(conn, SHOP, {"O2": after(3)})
    orders.missing(conn, SHOP, ["O2"], read_at=after(4), now=after(4))
    asked_at = []
    for at in range(1_801, 7 * 86_400, 1_800):
        if found := outbox.late_receipts(conn, SHOP, now=after(at)):
            assert found == ["O1"]
            asked_at.append(at)

    waits = [later - sooner for sooner, later in pairwise(asked_at)]
    assert waits[:4] == [1_800, 3_600, 7_200, 14_400]
    assert max(waits) == waits[-1] == 86_400


def test_an_echo_that_overtakes_the_answer_is_no_silence(conn) -> None:
    many = [f"O{n:02}" for n in range(25)]
    want(conn, *many)
    claimed = claim(conn)
    outbox.echoed(conn, SHOP, dict.fromkeys(many, SENT), now=after(1.5))
    record(conn, claimed, **dict.fromkeys(many, YES))

    assert not outbox.note_silence(conn, SHOP, now=after(9_999))


def test_what_choked_the_shop_goes_again_in_halves_and_alone_and_is_parked_the_third_time(conn) -> None:
    names = [f"O{n}" for n in range(10)]
    want(conn, *names)
    at, sizes = 1, []
    while not outbox.parked(conn, SHOP):
        claims = []
        while (claimed := claim(conn, at, round_began=at)).updates:
            claims.append(claimed)
        for claimed in claims:
            if "O7" in numbers(claimed):
                outbox.unclear(conn, SHOP, claimed, now=after(at))
            else:
                record(conn, claimed, at, **dict.fromkeys(numbers(claimed), YES))
        sizes.append(sorted(map(len, (numbers(claimed) for claimed in claims)), reverse=True))
        at += 90
        for number in outbox.unclear_rows(conn, SHOP, now=after(at), separator=";"):
            mirror(conn, number, at=at, status_id=BASE if row(conn, number).in_doubt else SENT)
        at += 31

    assert sizes == [[10], [5, 5], [2, 2, 1], [1, 1], [1], [1]]
    [parked] = outbox.parked(conn, SHOP)
    assert parked["order_number"] == "O7"
    assert mirror(conn, "O7", at=at + 1, status_id=SENT, tracking_code="A") == ["confirmed"]  # by hand
    assert outbox.parked(conn, SHOP) == []


def test_an_answer_that_tells_of_no_item_is_a_failure_of_the_shop(conn) -> None:
    want(conn, "O1", "O2")

    assert record(conn, claim(conn)) == ["unclear", "unclear"]

    assert outbox.shop_of(conn, SHOP).failures == 1


def test_a_row_that_waits_for_news_goes_once_it_is_read(conn) -> None:
    mirror(conn, at=-10, status_id=BASE)
    want(conn, "O1")
    leased = [inbox.Hint("O1", urgent=True, due_at=after(46))]
    inbox.hint(conn, SHOP, Lane.REFRESH_ORDERS, leased, now=after(0))
    assert claim(conn).updates == []
    assert row(conn).due_at == after(46)
    inbox.forget(conn, SHOP)

    mirror(conn, at=2, status_id=BASE)

    assert numbers(claim(conn, 3)) == ["O1"]


def test_news_nobody_reads_holds_a_row_up_to_a_known_moment(conn) -> None:
    mirror(conn, at=-10, status_id=BASE)
    want(conn, "O1")
    inbox.hint(conn, SHOP, Lane.REFRESH_ORDERS, [inbox.Hint("O1", urgent=True, due_at=after(9_999))], now=NOW)

    assert claim(conn).updates == []

    assert row(conn).due_at == after(90)
    assert numbers(claim(conn, 90)) == ["O1"]


def test_orders_that_owe_only_further_codes_stand_in_no_status_s_way(conn) -> None:
    many = [f"O{n:03}" for n in range(outbox.MOST * 5 + 1)]
    want(conn, *many, extra_codes=("B",))
    for at in (1, 2, 3, 4, 5, 70):
        send(conn, at)
    want(conn, "P1", at=71)

    assert numbers(claim(conn, 140)) == ["P1"]

    assert outbox.put_off_extra(conn, SHOP, now=after(141), until=after(999)) == len(many)
    assert outbox.claim_extra(conn, SHOP, now=after(142)) is None


def test_who_takes_marks_back_and_who_hears_an_echo_do_not_wait_for_each_other_in_a_circle(db) -> None:
    with db.tx(SHOP) as conn:
        go_live(conn)
        want(conn, "O1")
        send(conn)
        want(conn, "O2", at=70)
        claimed = claim(conn, 80)
    with db.tx(SHOP) as one:
        outbox.echoed(one, SHOP, {"O1": SENT, "O2": 4_242}, now=after(81))  # holds both rows and the shop's
        with db.tx(SHOP) as other:
            other.execute("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable) as waiting, other.transaction():
                outbox.unmark(other, SHOP, claimed, now=after(82), until=after(82))

    assert '"outbox"' in str(waiting.value)  # for the row, and without holding the shop's
