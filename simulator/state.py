"""The world: shops on one host, who may call them, and what time it is.

Everything reads and writes under `world.lock`; listeners of `on_event` are called while it is held and must not wait.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import TypeAlias

from simulator import limits
from simulator import seed as seeding
from simulator.shop import ApiUser, Mail, Order, Product, Record, Shop, Webhook
from simulator.wire import Request, Response

__all__ = [
    "ApiUser",
    "LateWrite",
    "Mail",
    "Move",
    "Order",
    "Product",
    "Record",
    "Request",
    "Response",
    "Shop",
    "Webhook",
    "World",
]

Listener: TypeAlias = Callable[[Shop, str, list[Record], str | None], None]


@dataclass(frozen=True, slots=True)
class Move:
    """A shop that went to another address; `how` is `body` (A24, A25) or `location` (A25b), see contract 1.4."""

    shop: Shop
    how: str


@dataclass(order=True, slots=True)
class LateWrite:
    """A write whose caller has given up already; it is done by `World.tick` once `due_at` has passed (B28)."""

    due_at: datetime
    serial: int
    shop: Shop = field(compare=False)
    run: Callable[[], None] = field(compare=False)


class World:
    """All shops of the stand-in."""

    def __init__(self, seed: int = 1, now: Callable[[], datetime] | None = None) -> None:
        """Make an empty world. `now` returns an aware time; the wall clock when it is not given."""
        self.seed = seed
        self.now: Callable[[], datetime] = now or (lambda: datetime.now().astimezone())
        self.base_url = "http://127.0.0.1:8123"
        self.lock = RLock()
        self.rng = random.Random(f"{seed}:world")
        self.shops: dict[str, Shop] = {}
        self.moved: dict[str, Move] = {}
        self.on_event: list[Listener] = []
        """Called as (shop, event, records, caused_by) after every change; any number of records as in contract 3.4.

        `caused_by` is the API login that made the change, None for a change by admin, customer or import.
        """
        self.addon_blocked: int | None = None
        """The status (401 or 403) every add-on user gets while the add-on is blocked; credentials stay (2.7, B26)."""
        self.bad_logins: dict[str, deque[datetime]] = {}
        self.late: list[LateWrite] = []
        self._late_serial = 0

    def add_shop(  # noqa: PLR0913 - what a shop is like is said by name
        self,
        slug: str,
        *,
        orders: int = 250,
        products: int = 60,
        tariff: str = "platinum",
        verified: bool = False,
        language: str = "cs",
        days: int = 90,
        number_format: str | None = None,
        older: bool = False,
    ) -> Shop:
        """Add a shop and fill it; the same seed and slug bring the same content.

        `tariff`: bronze, silver, gold, platinum, exclusive. `days`: orders were created within so many days before now.
        `number_format`: `{yy}`, `{yyyy}` and `{n}` are filled in; the default differs from shop to shop (T42).
        `older`: a shop from before v31: no `Sent` status, many orders without the newer fields (T32).
        """
        with self.lock:
            rng = random.Random(f"{self.seed}:{slug}")
            shop = Shop(
                slug=slug,
                name=slug.replace("-", " ").title(),
                token=f"{rng.getrandbits(160):040x}",
                rng=rng,
                language=language,
                tariff=limits.known_tariff(tariff),
                verified=verified,
                number_format=number_format or seeding.NUMBER_FORMATS[len(self.shops) % len(seeding.NUMBER_FORMATS)],
            )
            seeding.fill(shop, self.now(), orders=orders, products=products, days=days, older=older)
            self.shops[slug] = shop
            return shop

    def api_url(self, shop: Shop) -> str:
        """Return the address an installation hands out: `{base_url}/{slug}/api/v2`."""
        return f"{self.base_url}/{shop.slug}/api/v2"

    def add_user(self, shop: Shop, *, addon: bool = False, rights: dict[str, str] | None = None) -> ApiUser:
        """Create an API user with fresh credentials and a group of its own."""
        with self.lock:
            login = f"{shop.slug}-{'addon' if addon else 'api'}-{shop.serial('users')}"
            user = ApiUser(login=login, key=f"{self.rng.getrandbits(128):032x}", addon=addon)
            user.rights.update(rights or {})
            shop.users[login] = user
            return user

    def install(self, shop: Shop, *, rights: dict[str, str] | None = None) -> ApiUser:
        """Create the add-on's API user; an older one goes, and its webhooks with it (contract 2.5, 2.7)."""
        with self.lock:
            self.uninstall(shop)
            shop.addon_user = self.add_user(shop, addon=True, rights=rights)
            return shop.addon_user

    def uninstall(self, shop: Shop) -> None:
        """Delete the add-on's API user and its webhooks (contract 2.5)."""
        with self.lock:
            if shop.addon_user is None:
                return
            gone = shop.users.pop(shop.addon_user.login)
            shop.webhooks = {id_: hook for id_, hook in shop.webhooks.items() if hook.login != gone.login}
            shop.webhooks_unread = {key for key in shop.webhooks_unread if key[0] != gone.login}
            shop.addon_user = None

    def move_shop(self, shop: Shop, to: str, *, how: str = "body") -> None:
        """Move a shop to another address; the old one answers 301, with `api_url` in the `body` or with `location`."""
        if how not in ("body", "location"):
            raise ValueError(f"a move is told by 'body' or by 'location', not by {how!r}")
        with self.lock:
            del self.shops[shop.slug]
            self.moved[shop.slug] = Move(shop, how)
            self.moved.pop(to, None)
            shop.slug = to
            self.shops[to] = shop

    def set_rights(self, shop: Shop, user: ApiUser, rights: dict[str, str]) -> None:
        """Change a user's rights; webhooks that lost theirs are switched off (contract 3.1)."""
        with self.lock:
            user.rights.update(rights)
            for hook in shop.webhooks.values():
                if hook.login == user.login and not limits.may_hear(user, hook.event):
                    hook.active = False

    def block_addon(self, status: int = 403) -> None:
        """Block the add-on at all shops: its users get `status` (401 or 403) until `unblock_addon` (contract 2.7)."""
        self.addon_blocked = status

    def unblock_addon(self) -> None:
        """Let the add-on's users in again, with the credentials they had."""
        self.addon_blocked = None

    def emit(self, shop: Shop, event: str, records: list[Record], caused_by: str | None = None) -> None:
        """Tell every listener of a change."""
        if records:
            for listener in self.on_event:
                listener(shop, event, records, caused_by)

    def enter(self, request: Request) -> Response | None:
        """Count a request in, or return the 429 for a fourth one at once (contract 1.8).

        After None the server must call `leave`; after an answer it must not.
        """
        with self.lock:
            return limits.enter(self, request)

    def leave(self, request: Request) -> None:
        """Count a request out again."""
        with self.lock:
            limits.leave(self, request)

    def put_off(self, shop: Shop, seconds: float, run: Callable[[], None]) -> None:
        """Queue a write that lands later."""
        self._late_serial += 1
        heapq.heappush(self.late, LateWrite(self.now() + timedelta(seconds=seconds), self._late_serial, shop, run))

    def tick(self, now: datetime | None = None) -> int:
        """Do the late writes that are due; return how many landed."""
        with self.lock:
            landed = 0
            while self.late and self.late[0].due_at <= (now or self.now()):
                heapq.heappop(self.late).run()
                landed += 1
            return landed
