"""A dock with a mail server and a webhook beside it: time passes, shops are swept, and whoever is due is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service import accounts, problems, tenants
from service.accounts import Kind, Person
from service.alarms import channels
from service.flows import alarm, arrange, sweep
from service.flows.arrange import Added
from service.lanes import Lane, TenantId
from service.problems import Cause
from service.rig import Rig
from tests.dock import Dock
from tests.lifecycle import bench
from tests.post.doors import Doorbell, Postbox, doorbell, postbox
from workers import due

MINUTE, HOUR, DAY = 60, 3_600, 86_400
TURNS = 50  # a lane that is still due after so many turns is never done


@dataclass
class Bureau(Dock):
    """What tests do as operators, as merchants, and as the clock."""

    box: Postbox = field(kw_only=True)
    bell: Doorbell = field(kw_only=True)

    @property
    def rig(self) -> Rig:
        return self.bench.rig

    def owner(self, shop: TenantId, email: str | None = "merchant@example.com", language: str = "cs") -> str:
        """Give a shop its merchant."""
        now = self.bench.watch.at
        with self.rig.db.tx_all("a test pairs a shop") as conn:
            account = accounts.create(conn, Kind.MERCHANT, Person("Merchant", email=email), now=now)
            tenants.pair(conn, shop, account_id=account)
            tenants.note(conn, shop, time=now, version=None, language=language)
        return account

    def warehouse(self, shop: TenantId) -> str:
        """Have a warehouse ship for a shop; return its account."""
        with self.rig.db.tx_all("a test gives a shop its warehouse") as conn:
            account = accounts.create(conn, Kind.WAREHOUSE, Person("Depot"), now=self.bench.watch.at)
            tenants.ship_from(conn, shop, account_id=account)
        return account

    def mail_to_operators(self, address: str = "ops@example.com") -> str:
        return arrange.add(self.rig, channels.Kind.MAIL, address, account_id=None, language="en", by="test").channel_id

    def webhook(self, **said: Any) -> Added:
        named = {"account_id": None, "language": "en", "by": "test", **said}
        return arrange.add(self.rig, channels.Kind.WEBHOOK, self.bell.url, **named)

    def note(self, shop: TenantId, cause: Cause, number: str | None = None) -> None:
        with self.rig.db.tx(shop) as conn:
            problems.note(conn, shop, cause, now=self.bench.watch.at, order_number=number)

    def settle(self, shop: TenantId, cause: Cause) -> None:
        with self.rig.db.tx(shop) as conn:
            problems.settle(conn, shop, cause, now=self.bench.watch.at)

    def turn(self) -> int:
        """Let the lane do all that is due; return how many alarms were told."""
        told = 0
        for _ in range(TURNS):
            with self.rig.db.tx_all("a test asks what beat asks") as conn:
                whose = due.due(conn, Lane.ALARM, now=self.bench.watch.at)
            if not whose:
                return told
            told += sum(alarm.run(self.rig, tenant) for tenant in whose)
        raise AssertionError(f"the lane is never done: {whose}")

    def after(self, seconds: float) -> int:
        """Let time pass, sweep every shop, and let the lane do what is due then."""
        self.bench.watch.pass_s(seconds)
        for shop in sorted(self.tenants):
            sweep.run(self.rig, shop)
        return self.turn()

    def sent_to(self, address: str) -> list[str]:
        return [told for told, each in zip(self.box.subjects(), self.box.taken, strict=True) if each["To"] == address]

    def acts(self, shop: TenantId, kind: str = "person") -> list[dict[str, Any]]:
        with self.rig.db.tx(shop) as conn:
            found = conn.execute("SELECT detail FROM journal WHERE kind = %s ORDER BY journal_id", [kind]).fetchall()
        return [row["detail"] for row in found]


@contextmanager
def bureau(database_url: str, folder: Path, **other: Any) -> Iterator[Bureau]:
    """Return a bureau whose mail server and webhook answer."""
    with postbox() as box, doorbell() as bell:
        told = {"smtp_url": box.url, "alarm_hosts": bell.hosts, **other}
        with bench(database_url, folder, **told) as made:
            yield Bureau(made, box=box, bell=bell)
