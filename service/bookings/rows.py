"""A booking as it stands: what a carrier is asked to carry, how far that got, and what is to be done next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from service import db


class State(StrEnum):
    """How far a booking got, as warehouses and merchants read it."""

    WAITING = "waiting"  # the carrier is still to be asked, or is asked again
    DOUBTFUL = "doubtful"  # the carrier was asked and nobody heard the answer: it is looked for
    PENDING = "pending"  # the carrier is at it
    BOOKED = "booked"  # it has its number; the label is on the way
    READY = "ready"  # its label can be printed
    PARKED = "parked"  # a person must decide
    CANCELLING = "cancelling"  # the carrier is still to be told
    CANCELLED = "cancelled"


class Parked(StrEnum):
    """Why a person must decide."""

    REFUSED = "refused"  # the carrier will not take it as it is; `faults` and `why` say what is wrong
    UNCLEAR = "unclear"  # it may have been made, and nothing can find that out
    STOPPED = "stopped"  # the order must not leave any more
    NO_CONTRACT = "no_contract"  # the login it was to be booked under is gone
    NOT_TAKEN_BACK = "not_taken_back"  # it was to be cancelled, and the carrier has it already or takes nothing back
    FAILING = "failing"  # we fail at it again and again


def reference(booking_id: str) -> str:
    """Return what carriers know a booking by: ours, unique for ever, letters and digits."""
    return booking_id.removeprefix("b_")


@dataclass(frozen=True)
class Box:
    """A box the carrier has a number for; `handle` are all ids it wants to hear later, by its own names."""

    place: int
    carrier: str
    number: str
    barcode: str
    tracking_url: str
    handle: Mapping[str, str]


@dataclass(frozen=True)
class Booking:
    """One row; `content` is the parcel as it is asked for, None once that is settled.

    `looks`: how often it was looked for in vain, and of what has its number: how often the carrier did not know that.
    `made_under`: the login its number is of, where another one stands in for that by now.
    """

    booking_id: str
    shipment_id: str
    order_number: str
    contract_id: str
    carrier: str
    service: str
    boxes: int
    content: Mapping[str, Any] | None = field(repr=False)
    position: int
    due_at: datetime | None
    since: datetime | None
    tries: int
    claim: str | None
    creates: int
    asked_at: datetime | None
    looks: int
    job: Mapping[str, Any] | None
    booked_at: datetime | None
    label_asked_at: datetime | None
    label_at: datetime | None
    parked: Parked | None
    why: str | None
    faults: Sequence[Mapping[str, Any]]
    notes: Sequence[str]
    cancel_asked_at: datetime | None
    rebook: bool
    cancelled_at: datetime | None
    handed_at: datetime | None
    created_at: datetime
    changed_at: datetime
    made_under: str | None

    @property
    def reference(self) -> str:
        """Return what the carrier knows it by."""
        return reference(self.booking_id)

    @property
    def is_unwanted(self) -> bool:
        """Say whether it is to be taken back, and nothing else made in its place."""
        return self.cancel_asked_at is not None and not self.rebook

    @property
    def may_be_there(self) -> bool:
        """Say whether a carrier that does not tell may have it: whoever has it made anew looks for it there first."""
        is_lost = self.parked is Parked.FAILING and self.rebook and self.booked_at is not None
        return self.parked is Parked.UNCLEAR or is_lost

    @property
    def state(self) -> State:  # noqa: PLR0911  # a state each
        """Say how far it got."""
        if self.cancelled_at:
            return State.CANCELLED
        if self.parked:
            return State.PARKED
        if self.cancel_asked_at:
            return State.CANCELLING
        if self.label_at:
            return State.READY
        if self.booked_at:
            return State.BOOKED
        if self.job:
            return State.PENDING
        return State.DOUBTFUL if self.asked_at else State.WAITING


COLUMNS = """
    booking_id, shipment_id, order_number, contract_id, carrier, service, boxes, content, position, due_at, since,
    tries, claim, creates, asked_at, looks, job, booked_at, label_asked_at, label_at, parked, why, faults, notes,
    cancel_asked_at, rebook, cancelled_at, handed_at, created_at, changed_at, made_under
"""


def booking(row: db.Row) -> Booking:
    """Return a row as a booking."""
    found: db.Row = {**row, "parked": row["parked"] and Parked(row["parked"])}
    return Booking(**found)
