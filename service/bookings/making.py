"""Enter bookings, take them back, let a person's word decide, and forget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service import db
from service.bookings.rows import COLUMNS, Booking, booking
from service.kit import canon, ids
from service.lanes import TenantId

# Told at the commit: whoever hears it finds the rows.
MOVE = """
    WITH moved AS (
        INSERT INTO booking_positions (tenant_id, position)
        VALUES (%(tenant_id)s, %(count)s)
        ON CONFLICT (tenant_id) DO UPDATE SET position = booking_positions.position + excluded.position
        RETURNING position
    )
    SELECT position, pg_notify('bookings', %(tenant_id)s)
    FROM moved
"""


def places(conn: db.Conn, tenant_id: TenantId, count: int) -> list[int]:
    """Return the next places of the feed; whoever else moves a booking of the shop waits, so they come in order."""
    last = db.rows(conn, MOVE, tenant_id=tenant_id, count=count)[0]["position"]
    return list(range(last - count + 1, last + 1))


HOLD = """
    SELECT position
    FROM booking_positions
    WHERE tenant_id = %(tenant_id)s
    FOR UPDATE
"""


def hold_feed(conn: db.Conn, tenant_id: TenantId) -> None:
    """Let whoever moves a booking of the shop wait: call it before a booking is held that may have to move."""
    db.run(conn, HOLD, tenant_id=tenant_id)


def fresh() -> str:
    """Return the id of a new booking."""
    return ids.fresh("b")


@dataclass(frozen=True)
class Draft:
    """A parcel to be booked under a login; `content` as it will be asked for."""

    booking_id: str
    shipment_id: str
    order_number: str
    contract_id: str
    carrier: str
    service: str
    boxes: int
    content: Mapping[str, Any] = field(repr=False)


ADD = """
    INSERT INTO bookings (tenant_id, booking_id, shipment_id, order_number, contract_id, carrier, service, boxes,
        content, position, due_at, since, created_at, changed_at)
    SELECT %(tenant_id)s, booking_id, shipment_id, order_number, contract_id, carrier, service, boxes,
        content::jsonb, position, %(now)s, %(now)s, %(now)s, %(now)s
    FROM unnest(
        %(booking_ids)b::text[], %(shipment_ids)b::text[], %(numbers)b::text[], %(contract_ids)b::text[],
        %(carriers)b::text[], %(services)b::text[], %(boxes)b::smallint[], %(contents)b::text[],
        %(positions)b::bigint[]
    ) AS drafts (booking_id, shipment_id, order_number, contract_id, carrier, service, boxes, content, position)
