"""One shop of the simulator, installed with us, and a watch that moves when told."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import redis

from service import tenants
from service.db import Database
from service.lanes import Lane
from service.rig import Rig
from service.settings import Settings
from service.tenants import Credentials
from simulator import World
from simulator import transport as simulated
from simulator.shop import Shop as WorldShop

NOON = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
SEALING = urlsafe_b64encode(b"tests" * 6 + b"ok").decode()  # of every worker: what one sealed another opens
SIMULATED = r"127\.0\.0\.1:8123"  # where the simulator says that it lives


class Watch:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def settings(folder: Path, **changed: object) -> Settings:
    (folder / "secrets").write_text(SEALING)
    (folder / "hooks").write_text("k" * 40)
    return Settings(
        **{
            "database_url": "postgres://unused",
            "redis_url": "redis://unused",
            "addon": "fulfillment",
            "public_url": "https://hooks.example.com",
            "signature_token": "not-a-secret",
            "platform_hosts": SIMULATED,
            "secrets_key_file": folder / "secrets",
            "webhook_key_file": folder / "hooks",
            "support_phone": "+420123456789",
            "support_email": "support@example.com",
            **changed,
        }
    )


@dataclass
class Bench:
    rig: Rig
    world: World
    shop: WorldShop
    tenant: str
    watch: Watch

    def lane(self, lane: Lane = Lane.REFRESH_ORDERS):
        return self.rig.shop(self.tenant, lane)

    def rows(self) -> list[tuple[str, int | None, str | None, int | None]]:
        with self.rig.db.tx(self.tenant) as conn:
            found = conn.execute("SELECT plan, status, outcome, items FROM calls ORDER BY call_id").fetchall()
        return [(row["plan"], row["status"], row["outcome"], row["items"]) for row in found]

    def access(self) -> tenants.Access:
        with self.rig.db.tx(self.tenant) as conn:
            found = tenants.access(conn, self.tenant)
        assert found is not None
        return found

    def install(self) -> None:
        """Give the shop fresh credentials, as a signed installation would."""
        user = self.world.install(self.shop)
        self.entrust(user.login, user.key)

    def entrust(self, login: str, key: str) -> None:
        given = Credentials(self.world.api_url(self.shop), login, key)
        with self.rig.db.tx_all("installs a shop") as conn:
            self.tenant, _ = tenants.admit(
                conn, "token-1", given, time=self.watch(), seal=self.rig.settings.seal, now=self.watch()
            )

    def used_before(self) -> None:
        """Let the credentials have worked once."""
        with self.rig.db.tx(self.tenant) as conn:
            tenants.trust(conn, self.tenant, credentials_revision=self.access().credentials_revision)


def build(
    folder: Path,
    database_url: str,
    redis_url: str,
    *,
    transport: httpx.BaseTransport | None = None,
    **changed: object,
) -> Bench:
    """Return a bench with one installed shop of 250 orders on a Platinum tariff."""
    watch = Watch()
    world = World(seed=7, now=watch)
    shop = world.add_shop("alpha", orders=250, products=60)
    database = Database(database_url, size=4)
    database.open()
    rig = Rig(
        settings=settings(folder, **changed),
        db=database,
        redis=redis.Redis.from_url(redis_url),
        wake=lambda lane, tenant_id: True,
        now=watch,
        transport=transport or simulated(world),
        nap=lambda seconds: None,
        jitter=lambda: 0.5,
    )
    bench = Bench(rig, world, shop, "", watch)
    bench.install()
    return bench
