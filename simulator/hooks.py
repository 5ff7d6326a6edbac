"""Webhooks: turns what happened in a shop into calls, and keeps at them as the platform does.

A delivery belongs to one registered webhook; its answer decides (contract 3.2): 200 or 204 is right, silence for 1 s
counts as delivered, anything else comes again every 5 minutes. Calls are made and timed in a thread of their own, so
that a long answer of the API does not look like a slow receiver.
"""

import asyncio
import contextlib
import heapq
import itertools
import random
import time
from collections import defaultdict, deque
from collections.abc import Generator
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock, Thread
from typing import Any

from simulator import bodies
from simulator.bodies import Quirks, Record
from simulator.figures import Figures
from simulator.posting import Lost, Poster, Target
from simulator.shop import Shop, Webhook
from simulator.state import World

TIMEOUT_S = 1.0
RESEND_AFTER_S = 5 * 60
SWITCH_OFF_AFTER_S = 12 * 60 * 60
RIGHT = (200, 204)
DIGEST = 16  # letters
AT_ONCE = 50  # guess: no document says how many calls the platform makes at a time


@dataclass(slots=True)
class Handling:
    """How the calls of one shop are sent, and how they are led astray on purpose."""

    echo: bool = True  # guess: B10, a write through the API tells its own author
    timeout_delivered: bool = True  # newest page; False = the older rule, resend (B7)
    switch_off: bool = True  # older pages: no right answer for 12 h deactivates the webhook (B7)
    quirks: Quirks = field(default_factory=Quirks)
    double_every: int = 0  # every n-th call is sent twice
    shuffle_s: float = 0.0  # each call waits up to so many seconds, seeded
    lose_next: int = 0  # so many calls: the answer is not believed, they come again in 5 minutes
    swallow_next: int = 0  # so many calls never leave at all
    hold: bool = False  # calls pile up until it is False again


