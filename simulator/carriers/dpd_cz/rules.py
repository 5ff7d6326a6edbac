"""What a shipment must be like (carriers.md 3A): its shape first, then what its fields say together."""

from typing import Any

from simulator.carriers.dpd_cz import network, shapes, subjects
from simulator.carriers.dpd_cz.asking import Asked, Problem, wrong
from simulator.carriers.dpd_cz.shapes import among, each, flag, one_of, shape, text, whole

MOST = 50
MOST_G = 31_500
TYPES = ("Standard", "Collection", "Import", "ThirdPartyCollection", "Return")
ONE_BOX = ("Collection", "ThirdPartyCollection", "Return")
CURRENCIES = ("CZK", "EUR", "HUF", "PLN", "RON")
WHOLE_ONLY = ("CZK", "HUF")  # chapter 0: COD in whole crowns and forints

CUSTOMER = one_of({"dsw": text(), "id": whole(), "ident": text()})
REFERENCES = shape(shapes.NONE, {f"ref{n}": text(35) for n in (1, 2, 3, 4)})
# guess: in which of these a parcel is insured or a value declared; the contract prints CZK alone
MONEY = {"amountCents": whole(), "currency": among(CURRENCIES)}
PARCEL = shape(
    {"weightGrams": whole()},  # guess: that it must be there
    {
        "references": REFERENCES,
        "additionalServices": shape(shapes.NONE, {"insurance": shape(MONEY)}),
    },
)


def named(value: Any, path: str) -> None:
    """Allow what a service may be told of which the contract has the name alone. Guess: yes or no, or an object."""
    if not isinstance(value, bool | dict):
        raise wrong(path, "must be a boolean or an object")


SERVICES = shape(
    shapes.NONE,
    {
        # UNCERTAIN: one client sends CASH_OR_CARD, which is refused here. guess: that the symbol is one a bank carries
        "cashOnDelivery": shape(
            {**MONEY, "payment": among(("Cash", "CashOrCard"))}, {"variableSymbol": text(10, like=r"\d+")}
        ),
        "notification": flag,
        "pickupPoint": text(),
        **dict.fromkeys(
            ("dpdGuarantee", "airExpress", "dpdPneu", "shopToShop", "shopToHome", "dpdReturn", "swap"), named
        ),
        "dpdTimeGuarantee": among(("DPD12", "SAMEDAY")),
        "declaredValue": shape(MONEY),
        "personalIdentification": shape({"name": text()}, {"personalId": text()}),
    },
)
SHIPMENTS = each(
    shape(
        {
            "customer": CUSTOMER,
            "shipmentType": among(TYPES),
            "sender": subjects.either,
            "receiver": subjects.either,
            "parcels": each(PARCEL),
        },
        {"references": REFERENCES, "services": SERVICES},
    ),
    most=MOST,
)
# guess: which pairs the carrier cannot do; the contract says only that there are some
NEVER_BOTH = (
    ("pickupPoint", "shopToHome"),
    ("pickupPoint", "swap"),
    ("pickupPoint", "dpdTimeGuarantee"),
    ("shopToShop", "shopToHome"),
)


def check(asked: Asked, shipments: Any) -> None:
    """Refuse the whole call when anything of it is wrong.

    guess: whether the right ones of a call are made when another is wrong; here none is.
    """
    SHIPMENTS(shipments, "")
    wanted: dict[int, int] = {}
    for n, one in enumerate(shipments):
        path = f"[{n}]"
        _who(asked, one, path)
        subjects.check(asked, one, path)
        to = subjects.receiver(asked, one)
        origin = subjects.origin(asked, one)
        wanted[origin.it4em_id] = wanted.get(origin.it4em_id, 0) + len(one["parcels"])
        if origin.left() < wanted[origin.it4em_id]:
            text = "Parcel number range missing for the sender address"
            raise Problem(400, "NO_PARCEL_RANGE", text, f"{path}.sender.it4emId: {origin.it4em_id}")
        _services(one, to, f"{path}.services")
        _point(asked, one, to["address"]["country"]["isoAlpha2"], f"{path}.services")
        _weights(one, path)


def _who(asked: Asked, one: dict[str, Any], path: str) -> None:
    ((name, value),) = one["customer"].items()
    if asked.account.given[name] != value:
        raise Problem(400, "UNKNOWN_CUSTOMER", "Customer is not that of the API key", f"{path}.customer.{name}")


def _services(one: dict[str, Any], to: dict[str, Any], path: str) -> None:
    services = one.get("services", {})
    asked_for = {name for name, value in services.items() if value is not False}
    for first, second in NEVER_BOTH:
        if {first, second} <= asked_for:
            raise _combination(path, f"{first} with {second}")
    if "shopToShop" in asked_for and "pickupPoint" not in asked_for:
        raise _combination(path, "shopToShop without pickupPoint")
    lone = [name for name in ("pickupPoint", "dpdReturn", "swap") if name in asked_for]
    lone += [one["shipmentType"]] if one["shipmentType"] in ONE_BOX else []
    if lone and len(one["parcels"]) > 1:
        raise _combination(path, f"several parcels with {lone[0]}")
    contact = to["info"].get("contact", {})
    if "notification" in asked_for and not ("phone" in contact or "email" in contact):
        raise wrong(f"{path}.notification", "needs a phone or an e-mail of the receiver")  # guess
    if cod := services.get("cashOnDelivery"):
        _cod(cod, to["address"]["country"]["isoAlpha2"], f"{path}.cashOnDelivery")


def _cod(cod: dict[str, Any], country: str, path: str) -> None:
    # guess: that it must be the money of the country
    if cod["currency"] != network.CURRENCIES.get(country, "EUR"):
        raise wrong(f"{path}.currency", f"{cod['currency']} is not paid in {country}")
    if cod["currency"] in WHOLE_ONLY and cod["amountCents"] % 100:
        raise wrong(f"{path}.amountCents", f"must be whole {cod['currency']}")


def _point(asked: Asked, one: dict[str, Any], country: str, path: str) -> None:
    services = one.get("services", {})
    if "pickupPoint" not in services:
        return
    point = asked.world.points.get(services["pickupPoint"])
    if point is None or not point.is_open or point.country != country:
        raise wrong(f"{path}.pickupPoint", f"{services['pickupPoint']} takes no parcels in {country}")
    if services.get("notification") is not True:
        raise wrong(f"{path}.notification", "is mandatory with pickupPoint")
    if "cashOnDelivery" in services and not point.takes_cod:
        raise _combination(path, f"cashOnDelivery at {point.id}")


def _weights(one: dict[str, Any], path: str) -> None:
    most_g = network.MOST_POINT_G if "pickupPoint" in one.get("services", {}) else MOST_G
    for n, parcel in enumerate(one["parcels"]):
        if parcel["weightGrams"] > most_g:
            raise wrong(f"{path}.parcels[{n}].weightGrams", f"must be at most {most_g}")


def _combination(path: str, text: str) -> Problem:
    return Problem(400, "SERVICE_COMBINATION", "Invalid service combination", f"{path}: {text}")
