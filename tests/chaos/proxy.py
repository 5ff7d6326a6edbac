"""A proxy on this machine that every process of the service reaches Redis through: it can make each word wait."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 2**16


@dataclass
class Proxy:
    """Passes bytes on to a port of this machine; what a client says waits `delay_s` first, word for word."""

    target: int
    delay_s: float = 0.0
    port: int = 0
    pairs: dict[int, int] = field(default_factory=dict)  # the port a client has towards us: the one we have towards it
    _guests: set[asyncio.Task] = field(default_factory=set)

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Serve in a thread of its own while the block runs."""
        loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
        thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve(ready, over)), name="proxy")
        thread.start()
        try:
            assert ready.wait(5)
            yield self
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()
            loop.close()

    async def _serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        server.close()
        for guest in self._guests:
            guest.cancel()
        await asyncio.gather(*self._guests, return_exceptions=True)

    def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = asyncio.get_running_loop().create_task(self._serve_one(reader, writer))
        self._guests.add(guest)
        guest.add_done_callback(self._guests.discard)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = writer.get_extra_info("peername")[1]
        try:
            answers, asking = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.pairs[client] = asking.get_extra_info("sockname")[1]
        ways = [
            asyncio.ensure_future(self._pass(reader, asking, slowly=True)),
            asyncio.ensure_future(self._pass(answers, writer, slowly=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.transport.abort()
            asking.transport.abort()
            self.pairs.pop(client, None)

    async def _pass(self, source: asyncio.StreamReader, goal: asyncio.StreamWriter, *, slowly: bool) -> None:
        with suppress(OSError):
            while words := await source.read(CHUNK):
                if slowly and self.delay_s:
                    await asyncio.sleep(self.delay_s)
                goal.write(words)
                await goal.drain()
