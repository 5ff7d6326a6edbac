"""Look bookings up: by id, by shipment, by number, in the order of their feed, and their labels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.bookings.numbering import Sheet
from service.bookings.rows import COLUMNS, Booking, Box, booking
from service.lanes import TenantId

ONE = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
"""  # noqa: S608  # a constant


def one(conn: db.Conn, tenant_id: TenantId, booking_id: str) -> Booking | None:
    """Return a booking, however it stands."""
    row = db.one(conn, ONE, tenant_id=tenant_id, booking_id=booking_id)
    return booking(row) if row else None


UNASKED = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND service = ANY (%(services)s)
      AND asked_at IS NULL
      AND parked IS NULL
      AND due_at <= %(now)s
      AND (%(after_due_at)s::timestamptz IS NULL
        OR (due_at, booking_id) > (%(after_due_at)s::timestamptz, %(after_id)s::text))
    ORDER BY due_at, booking_id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # a constant


def unasked(  # whose, under which login, for which services, and which of them
    conn: db.Conn,
    tenant_id: TenantId,
    contract_id: str,
    *,
    services: Sequence[str],
    after: Booking | None,
    most: int,
    now: datetime,
) -> list[Booking]:
    """Return what is due under a login for these services and was never asked for, and hold it; `after` this one."""
    params = {"contract_id": contract_id, "services": list(services), "most": most, "now": now}
    place = {"after_due_at": after and after.due_at, "after_id": after and after.booking_id}
    return [booking(row) for row in db.rows(conn, UNASKED, tenant_id=tenant_id, **place, **params)]


# The newest of each: what was cancelled makes way for what was booked instead.
OF_SHIPMENTS = f"""
    SELECT DISTINCT ON (shipment_id) {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = ANY (%(shipment_ids)s)
    ORDER BY shipment_id, cancelled_at IS NOT NULL, created_at DESC
"""  # noqa: S608  # a constant


def of_shipments(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> dict[str, Booking]:
    """Return the booking that counts for each of these shipments, as far as one was made."""
    found = db.rows(conn, OF_SHIPMENTS, tenant_id=tenant_id, shipment_ids=list(shipment_ids))
    return {row["shipment_id"]: booking(row) for row in found}


OF_ORDERS = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY (%(numbers)s)
    ORDER BY created_at, booking_id
"""  # noqa: S608  # a constant


def of_orders(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> list[Booking]:
    """Return every booking of these orders, oldest first."""
    return [booking(row) for row in db.rows(conn, OF_ORDERS, tenant_id=tenant_id, numbers=list(numbers))]


AFTER = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND position > %(position)s
    ORDER BY position
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def after(conn: db.Conn, tenant_id: TenantId, position: int, *, most: int) -> list[Booking]:
    """Return what changed after a place of the feed, in the order in which it was committed."""
    return [
        booking(row) for row in db.rows(conn, AFTER, tenant_id=tenant_id, position=position, most=most)
    ]  # fmt: skip


HEADS = """
    SELECT tenant_id, position
    FROM booking_positions
    WHERE tenant_id = ANY (%(tenant_ids)s)
"""


def heads(conn: db.Conn, tenant_ids: Collection[TenantId]) -> dict[TenantId, int]:
    """Return the last place of each shop's feed; a shop that never booked anything is not in it."""
    found = db.rows(conn, HEADS, tenant_ids=list(tenant_ids))
    return {row["tenant_id"]: row["position"] for row in found if row["position"]}


NEWEST = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
    ORDER BY position DESC
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def newest(conn: db.Conn, tenant_id: TenantId, *, most: int) -> list[Booking]:
    """Return what changed last, the newest first."""
    return [booking(row) for row in db.rows(conn, NEWEST, tenant_id=tenant_id, most=most)]


BOXES = """
    SELECT booking_id, place, carrier, number, barcode, tracking_url, handle
    FROM booked_parcels
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
    ORDER BY booking_id, place
"""


def boxes(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str]) -> dict[str, list[Box]]:
    """Return the numbered boxes of bookings, in their order; [] of what has no number yet."""
    found: dict[str, list[Box]] = {booking_id: [] for booking_id in booking_ids}
    for row in db.rows(conn, BOXES, tenant_id=tenant_id, booking_ids=list(booking_ids)):
        found[row.pop("booking_id")].append(Box(**row))
    return found


