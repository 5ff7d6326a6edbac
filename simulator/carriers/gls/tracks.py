"""Where parcels are: statuses, newest first (carriers.md 4.4)."""

from typing import Any

from simulator.carriers import paper
from simulator.carriers.gls import asking, dates
from simulator.carriers.gls.asking import INT64, INVALID, Asked, Done, Error, Method, Refused
from simulator.carriers.gls.booking import Stored
from simulator.carriers.lives import Said, Scan, Step
from simulator.carriers.paper import Label
from simulator.carriers.world import Parcel, World

MOST_AT_ONCE = 100
LANGUAGES = ("EN", "HR", "CS", "HU", "RO", "SK", "SL")
TEXTS = {  # English for the other languages: texts are shown, codes are read
    1: ("The parcel was handed over to GLS.", "Převzato GLS", "Prevzaté GLS"),
    2: ("The parcel has left the parcel center.", "Opustilo depo", "Opustilo depo"),
    3: ("The parcel has reached the parcel center.", "Na depu", "Na depe"),
    4: ("The parcel is expected to be delivered during the day.", "Na doručení", "Na doručení"),
    5: ("The parcel has been delivered.", "Doručeno", "Doručené"),
    12: ("The recipient was not at home.", "Příjemce nezastižen", "Príjemca nezastihnutý"),
    17: ("The recipient refused the parcel.", "Příjemce odmítl", "Príjemca odmietol"),
    23: ("The parcel is returned to the sender.", "Vráceno odesílateli", "Vrátené odosielateľovi"),
    40: ("The parcel is returned to the sender.", "Vráceno odesílateli", "Vrátené odosielateľovi"),
    51: ("The parcel data was received.", "Data přijata", "Dáta prijaté"),
    54: ("Delivered to the parcel box.", "Doručeno do boxu", "Doručené do boxu"),
    55: ("Delivered to the ParcelShop.", "Doručeno do ParcelShopu", "Doručené do ParcelShopu"),
    57: ("The storage time is over.", "Úložní doba vypršela", "Úložná doba uplynula"),
}
# Every code of the contract's table, and 45, 63 and 98, which it does not list; a text of its own has not every one.
SAID = tuple(map(str, (*range(1, 48), *range(51, 77), 80, *range(83, 94), 97, 98, 99, *range(401, 405), 420)))
COLUMNS = {"CS": 1, "SK": 2}
CODES = {
    Step.DATA: 51,
    Step.COLLECTED: 1,
    Step.DEPOT: 3,
    Step.TRANSIT: 2,
    Step.OUT: 4,
    Step.ATTEMPT: 12,
    Step.AT_POINT: 55,
    Step.DELIVERED: 5,
    Step.REFUSED: 17,
    Step.EXPIRED: 57,
    Step.BACK: 23,
    Step.RETURNED: 5,  # "5 after 23/40/57": the sender has it back
}
AT_SENDER = (Step.COLLECTED, Step.RETURNED)


def statuses(asked: Asked) -> Done:
    """Return what happened to one parcel."""
    if "ParcelNumber" not in asked.body:
        raise Refused(Error(asking.NO_NUMBER, "ParcelNumber is missing."))
    number = asking.integer(asked.body["ParcelNumber"], "ParcelNumber", INT64)
    language, wants_proof = _language(asked), asked.boolean("ReturnPOD")
    found = asked.numbered(number)
    if isinstance(found, Error):
        return {"ParcelNumber": number}, (found,)
    address = found.bag["stored"].told["DeliveryAddress"]
    told = {
        **_told(asked.world, found, language),
        "DeliveryCountryCode": address["CountryIsoCode"],
        "DeliveryZipCode": address["ZipCode"],
        "POD": _proof(asked.world, found) if wants_proof else None,
    }
    return told, ()


def many(asked: Asked) -> Done:
    """Return what happened to several parcels. SINGLE, only with `world.bag["single"]`; guess: the answer's names."""
    numbers = asked.integers("ParcelNumberList", most=MOST_AT_ONCE, beyond=INT64)
    language = _language(asked)
    found = [asked.numbered(number) for number in numbers]
    rows = [_told(asked.world, one, language) for one in found if isinstance(one, Parcel)]
    return {"ParcelList": rows}, [one for one in found if isinstance(one, Error)]


def _language(asked: Asked) -> str:
    language = asked.body.get("LanguageIsoCode", "EN")  # guess: may be left out
    if language not in LANGUAGES:
        raise Refused(Error(INVALID, "Request validation issue: LanguageIsoCode"))
    return language


def _told(world: World, parcel: Parcel, language: str) -> dict[str, Any]:
    events = [one for one in world.history(parcel) if isinstance(one, Said) or one.step in CODES]
    return {
        "ClientReference": parcel.bag["stored"].reference,
        "ParcelNumber": int(parcel.number),
        "ParcelStatusList": [_row(parcel, one, world, language) for one in events[::-1]],
        "Weight": asking.plain(parcel.bag["weight"]),
    }


def _row(parcel: Parcel, event: Scan | Said, world: World, language: str) -> dict[str, Any]:
    is_said = isinstance(event, Said)
    code = int(event.code) if is_said else _code(parcel, event, world)
    place = _place(parcel.bag["stored"], Step.TRANSIT if is_said else event.step)
    texts = TEXTS.get(code, (f"Status {code}.",) * 3)
    return {
        # Zero-padded in some answers only (4.4): in those of parcels whose number without check digit is even.
        "StatusCode": f"{code:02}" if _is_even(parcel) else str(code),
        "StatusDate": dates.written(event.at, world.accounts[parcel.account].given["country"]),
        "StatusDescription": texts[COLUMNS.get(language, 0)],
        "StatusInfo": "",
        "DepotCity": place.get("City", ""),
        "DepotNumber": place.get("ZipCode", "")[:2],
    }


def _code(parcel: Parcel, scan: Scan, world: World) -> int:
    """Return a step's code; lockers have 54, and half of the parcels go back with 40, which means the same as 23."""
    if scan.step is Step.AT_POINT and world.points[parcel.point].kind == "box":
        return 54
    if scan.step is Step.BACK and not _is_even(parcel):
        return 40
    return CODES[scan.step]


def _is_even(parcel: Parcel) -> bool:
    return int(parcel.number[:-1]) % 2 == 0


def _place(stored: Stored, step: Step) -> dict[str, Any]:
    if step is Step.DATA:
        return {}
    return stored.told["PickupAddress" if step in AT_SENDER else "DeliveryAddress"]


def _proof(world: World, parcel: Parcel) -> list[int] | None:
    """Return the proof of delivery as bytes, None before it. Guess: that it is a PDF."""
    if world.step(parcel) is not Step.DELIVERED:
        return None
    return list(paper.pdf([Label((), ("Doklad o doručení", parcel.number))]))


NOTHING = {
    "ClientReference": None,
    "DeliveryCountryCode": None,
    "DeliveryZipCode": None,
    "ParcelNumber": 0,
    "ParcelStatusList": [],
    "POD": None,
    "Weight": 0,
}
METHODS: dict[str, Method] = {
    "GetParcelStatuses": Method(
        statuses, "GetParcelStatusErrors", NOTHING, frozenset({"ParcelNumber", "ReturnPOD", "LanguageIsoCode"})
    ),
    "GetParcelListStatuses": Method(
        many,
        "GetParcelListStatusesErrors",
        {"ParcelList": []},
        frozenset({"ParcelNumberList", "ReturnPOD", "LanguageIsoCode"}),
        is_single=True,
    ),
}
