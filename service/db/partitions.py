"""The tables that are cut by time: partitions made ahead of their day, and dropped whole when they are old.

The service's role owns nothing, so functions of the owner do it, for these three tables and by fixed names. Each waits
for a lock of milliseconds at most and then gives up: asked again later it costs nobody an answer.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from service import db


class Parent(StrEnum):
    """A table that is cut by time: webhooks by the day, calls by the week (Monday), the journal by the month."""

    DELIVERIES = "deliveries"
    CALLS = "calls"
    JOURNAL = "journal"


class Dropped(StrEnum):
    """What became of a partition that is to go."""

    DROPPED = "dropped"
    KEPT = "kept"  # webhooks nobody expanded are in it
    YOUNG = "young"  # of the journal: it ended less than 31 days before the newest entry
    GONE = "gone"  # there is none


MAKE = "SELECT partition_make(%(parent)s, %(day)s) AS made"


def make(conn: db.Conn, parent: Parent, day: date) -> bool:
    """Make the partition a day belongs to; False when it is there, or when rows of it lie in the default one.

    Raise psycopg's LockNotAvailable when somebody is at work for longer than a moment.
    """
    return bool(db.rows(conn, MAKE, parent=parent.value, day=day)[0]["made"])


DROP = "SELECT partition_drop(%(parent)s, %(day)s, %(now)s) AS became"


def drop(conn: db.Conn, parent: Parent, day: date, *, now: datetime) -> Dropped:
    """Take the partition a day belongs to out of its table; `clear` gives its space back.

    In a transaction of its own: until its end nobody else writes. Raise LockNotAvailable as `make` does.
    """
    return Dropped(db.rows(conn, DROP, parent=parent.value, day=day, now=now)[0]["became"])


CLEAR = "SELECT partition_clear() AS cleared"


def clear(conn: db.Conn) -> int:
    """Drop what was taken out, also by somebody who died since; return how many partitions."""
    return int(db.rows(conn, CLEAR)[0]["cleared"])


STRAYS = "SELECT partition_strays(%(parent)s, %(before)s, %(most)s, %(now)s) AS deleted"


def strays(conn: db.Conn, parent: Parent, *, before: date, most: int, now: datetime) -> int:
    """Delete up to `most` (500 at most) old rows that came while their partition was missing; return how many."""
    return int(db.rows(conn, STRAYS, parent=parent.value, before=before, most=most, now=now)[0]["deleted"])


THERE = """
    SELECT leaf.relname AS name
    FROM pg_inherits
    JOIN pg_class AS leaf ON leaf.oid = inhrelid
    WHERE inhparent = %(parent)s::regclass
    ORDER BY leaf.relname
"""


def days(conn: db.Conn, parent: Parent) -> list[date]:
    """Return the first day of each partition, oldest first; the default one has none."""
    names = (row["name"].removeprefix(f"{parent}_") for row in db.rows(conn, THERE, parent=parent.value))
    return [_first(name) for name in names if name != "default"]


def _first(name: str) -> date:
    """Return the day a partition's name tells: 2026_11_22, or 2026_11 of a month."""
    year, month, *day = map(int, name.split("_"))
    return date(year, month, *(day or [1]))


def ends(parent: Parent, first: date) -> date:
    """Return the day after a partition that begins on `first`."""
    if parent is Parent.JOURNAL:
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first + timedelta(days=7 if parent is Parent.CALLS else 1)


GONE_UNTIL = "SELECT max(upto) AS upto FROM partitions_gone WHERE parent = %(parent)s"


def gone_until(conn: db.Conn, parent: Parent) -> date | None:
    """Return the day before which everything was dropped; None when nothing ever was."""
    return db.rows(conn, GONE_UNTIL, parent=parent.value)[0]["upto"]


SIZES = """
    SELECT COALESCE(pg_inherits.inhparent, pg_class.oid)::regclass::text AS name,
        sum(pg_total_relation_size(pg_class.oid))::bigint AS bytes,
        sum(GREATEST(reltuples, 0))::bigint AS entries,
        count(pg_inherits.inhrelid) AS partitions
    FROM pg_class
    LEFT JOIN pg_inherits ON inhrelid = pg_class.oid
    WHERE relkind = 'r'
      AND relnamespace = 'public'::regnamespace
    GROUP BY 1
    ORDER BY bytes DESC, name
"""


def sizes(conn: db.Conn) -> list[db.Row]:
    """Return every table's name, bytes (indexes and partitions with it), estimated entries and partitions."""
    return db.rows(conn, SIZES)
