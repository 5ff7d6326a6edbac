"""What people, customers and imports do to a shop: each moves the stamps and tells `world.on_event` (contract 3.4).

Events of one call come as one list, so that a bulk change travels in one webhook. Every function takes `world.lock`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from simulator import catalogue, edits, ordering, stock, thin
from simulator.edits import Author
from simulator.shop import Order, Product, Record, Shop
from simulator.state import World
from simulator.wire import stamp


def create_order(
    world: World, shop: Shop, *, caused_by: str | None = None, language: str | None = None, **fields: Any
) -> Order:
    """Let a customer place an order: stock goes down, `Orders.create` is told. `fields` replace generated ones."""
    return create_orders(world, shop, 1, caused_by=caused_by, language=language, **fields)[0]


def create_orders(  # whose world and shop, how many, who by and how
    world: World,
    shop: Shop,
    count: int,
    *,
    caused_by: str | None = None,
    language: str | None = None,
    **fields: Any,
) -> list[Order]:
    """Place several orders at once, told as one event with as many records; their mails are not counted.

    `fields` are those of PUT /orders (contract 4.2), the same for each order, `language` that of the customers (None:
    any). ValueError when one is not valid.
    """
    with world.lock:
        now, moved, made = world.now(), {}, []
        for _ in range(count):
            order = ordering.make(shop, int(now.timestamp()), language=language)
            _refuse(edits.check(shop, order, fields))
            shop.add_order(order)
            for product in stock.move(shop, stock.Held(), stock.held(shop, order), now):
                moved[product.seq] = product
            if fields:
                author = Author("e-shop", "frontend", now, mails=False, sms=False)
                moved.update({product.seq: product for product in edits.apply(shop, order, fields, author).products})
                order.history.clear()  # the fields belong to the creation
            made.append(order)
        world.emit(shop, "Orders.create", [thin.order_created(order) for order in made], caused_by)
        tell_stock(world, shop, moved.values(), caused_by)
        return made


def change_order(
    world: World,
    shop: Shop,
    number: str,
    *,
    caused_by: str | None = None,
    send_emails: bool = False,
    send_sms: bool = False,
    origin: str = "admin",
    **fields: Any,
) -> Order:
    """Change fields of an order as an admin would; `fields` are those of PUT /orders (contract 4.2).

    KeyError when the order is unknown or deleted, ValueError when a field is not valid.
    """
    with world.lock:
        order = _live(shop, number)
        _refuse(edits.check(shop, order, fields))
        author = Author("Správce e-shopu", origin, world.now(), caused_by, mails=send_emails, sms=send_sms)
        done = edits.apply(shop, order, fields, author)
        tell_orders(world, shop, [order], [done], caused_by)
        return order


def change_random_order(world: World, shop: Shop, number: str) -> Order:
    """Change something about an order that an expedition add-on would notice; the shop's dice say what."""
    with world.lock:
        record = _live(shop, number).record
        return change_order(world, shop, number, **_whim(shop, record, stamp(world.now())))


def delete_order(world: World, shop: Shop, number: str, *, caused_by: str | None = None) -> Order:
    """Delete an order softly: it disappears from GET, its stock comes back, `Orders.delete` is told (T43, 4.7.6)."""
    return delete_orders(world, shop, [number], caused_by=caused_by)[0]


def delete_orders(world: World, shop: Shop, numbers: Iterable[str], *, caused_by: str | None = None) -> list[Order]:
    """Delete several orders, told as one event. KeyError when one is unknown or deleted already."""
    with world.lock:
        now, gone, moved = world.now(), [_live(shop, number) for number in numbers], {}
        for order in gone:
            held = stock.held(shop, order)
            order.deleted_at = now
            moved.update({product.seq: product for product in stock.move(shop, held, stock.held(shop, order), now)})
        world.emit(shop, "Orders.delete", [thin.order_deleted(order, now) for order in gone], caused_by)
        tell_stock(world, shop, moved.values(), caused_by)
        return gone


def restore_order(world: World, shop: Shop, number: str) -> Order:
    """Undo a deletion: the order is back with a new stamp, its goods are taken again. KeyError when not deleted."""
    with world.lock:
        order = shop.orders[number]
        if order.deleted_at is None:
            raise KeyError(number)
        now = world.now()
        order.deleted_at = None
        shop.touch_order(order, now)
        moved = stock.move(shop, stock.Held(), stock.held(shop, order), now)
        world.emit(shop, "Orders.update", [thin.order_updated(order)])  # guess: which event tells a restoration
        tell_stock(world, shop, moved, None)
        return order


