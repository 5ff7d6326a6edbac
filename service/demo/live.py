"""Chapters: a minute of trade with every nuisance the platform allows, single acts as probes, then quiet."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from service.demo import activation, mirror, shipping
from service.demo.dispatch import Dispatch
from service.demo.market import LIVE_S, Trade
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage
from service.inbox import spool

BULK = 5_000
PACKED_WITHIN_S = 30.0
PROBES, PROBE_EVERY_S, PROBE_WITHIN_S = 20, 2.0, 15.0
QUIET_WITHIN_S, SETTLED_WITHIN_S = 30.0, 60.0  # at the end, which is claimed; and before the probes


def trade(stage: Stage) -> None:
    """Sixty seconds of trade: doubled and shuffled webhooks, a bulk of 5,000 orders, a price import, lost answers.

    All the while the warehouse packs, and one PUT in ten gets no answer although it was done, one in twenty lands late.
    """
    merchants = activation.merchants_of(stage)
    largest = max(merchants, key=lambda merchant: merchant.orders)
    for merchant in merchants:
        merchant.tell("/hooks", "PATCH", double_every=3, shuffle_s=5)
    shops = shipping.shops_of(stage)
    market = Trade({merchant: stage.notes["by_hand"][merchant.slug] for merchant in merchants})
    released = [
        (tenant_id, number) for tenant_id, shop in shops.items() for number in stage.notes["by_hand"][shop.slug]
    ]
    dispatch = Dispatch(shipping.warehouse_of(stage), market, shops, released)
    began = monotonic()
    for second in range(LIVE_S):
        market.second(second)
        dispatch.second(second)
        if second == 15:
            change_many(stage, largest, market)
        if second == 30:
            count = largest.tell("/products/price-import", count=1_500)["count"]
            print(f"  a price import changes {count:,} products of {largest.slug}")
        if second == 40:
            for merchant in merchants:
                merchant.tell("/hooks", "PATCH", lose_next=5)
        Event().wait(max(0.0, began + second + 1 - monotonic()))
    mirror.until(lambda: packed(dispatch), within_s=PACKED_WITHIN_S, what=lambda: f"not shipped yet: {dispatch.left}")
    for merchant in merchants:
        merchant.tell("/hooks", "PATCH", double_every=0, shuffle_s=0)
    stage.notes["live"] = market.done
    stage.notes["touched"] = sorted(map(list, market.touched))
    stage.notes["created"] = {merchant.slug: numbers for merchant, numbers in market.created.items()}
    stage.notes["unpaid"] = {merchant.slug: numbers for merchant, numbers in market.unpaid.items()}
    stage.notes["kept"] = {merchant.slug: numbers for merchant, numbers in market.kept.items()}
    shipping.note_dispatch(stage, dispatch)
    print(f"a minute of trade: {market.done}, {len(market.touched)} distinct orders")
    print(f"  shipped {len(dispatch.shipped)}, voided {len(dispatch.voided)}, corrected {len(dispatch.corrected)}")


def packed(dispatch: Dispatch) -> bool:
    """Ship what has become ready since; say whether that was all."""
    if not dispatch.done:
        dispatch.wave()
    return dispatch.done


def change_many(stage: Stage, merchant: Merchant, market: Trade) -> None:
    """Give many old orders another status at once."""
    numbers = market.standing(merchant)[:BULK]
    told = merchant.tell("/orders/bulk-status", numbers=numbers, type="Sent")
    stage.notes["bulk"] = {
        "since": datetime.now(UTC).isoformat(),
        "slug": merchant.slug,
        "numbers": [order["order_number"] for order in told["orders"]],
    }
    print(f"  {len(numbers):,} old orders of {merchant.slug} get another status in one webhook")


def probe(stage: Stage) -> None:
    """Twenty single changes and twenty single shipments, a pair every two seconds: how long until each is seen.

    The shops take turns. Something changes and the mirror shows it; a parcel leaves and the shop shows it.
    """
    truth, merchants = Mirror(stage.admin_url), activation.merchants_of(stage)
    settle(truth, within_s=SETTLED_WITHIN_S)
    changes: list[float] = []
    shipments: list[float] = []
    with ThreadPoolExecutor(1) as packer:
        for place in range(PROBES):
            merchant, turn = merchants[place % len(merchants)], place // len(merchants)
            began = monotonic()
            sent = packer.submit(shipping.ship_one, stage, merchant, stage.notes["kept"][merchant.slug][turn])
            changes.append(change_one(truth, merchant, stage.notes["unpaid"][merchant.slug][turn]))
            shipments.append(sent.result())
            Event().wait(max(0.0, began + PROBE_EVERY_S - monotonic()))
    stage.notes["probe_lag_s"] = sorted(round(lag, 2) for lag in changes)
    stage.notes["shipment_lag_s"] = sorted(round(lag, 2) for lag in shipments)
    print(f"{PROBES} changes: the mirror showed them after {min(changes):.1f} to {max(changes):.1f} s")
    print(f"{PROBES} shipments: the shops showed them after {min(shipments):.1f} to {max(shipments):.1f} s")


def change_one(truth: Mirror, merchant: Merchant, number: str) -> float:
    """Note something on an order; return after how many seconds the mirror shows it."""
    note = f"probe {number}"
    merchant.tell("/orders/change", numbers=[number], fields={"internal_note": note})
    return seen(truth, merchant, number, note)


NOTE = """
    SELECT count(*) AS seen
    FROM orders
    WHERE tenant_id = %(tenant_id)s AND order_number = %(number)s AND content ->> 'internal_note' = %(note)s
