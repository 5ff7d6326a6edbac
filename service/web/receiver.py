"""Receives webhooks: `POST /u/{tenant}.{generation}/{event}/{mac}`, acknowledged as soon as it is durable.

Raw ASGI, in front of Starlette's router. The platform waits one second and may count a timeout as delivered
(docs/upgates.md 3.2, T11), so a fast refusal, which is sent again in five minutes, is worth more than a slow success.
An address that is not ours is answered 204 too: any 4xx would be repeated and end in the webhook's deactivation.
"""

import asyncio
import gc
import logging
import sys
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from time import monotonic
from typing import Any, cast

from service import lanes
from service.inbox import SAMPLE_BYTES
from service.inbox.spool import Spool
from service.kit.seal import HookMac
from service.rig import Rig
from service.web.counters import Counters
from service.web.flusher import Flusher, Hook, Settled, Waker
from service.web.presence import Presence
from service.web.refusals import Refusals
from service.web.spooler import Drainer, Spooler

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PREFIX = "/u/"
GIVE_UP_S = 0.6  # from the first byte: then 503
SILENT_S = 0.75  # from then on no answer at all
DRAIN_S = 0.3  # so long we read on what is too large, in order to be heard
LARGEST = 8 * 2**20  # five thousand records are one megabyte (3.2)
MOST_WAITING = 2_000
MOST_HELD = 64 * 2**20
BIGGEST_TOLD = 2**31 - 1  # a size is an integer column
ADDRESSES = 10_000  # known good ones
STOP_WITHIN_S = 10.0
LEAVE_WITHIN_S = 1.0  # a drain may be left anywhere
SWITCH_S = 0.001  # the loop must not hold the interpreter for 5 ms while the flusher has a commit to send
QUIET_S = 1.0  # one line a second about each kind of bad input

