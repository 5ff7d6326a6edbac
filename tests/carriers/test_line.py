"""A carrier that drips is cut off when its time is up, in its headers and in its body, on a kept connection too."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from time import monotonic

import pytest

from carriers import line, wire
from carriers.errors import CarrierUnreachable
from carriers.wire import Call

WHOLE_S, DRIP_S, MOST_S = 0.3, 0.05, 3.0
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BEGINS = {
    "/headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "/body": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
    "/refusal": b"HTTP/1.1 500 Oh\r\nContent-Length: 9999\r\n\r\n",
    "/dumb": b"",
}


class Dripping(socketserver.StreamRequestHandler):
    over: threading.Event

    def handle(self) -> None:
        while asked := self.rfile.readline().split():
            while self.rfile.readline().strip():
                pass
            begins = BEGINS.get(asked[1].decode())
            self.wfile.write(WELL if begins is None else begins)
            if begins is not None:
                with suppress(OSError):
                    while not self.over.wait(DRIP_S):
                        self.wfile.write(b"x" if begins else b"")
                return


@pytest.fixture
def url() -> Iterator[str]:
    over = threading.Event()
    handler = type("Handler", (Dripping,), {"over": over})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        over.set()
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "makes", "is_long"),
    [
        ("/headers", True, False),
        ("/headers", False, True),
        ("/body", True, False),
        ("/body", False, True),
        ("/refusal", False, True),
        ("/dumb", True, False),
    ],
)
def test_a_carrier_that_drips_is_cut_off(url: str, path: str, makes: bool, is_long: bool) -> None:
    call = Call("GET", f"{url}{path}", makes=makes, long=is_long)
    with line.opened() as client:
        send = wire.sender(client)
        assert send("packeta", "ask", replace(call, url=f"{url}/well")).body == b"ok"  # the line is kept for the next
        began = monotonic()
        with line.within(WHOLE_S), pytest.raises(CarrierUnreachable) as lost:
            send("packeta", "ask", call)

    assert lost.value.unclear is makes
    assert WHOLE_S * 0.9 <= monotonic() - began < MOST_S


def test_a_call_ends_by_itself_though_nobody_bounds_it(url: str) -> None:
    class Brief(Call):
        @property
        def whole_s(self) -> float:
            return WHOLE_S

    began = monotonic()
    with line.opened() as client, pytest.raises(CarrierUnreachable):
        wire.sender(client)("packeta", "ask", Brief("GET", f"{url}/body"))

    assert monotonic() - began < MOST_S


def test_where_no_time_is_left_nothing_is_sent(url: str) -> None:
    with line.opened() as client, line.within(0), pytest.raises(CarrierUnreachable) as lost:
        wire.sender(client)("packeta", "book", Call("POST", f"{url}/well", makes=True))

    assert not lost.value.unclear


def test_the_nearer_of_two_ends_counts() -> None:
    with line.within(5):
        with line.within(60):
            assert line.left_s() <= 5
        with line.within(1):
            assert line.left_s() <= 1
        assert line.left_s() > 1
