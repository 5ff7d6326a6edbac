"""What warehouses are told is read in the order in which it was committed, each order once and none left out."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from service import offers, orders
from service.db import Conn, Database
from service.offers import Offer, Reason, State
from tests.shop_items import at, order

SHOP, OTHER = "t_one", "t_two"


def mirrored(conn: Conn, *numbers: str, tenant: str = SHOP) -> None:
    orders.mirror(conn, tenant, [order(number) for number in numbers], read_at=at(10), source="event")


def tell(conn: Conn, number: str, reason: Reason | None = None, *, tenant: str = SHOP, changed=()) -> None:
    offers.hold(conn, tenant)
    moved = offers.move(offers.known(conn, tenant, [number]).get(number), reason, changed, number=number)
    assert moved
    offers.put(conn, tenant, [moved], now=at(20))


def feed(conn: Conn, position: int = 0, *, tenant: str = SHOP) -> list[tuple[str, int]]:
    return [(each.offer.order_number, each.offer.revision) for each in offers.after(conn, tenant, position, most=500)]


def test_what_was_put_is_known(conn) -> None:
    mirrored(conn, "O1")
    tell(conn, "O1")
    tell(conn, "O1", changed=["phone", 'o"dd, {field}'])

    assert offers.known(conn, SHOP, ["O1", "never"]) == {
        "O1": Offer("O1", 2, 2, State.STOP, Reason.CHANGED, ('o"dd, {field}', "phone"), None, by_hand=False)
    }


def test_each_order_stands_in_the_feed_once_at_its_latest_change(conn) -> None:
    mirrored(conn, "O1", "O2", "O3")
    for number in ("O1", "O2", "O3"):
        tell(conn, number)
    tell(conn, "O1", changed=["phone"])

    assert feed(conn) == [("O2", 1), ("O3", 1), ("O1", 2)]
    assert feed(conn, 2) == [("O3", 1), ("O1", 2)]
    assert feed(conn, 4) == []
    assert offers.heads(conn, [SHOP, OTHER]) == {SHOP: 4}


def test_a_page_of_the_feed_is_no_longer_than_asked_for(conn) -> None:
    mirrored(conn, "O1", "O2", "O3")
    for number in ("O1", "O2", "O3"):
        tell(conn, number)

    assert [each.offer.order_number for each in offers.after(conn, SHOP, 0, most=2)] == ["O1", "O2"]


def test_nothing_of_a_held_order_leaves_the_store(conn) -> None:
    mirrored(conn, "O1", "O2")
    tell(conn, "O1", Reason.UNPAID)
    tell(conn, "O2")

    held, released = offers.after(conn, SHOP, 0, most=10)

    assert (held.content, held.created) == (None, at(-3600))
    assert released.content == order("O2").raw
    assert offers.one(conn, SHOP, "O1") == held
    assert offers.one(conn, SHOP, "O2") == released


def test_an_order_that_was_never_offered_is_history(conn) -> None:
    mirrored(conn, "O1")

    shown = offers.one(conn, SHOP, "O1")

    assert shown
    assert shown.offer == Offer("O1", 0, 0, State.HELD, Reason.HISTORY, (), None, by_hand=False)
    assert shown.content is None
    assert offers.one(conn, SHOP, "O2") is None


def test_only_the_present_revision_is_acknowledged(conn) -> None:
    mirrored(conn, "O1")
    tell(conn, "O1")
    tell(conn, "O1", changed=["phone"])

    assert not offers.ack(conn, SHOP, "O1", revision=1)
    assert not offers.ack(conn, SHOP, "O1", revision=2**70)
    assert not offers.ack(conn, SHOP, "O2", revision=1)
    assert offers.ack(conn, SHOP, "O1", revision=2)
    assert offers.ack(conn, SHOP, "O1", revision=2)
    assert offers.known(conn, SHOP, ["O1"])["O1"].acked_revision == 2
    assert feed(conn, 2) == []


def test_a_release_by_hand_is_marked_once_and_kept(conn) -> None:
    mirrored(conn, "O1")
    tell(conn, "O1")

    assert offers.mark_by_hand(conn, SHOP, ["O1", "O2"]) == 1
    assert offers.mark_by_hand(conn, SHOP, ["O1"]) == 0
    tell(conn, "O1", changed=["phone"])
    assert offers.known(conn, SHOP, ["O1"])["O1"].by_hand
    assert offers.by_hand(conn, SHOP) == ["O1"]


def test_the_panel_counts_by_state_and_reason(conn) -> None:
    mirrored(conn, "O1", "O2", "O3", "O4")
    for number, reason in (("O1", None), ("O2", None), ("O3", Reason.UNPAID), ("O4", Reason.STATUS)):
        tell(conn, number, reason)

    assert offers.counts(conn, SHOP) == {
        (State.RELEASED, None): 2,
        (State.HELD, Reason.UNPAID): 1,
        (State.HELD, Reason.STATUS): 1,
    }


def test_shops_count_for_themselves(db: Database) -> None:
    for tenant in (SHOP, OTHER):
        with db.tx(tenant) as conn:
            mirrored(conn, "O1", tenant=tenant)
            tell(conn, "O1", tenant=tenant)

    with db.tx(OTHER) as conn:
        assert offers.known(conn, SHOP, ["O1"]) == {}
        assert feed(conn, tenant=SHOP) == []
        assert feed(conn, tenant=OTHER) == [("O1", 1)]


def test_a_transaction_that_commits_late_is_not_skipped(db: Database) -> None:
    with db.tx(SHOP) as conn:
        mirrored(conn, "O1", "O2")
    begun = threading.Event()

    def second() -> None:
        with db.tx(SHOP) as other:
            begun.set()
            tell(other, "O2")

    with ThreadPoolExecutor(1) as pool:
        with db.tx(SHOP) as slow:
            tell(slow, "O1")
            told = pool.submit(second)
            assert begun.wait(5)
            with db.tx(SHOP) as reader:
                assert feed(reader) == []
        told.result(5)

    with db.tx(SHOP) as reader:
        assert feed(reader) == [("O1", 1), ("O2", 1)]


def test_two_writers_and_a_reader_leave_no_gap_and_repeat_nothing(db: Database) -> None:
    numbers = [f"O{place}" for place in range(6)]
    with db.tx(SHOP) as conn:
        mirrored(conn, *numbers)
    done = threading.Event()

    def write(turn: int) -> None:
        for place in range(60):
            with db.tx(SHOP) as conn:
                offers.hold(conn, SHOP)
                number = numbers[(place * (turn + 1) + turn) % len(numbers)]
                known = offers.known(conn, SHOP, [number]).get(number)
                again = known and replace(known, revision=known.revision + 1)
                offers.put(
                    conn, SHOP, [again or Offer(number, 0, 1, State.RELEASED, None, (), None, by_hand=False)], now=at(1)
                )

    def follow() -> list[tuple[str, int]]:
        seen: list[tuple[str, int]] = []
        position = 0
        while True:
            last = done.is_set()
            with db.tx(SHOP) as conn:
                found = offers.after(conn, SHOP, position, most=3)
            seen += [(each.offer.order_number, each.offer.revision) for each in found]
            position = found[-1].offer.position if found else position
            if last and not found:
                return seen

    with ThreadPoolExecutor(3) as pool:
        reader = pool.submit(follow)
        list(pool.map(write, (0, 1)))
        done.set()
        seen = reader.result(20)

    with db.tx(SHOP) as conn:
        final = {number: known.revision for number, known in offers.known(conn, SHOP, numbers).items()}
    assert len(seen) == len(set(seen))
    assert dict(seen) == final
    assert all(revision > 0 for revision in final.values())
    for number in numbers:
        revisions = [revision for each, revision in seen if each == number]
        assert revisions == sorted(revisions)


@pytest.fixture
def listener(database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.url, autocommit=True) as opened:
        opened.execute("LISTEN offers")
        yield opened


def test_whoever_waits_is_told_at_the_commit_and_not_before(db: Database, listener) -> None:
    with db.tx(SHOP) as conn:
        mirrored(conn, "O1")
        tell(conn, "O1")
        assert list(listener.notifies(timeout=0.05, stop_after=1)) == []

    (notice,) = listener.notifies(timeout=5, stop_after=1)
    assert (notice.channel, notice.payload) == ("offers", SHOP)


def test_what_was_rolled_back_was_never_told(db: Database, listener) -> None:
    with db.tx(SHOP) as conn:
        mirrored(conn, "O1")
    with db.tx(SHOP) as conn:
        tell(conn, "O1")
        conn.execute("ROLLBACK AND CHAIN")

    assert list(listener.notifies(timeout=0.05, stop_after=1)) == []
    with db.tx(SHOP) as conn:
        tell(conn, "O1")
        assert feed(conn) == [("O1", 1)]
