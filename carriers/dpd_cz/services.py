"""What `services` of a shipment says: one of our names, what is added to it, who must show what, what is collected.

The contract prints the values of COD, notification, point and personalIdentification; of the others it has the names
alone, so a switch offers them. Source: docs/carriers.md 3A.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carriers.money import Money
from carriers.shipment import Cod, Shipment

POINT_SERVICE = "337"
PROVEN = ("101", "327", POINT_SERVICE)
TOLD = {"notification": True}

DECLARED = "declared_value"
ADDED: Mapping[str, Mapping[str, Any]] = {
    "guarantee": {"dpdGuarantee": True},
    "express": {"airExpress": True},
    "pneu": {"dpdPneu": True},
    "dpd12": {"dpdTimeGuarantee": "DPD12"},
    "sameday": {"dpdTimeGuarantee": "SAMEDAY"},
    "swap": {"swap": True},
    DECLARED: {"declaredValue": None},  # as much as the shipment is worth
}
"""What goes on top of a service, by its name in `options["services"]`."""

SERVICES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "101": ("DPD Classic, to a company", {}),
    "327": ("DPD Private, to a person at home", TOLD),
    "337": ("DPD Pickup, to a shop or a box", TOLD),
    "guarantee": ("DPD Guarantee", {**ADDED["guarantee"], **TOLD}),
    "express": ("DPD Express, by air", {**ADDED["express"], **TOLD}),
    "pneu": ("DPD Pneu, tyres", {**ADDED["pneu"], **TOLD}),
    "dpd12": ("DPD 12:00", {**ADDED["dpd12"], **TOLD}),
    "sameday": ("DPD on the same day", {**ADDED["sameday"], **TOLD}),
    "shop2shop": ("DPD Shop2Shop", {"shopToShop": True, **TOLD}),
    "shop2home": ("DPD Shop2Home", {"shopToHome": True, **TOLD}),
}
"""Our name of a service, the code of its label where that is known: what it is, and what `services` then says."""
TO_POINT = frozenset({POINT_SERVICE, "shop2shop"})

OPTIONS = {
    "credit_card": "0: COD is paid in cash alone, 1: by card too",
    "insurance": "1 insures the shipment for its value, for a fee",
    "notification": "1: the recipient is told of the parcel, 0: is not; else as the service has it",
    "person": "who alone may take the parcel; the recipient where only person_id is said",
    "person_id": "the number on the document that person must show",
    "picked_up": "1: a return is fetched from the recipient by a car",
    "ref3": "a third reference on the shipment, up to 35 letters",
    "ref4": "a fourth reference on the shipment, up to 35 letters",
    "services": f"services on top, joined by commas: {', '.join(ADDED)}",
    "without_label": "1: a return is handed in by a PIN instead of a label",
}
FLAGS = ("credit_card", "insurance", "notification", "picked_up", "without_label")


def chosen(shipment: Shipment, *, upper: bool) -> dict[str, Any]:
    """Return `services`; `upper`: a payment is spelt CASH_OR_CARD."""
    said = dict(SERVICES.get(shipment.service, ("", {}))[1])
    for name in added(shipment):
        said |= {"declaredValue": amount(shipment.value)} if name == DECLARED else ADDED.get(name, {})
    if is_told(shipment):
        said["notification"] = True
    else:
        said.pop("notification", None)
    if shipment.point:
        said["pickupPoint"] = shipment.point.point_id
    if person := identified(shipment):
        said["personalIdentification"] = person
    if shipment.cod:
        payment = paid_by(shipment.cod, shipment, upper=upper)
        symbol = {"variableSymbol": shipment.cod.variable_symbol}
        said["cashOnDelivery"] = amount(shipment.cod.amount) | {"payment": payment} | symbol
    return said


def added(shipment: Shipment) -> Sequence[str]:
    """Return the names of what goes on top."""
    return [name for part in shipment.options.get("services", "").split(",") if (name := part.strip())]


def is_told(shipment: Shipment) -> bool:
    """Say whether the recipient is told of the parcel; of one to a point always (3A)."""
    if shipment.point:
        return True
    by_itself = "notification" in SERVICES.get(shipment.service, ("", {}))[1]
    return {"1": True, "0": False}.get(shipment.options.get("notification", ""), by_itself)


def identified(shipment: Shipment) -> Mapping[str, str]:
    """Return who must show a document, and its number; nothing where nobody must."""
    name, number = (shipment.options.get(option, "").strip() for option in ("person", "person_id"))
    if not name and not number:
        return {}
    return {"name": name or shipment.recipient.name, **({"personalId": number} if number else {})}


def paid_by(cod: Cod, shipment: Shipment, *, upper: bool) -> str:
    """Return how COD may be paid: by card too, unless it was said that it may not."""
    by_card = cod.card_allowed if cod.card_allowed is not None else shipment.options.get("credit_card") != "0"
    plain, spelt = ("CashOrCard", "CASH_OR_CARD") if by_card else ("Cash", "CASH")
    return spelt if upper else plain


def insured(shipment: Shipment, place: int) -> Money | None:
    """Return what a box, counted from 1, is insured for; None: for nothing.

    It is paid for, so somebody must have asked for it: by a value of the box's own, or for the whole by the option.
    The whole lies in the first box: a share of each is nobody's.
    """
    if any(box.value is not None for box in shipment.boxes):
        return shipment.boxes[place - 1].value
    return shipment.value if shipment.options.get("insurance") == "1" and place == 1 else None


def amount(money: Money) -> dict[str, Any]:
    """Return an amount in hundredths, whatever the currency's own smallest unit is."""
    return {"amountCents": int(money.major * 100), "currency": money.currency}
