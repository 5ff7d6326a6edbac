"""The wake-up protocol, commit, flag, message; delete the flag, claim: a stop between any two steps loses nothing."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from service import inbox
from service.db import Database
from service.inbox import Dial, Hint
from service.lanes import Lane
from service.wakeup import Wakeup

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AT_ONCE = Dial(interval_s=0, routine_s=0, wait_s=0)
LANE, SHOP = Lane.REFRESH_ORDERS, "t_one"
LEASE = timedelta(seconds=45)


class Killed(Exception):
    """The process of an actor ended here."""


class Actor(threading.Thread):
    """Plays its part one step at a time, each when told; may be killed between two."""

    def __init__(self, part: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._part = part
        self._go = threading.Semaphore(0)
        self._there = threading.Semaphore(0)
        self._killed = False
        self.ended = False

    def run(self) -> None:
        try:
            self.pause()
            self._part()
        except Killed:
            pass
        finally:
            self.ended = True
            self._there.release()

    def pause(self) -> None:
        """Stand still between two steps."""
        self._there.release()
        self._go.acquire()
        if self._killed:
            raise Killed

    def step(self, *, kill: bool = False) -> None:
        if not self.ended:
            self._killed = kill
            self._go.release()
            self._there.acquire()


def pause() -> None:
    actor = threading.current_thread()
    if isinstance(actor, Actor):
        actor.pause()


class Flags(redis.Redis):
    """The real flags; an actor stands still before and after it touches one."""

    def set(self, *args, **said):
        pause()
        done = super().set(*args, **said)
        pause()
        return done

    def delete(self, *args):
        pause()
        done = super().delete(*args)
        pause()
        return done


@dataclass
class Stage:
    """One tenant's lane: the table, the flag, the queue."""

    db: Database
    flags: Flags
    wakeup: Wakeup
    now: datetime = NOON
    actors: list[Actor] = field(default_factory=list)

    def tell(self, key: str) -> None:
        """Commit a hint and wake, as the receiver and the expansion do."""
        with self.db.tx(SHOP) as conn:
            inbox.hint(conn, SHOP, LANE, [Hint(key, urgent=True, due_at=self.now)], now=self.now)
        self.wakeup(LANE, SHOP)

    def work(self) -> None:
        """Take a message and work off what is due, as the lane's task does."""
        if self.flags.lpop(LANE.value) is None:
            return
        pause()
        self.wakeup.taken(LANE, SHOP)
        while True:
            with self.db.tx(SHOP) as conn:
                claimed = inbox.claim(conn, SHOP, LANE, now=self.now, lease_s=LEASE.total_seconds(), most=2)
            pause()
            if not claimed:
                return
            with self.db.tx(SHOP) as conn:
                inbox.answered(
                    conn, SHOP, LANE, claimed[0].claim, now=self.now, dial=AT_ONCE, read_at=self.now, again={}
                )
            pause()

    def beat(self) -> None:
        with self.db.tx_all("test") as conn:
            for tenant_id in inbox.due_tenants(conn, LANE, now=self.now):
                self.wakeup(LANE, tenant_id)

    def start(self, part: Callable[[], None]) -> Actor:
        actor = Actor(part)
        actor.start()
        actor._there.acquire()
        self.actors.append(actor)
        return actor

    def quiet(self) -> None:
        """Let everybody finish, and workers take every message."""
        for actor in self.actors:
            while not actor.ended:
                actor.step()
        while self.flags.llen(LANE.value):
            self.work()

    def owed(self) -> list[str]:
        with self.db.tx(SHOP) as conn:
            found = conn.execute("SELECT key FROM hints WHERE due_at IS NOT NULL ORDER BY key").fetchall()
        return [row["key"] for row in found]

    def clear(self) -> None:
        self.now = NOON
        self.actors.clear()
        self.flags.flushdb()
        with self.db.tx(SHOP) as conn:
            conn.execute("DELETE FROM hints")


@pytest.fixture
def stage(database, redis_url):
    db = Database(database.url, size=4)
    db.open()
    with db.tx(SHOP), db.tx(SHOP), db.tx(SHOP), db.tx(SHOP):  # complete: growing draws random jitter while we draw too
        pass
    flags = Flags.from_url(redis_url)
    yield Stage(db, flags, Wakeup(redis_url, flags))
    db.close()
    flags.close()


PARTS = st.lists(st.sampled_from(["A", "B", "A", "work", "work"]), min_size=2, max_size=6)
TURNS = st.lists(st.integers(0, 5), max_size=60)
KILLS = st.sets(st.integers(0, 59), max_size=4)


def play(stage: Stage, parts: list[str], turns: list[int], kills: set[int]) -> None:
    stage.clear()
    for part in parts:
        stage.start(stage.work if part == "work" else lambda key=part: stage.tell(key))
    for place, turn in enumerate(turns):
        stage.actors[turn % len(parts)].step(kill=place in kills)
    stage.quiet()


@given(parts=PARTS, turns=TURNS)
def test_while_nobody_is_killed_every_hint_is_answered_without_the_beat(stage: Stage, parts, turns) -> None:
    play(stage, parts, turns, kills=set())

    assert stage.owed() == []


@given(parts=PARTS, turns=TURNS, kills=KILLS)
def test_a_stop_between_any_two_steps_loses_nothing(stage: Stage, parts, turns, kills) -> None:
    play(stage, parts, turns, kills)

    stage.flags.delete(f"wake:{LANE.value}:{SHOP}")  # it expires after 5 s
    stage.now += LEASE  # and the claims of the dead run out
    stage.beat()
    stage.quiet()

    assert stage.owed() == []


def test_a_burst_is_one_message(stage: Stage) -> None:
    for key in "ABCDE":
        stage.tell(key)

    assert stage.flags.llen(LANE.value) == 1
    stage.work()
    assert stage.owed() == []


def test_what_is_told_after_the_flag_was_deleted_is_a_message_of_its_own(stage: Stage) -> None:
    stage.tell("A")
    worker = stage.start(stage.work)
    for _ in range(4):  # it took the message, deleted the flag and has not claimed yet
        worker.step()
    stage.tell("B")

    assert stage.flags.llen(LANE.value) == 1
    stage.quiet()
    assert stage.owed() == []
