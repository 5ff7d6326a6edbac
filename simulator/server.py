"""The simulator on the wire: API, key file, control and pages behind one port of this machine.

Time on the wire is real; only the webhook sender's five minutes and twelve hours can be shortened.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator import control, pages
from simulator.answer import answer
from simulator.stage import KeyHostMode, Stage
from simulator.state import Request, Response

KEY_PATH = "/addons/signature/api.signature.pub.key"
TICK_S = 0.2
MOST_BODY = 64 * 1024 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
R = TypeVar("R", bound=Request)


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol that lends the app its connection, so that an answer can be dropped."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"simulator.hang_up": {"call": self.transport.close}}


class App:
    """The ASGI app; its lifespan runs the webhook sender and the clock of late writes."""

    def __init__(self, stage: Stage) -> None:
        """`stage` is shared with the control API and the pages, which change it."""
        self.stage = stage
        self.control = control.app(stage)
        self.pages = pages.app(stage)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request to its part of the house; whatever is not ours is a shop's API."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        except asyncio.CancelledError:  # the process ends
            await hang_up(scope, receive)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/_control"):
            await self.control(scope, receive, send)
        elif scope["path"] in ("/", "/shops") or scope["path"].startswith("/shops/"):
            await self.pages(scope, receive, send)
        elif scope["path"] == KEY_PATH:
            await self._key(receive, send)
        else:
            await self._api(scope, receive, send)

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        world, request = self.stage.world, await read(scope, receive, Request)
        response = world.enter(request)
        if response is None:
            try:
                response = answer(world, request)
                # The answer is made first and held back then: what it shows is as old as the call took.
                await asyncio.sleep(response.delay_s)
            finally:
                world.leave(request)
        if response.drop:
            await hang_up(scope, receive)
        else:
            await _write(send, response)

    async def _key(self, receive: Receive, send: Send) -> None:
        host = self.stage.key_host
        host.fetches += 1
        if host.mode is KeyHostMode.HANG:
            await _until_gone(receive)
        elif host.mode is KeyHostMode.DOWN:
            await _write(send, Response(503, {"content-type": "text/plain"}, b"the key host is down\n"))
        else:
            headers = {"content-type": "application/octet-stream", "cache-control": "no-cache"}
            await _write(send, Response(200, headers, host.key.public_pem))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        with self.stage.sender.running():
            ticking = asyncio.create_task(self._tick())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            ticking.cancel()
        await self.stage.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        """Let late writes land, and measure how long our own loop keeps everybody waiting."""
        while True:
            begun = time.monotonic()
            await asyncio.sleep(TICK_S)
            self.stage.lag_s = max(self.stage.lag_s, time.monotonic() - begun - TICK_S)
            self.stage.world.tick()


async def read(scope: Scope, receive: Receive, kind: type[R]) -> R:
    """Return the request as a plain value of this kind; a body beyond `MOST_BODY` is cut, which no format survives."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if len(body) < MOST_BODY:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return kind(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=bytes(body),
        client_ip=scope["client"][0],
    )


async def _write(send: Send, response: Response) -> None:
    headers = {"content-length": str(len(response.body)), **response.headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection without a word."""
    scope["extensions"]["simulator.hang_up"]["call"]()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    """Wait until the other side, or our own hanging up, has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
