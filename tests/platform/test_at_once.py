"""Threads share a shop's budget: two calls at once, and a third is told to come back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore

import httpx
import pytest

from service.lanes import Lane
from service.platform.errors import PlatformBusy
from tests.platform.bench import build

WITHIN_S = 30


@pytest.fixture
def held(tmp_path, database, redis_url):
    """A shop whose answers are held back until they are let go."""
    inside, let_go = Semaphore(0), Event()

    def reply(request: httpx.Request) -> httpx.Response:
        inside.release()
        assert let_go.wait(WITHIN_S)
        return httpx.Response(200, json={"owner": [{"language_id": "cs"}]})

    bench = build(tmp_path, database.url, redis_url, transport=httpx.MockTransport(reply))
    bench.used_before()
    yield bench, inside, let_go
    let_go.set()
    bench.rig.close()


def test_a_third_call_at_once_is_not_made(held) -> None:
    bench, inside, let_go = held
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(bench.lane().owner) for _ in range(2)]
        assert all(inside.acquire(timeout=WITHIN_S) for _ in calls)

        with pytest.raises(PlatformBusy, match="under way"):
            bench.lane(Lane.PULL).owner()
        let_go.set()

        assert [len(call.result(WITHIN_S).items) for call in calls] == [1, 1]
    assert len(bench.lane(Lane.PULL).owner().items) == 1


def test_calls_of_a_worker_that_died_are_in_the_way_for_one_lease(held) -> None:
    bench, inside, let_go = held
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(bench.lane().owner) for _ in range(2)]
        assert all(inside.acquire(timeout=WITHIN_S) for _ in calls)  # and never end, as far as anybody else sees

        bench.rig.redis.flushdb()
        with pytest.raises(PlatformBusy, match="under way"):
            bench.lane().owner()
        bench.watch.move(bench.rig.settings.lease_s + 1)
        let_go.set()

        assert len(bench.lane().owner().items) == 1
        assert [len(call.result(WITHIN_S).items) for call in calls] == [1, 1]


def test_fresh_credentials_are_tried_one_call_at_a_time(tmp_path, database, redis_url, held) -> None:
    bench, inside, let_go = held
    bench.entrust("fresh", "credentials")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(bench.lane(Lane.ACTIVATE).owner)
        assert inside.acquire(timeout=WITHIN_S)

        with pytest.raises(PlatformBusy) as busy:
            bench.lane(Lane.ACTIVATE).owner()
        let_go.set()

        assert first.result(WITHIN_S).items
    assert busy.value.until == bench.watch() + timedelta(seconds=0.5)
