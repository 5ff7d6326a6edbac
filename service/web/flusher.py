"""Two threads beside the event loop: one commits what waits, the other says whose turn it is.

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
    """A webhook whose sender waits for our answer."""

    hook: Hook
    body: bytes
    size: int
    received_at: datetime

    @property
    def answered(self) -> bool: ...


class Settled(NamedTuple):
    """What became of one batch: who waited, who of them is stored, and how many of these as copies."""

    waiting: Sequence[Waiting]
    stored: Sequence[bool]
    copies: int


@dataclass
class Flusher:
    """Commits what waits, batch after batch, and tells `settle` (in this thread) what became of it."""

    rig: Rig
    settle: Callable[[Settled], None]
    waker: "Waker"
    _queue: SimpleQueue[Waiting | None] = field(default_factory=SimpleQueue[Waiting | None])
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
        self._thread.start()

    def put(self, waiting: Waiting) -> None:
        """Queue a webhook; never blocks."""
        self._queue.put(waiting)

    def stop(self, *, within_s: float) -> None:
        """Commit what waits and end; a database that does not answer is left behind after `within_s`."""
        self._queue.put(None)
        if self._thread:
            self._thread.join(within_s)

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._take()
            if batch:
                self.settle(self._flush(batch))

    def _take(self) -> tuple[list[Waiting], bool]:
        """Wait for one and take all behind it that fit; those already answered are let go."""
        batch: list[Waiting] = []
        weight = 0
        waiting = self._queue.get()
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

    def _flush(self, batch: list[Waiting]) -> Settled:
        places: dict[tuple[Hook, bytes], list[int]] = {}
        for place, waiting in enumerate(batch):
            places.setdefault((waiting.hook, waiting.body), []).append(place)
        deliveries = [_delivery(batch[same[0]], copies=len(same)) for same in places.values()]
        kept = self._store(deliveries)
        stored = [False] * len(batch)
        copies = 0
        for same, durable in zip(places.values(), kept, strict=True):
            if durable:
                copies += len(same) - 1
                for place in same:
                    stored[place] = True
        woken = {
            (one.lane, one.tenant_id) for one, durable in zip(deliveries, kept, strict=True) if durable and one.lane
        }
        self.waker.ring(woken)
        return Settled(batch, stored, copies)

    def _store(self, deliveries: list[Delivery]) -> list[bool]:
        try:
            return receive.run(self.rig, deliveries)
        except (psycopg.Error, psycopg_pool.PoolTimeout) as away:
            log.warning("%d webhooks are not stored: %s", len(deliveries), away)
        except Exception:  # a bug must not end the thread: every webhook from now on would be refused
            log.exception("%d webhooks are not stored", len(deliveries))
        return [False] * len(deliveries)


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
