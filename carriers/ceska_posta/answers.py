"""What the Post answers, read with care: it says 200 to a refusal, and names a code for a parcel it did not take.

A parcel is booked only when the answer as a whole and every record of it say so (docs/carriers.md 5.2).
"""

import json
from base64 import b64decode
from binascii import Error as NoBase64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from carriers import labels
from carriers.base import Booked, Format, Handle, Label, Parcel, Pending, Taken
from carriers.ceska_posta import codes, customs, numbers, products, records
from carriers.ceska_posta.codes import Status
from carriers.errors import CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import Shipment
from carriers.wire import Answer, Json, whole

CARRIER = "ceska_posta"
PAGE = "https://www.postaonline.cz/trackandtrace/-/zasilka/cislo?parcelNumbers="
POLL_S = 2.0  # nobody says how long a batch takes
PROOF_S = 900  # nor how soon the statuses know a code; where they never do, somebody must look
PROOF_WAIT_S = 60.0
FIRST_TRY = "it was booked before, and its label says what was told then"


@dataclass(frozen=True)
class Record:
    """What was said of one box; `statuses` is None where it cannot be read."""

    code: str
    statuses: tuple[Status, ...] | None


def checked(answer: Answer) -> Answer:
    """Return an answer of 2xx; else raise what its status means, with the Post's own words (5.2, transport failure)."""
    if 200 <= answer.status < 300:
        return answer
    trouble = answer.trouble()
    said = _messages(answer)
    if isinstance(trouble, CarrierRefused) and said:
        trouble = answer.refused(f"{trouble.why}: {'; '.join(said)}", kind=trouble.kind, code=trouble.code)
    raise trouble


def said(answer: Answer) -> Json:
    """Return what an answer of 2xx says."""
    return checked(answer).json()


def read_created(answer: Answer, shipment: Shipment, own: Sequence[str] = ()) -> Taken:
    """Read what became of one shipment; `own`: the codes that were asked for.

    Raise what concerns the account rather than the parcel, and CarrierUnreachable for what cannot be read.
    """
    header = _dict(_dict(said(answer)).get("responseHeader"))
    result = codes.read(header.get("resultHeader"))
    if result is None:
        raise answer.unreadable("the answer says neither yes nor no")
    told = _by_number(header.get("resultParcelData"))
    mine = [told.get(records.number_of(shipment, place), []) for place in range(len(shipment.boxes))]
    if result.is_fine:
        return _booked(answer, shipment, mine, own, _dict(header.get("responsePrintParams")))
    if own and all(_is_taken(found) for found in mine):
        return _again(shipment.reference, own, [one for found in mine for one in found])
    return _refused(answer, result, mine)


def read_sent(answer: Answer, shipments: Sequence[Shipment], own: Mapping[str, str]) -> list[Pending]:
    """Read that a batch was taken in for checking: `{"idTransaction": "…"}`; `own`: codes asked for, by reference.

    The job keeps them: what is refused as a duplicate is told without its code.
    """
    transaction = _dict(said(answer)).get("idTransaction")
    if not isinstance(transaction, str) or not transaction:
        raise answer.unreadable("the answer names no transaction")
    job = Handle(CARRIER, {"transaction": transaction, **({"codes": json.dumps(dict(own))} if own else {})})
    return [Pending(shipment.reference, job, POLL_S) for shipment in shipments]


