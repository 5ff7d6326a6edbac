"""Webhooks at 500 a second while the demo's own processes write a thousand shipments back into the shop."""

import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import httpx

from service.demo import activation, mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage
from tests.bench import busy, generators
from tests.bench.board import Board
from tests.bench.generators import Load

SHIPMENTS = 1_000
POST = 20
AT_ONCE = 100
RATE = 500
SECONDS = 60.0
PULLED_WITHIN_S = 120
WRITTEN_WITHIN_S = 120

CALLS = """
    SELECT plan, count(*) AS calls, sum(items) AS items
    FROM calls
    WHERE began_at >= %(since)s
    GROUP BY plan
    ORDER BY plan
"""


def run(board: Board, *, seconds: float = SECONDS, shipments: int = SHIPMENTS) -> None:
    """Install the larger shop of the demo, switch it live, and let a warehouse ship all the while webhooks come."""
    board.open(f"{RATE}/s for {seconds:g} s, durable, beside {shipments:,} write-backs")
    stage = Stage.make()
    try:
        stage.start()
        measure(board, stage, seconds, shipments)
    finally:
        logs = stage.close()
    if not board.broken():
        shutil.rmtree(logs)


def measure(board: Board, stage: Stage, seconds: float, shipments: int) -> None:
    truth = Mirror(stage.admin_url)
    shop = max(activation.merchants_of(stage), key=lambda merchant: merchant.orders)
    numbers, types = prepared(shop, shipments)
    activation.activate(shop)
    mirror.until(lambda: pulled(truth, shop), within_s=PULLED_WITHIN_S, what=lambda: "the pull goes on")
    tenant = mirror.tenant_of(truth, shop)
    token = switch_live(stage, tenant, numbers, types)
    port, path = busy.hook_of(shop)
    named = stage.folder / "numbers"
    named.write_text("\n".join(str(told["id"]) for told in shop.truth("order") if not told["deleted"]))
    since = datetime.now(UTC)
    load = generators.start(Load(port, path, seconds, rate=RATE, numbers=str(named)))
    refused = ship(stage.web_url, token, tenant, numbers, seconds=0.9 * seconds)
    figures = generators.finish(load)
    calls = truth.rows(CALLS, since=since)
    written_s = mirror.until(
        lambda: written(shop, numbers, types["Sent"]) == len(numbers) - refused,
        within_s=WRITTEN_WITHIN_S,
        what=lambda: f"{written(shop, numbers, types['Sent'])} of {len(numbers)} orders show that they left",
    )
    board.tell("p50 ms", figures.p50)
    board.judge("p99 ms", figures.p99, 60)
    board.tell("p99.9 ms", figures.p999)
    board.tell("max ms", figures.max)
    board.answers(figures)
    board.judge("acknowledged without a row", figures.acked() - truth.number(busy.ROWS, event=busy.EVENT), 0, hard=True)
    board.judge("shipments taken", len(numbers) - refused, shipments, at_least=True, hard=True)
    board.tell("all of them in the shop after s more", round(written_s, 1))
    board.tell("calls beside", ", ".join(f"{row['plan']} {row['items']:,} in {row['calls']}" for row in calls))


def pulled(truth: Mirror, shop: Merchant) -> bool:
    return all(step["state"] == "done" for step in activation.steps_of(truth, shop))


def prepared(shop: Merchant, count: int) -> tuple[list[str], Mapping[str, int]]:
    """Let the newest orders be received and paid; return them, and the shop's system statuses by type."""
    records = [line["record"] for line in shop.truth("status")]
    types = {record["type"]: int(record["id"]) for record in records if record["type"] != "Custom"}
    numbers = [str(told["id"]) for told in shop.truth("order") if not told["deleted"]][-count:]
    fields = {"status_id": types["Received"], "paid_date": datetime.now(UTC).date().isoformat()}
    for first in range(0, count, AT_ONCE):
        shop.tell("/orders/change", numbers=numbers[first : first + AT_ONCE], fields=fields)
    return numbers, types


def switch_live(stage: Stage, tenant: str, numbers: Sequence[str], types: Mapping[str, int]) -> str:
    """Answer for the merchant, release these old orders by hand, and return the token of a warehouse."""
    account = stage.command("account-create", "warehouse", "A warehouse")
    stage.command("account-pair", tenant, account)
    release, shipped = str(types["Received"]), f"{types['Sent']}:mail"
    stage.command("tenants", "set", tenant, "--release", release, "--shipped", shipped, "--live")
    stage.command("release", tenant, *numbers)
    return stage.command("token-create", account, "bench")


def ship(url: str, token: str, tenant: str, numbers: Sequence[str], *, seconds: float) -> int:
    """Tell of shipments at an even pace, as a warehouse does; return how many were refused."""
    refused, began = 0, time.monotonic()
    with httpx.Client(base_url=url, timeout=30, headers={"authorization": f"Bearer {token}"}) as door:
        for first in range(0, len(numbers), POST):
            intended = began + seconds * first / len(numbers)
            threading.Event().wait(max(0.0, intended - time.monotonic()))
            parcel = {"carrier": "ppl", "weight_g": 900}
            some = [
                {
                    "tenant": tenant,
                    "order": number,
                    "final": True,
                    "parcels": [{**parcel, "tracking_code": f"T{number}"}],
                }
                for number in numbers[first : first + POST]
            ]
            answer = door.post("/wms/v1/shipments", json={"shipments": some}, headers={"idempotency-key": f"k{first}"})
            answer.raise_for_status()
            refused += sum("code" in result for result in answer.json()["results"])
    return refused


def written(shop: Merchant, numbers: Sequence[str], sent_id: int) -> int:
    """Return how many of these orders the shop shows as gone, with their code."""
    wanted = set(numbers)
    records = (told["record"] for told in shop.truth("order") if told["id"] in wanted)
    return sum((one["status_id"], one["tracking_code"]) == (sent_id, f"T{one['order_number']}") for one in records)
