"""When the receiver was away: it says every half minute that it lives, and whoever comes back finds the gap."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db

AWAY = timedelta(minutes=5)  # a shop sends a refused webhook again after so long (docs/upgates.md 3.2)


@dataclass(frozen=True)
class Outage:
    """A time in which no web process was there, or none reached the database."""

    began_at: datetime
    ended_at: datetime


ALIVE = "SELECT alive_at FROM receiver_beats WHERE name = 'receiver' FOR UPDATE"

BEAT = """
    INSERT INTO receiver_beats (name, alive_at)
    VALUES ('receiver', %(now)s)
    ON CONFLICT (name) DO UPDATE SET alive_at = EXCLUDED.alive_at
"""

AWAY_BETWEEN = """
    INSERT INTO receiver_outages (began_at, ended_at)
    VALUES (%(began_at)s, %(now)s)
"""


def beat(conn: db.Conn, *, now: datetime) -> Outage | None:
    """Note that a web process lives; return the outage that ends with it, which is told to one process only."""
    known = db.one(conn, ALIVE)
    db.run(conn, BEAT, now=now)
    if known is None or now - known["alive_at"] < AWAY:
        return None
    db.run(conn, AWAY_BETWEEN, began_at=known["alive_at"], now=now)
    return Outage(known["alive_at"], now)


LAST_OUTAGE = """
    SELECT began_at, ended_at
    FROM receiver_outages
    ORDER BY ended_at DESC
    LIMIT 1
"""


def last_outage(conn: db.Conn) -> Outage | None:
    """Return the last time in which the receiver was away."""
    row = db.one(conn, LAST_OUTAGE)
    return Outage(**row) if row else None


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
