"""Where parcels are: the rows of 5.4 with dates alone, the coarse history with times, the public page's rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.carriers.ceska_posta import fields, login, shapes
from simulator.carriers.ceska_posta.failures import Failure
from simulator.carriers.ceska_posta.rules import ABROAD, Record
from simulator.carriers.lives import Said, Scan, Step
from simulator.carriers.wire import Request, Response, as_json
from simulator.carriers.world import Account, Parcel, World
from simulator.wire import PRAGUE

STORED_DAYS = 7
KEPT = timedelta(days=365)
LATER = timedelta(hours=1)  # notices and records of the point follow what they are about
ROUTING = ("22200", "SPU Praha 022")

CODES = {
    Step.DATA: ("-M", "Obdrženy údaje k zásilce."),
    Step.COLLECTED: ("21", "Zásilka převzata do přepravy."),
    Step.DEPOT: ("75", "Zásilka v přepravě."),
    Step.TRANSIT: ("51", "Zásilka připravena k doručení."),
    Step.OUT: ("53", "Zásilka v doručování."),
    Step.AT_POINT: ("82", "Zásilka uložena v Balíkovně."),
    Step.DELIVERED: ("91", "Zásilka dodána."),
    Step.REFUSED: ("95", "Zásilka nedodána - adresát odmítl převzít."),
    Step.EXPIRED: ("97", "Zásilka nedodána - uplynula úložní doba."),
    Step.BACK: ("43", "Odeslání zásilky zpět."),  # the trap of 5.4: under a notice's code
    Step.RETURNED: ("9V", "Zásilka vrácena odesílateli."),
}
# Half of the parcels are seen nowhere between two offices; an attempt has no code and is told by a notice alone.
SOMETIMES = (Step.DEPOT, Step.TRANSIT)
NOTICES = {"42": {"34", "45"}, "43": {"45", "46"}}
NOTICE_TEXTS = {"42": "Odeslána SMS zpráva adresátovi.", "43": "Odeslán e-mail adresátovi."}
# Rows of the contract's table that no life leads to, and one that it does not list; what the texts say is a guess.
SAID = {
    "-L": "Obdrženy údaje k zásilce.",
    "8D": "Zásilka doslána.",
    "8T": "Zásilka zaslána omylem jinam.",
    "8Z": "Zásilka zaslána omylem jinam.",
    "8U": "Zásilka předána na jinou poštu.",
    **dict.fromkeys(("-F", "-I", "-B", "-K", "5K"), "Zásilka v přepravě."),
    "P2": "Zásilka uložena v boxu.",
    "96": "Zásilka nedodána - adresát neznámý.",
    "98": "Zásilka nedodána - adresát zemřel.",
    "9B": "Zásilka nedodána - adresát se odstěhoval.",
    "9E": "Zásilka nedodána - nedostatečná adresa.",
    "8E": "Zásilka poškozena.",
    "42": "Odeslána SMS zpráva adresátovi.",
    "BG1": "Určení místa vydání zásilky.",
    "BG5": "Určení místa vydání zásilky.",
    "88": "Zásilka vyřazena z evidence.",
    "7Q": "Zásilka 7Q.",
}
COARSE = {
    Step.COLLECTED: "1",
    Step.DEPOT: "4",
    Step.OUT: "6",
    Step.AT_POINT: "6",
    Step.DELIVERED: "2",
    Step.RETURNED: "3",
}


@dataclass(frozen=True)
class Row:
    """One row of a parcel's tracking; `place`: a post office's code and name."""

    at: datetime
    id: str
    text: str
    place: tuple[str, str] | None = None


def statuses(world: World, request: Request, _account: Account) -> Response:
    """Answer `POST /parcelStatus`, a detail for each number asked; one that is unknown has a row that says so."""
    asked = shapes.read(request, fields.PARCEL_STATUS)
    return as_json({"detail": [_detail(world, number) for number in asked["parcelIds"]]})


def history(world: World, request: Request, account: Account) -> Response:
    """Answer `GET /parcelDataHistory/parcelID/{id}`: the data, money paid out, and coarse rows with times."""
    parcel = world.parcels.get(request.parts()[2])
    if parcel is None or parcel.account != account.name:
        raise Failure(404)
    rows = [
        {
            "parcelCode": parcel.number,
            "date": _time(scan.at),
            "status": COARSE[scan.step],  # guess: text, as the ids of the other list
            "statusPostCode": (_place(world, parcel, scan) or ("", ""))[0],
            "targetPostCode": parcel.point or _zip(parcel),
        }
        for scan in world.scans(parcel)
        if scan.step in COARSE
    ]
    return as_json({"parcelDataHistory": _data(world, parcel), "parcelStatusHistory": rows})


def public(world: World, request: Request) -> Response:
    """Answer the public page's data for one number; no key is needed."""
    number = request.one("idParcel")
    parcel = world.parcels.get(number)
    states = [
        {
            "id": row.id,
            "date": _day(row.at),
            "text": row.text,
            "postcode": row.place[0] if row.place else None,
            "postoffice": row.place[1] if row.place else None,
        }
        for row in _rows(world, number)
    ]
    attributes = {"parcelType": parcel.bag["record"].prefix} if parcel else {}  # guess: what is among them
    return as_json([{"id": number, "attributes": attributes, "states": {"state": states}}])


