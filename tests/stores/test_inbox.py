"""The inbox: deliveries are taken once, many hints are one read, and nothing told is ever forgotten."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service import inbox
from service.db import Database
from service.inbox import Delivery, Dial, Hint, Verdict, deliveries
from service.lanes import Lane

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DIAL = Dial(interval_s=60, routine_s=1800, wait_s=0.5)
ORDERS = Lane.REFRESH_ORDERS
SHOP = "t_one"


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def delivery(body: bytes = b"{}", *, tenant=SHOP, event="Orders.update", lane: Lane | None = ORDERS) -> Delivery:
    return Delivery(tenant, 1, event, lane, body, len(body), NOW)


def hint(key: str, *, at: float = 0.5, urgent: bool = True) -> Hint:
    return Hint(key, urgent, after(at))


def tell(conn, *hints: Hint, now: datetime = NOW) -> None:
    inbox.hint(conn, SHOP, ORDERS, hints, now=now)


def claim(conn, now: datetime, most: int = 3) -> list[inbox.Claimed]:
    return inbox.claim(conn, SHOP, ORDERS, now=now, lease_s=45, most=most)


def answer(conn, claimed: list[inbox.Claimed], now: datetime, **again: datetime) -> int:
    inbox.note_read(conn, SHOP, ORDERS, at=now, watermark=None)
    return inbox.answered(conn, SHOP, ORDERS, claimed[0].claim, now=now, dial=DIAL, read_at=now, again=again)


def keys(claimed: list[inbox.Claimed]) -> list[str]:
    return [each.key for each in claimed]


def test_marking_deliveries_done_reads_these_alone_however_many_came_since_the_table_was_analysed(conn) -> None:
    inbox.store(conn, [delivery(b"%d" % number) for number in range(6_000)])
    taken = inbox.take(conn, SHOP, ORDERS, now=NOW, most=100, most_bytes=1_000_000)

    plan = conn.execute(
        "EXPLAIN " + deliveries.EXPANDED,
        {
            "tenant_id": SHOP,
            "now": NOW,
            "sample": 1,
            "first": NOW,
            "last": NOW,
            "delivery_ids": [each.delivery_id for each in taken],
            "outcomes": ["expanded"] * 100,
            "reasons": [None] * 100,
            "records": [1] * 100,
        },
    ).fetchall()

    assert "deliveries_default_pkey" in str(plan)
    assert "delivery_id = ANY" in str(plan)


def test_a_delivery_comes_back_as_it_was_stored(conn) -> None:
    inbox.store(conn, [delivery(b'{"orders": []}\x00\xff')])

    (taken,) = inbox.take(conn, SHOP, ORDERS, now=NOW, most=10, most_bytes=1_000)

    assert taken == Delivery(SHOP, 1, "Orders.update", ORDERS, b'{"orders": []}\x00\xff', 16, NOW, 1, taken.delivery_id)


def test_deliveries_are_taken_oldest_first_until_the_bytes_are_full(conn) -> None:
    inbox.store(conn, [delivery(b"a" * 60), delivery(b"b" * 60), delivery(b"c" * 60)])

    assert [one.body[:1] for one in inbox.take(conn, SHOP, ORDERS, now=NOW, most=10, most_bytes=100)] == [b"a", b"b"]
    assert [one.body[:1] for one in inbox.take(conn, SHOP, ORDERS, now=NOW, most=1, most_bytes=100)] == [b"a"]
    assert [one.body[:1] for one in inbox.take(conn, SHOP, ORDERS, now=NOW, most=10, most_bytes=1)] == [b"a"]


def test_what_one_worker_took_another_does_not_see(db) -> None:
    with db.tx(SHOP) as conn:
        inbox.store(conn, [delivery(), delivery()])

    with db.tx(SHOP) as mine, db.tx(SHOP) as theirs:
        assert len(inbox.take(mine, SHOP, ORDERS, now=NOW, most=1, most_bytes=9)) == 1
        assert len(inbox.take(theirs, SHOP, ORDERS, now=NOW, most=9, most_bytes=9)) == 1
        assert inbox.take(theirs, SHOP, Lane.REFRESH_PRODUCTS, now=NOW, most=9, most_bytes=9) == []


def test_an_expanded_delivery_is_taken_no_more(conn) -> None:
    inbox.store(conn, [delivery(), delivery(b"x" * 100_000)])
    first, second = inbox.take(conn, SHOP, ORDERS, now=NOW, most=9, most_bytes=1_000_000)

    inbox.expanded(
        conn,
        SHOP,
        [
            Verdict(first.delivery_id, first.received_at, "expanded", None, 3),
            Verdict(second.delivery_id, second.received_at, "unreadable", "no JSON", 0),
        ],
        now=after(1),
    )

    assert inbox.take(conn, SHOP, ORDERS, now=NOW, most=9, most_bytes=1_000_000) == []
    rows = conn.execute("SELECT outcome, reason, records, octet_length(body) FROM deliveries ORDER BY 1").fetchall()
    assert [tuple(row.values()) for row in rows] == [("expanded", None, 3, 2), ("unreadable", "no JSON", 0, 65_536)]


def test_an_event_nobody_needs_is_stored_as_done(conn) -> None:
    inbox.store(conn, [delivery(event="Labels.create", lane=None)])

    row = conn.execute("SELECT outcome, expanded_at FROM deliveries").fetchone()

    assert row == {"outcome": "unknown", "expanded_at": NOW}


def test_many_hints_about_one_order_are_one_claim(conn) -> None:
    tell(conn, hint("A"), hint("A", at=9, urgent=False), hint("B"))
    tell(conn, hint("A"), now=after(1))

    claimed = claim(conn, after(2))

    assert [(one.key, one.revision, one.since, one.told_at) for one in claimed] == [
        ("A", 2, NOW, after(1)),
        ("B", 1, NOW, NOW),
    ]


def test_nothing_is_claimed_before_it_is_due(conn) -> None:
    tell(conn, hint("A", at=60))

    assert claim(conn, after(59)) == []
    assert keys(claim(conn, after(60))) == ["A"]


def test_what_is_not_due_rides_along_with_what_is(conn) -> None:
    tell(conn, hint("late", at=900, urgent=False), hint("due"))

    assert keys(claim(conn, after(1))) == ["due", "late"]


def test_a_full_batch_does_not_wait(conn) -> None:
    tell(conn, hint("A", at=900), hint("B", at=900), hint("C", at=900))

    assert keys(claim(conn, NOW, most=4)) == []
    assert keys(claim(conn, NOW, most=3)) == ["A", "B", "C"]


def test_due_goes_before_urgent_and_urgent_before_old(conn) -> None:
    tell(conn, hint("old", at=1, urgent=False), hint("new", at=2), hint("next", at=900))

    assert keys(claim(conn, after(3))) == ["new", "old", "next"]


def test_a_claimed_hint_is_nobody_elses_until_its_lease_ends(conn) -> None:
    tell(conn, hint("A"))
    mine = claim(conn, after(1))

    assert claim(conn, after(45)) == []
    theirs = claim(conn, after(46))
    assert keys(theirs) == ["A"]
    assert answer(conn, mine, after(47)) == 0
    assert answer(conn, theirs, after(48)) == 1


def test_a_look_is_claimed_alone_and_in_its_turn(conn) -> None:
    tell(conn, hint("A", at=1), hint(inbox.LOOK, at=2), hint("B", at=3))

    assert keys(claim(conn, after(4))) == ["A", "B"]
    assert keys(claim(conn, after(4))) == [inbox.LOOK]


def test_a_look_that_is_not_due_rides_with_nobody(conn) -> None:
    tell(conn, hint("A", at=1), hint(inbox.LOOK, at=90))

    assert keys(claim(conn, after(2))) == ["A"]
    assert claim(conn, after(2)) == []


def test_an_answered_hint_owes_nothing(conn) -> None:
    tell(conn, hint("A"), hint("B"))

    assert answer(conn, claim(conn, after(1)), after(2)) == 2

    assert claim(conn, after(9_999)) == []
    assert inbox.oldest(conn, ORDERS, now=after(9_999)) is None


def test_a_hint_told_while_it_was_read_is_read_again_by_the_pace(conn) -> None:
    tell(conn, hint("A"), hint("B"))
    claimed = claim(conn, after(1))
    tell(conn, hint("A", at=2), now=after(1.5))
    answer(conn, claimed, after(2))

    assert claim(conn, after(61.9)) == []
    (again,) = claim(conn, after(62))
    assert (again.key, again.since) == ("A", NOW)


def test_a_hint_can_ask_for_another_look(conn) -> None:
    tell(conn, hint("A"), hint("B"))
    answer(conn, claim(conn, after(1)), after(2), B=after(300))

    assert claim(conn, after(299)) == []
    assert keys(claim(conn, after(300))) == ["B"]


def test_a_settled_hint_starts_a_new_debt_when_told_again(conn) -> None:
    tell(conn, hint("A"))
    answer(conn, claim(conn, after(1)), after(2))
    tell(conn, hint("A", at=120, urgent=False), now=after(100))

    (claimed,) = claim(conn, after(120))
    assert (claimed.since, claimed.urgent) == (after(100), False)


def test_a_put_off_claim_comes_back_at_its_time(conn) -> None:
    tell(conn, hint("A"))
    claimed = claim(conn, after(1))

    inbox.put_off(conn, SHOP, ORDERS, claimed[0].claim, until=after(500), failed=False, why="the hour is full")

    assert claim(conn, after(499)) == []
    (again,) = claim(conn, after(500))
    assert (again.since, again.tries) == (NOW, 0)


def test_the_third_failure_parks_and_news_give_another_chance(conn) -> None:
    tell(conn, hint("A"))
    for second in (1, 2, 3):
        claimed = claim(conn, after(second))
        inbox.put_off(conn, SHOP, ORDERS, claimed[0].claim, until=after(second), failed=True, why="nonsense")

    assert claim(conn, after(9_999)) == []
    assert inbox.debt(conn, ORDERS, now=after(4)) == inbox.Debt(due=0, later=0, parked=1, unexpanded=0)
    tell(conn, hint("A", at=10), now=after(9))
    assert keys(claim(conn, after(10))) == ["A"]


def test_a_look_keeps_its_page_through_a_lost_lease(conn) -> None:
    tell(conn, hint(inbox.LOOK))
    (first,) = claim(conn, after(1))
    assert inbox.turn_page(conn, SHOP, ORDERS, first.claim, cursor={"page": 7}, lease_until=after(50))

    assert claim(conn, after(49)) == []
    (second,) = claim(conn, after(50))
    assert second.cursor == {"page": 7}
    assert not inbox.turn_page(conn, SHOP, ORDERS, first.claim, cursor={"page": 8}, lease_until=after(90))


def test_whose_turn_it_is_is_seen_over_every_tenant(db) -> None:
    with db.tx_all("test") as conn:
        inbox.store(conn, [delivery(tenant="t_delivered"), delivery(tenant="t_else", lane=Lane.REFRESH_PRODUCTS)])
        inbox.hint(conn, "t_due", ORDERS, [hint("A"), hint("B")], now=NOW)
        inbox.hint(conn, "t_later", ORDERS, [hint("A", at=60)], now=NOW)

        assert sorted(inbox.due_tenants(conn, ORDERS, now=after(1))) == ["t_delivered", "t_due"]
        assert inbox.oldest(conn, ORDERS, now=after(1)) == NOW
        assert inbox.debt(conn, ORDERS, now=after(1)) == inbox.Debt(due=2, later=1, parked=0, unexpanded=1)


def test_a_dismissed_tenant_is_owed_nothing_and_keeps_its_watermark(conn) -> None:
    tell(conn, hint("A"), hint(inbox.LOOK))
    inbox.note_read(conn, SHOP, ORDERS, at=NOW, watermark=NOW)
    mine = claim(conn, after(1))
    inbox.forget(conn, SHOP)

    assert claim(conn, after(9_999)) == []
    assert answer(conn, mine, after(2)) == 0
    assert inbox.last_read(conn, SHOP, ORDERS).watermark == NOW


def test_a_read_never_goes_back(conn) -> None:
    inbox.note_read(conn, SHOP, ORDERS, at=after(5), watermark=after(3))
    inbox.note_read(conn, SHOP, ORDERS, at=after(4), watermark=None)

    assert inbox.last_read(conn, SHOP, ORDERS) == inbox.Reading(after(5), after(3))
    assert inbox.last_read(conn, SHOP, Lane.PULL) == inbox.Reading(None, None)


def test_failures_are_counted_until_a_read_is_answered(conn) -> None:
    assert [inbox.note_failure(conn, SHOP, ORDERS) for _ in range(3)] == [0, 1, 2]
    inbox.note_read(conn, SHOP, ORDERS, at=NOW, watermark=None)
    assert inbox.note_failure(conn, SHOP, ORDERS) == 0


def test_a_tenant_sees_nothing_of_another(db) -> None:
    with db.tx_all("test") as conn:
        inbox.store(conn, [delivery(tenant="t_other")])
        inbox.hint(conn, "t_other", ORDERS, [hint("A")], now=NOW)

    with db.tx(SHOP) as conn:
        assert inbox.take(conn, "t_other", ORDERS, now=NOW, most=9, most_bytes=9) == []
        assert inbox.claim(conn, "t_other", ORDERS, now=after(9), lease_s=45, most=9) == []


SECONDS = st.floats(min_value=0, max_value=7_200, allow_nan=False).map(lambda seconds: round(seconds, 3))
DIALS = st.builds(Dial, interval_s=SECONDS, routine_s=SECONDS, wait_s=SECONDS)


@given(dial=DIALS, ago=st.none() | SECONDS, urgent=st.booleans())
def test_a_hint_is_due_after_the_wait_and_once_per_interval(dial: Dial, ago: float | None, urgent: bool) -> None:
    last_read = None if ago is None else after(-ago)
    due = inbox.paced(dial, now=NOW, last_read=last_read, urgent=urgent)

    interval = timedelta(seconds=dial.interval_s if urgent else dial.routine_s)
    assert due >= after(dial.wait_s)
    assert last_read is None or due >= last_read + interval
    assert due == after(dial.wait_s) or (last_read is not None and due == last_read + interval)


@given(dial=DIALS, ago=SECONDS, urgent=st.booleans())
def test_the_database_paces_as_python_does(database, dial: Dial, ago: float, urgent: bool) -> None:
    opened = Database(database.url, size=1)
    opened.open()
    with opened.tx(SHOP) as conn:
        conn.execute("DELETE FROM hints")
        tell(conn, hint("A", at=0, urgent=urgent))
        claimed = claim(conn, NOW)
        tell(conn, hint("A", at=0, urgent=urgent))
        inbox.answered(conn, SHOP, ORDERS, claimed[0].claim, now=NOW, dial=dial, read_at=after(-ago), again={})

        row = conn.execute("SELECT due_at FROM hints").fetchone()
    opened.close()

    assert row == {"due_at": inbox.paced(dial, now=NOW, last_read=after(-ago), urgent=urgent)}
