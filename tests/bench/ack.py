"""How fast and how surely webhooks are acknowledged; the figures of the issue, each judged."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from service.web import flusher
from tests.bench import generators
from tests.bench.generators import Figures, Load
from tests.bench.stage import Stage, stage
from tests.simulator.until import until

SECONDS = {"alone": 60.0, "bulk": 30.0, "frozen": 30.0, "rivals": 8.0}
ROUNDS = 3
LUA = """
local body = '{"project_name": "x", "orders": [{"order_number": "O%d", "status_id": 12}]}'
local n = 0
request = function()
  n = n + 1
  return wrk.format("POST", nil, {["content-type"] = "application/json"}, string.format(body, n))
end
"""


@dataclass
class Verdict:
    """The figures of a bench, printed as they come; `missed` names those that do not hold."""

    missed: list[str] = field(default_factory=list)

    def say(self, what: str) -> None:
        print(f"  {what}", flush=True)

    def judge(self, what: str, value: float, limit: float, *, at_least: bool = False) -> None:
        holds = value >= limit if at_least else value <= limit
        sign = ">=" if at_least else "<="
        self.say(f"{'ok  ' if holds else 'MISS'} {what}: {value:g} ({sign} {limit:g})")
        if not holds:
            self.missed.append(what)

    def lag(self, figures: Figures) -> None:
        self.say(f"     generator's own lag p99 {figures.lag_p99} ms, max {figures.lag_max} ms")


def run(verdict: Verdict) -> None:
    """Run every part on servers of its own making."""
    with stage() as stood:
        for part in (alone, frozen, bulk, rivals):
            print(f"ack, {part.__name__}", flush=True)
            part(stood, verdict)
            stood.empty()


def alone(stood: Stage, verdict: Verdict) -> None:
    """500 a second and nothing else on the machine."""
    with stood.web() as port:
        warm(stood, port)
        figures = generators.finish(generators.start(Load(port, stood.path(), SECONDS["alone"], rate=500)))
    verdict.judge("p50 ms", figures.p50, 3)
    verdict.judge("p99 ms", figures.p99, 15)
    verdict.judge("max ms", figures.max, 150)
    verdict.judge("lost", figures.lost, 0)
    verdict.judge("acknowledged", figures.acked(), figures.sent, at_least=True)
    verdict.judge("acknowledged without a row", figures.acked() - stood.rows(), 0)
    verdict.lag(figures)


def frozen(stood: Stage, verdict: Verdict) -> None:
    """PostgreSQL stands still for ten seconds."""
    with stood.web() as port:
        warm(stood, port)
        process = generators.start(Load(port, stood.path(), SECONDS["frozen"], rate=500))
        pause(SECONDS["frozen"] / 3)
        with stood.frozen():
            pause(10)
        figures = generators.finish(process)
    rows = stood.rows()
    verdict.say(f"     sent {figures.sent}, answered {figures.statuses}, hung up {figures.hung_up}, rows {rows}")
    verdict.judge("answers over 750 ms", figures.late, 0)
    verdict.judge("lost", figures.lost, 0)
    verdict.judge("acknowledged without a row", figures.acked() - rows, 0)
    verdict.judge("surplus rows", rows - figures.acked(), flusher.MOST_ROWS)
    verdict.lag(figures)


def bulk(stood: Stage, verdict: Verdict) -> None:
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
    verdict.say(f"     {ended()}")
    records = stood.count("SELECT sum(records) FROM deliveries")
    aside = stood.count("SELECT count(*) FROM deliveries WHERE reason LIKE '3 records set aside%'")
    verdict.judge("answers over 750 ms", figures.late, 0)
    verdict.judge("lost", figures.lost, 0)
    verdict.judge("webhooks not expanded", stood.count(waiting), 0)
    verdict.judge("bodies with bad records set aside", aside, figures.acked(), at_least=True)
    verdict.judge("records expanded", records, figures.acked() * 4_997, at_least=True)
    hints = stood.count("SELECT count(*) FROM hints")
    verdict.say(f"     answered {figures.statuses}, p50 {figures.p50} ms, max {figures.max} ms")
    verdict.say(f"     {hints} hints stand, all expanded after {took:.1f} s")
    verdict.lag(figures)


def rivals(stood: Stage, verdict: Verdict) -> None:
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
                    verdict.say(f"     wrk {name}: {by_wrk(wrk, port, stood)}")
    each = {name: median(figures.per_second for figures in found) for name, found in seen.items()}
    for name, found in seen.items():
        worst = max(figures.max for figures in found)
        verdict.say(
            f"     {name}: {each[name]:.0f}/s, p99 {median(f.p99 for f in found)} ms, max of all runs {worst} ms"
        )
    verdict.say(f"     the generator's own ceiling, against a bare echo: {each['bare']:.0f}/s")
    verdict.judge("times naive", round(each["ours"] / each["naive"], 2), 8, at_least=True)
    verdict.judge("times the Starlette echo", round(each["ours"] / each["starlette"], 2), 0.55, at_least=True)


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
