"""Two accounts with their shops over a served web process: a warehouse that ships for two, and a merchant with one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import redis

from service import accounts as people
from service import tenants
from service.accounts import Kind, Person
from service.db import Database
from service.rig import Rig
from service.steps import offering, take_over
from service.tenants import Credentials
from tests.live import go_live
from tests.shop_items import at, order
from tests.web.desk import Woken, rig_over
from tests.web.test_app import Site, serving

WAREHOUSE_SHOPS, MERCHANT_SHOPS = ("alfa", "beta"), ("gama",)


@dataclass(frozen=True)
class Place:
    """A served process and who may call it; shops by the names above."""

    site: Site
    shops: Mapping[str, str]
    warehouse: str  # tokens
    merchant: str
    accounts: Sequence[str]  # of both, in this order

    @property
    def rig(self) -> Rig:
        return self.site.rig

    def ask(self, method: str, path: str, *, token: str | None = None, **said: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.warehouse if token is None else token}"}
        return self.site.http.request(method, f"/wms/v1{path}", headers=headers, timeout=40, **said)

    def feed(self, **params: Any) -> dict[str, Any]:
        answer = self.ask("GET", "/orders", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def take(self, number: str = "O1", *, shop: str = "alfa", changed: float = 60, **fields: Any) -> None:
        """Let a shop's order be read; without fields it is released at once."""
        tenant = self.shops[shop]
        with self.rig.db.tx(tenant) as conn:
            found = order(number, created=60, changed=changed, **fields)
            take_over.take_over(conn, tenant, [found], read_at=at(changed), source="event", now=at(changed))

    def weigh(self, number: str, *, shop: str = "alfa") -> None:
        with self.rig.db.tx(self.shops[shop]) as conn:
            offering.weigh(conn, self.shops[shop], {number: ()}, now=at(500))


def shop_of(rig: Rig, name: str, account: str, kind: Kind, *, live: bool = True) -> str:
    """Install a shop on an account."""
    given = Credentials(f"https://{name}.admin.s1.upgates.com/api/v2", "user", "key")
    with rig.db.tx_all("a test installs a shop") as conn:
        tenant, _ = tenants.admit(conn, name, given, time=at(0), seal=rig.settings.seal, now=at(0))
        if kind is Kind.WAREHOUSE:
            tenants.ship_from(conn, tenant, account_id=account)
        else:
            tenants.pair(conn, tenant, account_id=account)
        if live:
            go_live(conn, tenant)
    return tenant


def account_of(rig: Rig, kind: Kind) -> tuple[str, str]:
    """Open an account and return its id and its token."""
    with rig.db.tx_all("a test opens an account") as conn:
        account = people.create(conn, kind, Person(name=kind.value), now=at(0))
        token = people.add_token(conn, account, label="test", now=at(0))
    assert token.secret
    return account, token.secret


@contextmanager
def opened(database_url: str, redis_url: str, folder: Path) -> Iterator[Place]:
    """Serve the web process with both accounts in it."""
    db = Database(database_url, size=8)
    db.open()
    rig = rig_over(database_url, folder, db=db, wake=Woken(), memory=redis.Redis.from_url(redis_url))
    shops: dict[str, str] = {}
    tokens: list[str] = []
    accounts: list[str] = []
    for kind, names in ((Kind.WAREHOUSE, WAREHOUSE_SHOPS), (Kind.MERCHANT, MERCHANT_SHOPS)):
        account, token = account_of(rig, kind)
        shops |= {name: shop_of(rig, name, account, kind) for name in names}
        tokens.append(token)
        accounts.append(account)
    with serving(rig) as site:
        yield Place(site, shops, *tokens, accounts)
