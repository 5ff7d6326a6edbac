"""The journal is only added to, and its seal breaks when somebody did otherwise."""

from datetime import UTC, date, datetime

import psycopg
import pytest

from service import journal
from service.db import Database, partitions
from service.db.partitions import Dropped, Parent
from service.journal import Entry, Kind
from tests.settle import settle
from tests.shop_items import NOON, at

SHOP = "t_one"
SMUGGLE = """
    INSERT INTO journal (tenant_id, at, kind, order_number, written_in)
    SELECT tenant_id, at, kind, 'O9', written_in FROM journal WHERE order_number = 'O2'
"""


def write(db: Database, *numbers: str, tenant: str = SHOP) -> None:
    with db.tx(tenant) as conn:
        journal.write(conn, tenant, [Entry(NOON, Kind.NEW, number, {"source": "pull"}) for number in numbers])


def seal(db: Database, tenant: str = SHOP) -> int:
    settle(db)
    with db.tx(tenant) as conn:
        return journal.seal(conn, tenant, NOON)


def verify(db: Database, tenant: str = SHOP) -> journal.Verdict:
    with db.tx(tenant) as conn:
        return journal.verify(conn, tenant)


@pytest.fixture
def tamper(database):
    """Whoever owns the database can do what the service cannot."""
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        yield conn.execute


def test_a_timeline_tells_what_happened_to_one_order(db) -> None:
    changed = Entry(at(5), Kind.CHANGED, "O1", {"changes": {"status_id": [1, 7]}, "also": ["customer.phone"]})
    with db.tx(SHOP) as conn:
        journal.write(conn, SHOP, [changed, Entry(at(0), Kind.NEW, "O1"), Entry(at(0), Kind.NEW, "O2")])
        journal.write(conn, SHOP, [])

        assert journal.timeline(conn, SHOP, "O1") == [Entry(at(0), Kind.NEW, "O1"), changed]


def test_what_is_sealed_holds(db) -> None:
    write(db, "O1", "O2")
    write(db, "O3")

    assert seal(db) == 3
    assert seal(db) == 0
    write(db, "O4")
    assert seal(db) == 1
    assert verify(db) == journal.Verdict(entries=4, seals=2)


def test_a_seal_covers_a_bounded_batch_and_the_next_one_goes_on(db) -> None:
    with db.tx(SHOP) as conn:
        journal.write(conn, SHOP, [Entry(NOON, Kind.READ, f"O{number}") for number in range(journal.BATCH + 2)])

    assert [seal(db), seal(db), seal(db)] == [journal.BATCH, 2, 0]
    assert verify(db).entries == journal.BATCH + 2


def test_a_slow_writer_is_not_lost(db) -> None:
    with db.tx(SHOP) as slow:
        journal.write(slow, SHOP, [Entry(at(-60), Kind.NEW, "slow")])
        write(db, "fast")

        with db.tx(SHOP) as conn:
            assert journal.seal(conn, SHOP, NOON) == 0  # what is there could still be overtaken by the slow one

    assert seal(db) == 2
    assert verify(db) == journal.Verdict(entries=2, seals=1)


def test_what_was_rolled_back_is_not_missed(db) -> None:
    with db.tx(SHOP) as conn:
        journal.write(conn, SHOP, [Entry(NOON, Kind.NEW, "never")])
        conn.execute("ROLLBACK AND CHAIN")
    write(db, "O1")

    assert seal(db) == 1
    assert verify(db).whole


def test_two_sealers_do_not_fork_the_chain(db) -> None:
    write(db, "O1")
    settle(db)
    with db.tx(SHOP) as first, db.tx(SHOP) as second:
        second.execute("SET LOCAL lock_timeout = '20ms'")
        assert journal.seal(first, SHOP, NOON) == 1

        with pytest.raises(psycopg.errors.LockNotAvailable), second.transaction():
            journal.seal(second, SHOP, NOON)


