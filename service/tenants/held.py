"""Tenants the add-on is blocked for: all of them are held at once, and let go step by step (docs/upgates.md 2.7)."""

from collections.abc import Mapping
from datetime import datetime

from service import db
from service.lanes import TenantId

REFUSED = """
    UPDATE tenants
    SET refused_at = %(at)s
    WHERE tenant_id = %(tenant_id)s
      AND state <> 'dismissed'
      AND credentials_revision = %(credentials_revision)s
"""


def refused(conn: db.Conn, tenant_id: TenantId, *, at: datetime, credentials_revision: int) -> bool:
    """Note that a shop did not let us in with these credentials; False when it has others by now."""
    return db.run(conn, REFUSED, tenant_id=tenant_id, at=at, credentials_revision=credentials_revision) == 1


REFUSED_SINCE = """
    SELECT tenant_id, refused_at
    FROM tenants
    WHERE refused_at >= %(since)s
      AND state <> 'dismissed'
      AND NOT doubted
"""


def refused_since(conn: db.Conn, *, since: datetime) -> Mapping[TenantId, datetime]:
    """Return which shops refused credentials that had worked, and when last; over every tenant."""
    return {row["tenant_id"]: row["refused_at"] for row in db.rows(conn, REFUSED_SINCE, since=since)}


# Those the block got suspended one by one, before it was known to be one, are taken back.
HOLD_ALL = """
    UPDATE tenants
    SET state = 'held', state_why = %(why)s
    WHERE state = 'active'
       OR (state = 'suspended' AND refused_at >= %(since)s)
    RETURNING tenant_id
"""


def hold_all(conn: db.Conn, *, why: str, since: datetime) -> list[TenantId]:
    """Stop all calls to all shops, without doubt in their credentials; return which shops these are."""
    return [row["tenant_id"] for row in db.rows(conn, HOLD_ALL, why=why, since=since)]


HOLD = """
    UPDATE tenants
    SET state = 'held', state_why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND state = 'active'
"""


def hold(conn: db.Conn, tenant_id: TenantId, *, why: str) -> bool:
    """Hold one shop more, which was called while the add-on is blocked; False when it is held already."""
    return db.run(conn, HOLD, tenant_id=tenant_id, why=why) == 1


NEXT_HELD = """
    SELECT tenant_id
    FROM tenants
    WHERE state = 'held'
    ORDER BY doubted, refused_at IS NOT NULL, tenant_id <= %(after)s, tenant_id
    LIMIT 1
"""


def next_held(conn: db.Conn, *, after: TenantId | None) -> TenantId | None:
    """Return a held shop to try, another one each time.

    One whose credentials never worked would prove nothing, and one that refused us may have left by itself.
    """
    row = db.one(conn, NEXT_HELD, after=after or "")
    return row["tenant_id"] if row else None


LET_GO = """
    WITH first AS MATERIALIZED (
        SELECT tenant_id
        FROM tenants
        WHERE state = 'held'
        ORDER BY tenant_id <> %(first)s, tenant_id
        LIMIT %(most)s
        FOR UPDATE
    )
    UPDATE tenants
    SET state = 'active', state_why = NULL, refused_at = NULL
    FROM first
    WHERE tenants.tenant_id = first.tenant_id
    RETURNING tenants.tenant_id
"""


def let_go(conn: db.Conn, *, most: int, first: TenantId) -> list[TenantId]:
    """Let some held shops be called again, `first` before the others; return which."""
    return [row["tenant_id"] for row in db.rows(conn, LET_GO, most=most, first=first)]


HOW_MANY = "SELECT count(*) AS held FROM tenants WHERE state = 'held'"


def how_many(conn: db.Conn) -> int:
    """Count the held shops."""
    row = db.one(conn, HOW_MANY)
    return int(row["held"]) if row else 0
