"""How a shop's bookings stand, for people: what needs one of them, what is under way, what may still be printed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service import db
from service.bookings.rows import COLUMNS, Booking, Parked, booking
from service.lanes import TenantId

PARKED = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NOT NULL
      AND cancelled_at IS NULL
    ORDER BY changed_at, booking_id
    LIMIT %(most)s
    OFFSET %(skip)s
"""  # noqa: S608  # a constant


def parked(conn: db.Conn, tenant_id: TenantId, *, most: int, skip: int = 0) -> list[Booking]:
    """Return what a person must decide, the longest waiting first."""
    return [booking(row) for row in db.rows(conn, PARKED, tenant_id=tenant_id, most=most, skip=skip)]


PARKED_OF = """
    SELECT order_number, parked
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND booking_id <> ALL (%(but)s)
      AND parked IS NOT NULL
      AND cancelled_at IS NULL
"""


def parked_of(
    conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, but: Sequence[str]
) -> Mapping[str, set[Parked]]:
    """Return why bookings of these orders wait for a person, by order; `but` are bookings that are left out."""
    found: dict[str, set[Parked]] = defaultdict(set)
    for row in db.rows(conn, PARKED_OF, tenant_id=tenant_id, numbers=list(numbers), but=list(but)):
        found[row["order_number"]].add(Parked(row["parked"]))
    return found


UNDER_WAY = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NULL
      AND cancelled_at IS NULL
      AND due_at IS NOT NULL
    ORDER BY since, booking_id
    LIMIT %(most)s
    OFFSET %(skip)s
"""  # noqa: S608  # a constant


def under_way(conn: db.Conn, tenant_id: TenantId, *, most: int, skip: int = 0) -> list[Booking]:
    """Return what carriers are still to be asked about, the longest waiting first."""
    return [booking(row) for row in db.rows(conn, UNDER_WAY, tenant_id=tenant_id, most=most, skip=skip)]


PRINTABLE = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND label_at IS NOT NULL
      AND handed_at IS NULL
      AND cancel_asked_at IS NULL
      AND cancelled_at IS NULL
      AND parked IS NULL
    ORDER BY created_at DESC, order_number COLLATE "C", booking_id
    LIMIT %(most)s
    OFFSET %(skip)s
"""  # noqa: S608  # a constant


def printable(conn: db.Conn, tenant_id: TenantId, *, most: int, skip: int = 0) -> list[Booking]:
    """Return what has its label and is not handed over yet: what was booked last first, together as it is picked."""
    return [booking(row) for row in db.rows(conn, PRINTABLE, tenant_id=tenant_id, most=most, skip=skip)]


UNBOOKED = """
    SELECT contract_id, count(*) AS bookings
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NULL
      AND cancelled_at IS NULL
      AND label_at IS NULL
      AND handed_at IS NULL
    GROUP BY contract_id
"""


def unbooked(conn: db.Conn, tenant_id: TenantId) -> Mapping[str, int]:
    """Return how many labels wait under each login."""
    return {row["contract_id"]: row["bookings"] for row in db.rows(conn, UNBOOKED, tenant_id=tenant_id)}


NUMBERED = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id IN (
          SELECT booked_parcels.booking_id
          FROM booked_parcels
          WHERE booked_parcels.tenant_id = %(tenant_id)s
            AND booked_parcels.number = %(code)s
          UNION ALL
          SELECT booked_parcels.booking_id
          FROM booked_parcels
          JOIN bookings AS unhanded ON unhanded.tenant_id = booked_parcels.tenant_id
            AND unhanded.booking_id = booked_parcels.booking_id
          WHERE unhanded.tenant_id = %(tenant_id)s
            AND unhanded.label_at IS NOT NULL
            AND unhanded.handed_at IS NULL
            AND unhanded.cancelled_at IS NULL
            AND unhanded.cancel_asked_at IS NULL
            AND upper(replace(booked_parcels.barcode, ' ', '')) = %(code)s
      )
    ORDER BY created_at, booking_id
"""  # noqa: S608  # a constant


def numbered(conn: db.Conn, tenant_id: TenantId, code: str) -> list[Booking]:
    """Return the bookings that have a box of this number, whichever carrier gave it, or labels with this bar code.

    Bar codes are compared of what is ready and not handed over alone: few, and what somebody may hold in his hands.
    """
    return [booking(row) for row in db.rows(conn, NUMBERED, tenant_id=tenant_id, code=code)]


# What its last line lets out is in none of the lists; with it the index serves of what is open.
COUNTS = """
    SELECT count(*) FILTER (WHERE parked IS NOT NULL) AS parked,
        count(*) FILTER (WHERE parked IS NULL AND due_at IS NOT NULL) AS under_way,
        count(*) FILTER (
            WHERE parked IS NULL AND label_at IS NOT NULL AND handed_at IS NULL AND cancel_asked_at IS NULL
        ) AS ready
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND cancelled_at IS NULL
      AND (handed_at IS NULL OR parked IS NOT NULL OR due_at IS NOT NULL)
"""


@dataclass(frozen=True)
class Counts:
    """How many bookings each list for people has."""

    parked: int = 0
    under_way: int = 0
    ready: int = 0


def counts(conn: db.Conn, tenant_id: TenantId) -> Counts:
    """Return how many bookings `parked`, `under_way` and `printable` have."""
    row = db.one(conn, COUNTS, tenant_id=tenant_id)
    return Counts(**row) if row else Counts()


UNSETTLED = """
    SELECT count(*) AS bookings
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = ANY (%(shipment_ids)s)
      AND parked IS NULL
      AND cancelled_at IS NULL
      AND due_at IS NOT NULL
"""


def unsettled(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> int:
    """Return how many of these shipments' bookings carriers are still to be asked about."""
    row = db.one(conn, UNSETTLED, tenant_id=tenant_id, shipment_ids=list(shipment_ids))
    return row["bookings"] if row else 0
