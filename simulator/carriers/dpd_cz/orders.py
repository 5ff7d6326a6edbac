"""Collections: somebody comes for parcels (carriers.md 3A). There is no closing call."""

from datetime import date
from typing import Any

from simulator.carriers.dpd_cz import network, subjects
from simulator.carriers.dpd_cz.asking import Asked, gone, unknown, wrong
from simulator.carriers.dpd_cz.rules import CUSTOMER
from simulator.carriers.dpd_cz.shapes import each, shape, text
from simulator.carriers.wire import Response, as_json

# The contract does not name the field of "a customer address"; a client made from DPD's schema has `customerAddress`.
# Guess: that it is an id, or somebody written out as a receiver is.
ORDERS = each(
    shape(
        {"date": text(like=r"\d{4}-\d{2}-\d{2}")},
        {
            "parcel": shape({"parcelNumber": text()}),
            "customer": CUSTOMER,
            "customerAddress": subjects.either,
            "note": text(),
        },
    )
)
FIRST_ID = 0x1A


def create(asked: Asked) -> Response:
    """Take orders, all or none; each has an id."""
    told = asked.body()
    ORDERS(told, "")
    for n, one in enumerate(told):
        _check(asked, one, f"[{n}]")
    return as_json([_made(asked, one) for one in told])


def show(asked: Asked) -> Response:
    """Answer an order as it was given."""
    return as_json(_order(asked))


def delete(asked: Asked) -> Response:
    """Call an order off."""
    if asked.world.recall_car(asked.ident, asked.account.name) is None:
        raise unknown("Pickup order", asked.ident)
    return gone()


def _check(asked: Asked, one: dict[str, Any], path: str) -> None:
    if ("parcel" in one) == ("customerAddress" in one):
        raise wrong(path, "must have either a parcel or an address")
    if "parcel" in one:
        asked.parcel(one["parcel"]["parcelNumber"])
    elif "it4emId" in one["customerAddress"]:
        network.address(asked, one["customerAddress"]["it4emId"], f"{path}.customerAddress.it4emId")
    try:
        day = date.fromisoformat(one["date"])
    except ValueError as bad:
        raise wrong(f"{path}.date", "is no date") from bad
    if day < asked.world.today(asked.request.at):
        raise wrong(f"{path}.date", "is over")


def _made(asked: Asked, one: dict[str, Any]) -> dict[str, Any]:
    id_ = f"9b1d0000-0000-4000-8000-{asked.world.serial('orders', FIRST_ID):012x}"
    asked.world.order_car(id_, account=asked.account.name, told=one)
    return {"id": id_}


def _order(asked: Asked) -> dict[str, Any]:
    car = asked.world.cars.get(asked.ident)
    if car is None or car.account != asked.account.name or car.cancelled_at:
        raise unknown("Pickup order", asked.ident)
    return {"id": asked.ident, **car.told}
