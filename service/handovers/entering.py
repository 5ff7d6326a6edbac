"""What people say of hand-overs: enter one, each parcel in one only; let one be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service import db
from service.handovers.rows import COLUMNS, Handover, handover
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