def bulk_status(
    world: World, shop: Shop, numbers: Iterable[str], status_id: int, *, send_emails: bool = False
) -> list[Order]:
    """Give many orders one status, told as one event. KeyError when an order or the status is unknown."""
    with world.lock:
        shop.statuses[status_id]
        orders = [_live(shop, number) for number in numbers]
        author = Author("Správce e-shopu", "admin", world.now(), mails=send_emails, sms=False)
        done = [edits.apply(shop, order, {"status_id": status_id}, author) for order in orders]
        tell_orders(world, shop, orders, done, None)
        return orders


def price_import(
    world: World, shop: Shop, products: Iterable[int] | None = None, *, percent: float = 1.0
) -> list[Product]:
    """Import prices changed by `percent` for the products with these ids (all when None), told as one event."""
    with world.lock:
        now = world.now()
        found = list(shop.live_products()) if products is None else [shop.products[id_] for id_ in products]
        for product in found:
            for row in (product.record, *product.record["variants"]):
                _reprice(row, 1 + percent / 100)
            shop.touch_product(product, now)
        world.emit(shop, "Products.update", [thin.product(product, "update", now) for product in found])
        return found


def create_product(world: World, shop: Shop, **fields: Any) -> Product:
    """Add a product; `fields` are those of the full list (contract 4.7.3), `Products.create` is told."""
    with world.lock:
        now = world.now()
        product = catalogue.make(shop, now)
        product.created = int(now.timestamp())
        product.record["creation_time"] = stamp(now)
        product.record.update(fields)
        shop.touch_product(product, now)
        shop.add_product(product)
        world.emit(shop, "Products.create", [thin.product(product, "create", now)])
        return product


def change_product(
    world: World, shop: Shop, product_id: int, *, caused_by: str | None = None, **fields: Any
) -> Product:
    """Change fields of a product (contract 4.7.3; `code` as well); `Products.update` is told. KeyError when unknown."""
    with world.lock:
        product = _live_product(shop, product_id)
        if "code" in fields and product.code is not None:
            shop.by_code.pop(product.code, None)
        product.record.update(fields)
        if "code" in fields and product.code is not None:
            shop.by_code[product.code] = product
        if "stock" in fields and shop.availability_by_stock:
            catalogue.shelve(shop, product.record)
        tell_products(world, shop, [product], caused_by)
        return product


def delete_product(world: World, shop: Shop, product_id: int) -> Product:
    """Delete a product; `Products.delete` carries the product and its variants (T16).

    The variants' records come in the same list, told apart by `variant_id`; the sender puts them into their own array.
    """
    with world.lock:
        product, now = _live_product(shop, product_id), world.now()
        product.deleted_at = now
        shop.by_code.pop(product.code or "", None)
        for row in product.record["variants"]:
            shop.by_variant_code.pop(row["code"] or "", None)
        records = [
            thin.product(product, "delete", now),
            *(thin.variant(row, now) for row in product.record["variants"]),
        ]
        world.emit(shop, "Products.delete", records)
        return product


def move_stock(
    world: World, shop: Shop, moves: Sequence[tuple[str, float]], *, caused_by: str | None = None
) -> list[Product]:
    """Change the main stock of products or variants by code; untracked stock stays untracked (T46).

    KeyError for an unknown code. Returns the products that changed, told as one event.
    """
    with world.lock:
        moved: dict[int, Product] = {}
        for code, units in moves:
            found = stock.by_code(shop, code)
            if found is None:
                raise KeyError(code)
            if stock.add(shop, found[1], found[0], units):
                moved[found[0].seq] = found[0]
        tell_products(world, shop, list(moved.values()), caused_by)
        return list(moved.values())


def create_status(
    world: World, shop: Shop, names: dict[str, str], *, caused_by: str | None = None, **fields: Any
) -> Record:
    """Add an order status of type `Custom`; `names` by language, `fields`: color, mark_resolved_yn, mark_paid_yn."""
    with world.lock:
        now = world.now()
        id_ = max(shop.statuses, default=0) + 1
        shop.statuses[id_] = {
            "id": id_,
            "type": "Custom",
            "color": "#333333",
            "descriptions": [{"language_id": language, "name": name} for language, name in names.items()],
            "mark_resolved_yn": False,
            "mark_paid_yn": False,
            "last_update_time": stamp(now),
            "creation_time": stamp(now),
            **fields,
        }
        world.emit(shop, "OrderStatuses.create", [thin.status(id_, "create", now)], caused_by)
        return shop.statuses[id_]


def rename_status(
    world: World, shop: Shop, status_id: int, names: dict[str, str], *, caused_by: str | None = None, **fields: Any
) -> Record:
    """Rename a status. Orders that show it get the new name without a change of their own."""
    with world.lock:
        now, status = world.now(), shop.statuses[status_id]
        kept = {text["language_id"]: text["name"] for text in status["descriptions"]} | names
        status["descriptions"] = [{"language_id": language, "name": name} for language, name in kept.items()]
        status.update(fields, last_update_time=stamp(now))
        _show_status(shop, status_id, status_id)  # guess: whether the orders' own stamps move
        world.emit(shop, "OrderStatuses.update", [thin.status(status_id, "update", now)], caused_by)
        return status


