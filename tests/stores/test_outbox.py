"""The outbox: what may be sent is claimed once, what was asked is never sent again unseen, and nothing is forgotten."""

import pytest

from service import orders, outbox
from service.db import Database
from service.outbox import looking
from service.outbox.decide import state
from service.outbox.rows import looked_at
from service.platform.shapes import Done, OrderUpdate
from tests.stores.outbox_bench import (
    BASE,
    NO,
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


def test_a_row_is_stored_as_it_was_merged(conn) -> None:
    until = after(900.123456)
    assert want(conn, "O1", "O2")
    assert not want(conn, "O3", tracking_code=None, wait_until=until)
    want(conn, "O1", tracking_code='B"\\ř', extra_codes=("C", "D"), at=5)

    stored = row(conn)
    assert (stored.revision, stored.want_tracking_code, stored.want_extra_codes) == (3, 'B"\\ř', ("C", "D"))
    assert (stored.due_at, stored.since) == (NOW, NOW)
    assert row(conn, "O3").due_at == until


def test_the_same_wish_again_changes_nothing(conn) -> None:
    want(conn, "O1")
    send(conn)

    assert not want(conn, "O1", at=3)
    assert row(conn).revision == 2
    assert claim(conn, 100).updates == []


def test_a_claim_marks_what_it_asks_and_gives_it_to_nobody_else(conn) -> None:
    want(conn, "O1")

    first = claim(conn)

    assert first.updates == [OrderUpdate("O1", SENT, "A")]
    assert (first.mail, first.sms) == (True, False)
    marked = row(conn)
    assert (marked.asked_at, marked.asked_status_id, marked.asked_tracking_code) == (after(1), SENT, "A")
    assert (marked.asked_mail, marked.claim) == (True, first.claim)
    assert claim(conn, 500).updates == []
    assert outbox.due_tenants(conn, now=after(120)) == []
    assert outbox.due_tenants(conn, now=after(121)) == [SHOP]


def test_two_workers_claim_different_rows(db) -> None:
    with db.tx(SHOP) as conn:
        go_live(conn)
        want(conn, *(f"O{n:03}" for n in range(200)))
    with db.tx(SHOP) as mine, db.tx(SHOP) as theirs:
        first = claim(mine)
        assert claim(theirs).updates == []  # what the other holds is passed over, not waited for
    with db.tx(SHOP) as conn:
        second = claim(conn)

    assert len({*numbers(first), *numbers(second)}) == 200


def test_a_batch_has_equal_flags_and_the_fullest_one_goes_first(conn) -> None:
    want(conn, "O1", "O2", mail=False)
    want(conn, *(f"P{n}" for n in range(5)))

    assert sorted(numbers(claim(conn))) == [f"P{n}" for n in range(5)]
    assert numbers(claim(conn, 2, round_began=1)) == ["O1", "O2"]


def test_a_full_batch_waits_for_nothing_and_holds_a_hundred(conn) -> None:
    want(conn, *(f"O{n:03}" for n in range(150)))

    assert len(claim(conn, 0).updates) == 100
    assert claim(conn, 0).updates == []
    assert len(claim(conn, 0.5, round_began=0).updates) == 50


def test_rows_that_are_not_due_ride_along_but_none_that_was_put_off(conn) -> None:
    want(conn, "O1", "O2")
    record(conn, claim(conn), O1=YES, O2=NO)
    want(conn, "O3", at=3)
    assert claim(conn, 4).updates == []  # the interval
    want(conn, "O4", at=60)
    mirror(conn, "O2", at=92, status_id=BASE)  # after a rest: an error may have done it

    assert sorted(numbers(claim(conn, 93))) == ["O2", "O3", "O4"]


def test_a_refused_row_that_rests_does_not_ride(conn) -> None:
    want(conn, "O1", "O2")
    record(conn, claim(conn), O1=YES, O2=NO)
    want(conn, *(f"P{n:03}" for n in range(99)), at=3)

    assert len(claim(conn, 4).updates) == 0


def test_what_came_during_a_round_waits_for_the_next_one(conn) -> None:
    want(conn, "O1")
    want(conn, "O2", mail=False)
    send_at = 1
    first = claim(conn, send_at)
    record(conn, first, **{numbers(first)[0]: YES})
    want(conn, "O3", at=1.2)

    assert len(claim(conn, 2, round_began=1).updates) == 1
    assert claim(conn, 3, round_began=1).updates == []
    assert outbox.due_tenants(conn, now=after(60)) == []
    assert numbers(claim(conn, 63)) == ["O3"]


def test_an_item_the_answer_lacks_stays_in_doubt(conn) -> None:
    want(conn, "O1", "O2", "O3")

    whats = record(conn, claim(conn), O1=YES, O3=Done(done=None))

    assert sorted(whats) == ["unclear", "unclear", "written"]
    assert [row(conn, number).in_doubt for number in ("O1", "O2", "O3")] == [False, True, True]
    assert outbox.unclear_rows(conn, SHOP, now=after(91), separator=";") == []
    assert outbox.unclear_rows(conn, SHOP, now=after(92), separator=";") == ["O2", "O3", "O1"]  # one rides along


def test_an_answer_to_an_old_claim_changes_nothing(conn) -> None:
    want(conn, "O1")
    stale = claim(conn)
    mirror(conn, at=200, status_id=BASE)
    again = claim(conn, 201)
    assert numbers(again) == ["O1"]

    assert record(conn, stale, 202, O1=YES) == []
    assert row(conn).in_doubt
    assert record(conn, again, 203, O1=YES) == ["written"]


def test_nothing_was_sent_and_the_mark_is_gone(conn) -> None:
    want(conn, "O1")

    assert outbox.unmark(conn, SHOP, claim(conn), now=after(2), until=after(30)) == 1

    assert (row(conn).in_doubt, row(conn).due_at) == (False, after(30))
    assert numbers(claim(conn, 31)) == ["O1"]


def test_any_read_settles_a_doubt_and_what_it_shows_is_not_sent_again(conn) -> None:
    want(conn, "O1", "O2")
    outbox.unclear(conn, SHOP, claim(conn), now=after(2))

    assert mirror(conn, "O1", at=3, status_id=SENT, tracking_code="A") == ["written", "confirmed"]
    assert mirror(conn, "O2", at=3, status_id=BASE) == []
    assert mirror(conn, "O2", at=95, status_id=BASE) == []

    again = claim(conn, 96)
    assert (again.updates, again.mail) == ([OrderUpdate("O2", SENT, "A")], True)


def test_a_deleted_order_in_doubt_is_not_asked_for_again_and_again(conn) -> None:
    mirror(conn, at=-10, status_id=BASE)
    want(conn, "O1")
    outbox.unclear(conn, SHOP, claim(conn), now=after(2))
    orders.delete_told(conn, SHOP, {"O1": after(3)})
    orders.missing(conn, SHOP, ["O1"], read_at=after(4), now=after(4))

    assert outbox.unclear_rows(conn, SHOP, now=after(100), separator=";") == []
    assert outbox.due_tenants(conn, now=after(9_999)) == []
    mirror(conn, at=10_000, status_id=BASE)
    assert numbers(claim(conn, 10_001)) == ["O1"]


def test_a_doubt_no_answer_ends_is_asked_about_ever_more_rarely(conn) -> None:
    want(conn, "O1")
    outbox.unclear(conn, SHOP, claim(conn), now=after(2))
    waits = []
    for _ in range(4):
        due_at = row(conn).due_at
        assert due_at
        assert outbox.put_off(conn, SHOP, ["O1"], now=due_at) == 1
        waits.append(round((row(conn).due_at - due_at).total_seconds()))

    assert waits == sorted(waits)
    assert waits[0] >= 90


def test_an_echo_is_ours_and_takes_the_silence_back(conn) -> None:
    want(conn, *(f"O{n:02}" for n in range(20)))
    send(conn)
    assert not outbox.note_silence(conn, SHOP, now=after(1_799))
    assert outbox.note_silence(conn, SHOP, now=after(1_801))
    assert not outbox.note_silence(conn, SHOP, now=after(1_802))
    assert outbox.shop_of(conn, SHOP).no_echo

    ours, findings = outbox.echoed(conn, SHOP, {"O01": SENT, "O02": BASE, "X": SENT}, now=after(1_900))

    assert (ours, [finding.what for finding in findings]) == ({"O01"}, ["confirmed"])
    assert not outbox.shop_of(conn, SHOP).no_echo
    assert not outbox.note_silence(conn, SHOP, now=after(9_999))


def test_a_receipt_that_is_late_is_asked_for_once_in_half_an_hour(conn) -> None:
    want(conn, "O1")
    send(conn)
    assert outbox.due_tenants(conn, now=after(1_800)) == []
    assert outbox.due_tenants(conn, now=after(1_801)) == [SHOP]

    assert outbox.late_receipts(conn, SHOP, now=after(1_801)) == ["O1"]
    assert outbox.late_receipts(conn, SHOP, now=after(1_802)) == []
    assert outbox.late_receipts(conn, SHOP, now=after(3_601)) == ["O1"]


def test_codes_for_the_history_are_marked_before_they_go_and_given_back_when_they_did_not(conn) -> None:
    want(conn, "O1", extra_codes=("B", "C"))
    send(conn)

    assert outbox.claim_extra(conn, SHOP, now=after(2)) == ("O1", ("B", "C"))
    assert outbox.claim_extra(conn, SHOP, now=after(3)) is None
    outbox.give_back_extra(conn, SHOP, "O1", ["B", "C"], now=after(3), until=after(10))
    want(conn, "O1", extra_codes=("B", "C", "D"), at=4)
    assert outbox.claim_extra(conn, SHOP, now=after(11)) == ("O1", ("B", "C", "D"))
    assert row(conn).due_at is None


@pytest.mark.parametrize(
    "shut",
    [
        "UPDATE mappings SET live_since = NULL",
        "UPDATE tenants SET state = 'suspended'",
        "UPDATE tenants SET doubted = true",
        "INSERT INTO write_backs (tenant_id, rests_until) VALUES ('t_one', '2026-03-01 13:00Z')",
    ],
)
def test_a_shop_that_is_shut_owes_nobody_a_turn(conn, shut: str) -> None:
    conn.execute(
        "INSERT INTO tenants (tenant_id, token, state, api_url, doubted, installed_at) "
        "VALUES (%s, 'x', 'active', 'y', false, %s)",
        [SHOP, NOW],
    )
    want(conn, "O1")
    assert outbox.due_tenants(conn, now=after(1)) == [SHOP]

    conn.execute(shut)

    assert outbox.due_tenants(conn, now=after(1)) == []
    assert claim(conn).updates == []
    assert outbox.claim_extra(conn, SHOP, now=after(1)) is None
    assert outbox.unclear_rows(conn, SHOP, now=after(999), separator=";") == []


def test_a_shop_rests_from_its_second_failure_on_and_an_answer_ends_that(conn) -> None:
    assert outbox.note_failure(conn, SHOP, now=NOW) == NOW
    assert outbox.note_failure(conn, SHOP, now=NOW) == after(30)
    assert outbox.note_failure(conn, SHOP, now=NOW) == after(60)
    want(conn, "O1")
    assert claim(conn, 59).updates == []

    send(conn, 61)

    assert outbox.shop_of(conn, SHOP).failures == 0
    assert row(conn).sent_status_id == SENT


def test_parked_rows_are_listed_and_go_on_when_told(conn) -> None:
    want(conn, "O1")
    for at in (1, 100, 200):
        record(conn, claim(conn, at), at, O1=NO)
        mirror(conn, at=at + 91, status_id=BASE)
    [parked] = outbox.parked(conn, SHOP)
    assert (parked["order_number"], parked["parked"]) == ("O1", "the shop refused it 3 times (error)")
    assert claim(conn, 9_999).updates == []

    assert outbox.unpark(conn, SHOP, now=after(10_000)) == 1
    assert numbers(claim(conn, 10_001)) == ["O1"]


def test_what_was_owed_to_a_shop_that_went_is_forgotten(conn) -> None:
    want(conn, "O1", "O2")
    record(conn, claim(conn), O1=YES)

    assert outbox.forget(conn, SHOP) == 1
    assert outbox.state_of(conn, SHOP, ["O1", "O2"], now=after(3)) == {"O1": "sent", "O2": "none"}


def test_states_are_counted_as_they_are_told(conn) -> None:
    until = after(900)
    want(conn, "waits", tracking_code=None, wait_until=until)
    want(conn, "sent", "confirmed", "parked", "doubt", "shown", "overruled")
    mirror(conn, "shown", at=0.5, status_id=SENT, tracking_code="A")
    mirror(conn, "overruled", at=0.5, status_id=9, tracking_code="A")
    for at in (1, 100, 200):
        claimed = claim(conn, at)
        told = dict.fromkeys(("sent", "confirmed"), YES) | {"parked": NO}
        record(conn, claimed, at, **told)
        mirror(conn, "parked", at=at + 91, status_id=BASE)
    mirror(conn, "confirmed", at=300, status_id=SENT, tracking_code="A")
    want(conn, "due", at=300)
    every = ["waits", "sent", "confirmed", "parked", "doubt", "shown", "overruled", "due", "nobody"]

    told = outbox.state_of(conn, SHOP, every, now=after(301))

    assert told == {
        "waits": "waits", "sent": "sent", "confirmed": "confirmed", "parked": "parked", "doubt": "due",
        "shown": "confirmed", "overruled": "confirmed", "due": "due", "nobody": "none",
    }  # fmt: skip
    assert outbox.counts(conn, SHOP, now=after(301)) == outbox.Counts(waits=1, due=2, sent=1, confirmed=3, parked=1)
    assert {
        number: state(found, after(301)) for found, _ in looked_at(conn, SHOP, every) for number in [found.order_number]
    }.items() <= told.items()
    owed = outbox.debt(conn, now=after(301))
    assert (owed.due, owed.later, owed.parked, owed.in_doubt) == (2, 1, 1, 1)


def test_beats_question_reads_an_index(conn) -> None:
    conn.execute(
        "INSERT INTO outbox (tenant_id, order_number, due_at) "
        "SELECT %s, n::text, CASE WHEN n < 3 THEN %s::timestamptz END FROM generate_series(1, 20000) AS n",
        [SHOP, NOW],
    )
    conn.execute("ANALYZE outbox")

    plan = str(conn.execute("EXPLAIN " + looking.DUE_TENANTS, {"now": after(1)}).fetchall())

    assert "outbox_due" in plan or "outbox_waiting" in plan
    assert "Seq Scan on outbox" not in plan
