"""Two threads beside the event loop: one commits what waits, the other says whose turn it is (a third one: spooler.py).

The flusher takes all that waits as soon as the commit before it returned: batches grow by themselves under load, and no
timer holds a lone webhook back. The driver is never interrupted; whoever cannot wait is answered without it.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

import psycopg
import psycopg_pool

from service.flows import receive
from service.inbox import Delivery
from service.inbox.spool import Place
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.wakeup import Wake

log = logging.getLogger(__name__)

MOST_ROWS = 500
MOST_BYTES = 4 * 2**20
REST_S = 0.02  # between two rounds of wake-ups: a burst needs one, and the loop's thread needs the interpreter


class Hook(NamedTuple):
    """What a webhook's address says: it names tenant and event, the body names neither (docs/upgates.md T9)."""

    tenant_id: TenantId
    generation: int
    event: str
    lane: Lane | None


class Waiting(Protocol):
    """A webhook whose sender waits for our answer; it `began` at this moment of the monotonic clock."""

    hook: Hook
    body: bytes
    size: int
    received_at: datetime
    began: float

    @property
    def answered(self) -> bool: ...


class Settled(NamedTuple):
    """What became of one batch: who waited, who of them is stored, and how many of these as copies."""

    waiting: Sequence[Waiting]
    stored: Sequence[bool]
    copies: int


@dataclass(eq=False)
class Batch:
    """Webhooks that become durable together; identical ones are one delivery."""

    waiting: Sequence[Waiting]
    deliveries: list[Delivery]
    places: list[list[int]]  # of each delivery: who waits for it
    kept: list[bool] | None = (
        None  # of each delivery: whether the commit kept it; None while it runs, or when it failed
    )
    is_late: bool = False  # the spooler sees to it while the commit is running
    was_tried: bool = False  # once is enough while the commit may still land
    place: Place | None = None  # where it was spooled

    @classmethod
    def of(cls, waiting: Sequence[Waiting]) -> "Batch":
        """Return the batch of those who wait."""
        places: dict[tuple[Hook, bytes], list[int]] = {}
        for place, one in enumerate(waiting):
            places.setdefault((one.hook, one.body), []).append(place)
        deliveries = [_delivery(waiting[same[0]], copies=len(same)) for same in places.values()]
        return cls(waiting, deliveries, list(places.values()))

    def settled(self, kept: Sequence[bool]) -> Settled:
        """Return what became of everyone when of each delivery is known whether it is durable."""
        stored = [False] * len(self.waiting)
        copies = 0
        for same, durable in zip(self.places, kept, strict=True):
            if durable:
                copies += len(same) - 1
                for place in same:
                    stored[place] = True
        return Settled(self.waiting, stored, copies)


@dataclass
class Flusher:
    """Commits what waits, batch after batch, and tells `settle` (in this thread) what became of it.

    A batch whose commit failed, or came back after `late` had named it, goes into `returned`: the spooler's business.
    """

    rig: Rig
    settle: Callable[[Settled], None]
    waker: "Waker"
    returned: SimpleQueue[Batch | None] = field(default_factory=SimpleQueue["Batch | None"])
    _queue: SimpleQueue[Waiting | None] = field(default_factory=SimpleQueue[Waiting | None])
    is_doubted: bool = False  # the commit before failed: the next one is not waited for
    _running: Batch | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
        self._thread.start()

    def put(self, waiting: Waiting) -> None:
        """Queue a webhook; never blocks."""
        self._queue.put(waiting)

    def late(self, *, since: float) -> Batch | None:
        """Return the batch whose commit is running and whose first webhook began before `since`, any while in doubt."""
        with self._lock:
            running = self._running
            if running is None or (running.waiting[0].began >= since and not self.is_doubted):
                return None
            running.is_late = True
            return running

    def left_behind(self) -> Batch | None:
        """Take what waits behind a commit that is late; None when nobody does."""
        try:
            batch, ended = self._take(self._queue.get_nowait())
        except Empty:
            return None
        if ended:
            self._queue.put(None)  # meant for the flusher
        return Batch.of(batch) if batch else None

    def stop(self, *, within_s: float) -> None:
        """Commit what waits and end; a database that does not answer is left behind after `within_s`."""
        self._queue.put(None)
        if self._thread:
            self._thread.join(within_s)

    def _run(self) -> None:
        ended = False
        while not ended:
            waiting, ended = self._take(self._queue.get())
            if waiting:
                self._flush(Batch.of(waiting))

    def _take(self, waiting: Waiting | None) -> tuple[list[Waiting], bool]:
        """Take one and all behind it that fit; those already answered are let go."""
        batch: list[Waiting] = []
        weight = 0
        while waiting is not None:
            if not waiting.answered:
                batch.append(waiting)
                weight += len(waiting.body)
            if len(batch) >= MOST_ROWS or weight >= MOST_BYTES:
                return batch, False
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _flush(self, batch: Batch) -> None:
        with self._lock:
            self._running = batch
        batch.kept = self._store(batch.deliveries)
        with self._lock:
            self._running = None
        self.is_doubted = batch.kept is None
        if batch.kept is not None:
            self.settle(batch.settled(batch.kept))
            told = zip(batch.deliveries, batch.kept, strict=True)
            self.waker.ring({(one.lane, one.tenant_id) for one, durable in told if durable and one.lane})
        if batch.kept is None or batch.is_late:
            self.returned.put(batch)

    def _store(self, deliveries: list[Delivery]) -> list[bool] | None:
        try:
            return receive.run(self.rig, deliveries)
        except (psycopg.Error, psycopg_pool.PoolTimeout) as away:
            log.warning("%d webhooks are not stored: %s", len(deliveries), away)
        except Exception:  # a bug must not end the thread: every webhook from now on would be refused
            log.exception("%d webhooks are not stored", len(deliveries))
        return None


def _delivery(waiting: Waiting, *, copies: int) -> Delivery:
    hook = waiting.hook
    return Delivery(
        hook.tenant_id, hook.generation, hook.event, hook.lane, waiting.body, waiting.size, waiting.received_at, copies
    )


@dataclass
class Waker:
    """Wakes tenants off the acknowledgement's path; a wake-up that fails is beat's business."""

    wake: Wake
    _pairs: set[tuple[Lane, TenantId]] = field(default_factory=set[tuple[Lane, TenantId]])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _bell: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
        self._thread.start()

    def ring(self, pairs: Iterable[tuple[Lane, TenantId]]) -> None:
        """Note whose turn it is."""
        with self._lock:
            self._pairs.update(pairs)
        self._bell.set()

    def stop(self, *, within_s: float) -> None:
        """Send what is noted and end."""
        self._ended.set()
        self._bell.set()
        if self._thread:
            self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            self._bell.wait()
            ended = self._ended.is_set()
            self._bell.clear()
            with self._lock:
                pairs, self._pairs = self._pairs, set()
            for lane, tenant_id in pairs:
                try:
                    self.wake(lane, tenant_id)
                except Exception:  # a bug must not end the thread
                    log.exception("no wake-up for %s of %s", lane, tenant_id)
            if ended:
                return
            self._ended.wait(REST_S)
