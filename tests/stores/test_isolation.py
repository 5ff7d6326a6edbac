"""One shop cannot see or touch another's rows, however forgetful a statement is."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from service import catalog, codebooks, inbox, journal, orders
from service.db import SEE, Database, partitions
from service.db.partitions import Parent
from service.inbox import Delivery
from service.journal import Entry, Kind
from service.lanes import Lane
from service.platform.shapes import CodebookEntry
from tests.conftest import fresh
from tests.shop_items import NOON, at, order, product

OURS, THEIRS = "t_ours", "t_theirs"
ROWS = [  # of what is shipped and written back, the least a row may be
    "mappings (tenant_id) VALUES (%(tenant_id)s)",
    "mapped_statuses (tenant_id, role, status_id, name) VALUES (%(tenant_id)s, 'release', 1, '')",
    """pairings (tenant_id, shop_shipment_id, carrier, service, revision, changed_at)
       VALUES (%(tenant_id)s, '1', 'ppl', 'PRIV', 1, %(now)s)""",
    """affiliate_offers (tenant_id, shop_shipment_id, carrier, network, country, kind, later_s, offered_at)
       VALUES (%(tenant_id)s, '1', 'gls', 'gls', 'CZ', '', 0, %(now)s)""",
    """affiliates (tenant_id, shop_shipment_id, affiliate_id, carrier, network, point_id, digest, state)
       VALUES (%(tenant_id)s, '1', '1x', 'gls', 'gls', '1', '', 'shown')""",
    "problems (tenant_id, cause, first_at, last_at) VALUES (%(tenant_id)s, 'no_echo', %(now)s, %(now)s)",
    """offers (tenant_id, order_number, position, revision, state, changed_at)
       VALUES (%(tenant_id)s, 'O1', 1, 1, 'held', %(now)s)""",
    "offer_positions (tenant_id, position) VALUES (%(tenant_id)s, 1)",
    """shipments (tenant_id, shipment_id, order_number, account_id, created_at, changed_at)
       VALUES (%(tenant_id)s, 's', 'O1', 'a', %(now)s, %(now)s)""",
    "parcels (tenant_id, shipment_id, place, carrier) VALUES (%(tenant_id)s, 's', 1, 'ppl')",
    """idempotency_results (tenant_id, account_id, key, results, first_at)
       VALUES (%(tenant_id)s, 'a', 'k', '[]', %(now)s)""",
    "outbox (tenant_id, order_number) VALUES (%(tenant_id)s, 'O1')",
    "write_backs (tenant_id) VALUES (%(tenant_id)s)",
    """deliveries (tenant_id, generation, event, body, size, received_at)
       VALUES (%(tenant_id)s, 1, 'Orders.update', '', 0, %(now)s)""",
    "calls (tenant_id, lane, plan, began_at) VALUES (%(tenant_id)s, 'pull', 'orders_pull', %(now)s)",
    "hints (tenant_id, lane, key, urgent, told_at) VALUES (%(tenant_id)s, 'refresh_orders', 'O1', true, %(now)s)",
    "readings (tenant_id, lane) VALUES (%(tenant_id)s, 'refresh_orders')",
    """activation_steps (tenant_id, step, place, lane, state)
       VALUES (%(tenant_id)s, 'owner', 1, 'activate', 'done')""",
    """panel_tickets (ticket_digest, tenant_id, kind, language, expires_at)
       VALUES (%(tenant_id)s, %(tenant_id)s, 'open', 'cs', %(now)s)""",
    """tenants (tenant_id, token, state, api_url, installed_at)
       VALUES (%(tenant_id)s, %(tenant_id)s, 'active', '', %(now)s)""",
    "heard (tenant_id, event, hour, slots, last_at) VALUES (%(tenant_id)s, 'orders.create', %(now)s, 1, %(now)s)",
    """alarms (channel_id, tenant_id, cause, begun_at)
       VALUES (%(tenant_id)s, %(tenant_id)s, 'no_echo', %(now)s)""",
    """silences (tenant_id, until, made_by, made_at)
       VALUES (%(tenant_id)s, %(now)s, 'somebody', %(now)s)""",
    "merchant_mails (tenant_id, due_at) VALUES (%(tenant_id)s, %(now)s)",
    """contracts (contract_id, account_id, tenant_id, carrier, base_url, secrets_sealed, created_at, changed_at)
       VALUES (%(tenant_id)s, 'a', %(tenant_id)s, 'ppl', '', '', %(now)s, %(now)s)""",
    """bookings (tenant_id, booking_id, shipment_id, order_number, contract_id, carrier, service, boxes, position,
           created_at, changed_at)
       VALUES (%(tenant_id)s, 'b', 's', 'O1', 'k', 'ppl', 'PRIV', 1, 1, %(now)s, %(now)s)""",
    "booking_positions (tenant_id, position) VALUES (%(tenant_id)s, 1)",
    """booked_parcels (tenant_id, booking_id, place, carrier, number, barcode, tracking_url, handle)
       VALUES (%(tenant_id)s, 'b', 1, 'ppl', '1', '1', '', '{}')""",
    """labels (tenant_id, booking_id, format, content, covers, made_at)
       VALUES (%(tenant_id)s, 'b', 'pdf', '', '{}', %(now)s)""",
    """handovers (tenant_id, handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes, refused,
        created_at, changed_at)
       VALUES (%(tenant_id)s, 'h', 'a', 'k', 'ppl', '{}', '{}', false, '[]', %(now)s, %(now)s)""",
    """return_labels (tenant_id, return_id, account_id, shipment_id, order_number, contract_id, carrier, service, boxes,
        another, created_at, changed_at)
       VALUES (%(tenant_id)s, 'r', 'a', 's', 'O1', 'k', 'ppl', 'PRIV', 1, false, %(now)s, %(now)s)""",
    "handed_bookings (tenant_id, booking_id, handover_id) VALUES (%(tenant_id)s, 'b', 'h')",
    """tracked (tenant_id, booking_id, place, contract_id, carrier, number, order_number, shipment_id, state,
           state_since, first_at)
       VALUES (%(tenant_id)s, 'b', 1, 'k', 'ppl', '1', 'O1', 's', 'created', %(now)s, %(now)s)""",
    """scans (tenant_id, booking_id, place, at, mark, code, state, seen_at)
       VALUES (%(tenant_id)s, 'b', 1, %(now)s, 'm', '1', 'created', %(now)s)""",
    """cod_payments (tenant_id, booking_id, contract_id, carrier, order_number, amount_minor, currency,
           variable_symbol, entered_at)
       VALUES (%(tenant_id)s, 'b', 'k', 'ppl', 'O1', 1, 'CZK', '1', %(now)s)""",
    "looks (tenant_id, lane, cause, asked_at) VALUES (%(tenant_id)s, 'refresh_orders', 'person', %(now)s)",
    """losses (tenant_id, order_number, found_at, what, looked_at)
       VALUES (%(tenant_id)s, 'O1', %(now)s, 'absent', %(now)s)""",
]
LEAVES = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY relname"
MIRROR = ["orders", "order_positions", "products", "product_lists", "codebook_entries", "journal", "journal_seals"]
TABLES = [*MIRROR, *(row.split()[0] for row in ROWS)]
NAMING_A_SHOP = """
    SELECT relname
    FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
    WHERE relkind IN ('r', 'p') AND NOT relispartition
