"""A server process that says in one JSON line where it is, and ends when told."""

import socket
from types import FrameType
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """uvicorn that speaks once it is ready and takes a signal as a plain wish to end."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._ready, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self.server_state.tasks:  # nobody waits for the answer of a simulator that ends
            task.cancel()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        # The signal is not recorded, so that uvicorn does not raise it again: ended on request is no failure.
        self.should_exit = True


def configured(app: Any, **more: Any) -> uvicorn.Config:
    """Return what every stand-in's server is like; `more` are further words of uvicorn's."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        proxy_headers=False,
        **more,
    )


def bound(port: int) -> socket.socket:
    """Return a listening socket on loopback; connections wait in it until the server is up."""
    # The protocol is named: only then does asyncio set TCP_NODELAY, without which a body comes 40 ms after its headers.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(2_048)
    return listening
