"""What GeoAPI answers, read with suspicion: no answer may crash a batch or put a number to another's shipment.

Source: docs/carriers.md 3A.
"""

import re
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

from carriers import labels, states
from carriers.base import Booked, Cancelled, Format, Handle, Label, Parcel, Taken, Tracked
from carriers.dpd_cz import barcode, calls
from carriers.errors import CarrierError, CarrierRefused, Fault, Kind
from carriers.shipment import Shipment
from carriers.states import Scan, State
from carriers.wire import Answer, Json, whole

PRAGUE = ZoneInfo("Europe/Prague")
TRACKING_URL = "https://www.dpdgroup.com/{country}/mydpd/my-parcels/track?parcelNumber={number}"
YEARS = range(2000, 2101)
LONGEST_WORDS = 300

# The one code that is known. `6` and `06` are different codes: they stay text, as they came.
CODES = {"13": State.DELIVERED}
# GeoAPI calls the sender's own receipt of a return `13` as well and the code of a return is in no source, so the
# words decide, as the contract advises; a sentence about what would happen is no event.
RETURN = re.compile(
    r"\b(?:na)?vr[aá](?:c[eií]|can|tit|til|ten|tk)|\bzp[eě]t|\bsp[aä][tť]\b|return"
    r"|back to (?:the )?(?:sender|shipper|consignor)",
    re.IGNORECASE,
)
SENDER = re.compile(r"odes[ií]latel|odosielate|sender|shipper|consignor", re.IGNORECASE)
# After a try that failed a parcel goes back as far as the depot: it is still on its way to the recipient.
TO_DEPOT = re.compile(
    r"\b(?:na|do|ve?|to|at|in|into)\s+(?:\w+\s+){0,2}(?:dep[oau]|hub|pobo[cč]k|centr|sklad)", re.IGNORECASE
)
WOULD = re.compile(r"\b(?:bude|jinak|pokud|will|would|if|may)\b", re.IGNORECASE)
# What one client in production knows of the words; nothing else vouches for them, so a switch decides.
WORDS = {
    "parcel accepted on dispatch depot": State.ACCEPTED,
    "parcel accepted on dispatch depot from driver": State.ACCEPTED,
    "parcel is scanned on hub": State.IN_TRANSIT,
    "accepted on delivery depot": State.IN_TRANSIT,
    "parcel picked up by delivery driver": State.OUT_FOR_DELIVERY,
}
# The codes of errors are in no source; the known causes and the names of DPD's fields are looked for in its words.
CAUSES = tuple(
    (re.compile(words, re.IGNORECASE), kind, field)
    for words, kind, field in (
        (r"number range|no range|it4em|\bdsw\b", Kind.ACCOUNT, None),
        (r"postal ?code|post ?code|\bzip\b|routing", Kind.CONTENT, "recipient.zip"),
        (r"service ?combination|combination of services", Kind.CONTENT, "service"),
        (r"pickup ?point|pudo", Kind.CONTENT, "point"),
        (r"variable ?symbol", Kind.CONTENT, "cod.variable_symbol"),
        (r"cash ?on ?delivery|\bcod\b", Kind.CONTENT, "cod.amount"),
        (r"insurance", Kind.CONTENT, "value"),
        (r"weight", Kind.CONTENT, "boxes"),
        (r"phone", Kind.CONTENT, "recipient.phone"),
        (r"e-?mail", Kind.CONTENT, "recipient.email"),
        (r"house ?number", Kind.CONTENT, "recipient.house_number"),
        (r"street", Kind.CONTENT, "recipient.street"),
        (r"\bcity\b", Kind.CONTENT, "recipient.city"),
        (r"country", Kind.CONTENT, "recipient.country"),
        (r"\bname\d?\b|\bperson\b", Kind.CONTENT, "recipient.name"),
        (r"reference", Kind.CONTENT, "reference"),
    )
)


