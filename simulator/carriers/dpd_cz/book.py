"""Shipments: made, and deleted while nothing of them is printed (carriers.md 3A)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.carriers.dpd_cz import numbers, rules, subjects
from simulator.carriers.dpd_cz.asking import Asked, Problem, gone, unknown
from simulator.carriers.dpd_cz.network import Address
from simulator.carriers.wire import Response, as_json
from simulator.carriers.world import Parcel

FIRST_ID = 0xAA
LABELLED, LABEL_LESS = "label", "drop-off code"


@dataclass(slots=True)
class Shipment:
    """What one item of a call made. `kind`: "" until its label is printed or its code asked for, which commits it."""

    id: str
    account: str
    told: dict[str, Any]
    parcels: list[Parcel]
    kind: str = ""


def create(asked: Asked) -> Response:
    """Make shipments, all or none; nobody looks whether there are such already."""
    told = asked.body()
    rules.check(asked, told)
    return as_json([_shown(_made(asked, one)) for one in told])  # guess: 200, not 201


def delete(asked: Asked) -> Response:
    """Delete a shipment that is not committed. SINGLE: one client does so."""
    if not asked.world.bag.get("deletes", True):
        raise Problem(405, "METHOD_NOT_ALLOWED", "Method not allowed", asked.request.method)
    shipment: Shipment | None = asked.world.bag["shipments"].get(asked.ident)
    if shipment is None or shipment.account != asked.account.name:
        raise unknown("Shipment", asked.ident)
    # guess: that a printed one stays
    if shipment.kind or not all(asked.world.cancel(parcel) for parcel in shipment.parcels):
        raise Problem(409, "CONFLICT", "Shipment is committed", shipment.id)
    del asked.world.bag["shipments"][shipment.id]
    return gone()


def commit(shipments: Sequence[Shipment], kind: str) -> None:
    """Make shipments binding, all or none, with labels or without for their whole life."""
    for shipment in shipments:
        if shipment.kind not in ("", kind):
            raise Problem(409, "CONFLICT", f"Shipment has a {shipment.kind} already", shipment.id)
    for shipment in shipments:
        shipment.kind = kind


def _made(asked: Asked, told: dict[str, Any]) -> Shipment:
    world = asked.world
    serial = world.serial("shipments", FIRST_ID)
    shipment = Shipment(f"3f0b7a60-0000-4000-8000-{serial:012x}", asked.account.name, told, [])
    sender = subjects.origin(asked, told)
    shipment.parcels += [_parcel(asked, shipment, sender, n) for n in range(len(told["parcels"]))]
    world.bag["shipments"][shipment.id] = shipment
    return shipment


def _parcel(asked: Asked, shipment: Shipment, sender: Address, n: int) -> Parcel:
    """Make a box; the first one has the COD and the shipment's own reference, others `reference/2` and so on."""
    told, box, number = shipment.told, shipment.told["parcels"][n], sender.number()
    services, cod = told.get("services", {}), told.get("services", {}).get("cashOnDelivery")
    reference = _first(told) or _first(box)
    point = asked.world.points.get(services.get("pickupPoint", ""))
    to = subjects.receiver(asked, told)["address"]
    country = to["country"]["isoAlpha2"]
    return asked.world.make(
        number,
        reference=reference if n == 0 else f"{reference}/{n + 1}",
        account=asked.account.name,
        barcode=numbers.content(
            postcode=point.zip if point else to["postalCode"],
            number=number,
            service=service_code(services),
            country=country,
        ),
        point=services.get("pickupPoint", ""),
        town=to["city"],
        cod=(_amount(cod["amountCents"]), cod["currency"]) if cod and n == 0 else None,
        shipment=shipment.id,
        id=f"{asked.world.serial('boxes', 550_000_001)}",
        n=n,
        told=told,
    )


def facts(parcel: Parcel) -> dict[str, Any]:
    """Return what was told of a parcel; who receives it as the shipment says, which may be an id."""
    told = parcel.bag["told"]
    return {
        "insured": told["parcels"][parcel.bag["n"]].get("additionalServices", {}).get("insurance"),
        "services": told.get("services", {}),
        "contact": told["receiver"],
        "sender": told["sender"],
        "type": told["shipmentType"],
    }


def service_code(services: dict[str, Any]) -> str:
    """Return the three digits of a label.

    guess: 337 also with COD, and that who is notified is a private person.
    """
    if "pickupPoint" in services:
        return "337"
    if "cashOnDelivery" in services:
        return "329"
    return "327" if services.get("notification") else "101"


def _shown(shipment: Shipment) -> dict[str, Any]:
    boxes = zip(shipment.parcels, shipment.told["parcels"], strict=True)
    return {"id": shipment.id, "parcels": [_box(parcel, told) for parcel, told in boxes]}


def _box(parcel: Parcel, told: dict[str, Any]) -> dict[str, Any]:
    references = {"references": told["references"]} if "references" in told else {}
    return {"parcelNumbers": {"main": parcel.number}, **references}


def _first(told: dict[str, Any]) -> str:
    return told.get("references", {}).get("ref1", "")


def _amount(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
