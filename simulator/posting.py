"""The one kind of call webhooks need: a POST over kept connections, answered by a status.

Not httpx: at 2 ms of processor time per call the sender would measure itself instead of the receiver.
"""

import asyncio
import base64
import ssl
import time
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote, urlsplit

import httptools

KEPT_S = 2.0  # below the keep-alive of common servers, so that no call meets a connection that was just closed
Place = tuple[str, int, bool]


class Lost(Exception):
    """There was no answer: no connection, or it ended before the status."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart; credentials in it have become a header (contract 3.1, `url`)."""

    place: Place
    head: bytes

    @classmethod
    def of(cls, url: str) -> "Target":
        """Take a URL apart; ValueError when it has no host or another scheme than http and https."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"nobody can be called at {url!r}")
        tls = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        login = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            login = f"authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"
        host = parts.netloc.rpartition("@")[2]
        head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n{login}content-length: "
        return cls((parts.hostname, parts.port or (443 if tls else 80), tls), head.encode())


class Line(asyncio.Protocol):
    """One connection; it carries one call at a time."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.reusable = False
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    async def call(self, request: bytes) -> int:
        """Send a request and return the status of its answer, or raise `Lost`."""
        if self._transport is None or self._transport.is_closing():
            raise Lost
        self.reusable = False
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """End the connection without ceremony."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._end()

    def on_headers_complete(self) -> None:
        """Hear the status; whatever follows it decides nothing (httptools calls this)."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())

    def on_message_complete(self) -> None:
        """Note that the next call may use this connection (httptools calls this)."""
        self.reusable = self._parser.should_keep_alive()

    def _end(self) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Lost())


class Poster:
    """Posts bodies; keeps connections for the next call to the same place. Lives in one event loop."""

    def __init__(self) -> None:
        self._idle: dict[Place, list[Line]] = {}
        self._tls = ssl.create_default_context()

    async def post(self, target: Target, body: bytes) -> int:
        """Return the status of the answer, or raise `Lost`; the caller brings the patience."""
        line = self._kept(target.place) or await self._new(target.place)
        try:
            status = await line.call(target.head + b"%d\r\n\r\n" % len(body) + body)
        except BaseException:
            line.close()
            raise
        if line.reusable:
            line.idle_since = time.monotonic()
            self._idle.setdefault(target.place, []).append(line)
        else:
            line.close()
        return status

    def close(self) -> None:
        """End all connections that wait."""
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    def _kept(self, place: Place) -> Line | None:
        lines = self._idle.get(place, [])
        while lines:
            line = lines.pop()
            if line.reusable and time.monotonic() - line.idle_since < KEPT_S:
                return line
            line.close()
        return None

    async def _new(self, place: Place) -> Line:
        host, port, tls = place
        try:
            _, line = await asyncio.get_running_loop().create_connection(
                Line, host, port, ssl=self._tls if tls else None
            )
        except OSError as failed:
            raise Lost from failed
        return line
