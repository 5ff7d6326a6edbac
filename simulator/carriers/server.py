"""The carriers on the wire, behind one port of this machine: each below its code, the control API below `/_control`."""

import asyncio
from typing import Any

import httpx
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from simulator.carriers import control, pushes
from simulator.carriers.registry import Carriers
from simulator.carriers.wire import Request, Response
from simulator.server import Receive, Scope, Send, hang_up, read

TICK_S = 0.2


class App:
    """The ASGI app; its lifespan runs the clock of late works, scans and pushes."""

    def __init__(self, carriers: Carriers, told: dict[str, Any]) -> None:
        """`told` is what the process says of itself."""
        self.carriers = carriers
        self.control = control.app(carriers, told)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a request to its part of the house."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"].startswith("/_control"):
            await self.control(scope, receive, send)
        else:
            try:
                await self._serve(scope, receive, send)
            except asyncio.CancelledError:  # the process ends
                await hang_up(scope, receive)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read(scope, receive, Request)
        response = await run_in_threadpool(self.carriers.answer, request)
        await asyncio.sleep(response.delay_s)
        if response.drop or response.refuses:
            await hang_up(scope, receive)
        else:
            await _write(send, response)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        ticking = asyncio.create_task(self._tick())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ticking.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        with httpx.Client(trust_env=False, timeout=5.0) as client:
            while True:
                await asyncio.sleep(TICK_S)
                await run_in_threadpool(self._due, client)

    def _due(self, client: httpx.Client) -> None:
        self.carriers.tick()
        for world in self.carriers.worlds.values():
            pushes.deliver(world, client)


async def _write(send: Send, response: Response) -> None:
    headers = dict(response.headers)
    if response.stream is None:
        headers["content-length"] = str(len(response.body))
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    pieces = (response.body,) if response.stream is None else response.stream()
    async for piece in iterate_in_threadpool(iter(pieces)):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
