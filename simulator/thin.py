"""The thin records webhooks carry: identifiers and a time, nothing else (contract 3.4)."""

from datetime import datetime

from simulator.shop import Order, Product, Record, Shop
from simulator.wire import stamp, stamp_of

TIME_OF = {"create": "creation_time", "update": "last_update_time", "delete": "deletion_time"}


def order_created(order: Order) -> Record:
    """Return a record of `Orders.create`."""
    record = order.record
    return {
        "order_number": order.number,
        "creation_time": record["creation_time"],
        "status_id": record["status_id"],
        "status": record["status"],
    }


def order_updated(order: Order) -> Record:
    """Return a record of `Orders.update`; the status is in the order's language."""
    record = order.record
    return {
        "order_number": order.number,
        "last_update_time": record["last_update_time"],
        "status_id": record["status_id"],
        "status": record["status"],
    }


def order_deleted(order: Order, at: datetime) -> Record:
    """Return a record of `Orders.delete`."""
    return {"order_number": order.number, "deletion_time": stamp(at)}


def product(product: Product, action: str, at: datetime) -> Record:
    """Return a record of `Products.*`."""
    return {"product_id": product.seq, "code": product.code, TIME_OF[action]: stamp(at)}


def variant(row: Record, at: datetime) -> Record:
    """Return a record of the second array of `Products.delete` (T16)."""
    return {"variant_id": row["variant_id"], "code": row["code"], "deletion_time": stamp(at)}


def status(status_id: int, action: str, at: datetime) -> Record:
    """Return a record of `OrderStatuses.*`: the id is a string here (T15)."""
    return {"order_status_id": str(status_id), TIME_OF[action]: stamp(at)}


def invoice(row: Record, action: str = "create") -> Record:
    """Return a record of `Invoices.*`."""
    at = row["created"] if action == "create" else row["updated"]
    return {"invoice_number": row["invoice_number"], "type": row["type"], TIME_OF[action]: stamp_of(at)}


def listed(shop: Shop, entity: str, id_: int, action: str, at: datetime) -> Record:
    """Return a record of `Shipments.*` or `Payments.*`; `entity` is `shipment` or `payment`."""
    # guess: the whole shape of these records, B9
    row = (shop.shipments if entity == "shipment" else shop.payments).get(id_)
    return {f"{entity}_id": id_, "code": row["code"] if row else None, TIME_OF[action]: stamp(at)}
