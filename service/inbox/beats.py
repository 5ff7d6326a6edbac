"""When the receiver was away: it says every half minute that it lives, and whoever comes back finds the gap."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db

AWAY = timedelta(minutes=5)  # a shop sends a refused webhook again after so long (docs/upgates.md 3.2)


@dataclass(frozen=True)
class Outage:
    """A time in which no web process was there, or none is known to have taken all that came."""

    began_at: datetime
    ended_at: datetime


ALIVE = "SELECT alive_at FROM receiver_beats WHERE name = 'receiver' FOR UPDATE"

BEAT = """
    INSERT INTO receiver_beats (name, alive_at)
    VALUES ('receiver', %(now)s)
    ON CONFLICT (name) DO UPDATE SET alive_at = EXCLUDED.alive_at
"""

# What was noted by a clock that has been put back lay in a future that is still to come.
PUT_BACK = (
    """
    UPDATE receiver_outages
    SET began_at = LEAST(began_at, %(now)s), ended_at = %(now)s
    WHERE ended_at > %(now)s
    """,
    """
    UPDATE looks
    SET asked_at = LEAST(asked_at, %(now)s),
        began_at = LEAST(began_at, %(now)s),
        ended_at = LEAST(ended_at, %(now)s),
        covers_until = LEAST(covers_until, %(now)s)
    WHERE GREATEST(asked_at, began_at, ended_at, covers_until) > %(now)s
    """,
)

AWAY_BETWEEN = """
    INSERT INTO receiver_outages (began_at, ended_at)
    VALUES (%(began_at)s, %(now)s)
"""


def beat(conn: db.Conn, *, now: datetime, here_since: datetime | None = None) -> Outage | None:
    """Note that a web process lives; return the outage that ends with it, which is told to one process only.

    There was none when that process has taken all that came since before the last sign of life: what was away was the
    database, and the spool holds what came meanwhile. Whoever started afterwards cannot know. A clock that was put back
    takes what had been noted of its future back with it.
    """
    known = db.one(conn, ALIVE)
    db.run(conn, BEAT, now=now)
    if known and now < known["alive_at"]:
        for put_back in PUT_BACK:
            db.run(conn, put_back, now=now)
    if known is None or now - known["alive_at"] < AWAY:
        return None
    if here_since is not None and here_since <= known["alive_at"]:
        return None
    db.run(conn, AWAY_BETWEEN, began_at=known["alive_at"], now=now)
    return Outage(known["alive_at"], now)


ALIVE_AT = "SELECT alive_at FROM receiver_beats WHERE name = 'receiver'"


def alive_at(conn: db.Conn) -> datetime | None:
    """Return when a web process last said that it lives; None: never."""
    row = db.one(conn, ALIVE_AT)
    return row["alive_at"] if row else None


AWAY_AFTER = """
    SELECT min(began_at) AS began_at, max(ended_at) AS ended_at
    FROM receiver_outages
    WHERE ended_at > %(at)s
"""


def away_after(conn: db.Conn, at: datetime) -> Outage | None:
    """Return the time in which the receiver was away and which ended after then; several outages count as one."""
    [row] = db.rows(conn, AWAY_AFTER, at=at)
    return Outage(**row) if row["ended_at"] else None


def is_away(conn: db.Conn, *, now: datetime) -> bool:
    """Say whether the receiver is away and nobody has come back yet to say so."""
    known = alive_at(conn)
    return known is not None and known <= now - AWAY


OUTAGES = """
    SELECT began_at, ended_at
    FROM receiver_outages
    WHERE ended_at > %(since)s
      AND began_at < %(until)s
    ORDER BY began_at
"""


def outages(conn: db.Conn, *, since: datetime, until: datetime) -> list[Outage]:
    """Return the times of a period in which the receiver was away, oldest first."""
    return [Outage(**row) for row in db.rows(conn, OUTAGES, since=since, until=until)]
