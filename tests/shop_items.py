"""Orders, products and pages as the platform would send them, for tests of what we make of them."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from service.platform.shapes import Order, Page, Product

T = TypeVar("T")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return noon and so many seconds."""
    return NOON + timedelta(seconds=seconds)


def raw_order(number: str, *, changed: float = 0, created: float = -3600, **fields: Any) -> dict[str, Any]:
    """Return an order with everything a real one has (docs/upgates.md 4.1)."""
    return {
        "order_number": number,
        "order_id": 4711,
        "case_number": "C1",
        "language_id": "cs",
        "currency_id": "CZK",
        "prices_with_vat_yn": True,
        "status_id": 1,
        "status": "Přijatá",
        "paid_date": None,
        "tracking_code": None,
        "resolved_yn": False,
        "internal_note": None,
        "creation_time": at(created).isoformat(),
        "last_update_time": at(changed).isoformat(),
        "total_weight": 1250,
        "order_total": 1299.0,
        "customer": {
            "email": "eva@example.com",
            "phone": "+420 601 000 000",
            "firstname_invoice": "Eva",
            "surname_invoice": "Nováková",
            "street_invoice": "Dlouhá 1",
            "city_invoice": "Praha",
            "zip_invoice": "11000",
            "country_id_invoice": "cz",
            "postal_yn": False,
            "customer_note": None,
        },
        "products": [line("A1", quantity=2.0), line("B2", quantity=1)],
        "shipment": {"id": 3, "code": "PPL", "name": "PPL", "price": 99.0, "type": "ppl", "affiliate_id": None},
        "payment": {"id": 2, "code": "COD", "name": "Dobírka", "price": 30, "type": "cashOnDelivery"},
        "attachments": [],
        "metas": [],
        **fields,
    }


def line(code: str, *, quantity: float = 1) -> dict[str, Any]:
    """Return an order line with its usual ballast."""
    return {
        "product_id": 41,
        "type": "product",
        "uuid": f"uuid-of-{code}",
        "parent_uuid": None,
        "code": code,
        "ean": "8590000000001",
        "title": f"Product {code} with a name of a usual length",
        "unit": "ks",
        "quantity": quantity,
        "price_per_unit": 600.0,
        "price": 600.0 * quantity,
        "vat": 21,
        "weight": 625,
        "availability": "Skladem",
        "stock_position": "A-03-2",
        "parameters": [{"name": "Barva", "value": "modrá"}],
        "image_url": f"https://shop.example.com/images/{code}.jpg",
    }


def order(number: str, *, changed: float = 0, created: float = -3600, **fields: Any) -> Order:
    """Return an order that changed so many seconds after noon."""
    return Order.read(raw_order(number, changed=changed, created=created, **fields))


def product(product_id: int, *, changed: float | None = 0, **fields: Any) -> Product:
    """Return a product of the simple list (docs/upgates.md 4.7.2)."""
    stamp = {} if changed is None else {"last_update_time": at(changed).isoformat()}
    return Product.read(
        {"product_id": product_id, "code": f"P{product_id}", "stock": 5, "variants": [], **stamp, **fields}
    )


def page(
    items: Sequence[T], *, complete: bool = True, unread: Collection[str] = (), pages: int | None = 1, began: float = 0
) -> Page[T]:
    """Return an answer."""
    return Page(
        items=items,
        set_aside=[f"order_number {key!r}: status_id int_parsing" for key in unread],
        unread=frozenset(unread),
        current_page=1,
        pages=pages,
        total=len(items) + len(unread),
        began_at=at(began),
        complete=complete,
    )
