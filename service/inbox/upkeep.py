"""What people and time do to hints: let parked ones go on, hurry them, forget what is owed, drop what is old."""

from datetime import datetime

from service import db
from service.lanes import Lane, TenantId

PARKED = """
    SELECT lane, key, since, parked, died
    FROM hints
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NOT NULL
    ORDER BY lane, since, key
"""


def parked(conn: db.Conn, tenant_id: TenantId) -> list[db.Row]:
    """Return what waits for a person: lane, key, since when, why, and whether we died of it."""
    return db.rows(conn, PARKED, tenant_id=tenant_id)


PARKED_KEYS = """
    SELECT key
    FROM hints
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND parked IS NOT NULL
"""


def parked_keys(conn: db.Conn, tenant_id: TenantId, lane: Lane) -> set[str]:
    """Return what waits for a person in a lane: a hint about it would be news, and let it go on."""
    return {row["key"] for row in db.rows(conn, PARKED_KEYS, tenant_id=tenant_id, lane=lane.value)}


UNPARK = """
    UPDATE hints
    SET parked = NULL, tries = 0, due_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND parked IS NOT NULL
      AND lane = COALESCE(%(lane)s, lane)
      AND key = COALESCE(%(key)s, key)
"""


def unpark(
    conn: db.Conn, tenant_id: TenantId, *, now: datetime, lane: Lane | None = None, key: str | None = None
) -> int:
    """Make what was parked due once more, all of the tenant or what is named; return how many rows."""
    return db.run(conn, UNPARK, tenant_id=tenant_id, now=now, lane=lane and lane.value, key=key)


HURRY = """
    UPDATE hints
    SET due_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND due_at > %(now)s
      AND claim IS NULL
      AND parked IS NULL
"""


def hurry(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Make due at once what waits for a back-off or for its pace: a person says that the shop answers again."""
    db.run(conn, HURRY, tenant_id=tenant_id, now=now)


# Locked in order, as in `hint`.
FORGET = """
    WITH owed AS MATERIALIZED (
        SELECT lane, key
        FROM hints
        WHERE tenant_id = %(tenant_id)s
          AND due_at IS NOT NULL
        ORDER BY lane, key
        FOR UPDATE
    )
    UPDATE hints
    SET due_at = NULL, since = NULL, claim = NULL, claimed_revision = NULL, parked = NULL, tries = 0, cursor = '{}',
        cause = NULL
    FROM owed
    WHERE hints.tenant_id = %(tenant_id)s
      AND hints.lane = owed.lane
      AND hints.key = owed.key
"""


def forget(conn: db.Conn, tenant_id: TenantId) -> int:
    """Owe the tenant nothing any more: the add-on was uninstalled (docs/upgates.md 2.5); watermarks stay."""
    return db.run(conn, FORGET, tenant_id=tenant_id)


# Materialised: joined as it stands, the inner query may run more than once and each time choose other rows.
DROP_ANSWERED = """
    WITH old AS MATERIALIZED (
        SELECT lane, key
        FROM hints
        WHERE tenant_id = %(tenant_id)s
          AND due_at IS NULL
          AND COALESCE(answered_at, told_at) < %(before)s
        ORDER BY lane, key
        LIMIT %(most)s
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM hints
    USING old
    WHERE hints.tenant_id = %(tenant_id)s
      AND hints.lane = old.lane
      AND hints.key = old.key
"""


def drop_answered(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Delete up to `most` hints that owe nothing and were answered before then; return how many."""
    return db.run(conn, DROP_ANSWERED, tenant_id=tenant_id, before=before, most=most)
