"""Where a parcel is, in our own eleven words, and what many scans amount to (docs/carriers.md 0, 10.7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

Told = TypeVar("Told")


class State(StrEnum):
    """What a scan says. A code that is not in a carrier's table is `UNKNOWN`, never a guess."""

    CREATED = "created"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AT_PICKUP_POINT = "at_pickup_point"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a delivery failed or a parcel came back, where the carrier says so."""

    ABSENT = "absent"
    REFUSED = "refused"
    NOT_COLLECTED = "not_collected"
    COD_NOT_PAID = "cod_not_paid"
    ADDRESS = "address"
    POINT_FULL = "point_full"
    OVERSIZE = "oversize"
    DAMAGED = "damaged"
    LOST = "lost"
    CUSTOMS = "customs"
    RECALLED = "recalled"
    OTHER = "other"


FINAL = frozenset({State.DELIVERED, State.RETURNED, State.CANCELLED})
FORWARD = (State.CREATED, State.ACCEPTED, State.IN_TRANSIT, State.OUT_FOR_DELIVERY, State.AT_PICKUP_POINT)


@dataclass(frozen=True)
class Scan:
    """One event: `at` is aware, `code` and `text` are the carrier's own, kept whatever we make of them."""

    at: datetime
    state: State
    code: str
    text: str
    place: str = ""
    reason: Reason | None = None


def in_time(told: Sequence[tuple[datetime | None, Told]]) -> Sequence[tuple[datetime, Told]]:
    """Return what an answer tells by time, none of it left out; nothing where not one time can be read.

    What has no time happened all the same: it gets that of the one before it, the first that of the one after. Which
    end of an answer is the newest is seen by the times there are.
    """
    known = [at for at, _ in told if at]
    if not known:
        return ()
    is_newest_first = known[0] > known[-1]
    before = known[-1] if is_newest_first else known[0]
    filled: list[tuple[datetime, Told]] = []
    for at, one in reversed(told) if is_newest_first else told:
        before = at or before
        filled.append((before, one))
    return sorted(filled, key=lambda each: each[0])


def settled(scans: Iterable[Scan]) -> Sequence[Scan]:
    """Return scans in the order of their times, each once; *delivered* after a return began is *returned*.

    Carriers send them newest or oldest first, twice, and call the sender's own receipt of a return a delivery.
    """
    # Of scans of one moment a return goes first: what came back was not delivered.
    ordered = sorted(dict.fromkeys(scans), key=lambda scan: (scan.at, scan.state is not State.RETURNING))
    told: list[Scan] = []
    returning = False
    for scan in ordered:
        is_back = returning and scan.state is State.DELIVERED
        told.append(Scan(scan.at, State.RETURNED, scan.code, scan.text, scan.place, scan.reason) if is_back else scan)
        returning = returning or scan.state is State.RETURNING
    return told


def filled(times: Sequence[datetime | None], *, newest_first: bool) -> Sequence[datetime]:
    """Return the times of an answer without gaps; none at all where not one could be read.

    A scan whose time cannot be read happened all the same: it gets the time of the one that happened before it, or
    of the first whose time is known, where none did. Which end of an answer is the newest is seen by its times;
    `newest_first`, where they do not tell.
    """
    known = [at for at in times if at]
    if not known:
        return ()
    step = -1 if (known[0] > known[-1] or (newest_first and known[0] == known[-1])) else 1
    before = known[::step][0]
    told = [before := at or before for at in times[::step]]
    return told[::step]


def standing(scans: Sequence[Scan]) -> State:
    """Return where a parcel is after these settled scans.

    The furthest stage counts, not the last scan: an exception or an unknown code moves nothing, a cancellation counts
    only while the carrier has not got the parcel, and a return overrides every stage forward.
    """
    seen = {scan.state for scan in scans}
    for last in (State.RETURNED, State.RETURNING, State.DELIVERED):
        if last in seen:
            return last
    moved = [stage for stage in FORWARD if stage in seen]
    if State.CANCELLED in seen and moved in ([], [State.CREATED]):
        return State.CANCELLED
    if moved:
        return moved[-1]
    return State.EXCEPTION if State.EXCEPTION in seen else State.UNKNOWN


def reason_of(scans: Sequence[Scan]) -> Reason | None:
    """Return the last reason that was given; the customs are one while their scan is the last, and no longer."""
    held = scans[-1] if scans else None
    given = (scan.reason for scan in reversed(scans) if scan is held or scan.reason is not Reason.CUSTOMS)
    return next((reason for reason in given if reason), None)