def read_me(answer: Answer) -> Mapping[str, Sequence[str]]:
    """Return the customer numbers of a key, each with the ids of its registered addresses."""
    said = _read(answer)
    if not _is_object(said):
        raise answer.unreadable("the answer names no customers")
    found: dict[str, Sequence[str]] = {}
    for row in _rows(_field(said, "customers")):
        customer = _field(row, "customer")
        dsw = _text(_field(customer, "DSW"))
        if dsw:
            # The contract does not say whether they are beside the customer or in it; two clients found them beside.
            addresses = (address for place in (row, customer) for address in _rows(_field(place, "addresses")))
            ids = (_text(_field(address, "it4emId")) for address in addresses)
            found[dsw] = list(dict.fromkeys([*found.get(dsw, ()), *filter(None, ids)]))
    return found


def read_created(answer: Answer, shipments: Sequence[Shipment]) -> list[Taken]:
    """Return what became of each shipment, known by the reference of its boxes and never by its place.

    Raise what concerns the call as a whole. What is told twice, in part or without a name is unclear.
    """
    rows = _listed(answer)
    theirs = _by_shipment(rows, shipments)
    taken = [_taken(answer, shipment, theirs[shipment.reference]) for shipment in shipments]
    numbers = Counter(_number(parcel) for row in rows for parcel in _rows(_field(row, "parcels")))
    return [_unless_shared(answer, one, numbers) for one in taken]


def read_found(answer: Answer, shipment: Shipment) -> Booked | None:
    """Return the parcels of a list that bear this shipment's references; raise where some are missing or told twice."""
    ours = {calls.parcel_reference(shipment, place) for place in range(1, len(shipment.boxes) + 1)}
    found = [parcel for parcel in _listed(answer) if _reference(parcel) in ours]
    if not found:
        return None
    taken = _booked(answer, shipment, {"parcels": found})
    if isinstance(taken, Booked):
        return taken
    raise taken


def read_labels(answer: Answer, numbers: Sequence[str], kind: Format) -> Label:
    """Return the labels as one file that has pages, in whatever order; raise where there is none.

    A PDF comes bare or in base64 inside JSON, whatever was asked for: `{"labels": [{"content": "JVBERi0…"}]}`.
    """
    if not 200 <= answer.status < 300:
        raise trouble(answer)
    is_bare = answer.body.lstrip()[:1] not in (b"{", b"[")
    pieces = [answer.body] if is_bare else [_content(answer, row) for row in _rows(_field(_read(answer), "labels"))]
    if not pieces:
        raise answer.unreadable("the answer holds no label")
    told = [Label(kind, piece) for piece in pieces]
    try:
        label = told[0] if len(told) == 1 else labels.merged(told)
        labels.pages_of(label)
    except labels.Unprintable as none:
        raise answer.unreadable(str(none)) from None
    return Label(kind, label.content, tuple(numbers))


def read_tracked(answer: Answer, number: str, *, by_words: bool) -> Tracked:
    """Return what is known of one parcel; raise where the answer has no events, or those of another one."""
    if answer.status in (404, 410):
        return Tracked(number, State.UNKNOWN)
    row = _read(answer)
    told = _text(_field(_field(row, "parcelInfo"), "parcelNumber"))
    if told not in (None, number) or not _is_list(_field(row, "parcelEvents")):
        raise answer.unreadable(f"the answer has no events of {number}")
    return _tracked(row, number, by_words=by_words)


def read_tracked_many(answer: Answer, numbers: Sequence[str], *, by_words: bool) -> list[Tracked]:
    """Return what is known of each number; one that is not named, or twice, is UNKNOWN.

    No contract shows the answer: an array, or one under `parcels`, whose rows name their number in `parcelInfo` as the
    answer about one does, or by themselves.
    """
    theirs: defaultdict[str | None, list[Json]] = defaultdict(list)
    told = _read(answer)
    rows = _field(told, "parcels") if _is_object(told) else told
    if not _is_list(rows):
        raise answer.unreadable("the answer has no list of parcels")
    for row in rows:
        info = _field(row, "parcelInfo")
        theirs[_text(_field(info if _is_object(info) else row, "parcelNumber"))].append(row)
    named = {number: theirs[number][0] if len(theirs[number]) == 1 else None for number in numbers}
    return [_tracked(named[number], number, by_words=by_words) for number in numbers]


def read_deleted(answer: Answer) -> Cancelled:
    """Return what came of a cancellation; what DPD will not delete, it has already."""
    if 200 <= answer.status < 300:
        return Cancelled.DONE
    refused = trouble(answer)
    if not isinstance(refused, CarrierRefused) or refused.kind in (Kind.LOGIN, Kind.ACCOUNT):
        raise refused
    return Cancelled.UNKNOWN if refused.kind is Kind.UNKNOWN else Cancelled.TOO_LATE


