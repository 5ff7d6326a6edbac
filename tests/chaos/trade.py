"""What goes on in the shops and in the warehouse while something breaks: nobody here waits for anybody's repair."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from service.demo import shipping
from service.demo.merchants import Merchant
from tests.chaos.world import World

TICK_S = 0.3
PACK_EVERY_S = 1.5
PACKED_AT_ONCE = 4
CHANGES = 5  # a tick, of orders from before us
DELETE_EVERY, RESTORE_EVERY, PRICES_EVERY = 7, 9, 5  # ticks


@dataclass
class Trade:
    """Customers, merchants and packers, each in a thread, by the dice of one run."""

    world: World
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _unpaid: dict[str, list[str]] = field(default_factory=dict)

    @contextmanager
    def going_on(self) -> Iterator["Trade"]:
        """Trade while the block runs."""
        threads = [
            threading.Thread(target=self._repeat, args=each)
            for each in ((self._sell, TICK_S), (self._pack, PACK_EVERY_S))
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _repeat(self, act, every_s: float) -> None:
        dice, turn = random.Random(f"{self.seed}:{act.__name__}"), 0
        while not self._over.wait(every_s):
            try:
                act(dice, turn)
            except httpx.HTTPStatusError as refused:
                self.faults.append(f"{act.__name__}: {refused.response.text[:200]}")
            except httpx.HTTPError as lost:
                self.faults.append(f"{act.__name__}: {lost!r}")
            turn += 1

    def _sell(self, dice: random.Random, turn: int) -> None:
        merchant = self.world.merchants[turn % len(self.world.merchants)]
        old, deleted = self._old(merchant), self.world.gone.setdefault(merchant.token, [])
        self._pay(merchant)
        created = merchant.tell("/orders/create", count=1)["orders"]
        self._unpaid[merchant.token] = [order["order_number"] for order in created]
        merchant.tell("/orders/change", numbers=[number for number in old if number not in deleted], count=CHANGES)
        self.done.update(created=len(created), changed=CHANGES)
        if turn % PRICES_EVERY == 0:
            self.done["products"] += merchant.tell("/products/price-import", count=3)["count"]
        if turn % DELETE_EVERY == 0 and len(deleted) < len(old) // 2:
            number = dice.choice([number for number in old if number not in deleted])
            merchant.tell("/orders/delete", numbers=[number])
            deleted.append(number)
            self.done["deleted"] += 1
        if turn % RESTORE_EVERY == 0 and deleted:
            merchant.tell("/orders/restore", numbers=[deleted.pop(0)])
            self.done["restored"] += 1

    def _pay(self, merchant: Merchant) -> None:
        """Let the customers of the merchant's last turn pay: their orders are released then."""
        if numbers := self._unpaid.pop(merchant.token, []):
            fields = {"paid_date": datetime.now(UTC).isoformat(timespec="seconds")}
            merchant.tell("/orders/change", numbers=numbers, fields=fields)
            self.done["paid"] += len(numbers)

    def _old(self, merchant: Merchant) -> list[str]:
        """Return the orders that were there before us; they are never packed and suffer every kind of change."""
        if merchant.token not in self.world.old:
            there = [str(line["id"]) for line in merchant.truth("order") if not line["deleted"]]
            self.world.old[merchant.token] = there
        return self.world.old[merchant.token]

    def _pack(self, _dice: random.Random, _turn: int) -> None:
        warehouse = shipping.warehouse_of(self.world.stage)
        if ready := warehouse.shelf()[:PACKED_AT_ONCE]:
            results = warehouse.ship(ready)
            self.done["shipped"] += sum(shipment is not None for shipment in results.values())
