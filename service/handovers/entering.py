"""What people say of hand-overs: enter one, each parcel in one only; let one be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service import db
from service.handovers.rows import COLUMNS, Handover, fresh, handover
from service.kit import canon
from service.lanes import TenantId

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
    refused: Sequence[Mapping[str, Any]],
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
    return handover(row)


MOVE = """
    UPDATE handed_bookings
    SET handover_id = %(fresh)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND booking_id = ANY (%(booking_ids)s)
    RETURNING booking_id
"""

# Whoever asked may come late, when a person was called already.
APART = f"""
    INSERT INTO handovers (tenant_id, handover_id, account_id, contract_id, carrier, booking_ids, shipment_ids, closes,
        refused, due_at, since, asked_at, created_at, changed_at)
    SELECT tenant_id, %(fresh)s, account_id, contract_id, carrier, %(booking_ids)s, %(shipment_ids)s, closes,
        '[]'::jsonb, %(due_at)s, coalesce(since, %(now)s), coalesce(asked_at, %(now)s), %(now)s, %(now)s
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def apart(
    conn: db.Conn, tenant_id: TenantId, each: Handover, parcels: Mapping[str, str], *, due_at: datetime, now: datetime
) -> Handover | None:
    """Put parcels of a hand-over that may be done or not into one of their own, asked before and due then.

    `parcels`: shipments by their bookings. None: somebody else did so. The first one still names them.
    """
    named = {"tenant_id": tenant_id, "handover_id": each.handover_id, "fresh": fresh(tenant_id)}
    moved = {row["booking_id"] for row in db.rows(conn, MOVE, booking_ids=[*parcels], **named)}
    ours = {booking_id: shipment_id for booking_id, shipment_id in parcels.items() if booking_id in moved}
    if not ours:
        return None
    lists = {"booking_ids": [*ours], "shipment_ids": [*ours.values()]}
    row = db.one(conn, APART, due_at=due_at, now=now, **lists, **named)
    return handover(row) if row else None


GIVE_UP = f"""
    UPDATE handovers
    SET cancelled_at = %(now)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND parked IS NOT NULL
      AND cancelled_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def give_up(conn: db.Conn, tenant_id: TenantId, handover_id: str, *, now: datetime) -> Handover | None:
    """Let one be that a person looked at; None: it is not his to decide."""
    row = db.one(conn, GIVE_UP, tenant_id=tenant_id, handover_id=handover_id, now=now)
    return handover(row) if row else None
