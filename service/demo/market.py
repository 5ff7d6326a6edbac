"""A minute of trade: what customers and merchants do in several shops, second by second, by the same dice each time."""

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from service.demo.merchants import Merchant

LIVE_S = 60
CREATE_S = 50  # whoever orders later is not packed within the story
CREATED, NOTED, OLD = 256, 1_000, 100
CHANGED = (700, 300)  # of the smallest shop first: in the largest thousands change at once, which is counted apart
UNPAID, KEPT = 10, 10  # a shop; kept are those that single shipments are made of afterwards
UNPAID_EVERY = 3
DESKS = 2
SEED = 11

COD = "cashOnDelivery"


class Trade:
    """Who creates, pays, changes, deletes and restores what.

    What was in the shops before and is not packed suffers every kind of change. What may be packed is only noted
    upon: a warehouse sees nothing of that, so what it is stopped from is known here.
    """

    def __init__(self, open_: Mapping[Merchant, Collection[str]]) -> None:
        """`open_`: the old orders that a person released."""
        self._dice = random.Random(SEED)  # noqa: S311  # a story, not a secret
        self._merchants = sorted(open_, key=lambda merchant: merchant.orders)
        self.history = {merchant: _others(merchant, open_[merchant]) for merchant in open_}
        self._old = {
            merchant: self._dice.sample(numbers, OLD // len(open_)) for merchant, numbers in self.history.items()
        }
        self._packable = {merchant: list(open_[merchant]) for merchant in open_}
        self.created: dict[Merchant, list[str]] = {merchant: [] for merchant in open_}
        self._fresh: dict[Merchant, list[str]] = {merchant: [] for merchant in open_}
        self._deleted: dict[Merchant, list[str]] = {merchant: [] for merchant in open_}
        self.unpaid: dict[Merchant, list[str]] = {merchant: [] for merchant in open_}
        self.kept: dict[Merchant, list[str]] = {merchant: [] for merchant in open_}
        self.touched: set[tuple[str, str]] = set()
        self.done: dict[str, int] = dict.fromkeys(
            ("created", "paid", "changed", "noted", "deleted", "restored", "stopped"), 0
        )

    def second(self, number: int) -> None:
        """Let one second of trade happen."""
        for merchant, changes in zip(self._merchants, CHANGED, strict=True):
            self._pay(merchant)
            self._create(merchant, share(CREATED // len(self._merchants), number, seconds=CREATE_S))
            self._change(merchant, share(changes, number))
            if number % 6 == 3:
                self._delete(merchant)
            if number % 6 == 5:
                self._restore(merchant)
        self._note(self._merchants[0], share(NOTED, number), number)

    def standing(self, merchant: Merchant) -> list[str]:
        """Return what was in the shop before us, is not packed, and is not deleted at the moment."""
        return [number for number in self.history[merchant] if number not in self._deleted[merchant]]

    def stop(self, merchant: Merchant, number: str, how: str, **fields: Any) -> None:
        """Let a merchant change his mind about an order that is being packed."""
        path, asked = ("/orders/delete", {}) if how == "deleted" else ("/orders/change", {"fields": fields})
        self._tell(merchant, "stopped", path, numbers=[number], **asked)
        self._packable[merchant].remove(number)

    def _create(self, merchant: Merchant, count: int) -> None:
        if not count:
            return
        for order in self._tell(merchant, "created", "/orders/create", count=count):
            number = order["order_number"]
            self.created[merchant].append(number)
            self._fresh[merchant].append(number)
            if len(self.created[merchant]) > CREATED // len(self._merchants) - KEPT:
                self.kept[merchant].append(number)
            else:
                self._packable[merchant].append(number)

    def _pay(self, merchant: Merchant) -> None:
        """Let the customers of a second ago pay, but those who pay on delivery, and some who never do."""
        fresh, self._fresh[merchant] = self._fresh[merchant], []
        if not fresh:
            return
        records = [told["record"] for told in merchant.truth("order", fresh)]
        paying = [record["order_number"] for record in records if payment_of(record) != COD]
        for number in paying[::UNPAID_EVERY]:
            if len(self.unpaid[merchant]) < UNPAID and number not in self.kept[merchant]:
                self.unpaid[merchant].append(number)
                self._packable[merchant].remove(number)
        paying = [number for number in paying if number not in self.unpaid[merchant]]
        if paying:
            fields = {"paid_date": datetime.now(UTC).isoformat(timespec="seconds")}
            self._tell(merchant, "paid", "/orders/change", numbers=paying, fields=fields)

    def _change(self, merchant: Merchant, count: int) -> None:
        alive = [number for number in self._old[merchant] if number not in self._deleted[merchant]]
        numbers = [self._dice.choice(alive) for _ in range(count)]
        if numbers:
            self._tell(merchant, "changed", "/orders/change", numbers=numbers, count=count)

    def _note(self, merchant: Merchant, count: int, second: int) -> None:
        """Let two people of a merchant write something down, each saving what he wrote several times."""
        desks = self._dice.sample(self._packable[merchant], min(DESKS, count))
        numbers = [desks[turn % DESKS] for turn in range(count)]
        if numbers:
            fields = {"internal_note": f"Zákazník volal v {second}. sekundě"}
            self._tell(merchant, "noted", "/orders/change", numbers=numbers, fields=fields)

    def _delete(self, merchant: Merchant) -> None:
        alive = [number for number in self._old[merchant] if number not in self._deleted[merchant]]
        numbers = self._dice.sample(alive, 2)
        self._tell(merchant, "deleted", "/orders/delete", numbers=numbers)
        self._deleted[merchant] += numbers

    def _restore(self, merchant: Merchant) -> None:
        number = self._deleted[merchant].pop(0)
        self._tell(merchant, "restored", "/orders/restore", numbers=[number])

    def _tell(self, merchant: Merchant, what: str, path: str, **body: Any) -> Sequence[dict[str, Any]]:
        """Let it happen, count it, and remember which orders it was about."""
        orders: list[dict[str, Any]] = merchant.tell(path, **body)["orders"]
        self.touched |= {(merchant.slug, order["order_number"]) for order in orders}
        self.done[what] += len(orders)
        return orders


def share(total: int, second: int, *, seconds: int = LIVE_S) -> int:
    """Return how many of `total` fall to one second, so that all seconds bring them all."""
    return total * (second + 1) // seconds - total * second // seconds if second < seconds else 0


def payment_of(record: dict[str, Any]) -> str | None:
    """Return the type of an order's payment; one may have none."""
    payment: dict[str, Any] = record["payment"] or {}
    return payment.get("type")


def _others(merchant: Merchant, taken: Collection[str]) -> list[str]:
    """Return the orders of a shop but some, the oldest first."""
    there = [str(told["id"]) for told in merchant.truth("order") if not told["deleted"]]
    return [number for number in there if number not in taken]
