"""Where shipments are, and what may still be done to them (2.4, 2.5)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from simulator.carriers import wire
from simulator.carriers.lives import Said, Scan, Step
from simulator.carriers.ppl import fields, problems, products
from simulator.carriers.ppl.problems import Problem
from simulator.carriers.ppl.shapes import checked
from simulator.carriers.wire import Request, Response
from simulator.carriers.world import Account, Parcel, World

PRAGUE = ZoneInfo("Europe/Prague")
MOST = 1_000
# "About 100 numbers a request is the practical size" (SINGLE); the safe reading is that more are too long an address.
MOST_NUMBERS = 100

Status = tuple[int, str, str, str]
"""`statusId`, `code`, `phase` and name; the first two are invented but for the three of the example."""

BACK: Status = (700, "BackToSender", "BackToSender", "Zásilka vrácena odesílateli")
DELIVERED: Status = (500, "Delivered", "Delivered", "Zásilka doručena")
STATUSES: dict[Step, Status] = {
    Step.DATA: (1, "DataShipment", "Order", "Zásilka objednána"),
    Step.COLLECTED: (5, "PickedUp", "PickedUpFromSender", "Zásilka převzata od odesílatele"),
    Step.DEPOT: (10, "Depot", "InTransport", "Zásilka na depu"),
    Step.TRANSIT: (11, "Arrival", "InTransport", "Zásilka v přepravě"),
    Step.OUT: (200, "OutForDelivery", "Delivering", "Zásilka na doručení"),
    Step.ATTEMPT: (300, "NotDelivered", "NotDelivered", "Příjemce nezastižen"),
    Step.AT_POINT: (450, "ParcelShop", "PickupPoint", "Připraveno k vyzvednutí"),
    Step.DELIVERED: DELIVERED,
    Step.REFUSED: (310, "Rejected", "Rejected", "Příjemce odmítl převzít"),
    Step.EXPIRED: (320, "NotCollected", "NotDelivered", "Zásilka nevyzvednuta"),
    Step.BACK: (600, "Returning", "Returning", "Zásilka se vrací odesílateli"),
    Step.RETURNED: BACK,
    Step.CANCELLED: (900, "Canceled", "Canceled", "Zásilka stornována"),
}
PAID: Status = (510, "CodPaid", "CodPaidDate", "Dobírka vyplacena")
DORMANT: Status = (2, "Dormant", "Dormant", "Zpětná zásilka připravena")
# Said when somebody asks for it, by `code`. Rows of 2.4 that no life leads to, and one that it does not list.
SAID: dict[str, Status] = {
    "Undelivered": (305, "Undelivered", "Undelivered", "Zásilka zatím nedoručena"),
    "Active": (12, "Active", "Active", "Zásilka v přepravě"),
    "Customs": (120, "Customs", "InTransport", "Celní řízení"),
    "Deleted": (910, "Deleted", "Deleted", "Zásilka smazána"),
    "None": (3, "None", "None", "Zásilka bez stavu"),
    "Sunken": (999, "Sunken", "Sunken", "Neznámý stav"),
}

# Words of `ShipmentStates` and the phases they stand for, by the table's rows.
ROWS: dict[str, tuple[str, ...]] = {
    "DataShipment": ("Order",),
    "PickedUpFromSender": ("PickedUpFromSender",),
    "Active": ("InTransport",),
    "Undelivered": ("InTransport",),
    "OutForDelivery": ("Delivering",),
    "DeliveredToPickupPoint": ("PickupPoint",),
    "Delivered": ("Delivered",),
    "Rejected": ("NotDelivered", "Rejected"),
    "BackToSender": ("BackToSender",),
    "Canceled": ("Canceled",),
    "Dormant": ("Dormant",),
    "CodPaidDate": (),
    "None": (),
    "Returning": ("Returning",),
    "Deleted": ("Canceled",),
}
STATES = {phase: (phase,) for phases in ROWS.values() for phase in phases} | ROWS

FILTERS = ("ShipmentNumbers", "InvoiceNumbers", "CustomerReferences", "VariableSymbols", "ShipmentStates")


def listed(world: World, request: Request, account: Account) -> Response:
    """Answer where shipments are; a number that is unknown, or another's, is left out."""
    problems.known(request, (*FILTERS, "Limit", "Offset", "DateFrom", "DateTo"))
    limit = problems.whole(request, "Limit", least=1, most=MOST)
    offset = problems.whole(request, "Offset", least=0)
    if len(request.many("ShipmentNumbers")) > MOST_NUMBERS:
        raise Problem(414)
    tests = list(_tests(world, request))
    found = [one for one in _imported(world, request, account) if all(test(one) for test in tests)]
    return wire.as_json([_told(world, parcel) for parcel in found[offset : offset + limit]])


