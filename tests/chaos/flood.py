"""A flood: so many webhooks that a rare loss must show, while receiver, PostgreSQL and Redis are hurt over and over.

One receiver as in production, durable PostgreSQL, a fixed number of webhooks a second. A count could hide a loss behind
a webhook stored twice, so every acknowledged body is looked for by its number, as a row and as a hint.
"""

import random
import subprocess
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
import redis

from service.embedded import Embedded, free_port
from tests.bench import generators
from tests.bench.ack import expanding
from tests.bench.board import Board
from tests.bench.generators import Load
from tests.bench.stage import Stage, stage
from tests.chaos import servers
from tests.simulator.until import until

SUMMARY = Path("var/chaos/flood.json")
RATE = 1_000.0
CALM_S = (2.0, 8.0)
EXPANDED_A_SECOND = 2_000  # at least; else something hangs
LEAST_ACKED = 0.9  # of what was sent: a receiver that refuses everything loses nothing either
STORED = "SELECT substring(convert_from(body, 'UTF8') FROM '\"O([0-9]+)\"')::integer FROM deliveries"
HINTED = "SELECT substring(key FROM '^O([0-9]+)$')::integer FROM hints"


@dataclass
class Receiver:
    """One web process and its servers, as the faults of `servers` want to have them."""

    stood: Stage
    log: IO[bytes]
    told: Counter[str] = field(default_factory=Counter)
    port: int = field(default_factory=free_port)
    process: ExitStack = field(default_factory=ExitStack)

    @property
    def servers(self) -> Embedded:
        return self.stood.servers

    def run(self, statement: str) -> None:
        """Run a statement as the superuser of the database."""
        self.servers.postgres.run(statement)

    def postgres_frozen(self) -> AbstractContextManager[None]:
        """Stop every process of PostgreSQL for the block."""
        return self.stood.frozen()

    def memory(self) -> redis.Redis:
        """Return a client of Redis."""
        return redis.Redis.from_url(self.servers.redis.url, socket_timeout=5)

    def say(self, words: str) -> None:
        """Write a line into the log."""
        self.log.write(words.encode() + b"\n")

    def begin(self) -> None:
        """Serve until `process` is closed: that kills with -9."""
        self.process.enter_context(self.stood.web(dies=True, port=self.port, log=self.log))


@contextmanager
def killed(receiver: Receiver, _dice: random.Random) -> Iterator[None]:
    receiver.process.close()
    yield
    receiver.begin()


FAULTS = {
    "receiver killed": (killed, (0.0, 0.5)),
    "PostgreSQL frozen": (servers.postgres_frozen, (0.1, 10.0)),
    "PostgreSQL killed": (servers.postgres_killed, (0.2, 3.0)),
    "commits stalled": (servers.commits_stall, (1.0, 5.0)),
    "Redis killed": (servers.redis_killed, (0.2, 3.0)),
    "Redis emptied": (servers.redis_emptied, (0.0, 0.0)),
    "Redis read-only": (servers.redis_read_only, (1.0, 5.0)),
}


def main(deliveries: int, seed: int) -> int:
    """Send so many, break things meanwhile, print what came of it; return 1 when one acknowledged is not there."""
    board, began = Board(), time.monotonic()
    board.open(f"a flood of {deliveries:,} webhooks, {RATE:,.0f} a second, seed {seed}")
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    with stage() as stood, SUMMARY.with_suffix(".log").open("wb") as log:
        receiver, acked = Receiver(stood, log), Path(stood.servers.folder) / "acked"
        load = Load(receiver.port, stood.path(), deliveries / RATE, rate=RATE, acked=str(acked))
        with receiver.process:
            receiver.begin()
            generator = generators.start(load)
            hurt(receiver, generator, random.Random(f"flood:{seed}"))
            figures = generators.finish(generator)
            rows = stood.rows()
        expand(stood, rows)
        numbers = array("I", acked.read_bytes())
        lost, surplus = held_against(numbers, found(stood, STORED))
        unread, _ = held_against(numbers, found(stood, HINTED))
    board.judge("acknowledged and lost", lost, 0, hard=True)
    board.judge("acknowledged and not turned into a hint", unread, 0, hard=True)
    board.judge("acknowledged of what was sent", len(numbers), LEAST_ACKED * figures.sent, at_least=True, hard=True)
    board.judge("answers over 750 ms, from when they were really sent", figures.tardy, 0)
    board.judge("acknowledged after a second", figures.lost, 0)
    board.tell("sent", f"{figures.sent:,}: answered {figures.statuses}, cut off {figures.hung_up:,}")
    board.tell("not sent, nobody listened", f"{figures.unreachable:,}")
    board.tell("stored, not acknowledged", f"{surplus:,}")
    board.tell("ms", f"p50 {figures.p50}, p99 {figures.p99}, max {figures.max}; own lag p99 {figures.lag_p99}")
    board.tell("faults", ", ".join(f"{name} {receiver.told[name]} times" for name in FAULTS))
    board.write(seconds=time.monotonic() - began, summary=SUMMARY)
    return 1 if board.broken() else 0


def hurt(receiver: Receiver, generator: subprocess.Popen[bytes], dice: random.Random) -> None:
    """Let one thing break after the other as long as webhooks are sent, with some calm between."""
    while not ends_within(generator, dice.uniform(*CALM_S)):
        name = dice.choice([*FAULTS])
        strike, lasts = FAULTS[name]
        receiver.told[name] += 1
        with strike(receiver, dice):
            ends_within(generator, dice.uniform(*lasts))


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def expand(stood: Stage, rows: int) -> None:
    """Expand everything, as the worker of the lane does."""
    with expanding(stood):
        until(
            lambda: not stood.count("SELECT count(*) FROM deliveries WHERE expanded_at IS NULL"),
            within_s=60 + rows / EXPANDED_A_SECOND,
        )


def found(stood: Stage, statement: str) -> Iterator[int]:
    """Yield the numbers a statement finds, as they come."""
    with psycopg.connect(stood.servers.postgres.url("postgres")) as conn, conn.cursor("numbers") as cursor:
        cursor.itersize = 50_000
        for (number,) in cursor.execute(statement.encode()):
            yield number


def held_against(acked: Sequence[int], there: Iterable[int]) -> tuple[int, int]:
    """Return how many acknowledged numbers are not there, and how many are there that nobody acknowledged."""
    known = set(there)
    lost = sum(number not in known for number in acked)
    return lost, len(known) - (len(acked) - lost)
