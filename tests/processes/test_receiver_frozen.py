"""A frozen PostgreSQL makes the receiver refuse in time; whatever it acknowledged is there afterwards."""

import threading

import pytest

from service.web import flusher
from tests.bench import generators
from tests.bench.generators import Load
from tests.bench.stage import Stage, stage

RATE = 200
SECONDS = 6


@pytest.fixture
def frozen():
    with stage(durable=False) as stood:
        yield stood


def test_while_the_database_is_frozen_nothing_is_late_and_nothing_acknowledged_is_lost(frozen: Stage) -> None:
    with frozen.web() as port:
        process = generators.start(Load(port, frozen.path(), SECONDS, rate=RATE))
        threading.Event().wait(2)
        with frozen.frozen():
            threading.Event().wait(2)
        figures = generators.finish(process)

    rows = frozen.rows()
    assert figures.sent == RATE * SECONDS
    assert set(figures.statuses) == {"204", "503"}
    assert figures.tardy == 0
    assert figures.acked() > RATE * 2
    assert figures.acked() <= rows <= figures.acked() + flusher.MOST_ROWS
