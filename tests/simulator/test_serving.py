"""How the stand-ins listen."""

import socket
from contextlib import closing

from simulator import serving


def test_an_answer_is_not_held_back_behind_its_headers() -> None:
    with closing(serving.bound(0)) as listening, socket.create_connection(listening.getsockname()):
        taken, _ = listening.accept()

        with closing(taken):
            assert taken.proto == socket.IPPROTO_TCP  # what asyncio goes by before it sets TCP_NODELAY