def read_collected(answer: Answer) -> str:
    """Return the number of the order for a car."""
    rows = _rows(_read(answer))
    order = _text(_field(rows[0], "id")) if len(rows) == 1 else None
    if not order:
        raise answer.unreadable("the answer names no order")
    return order


def trouble(answer: Answer) -> CarrierError:
    """Return what an error means: `{"code": …, "message": …, "description": …}`, with the field of ours it names."""
    is_ok = 200 <= answer.status < 300
    meant = answer.refused("refused", kind=Kind.CONTENT) if is_ok else answer.trouble()
    try:
        said = answer.json()
    except CarrierError:
        return meant
    told = [text for name in ("message", "description") if (text := _text(_field(said, name)))]
    if not isinstance(meant, CarrierRefused) or not told:
        return meant
    code = _text(_field(said, "code")) or meant.code
    return _refusal(answer, meant.kind, code, ": ".join(dict.fromkeys(told))[:LONGEST_WORDS])


def _refusal(answer: Answer, kind: Kind, code: str, words: str) -> CarrierRefused:
    field = None
    if kind is Kind.CONTENT:
        causes = ((cause, where) for pattern, cause, where in CAUSES if pattern.search(f"{code} {words}"))
        kind, field = next(causes, (kind, None))
    faults = [Fault(field, code, words)]
    return CarrierRefused(answer.carrier, answer.operation, words, kind=kind, faults=faults, code=code)


def _read(answer: Answer) -> Json:
    """Return the JSON of an answer that says it was done, in its status and in its body."""
    if not 200 <= answer.status < 300:
        raise trouble(answer)
    said = answer.json()
    if _is_error(said):
        raise trouble(answer)
    return said


def _is_error(row: Json) -> bool:
    return (
        isinstance(row, dict) and "message" in row and not {"parcels", "parcelEvents", "labels", "customers"} & {*row}
    )


def _by_shipment(rows: Sequence[Json], shipments: Sequence[Shipment]) -> defaultdict[str, list[Json]]:
    """Return the rows that are about each shipment; a row that names two is nobody's."""
    boxes = {
        calls.parcel_reference(one, place + 1): one.reference for one in shipments for place in range(len(one.boxes))
    }
    theirs: defaultdict[str, list[Json]] = defaultdict(list)
    for row in rows:
        named = {boxes.get(_reference(parcel) or "") for parcel in _rows(_field(row, "parcels"))} - {None}
        if whole := _reference(row):
            named.add(whole)
        if len(rows) == len(shipments) == 1 and not _names_somebody(row):
            named = {shipments[0].reference}
        if len(named) == 1:
            theirs[str(named.pop())].append(row)
    return theirs


def _names_somebody(row: Json) -> bool:
    return any(_reference(one) for one in (row, *_rows(_field(row, "parcels"))))


def _taken(answer: Answer, shipment: Shipment, rows: Sequence[Json]) -> Taken:
    if len(rows) != 1:
        return answer.unreadable(f"the answer tells of {shipment.reference} {len(rows)} times")
    if _is_error(rows[0]):
        told = [text for name in ("message", "description") if (text := _text(_field(rows[0], name)))]
        words = ": ".join(dict.fromkeys(told))[:LONGEST_WORDS] or "refused"
        return _refusal(answer, Kind.CONTENT, _text(_field(rows[0], "code")) or "", words)
    return _booked(answer, shipment, rows[0])


def _booked(answer: Answer, shipment: Shipment, row: Json) -> Booked | CarrierError:
    by_reference = {_reference(parcel): parcel for parcel in _rows(_field(row, "parcels"))}
    count = len(shipment.boxes)
    if len(_rows(_field(row, "parcels"))) != count or len(by_reference) != count:
        return answer.unreadable(f"the answer has other boxes than {shipment.reference}")
    if count == 1 and None in by_reference:
        by_reference = {calls.parcel_reference(shipment, 1): by_reference[None]}
    parcels: list[Parcel] = []
    for place in range(1, count + 1):
        number = _number(by_reference.get(calls.parcel_reference(shipment, place)))
        if number is None:
            return answer.unreadable(f"the answer has no number for box {place} of {shipment.reference}")
        parcels.append(_parcel(shipment, number, _text(_field(row, "id"))))
    if len({parcel.number for parcel in parcels}) != count:
        return answer.unreadable(f"the answer has one number for two boxes of {shipment.reference}")
    notes = ("the note was not sent: DPD has no field for it",) if shipment.note else ()
    return Booked(shipment.reference, tuple(parcels), notes=notes)


