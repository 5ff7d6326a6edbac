"""What comes in bulk lies in partitions; nobody waits while one is dropped, and none goes that is still needed."""

from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from service import inbox, journal
from service.budget import ledger
from service.budget.ledger import End
from service.db import Database, migrate, partitions
from service.db.partitions import Dropped, Parent
from service.inbox import Delivery, Verdict
from service.journal import Entry, Kind
from service.lanes import Lane
from tests.shop_items import NOON

SHOP = "t_one"
TODAY = NOON.date()
WHERE = "SELECT DISTINCT tableoid::regclass::text AS leaf FROM {} ORDER BY leaf"


def make(db: Database, parent: Parent, day: date = TODAY) -> bool:
    with db.tx_all("a partition") as conn:
        return partitions.make(conn, parent, day)


def drop(db: Database, parent: Parent, day: date = TODAY) -> Dropped:
    with db.tx_all("a partition") as conn:
        return partitions.drop(conn, parent, day, now=NOON)


def store(db: Database, *, days: float = 0, done: bool = False) -> None:
    received_at = NOON + timedelta(days=days)
    with db.tx_all("a webhook") as conn:
        inbox.store(conn, [Delivery(SHOP, 1, "Orders.update", Lane.REFRESH_ORDERS, b"{}", 2, received_at)])
    if done:
        expand(db)


def expand(db: Database) -> None:
    with db.tx(SHOP) as conn:
        taken = inbox.take(conn, SHOP, Lane.REFRESH_ORDERS, most=100, most_bytes=1_000, now=NOON)
        done = [Verdict(each.delivery_id, each.received_at, "expanded", None, 0) for each in taken]
        assert inbox.expanded(conn, SHOP, done, now=NOON) == len(taken)


def leaves(db: Database, table: str) -> list[str]:
    with db.tx(SHOP) as conn:
        return [row["leaf"] for row in conn.execute(WHERE.format(table)).fetchall()]


@pytest.mark.parametrize(
    ("parent", "name"),
    [(Parent.DELIVERIES, "2026_03_01"), (Parent.CALLS, "2026_02_23"), (Parent.JOURNAL, "2026_03")],
)
def test_a_partition_is_made_once_and_named_after_its_first_day(db, parent: Parent, name: str) -> None:
    assert (make(db, parent), make(db, parent)) == (True, False)

    with db.tx_all("looks") as conn:
        (first,) = partitions.days(conn, parent)
        (found,) = conn.execute("SELECT to_regclass(%s) IS NOT NULL AS there", [f"{parent.value}_{name}"]).fetchall()
    assert found == {"there": True}
    assert first <= TODAY < partitions.ends(parent, first)


def test_a_months_partition_ends_with_the_month() -> None:
    assert partitions.ends(Parent.JOURNAL, date(2026, 12, 1)) == date(2027, 1, 1)
    assert partitions.ends(Parent.JOURNAL, date(2026, 2, 1)) == date(2026, 3, 1)


def test_rows_of_many_days_are_taken_in_the_order_they_came(db) -> None:
    make(db, Parent.DELIVERIES)
    for days in (0, 1, -1):
        store(db, days=days)

    with db.tx(SHOP) as conn:
        taken = inbox.take(conn, SHOP, Lane.REFRESH_ORDERS, most=10, most_bytes=1_000, now=NOON)

    assert [each.received_at for each in taken] == [NOON + timedelta(days=days) for days in (0, 1, -1)]
    assert leaves(db, "deliveries") == ["deliveries_2026_03_01", "deliveries_default"]


def test_a_dropped_day_is_gone_with_its_rows_and_its_space(db) -> None:
    make(db, Parent.DELIVERIES)
    store(db, done=True)
    store(db, days=1, done=True)

    assert (drop(db, Parent.DELIVERIES), drop(db, Parent.DELIVERIES)) == (Dropped.DROPPED, Dropped.GONE)
    with db.tx_all("clears") as conn:
        assert (partitions.clear(conn), partitions.clear(conn)) == (1, 0)
        assert conn.execute("SELECT FROM pg_class WHERE relname LIKE '%gone' AND relname LIKE 'deliv%'").rowcount == 0

    assert leaves(db, "deliveries") == ["deliveries_default"]


