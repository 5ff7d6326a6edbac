"""Losses planted on purpose: a shop lives for some hours, some of its webhooks are dropped, and which is written down.

The judge knows nothing of looks or rows: it holds the numbers a certificate names against those whose last word was
dropped. The shop's own records and the mirror say the same, which proves the planting.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.flows import certify
from service.kit.spans import Span
from service.steps import certificate
from service.steps.certificate import Certificate
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.town import Town

HOUR_S = 3_600
QUIET_S = 900  # longer than a webhook may be late


@dataclass
class Planted:
    """One life of a shop: the period it took, and the orders whose last word got lost, each with what was lost."""

    shop: WorldShop
    tenant: str
    began: datetime
    ended: datetime | None = None
    whole: bool = False
    left: set[str] = field(default_factory=set[str])  # deleted in an earlier life, and not believed yet
    lost: dict[str, str] = field(default_factory=dict[str, str])
    healed: set[str] = field(default_factory=set[str])  # lost a word, and were told of again later
    told: set[str] = field(default_factory=set[str])
    on_its_way: set[str] = field(default_factory=set[str])  # told of, and not read yet
    dropped: int = 0

    @property
    def period(self) -> Span:
        assert self.ended
        return Span(self.began, self.ended)


def plant(town: Town, shop: WorldShop, tenant: str, seed: int) -> Planted:
    """Let a shop live for some hours and lose some of its webhooks; return what was lost and never told again.

    Every third life is one in which old orders are deleted, too: only a proof of all orders sees that.
    """
    dice = random.Random(seed)
    town.watch.move(QUIET_S)
    planted = Planted(shop, tenant, began=town.watch(), whole=seed % 3 == 0)
    planted.left = lacking(town, planted)
    for _ in range(dice.randint(2, 5)):
        town.watch.move(dice.choice([1, 60, HOUR_S, 4 * HOUR_S]))
        for _ in range(dice.randint(1, 4)):
            happen(town, planted, dice)
            if dice.random() < 0.5:  # else the next one happens within the same second
                town.watch.move(dice.choice([2, 30, 600]))
        town.deliver()
        town.work()
        planted.on_its_way = set()
    if dice.random() < 0.3:  # a hundred and more that were told stand in front of what was lost
        told = [number for number in living(shop) if number not in planted.lost]
        changes.bulk_status(town.world, shop, told[: dice.randint(101, 140)], dice.choice(list(shop.statuses)))
        town.deliver()
        town.work()
    town.watch.move(QUIET_S)
    town.work()
    planted.ended = town.watch()
    return planted


def living(shop: WorldShop) -> list[str]:
    return [number for number, order in shop.orders.items() if not order.deleted_at]


def happen(town: Town, planted: Planted, dice: random.Random) -> None:
    """Let one thing happen and its webhook be told or dropped."""
    shop, waiting = planted.shop, len(town.undelivered)
    # Of orders whose last known change is older, not every look sees that they were deleted (decision 13).
    seen = {number for number in living(shop) if shop.orders[number].created >= planted.began.timestamp()}
    young = living(shop) if planted.whole else sorted((planted.told & set(living(shop))) | seen)
    deed = dice.choice(["create", "change", "change", "bulk", "delete"])
    if deed == "create":
        numbers = [order.number for order in changes.create_orders(town.world, shop, dice.randint(1, 3))]
    elif deed == "delete" and young:
        numbers = [dice.choice(young)]
        changes.delete_order(town.world, shop, numbers[0])
    elif deed == "bulk":
        numbers = dice.sample(living(shop), min(dice.randint(2, 30), len(living(shop))))
        changes.bulk_status(town.world, shop, numbers, dice.choice(list(shop.statuses)))
    else:
        deed, numbers = "change", [dice.choice([*living(shop), *(planted.lost.keys() & set(living(shop)))])]
        changes.change_order(town.world, shop, numbers[0], internal_note=f"note {dice.random()}")
    if dice.random() < 0.4:
        planted.dropped += len(town.undelivered[waiting:])
        del town.undelivered[waiting:]
        lose(town, planted, deed, numbers)
    else:  # the read it causes shows everything of before, too
        planted.told |= set(numbers)
        planted.on_its_way |= set(numbers)
        planted.healed |= planted.lost.keys() & set(numbers)
        for number in numbers:
            planted.lost.pop(number, None)


def lose(town: Town, planted: Planted, deed: str, numbers: Sequence[str]) -> None:
    """Write down whose last word got lost; a read that is due anyway will show the others."""
    mirrored = town.mirrored(planted.tenant)
    for number in set(numbers) - planted.on_its_way:
        if deed == "delete" and number not in mirrored:  # created and deleted without a word: nothing is left of it
            planted.lost.pop(number, None)
        else:
            planted.lost[number] = deed


def proven(town: Town, planted: Planted) -> tuple[Certificate, Certificate, int]:
    """Prove the period; return what was said before and after it, and how often the shop was asked for orders."""
    before = town.calls(planted.shop)
    stated = certify.run(town.rig, planted.tenant, planted.period, by="a test", whole=planted.whole)
    town.work(for_s=60)
    calls = town.calls(planted.shop) - before
    town.work(for_s=900, idle_s=400)  # what is gone is asked for once more after five minutes
    town.watch.move(QUIET_S)
    return stated, drawn(town, planted.tenant, planted.period), calls


def drawn(town: Town, tenant: str, period: Span) -> Certificate:
    with town.rig.db.tx(tenant) as conn:
        return certificate.draw(conn, tenant, period, now=town.watch(), keep_days=400)


def named(made: Certificate) -> list[str]:
    """Return what a certificate names as missing."""
    return [each.loss.order_number for each in made.missing]


def judged(planted: Planted, verdict: str, numbers: Sequence[str]) -> dict[str, Any]:
    """Return what a certificate says wrongly: nothing when it names exactly what was planted.

    Who was told of again later need not be named. He may be: another read had found him before.
    """
    wrong: dict[str, Any] = {}
    if unnamed := planted.lost.keys() - set(numbers):
        wrong["not named"] = {number: planted.lost[number] for number in sorted(unnamed)}
    if invented := set(numbers) - planted.lost.keys() - planted.healed:
        wrong["invented"] = sorted(invented)
    if verdict != (asked := "incomplete" if planted.lost or numbers else "complete"):
        wrong["verdict"] = f"{verdict} instead of {asked}"
    return wrong


def lacking(town: Town, planted: Planted) -> set[str]:
    """Return what the mirror shows otherwise than the shop, before anybody looks."""
    return set(town.differences(planted.shop, planted.tenant))
