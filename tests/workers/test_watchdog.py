"""A worker that hears nothing is found by what nobody came for; one that is only unlucky is left alone."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service import contracts, inbox, tenants
from service.db import Database
from service.doctor import gather
from service.inbox import Delivery
from service.lanes import Lane
from service.wakeup import ALIVE_FOR_S, BEAT_ALIVE, WORKERS_ALIVE
from tests.flows.town import Town, build
from workers import beat
from workers.due import due
from workers.watchdog import LOOK_S, Ear, Watchdog

ORDERS = Lane.REFRESH_ORDERS
THREADS = 2


@dataclass
class Guarded:
    """A worker of two threads under its watchdog, and a second hand that moves with the town's watch."""

    town: Town
    tenant: str
    ear: Ear
    dog: Watchdog
    seconds: list[float]
    beats: bool = True

    def passes(self, for_s: float, *, meanwhile: Callable[[], object] = lambda: None) -> str | None:
        """Let time pass, a look every few seconds; return what the watchdog said first."""
        for _ in range(round(for_s / LOOK_S)):
            self.sleeps(LOOK_S)
            if self.beats:
                self.town.rig.redis.set(BEAT_ALIVE, "now")
            meanwhile()
            if why := self.dog.look():
                return why
        return None

    def sleeps(self, seconds: float) -> None:
        self.town.watch.move(seconds)
        self.seconds[0] += seconds

    def takes(self, lane: Lane) -> None:
        with self.ear.taking(lane):
            pass

    def owes(self, *, later_s: float = 0) -> None:
        now = self.town.watch()
        with self.town.rig.db.tx(self.tenant) as conn:
            hint = inbox.Hint("1", urgent=True, due_at=now + timedelta(seconds=later_s))
            inbox.hint(conn, self.tenant, ORDERS, [hint], now=now)


@pytest.fixture
def worker(tmp_path, database, redis_url) -> Iterator[Guarded]:
    town = build(tmp_path, database.url, redis_url, deaf_s=30, lease_s=45)
    _, tenant = town.activated(orders=1)
    with town.rig.db.tx(tenant) as conn:
        conn.execute("UPDATE tenants SET sweep_due_at = '2099-01-01'")
    seconds = [1_000.0]
    ear = Ear(THREADS, clock=lambda: seconds[0])
    dog = Watchdog(town.rig, ear, list(Lane), clock=lambda: seconds[0])
    yield Guarded(town, tenant, ear, dog, seconds)
    town.rig.close()


def test_a_worker_that_takes_nothing_of_what_is_due_is_deaf_within_a_minute(worker: Guarded) -> None:
    worker.owes()
    assert worker.passes(30) is None

    assert "it took nothing of refresh_orders for 30 s" in (worker.passes(10) or "")


def test_a_stored_webhook_nobody_expands_is_heard_of_too(worker: Guarded) -> None:
    now = worker.town.watch()
    worker.town.deliver([Delivery(worker.tenant, 1, "Orders.update", ORDERS, b"{}", 2, now)])

    assert worker.passes(60)


def test_who_has_nothing_to_do_is_not_deaf(worker: Guarded) -> None:
    assert worker.passes(300) is None
    worker.owes()
    assert worker.passes(20) is None  # just come: nobody can have taken it for long


def test_who_takes_something_of_the_lane_is_not_deaf_however_late_it_is(worker: Guarded) -> None:
    worker.owes()

    assert worker.passes(300, meanwhile=lambda: worker.takes(ORDERS)) is None


def test_who_hears_other_lanes_only_is_deaf_to_this_one(worker: Guarded) -> None:
    worker.owes()

    assert "refresh_orders" in (worker.passes(60, meanwhile=lambda: worker.takes(Lane.WRITEBACK)) or "")


def test_who_has_all_hands_full_is_not_deaf_and_stuck_after_two_leases(worker: Guarded) -> None:
    worker.owes()
    with ExitStack() as tasks:
        for _ in range(THREADS):
            tasks.enter_context(worker.ear.taking(Lane.PULL))

        assert worker.passes(90) is None
        assert "none of its threads" in (worker.passes(10) or "")

    assert worker.passes(30) is None  # a thread is free: from now on it could hear


