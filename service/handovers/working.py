"""Work hand-overs off: claim one, mark that it is asked about, and write down what came of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from service import db
from service.handovers.rows import COLUMNS, Handover, Parked, handover
from service.kit import canon, ids
from service.lanes import TenantId

DUE_TENANTS = """
    SELECT DISTINCT handovers.tenant_id
    FROM handovers
    JOIN tenants ON tenants.tenant_id = handovers.tenant_id AND tenants.state <> 'dismissed'
    WHERE handovers.due_at <= %(now)s
       OR handovers.car_ask_at <= %(now)s
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants with something to hand over, or a car to ask about, now, over every tenant."""
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
    return handover(row) if row else None


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


# Whoever asked may come late, after a person was called: the answer is as true as before.
CLOSED = """
    UPDATE handovers
    SET handed_at = %(now)s,
        manifest = %(manifest)s,
        document = %(document)s,
        asked_at = NULL,
        claim = NULL,
        due_at = CASE WHEN collection IS NOT NULL AND car_cancelled_at IS NULL THEN %(now)s::timestamptz END,
        since = CASE WHEN collection IS NOT NULL AND car_cancelled_at IS NULL THEN since END,
        parked = NULL,
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


def _claimed(tenant_id: TenantId, each: Handover) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "handover_id": each.handover_id, "claim": each.claim}
