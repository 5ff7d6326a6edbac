"""Faults of PostgreSQL and Redis: stalled, killed, emptied, refusing, slow, away."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import psutil
import redis

from service.embedded import Embedded
from tests.chaos.faults import DOUBT_S, WHOLE_S, Fault, Strike
from tests.chaos.world import LEASE_S, World

GONE_WITHIN_S = 10
SLOW_S = 2.0
MOVING_S = 60.0  # the promise: all lanes move again, without a hand


class Stood(Protocol):
    """Servers that can be hurt, whoever uses them."""

    @property
    def servers(self) -> Embedded: ...
    def run(self, statement: str) -> None: ...
    def postgres_frozen(self) -> AbstractContextManager[None]: ...
    def memory(self) -> redis.Redis: ...
    def say(self, words: str) -> None: ...


@contextmanager
def postgres_frozen(world: Stood, _dice: random.Random) -> Iterator[None]:
    with world.postgres_frozen():
        yield


@contextmanager
def postgres_killed(world: Stood, _dice: random.Random) -> Iterator[None]:
    """Kill the postmaster with -9; its children notice and end, the next one recovers from the log."""
    child = world.servers.postgres.child
    children = psutil.Process(child.pid).children(recursive=True)
    child.kill()
    for one in psutil.wait_procs(children, timeout=GONE_WITHIN_S)[1]:
        one.kill()
    yield
    world.servers.postgres.begin()


@contextmanager
def commits_stall(world: Stood, _dice: random.Random) -> Iterator[None]:
    """Let every commit wait for a standby that does not exist: a true stall of COMMIT, and reads go on."""
    world.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    world.run("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        world.run("ALTER SYSTEM RESET synchronous_standby_names")
        world.run("SELECT pg_reload_conf()")


@contextmanager
def redis_killed(world: Stood, _dice: random.Random) -> Iterator[None]:
    world.servers.redis.child.kill()
    yield
    world.servers.redis.begin()


@contextmanager
def redis_emptied(world: Stood, _dice: random.Random) -> Iterator[None]:
    with world.memory() as memory:
        memory.flushall()
    yield


@contextmanager
def redis_read_only(world: Stood, _dice: random.Random) -> Iterator[None]:
    """Make it the replica of a server that is not there, as after a failover: it reads, and refuses each write."""
    with world.memory() as memory:
        memory.replicaof("127.0.0.1", 1)
        yield
        memory.replicaof("NO", "ONE")


@contextmanager
def redis_full(world: Stood, _dice: random.Random) -> Iterator[None]:
    with world.memory() as memory:
        memory.config_set("maxmemory", 1)
        yield
        memory.config_set("maxmemory", 0)


@contextmanager
def redis_slow(world: World, _dice: random.Random) -> Iterator[None]:
    assert world.stage.proxy
    world.stage.proxy.delay_s = SLOW_S
    yield
    world.stage.proxy.delay_s = 0.0


@contextmanager
def clients_killed(world: Stood, dice: random.Random) -> Iterator[None]:
    kind = dice.choice(("normal", "pubsub"))
    with world.memory() as memory:
        world.say(f"{memory.client_kill_filter(_type=kind, skipme=True)} connections of kind {kind} are cut")
    yield


@contextmanager
def bindings_deleted(world: Stood, _dice: random.Random) -> Iterator[None]:
    with world.memory() as memory:
        if keys := list(memory.scan_iter("_kombu.binding.*")):
            memory.delete(*keys)
    yield


def of_postgres(name: str, says: str, strike: Strike, lasts: tuple[float, float]) -> Fault:
    # A worker cut off between its claim and the answer leaves a write in doubt, which rests.
    return Fault(name, says, "postgres", strike, lasts=lasts, whole_s=LEASE_S + DOUBT_S + WHOLE_S)


def of_redis(name: str, says: str, strike: Strike, lasts: tuple[float, float] = (1, 5), *, long: bool = False) -> Fault:
    return Fault(name, says, "redis", strike, lasts=lasts, whole_s=MOVING_S, long=long)


FAULTS = (
    of_postgres("postgres_frozen", "PostgreSQL stopped and continued", postgres_frozen, (0.1, 60)),
    of_postgres("postgres_killed", "PostgreSQL killed and started again", postgres_killed, (0.2, 5)),
    of_postgres("commits_stall", "every commit stalls for 5 s", commits_stall, (5, 5)),
    of_redis("redis_killed", "Redis killed and started again", redis_killed, (0.2, 3)),
    of_redis("redis_emptied", "FLUSHALL", redis_emptied),
    of_redis("redis_read_only", "Redis refuses writes", redis_read_only, (2, 12)),
    of_redis("redis_full", "Redis is out of memory", redis_full, (2, 12)),
    of_redis("redis_slow", "each word to Redis takes 2 s", redis_slow, (5, 15)),
    of_redis("clients_killed", "CLIENT KILL", clients_killed),
    of_redis("redis_away_20_s", "Redis away for 20 s", redis_killed, (20, 20)),
    of_redis("redis_away_10_min", "Redis away for 10 min", redis_killed, (600, 600), long=True),
    of_redis("bindings_deleted", "the broker's bindings deleted", bindings_deleted),
)
