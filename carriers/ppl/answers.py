"""What PPL answers to what is made or taken back, as pure readers (docs/carriers.md 2.2, 2.5).

An item that is missing, twice there or unreadable is unclear: the parcel may exist, and is looked for.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from carriers.base import Account, Booked, Cancelled, Format, Handle, Parcel, Pending, Taken
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused, CarrierUnreachable, Fault, Kind
from carriers.ppl import bank, given, rules, tracking
from carriers.ppl.rows import Row, listed, number, row, rows, text
from carriers.shipment import Address, Shipment
from carriers.wire import Answer

Errors: TypeAlias = Mapping[str, str]  # what is wrong, by its path in our request

TRACKING = "https://www.ppl.cz/vyhledat-zasilku?shipmentId={}"
WAIT_S = 2.0
LOCATION = re.compile(r"/(?:shipment|order)/batch/([0-9A-Za-z_-]{1,64})/?")
PLACE = re.compile(r"(?:\$\.)?shipments\[(\d{1,4})\]\.?(.*)", re.IGNORECASE)
BOX = re.compile(r"shipmentset\.shipmentsetitems\[(\d{1,2})\].*")

FIELDS = {
    "referenceid": "reference",
    "externalnumbers": "reference",
    "producttype": "service",
    "note": "note",
    "agecheck": "adults_only",
    "services": "options.services",
    "sendermask": "options.sender_mask",
    "shipmentset": "boxes",
    "specificdelivery.specifictakedate": "ship_on",
    "specificdelivery.specificdeliverydate": "options.deliver_on",
    "specificdelivery.specificdeliverytimefrom": "options.deliver_from",
    "specificdelivery.specificdeliverytimeto": "options.deliver_to",
    "specificdelivery": "point",
    "cashondelivery.codvarsym": "cod.variable_symbol",
    "cashondelivery.specsymbol": "options.spec_symbol",
    "cashondelivery": "cod.amount",
    "insurance": "value",
}
BANK = frozenset(theirs.lower() for theirs in bank.NAMES)  # no field of a parcel
ADDRESS = {"zipcode": "zip", "name2": "name", "contact": "name"}
WHOSE = {"recipient": "recipient", "sender": "sender", "backaddress": "return_to"}
WORDS = {
    "zipCode": "recipient.zip",
    "parcelShopCode": "point",
    "codVarSym": "cod.variable_symbol",
    "codPrice": "cod.amount",
    "codCurrency": "cod.amount",
    "insurancePrice": "value",
    "productType": "service",
    "weight": "boxes",
}
"""Fields that a business error names in its text; there is no path in it."""


def read_batch(answer: Answer) -> str:
    """Return the id of a batch that was taken: 201 without a body, the id ends its `Location`."""
    found = LOCATION.search(answer.expect_ok().headers.get("location", "").split("?")[0])
    if found is None:
        raise answer.unreadable("the answer does not say where the batch is")
    return found[1]


def pending(shipments: Sequence[Shipment], batch: str, kind: Format) -> Sequence[Pending]:
    """Return what to ask for; all of a batch share one job, which knows the boxes of each set and what to note.

    `kind`: the format its labels are made in.
    """
    sets = {shipment.reference: len(shipment.boxes) for shipment in shipments if len(shipment.boxes) > 1}
    notes = {shipment.reference: noted for shipment in shipments if (noted := rules.notes(shipment))}
    ids = {"batch": batch, "sets": json.dumps(sets), "format": kind.value}
    job = Handle("ppl", ids | ({"notes": json.dumps(notes)} if notes else {}))
    return [Pending(shipment.reference, job, WAIT_S) for shipment in shipments]


def read_rejected(answer: Answer, account: Account, shipments: Sequence[Shipment]) -> Mapping[int, CarrierRefused]:
    """Return who is at fault for a batch that was refused whole, by place; empty where nobody is named."""
    named: dict[int, list[Fault]] = {}
    for path, why in read_errors(answer).items():
        found = PLACE.fullmatch(path)
        if found and int(found[1]) < len(shipments):
            place = int(found[1])
            named.setdefault(place, []).append(_fault(found[2] or path, why, account, shipments[place]))
    return {place: _refused(answer, faults) for place, faults in named.items()}


def _fault(path: str, why: str, account: Account, shipment: Shipment) -> Fault:
    """Return what is wrong at a path; what the account gave is named by that, for nobody mends it in the parcel."""
    if ours := given.told_by(path, account, shipment):
        return Fault(None, path, f"what the login gives as {ours}: {why}", theirs=path)
    field = field_of(path, shipment)
    return Fault(field, path, why, theirs="" if field else path)


def read_errors(answer: Answer) -> Errors:
    """Read `{"errors": {"shipments[0].recipient.zipCode": ["The ZipCode field is required."]}}`, tolerantly."""
    try:
        errors = row(row(answer.json()).get("errors"))
    except CarrierError:
        return {}
    return {path: "; ".join(_words(why))[:300] for path, why in errors.items()}


def refusal(answer: Answer) -> CarrierError:
    """Return what an answer other than 2xx means, in the carrier's words where it has any."""
    if answer.status not in (400, 422):
        return answer.trouble()
    faults = [Fault(None, path, why, theirs=path) for path, why in read_errors(answer).items()]
    return _refused(answer, faults or _said(answer)) if faults or _said(answer) else answer.trouble()


