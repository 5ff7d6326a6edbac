"""Cars of PPL: how one is ordered and named, and what its answers say of one (docs/carriers.md 2.5).

A car goes by two names in one text, `{batch}/{reference}`: the batch is asked for, the reference is called off. Cars
that were ordered before the two stood together have the batch alone.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from carriers.base import Cancelled, Collection
from carriers.cars import Car, Ordered
from carriers.ppl import calls
from carriers.ppl.rows import listed, row, rows, text
from carriers.shipment import Address
from carriers.wire import Answer

CARS = {
    "None": Car.WAITING,
    "Created": Car.ORDERED,
    "PickedUp": Car.CAME,
    "NotPickedUp": Car.MISSED,
    "Canceled": Car.CANCELLED,
}
ENDED = {
    Car.CANCELLED: Cancelled.BEFORE,
    Car.CAME: Cancelled.TOO_LATE,
    Car.MISSED: Cancelled.TOO_LATE,
    Car.REFUSED: Cancelled.UNKNOWN,
    None: Cancelled.UNKNOWN,
}
"""What is left to call off of a car that stands so; of others PPL must say why it does not."""
RECALLED = "Zrušeno odesílatelem"


def named(batch: str, reference: str) -> str:
    return f"{batch}/{reference}"


def parted(number: str) -> tuple[str, str]:
    """Return the batch and the reference of a car; the reference is "" of one that was ordered long ago."""
    batch, _, reference = number.partition("/")
    return batch, reference


def reference_of(collection: Collection, address: Address) -> str:
    """Return what a car goes by with PPL, at most 40 letters: when and where, for people, and what tells it apart.

    The same order asked for twice has the same one. Two of one hour and place differ by what they come for; where
    nobody knows that, by all they say.
    """
    head = f"SVOZ-{collection.on}-{collection.since:%H%M}-{calls.zip_of(address)}"[:27]
    numbers = sorted(parcel.number for parcel in collection.parcels)
    apart = numbers or [f"{collection.count}", f"{collection.weight_g}", collection.note]
    told = repr((f"{collection.until}", _place(address), _place(collection.deliver_to), apart))
    return f"{head}-{sha256(told.encode()).hexdigest()[:12]}"


def order(collection: Collection, address: Address) -> Mapping[str, Any]:
    """Return the order of a car; what is to go to a third place needs the other kind of order, and a recipient."""
    reference, to = reference_of(collection, address), collection.deliver_to
    return {
        "orderType": "TransportOrder" if to else "CollectionOrder",
        "referenceId": reference,
        "shipmentCount": collection.count,
        "email": address.email or None,
        "note": collection.note or None,
        "customerReference": reference,
        "sendDate": f"{collection.on}",
        "sendTimeFrom": f"{collection.since:%H:%M}",
        "sendTimeTo": f"{collection.until:%H:%M}",
        "productType": "BUSS",
        "sender": calls.address(address),
        "recipient": calls.address(to) if to else None,
    }


def read_ordered(answer: Answer, reference: str) -> Ordered:
    """Return how it stands with the one order of a batch; `reference`: "" where nobody knows it.

    UNCERTAIN: the contract has the words of an order's state and not the field they stand in. It is looked for by two
    names; without it the state of the import says what is known.
    """
    told = answer.expect_ok().json()
    items = rows(told if listed(told) else row(told).get("items"))
    found = [one for one in items if not reference or one.get("referenceId") == reference]
    if len(found) != 1:
        raise answer.unreadable("the answer does not hold this order once")
    said = text(found[0].get("orderState")) or text(found[0].get("state"))
    imported = text(found[0].get("importState"))
    if imported == "Error":
        why = ": ".join(filter(None, (text(found[0].get(name)) for name in ("errorCode", "errorMessage"))))
        return Ordered(Car.REFUSED, why[:300])
    if not said and imported == "Complete":
        return Ordered(Car.ORDERED, imported)
    return Ordered(CARS.get(said, Car.WAITING), (said or imported)[:300])


def _place(known: Address | None) -> tuple[str, ...]:
    return (known.name, known.company, known.street, known.house_number, known.city) if known else ()
