"""Losses planted on purpose: whether a certificate names exactly all of them, and what naming them costs.

`PLANTINGS=20 python -m tests.bench planted` plants fewer than the two hundred of a full run.
"""

import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from service import embedded
from service.db import migrate
from service.embedded import OWNER_ROLE, SERVICE_ROLE, Embedded
from tests.bench.board import Board
from tests.flows import planting
from tests.flows.town import build

PLANTINGS = 200
LIVES = 10  # of one shop, one after the other: it grows, and looks of before lie behind it
ORDERS = 150


def run(board: Board) -> None:
    """Plant, prove, judge."""
    plantings = int(os.environ.get("PLANTINGS", PLANTINGS))
    board.open(f"{plantings} plantings of lost webhooks, {LIVES} in a shop's life")
    dropped, orders, spent, stated, wrong = 0, 0, 0, 0, list[str]()
    with embedded.servers(durable=False) as both:
        for first in range(0, plantings, LIVES):
            for planted, calls, at_most, faults in lived(both, range(first, min(first + LIVES, plantings))):
                dropped, orders = dropped + planted.dropped, orders + len(planted.lost)
                spent, stated = spent + calls, stated + at_most
                wrong += faults
                for fault in faults:
                    print(f"  {fault}", flush=True)
            print(f"  {min(first + LIVES, plantings)} planted, {len(wrong)} judged wrongly", flush=True)
    board.judge("plantings judged wrongly", len(wrong), 0, hard=True)
    board.judge("calls of all proofs, against what was stated", spent, stated, hard=True)
    board.tell("webhooks dropped, orders lost by it and named", f"{dropped:,}, {orders:,}")


def lived(both: Embedded, seeds: range) -> list[tuple[planting.Planted, int, int, list[str]]]:
    """Return what was planted with each seed in one shop: calls spent and stated, and what was judged wrongly."""
    name = f"planted_{seeds.start}"
    both.postgres.run(f"CREATE DATABASE {name} OWNER {OWNER_ROLE}")
    migrate.migrate(both.postgres.url(OWNER_ROLE, name))
    found: list[tuple[planting.Planted, int, int, list[str]]] = []
    with TemporaryDirectory(dir=both.folder) as folder:
        town = build(Path(folder), both.postgres.url(SERVICE_ROLE, name), both.redis_url)
        with closing(town.rig):
            town.rig.redis.flushdb()
            shop, tenant = town.activated(orders=ORDERS)
            town.hear(shop, tenant)
            for seed in seeds:
                planted = planting.plant(town, shop, tenant, seed)
                stated, made, calls = planting.proven(town, planted)
                wrong = planting.judged(planted, made.verdict.value, planting.named(made))
                at_most = stated.proving.cost.at_most if stated.proving else 0
                if calls > at_most:
                    wrong["calls"] = f"{calls} instead of {at_most} at most"
                found.append((planted, calls, at_most, [f"seed {seed}: {wrong}"] if wrong else []))
    both.postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
    return found
