"""What GeoAPI answers, read with suspicion: no answer may crash a batch or put a number to another's shipment.

Source: docs/carriers.md 3A.
"""

import re
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from carriers import labels, states
from carriers.base import Booked, Cancelled, Format, Handle, Label, Parcel, Taken, Tracked
from carriers.dpd_cz import barcode, reading, rules
from carriers.errors import CarrierError, CarrierRefused, Kind
from carriers.shipment import Shipment
from carriers.states import Scan, State
from carriers.wire import Answer, Json

PRAGUE = ZoneInfo("Europe/Prague")
TRACKING_URL = "https://www.dpdgroup.com/{country}/mydpd/my-parcels/track?parcelNumber={number}"
YEARS = range(2000, 2101)

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


def read_me(answer: Answer) -> Mapping[str, Sequence[str]]:
    """Return the customer numbers of a key, each with the ids of its registered addresses."""
    said = reading.read(answer)
    if not reading.is_object(said):
        raise answer.unreadable("the answer names no customers")
    found: dict[str, Sequence[str]] = {}
    for row in reading.rows(said, "customers"):
        customer = reading.at(row, "customer")
        dsw = reading.word(customer, "DSW")
        if dsw:
            # The contract does not say whether they are beside the customer or in it; two clients found them beside.
            addresses = (address for place in (row, customer) for address in reading.rows(place, "addresses"))
            ids = (reading.word(address, "it4emId") for address in addresses)
            found[dsw] = list(dict.fromkeys([*found.get(dsw, ()), *filter(None, ids)]))
    return found


def read_created(answer: Answer, shipments: Sequence[Shipment]) -> list[Taken]:
    """Return what became of each shipment, known by the reference of its boxes and never by its place.

    Raise what concerns the call as a whole. What is told twice, in part or without a name is unclear.
    """
    rows = reading.listed(answer)
    theirs = _by_shipment(rows, shipments)
    taken = [_taken(answer, shipment, theirs[shipment.reference]) for shipment in shipments]
    numbers = Counter(_number(parcel) for row in rows for parcel in reading.rows(row, "parcels"))
    return [_unless_shared(answer, one, numbers) for one in taken]


def read_found(answer: Answer, shipment: Shipment) -> Booked | None:
    """Return the parcels of a list that bear this shipment's references; raise where some are missing or told twice."""
    ours = {rules.parcel_reference(shipment, place) for place in range(1, len(shipment.boxes) + 1)}
    found = [parcel for parcel in reading.listed(answer) if _reference(parcel) in ours]
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
        raise reading.trouble(answer)
    is_bare = answer.body.lstrip()[:1] not in (b"{", b"[")
    rows = [] if is_bare else reading.rows(reading.read(answer), "labels")
    pieces = [answer.body] if is_bare else [_content(answer, row) for row in rows]
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
    row = reading.read(answer)
    told = reading.word(row, "parcelInfo", "parcelNumber")
    if told not in (None, number) or not reading.is_list(reading.at(row, "parcelEvents")):
        raise answer.unreadable(f"the answer has no events of {number}")
    return _tracked(row, number, by_words=by_words)


def read_tracked_many(answer: Answer, numbers: Sequence[str], *, by_words: bool) -> list[Tracked]:
    """Return what is known of each number; one that is not named, or twice, is UNKNOWN.

    No contract shows the answer: an array, or one under `parcels`, whose rows name their number in `parcelInfo` as the
    answer about one does, or by themselves.
    """
    theirs: defaultdict[str | None, list[Json]] = defaultdict(list)
    told = reading.read(answer)
    rows = reading.at(told, "parcels") if reading.is_object(told) else told
    if not reading.is_list(rows):
        raise answer.unreadable("the answer has no list of parcels")
    for row in rows:
        info = reading.at(row, "parcelInfo")
        theirs[reading.word(info if reading.is_object(info) else row, "parcelNumber")].append(row)
    named = {number: theirs[number][0] if len(theirs[number]) == 1 else None for number in numbers}
    return [_tracked(named[number], number, by_words=by_words) for number in numbers]