"""


def seen(truth: Mirror, merchant: Merchant, number: str, note: str) -> float:
    """Return after how many seconds the mirror shows a note."""
    tenant_id = mirror.tenant_of(truth, merchant)
    return mirror.until(
        lambda: truth.number(NOTE, tenant_id=tenant_id, number=number, note=note) == 1,
        within_s=PROBE_WITHIN_S,
        what=lambda: f"the mirror does not show the change of {merchant.slug} {number}",
    )


def settle(truth: Mirror, *, within_s: float) -> float:
    """Wait until nothing is due within the next seconds; return how long that took."""
    return mirror.until(
        lambda: mirror.open_work(truth, by=datetime.now(UTC) + timedelta(seconds=10)) == 0,
        within_s=within_s,
        what=lambda: f"still due: {mirror.still_due(truth, by=datetime.now(UTC) + timedelta(seconds=10))}",
    )


def fall_quiet(stage: Stage) -> None:
    """Wait for quiet, then compare every order and product with the mirror, field by field."""
    truth, merchants = Mirror(stage.admin_url), activation.merchants_of(stage)
    files = Path(stage.env["SPOOL_FOLDER"])
    began = monotonic()
    mirror.until(
        lambda: all(waiting(merchant) == 0 for merchant in merchants) and not spool.files(files),
        within_s=QUIET_WITHIN_S,
        what=lambda: "webhooks are still under way",
    )
    settle(truth, within_s=QUIET_WITHIN_S)
    stage.notes["quiet_s"] = round(monotonic() - began, 1)
    stage.notes["compared"] = activation.compared(truth, merchants)
    stage.notes["world"] = {merchant.slug: merchant.stats() for merchant in merchants}
    stage.notes["calls"] = calls_since(truth, stage.notes["live_since"])
    stage.notes["live_orders"] = len({*map(tuple, stage.notes["touched"]), *map(tuple, stage.notes["shipped"])})
    stage.notes["bulk_reads"] = bulk_reads(truth, merchants, stage.notes["touched"], **stage.notes.pop("bulk"))
    print(f"quiet after {stage.notes['quiet_s']:.0f} s; every order and product was compared")


def bulk_reads(
    truth: Mirror, merchants: list[Merchant], touched: list[list[str]], *, slug: str, since: str, numbers: list[str]
) -> int:
    """Return how many reads it took to see every order of the bulk once, but those that were read for other reasons."""
    merchant = next(merchant for merchant in merchants if merchant.slug == slug)
    others = {number for shop, number in touched if shop == slug}
    return truth.number(
        BULK_READS,
        tenant_id=mirror.tenant_of(truth, merchant),
        numbers=[number for number in numbers if number not in others],
        since=datetime.fromisoformat(since),
    )


def waiting(merchant: Merchant) -> int:
    """Return how many webhooks of a shop are still to be delivered."""
    return sum(merchant.stats()["hooks"]["waiting"].values())


# One read writes all its rows with one stamp, so the stamps of the first news about each order count the reads.
BULK_READS = """
    SELECT count(DISTINCT at) AS reads
    FROM (
        SELECT min(at) AS at
        FROM journal
        WHERE tenant_id = %(tenant_id)s AND order_number = ANY (%(numbers)s) AND at >= %(since)s
            AND kind IN ('changed', 'read')
        GROUP BY order_number
    ) AS firsts
"""

SINCE = """
    SELECT plan, count(*) AS calls, sum(items) AS items
    FROM calls
    WHERE began_at >= %(since)s
    GROUP BY plan
    ORDER BY plan
"""


def calls_since(truth: Mirror, since: str) -> dict[str, Any]:
    """Return our count of calls since the trade began, by row of the call plan."""
    found = truth.rows(SINCE, since=datetime.fromisoformat(since))
    return {row.pop("plan"): {name: int(value or 0) for name, value in row.items()} for row in found}
