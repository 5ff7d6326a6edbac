"""A shop as it is found on the first day: the same seed, slug and hour bring the same content.

Creation times are spread over the days before `now`; which orders are paid, sent or cancelled follows from their age.
"""

from datetime import datetime

from simulator import catalogue, codelists, ordering, people
from simulator.shop import Order, Record, Shop
from simulator.wire import stamp_of

NUMBER_FORMATS = ("O{yy}{n:04d}", "{yyyy}/{n:06d}", "{yyyy}-{n:05d}", "SK {n:05d}")
DAY = 86_400


def fill(shop: Shop, now: datetime, *, orders: int, products: int, days: int, older: bool = False) -> None:
    """Fill an empty shop. `older`: no `Sent` status, and a third of the orders lack newer fields (T32)."""
    rng, slug = shop.rng, shop.slug
    shop.statuses = codelists.statuses(rng, now, older=older)
    shop.shipments, shop.affiliates = codelists.shipments(rng, slug)
    shop.payments = codelists.payments(rng)
    shop.owners = codelists.owners(rng, slug)
    shop.languages = codelists.languages(slug, shop.language)
    shop.config = {"prices_with_vat_yn": True, "vat_payer_yn": True, "oss_yn": False, "limit_orders": "0"}
    shop.stocks = codelists.stocks(now) if products > 1000 else None
    catalogue.fill(shop, now, products)
    people.fill(shop, now, max(3, orders // 3))
    _orders(shop, int(now.timestamp()), orders, days, share_older=0.33 if older else 0.04)


def _orders(shop: Shop, now: int, count: int, days: int, *, share_older: float) -> None:
    rng = shop.rng
    times = sorted(now - rng.randint(60, days * DAY) for _ in range(count))
    for at in range(2, count, 50):  # an import: several orders within one second
        times[at - 1] = times[at - 2] = times[at]
    times.sort()
    for at, created in enumerate(times):
        order = ordering.make(shop, created, older=at < count * share_older)
        _age(shop, order, now)
        shop.add_order(order)


def _age(shop: Shop, order: Order, now: int) -> None:
    """Let an order have gone through what orders of its age have gone through."""
    rng, record = shop.rng, order.record
    payment_type = (record["payment"] or {}).get("type")
    if payment_type in ("comgate", "gopay", "paypal") and rng.random() < 0.9:
        _paid(order, min(now, order.created + rng.randint(20, 600)))
    elif payment_type == "command" and rng.random() < 0.7:
        _paid(order, min(now, order.created + rng.randint(DAY // 4, 3 * DAY)))
    age, chance = now - order.created, rng.random()
    if chance < 0.03:
        _to(shop, order, None, min(now, order.created + 900))  # no status at all (T25)
    elif chance < 0.08:
        _to(shop, order, ordering.status_of(shop, "Canceled"), min(now, order.created + rng.randint(600, 2 * DAY)))
    elif age > 2 * DAY and chance < 0.95:
        _to(shop, order, ordering.status_of(shop, "Sent"), min(now, order.created + rng.randint(DAY // 3, 2 * DAY)))
        _sent(shop, order)
    elif chance < 0.4:
        ready = [id_ for id_, row in shop.statuses.items() if row["type"] == "Custom"]
        _to(shop, order, rng.choice(ready[:2]), min(now, order.created + rng.randint(300, DAY)))


def _paid(order: Order, at: int) -> None:
    order.record["paid_date"] = stamp_of(at)
    _move(order, at)


def _to(shop: Shop, order: Order, status_id: int | None, at: int) -> None:
    record = order.record
    record["status_id"] = status_id
    record["status"] = shop.status_name(status_id, record["language_id"])
    if status_id is not None and shop.statuses[status_id]["mark_resolved_yn"]:
        record["resolved_yn"] = True
    _move(order, at)


def _sent(shop: Shop, order: Order) -> None:
    """Give an order that left the house its tracking code and, mostly, its invoice."""
    record = order.record
    listed = shop.shipments.get((record["shipment"] or {}).get("id") or -1)
    if listed is not None and shop.rng.random() < 0.95:
        record["tracking_code"] = f"DR{shop.rng.randint(0, 9_999_999_999):010d}C"
        record["tracking_url"] = tracking_url(listed, record["tracking_code"])
    if shop.rng.random() < 0.8:
        issue(shop, order, order.updated)


def tracking_url(shipment: Record | None, code: str | None) -> str | None:
    """Return the link for a tracking code; None without a template or a code (T28)."""
    template = shipment["tracking_url"] if shipment else None
    return template.replace("{tracking_code}", code) if template and code else None


def issue(shop: Shop, order: Order, at: int, kind: str = "invoice") -> Record:
    """Make out a document for an order and put its number there; the rest of it is drawn from the order when read."""
    prefix = {"invoice": "F", "receipt": "U", "creditNote": "D"}[kind]
    number = f"{prefix}{stamp_of(at)[2:4]}{shop.serial('invoices'):05d}"
    row = {
        "invoice_number": number,
        "type": kind,
        "order_number": order.number,
        "related_invoice_number": order.record["invoice_number"] if kind == "creditNote" else None,
        "created": at,
        "updated": at,
        "expires": at + 14 * DAY,
    }
    shop.invoices[number] = row
    if kind == "invoice":
        order.record["invoice_number"] = number
    return row


def _move(order: Order, at: int) -> None:
    order.updated = max(order.updated, at)
    order.record["last_update_time"] = stamp_of(order.updated)
