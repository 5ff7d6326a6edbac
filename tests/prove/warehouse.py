"""A warehouse that reads its feed, acknowledges, ships, corrects and takes back, as docs/wms.md lets it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from service import offers
from service.flows import acknowledge, ship
from service.flows.ship import Asking, Item, ShipmentRefused
from service.lanes import TenantId
from service.offers import Offer, State
from service.rig import Rig
from service.shipments import Draft, Parcel

PAGE = 4  # small, so that its end falls between changes


@dataclass(frozen=True)
class Told:
    """A shipment as it was told of last."""

    shipment_id: str
    number: str
    code: str | None
    final: bool
    voided: bool = False


@dataclass
class Warehouse:
    """What one warehouse knows of one shop, and what it told of it."""

    account_id: str
    tenant: TenantId
    position: int = 0
    known: dict[str, Offer] = field(default_factory=dict[str, Offer])
    posts: list[tuple[Asking, list[Item]]] = field(default_factory=list[tuple[Asking, list[Item]]])
    told: dict[str, Told] = field(default_factory=dict[str, Told])
    wrong: list[str] = field(default_factory=list[str])
    serial: int = 0

    def read(self, rig: Rig) -> int:
        """Read what is new; note what was told twice or out of its turn."""
        with rig.db.tx(self.tenant) as conn:
            found = [shown.offer for shown in offers.after(conn, self.tenant, self.position, most=PAGE)]
        for offer in found:
            before = self.known.get(offer.order_number)
            if before and before.revision >= offer.revision:
                self.wrong.append(f"{offer.order_number} came again: revision {offer.revision}")
            if offer.position <= self.position:
                self.wrong.append(f"{offer.order_number} stands before the cursor")
            self.position = offer.position
            self.known[offer.order_number] = offer
        return len(found)

    def ack(self, rig: Rig, numbers: list[str]) -> None:
        for number in numbers:
            revision = self.known[number].revision
            acknowledge.run(rig, self.tenant, number, revision=revision, account_id=self.account_id)

    def packable(self) -> list[str]:
        return sorted(number for number, offer in self.known.items() if offer.state is State.RELEASED)

    def stopped(self) -> list[str]:
        return sorted(number for number, offer in self.known.items() if offer.state is State.STOP)

    def standing(self) -> list[Told]:
        return [each for _, each in sorted(self.told.items()) if not each.voided]

    def packed(self, numbers: list[str], *, coded: bool, final: bool) -> tuple[Asking, list[Item]]:
        """Return a post that tells of one shipment each; who gets no answer repeats it, with its key."""
        items: list[Item] = []
        for number in numbers:
            self.serial += 1
            parcel = Parcel("ppl", f"C{self.serial}" if coded else None, 900)
            items.append(Item(len(items), self.tenant, Draft(number, (parcel,), final)))
        asking = Asking(self.account_id, frozenset({self.tenant}), f"key-{self.tenant}-{self.serial}", "body")
        self.posts.append((asking, items))
        return asking, items

    def post(self, rig: Rig, asking: Asking, items: list[Item]) -> None:
        for result in ship.record(rig, asking, items):
            if "code" in result:
                continue
            shipment: Any = result["shipment"]
            draft = items[result["index"]].draft
            known = Told(shipment["id"], draft.order_number, draft.parcels[0].tracking_code, draft.final)
            self.told.setdefault(known.shipment_id, known)

    def correct(self, rig: Rig, told: Told, *, code: str | None, final: bool) -> None:
        self._change(
            lambda: ship.correct(
                rig, {self.tenant}, told.shipment_id, parcels=(Parcel("ppl", code, 900),), final=final, by="wms"
            ),
            Told(told.shipment_id, told.number, code, final),
        )

    def void(self, rig: Rig, told: Told) -> None:
        self._change(
            lambda: ship.void(rig, {self.tenant}, told.shipment_id, by="wms"),
            Told(told.shipment_id, told.number, told.code, told.final, voided=True),
        )

    def _change(self, change: Callable[[], object], becomes: Told) -> None:
        try:
            change()
        except ShipmentRefused:
            return
        self.told[becomes.shipment_id] = becomes
