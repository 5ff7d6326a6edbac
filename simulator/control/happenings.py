"""Control of what happens in a shop: customers order, admins change, imports run. Choices follow the seed."""

import random
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field

from simulator import changes
from simulator.control.asking import Act, Ask, Refused
from simulator.shop import Order, Product, Shop
from simulator.stage import Stage

T = TypeVar("T")
Which = Literal["any", "newest", "oldest"]
OURS = {"world", "shop", "number", "count", "caused_by", "origin", "send_emails", "send_sms", "names", "language"}


def _theirs(fields: dict[str, Any]) -> dict[str, Any]:
    """Refuse names that belong to the call and not to the record."""
    if wrong := sorted(OURS & set(fields)):
        raise ValueError(f"{', '.join(wrong)} cannot be set")
    return fields


Fields = Annotated[dict[str, Any], AfterValidator(_theirs)]


class CreateOrders(Ask):
    """`bulk` tells all in one webhook body (a feed), otherwise each order by its own, as customers do.

    `language`: whose customers order (cs, sk), anybody's when null; it decides the currency.
    """

    count: int = Field(1, ge=1, le=10_000)
    bulk: bool = False
    language: str | None = Field(None, pattern=r"^(cs|sk)$")
    fields: Fields = Field(default_factory=dict)


class SomeOrders(Ask):
    """Which orders: these `numbers`, else `count` of those there are, the newest, the oldest or any."""

    numbers: list[str] | None = None
    count: int | None = Field(None, ge=1, le=100_000)
    of: Which = "any"


class ChangeOrders(SomeOrders):
    """`count` changes spread at random over `numbers` (one each without `count`), else one of each of `count` orders.

    Without `fields` each change is something another: status, payment, note, address, tracking code or lines.
    """

    fields: Fields | None = None
    send_emails: bool = False
    send_sms: bool = False


class BulkStatus(SomeOrders):
    """One webhook event for all; the status by `status_id` or by its `type`."""

    status_id: int | None = None
    type: str | None = None
    send_emails: bool = False


class ImportPrices(Ask):
    """`count` products with the lowest ids, all when null."""

    count: int | None = Field(None, ge=1)
    percent: float = 1.0


class NewProduct(Ask):
    """Fields that replace generated ones."""

    fields: Fields = Field(default_factory=dict)


class OneProduct(Ask):
    """A product by id."""

    product_id: int


class ChangeProduct(OneProduct):
    """Fields of PUT /products."""

    fields: Fields


class MoveStock(Ask):
    """`moves`: pairs of code and signed quantity."""

    moves: list[tuple[str, float]] = Field(min_length=1)


class NewStatus(Ask):
    """`names` by language."""

    names: dict[str, str] = Field(min_length=1)
    fields: Fields = Field(default_factory=dict)


class OneStatus(Ask):
    """A status by id."""

    status_id: int


class RenameStatus(OneStatus):
    """`names` by language."""

    names: dict[str, str] = Field(min_length=1)
    fields: Fields = Field(default_factory=dict)


class Touch(Ask):
    """A shipment or payment by id, and fields to change."""

    id: int
    fields: Fields = Field(default_factory=dict)


def refusing(act: Act) -> Act:
    """Return the act with the refusals of `changes` told as ours: KeyError is 404, ValueError 400."""

    def told(stage: Stage, shop: Shop, ask: Any) -> Any:
        try:
            return act(stage, shop, ask)
        except KeyError as missing:
            raise Refused(f"there is no {missing}", 404) from missing
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong

    return told


def create_orders(stage: Stage, shop: Shop, ask: CreateOrders) -> dict[str, Any]:
    """Let customers order."""
    if ask.bulk:
        return _orders(changes.create_orders(stage.world, shop, ask.count, language=ask.language, **ask.fields))
    return _orders(
        [changes.create_order(stage.world, shop, language=ask.language, **ask.fields) for _ in range(ask.count)]
    )


def change_orders(stage: Stage, shop: Shop, ask: ChangeOrders) -> dict[str, Any]:
    """Change orders one by one, each told by its own event."""
    numbers = _numbers(stage, shop, ask)
    if ask.numbers and ask.count:
        numbers = _rng(stage).choices(ask.numbers, k=ask.count)
    change = _change(stage, shop, ask)
    return _orders([change(number) for number in numbers])


def delete_orders(stage: Stage, shop: Shop, ask: SomeOrders) -> dict[str, Any]:
    """Delete orders softly, each told by its own event."""
    return _orders([changes.delete_order(stage.world, shop, number) for number in _numbers(stage, shop, ask)])


def restore_orders(stage: Stage, shop: Shop, ask: SomeOrders) -> dict[str, Any]:
    """Undo deletions; without `numbers` of any deleted orders."""
    numbers = _numbers(stage, shop, ask, deleted=True)
    return _orders([changes.restore_order(stage.world, shop, number) for number in numbers])


def bulk_status(stage: Stage, shop: Shop, ask: BulkStatus) -> dict[str, Any]:
    """Give many orders one status in one event."""
    numbers = list(dict.fromkeys(_numbers(stage, shop, ask)))
    status_id = _status_id(shop, ask)
    done = changes.bulk_status(stage.world, shop, numbers, status_id, send_emails=ask.send_emails)
    return _orders(done)


def import_prices(stage: Stage, shop: Shop, ask: ImportPrices) -> dict[str, Any]:
    """Change prices of many products in one event."""
    ids = sorted(product.seq for product in shop.live_products())[: ask.count]
    return _products(changes.price_import(stage.world, shop, ids, percent=ask.percent))


