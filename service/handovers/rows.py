"""A hand-over as it stands: what a carrier gets at once, how far that got, and what is to be done next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from service import db
from service.kit import ids
from service.lanes import TenantId


class State(StrEnum):
    """How far it got, as warehouses read it."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"  # a person let it be


class Parked(StrEnum):
    """Why a person must look."""

    REFUSED = "refused"  # the carrier will not have it so, or took none of its parcels
    UNCLEAR = "unclear"  # it may have been done, and nothing can find that out
    NO_CONTRACT = "no_contract"  # the login is gone
    NOTHING = "nothing"  # every label was taken back meanwhile


class Step(StrEnum):
    """What is to be done next."""

    CLOSE = "close"
    HAND = "hand"  # nobody is to be told
    COLLECT = "collect"


@dataclass(frozen=True)
class Handover:
    """One row; `booking_ids` and `shipment_ids` go together. `car`: what names it to the carrier, empty: nothing does.

    `car_refused_at`: its carrier had taken the order in, and refused it then. `car_recall_at`: it was asked to take it
    back, and nobody knows yet whether it did.
    """

    handover_id: str
    account_id: str
    contract_id: str
    carrier: str
    booking_ids: Sequence[str]
    shipment_ids: Sequence[str]
    closes: bool
    collection: Mapping[str, Any] | None = field(repr=False)
    refused: Sequence[Mapping[str, Any]]
    due_at: datetime | None
    since: datetime | None
    claim: str | None
    asked_at: datetime | None
    handed_at: datetime | None
    manifest: str | None
    has_document: bool
    car_at: datetime | None
    car: str | None
    parked: Parked | None
    why: str | None
    cancelled_at: datetime | None
    car_asks: int
    car_refused_at: datetime | None
    car_recall_at: datetime | None
    car_cancelled_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @property
    def state(self) -> State:
        """Say how far it got."""
        if self.cancelled_at:
            return State.CANCELLED
        if self.parked:
            return State.PARKED
        return State.WAITING if self.due_at else State.DONE

    @property
    def step(self) -> Step | None:
        """Say what is to be done next; None: nothing."""
        if not self.handed_at:
            return Step.CLOSE if self.closes else Step.HAND
        return Step.COLLECT if self.collection and not self.car_at and not self.car_cancelled_at else None

    @property
    def waits_for_car(self) -> bool:
        """Say whether a car is to be ordered still, now or later."""
        return bool(self.collection and self.due_at and not self.car_at and not self.car_cancelled_at)

    @property
    def has_car(self) -> bool:
        """Say whether a car is ordered that can be called off by its number."""
        return bool(self.car_at and self.car) and not self.car_refused_at


COLUMNS = """
    handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes, collection, refused, due_at,
    since, claim, asked_at, handed_at, manifest, document IS NOT NULL AS has_document, car_at, car,
    parked, why, cancelled_at, car_asks, car_refused_at, car_recall_at,
    car_cancelled_at, created_at, changed_at
"""


def fresh(tenant_id: TenantId) -> str:
    """Return the id of a new one; it names its tenant."""
    return ids.fresh_of("h", tenant_id)


def tenant_of(handover_id: str) -> TenantId | None:
    """Return whose this claims to be; None when it is none of ours."""
    return ids.tenant_in("h", handover_id)


def handover(row: db.Row) -> Handover:
    """Return a row as a hand-over."""
    found: db.Row = {**row, "parked": row["parked"] and Parked(row["parked"])}
    return Handover(**found)
