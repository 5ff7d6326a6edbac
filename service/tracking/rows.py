"""A box that is followed, its scans and its money, as rows and as values."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from service import db
from service.tracking.decide import State


@dataclass(frozen=True)
class Followed:
    """A booked box and where it is; `since`: it is due since then. `partner`: who carries it on, and as what.

    `is_back`: one a customer sends back. Then `booking_id` is the return's, and it says nothing of where an order is.
    """

    booking_id: str
    place: int
    contract_id: str
    carrier: str
    number: str
    order_number: str
    shipment_id: str
    state: State
    reason: str | None
    state_since: datetime
    last_scan_at: datetime | None
    delivered_on: date | None
    stored_until: date | None
    partner: str | None
    due_at: datetime | None
    since: datetime | None
    tries: int
    claim: str | None
    polled_at: datetime | None
    final_at: datetime | None
    stopped_at: datetime | None
    goods_back_at: datetime | None
    goods_back_by: str | None
    first_at: datetime
    is_back: bool

    @property
    def key(self) -> tuple[str, int]:
        """Return what names it within its shop."""
        return self.booking_id, self.place


COLUMNS = """
    tracked.booking_id, tracked.place, tracked.contract_id, tracked.carrier, tracked.number, tracked.order_number,
    tracked.shipment_id, tracked.state, tracked.reason, tracked.state_since, tracked.last_scan_at, tracked.delivered_on,
    tracked.stored_until, tracked.partner, tracked.due_at, tracked.since, tracked.tries, tracked.claim,
    tracked.polled_at, tracked.final_at, tracked.stopped_at, tracked.goods_back_at, tracked.goods_back_by,
    tracked.first_at, tracked.is_back
"""


def followed(row: db.Row) -> Followed:
    """Return a row as a box."""
    found: db.Row = {**row, "state": State(row["state"])}
    return Followed(**found)


@dataclass(frozen=True)
class Told:
    """One scan as its carrier told it; `said` and `spot` may name somebody. `state`: what we read in it."""

    at: datetime
    code: str
    said: str | None = field(repr=False)
    spot: str | None = field(repr=False)
    state: State
    reason: str | None

    @property
    def mark(self) -> str:
        """Return what tells it from another scan of the same moment, also when its words are gone."""
        words = "\n".join((self.code, self.spot or "", self.said or ""))
        return hashlib.sha256(words.encode()).hexdigest()[:24]
