"""What orders take from the main warehouse and give back (contract 4.7.6).

A live order that is not in the system status Storno holds its goods; every change of an order moves the difference.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from simulator import catalogue
from simulator.shop import Order, Product, Record, Shop

Held: TypeAlias = Counter[tuple[int, int | None]]
"""Units by (product id, variant id)."""

PHYSICAL = {"product", "set_part", "gift", None}  # a set line is a header, a discount is no thing (T33)


def held(shop: Shop, order: Order) -> Held:
    """Return what an order holds now."""
    found: Held = Counter()
    status = shop.statuses.get(order.record["status_id"])
    if order.deleted_at is not None or (status is not None and status["type"] == "Canceled"):
        return found  # a custom status merely named Storno holds on (4.7.6)
    for row in order.record["products"]:
        if row.get("type") in PHYSICAL and row["product_id"] is not None:
            found[row["product_id"], row["option_set_id"]] += row["quantity"]
    return found


def move(shop: Shop, before: Held, after: Held, at: datetime) -> list[Product]:
    """Give back what is held no longer, take what is held now; return the products whose stock moved."""
    moved: dict[int, Product] = {}
    for key in before.keys() | after.keys():
        difference = before.get(key, 0) - after.get(key, 0)
        product = shop.products.get(key[0])
        if (
            difference
            and product is not None
            and product.deleted_at is None
            and add(shop, row_of(product, key[1]), product, difference)
        ):
            moved[product.seq] = product
    for product in moved.values():
        shop.touch_product(product, at)
    return [moved[seq] for seq in sorted(moved)]


def add(shop: Shop, row: Record | None, product: Product, units: float) -> bool:
    """Add units to a tracked stock, which may go below zero; return False for an untracked one (T46)."""
    if row is None or row["stock"] is None:
        return False
    row["stock"] = round(row["stock"] + units, 3)
    if shop.availability_by_stock:
        catalogue.shelve(shop, row, None if row is product.record else product.record)
    return True


def row_of(product: Product, variant_id: int | None) -> Record | None:
    """Return the row that carries the stock: the variant's, else the product's."""
    if variant_id is None:
        return product.record
    return next((row for row in product.record["variants"] if row["variant_id"] == variant_id), None)


def by_code(shop: Shop, code: str) -> tuple[Product, Record] | None:
    """Return the product and the row with this code, be it a product's or a variant's."""
    product = shop.by_code.get(code)
    found: tuple[Product, Mapping[str, object]] | None = (
        (product, product.record) if product is not None else shop.by_variant_code.get(code)
    )
    return found if found is not None and found[0].deleted_at is None else None  # type: ignore[return-value]
