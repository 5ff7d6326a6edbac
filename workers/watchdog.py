"""The last resort: a worker that lives but does nothing more ends itself, and its supervisor starts a new one.

Deaf is who took nothing of a lane although its rows were due all the while, beat was waking, and a thread was free.
Nobody is blamed for the time in which beat, PostgreSQL or Redis were away, or in which the whole process was frozen,
nor for lists of points: they are read one after the other, so that some are due for long, and each takes minutes.
"""

import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Lock, Thread
from time import monotonic

import psycopg
import redis

from service import points
from service.lanes import Lane
from service.rig import Rig
from service.wakeup import ALIVE_FOR_S, BEAT_ALIVE, WORKERS_ALIVE
from workers.due import due

log = logging.getLogger("watchdog")

LOOK_S = 5.0
ENDED_ITSELF = 70
OWN_LEASES_S: Mapping[Lane, float] = {Lane.POINTS: points.LEASE.total_seconds()}
IN_TURN = frozenset({Lane.POINTS})  # of these something may be due and nobody's to take


class Ear:
    """What this worker took and when, in seconds of a clock that only goes forward; its threads write it."""

    def __init__(self, threads: int, clock: Callable[[], float] = monotonic) -> None:
        self._threads = threads
        self._clock = clock
        self._lock = Lock()
        self._at_work = Counter(dict.fromkeys(Lane, 0))  # every lane, so that it is never walked while it grows
        self._taken_at: dict[Lane, float] = {}
        self._moved_at = clock()  # a task began or ended
        self._full_at = float("-inf")  # no thread was free

    @contextmanager
    def taking(self, lane: Lane) -> Generator[None]:
        """Note that a task of the lane begins, and that it ends."""
        self._move(lane, +1)
        self._taken_at[lane] = self._moved_at
        try:
            yield
        finally:
            self._move(lane, -1)

    def _move(self, lane: Lane, tasks: int) -> None:
        with self._lock:
            was_full = self.full
            self._moved_at = self._clock()
            self._at_work[lane] += tasks
            if was_full or self.full:
                self._full_at = self._moved_at

    @property
    def full(self) -> bool:
        return self._at_work.total() >= self._threads

    def lease_s(self, usual: float) -> float:
        """Return the longest lease of what is at work."""
        with self._lock:
            return max([usual, *(own for lane, own in OWN_LEASES_S.items() if self._at_work[lane])])

    @property
    def moved_at(self) -> float:
        return self._moved_at

    def waited_since(self, lane: Lane) -> float:
        """Return since when a thread was free for the lane and took nothing of it."""
        return max(self._taken_at.get(lane, float("-inf")), self._clock() if self.full else self._full_at)


class Watchdog:
    """Looks every few seconds whether this worker still hears, in a thread of its own.

    The rig's database is to be its own too: the worker's connections may all be in stuck hands.
    """

    def __init__(self, rig: Rig, ear: Ear, lanes: Collection[Lane], *, clock: Callable[[], float] = monotonic) -> None:
        self._rig, self._ear, self._lanes, self._clock = rig, ear, lanes, clock
        self._ended = Event()
        self._looked_at = self._fair_since = clock()

    def start(self) -> None:
        """Watch until `stop`."""
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Watch no more: a worker that was told to end takes nothing new."""
        self._ended.set()

    def _watch(self) -> None:
        self.sign()
        while not self._ended.wait(LOOK_S):
            self.sign()
            if (why := self.look()) and not self._ended.is_set():
                log.critical("this worker ends itself: %s", why)
                os._exit(ENDED_ITSELF)  # threads cannot be interrupted; what they hold comes back with its lease

    def sign(self) -> None:
        """Let whoever watches know that this worker lives; where Redis is away nobody could hear it."""
        now = self._rig.now().timestamp()
        with suppress(redis.RedisError):
            self._rig.redis.zadd(WORKERS_ALIVE, {f"{socket.gethostname()}:{os.getpid()}": now})
            self._rig.redis.zremrangebyscore(WORKERS_ALIVE, "-inf", now - ALIVE_FOR_S)

    def look(self) -> str | None:
        """Return why this worker is of no use any more, or None."""
        now, settings = self._clock(), self._rig.settings
        overdue = self._overdue()
        if overdue is None or now - self._looked_at > 3 * LOOK_S:
            self._fair_since = now
        self._looked_at = now
        for lane in overdue or ():
            if now - max(self._fair_since, self._ear.waited_since(lane)) > settings.deaf_s:
                return f"it took nothing of {lane} for {settings.deaf_s:g} s, and rows were due as long"
        lease_s = self._ear.lease_s(settings.lease_s)
        if self._ear.full and now - max(self._fair_since, self._ear.moved_at) > 2 * lease_s:
            return f"none of its threads came to an end for {2 * lease_s:g} s, twice a lease"
        return None

    def _overdue(self) -> list[Lane] | None:
        """Return the lanes whose rows were woken and not taken for too long; None when nobody could have known."""
        try:
            if not self._rig.redis.exists(BEAT_ALIVE):
                return None
            due_by = self._rig.now() - timedelta(seconds=self._rig.settings.deaf_s)
            with self._rig.db.tx_all("the watchdog asks what nobody came for") as conn:
                return [lane for lane in self._lanes if lane not in IN_TURN and due(conn, lane, now=due_by)]
        except (psycopg.Error, redis.RedisError) as away:
            log.debug("the watchdog cannot tell: %s", away)
            return None
