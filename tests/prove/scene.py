"""What a trial is about: shops of the simulator, what they are to us, their letters, and a Redis that can be away."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

import redis

from service.lanes import Lane, TenantId, lane_of
from simulator import World
from simulator.shop import Shop as WorldShop
from tests.platform.bench import Watch
from tests.prove.warehouse import Warehouse


class Severed(redis.ConnectionPool):
    """Connections to a Redis that can be away."""

    away = False

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        if self.away:
            raise redis.ConnectionError("Redis is away")
        return super().get_connection(*args, **kwargs)


@dataclass(frozen=True)
class Letter:
    """A webhook under way; `again_at`: it was refused, and the platform sends it again then."""

    tenant: TenantId
    generation: int
    event: str
    body: bytes
    again_at: datetime | None = None

    @property
    def lane(self) -> Lane | None:
        return lane_of(self.event)


@dataclass
class Site:
    """One shop under trial, its tenant, and the warehouse that ships for it."""

    shop: WorldShop
    tenant: TenantId
    sent_id: int = 0
    warehouse: Warehouse = field(default_factory=lambda: Warehouse("", ""))
    uninstalled: bool = False
    forgotten: set[str] = field(default_factory=set[str])  # what had left before it was uninstalled
    admitted: bool = True

    def living(self) -> list[str]:
        return [order.number for order in self.shop.live_orders()]


@dataclass
class Scene:
    """Shops of the simulator, what they are to us, and their watch."""

    world: World
    watch: Watch
    sites: list[Site] = field(default_factory=list[Site])

    def copy(self) -> "Scene":
        """Return a scene in which the same may go on otherwise."""
        watch = Watch()
        watch.at = self.watch.at
        shared = {id(self.world.lock): RLock(), id(self.watch): watch, id(self.world.on_event): []}
        return copy.deepcopy(self, shared)  # pyright: ignore[reportArgumentType] - what is not to be copied
