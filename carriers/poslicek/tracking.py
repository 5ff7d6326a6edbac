"""Where Poslíček says a parcel is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carriers.base import Parcel, Tracked
from carriers.poslicek.answers import Row, row, rows, text
from carriers.states import Reason, Scan, State, reason_of, settled, standing
from carriers.wire import Answer

ZONE = ZoneInfo("Europe/Prague")  # of times that name none
CODES = {
    "registered": State.CREATED,
    "accepted": State.ACCEPTED,
    "depot": State.IN_TRANSIT,
    "on_the_way": State.IN_TRANSIT,
    "out": State.OUT_FOR_DELIVERY,
    "not_delivered": State.EXCEPTION,
    "at_point": State.AT_PICKUP_POINT,
    "delivered": State.DELIVERED,
    "refused": State.EXCEPTION,
    "not_collected": State.EXCEPTION,
    "going_back": State.RETURNING,
    "returned": State.RETURNED,
    "cancelled": State.CANCELLED,
}
REASONS = {"refused": Reason.REFUSED, "not_collected": Reason.NOT_COLLECTED, "not_delivered": Reason.ABSENT}


def read_tracked(answer: Answer, parcels: Sequence[Parcel]) -> list[Tracked]:
    """Return where parcels are, in the order asked; one the carrier leaves out is UNKNOWN."""
    listed = row(answer.expect_ok().json()).get("parcels")
    if not isinstance(listed, list):
        raise answer.unreadable("the answer has no list of parcels")
    told = rows(listed)
    return [_tracked(parcel.number, [one for one in told if one.get("number") == parcel.number]) for parcel in parcels]


def _tracked(number: str, told: Sequence[Row]) -> Tracked:
    events = [_scan(event) for one in told for event in rows(one.get("events"))]
    scans = settled(scan for scan in events if scan)
    return Tracked(number, standing(scans), scans, reason_of(scans))


def _scan(event: Row) -> Scan | None:
    at, code = moment(event.get("at")), text(event.get("code"))
    if at is None:  # a scan of no time has no place among the others
        return None
    state = CODES.get(code, State.UNKNOWN)
    return Scan(at, state, code, text(event.get("text")), text(event.get("place")), REASONS.get(code))


def moment(value: Any) -> datetime | None:
    """Return a time as UTC; None where it is none."""
    try:
        told = datetime.fromisoformat(text(value))
        return (told if told.tzinfo else told.replace(tzinfo=ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
