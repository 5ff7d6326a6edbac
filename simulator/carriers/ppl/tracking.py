"""Where shipments are, and what may still be done to them (2.4, 2.5)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from simulator.carriers import wire
from simulator.carriers.lives import Scan, Step
from simulator.carriers.ppl import fields, problems
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
DORMANT: Status = (2, "Dormant", "Dormant", "Zpětná zásilka připravena")

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
            "externalShipmentId": None,
            "partnerUrl": None,
            "events": [_event(parcel, scan) for scan in scans],
        },
        "paymentInfo": {"codPaidDate": paid_at and _written(paid_at)},
    }


def _paid_at(world: World, parcel: Parcel) -> datetime | None:
    """Return when the COD was sent: on the world's day, or at delivery where somebody asked for it to be paid."""
    scans = world.scans(parcel) if parcel.paid is not None else []
    at_once = next((scan.at for scan in scans if scan.step is Step.DELIVERED), None)
    return world.paid_at(parcel) or (parcel.cod and at_once) or None


def _event(parcel: Parcel, scan: Scan) -> dict[str, Any]:
    id_, code, phase, name = _status(parcel, scan)
    # "Canceled, Deleted, phase null on the last event": one number says it the first way, the next one the last.
    told = None if scan.step is Step.CANCELLED and _is_even(parcel) else phase
    return {
        "statusId": id_,
        "code": code,
        "phase": told,
        "group": told,
        "eventDate": _written(scan.at),
        "name": name,
    }


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


def _parcel(world: World, request: Request, account: Account) -> Parcel:
    """Return the parcel a path names; 404 for one that is not there, or not yet (UNCERTAIN)."""
    parcel = world.parcels.get(request.parts()[1])
    if parcel is None or parcel.account != account.name or parcel.bag["ready_at"] > world.now():
        raise Problem(404)
    return parcel
