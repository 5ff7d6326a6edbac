"""What MyGLS says of parcels that are booked, looked for, printed and taken back: pure readers.

A row belongs to a shipment by its reference alone, never by its place, and only when it is the whole shipment.
Source: docs/carriers.md 4.2 (create), 4.3 (labels), 4.5 (list, deletion).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from carriers import labels, pages
from carriers.base import Booked, Cancelled, Format, Handle, Label, Parcel
from carriers.errors import CarrierError, CarrierRefused, Kind
from carriers.gls.body import (
    TEMPORARY,
    Said,
    error,
    errors,
    has_text,
    id_of,
    inner,
    listed,
    mapping,
    number_of,
    objects,
    text,
)
from carriers.shipment import Shipment
from carriers.wire import Answer, whole

DIGITS = 10  # of a number, without its check digit, which a page may leave out
PRINTED = "PrintedFrom"  # ours among GLS's own ids: it keeps a list that must be asked for by days
COUNTRY = "DeliveryCountryCode"  # by GLS's name of it in statuses; an amount is collected in the currency of that
OUTCOMES = {Kind.UNKNOWN: Cancelled.UNKNOWN, Kind.TOO_LATE: Cancelled.TOO_LATE}


Result: TypeAlias = Booked | CarrierError
"""What became of a shipment; MyGLS leaves none pending."""


@dataclass(frozen=True)
class Row:
    """One box of an answer: whose it says it is, and its two ids, None where they cannot be read."""

    reference: str | None
    number: str | None
    parcel_id: str | None


def read_created(answer: Answer, shipments: Sequence[Shipment], kind: Format, page: str = "") -> list[Result]:
    """Return what became of each shipment, in order; raise what concerns the call as a whole.

    A shipment GLS neither numbers in full nor refuses is unclear: it must be looked for. `page`: the address of a
    parcel's tracking up to its number.
    """
    body = mapping(answer)
    said, rows = errors(body), [_row(row) for row in objects(body.get("PrintLabelsInfoList"))]
    general = [one for one in said if one.is_general]
    if general and not rows:
        raise error(answer, general[0])
    claimed = _claimed(rows)
    asked = Counter(shipment.reference for shipment in shipments)
    taken = [
        _taken(answer, shipment, claimed[shipment.reference] if asked[shipment.reference] == 1 else [], said, page)
        for shipment in shipments
    ]
    return _labelled(taken, rows, _label(body, kind))


def read_found(answer: Answer, shipment: Shipment, page: str = "") -> Booked | None:
    """Return a shipment that was printed after all; None only where every row of the list can be read.

    Raise DUPLICATE for one that was printed twice: somebody must cancel one, and nobody may book a third.
    """
    rows = _listed(answer)
    mine = list(dict.fromkeys(row for row in rows if row.reference == shipment.reference))
    if not mine and all(row.reference is not None for row in rows):
        return None
    numbers = {row.number for row in mine}
    if len(numbers) > len(shipment.boxes):
        why = f"{shipment.reference} is there more than once: {', '.join(sorted(filter(None, numbers)))}"
        raise CarrierRefused(answer.carrier, answer.operation, why, kind=Kind.DUPLICATE)
    if not _is_whole(mine, shipment):
        raise answer.unreadable(f"{shipment.reference} cannot be read in full in the list of parcels")
    return _booked(shipment, mine, page)


def read_listed(answer: Answer) -> frozenset[str]:
    """Return the ids of the parcels of a list; raise CarrierUnreachable unless every row has one."""
    ids = [row.parcel_id for row in _listed(answer)]
    if None in ids:
        raise answer.unreadable("the list of parcels has rows without an id")
    return frozenset(filter(None, ids))


def dated(booked: Booked, since: datetime) -> Booked:
    """Return a booking whose parcels say from when on they may have been printed: lists are asked for by that."""
    ids = {PRINTED: since.isoformat()}
    parcels = [replace(one, handle=replace(one.handle, ids={**one.handle.ids, **ids})) for one in booked.parcels]
    return replace(booked, parcels=tuple(parcels))


def printed_from(parcels: Sequence[Parcel]) -> datetime | None:
    """Return from when on a list holds all of these; None where there are none, or one does not say."""
    said = [parcel.handle.ids.get(PRINTED) for parcel in parcels]
    return min((datetime.fromisoformat(one) for one in said if one), default=None) if all(said) else None


def read_printed(answer: Answer, kind: Format, numbers: Sequence[str]) -> Label:
    """Return the labels of one call as one file of at least so many pages; raise what GLS says instead."""
    body = mapping(answer)
    for one in errors(body):
        raise error(answer, one)
    label = _label(body, kind)
    if label is None:
        raise answer.unreadable(f"the answer has no {kind.value} label")
    least = len(set(numbers))
    if (there := labels.pages_of(label)) < least:
        raise answer.unreadable(f"the answer has {there} of {least} pages")
    return replace(label, covers=tuple(numbers))


def read_deleted(answer: Answer, parcels: Sequence[Parcel]) -> list[Cancelled | CarrierError]:
    """Return what came of each cancellation, the error of one GLS does not speak of; raise where it speaks of none."""
    body = mapping(answer)
    done = {one for row in objects(body.get("SuccessfullyDeletedList")) for one in _deleted(row)}
    said = errors(body)
    if not done and all(one.is_general for one in said):
        raise error(answer, said[0]) if said else answer.unreadable("GLS says nothing of these parcels")
    return [_cancelled(answer, parcel.handle.ids.get("ParcelId", ""), done, said) for parcel in parcels]


def read_changed(answer: Answer) -> None:
    """Return where what is collected was changed; raise what GLS says instead.

    A code nobody told us of is a no here: no label is at stake, and asked for again it would only be said again. What
    GLS calls its own trouble says neither, so that is unclear as a lost answer is.
    """
    body = mapping(answer)
    for one in errors(body):
        raise error(answer if one.code in TEMPORARY else replace(answer, makes=False), one)
    done = body.get("Successful")
    if done is False:
        raise answer.refused("GLS did not change it and gave no reason", kind=Kind.CONTENT)
    if done is not True:
        raise answer.unreadable("GLS does not say whether it was changed")


def _listed(answer: Answer) -> list[Row]:
    body = mapping(answer)
    for one in errors(body):
        raise error(answer, one)
    if not isinstance(body.get("PrintDataInfoList"), list):  # null may mean that none was looked for
        raise answer.unreadable("the answer has no list of parcels")
    return [_row(inner(row)) for row in listed(body["PrintDataInfoList"])]


def _row(row: Mapping[str, Any]) -> Row:
    return Row(_reference(row), number_of(row), id_of(row))


def _reference(row: Mapping[str, Any]) -> str | None:
    """Return whose a row is, nothing for a parcel made by hand without a reference; None: it cannot be read.

    A row without any text at all, such as a depot or a name, has lost its reference with the rest.
    """
    for holder in (row, inner(row.get("Parcel"))):
        if "ClientReference" in holder:
            said = holder["ClientReference"]
            if said is None:
                return "" if has_text(row) else None
            return text(said) if isinstance(said, str) else text(said) or None
    return None


def _claimed(rows: Sequence[Row]) -> Mapping[str | None, list[Row]]:
    """Return the rows by reference, without ids that several rows claim: nobody knows whose they are."""
    numbers = Counter(row.number for row in rows)
    owners: dict[str | None, set[str | None]] = defaultdict(set)
    for row in rows:
        owners[row.parcel_id].add(row.reference)
    claimed: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        number = row.number if numbers[row.number] == 1 else None
        claimed[row.reference].append(
            Row(row.reference, number, row.parcel_id if len(owners[row.parcel_id]) == 1 else None)
        )
    return claimed


def _taken(answer: Answer, shipment: Shipment, mine: Sequence[Row], said: Sequence[Said], page: str) -> Result:
    about = [one for one in said if shipment.reference in one.references]
    if not mine and about:
        return error(answer, about[0])
    if not _is_whole(mine, shipment):
        return answer.unreadable(f"GLS gave {len(mine)} rows for {len(shipment.boxes)} boxes of {shipment.reference}")
    return replace(_booked(shipment, mine, page), notes=tuple(one.text for one in about))


def _is_whole(mine: Sequence[Row], shipment: Shipment) -> bool:
    return bool(mine) and len(mine) == len(shipment.boxes) and all(row.number and row.parcel_id for row in mine)


def _booked(shipment: Shipment, mine: Sequence[Row], page: str) -> Booked:
    return Booked(shipment.reference, tuple(_parcel(row, page, shipment.recipient.country) for row in mine))


def _parcel(row: Row, page: str, country: str) -> Parcel:
    number = row.number or ""
    ids = {"ParcelId": row.parcel_id or "", "ParcelNumber": number, "ClientReference": row.reference or ""}
    return Parcel(number, number, f"{page}{number}" if page else "", Handle("gls", {**ids, COUNTRY: country}))


def _labelled(taken: list[Result], rows: Sequence[Row], label: Label | None) -> list[Result]:
    """Give each booked shipment its own pages; without a label is left whose pages are not certain."""
    booked = [one for one in taken if isinstance(one, Booked)]
    numbers = [parcel.number for one in booked for parcel in one.parcels]
    if label is None or not booked or len(numbers) != len(rows):
        return taken
    is_plain = len(numbers) == labels.pages_of(label) == 1
    found = {numbers[0]: label} if is_plain else pages.by_number(label, numbers, digits=DIGITS)
    if not found:
        return taken
    return [
        _with(one, *(found[parcel.number] for parcel in one.parcels)) if isinstance(one, Booked) else one
        for one in taken
    ]


def _with(booked: Booked, *own: Label) -> Booked:
    label = own[0] if len(own) == 1 else labels.merged(own)
    return replace(booked, label=replace(label, covers=tuple(parcel.number for parcel in booked.parcels)))


def _label(body: Mapping[str, Any], kind: Format) -> Label | None:
    """Return the file whose bytes came as numbers; None where they are none, of another kind, or without a page."""
    try:
        label = Label(kind, bytes(listed(body.get("Labels"))))
        labels.pages_of(label)
    except (TypeError, ValueError, labels.Unprintable):
        return None
    return label


def _deleted(row: Mapping[str, Any]) -> list[str]:
    found = [row.get("ParcelId"), *listed(row.get("SubParcelIdList"))]
    return [str(number) for one in found if (number := whole(one))]


def _cancelled(answer: Answer, parcel_id: str, done: set[str], said: Sequence[Said]) -> Cancelled | CarrierError:
    if parcel_id in done:
        return Cancelled.DONE
    about = next((one for one in said if parcel_id in one.ids), None) or next((o for o in said if o.is_general), None)
    if about is None:
        return answer.unreadable(f"GLS does not say what became of parcel {parcel_id}")
    trouble = error(answer, about)
    if isinstance(trouble, CarrierRefused) and (outcome := OUTCOMES.get(trouble.kind)) and not about.is_general:
        return outcome
    return trouble
