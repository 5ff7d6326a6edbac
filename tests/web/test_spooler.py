"""While the database is away or slow webhooks are spooled and acknowledged; each has its row when it is back."""

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.inbox import Delivery
from service.inbox.spool import Place, Spool
from tests.web.desk import SHOP, Desk, at_the_desk

MEBIBYTE = 2**20


# A machine may stall; the status says which of the receiver's deadlines was met, the benchmark how well.
SOON_S = 3.0


@pytest.fixture
def tell(database, tmp_path):
    """Tell a story at the desk; the desk, when all is over."""
    opened: list[Desk] = []

    def told(story, **changed: object) -> Desk:
        opened.append(at_the_desk(database.url, tmp_path, story, **changed))
        return opened[-1]

    yield told
    for desk in opened:
        desk.db.close()


class Hanging(Spool):
    """A spool whose disk keeps everybody waiting."""

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        super().__init__(folder, most_bytes=most_bytes)
        self.goes_on = threading.Event()

    def append(self, deliveries: Sequence[Delivery]) -> Place:
        assert self.goes_on.wait(10)
        return super().append(deliveries)


def bodies(desk: Desk) -> list[bytes]:
    return sorted(bytes(row["body"]) for row in desk.rows())


def test_a_slow_commit_lets_what_waits_go_to_the_spool(tell) -> None:
    async def story(desk: Desk) -> None:
        desk.db.gate.clear()
        first = asyncio.create_task(desk.post(desk.path(), b"taken"))
        await desk.at_the_gate()
        second = asyncio.create_task(desk.post(desk.path(), b"behind"))
        heard = [await first, await second]
        third = await desk.post(desk.path(), b"later")

        assert [one.status for one in (*heard, third)] == [204] * 3
        assert heard[0].seconds > 0.25
        assert max(one.seconds for one in (*heard, third)) < SOON_S  # the database still hangs
        assert desk.spooled() == 3
        desk.db.gate.set()
        await desk.until(lambda: not list(desk.spool.iterdir()))
        assert bodies(desk) == [b"behind", b"later", b"taken"]

    counters = tell(story).receiver.counters
    assert (counters.stored, counters.spooled, counters.refused_503) == (3, 3, 0)


def test_what_lands_late_is_taken_back_out_of_the_spool(tell) -> None:
    async def story(desk: Desk) -> None:
        for turn in range(3):
            desk.db.gate.clear()
            desk.db.at_the_gate.clear()
            waiting = asyncio.create_task(desk.post(desk.path(), b"%d" % turn))
            await desk.at_the_gate()
            assert (await waiting).status == 204
            desk.db.gate.set()
            await desk.until(lambda: not list(desk.spool.iterdir()))
        assert bodies(desk) == [b"0", b"1", b"2"]

    tell(story)