NO_CONTENT: Message = {"type": "http.response.start", "status": 204, "headers": []}
UNAVAILABLE: Message = {"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]}
CLOSING = (b"connection", b"close")
END: Message = {"type": "http.response.body", "body": b""}


class Gone(Exception):
    """The sender hung up before its body was complete."""


class Request:
    """One webhook from its first byte to its answer; the flusher sees it as `Waiting`."""

    __slots__ = ("began", "body", "close", "done", "expired", "future", "held", "hook", "reader", "received_at", "size")

    def __init__(self, hook: Hook, received_at: datetime, began: float) -> None:
        self.hook = hook
        self.received_at = received_at
        self.began = began
        self.body = b""
        self.size = 0
        self.held = 0
        self.reader: asyncio.Task[Any] | None = None  # while the body is read
        self.future: asyncio.Future[bool] | None = None  # while the commit is waited for
        self.close = False  # its body was not read to the end
        self.expired = False
        self.done = False

    @property
    def answered(self) -> bool:
        """Say whether nobody waits for the commit any more."""
        return self.future is None or self.future.done()

    def expire(self) -> None:
        """Stop waiting, for the body or for the commit."""
        self.expired = True
        if self.future is not None:
            if not self.future.done():
                self.future.set_result(False)
        elif self.reader is not None:
            self.reader.cancel()


class Deadlines:
    """One timer for all requests: they wait equally long, so the first to come is the first to give up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._requests: deque[Request] = deque()
        self._armed = False

    def watch(self, request: Request) -> None:
        """Let the request give up `GIVE_UP_S` after its first byte."""
        while self._requests and self._requests[0].done:
            self._requests.popleft()
        self._requests.append(request)
        if not self._armed:
            self._armed = True
            self._loop.call_later(GIVE_UP_S, self._expire)

    def _expire(self) -> None:
        now = monotonic()
        while self._requests:
            first = self._requests[0]
            if not first.done:
                left = first.began + GIVE_UP_S - now
                if left > 0:
                    self._loop.call_later(left, self._expire)
                    return
                first.expire()
            self._requests.popleft()
        self._armed = False


class Addresses:
    """Tells our webhook addresses from others, without asking the database."""

    def __init__(self, mac: HookMac) -> None:
        self._mac = mac
        self._good: OrderedDict[str, Hook] = OrderedDict()

    def hook(self, path: str) -> Hook | None:
        """Return what a path says, None when it was not made by us; only good paths are remembered."""
        known = self._good.get(path)
        if known is not None:
            self._good.move_to_end(path)
            return known
        hook = self._checked(path)
        if hook is not None:
            self._good[path] = hook
            if len(self._good) > ADDRESSES:
                self._good.popitem(last=False)
        return hook

    def _checked(self, path: str) -> Hook | None:
        parts = path.removeprefix(PREFIX).split("/")
        if len(parts) != 3 or not path.isascii():
            return None
        shop, event, mac = parts
        tenant_id, _, generation = shop.rpartition(".")
        if not tenant_id or not generation.isdecimal() or not self._mac.fits(f"{shop}/{event}", mac):
            return None
        return Hook(tenant_id, int(generation), event, lanes.lane_of(event))


class Receiver:
    """The ASGI application behind `/u/`; between `start` and `stop` it owns four threads."""

    def __init__(self, rig: Rig) -> None:
        self.counters = Counters()
        self.presence = Presence(rig.now)
        self.refusals = Refusals(self.presence)
        self._now = rig.now
        self._addresses = Addresses(rig.settings.hook_mac)
        self._waker = Waker(rig.wake)
        self._flusher = Flusher(rig, self._settle_soon, self._waker)
        folder = rig.settings.spool_folder
        files = Spool(folder, most_bytes=rig.settings.spool_bytes)
        self._spooler = Spooler(self._flusher, files, self._settle_soon, self.counters, self.presence)
        self._drainer = Drainer(rig, folder, self._spooler)
        self._loop: asyncio.AbstractEventLoop
        self._deadlines: Deadlines
        self._open = False
        self._waiting = 0
        self._held = 0
        self._told: dict[str, float] = {}

    def start(self) -> None:
        """Start the threads; call it in the event loop."""
        sys.setswitchinterval(SWITCH_S)
        gc.collect()
        gc.freeze()  # what the imports left behind need not be searched again and again
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines(self._loop)
        self._waker.start()
        self._flusher.start()
        self._spooler.start()
        self._drainer.start()
        self._open = True

    def stop(self) -> None:
        """Refuse what comes from now on, commit what waits and end the threads; blocks."""
        self._open = False
        self._flusher.stop(within_s=STOP_WITHIN_S)
        self._spooler.stop(within_s=STOP_WITHIN_S)
        self._drainer.stop(within_s=LEAVE_WITHIN_S)
        self._waker.stop(within_s=STOP_WITHIN_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request under `/u/`: 204 when it is durable or not ours, else 503."""
        began = monotonic()
        hook = self._addresses.hook(scope["path"])
        if hook is None or scope["method"] != "POST":
            self.counters.wrong_mac += 1
            self._complain("a call to /u/*** whose address is not ours, or no POST: answered 204 and dropped")
            await _answer(send, NO_CONTENT)
            return
        self.counters.received += 1
        if not self._open or self._waiting >= MOST_WAITING or self._held >= MOST_HELD:
            self._complain("webhooks are refused: too many wait already, or we are closing")
            self.counters.refused_503 += 1
            self.refusals.note(hook.tenant_id, hook.lane, self._now())
            await _answer(send, UNAVAILABLE, close=True)
            return
        request = Request(hook, self._now(), began)
        self._deadlines.watch(request)
        self._waiting += 1
        try:
            stored = await self._take_in(request, scope, receive)
        except Gone:  # it may have waited for us as long as it waits for anybody, and then counts as delivered
            self.refusals.note(hook.tenant_id, hook.lane, request.received_at)
            return
        finally:
            request.done = True
            self._waiting -= 1
            self._held -= request.held
        await self._tell(request, receive, send, stored=stored)

    async def _take_in(self, request: Request, scope: Scope, receive: Receive) -> bool:
        """Read the body and wait for its commit; False when either took too long or failed."""
        request.reader = asyncio.current_task()
        try:
            complete = await self._read(request, scope, receive)
        except asyncio.CancelledError:
            if not request.expired or request.reader is None:
                raise
            request.reader.uncancel()
            request.close = True
            return False
        finally:
            request.reader = None
        if not complete:
            return False
        request.future = self._loop.create_future()
        self._flusher.put(request)
        return await request.future

    async def _read(self, request: Request, scope: Scope, receive: Receive) -> bool:
        """Read the body into the request; False when we hold too much already."""
        parts: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            part: bytes = message.get("body", b"")
            more = bool(message.get("more_body", False))
            parts.append(part)
            self._hold(request, len(part))
            if self._held > MOST_HELD:
                request.close = True
                return False
            if request.size > LARGEST:
                self._hold_sample(request, parts, scope)
                request.close = more and not await self._drain(request, receive)
                return True
        request.body = parts[0] if len(parts) == 1 else b"".join(parts)
        return True

    def _hold(self, request: Request, size: int) -> None:
        request.size += size
        request.held += size
        self._held += size

    def _hold_sample(self, request: Request, parts: list[bytes], scope: Scope) -> None:
        """Keep the beginning; a size above what is kept makes the delivery unreadable when it is expanded."""
        self.counters.too_large += 1
        request.body = b"".join(parts)[:SAMPLE_BYTES]
        declared = dict(scope["headers"]).get(b"content-length", b"")
        request.size = min(max(request.size, int(declared) if declared.isdigit() else 0), BIGGEST_TOLD)
        self._held -= request.held - SAMPLE_BYTES
        request.held = SAMPLE_BYTES
        self._complain(f"a webhook of {request.size} bytes is too large: a sample is kept and a look queued")

    async def _drain(self, request: Request, receive: Receive) -> bool:
        """Read on for a while, because many senders hear an answer only when they are done; say whether they were."""
        try:
            async with asyncio.timeout_at(request.began + DRAIN_S):
                message = await receive()
                while message.get("more_body", False):
                    message = await receive()
        except TimeoutError:
            return False
        return True

    def _settle_soon(self, settled: Settled) -> None:
        self._loop.call_soon_threadsafe(self._settle, settled)

    def _settle(self, settled: Settled) -> None:
        told = False
        for waiting, stored in zip(settled.waiting, settled.stored, strict=True):
            future = cast("Request", waiting).future
            if future is not None and not future.done():
                future.set_result(stored)
                told = True
        if told:  # a batch that was spooled and then committed settles twice
            self.counters.copies += settled.copies

    async def _tell(self, request: Request, receive: Receive, send: Send, *, stored: bool) -> None:
        """Answer while an answer still counts; later the silence says that it is to be sent again."""
        took = monotonic() - request.began
        if took > SILENT_S:
            self.counters.hung_up += 1
            self.refusals.note(request.hook.tenant_id, request.hook.lane, request.received_at)
            await _hang_up(receive)
        elif stored:
            self.counters.acked(took)
            await _answer(send, NO_CONTENT, close=request.close)
        else:
            self.counters.refused_503 += 1
            self.refusals.note(request.hook.tenant_id, request.hook.lane, request.received_at)
            await _answer(send, UNAVAILABLE, close=request.close)

    def _complain(self, what: str) -> None:
        now = monotonic()
        if now - self._told.get(what[:20], -QUIET_S) >= QUIET_S:
            self._told[what[:20]] = now
            log.warning(what)


async def _answer(send: Send, start: Message, *, close: bool = False) -> None:
    await send({**start, "headers": [*start["headers"], CLOSING]} if close else start)
    await send(END)


async def _hang_up(receive: Receive) -> None:
    """Close the connection without a word: ASGI cannot say that, but uvicorn's `receive` knows its transport."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        return
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
