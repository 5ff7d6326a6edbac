"""Look hand-overs up: by id, the newest, those for a person, what waits, and the carrier's paper."""

from collections.abc import Sequence
from datetime import datetime

from service import db
from service.handovers.rows import COLUMNS, Handover, handover
from service.lanes import TenantId

ONE = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""  # noqa: S608  # a constant


def one(conn: db.Conn, tenant_id: TenantId, handover_id: str) -> Handover | None:
    """Return a hand-over."""
    row = db.one(conn, ONE, tenant_id=tenant_id, handover_id=handover_id)
    return handover(row) if row else None


NEWEST = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
    ORDER BY created_at DESC, handover_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def newest(conn: db.Conn, tenant_id: TenantId, *, most: int) -> list[Handover]:
    """Return the newest first."""
    return [handover(row) for row in db.rows(conn, NEWEST, tenant_id=tenant_id, most=most)]


# A parcel that somebody named again is the other one's.
LEFT_TO_A_PERSON = f"""
    SELECT {COLUMNS.replace("booking_ids, shipment_ids", "theirs.booking_ids, theirs.shipment_ids")}
    FROM handovers
    CROSS JOIN LATERAL (
        SELECT array_agg(each.booking_id ORDER BY each.place) AS booking_ids,
            array_agg(each.shipment_id ORDER BY each.place) AS shipment_ids
        FROM unnest(handovers.booking_ids, handovers.shipment_ids) WITH ORDINALITY
            AS each (booking_id, shipment_id, place)
        WHERE NOT EXISTS (
            SELECT
            FROM handed_bookings
            WHERE handed_bookings.tenant_id = handovers.tenant_id
              AND handed_bookings.booking_id = each.booking_id
              AND handed_bookings.handover_id <> handovers.handover_id
        )
    ) AS theirs
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NOT NULL
      AND parked <> 'nothing'
      AND cancelled_at IS NULL
      AND theirs.booking_ids IS NOT NULL
    ORDER BY changed_at, handover_id
"""  # noqa: S608  # a constant


def left_to_a_person(conn: db.Conn, tenant_id: TenantId) -> list[Handover]:
    """Return those somebody must look at, the oldest first, each with the parcels that no other one has by now."""
    return [handover(row) for row in db.rows(conn, LEFT_TO_A_PERSON, tenant_id=tenant_id)]


HELD = """
    SELECT booking_id, handover_id
    FROM handed_bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
"""


def held(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str]) -> dict[str, str]:
    """Return the hand-over each of these parcels is in; nothing of one that is in none."""
    found = db.rows(conn, HELD, tenant_id=tenant_id, booking_ids=list(booking_ids))
    return {row["booking_id"]: row["handover_id"] for row in found}


# What was parked holds its parcels no more, or may: only few are, so that their lists are read.
STOPPED_AT = """
    SELECT parcels.booking_id
    FROM handovers
    CROSS JOIN unnest(handovers.booking_ids) AS parcels (booking_id)
    WHERE handovers.tenant_id = %(tenant_id)s
      AND handovers.parked IS NOT NULL
      AND handovers.created_at >= %(since)s
      AND parcels.booking_id = ANY (%(booking_ids)s)
"""


def seen_to(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str], *, since: datetime) -> set[str]:
    """Return which of these parcels are in a hand-over, or were in one since then that is or was left to a person."""
    stopped = db.rows(conn, STOPPED_AT, tenant_id=tenant_id, booking_ids=list(booking_ids), since=since)
    return {*held(conn, tenant_id, booking_ids), *(row["booking_id"] for row in stopped)}


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


WAITS = """
    SELECT EXISTS (
        SELECT
        FROM handovers
        WHERE tenant_id = %(tenant_id)s
          AND contract_id = ANY (%(contract_ids)s)
          AND due_at IS NOT NULL
    ) AS waits
"""


def waits(conn: db.Conn, tenant_id: TenantId, contract_ids: Sequence[str]) -> bool:
    """Say whether a hand-over of the shop's is to be asked about under one of these logins, now or later."""
    return db.rows(conn, WAITS, tenant_id=tenant_id, contract_ids=list(contract_ids))[0]["waits"]
