"""What write-backs do and cost: one mail each whatever becomes of the answers, and full calls in a rush.

In process, on a watch that jumps (tests/bench/virtual.py).
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from service.embedded import servers
from tests.bench import virtual
from tests.bench.board import Board
from tests.bench.virtual import Virtual

SHIPMENTS, RUSH = 1_000, 10_000
SPARE = 1.05  # some customers have no e-mail address
SMALL_POST = 6  # for many calls: of calls with a hundred orders one or two would get lost
POST = 100
FULL = 100  # orders in one PUT
SEED = 5


def mails(board: Board, *, shipments: int = SHIPMENTS) -> None:
    """Ship while one answer in ten is lost after the work was done and one write in twenty lands up to 90 s later."""
    logging.getLogger("service").setLevel(logging.ERROR)  # each lost answer is warned of
    board.open(f"{shipments:,} shipments, of PUTs 10 % of the answers lost, 5 % landing late")
    with servers(durable=False) as both, virtual.opened(both, orders=round(shipments * SPARE), routine_s=1800) as shop:
        numbers, began, dice = shop.live.numbers[:shipments], shop.now, Random(SEED)
        put = {"method": "PUT", "template": "/orders", "calls": None}
        faults = shop.live.shop.faults
        faults.add("dropped", **put, one_in=10)
        faults.add("late", **put, one_in=20, seconds=2, seconds_most=90)
        refused = posted(shop, numbers, dice, most=SMALL_POST, pause_s=8)
        shop.until(shop.now + timedelta(hours=2))
        calls = shop.calls(began, shop.now)
        lost = shop.unheard(began)
        counted, wrong = shop.mails(numbers), shop.shipped_wrongly(numbers)
    board.judge("shipped", len(numbers) - len(refused), shipments, at_least=True, hard=True)
    board.judge("shipped orders with exactly one mail", counted[1], shipments, at_least=True, hard=True)
    board.judge("with several", sum(n for sent, n in counted.items() if sent > 1), 0, hard=True)
    board.judge("with none", counted[0], 0, hard=True)
    board.judge("orders that do not show status and code", len(wrong), 0, hard=True)
    board.tell("PUTs", f"{calls['orders_update']}, of these without an answer {lost}")
    board.tell("reads before a resend, other reads", f"{calls['orders_before_resend']}, {calls['orders_events']}")


def fill(board: Board, *, shipments: int = RUSH) -> None:
    """Ship everything there is, in posts as they come; the lane has its turn after each, as a worker that is woken."""
    board.open(f"{shipments:,} shipments at once, in posts of 1 to {POST}, interval 60 s")
    with servers(durable=False) as both, virtual.opened(both, orders=shipments, interval_s=60) as shop:
        numbers, began = list(shop.live.shop.orders), shop.now
        refused = posted(shop, numbers, Random(SEED), most=POST, pause_s=0.2)
        shop.until(shop.now + timedelta(hours=1))
        puts = shop.calls(began, shop.now)["orders_update"]
        wrong = shop.shipped_wrongly(numbers)
    board.judge("shipped", len(numbers) - len(refused), shipments, at_least=True, hard=True)
    board.judge("orders that do not show status and code", len(wrong), 0, hard=True)
    board.judge("fill of the PUTs, %", round(100 * len(numbers) / (FULL * puts), 1), 98, at_least=True)
    board.tell("PUTs", puts)


def posted(shop: Virtual, numbers: Sequence[str], dice: Random, *, most: int, pause_s: float) -> list[str]:
    """Tell of shipments in posts of up to `most`, a while between them; return what was refused."""
    refused: list[str] = []
    waiting = list(numbers)
    while waiting:
        size = dice.randint(1, most)
        refused += shop.ship(waiting[:size])
        waiting = waiting[size:]
        shop.settle()
        shop.until(shop.now + timedelta(seconds=dice.uniform(pause_s / 8, pause_s)))
    return refused
