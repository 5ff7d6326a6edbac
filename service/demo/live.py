"""Chapters: a minute of trade with every nuisance the platform allows, single changes as probes, then quiet."""

import random
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any

from service.demo import activation, mirror
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage

LIVE_S = 60
CREATED, CHANGED, OLD = 200, 1_000, 300
BULK = 5_000
PROBES, PROBE_EVERY_S, PROBE_WITHIN_S = 20, 2.0, 15.0
QUIET_WITHIN_S = 30.0
SEED = 11


class Trade:
    """A minute of trade in several shops: who creates, changes, deletes and restores what, second by second."""

    def __init__(self, merchants: list[Merchant]) -> None:
        self._dice = random.Random(SEED)  # noqa: S311  # a story, not a secret
        self._merchants = merchants
        self._old = {
            merchant: self._dice.sample(self._numbers(merchant), OLD // len(merchants)) for merchant in merchants
        }
        self._new: dict[Merchant, list[str]] = {merchant: [] for merchant in merchants}
        self._deleted: dict[Merchant, list[str]] = {merchant: [] for merchant in merchants}
        self.touched: set[tuple[str, str]] = set()
        self.created = self.changed = self.deleted = self.restored = 0

    def second(self, number: int) -> None:
        """Let one second of trade happen."""
        for place, merchant in enumerate(self._merchants):
            self._create(merchant, _share(CREATED, number, place, len(self._merchants)))
            self._change(merchant, _share(CHANGED, number, place, len(self._merchants)))
            if number % 6 == 3:
                self._delete(merchant)
            if number % 6 == 5:
                self._restore(merchant)

    def _create(self, merchant: Merchant, count: int) -> None:
        if count:
            made = merchant.tell("/orders/create", count=count)["orders"]
            self._note(merchant, made)
            self._new[merchant] += [order["order_number"] for order in made]
            self.created += count

    def _change(self, merchant: Merchant, count: int) -> None:
        pool = [*self._new[merchant], *self._old[merchant]]
        alive = [number for number in pool if number not in self._deleted[merchant]]
        numbers = [self._dice.choice(alive) for _ in range(count)]
        if numbers:
            self._note(merchant, merchant.tell("/orders/change", numbers=numbers, count=count)["orders"])
            self.changed += count

    def _delete(self, merchant: Merchant) -> None:
        alive = [number for number in self._old[merchant] if number not in self._deleted[merchant]]
        numbers = self._dice.sample(alive, 2)
        self._note(merchant, merchant.tell("/orders/delete", numbers=numbers)["orders"])
        self._deleted[merchant] += numbers
        self.deleted += len(numbers)

    def _restore(self, merchant: Merchant) -> None:
        number = self._deleted[merchant].pop(0)
        self._note(merchant, merchant.tell("/orders/restore", numbers=[number])["orders"])
        self.restored += 1

    def _note(self, merchant: Merchant, orders: list[dict[str, Any]]) -> None:
        self.touched |= {(merchant.slug, order["order_number"]) for order in orders}

    @staticmethod
    def _numbers(merchant: Merchant) -> list[str]:
        return [str(told["id"]) for told in merchant.truth("order") if not told["deleted"]]


def _share(total: int, second: int, place: int, places: int) -> int:
    """Return how many of `total` fall to one of the places in one second, so that a minute brings them all."""
    slot, slots = second * places + place, LIVE_S * places
    return total * (slot + 1) // slots - total * slot // slots


def trade(stage: Stage) -> None:
    """Sixty seconds of trade: doubled and shuffled webhooks, a bulk of 5,000 orders, a price import, lost answers."""
    merchants = activation.merchants_of(stage)
    largest = max(merchants, key=lambda merchant: merchant.orders)
    for merchant in merchants:
        merchant.tell("/stats/reset")
        merchant.tell("/hooks", "PATCH", double_every=3, shuffle_s=5)
    stage.notes["live_since"] = datetime.now(UTC).isoformat()
    market = Trade(merchants)
    began = monotonic()
    for second in range(LIVE_S):
        market.second(second)
        if second == 15:
            told = largest.tell("/orders/bulk-status", count=BULK, of="oldest", type="Sent")
            stage.notes["bulk"] = {
                "since": datetime.now(UTC).isoformat(),
                "slug": largest.slug,
                "numbers": [order["order_number"] for order in told["orders"]],
            }
            print(f"  {BULK:,} old orders of {largest.slug} get another status in one webhook")
        if second == 30:
            count = largest.tell("/products/price-import", count=1_500)["count"]
            print(f"  a price import changes {count:,} products of {largest.slug}")
        if second == 40:
            for merchant in merchants:
                merchant.tell("/hooks", "PATCH", lose_next=5)
        Event().wait(max(0.0, began + second + 1 - monotonic()))
    for merchant in merchants:
        merchant.tell("/hooks", "PATCH", double_every=0, shuffle_s=0)
    stage.notes["live"] = {name: getattr(market, name) for name in ("created", "changed", "deleted", "restored")}
    stage.notes["touched"] = sorted(map(list, market.touched))
    print(f"a minute of trade: {stage.notes['live']}, {len(market.touched)} distinct orders")


def probe(stage: Stage) -> None:
    """Twenty single changes, two seconds apart: how long until the mirror shows each."""
    truth, merchants = Mirror(stage.admin_url), activation.merchants_of(stage)
    settle(truth)
    lags: list[float] = []
    numbers = {
        merchant: [str(told["id"]) for told in merchant.truth("order") if not told["deleted"]][-PROBES:]
        for merchant in merchants
    }
    touched = {tuple(each) for each in stage.notes["touched"]}
    for place in range(PROBES):
        merchant = merchants[place % len(merchants)]
        number = numbers[merchant][place // len(merchants)]
        began = monotonic()
        note = f"probe {place}"
        merchant.tell("/orders/change", numbers=[number], fields={"internal_note": note})
        touched.add((merchant.slug, number))
        lags.append(seen(truth, merchant, number, note))
        Event().wait(max(0.0, began + PROBE_EVERY_S - monotonic()))
    stage.notes["touched"] = sorted(map(list, touched))
    stage.notes["probe_lag_s"] = sorted(round(lag, 2) for lag in lags)
    print(f"{PROBES} probes: the mirror showed them after {lags[0]:.1f} to {max(lags):.1f} s")


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


def settle(truth: Mirror) -> float:
    """Wait until nothing is due within the next seconds; return how long that took."""
    return mirror.until(
        lambda: mirror.open_work(truth, by=datetime.now(UTC) + timedelta(seconds=10)) == 0,
        within_s=QUIET_WITHIN_S,
        what=lambda: f"still due: {mirror.still_due(truth, by=datetime.now(UTC) + timedelta(seconds=10))}",
    )


def fall_quiet(stage: Stage) -> None:
    """Wait for quiet, then compare every order and product with the mirror, field by field."""
    truth, merchants = Mirror(stage.admin_url), activation.merchants_of(stage)
    began = monotonic()
    mirror.until(
        lambda: all(waiting(merchant) == 0 for merchant in merchants),
        within_s=QUIET_WITHIN_S,
        what=lambda: "webhooks are still under way",
    )
    settle(truth)
    stage.notes["quiet_s"] = round(monotonic() - began, 1)
    stage.notes["compared"] = activation.compared(truth, merchants)
    stage.notes["world"] = {merchant.slug: merchant.stats() for merchant in merchants}
    stage.notes["calls"] = calls_since(truth, stage.notes["live_since"])
    stage.notes["bulk_reads"] = bulk_reads(truth, merchants, **stage.notes.pop("bulk"))
    stage.notes["story_s"] = round(monotonic() - stage.notes["up_at"], 1)
    print(f"quiet after {stage.notes['quiet_s']:.0f} s; every order and product was compared")


def bulk_reads(truth: Mirror, merchants: list[Merchant], *, slug: str, since: str, numbers: list[str]) -> int:
    """Return how many reads it took to see every order of the bulk once."""
    merchant = next(merchant for merchant in merchants if merchant.slug == slug)
    tenant_id = mirror.tenant_of(truth, merchant)
    return truth.number(BULK_READS, tenant_id=tenant_id, numbers=numbers, since=datetime.fromisoformat(since))


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