def test_each_shop_has_a_chain_of_its_own(db) -> None:
    write(db, "O1")
    write(db, "O1", "O2", tenant="t_two")

    assert (seal(db), seal(db, "t_two")) == (1, 2)
    assert (verify(db).entries, verify(db, "t_two").entries) == (1, 2)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("""UPDATE journal SET detail = '{"source": "event"}' WHERE order_number = 'O3'""", "not what was sealed"),
        ("UPDATE journal SET at = at + interval '1 microsecond' WHERE order_number = 'O3'", "not what was sealed"),
        ("DELETE FROM journal WHERE order_number = 'O3'", "2 entries were sealed, 1 are there"),
        ("UPDATE journal SET tenant_id = 't_two' WHERE order_number = 'O3'", "2 entries were sealed, 1 are there"),
        (SMUGGLE, "2 entries were sealed, 3 are there"),
        ("DELETE FROM journal_seals WHERE place = 2", "the seal itself is missing"),
        ("UPDATE journal_seals SET digest = 'x' WHERE place = 2", "not what was sealed"),
    ],
)
def test_tampering_is_found_at_its_place(db, tamper, change: str, why: str) -> None:
    for numbers in (["O1", "O2"], ["O3", "O4"], ["O5", "O6"]):
        write(db, *numbers)
        seal(db)

    tamper(change)

    verdict = verify(db)
    assert (verdict.whole, verdict.entries, verdict.broken_place) == (False, 2, 2)
    assert verdict.why
    assert why in verdict.why


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET kind = 'read'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "UPDATE journal_seals SET digest = ''",
        "DELETE FROM journal_seals",
    ],
)
def test_the_service_can_only_add(db, statement: str) -> None:
    write(db, "O1")

    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.tx(SHOP) as conn:
        conn.execute(statement)


def test_the_months_ahead_get_their_partitions_once(db) -> None:
    december = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    with db.tx(SHOP) as conn:
        made = journal.ensure_months(conn, december)
        again = journal.ensure_months(conn, december)

    assert made == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert again == []


def test_rows_fall_into_their_month(db, tamper) -> None:
    with db.tx(SHOP) as conn:
        journal.ensure_months(conn, NOON)
    write(db, "O1")

    assert tamper("SELECT tableoid::regclass::text FROM journal").fetchall() == [("journal_2026_03",)]


def test_a_month_that_began_without_its_partition_stays_in_the_default_one(db) -> None:
    write(db, "O1")

    with db.tx(SHOP) as conn:
        assert journal.ensure_months(conn, NOON) == [date(2026, 4, 1), date(2026, 5, 1)]
    write(db, "O2")

    assert seal(db) == 2


def aged(db: Database) -> None:
    """Let a shop have entries of March, of both months under one seal, and of May; then March is dropped."""
    with db.tx(SHOP) as conn:
        for month in (3, 4, 5):
            partitions.make(conn, Parent.JOURNAL, date(2026, month, 1))
    for days in ([0, 1], [20, 40], [70, 80]):
        with db.tx(SHOP) as conn:
            entries = [Entry(at(day * 86_400), Kind.NEW, f"O{day}") for day in days]
            journal.write(conn, SHOP, entries)
        seal(db)
    with db.tx(SHOP) as conn:
        assert partitions.drop(conn, Parent.JOURNAL, date(2026, 3, 1), now=NOON) is Dropped.DROPPED


def test_a_chain_is_taken_up_where_its_oldest_entries_aged_away(db) -> None:
    aged(db)

    verdict = verify(db)
    assert verdict == journal.Verdict(entries=2, seals=3, aged=2, aged_until=date(2026, 4, 1))
    assert verdict.whole


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ("DELETE FROM journal WHERE order_number = 'O70'", 3, "2 entries were sealed, 1 are there"),
        ("UPDATE journal SET kind = 'read' WHERE order_number = 'O80'", 3, "an entry is not what was sealed"),
        ("UPDATE journal_seals SET digest = 'x' WHERE place = 2", 3, "an entry is not what was sealed"),
        ("DELETE FROM journal_seals WHERE place = 1", 1, "the seal itself is missing"),
    ],
)
def test_tampering_with_what_did_not_age_is_found(db, tamper, change: str, place: int, why: str) -> None:
    aged(db)

    tamper(change)

    verdict = verify(db)
    assert (verdict.broken_place, verdict.why) == (place, why)


def test_a_partition_cannot_be_read_past_the_policies(db) -> None:
    with db.tx(SHOP) as conn:
        journal.ensure_months(conn, NOON)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.tx(SHOP) as conn:
        conn.execute("SELECT * FROM journal_2026_03")