def test_a_day_with_a_webhook_that_was_not_expanded_is_kept_until_it_is(db) -> None:
    make(db, Parent.DELIVERIES)
    store(db)

    assert drop(db, Parent.DELIVERIES) is Dropped.KEPT
    with db.tx_all("says so") as conn:
        assert inbox.overdue(conn, before=NOON + timedelta(days=1)) == {TODAY: 1}
        assert inbox.overdue(conn, before=NOON) == {}
    expand(db)
    assert drop(db, Parent.DELIVERIES) is Dropped.DROPPED


def test_whoever_is_at_work_is_not_waited_for(db) -> None:
    make(db, Parent.DELIVERIES)
    store(db, done=True)
    with db.tx_all("a slow reader") as slow:
        slow.execute("SELECT count(*) FROM deliveries")

        with pytest.raises(psycopg.errors.LockNotAvailable):
            drop(db, Parent.DELIVERIES)

    assert drop(db, Parent.DELIVERIES) is Dropped.DROPPED


def test_a_new_day_is_made_beside_a_webhook_that_is_being_stored(db) -> None:
    make(db, Parent.DELIVERIES)
    with db.tx_all("a receiver") as receiver:
        inbox.store(receiver, [Delivery(SHOP, 1, "Orders.update", Lane.REFRESH_ORDERS, b"{}", 2, NOON)])

        assert make(db, Parent.DELIVERIES, TODAY + timedelta(days=1))


def test_while_a_day_is_taken_out_a_webhook_waits_for_no_disk(db) -> None:
    make(db, Parent.DELIVERIES)
    with db.tx_all("takes it out") as conn:
        partitions.drop(conn, Parent.DELIVERIES, TODAY, now=NOON)
        (how,) = conn.execute("SHOW synchronous_commit").fetchall()
        (still,) = conn.execute("SELECT to_regclass('deliveries_2026_03_01_gone') IS NOT NULL AS there").fetchall()

    assert (how, still) == ({"synchronous_commit": "off"}, {"there": True})


@pytest.mark.parametrize(("function", "at_most"), [("partition_make", "50ms"), ("partition_drop", "20ms")])
def test_webhooks_queue_behind_a_waiting_function_for_milliseconds_only(db, function: str, at_most: str) -> None:
    with db.tx_all("looks") as conn:
        (row,) = conn.execute("SELECT proconfig FROM pg_proc WHERE proname = %s", [function]).fetchall()

    assert f"lock_timeout={at_most}" in row["proconfig"]


def test_giving_space_back_locks_nothing_a_webhook_needs(db) -> None:
    make(db, Parent.DELIVERIES)
    store(db, done=True)
    drop(db, Parent.DELIVERIES)

    with db.tx_all("gives it back, slowly") as slow, db.tx_all("a receiver") as receiver:
        assert partitions.clear(slow) == 1
        receiver.execute("SET LOCAL lock_timeout = '20ms'")
        inbox.store(receiver, [Delivery(SHOP, 1, "Orders.update", Lane.REFRESH_ORDERS, b"{}", 2, NOON)])
        assert inbox.take(receiver, SHOP, Lane.REFRESH_ORDERS, most=1, most_bytes=9, now=NOON)


def test_a_call_is_ended_in_its_own_week(db) -> None:
    make(db, Parent.CALLS)
    with db.tx(SHOP) as conn:
        call_id = ledger.begin(conn, SHOP, lane=Lane.PULL, plan="orders_pull", began_at=NOON)
        ledger.end(conn, SHOP, call_id=call_id, began_at=NOON, ended_at=NOON, end=End("read", 200, 1))

        assert conn.execute("SELECT status FROM calls").fetchall() == [{"status": 200}]
    assert drop(db, Parent.CALLS) is Dropped.DROPPED


@pytest.mark.parametrize("newest", [None, 50])
def test_the_service_can_drop_no_young_journal(db, newest: int | None) -> None:
    make(db, Parent.JOURNAL)
    entries = [Entry(NOON, Kind.NEW, "O1")]
    if newest:
        entries.append(Entry(NOON + timedelta(days=newest), Kind.NEW, "O2"))
    with db.tx(SHOP) as conn:
        journal.write(conn, SHOP, entries)

    with db.tx_all("tries") as conn:
        assert partitions.drop(conn, Parent.JOURNAL, TODAY, now=NOON) is Dropped.YOUNG
        assert partitions.strays(conn, Parent.JOURNAL, before=TODAY + timedelta(days=40), most=9, now=NOON) == 0


