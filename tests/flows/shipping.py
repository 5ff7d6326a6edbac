"""A shop that is live, and what it ought to show: the write-back's tests put wants in the place of shipments."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from service import journal, mappings, orders, outbox, problems
from service.inbox import Delivery
from service.lanes import Lane, TenantId
from service.mappings import Answers, Milestone, Target, Tracking
from service.outbox import Want
from service.problems import Cause
from simulator import bodies, changes
from simulator.shop import Shop as WorldShop
from tests.flows import kept
from tests.flows.town import FLOWS, Town

MINUTE = 60


@dataclass
class Live:
    """One live shop of the town."""

    town: Town
    shop: WorldShop
    tenant: TenantId
    sent_id: int  # the status "shipped"
    done_id: int  # the status "delivered"
    want_of: dict[str, Want] = field(default_factory=dict[str, Want])

    @property
    def numbers(self) -> list[str]:
        """Orders that were not shipped before and whose customer can be mailed."""
        records = {number: order.record for number, order in sorted(self.shop.orders.items())}
        ours = (self.sent_id, self.done_id)
        return [n for n, record in records.items() if record["status_id"] not in ours and record["customer"]["email"]]

    def want(self, *numbers: str, **changed: object) -> None:
        """Let these orders show that they were shipped, or whatever is said otherwise."""
        now = self.town.watch()
        with self.town.rig.db.tx(self.tenant) as conn:
            shown = orders.statuses_of(conn, self.tenant, numbers)
            for number in numbers:
                told = {"status_id": self.sent_id, "milestone": "shipped", "mail": True, "tracking_code": f"T{number}"}
                self.want_of[number] = Want(**{**told, "based_on_status_id": shown.get(number), **changed})
            outbox.put(conn, self.tenant, {number: self.want_of[number] for number in numbers}, now=now)

    def turn(self) -> int:
        """Let the lane have one turn, due or not."""
        return FLOWS[Lane.WRITEBACK](self.town.rig, self.tenant)

    def after(self, seconds: float) -> int:
        """Let time pass and the lane have its turn then."""
        self.town.watch.move(seconds)
        self.town.world.tick()
        return self.turn()

    def shown(self, number: str) -> tuple[int | None, str | None]:
        record = self.shop.orders[number].record
        return record["status_id"], record["tracking_code"]

    def mails(self, number: str | None = None) -> int:
        return sum(mail.kind == "email" and number in (None, mail.order_number) for mail in self.shop.mails)

    def puts(self) -> int:
        return sum(call.method == "PUT" and call.template == "/orders" for call in self.shop.stats.log)

    def state(self, number: str) -> str:
        with self.town.rig.db.tx(self.tenant) as conn:
            return outbox.state_of(conn, self.tenant, [number], now=self.town.watch())[number]

    def problems(self) -> list[tuple[Cause, str | None]]:
        with self.town.rig.db.tx(self.tenant) as conn:
            return [(each.cause, each.order_number) for each in problems.open_ones(conn, self.tenant)]

    def story(self, number: str) -> list[str]:
        with self.town.rig.db.tx(self.tenant) as conn:
            return [entry.kind.value for entry in journal.timeline(conn, self.tenant, number)]

    def read(self) -> None:
        """Let the mirror read every order."""
        self.tell(*self.shop.orders)
        self.town.work(for_s=10, idle_s=4)

    def tell(self, *numbers: str) -> None:
        """Send the webhook that a change of these orders would have sent."""
        records = [{"order_number": number, "status_id": self.shown(number)[0]} for number in numbers]
        made = bodies.made("Orders.update", self.shop.name, records, bodies.Quirks())
        told: list[Delivery] = [self.town.delivery(self.tenant, "Orders.update", body) for body, _ in made]
        self.town.deliver(told)


def live(town: Town, *, count: int, slug: str = "alfa") -> Live:
    """Return a shop that was switched live after its pull, all its orders received; the status "shipped" mails."""
    return kept.once(town, f"live {count} {slug}", partial(_gone_live, town, count, slug))


def _gone_live(town: Town, count: int, slug: str) -> Live:
    shop = town.open_shop(slug, orders=count)
    kinds = {row["type"]: status_id for status_id, row in shop.statuses.items()}
    changes.bulk_status(town.world, shop, [order.number for order in shop.live_orders()], kinds["Received"])
    tenant = town.install(shop)
    town.work()
    custom = max(status_id for status_id, row in shop.statuses.items() if row["type"] == "Custom")
    sent = kinds.get("Sent", min(status_id for status_id, row in shop.statuses.items() if row["type"] == "Custom"))
    release = kinds["Received"]
    names = {status_id: str(status_id) for status_id in shop.statuses}
    targets = {Milestone.SHIPPED: Target(sent, mail=True), Milestone.DELIVERED: Target(custom)}
    with town.rig.db.tx(tenant) as conn:
        mappings.note_history(conn, tenant, until=town.watch() - timedelta(days=365))
        answers = Answers([release], targets, None, None, Tracking.FIRST, names)
        mappings.save(conn, tenant, answers, now=town.watch())
        mappings.switch(conn, tenant, live_since=town.watch())
    shop.mails.clear()
    shop.mails_on_same_status = True  # the reading of B27 that costs a mail
    return Live(town, shop, tenant, sent, custom)