"""
WITHOUT_POLICY = """
    SELECT relname
    FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND NOT relrowsecurity
"""
SEAL = {"place": 1, "upto_xid": "1", "upto_id": 1, "entries": 1, "digest": "", "now": NOON, "first_at": NOON}
CHANGEABLE = [table for table in TABLES if not table.startswith("journal")]


@pytest.fixture
def db(database) -> Iterator[Database]:
    with filled(database.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def kept(servers, used_up) -> Iterator[Database]:
    """A database for all who leave it as it was."""
    with fresh(servers, used_up) as made, filled(made.url) as opened:
        yield opened


@contextmanager
def filled(url: str) -> Iterator[Database]:
    """Lend a database with a row of each shop in every table."""
    opened = Database(url, size=2)
    opened.open()
    for tenant in (OURS, THEIRS):
        with opened.tx(tenant) as conn:
            orders.mirror(conn, tenant, [order("O1")], read_at=at(1), source="pull")
            catalog.mirror(conn, tenant, [product(41)], read_at=at(1))
            catalog.mirror_list(conn, tenant, "related", [product(41)], read_at=at(1))
            codebooks.replace(conn, tenant, "payments", [CodebookEntry("payments", "1", {})], read_at=at(1))
            journal.write(conn, tenant, [Entry(NOON, Kind.NEW, "O1")])
            conn.execute(journal.SEAL, SEAL | {"tenant_id": tenant})
            for row in ROWS:
                conn.execute(f"INSERT INTO {row}", {"tenant_id": tenant, "now": NOON})
    yield opened
    opened.close()


def test_every_table_that_names_a_shop_is_guarded(database) -> None:
    with psycopg.connect(database.url) as conn:
        assert conn.execute(WITHOUT_POLICY).fetchall() == []


def test_every_table_that_names_a_shop_is_tried_here(database) -> None:
    with psycopg.connect(database.url) as conn:
        assert {name for (name,) in conn.execute(NAMING_A_SHOP)} == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_a_statement_that_forgets_its_tenant_sees_its_own_rows(kept, table: str) -> None:
    with kept.tx(OURS) as conn:
        assert [row["tenant_id"] for row in conn.execute(f"SELECT tenant_id FROM {table}")] == [OURS]


@pytest.mark.parametrize("table", CHANGEABLE)
@pytest.mark.parametrize("statement", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"])
def test_a_statement_that_forgets_its_tenant_changes_its_own_rows(kept, table: str, statement: str) -> None:
    with kept.tx(OURS) as conn, conn.transaction(force_rollback=True):
        assert conn.execute(statement.format(table)).rowcount == 1
        conn.execute(SEE, {"tenant": THEIRS})
        assert conn.execute(f"SELECT FROM {table}").rowcount == 1


@pytest.mark.parametrize("table", CHANGEABLE)
def test_no_row_can_be_given_to_another_shop(kept, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), kept.tx(OURS) as conn:
        conn.execute(f"UPDATE {table} SET tenant_id = 't_third'")


def test_nothing_can_be_written_in_another_shops_name(kept) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), kept.tx(OURS) as conn:
        journal.write(conn, THEIRS, [Entry(NOON, Kind.NEW, "O2")])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), kept.tx(OURS) as conn:
        orders.mirror(conn, THEIRS, [order("O2")], read_at=at(2), source="pull")


def test_a_statement_that_is_its_own_transaction_sees_no_shop_but_by_itself(db) -> None:
    told = [Delivery(shop, 1, "Orders.update", Lane.REFRESH_ORDERS, b"{}", 2, NOON) for shop in (OURS, THEIRS)]

    with db.statement_all("webhooks of many shops") as conn:
        assert inbox.store(conn, told) == 2
        assert conn.execute("SELECT FROM deliveries").rowcount == 0

    for shop in (OURS, THEIRS):
        with db.tx(shop) as conn:
            assert conn.execute("SELECT FROM deliveries").rowcount == 2  # one stood before


def test_one_that_nobody_says_why_is_refused(kept) -> None:
    for door in (kept.tx_all, kept.statement_all):
        with pytest.raises(ValueError, match="needs its reason"), door(""):
            pass


@pytest.mark.parametrize("table", TABLES)
def test_a_connection_that_names_no_shop_sees_nothing(kept, table: str) -> None:
    with kept.statement_all("it names none") as conn:
        assert conn.execute(f"SELECT FROM {table}").rowcount == 0


def test_a_partition_is_no_way_round_the_policies(db, database) -> None:
    with db.tx_all("makes one of each") as conn:
        assert all(partitions.make(conn, parent, at(40 * 86_400).date()) for parent in Parent)
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        leaves = [name for (name,) in conn.execute(LEAVES).fetchall()]
        conn.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO expedition")  # the worst a grant could do

    assert len(leaves) == 6
    with db.tx(OURS) as conn:
        assert [conn.execute(f"SELECT FROM {leaf}").rowcount for leaf in leaves] == [0] * 6


@pytest.mark.parametrize("leaf", ["deliveries_default", "calls_default", "journal_default"])
def test_a_partition_is_not_to_be_touched(kept, leaf: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), kept.tx(OURS) as conn:
        conn.execute(f"SELECT FROM {leaf}")


def test_the_service_owns_nothing_and_makes_no_tables(database) -> None:
    with psycopg.connect(database.url, autocommit=True) as conn:
        mine = conn.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("CREATE TABLE backdoor (a integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("ALTER TABLE orders DISABLE ROW LEVEL SECURITY")

    assert mine == (0,)
