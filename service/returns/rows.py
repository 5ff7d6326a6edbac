"""A return as it stands: what a carrier is asked to bring back, how far that got, and what is to be done next."""

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
    MADE = "made"  # it has its number; the label is on the way
    READY = "ready"  # its label can be printed, or it needs none
    PARKED = "parked"
    CANCELLED = "cancelled"


class Parked(StrEnum):
    """Why a person must decide."""

    REFUSED = "refused"  # the carrier will not have it so
    UNCLEAR = "unclear"  # it may have been made, and nothing can find that out
    NO_CONTRACT = "no_contract"  # the login is gone
    FAILING = "failing"  # it is made, and its label cannot be had


class Step(StrEnum):
    """What is to be done next."""

    ASK = "ask"
    POLL = "poll"  # the carrier is at it
    LOST = "lost"  # whoever asked died before he could write the answer down
    PRINT = "print"


@dataclass(frozen=True)
class Draft:
    """A return to be asked for under a login; `content` as it will be asked for.

    `another`: also where there is one already for this shipment.
    """

    return_id: str
    account_id: str
    shipment_id: str
    order_number: str
    contract_id: str
    carrier: str
    service: str
    boxes: int
    another: bool
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Return:
    """One row; `account_id`: who asked, and `told` is for nobody else: sealed, empty once it is forgotten.

    `content` is the parcel as it is asked for, None once that is settled; `parcels` are those the carrier gave numbers.
    `label_at`: when the label was there, or what stands in its place. `job`: what to ask a carrier with that is at it.
    """

    return_id: str
    account_id: str
    shipment_id: str
    order_number: str
    contract_id: str
    carrier: str
    service: str
    boxes: int
    content: Mapping[str, Any] | None = field(repr=False)
    another: bool
    due_at: datetime | None
    since: datetime | None
    tries: int
    claim: str | None
    asked_at: datetime | None
    job: Mapping[str, Any] | None
    made_at: datetime | None
    parcels: Sequence[Mapping[str, Any]]
    notes: Sequence[str]
    told: bytes | None = field(repr=False)
    has_label: bool
    label_at: datetime | None
    parked: Parked | None
    why: str | None
    faults: Sequence[Mapping[str, Any]]
    cancelled_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @property
    def state(self) -> State:
        """Say how far it got."""
        if self.cancelled_at:
            return State.CANCELLED
        if self.parked:
            return State.PARKED
        if not self.made_at:
            return State.WAITING
        return State.READY if self.label_at else State.MADE

    @property
    def step(self) -> Step:
        """Say what is to be done next."""
        if self.made_at:
            return Step.PRINT
        if self.job:
            return Step.POLL
        return Step.LOST if self.asked_at else Step.ASK


COLUMNS = """
    return_id, account_id, shipment_id, order_number, contract_id, carrier, service, boxes, content, another, due_at,
    since, tries, claim, asked_at, job, made_at, parcels, notes, told, label IS NOT NULL AS has_label, label_at,
    parked, why, faults, cancelled_at, created_at, changed_at
"""


def fresh(tenant_id: TenantId) -> str:
    """Return the id of a new one; it names its tenant."""
    return ids.fresh_of("r", tenant_id)


def tenant_of(return_id: str) -> TenantId | None:
    """Return whose this claims to be; None when it is none of ours."""
    return ids.tenant_in("r", return_id)


def reference(return_id: str) -> str:
    """Return what the carrier knows it by: ours, letters and digits, and no booking's."""
    return f"r{return_id.rpartition('_')[2]}"


def back(row: db.Row) -> Return:
    """Return a row as a return."""
    found: db.Row = {**row, "parked": row["parked"] and Parked(row["parked"])}
    return Return(**found)