def _imported(world: World, request: Request, account: Account) -> Iterator[Parcel]:
    numbers = dict.fromkeys(request.many("ShipmentNumbers"))
    found = (world.parcels[number] for number in numbers if number in world.parcels)
    for parcel in found if numbers else [*world.parcels.values()]:
        if parcel.account == account.name and parcel.bag["ready_at"] <= world.now():
            yield parcel


def _tests(world: World, request: Request) -> Iterator[Callable[[Parcel], bool]]:
    """Return what a shipment must pass; the values of one filter are alternatives."""
    for name, code in (("CustomerReferences", "CUST"), ("InvoiceNumbers", "INVO")):
        if wanted := set(request.many(name)):
            yield lambda parcel, code=code, wanted=wanted: any(
                one["code"] == code and one["externalNumber"] in wanted for one in parcel.bag["external"]
            )
    if symbols := set(request.many("VariableSymbols")):
        yield lambda parcel: bool(parcel.cod) and parcel.bag["shipment"]["cashOnDelivery"]["codVarSym"] in symbols
    if states := request.many("ShipmentStates"):
        for state in states:
            if state not in STATES:
                raise problems.invalid("ShipmentStates", state)
        phases = {phase for state in states for phase in STATES[state]}
        wants_paid = "CodPaidDate" in states
        yield (
            lambda parcel: (
                _status(parcel, world.scans(parcel)[-1])[2] in phases or (wants_paid and bool(_paid_at(world, parcel)))
            )
        )
    # Of which day DateFrom and DateTo speak is UNCERTAIN: here of the one on which the shipment was made.
    if first := _day(request, "DateFrom"):
        yield lambda parcel: _local(parcel.made_at).date() >= first
    if last := _day(request, "DateTo"):
        yield lambda parcel: _local(parcel.made_at).date() <= last


def _day(request: Request, name: str) -> date | None:
    given = request.one(name)
    try:
        return datetime.fromisoformat(given).date() if given else None
    except ValueError as wrong:
        raise problems.invalid(name, given) from wrong


def _told(world: World, parcel: Parcel) -> dict[str, Any]:
    scans, paid_at = world.scans(parcel), _paid_at(world, parcel)
    return {
        "shipmentNumber": parcel.number,
        "productType": parcel.bag["shipment"]["productType"],
        "lastUpdateDate": _written(scans[-1].at),
        "externalNumbers": parcel.bag["external"],
        "trackAndTrace": {
            **_partner(parcel, scans),
            "events": list(_events(world, parcel)),
        },
        "paymentInfo": {"codPaidDate": paid_at and _written(paid_at)},
    }


def _paid_at(world: World, parcel: Parcel) -> datetime | None:
    """Return when the COD was sent: on the world's day, or at delivery where somebody asked for it to be paid."""
    scans = world.scans(parcel) if parcel.paid is not None else []
    at_once = next((scan.at for scan in scans if scan.step is Step.DELIVERED), None)
    return world.paid_at(parcel) or (parcel.cod and at_once) or None


def _partner(parcel: Parcel, scans: list[Scan]) -> dict[str, Any]:
    """Return a partner's number of a parcel that travels abroad, and where to look; how both look is UNCERTAIN."""
    is_his = products.is_abroad(parcel.bag["shipment"]) and any(scan.step is Step.TRANSIT for scan in scans)
    number = f"{parcel.bag['shipment']['recipient']['country']}{parcel.number}"
    url = f"https://partner.example/track/{number}"
    return {"externalShipmentId": number if is_his else None, "partnerUrl": url if is_his else None}


