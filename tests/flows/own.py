"""A shop with a shipment of its own, whose merchant put one point into it."""

from collections import Counter
from dataclasses import dataclass

from carriers.base import Point
from service import affiliates, codebooks, problems
from service.affiliates import Source, State
from service.flows import affiliates as flow
from service.flows import point_offers, points
from service.lanes import TenantId
from service.platform.shapes import CodebookEntry
from service.problems import Cause
from simulator.shop import Shop as WorldShop
from tests.flows.test_points import lists, point
from tests.flows.town import Town

PACKETA = Source("packeta", "packeta", "CZ")
TEMPLATE = "/shipments/{id}/affiliates"
DAY = 86_400


@dataclass
class Own:
    """A shop with a shipment of its own, whose merchant put one point into it."""

    town: Town
    shop: WorldShop
    tenant: TenantId
    shipment: int

    def reads(self, *shows: Point) -> None:
        """Let the carrier's list be read, and show this."""
        assert points.sync(self.town.rig, lists(*shows), "CZ")

    def offer(self, source: Source = PACKETA) -> int:
        return point_offers.offer(self.town.rig, self.tenant, str(self.shipment), source, by="a test")

    def turn(self, *, after_s: float = 0) -> int:
        """Let the lane have a turn, due or not."""
        self.town.watch.move(after_s)
        self.town.world.tick()
        return flow.run(self.town.rig, self.tenant)

    def settle(self) -> None:
        """Let the lane have turns until nothing is due for some minutes."""
        for _ in range(4):
            self.turn(after_s=120)

    def shown(self) -> list[str]:
        """Return the names of the points a customer may choose, the shop's own one left out."""
        return sorted(row["name"] for row in self.shop.affiliates[self.shipment] if row["name"] != "Prodejna")

    def calls(self) -> Counter[str]:
        return Counter(call.method for call in self.shop.stats.log if call.template == TEMPLATE)

    def states(self) -> dict[State, int]:
        with self.town.rig.db.tx(self.tenant) as conn:
            return affiliates.counts(conn, self.tenant).get(str(self.shipment), {})

    def stands(self) -> affiliates.Offer:
        with self.town.rig.db.tx(self.tenant) as conn:
            [each] = affiliates.offers(conn, self.tenant)
        return each

    def causes(self) -> list[Cause]:
        with self.town.rig.db.tx(self.tenant) as conn:
            return [each.cause for each in problems.open_ones(conn, self.tenant)]

    def fails(self, kind: str, method: str, **how: object) -> None:
        self.shop.faults.add(kind, method=method, template=TEMPLATE, calls=1, **how)


def opened(town: Town) -> Own:
    """Install it, its list of shipments read."""
    shop = town.open_shop(orders=1)
    tenant = town.install(shop)
    listed = [CodebookEntry("shipments", row["id"], row) for row in shop.shipments.values()]
    with town.rig.db.tx(tenant) as conn:
        codebooks.replace(conn, tenant, "shipments", listed, read_at=town.watch())
    shipment = next(id_ for id_, row in shop.shipments.items() if row["code"] == "OSOBNE")
    mine = {"affiliate_id": "prodejna1", "name": "Prodejna", "street": "U Dráhy 1", "city": "Brno", "zip": "60200"}
    shop.affiliates[shipment] = [{**mine, "country": "cz", "note": None}]
    return Own(town, shop, tenant, shipment)


def trafiky(*numbers: int, name: str = "Trafika", **changed: object) -> list[Point]:
    return [point(number, name=f"{name} {number}", **changed) for number in numbers]