def paid_at(world: World, parcel: Parcel) -> datetime | None:
    """Return when the COD was sent: on the world's day, or at delivery where somebody asked for it to be paid."""
    delivered = next((scan.at for scan in world.scans(parcel) if scan.step is Step.DELIVERED), None)
    return world.paid_at(parcel) or (delivered if parcel.cod and parcel.paid is not None else None)


def _detail(world: World, number: str) -> dict[str, Any]:
    rows = [_status(row) for row in _rows(world, number)]
    parcel = world.parcels.get(number)
    if parcel is None:
        return {"idParcel": number, "parcelStatuses": rows}
    record: Record = parcel.bag["record"]
    told: dict[str, Any] = {"idParcel": number, "parcelType": record.prefix, "weight": record.params["weight"]}
    if parcel.cod:
        told |= {"amount": float(parcel.cod[0]), "currency": parcel.cod[1]}
    if record.boxes > 1:
        told["parcelsQuantity"] = record.boxes
    if record.prefix in ABROAD:
        told |= {"countryOfOrigin": "CZ", "countryOfDestination": record.address["address"]["isoCountry"]}
    waits = next((scan.at for scan in world.scans(parcel) if scan.step is Step.AT_POINT), None)
    if waits:
        told |= {"depositTo": _day(waits + timedelta(days=STORED_DAYS)), "timeDeposit": STORED_DAYS}
    return told | {"parcelStatuses": rows}


def _status(row: Row) -> dict[str, Any]:
    told = {"id": row.id, "date": _day(row.at), "text": row.text}
    return told | ({"postCode": row.place[0], "name": row.place[1]} if row.place else {})


def _rows(world: World, number: str) -> list[Row]:
    """Return a number's rows, oldest first."""
    parcel, now = world.parcels.get(number), world.now()
    if parcel is None:  # guess: which of -3 and -4
        return [Row(now, "-3", "Zásilka tohoto podacího čísla není v evidenci.")]
    if now - parcel.made_at > KEPT:
        return [Row(now, "88", "Zásilka vyřazena z evidence.")]
    rows = [row for one in world.history(parcel) for row in _of_event(world, parcel, one)]
    return sorted((row for row in rows if row.at <= now), key=lambda row: row.at)


def _of_event(world: World, parcel: Parcel, event: Scan | Said) -> Iterator[Row]:
    if isinstance(event, Said):
        yield Row(event.at, event.code, SAID[event.code], _delivery(world, parcel))
    else:
        yield from _of_scan(world, parcel, event)


def _of_scan(world: World, parcel: Parcel, scan: Scan) -> Iterator[Row]:
    is_seen = scan.step not in SOMETIMES or int(parcel.number[10]) % 2 == 0
    if scan.step in CODES and is_seen:
        id_, text = CODES[scan.step]
        yield Row(scan.at, id_, text, _place(world, parcel, scan))
    if scan.step in (Step.AT_POINT, Step.ATTEMPT):
        given = set(parcel.bag["first"].services)
        for id_, services in NOTICES.items():
            if given & services:
                yield Row(scan.at + LATER, id_, NOTICE_TEXTS[id_])
    if scan.step is Step.DELIVERED and parcel.point:
        yield Row(scan.at + LATER, "BG4", "Určení místa vydání zásilky.")


def _place(world: World, parcel: Parcel, scan: Scan) -> tuple[str, str] | None:
    match scan.step:
        case Step.DATA | Step.CANCELLED | Step.BACK:
            return None
        case Step.COLLECTED | Step.RETURNED:
            return login.OFFICE
        case Step.DEPOT:
            return ROUTING
        case _:
            return _delivery(world, parcel)


def _delivery(world: World, parcel: Parcel) -> tuple[str, str]:
    point = world.points.get(parcel.point)
    return (point.id, point.name) if point else (_zip(parcel), parcel.town)


def _data(world: World, parcel: Parcel) -> dict[str, Any]:
    params = parcel.bag["record"].params
    told: dict[str, Any] = {"parcelCode": parcel.number, "recordID": params["recordID"], "weight": params["weight"]}
    at = paid_at(world, parcel)
    if parcel.cod:
        told |= {"amount": float(parcel.cod[0]), "currency": parcel.cod[1], "vsVoucher": params["vsVoucher"]}
    if parcel.cod and at:  # guess: the names after the two dates
        amount = parcel.paid if parcel.paid is not None else parcel.cod[0]
        told["creditedData"] = {
            "paymentDate": _day(at),
            "transactionDate": _day(at),
            "amount": float(amount),
            "currency": parcel.cod[1],
            "vsVoucher": params["vsVoucher"],
        }
    return told


def _zip(parcel: Parcel) -> str:
    return parcel.bag["first"].address.get("address", {}).get("zipCode", "")


def _day(at: datetime) -> str:
    return at.astimezone(PRAGUE).date().isoformat()


def _time(at: datetime) -> str:
    return at.astimezone(PRAGUE).replace(tzinfo=None).isoformat(timespec="seconds")
