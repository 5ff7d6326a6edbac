"""How far each spool file was drained, told in the commit that stores its deliveries: none is drained twice."""

from datetime import datetime

from service import db

DRAINED_TO = """
    SELECT drained_to
    FROM spool_files
    WHERE name = %(name)s
"""


def drained_to(conn: db.Conn, name: str) -> int:
    """Return up to which byte a file is in the database."""
    row = db.one(conn, DRAINED_TO, name=name)
    return row["drained_to"] if row else 0


NOTE = """
    INSERT INTO spool_files (name, drained_to, drained_at)
    VALUES (%(name)s, %(drained_to)s, %(now)s)
    ON CONFLICT (name) DO UPDATE
    SET drained_to = excluded.drained_to, drained_at = excluded.drained_at
"""


def note_drained(conn: db.Conn, name: str, *, to: int, now: datetime) -> None:
    """Note that a file's deliveries up to a byte are stored by this very transaction."""
    db.run(conn, NOTE, name=name, drained_to=to, now=now)


FORGET = """
    DELETE FROM spool_files
    WHERE name = %(name)s
"""


def forget_drained(conn: db.Conn, name: str) -> None:
    """Forget a file that is gone; its name never comes again."""
    db.run(conn, FORGET, name=name)