def field_of(path: str, shipment: Shipment) -> str | None:
    """Return our field for a path of PPL within a shipment; None where there is none of ours."""
    plain = path.lower()
    if found := BOX.fullmatch(plain):
        if ".externalnumbers" in plain:
            return "reference"
        place, what = int(found[1]), "value" if ".insurance" in plain else "weight_g"
        return f"boxes[{place}].{what}" if place < len(shipment.boxes) else "boxes"
    whose, _, name = plain.partition(".")
    if ours := WHOSE.get(whose):
        known: Address | None = getattr(shipment, ours)
        if name == "name" and known and known.company:
            return f"{ours}.company"
        return f"{ours}.{ADDRESS.get(name, name)}" if name else ours
    is_of_bank = whose == "cashondelivery" and name in BANK
    return None if is_of_bank else FIELDS.get(plain) or FIELDS.get(whose.split("[")[0])


def read_polled(answer: Answer, references: Sequence[str], job: Handle) -> Sequence[Taken]:
    """Return what became of each reference of a batch, in this order.

    A batch that PPL does not know is unclear, no refusal: it said 201 to it. For the same reason no other status is a
    refusal of what is in it; it is to be asked for again.
    """
    if answer.status in (404, 410):
        raise CarrierUnreachable(answer.carrier, answer.operation, "the batch is not known", unclear=True)
    if not 200 <= answer.status < 300:
        trouble = answer.trouble()
        busy = isinstance(trouble, CarrierBusy)
        raise trouble if busy else still_to_ask(trouble)
    items = row(answer.json()).get("items")
    if not isinstance(items, list):
        raise answer.unreadable("the answer holds no items")
    batch = _Batch(answer, job, rows(items))
    return [batch.became(reference) for reference in references]


def still_to_ask(trouble: CarrierError) -> CarrierUnreachable:
    """Return the error for a batch that was taken and could not be asked for: it can be asked for again."""
    why = "the batch was taken and is still to be asked"
    answered = isinstance(trouble, CarrierRefused) and trouble.kind is not Kind.LOGIN
    return CarrierUnreachable(
        trouble.carrier, trouble.operation, why, unclear=False, answered=answered, said=trouble.why, code=trouble.code
    )


class _Batch:
    """The items of one answer, with what can only be seen of all together: a number that stands there twice."""

    def __init__(self, answer: Answer, job: Handle, items: Sequence[Row]) -> None:
        self._answer = answer
        self._job = job
        self._items = items
        everything = [piece for item in items for piece in pieces_of(item)]
        self._uses = Counter(number(piece.get("shipmentNumber")) for piece in everything)
        self._sets: Mapping[str, int] = json.loads(job.ids.get("sets") or "{}")
        self._notes: Mapping[str, Sequence[str]] = json.loads(job.ids.get("notes") or "{}")

    def became(self, reference: str) -> Taken:
        items = [item for item in self._items if item.get("referenceId") == reference]
        if len(items) != 1:
            return self._unclear("the answer does not hold it" if not items else "the answer holds it twice")
        pieces = boxes_of(items[0])
        failed = items[0].get("importState") == "Error"  # then whatever belongs to it must have failed as well
        at = [piece.get("importState") for piece in (pieces_of(items[0]) if failed else pieces)]
        if not all(isinstance(state, str) and state for state in at):
            return self._unclear("the state of its import cannot be read")
        # A state nobody documents is one on the way: were it taken for anything else, a second parcel might be made.
        if not set(at) <= {"Complete", "Error"}:
            return Pending(reference, self._job, WAIT_S)
        if set(at) == {"Error"}:
            return self._error(items[0])
        return self._unclear("a part of it failed") if "Error" in at else self._booked(reference, pieces)

    def _booked(self, reference: str, pieces: Sequence[Row]) -> Taken:
        numbers = [number(piece.get("shipmentNumber")) for piece in pieces]
        if any(self._uses[one] != 1 for one in numbers) or len(pieces) != self._sets.get(reference, 1):
            return self._unclear("its numbers are missing, used twice, or not one for each box")
        known = {"reference": reference, "batch": self._job.ids["batch"], "format": self._job.ids.get("format", "")}
        parcels = tuple(
            parcel(one, {**known, "label": text(piece.get("labelUrl"))})
            for one, piece in zip(numbers, pieces, strict=True)
            if one
        )
        if len(parcels) != len(pieces):
            return self._unclear("a number cannot be read")
        return Booked(reference, parcels, notes=tuple(self._notes.get(reference, ())))

    def _error(self, item: Row) -> CarrierRefused:
        code, why = _plain(item.get("errorCode")), text(item.get("errorMessage"))
        fault = Fault(field_named(f"{code} {why}"), code, why[:300] or f"refused ({code or 'no reason given'})")
        return _refused(self._answer, [fault], code)

    def _unclear(self, why: str) -> CarrierUnreachable:
        return CarrierUnreachable(self._answer.carrier, self._answer.operation, why, unclear=True)


