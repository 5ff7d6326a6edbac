"""PostgreSQL, the truth: short transactions that see one tenant, and three verbs.

A transaction names its tenant; row-level security hides every other tenant's rows even from a statement that forgot to
ask. What must look across tenants says why (`tx_all`), and a house rule lists who may.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from traceback import extract_tb
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg.types.string import BytesBinaryDumper
from psycopg_pool import ConnectionPool

Conn = Connection[DictRow]
Row = dict[str, Any]

EVERY_TENANT = "*"
STREAMED = 100  # rows at a time
CONNECTION_OPTIONS = "-c timezone=UTC -c statement_timeout=5000 -c idle_in_transaction_session_timeout=30000"

# A server that vanished without a word is noticed within seconds, not after the kernel's two hours.
ALIVE: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

SEE = "SELECT set_config('app.tenant', %(tenant)s, true)"


class Uncopied(BytesBinaryDumper):
    """Hands bytes to the driver as they are; its own fast dumper copies them, and webhooks may have megabytes."""


def _configure(conn: Conn) -> None:
    conn.adapters.register_dumper(bytes, Uncopied)


class Database:
    """A pool of connections that hands out transactions."""

    def __init__(self, url: str, *, size: int) -> None:
        self._pool: ConnectionPool[Conn] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=3,
            reconnect_timeout=2,  # otherwise the wait grows with the outage: 24 s after one of 35 s
            max_idle=20,  # a burst's connections are given back: each is a process of the server, of 20 MB and more
            kwargs={
                "row_factory": dict_row,
                "options": CONNECTION_OPTIONS,
                "application_name": "expedition",
                "autocommit": True,  # `statement_all` needs it, the others begin their transactions themselves
                **ALIVE,
            },
            configure=_configure,
            open=False,
        )

    def open(self) -> None:
        """Open the pool; a database that is away is waited for by whoever asks first, not here."""
        self._pool.open(wait=False)

    def close(self) -> None:
        """Close the pool; connections in use are closed when they come back."""
        self._pool.close()

    @contextmanager
    def tx(self, tenant_id: str) -> Generator[Conn, None, None]:
        """Open a transaction that sees one tenant; commit at the end, roll back on any error."""
        if tenant_id == EVERY_TENANT:
            raise ValueError("a transaction over every tenant is tx_all(why)")
        with self._pool.connection() as conn, conn.transaction():
            conn.execute(SEE, {"tenant": tenant_id})
            yield conn

    @contextmanager
    def tx_all(self, why: str) -> Generator[Conn, None, None]:
        """Open a transaction that sees every tenant, for the reason given."""
        if not why:
            raise ValueError("tx_all needs its reason")
        with self._pool.connection() as conn, conn.transaction():
            conn.execute(SEE, {"tenant": EVERY_TENANT})
            yield conn

    @contextmanager
    def statement_all(self, why: str) -> Generator[Conn, None, None]:
        """Hand out a connection whose statements are each a transaction: one round trip, where `tx_all` takes four.

        It sees no tenant; a statement that is to see every one says so itself, and a house rule knows them all.
        """
        if not why:
            raise ValueError("statement_all needs its reason")
        with self._pool.connection() as conn:
            yield conn


@contextmanager
def listening(url: str, statement: LiteralString) -> Generator[Connection[Any], None, None]:
    """Open a connection of its own that hears notices; nothing else is to run on it."""
    with Connection.connect(url, autocommit=True, application_name="expedition", **ALIVE) as conn:
        conn.execute(statement)
        yield conn


def one(conn: Conn, statement: LiteralString, **params: object) -> Row | None:
    """Return the only row, or None; two rows are a bug."""
    cursor = conn.execute(statement, params)
    found = cursor.fetchmany(2)
    if len(found) > 1:
        raise LookupError(f"more than one row from: {statement.split(maxsplit=6)[:6]}")
    return found[0] if found else None


def rows(conn: Conn, statement: LiteralString, **params: object) -> list[Row]:
    """Return all rows."""
    return conn.execute(statement, params).fetchall()


def binary(conn: Conn, statement: LiteralString, **params: object) -> list[Row]:
    """Return all rows, sent as bytes: as text a bytea is twice as long, and is copied once more to be read."""
    return conn.execute(statement, params, binary=True).fetchall()


def run(conn: Conn, statement: LiteralString, **params: object) -> int:
    """Run a statement that returns nothing and say how many rows it touched."""
    return conn.execute(statement, params).rowcount


def blames_rows(fault: Exception) -> bool:
    """Say whether what was to be stored is at fault: it would fail again, and alone. A database away blames nobody."""
    return isinstance(fault, psycopg.DataError | psycopg.IntegrityError) or not isinstance(fault, psycopg.Error)


def named(fault: Exception) -> str:
    """Return what a fault is and where it was raised; its own text may quote a row."""
    if isinstance(fault, psycopg.Error):
        return f"{type(fault).__name__} {fault.diag.constraint_name or fault.sqlstate or ''}".rstrip()
    frames = extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} in {frames[-1].name}" if frames else type(fault).__name__


def stream(conn: Conn, statement: LiteralString, **params: object) -> Iterator[Row]:
    """Bring rows a hundred at a time, by a cursor of the server that ends with the transaction."""
    with conn.cursor(name="stream") as cursor:
        cursor.itersize = STREAMED
        yield from cursor.execute(statement, params)
