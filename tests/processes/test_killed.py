"""Whatever is killed while a shop trades, and however it goes: nothing is lost, and the mirror ends as the shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from service.demo import activation, mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import READY_WITHIN_S, WORKERS, Stage
from service.embedded import Embedded
from service.inbox import spool
from tests.simulator.until import until

SHOP = "alfa:180:10:verified"
LEASE_S = 5  # what a dead worker had claimed comes back after it
WHOLE_WITHIN_S = 40.0

ACKED = "SELECT coalesce(sum(copies), 0) AS stored FROM deliveries"
CLAIMED = "SELECT count(*) AS claimed FROM hints WHERE claim IS NOT NULL AND lane = 'refresh_orders'"
CALLS = "SELECT count(*) AS calls FROM calls WHERE tenant_id = %(tenant)s"
BEAT = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0"


@dataclass
class House:
    """A small shop, and all processes of the service that serve it."""

    stage: Stage
    truth: Mirror
    shop: Merchant

    @property
    def servers(self) -> Embedded:
        assert self.stage.servers
        return self.stage.servers

    @property
    def tenant(self) -> str:
        return mirror.tenant_of(self.truth, self.shop)

    def trade(self, changes: int = 60) -> None:
        """Let merchants and customers do something of everything."""
        living = [told["id"] for told in self.shop.truth("order") if not told["deleted"]]
        self.shop.tell("/orders/change", numbers=living, count=changes)
        self.shop.tell("/orders/create", count=3)
        self.shop.tell("/orders/delete", count=2)
        self.shop.tell("/orders/restore", count=1)

    def hooks(self) -> dict[str, Any]:
        """Return what the shop counted of its webhooks."""
        return self.shop.stats()["hooks"]

    def stored(self) -> int:
        return self.truth.number(ACKED)

    def spooled(self) -> int:
        """Return how many webhooks wait in files."""
        return sum(file.deliveries for file in spool.listed(Path(self.stage.env["SPOOL_FOLDER"])))

    def differences(self) -> dict[str, Any]:
        """Return how the mirror differs from the shop, orders and products."""
        told = {what: mirror.compare(self.truth, self.shop, what).told() for what in ("order", "product")}
        return {what: each for what, each in told.items() if each["some"]}

    def becomes_whole(self) -> None:
        """Wait until all was delivered and read; then the mirror is the shop."""

        def quiet() -> bool:
            waiting = sum(self.hooks()["waiting"].values()) + self.spooled()
            return not waiting and not mirror.open_work(self.truth, by=datetime.now(UTC) + timedelta(seconds=10))

        mirror.until(quiet, within_s=WHOLE_WITHIN_S, what=lambda: f"{self.hooks()['waiting']} and work is still open")
        assert self.differences() == {}

    def again(self, *names: str) -> None:
        """Start killed processes together and wait until all of them work."""
        children = {name: self.stage.processes.children[name] for name in names}
        for child in children.values():
            child.start()
        for name, child in children.items():
            child.wait_ready(self.stage.readiness(name), within_s=READY_WITHIN_S)

    @contextmanager
    def slow_answers(self, seconds: float) -> Iterator[None]:
        self.shop.tell("", "PATCH", latency_s=seconds)
        yield
        self.shop.tell("", "PATCH", latency_s=0.02)


@pytest.fixture(scope="module")
def stood() -> Iterator[House]:
    stage = Stage.make([SHOP], LEASE_S=str(LEASE_S))
    try:
        stage.start()
        truth, [shop] = Mirror(stage.admin_url), activation.merchants_of(stage)
        assert activation.activate(shop)["ok"]
        shop.tell("/hooks", "PATCH", timeout_delivered=False)  # the older rule: what we were too slow for comes again
        house = House(stage, truth, shop)
        until(lambda: all(step["state"] == "done" for step in mirror.steps(truth, house.tenant)), within_s=40)
        yield house
    finally:
        stage.close()


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
