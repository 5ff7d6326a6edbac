"""What a carrier is busy at under a login, step by step: whether for all, or for what fares ill alone.

A carrier that is busy at labels makes parcels all the while: what it does of one step says nothing of another.
"""

from datetime import datetime, timedelta

from service import db
from service.lanes import Lane

LAPSES_AFTER = timedelta(minutes=15)  # what was busy, and nobody asked since its rest ended so long ago

BUSY = """
    INSERT INTO busy_at (contract_id, lane, doing, since, until)
    VALUES (%(contract_id)s, %(lane)s, %(doing)s, %(now)s, %(until)s)
    ON CONFLICT (contract_id, lane, doing) DO UPDATE SET
        since = CASE
            WHEN busy_at.until < %(lapsed)s::timestamptz THEN excluded.since
            ELSE coalesce(busy_at.since, excluded.since)
        END,
        until = greatest(busy_at.until, excluded.until)
    RETURNING since
"""


def busy(conn: db.Conn, contract_id: str, lane: Lane, doing: str, *, until: datetime, now: datetime) -> datetime:
    """Note that a carrier was busy at a step; return since when it has done nothing but that."""
    params = {"contract_id": contract_id, "lane": lane.value, "doing": doing, "until": until, "now": now}
    return db.rows(conn, BUSY, lapsed=now - LAPSES_AFTER, **params)[0]["since"]


WATCH = """
    INSERT INTO busy_at (contract_id, lane, doing, until)
    VALUES (%(contract_id)s, %(lane)s, %(doing)s, %(now)s)
    ON CONFLICT (contract_id, lane, doing) DO UPDATE SET until = greatest(busy_at.until, excluded.until)
"""


def watch(conn: db.Conn, contract_id: str, lane: Lane, doing: str, *, now: datetime) -> None:
    """Note from now on when a carrier does a step that it failed at, which is not being busy."""
    db.run(conn, WATCH, contract_id=contract_id, lane=lane.value, doing=doing, now=now)


# Of a step that is done all the time a minute's notes are one.
DID = """
    UPDATE busy_at
    SET since = NULL, did_at = %(now)s
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND doing IN (%(doing)s, '')
      AND (since IS NOT NULL OR coalesce(did_at, '-infinity') < %(before)s::timestamptz)
"""


def did(conn: db.Conn, contract_id: str, lane: Lane, doing: str, *, now: datetime) -> None:
    """Note that a carrier did a step for somebody; it rests as long as it said."""
    params = {"contract_id": contract_id, "lane": lane.value, "doing": doing, "now": now}
    db.run(conn, DID, before=now - timedelta(minutes=1), **params)


DID_AT = """
    SELECT did_at
    FROM busy_at
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND doing = %(doing)s
"""


def did_at(conn: db.Conn, contract_id: str, lane: Lane, doing: str) -> datetime | None:
    """Return when a carrier last did a step it has been busy at; None: never since, or it never was."""
    row = db.one(conn, DID_AT, contract_id=contract_id, lane=lane.value, doing=doing)
    return row["did_at"] if row else None
