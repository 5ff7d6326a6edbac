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
    """A look that was asked for; `doubted_from` is since when news may be lost, None when nobody can tell.

    `listed`: how many changes the shop told of at its end. `nameless`: how many items had no number that can be read.
    """

    look_id: int
    cause: Cause
    doubted_from: datetime | None
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    covers_from: datetime | None
    covers_until: datetime | None
    calls: int
    found: int
    listed: int | None
    nameless: int


@dataclass(frozen=True)
class Walked:
    """What a walk proves: every change from `covers_from` until it `began_at` was compared one by one.

    None: it proves nothing, because its list never stood still.
    """

    covers_from: datetime | None
    began_at: datetime
    calls: int
    found: int
    listed: int | None = None
    nameless: int = 0


# One open row per cause. One that has begun may have read past what this cause is about: it has to begin once more.
NOTE = """
    INSERT INTO looks (tenant_id, lane, cause, doubted_from, asked_at)
    VALUES (%(tenant_id)s, %(lane)s, %(cause)s, %(doubted_from)s, %(now)s)
    ON CONFLICT (tenant_id, lane, cause) WHERE ended_at IS NULL DO UPDATE
    SET doubted_from = LEAST(looks.doubted_from, EXCLUDED.doubted_from),
        asked_at = EXCLUDED.asked_at,
        began_at = NULL
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


COLUMNS = """look_id, cause, doubted_from, asked_at, began_at, ended_at, covers_from, covers_until, calls, found,
        listed, nameless"""

BEGIN = f"""
    UPDATE looks
    SET began_at = CASE WHEN %(anew)s THEN %(now)s ELSE COALESCE(began_at, %(now)s) END
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND ended_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def begin_looks(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, now: datetime, anew: bool = True) -> list[Look]:
    """Return the looks that are open, the first cause first: one walk answers them all; `anew`: it begins now."""
    found = [_look(row) for row in db.rows(conn, BEGIN, tenant_id=tenant_id, lane=lane.value, now=now, anew=anew)]
    return sorted(found, key=lambda look: (look.asked_at, look.cause))


# By when the row began, not by when it was asked for: another machine's clock may be ahead of the walk's.
END = """
    UPDATE looks
    SET ended_at = %(now)s,
        covers_from = %(covers_from)s,
        covers_until = CASE WHEN %(covers_from)s::timestamptz IS NOT NULL THEN %(began_at)s::timestamptz END,
        calls = %(calls)s,
        found = %(found)s,
        listed = %(listed)s,
        nameless = %(nameless)s
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND ended_at IS NULL
      AND began_at <= %(began_at)s
"""

ARE_OPEN = """
    SELECT EXISTS (
        SELECT FROM looks WHERE tenant_id = %(tenant_id)s AND lane = %(lane)s AND ended_at IS NULL
    ) AS open
"""


def end_looks(
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    *,
    walked: Walked,
    now: datetime,
) -> bool:
    """End every look that was asked for before the walk began; say whether another one has come up since.

    A walk that answers several causes stands with its calls in each of their rows.
    """
    db.run(
        conn,
        END,
        tenant_id=tenant_id,
        lane=lane.value,
        now=now,
        covers_from=walked.covers_from,
        began_at=walked.began_at,
        calls=walked.calls,
        found=walked.found,
        listed=walked.listed,
        nameless=walked.nameless,
    )
    return bool(db.rows(conn, ARE_OPEN, tenant_id=tenant_id, lane=lane.value)[0]["open"])


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


LAST_ENDED = "SELECT max(ended_at) AS ended_at FROM looks"


def last_ended(conn: db.Conn) -> datetime | None:
    """Return when a look last ended, as far as the transaction sees."""
    row = db.one(conn, LAST_ENDED)
    return row["ended_at"] if row else None


SHOPS_ASKED = """
    SELECT count(DISTINCT tenant_id) AS shops
    FROM looks
    WHERE cause = %(cause)s
      AND asked_at >= %(since)s
"""


def shops_asked(conn: db.Conn, cause: Cause, *, since: datetime) -> int:
    """Count the shops that were to be looked at for this cause since then, as far as the transaction sees."""
    row = db.one(conn, SHOPS_ASKED, cause=cause.value, since=since)
    return int(row["shops"]) if row else 0


LAST = f"""
    SELECT {COLUMNS}
    FROM looks
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND (%(cause)s::text IS NULL OR cause = %(cause)s)
    ORDER BY ended_at DESC NULLS FIRST, look_id DESC
    LIMIT %(most)s
"""  # noqa: S608  # a constant


def looks_of(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, most: int, cause: Cause | None = None) -> list[Look]:
    """Return the last looks of a lane, of this cause or (None) of any: open ones first, then the newest."""
    found = db.rows(conn, LAST, tenant_id=tenant_id, lane=lane.value, most=most, cause=cause and cause.value)
    return [_look(row) for row in found]


# A look of before there were losses wrote no numbers down: it proves nothing, and its row knows no list.
PROVING = f"""
    SELECT {COLUMNS}
    FROM looks
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND listed IS NOT NULL
      AND covers_until > %(since)s
    ORDER BY ended_at, look_id
"""  # noqa: S608  # a constant


def proving(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, since: datetime) -> list[Look]:
    """Return the looks at orders that ended and prove anything of the time after `since`, the first to end first."""
    return [_look(row) for row in db.rows(conn, PROVING, tenant_id=tenant_id, lane=lane.value, since=since)]


# Open ones are owed. What the last weeks' doubts ask for is far younger than anything that is deleted here.
DROP_LOOKS = """
    DELETE FROM looks
    WHERE look_id = ANY (ARRAY(
        SELECT look_id
        FROM looks
        WHERE tenant_id = %(tenant_id)s
          AND ended_at < %(before)s
        LIMIT %(most)s
    ))
      AND tenant_id = %(tenant_id)s
"""


def drop_looks(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Delete up to `most` looks that ended before then; return how many."""
    return db.run(conn, DROP_LOOKS, tenant_id=tenant_id, before=before, most=most)


def _look(row: db.Row) -> Look:
    known: db.Row = {**row, "cause": Cause(row["cause"])}
    return Look(**known)
