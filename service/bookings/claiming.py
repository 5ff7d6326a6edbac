"""Whose turn it is, and the claim of what one call is about: marked before the call, in its own transaction."""

from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True)
class Claimed:
    """What one call is about, and what it is; empty: there is nothing to ask now."""

    step: Step | None
    bookings: Sequence[Booking]
    claim: str = ""


CANDIDATES = f"""
    SELECT {COLUMNS}
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND due_at <= %(now)s
      AND parked IS NULL
    ORDER BY due_at, booking_id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # a constant

# A create is written down before it leaves. What was never asked for says when that was; what is looked for keeps it.
MARK = """
    UPDATE bookings
    SET claim = %(claim)s,
        due_at = %(until)s,
        asked_at = CASE WHEN %(creates)s THEN %(now)s ELSE asked_at END,
        creates = creates + %(creates)s::integer,
        looks = CASE WHEN %(creates)s THEN 0 ELSE looks END
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
    found = [
        booking(row)
        for row in db.rows(conn, CANDIDATES, tenant_id=tenant_id, contract_id=contract_id, now=now, most=SEARCHED)
    ]
    steps = {each.booking_id: decide.step(each, ways) for each in found}
    resting = [each for each in found if _rests(each, steps[each.booking_id], now)]
    for each in resting:
        db.run(conn, REST, tenant_id=tenant_id, booking_id=each.booking_id, until=decide.look_at(each))
    ready = [each for each in found if each not in resting]
    if not ready:
        return Claimed(None, [])
    first = ready[0]
    step = steps[first.booking_id]
    alike = [
        each for each in ready if steps[each.booking_id] is step and (step is not Step.POLL or each.job == first.job)
    ]
    chosen = alike[: most(step)] if step else alike[:1]
    token = ids.fresh("c")
    db.run(
        conn,
        MARK,
        tenant_id=tenant_id,
        booking_ids=[each.booking_id for each in chosen],
        claim=token,
        creates=step in (Step.BOOK, Step.REPEAT),
        now=now,
        until=now + timedelta(seconds=lease_s),
    )
    marked = [_marked(each, step, token, now) for each in chosen]
    return Claimed(step, marked, token)


def _rests(each: Booking, step: Step | None, now: datetime) -> bool:
    return step in (Step.LOOK, Step.REPEAT, None) and now < decide.look_at(each)


def _marked(each: Booking, step: Step | None, token: str, now: datetime) -> Booking:
    if step in (Step.BOOK, Step.REPEAT):
        return replace(each, claim=token, asked_at=now, creates=each.creates + 1, looks=0)
    return replace(each, claim=token)


REST = """
    UPDATE bookings
    SET due_at = %(until)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
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


def counted(conn: db.Conn, tenant_id: TenantId) -> Mapping[str, int]:
    """Return how many of the shop's bookings are not settled, by how they stand."""
    return {row["standing"]: row["bookings"] for row in db.rows(conn, COUNTED, tenant_id=tenant_id)}


COUNTED = """
    SELECT CASE
            WHEN parked IS NOT NULL THEN 'parked'
            WHEN cancel_asked_at IS NOT NULL THEN 'cancelling'
            WHEN booked_at IS NOT NULL THEN 'booked'
            WHEN job IS NOT NULL THEN 'pending'
            WHEN asked_at IS NOT NULL THEN 'doubtful'
            ELSE 'waiting'
        END AS standing, count(*) AS bookings
    FROM bookings
    WHERE tenant_id = %(tenant_id)s
      AND cancelled_at IS NULL
      AND (due_at IS NOT NULL OR parked IS NOT NULL)
    GROUP BY standing
"""
