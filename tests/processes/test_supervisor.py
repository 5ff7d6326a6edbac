"""The demo's supervisor with real processes: whatever happens to it, nothing of it is left."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from service.demo import ready
from service.demo.processes import ROOT, Processes, ProcfileError, basic_environment, read_procfile, words
from service.embedded import free_port, run_folder
from tests.simulator.until import until

STARTS_WITHIN_S = 60.0
STUBBORN = """
import signal, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
threading.Event().wait()
"""
TELLING_ITS_END = """
import signal, sys, threading, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(time.monotonic(), flush=True)))
print("up", flush=True)
threading.Event().wait()
"""
WILLING = "import threading; threading.Event().wait()"


@dataclass
class Demo:
    """A demo in a process of its own that goes on serving."""

    process: subprocess.Popen[bytes]
    screen: Path

    def told(self, name: str) -> str:
        """Return what the demo printed behind a name."""
        found = re.search(rf"^{name}\s+(\S.*)$", self.screen.read_text(), re.MULTILINE)
        return found.group(1) if found else ""

    @property
    def folder(self) -> Path:
        return Path(self.told("logs"))


def names_of(folder: Path) -> list[str]:
    names: list[str] = []
    for process in run_folder.processes(folder):
        with suppress(psutil.NoSuchProcess):  # it ended while we looked
            names.append(process.name())
    return names


@contextmanager
def demo(screen: Path) -> Iterator[Demo]:
    with screen.open("wb") as output:
        argv = [sys.executable, "-m", "service.demo", "--house", "--keep"]
        process = subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, start_new_session=True)
    running = Demo(process, screen)
    try:
        until(lambda: "Ctrl-C stops everything" in screen.read_text() or process.poll(), within_s=STARTS_WITHIN_S)
        assert process.poll() is None, screen.read_text()
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def status_of(url: str, login: str = "", *, method: str = "GET") -> int:
    user, _, password = login.partition(":")
    return httpx.request(method, url, auth=(user, password) if login else None).status_code


def test_two_demos_side_by_side_end_without_a_trace(tmp_path: Path) -> None:
    with demo(tmp_path / "one") as one, demo(tmp_path / "other") as other:
        folder = one.folder
        one.process.send_signal(signal.SIGINT)
        code = one.process.wait(60)

        assert code == 0, one.screen.read_text()
        assert "holds" in one.screen.read_text()
        assert not folder.exists()
        assert names_of(folder) == []
        assert status_of(f"{other.told('service')}/health/live") == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_killed_supervisor_takes_everything_with_it(tmp_path: Path) -> None:
    with demo(tmp_path / "screen") as running:
        folder = running.folder
        assert len(names_of(folder)) > 10
        running.process.kill()
        running.process.wait()

        until(lambda: not names_of(folder), within_s=15)

    run_folder.sweep(folder.parent, folder.name)
    assert not folder.exists()


@pytest.fixture
def processes() -> Iterator[Processes]:
    folder = run_folder.make("exp-demo-")
    processes = Processes(folder)
    yield processes
    processes.stop()
    run_folder.clear(folder)


def test_flower_asks_for_a_login_that_no_command_line_shows(processes: Processes, redis_url: str) -> None:
    port, login = free_port(), "ops:a long word"
    url = f"http://127.0.0.1:{port}/flower"
    env = basic_environment(processes.folder) | {"FLOWER_PORT": str(port), "FLOWER_BASIC_AUTH": login}
    flower = processes.begin_line("flower", env | {"REDIS_URL": redis_url})
    flower.wait_ready(lambda: ready.answers(f"{url}/healthcheck"), within_s=STARTS_WITHIN_S)

    assert status_of(f"{url}/workers") == 401
    assert status_of(f"{url}/workers", login) == 200
    assert status_of(f"{url}/api/worker/shutdown/w", login, method="POST") == 403
    assert login not in " ".join(flower.argv)


def test_a_killed_process_begins_again_under_its_name(processes: Processes) -> None:
    child = processes.begin("worker-1", [sys.executable, "-c", WILLING], basic_environment(processes.folder))
    before = child.pid

    processes.kill("worker-1")
    assert processes.died() == ["worker-1"]
    processes.again("worker-1", lambda: child.alive, within_s=5)

    assert child.alive
    assert child.pid != before


def test_who_ends_by_himself_is_started_again_and_remembered(processes: Processes) -> None:
    child = processes.begin("worker-1", [sys.executable, "-c", WILLING], basic_environment(processes.folder))
    assert processes.revive() == []
    child.kill()

    assert processes.revive() == ["worker-1"]
    assert child.alive
    assert (processes.revived, processes.died()) == (["worker-1"], [])


def test_who_does_not_stop_is_killed_and_named(processes: Processes) -> None:
    env = basic_environment(processes.folder)
    stubborn = processes.begin("deaf", [sys.executable, "-c", STUBBORN], env)
    processes.begin("willing", [sys.executable, "-c", WILLING], env)
    stubborn.wait_ready(lambda: "deaf" in stubborn.last_words(), within_s=10)

    processes.stop(doors_within_s=0.2)

    assert processes.unwilling == ["deaf"]
    assert list(run_folder.processes(processes.folder)) == []


def test_the_doors_stop_before_the_workers(processes: Processes) -> None:
    env = basic_environment(processes.folder)
    for name in ("worker-1", "web"):
        child = processes.begin(name, [sys.executable, "-c", TELLING_ITS_END], env)
        child.wait_ready(lambda child=child: "up" in child.last_words(), within_s=10)

    processes.stop()

    ends = {name: float(child.last_words().split()[-1]) for name, child in processes.children.items()}
    assert ends["web"] <= ends["worker-1"]


def test_a_frozen_process_is_stopped_all_the_same(processes: Processes) -> None:
    child = processes.begin("web", [sys.executable, "-c", WILLING], basic_environment(processes.folder))
    child.freeze()

    assert child.stop(within_s=5)


def test_a_value_stays_one_word() -> None:
    assert words("run --name $NAME -n w-$N@%h", {"NAME": "two words", "N": "1"}) == [
        "run", "--name", "two words", "-n", "w-1@%h",
    ]  # fmt: skip


def test_a_line_that_asks_for_more_than_is_set_says_so() -> None:
    with pytest.raises(ProcfileError, match="PORT is not set"):
        words("run --port $PORT", {})


def test_the_procfile_holds_what_production_runs() -> None:
    assert [*read_procfile()] == ["web", "worker", "beat", "flower"]