@dataclass(slots=True)
class Delivery:
    """One call to one webhook; `due` is a monotonic time."""

    shop: Shop
    hook: Webhook
    body: bytes
    records: int
    due: float
    tries: int = 0
    unbelieved: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one call: `acked`, `wrong`, `timeouts`, `unreachable`, or `ignored` (answered, not believed)."""

    status: int | None
    outcome: str
    took_s: float


class Sender:
    """Sends the webhooks of all shops; give `hear` to `world.on_event`.

    `_lock` guards everything below it: listeners and the sending thread meet here.
    """

    def __init__(self, world: World, *, timers: float = 1.0, seed: int = 1) -> None:
        """Make a sender. `timers` divides only the 5 minutes and the 12 hours; the 1 s stays (`patience_s`)."""
        self.world = world
        self.resend_after_s = RESEND_AFTER_S / timers
        self.switch_off_after_s = SWITCH_OFF_AFTER_S / timers
        self.patience_s = TIMEOUT_S
        self.recent: deque[dict[str, Any]] = deque(maxlen=1_000)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._more = asyncio.Event()
        self._lock = Lock()
        self._random = random.Random(f"{seed}:hooks")
        self._handling: defaultdict[str, Handling] = defaultdict(Handling)
        self._figures: defaultdict[str, Figures] = defaultdict(Figures)
        self._failing_since: dict[tuple[str, int], float] = {}
        self._due: list[tuple[float, int, Delivery]] = []
        self._held: defaultdict[str, list[Delivery]] = defaultdict(list)
        self._under_way: defaultdict[str, int] = defaultdict(int)
        self._serial = itertools.count()
        self._over = False

    def handling(self, shop: Shop) -> Handling:
        """Return the shop's switches; change them in place. A shop is known by its token, its address may move (T1)."""
        return self._handling[shop.token]

    def figures(self, shop: Shop) -> dict[str, Any]:
        """Return the shop's counters and what waits: due now, for a later time, held, under way."""
        now = time.monotonic()
        with self._lock:
            own = [delivery.due for _, _, delivery in self._due if delivery.shop is shop]
            waiting = {
                "due": sum(due <= now for due in own),
                "later": sum(due > now for due in own),
                "held": len(self._held[shop.token]),
                "under_way": self._under_way[shop.token],
            }
            return self._figures[shop.token].told() | {"waiting": waiting}

    def acked(self, shop: Shop) -> dict[str, int]:
        """Return how often each body was answered right, by its event and the beginning of its SHA-256."""
        with self._lock:
            return dict(self._figures[shop.token].acked)

    def forget_figures(self, shop: Shop) -> None:
        """Begin counting anew."""
        with self._lock:
            self._figures[shop.token] = Figures()

    def hear(self, shop: Shop, event: str, records: list[Record], caused_by: str | None) -> None:
        """Queue the calls that tell the shop's webhooks of an event; a listener of `world.on_event`."""
        handling = self.handling(shop)
        hooks = [hook for hook in shop.webhooks.values() if hook.active and hook.event.lower() == event.lower()]
        silent = [hook for hook in hooks if hook.login == caused_by and not handling.echo]
        made = [*bodies.made(event, shop.name, records, handling.quirks)] if len(hooks) > len(silent) else []
        with self._lock:
            figures = self._figures[shop.token]
            figures.events[event] += 1
            figures.counts["no_hook"] += not hooks
            figures.counts["echoes_kept_back"] += len(silent)
            for hook in hooks:
                for body, count in made if hook not in silent else ():
                    self._take_up(Delivery(shop, hook, body, count, due=time.monotonic()))
        self._wake()
        if event == "Orders.create" and handling.quirks.update_after_create:
            self.hear(shop, "Orders.update", bodies.as_updates(records), caused_by)

    def release(self, shop: Shop) -> int:
        """Let the held calls of a shop go; return how many."""
        self.handling(shop).hold = False
        with self._lock:
            held = self._held.pop(shop.token, [])
            for delivery in held:
                self._queue(delivery)
        self._wake()
        return len(held)

    @contextlib.contextmanager
    def running(self) -> Generator[None]:
        """Send what is due while the block runs; a sender runs once."""
        self._loop = loop = asyncio.new_event_loop()
        thread = Thread(target=loop.run_until_complete, args=(self._run(),), name="webhooks")
        thread.start()
        try:
            yield
        finally:
            self._over = True
            self._wake()
            thread.join()
            self._loop = None
            loop.close()

    def _take_up(self, delivery: Delivery) -> None:
        handling, counts = self.handling(delivery.shop), self._figures[delivery.shop.token].counts
        counts["made"] += 1
        counts["records"] += delivery.records
        if handling.swallow_next > 0:
            handling.swallow_next -= 1
            counts["swallowed"] += 1
            return
        if handling.lose_next > 0:
            handling.lose_next -= 1
            delivery.unbelieved = True
        self._queue_shuffled(delivery)
        if handling.double_every and counts["made"] % handling.double_every == 0:
            counts["doubled"] += 1
            self._queue_shuffled(Delivery(delivery.shop, delivery.hook, delivery.body, delivery.records, delivery.due))

    def _queue_shuffled(self, delivery: Delivery) -> None:
        handling = self.handling(delivery.shop)
        delivery.due += self._random.uniform(0, handling.shuffle_s)
        if handling.hold:
            self._held[delivery.shop.token].append(delivery)
        else:
            self._queue(delivery)

    def _queue(self, delivery: Delivery) -> None:
        heapq.heappush(self._due, (delivery.due, next(self._serial), delivery))

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._more.set)

    async def _run(self) -> None:
        poster, slots, flying = Poster(), asyncio.Semaphore(AT_ONCE), set[asyncio.Task[None]]()

        def landed(task: asyncio.Task[None]) -> None:
            flying.discard(task)
            slots.release()

        while True:
            await slots.acquire()
            delivery = await self._next()
            if delivery is None:
                break
            task = asyncio.create_task(self._deliver(poster, delivery))
            flying.add(task)
            task.add_done_callback(landed)
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        poster.close()

    async def _next(self) -> Delivery | None:
        """Wait for the next call that is due and count it as under way; None when the sender ends."""
        while not self._over:
            self._more.clear()
            with self._lock:
                wait_s = self._due[0][0] - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    delivery = heapq.heappop(self._due)[2]
                    self._under_way[delivery.shop.token] += 1
                    return delivery
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), wait_s)
        return None

    async def _deliver(self, poster: Poster, delivery: Delivery) -> None:
        known = delivery.shop.webhooks.get(delivery.hook.id) is delivery.hook
        sent = await _call(poster, delivery, self.patience_s) if known and delivery.hook.active else None
        with self._lock:
            self._under_way[delivery.shop.token] -= 1
            if sent is None:  # guess: what waits for a webhook that is off or gone is forgotten
                self._figures[delivery.shop.token].counts["dropped"] += 1
                self._failing_since.pop((delivery.shop.token, delivery.hook.id), None)
                return
            self._count(delivery, sent)
            self._judge(delivery, sent)
        self._more.set()  # it may come again, sooner than what the loop waits for

    def _count(self, delivery: Delivery, sent: Sent) -> None:
        figures = self._figures[delivery.shop.token]
        delivery.tries += 1
        figures.counts["sent"] += 1
        figures.counts["resent"] += delivery.tries > 1
        figures.counts[sent.outcome] += 1
        if sent.status is not None:
            figures.acks_s.append(sent.took_s)
        if sent.status in RIGHT:
            figures.acked[f"{delivery.hook.event} {sha256(delivery.body).hexdigest()[:DIGEST]}"] += 1
        self.recent.append(
            {
                "token": delivery.shop.token,
                "event": delivery.hook.event,
                "records": delivery.records,
                "status": sent.status,
                "outcome": sent.outcome,
                "tries": delivery.tries,
                "ms": round(sent.took_s * 1_000, 2),
            }
        )

    def _judge(self, delivery: Delivery, sent: Sent) -> None:
        """Write the outcome on the webhook and decide whether the call comes again (3.1, 3.2)."""
        hook, handling = delivery.hook, self.handling(delivery.shop)
        key = (delivery.shop.token, hook.id)
        delivery.unbelieved = False
        if sent.outcome == "acked":
            hook.last_success_at, hook.last_success_status = self.world.now(), sent.status
            self._failing_since.pop(key, None)
            return
        # guess: a timeout is kept as an error without status even where it counts as delivered; it proves no success.
        hook.last_error_at = self.world.now()
        hook.last_error_status = None if sent.outcome == "ignored" else sent.status
        if sent.outcome == "timeouts" and handling.timeout_delivered:
            return
        since = self._failing_since.setdefault(key, time.monotonic())
        if handling.switch_off and time.monotonic() - since >= self.switch_off_after_s:
            hook.active = False
            del self._failing_since[key]
            self._figures[delivery.shop.token].counts["deactivated"] += 1
            return
        delivery.due = time.monotonic() + self.resend_after_s
        self._queue(delivery)


async def _call(poster: Poster, delivery: Delivery, patience_s: float) -> Sent:
    """Make the call; a redirect is a wrong answer (B8)."""
    begun = time.monotonic()
    try:
        async with asyncio.timeout(patience_s):
            status = await poster.post(Target.of(delivery.hook.url), delivery.body)
    except TimeoutError:
        return Sent(None, "timeouts", time.monotonic() - begun)
    except (Lost, ValueError):  # guess: B8, no connection counts like a wrong answer
        return Sent(None, "unreachable", time.monotonic() - begun)
    outcome = "ignored" if delivery.unbelieved else "acked" if status in RIGHT else "wrong"
    return Sent(status, outcome, time.monotonic() - begun)
