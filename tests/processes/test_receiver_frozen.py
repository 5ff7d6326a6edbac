"""PostgreSQL stands still, is killed, comes back: every webhook is acknowledged in time and has its row afterwards."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service.inbox.spool import Spool
from service.web import flusher
from tests.bench import generators
from tests.bench.generators import Figures, Load
from tests.bench.stage import Stage, stage
from tests.simulator.until import until
from tests.stores.test_spool import delivery

RATE = 100
SECONDS = 6
MANY = 20_000
STORED = "SELECT count(*) FROM deliveries"
SMOOTH_MS = 50.0  # a machine that lets its generator wait longer says nothing about our deadlines


@pytest.fixture
def stood():
    with stage(durable=False) as opened:
        yield opened


def files(stood: Stage) -> list[Path]:
    return list(Path(stood.env["SPOOL_FOLDER"]).iterdir())


def judge(stood: Stage, figures: Figures, *, doubtful_batches: int = 0) -> None:
    """All were acknowledged in time and are there, none twice but what a lost connection left in doubt."""
    assert figures.sent == RATE * SECONDS
    assert set(figures.statuses) <= {"204", "503"}
    assert figures.acked() > RATE * SECONDS * 3 / 4  # the outage alone is a third
    if figures.lag_max < SMOOTH_MS:
        assert figures.statuses == {"204": RATE * SECONDS}
        assert figures.tardy == 0
    assert figures.acked() <= stood.rows() <= figures.acked() + doubtful_batches * flusher.MOST_ROWS


def test_while_the_database_is_frozen_every_webhook_is_spooled_in_time_and_stored_once(stood: Stage) -> None:
    with stood.web() as port:
        process = generators.start(Load(port, stood.path(), SECONDS, rate=RATE))
        threading.Event().wait(2)
        with stood.frozen():
            until(lambda: files(stood))
            threading.Event().wait(2)
        figures = generators.finish(process)
        judge(stood, figures)


def test_while_the_database_is_killed_and_begun_again_every_webhook_is_spooled_in_time(stood: Stage) -> None:
    with stood.web() as port:
        process = generators.start(Load(port, stood.path(), SECONDS, rate=RATE))
        threading.Event().wait(1.5)
        assert stood.servers.postgres.child.stop(within_s=10)
        until(lambda: files(stood))
        threading.Event().wait(1.5)
        stood.servers.postgres.begin()
        figures = generators.finish(process)
        judge(stood, figures, doubtful_batches=1)


def test_a_web_process_killed_while_it_drains_loses_nothing_and_doubles_nothing(stood: Stage) -> None:
    writing = Spool(Path(stood.env["SPOOL_FOLDER"]), most_bytes=2**30)
    for start in range(0, MANY, 1_000):
        writing.append([delivery(number, b"%d" % number) for number in range(start, start + 1_000)])
    writing.close()
    for _ in range(3):
        stored = stood.count(STORED)
        with stood.web(dies=True):
            until(lambda before=stored: stood.count(STORED) > before or not files(stood), within_s=20)
    with stood.web():
        until(lambda: not files(stood), within_s=20)

    assert stood.rows() == MANY
    assert stood.count("SELECT count(DISTINCT received_at) FROM deliveries") == MANY


def test_what_a_killed_web_process_had_spooled_is_drained_by_the_next_one_or_by_hand(stood: Stage) -> None:
    load = Load(0, stood.path(), 2, rate=RATE)
    assert stood.servers.postgres.child.stop(within_s=10)
    acked = 0
    for process_number in (1, 2):
        with stood.web(dies=True) as port:
            load.port = port
            process = generators.start(load)
            until(lambda least=process_number: len(files(stood)) >= least, within_s=20)
            threading.Event().wait(0.5)
        acked += generators.finish(process).acked()
    assert acked > 0
    left = len(files(stood))

    stood.servers.postgres.begin()
    by_hand = subprocess.run(
        [sys.executable, "-m", "service", "spool", "--drain"], env=stood.env, capture_output=True, text=True, check=True
    )
    assert f"files removed {left}" in by_hand.stdout
    assert stood.rows() >= acked
    with stood.frozen(), stood.web(dies=True) as port:
        load.port = port
        acked += generators.finish(generators.start(load)).acked()
    assert files(stood)
    with stood.web():
        until(lambda: not files(stood), within_s=20)
    assert stood.rows() >= acked
