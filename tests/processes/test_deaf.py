"""A worker that lives and hears nothing, a beat that lives and says nothing: found and replaced without a hand."""

from collections.abc import Iterator

import pytest
import redis
from celery import Celery

from service.demo.stage import READY_WITHIN_S, WORKERS
from service.lanes import Lane
from tests.processes.standing import House, standing
from tests.simulator.until import until

DEAF_S = 6
MOVING_WITHIN_S = 60.0  # the promise


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with standing(DEAF_S=str(DEAF_S), LEASE_S="5") as house:
        yield house


def test_deaf_workers_end_themselves_and_new_ones_do_their_work(house: House) -> None:
    with Celery(broker=house.servers.redis_url) as broker:
        for lane in Lane:  # connected and alive, as after a lost pub/sub connection, but they consume nothing
            broker.control.cancel_consumer(lane.value)
        before = {name: house.stage.processes.children[name].pid for name in WORKERS}
        until(lambda: not consumed(house), within_s=15)
        house.trade()

        until(house.stage.processes.revive, within_s=MOVING_WITHIN_S)
        until(lambda: (house.stage.processes.revive(), house.is_quiet())[1], within_s=MOVING_WITHIN_S)

    house.becomes_whole()
    ended = set(house.stage.processes.revived)
    assert ended
    assert ended <= set(WORKERS)
    for name in ended:
        child = house.stage.processes.children[name]
        assert child.pid != before[name]
        assert "this worker ends itself: it took nothing of" in child.log.read_text()


def consumed(house: House) -> list[str]:
    """Return which lanes somebody waits for."""
    with Celery(broker=house.servers.redis_url) as broker:
        told = broker.control.inspect(timeout=1).active_queues() or {}
    return [queue["name"] for queues in told.values() for queue in queues]


@pytest.mark.parametrize("blow", ["bindings", "pause", "pubsub", "normal", "flushall"])
def test_whatever_happens_to_the_broker_all_lanes_move_again_without_a_hand(house: House, blow) -> None:
    with redis.Redis.from_url(house.servers.redis_url) as memory:
        match blow:
            case "bindings":
                memory.delete(*memory.scan_iter("_kombu.binding.*"))
            case "pause":
                memory.client_pause(3_000)
            case "flushall":
                memory.flushall()
            case kind:
                memory.client_kill_filter(_type=kind, skipme=True)
    house.trade()

    until(lambda: (house.stage.processes.revive(), house.is_quiet())[1], within_s=MOVING_WITHIN_S)
    house.becomes_whole()


def test_a_beat_that_hangs_loses_its_place_to_the_one_that_stands_by(house: House) -> None:
    first = house.stage.processes.children["beat"]
    second = house.stage.processes.begin_line("beat", house.stage.env, name="beat-2")
    second.wait_ready(lambda: "standing by" in second.last_words(), within_s=READY_WITHIN_S)
    first.freeze()

    until(lambda: "beating" in second.log.read_text(), within_s=30)
    house.trade()
    house.becomes_whole()

    first.thaw()
    until(lambda: first.log.read_text().count("standing by") == 1, within_s=15)
    assert house.is_quiet()
