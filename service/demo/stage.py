"""What stands while the demo runs: the servers, the simulator, the processes of the service, and how to reach them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.db import migrate
from service.demo import environment, ready
from service.demo.couriers import CODES, Couriers
from service.demo.processes import ROOT, Processes, basic_environment
from service.demo.verdict import Notes
from service.demo.warehouse import Warehouse
from service.embedded import Embedded, free_port, run_folder

PREFIX = "exp-demo-"
LOGS = Path("var/demo")
READY_WITHIN_S = 30.0
COMMAND_WITHIN_S = 60.0  # four at once beside everything else, on two cores
WORKERS = ("worker-1", "worker-2")
KEPT_BY_TOOLS = {"__pycache__", ".ruff_cache", ".pytest_cache", ".git", ".venv", "var"}

SHOPS = ("alfa:400:60:platinum", "beta:5200:1500:verified")  # slug, orders, products, tariff
LATENCY_S = 0.05
SEED = 7


class ChapterFailed(Exception):
    """A chapter could not be told to its end; the message says what was found."""


@dataclass
class Stage:
    """One demo from its empty folder to the proof that nothing is left of it."""

    folder: Path
    processes: Processes
    found: dict[str, int]  # the tree's top as we found it: name and mode
    shops: Sequence[str]
    changed: dict[str, str]  # settings that are other than the demo's
    notes: Notes = field(default_factory=dict[str, Any])
    world: dict[str, Any] = field(default_factory=dict[str, Any])  # the simulator's line: base_url, shops with logins …
    env: dict[str, str] = field(default_factory=dict[str, str])  # what the service's processes are started with
    servers: Embedded | None = None
    warehouse: Warehouse | None = None

    @classmethod
    def make(cls, shops: Sequence[str] = SHOPS, **changed: str) -> "Stage":
        """Return an empty stage, of other shops and with other settings if said; call `close` whatever happens."""
        folder = run_folder.make(PREFIX)
        return cls(folder, Processes(folder), _top_of_tree(), shops, changed)

    @property
    def web_url(self) -> str:
        return self.env["PUBLIC_URL"]

    @property
    def flower_url(self) -> str:
        return f"http://127.0.0.1:{self.env['FLOWER_PORT']}/flower/"

    @property
    def admin_url(self) -> str:
        """The database as its superuser: what the verdict counts with."""
        if self.servers is None:
            raise RuntimeError("the servers are not up")
        return self.servers.postgres.url("postgres")

    def start(self) -> None:
        """Start everything as production does and wait until all of it answers."""
        began = time.monotonic()
        web_port, flower_port = free_port(), free_port()
        self._begin_world(addon_url=f"http://127.0.0.1:{web_port}")  # builds its shops while PostgreSQL makes its files
        self.servers = Embedded.start(self.folder, durable=True)
        migrate.migrate(self.servers.migration_url)
        self.world = self._read_world()
        settings = environment.of_the_service(
            self.folder, self.servers, self.world, web_port=web_port, flower_port=flower_port
        )
        self.env = basic_environment(self.folder) | settings | self.changed
        self._begin_lines()
        for name in ("web", *WORKERS, "beat", "flower"):
            self.processes.children[name].wait_ready(self.readiness(name), within_s=READY_WITHIN_S)
        self.notes["up_at"] = time.monotonic()
        self.notes["up_s"] = round(self.notes["up_at"] - began, 2)

    def _begin_world(self, *, addon_url: str) -> None:
        shops = [part for shop in self.shops for part in ("--shop", shop)]
        argv = [sys.executable, "-m", "simulator", *shops, "--seed", str(SEED), "--latency", str(LATENCY_S)]
        argv += ["--timers", "60", "--addon-url", addon_url]
        self.processes.begin("simulator", argv, basic_environment(self.folder))

    def _read_world(self) -> dict[str, Any]:
        simulator = self.processes.children["simulator"]
        simulator.wait_ready(lambda: ready.said(simulator.log) is not None, within_s=READY_WITHIN_S)
        return ready.said(simulator.log) or {}

    def _begin_lines(self) -> None:
        self.processes.begin_line("web", self.env)
        for number, name in enumerate(WORKERS, start=1):
            self.processes.begin_line("worker", {**self.env, "PROCESS": str(number)}, name=name)
        self.processes.begin_line("beat", self.env)
        self.processes.begin_line("flower", self.env)

    def command(self, *words: str) -> str:
        """Run a command of the service as its operators do; return what it printed."""
        child = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "service", *words],
            env=self.env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            said, wrong = child.communicate(timeout=COMMAND_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGABRT)  # it says where it stands, and ends
            _, wrong = child.communicate()
            raise ChapterFailed(f"`{words[0]}` goes on after {COMMAND_WITHIN_S:.0f} s: {wrong[-3_000:]}") from None
        if child.returncode:
            raise ChapterFailed(f"`{words[0]}` ended with {child.returncode}: {(wrong or said)[-500:]}")
        return said.strip()

    def begin_warehouse(self, account_id: str, token: str) -> None:
        """Start a warehouse's own system; it follows the feed from now on."""
        argv = [sys.executable, "-m", "simulator.wms", "--base-url", self.web_url, "--token", token]
        child = self.processes.begin("wms", [*argv, "--seed", str(SEED)], basic_environment(self.folder))
        child.wait_ready(lambda: ready.said(child.log) is not None, within_s=READY_WITHIN_S)
        self.warehouse = Warehouse((ready.said(child.log) or {})["control_url"], account_id, token)

    def begin_carriers(self) -> Couriers:
        """Start the carriers' stand-ins, as late as they are needed: they take memory."""
        argv = [sys.executable, "-m", "simulator.carriers", "--carriers", ",".join(CODES)]
        argv += ["--seed", str(SEED), "--latency", str(LATENCY_S)]
        child = self.processes.begin("carriers", argv, basic_environment(self.folder))
        child.wait_ready(lambda: ready.said(child.log) is not None, within_s=READY_WITHIN_S)
        return Couriers(ready.said(child.log) or {})

    def readiness(self, name: str) -> Callable[[], bool]:
        """Return the question that tells whether a process of the service does its work."""
        if name == "web":
            return lambda: ready.answers(f"{self.web_url}/health/live")
        if name == "flower":
            return lambda: ready.answers(f"{self.flower_url}healthcheck")  # its one page without a login
        if name == "beat":
            return lambda: ready.beat_holds_its_lock(self.admin_url)
        worker = self.processes.children[name]
        return lambda: ready.waits_for_messages(worker.pid, self.env["REDIS_URL"])

    def kill(self, name: str) -> None:
        """End a process of the service with kill -9."""
        self.processes.kill(name)

    def again(self, name: str) -> None:
        """Start a killed process once more and wait until it works."""
        self.processes.again(name, self.readiness(name), within_s=READY_WITHIN_S)

    def close(self) -> Path:
        """Stop everything in order, note what went wrong with it and what is left; return where the logs are now."""
        self._note_memory()
        self.notes["died"] = [*self.processes.revived, *self.processes.died()]
        self.processes.stop()
        if self.servers:
            self.servers.stop()
        self.notes["unwilling"] = self.processes.unwilling
        self.notes["left_processes"] = [process.name() for process in run_folder.processes(self.folder)]
        logs = LOGS / str(os.getpid())
        logs.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("*.log"):
            shutil.copy(log, logs)
        run_folder.clear(self.folder)
        self.notes["left_files"] = sorted({name for name, _ in self.found.items() ^ _top_of_tree().items()})
        return logs

    def _note_memory(self) -> None:
        names = {child.pid: name for name, child in self.processes.children.items() if child.alive}
        by_name: Counter[str] = Counter()
        memory = run_folder.memory_of(self.folder)
        for pid, each in memory.items():
            by_name[names.get(pid, each.name)] += each.share
        self.notes["memory_of_mb"] = {name: round(share / 1e6) for name, share in by_name.most_common()}
        self.notes["memory_mb"] = round(by_name.total() / 1e6)
        self.notes["resident_mb"] = round(sum(each.resident for each in memory.values()) / 1e6)


def _top_of_tree() -> dict[str, int]:
    return {path.name: path.stat().st_mode for path in ROOT.iterdir() if path.name not in KEPT_BY_TOOLS}
