"""Connections on which every wait ends by the deadline of the call: a neighbour that drips is cut off like a dumb one.

The library's own timeouts bound each wait by itself; an answer that comes byte by byte never meets them, neither in its
headers nor in its body. What is read and written belongs to the thread that makes the call, and so does the deadline.
"""

import ssl
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic
from typing import Any

import httpcore
import httpx

AT_ONCE, KEPT, KEPT_S = 100, 20, 30.0

_ends_at: ContextVar[float] = ContextVar("ends_at", default=inf)


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Let no call in this block end later than so many seconds from now, and none begin that could not."""
    token = _ends_at.set(min(_ends_at.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def left_s() -> float:
    """Return how long the call in hand may still take; endless outside of `within`."""
    return max(_ends_at.get() - monotonic(), 0.0)


def opened(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return a client for calls to carriers, which threads may share; `transport` in place of the network."""
    return httpx.Client(transport=transport or _Transport(), trust_env=False)


class _Transport(httpx.HTTPTransport):
    def __init__(self) -> None:
        trust = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_connections=AT_ONCE,
            max_keepalive_connections=KEPT,
            keepalive_expiry=KEPT_S,
            network_backend=_Network(),
        )


class _Network(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        wait_s = _wait_s(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, wait_s, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _wait_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _wait_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait_s = _wait_s(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, wait_s))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _wait_s(timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    """Return how long one wait may last; raise `late` when there is no time left."""
    if not (left := left_s()):
        raise late
    return left if timeout is None else min(timeout, left)
