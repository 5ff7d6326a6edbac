"""What was handed over to a carrier, told to it where it wants to hear, and the car that was asked for.

A row is marked before a question leaves. A parcel is in one hand-over only; one a person has to look at gives its
parcels up to the next that names them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service import db
from service.kit import canon, ids
from service.lanes import TenantId

OWNS = ("handovers", "handed_bookings")


class State(StrEnum):
    """How far it got, as warehouses read it."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


class Parked(StrEnum):
    """Why a person must look."""

    REFUSED = "refused"  # the carrier will not have it so
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
    """One row; `booking_ids` and `shipment_ids` go together."""

    handover_id: str
    account_id: str
    contract_id: str
    carrier: str
    booking_ids: Sequence[str]
    shipment_ids: Sequence[str]
    closes: bool
    collection: Mapping[str, Any] | None = field(repr=False)
    refused: Sequence[Mapping[str, str]]
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
    created_at: datetime
    changed_at: datetime

    @property
    def state(self) -> State:
        """Say how far it got."""
        if self.parked:
            return State.PARKED
        return State.WAITING if self.due_at else State.DONE

    @property
    def step(self) -> Step | None:
        """Say what is to be done next; None: nothing."""
        if not self.handed_at:
            return Step.CLOSE if self.closes else Step.HAND
        return Step.COLLECT if self.collection and not self.car_at else None


COLUMNS = """
    handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes, collection, refused, due_at,
    since, claim, asked_at, handed_at, manifest, document IS NOT NULL AS has_document, car_at, car,
    parked, why, created_at, changed_at
"""


def fresh(tenant_id: TenantId) -> str:
    """Return the id of a new one; it names its tenant."""
    return ids.fresh_of("h", tenant_id)


def tenant_of(handover_id: str) -> TenantId | None:
    """Return whose this claims to be; None when it is none of ours."""
    return ids.tenant_in("h", handover_id)


# Of one that is parked a person knows by now how it ended at the carrier, when he names its parcels again.
TAKE = """
    INSERT INTO handed_bookings (tenant_id, booking_id, handover_id)
    SELECT %(tenant_id)s, booking_id, %(handover_id)s
    FROM unnest(%(booking_ids)b::text[]) AS wanted (booking_id)
    ORDER BY booking_id
    ON CONFLICT (tenant_id, booking_id) DO UPDATE SET handover_id = excluded.handover_id
    WHERE %(named)s
      AND handed_bookings.handover_id IN (
          SELECT handover_id FROM handovers WHERE tenant_id = %(tenant_id)s AND parked IS NOT NULL
      )
    RETURNING booking_id
"""


def take(conn: db.Conn, tenant_id: TenantId, handover_id: str, booking_ids: Sequence[str], *, named: bool) -> set[str]:
    """Put parcels into a hand-over and return which are in it now; the others are in another.

    `named`: somebody named each of them, so those of one that is parked come along.
    """
    found = db.rows(
        conn, TAKE, tenant_id=tenant_id, handover_id=handover_id, booking_ids=list(booking_ids), named=named
    )  # fmt: skip
    return {row["booking_id"] for row in found}


ADD = f"""
    INSERT INTO handovers (tenant_id, handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes,
        collection, refused, due_at, since, created_at, changed_at)
    VALUES (%(tenant_id)s, %(handover_id)s, %(account_id)s, %(contract_id)s, %(carrier)s, %(booking_ids)s,
        %(shipment_ids)s, %(closes)s, %(collection)s::jsonb, %(refused)s::jsonb, %(now)s, %(now)s, %(now)s, %(now)s)
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def add(  # noqa: PLR0913  # a hand-over, whole
    conn: db.Conn,
    tenant_id: TenantId,
    handover_id: str,
    *,
    account_id: str,
    contract_id: str,
    carrier: str,
    parcels: Mapping[str, str],
    closes: bool,
    collection: Mapping[str, Any] | None,
    refused: Sequence[Mapping[str, str]],
    now: datetime,
) -> Handover:
    """Enter what is to be handed over, due at once; `parcels`: shipments by their bookings, those that were taken."""
    [row] = db.rows(
        conn,
        ADD,
        tenant_id=tenant_id,
        handover_id=handover_id,
        account_id=account_id,
        contract_id=contract_id,
        carrier=carrier,
        booking_ids=[*parcels],
        shipment_ids=[*parcels.values()],
        closes=closes,
        collection=None if collection is None else canon.stored(collection),
        refused=canon.stored(list(refused)),
        now=now,
    )
    return _handover(row)


DUE_TENANTS = """
    SELECT DISTINCT handovers.tenant_id
    FROM handovers
    JOIN tenants ON tenants.tenant_id = handovers.tenant_id AND tenants.state <> 'dismissed'
    WHERE handovers.due_at <= %(now)s
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants with something to hand over now, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, now=now)]


CLAIM = f"""
    UPDATE handovers
    SET claim = %(claim)s, due_at = %(until)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = (
          SELECT handover_id
          FROM handovers
          WHERE tenant_id = %(tenant_id)s
            AND due_at <= %(now)s
          ORDER BY due_at, handover_id
          LIMIT 1
          FOR UPDATE SKIP LOCKED
      )
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def claim(conn: db.Conn, tenant_id: TenantId, *, now: datetime, lease_s: float) -> Handover | None:
    """Claim the oldest that is due; `asked_at` says that a question about it has left before."""
    until, token = now + timedelta(seconds=lease_s), ids.fresh("c")
    row = db.one(conn, CLAIM, tenant_id=tenant_id, claim=token, now=now, until=until)
    return _handover(row) if row else None


ASKED = """
    UPDATE handovers
    SET asked_at = %(at)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND claim = %(claim)s
