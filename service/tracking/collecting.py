"""Another amount to be collected for a booking: one question at a time, so that what we know is what was said last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.kit import ids
from service.lanes import TenantId

LATE = timedelta(seconds=60)  # an answer nobody heard may still land


@dataclass(frozen=True)
class Turn:
    """The right to ask a carrier for another amount; `doubt_until`: the same was asked for before, in vain so far."""

    booking_id: str
    claim: str
    doubt_until: datetime | None


@dataclass(frozen=True)
class Asked:
    """What a carrier was asked for last: `claim` None: nobody is at it, and no answer was heard."""

    minor: int | None
    until: datetime | None
    claim: str | None

    def lets(self, minor: int, now: datetime) -> bool:
        """Say whether an amount may be asked for: nobody is at it, and nothing else may still land. Pure."""
        return self.until is None or self.until <= now or (self.claim is None and self.minor == minor)


HELD = """
    SELECT asked_minor AS minor, asked_until AS until, asked_claim AS claim
    FROM cod_payments
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND paid_on IS NULL
    FOR UPDATE
"""

BEGUN = """
    UPDATE cod_payments
    SET asked_minor = %(minor)s, asked_until = %(until)s, asked_claim = %(claim)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
"""


def begin(
    conn: db.Conn, tenant_id: TenantId, booking_id: str, minor: int, *, now: datetime, lease_s: float
) -> Turn | None:
    """Take the turn to ask for another amount; None: somebody is at it, or what he asked for may still land."""
    row = db.one(conn, HELD, tenant_id=tenant_id, booking_id=booking_id)
    before = Asked(**row) if row else None
    if before is None or not before.lets(minor, now):
        return None
    turn = Turn(booking_id, ids.fresh("c"), before.until if before.until and before.until > now else None)
    until = now + timedelta(seconds=lease_s)
    db.run(conn, BEGUN, tenant_id=tenant_id, booking_id=booking_id, minor=minor, until=until, claim=turn.claim)
    return turn


LEFT = """
    UPDATE cod_payments
    SET asked_until = %(until)s, asked_claim = NULL
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND asked_claim = %(claim)s
"""


def leave(conn: db.Conn, tenant_id: TenantId, turn: Turn, *, unclear: bool, now: datetime) -> None:
    """Give the turn up; `unclear`: the carrier may have done it, so nothing else is asked for in the next minute."""
    until = now + LATE if unclear else turn.doubt_until
    db.run(conn, LEFT, tenant_id=tenant_id, booking_id=turn.booking_id, claim=turn.claim, until=until)


CHANGED = """
    UPDATE cod_payments
    SET amount_minor = asked_minor,
        over_at = CASE
            WHEN paid_on IS NOT NULL THEN over_at
            WHEN asked_minor = 0 THEN coalesce(over_at, %(now)s)
            WHEN amount_minor = 0 AND NOT %(is_gone)s THEN NULL
            ELSE over_at
        END,
        asked_minor = NULL,
        asked_until = NULL,
        asked_claim = NULL
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND asked_claim = %(claim)s
"""


def changed(conn: db.Conn, tenant_id: TenantId, turn: Turn, *, is_gone: bool, now: datetime) -> bool:
    """Note that the carrier collects what it was asked for; of nothing, none is expected any more.

    False: it took so long that somebody else may have asked since. `is_gone`: the label was taken back meanwhile.
    What was paid meanwhile is collected, whatever the carrier said.
    """
    named = {"tenant_id": tenant_id, "booking_id": turn.booking_id, "claim": turn.claim}
    return db.run(conn, CHANGED, is_gone=is_gone, now=now, **named) == 1
