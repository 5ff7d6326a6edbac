"""A request holds twice its body at most, whatever it says (of a whole process: `python -m tests.bench memory`)."""

import asyncio
import gc
import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from service import inbox
from service.lanes import Lane
from service.web import app, receiver
from tests.web.desk import SHOP, Desk, at_the_desk

MEBIBYTE = 2**20
PIECE = 65_536
ASIDE = 300_000  # what a request costs whatever its size: its objects, a line of the log
BOMB = gzip.compress(bytes(64 * MEBIBYTE))


@dataclass
class Peak:
    """The most that was held at once, in bytes."""

    bytes: int = 0


@contextmanager
def measured() -> Iterator[Peak]:
    """Note what this process holds at most within the block, beside what it held before."""
    peak = Peak()
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        yield peak
        peak.bytes = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


async def sent(application, path: str, size: int, *, piece: Callable[[int], bytes] = bytes) -> int:
    """Send a body in pieces that are made as they are asked for; return the status."""
    left = size
    statuses: list[int] = []

    async def receive():
        nonlocal left
        length = min(PIECE, left)
        left -= length
        return {"type": "http.request", "body": piece(length), "more_body": left > 0}

    async def send(message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b"", "root_path": ""}
    await application(scope, receive, send)
    return statuses[0]


@pytest.fixture
def tell(database, tmp_path):
    """Tell a story at the desk; the desk, when all is over."""
    opened: list[Desk] = []

    def told(story) -> Desk:
        opened.append(at_the_desk(database.url, tmp_path, story))
        return opened[-1]

    yield told
    for desk in opened:
        desk.db.close()


@pytest.mark.parametrize("mebibytes", [1, 4])
def test_a_webhook_is_held_twice_at_most(tell, mebibytes: int) -> None:
    peak = Peak()

    async def story(desk: Desk) -> None:
        nonlocal peak
        await desk.post(desk.path(), b"the first one opens a connection")
        with measured() as peak:
            assert await sent(desk.receiver, desk.path(), mebibytes * MEBIBYTE) == 204
        assert [len(row["body"]) for row in desk.rows()][1:] == [mebibytes * MEBIBYTE]

    tell(story)
    assert mebibytes * MEBIBYTE < peak.bytes < 2 * mebibytes * MEBIBYTE + ASIDE


def test_a_webhook_that_is_spooled_is_held_twice_at_most(tell) -> None:
    peak = Peak()

    async def story(desk: Desk) -> None:
        nonlocal peak
        desk.db.away = True
        await desk.post(desk.path(), b"the first one begins a file")
        with measured() as peak:
            assert await sent(desk.receiver, desk.path(), 4 * MEBIBYTE) == 204
        assert desk.spooled() == 2

    tell(story)
    assert peak.bytes < 8 * MEBIBYTE + ASIDE


def test_of_what_is_too_large_no_more_is_held_than_may_come(tell) -> None:
    peak = Peak()

    async def story(desk: Desk) -> None:
        nonlocal peak
        await desk.post(desk.path(), b"the first one opens a connection")
        with measured() as peak:
            assert await sent(desk.receiver, desk.path(), 60 * MEBIBYTE) in (204, 503)

    tell(story)
    assert peak.bytes < 2 * receiver.LARGEST + ASIDE


def test_a_bomb_is_not_unpacked(tell) -> None:
    peak = Peak()

    async def story(desk: Desk) -> None:
        nonlocal peak
        await desk.post(desk.path(), b"the first one opens a connection")
        with measured() as peak:
            assert (await desk.post(desk.path(), BOMB)).status == 204
        assert [bytes(row["body"]) for row in desk.rows()][1:] == [BOMB]

    tell(story)
    assert peak.bytes < 2 * len(BOMB) + ASIDE


@pytest.mark.parametrize(("mebibytes", "status"), [(1, 200), (20, 413)])
def test_every_other_door_holds_a_body_twice_at_most_and_none_that_is_too_large(mebibytes: int, status: int) -> None:
    doors = Starlette(routes=[app.posts("/door", lambda _, body: Response(f"{len(body)}"))])
    asyncio.run(sent(doors, "/door", 10))

    with measured() as peak:
        assert asyncio.run(sent(doors, "/door", mebibytes * MEBIBYTE)) == status
    assert peak.bytes < 2 * MEBIBYTE + ASIDE


def test_a_worker_gets_a_body_as_it_is(tell) -> None:
    async def story(desk: Desk) -> None:
        assert await sent(desk.receiver, desk.path(), 4 * MEBIBYTE) == 204

    desk = tell(story)
    with desk.db.tx(SHOP) as conn, measured() as peak:
        now = desk.rig.now()
        [delivery] = inbox.take(conn, SHOP, Lane.REFRESH_ORDERS, now=now, most=10, most_bytes=10 * MEBIBYTE)
    assert len(delivery.body) < peak.bytes < len(delivery.body) + ASIDE
