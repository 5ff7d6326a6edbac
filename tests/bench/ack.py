"""How fast and how surely webhooks are acknowledged; the figures of the issue, each judged."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from service.web import flusher
from tests.bench import generators
from tests.bench.board import Board
from tests.bench.generators import Figures, Load
from tests.bench.stage import Stage, stage
from tests.simulator.until import until

SECONDS = {"alone": 60.0, "bulk": 30.0, "frozen": 30.0, "rivals": 6.0}
ROUNDS = 3
LUA = """
local body = '{"project_name": "x", "orders": [{"order_number": "O%d", "status_id": 12}]}'
local n = 0
request = function()
  n = n + 1
  return wrk.format("POST", nil, {["content-type"] = "application/json"}, string.format(body, n))
end
"""


def run(board: Board) -> None:
    """Run every part on servers of its own making."""
    parts = {
        "500/s for 60 s, durable, alone": alone,
        "5 bodies of 5,000 records a second for 30 s": bulk,
        "PostgreSQL frozen for 10 s at 500/s": frozen,
        "throughput, 64 connections": rivals,
    }
    with stage() as stood:
        for title, part in parts.items():
            board.open(title)
            part(stood, board)
            stood.empty()


def alone(stood: Stage, board: Board) -> None:
    """500 a second and nothing else on the machine."""
    with stood.web() as port:
        warm(stood, port)
        figures = generators.finish(generators.start(Load(port, stood.path(), SECONDS["alone"], rate=500)))
    board.judge("p50 ms", figures.p50, 3)
    board.judge("p99 ms", figures.p99, 15)
    board.tell("p99.9 ms", figures.p999)
    board.judge("max ms", figures.max, 150)
    board.answers(figures)
    board.judge("acknowledged without a row", figures.acked() - stood.rows(), 0, hard=True)


def frozen(stood: Stage, board: Board) -> None:
    """PostgreSQL stands still for ten seconds."""
    with stood.web() as port:
        warm(stood, port)
        process = generators.start(Load(port, stood.path(), SECONDS["frozen"], rate=500))
        pause(SECONDS["frozen"] / 3)
        with stood.frozen():
            pause(10)
        figures = generators.finish(process)
        rows = stood.rows()
    board.answers(figures)
    board.tell("max ms", figures.max)
    board.judge("refused, not spooled", figures.statuses.get("503", 0), 0)
    board.judge("acknowledged without a row", figures.acked() - rows, 0, hard=True)
    board.judge(
        "rows without an acknowledgement, one batch at most", rows - figures.acked(), flusher.MOST_ROWS, hard=True
    )


def bulk(stood: Stage, board: Board) -> None:
    """Bodies of 5,000 records, five a second, expanded beside."""
    load = Load(0, stood.path(), SECONDS["bulk"], rate=5, records=5_000, bad_records=3, distinct=200_000)
    with stood.web() as port, expanding(stood) as ended:
        warm(stood, port)
        load.port = port
        began = time.monotonic()
        figures = generators.finish(generators.start(load))
        waiting = "SELECT count(*) FROM deliveries WHERE expanded_at IS NULL"
        until(lambda: not stood.count(waiting), within_s=180)
        took = time.monotonic() - began
    records = stood.count("SELECT sum(records) FROM deliveries")
    aside = stood.count("SELECT count(*) FROM deliveries WHERE reason LIKE '3 records set aside%'")
    board.answers(figures)
    board.tell("p50, max ms", f"{figures.p50}, {figures.max}")
    board.judge("acknowledged without a row", figures.acked() - stood.rows(), 0, hard=True)
    board.judge("webhooks not expanded", stood.count(waiting), 0, hard=True)
    board.judge("bodies whose bad records were set aside", aside, figures.acked(), at_least=True, hard=True)
    board.judge("records expanded", records, figures.acked() * 4_997, at_least=True, hard=True)
    hints = stood.count("SELECT count(*) FROM hints")
    board.tell("hints", f"{hints:,} stand, complete {took - SECONDS['bulk']:.1f} s after the last body; {ended()}")


def rivals(stood: Stage, board: Board) -> None:
    """64 connections as fast as they can: we, the usual design, and servers that do nothing."""
    apps = {
        "ours": "service.web.app:app",
        "naive": "tests.bench.rivals:naive",
        "starlette": "tests.bench.rivals:starlette",
        "bare": "tests.bench.rivals:bare",
    }
    seen: dict[str, list[Figures]] = {name: [] for name in apps}
    for _ in range(ROUNDS):
        for name, app in apps.items():
            stood.empty()
            with stood.web(app) as port:
                figures = generators.finish(
                    generators.start(Load(port, stood.path(), SECONDS["rivals"], connections=64, warm_s=2))
                )
                seen[name].append(figures)
                if wrk := shutil.which("wrk"):
                    board.tell(f"wrk, {name}", by_wrk(wrk, port, stood))
    each = {name: median(figures.per_second for figures in found) for name, found in seen.items()}
    board.judge("ours / naive (FastAPI and task.delay)", round(each["ours"] / each["naive"], 2), 8, at_least=True)
    board.judge("ours / Starlette echo", round(each["ours"] / each["starlette"], 2), 0.55, at_least=True)
    for name, found in seen.items():
        p99, worst = median(figures.p99 for figures in found), max(figures.max for figures in found)
        what = "bare echo, the generator's own ceiling" if name == "bare" else name
        board.tell(what, f"{each[name]:,.0f}/s, p99 {p99} ms, max of all runs {worst} ms")


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def warm(stood: Stage, port: int) -> None:
    generators.finish(generators.start(Load(port, stood.path(), 3, rate=200)))
    stood.empty()


def by_wrk(wrk: str, port: int, stood: Stage) -> str:
    script = Path(stood.servers.folder) / "post.lua"
    script.write_text(LUA)
    url = f"http://127.0.0.1:{port}{stood.path()}"
    answer = subprocess.run([wrk, "-t1", "-c64", "-d8s", "-s", script, url], capture_output=True, text=True, check=True)
    return next(line.strip() for line in answer.stdout.splitlines() if "Requests/sec" in line)


@contextmanager
def expanding(stood: Stage) -> Iterator[Callable[[], str]]:
    """Expand in a process of its own, as a worker does; afterwards its own account."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.expander", stood.servers.database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    told: list[str] = []
    try:
        yield lambda: told[0]
    finally:
        told.append(process.communicate("stop\n")[0].strip())
