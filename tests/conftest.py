"""The servers under the tests: one real PostgreSQL and one real Redis for all workers, a fresh database for each test.

A clone of the migrated template takes 20 ms in memory, less than emptying the tables would; on a disk that has to write
all those clones it takes ten times as long.
"""

import fcntl
import gc
import json
import os
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from psycopg import sql

from service.db import Conn
from service.db import Database as Pool
from service.embedded import OWNER_ROLE, SERVICE_ROLE, Embedded, postgres_url, run_folder

RUN = "expedition_run"  # the key under which a worker of xdist is told the folder of the session's servers
TEMPLATE = "template_migrated"
CLONE = "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy"
LAST = 2  # databases that are not dropped yet
DROP = "DROP DATABASE {} WITH (FORCE)"
ROOM = 4 * 2**30  # of memory for both servers' files; they never came near it
FOLDER = pytest.StashKey[Path]()
STARTED = pytest.StashKey[Embedded]()

settings.register_profile(
    "quick",
    max_examples=20,
    deadline=None,
    derandomize=True,  # `make test` says the same twice; `make prove` searches
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "full",
    max_examples=1_000,
    deadline=None,
    print_blob=True,
    database=DirectoryBasedExampleDatabase("var/hypothesis"),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@dataclass(frozen=True)
class Database:
    """An empty, migrated database of one test."""

    name: str
    url: str  # as the service: bound by row-level security
    migration_url: str  # as the owner of the schema
    admin_url: str  # as the superuser: looks past row-level security


@dataclass(frozen=True)
class Servers:
    """Where the session's servers are."""

    sockets: Path
    redis_url: str
    admin: psycopg.Connection

    def url(self, role: str, database: str) -> str:
        return postgres_url(self.sockets, role, database)

    def run(self, statement: str, *names: str) -> None:
        self.admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # pyright: ignore[reportArgumentType]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[FOLDER] = run_folder.make("exp-tests-", memory_bytes=ROOM)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # thousands of tests stay for the whole run, and need not be searched for garbage again and again


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[RUN] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        run_folder.clear(config.stash[FOLDER])


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """The session's servers; the first worker that asks starts them and migrates the template."""
    told = getattr(request.config, "workerinput", None)
    folder = Path(told[RUN]) if told else request.config.stash[FOLDER]
    known = folder / "servers.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not known.exists():
            # The worker that starts them may end before the others, so they outlive it: the controller ends them.
            both = Embedded.start(folder, durable=False, die_with_parent=False)
            request.config.stash[STARTED] = both
            known.write_text(json.dumps({"sockets": str(both.postgres.sockets), "redis_url": both.redis_url}))
            with _reached(both.postgres.sockets, both.redis_url) as reached:
                _make_template(reached)
    places = json.loads(known.read_text())
    with _reached(Path(places["sockets"]), places["redis_url"]) as reached:
        yield reached


@contextmanager
def _reached(sockets: Path, redis_url: str) -> Iterator[Servers]:
    with psycopg.connect(postgres_url(sockets, "postgres", "postgres"), autocommit=True) as admin:
        yield Servers(sockets, redis_url, admin)


def _make_template(servers: Servers) -> None:
    from service.db import migrate  # a broken migration fails only the tests that need one

    servers.run("CREATE DATABASE {} OWNER {}", TEMPLATE, OWNER_ROLE)
    migrate.migrate(servers.url(OWNER_ROLE, TEMPLATE))
    servers.run(
        "ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false", TEMPLATE
    )  # a visitor would delay each clone


@pytest.fixture(scope="session")
def used_up(servers: Servers) -> Iterator[deque[str]]:
    """The databases of the last tests.

    PostgreSQL waits a tenth of a second with dropping one whose connections were closed at that moment, so each is
    dropped after a later test.
    """
    names = deque[str]()
    yield names
    for name in names:
        servers.run(DROP, name)


@pytest.fixture
def database(servers: Servers, used_up: deque[str]) -> Iterator[Database]:
    """A database of this test's own, migrated and empty."""
    with fresh(servers, used_up) as made:
        yield made


@contextmanager
def fresh(servers: Servers, used_up: deque[str]) -> Iterator[Database]:
    """Lend a database, migrated and empty."""
    name = f"t_{uuid4().hex}"
    servers.run(CLONE, name, TEMPLATE, OWNER_ROLE)
    yield Database(
        name,
        url=servers.url(SERVICE_ROLE, name),
        migration_url=servers.url(OWNER_ROLE, name),
        admin_url=servers.url("postgres", name),
    )
    used_up.append(name)
    if len(used_up) > LAST:
        servers.run(DROP, used_up.popleft())


@pytest.fixture
def db(database: Database) -> Iterator[Pool]:
    """The service's pool on this test's database."""
    with closing(Pool(database.url, size=10)) as opened:
        opened.open()
        yield opened


@pytest.fixture
def conn(db: Pool) -> Iterator[Conn]:
    """A transaction of the shop that store and step tests write for."""
    with db.tx("t_one") as opened:
        yield opened


@pytest.fixture(scope="session")
def redis_of_worker(servers: Servers, worker_id: str) -> str:
    """A Redis database that no other worker of xdist uses."""
    number = int(worker_id.removeprefix("gw")) if worker_id != "master" else 63
    return servers.redis_url.removesuffix("0") + str(number)


@pytest.fixture
def redis_url(redis_of_worker: str) -> str:
    """An empty Redis database that no other worker of xdist uses."""
    with redis.Redis.from_url(redis_of_worker) as client:
        client.flushdb()
    return redis_of_worker
