"""Where parcels are (carriers.md 3A).

Only `13` is known: delivered, to the consignee or back to the sender. That `6` and `06` differ is known too, but not
what they mean. guess: every other code (those of 3B without their letters), all texts, the form of `createdAt` (local
time without a zone), the order (oldest first), and what is asked and answered for several parcels.
"""

from collections.abc import Iterator
from typing import Any

from simulator.carriers.dpd_cz.asking import Asked, Problem
from simulator.carriers.dpd_cz.shapes import each, shape, text
from simulator.carriers.lives import Said, Step
from simulator.carriers.wire import Response, as_json
from simulator.carriers.world import Parcel, World
from simulator.wire import PRAGUE

DELIVERED = ("13", "Doručeno / Delivered")
CODES = {
    Step.COLLECTED: ("05", "Převzato od odesílatele / Picked up from the sender"),
    Step.DEPOT: ("6", "Zásilka na depu / Parcel at the depot"),  # who takes it for 06 thinks that it comes back
    Step.TRANSIT: ("10", "Zásilka v přepravě / Parcel in transit"),
    Step.OUT: ("03", "Na cestě k příjemci / Out for delivery"),
    Step.ATTEMPT: ("14", "Neúspěšné doručení / Unsuccessful delivery"),
    Step.AT_POINT: ("23", "Připraveno k vyzvednutí / Ready at the pickup point"),
    Step.DELIVERED: DELIVERED,
    Step.REFUSED: ("04", "Příjemce odmítl / Refused by the consignee"),
    Step.EXPIRED: ("09", "Nevyzvednuto / Not collected in time"),
    Step.BACK: ("06", "Vrací se odesílateli / Return to sender"),
    Step.RETURNED: DELIVERED,
}
# Said when somebody asks for it. Guess: all of them; the numbers are those of 3B without their letters.
SAID = {
    "02": "Příjem na depu / Inbound",
    "07": "Výstup z depa / Outbound",
    "08": "Uloženo / Warehouse",
    "12": "Celní řízení / Customs clearance",
    "15": "Převzato / Picked up",
    "17": "Překládka / Reloading",
    "99": "Neznámý stav / Unknown status",
}
NUMBERED = shape({"parcelNumber": text()})


def _named(value: Any, path: str) -> None:
    (text() if isinstance(value, str) else NUMBERED)(value, path)


ASKED = shape({"parcels": each(_named)})


def one(asked: Asked) -> Response:
    """Answer the events of a parcel; there are none before it is handed over."""
    return as_json({"parcelEvents": list(_events(asked.world, asked.parcel(asked.ident)))})


def several(asked: Asked) -> Response:
    """Answer those of several; a number that nobody knows is left out. Guess: each is named as for labels, or bare."""
    told = asked.body()
    ASKED(told, "")
    wanted = dict.fromkeys(one if isinstance(one, str) else one["parcelNumber"] for one in told["parcels"])
    found = [parcel for number in wanted if (parcel := _known(asked, number))]
    return as_json(
        {"parcels": [{"parcelNumber": p.number, "parcelEvents": list(_events(asked.world, p))} for p in found]}
    )


def _known(asked: Asked, number: str) -> Parcel | None:
    try:
        return asked.parcel(number)
    except Problem:
        return None


def _events(world: World, parcel: Parcel) -> Iterator[dict[str, Any]]:
    for one in world.history(parcel):
        found = (one.code, SAID[one.code]) if isinstance(one, Said) else CODES.get(one.step)
        if found is not None:
            code, said = found
            at = one.at.astimezone(PRAGUE).strftime("%Y-%m-%dT%H:%M:%S")
            yield {"createdAt": at, "status": {"statusCode": code, "description": said}}