def create_product(stage: Stage, shop: Shop, ask: NewProduct) -> dict[str, Any]:
    """Add a product."""
    return _products([changes.create_product(stage.world, shop, **ask.fields)])


def change_product(stage: Stage, shop: Shop, ask: ChangeProduct) -> dict[str, Any]:
    """Change a product."""
    _known(shop.products, ask.product_id, "product")
    return _products([changes.change_product(stage.world, shop, ask.product_id, **ask.fields)])


def delete_product(stage: Stage, shop: Shop, ask: OneProduct) -> dict[str, Any]:
    """Delete a product and its variants."""
    _known(shop.products, ask.product_id, "product")
    return _products([changes.delete_product(stage.world, shop, ask.product_id)])


def move_stock(stage: Stage, shop: Shop, ask: MoveStock) -> dict[str, Any]:
    """Take goods in or out."""
    unknown = [code for code, _ in ask.moves if code not in shop.by_code and code not in shop.by_variant_code]
    if unknown:
        raise Refused(f"no product or variant {', '.join(unknown)}", 404)
    return _products(changes.move_stock(stage.world, shop, ask.moves))


def create_status(stage: Stage, shop: Shop, ask: NewStatus) -> dict[str, Any]:
    """Add a status of type Custom."""
    return changes.create_status(stage.world, shop, ask.names, **ask.fields)


def rename_status(stage: Stage, shop: Shop, ask: RenameStatus) -> dict[str, Any]:
    """Rename a status."""
    _known(shop.statuses, ask.status_id, "status")
    return changes.rename_status(stage.world, shop, ask.status_id, ask.names, **ask.fields)


def delete_status(stage: Stage, shop: Shop, ask: OneStatus) -> dict[str, Any]:
    """Delete a status."""
    _known(shop.statuses, ask.status_id, "status")
    changes.delete_status(stage.world, shop, ask.status_id)
    return {"deleted": ask.status_id}


def touch_shipment(stage: Stage, shop: Shop, ask: Touch) -> dict[str, Any]:
    """Change a shipment."""
    _known(shop.shipments, ask.id, "shipment")
    return changes.touch_shipment(stage.world, shop, ask.id, **ask.fields)


def touch_payment(stage: Stage, shop: Shop, ask: Touch) -> dict[str, Any]:
    """Change a payment."""
    _known(shop.payments, ask.id, "payment")
    return changes.touch_payment(stage.world, shop, ask.id, **ask.fields)


def _change(stage: Stage, shop: Shop, ask: ChangeOrders) -> Callable[[str], Order]:
    if ask.fields is None:
        return lambda number: _change_anyhow(stage, shop, number)
    fields = ask.fields
    mails = {"send_emails": ask.send_emails, "send_sms": ask.send_sms}
    return lambda number: changes.change_order(stage.world, shop, number, **mails, **fields)


def _change_anyhow(stage: Stage, shop: Shop, number: str) -> Order:
    """Give one order in six a tracking code, as another system of the merchant would; change the others anyhow."""
    if _rng(stage).randrange(6) > 0:
        return changes.change_random_order(stage.world, shop, number)
    code = f"DR{_rng(stage).randrange(10**10):010d}C"
    return changes.change_order(stage.world, shop, number, tracking_code=code)


def _numbers(stage: Stage, shop: Shop, ask: SomeOrders, *, deleted: bool = False) -> list[str]:
    """Return the orders meant; those named must exist and be deleted or not, as asked."""
    if ask.numbers is not None:
        wrong = [number for number in ask.numbers if _is_deleted(shop, number) is not deleted]
        if wrong:
            raise Refused(f"no {'deleted' if deleted else 'live'} order {', '.join(wrong[:20])}", 404)
        return ask.numbers
    there = [order.number for _, _, order in shop.by_creation if (order.deleted_at is not None) is deleted]
    return _some(there, ask.count or 1, ask.of, _rng(stage))


def _is_deleted(shop: Shop, number: str) -> bool | None:
    order = shop.orders.get(number)
    return None if order is None else order.deleted_at is not None


def _some(there: Sequence[T], count: int, of: Which, rng: random.Random) -> list[T]:
    if count > len(there):
        raise Refused(f"{count} orders wanted, there are {len(there)}", 409)
    if of == "newest":
        return list(there[-count:])
    if of == "oldest":
        return list(there[:count])
    return rng.sample(there, count)


def _status_id(shop: Shop, ask: BulkStatus) -> int:
    if (ask.status_id is None) is (ask.type is None):
        raise Refused("give either `status_id` or `type`")
    if ask.status_id is not None:
        _known(shop.statuses, ask.status_id, "status")
        return ask.status_id
    found = [id_ for id_, status in shop.statuses.items() if status["type"] == ask.type]
    if not found:
        raise Refused(f"no status of type {ask.type!r}", 404)
    return found[0]


def _known(there: dict[int, T], id_: int, what: str) -> None:
    if id_ not in there:
        raise Refused(f"no {what} {id_}; there are {', '.join(map(str, list(there)[:20]))}", 404)


def _rng(stage: Stage) -> random.Random:
    return stage.world.rng


def _orders(orders: Sequence[Order]) -> dict[str, Any]:
    names = ("order_number", "status_id", "last_update_time")
    return {"count": len(orders), "orders": [{name: order.record[name] for name in names} for order in orders]}


def _products(products: Sequence[Product]) -> dict[str, Any]:
    names = ("product_id", "code", "last_update_time")
    return {"count": len(products), "products": [{name: one.record[name] for name in names} for one in products]}
