"""Where parcels are, the oldest event first."""

from typing import Any

from simulator.carriers.lives import Step
from simulator.carriers.poslicek.asking import Asked
from simulator.carriers.wire import Response, as_json
from simulator.carriers.world import Parcel, World
from simulator.wire import PRAGUE

CODES = {
    Step.DATA: ("registered", "Zásilka byla ohlášena"),
    Step.COLLECTED: ("accepted", "Převzato od odesílatele"),
    Step.DEPOT: ("depot", "Na depu"),
    Step.TRANSIT: ("on_the_way", "V přepravě"),
    Step.OUT: ("out", "Na cestě k příjemci"),
    Step.ATTEMPT: ("not_delivered", "Příjemce nebyl zastižen"),
    Step.AT_POINT: ("at_point", "Připraveno k vyzvednutí"),
    Step.DELIVERED: ("delivered", "Doručeno"),
    Step.REFUSED: ("refused", "Příjemce odmítl"),
    Step.EXPIRED: ("not_collected", "Nevyzvednuto"),
    Step.BACK: ("going_back", "Vrací se odesílateli"),
    Step.RETURNED: ("returned", "Vráceno odesílateli"),
    Step.CANCELLED: ("cancelled", "Zrušeno"),
}


def told(asked: Asked) -> Response:
    """Answer what happened to parcels; a number that nobody has is left out."""
    wanted = dict.fromkeys(asked.list("numbers", str))
    mine = [one for number in wanted if (one := asked.world.parcels.get(number)) and one.account == asked.account.name]
    return as_json({"parcels": [{"number": one.number, "events": _events(asked.world, one)} for one in mine]})


def _events(world: World, parcel: Parcel) -> list[dict[str, Any]]:
    return [
        {
            "at": scan.at.astimezone(PRAGUE).isoformat(timespec="seconds"),
            "code": CODES[scan.step][0],
            "text": CODES[scan.step][1],
            "place": scan.place,
        }
        for scan in world.scans(parcel)
    ]
