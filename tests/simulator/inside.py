"""A world in process for the API's tests: a watch that moves when told, one shop, its client, the events heard."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from simulator import World, transport
from simulator.shop import ApiUser, Order, Shop

START = datetime(2025, 3, 3, 9, 15, tzinfo=UTC)  # 10:15 in Prague


@dataclass
class Watch:
    """The time of the world."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Inside:
    """One shop of a world and a client with the add-on's credentials."""

    watch: Watch
    world: World
    shop: Shop
    user: ApiUser
    client: httpx.Client
    heard: list[tuple[str, list[dict[str, Any]], str | None]] = field(default_factory=list)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.client.put(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put_order(self, number: str, flags: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        return self.put("/orders", {**(flags or {}), "orders": [{"order_number": number, **fields}]})["orders"][0]

    def numbers(self, **query: Any) -> list[str]:
        return [order["order_number"] for order in self.get("/orders", **query)["orders"]]

    def status(self, type_: str, name: str | None = None) -> int:
        """Return the id of a status by type, and by Czech name among custom ones."""
        return next(
            id_
            for id_, row in self.shop.statuses.items()
            if row["type"] == type_ and name in (None, row["descriptions"][0]["name"])
        )

    def order(self, **wanted: Any) -> Order:
        """Return the newest order whose record has these values."""
        found = [o for o in self.shop.live_orders() if all(o.record[name] == value for name, value in wanted.items())]
        return found[-1]

    def events(self, name: str) -> list[list[dict[str, Any]]]:
        return [records for event, records, _ in self.heard if event == name]

    def as_(self, login: str, key: str, ip: str = "127.0.0.1") -> httpx.Client:
        """Return a client with other credentials or another address."""
        wire = transport(self.world, client_ip=ip)
        return httpx.Client(transport=wire, base_url=self.world.api_url(self.shop), auth=(login, key))


def inside(slug: str = "alfa", *, seed: int = 7, **shop: Any) -> Inside:
    """Return a fresh world with one shop; verified (no quota) unless told otherwise."""
    watch = Watch()
    world = World(seed, watch)
    made = world.add_shop(slug, **{"orders": 120, "products": 60, "verified": True, **shop})
    user = world.install(made)
    wire = transport(world)
    client = httpx.Client(transport=wire, base_url=world.api_url(made), auth=(user.login, user.key))
    it = Inside(watch, world, made, user, client)
    world.on_event.append(lambda _, event, records, caused_by: it.heard.append((event, records, caused_by)))
    return it