HOLDERS = """
    SELECT booking_id, number
    FROM booked_parcels
    WHERE tenant_id = %(tenant_id)s
      AND number = ANY (%(numbers)s)
      AND carrier = %(carrier)s
"""


def holders(conn: db.Conn, tenant_id: TenantId, carrier: str, numbers: Sequence[str]) -> dict[str, str]:
    """Return which bookings have these numbers: a carrier that gives one twice is not believed."""
    found = db.rows(conn, HOLDERS, tenant_id=tenant_id, carrier=carrier, numbers=list(numbers))
    return {row["number"]: row["booking_id"] for row in found}


PRINTED = """
    SELECT booking_id
    FROM labels
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
      AND format = %(format)s
"""


def on_paper(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str], *, format: str) -> set[str]:  # noqa: A002  # the field's word
    """Return of which bookings there is a label in this format, without reading one."""
    found = db.rows(conn, PRINTED, tenant_id=tenant_id, booking_ids=list(booking_ids), format=format)
    return {row["booking_id"] for row in found}


SHEETS = """
    SELECT booking_id, format, content, covers
    FROM labels
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
      AND format = %(format)s
"""


def sheets(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str], *, format: str) -> dict[str, Sheet]:  # noqa: A002  # the field's word
    """Return the labels of bookings that there are in this format."""
    found = db.binary(conn, SHEETS, tenant_id=tenant_id, booking_ids=list(booking_ids), format=format)
    return {row["booking_id"]: Sheet(row["format"], row["content"], row["covers"]) for row in found}


IS_UNHANDED = """
    label_at IS NOT NULL
      AND handed_at IS NULL
      AND cancelled_at IS NULL
      AND cancel_asked_at IS NULL
"""

UNHANDED = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND carrier = %(carrier)s
      AND {IS_UNHANDED}
      AND label_at >= %(since)s
      AND (%(after_label_at)s::timestamptz IS NULL
        OR (label_at, booking_id) > (%(after_label_at)s::timestamptz, %(after_id)s::text))
    ORDER BY label_at, booking_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def unhanded(  # whose, which, and how many
    conn: db.Conn, tenant_id: TenantId, carrier: str, *, since: datetime, after: Booking | None, most: int
) -> list[Booking]:
    """Return what has its label of a carrier and is not handed over yet, the oldest labels first; `after` this one."""
    place = {"after_label_at": after and after.label_at, "after_id": after and after.booking_id}
    found = db.rows(conn, UNHANDED, tenant_id=tenant_id, carrier=carrier, since=since, most=most, **place)
    return [booking(row) for row in found]


UNHANDED_UNDER = f"""
    SELECT DISTINCT carrier, coalesce(made_under, contract_id) AS contract_id
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND {IS_UNHANDED}
      AND label_at >= %(since)s
"""  # noqa: S608  # a constant


def unhanded_under(conn: db.Conn, tenant_id: TenantId, *, since: datetime) -> set[tuple[str, str]]:
    """Return the carriers of what has its label and is not handed over yet, each with the logins it was made under."""
    found = db.rows(conn, UNHANDED_UNDER, tenant_id=tenant_id, since=since)
    return {(row["carrier"], row["contract_id"]) for row in found}


@dataclass(frozen=True)
class Unhanded:
    """A label that is not handed over; `contract_id`: the login its number is of."""

    booking_id: str
    shipment_id: str
    order_number: str
    carrier: str
    contract_id: str
    label_at: datetime


UNHANDED_LABELS = f"""
    SELECT booking_id, shipment_id, order_number, carrier, coalesce(made_under, contract_id) AS contract_id, label_at
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND carrier = %(carrier)s
      AND coalesce(made_under, contract_id) = ANY (%(contract_ids)s)
      AND {IS_UNHANDED}
      AND label_at BETWEEN %(since)s AND %(until)s
    ORDER BY label_at, booking_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def unhanded_labels(  # whose, which, of which time, and how many
    conn: db.Conn,
    tenant_id: TenantId,
    carrier: str,
    contract_ids: Sequence[str],
    *,
    since: datetime,
    until: datetime,
    most: int,
) -> list[Unhanded]:
    """Return the labels of a carrier made under these logins that are not handed over yet, the oldest first."""
    params = {"carrier": carrier, "contract_ids": list(contract_ids), "since": since, "until": until, "most": most}
    return [Unhanded(**row) for row in db.rows(conn, UNHANDED_LABELS, tenant_id=tenant_id, **params)]
