"""What the chapter of the carriers works with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.demo.couriers import Couriers
from service.demo.customers import Packing
from service.demo.merchants import Merchant
from service.demo.mirror import Mirror
from service.demo.stage import Stage
from service.demo.wmsdoor import WmsDoor


@dataclass
class Depot:
    """The smaller shop, the carriers, the door of the warehouse, and what is packed."""

    stage: Stage
    truth: Mirror
    merchant: Merchant
    tenant_id: str
    couriers: Couriers
    door: WmsDoor
    status: dict[str, int] = field(default_factory=dict[str, int])  # of each milestone, and `shipped`
    packed: list[Packing] = field(default_factory=list[Packing])  # to be booked by the door
    by_page: Packing = field(init=False)

    @property
    def every(self) -> list[Packing]:
        """Return all parcels, however they are booked."""
        return [*self.packed, self.by_page]

    @property
    def numbers(self) -> list[str]:
        return [number for each in self.every for number in each.numbers]

    def ask(self) -> None:
        """Have carriers asked about every parcel now: the rhythm of real parcels is hours."""
        self.stage.command("track-now", self.tenant_id)

    def shown(self, numbers: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Return these orders as the shop shows them."""
        return {str(line["id"]): line["record"] for line in self.merchant.truth("order", numbers)}
