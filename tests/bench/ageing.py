"""What a month of webhooks takes, and whether the receiver notices when a day of them is dropped.

`ROWS=100000 python -m tests.bench ageing` fills less than the ten million of a full run.
"""

import os
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import psycopg
from psycopg.errors import LockNotAvailable

from service.db import Database, partitions
from service.db.partitions import Dropped, Parent
from tests.bench import ack, generators
from tests.bench.board import Board
from tests.bench.generators import Load
from tests.bench.stage import Stage, stage

ROWS = 10_000_000
A_DAY = 1_200_000
DAYS_KEPT = 30
DAYS_AGO = 60  # the newest of the days that are filled and dropped
SECONDS = 30.0
EVERY_S = 1.0
AT_ONCE = 100_000

# Bodies as a shop sends them: one order with its status, or a few of them after a bulk change.
FILL = """
    INSERT INTO deliveries (tenant_id, generation, event, lane, body, size, received_at, expanded_at, outcome, records)
    SELECT 't_' || lpad((n %% 1000)::text, 12, '0'), 1, 'Orders.update', 'refresh_orders', body, octet_length(body),
        at, at + interval '1 second', 'expanded', 1 + (n %% 10 = 0)::integer * 4
    FROM generate_series(%(first)s::bigint, %(last)s) AS n
    CROSS JOIN LATERAL (SELECT %(day)s::timestamptz + n %% 86400 * interval '1 second' AS at) AS times
    CROSS JOIN LATERAL (
        SELECT convert_to('{"project_name": "www.shop-' || n %% 1000 || '.cz", "orders": [' || repeat(
            '{"order_number": "O26' || lpad(n::text, 8, '0') || '", "status_id": 12},', 1 + (n %% 10 = 0)::integer * 4
        ) || ']}', 'UTF8') AS body
    ) AS bodies
"""
SIZE = """
    SELECT sum(pg_total_relation_size(inhrelid)) AS bytes, sum(pg_relation_size(inhrelid)) AS heap
    FROM pg_inherits
    WHERE inhparent = 'deliveries'::regclass
"""


def run(board: Board) -> None:
    """Fill, weigh, and drop while webhooks come in."""
    rows = int(os.environ.get("ROWS", ROWS))
    with stage() as stood, closing(Database(stood.servers.database_url, size=2)) as db:
        db.open()
        days = prepare(db, rows)
        board.open(f"{rows:,} webhooks in {len(days)} days")
        fill(stood, board, days, rows)
        board.open(f"500/s for {SECONDS:g} s, durable, alone")
        with stood.web() as port:
            generators.finish(generators.start(Load(port, stood.path(), 3, rate=500)))
            figures = generators.finish(generators.start(Load(port, stood.path(), SECONDS, rate=500)))
            judge(board, figures)
            board.open(f"500/s for {SECONDS:g} s, durable, while a day a second is dropped")
            process = generators.start(Load(port, stood.path(), SECONDS, rate=500))
            ack.pause(2)
            drop(db, board, days)
            judge(board, generators.finish(process))


def prepare(db: Database, rows: int) -> list[date]:
    """Make today's partition, and those of as many old days as the rows fill."""
    today = datetime.now(UTC).date()
    old = [today - timedelta(days=DAYS_AGO + n) for n in range(-(-rows // A_DAY))]
    for day in [today, today + timedelta(days=1), *old]:
        with db.tx_all("a bench makes its days") as conn:
            partitions.make(conn, Parent.DELIVERIES, day)
    return old


def fill(stood: Stage, board: Board, days: list[date], rows: int) -> None:
    began = time.monotonic()
    with psycopg.connect(stood.servers.postgres.url("postgres"), autocommit=True) as conn:
        for first in range(0, rows, AT_ONCE):
            last = min(first + AT_ONCE, rows) - 1
            day = datetime.combine(days[first // A_DAY], datetime.min.time(), UTC)
            conn.execute(FILL, {"first": first, "last": last, "day": day})
        conn.execute("VACUUM (ANALYZE) deliveries")
        found = conn.execute(SIZE).fetchone()
    assert found is not None
    whole, heap = (int(each) for each in found)
    month = DAYS_KEPT * A_DAY * whole / rows
    board.tell("filled in s", round(time.monotonic() - began, 1))
    board.tell("bytes per webhook, with indexes", round(whole / rows, 1))
    board.tell("of these the row itself", round(heap / rows, 1))
    board.tell(f"{DAYS_KEPT} days at {A_DAY:,} a day, GB", round(month / 1e9, 1))


def drop(db: Database, board: Board, days: list[date]) -> None:
    """Drop every filled day, one a second, as beat would: taken out, then cleared; whoever is at work goes first."""
    taken_s, cleared_s, refused = [0.0], [0.0], 0
    for day in days:
        while True:
            ack.pause(EVERY_S)
            began = time.monotonic()
            try:
                with db.tx_all("a bench drops a day") as conn:
                    became = partitions.drop(conn, Parent.DELIVERIES, day, now=datetime.now(UTC))
            except LockNotAvailable:
                refused += 1
                continue
            taken_s.append(time.monotonic() - began)
            break
        board.judge(f"{day} not dropped", int(became is not Dropped.DROPPED), 0, hard=True)
        began = time.monotonic()
        with db.tx_all("a bench gives space back") as conn:
            partitions.clear(conn)
        cleared_s.append(time.monotonic() - began)
    board.tell("taking out, longest, ms", round(max(taken_s) * 1_000, 1))
    board.tell("giving back, longest, ms", round(max(cleared_s) * 1_000, 1))
    board.tell("somebody was at work, times", refused)


def judge(board: Board, figures: generators.Figures) -> None:
    board.judge("p99 ms", figures.p99, 15)
    board.tell("p50, max ms", f"{figures.p50}, {figures.max}")
    board.answers(figures)
