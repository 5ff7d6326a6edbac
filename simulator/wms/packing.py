"""What leaves the warehouse for one order: how many parcels, by whom, how heavy, under which codes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from simulator.wms import shapes
from simulator.wms.codes import Codes

T = TypeVar("T")

HEAVIEST_G = 1_000_000
PACKAGING_G = 150
MANY_ONE_IN = 12  # orders that take more than one parcel

# The shop's word for its shipment, or the network of a pick-up point, and who carries it from here.
CARRIED_BY = {
    "packeta": "packeta",
    "zasilkovna": "packeta",
    "ppl": "ppl",
    "dpd": "dpd",
    "gls": "gls",
    "ceskaposta": "ceska_posta",
    "ceska_posta": "ceska_posta",
    "balikovna": "ceska_posta",
    "slovenskaposta": "slovenska_posta",
    "slovenska_posta": "slovenska_posta",
    "fan_courier": "fan_courier",
}


@dataclass(frozen=True, slots=True)
class Need:
    """What packing has to know of an order; nothing personal."""

    carrier: str
    weight_g: int | None


def need(order: shapes.Order) -> Need:
    """Return who carries an order and how heavy it is; `own` when the shop's shipment is not known here."""
    words = (
        order.pickup_point.network if order.pickup_point else None,
        order.shipment.type if order.shipment else None,
        (order.shipment.code or "").partition("-")[0] if order.shipment else None,
    )
    carriers = (CARRIED_BY.get(word.lower()) for word in words if word)
    return Need(next((carrier for carrier in carriers if carrier), "own"), order.weight_g)


class Packing:
    """Packs by a seed."""

    def __init__(self, seed: int) -> None:
        self.codes = Codes(seed)
        self._rng = random.Random(f"{seed}:packing")

    def any_of(self, there: Sequence[T], count: int) -> list[T]:
        """Return so many of what is there, by the dice."""
        return self._rng.sample(there, count)

    def parcels(self, need: Need, *, count: int | None = None, coded: bool = True) -> list[dict[str, Any]]:
        """Return the parcels of an order as the door takes them; without their codes when they come later."""
        if count is None:
            count = self._rng.randint(2, 3) if self._rng.randrange(MANY_ONE_IN) == 0 else 1
        weight_g = None if need.weight_g is None else min(HEAVIEST_G, need.weight_g // count + PACKAGING_G)
        return [
            {
                "carrier": need.carrier,
                "tracking_code": self.codes.draw(need.carrier) if coded else None,
                "weight_g": weight_g,
            }
            for _ in range(count)
        ]
