"""Look followed boxes up: by order, by booking, by number, and what came back uncollected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service import db
from service.lanes import TenantId
from service.tracking.rows import COLUMNS, Followed, followed

OF_ORDERS = f"""
    SELECT {COLUMNS}
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
      AND state <> 'cancelled'
      AND NOT is_back
    ORDER BY booking_id, place
"""  # noqa: S608  # a constant


def of_orders(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, list[Followed]]:
    """Return the boxes orders left in that were not taken back, by order; one without any is left out."""
    found: dict[str, list[Followed]] = {}
    for row in db.rows(conn, OF_ORDERS, tenant_id=tenant_id, numbers=list(numbers)):
        found.setdefault(row["order_number"], []).append(followed(row))
    return found


OF_SHIPMENTS = f"""
    SELECT {COLUMNS}
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = ANY (%(shipment_ids)s)
      AND state <> 'cancelled'
      AND NOT is_back
    ORDER BY booking_id, place
"""  # noqa: S608  # a constant


def of_shipments(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> list[Followed]:
    """Return the boxes booked for these shipments that were not taken back."""
    found = db.rows(conn, OF_SHIPMENTS, tenant_id=tenant_id, shipment_ids=list(shipment_ids))
    return [followed(row) for row in found]


OF_BOOKINGS = f"""
    SELECT {COLUMNS}
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
    ORDER BY booking_id, place
"""  # noqa: S608  # a constant


def of_bookings(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str]) -> dict[str, list[Followed]]:
    """Return the boxes of bookings, or of returns; [] of what is not followed."""
    found: dict[str, list[Followed]] = {booking_id: [] for booking_id in booking_ids}
    for row in db.rows(conn, OF_BOOKINGS, tenant_id=tenant_id, booking_ids=list(booking_ids)):
        found[row["booking_id"]].append(followed(row))
    return found


# A poll and a message may tell of one box at once. Offers are held before boxes, everywhere.
HELD = f"""
    SELECT {COLUMNS}
    FROM tracked
    JOIN unnest(%(booking_ids)b::text[], %(places)b::smallint[]) AS chosen (booking_id, place)
      ON tracked.booking_id = chosen.booking_id AND tracked.place = chosen.place
    WHERE tracked.tenant_id = %(tenant_id)s
    ORDER BY tracked.booking_id, tracked.place
    FOR UPDATE OF tracked
"""  # noqa: S608  # a constant


def held(conn: db.Conn, tenant_id: TenantId, keys: Sequence[tuple[str, int]]) -> list[Followed]:
    """Return these boxes, held until the transaction ends."""
    booking_ids, places = [key[0] for key in keys], [key[1] for key in keys]
    found = db.rows(conn, HELD, tenant_id=tenant_id, booking_ids=booking_ids, places=places)
    return [followed(row) for row in found]


NUMBERED = f"""
    SELECT {COLUMNS}
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND number = %(number)s
    ORDER BY first_at DESC
    LIMIT 1
"""  # noqa: S608  # a constant


def numbered(conn: db.Conn, tenant_id: TenantId, contract_id: str, number: str) -> Followed | None:
    """Return the box a carrier knows by this number; the latest, where it was given anew."""
    row = db.one(conn, NUMBERED, tenant_id=tenant_id, contract_id=contract_id, number=number)
    return followed(row) if row else None


NAMED = f"""
    SELECT {COLUMNS}
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND (order_number = %(number)s OR number = %(number)s)
    ORDER BY first_at, booking_id, place
"""  # noqa: S608  # a constant


def named(conn: db.Conn, tenant_id: TenantId, number: str) -> list[Followed]:
    """Return the boxes an order left in, or of a parcel's own number: returns and what was taken back as well."""
    return [followed(row) for row in db.rows(conn, NAMED, tenant_id=tenant_id, number=number)]


WHOSE = """
    SELECT tenant_id
    FROM tracked
    WHERE contract_id = %(contract_id)s
      AND number = %(number)s
    ORDER BY first_at DESC
    LIMIT 1
"""


def whose(conn: db.Conn, contract_id: str, number: str) -> TenantId | None:
    """Return whose box a number is, over every tenant: several shops share a contract. None: nobody's."""
    row = db.one(conn, WHOSE, contract_id=contract_id, number=number)
    return row["tenant_id"] if row else None


LET_BE = """
    SELECT count(*) AS boxes
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND stopped_at >= %(since)s
      AND stopped_at < %(until)s
      AND NOT is_back
"""


def let_be(conn: db.Conn, tenant_id: TenantId, *, since: datetime, until: datetime) -> int:
    """Count the boxes that were given up in a time without ever having arrived; a return may never be sent."""
    row = db.one(conn, LET_BE, tenant_id=tenant_id, since=since, until=until)
    return row["boxes"] if row else 0


@dataclass(frozen=True)
class Uncollected:
    """COD parcels nobody fetched in a month, by carrier, and what was to be collected for them."""

    month: date
    carrier: str
    count: int
    amount_minor: int
    currency: str


UNCOLLECTED = """
    SELECT date_trunc('month', back.since AT TIME ZONE 'Europe/Prague')::date AS month, cod_payments.carrier,
        count(*) AS count, sum(cod_payments.amount_minor)::bigint AS amount_minor, cod_payments.currency
    FROM (
        SELECT booking_id, min(coalesce(
            (
                SELECT min(seen_at)
                FROM scans
                WHERE scans.tenant_id = tracked.tenant_id
                  AND scans.booking_id = tracked.booking_id
                  AND scans.place = tracked.place
                  AND scans.state IN ('returning', 'returned')
            ),
            state_since
        )) AS since
        FROM tracked
        WHERE tenant_id = %(tenant_id)s
          AND state IN ('returning', 'returned')
          AND reason = 'not_collected'
          AND state_since >= %(since)s
        GROUP BY booking_id
    ) AS back
    JOIN cod_payments ON cod_payments.tenant_id = %(tenant_id)s AND cod_payments.booking_id = back.booking_id
      AND cod_payments.paid_on IS NULL
      AND cod_payments.amount_minor > 0
    GROUP BY 1, 2, 5
    ORDER BY 1 DESC, 2, 5
"""


def uncollected(conn: db.Conn, tenant_id: TenantId, *, since: datetime) -> list[Uncollected]:
    """Return the uncollected COD parcels of each month in which their way back began, the latest first."""
    return [Uncollected(**row) for row in db.rows(conn, UNCOLLECTED, tenant_id=tenant_id, since=since)]
