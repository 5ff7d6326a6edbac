"""A live shop in one process, whose watch jumps to whatever comes next: a day passes as fast as its work is done.

Everything is ours but the two servers: flows, stores, the simulator's shop. Lanes have their turns when beat would wake
them, and at once after a webhook or a shipment, as the wake-ups of the web process let them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from service import mappings, offers
from service.accounts import Kind, Person
from service.db import migrate
from service.embedded import OWNER_ROLE, SERVICE_ROLE, Embedded
from service.flows import acknowledge, hang, mapping, ship
from service.flows.ship import Asking, Item
from service.lanes import Lane, TenantId
from service.mappings import Milestone, Target, Tracking
from service.offers import State
from service.shipments import Draft, Parcel
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.flows.shipping import Live
from tests.flows.town import FLOWS, Town, build

BEAT = timedelta(seconds=1)
serial = count(1)

NEXT = """
    SELECT LEAST(
        (
            SELECT min(GREATEST(hints.due_at, readings.rests_until))
            FROM hints
            LEFT JOIN readings ON readings.tenant_id = hints.tenant_id AND readings.lane = hints.lane
            WHERE hints.due_at IS NOT NULL AND hints.parked IS NULL
        ),
        (
            SELECT min(GREATEST(outbox.due_at, write_backs.rests_until))
            FROM outbox
            LEFT JOIN write_backs ON write_backs.tenant_id = outbox.tenant_id
            WHERE outbox.due_at IS NOT NULL AND outbox.parked IS NULL
        ),
        (SELECT min(confirm_by) FROM outbox)
    )
