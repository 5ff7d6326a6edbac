"""Write down what a carrier made: numbers and labels, of a whole call at once, as places of the feed are waited for.

It is written down whoever asked, also when the claim ran out meanwhile: it is paid for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service import db
from service.bookings import making
from service.bookings.rows import COLUMNS, Booking, Box, booking
from service.kit import canon
from service.lanes import TenantId


@dataclass(frozen=True)
class Sheet:
    """A label; `covers`: the numbers in the order of its pages."""

    format: str
    content: bytes = field(repr=False)
    covers: Sequence[str]


@dataclass(frozen=True)
class Numbered:
    """What a carrier made of a booking; `due_at`: when its label is fetched, unless it is kept by then."""

    booking: Booking
    boxes: Sequence[Box]
    notes: Sequence[str]
    due_at: datetime


# What rows have, and what is told of them too.
QUALIFIED = (
    COLUMNS.replace(" position,", " bookings.position,")
    .replace(" due_at,", " bookings.due_at,")
    .replace(" claim,", " bookings.claim,")
    .replace(" notes,", " bookings.notes,")
)

BOOKED = f"""
    UPDATE bookings
    SET booked_at = %(now)s,
        job = NULL,
        claim = NULL,
        parked = NULL,
        why = NULL,
        faults = '[]',
        notes = ARRAY (SELECT jsonb_array_elements_text(made.notes::jsonb)),
        looks = 0,
        tries = 0,
        due_at = CASE WHEN cancel_asked_at IS NULL THEN made.due_at ELSE %(now)s END,
        position = made.position,
        changed_at = %(now)s
    FROM unnest(
        %(booking_ids)b::text[], %(contract_ids)b::text[], %(notes)b::text[], %(due)b::timestamptz[],
        %(positions)b::bigint[]
    ) AS made (id, contract, notes, due_at, position)
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = made.id
      AND contract_id = made.contract
      AND booked_at IS NULL
      AND cancelled_at IS NULL
    RETURNING {QUALIFIED}
"""  # noqa: S608  # a constant

NUMBERED = """
    INSERT INTO booked_parcels (tenant_id, booking_id, place, carrier, number, barcode, tracking_url, handle)
    SELECT %(tenant_id)s, booking_id, place, carrier, number, barcode, tracking_url, handle::jsonb
    FROM unnest(
        %(booking_ids)b::text[], %(places)b::smallint[], %(carriers)b::text[], %(numbers)b::text[],
        %(barcodes)b::text[], %(urls)b::text[], %(handles)b::text[]
    ) AS boxes (booking_id, place, carrier, number, barcode, tracking_url, handle)
"""


def booked(conn: db.Conn, tenant_id: TenantId, made: Sequence[Numbered], *, now: datetime) -> dict[str, Booking]:
    """Note the numbers of bookings and return them by id; a cancellation that was asked for is due now.

    One that had its numbers before, is over, or goes with another carrier by now is not among them.
    """
    rows = db.rows(
        conn,
        BOOKED,
        tenant_id=tenant_id,
        booking_ids=[each.booking.booking_id for each in made],
        contract_ids=[each.booking.contract_id for each in made],
        notes=[canon.stored(list(each.notes)) for each in made],
        due=[each.due_at for each in made],
        positions=making.places(conn, tenant_id, len(made)),
        now=now,
    )
    known = {row["booking_id"]: booking(row) for row in rows}
    boxes = [(each.booking.booking_id, box) for each in made if each.booking.booking_id in known for box in each.boxes]
    db.run(
        conn,
        NUMBERED,
        tenant_id=tenant_id,
        booking_ids=[booking_id for booking_id, _ in boxes],
        places=[box.place for _, box in boxes],
        carriers=[box.carrier for _, box in boxes],
        numbers=[box.number for _, box in boxes],
        barcodes=[box.barcode for _, box in boxes],
        urls=[box.tracking_url for _, box in boxes],
        handles=[canon.stored(box.handle) for _, box in boxes],
    )
    return known


KEEP = """
    INSERT INTO labels (tenant_id, booking_id, format, content, covers, made_at)
    VALUES (%(tenant_id)s, %(booking_id)s, %(format)s, %(content)s, %(covers)s, %(now)s)
    ON CONFLICT (tenant_id, booking_id, format) DO UPDATE SET
        content = excluded.content,
        covers = excluded.covers,
        made_at = excluded.made_at
"""

UNLABELLED = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
      AND booked_at IS NOT NULL
      AND label_at IS NULL
      AND cancelled_at IS NULL
    ORDER BY booking_id
"""  # noqa: S608  # a constant


def unlabelled(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str]) -> dict[str, Booking]:
    """Return those of these bookings that wait for their label, by id."""
    rows = db.rows(conn, UNLABELLED, tenant_id=tenant_id, booking_ids=list(booking_ids))
    return {row["booking_id"]: booking(row) for row in rows}


LABELLED = """
    UPDATE bookings
    SET label_at = %(now)s,
        claim = NULL,
        content = NULL,
        why = NULL,
        faults = '[]',
        parked = CASE WHEN cancel_asked_at IS NOT NULL THEN parked END,
        tries = 0,
        due_at = CASE WHEN cancel_asked_at IS NOT NULL THEN %(now)s::timestamptz END,
        since = CASE WHEN cancel_asked_at IS NOT NULL THEN since END,
        position = moved.position,
        changed_at = %(now)s
    FROM unnest(%(booking_ids)b::text[], %(positions)b::bigint[]) AS moved (id, position)
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = moved.id
      AND booked_at IS NOT NULL
      AND label_at IS NULL
      AND cancelled_at IS NULL
"""


def labelled(conn: db.Conn, tenant_id: TenantId, sheets: Mapping[str, Sheet], *, now: datetime) -> None:
    """Keep the labels of bookings that wait for them: they are ready."""
    ids = sorted(sheets)
    positions = making.places(conn, tenant_id, len(ids))
    db.run(conn, LABELLED, tenant_id=tenant_id, booking_ids=ids, positions=positions, now=now)
    for booking_id in ids:
        keep(conn, tenant_id, booking_id, sheets[booking_id], now=now)


def keep(conn: db.Conn, tenant_id: TenantId, booking_id: str, sheet: Sheet, *, now: datetime) -> None:
    """Keep a label of another format beside the one there is."""
    db.run(
        conn,
        KEEP,
        tenant_id=tenant_id,
        booking_id=booking_id,
        format=sheet.format,
        content=sheet.content,
        covers=list(sheet.covers),
        now=now,
    )


PENDING = """
    UPDATE bookings
    SET job = taken.job::jsonb, due_at = taken.until, claim = NULL, position = taken.position, changed_at = %(now)s
    FROM unnest(
        %(booking_ids)b::text[], %(claims)b::text[], %(jobs)b::text[], %(until)b::timestamptz[], %(positions)b::bigint[]
    ) AS taken (id, claim, job, until, position)
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = taken.id
      AND bookings.claim = taken.claim
"""


def pending(
    conn: db.Conn,
    tenant_id: TenantId,
    taken: Sequence[tuple[Booking, Mapping[str, Any], datetime]],
    *,
    now: datetime,
) -> None:
    """Note what the carrier is at, by which job, and when to ask it."""
    db.run(
        conn,
        PENDING,
        tenant_id=tenant_id,
        booking_ids=[each.booking_id for each, _, _ in taken],
        claims=[each.claim for each, _, _ in taken],
        jobs=[canon.stored(job) for _, job, _ in taken],
        until=[until for _, _, until in taken],
        positions=making.places(conn, tenant_id, len(taken)),
        now=now,
    )
