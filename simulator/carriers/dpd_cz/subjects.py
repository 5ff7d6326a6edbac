"""Who sends and who receives (carriers.md 3A): an address the carrier knows by its id, or somebody written out.

The contract prints an id for the sender and somebody written out for the receiver. Guess: that a Standard shipment
takes these two alone, and that the other types take either at both ends, written as the receiver is; whoever sends
back something has no id.
"""

from typing import Any

from simulator.carriers.dpd_cz import network, shapes
from simulator.carriers.dpd_cz.asking import Asked
from simulator.carriers.dpd_cz.network import Address
from simulator.carriers.dpd_cz.shapes import shape, text, whole

KNOWN = shape({"it4emId": whole()})
CONTACT = shape(
    shapes.NONE,
    {
        "person": text(35, least=2),
        "phone": text(31, like=r"\+[1-9]\d[\d ]{5,}"),  # chapter 0: DPD takes +420…
        "email": text(like=r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    },
)
# guess: the limit of `name2`, and which of these must be there; a place may have no house number
INFO = shape({"name1": text(35)}, {"name2": text(35), "contact": CONTACT})
COUNTRY = shape({"isoAlpha2": text(like=r"[A-Z]{2}")})
ADDRESS = shape(
    {"street": text(), "postalCode": text(like=r"\S+"), "city": text(), "country": COUNTRY},
    {"houseNumber": text()},
)
WRITTEN = shape({"info": INFO, "address": ADDRESS})


def either(value: Any, path: str) -> None:
    """Allow an id, or somebody written out."""
    (KNOWN if isinstance(value, dict) and "it4emId" in value else WRITTEN)(value, path)


def check(asked: Asked, shipment: dict[str, Any], path: str) -> None:
    """Refuse ends a shipment of this type cannot have, ids of others, and places the carrier does not go to."""
    if shipment["shipmentType"] == "Standard":
        KNOWN(shipment["sender"], f"{path}.sender")
        WRITTEN(shipment["receiver"], f"{path}.receiver")
    for end in ("sender", "receiver"):
        if "it4emId" in shipment[end]:
            network.address(asked, shipment[end]["it4emId"], f"{path}.{end}.it4emId")
        else:
            to = shipment[end]["address"]
            network.check_destination(to["country"]["isoAlpha2"], to["postalCode"], f"{path}.{end}.address")


def origin(asked: Asked, shipment: dict[str, Any]) -> Address:
    """Return the address whose numbers a shipment gets. Guess: with no id at either end, the customer's first one."""
    ids = [shipment[end]["it4emId"] for end in ("sender", "receiver") if "it4emId" in shipment[end]]
    return network.address(asked, ids[0], "sender.it4emId") if ids else asked.account.given["addresses"][0]


def receiver(asked: Asked, shipment: dict[str, Any]) -> dict[str, Any]:
    """Return who receives, written out."""
    told = shipment["receiver"]
    return network.address(asked, told["it4emId"], "receiver.it4emId").written() if "it4emId" in told else told
