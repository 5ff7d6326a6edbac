"""Labels by the hundred: booked with four carriers that take 100 ms an answer, fetched, and merged to one file.

The worker and whoever merges are processes of their own; what each held at most is told by the kernel. The stand-ins
are a third one. A shop of the simulator is only there to have orders; it is not asked.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from carriers import labels
from service import bookings, contracts, rig, settings
from service.bookings import State
from service.db import Database
from service.flows import book
from service.kit.clock import utc_now
from service.lanes import TenantId
from service.rig import Rig
from service.steps import carriage
from tests.bench.board import Board
from tests.bench.memory import peak
from tests.bench.stage import Stage, stage
from tests.flows.counter import Counter, counter
from tests.flows.town import Town, build
from tests.platform.bench import Watch

CODES = ("packeta", "ppl", "gls", "dpd_cz")
COUNT = 500
ORDERS = 750  # some name nobody who could be mailed
ROUNDS = 20
FEW = 50
LATENCY_S = 0.1
SEED = 7
POOL = 10
BEAT_S = 1.0  # beat asks so often what is due
OUTAGE_S = 8 * 3_600
STEP_S = 5.0
MEBIBYTE = 2**20
MOST_S, MOST_MIB, MOST_FEW_S, MOST_ONE_S, MOST_BACK_S = 25.0, 300, 6.0, 1.5, 300


def run(board: Board) -> None:
    """Book and print 500 with four carriers; fifty and one with two; and 500 after eight hours of silence."""
    with stand_ins() as where:
        board.open(f"{COUNT} labels, {LATENCY_S * 1_000:.0f} ms an answer")
        with laid_out() as (stood, town):
            at = counter(town, *CODES, count=ORDERS, where=where)
            town.watch.at = utc_now()  # it went ahead while the shop was pulled, and what is asked for then is not due
            asked = [each for code in CODES for each in at.wants(code, COUNT // len(CODES))]
            before = len(at.shop.shop.stats.log)
            worker = told(stood, "work", at.tenant)
            ready = at.states(asked).count(State.READY.value)
            merged = told(stood, "merge", at.tenant, *asked)
            board.judge("labels", ready, COUNT, at_least=True, hard=True)
            board.judge("pages of one file", merged["pages"], COUNT, at_least=True, hard=True)
            board.judge("seconds from the first claim to the file", worker["seconds"] + merged["seconds"], MOST_S)
            board.tell("of these merging; the worker on a core", f"{merged['seconds']}; {worker['cpu_s']}")
            board.judge("MiB at most: the worker", worker["mib"], MOST_MIB)
            board.judge("MiB at most: who merges", merged["mib"], MOST_MIB)
            board.judge("calls to UPgates", len(at.shop.shop.stats.log) - before, 0, hard=True)
        for code in ("packeta", "ppl"):
            for size, most in ((FEW, MOST_FEW_S), (1, MOST_ONE_S)):
                with laid_out() as (stood, town):
                    p95 = book_and_print(stood, town, where, code, size)
                board.judge(f"{code}: book and print {size}, p95 of {ROUNDS}", p95, most)
        with laid_out() as (_, town):
            silence(board, town)


@contextmanager
def stand_ins() -> Iterator[str]:
    """Serve the carriers until the block ends; where."""
    command = [sys.executable, "-m", "simulator.carriers", "--carriers", ",".join(CODES)]
    command += ["--latency", str(LATENCY_S), "--seed", str(SEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())["base_url"]
        finally:
            process.terminate()


@contextmanager
def laid_out() -> Iterator[tuple[Stage, Town]]:
    """Lend a town on servers of its own: what another one left to write would change its orders. Its watch is right."""
    watch = Watch()
    watch.at = utc_now()
    with stage() as stood, TemporaryDirectory() as folder:
        key = Path(stood.env["SECRETS_KEY_FILE"])
        urls = stood.servers.database_url, stood.servers.redis_url
        town = build(Path(folder), *urls, watch=watch, secrets_key_file=key)
        with closing(town.rig):
            yield stood, town


def told(stood: Stage, *asked: str) -> dict[str, Any]:
    """Have a process do its part; what it says."""
    command = [sys.executable, "-m", "tests.bench.labels", *asked]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=stood.env)
    return json.loads(done.stdout)


def work(tools: Rig, tenant_id: TenantId) -> dict[str, Any]:
    """Do what a worker does until nothing waits any more."""
    began, worked = time.monotonic(), time.process_time()
    worked_off(tools, tenant_id)
    return {"seconds": round(time.monotonic() - began, 2), "cpu_s": round(time.process_time() - worked, 2)}


def worked_off(tools: Rig, tenant_id: TenantId) -> None:
    """Have turn after turn: after one that made calls at once, else when beat asks."""
    while waits(tools, tenant_id):
        if not book.run(tools, tenant_id):
            Event().wait(BEAT_S)


def waits(tools: Rig, tenant_id: TenantId) -> bool:
    with tools.db.tx(tenant_id) as conn:
        logins = [each.contract_id for each in contracts.usable(conn, tenant_id).values()]
        return bookings.waits(conn, tenant_id, logins)


def merge(tools: Rig, tenant_id: TenantId, asked: Sequence[str]) -> dict[str, Any]:
    """Merge the labels to one file, in this order."""
    began = time.monotonic()
    with tools.db.tx(tenant_id) as conn:
        sheets = bookings.sheets(conn, tenant_id, asked, format="pdf")
    whole = labels.merged([carriage.label_of(sheets[each]) for each in asked if each in sheets])
    return {
        "seconds": round(time.monotonic() - began, 2),
        "pages": labels.pages_of(whole),
        "mib_of_file": round(len(whole.content) / MEBIBYTE, 1),
    }


def book_and_print(stood: Stage, town: Town, where: str, code: str, size: int) -> float:
    """Book so many and have them in one file, often; the 95th percentile of the seconds that takes."""
    at = counter(town, code, count=size * ROUNDS * 3 // 2 + 20, where=where)
    with closing(Database(stood.servers.database_url, size=POOL)) as database:
        database.open()
        tools = replace(town.rig, db=database, now=utc_now, carriers=None)
        took = [one_round(at, tools, code, size) for _ in range(ROUNDS)]
    return round(quantiles(took, n=20)[-1], 2)


def one_round(at: Counter, tools: Rig, code: str, size: int) -> float:
    at.town.watch.at = utc_now()
    asked = at.wants(code, size)
    began = time.monotonic()
    worked_off(tools, at.tenant)
    merge(tools, at.tenant, asked)
    return time.monotonic() - began


def silence(board: Board, town: Town) -> None:
    """Let 500 wait for carriers that are down for eight hours, on a virtual clock; then they are back."""
    board.open(f"{COUNT} parcels, carriers down for {OUTAGE_S // 3_600} h")
    at = counter(town, *CODES, count=ORDERS)
    for world in at.worlds.values():
        world.faults.add("down", calls=None)
    asked = [each for code in CODES for each in at.wants(code, COUNT // len(CODES))]
    at.work(OUTAGE_S, step_s=60)
    tried = {code: len(world.ledger) for code, world in at.worlds.items()}
    for world in at.worlds.values():
        world.faults.clear()
    took_s = 0.0
    while at.states(asked).count(State.READY.value) < COUNT and took_s < 4 * MOST_BACK_S:
        at.work(STEP_S, step_s=STEP_S)
        took_s += STEP_S
    ready = at.states(asked).count(State.READY.value)
    board.judge("lost", COUNT - ready, 0, hard=True)
    board.judge("booked twice", sum(len(at.paid_twice(code)) for code in CODES), 0, hard=True)
    board.judge("seconds until all are booked", took_s, MOST_BACK_S)
    board.tell("calls to each while it was down", ", ".join(f"{code} {count}" for code, count in tried.items()))


def main(asked: str, tenant_id: TenantId, *booking_ids: str) -> None:
    with closing(rig.build(settings.load())) as tools:
        done = work(tools, tenant_id) if asked == "work" else merge(tools, tenant_id, booking_ids)
    print(json.dumps({**done, "mib": round(peak(os.getpid()) / MEBIBYTE)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
