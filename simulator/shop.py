"""One shop and what it holds: orders, products, code lists, API users, webhooks, mails.

Records are kept as the dicts the API answers with; whoever changes one goes through `changes`, never around it.
"""

import random
from bisect import insort
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from simulator.faults import Faults
from simulator.stats import Stats
from simulator.wire import dumps, stamp, stamp_of

Record: TypeAlias = dict[str, Any]

SERVICES = (  # the groups of endpoints a right is given for; the names /status prints are a guess
    "orders",
    "order-statuses",
    "products",
    "stocks",
    "shipments",
    "payments",
    "owner",
    "languages",
    "config",
    "customers",
    "invoices",
)


@dataclass(slots=True)
class ApiUser:
    """A login with its key, its rights per service (`deny`, `readonly`, `all`) and its own group (contract 1.2)."""

    login: str
    key: str
    addon: bool = True
    revoked: bool = False
    """The credentials no longer work: 401."""
    active: bool = True
    """False: the user is switched off in the admin: 403."""
    rights: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SERVICES, "all"))
    hour_used: int = 0
    day_used: int = 0
    hour: str = ""
    day: str = ""

    @property
    def group(self) -> str:
        """The access group; a user created by an installation has one of its own (contract 1.2)."""
        return self.login


@dataclass(slots=True)
class Order:
    """One order: the record as GET answers it, its history, and a rendered copy until the next change."""

    seq: int
    record: Record
    created: int
    updated: int
    deleted_at: datetime | None = None
    history: list[Record] = field(default_factory=list)
    rendered: bytes | None = None

    @property
    def number(self) -> str:
        return self.record["order_number"]

    def render(self) -> bytes:
        """Return the order as JSON."""
        if self.rendered is None:
            self.rendered = dumps(self.record)
        return self.rendered


@dataclass(slots=True)
class Product:
    """One product: the full record, what the parameter and relation lists show, and rendered copies per list."""

    seq: int
    record: Record
    parameters: Record
    related: Record
    created: int
    updated: int
    deleted_at: datetime | None = None
    rendered: dict[str, bytes] = field(default_factory=dict)

    @property
    def code(self) -> str | None:
        return self.record["code"]


@dataclass(slots=True)
class Webhook:
    """One registered webhook; it belongs to the API user that made it (contract 3.1)."""

    id: int
    login: str
    event: str
    url: str
    name: str
    created_at: datetime
    active: bool = True
    last_success_at: datetime | None = None
    last_success_status: int | None = None
    last_error_at: datetime | None = None
    last_error_status: int | None = None

    def record(self) -> Record:
        """Return the webhook as GET /webhooks prints it."""
        return {
            "id": self.id,
            "active_yn": self.active,
            "name": self.name,
            "url": self.url,
            "event": self.event,
            "last_success_call": stamp(self.last_success_at) if self.last_success_at else None,
            "last_success_call_status": self.last_success_status,
            "last_error_call": stamp(self.last_error_at) if self.last_error_at else None,
            "last_error_call_status": self.last_error_status,
            "creation_time": stamp(self.created_at),
        }


@dataclass(frozen=True, slots=True)
class Mail:
    """One message a customer got because of a status. `kind` is `email` or `sms`."""

    at: datetime
    kind: str
    order_number: str
    status_id: int
    to: str
    tracking_code: str | None
    caused_by: str | None


