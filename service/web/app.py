"""The web process, `uvicorn service.web.app:app`: webhooks go straight to the receiver, all else through Starlette.

Everything is built when the server starts its lifespan, so importing this module needs no settings.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import FrameType

from anyio import to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from service import guard, settings
from service import rig as rigs
from service.db import Database
from service.kit import log as logs
from service.rig import Rig
from service.web import ops, problem
from service.web.attendant import Attendant
from service.web.bell import MOST_WAITING, Bell
from service.web.receiver import PREFIX, Receive, Receiver, Scope, Send

log = logging.getLogger(__name__)

WRONG_SETTINGS = 2
LARGEST_POST = 2**20
DRAIN_S = 2.0  # the platform waits longer for an installation
BODY_WITHIN_S = 10.0  # a megabyte over a bad line takes less; nobody holds a connection by a letter now and then

Door = Callable[[Request, bytes], Response]


def posts(
    path: str,
    door: Door,
    *,
    method: str = "POST",
    within_s: float = BODY_WITHIN_S,
    too_large: Callable[[Request], Response] | None = None,
) -> Route:
    """Return a route that hands a request with its whole body, 1 MiB at most, to a plain function in a thread.

    `too_large` answers one with more, where a problem document is not what its sender can read.
    """

    async def endpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(within_s):
                body = await _whole(request)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except TimeoutError:
            detail = f"The body did not come within {within_s:g} s."
            return problem.standard(408, detail, headers={"connection": "close"})
        if body is not None:
            return await run_in_threadpool(door, request, body)
        answer = await run_in_threadpool(too_large or _too_large, request)
        answer.headers["connection"] = "close"
        return answer

    return Route(path, endpoint, methods=[method])


def _too_large(_request: Request) -> Response:
    return problem.standard(413, f"The body is larger than {LARGEST_POST} bytes.")


async def _whole(request: Request) -> bytes | None:
    """Return the body, None when it is too large; its parts are let go with this call."""
    parts: list[bytes] = []
    size, stream = 0, request.stream()
    async for part in stream:
        parts.append(part)
        size += len(part)
        if size > LARGEST_POST:
            parts.clear()
            await _drain(stream)
            return None
    return b"".join(parts)


async def _drain(stream: AsyncIterator[bytes]) -> None:
    """Read on for a while: a connection closed on unread bytes is reset, and the answer on its way is lost with it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in stream:
                pass


@dataclass(frozen=True)
class Web:
    """The two halves of the process over one rig."""

    rig: Rig
    intake: Database
    receiver: Receiver
    bell: Bell
    attendant: Attendant
    pages: Starlette

    def start(self) -> None:
        """Start to receive; call it in the event loop."""
        to_thread.current_default_thread_limiter().total_tokens += MOST_WAITING  # who waits takes no page's thread
        self.intake.open()
        self.receiver.start()
        self.bell.start()
        self.attendant.start()

    def stop(self) -> None:
        """Commit what waits and give everything back; blocks."""
        self.bell.stop()
        self.receiver.stop()
        self.attendant.stop()
        self.intake.close()
        self.rig.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.receiver(scope, receive, send)
        else:
            await self.pages(scope, receive, send)


def build(rig: Rig) -> Web:
    """Return the application over a rig."""
    from service.web import addon, heard, panel, wms  # noqa: PLC0415 - their routes are made by our `posts`

    # Database connections of its own: no page, however slow, keeps a webhook from its commit. One is for the spool.
    intake = Database(rig.settings.database_url, size=2)
    receiver = Receiver(replace(rig, db=intake))
    bell = Bell(rig.settings.database_url)
    attendant = Attendant(
        rig, refused=receiver.refusals.take, keep=receiver.refusals.keep, here_since=lambda: receiver.presence.since
    )
    pages = Starlette(
        routes=[
            *addon.routes(rig),
            *heard.routes(rig),
            *panel.routes(rig),
            *wms.routes(rig, bell),
            *ops.routes(rig, receiver.counters),
        ],
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )
    return Web(rig, intake, receiver, bell, attendant, pages)


def _refused(_request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, HTTPException):
        raise refusal
    detail = refusal.detail if refusal.detail != problem.phrase(refusal.status_code) else None
    return problem.standard(refusal.status_code, detail, headers=refusal.headers)


def _broken(_request: Request, _bug: Exception) -> Response:
    return problem.standard(500, "This is our fault. The log says more.")


class App:
    """What uvicorn imports; it becomes a `Web` when the lifespan starts."""

    def __init__(self, start: Callable[[], Rig]) -> None:
        self._start = start
        self.web: Web | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        if self.web is not None and scope["type"] != "lifespan":
            await self.web(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            raise RuntimeError("the lifespan has not started: run uvicorn with --lifespan on")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            web = build(self._start())
            web.start()
        except Exception:  # unsaid, uvicorn would take it for an application without a lifespan and serve on
            log.exception("the web process cannot start")
            await send({"type": "lifespan.startup.failed"})
            return
        self.web = web
        before_the_end(web.bell.end)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(web.stop)
        await send({"type": "lifespan.shutdown.complete"})


def before_the_end(let_go: Callable[[], None]) -> None:
    """Call this as soon as the process is told to end: the server ends the lifespan only after its last answer.

    Whoever waits for news would keep it waiting. Only the main thread hears signals, and the server's own handlers
    stand by then.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        known = signal.getsignal(number)
        if callable(known):
            signal.signal(number, _both(let_go, known))


def _both(first: Callable[[], None], then: Callable[[int, FrameType | None], object]) -> Callable[..., None]:
    def heard(number: int, frame: FrameType | None) -> None:
        first()
        then(number, frame)

    return heard


def _rig() -> Rig:
    """Return the rig of this process, or end it with every fault of the settings and the installation told."""
    try:
        found = settings.load()
    except settings.SettingsFault as fault:
        # uvicorn takes SystemExit from a lifespan for "has no lifespan" and serves on. Nothing runs yet.
        print(fault, file=sys.stderr, flush=True)  # noqa: T201
        os._exit(WRONG_SETTINGS)
    logs.start(found.log_level)
    rig = rigs.build(found)
    try:
        if not guard.insist(rig, receives=True):
            guard.insist_later(rig, receives=True)
    except guard.Unfit as unfit:
        print(unfit, file=sys.stderr, flush=True)  # noqa: T201
        os._exit(WRONG_SETTINGS)
    return rig


app = App(_rig)