"""


def asked(conn: db.Conn, tenant_id: TenantId, each: Handover, *, at: datetime | None) -> bool:
    """Note that a question leaves, or None: that it surely did nothing. False: it is not ours any more."""
    return db.run(conn, ASKED, at=at, **_claimed(tenant_id, each)) == 1


KEEP_ONLY = """
    UPDATE handovers
    SET booking_ids = %(booking_ids)s, shipment_ids = %(shipment_ids)s, refused = %(refused)s::jsonb
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""

LET_GO = """
    DELETE FROM handed_bookings
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND booking_id <> ALL (%(booking_ids)s)
"""


def keep_only(
    conn: db.Conn, tenant_id: TenantId, each: Handover, parcels: Mapping[str, str], *, refused: Mapping[str, str]
) -> None:
    """Let parcels go that are not handed over with it: `refused` has why, a code and what it means."""
    told = [*each.refused, *({"id": one, **refused} for one in each.shipment_ids if one not in parcels.values())]
    named = {"tenant_id": tenant_id, "handover_id": each.handover_id, "booking_ids": [*parcels]}
    db.run(conn, KEEP_ONLY, shipment_ids=[*parcels.values()], refused=canon.stored(told), **named)
    db.run(conn, LET_GO, **named)


CLOSED = """
    UPDATE handovers
    SET handed_at = %(now)s,
        manifest = %(manifest)s,
        document = %(document)s,
        asked_at = NULL,
        claim = NULL,
        due_at = CASE WHEN collection IS NOT NULL THEN %(now)s::timestamptz END,
        since = CASE WHEN collection IS NOT NULL THEN since END,
        why = NULL,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""


def closed(  # whose, and what the carrier said
    conn: db.Conn, tenant_id: TenantId, each: Handover, *, manifest: str | None, document: bytes | None, now: datetime
) -> None:
    """Note that its parcels are handed over, whoever asked: the carrier has heard of them."""
    named = {"tenant_id": tenant_id, "handover_id": each.handover_id}
    db.run(conn, CLOSED, manifest=manifest, document=document, now=now, **named)


COLLECTED = """
    UPDATE handovers
    SET car_at = %(now)s, car = %(car)s, asked_at = NULL, claim = NULL, due_at = NULL, since = NULL, why = NULL,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""


def collected(conn: db.Conn, tenant_id: TenantId, each: Handover, *, car: str, now: datetime) -> None:
    """Note that a car was ordered; some carriers give no number for that."""
    db.run(conn, COLLECTED, tenant_id=tenant_id, handover_id=each.handover_id, car=car, now=now)


PUT_OFF = """
    UPDATE handovers
    SET due_at = %(until)s, claim = NULL, why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND claim = %(claim)s
"""


def put_off(conn: db.Conn, tenant_id: TenantId, each: Handover, *, until: datetime, why: str) -> None:
    """Go on later."""
    db.run(conn, PUT_OFF, until=until, why=canon.storable(why), **_claimed(tenant_id, each))


PARK = """
    UPDATE handovers
    SET parked = %(parked)s, why = %(why)s, due_at = NULL, since = NULL, claim = NULL, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND claim = %(claim)s
"""


def park(conn: db.Conn, tenant_id: TenantId, each: Handover, reason: Parked, *, why: str, now: datetime) -> bool:
    """Leave it to a person; False: it is not ours any more. What surely was not handed over may be with another."""
    is_ours = db.run(
        conn, PARK, parked=reason.value, why=canon.storable(why), now=now, **_claimed(tenant_id, each)
    ) == 1  # fmt: skip
    if is_ours and not each.handed_at and reason is not Parked.UNCLEAR:
        db.run(conn, LET_GO, tenant_id=tenant_id, handover_id=each.handover_id, booking_ids=[])
    return is_ours


FORGET = """
    UPDATE handovers
    SET document = NULL, why = NULL, collection = collection - 'address' - 'note'
    WHERE tenant_id = %(tenant_id)s
      AND handover_id IN (
          SELECT handover_id
          FROM handovers
          WHERE tenant_id = %(tenant_id)s
            AND changed_at < %(before)s
            AND due_at IS NULL
            AND (document IS NOT NULL OR why IS NOT NULL OR collection ?| ARRAY['address', 'note'])
          LIMIT %(most)s
          FOR UPDATE SKIP LOCKED
      )
"""


def forget_papers(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Delete documents, what carriers said and where their cars went, of what ended before then, some of it."""
    return db.run(conn, FORGET, tenant_id=tenant_id, before=before, most=most)


ONE = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""  # noqa: S608  # a constant


def one(conn: db.Conn, tenant_id: TenantId, handover_id: str) -> Handover | None:
    """Return a hand-over."""
    row = db.one(conn, ONE, tenant_id=tenant_id, handover_id=handover_id)
    return _handover(row) if row else None


NEWEST = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
    ORDER BY created_at DESC, handover_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def newest(conn: db.Conn, tenant_id: TenantId, *, most: int) -> list[Handover]:
    """Return the newest first."""
    return [_handover(row) for row in db.rows(conn, NEWEST, tenant_id=tenant_id, most=most)]


DOCUMENT = """
    SELECT document
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND document IS NOT NULL
"""


def document(conn: db.Conn, tenant_id: TenantId, handover_id: str) -> bytes | None:
    """Return the carrier's own paper, a PDF; None: it made none."""
    found = db.binary(conn, DOCUMENT, tenant_id=tenant_id, handover_id=handover_id)
    return found[0]["document"] if found else None


def _claimed(tenant_id: TenantId, each: Handover) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "handover_id": each.handover_id, "claim": each.claim}


def _handover(row: db.Row) -> Handover:
    found: db.Row = {**row, "parked": row["parked"] and Parked(row["parked"])}
    return Handover(**found)