"""


def add(conn: db.Conn, tenant_id: TenantId, drafts: Sequence[Draft], *, now: datetime) -> None:
    """Enter what is to be booked; it is due at once."""
    if not drafts:
        return
    db.run(
        conn,
        ADD,
        tenant_id=tenant_id,
        now=now,
        booking_ids=[draft.booking_id for draft in drafts],
        shipment_ids=[draft.shipment_id for draft in drafts],
        numbers=[draft.order_number for draft in drafts],
        contract_ids=[draft.contract_id for draft in drafts],
        carriers=[draft.carrier for draft in drafts],
        services=[draft.service for draft in drafts],
        boxes=[draft.boxes for draft in drafts],
        contents=[canon.stored(draft.content) for draft in drafts],
        positions=places(conn, tenant_id, len(drafts)),
    )


# What was never asked for is over at once; what was made, or may have been, is for the carrier to take back. A number
# may come late, when a create is believed to have done nothing: then there is no `asked_at` beside it.
CANCEL = f"""
    UPDATE bookings
    SET cancel_asked_at = %(now)s,
        cancelled_at = CASE WHEN asked_at IS NULL AND booked_at IS NULL THEN %(now)s::timestamptz END,
        content = CASE WHEN NOT (asked_at IS NULL AND booked_at IS NULL) THEN content END,
        due_at = CASE
            WHEN asked_at IS NULL AND booked_at IS NULL THEN NULL
            WHEN booked_at IS NOT NULL THEN %(now)s
            ELSE due_at
        END,
        since = CASE WHEN NOT (asked_at IS NULL AND booked_at IS NULL) THEN coalesce(since, %(now)s) END,
        looks = CASE WHEN booked_at IS NULL THEN looks ELSE 0 END,
        tries = 0,
        rebook = false,
        parked = CASE WHEN parked = 'unclear' THEN parked END,
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND cancelled_at IS NULL
      AND (cancel_asked_at IS NULL OR rebook)
      AND handed_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def cancel(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> Booking | None:
    """Ask for a booking to be taken back; None: it was before, or the parcel is handed over."""
    [position] = places(conn, tenant_id, 1)
    row = db.one(conn, CANCEL, tenant_id=tenant_id, booking_id=booking_id, position=position, now=now)
    return booking(row) if row else None


AGAIN = f"""
    UPDATE bookings
    SET content = %(content)s::jsonb,
        contract_id = %(contract_id)s,
        carrier = %(carrier)s,
        service = %(service)s,
        boxes = %(boxes)s,
        due_at = %(now)s,
        since = CASE WHEN parked IS NULL THEN since ELSE %(now)s::timestamptz END,
        tries = 0,
        claim = NULL,
        creates = CASE WHEN asked_at IS NULL THEN 0 ELSE 1 END,
        asked_at = NULL,
        looks = 0,
        job = NULL,
        parked = NULL,
        why = NULL,
        faults = '[]',
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND booked_at IS NULL
      AND cancelled_at IS NULL
      AND (parked IS NOT NULL OR asked_at IS NULL)
      AND (cancel_asked_at IS NULL OR rebook)
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def again(conn: db.Conn, tenant_id: TenantId, draft: Draft, *, now: datetime) -> Booking | None:
    """Book anew what a person looked at, as it is now; None: it is not his to decide.

    What may have been made before keeps its reference: whoever lets it go again has seen that the carrier lacks it.
    """
    [position] = places(conn, tenant_id, 1)
    row = db.one(
        conn,
        AGAIN,
        tenant_id=tenant_id,
        booking_id=draft.booking_id,
        content=canon.stored(draft.content),
        contract_id=draft.contract_id,
        carrier=draft.carrier,
        service=draft.service,
        boxes=draft.boxes,
        position=position,
        now=now,
    )
    return booking(row) if row else None


GIVE_UP = """
    UPDATE bookings
    SET cancelled_at = %(now)s,
        cancel_asked_at = coalesce(cancel_asked_at, %(now)s),
        content = NULL,
        due_at = NULL,
        since = NULL,
        parked = NULL,
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND cancelled_at IS NULL
      AND parked IS NOT NULL
"""


def give_up(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> bool:
    """Let a parked booking be: a person saw to it elsewhere. False: it is not parked."""
    [position] = places(conn, tenant_id, 1)
    return db.run(conn, GIVE_UP, tenant_id=tenant_id, booking_id=booking_id, position=position, now=now) == 1


# What a carrier has is not taken back, so it is asked nothing.
UNUSED = f"""
    UPDATE bookings
    SET cancel_asked_at = coalesce(cancel_asked_at, %(now)s), parked = 'not_taken_back', why = %(why)s, claim = NULL,
        due_at = %(now)s, since = %(now)s, position = %(position)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND handed_at IS NOT NULL
      AND cancelled_at IS NULL
      AND parked IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def unused(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, why: str, now: datetime) -> Booking | None:
    """Leave to a person a parcel that is handed over and nothing leaves in; None: it does not stand so."""
    [position] = places(conn, tenant_id, 1)
    row = db.one(conn, UNUSED, tenant_id=tenant_id, booking_id=booking_id, why=why, position=position, now=now)
    return booking(row) if row else None


USED = f"""
    UPDATE bookings
    SET cancel_asked_at = NULL, parked = NULL, why = NULL, due_at = NULL, since = NULL, tries = 0,
        position = %(position)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND label_at IS NOT NULL
      AND cancelled_at IS NULL
      AND parked = 'not_taken_back'
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def used(conn: db.Conn, tenant_id: TenantId, booking_id: str, *, now: datetime) -> Booking | None:
    """Let a parcel leave after all that its carrier did not take back; None: it does not stand so."""
    [position] = places(conn, tenant_id, 1)
    row = db.one(conn, USED, tenant_id=tenant_id, booking_id=booking_id, position=position, now=now)
    return booking(row) if row else None


UNHANDED = """
    SELECT booking_id
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
      AND handed_at IS NULL
      AND cancelled_at IS NULL
      AND label_at IS NOT NULL
    ORDER BY booking_id
    FOR UPDATE
"""

HANDED = """
    UPDATE bookings
    SET handed_at = %(now)s, position = moved.position, changed_at = %(now)s
    FROM unnest(%(booking_ids)b::text[], %(positions)b::bigint[]) AS moved (booking_id, position)
    WHERE bookings.tenant_id = %(tenant_id)s
      AND bookings.booking_id = moved.booking_id
"""


def handed(conn: db.Conn, tenant_id: TenantId, booking_ids: Sequence[str], *, now: datetime) -> list[str]:
    """Note that the carrier has these parcels; return which were not handed over before."""
    positions = places(conn, tenant_id, len(booking_ids))
    known = db.rows(conn, UNHANDED, tenant_id=tenant_id, booking_ids=list(booking_ids))
    moved = [row["booking_id"] for row in known]
    db.run(conn, HANDED, tenant_id=tenant_id, booking_ids=moved, positions=positions[: len(moved)], now=now)
    return moved


FORGET = """
    DELETE FROM labels
    WHERE tenant_id = %(tenant_id)s
      AND (booking_id, format) IN (
          SELECT booking_id, format
          FROM labels
          WHERE tenant_id = %(tenant_id)s
            AND made_at < %(before)s
          LIMIT %(most)s
      )
"""


def forget_labels(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Delete labels made before then, some of them: they show names and addresses."""
    return db.run(conn, FORGET, tenant_id=tenant_id, before=before, most=most)


# Whoever asks for one anew at this moment is not waited for; what he wrote meanwhile is seen.
FORGET_WORDS = """
    UPDATE bookings
    SET content = NULL, why = NULL, faults = '[]'
    WHERE tenant_id = %(tenant_id)s
      AND booking_id IN (
          SELECT booking_id
          FROM bookings
          WHERE tenant_id = %(tenant_id)s
            AND changed_at < %(before)s
            AND (content IS NOT NULL OR why IS NOT NULL OR faults <> '[]')
            AND (parked IS NOT NULL OR due_at IS NULL)
          LIMIT %(most)s
          FOR UPDATE SKIP LOCKED
      )
"""


def forget_words(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Forget what was asked for, and what carriers said to that, some of it: it names people.

    Of what is over since then, or waits for a person since then: that is decided by the order as it is now. What a
    carrier is still to be asked about keeps all.
    """
    return db.run(conn, FORGET_WORDS, tenant_id=tenant_id, before=before, most=most)