def read_batch(answer: Answer, job: Handle, references: Sequence[str]) -> list[Taken]:
    """Read what became of a batch; what it does not tell of a parcel leaves that one unclear.

    Raise CarrierUnreachable, nothing being unclear by that, where the answer cannot be read: ask again.
    """
    if answer.status == 202:
        return _wait(job, references)
    if answer.status == 404:
        answer.json()  # else it is a gateway that knows no such page
        return [_unclear(answer, "the Post knows no such batch") for _ in references]
    ended = _dict(said(answer))
    results = [status for one in _list(ended.get("StatusResponseList")) if (status := codes.read(one))]
    found = _by_number(ended.get("ResultSendParcelsList"))
    if not results and not found:
        raise answer.unreadable("the answer says neither yes nor no")
    wrong = next((status for status in results if not status.is_fine), None)
    if wrong and wrong.code in codes.STILL_AT_IT:
        return _wait(job, references)
    own: Mapping[str, str] = json.loads(job.ids.get("codes", "{}"))
    read = [
        _of_batch(answer, reference, found.get(reference, []), wrong, own.get(reference)) for reference in references
    ]
    return _once_each(answer, read)


def is_invalid(answer: Answer) -> bool:
    """Say whether a batch ended with 19: with a single parcel that means that none is registered, whatever it says."""
    results = [codes.read(one) for one in _list(_dict(said(answer)).get("StatusResponseList"))]
    return any(status and status.code == codes.BATCH_INVALID for status in results)


def proven(answer: Answer, job: Handle, taken: Sequence[Taken], known: frozenset[str], *, now_s: int) -> list[Taken]:
    """Leave pending what a batch called booked and whose code is not known yet; unclear, with it, after `PROOF_S`.

    The job keeps when that was first seen, in Unix seconds.
    """
    since_s = int(job.ids.get("ended", now_s))
    later = Handle(CARRIER, {**job.ids, "ended": str(since_s)})
    return [
        _unproven(answer, one, later, is_over=now_s - since_s >= PROOF_S)
        if isinstance(one, Booked) and not one.again and one.parcels[0].number not in known
        else one
        for one in taken
    ]


def read_labels(answer: Answer, parcels: Sequence[str], kind: Format) -> Label:
    """Read printed labels: `printingDataResult` in base64 beside a status of its own."""
    printed = _dict(said(answer))
    status = codes.read(_dict(printed.get("printingHeaderResult")).get("printingStatusResponse"))
    if status is None:
        raise answer.unreadable("the answer says neither yes nor no")
    if status.code == 100:
        raise answer.refused(f"the Post knows no such parcel: {status}", kind=Kind.UNKNOWN, code="100")
    if not status.is_fine:
        raise codes.refusal(answer, [(0, status)], nothing_done=True)
    try:
        return _printable(printed.get("printingDataResult"), parcels, kind)
    except labels.Unprintable as broken:
        raise answer.unreadable(str(broken)) from None


def read_closed(answer: Answer) -> None:
    """Read that a posting is closed; one that had been closed before is as good (15)."""
    header = _dict(_dict(said(answer)).get("responseHeader"))
    result = codes.read(header.get("resultHeader"))
    if result is None:
        raise answer.unreadable("the answer says neither yes nor no")
    if not result.is_fine and result.code != 15:
        raise codes.refusal(answer, [(0, result)], nothing_done=True)  # a second closing harms nothing


def read_places(answer: Answer, wanted: str) -> None:
    """Read the posting places of a sender; raise ACCOUNT where the one the account names is not among them."""
    listed = said(answer)
    told = (_dict(one).get("locationNumber") for one in _list(listed))
    found = {str(place) for one in told if (place := one if isinstance(one, str) else whole(one)) is not None}
    if found and wanted not in found:
        raise answer.refused(f"there is no posting place {wanted}: {', '.join(sorted(found))}", kind=Kind.ACCOUNT)


def parcel(code: str, *, declared: bool = False) -> Parcel:
    """Return a parcel by its code, which is also its bar code; `declared`: to the customs, so a paper is of it."""
    known = {"code": code, **({"declared": "yes"} if declared else {})}
    return Parcel(code, code, PAGE + code.replace(" ", "%20"), Handle(CARRIER, known))


def is_declared(parcel: Parcel) -> bool:
    """Say whether the booking declared a parcel to the customs."""
    return "declared" in parcel.handle.ids