def read_deleted(answer: Answer) -> Cancelled:
    """Return what came of a cancellation; what DPD will not delete, it has already."""
    if 200 <= answer.status < 300:
        return Cancelled.DONE
    refused = reading.trouble(answer)
    if not isinstance(refused, CarrierRefused) or refused.kind in (Kind.LOGIN, Kind.ACCOUNT):
        raise refused
    return Cancelled.UNKNOWN if refused.kind is Kind.UNKNOWN else Cancelled.TOO_LATE


def read_pin(answer: Answer) -> str:
    """Return the PIN a parcel is handed in with in place of a label; raise where there is none."""
    pin = reading.word(reading.read(answer), "pin", "value")
    if not pin:
        raise answer.unreadable("the answer has no PIN")
    return pin


def _by_shipment(rows: Sequence[Json], shipments: Sequence[Shipment]) -> defaultdict[str, list[Json]]:
    """Return the rows that are about each shipment; a row that names two is nobody's."""
    boxes = {
        rules.parcel_reference(one, place + 1): one.reference for one in shipments for place in range(len(one.boxes))
    }
    theirs: defaultdict[str, list[Json]] = defaultdict(list)
    for row in rows:
        named = {boxes.get(_reference(parcel) or "") for parcel in reading.rows(row, "parcels")} - {None}
        if whole := _reference(row):
            named.add(whole)
        if len(rows) == len(shipments) == 1 and not _names_somebody(row):
            named = {shipments[0].reference}
        if len(named) == 1:
            theirs[str(named.pop())].append(row)
    return theirs


def _names_somebody(row: Json) -> bool:
    return any(_reference(one) for one in (row, *reading.rows(row, "parcels")))


def _taken(answer: Answer, shipment: Shipment, rows: Sequence[Json]) -> Taken:
    if len(rows) != 1:
        return answer.unreadable(f"the answer tells of {shipment.reference} {len(rows)} times")
    if reading.is_error(rows[0]):
        return reading.refused(answer, rows[0])
    return _booked(answer, shipment, rows[0])


def _booked(answer: Answer, shipment: Shipment, row: Json) -> Booked | CarrierError:
    by_reference = {_reference(parcel): parcel for parcel in reading.rows(row, "parcels")}
    count = len(shipment.boxes)
    if len(reading.rows(row, "parcels")) != count or len(by_reference) != count:
        return answer.unreadable(f"the answer has other boxes than {shipment.reference}")
    if count == 1 and None in by_reference:
        by_reference = {rules.parcel_reference(shipment, 1): by_reference[None]}
    parcels: list[Parcel] = []
    for place in range(1, count + 1):
        number = _number(by_reference.get(rules.parcel_reference(shipment, place)))
        if number is None:
            return answer.unreadable(f"the answer has no number for box {place} of {shipment.reference}")
        parcels.append(_parcel(shipment, number, reading.word(row, "id")))
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
        return b64decode("".join((reading.word(row, "content") or "").split()), validate=True)
    except ValueError:
        raise answer.unreadable("a label is no base64") from None


def _tracked(row: Json, number: str, *, by_words: bool) -> Tracked:
    if reading.at(row, "parcelEvents") == []:  # DPD knows the number, and nothing has happened to it yet
        return Tracked(number, State.CREATED)
    scans = states.settled(_scans(row, by_words=by_words))
    return Tracked(number, states.standing(scans), scans, states.reason_of(scans))


def _scans(row: Json, *, by_words: bool) -> Iterator[Scan]:
    events = reading.rows(row, "parcelEvents")
    times = states.filled([_time(reading.at(event, "createdAt")) for event in events], newest_first=False)
    for at, event in zip(times, events, strict=False):
        code = reading.word(event, "status", "statusCode") or ""
        words = reading.word(event, "status", "description") or ""
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
    number = reading.word(parcel, "parcelNumbers", "main") or ""
    return number if barcode.NUMBER.fullmatch(number) else None


def _reference(row: Json) -> str | None:
    return reading.word(row, "references", "ref1")
