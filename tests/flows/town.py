"""A town in one process: shops of the simulator, our flows against a real database, and a watch that moves when told.

Webhooks go through the same store and expansion as over HTTP; wake-ups are remembered instead of sent, and lost when a
test says so, because beat's question finds the work anyway.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis

import simulator
from service import activations, blocks, inbox, outbox, tenants
from service.db import Database, Row
from service.flows import (
    activate,
    affiliates,
    alarm,
    book,
    points,
    pull,
    receive,
    refresh_orders,
    refresh_products,
    refresh_shipping,
    refresh_statuses,
    sweep,
    track,
    writeback,
)
from service.inbox import Delivery
from service.lanes import Lane, TenantId, lane_of
from service.rig import Rig
from service.tenants import Change, Credentials
from simulator import World, bodies
from simulator.shop import Shop as WorldShop
from tests.flows import kept
from tests.platform.bench import Watch, settings
from workers import due as whose

FLOWS: dict[Lane, Callable[[Rig, TenantId], int]] = {
    Lane.ACTIVATE: activate.run,
    Lane.PULL: pull.run,
    Lane.REFRESH_ORDERS: refresh_orders.run,
    Lane.REFRESH_PRODUCTS: refresh_products.run,
    Lane.REFRESH_STATUSES: refresh_statuses.run,
    Lane.REFRESH_SHIPPING: refresh_shipping.run,
    Lane.WRITEBACK: writeback.run,
    Lane.SWEEP: sweep.run,
    Lane.ALARM: alarm.run,
    Lane.BOOK: book.run,
    Lane.TRACK: track.run,
    Lane.POINTS: points.run,
    Lane.AFFILIATES: affiliates.run,
}
STEP_S, LEAP_S = 1.0, 10.0


class Remembered:
    """Wake-ups as they would have been sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[Lane, TenantId]] = []

    def __call__(self, lane: Lane, tenant_id: TenantId) -> bool:
        self.sent.append((lane, tenant_id))
        return True

    def taken(self, lane: Lane, tenant_id: TenantId) -> None:
        """Nothing to forget."""


