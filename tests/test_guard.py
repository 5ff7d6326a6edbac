"""Whatever would lose work is refused before anything starts, with its fix; what is only away is waited for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import redis

from service import guard
from service.db import migrate
from service.embedded import Redis, run_folder
from service.kit.clock import utc_now
from service.rig import Rig, build
from tests.lifecycle import settings_of

DISK = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
OURS = "https://expedition.example.com"


@pytest.fixture
def rig(database, redis_url, tmp_path) -> Iterator[Rig]:
    """The rig of an installation that may start: a rehearsal, so that it does not matter where the test's files are."""
    built = build(settings_of(database.url, tmp_path, redis_url=redis_url, public_url="http://localhost:8000"))
    yield built
    built.close()


def of(folder: Path, *, mounts: str = DISK, **changed: object) -> list[str]:
    return guard.of_settings(settings_of("postgres://unused", folder, **changed), mounts=mounts)


def test_what_may_start_is_left_alone(rig: Rig) -> None:
    assert guard.insist(rig)
    assert guard.look(rig) == guard.Findings()
    assert of(rig.settings.secrets_key_file.parent) == []


@pytest.mark.parametrize(
    ("changed", "name", "fix"),
    [
        ({"database_pool": 7, "worker_threads": 8}, "DATABASE_POOL", "set DATABASE_POOL=8"),
        ({"public_url": "http://expedition.example.com"}, "PUBLIC_URL", "say https://expedition.example.com"),
        ({"lease_s": 39}, "LEASE_S", "set LEASE_S=40"),
        ({"signature_token": "CHANGE-ME"}, "SIGNATURE_TOKEN", "Marketplace"),
    ],
)
def test_a_setting_that_loses_work_is_named_with_its_fix(tmp_path, changed, name, fix) -> None:
    [fault] = of(tmp_path, **changed)

    assert fault.startswith(f"{name} is ")
    assert fix in fault


def test_every_fault_is_told_at_once(tmp_path) -> None:
    assert len(of(tmp_path, database_pool=2, public_url="http://e.example.com", lease_s=5)) == 3


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost"])
def test_a_rehearsal_on_this_machine_may_be_hasty_and_plain(tmp_path, host) -> None:
    hasty = {"public_url": f"http://{host}", "lease_s": 5, "mounts": mounted(tmp_path, "tmpfs")}

    assert of(tmp_path, **hasty) == []
    assert len(of(tmp_path, **hasty, database_pool=2)) == 1


def mounted(place: Path, kind: str, options: str = "rw,nosuid") -> str:
    escaped = str(place).replace(" ", r"\040")
    return f"{DISK}36 22 0:31 / {escaped} {options} shared:5 master:2 - {kind} none rw,size=1k\n"


@pytest.mark.parametrize("kind", ["tmpfs", "ramfs"])
def test_a_key_on_a_volume_that_dies_is_refused(tmp_path, kind) -> None:
    faults = of(tmp_path, mounts=mounted(tmp_path, kind))

    assert [fault.partition(" is ")[0] for fault in faults] == ["SECRETS_KEY_FILE", "WEBHOOK_KEY_FILE"]
    assert all(f"the {kind} {tmp_path}" in fault and "put it on a disk" in fault for fault in faults)


@pytest.mark.parametrize(
    "table",
    [
        "",
        "nonsense\n - \n",
        DISK,
        mounted(Path("/elsewhere"), "tmpfs"),
        mounted(Path("/run/secrets"), "tmpfs", "ro,relatime"),
        mounted(Path("/run"), "tmpfs") + mounted(Path("/run/secrets/key"), "ext4"),
        mounted(Path("/run/sec"), "tmpfs"),
        mounted(Path("/run/secrets"), "tmpfs") + mounted(Path("/run/secrets"), "xfs"),
    ],
    ids=["no table", "nonsense", "disk", "elsewhere", "a secret", "a file of its own", "half a name", "mounted over"],
)
def test_a_volume_that_stays_is_no_fault(table) -> None:
    assert guard.dying("SPOOL", Path("/run/secrets/key"), mounts=table) == []


def test_a_volume_is_found_behind_links_and_odd_names(tmp_path) -> None:
    real = tmp_path / "a b"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)

    assert guard.dying("SPOOL", tmp_path / "link" / "key", mounts=mounted(real, "tmpfs")) != []


def test_a_redis_that_forgets_is_refused(rig: Rig) -> None:
    """In a Redis of its own: the tests' one is everybody's."""
    folder = run_folder.make("exp-guard-")
    try:
        server = Redis.start(folder, die_with_parent=True)
        with redis.Redis.from_url(server.url) as memory:
            small = replace(rig, redis=memory)
            memory.config_set("maxmemory-policy", "allkeys-lru")
            assert guard.look(small).faults == []  # without a limit nothing is ever forgotten

            memory.config_set("maxmemory", "100mb")
            [fault] = guard.look(small).faults
            assert "maxmemory-policy allkeys-lru" in fault
            assert "set maxmemory-policy noeviction" in fault

            memory.config_set("maxmemory-policy", "noeviction")
            assert guard.look(small).faults == []
        server.child.stop(within_s=5)
    finally:
        run_folder.clear(folder)