def _events(world: World, parcel: Parcel) -> Iterator[dict[str, Any]]:
    for one in world.history(parcel):
        if isinstance(one, Said):
            yield _as_event(SAID[one.code], one.at, SAID[one.code][2])
        else:
            yield _event(world, parcel, one)
    paid_at = _paid_at(world, parcel)
    if paid_at and world.bag.get("paid_event"):
        yield _as_event(PAID, paid_at, PAID[2])


def _event(world: World, parcel: Parcel, scan: Scan) -> dict[str, Any]:
    status = _status(parcel, scan)
    phase = world.bag["words"].get(status[2], status[2])
    # "Canceled, Deleted, phase null on the last event": one number says it the first way, the next one the last.
    return _as_event(status, scan.at, None if scan.step is Step.CANCELLED and _is_even(parcel) else phase)


def _as_event(status: Status, at: datetime, phase: str | None) -> dict[str, Any]:
    id_, code, _, name = status
    return {"statusId": id_, "code": code, "phase": phase, "group": phase, "eventDate": _written(at), "name": name}


def _status(parcel: Parcel, scan: Scan) -> Status:
    """Return how a scan is written.

    A return ends for one number BackToSender, for the next one Delivered after Returning (chapter 0, rule 3).
    """
    if scan.step is Step.RETURNED and _is_even(parcel):
        return DELIVERED
    if scan.step is Step.DATA and parcel.bag["relation"] == "Dormant":
        return DORMANT
    return STATUSES[scan.step]


def _is_even(parcel: Parcel) -> bool:
    return int(parcel.number[-1]) % 2 == 0


def _local(at: datetime) -> datetime:
    return at.astimezone(PRAGUE)


def _written(at: datetime) -> str:
    """Return a time as the carrier writes it: Prague's, without a zone."""
    return _local(at).replace(tzinfo=None).isoformat(timespec="seconds")


def cancel(world: World, request: Request, account: Account) -> Response:
    """Call one parcel off, each of a set by itself.

    That once more is no fault, and that it is a 400 once it is too late, is UNCERTAIN.
    """
    parcel = _parcel(world, request, account)
    if not world.cancel(parcel):
        raise Problem(400, errors={"shipmentNumber": ["The shipment was already picked up."]})
    return Response(200)


def redirect(world: World, request: Request, account: Account) -> Response:
    """Complete whom to call or write to; 400 once the parcel's way is over (UNCERTAIN)."""
    parcel = _parcel(world, request, account)
    asked = checked(problems.body(request), fields.REDIRECT)
    if world.step(parcel) in (Step.DELIVERED, Step.RETURNED, Step.CANCELLED):
        raise Problem(400, errors={"shipmentNumber": ["The shipment is already closed."]})
    parcel.bag["redirect"] = {name: value for name, value in asked.items() if value}
    return Response(200)


def documents(world: World, request: Request, account: Account) -> Response:
    """Take customs papers; what their body is the contract does not say: anything but nothing."""
    parcel = _parcel(world, request, account)
    if not request.body:
        raise Problem(400, errors={"$": ["A non-empty request body is required."]})
    parcel.bag.setdefault("documents", []).append(request.body)
    return Response(200)


def facts(parcel: Parcel) -> dict[str, Any]:
    """Return what was told of a parcel, its contact as a redirection left it, and how many customs papers came."""
    shipment, n = parcel.bag["shipment"], parcel.bag["of"][0] - 1
    whom = {name: shipment["recipient"].get(name) for name in ("name", "contact", "phone", "email")}
    return {
        "customs": {"documents": len(parcel.bag.get("documents", ()))},
        "insured": shipment.get("insurance") or products.parcels(shipment)[n].get("insurance"),
        "services": [one["code"] for one in shipment.get("services") or ()],
        "contact": whom | parcel.bag.get("redirect", {}),
        "sender": shipment.get("sender"),
        "back": shipment.get("backAddress"),
        "wish": shipment.get("specificDelivery"),
    }


def _parcel(world: World, request: Request, account: Account) -> Parcel:
    """Return the parcel a path names; 404 for one that is not there, or not yet (UNCERTAIN)."""
    parcel = world.parcels.get(request.parts()[1])
    if parcel is None or parcel.account != account.name or parcel.bag["ready_at"] > world.now():
        raise Problem(404)
    return parcel
