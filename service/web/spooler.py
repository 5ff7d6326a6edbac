"""Two more threads beside the flusher: one spools what its commit keeps waiting, the other brings it back.

The running commit is left alone, whatever it waits for. Should it land after all, what was spooled is taken back.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from time import monotonic

import psycopg
import psycopg_pool

from service.flows import drain
from service.inbox import spool
from service.inbox.spool import Spool, SpoolFailed
from service.rig import Rig
from service.web.counters import Counters
from service.web.flusher import Batch, Flusher, Settled
from service.web.presence import Presence

log = logging.getLogger(__name__)

LATE_S = 0.3  # from the first byte; half of what is left must do for a slow disk
LOOK_S = 0.05  # how often the running commit is looked at
GATHER_S = 0.005  # the same while it is late: what comes meanwhile goes into one sync
DRAIN_EVERY_S = 1.0
REST_S = 30.0  # after what waiting for the database does not mend
QUIET_S = 1.0


@dataclass
class Spooler:
    """Makes durable what the flusher does not get into the database in time; the only thread that writes the spool."""

    flusher: Flusher
    spool: Spool
    settle: Callable[[Settled], None]
    counters: Counters
    presence: Presence
    is_calm: bool = True  # no commit is late, and none that was is still to be taken back
    _told: float = -QUIET_S
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="spooler", daemon=True)
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """See to what has come back and end; stop the flusher before."""
        self.flusher.returned.put(None)
        if self._thread:
            self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            self.presence.note()
            try:
                quiet = self.is_calm and not self.flusher.is_doubted
                batch = self.flusher.returned.get(timeout=LOOK_S if quiet else GATHER_S)
            except Empty:
                self._look()
                continue
            if batch is None:
                break
            self._receive(batch)
        self._look()
        self.spool.close()

    def _look(self) -> None:
        late = self.flusher.late(since=monotonic() - LATE_S)
        self.is_calm = late is None
        if late is None:
            return
        if late.place is None and not late.was_tried and self._keep(late):
            self.settle(late.settled([True] * len(late.deliveries)))
        while batch := self.flusher.left_behind():
            self.settle(batch.settled([self._keep(batch)] * len(batch.deliveries)))

    def _receive(self, batch: Batch) -> None:
        """Spool what could not be committed; take back what was, but late."""
        if batch.kept is None and batch.place is None and not all(waiting.answered for waiting in batch.waiting):
            self.settle(batch.settled([self._keep(batch)] * len(batch.deliveries)))
        elif batch.place and batch.kept and all(batch.kept):
            self.spool.take_back(batch.place)

    def _keep(self, batch: Batch) -> bool:
        batch.was_tried = True
        try:
            batch.place = self.spool.append(batch.deliveries)
        except SpoolFailed as fault:
            if monotonic() - self._told > QUIET_S:
                self._told = monotonic()
                log.error("webhooks are refused: %s", fault)  # noqa: TRY400 - what failed stands in its message
            return False
        except Exception:  # a bug must not end the thread
            log.exception("webhooks are refused")
            return False
        self.counters.spooled += len(batch.waiting)
        return True


@dataclass
class Drainer:
    """Brings back what is spooled as soon as the database answers, at the start what an earlier process left."""

    rig: Rig
    folder: Path
    spooler: Spooler
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="drainer", daemon=True)
        self._thread.start()

    def stop(self, *, within_s: float) -> None:
        """End; what is not drained is left to the next process."""
        self._ended.set()
        if self._thread:
            self._thread.join(within_s)

    def _run(self) -> None:
        rest_s = 0.0
        while not self._ended.wait(rest_s):
            rest_s = self._drain() if self.spooler.is_calm else DRAIN_EVERY_S

    def _drain(self) -> float:
        """Drain what can be drained and say how long to rest."""
        try:
            if not spool.files(self.folder):
                return DRAIN_EVERY_S
            drained = drain.run(self.rig, self.folder)
        except (psycopg.Error, psycopg_pool.PoolTimeout) as away:
            log.info("the spool waits for the database: %s", away)
        except Exception:  # a bug must not end the thread
            log.exception("the spool cannot be drained")
            return REST_S
        else:
            self.spooler.flusher.is_doubted = False  # it answers, though no webhook came to find out
            log.warning("%d spooled webhooks are stored, %d files removed", drained.stored, drained.removed)
        return DRAIN_EVERY_S