@pytest.mark.parametrize("parent", ["orders", "tenants", "deliveries_default", "journal_seals"])
def test_the_service_can_cut_no_other_table(db, parent: str) -> None:
    for statement in ("partition_make(%s, '2026-03-01')", "partition_drop(%s, '2026-03-01', '2026-03-01')"):
        with pytest.raises(psycopg.errors.RaiseException), db.tx_all("tries") as conn:
            conn.execute(f"SELECT {statement}", [parent])


def test_rows_without_a_partition_age_in_small_batches_and_only_when_they_are_done(db) -> None:
    for _ in range(3):
        store(db, done=True)
    store(db)
    tomorrow = TODAY + timedelta(days=1)

    with db.tx_all("ages") as conn:
        deleted = [partitions.strays(conn, Parent.DELIVERIES, before=tomorrow, most=2, now=NOON) for _ in range(3)]
        left = conn.execute("SELECT FROM deliveries").rowcount

    assert (deleted, left) == ([2, 1, 0], 1)


def test_rows_of_before_the_migration_stay_and_age_with_their_last_day(servers, database) -> None:
    files = sorted((migrate.HERE / "pre").glob("*.sql"), key=lambda path: path.name)
    place = next(place for place, path in enumerate(files) if path.name.endswith("_ageing.sql"))
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE")
        conn.execute("CREATE SCHEMA public AUTHORIZATION expedition_owner")
        conn.execute("GRANT USAGE ON SCHEMA public TO expedition")
    with psycopg.connect(database.migration_url, autocommit=True) as conn:
        conn.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)")
        for path in files[:place]:
            conn.execute(up_of(path))
        for days in (-40, 0):
            conn.execute(OLD_DELIVERY, [NOON + timedelta(days=days)])
            conn.execute(OLD_CALL, [NOON + timedelta(days=days)])
            conn.execute(OLD_ENTRY, [NOON + timedelta(days=days)])
        conn.execute(OLD_SEAL, [NOON])
        for path in files[place:]:
            conn.execute(up_of(path))
        seals = conn.execute("SELECT first_at FROM journal_seals").fetchall()

    db = Database(database.url, size=2)
    db.open()
    try:
        store(db)
        with db.tx(SHOP) as conn:
            call_id = ledger.begin(conn, SHOP, lane=Lane.PULL, plan="orders_pull", began_at=NOON)
            rows = [conn.execute(f"SELECT FROM {table}").rowcount for table in ("deliveries", "calls")]
        expand(db)
        assert seals == [(NOON - timedelta(days=40),)]
        assert (rows, call_id) == ([3, 3], 3)
        assert leaves(db, "deliveries") == ["deliveries_2026_03_01"]
        assert leaves(db, "calls") == ["calls_2026_02_23"]
        assert not make(db, Parent.DELIVERIES, TODAY - timedelta(days=3))
        assert make(db, Parent.DELIVERIES, TODAY + timedelta(days=1))
        assert drop(db, Parent.DELIVERIES) is Dropped.DROPPED
    finally:
        db.close()


OLD_DELIVERY = """
    INSERT INTO deliveries (tenant_id, generation, event, lane, body, size, received_at)
    VALUES ('t_one', 1, 'Orders.update', 'refresh_orders', '{}', 2, %s)
"""
OLD_CALL = "INSERT INTO calls (tenant_id, lane, plan, began_at) VALUES ('t_one', 'pull', 'orders_pull', %s)"
OLD_ENTRY = "INSERT INTO journal (tenant_id, at, kind) VALUES ('t_one', %s, 'new')"
OLD_SEAL = """
    INSERT INTO journal_seals (tenant_id, place, upto_xid, upto_id, entries, digest, sealed_at)
    SELECT 't_one', 1, max(written_in), max(journal_id), 2, '', %s FROM journal
"""


def up_of(path: Path) -> bytes:
    return path.read_text().partition("-- migrate:down")[0].encode()
