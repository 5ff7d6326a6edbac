"""What happens in the warehouse meanwhile: it packs in waves, takes one back, corrects one, is stopped ten times."""

from collections.abc import Collection, Mapping
from itertools import cycle
from typing import Any

from service.demo.market import Trade
from service.demo.merchants import Merchant
from service.demo.warehouse import Key, Warehouse

NEW, OLD = 200, 100  # orders to ship
OLD_IN_WAVE = 10
WAVE_EVERY_S = 4
STOPS = 10
STOPS_FROM_S = 6
CORRECT_AT_S = 36


class Dispatch:
    """One warehouse that packs for several shops while they trade."""

    def __init__(
        self, warehouse: Warehouse, market: Trade, shops: Mapping[str, Merchant], released: Collection[Key]
    ) -> None:
        """`shops`: merchants by the name the warehouse knows their shop by. `released`: by hand, the old orders."""
        self._warehouse = warehouse
        self._market = market
        self._shops = shops
        self._released = frozenset(released)
        self._whims = cycle(("cancelled", "deleted", "changed", "status"))
        self._statuses = {merchant: statuses(merchant) for merchant in shops.values()}
        self._open: tuple[Key, str] | None = None  # told without its code, to be taken back
        self.shipped: dict[Key, str] = {}
        self.stopped: dict[Key, str] = {}
        self.voided: list[Key] = []
        self.corrected: list[Key] = []
        self.refused: list[Key] = []

    @property
    def packed(self) -> dict[str, int]:
        """Return how many orders were shipped."""
        old = sum(key in self._released for key in self.shipped)
        return {"old": old, "new": len(self.shipped) - old}

    @property
    def left(self) -> dict[str, int]:
        """Return how many orders are still to be shipped."""
        return {"old": OLD - self.packed["old"], "new": NEW - self.packed["new"]}

    @property
    def done(self) -> bool:
        """Return whether everything was shipped."""
        return not any(self.left.values())

    def second(self, number: int) -> None:
        """Let one second of work happen."""
        if number % WAVE_EVERY_S == STOPS_FROM_S % WAVE_EVERY_S and number >= STOPS_FROM_S:
            self._stop_one()
        if number % WAVE_EVERY_S == 0:
            self.wave()
        if number >= CORRECT_AT_S and not self.corrected:
            self._correct_one()

    def wave(self) -> None:
        """Ship what lies ready: some of the old orders, all of the new ones."""
        self._take_one_back()
        ready = self._ready()
        left = self.left
        old = [key for key in ready if key in self._released][: min(OLD_IN_WAVE, left["old"])]
        new = [key for key in ready if key not in self._released][: left["new"]]
        if not (self.voided or self._open) and old:
            key = old.pop()
            shipment = self._warehouse.ship([key], coded=False)[key]
            self._open = (key, shipment) if shipment else None
        if old or new:
            results = self._warehouse.ship([*old, *new])
            self.shipped |= {key: shipment for key, shipment in results.items() if shipment}
            self.refused += [key for key, shipment in results.items() if not shipment]

    def _take_one_back(self) -> None:
        """Void what was told without a code: the shop knows nothing of it yet, and the order is offered again."""
        if self._open:
            key, shipment = self._open
            if self._warehouse.tell("/void", shipment=shipment)["done"]:
                self.voided.append(key)
                self._open = None

    def _correct_one(self) -> None:
        """Give a parcel another code after the shop has shown the first: no second mail may come of it."""
        for key, shipment in list(self.shipped.items())[: OLD_IN_WAVE * 2]:
            [seen] = self._warehouse.tell("/look", shipments=[shipment])["shipments"]
            if seen["done"] and seen["write_back"] == "confirmed":
                told = self._warehouse.tell("/correct", shipment=shipment)
                if told["done"] and told["written_before"]:
                    self.corrected.append(key)
                return

    def _stop_one(self) -> None:
        """Let a merchant change his mind about an order on the shelf, about an old and a new one in turn."""
        if len(self.stopped) == STOPS:
            return
        old = len(self.stopped) % 2 == 0
        key = next((key for key in self._ready() if (key in self._released) is old and key not in self.voided), None)
        if key is None:
            return
        merchant, how = self._shops[key[0]], next(self._whims)
        self._market.stop(merchant, key[1], how, **self._fields(merchant, how))
        self.stopped[key] = how

    def _fields(self, merchant: Merchant, how: str) -> dict[str, Any]:
        types = self._statuses[merchant]
        match how:
            case "cancelled":
                return {"status_id": types["Canceled"]}
            case "status":
                return {"status_id": types["PaymentInProcess"]}
            case _:
                return {"customer": {"phone": "+420 700 000 700"}}

    def _ready(self) -> list[Key]:
        kept = {
            (tenant_id, number) for tenant_id in self._shops for number in self._market.kept[self._shops[tenant_id]]
        }
        busy = {self._open[0]} if self._open else set[Key]()
        taken = kept | busy | self.stopped.keys()
        return [key for key in self._warehouse.shelf() if key not in taken]


def statuses(merchant: Merchant) -> dict[str, int]:
    """Return the shop's system statuses by their type."""
    records = [told["record"] for told in merchant.truth("status")]
    return {record["type"]: int(record["id"]) for record in records if record["type"] != "Custom"}