def _parcel(shipment: Shipment, number: str, shipment_id: str | None) -> Parcel:
    ids = {"number": number, "boxes": str(len(shipment.boxes))} | ({"shipment": shipment_id} if shipment_id else {})
    url = TRACKING_URL.format(country="sk" if shipment.recipient.country == "SK" else "cz", number=number)
    return Parcel(number, number, url, Handle("dpd_cz", ids))


def _unless_shared(answer: Answer, taken: Taken, numbers: Counter[str | None]) -> Taken:
    if isinstance(taken, Booked) and any(numbers[parcel.number] > 1 for parcel in taken.parcels):
        return answer.unreadable(f"a number of {taken.reference} is told twice")
    return taken


def _content(answer: Answer, row: Json) -> bytes:
    try:
        return b64decode("".join((_text(_field(row, "content")) or "").split()), validate=True)
    except ValueError:
        raise answer.unreadable("a label is no base64") from None


def _tracked(row: Json, number: str, *, by_words: bool) -> Tracked:
    if _field(row, "parcelEvents") == []:  # DPD knows the number, and nothing has happened to it yet
        return Tracked(number, State.CREATED)
    scans = states.settled(_scans(row, by_words=by_words))
    return Tracked(number, states.standing(scans), scans, states.reason_of(scans))


def _scans(row: Json, *, by_words: bool) -> Iterator[Scan]:
    events = _rows(_field(row, "parcelEvents"))
    times = states.filled([_time(_field(event, "createdAt")) for event in events], newest_first=False)
    for at, event in zip(times, events, strict=False):
        code = _text(_field(_field(event, "status"), "statusCode")) or ""
        words = _text(_field(_field(event, "status"), "description")) or ""
        yield Scan(at, _state(code, words, by_words=by_words), code, words)


def _state(code: str, words: str, *, by_words: bool) -> State:
    known = CODES.get(code, State.UNKNOWN)
    if _is_return(words):
        return State.RETURNED if known is State.DELIVERED else State.RETURNING
    if known is State.UNKNOWN and by_words:
        return WORDS.get(" ".join(words.split()).lower(), State.UNKNOWN)
    return known


def _is_return(words: str) -> bool:
    if not RETURN.search(words) or WOULD.search(words):
        return False
    return bool(SENDER.search(words)) or not TO_DEPOT.search(words)


def _time(said: object) -> datetime | None:
    """Return a time as an aware one, of Prague where it names no zone; None: it is none, or of no year of ours."""
    try:
        at = datetime.fromisoformat(said.strip()) if isinstance(said, str) else None
    except ValueError:
        return None
    if at is None or at.year not in YEARS:
        return None
    return at if at.tzinfo else at.replace(tzinfo=PRAGUE)


def _number(parcel: Json) -> str | None:
    number = _text(_field(_field(parcel, "parcelNumbers"), "main")) or ""
    return number if barcode.NUMBER.fullmatch(number) else None


def _reference(row: Json) -> str | None:
    return _text(_field(_field(row, "references"), "ref1"))


def _field(row: Json, name: str) -> Json:
    return row.get(name) if _is_object(row) else None


def _rows(value: Json) -> list[Json]:
    return value if _is_list(value) else []


def _listed(answer: Answer) -> list[Json]:
    rows = _read(answer)
    if not _is_list(rows):
        raise answer.unreadable("the answer is no list")
    return rows


def _is_object(value: Any) -> TypeGuard[dict[str, Json]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Json]]:
    return isinstance(value, list)


def _text(value: object) -> str | None:
    """Return a text or a whole number as text; None where there is nothing that could be an id or a word."""
    if isinstance(value, str):
        return value.strip() or None
    return None if (number := whole(value)) is None else str(number)