def _booked(
    answer: Answer, shipment: Shipment, mine: Sequence[list[Record]], own: Sequence[str], printed: dict[str, Any]
) -> Taken:
    codes_said: list[str] = []
    notes: list[str] = []
    for place, found in enumerate(mine):
        if why := _doubt(found, products.prefix(shipment.service), own[place] if own else None):
            return _unclear(answer, f"accepted, but {why}")
        codes_said.append(found[0].code)
        notes += [str(status) for status in found[0].statuses or () if status.is_info]
    if len(set(codes_said)) < len(codes_said):
        return _unclear(answer, "accepted, but two boxes have one code")
    label, trouble = _label(printed, codes_said)
    if label and len(codes_said) > 1:  # in which order the boxes' pages stand is written nowhere
        label = labels.ordered(label, codes_said)
    parcels = tuple(parcel(code, declared=shipment.customs is not None) for code in codes_said)
    said = dict.fromkeys([*notes, *trouble, *customs.notes(shipment)])
    return Booked(shipment.reference, parcels, label, notes=tuple(said))


def _doubt(found: list[Record], prefix: str, own: str | None) -> str | None:
    """Say why a record proves nothing, None: it does."""
    if len(found) != 1:
        return "told of not at all" if not found else "told of twice"
    record = found[0]
    if record.statuses is None or not all(status.is_fine for status in record.statuses):
        return "its own status says otherwise"
    if not numbers.is_code(record.code):
        return "without a parcel code"
    if own is not None and record.code != own:
        return "under another code than asked for"
    return None if record.code.startswith(prefix) else "with a code of another product"


def _is_taken(found: list[Record]) -> bool:
    """Say whether a box's own code is in use: it was booked before (10.6), whatever else is wrong with it by now."""
    return len(found) == 1 and codes.CODE_TAKEN in {status.code for status in found[0].statuses or ()}


def _again(reference: str, own: Sequence[str], found: Sequence[Record]) -> Booked:
    statuses = [status for record in found for status in record.statuses or ()]
    told = [str(status) for status in statuses if status.code not in (codes.OK, codes.CODE_TAKEN)]
    return Booked(reference, tuple(map(parcel, own)), again=True, notes=(FIRST_TRY, *dict.fromkeys(told)))


def _refused(answer: Answer, result: Status, mine: Sequence[list[Record]]) -> Taken:
    told = [(place, status) for place, found in enumerate(mine) for one in found for status in one.statuses or ()]
    wrong = [(place, status) for place, status in told if not status.is_fine]
    by_result = result.code != codes.BATCH_INVALID or not wrong
    found = [(0, result), *wrong] if by_result else wrong
    error = codes.refusal(answer, found, nothing_done=result.code == codes.BATCH_INVALID)
    if by_result and isinstance(error, CarrierRefused) and error.kind in {Kind.LOGIN, Kind.ACCOUNT}:
        raise error
    return error


def _of_batch(answer: Answer, reference: str, found: list[Record], wrong: Status | None, own: str | None) -> Taken:
    if not found and wrong and wrong.code not in {codes.BATCH_INVALID, codes.INTERNAL}:
        return codes.refusal(answer, [(0, wrong)], nothing_done=True)
    if own and _is_taken(found):
        return _again(reference, [own], found)
    statuses = found[0].statuses if len(found) == 1 else None
    against = [status for status in statuses or () if not status.is_fine]
    if against and not any(status.code in codes.UNFINISHED for status in against):
        return codes.refusal(answer, [(0, status) for status in against], nothing_done=True)
    if why := _doubt(found, "", own):
        return _unclear(answer, f"in the batch, but {why}")
    # Bad ones elsewhere in the batch need not touch this one: `goodToAccept` keeps the good (5.2).
    if wrong and wrong.code != codes.BATCH_INVALID:
        return _unclear(answer, "in the batch, but that ended otherwise", said=wrong.text, code=str(wrong.code))
    notes = tuple(str(status) for status in statuses or () if status.is_info)
    return Booked(reference, (parcel(found[0].code),), notes=notes)


