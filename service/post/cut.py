"""A line that is cut after some seconds: waits for single answers do not bound a neighbour that drips."""

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Timer


@contextmanager
def cut(after_s: float, line: Callable[[], socket.socket | None]) -> Generator[None]:
    """Shut the line down when the block lasts longer; who reads or writes it then finds its end."""
    timer = Timer(after_s, _shut, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(line: Callable[[], socket.socket | None]) -> None:
    connection = line()
    if connection is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # a TLS socket's own would go on in clear text