def pieces_of(item: Row) -> Sequence[Row]:
    """Return an item and all that belongs to it."""
    return [item, *rows(item.get("relatedItems"))]


def boxes_of(item: Row) -> Sequence[Row]:
    """Return an item and the others of its set; a return or papers that belong to it are no boxes of ours."""
    return [item, *(one for one in rows(item.get("relatedItems")) if one.get("relationType") == "ShipmentSet")]


def parcel(number_: str, known: Mapping[str, str]) -> Parcel:
    handle = Handle("ppl", {"number": number_, **{name: value for name, value in known.items() if value}})
    return Parcel(number_, number_, TRACKING.format(quote(number_, safe="")), handle)


def field_named(words: str) -> str | None:
    """Return our field where a text names exactly one of PPL's."""
    named = {ours for theirs, ours in WORDS.items() if re.search(rf"\b{theirs}\b", words, re.IGNORECASE)}
    return named.pop() if len(named) == 1 else None


def read_addresses(answer: Answer) -> Mapping[str, str]:
    """Return where the labels of a batch lie, by number; a number that stands there twice has none."""
    pieces = [piece for item in rows(row(answer.expect_ok().json()).get("items")) for piece in pieces_of(item)]
    uses = Counter(number(piece.get("shipmentNumber")) for piece in pieces)
    named = [(number(piece.get("shipmentNumber")), text(piece.get("labelUrl"))) for piece in pieces]
    return {one: url for one, url in named if one and url and uses[one] == 1}


def read_found(answer: Answer, shipment: Shipment) -> Booked | None:
    """Return the booking that carries our external number, of today or of old; cancelled parcels are none.

    UNCERTAIN: of a set that was booked before its boxes carried the number, each parcel is taken to do so. Fewer than
    boxes are asked for again later, more than boxes are two bookings, which a person must look at.
    """
    told = tracking.read_records(answer, is_whole=True)
    if not all(_references(one) for one in told):
        raise answer.unreadable("the answer does not say whose shipments these are")
    ours = {rules.carried(shipment), shipment.reference}
    records = [one for one in told if not ours.isdisjoint(_references(one))]
    numbers = {number(one.get("shipmentNumber")) for one in records if not tracking.is_cancelled(one)}
    if not numbers:
        return None
    found = sorted(one for one in numbers if one)
    if None in numbers or len(found) < len(shipment.boxes):
        raise answer.unreadable(f"the carrier tells of {len(found)} of {len(shipment.boxes)} parcels")
    if len(found) > len(shipment.boxes):
        why = f"it was booked more than once: {', '.join(found[:10])}"
        raise answer.refused(why, kind=Kind.DUPLICATE)
    parcels = tuple(parcel(one, {"reference": shipment.reference}) for one in found)
    return Booked(shipment.reference, parcels, again=True, notes=rules.notes(shipment))


def read_cancelled(answer: Answer) -> Cancelled | None:
    """Return what came of a cancellation; None: PPL will not, and tracking must say why."""
    if 200 <= answer.status < 300:
        return Cancelled.DONE
    if answer.status in (404, 410):
        return Cancelled.UNKNOWN
    if answer.status in (400, 409, 422):
        return None
    raise answer.trouble()


def _references(record: Row) -> Sequence[str]:
    """Return the references a shipment carries, `{"code": "CUST", "externalNumber": "OBJ-1"}`."""
    carried = [one.get("externalNumber") for one in rows(record.get("externalNumbers")) if one.get("code") == "CUST"]
    return [one for one in carried if isinstance(one, str) and one]


def _refused(answer: Answer, faults: Sequence[Fault], code: str = "") -> CarrierRefused:
    why = "; ".join(map(str, faults[:5]))
    return CarrierRefused(
        answer.carrier, answer.operation, why, kind=Kind.CONTENT, faults=faults, code=code or str(answer.status)
    )


def _said(answer: Answer) -> Sequence[Fault]:
    """Read `{"title": "Bad Request", "detail": "Zásilka …"}`: a refusal that names no field."""
    try:
        told = row(answer.json())
    except CarrierError:
        return []
    why = text(told.get("detail")) or text(told.get("title"))
    return [Fault(None, str(answer.status), why[:300])] if why else []


def _words(why: Any) -> Sequence[str]:
    return [one for one in (listed(why) or [why]) if isinstance(one, str) and one] or ["is refused"]


def _plain(value: Any) -> str:
    return str(value)[:60] if isinstance(value, str | int) and not isinstance(value, bool) else ""
