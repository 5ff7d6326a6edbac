"""Webhooks at 500 a second while the demo's own processes pull 5,200 orders and read what the webhooks name."""

import shutil
import subprocess
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from service.demo import activation, mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage
from tests.bench import generators
from tests.bench.board import Board
from tests.bench.generators import Load

RATE = 500
SECONDS = 60.0
EVENT = "Orders.update"
HOOKED_WITHIN_S = 30
ENDED_WITHIN_S = 60

ROWS = "SELECT coalesce(sum(copies), 0) AS rows FROM deliveries WHERE event = %(event)s"
WAITING = "SELECT count(*) FROM deliveries WHERE expanded_at IS NULL"
CALLS = """
    SELECT plan, count(*) AS calls, sum(items) AS items
    FROM calls
    WHERE began_at <= %(by)s
    GROUP BY plan
    HAVING sum(items) > 100
    ORDER BY plan
"""


def run(board: Board, *, seconds: float = SECONDS) -> None:
    """Install the larger shop of the demo and send beside it, from the first second of its pull on."""
    board.open(f"500/s for {seconds:g} s, durable, beside a 5,200-order pull and refresh")
    stage = Stage.make()
    try:
        stage.start()
        measure(board, stage, seconds)
    finally:
        logs = stage.close()
    if not board.broken():
        shutil.rmtree(logs)


def measure(board: Board, stage: Stage, seconds: float) -> None:
    truth = Mirror(stage.admin_url)
    shop = max(activation.merchants_of(stage), key=lambda merchant: merchant.orders)
    numbers = stage.folder / "numbers"
    numbers.write_text("\n".join(str(told["id"]) for told in shop.truth("order") if not told["deleted"]))
    activation.activate(shop)
    port, path = hook_of(shop)
    process = generators.start(Load(port, path, seconds, rate=RATE, numbers=str(numbers)))
    pulled_s = watch_pull(truth, shop, process)
    figures = generators.finish(process)
    calls = truth.rows(CALLS, by=datetime.now(UTC))
    rows = truth.number(ROWS, event=EVENT)
    board.tell("p50 ms", figures.p50)
    board.judge("p99 ms", figures.p99, 60)
    board.judge("p99.9 ms", figures.p999, 250)
    board.tell("max ms", figures.max)
    board.answers(figures)
    board.judge("acknowledged without a row", figures.acked() - rows, 0, hard=True)
    drained_s = mirror.until(
        lambda: truth.number(WAITING) == 0, within_s=ENDED_WITHIN_S, what=lambda: f"{truth.number(WAITING)} wait"
    )
    board.tell("5,200 orders and 1,500 products pulled after s", pulled_s or "not yet")
    board.tell("items read beside", ", ".join(f"{row['plan']} {row['items']:,} in {row['calls']}" for row in calls))
    board.tell("all webhooks expanded after s more", round(drained_s, 1))


def hook_of(shop: Merchant) -> tuple[int, str]:
    """Wait until our webhook about changed orders is registered; return its port and path."""
    found: list[str] = []

    def hooked() -> bool:
        found[:] = [hook["url"] for hook in shop.tell("/hooks", "GET")["webhooks"] if hook["event"] == EVENT]
        return bool(found)

    mirror.until(hooked, within_s=HOOKED_WITHIN_S, what=lambda: f"no webhook {EVENT} is registered")
    url = urlsplit(found[0])
    return url.port or 80, url.path


def watch_pull(truth: Mirror, shop: Merchant, process: subprocess.Popen[bytes]) -> float | None:
    """Return after how many seconds the pull was over, None when the generator ended first."""
    began = time.monotonic()
    while process.poll() is None:
        if all(step["state"] == "done" for step in activation.steps_of(truth, shop)):
            return round(time.monotonic() - began, 1)
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            continue
    return None