@dataclass
class Town:
    """`built`, `wired` and `began`: its tools, their way out and its hour before anything was done to it."""

    rig: Rig
    world: World
    watch: Watch
    wake: Remembered
    database_url: str
    redis_url: str
    undelivered: list[Delivery] = field(default_factory=list[Delivery])

    def __post_init__(self) -> None:
        self.built, self.wired, self.began = self.rig, {**vars(self.rig.transport)}, self.watch.at

    def open_shop(self, slug: str = "alfa", *, orders: int, products: int = 3) -> WorldShop:
        return self.world.add_shop(slug, orders=orders, products=products, verified=True)

    def install(self, shop: WorldShop) -> TenantId:
        """Do what a signed installation does, with fresh credentials."""
        user = self.world.install(shop)
        given = Credentials(self.world.api_url(shop), user.login, user.key)
        now = self.watch()
        with self.rig.db.tx_all("a town installs") as conn:
            tenant, change = tenants.admit(conn, shop.token, given, time=now, seal=self.rig.settings.seal, now=now)
            again = change is not Change.INSTALLED
            activations.plan(conn, tenant, addon=self.rig.settings.addon, again=again, now=now)
        return tenant

    def activated(self, *, orders: int, products: int = 3) -> tuple[WorldShop, TenantId]:
        """Return a shop whose pull has ended."""

        def pulled() -> tuple[WorldShop, TenantId]:
            shop = self.open_shop(orders=orders, products=products)
            tenant = self.install(shop)
            self.work()
            return shop, tenant

        return kept.once(self, f"activated {orders} {products}", pulled)

    def hear(self, shop: WorldShop, tenant: TenantId) -> None:
        """Collect the webhooks a shop sends from now on; `deliver` brings them."""

        def told(_shop: WorldShop, event: str, records: list[dict[str, Any]], _by: str | None) -> None:
            for body, _ in bodies.made(event, shop.name, records, bodies.Quirks()):
                self.undelivered.append(self.delivery(tenant, event, body))

        self.world.on_event.append(told)

    def delivery(self, tenant: TenantId, event: str, body: bytes) -> Delivery:
        with self.rig.db.tx(tenant) as conn:
            _, generation = tenants.fence(conn, tenant)
        return Delivery(tenant, generation, event, lane_of(event), body, len(body), self.watch())

    def deliver(self, deliveries: Sequence[Delivery] | None = None) -> None:
        """Store webhooks as the receiver does: all that wait, or these."""
        batch = self.undelivered if deliveries is None else list(deliveries)
        if batch:
            receive.run(self.rig, batch)
        if deliveries is None:
            self.undelivered = []

    def due(self, *, at: datetime | None = None) -> list[tuple[Lane, TenantId]]:
        """Ask what beat asks, or will ask."""
        now = at or self.watch()
        asks = {lane: inbox.due_tenants for lane in FLOWS if lane.startswith("refresh")}
        asks |= dict.fromkeys((Lane.ACTIVATE, Lane.PULL), activations.due_tenants)
        with self.rig.db.tx_all("a town asks whose rows are due") as conn:
            due = [(lane, tenant) for lane, ask in asks.items() for tenant in ask(conn, lane, now=now)]
            due += [(Lane.SWEEP, tenant) for tenant in blocks.due_tenants(conn, now=now)]
            others = (Lane.ALARM, Lane.BOOK, Lane.TRACK, Lane.POINTS, Lane.AFFILIATES)
            due += [(lane, each) for lane in others for each in whose.due(conn, lane, now=now)]
            return due + [(Lane.WRITEBACK, tenant) for tenant in outbox.due_tenants(conn, now=now)]

    def beat(self) -> int:
        """Let every lane that is due have one turn."""
        return len([FLOWS[lane](self.rig, tenant) for lane, tenant in self.due()])

    def work(self, *, for_s: float = 60, idle_s: float = 3) -> None:
        """Beat once a second until nothing has been due for `idle_s`, for at most `for_s`; in long waits every ten.

        Beats that would find nothing due are left out: what is due once stays due until somebody sees to it.
        """
        idle = 0.0
        end = self.watch() + timedelta(seconds=for_s)
        while idle < idle_s and self.watch() < end:
            step = STEP_S if idle < LEAP_S else LEAP_S
            idle = 0.0 if self.beat() else idle + step
            self.watch.move(step)
            if idle:
                idle = self._wait(idle, idle_s, end)

    def _wait(self, idle: float, idle_s: float, end: datetime) -> float:
        """Move the watch to the next beat that has something to do, or to where the work ends; the idle time so far."""
        beats = [(self.watch(), idle)]
        while beats[-1][1] < idle_s and beats[-1][0] < end:
            step = STEP_S if idle < LEAP_S else LEAP_S
            idle += step
            beats.append((beats[-1][0] + timedelta(seconds=step), idle))
        *asking, after = beats
        if asking and self.due(at=asking[-1][0]):
            after = asking[bisect_left(asking, True, key=lambda beat: bool(self.due(at=beat[0])))]
        self.watch.at, idle = after
        return idle

    def mirrored(self, tenant: TenantId) -> dict[str, Row]:
        with self.rig.db.tx(tenant) as conn:
            found = conn.execute("SELECT order_number, state, content FROM orders").fetchall()
        return {row["order_number"]: row for row in found}

    def differences(self, shop: WorldShop, tenant: TenantId) -> dict[str, str]:
        """Return what the mirror shows otherwise than the shop, by order number."""
        ours = self.mirrored(tenant)
        wrong: dict[str, str] = {}
        for number, order in shop.orders.items():
            row = ours.pop(number, None)
            if difference := _difference(order, row):
                wrong[number] = difference
        return wrong | dict.fromkeys(ours, "invented")

    def calls(self, shop: WorldShop) -> int:
        """How often orders were asked for."""
        return shop.stats.gets("/orders")


def _difference(order: Any, row: Row | None) -> str | None:  # the simulator's order
    if order.deleted_at:
        return "undead" if row and row["state"] == "live" else None
    if row is None:
        return "missing"
    if row["state"] != "live":
        return f"falsely {row['state']}"
    return None if row["content"] == order.record else "stale"


def build(
    folder: Path,
    database_url: str,
    redis_url: str,
    *,
    watch: Watch | None = None,
    world: World | None = None,
    now: Callable[[], datetime] | None = None,
    **changed: object,
) -> Town:
    """Return a town without shops, its dial at two seconds.

    `watch` is the shops', and the one of a `world` that is there already; `now` our own clock, where it is another.

    Its pool is complete: making a connection draws random jitter in a thread of its own, and hypothesis blames its
    strategies for that.
    """
    watch = watch or Watch()
    world = world or World(seed=7, now=watch)
    database = Database(database_url, size=1)
    database.open()
    with database.tx_all("the pool has its connection now"):
        pass
    wake = Remembered()
    quick = {"addon": "expedition", "interval_s": 2, "routine_s": 2, "wait_s": 0.5, "pull_days": 3650}
    caps = {"calls_per_second": 100, "calls_burst": 1000, "calls_per_day": 60_000}
    rig = Rig(
        settings=settings(folder, **{**quick, **caps, **changed}),
        db=database,
        redis=redis.Redis.from_url(redis_url),
        wake=wake,
        now=now or watch,
        transport=simulator.transport(world),
        nap=lambda seconds: None,
        jitter=lambda: 0.5,
    )
    return Town(rig, world, watch, wake, database_url, redis_url)
