"""Whatever is killed while a shop trades, and however it goes: nothing is lost, and the mirror ends as the shop."""

from collections.abc import Iterator

import psycopg
import pytest
import redis

from service.demo.stage import READY_WITHIN_S, WORKERS
from tests.processes.standing import House, standing
from tests.simulator.until import until

LEASE_S = 5  # what a dead worker had claimed comes back after it

CLAIMED = "SELECT count(*) AS claimed FROM hints WHERE claim IS NOT NULL AND lane = 'refresh_orders'"
CALLS = "SELECT count(*) AS calls FROM calls WHERE tenant_id = %(tenant)s"
BEAT = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0"


@pytest.fixture(scope="module")
def stood() -> Iterator[House]:
    with standing(LEASE_S=str(LEASE_S)) as house:
        yield house


@pytest.fixture
def house(stood: House) -> Iterator[House]:
    """The house, whole; afterwards nobody is missing who was not killed by the test."""
    stood.shop.tell("/stats/reset")
    yield stood
    assert stood.stage.processes.died() == []


def test_what_a_killed_web_process_acknowledged_has_its_row_and_the_rest_is_sent_again(house: House) -> None:
    before = house.stored()
    house.shop.tell("/hooks", "PATCH", hold=True)
    house.trade(changes=800)
    house.shop.tell("/hooks", "PATCH", hold=False)
    until(lambda: house.hooks()["acked"] > 0)
    house.stage.kill("web")
    until(lambda: house.hooks()["unreachable"] > 0)
    acked = house.hooks()["acked"]

    assert 0 < acked <= house.spooled() + house.stored() - before
    house.again("web")
    house.becomes_whole()
    hooks = house.hooks()
    assert hooks["resent"] >= hooks["unreachable"] > 0
    assert house.stored() - before >= hooks["acked"] == hooks["made"]


def test_what_killed_workers_were_reading_is_read_by_others(house: House) -> None:
    with house.slow_answers(1.0):
        house.trade()
        until(lambda: house.truth.number(CLAIMED) > 0, within_s=15)
        for name in WORKERS:
            house.stage.kill(name)
        assert house.truth.number(CLAIMED) > 0
    house.again(*WORKERS)

    house.becomes_whole()


def test_a_second_beat_takes_over_from_a_killed_one(house: House) -> None:
    first = house.truth.number(BEAT)
    second = house.stage.processes.begin_line("beat", house.stage.env, name="beat-2")
    second.wait_ready(lambda: "standing by" in second.last_words(), within_s=READY_WITHIN_S)
    house.stage.kill("beat")

    until(lambda: [row["pid"] for row in house.truth.rows(BEAT)] not in ([], [first]), within_s=15)
    house.trade()  # what comes within the interval of the read before is waited for, and only beat says when it is due
    house.becomes_whole()
    house.stage.processes.begin_line("beat", house.stage.env)


def test_an_emptied_redis_costs_nothing_but_its_memory(house: House) -> None:
    with redis.Redis.from_url(house.servers.redis_url) as memory:
        house.trade()
        memory.flushall()
        house.trade()

        house.becomes_whole()
        assert used(memory, house.tenant) == house.truth.number(CALLS, tenant=house.tenant)


def test_a_killed_redis_is_waited_for_and_the_budget_comes_back_from_the_ledger(house: House) -> None:
    before = house.truth.number(CALLS, tenant=house.tenant)
    stored = house.stored()
    house.servers.redis.child.kill()
    house.trade()
    until(lambda: house.hooks()["acked"] == house.hooks()["made"], within_s=15)
    assert house.stored() - stored >= house.hooks()["made"]  # webhooks need no Redis

    house.servers.redis.begin()
    house.becomes_whole()
    with redis.Redis.from_url(house.servers.redis_url) as memory:
        assert used(memory, house.tenant) == house.truth.number(CALLS, tenant=house.tenant) > before


def test_a_postgresql_that_goes_and_comes_back_loses_nothing_that_was_acknowledged(house: House) -> None:
    before = house.stored()
    house.trade()
    assert house.servers.postgres.child.stop(within_s=10)
    with pytest.raises(psycopg.OperationalError):
        house.stored()
    house.trade()
    until(lambda: house.hooks()["acked"] == house.hooks()["made"] > 0, within_s=15)  # all of them into the spool

    house.servers.postgres.begin()
    until(lambda: house.stored() - before >= house.hooks()["acked"], within_s=15)
    house.becomes_whole()
    hooks = house.hooks()
    assert (hooks["wrong"], hooks["resent"]) == (0, 0)
    assert house.stored() - before >= hooks["acked"] == hooks["made"]


def used(memory: redis.Redis, tenant: str) -> int:
    """Return how many calls of the day the budget counts."""
    return sum(int(memory.hget(key, "used") or 0) for key in memory.scan_iter(f"budget:{tenant}:d:*"))
