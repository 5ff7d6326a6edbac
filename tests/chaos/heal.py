"""Twelve hours of webhooks lost in twenty shops: how long until every mirror is its shop again, and by how many calls.

The webhooks never leave, the receiver is away, and its last sign of life is set back by twelve hours: that is what the
service sees of such an outage. Everything else is real. Nothing is deleted meanwhile: of what may not be packed, only
a deletion inside the window of a look is found (decision 13).
"""

import json
import random
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import psycopg

from service.demo import activation, mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage
from service.demo.verdict import DIFFERENCES

SHOPS = 20
BUSY_EVERY, BUSY, QUIET = 5, (400, 260), (60, 30)  # orders of a shop, and how many of them change meanwhile
PULLED_WITHIN_S, HEALED_WITHIN_S, LOOK_EVERY_S = 180.0, 600.0, 2.0
BASE, PER_CALL, AT_ONCE = 3, 100, 5
ALL = 1_000_000
SUMMARY = Path("var/chaos/heal.json")

AWAY_FOR_12_H = "UPDATE receiver_beats SET alive_at = alive_at - interval '12 h'"
CALLS = "SELECT tenant_id, count(*) AS calls FROM calls WHERE began_at >= %(since)s GROUP BY tenant_id"
LOOKS = """
    SELECT tenant_id, min(began_at) AS began_at, max(ended_at) AS ended_at
    FROM looks
    WHERE cause = 'outage'
    GROUP BY tenant_id
"""
LOOKED = """
    SELECT count(DISTINCT tenant_id)
    FROM looks
    WHERE cause = 'outage' AND lane = 'refresh_orders' AND ended_at IS NOT NULL
"""


def main(shops: int = SHOPS) -> int:
    """Lose the webhooks, let the service come back, print the figures; return 1 when one is past its aim."""
    stage = Stage.make([f"s{place:02}:{size(place)[0]}:10:verified" for place in range(shops)])
    try:
        stage.start()
        told = lost_and_found(stage)
    finally:
        logs = stage.close()
    for name, figure in told.items():
        print(f"{name:<40} {figure}")
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    SUMMARY.write_text(json.dumps(told, indent=2) + "\n")
    if told["holds"]:
        shutil.rmtree(logs)
    return 0 if told["holds"] else 1


def size(place: int) -> tuple[int, int]:
    """Return how many orders a shop has and how many of them change."""
    return BUSY if place % BUSY_EVERY == 0 else QUIET


def lost_and_found(stage: Stage) -> dict[str, Any]:
    truth, merchants = Mirror(stage.admin_url), activation.merchants_of(stage)
    with ThreadPoolExecutor(4) as crowd:
        assert all(call["ok"] for call in crowd.map(activation.activate, merchants))
    mirror.until(
        lambda: all(
            step["state"] == "done"
            for merchant in merchants
            for step in mirror.steps(truth, mirror.tenant_of(truth, merchant))
        ),
        within_s=PULLED_WITHIN_S,
        what=lambda: "the shops are not pulled",
    )
    stage.kill("web")
    changed = {mirror.tenant_of(truth, merchant): change(merchant, place) for place, merchant in enumerate(merchants)}
    with psycopg.connect(stage.admin_url, autocommit=True) as conn:
        conn.execute(AWAY_FOR_12_H)
    print(f"{sum(changed.values())} orders changed in {len(merchants)} shops and no webhook left")
    since, began = datetime.now(UTC), time.monotonic()
    stage.again("web")
    looked_s = seconds_until(began, lambda: truth.number(LOOKED) == len(merchants))
    print(f"  {looked_s:5.1f} s  every shop was looked at")
    healed_s = seconds_until(began, lambda: not unlike(truth, merchants))
    calls = {row["tenant_id"]: row["calls"] for row in truth.rows(CALLS, since=since)}
    return judged(calls, truth.rows(LOOKS), changed, healed_s=healed_s)


def change(merchant: Merchant, place: int) -> int:
    """Let half a day happen in a shop whose webhooks never leave; return how many orders it touched."""
    merchant.tell("/hooks", "PATCH", swallow_next=ALL)
    there = [str(line["id"]) for line in merchant.truth("order") if not line["deleted"]]
    numbers = random.Random(place).sample(there, size(place)[1])
    told = [
        merchant.tell("/orders/change", numbers=numbers),
        merchant.tell("/orders/create", count=5),
    ]
    merchant.tell("/products/price-import", count=5)
    merchant.tell("/hooks", "PATCH", swallow_next=0)
    return len({order["order_number"] for each in told for order in each["orders"]})


def seconds_until(began: float, claim: Callable[[], bool]) -> float:
    """Wait for a claim; return how long after `began` it came to hold."""
    while not claim():
        if time.monotonic() - began > HEALED_WITHIN_S:
            raise mirror.NotInTime(f"not healed after {HEALED_WITHIN_S:.0f} s")
        Event().wait(LOOK_EVERY_S)
    return round(time.monotonic() - began, 1)


def unlike(truth: Mirror, merchants: Iterable[Merchant]) -> bool:
    """Say whether the mirror of a shop differs from it."""
    compared = (mirror.compare(truth, merchant, what).told() for merchant in merchants for what in ("order", "product"))
    return any(told[name] for told in compared for name in DIFFERENCES)


def judged(
    calls: dict[str, int], looks: list[dict[str, Any]], changed: dict[str, int], *, healed_s: float
) -> dict[str, Any]:
    """Return the figures, each as it was asked for."""
    over = [tenant_id for tenant_id, count in changed.items() if calls[tenant_id] > BASE + -(-count // PER_CALL)]
    at_once = max(sum(each["began_at"] <= one["began_at"] <= each["ended_at"] for each in looks) for one in looks)
    return {
        "shops healed": len(looks),
        "orders changed": sum(changed.values()),
        "seconds until every mirror is its shop": healed_s,
        "calls of all shops": sum(calls.values()),
        "calls per shop, most": max(calls.values()),
        "shops past 3 calls + 1 per 100 orders": len(over),
        "shops looked at at once, most": at_once,
        "holds": not over and at_once <= AT_ONCE and len(looks) == len(changed),
    }
