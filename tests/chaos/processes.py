"""Faults of our own processes: killed, replaced by new ones, or short of disk."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import psycopg

from service.demo.stage import WORKERS
from tests.chaos.faults import DOUBT_S, WHOLE_S, Fault
from tests.chaos.world import LEASE_S, PROCESSES, World

CLAIMED_WITHIN_S = 15.0
TAKEN_OVER_S = 50.0  # the promise: the lease and five seconds
UNLIMITED = -1

CLAIMS = """
    SELECT claim FROM hints WHERE claim IS NOT NULL AND due_at IS NOT NULL
    UNION
    SELECT claim FROM outbox WHERE claim IS NOT NULL AND due_at IS NOT NULL
"""


@contextmanager
def receiver_killed(world: World, _dice: random.Random) -> Iterator[None]:
    world.kill("web")
    yield
    world.begin("web")


@contextmanager
def workers_killed(world: World, _dice: random.Random) -> Iterator[None]:
    """Kill both workers while they hold claims, start new ones at once, and time how long the claims stay theirs."""
    world.tell_all("", "PATCH", latency_s=1.0)
    held = set[str]()

    def working() -> bool:
        held.update(claims(world))
        return bool(held)

    world.until(working, within_s=CLAIMED_WITHIN_S)
    world.kill(*WORKERS)
    killed_at, held = time.monotonic(), claims(world)
    world.say(f"they held {len(held)} claims")
    world.tell_all("", "PATCH", latency_s=0.05)
    world.begin(*WORKERS)
    yield
    over = world.until(lambda: not held & claims(world), within_s=TAKEN_OVER_S + 10)
    took = time.monotonic() - killed_at
    if held and world.alone:  # another fault may keep their successors from the shops
        world.measured("claims of killed workers taken over, s", took)
        if not over or took > TAKEN_OVER_S:
            world.wrong.append(f"claims of killed workers were taken over after {took:.0f} s, not {TAKEN_OVER_S:.0f}")


def claims(world: World) -> set[str]:
    """Return the claims there are; a database that is away tells of none."""
    with suppress(psycopg.OperationalError):
        return {row["claim"] for row in world.truth.rows(CLAIMS)}
    return set()


@contextmanager
def beat_killed(world: World, _dice: random.Random) -> Iterator[None]:
    world.kill("beat")
    yield
    world.begin("beat")


@contextmanager
def replaced(world: World, dice: random.Random) -> Iterator[None]:
    """Deploy: end every process by SIGTERM in turn, each followed by a new one."""
    for name in dice.sample(PROCESSES, len(PROCESSES)):
        world.replace(name)
        world.until(world.stage.readiness(name), within_s=30)
    yield


# What a migration of the folder `pre` may do while the code before it runs.
TABLES = """
    SELECT relname
    FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
      AND relname <> 'schema_migrations'
    ORDER BY relname
"""


@contextmanager
def newer_schema(world: World, dice: random.Random) -> Iterator[None]:
    """Add a column to every table under the old processes, then replace them one by one; at the end it is dropped."""
    for row in world.truth.rows(TABLES):
        world.run(f"ALTER TABLE {row['relname']} ADD COLUMN chaos integer")
    world.say("every table has a new column; the processes are the old ones")
    yield
    for name in dice.sample(PROCESSES, len(PROCESSES)):
        world.replace(name)
        world.until(world.stage.readiness(name), within_s=30)
    for row in world.truth.rows(TABLES):
        world.run(f"ALTER TABLE {row['relname']} DROP COLUMN chaos")


@contextmanager
def disk_full(world: World, _dice: random.Random) -> Iterator[None]:
    """Let the receiver write to no file any more while PostgreSQL stands still: there is neither row nor spool.

    The kernel's limit of a file's size stands for the full disk: it needs no mount, and a write fails just as well.
    """
    web = world.stage.processes.children["web"].pid
    with suppress(psutil.NoSuchProcess):  # it is killed as well
        psutil.Process(web).rlimit(psutil.RLIMIT_FSIZE, (0, UNLIMITED))
    try:
        with world.postgres_frozen():
            yield
    finally:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(web).rlimit(psutil.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))


FAULTS = (
    Fault("receiver_killed", "kill -9 of the receiver", "web", receiver_killed, lasts=(0.5, 6)),
    Fault(
        "workers_killed",
        "kill -9 of both workers in the middle of their calls",
        "workers",
        workers_killed,
        whole_s=LEASE_S + DOUBT_S + 60,
    ),
    Fault("beat_killed", "kill -9 of beat", "beat", beat_killed, lasts=(1, 10)),
    Fault("replaced", "SIGTERM and new processes, one after the other", "all", replaced, whole_s=DOUBT_S + 60),
    Fault("newer_schema", "a newer schema under old and new processes", "all", newer_schema, whole_s=DOUBT_S + 60),
    Fault(
        "disk_full",
        "no row and no file can be written",
        "postgres",
        disk_full,
        lasts=(1, 8),
        whole_s=LEASE_S + DOUBT_S + WHOLE_S,
    ),
)
