"""The car of a hand-over: ordered, asked about now and then, refused, called off."""

from datetime import datetime, timedelta

from service import db
from service.handovers.rows import COLUMNS, Handover, handover
from service.kit import canon
from service.lanes import TenantId

ASKS_MOST = 10  # the last one an hour and a half after the order
ASK_AFTER = timedelta(seconds=5)  # then each time after twice as long

COLLECTED = """
    UPDATE handovers
    SET car_at = %(now)s, car = %(car)s, car_ask_at = %(ask_at)s, asked_at = NULL, claim = NULL, due_at = NULL,
        since = NULL, parked = NULL, why = NULL, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""


def collected(conn: db.Conn, tenant_id: TenantId, each: Handover, *, car: str, tells: bool, now: datetime) -> None:
    """Note that a car was ordered; some carriers give no number for that. `tells`: its carrier says what becomes of it.

    A carrier that took the order in may still refuse it, so it is asked.
    """
    ask_at = now + ASK_AFTER if tells and car else None
    db.run(conn, COLLECTED, tenant_id=tenant_id, handover_id=each.handover_id, car=car, ask_at=ask_at, now=now)


DUE = f"""
    SELECT {COLUMNS}
    FROM handovers
    WHERE tenant_id = %(tenant_id)s
      AND car_ask_at <= %(now)s
    ORDER BY car_ask_at, handover_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # a constant

ASKED = """
    UPDATE handovers
    SET car_ask_at = %(again_at)s, car_asks = car_asks + 1
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""


def claim_car(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> Handover | None:
    """Return a hand-over whose car is to be asked about, already put off to the next time; None: there is none.

    Whoever comes late, or never, does no harm: an answer is as true as another, and asking makes nothing.
    """
    row = db.one(conn, DUE, tenant_id=tenant_id, now=now)
    if row is None:
        return None
    each = handover(row)
    db.run(
        conn, ASKED, tenant_id=tenant_id, handover_id=each.handover_id, again_at=ask_again_at(each.car_asks + 1, now)
    )
    return each


def is_last(each: Handover) -> bool:
    """Say whether a car that was just claimed is asked about no more after this. Pure."""
    return each.car_asks + 1 >= ASKS_MOST


def ask_again_at(asks: int, now: datetime) -> datetime | None:
    """Return when to ask once more after so many times; None: never, for it was asked for long enough. Pure."""
    return now + ASK_AFTER * 2**asks if asks < ASKS_MOST else None


SETTLED = """
    UPDATE handovers
    SET car_ask_at = NULL
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""


def car_settled(conn: db.Conn, tenant_id: TenantId, each: Handover) -> None:
    """Ask no more about a car."""
    db.run(conn, SETTLED, tenant_id=tenant_id, handover_id=each.handover_id)


REFUSED = """
    UPDATE handovers
    SET car_refused_at = %(now)s, car_ask_at = NULL, parked = 'refused', why = %(why)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND car_refused_at IS NULL
      AND car_cancelled_at IS NULL
"""


def car_refused(conn: db.Conn, tenant_id: TenantId, each: Handover, *, why: str, now: datetime) -> bool:
    """Leave a car that was refused after all to a person; False: that was known, or it was called off."""
    named = {"tenant_id": tenant_id, "handover_id": each.handover_id}
    return db.run(conn, REFUSED, why=canon.storable(why), now=now, **named) == 1


DOUBTED = """
    UPDATE handovers
    SET car_ask_at = NULL, parked = 'unclear', why = %(why)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND parked IS NULL
      AND car_cancelled_at IS NULL
"""


def car_doubted(conn: db.Conn, tenant_id: TenantId, each: Handover, *, why: str, now: datetime) -> bool:
    """Leave a car to a person of which nobody says whether it comes; False: it is his already, or was called off."""
    named = {"tenant_id": tenant_id, "handover_id": each.handover_id}
    return db.run(conn, DOUBTED, why=canon.storable(why), now=now, **named) == 1


RECALLED = """
    UPDATE handovers
    SET car_recall_at = %(at)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
"""


def recalled(conn: db.Conn, tenant_id: TenantId, handover_id: str, *, at: datetime | None) -> None:
    """Note that a carrier is asked to take the order of a car back, or None: nothing of that is unclear any more."""
    db.run(conn, RECALLED, tenant_id=tenant_id, handover_id=handover_id, at=at)


CAR_LEFT = """
    UPDATE handovers
    SET car = %(car)s, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND car_cancelled_at IS NULL
"""


def car_left(conn: db.Conn, tenant_id: TenantId, handover_id: str, *, car: str, now: datetime) -> None:
    """Note what names the car since some of its orders were taken back."""
    db.run(conn, CAR_LEFT, tenant_id=tenant_id, handover_id=handover_id, car=car, now=now)


# Whoever is about to ask for it finds his claim gone; once he has asked, a car may come.
WITHDRAWN = """
    UPDATE handovers
    SET car_cancelled_at = %(now)s,
        due_at = CASE WHEN handed_at IS NULL THEN due_at END,
        since = CASE WHEN handed_at IS NULL THEN since END,
        claim = CASE WHEN handed_at IS NULL THEN claim END,
        why = CASE WHEN handed_at IS NULL THEN why END,
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND collection IS NOT NULL
      AND car_at IS NULL
      AND car_cancelled_at IS NULL
      AND due_at IS NOT NULL
      AND (handed_at IS NULL OR asked_at IS NULL)
"""


def withdrawn(conn: db.Conn, tenant_id: TenantId, handover_id: str, *, now: datetime) -> bool:
    """Ask for no car any more that was not asked for yet; False: it was, or is just being asked for."""
    return db.run(conn, WITHDRAWN, tenant_id=tenant_id, handover_id=handover_id, now=now) == 1


CALLED_OFF = """
    UPDATE handovers
    SET car_cancelled_at = %(now)s, car_ask_at = NULL, parked = NULL, why = NULL, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND handover_id = %(handover_id)s
      AND car_at IS NOT NULL
      AND car_cancelled_at IS NULL
"""


def called_off(conn: db.Conn, tenant_id: TenantId, handover_id: str, *, now: datetime) -> bool:
    """Note that the car does not come; what was told of it is over. False: that was known."""
    return db.run(conn, CALLED_OFF, tenant_id=tenant_id, handover_id=handover_id, now=now) == 1
