"""A warehouse's dock for tests: live shops with orders on a bench, and the warehouse accounts that ship for them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from service import codebooks, mappings, offers, outbox, problems, shipments, tenants
from service.accounts import Kind, Person
from service.flows import admit, hang, ship
from service.flows.ship import Asking, Item
from service.lanes import TenantId
from service.mappings import Answers, Milestone, Target, Tracking
from service.offers import Offer
from service.outbox import Claimed, Pace
from service.platform.shapes import CodebookEntry, Done
from service.problems import Cause
from service.shipments import Draft, Parcel, Shipment
from service.steps import take_over
from tests.lifecycle import CREDENTIALS, START, Bench, bench
from tests.shop_items import order

RECEIVED, STORNO, SENT = 1, 2, 12
TYPES = {RECEIVED: "Received", STORNO: "Canceled", SENT: "Sent"}
PPL = Parcel("ppl", "40170000001", 1250)
ANY_TIME = Pace(0.0, 0.0)


@dataclass
class Dock:
    """What tests do as a shop, as a warehouse, and as whoever looks."""

    bench: Bench
    tenants: set[TenantId] = field(default_factory=set[TenantId])
    keys: int = 0

    def warehouse(self, *tenants: TenantId) -> str:
        """Return the account of a warehouse that ships for these shops."""
        account_id = hang.open_account(self.bench.rig, Kind.WAREHOUSE, Person("A warehouse"))
        for tenant_id in tenants:
            hang.run(self.bench.rig, tenant_id, account_id)
        return account_id

    def token(self, account_id: str) -> str:
        secret = hang.add_token(self.bench.rig, account_id, label="wms").secret
        assert secret
        return secret

    def shop(self, name: str, *numbers: str, live: bool = True, tracking: Tracking = Tracking.FIRST) -> TenantId:
        """Install a shop whose history ends now, with these orders since."""
        rig = self.bench.rig
        tenant_id = admit.run(rig, self.bench.call(token=name), CREDENTIALS)
        self.tenants.add(tenant_id)
        now = self.bench.watch.at
        targets = {Milestone.SHIPPED: Target(SENT, mail=True)}
        listed = [CodebookEntry("order_statuses", str(each), {"id": each, "type": TYPES[each]}) for each in TYPES]
        with rig.db.tx(tenant_id) as conn:
            tenants.trust(conn, tenant_id, credentials_revision=2)  # installing gave it its first ones
            codebooks.replace(conn, tenant_id, "order_statuses", listed, read_at=now)
            mappings.note_history(conn, tenant_id, until=START - timedelta(days=1))
            mappings.save(conn, tenant_id, Answers({RECEIVED}, targets, None, None, tracking, TYPES), now=now)
            if live:
                mappings.switch(conn, tenant_id, live_since=now)
        self.shows(tenant_id, *numbers)
        return tenant_id

    def shows(self, tenant_id: TenantId, *numbers: str, **fields: Any) -> None:
        """Let the shop show orders so from now on, and be read."""
        self.bench.watch.pass_s(3)
        now = self.bench.watch.at
        changed = (now - START).total_seconds() - 1
        page = [order(number, changed=changed, **fields) for number in numbers]
        with self.bench.rig.db.tx(tenant_id) as conn:
            take_over.take_over(conn, tenant_id, page, read_at=now, source="event", now=now)

    def item(
        self,
        tenant_id: str,
        number: str,
        *parcels: Parcel,
        final: bool = True,
        left_already: bool = False,
        index: int = 0,
    ) -> Item:
        return Item(index, tenant_id, Draft(number, parcels or (PPL,), final), left_already=left_already)

    def asking(self, account_id: str, *, key: str | None = None, digest: str = "body") -> Asking:
        self.keys += 1
        return Asking(account_id, frozenset(self.tenants), key or f"key-{self.keys}", digest)

    def post(self, account_id: str, *items: Item, key: str | None = None, digest: str = "body") -> list[Any]:
        """Tell of shipments; each result is the shipment as a WMS reads it, or the code of a refusal."""
        told = ship.record(self.bench.rig, self.asking(account_id, key=key, digest=digest), numbered(items))
        return [each.get("shipment") or each["code"] for each in told]

    def ships(self, tenant_id: TenantId, number: str, *parcels: Parcel, **said: Any) -> Mapping[str, Any]:
        """Ship one order and return the shipment."""
        [told] = self.post("a_any", self.item(tenant_id, number, *parcels, **said))
        assert not isinstance(told, str), told
        return told

    def correct(self, told: Mapping[str, Any], *parcels: Parcel, final: bool = True) -> Mapping[str, Any]:
        return ship.correct(
            self.bench.rig, self.tenants, told["id"], parcels=parcels or (PPL,), final=final, by="a_any"
        )

    def void(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        return ship.void(self.bench.rig, self.tenants, told["id"], by="a_any")

    def offer(self, tenant_id: TenantId, number: str) -> Offer:
        with self.bench.rig.db.tx(tenant_id) as conn:
            return offers.known(conn, tenant_id, [number])[number]

    def says(self, tenant_id: TenantId, number: str) -> tuple[str, str | None]:
        """Return state and reason of what warehouses are told of an order."""
        offer = self.offer(tenant_id, number)
        return offer.state.value, offer.reason and offer.reason.value

    def shipments(self, tenant_id: TenantId, number: str) -> list[Shipment]:
        with self.bench.rig.db.tx(tenant_id) as conn:
            return shipments.of_orders(conn, tenant_id, [number])[number]

    def problems(self, tenant_id: TenantId) -> dict[str | None, Cause]:
        with self.bench.rig.db.tx(tenant_id) as conn:
            return {each.order_number: each.cause for each in problems.open_ones(conn, tenant_id)}

    def causes(self, tenant_id: TenantId) -> set[Cause]:
        with self.bench.rig.db.tx(tenant_id) as conn:
            return {each.cause for each in problems.open_ones(conn, tenant_id)}

    def offered(self, tenant_id: TenantId) -> set[str]:
        with self.bench.rig.db.tx(tenant_id) as conn:
            return {each.offer.order_number for each in offers.after(conn, tenant_id, 0, most=1000)}

    def journal(self, tenant_id: TenantId) -> list[str]:
        with self.bench.rig.db.tx(tenant_id) as conn:
            found = conn.execute("SELECT kind FROM journal WHERE kind LIKE 'shipment%' ORDER BY journal_id").fetchall()
        return [row["kind"] for row in found]

    def claims(self, tenant_id: TenantId) -> Claimed:
        """Claim what may be sent now, as a worker does before its call."""
        now = self.bench.watch.at
        with self.bench.rig.db.tx(tenant_id) as conn:
            return outbox.claim(conn, tenant_id, now=now, pace=ANY_TIME, round_began=now)

    def gives_back(self, tenant_id: TenantId) -> None:
        """Claim what may be sent now and give it back: the budget was empty."""
        claimed, now = self.claims(tenant_id), self.bench.watch.at
        with self.bench.rig.db.tx(tenant_id) as conn:
            outbox.unmark(conn, tenant_id, claimed, now=now, until=now)

    def written(self, tenant_id: TenantId) -> list[tuple[str, int | None, str | None, bool]]:
        """Let the shop take what is due; return what a PUT carried: number, status, code, and whether it may mail."""
        claimed = self.claims(tenant_id)
        done = {each.order_number: Done(done=True) for each in claimed.updates}
        with self.bench.rig.db.tx(tenant_id) as conn:
            outbox.record(conn, tenant_id, claimed, done, now=self.bench.watch.at)
        return [(each.order_number, each.status_id, each.tracking_code, claimed.mail) for each in claimed.updates]


def numbered(items: Sequence[Item]) -> list[Item]:
    return [Item(index, each.tenant_id, each.draft, left_already=each.left_already) for index, each in enumerate(items)]


@contextmanager
def dock(database_url: str, folder: Path) -> Iterator[Dock]:
    with bench(database_url, folder) as made:
        yield Dock(made)