def test_a_hand_that_reads_a_list_of_points_has_that_lists_lease(worker: Guarded) -> None:
    with worker.ear.taking(Lane.POINTS), worker.ear.taking(Lane.PULL):
        assert worker.passes(2 * 900) is None
        assert "none of its threads" in (worker.passes(10) or "")
    with worker.ear.taking(Lane.PULL), worker.ear.taking(Lane.PULL):
        assert "for 90 s" in (worker.passes(100) or "")


def test_a_list_of_points_that_is_due_for_long_waits_for_its_turn(worker: Guarded) -> None:
    with worker.town.rig.db.tx_all("a test enters a login") as conn:
        tenants.pair(conn, worker.tenant, account_id="a_one")
        secret = worker.town.rig.settings.seal.close("{}")
        contracts.put(
            conn, "a_one", None, "packeta", base_url="", secrets_sealed=secret, given={}, switches=[], serials=None,
            now=worker.town.watch(),
        )  # fmt: skip
        assert due(conn, Lane.POINTS, now=worker.town.watch()) == [worker.tenant]

    assert worker.passes(300) is None


def test_hands_that_are_full_and_go_on_are_a_busy_worker(worker: Guarded) -> None:
    worker.owes()
    with worker.ear.taking(Lane.PULL):

        def next_page() -> None:
            worker.takes(Lane.PULL)

        assert worker.passes(25, meanwhile=next_page) is None


@pytest.mark.parametrize("state", ["suspended", "dismissed"])
def test_what_waits_behind_the_fence_is_nobodys_fault(worker: Guarded, state) -> None:
    worker.owes()
    with worker.town.rig.db.tx(worker.tenant) as conn:
        conn.execute("UPDATE tenants SET state = %s", [state])

    assert worker.passes(120) is None


def test_what_waits_for_a_refill_or_is_parked_is_nobodys_fault(worker: Guarded) -> None:
    worker.owes(later_s=3600)
    assert worker.passes(120) is None

    with worker.town.rig.db.tx(worker.tenant) as conn:
        conn.execute("UPDATE hints SET parked = 'three times', due_at = '2020-01-01'")
    assert worker.passes(120) is None


def test_while_beat_is_away_nobody_wakes_and_nobody_is_deaf(worker: Guarded) -> None:
    worker.owes()
    worker.beats = False
    assert worker.passes(120) is None

    worker.beats = True
    assert worker.passes(30) is None
    assert worker.passes(10)


@pytest.mark.parametrize("away", ["redis", "db"])
def test_while_a_server_is_away_nobody_is_deaf(worker: Guarded, away) -> None:
    worker.owes()
    nowhere = {
        "redis": redis.Redis(port=1, retry=Retry(NoBackoff(), 0)),
        "db": Database("postgres://127.0.0.1:1/none", size=1),
    }
    rig = replace(worker.town.rig, **{away: nowhere[away]})
    worker.dog = Watchdog(rig, worker.ear, list(Lane), clock=lambda: worker.seconds[0])

    assert [worker.sleeps(LOOK_S) or worker.dog.look() for _ in range(9)] == [None] * 9


def test_who_was_frozen_himself_gets_his_time(worker: Guarded) -> None:
    worker.owes()
    worker.sleeps(300)

    assert worker.passes(30) is None


def test_a_new_shop_is_swept_soon_and_nobody_is_blamed_before(worker: Guarded) -> None:
    worker.passes(120)
    tenant = worker.town.install(worker.town.open_shop("beta", orders=1))

    assert worker.passes(20) is None
    worker.town.rig.redis.delete(BEAT_ALIVE)
    with worker.town.rig.db.tx_all("a test") as conn:
        assert beat.due(conn, Lane.SWEEP, now=worker.town.watch()) == [tenant]


def test_a_worker_that_lives_is_counted_and_one_that_does_not_is_forgotten(worker: Guarded) -> None:
    memory = worker.town.rig.redis
    memory.zadd(WORKERS_ALIVE, {"gone:7": worker.town.watch().timestamp()})
    worker.dog.sign()
    assert gather.of_redis(worker.town.rig).workers == 2

    worker.sleeps(ALIVE_FOR_S + 1)
    assert gather.of_redis(worker.town.rig).workers == 0
    worker.dog.sign()
    assert (gather.of_redis(worker.town.rig).workers, memory.zcard(WORKERS_ALIVE)) == (1, 1)


def test_a_redis_that_is_away_ends_no_watch(worker: Guarded) -> None:
    away = replace(worker.town.rig, redis=redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))

    Watchdog(away, worker.ear, []).sign()