def test_a_database_that_is_away_costs_no_webhook(tell) -> None:
    async def story(desk: Desk) -> None:
        desk.db.away = True
        heard = await asyncio.gather(*(desk.post(desk.path(), b"%d" % (place // 2)) for place in range(40)))
        assert {one.status for one in heard} == {204}
        assert max(one.seconds for one in heard) < SOON_S
        desk.db.away = False
        await desk.until(lambda: not list(desk.spool.iterdir()))

        stored = Counter[bytes]()
        for row in desk.rows():
            stored[bytes(row["body"])] += row["copies"]
            assert (row["tenant_id"], row["generation"], row["event"]) == (SHOP, 1, "Orders.update")
            assert row["size"] == len(row["body"])
        assert stored == {b"%d" % place: 2 for place in range(20)}

    tell(story)


def test_after_a_commit_failed_the_next_one_is_not_waited_for(tell) -> None:
    async def story(desk: Desk) -> None:
        desk.db.away = True
        assert (await desk.post(desk.path(), b"first")).status == 204
        desk.db.gate.clear()  # from now on it takes long to find out
        desk.db.at_the_gate.clear()
        second = asyncio.create_task(desk.post(desk.path(), b"second"))
        await desk.at_the_gate()
        assert ((await second).status, (await second).seconds < SOON_S) == (204, True)  # it still hangs
        desk.db.away = False
        desk.db.gate.set()
        await desk.until(lambda: not list(desk.spool.iterdir()))
        assert bodies(desk) == [b"first", b"second"]
        assert not desk.receiver._flusher.is_doubted

    tell(story)


def test_what_an_earlier_process_left_is_drained_at_the_start(tell, tmp_path) -> None:
    async def outage(desk: Desk) -> None:
        desk.db.away = True
        assert (await desk.post(desk.path(), b"left behind")).status == 204

    async def calm(desk: Desk) -> None:
        await desk.until(lambda: not list(desk.spool.iterdir()))
        assert bodies(desk) == [b"left behind"]

    tell(outage)
    assert list((tmp_path / "spool").iterdir())
    tell(calm)


def test_a_full_spool_refuses_quickly_and_takes_again_when_there_is_room(tell) -> None:
    async def story(desk: Desk) -> None:
        desk.db.away = True
        half = b"x" * (MEBIBYTE // 2)
        assert (await desk.post(desk.path(), half)).status == 204
        refused = await desk.post(desk.path(), half)
        assert (refused.status, refused.seconds < SOON_S) == (503, True)
        assert (await desk.post(desk.path(), b"small")).status == 204
        desk.db.away = False
        await desk.until(lambda: not list(desk.spool.iterdir()))
        assert bodies(desk) == [b"small", half]

    tell(story, spool_bytes=MEBIBYTE)


def test_a_spool_that_is_gone_refuses_quickly_and_only_while_it_is_needed(tell) -> None:
    async def story(desk: Desk) -> None:
        desk.spool.rmdir()
        assert (await desk.post(desk.path(), b"before")).status == 204
        desk.db.away = True
        refused = await desk.post(desk.path(), b"refused")
        assert (refused.status, refused.seconds < SOON_S) == (503, True)
        desk.db.away = False
        assert (await desk.post(desk.path(), b"after")).status == 204
        assert bodies(desk) == [b"after", b"before"]

    tell(story)


def test_a_disk_that_hangs_as_well_is_given_up_in_time(tell) -> None:
    async def story(desk: Desk) -> None:
        disk = desk.receiver._spooler.spool = Hanging(desk.spool, most_bytes=MEBIBYTE)
        desk.db.gate.clear()
        first = asyncio.create_task(desk.post(desk.path(), b"taken"))
        await desk.at_the_gate()
        for heard in await asyncio.gather(first, desk.post(desk.path(), b"behind")):
            assert (heard.status, 0.59 < heard.seconds < SOON_S) == (503, True)
        disk.goes_on.set()
        desk.db.gate.set()
        await desk.until(lambda: desk.receiver._spooler.is_calm)
        assert (await desk.post(desk.path(), b"after")).status == 204
        await desk.until(lambda: not list(desk.spool.iterdir()))
        assert bodies(desk) == [b"after", b"taken"]  # what was behind had its answer before the disk came back

    tell(story)


def test_at_the_end_what_the_database_keeps_waiting_is_spooled(tell, tmp_path) -> None:
    async def story(desk: Desk) -> None:
        desk.db.gate.clear()
        waiting = [asyncio.create_task(desk.post(desk.path(), body)) for body in (b"a", b"b")]
        await desk.at_the_gate()
        ending = asyncio.create_task(asyncio.to_thread(desk.receiver.stop))

        assert [heard.status for heard in await asyncio.gather(*waiting)] == [204, 204]
        assert desk.spooled() == 2
        desk.db.gate.set()
        await ending

    tell(story)


def test_while_all_is_well_the_spool_is_not_touched(tell) -> None:
    async def story(desk: Desk) -> None:
        before = desk.spool.stat().st_mtime_ns
        for turn in range(50):
            assert (await desk.post(desk.path(), b"%d" % turn)).status == 204
        assert desk.receiver.counters.spooled == 0
        assert desk.spool.stat().st_mtime_ns == before

    tell(story)