def _unproven(answer: Answer, booked: Booked, job: Handle, *, is_over: bool) -> Taken:
    if not is_over:
        return Pending(booked.reference, job, PROOF_WAIT_S)
    why, number = "in a batch that was refused, and its code is not known", booked.parcels[0].number
    return _unclear(answer, why, said=number, code=str(codes.BATCH_INVALID))


def _once_each(answer: Answer, read: list[Taken]) -> list[Taken]:
    """Leave unclear what shares its code with another: one of them has it, and nobody can say which."""
    used = Counter(one.parcels[0].number for one in read if isinstance(one, Booked))
    return [
        _unclear(answer, "in the batch, but two parcels have one code")
        if isinstance(one, Booked) and used[one.parcels[0].number] > 1
        else one
        for one in read
    ]


def _wait(job: Handle, references: Sequence[str]) -> list[Taken]:
    return [Pending(reference, job, POLL_S) for reference in references]


def _unclear(answer: Answer, why: str, *, said: str = "", code: str = "") -> CarrierUnreachable:
    return CarrierUnreachable(answer.carrier, answer.operation, why, unclear=True, said=said, code=code)


def _by_number(listed: Json) -> Mapping[str, list[Record]]:
    """Return the records of an answer by the `recordNumber` they echo; one may be there twice."""
    found: dict[str, list[Record]] = {}
    for one in map(_dict, _list(listed)):
        number, code = one.get("recordNumber"), one.get("parcelCode")
        if not isinstance(number, str) and (digits := whole(number)) is not None:
            number = str(digits)
        if isinstance(number, str):
            read = [codes.read(status) for status in _list(one.get("parcelStateResponse"))]
            known = tuple(status for status in read if status)
            statuses = known if known and len(known) == len(read) else None
            found.setdefault(number, []).append(Record(code if isinstance(code, str) else "", statuses))
    return found


def _label(printed: dict[str, Any], covers: Sequence[str]) -> tuple[Label | None, list[str]]:
    """Return the label of a booking and what speaks against it: it can be printed later."""
    statuses = [status for one in _list(printed.get("printParamsResponse")) if (status := codes.read(one))]
    if wrong := [str(status) for status in statuses if not status.is_fine]:
        return None, [f"no label: {'; '.join(wrong)}"]
    try:
        return _printable(printed.get("file"), covers, Format.PDF), []
    except labels.Unprintable as broken:
        return None, [f"no label: {broken}"]


def _printable(file: Json, covers: Sequence[str], kind: Format) -> Label:
    """Return the labels of a base64 text, a page for each parcel; raise Unprintable for what is none.

    One of a parcel abroad may have more pages: what its forms hold is not written (5.3).
    """
    try:
        content = b64decode("".join(file.split()), validate=True) if isinstance(file, str) else b""
    except (NoBase64, ValueError):
        content = b""
    if not content:
        raise labels.Unprintable(f"the answer holds no {kind.upper()}")
    label = Label(kind, content, tuple(covers))
    pages = labels.pages_of(label)
    if len(covers) == 1 and products.of_code(covers[0]).is_abroad:
        return replace(label, covers=tuple(covers) * pages)
    if pages != len(covers):
        raise labels.Unprintable(f"{pages} pages for {len(covers)} parcels")
    return label


def _messages(answer: Answer) -> list[str]:
    """Return what a transport failure says, `[{"code": -50, "message": "…"}]`; its `moreInfo` may be a stack trace."""
    try:
        listed = answer.json()
    except CarrierUnreachable:
        return []
    messages = [one.get("message") for one in map(_dict, _list(listed))]
    return [message[: codes.LONGEST_TEXT] for message in messages if isinstance(message, str) and message][:10]


def _dict(said: Json) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _list(said: Json) -> list[Any]:
    return said if isinstance(said, list) else []  # pyright: ignore[reportUnknownVariableType]
