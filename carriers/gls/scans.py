"""Where GLS says a parcel is (docs/carriers.md 4.4)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from carriers.base import Tracked
from carriers.errors import CarrierRefused, Kind
from carriers.gls.body import checked, error, errors, mapping, moment, objects, text
from carriers.states import Reason, Scan, State, filled, reason_of, settled, standing
from carriers.wire import Answer, whole

CUSTOMS = (60, 61, 62, 64, 65, 66, 67, 70, 71, 72, 73, 74, 76)
CODES = {
    State.CREATED: (51, 52, 83, 84, 85),
    State.ACCEPTED: (1,),
    State.IN_TRANSIT: (
        2, 3, 6, 7, 9, 10, 13, 21, 22, 24, 25, 26, 27, 37, 41, 46, 47, 53, 59, 80, 86, 99,
        *CUSTOMS,
    ),
    State.OUT_FOR_DELIVERY: (4, 32),
    State.AT_PICKUP_POINT: (8, 54, 55, 56, 97),  # 54 and 55 say delivered, but to the box or shop
    State.DELIVERED: (5, 58, 92, 93),
    State.EXCEPTION: (
        11, 12, 14, 15, 16, 17, 18, 19, 20, 33, 34, 35, 36, 38, 39, 68, 69,
        28, 29, 30, 31, 42, 43, 44, 75, 401, 402, 403, 404, 420,
    ),
    State.RETURNING: (23, 40, 57),  # 23 says returned; the sender has it when 5 follows
    State.CANCELLED: (87, 88, 89, 90, 91),
}  # fmt: skip
STATES = {code: state for state, codes in CODES.items() for code in codes}
REASONS = {
    **dict.fromkeys((17, 34, 35, 68), Reason.REFUSED),
    57: Reason.NOT_COLLECTED,
    **dict.fromkeys(CUSTOMS, Reason.CUSTOMS),
}


def read_statuses(answer: Answer, number: str, zone: tzinfo) -> Tracked:
    """Return where a parcel is; one GLS does not know is UNKNOWN, what it says of another is no answer."""
    body = mapping(answer)
    for one in errors(body):
        trouble = error(answer, one)
        if isinstance(trouble, CarrierRefused) and trouble.kind is Kind.UNKNOWN:
            return Tracked(number, State.UNKNOWN)
        raise trouble
    named = whole(body.get("ParcelNumber"))
    if named and checked(str(named)) != checked(number):
        raise answer.unreadable(f"asked of {number}, GLS speaks of {named}")
    listed = body.get("ParcelStatusList")
    if not isinstance(listed, list):
        raise answer.unreadable("the answer has no list of statuses")
    return _tracked(number, objects(listed), zone)


def read_many(answer: Answer, numbers: Sequence[str], zone: tzinfo) -> list[Tracked]:
    """Return where parcels are, in this order; one the answer does not tell of is UNKNOWN.

    What the list is called is not known: rows are what has a number and statuses, as the answer of one parcel has.
    """
    body = mapping(answer)
    troubles = [error(answer, one) for one in errors(body)]
    for trouble in troubles:
        if not isinstance(trouble, CarrierRefused) or trouble.kind is not Kind.UNKNOWN:
            raise trouble
    told: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in (row for value in body.values() for row in objects(value)):
        if isinstance(statuses := row.get("ParcelStatusList"), list):
            told[checked(str(whole(row.get("ParcelNumber"))))] += objects(statuses)
    if not told and not troubles:
        raise answer.unreadable("the answer tells of no parcel")
    return [_tracked(number, told.get(checked(number), []) if checked(number) else [], zone) for number in numbers]


def read_country(answer: Answer) -> str:
    """Return the country a parcel goes to; raise what GLS says instead."""
    body = mapping(answer)
    for one in errors(body):
        raise error(answer, one)
    if country := text(body.get("DeliveryCountryCode")).upper():
        return country
    raise answer.unreadable("GLS does not say which country the parcel goes to")


def _tracked(number: str, rows: Sequence[Mapping[str, Any]], zone: tzinfo) -> Tracked:
    times = filled([moment(row.get("StatusDate"), zone) for row in rows], newest_first=True)
    # The newest comes first; of two at the same time the later one is the one that stands before.
    scans = settled([_scan(at, row) for at, row in zip(times, rows, strict=False)][::-1])
    return Tracked(number, standing(scans), scans, reason_of(scans))


def _scan(at: datetime, row: Mapping[str, Any]) -> Scan:
    code = text(row.get("StatusCode"))
    meant = whole(code)  # `05` in some answers, `5` in others
    state = State.UNKNOWN if meant is None else STATES.get(meant, State.UNKNOWN)
    told = " · ".join(filter(None, (text(row.get("StatusDescription")), text(row.get("StatusInfo")))))
    return Scan(at, state, code, told, text(row.get("DepotCity")), None if meant is None else REASONS.get(meant))
