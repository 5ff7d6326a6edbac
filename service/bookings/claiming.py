"""Whose turn it is, and the claim of what one call is about: marked before the call, in its own transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service import db
from service.bookings import decide
from service.bookings.decide import Step, Ways
from service.bookings.rows import COLUMNS, Booking, booking
from service.kit import ids
from service.lanes import TenantId

SEARCHED = 500  # rows looked at for one batch

DUE_TENANTS = """
    SELECT DISTINCT bookings.tenant_id
    FROM bookings
    JOIN tenants ON tenants.tenant_id = bookings.tenant_id AND tenants.state <> 'dismissed'
    LEFT JOIN breakers ON breakers.contract_id = bookings.contract_id AND breakers.lane = 'book'
    WHERE bookings.due_at <= %(now)s
      AND bookings.parked IS NULL
      AND coalesce(breakers.rests_until, '-infinity') <= %(now)s
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants with bookings a carrier may be asked about now, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, now=now)]


DUE_CONTRACTS = """
    SELECT contract_id, carrier, count(*) AS due
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND due_at <= %(now)s
      AND parked IS NULL
    GROUP BY contract_id, carrier
    ORDER BY min(due_at)
"""


def due_contracts(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> dict[str, int]:
    """Return how much is due under each login, the one that waits longest first."""
    return {
        row["contract_id"]: row["due"] for row in db.rows(conn, DUE_CONTRACTS, tenant_id=tenant_id, now=now)
    }  # fmt: skip


WAITS = """
    SELECT EXISTS (
        SELECT
        FROM bookings
        WHERE tenant_id = %(tenant_id)s
          AND contract_id = ANY (%(contract_ids)s)
          AND due_at IS NOT NULL
          AND parked IS NULL
    ) AS waits
"""


def waits(conn: db.Conn, tenant_id: TenantId, contract_ids: Sequence[str]) -> bool:
    """Say whether anything of the shop's is to be asked under one of these logins, now or later."""
    return db.rows(conn, WAITS, tenant_id=tenant_id, contract_ids=list(contract_ids))[0]["waits"]


SOONEST = """
    SELECT min(due_at) AS due_at
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND due_at > %(now)s
      AND parked IS NULL
"""


def soonest(conn: db.Conn, tenant_id: TenantId, contract_id: str, *, now: datetime) -> datetime | None:
    """Return when the next of what is not due yet is, under a login; None: there is nothing."""
    return db.rows(conn, SOONEST, tenant_id=tenant_id, contract_id=contract_id, now=now)[0]["due_at"]


@dataclass(frozen=True)
class Claimed:
    """What one call is about, what it is, and until when it is ours; empty: there is nothing to ask now."""

    step: Step | None
    bookings: Sequence[Booking]
    until: datetime | None = None


# Two who look at once would choose the same rows, and the second find them locked and go away with none.
ALONE = """
    SELECT pg_advisory_xact_lock(hashtextextended('bookings/' || %(tenant_id)s || '/' || %(contract_id)s, 0))
"""

CANDIDATES = f"""
    SELECT {COLUMNS.replace("content,", "NULL AS content,")}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND due_at <= %(now)s
      AND parked IS NULL
    ORDER BY due_at, booking_id
    LIMIT %(most)s
"""  # noqa: S608  # a constant

# What somebody writes down at this moment is not waited for; what he wrote meanwhile is seen.
CHOSEN = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
      AND due_at <= %(now)s
      AND parked IS NULL
    ORDER BY due_at, booking_id
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # a constant

# A create is written down before it leaves. What was never asked for says when that was; what is looked for keeps it.
# So is the question for a label: whoever cancels at that moment sees that the carrier may have printed it.
MARK = """
    UPDATE bookings
    SET claim = %(claim)s,
        due_at = %(until)s,
        asked_at = CASE WHEN %(creates)s THEN %(now)s ELSE asked_at END,
        creates = creates + %(creates)s::integer,
        looks = CASE WHEN %(creates)s THEN 0 ELSE looks END,
        label_asked_at = CASE WHEN %(prints)s THEN coalesce(label_asked_at, %(now)s) ELSE label_asked_at END
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = ANY (%(booking_ids)s)
"""


def claim(  # whose, under which login, and how much one call takes
    conn: db.Conn,
    tenant_id: TenantId,
    contract_id: str,
    *,
    ways: Ways,
    most: Callable[[Step], int],
    now: datetime,
    lease_s: float,
) -> Claimed:
    """Claim what the next call is about: the oldest that is due, and of its kind as many as one call takes.

    What nothing can clear comes back with no step and is to be parked. What is in doubt and has not rested is put off.
    """
    db.run(conn, ALONE, tenant_id=tenant_id, contract_id=contract_id)
    found = [
        booking(row)
        for row in db.rows(conn, CANDIDATES, tenant_id=tenant_id, contract_id=contract_id, now=now, most=SEARCHED)
    ]
    ready = _rested(conn, tenant_id, found, ways, now=now)
    if not ready:
        return Claimed(None, [])
    step = decide.step(ready[0], ways)
    chosen = [each.booking_id for each in _together(ready, ways, step, now)[: most(step) if step else 1]]
    held = [booking(row) for row in db.rows(conn, CHOSEN, tenant_id=tenant_id, booking_ids=chosen, now=now)]
    same = [each for each in held if decide.step(each, ways) is step and (decide.rests_until(each, step) or now) <= now]
    if not same:  # somebody wrote something down between the two looks
        return Claimed(None, [])
    token, until = ids.fresh("c"), now + timedelta(seconds=lease_s)
    db.run(
        conn,
        MARK,
        tenant_id=tenant_id,
        booking_ids=[each.booking_id for each in same],
        claim=token,
        creates=step in (Step.BOOK, Step.REPEAT),
        prints=step is Step.PRINT,
        now=now,
        until=until,
    )
    return Claimed(step, [_marked(each, step, token, now) for each in same], until)


def _together(ready: Sequence[Booking], ways: Ways, step: Step | None, now: datetime) -> list[Booking]:
    """Return what may go in one call with the first: of its kind; what a create came to grief with goes alone."""
    first = ready[0]
    if decide.goes_alone(first, step, now):
        return [first]
    alike = [each for each in ready if decide.step(each, ways) is step and not decide.goes_alone(each, step, now)]
    return [each for each in alike if each.job == first.job] if step is Step.POLL else alike


def _rested(
    conn: db.Conn, tenant_id: TenantId, found: Sequence[Booking], ways: Ways, *, now: datetime
) -> list[Booking]:
    """Put off what is in doubt and has not rested; return the others."""
    until = {each.booking_id: decide.rests_until(each, decide.step(each, ways)) for each in found}
    resting = [each for each in found if (until[each.booking_id] or now) > now]
    if resting:
        db.run(
            conn,
            REST,
            tenant_id=tenant_id,
            booking_ids=[each.booking_id for each in resting],
            seen=[each.due_at for each in resting],
            until=[until[each.booking_id] for each in resting],
        )
    return [each for each in found if each not in resting]


def _marked(each: Booking, step: Step | None, token: str, now: datetime) -> Booking:
    if step in (Step.BOOK, Step.REPEAT):
        return replace(each, claim=token, asked_at=now, creates=each.creates + 1, looks=0)
    return replace(each, claim=token)


REST = """
    UPDATE bookings
    SET due_at = resting.until
    FROM unnest(%(booking_ids)b::text[], %(seen)b::timestamptz[], %(until)b::timestamptz[]) AS resting (id, seen, until)
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = resting.id
      AND due_at = resting.seen
"""


REST_ANEW = """
    UPDATE bookings
    SET asked_at = %(now)s, looks = 0, due_at = %(until)s
    WHERE asked_at IS NOT NULL
      AND booked_at IS NULL
      AND job IS NULL
      AND cancelled_at IS NULL
      AND parked IS NULL
"""


def rest_anew(conn: db.Conn, *, now: datetime) -> int:
    """Let what is in doubt rest as if it had just been asked for: the clock leapt, and nobody knows how long it did."""
    return db.run(conn, REST_ANEW, now=now, until=now + decide.LOOK_AFTER)
