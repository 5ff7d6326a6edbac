"""Erase a shop that left: everything that names it, from every table there is or will be.

A function of the schema's owner does it: the journal is for adding only, and a list of tables would miss the next one.
"""

from datetime import datetime

from service import db

ERASE = "SELECT tenant_erase(%(tenant_id)s, %(before)s, %(most)s, %(again_at)s, %(now)s) AS deleted"


def erase(  # which rows, how many, and when
    conn: db.Conn, tenant_id: str, *, before: datetime, most: int, again_at: datetime, now: datetime
) -> int | None:
    """Delete up to `most` rows (500 at most) of a shop that was uninstalled before then; return how many.

    The first time also forgets the shop itself, but for the fact. None: it is not to be erased. 0: nothing is left,
    and it is never due for a sweep again; until then it is due at `again_at`.
    """
    row = db.rows(conn, ERASE, tenant_id=tenant_id, before=before, most=most, again_at=again_at, now=now)[0]
    return row["deleted"]