def delete_status(world: World, shop: Shop, status_id: int, *, caused_by: str | None = None) -> None:
    """Delete a status; orders that showed it have none afterwards. ValueError for a system status."""
    with world.lock:
        if shop.statuses[status_id]["type"] != "Custom":
            raise ValueError(f"status {status_id} is a system status")
        now = world.now()
        del shop.statuses[status_id]
        _show_status(shop, status_id, None)  # guess: what becomes of the orders that had it
        world.emit(shop, "OrderStatuses.delete", [thin.status(status_id, "delete", now)], caused_by)


def touch_shipment(world: World, shop: Shop, shipment_id: int, **fields: Any) -> Record:
    """Change fields of a shipment (contract 4.9); `Shipments.update` is told."""
    return _touch_listed(world, shop, "shipment", shop.shipments, shipment_id, fields)


def touch_payment(world: World, shop: Shop, payment_id: int, **fields: Any) -> Record:
    """Change fields of a payment (contract 4.10); `Payments.update` is told."""
    return _touch_listed(world, shop, "payment", shop.payments, payment_id, fields)


def tell_orders(
    world: World, shop: Shop, orders: list[Order], done: list[edits.Outcome], caused_by: str | None
) -> None:
    """Tell everything that edits of orders touched: the orders, their documents, the stock."""
    world.emit(shop, "Orders.update", [thin.order_updated(order) for order in orders], caused_by)
    world.emit(shop, "Invoices.create", [thin.invoice(row) for each in done for row in each.documents], caused_by)
    moved = {product.seq: product for each in done for product in each.products}
    tell_stock(world, shop, moved.values(), caused_by)


def tell_stock(world: World, shop: Shop, products: Iterable[Product], caused_by: str | None) -> None:
    """Tell stock moved by orders, when the shop does so at all (B11)."""
    if shop.products_follow_stock:
        records = [thin.product(product, "update", world.now()) for product in products]
        world.emit(shop, "Products.update", records, caused_by)


def tell_products(world: World, shop: Shop, products: list[Product], caused_by: str | None) -> None:
    """Move the stamps of changed products and tell them as one event."""
    now = world.now()
    for product in products:
        shop.touch_product(product, now)
    world.emit(shop, "Products.update", [thin.product(product, "update", now) for product in products], caused_by)


def _whim(shop: Shop, record: Record, now: str) -> Record:
    rng = shop.rng
    ready = [
        id_
        for id_, row in shop.statuses.items()
        if row["type"] in ("Custom", "Received") and id_ != record["status_id"]
    ]
    choices: list[Record] = [
        {"status_id": rng.choice(ready)},
        {"internal_note": f"Zákazník volal, {rng.randint(1, 9999)}"},
        {
            "customer": {
                "street_invoice": f"Nová {rng.randint(1, 999)}",
                "phone": f"+420 777 {rng.randint(100, 999)} 000",
            }
        },
        {"paid_date": None if record["paid_date"] else now},
        {"resolved_yn": not record["resolved_yn"]},
    ]
    line = next((row for row in record["products"] if row.get("uuid") and row.get("type") == "product"), None)
    if line is not None:
        choices.append(
            {
                "products": [
                    {"uuid": line["uuid"], "price_per_unit": line["price_per_unit"], "quantity": line["quantity"] + 1}
                ]
            }
        )
    return rng.choice(choices)


def _touch_listed(world: World, shop: Shop, entity: str, rows: dict[int, Record], id_: int, fields: Record) -> Record:
    with world.lock:
        rows[id_].update(fields)
        record = thin.listed(shop, entity, id_, "update", world.now())
        world.emit(shop, f"{entity.capitalize()}s.update", [record])
        return rows[id_]


def _show_status(shop: Shop, shown: int, now_shown: int | None) -> None:
    for order in shop.orders.values():
        if order.record["status_id"] == shown:
            order.record["status_id"] = now_shown
            order.record["status"] = shop.status_name(now_shown, order.record["language_id"])
            order.rendered = None


def _reprice(row: Record, factor: float) -> None:
    for price in row["prices"]:
        for listed in price["pricelists"]:
            for name in ("price_original", "price_with_vat", "price_without_vat"):
                listed[name] = round(listed[name] * factor, 2)


def _live(shop: Shop, number: str) -> Order:
    order = shop.orders[number]
    if order.deleted_at is not None:
        raise KeyError(number)
    return order


def _live_product(shop: Shop, product_id: int) -> Product:
    product = shop.products[product_id]
    if product.deleted_at is not None:
        raise KeyError(product_id)
    return product


def _refuse(wrong: list[Record]) -> None:
    if wrong:
        raise ValueError("; ".join(row["message"] for row in wrong))
