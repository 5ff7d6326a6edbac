"""A list of 100,000 pick-up points: read into an empty table, then once more with one in a hundred changed.

Each read is a process of its own against a stand-in of Packeta behind HTTP. What it held at most is told by the kernel,
what was written by PostgreSQL's own count of rows.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import Any

import httpx
import psutil

from carriers import registry
from carriers.base import Account
from service import rig, settings
from service.flows import points
from tests.bench.board import Board
from tests.bench.memory import peak
from tests.bench.stage import Stage, stage

COUNT = 100_000
EVERY = 100
MOST_S, MOST_MIB = 10.0, 256
MEBIBYTE = 2**20
WRITTEN = "SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'points'"
STANDING = "SELECT count(*) FROM points WHERE gone_at IS NULL"


def run(board: Board) -> None:
    """Take the list over four times: all new, a hundredth changed, nothing changed, broken off."""
    board.open(f"{COUNT:,} points")
    with stage() as stood, carrier() as told, httpx.Client(base_url=told["control_url"], timeout=60) as control:
        control.post("/packeta/points/grow", json={"count": COUNT}).raise_for_status()
        first = taken(stood, told)
        board.tell("first: seconds", first["seconds"])
        board.tell("first: of these on a core", first["cpu_s"])
        board.tell("first: MiB at most", first["mib"])
        board.judge("first: rows written, of those shown", first["rows"], first["shown"], hard=True)
        changed = control.post("/packeta/points/change", json={"every": EVERY}).raise_for_status().json()["count"]
        second = taken(stood, told)
        board.judge("1 % changed: seconds", second["seconds"], MOST_S)
        board.tell("1 % changed: of these on a core, and the stand-in", f"{second['cpu_s']}, {second['theirs_s']}")
        board.judge("1 % changed: MiB at most", second["mib"], MOST_MIB)
        board.judge("1 % changed: rows written, of those that did", second["rows"], changed, hard=True)
        third = taken(stood, told)
        board.tell("unchanged: seconds", third["seconds"])
        board.judge("unchanged: rows written", third["rows"], 0, hard=True)
        control.post("/packeta/faults", json={"kind": "truncated", "operation": "branch.json"}).raise_for_status()
        torn = taken(stood, told)
        board.tell("broken off", torn["why"])
        board.judge("broken off: rows marked gone or written", torn["gone"] + torn["rows"], 0, hard=True)
        board.judge("points in the table", stood.count(STANDING), first["rows"], at_least=True, hard=True)


@contextmanager
def carrier() -> Iterator[dict[str, Any]]:
    """Serve a stand-in of Packeta until the block ends; what it says of itself."""
    command = [sys.executable, "-m", "simulator.carriers", "--carriers", "packeta"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield {**json.loads(process.stdout.readline()), "pid": process.pid}
        finally:
            process.terminate()


def taken(stood: Stage, told: dict[str, Any]) -> dict[str, Any]:
    """Take the list over in a fresh process; `rows`: how many the database counts as written by it.

    `theirs_s`: what the stand-in took of a core to write the list down.
    """
    before, process = stood.count(WRITTEN), psutil.Process(told["pid"])
    worked = sum(process.cpu_times()[:2])
    command = [sys.executable, "-m", "tests.bench.points", json.dumps(told["carriers"]["packeta"])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=stood.env)
    theirs_s = round(sum(process.cpu_times()[:2]) - worked, 1)
    return {**json.loads(done.stdout), "rows": stood.count(WRITTEN) - before, "theirs_s": theirs_s}


def synced(packeta: dict[str, Any]) -> dict[str, Any]:
    """Take the list over, and say what that took."""
    login = next(iter(packeta["accounts"].values()))
    account = Account(packeta["base_url"], login, {"eshop": "muj-eshop"})
    with closing(rig.build(settings.load(), pool=2)) as tools, httpx.Client() as client:
        opened = registry.opened("packeta", account, client=client, now=tools.now)
        began, worked = time.monotonic(), time.process_time()
        done = points.sync(tools, opened, "CZ")
        seconds, cpu_s = time.monotonic() - began, time.process_time() - worked
    assert done
    return {
        **asdict(done),
        "seconds": round(seconds, 1),
        "cpu_s": round(cpu_s, 1),
        "mib": round(peak(os.getpid()) / MEBIBYTE),
    }


if __name__ == "__main__":
    print(json.dumps(synced(json.loads(sys.argv[1]))))