"""
CALLS = "SELECT plan, count(*) FROM calls WHERE began_at >= %s AND began_at < %s GROUP BY plan ORDER BY plan"
UNHEARD = "SELECT count(*) FROM calls WHERE plan = 'orders_update' AND began_at >= %s AND status IS NULL"


@dataclass
class Virtual:
    """One live shop, the account that ships for it, and the truth as the superuser sees it."""

    live: Live
    account_id: str
    truth: psycopg.Connection
    turns: int = 0
    events: int = 0  # records of webhooks about orders
    refused: Counter[str] = field(default_factory=Counter[str])

    @property
    def now(self) -> datetime:
        return self.live.town.watch.at

    def hear(self, _shop: WorldShop, event: str, records: Sequence[object], _by: str | None) -> None:
        """Count what the shop tells of orders: each record is an event, however many come in one webhook."""
        self.events += len(records) if event.startswith("Orders.") else 0

    def until(self, end: datetime) -> None:
        """Let time pass and everybody do what falls due, asked once a second as by beat."""
        while (at := self.next_at()) and (at := at if at > self.now else self.now + BEAT) < end:
            self.go_to(at)
            self.turn(self.live.town.due())
            self.settle()
        self.go_to(end)
        self.turn(self.live.town.due())
        self.settle()

    def next_at(self) -> datetime | None:
        times = [late.due_at for late in self.live.town.world.late[:1]]
        row = self.truth.execute(NEXT).fetchone()
        return min([*times, *(at for at in (row or ()) if at)], default=None)

    def go_to(self, at: datetime) -> None:
        watch = self.live.town.watch
        watch.at = max(watch.at, at)
        self.live.town.world.tick()

    def settle(self) -> None:
        """Bring the webhooks and give every lane that is woken its turn, until nobody is told anything more."""
        town = self.live.town
        while town.undelivered or town.wake.sent:
            town.undelivered = [told for told in town.undelivered if told.lane]
            told = [(delivery.lane, delivery.tenant_id) for delivery in town.undelivered]
            town.deliver()
            woken = [*town.wake.sent, *told]
            town.wake.sent.clear()
            self.turn(woken)

    def turn(self, woken: Sequence[tuple[Lane, TenantId]]) -> None:
        """Give each of these lanes one turn."""
        for lane, tenant in dict.fromkeys(woken):
            self.turns += 1
            FLOWS[lane](self.live.town.rig, tenant)

    def ship(self, numbers: Sequence[str], *, coded: bool = True) -> list[str]:
        """Tell of shipments in posts of a hundred, stops acknowledged before; return the orders that were refused."""
        tenant, rig = self.live.tenant, self.live.town.rig
        with rig.db.tx(tenant) as conn:
            known = offers.known(conn, tenant, numbers)
        for number, offer in known.items():
            if offer.state is State.STOP:
                acknowledge.run(rig, tenant, number, revision=offer.revision)
        refused: list[str] = []
        for first in range(0, len(numbers), 100):
            items = [
                Item(place, tenant, Draft(number, (Parcel("ppl", f"T{number}" if coded else None, 900),), True))
                for place, number in enumerate(numbers[first : first + 100])
            ]
            asking = Asking(self.account_id, frozenset({tenant}), f"key-{next(serial)}", "body")
            for told in ship.record(rig, asking, items):
                if "code" in told:
                    self.refused[told["code"]] += 1
                    refused.append(items[told["index"]].draft.order_number)
        return refused

    def shipped_wrongly(self, numbers: Sequence[str]) -> list[str]:
        """Return which of these do not show that they left, with their code."""
        return [number for number in numbers if self.live.shown(number) != (self.live.sent_id, f"T{number}")]

    def mails(self, numbers: Sequence[str]) -> Counter[int]:
        """Count how many of these orders had no mail because of "shipped", one, several; some customers have none."""
        sent = Counter(mail.order_number for mail in self.live.shop.mails if mail.kind == "email")
        orders = self.live.shop.orders
        return Counter(sent[number] for number in numbers if (orders[number].record["customer"] or {}).get("email"))

    def calls(self, since: datetime, until: datetime) -> Counter[str]:
        """Count calls by purpose: the rows of the call plan they were made under."""
        return Counter(dict(self.truth.execute(CALLS, (since, until)).fetchall()))

    def unheard(self, since: datetime) -> int:
        """Return how many PUTs of orders had no answer."""
        row = self.truth.execute(UNHEARD, (since,)).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def opened(both: Embedded, *, orders: int, **changed: object) -> Iterator[Virtual]:
    """Open a live shop with so many paid orders on a database of its own, its webhooks heard; its watch stands."""
    name = f"virtual_{next(serial)}"
    both.postgres.run(f"CREATE DATABASE {name} OWNER {OWNER_ROLE}")
    migrate.migrate(both.postgres.url(OWNER_ROLE, name))
    redis_url = both.redis_url.removesuffix("0") + str(next(serial) % 60)
    with TemporaryDirectory(dir=both.folder) as folder:
        town = build(Path(folder), both.postgres.url(SERVICE_ROLE, name), redis_url, **changed)
        town.rig.redis.flushdb()
        with psycopg.connect(both.postgres.url("postgres", name), autocommit=True) as truth:
            try:
                yield _furnished(town, orders, truth)
            finally:
                town.rig.close()
    both.postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


def _furnished(town: Town, orders: int, truth: psycopg.Connection) -> Virtual:
    """Install a shop whose orders are all paid and received, switch it live, and let a warehouse ship for it."""
    shop, by = town.open_shop(orders=orders), "bench"
    kinds = {row["type"]: status_id for status_id, row in shop.statuses.items()}
    custom = [status_id for status_id, row in shop.statuses.items() if row["type"] == "Custom"]
    paid = {"status_id": kinds["Received"], "paid_date": town.watch().date().isoformat()}
    for order in list(shop.live_orders()):
        changes.change_order(town.world, shop, order.number, **paid)
    tenant = town.install(shop)
    with town.rig.db.tx(tenant) as conn:
        mappings.note_history(conn, tenant, until=town.watch() - timedelta(days=3650))
    town.work(for_s=3600)
    account = hang.open_account(town.rig, Kind.WAREHOUSE, Person("A warehouse"))
    hang.run(town.rig, tenant, account)
    mapping.save(
        town.rig,
        tenant,
        release=[kinds["Received"], kinds["PaymentSuccessful"], *custom[:2]],
        targets={Milestone.SHIPPED: Target(kinds["Sent"], mail=True)},
        release_from=None,
        pull_from=None,
        tracking=Tracking.FIRST,
        by=by,
    )
    mapping.go_live(town.rig, tenant, by=by)
    shop.mails_on_same_status = True  # the reading of B27 that costs a mail
    made = Virtual(Live(town, shop, tenant, kinds["Sent"], custom[2]), account, truth)
    town.hear(shop, tenant)
    town.world.on_event.append(made.hear)
    return made
