"""Wakes the readers that wait for news: one thread listens to the database for all of them.

A notice may be lost, with its connection or before there was one, so a reader looks for itself every second too. It
waits in a thread of the pool that all pages share; so that they never take the last one, few enough may wait at once.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Generator
from contextlib import contextmanager

import psycopg

from service import db
from service.lanes import TenantId

log = logging.getLogger(__name__)

MOST_WAITING = 64
LISTENING_S = 0.5  # so long the end of the process may go unnoticed
AWAY_S = 2.0  # between two attempts to reach a database that is away
JOIN_S = 5.0
GATHER_S = 0.03  # news seldom comes alone, and an answer for each piece costs a request more

LISTEN = "LISTEN offers"


class Ear:
    """One waiting reader."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._over = threading.Event()
        self._news: set[TenantId] = set()

    @property
    def over(self) -> bool:
        """Whether nothing is worth waiting for any more: answer what there is."""
        return self._over.is_set()

    def ring(self, tenant_id: TenantId) -> None:
        """Wake the reader, or let its next wait return at once."""
        self._news.add(tenant_id)
        self._rung.set()

    def end(self) -> None:
        """Let the reader go."""
        self._over.set()
        self._rung.set()

    def wait(self, seconds: float) -> set[TenantId]:
        """Wait for news of its shops, at most so long, and return whose came; none: look at all of them."""
        if self._rung.wait(seconds):
            self._over.wait(GATHER_S)
        self._rung.clear()
        news, self._news = self._news, set()
        return news


class Bell:
    """Who waits for which shop, and the thread that hears when one has news."""

    def __init__(self, database_url: str, *, most_waiting: int = MOST_WAITING) -> None:
        self._url = database_url
        self._most = most_waiting
        self._lock = threading.Lock()
        self._ears: dict[TenantId, set[Ear]] = defaultdict(set)
        self._waiting: set[Ear] = set()
        self._rings = 0
        self._last_rang: dict[TenantId, int] = {}
        self._deaf_until = 0  # the ring before which any shop may have had news
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)

    def start(self) -> None:
        """Start to listen."""
        self._thread.start()

    @property
    def mark(self) -> int:
        """How often it has rung so far; `rang` tells what came later."""
        return self._rings

    def rang(self, tenant_id: TenantId, *, since: int) -> bool:
        """Say whether a shop may have had news since a mark."""
        return max(self._last_rang.get(tenant_id, 0), self._deaf_until) > since

    def end(self) -> None:
        """Let every reader go; nobody waits any more. Safe in a signal handler: no reader holds the lock for long."""
        self._ended.set()
        with self._lock:
            for ear in self._waiting:
                ear.end()

    def stop(self) -> None:
        """Let every reader go and end the thread."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(JOIN_S)

    @contextmanager
    def ear(self, tenant_ids: Collection[TenantId]) -> Generator[Ear | None, None, None]:
        """Listen for these shops, from now on; None when as many wait already as may, or the process ends."""
        ear = Ear()
        with self._lock:
            if self._ended.is_set() or len(self._waiting) >= self._most:
                ear = None
            else:
                self._waiting.add(ear)
                for tenant_id in tenant_ids:
                    self._ears[tenant_id].add(ear)
        try:
            yield ear
        finally:
            if ear is not None:
                self._forget(ear, tenant_ids)

    def _forget(self, ear: Ear, tenant_ids: Collection[TenantId]) -> None:
        with self._lock:
            self._waiting.discard(ear)
            for tenant_id in tenant_ids:
                self._ears[tenant_id].discard(ear)
                if not self._ears[tenant_id]:
                    del self._ears[tenant_id]

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                self._hear()
            except psycopg.Error as away:
                log.warning("nobody tells of news; readers look for themselves: %s", type(away).__name__)
                self._ended.wait(AWAY_S)

    def _hear(self) -> None:
        with db.listening(self._url, LISTEN) as conn:
            self._can_hear()
            while not self._ended.is_set():
                for notice in conn.notifies(timeout=LISTENING_S):
                    self._ring(notice.payload)
                    if self._ended.is_set():
                        return

    def _can_hear(self) -> None:
        with self._lock:
            self._rings += 1
            self._deaf_until = self._rings

    def _ring(self, tenant_id: TenantId) -> None:
        with self._lock:
            self._rings += 1
            self._last_rang[tenant_id] = self._rings
            for ear in self._ears.get(tenant_id, ()):
                ear.ring(tenant_id)
