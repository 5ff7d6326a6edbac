"""Write down what came of a call that brought nothing: doubt, a refusal, a cancellation, or nothing at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service import db
from service.bookings import making
from service.bookings.decide import LOOK_AFTER, LOOK_AGAIN_AFTER, REBOOKS_MOST
from service.bookings.rows import COLUMNS, Booking, Parked, booking
from service.kit import canon
from service.lanes import TenantId

NOT_DONE = """
    UPDATE bookings
    SET asked_at = CASE WHEN %(keeps_doubt)s THEN asked_at END,
        creates = creates - 1,
        tries = tries + %(counts)s::integer,
        due_at = %(until)s,
        claim = NULL,
        why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
"""


def not_done(  # what of whom, and why
    conn: db.Conn, tenant_id: TenantId, each: Booking, *, keeps_doubt: bool, until: datetime, counts: bool, why: str
) -> None:
    """Take the mark of a create back that surely did nothing; `keeps_doubt`: one before it may have.

    `counts`: it is this booking's own fault, which parks it in the end.
    """
    db.run(
        conn, NOT_DONE, keeps_doubt=keeps_doubt, until=until, counts=counts, why=why, **_claimed(tenant_id, each)
    )  # fmt: skip


OVER = f"""
    UPDATE bookings
    SET cancelled_at = %(now)s,
        due_at = NULL,
        since = NULL,
        claim = NULL,
        content = NULL,
        parked = NULL,
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND cancel_asked_at IS NOT NULL
      AND cancelled_at IS NULL
      AND asked_at IS NULL
      AND booked_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def over(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> Booking | None:
    """Let be what was to be cancelled while it was asked for and turns out not to have been made; None: it is not."""
    [position] = making.places(conn, tenant_id, 1)
    row = db.one(conn, OVER, tenant_id=tenant_id, booking_id=each.booking_id, position=position, now=now)
    return booking(row) if row else None


DOUBTED = """
    UPDATE bookings
    SET asked_at = %(now)s, due_at = %(until)s, job = NULL, claim = NULL, looks = 0, why = %(why)s,
        position = %(position)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
"""


def doubted(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> bool:
    """Leave what may have been made alone until it may be looked for, counted from the end of the call.

    False: it is not ours any more.
    """
    [position] = making.places(conn, tenant_id, 1)
    told = {"until": now + LOOK_AFTER, "why": why, "position": position, "now": now}
    return db.run(conn, DOUBTED, **told, **_claimed(tenant_id, each)) == 1


LOOKED = """
    UPDATE bookings
    SET looks = looks + 1, due_at = %(until)s, claim = NULL
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
"""


def not_found(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Look once more, ten minutes after it was asked for: it may still land."""
    until = (each.asked_at or now) + LOOK_AGAIN_AFTER
    db.run(conn, LOOKED, until=until, **_claimed(tenant_id, each))


LET_GO = """
    UPDATE bookings
    SET asked_at = NULL,
        looks = 0,
        claim = NULL,
        due_at = %(now)s,
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
"""


def never_made(conn: db.Conn, tenant_id: TenantId, each: Booking, *, now: datetime) -> None:
    """Let what the carrier surely has not made be asked for once more."""
    [position] = making.places(conn, tenant_id, 1)
    db.run(conn, LET_GO, position=position, now=now, **_claimed(tenant_id, each))


PUT_OFF = """
    UPDATE bookings
    SET due_at = %(until)s, tries = tries + %(counts)s::integer, claim = NULL, why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
"""


def put_off(conn: db.Conn, tenant_id: TenantId, each: Booking, *, until: datetime, counts: bool, why: str) -> None:
    """Ask about it later; `counts`: it is this booking's own fault, which parks it in the end."""
    db.run(conn, PUT_OFF, until=until, counts=counts, why=why, **_claimed(tenant_id, each))


NOT_KNOWN = """
    UPDATE bookings
    SET looks = looks + 1, due_at = %(until)s, claim = NULL, why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
"""


def not_known(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> None:
    """Ask ten minutes later once more about a number that its carrier does not know: one answer proves nothing."""
    db.run(conn, NOT_KNOWN, until=now + LOOK_AGAIN_AFTER, why=why, **_claimed(tenant_id, each))


REPLACE = """
    UPDATE bookings
    SET cancel_asked_at = coalesce(cancel_asked_at, %(now)s),
        rebook = cancel_asked_at IS NULL,
        claim = NULL,
        looks = 0,
        tries = 0,
        due_at = %(now)s,
        why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
      AND content IS NOT NULL
      AND (
          SELECT count(*)
          FROM bookings AS before
          WHERE before.tenant_id = bookings.tenant_id
            AND before.shipment_id = bookings.shipment_id
            AND before.rebook
      ) < %(most)s
"""


def replace(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> bool:
    """Have what never gets a label taken back, to be booked anew unless somebody wants it cancelled.

    False: nobody knows any more what it was, or it was booked anew so often that a person has to look.
    """
    return db.run(conn, REPLACE, why=why, now=now, most=REBOOKS_MOST, **_claimed(tenant_id, each)) == 1


PARK = f"""
    UPDATE bookings
    SET parked = %(parked)s,
        asked_at = CASE WHEN NOT %(never_asked)s THEN asked_at END,
        creates = creates - %(never_asked)s::integer,
        why = %(why)s,
        faults = %(faults)s::jsonb,
        claim = NULL,
        job = NULL,
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def park(  # noqa: PLR0913  # what of whom, and why
    conn: db.Conn,
    tenant_id: TenantId,
    each: Booking,
    reason: Parked,
    *,
    why: str,
    faults: Sequence[Mapping[str, Any]],
    never_asked: bool,
    now: datetime,
) -> Booking | None:
    """Leave it to a person; None: it is not ours any more. `never_asked`: the create it was claimed for did nothing."""
    [position] = making.places(conn, tenant_id, 1)
    row = db.one(
        conn,
        PARK,
        parked=reason.value,
        never_asked=never_asked,
        why=canon.storable(why),
        faults=canon.stored(list(faults)),
        position=position,
        now=now,
        **_claimed(tenant_id, each),
    )
    return booking(row) if row else None


CANCELLED = f"""
    UPDATE bookings
    SET cancelled_at = %(now)s,
        due_at = NULL,
        since = NULL,
        claim = NULL,
        content = NULL,
        why = %(why)s,
        position = %(position)s,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND claim = %(claim)s
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def cancelled(conn: db.Conn, tenant_id: TenantId, each: Booking, *, why: str, now: datetime) -> Booking | None:
    """Note that the carrier took it back; its labels are of no use any more."""
    [position] = making.places(conn, tenant_id, 1)
    row = db.one(conn, CANCELLED, why=why, position=position, now=now, **_claimed(tenant_id, each))
    db.run(conn, FORGET, tenant_id=tenant_id, booking_id=each.booking_id)
    return booking(row) if row else None


FORGET = """
    DELETE FROM labels
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
"""


def _claimed(tenant_id: TenantId, each: Booking) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "booking_id": each.booking_id, "claim": each.claim}
