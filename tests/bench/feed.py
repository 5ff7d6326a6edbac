"""The feed of `/wms/v1` while orders change: what each of twenty readers got, and how long after the commit."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import redis

from service.accounts import Kind
from service.db import Database
from service.lanes import TenantId
from service.platform.shapes import Order
from service.rig import Rig
from service.steps import take_over
from tests.bench import readers
from tests.bench.board import Board
from tests.bench.generators import at as part_of
from tests.bench.readers import Crowd, Seen
from tests.bench.stage import Stage, stage
from tests.shop_items import at, raw_order
from tests.web.desk import Woken, rig_over
from tests.web.warehouse import account_of, shop_of

READERS = 20
RATE = 50.0
SECONDS = 30.0
SHOPS = ("alfa", "beta")  # one writer each
ORDERS = 500  # of each shop; changed one after the other
CUSTOMER = raw_order("O1")["customer"]

Told = tuple[str, str, int]  # shop, order, revision


@dataclass
class Writer:
    """Changes the orders of one shop at a steady rate; each change is one commit."""

    rig: Rig
    tenant: TenantId
    committed: dict[Told, float] = field(default_factory=dict[Told, float])
    revisions: dict[str, int] = field(default_factory=dict[str, int])
    lag_s: float = 0.0
    changes: int = 0

    def change(self, number: str) -> None:
        self.changes += 1  # a phone number: of a released order that is a stop, and each one more of it a revision
        customer = {**CUSTOMER, "phone": f"+420 777 {self.changes:06d}"}
        found = Order.read(raw_order(number, created=60, changed=60 + self.changes, customer=customer))
        with self.rig.db.tx(self.tenant) as conn:
            read_at = at(60 + self.changes)
            take_over.take_over(conn, self.tenant, [found], read_at=read_at, source="event", now=read_at)
        revision = self.revisions.get(number, 0) + 1
        self.revisions[number] = revision
        self.committed[self.tenant, number, revision] = time.monotonic()

    def go_on(self, seconds: float, rate: float) -> None:
        """Change order after order until the time is over."""
        began, pause = time.monotonic(), threading.Event()
        for turn in range(int(seconds * rate)):
            intended = began + turn / rate
            pause.wait(max(0.0, intended - time.monotonic()))
            self.lag_s = max(self.lag_s, time.monotonic() - intended)
            self.change(f"O{turn % ORDERS}")


def run(board: Board, *, seconds: float = SECONDS) -> None:
    board.open(f"{READERS} readers of the feed while {RATE:g} orders/s change for {seconds:g} s")
    with stage() as stood:
        token, writers = furnished(stood)
        for writer in writers:
            for place in range(ORDERS):
                writer.change(f"O{place}")
        with stood.web() as port:
            crowd = readers.start(Crowd(port, token, READERS))
            before = {told for writer in writers for told in writer.committed}
            threads = [threading.Thread(target=each.go_on, args=(seconds, RATE / len(writers))) for each in writers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            threading.Event().wait(1)
            got = readers.finish(crowd)
        writers[0].rig.close()  # they share it
    judge(board, writers, before, got)


def judge(board: Board, writers: Sequence[Writer], before: set[Told], got: Sequence[Sequence[Seen]]) -> None:
    committed = {told: when for writer in writers for told, when in writer.committed.items()}
    lags = sorted(lag for seen in got for lag in lags_of(seen, committed, besides=before))
    board.judge("orders a reader never saw as they are now", sum(gaps(seen, committed) for seen in got), 0, hard=True)
    board.judge("revisions a reader got twice or out of turn", sum(map(repeats, got)), 0, hard=True)
    board.tell("commit to reader p50 ms", part_of(lags, 0.5))
    board.judge("commit to reader p95 ms", part_of(lags, 0.95), 100)
    board.tell("p99, max ms", f"{part_of(lags, 0.99)}, {part_of(lags, 1.0)}")
    pages = sum(len({when for *_, when in seen}) for seen in got)
    board.tell("pages with news, orders on each", f"{pages:,}, {sum(map(len, got)) / pages:.1f}")
    changes = len(committed) - len(before)
    board.tell("changes, of these passed over for a later one", f"{changes:,}, {len(got) * changes - len(lags):,}")
    board.tell("writers' own lag ms", round(1000 * max(writer.lag_s for writer in writers), 1))


def lags_of(seen: Sequence[Seen], committed: Mapping[Told, float], *, besides: set[Told]) -> list[float]:
    """Return how many seconds after its commit a reader had each revision; read in the same moment: none."""
    told = {(shop, number, revision): when for shop, number, revision, when in seen}
    return [max(0.0, when - committed[each]) for each, when in told.items() if each not in besides]


def gaps(seen: Sequence[Seen], committed: Mapping[Told, float]) -> int:
    """Count the orders whose last revision a reader lacks; one between may be passed over (docs/wms.md)."""
    return len(_last(committed).items() - _last([told[:3] for told in seen]).items())


def _last(told: Mapping[Told, float] | Sequence[Told]) -> dict[tuple[str, str], int]:
    last: dict[tuple[str, str], int] = {}
    for shop, number, revision in told:
        last[shop, number] = max(revision, last.get((shop, number), 0))
    return last


def repeats(seen: Sequence[Seen]) -> int:
    """Count what a reader got again, or after a later revision of the same order."""
    last: Counter[tuple[str, str]] = Counter()
    again = 0
    for shop, number, revision, _ in seen:
        again += revision <= last[shop, number]
        last[shop, number] = max(revision, last[shop, number])
    return again


def furnished(stood: Stage) -> tuple[str, list[Writer]]:
    """Let a warehouse ship for two live shops; return its token and who changes their orders."""
    folder = Path(stood.servers.folder) / "writers"
    folder.mkdir()
    memory = redis.Redis.from_url(stood.servers.redis_url)
    db = Database(stood.servers.database_url, size=len(SHOPS))
    db.open()
    rig = rig_over(stood.servers.database_url, folder, db=db, wake=Woken(), memory=memory)
    account, token = account_of(rig, Kind.WAREHOUSE)
    return token, [Writer(rig, shop_of(rig, name, account, Kind.WAREHOUSE)) for name in SHOPS]
