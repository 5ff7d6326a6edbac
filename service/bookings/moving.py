"""Bring bookings to the end of their feed of which something is new that other stores know."""

from collections.abc import Sequence
from datetime import datetime

from service import db
from service.bookings import making
from service.lanes import TenantId

HELD = """
    SELECT booking_id
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
    ORDER BY booking_id
    FOR UPDATE
"""

MOVED = """
    UPDATE bookings
    SET position = moved.position, changed_at = %(now)s
    FROM unnest(%(booking_ids)b::text[], %(positions)b::bigint[]) AS moved (booking_id, position)
    WHERE bookings.tenant_id = %(tenant_id)s
      AND bookings.booking_id = moved.booking_id
"""


def moved(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str], *, now: datetime) -> None:
    """Show bookings anew to whoever follows the feed: their parcels are somewhere else."""
    if not booking_ids:
        return
    positions = making.places(conn, tenant_id, len(booking_ids))
    there = [row["booking_id"] for row in db.rows(conn, HELD, tenant_id=tenant_id, booking_ids=list(booking_ids))]
    db.run(conn, MOVED, tenant_id=tenant_id, booking_ids=there, positions=positions[: len(there)], now=now)
