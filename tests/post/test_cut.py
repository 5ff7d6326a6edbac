"""A line is cut once its time is over, even when there was none yet at that moment; and never after the block."""

import socket

from service.post.cut import AGAIN_S, cut


def test_a_line_that_is_made_late_is_cut_all_the_same() -> None:
    ours, theirs = socket.socketpair()
    asked: list[None] = []

    def line() -> socket.socket | None:
        asked.append(None)
        return ours if len(asked) > 1 else None

    with ours, theirs, cut(0.0, line):
        theirs.settimeout(10 * AGAIN_S)
        assert theirs.recv(1) == b""


def test_a_block_that_ends_in_time_keeps_its_line() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with cut(60.0, lambda: ours):
            pass
        ours.sendall(b"x")

        assert theirs.recv(1) == b"x"
