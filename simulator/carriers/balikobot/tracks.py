"""Where packages are: what the carrier says beside what Balíkobot makes of it (carriers.md 6.4).

A carrier knows a package only once it was ordered; before that, and for a stranger's, a row is 404.
"""

from datetime import datetime
from typing import Any

from simulator.carriers import lives
from simulator.carriers.balikobot.asking import Asked, Method
from simulator.carriers.lives import Scan, Step
from simulator.carriers.world import Parcel, World
from simulator.wire import PRAGUE

Said = tuple[float, str, str]
"""The fine id, the carrier's text, Balíkobot's text."""

ORDERED: Said = (-1, "Objednáno", "Zásilka byla objednána.")
HANDED_ON: Said = (2.5, "Předáno koncovému dopravci", "Zásilka byla předána koncovému dopravci.")
ON_THE_WAY: Said = (2.2, "Přeprava", "Zásilka je přepravována.")
COLLECTED_AT_POINT: Said = (1.1, "Vydáno", "Zásilka byla doručena příjemci.")
COD_SENT: Said = (5, "Dobírka vyplacena", "Dobírka byla připsána na účet odesílatele.")  # tells no amount
CODES: dict[Step, Said] = {  # the texts of 2.1 and 1.1 are the contract's, others guesses; `EXPIRED` has no code
    Step.COLLECTED: (2.1, "Zásilka přijata", "Zásilka byla převzata."),
    Step.DEPOT: ON_THE_WAY,
    Step.TRANSIT: ON_THE_WAY,
    Step.OUT: (2.2, "Na cestě k příjemci", "Zásilka je přepravována."),  # there is no out_for_delivery
    Step.ATTEMPT: (0.2, "Příjemce nezastižen", "Chyba na straně příjemce."),
    Step.AT_POINT: (2.3, "Připraveno k vyzvednutí", "Zásilka je připravena k vyzvednutí."),
    Step.DELIVERED: (1.2, "Doručeno", "Zásilka byla doručena na adresu."),
    Step.REFUSED: (0.2, "Příjemce odmítl", "Chyba na straně příjemce."),
    Step.BACK: (2.4, "Na cestě zpět", "Zásilka se vrací odesílateli."),
    Step.RETURNED: (4, "Vráceno", "Zásilka byla doručena zpět odesílateli."),
    Step.CANCELLED: (3.3, "Storno", "Zásilka byla stornována odesílatelem."),
}

# Every id of the contract's table, said when somebody asks for it, and one that it does not list.
IDS = (2.1, 2.2, 2.5, 2.3, 2.4, 1.1, 1.2, 3.1, 3.2, 3.3, 4, 5, 0.1, 0.2, 0.3, 6.1)
SAID: dict[str, Said] = {str(fine): (fine, f"Stav {fine}", f"Stav {fine}.") for fine in IDS}


def track(asked: Asked) -> dict[str, Any]:
    """Return the history of packages in the order asked.

    What stands above them when one is unknown no contract says. Guess: 200, or what `world.bag["track_unknown"]` says.
    """
    told = [_history(asked, number) for number in asked.listed("carrier_ids")]
    is_whole = all(row["status"] == 200 for row in told)
    return {"status": 200 if is_whole else asked.world.bag.get("track_unknown", 200), "packages": told}


def status(asked: Asked) -> dict[str, Any]:
    """Return the last state of packages, at /v2 with the fine id and `name`, else with the coarse one and its text."""
    is_fine = asked.request.parts()[0] == "v2"
    return {"status": 200, "packages": [_last(asked, number, is_fine) for number in asked.listed("carrier_ids")]}


def states(world: World, package: Parcel) -> list[dict[str, Any]]:
    """Return what is told of a package, oldest first; that it is ordered only as long as nothing else is."""
    if "order" not in package.bag:
        return []
    told = [(one.at, said) for one in world.history(package) if (said := _said(package, one))]
    if not told:
        return [_state(package.bag["ordered_at"], ORDERED)]
    if paid_at := _paid_at(world, package):
        told.append((paid_at, COD_SENT))
    return [_state(at, said) for at, said in told]


def _paid_at(world: World, package: Parcel) -> datetime | None:
    """Return when the COD was sent: in time, or with the delivery when somebody asked for it (`parcels/pay`)."""
    last = world.scans(package)[-1]
    is_asked_for = package.cod and package.paid is not None and last.step is Step.DELIVERED
    return world.paid_at(package) or (last.at if is_asked_for else None)


def _said(package: Parcel, scan: Scan | lives.Said) -> Said | None:
    if isinstance(scan, lives.Said):
        return SAID[scan.code]
    if scan.step is Step.TRANSIT and package.bag["final"]:
        return HANDED_ON
    return COLLECTED_AT_POINT if scan.step is Step.DELIVERED and package.point else CODES.get(scan.step)


def _state(at: datetime, said: Said) -> dict[str, Any]:
    fine, name, unified = said
    return {
        "date": f"{at.astimezone(PRAGUE):%Y-%m-%d %H:%M:%S}",
        "name": name,
        "name_balikobot": unified,
        "status_id": int(fine),
        "status_id_v2": fine,
        "type": "event",
    }


def _history(asked: Asked, number: str) -> dict[str, Any]:
    package = asked.numbered(number)
    told = states(asked.world, package) if package else []
    return {"carrier_id": number, "status": 200, "states": told} if told else {"carrier_id": number, "status": 404}


def _last(asked: Asked, number: str, is_fine: bool) -> dict[str, Any]:  # noqa: FBT001 - told once, above
    package = asked.numbered(number)
    told = states(asked.world, package) if package else []
    if not told:
        return {"carrier_id": number, "status": 404}
    row = {"carrier_id": number, "status": 200}
    if is_fine:
        return row | {"status_id_v2": told[-1]["status_id_v2"], "name": told[-1]["name"]}
    return row | {"status_id": told[-1]["status_id"], "status_text": told[-1]["name_balikobot"]}


METHODS: dict[str, Method] = {"track": track, "trackstatus": status}
