"""Hang bookings under the login that stands in for one that is gone: it may be another account's."""

from collections.abc import Mapping
from datetime import datetime

from service import db
from service.bookings import making
from service.bookings.rows import COLUMNS, Booking, booking
from service.lanes import TenantId

# What is in doubt stays: under another account nothing is found, and it would be made a second time. So does what has
# a number of the row that went with the login.
REHANG = """
    WITH going AS (
        SELECT booking_id
        FROM bookings
        WHERE tenant_id = %(tenant_id)s
          AND contract_id = %(contract_id)s
          AND due_at <= %(now)s
          AND parked IS NULL
          AND (booked_at IS NOT NULL OR (asked_at IS NULL AND content #>> '{options,serial}' IS NULL))
        ORDER BY booking_id
        FOR UPDATE SKIP LOCKED
    )
    UPDATE bookings
    SET contract_id = instead.id,
        made_under = CASE WHEN booked_at IS NOT NULL THEN nullif(coalesce(made_under, contract_id), instead.id) END
    FROM unnest(%(carriers)b::text[], %(to)b::text[]) AS instead (carrier, id)
    WHERE bookings.tenant_id = %(tenant_id)s
      AND bookings.booking_id IN (SELECT booking_id FROM going)
      AND bookings.carrier = instead.carrier
"""


def rehang(conn: db.Conn, tenant_id: TenantId, contract_id: str, *, to: Mapping[str, str], now: datetime) -> int:
    """Hang what is due under a login that is gone under another of its carrier's, but what is in doubt.

    `to`: logins by carrier. Return how many went.
    """
    params = {"contract_id": contract_id, "carriers": [*to], "to": [*to.values()], "now": now}
    return db.run(conn, REHANG, tenant_id=tenant_id, **params)


RESUME = f"""
    UPDATE bookings
    SET parked = NULL, why = NULL, faults = '[]', looks = 0, tries = 0, due_at = %(now)s, since = %(now)s,
        contract_id = %(contract_id)s,
        made_under = nullif(coalesce(made_under, contract_id), %(contract_id)s),
        position = %(position)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND booked_at IS NOT NULL
      AND (label_at IS NULL OR cancel_asked_at IS NOT NULL)
      AND cancelled_at IS NULL
      AND parked IN ('failing', 'no_contract')
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def resume(conn: db.Conn, tenant_id: TenantId, booking_id: str, contract_id: str, *, now: datetime) -> Booking | None:
    """Ask once more about what the carrier has and we failed at, under this login; None: it does not stand so."""
    [position] = making.places(conn, tenant_id, 1)
    params = {"booking_id": booking_id, "contract_id": contract_id, "position": position, "now": now}
    row = db.one(conn, RESUME, tenant_id=tenant_id, **params)
    return booking(row) if row else None