def test_a_postgresql_that_takes_back_what_it_committed_is_refused(rig: Rig, database) -> None:
    """The tests' own is one: it is fast."""
    ours = replace(rig, settings=rig.settings.model_copy(update={"public_url": OURS}))

    def fixes() -> list[str]:
        told = [fault for fault in guard.look(ours).faults if fault.startswith("DATABASE_URL")]
        return [fault.rpartition("set ")[2] for fault in told]

    assert fixes() == ["fsync = on", "synchronous_commit = on"]
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {database.name} SET synchronous_commit = local")
    rig.db.close()
    ours = build(ours.settings)
    assert fixes() == ["fsync = on"]
    ours.close()


def test_a_schema_behind_is_refused_and_one_ahead_is_not(rig: Rig, database) -> None:
    newest = migrate.latest()
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        conn.execute("INSERT INTO schema_migrations VALUES ('29991231000000')")
        assert guard.look(rig).faults == []
        conn.execute("DELETE FROM schema_migrations WHERE version = %s", [newest])

    [fault] = guard.look(rig).faults
    assert fault == f"the schema is behind, the code needs {newest}: run `python -m service migrate`"


@pytest.mark.parametrize("off_s", [-8, 8, 86_400])
def test_a_clock_that_is_off_is_refused(rig: Rig, off_s) -> None:
    wrong = replace(rig, now=lambda: utc_now() + timedelta(seconds=off_s))

    faults = guard.look(wrong).faults

    assert [("PostgreSQL" in fault, "Redis" in fault) for fault in faults] == [(True, False), (False, True)]
    assert all(f"{abs(off_s)} s apart" in fault and "NTP" in fault for fault in faults)


def test_a_clock_a_little_off_is_none_of_our_business(rig: Rig) -> None:
    assert guard.look(replace(rig, now=lambda: utc_now() + timedelta(seconds=2))).faults == []


def test_servers_that_are_away_prove_nothing(rig: Rig) -> None:
    rig.db.close()
    alone = replace(rig, redis=redis.Redis(port=1))

    assert not guard.insist(alone)

    found = guard.look(alone)
    assert found.faults == []
    assert [line.partition(":")[0] for line in found.away] == ["DATABASE_URL", "REDIS_URL"]


class Asleep:
    """A server that is away until it wakes."""

    def __init__(self, server: object, away: Exception) -> None:
        self._server, self._away = server, away
        self.is_awake = False

    def __getattr__(self, name: str) -> object:
        if not self.is_awake:
            raise self._away
        return getattr(self._server, name)


@pytest.mark.parametrize(("off_s", "ends"), [(0, 0), (8, 1)])
def test_a_server_that_was_away_at_the_start_is_asked_once_it_answers(rig: Rig, off_s: int, ends: int) -> None:
    servers = [Asleep(rig.db, psycopg.OperationalError()), Asleep(rig.redis, redis.ConnectionError())]
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        for server in servers[: len(naps)]:
            server.is_awake = True

    late = replace(rig, db=servers[0], redis=servers[1], nap=nap, now=lambda: utc_now() + timedelta(seconds=off_s))
    ended: list[bool] = []
    assert not guard.insist(late)

    guard.insist_later(late, end=lambda: ended.append(True)).join(20)

    assert len(ended) == ends
    assert len(naps) == (1 if ends else 2)  # one clock that is off is enough


STARTS = {
    "web": ["-m", "uvicorn", "service.web.app:app", "--port", "0"],
    "worker": ["-m", "celery", "-A", "workers.app", "worker", "-P", "threads", "-c", "1", "-Q", "sweep"],
    "beat": ["-m", "workers.beat"],
    "check": ["-m", "service", "check"],
}


@pytest.mark.parametrize("command", STARTS.values(), ids=STARTS)
def test_every_process_refuses_to_start_and_names_the_fix(command, database, redis_url, tmp_path) -> None:
    said = settings_of(database.url, tmp_path, redis_url=redis_url, lease_s=6, public_url=OURS)
    env = {name.upper(): str(value) for name, value in said.model_dump(exclude_none=True).items()}
    env |= {"PATH": os.environ["PATH"], "SIGNATURE_TOKEN": "not-a-secret"}

    ended = subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode in (1, 2)
    assert "set LEASE_S=40 or more" in ended.stderr
    assert "Traceback" not in ended.stderr
