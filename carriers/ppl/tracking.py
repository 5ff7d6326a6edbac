"""What PPL tells of parcels, read from `GET /shipment` (docs/carriers.md 2.4).

Events are mapped by `phase`: the list of their codes is live at `/codelist/status` and in no contract.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carriers import states
from carriers.base import Tracked
from carriers.ppl.rows import Row, listed, number, row, rows, text
from carriers.states import Reason, Scan, State
from carriers.wire import Answer

PRAGUE = ZoneInfo("Europe/Prague")
PAID = "CodPaidDate"
REJECTED = "Rejected"
PHASES = {
    "Order": State.CREATED,
    "DataShipment": State.CREATED,
    "PickedUpFromSender": State.ACCEPTED,
    "InTransport": State.IN_TRANSIT,
    "Active": State.IN_TRANSIT,
    "Undelivered": State.IN_TRANSIT,
    "Delivering": State.OUT_FOR_DELIVERY,
    "OutForDelivery": State.OUT_FOR_DELIVERY,
    "PickupPoint": State.AT_PICKUP_POINT,
    "DeliveredToPickupPoint": State.AT_PICKUP_POINT,
    "Delivered": State.DELIVERED,
    "NotDelivered": State.EXCEPTION,
    "Rejected": State.EXCEPTION,
    "Returning": State.RETURNING,
    "BackToSender": State.RETURNED,
    "Canceled": State.CANCELLED,
    "Deleted": State.CANCELLED,
    "Dormant": State.CREATED,
    "None": State.CREATED,
}


def read_tracked(answer: Answer, numbers: Sequence[str]) -> Sequence[Tracked]:
    """Return what is told of each number, in this order; one that is not told of is UNKNOWN."""
    records = read_records(answer, is_whole=False)
    return [_tracked(asked, [one for one in records if one.get("shipmentNumber") == asked]) for asked in numbers]


def read_records(answer: Answer, *, is_whole: bool) -> Sequence[Row]:
    """Return the shipments of an answer; raise where it is no list, or (`is_whole`) holds what is no shipment."""
    told = answer.expect_ok().json()
    if not isinstance(told, list) or (is_whole and len(rows(told)) != len(listed(told))):
        raise answer.unreadable("the answer is no list of shipments")
    return rows(told)


def scans(record: Row) -> Sequence[Scan]:
    """Return the scans of a shipment by time; there are none where not one event has a time that can be read.

    An event whose time cannot be read happened all the same: it gets the time of its neighbour in the answer, of the
    one before it where there is one. Which end of an answer is the newest, is seen by the times that can be read.
    """
    events = [event for event in rows(row(record.get("trackAndTrace")).get("events")) if event.get("phase") != PAID]
    times = [moment(event.get("eventDate")) for event in events]
    known = [at for at in times if at]
    if not known:
        return ()
    step = -1 if known[0] > known[-1] else 1
    told = sorted(zip(_filled(times[::step]), events[::step], strict=True), key=lambda one: one[0])
    # Where neither times nor order tell which event is the last, none is taken for it: a cancellation is for ever.
    last = len(told) - 1 if len(known) == len(times) or known[0] != known[-1] else None
    return states.settled(_scan(at, event, is_last=place == last) for place, (at, event) in enumerate(told))


def _filled(times: Sequence[datetime | None]) -> Iterator[datetime]:
    """Yield times without gaps, each filled by the one before it; one of them is known."""
    before = next(at for at in times if at)
    for at in times:
        before = at or before
        yield before


def moment(value: Any) -> datetime | None:
    """Return a time; one without a zone is Prague's. None: it cannot be read, or is of no year of ours."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    if not 2000 <= at.year < 2100:
        return None
    return at if at.tzinfo else at.replace(tzinfo=PRAGUE)


def is_cancelled(record: Row) -> bool:
    return states.standing(scans(record)) is State.CANCELLED


def _tracked(asked: str, records: Sequence[Row]) -> Tracked:
    told = states.settled(scan for record in records for scan in scans(record))
    paid = [day for record in records for day in _paid(record)]
    partners = [partner for record in records if (partner := _partner(record))]
    return Tracked(
        asked,
        states.standing(told),
        told,
        states.reason_of(told),
        cod_paid_on=paid[0] if paid else None,
        partner=partners[0] if partners else None,
    )


def _scan(at: datetime, event: Row, *, is_last: bool) -> Scan:
    """Read one event; `phase` null is a cancellation, but only as the last of them."""
    phase = event.get("phase", "")
    if phase is None:
        state = State.CANCELLED if is_last else State.UNKNOWN
    else:
        state = PHASES.get(phase, State.UNKNOWN) if isinstance(phase, str) else State.UNKNOWN
    return Scan(at, state, _code(event), text(event.get("name")), reason=Reason.REFUSED if phase == REJECTED else None)


def _code(event: Row) -> str:
    """Return the carrier's codes of an event, `PickupPoint/ParcelShop/450`: we map by the first of them."""
    parts = (event.get("phase"), event.get("code"), event.get("statusId"))
    return "/".join(str(part)[:100] for part in parts if part is not None and part != "" and not _is_nested(part))


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _paid(record: Row) -> Iterator[date]:
    """Yield when COD went to the sender: a date of its own, or an event that is no scan."""
    stated = moment(row(record.get("paymentInfo")).get("codPaidDate"))
    events = rows(row(record.get("trackAndTrace")).get("events"))
    for at in (stated, *(moment(event.get("eventDate")) for event in events if event.get("phase") == PAID)):
        if at:
            yield at.astimezone(PRAGUE).date()


def _partner(record: Row) -> tuple[str, str] | None:
    """Return the number at whoever carries it on abroad; its name is not told, so its address stands for it."""
    told = row(record.get("trackAndTrace"))
    theirs = number(told.get("externalShipmentId"))
    return (theirs, text(told.get("partnerUrl"))) if theirs else None
