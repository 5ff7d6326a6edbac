"""Collections: ordered by the batch like shipments, looked up, called off (2.5)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from simulator.carriers import wire
from simulator.carriers.ppl import fields, links, problems, products
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.ppl.shapes import checked
from simulator.carriers.wire import Request, Response
from simulator.carriers.world import Account, World

IMPORT_S = 2.0


@dataclass
class Order:
    """A collection, or a transport from one place to another."""

    order: dict[str, Any]
    number: str
    batch: str
    account: str
    made_at: datetime
    ready_at: datetime
    fault: str | None = None


def create(world: World, request: Request, account: Account) -> Response:
    """Take orders: 201 with the place where to ask for them."""
    asked = checked(problems.body(request), fields.COLLECTIONS)
    errors = {
        f"orders[{n}].recipient": ["The Recipient field is required."]
        for n, order in enumerate(asked["orders"])
        if order["orderType"] == "TransportOrder" and not order.get("recipient")
    }
    if errors:
        raise Problem(400, errors=errors)
    batch = f"7a1e4b20-0000-4000-8000-{world.serial('order batches'):012d}"
    for order in asked["orders"]:
        number = f"{world.serial('orders', 50_100_001)}"
        now = world.now()
        ready_at, fault = now + timedelta(seconds=IMPORT_S), _fault(world, order)
        world.bag["orders"].append(Order(order, number, batch, account.name, now, ready_at, fault))
        if fault is None:
            world.order_car(number, account=account.name, told=order)
    return Response(201, {"location": f"{links.base(world, request)}/order/batch/{batch}"})


def _fault(world: World, order: dict[str, Any]) -> str | None:
    try:
        is_past = date.fromisoformat(order["sendDate"]) < world.today()
    except ValueError:
        is_past = True
    if is_past:
        return "SendDatePast"
    if (order.get("sendTimeFrom") or "00:00") >= (order.get("sendTimeTo") or "24:00"):
        return "SendTimeWrong"
    return None


def state(world: World, request: Request, account: Account) -> Response:
    """Answer how orders are.

    The contract prints the states alone. The items are those of a batch of shipments as far as they fit; `orderNumber`
    and `orderState` are UNCERTAIN.
    """
    problems.known(request, ())
    found = [one for one in _orders(world, account) if one.batch == request.parts()[2]]
    if not found:
        raise Problem(404)
    return wire.as_json({"items": [_item(world, one) for one in found]})


def _item(world: World, one: Order) -> dict[str, Any]:
    is_ready, is_good = one.ready_at <= world.now(), one.fault is None
    waits = "InProcess" if world.now() - one.made_at >= (one.ready_at - one.made_at) / 2 else "Accepted"
    return {
        "referenceId": one.order["referenceId"],
        "importState": ("Complete" if is_good else "Error") if is_ready else waits,
        "errorCode": one.fault if is_ready else None,
        "errorMessage": products.MESSAGES[one.fault] if is_ready and one.fault else None,
        "orderNumber": one.number if is_ready and is_good else None,
        "orderState": _state(world, one) if is_ready and is_good else "None",
    }


def _state(world: World, one: Order) -> str:
    """Return one of Created, PickedUp, NotPickedUp, Canceled; that a car has come by the next day is UNCERTAIN."""
    if world.cars[one.number].cancelled_at:
        return "Canceled"
    if one.order["sendDate"] >= world.today().isoformat():
        return "Created"
    return "NotPickedUp" if one.number in world.bag["missed"] else "PickedUp"


def cancel(world: World, request: Request, account: Account) -> Response:
    """Call an order off by either of its references.

    404 for one that is not there. 400 once its day is over (UNCERTAIN).
    """
    problems.known(request, ("customerReference", "orderReference"))
    checked(problems.body(request), fields.NOTE)
    customer, order = request.one("customerReference"), request.one("orderReference")
    if not customer and not order:
        raise Problem(400, errors={"customerReference": ["The CustomerReference field is required."]})
    found = [
        one
        for one in _orders(world, account)
        if one.fault is None
        and (not customer or one.order.get("customerReference") == customer)
        and (not order or order in (one.number, one.order["referenceId"]))
    ]
    if not found:
        raise Problem(404)
    if any(one.order["sendDate"] < world.today().isoformat() for one in found):
        raise Problem(400, errors={"orderReference": ["The order was already picked up."]})
    for one in found:
        world.recall_car(one.number, account.name)
    return Response(200)


def _orders(world: World, account: Account) -> list[Order]:
    return [one for one in world.bag["orders"] if one.account == account.name]
