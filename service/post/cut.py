"""A line that is cut after some seconds: waits for single answers do not bound a neighbour that drips."""

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event, Timer

AGAIN_S = 1.0


@contextmanager
def cut(after_s: float, line: Callable[[], socket.socket | None]) -> Generator[None]:
    """Shut the line down when the block lasts longer; who reads or writes it then finds its end."""
    over = Event()
    timer = Timer(after_s, _shut, [line, over])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        over.set()
        timer.cancel()


def _shut(line: Callable[[], socket.socket | None], over: Event) -> None:
    """Shut what there is until the block is over: it may just be connecting, or changing to TLS."""
    while True:
        connection = line()
        if connection is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # a TLS socket's own would go on in clear text
        if over.wait(AGAIN_S):
            return
