"""The sender's own HTTP: one connection for many calls, and an end to each call, whatever comes back."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest

from simulator.posting import Lost, Poster, Target

EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Talk:
    """A server that says `answer` to each call, what it heard, how many connections it had, what the calls came to."""

    answer: bytes
    close: bool = False
    heard: list[bytes] = field(default_factory=list)
    outcomes: list[object] = field(default_factory=list)
    tasks: list[asyncio.Task] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while head := await reader.read(65_536):
                self.heard.append(head)
                writer.write(self.answer)
                if self.close:
                    break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def talk(answer: bytes, *, calls: int = 1, path: str = "/hook", close: bool = False) -> Talk:
    async def run() -> Talk:
        talk, poster = Talk(answer, close), Poster()
        server = await asyncio.start_server(talk.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        for _ in range(calls):
            talk.outcomes += [await outcome(poster, f"http://u:p%40ss@127.0.0.1:{port}{path}")]
        poster.close()
        server.close()
        await asyncio.gather(server.wait_closed(), *talk.tasks)
        return talk

    return asyncio.run(run())


async def outcome(poster: Poster, url: str) -> object:
    try:
        async with asyncio.timeout(2):
            return await poster.post(Target.of(url), b"{}")
    except Lost:
        return Lost


def test_calls_to_one_place_share_a_connection() -> None:
    had = talk(EMPTY, calls=3)

    assert had.outcomes == [204, 204, 204]
    assert len(had.tasks) == 1


@pytest.mark.parametrize(
    ("answer", "close"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nonly a part", False),
    ],
)
def test_a_connection_that_cannot_be_kept_is_not(answer: bytes, close: bool) -> None:
    had = talk(answer, calls=2, close=close)

    assert had.outcomes == [200, 200]
    assert len(had.tasks) == 2


@pytest.mark.parametrize(("answer", "close"), [(b"what?\r\n\r\n", False), (b"", True), (b"HTTP/1.1 20", True)])
def test_what_is_no_answer_is_lost(answer: bytes, close: bool) -> None:
    had = talk(answer, close=close)

    assert had.outcomes == [Lost]


def test_a_call_is_a_plain_json_post_with_the_credentials_of_its_url() -> None:
    [request] = talk(EMPTY, path="/u/a?b=c").heard
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")

    assert lines[0] == "POST /u/a?b=c HTTP/1.1"
    assert {"content-type: application/json", "authorization: Basic dTpwQHNz", "content-length: 2"} < set(lines)
    assert body == b"{}"


@pytest.mark.parametrize("url", ["ftp://example.com/", "/hook", "https://"])
def test_a_url_nobody_can_be_called_at_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="nobody can be called"):
        Target.of(url)
