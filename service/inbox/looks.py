"""Why a shop is looked at: every look has a recorded cause, and says afterwards what it cost, found and proves.

Source: docs/upgates.md 5.2 R12, A.3.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service import db
from service.inbox import hints
from service.inbox.hints import LOOK, Hint
from service.lanes import Lane, TenantId


class Cause(StrEnum):
    """What makes us doubt that we were told everything."""

    OUTAGE = "outage"  # our receiver was away
    HOOK_OFF = "hook_off"  # a webhook was missing, off or led elsewhere
    REFUSED = "refused"  # we answered 503, or not in time
    SILENCE = "silence"  # nothing was heard for longer than this shop is ever silent
    UNREADABLE = "unreadable"  # a delivery could not be read
    PERSON = "person"  # somebody asked for it
    RETURNED = "returned"  # a shop that was away is back


@dataclass(frozen=True)
class Look:
    """A look that was asked for; `doubted_from` is since when news may be lost, None when nobody can tell."""

    cause: Cause
    doubted_from: datetime | None
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    covers_from: datetime | None
    covers_until: datetime | None
    calls: int
    found: int


@dataclass(frozen=True)
class Walked:
    """What a walk proves: every change from `covers_from` until it began at `covers_until` was compared one by one."""

    covers_from: datetime
    covers_until: datetime
    calls: int
    found: int


# One open row per cause. One that has begun may have read past what this cause is about: it is asked for once more.
NOTE = """
    INSERT INTO looks (tenant_id, lane, cause, doubted_from, asked_at)
    VALUES (%(tenant_id)s, %(lane)s, %(cause)s, %(doubted_from)s, %(now)s)
    ON CONFLICT (tenant_id, lane, cause) WHERE ended_at IS NULL DO UPDATE
    SET doubted_from = LEAST(looks.doubted_from, EXCLUDED.doubted_from),
        asked_at = CASE WHEN looks.began_at IS NULL THEN looks.asked_at ELSE EXCLUDED.asked_at END
"""


def ask_look(
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    cause: Cause,
    *,
    now: datetime,
    doubted_from: datetime | None,
    due_at: datetime | None = None,
) -> None:
    """Let the lane look at everything that changed, at once or at `due_at`, and write down why."""
    note_cause(conn, tenant_id, lane, cause, now=now, doubted_from=doubted_from)
    hints.hint(conn, tenant_id, lane, [Hint(LOOK, urgent=True, due_at=due_at or now)], now=now)


def note_cause(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, cause: Cause, *, now: datetime, doubted_from: datetime | None
) -> None:
    """Write the cause of a look down; whoever does it hints the look in the same transaction."""
    db.run(
        conn, NOTE, tenant_id=tenant_id, lane=lane.value, cause=cause.value, doubted_from=doubted_from, now=now
    )  # fmt: skip


COLUMNS = "cause, doubted_from, asked_at, began_at, ended_at, covers_from, covers_until, calls, found"

BEGIN = f"""
    UPDATE looks
    SET began_at = COALESCE(began_at, %(now)s)
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND ended_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def begin_looks(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, now: datetime) -> list[Look]:
    """Return the looks that are open, the first cause first: one walk answers them all."""
    found = [_look(row) for row in db.rows(conn, BEGIN, tenant_id=tenant_id, lane=lane.value, now=now)]
    return sorted(found, key=lambda look: (look.asked_at, look.cause))


END = """
    UPDATE looks
    SET ended_at = %(now)s, covers_from = %(covers_from)s, covers_until = %(covers_until)s, calls = %(calls)s,
        found = %(found)s
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND ended_at IS NULL
      AND asked_at <= %(covers_until)s
"""


def end_looks(
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    *,
    walked: Walked,
    now: datetime,
) -> None:
    """End every look that was asked for before the walk began.

    A walk that answers several causes stands with its calls in each of their rows.
    """
    db.run(
        conn,
        END,
        tenant_id=tenant_id,
        lane=lane.value,
        now=now,
        covers_from=walked.covers_from,
        covers_until=walked.covers_until,
        calls=walked.calls,
        found=walked.found,
    )


OPEN = """
    SELECT count(*) AS open
    FROM looks
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND ended_at IS NULL
"""


def is_asked(conn: db.Conn, tenant_id: TenantId, lane: Lane) -> bool:
    """Say whether a look is asked for and not made yet."""
    return db.rows(conn, OPEN, tenant_id=tenant_id, lane=lane.value)[0]["open"] > 0


ASKED = """
    SELECT max(asked_at) AS asked_at
    FROM looks
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND (%(cause)s::text IS NULL OR cause = %(cause)s)
"""


def last_asked(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, cause: Cause | None) -> datetime | None:
    """Return when a look of this cause, or (None) of any, was last asked for."""
    found = db.one(conn, ASKED, tenant_id=tenant_id, lane=lane.value, cause=cause and cause.value)
    return found["asked_at"] if found else None


LAST = f"""
    SELECT {COLUMNS}
    FROM looks
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
    ORDER BY ended_at DESC NULLS FIRST, look_id DESC
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def looks_of(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, most: int) -> list[Look]:
    """Return the last looks of a lane, open ones first, then the newest."""
    return [_look(row) for row in db.rows(conn, LAST, tenant_id=tenant_id, lane=lane.value, most=most)]


def _look(row: db.Row) -> Look:
    known: db.Row = {**row, "cause": Cause(row["cause"])}
    return Look(**known)
