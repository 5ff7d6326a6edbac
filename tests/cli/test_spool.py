"""`spool` shows and drains the files without a web process, and `check` asks for a folder that lasts."""

from pathlib import Path

import psycopg
import pytest

from service import cli
from service.inbox.spool import Spool
from tests.stores.test_spool import NOON, ROOM, delivery

IN_MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(run, tmp_path) -> Path:
    writing = Spool(tmp_path / "spool", most_bytes=ROOM)
    writing.append([delivery(0), delivery(1)])
    writing.close()
    return tmp_path / "spool"


def test_the_files_are_listed_though_the_database_is_away(run, folder, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://expedition@127.0.0.1:1/none")
    said = run("spool")

    (file,) = folder.iterdir()
    assert said.lines == [
        f"{file.name}  deliveries 2  bytes {file.stat().st_size}  oldest {NOON:%F %T}",
        f"bytes  {file.stat().st_size}  of  {2**30}",
    ]


def test_any_process_that_mounts_the_folder_drains_it(run, folder, database) -> None:
    assert run("spool", "--drain").out == "stored 2  files removed 1  set aside 0\n"

    assert list(folder.iterdir()) == []
    with psycopg.connect(database.admin_url) as conn:
        assert conn.execute("SELECT count(*) FROM deliveries").fetchone() == (2,)
    assert run("spool").lines == [f"bytes  0  of  {2**30}"]


def test_a_drain_without_a_database_loses_nothing(run, folder, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://expedition@127.0.0.1:1/none")
    said = run("spool", "--drain")

    assert (said.code, said.out) == (cli.FAILED, "")
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_is_not_there_is_told(run, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SPOOL_FOLDER", str(tmp_path / "none"))
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")  # else the fast database of the tests is told of as well

    assert run("spool").err == f"SPOOL_FOLDER: {tmp_path / 'none'} is no folder\n"
    said = run("check")
    assert said.code == cli.FAILED
    assert said.err == f"SPOOL_FOLDER: {tmp_path / 'none'} is no folder: mount a volume there\n"


@pytest.mark.skipif(not IN_MEMORY.is_dir(), reason="this machine has no file system in memory")
def test_a_spool_in_memory_is_refused(run, monkeypatch) -> None:
    monkeypatch.setenv("SPOOL_FOLDER", str(IN_MEMORY))
    said = run("check")

    assert said.code == cli.FAILED
    assert said.err.startswith(f"SPOOL_FOLDER: {IN_MEMORY} lies on tmpfs")