@dataclass(slots=True)
class Shop:
    """One e-shop of the platform."""

    slug: str
    name: str
    token: str
    rng: random.Random
    language: str = "cs"
    tariff: str = "platinum"
    packages: int = 0
    verified: bool = False
    number_format: str = "O{yy}{n:05d}"

    # Switches for what the contract leaves open.
    latency_s: float = 0.0
    mails_on_same_status: bool = False  # B27: does a PUT with an unchanged status mail again?
    sms_enabled: bool = True
    products_follow_stock: bool = True  # B11: do stock movements by orders fire Products.update?
    availability_by_stock: bool = True

    orders: dict[str, Order] = field(default_factory=dict)
    by_creation: list[tuple[int, int, Order]] = field(default_factory=list)
    products: dict[int, Product] = field(default_factory=dict)
    by_code: dict[str, Product] = field(default_factory=dict)
    by_variant_code: dict[str, tuple[Product, Record]] = field(default_factory=dict)
    statuses: dict[int, Record] = field(default_factory=dict)
    shipments: dict[int, Record] = field(default_factory=dict)
    affiliates: dict[int, list[Record]] = field(default_factory=dict)
    payments: dict[int, Record] = field(default_factory=dict)
    owners: list[Record] = field(default_factory=list)
    languages: list[Record] = field(default_factory=list)
    config: Record = field(default_factory=dict)
    customers: dict[int, Record] = field(default_factory=dict)
    invoices: dict[str, Record] = field(default_factory=dict)
    stocks: dict[int, Record] | None = None
    """Additional warehouses; None = the shop has no multi-warehouse add-on (contract 4.8, B20)."""

    users: dict[str, ApiUser] = field(default_factory=dict)
    addon_user: ApiUser | None = None
    addon_version: int = 1
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    webhooks_unread: set[tuple[str, str, str]] = field(default_factory=set)
    mails: deque[Mail] = field(default_factory=lambda: deque(maxlen=100_000))
    mail_counts: dict[str, int] = field(default_factory=lambda: {"email": 0, "sms": 0})
    mailed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Messages by kind and order number."""
    faults: Faults = field(default_factory=Faults)
    stats: Stats = field(default_factory=Stats)
    in_flight: dict[str, int] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)

    def serial(self, of: str) -> int:
        """Return the next number of a series (orders, products, webhooks, ...), counted from 1."""
        self.serials[of] = self.serials.get(of, 0) + 1
        return self.serials[of]

    def add_order(self, order: Order) -> None:
        """Take an order in; it keeps its place by creation time for good."""
        self.orders[order.number] = order
        insort(self.by_creation, (order.created, order.seq, order))

    def add_product(self, product: Product) -> None:
        """Take a product in and index its codes."""
        self.products[product.seq] = product
        if product.code is not None:
            self.by_code[product.code] = product
        for variant in product.record["variants"]:
            if variant["code"] is not None:
                self.by_variant_code[variant["code"]] = (product, variant)

    def live_orders(self) -> Iterator[Order]:
        """Yield the orders that are not deleted, oldest first."""
        return (order for _, _, order in self.by_creation if order.deleted_at is None)

    def live_products(self) -> Iterator[Product]:
        """Yield the products that are not deleted, by id."""
        return (product for product in self.products.values() if product.deleted_at is None)

    def status_name(self, status_id: int | None, language: str) -> str | None:
        """Return a status in the order's language, in the first one it has otherwise (T25)."""
        status = self.statuses.get(status_id) if status_id is not None else None
        if status is None:
            return None
        names = {text["language_id"]: text["name"] for text in status["descriptions"]}
        return names.get(language) or next(iter(names.values()), None)

    def touch_order(self, order: Order, at: datetime) -> None:
        """Move `last_update_time` and forget the rendered copy. Two changes within a second leave one stamp."""
        order.updated = int(at.timestamp())
        order.record["last_update_time"] = stamp_of(order.updated)
        order.rendered = None

    def touch_product(self, product: Product, at: datetime) -> None:
        """Move `last_update_time` and forget the rendered copies."""
        product.updated = int(at.timestamp())
        product.record["last_update_time"] = stamp_of(product.updated)
        product.rendered.clear()

    def post(self, mail: Mail) -> None:
        """Put a message into the outbox."""
        self.mails.append(mail)
        self.mail_counts[mail.kind] += 1
        self.mailed[mail.kind, mail.order_number] += 1
