"""When a tenant has its turn: its minute of the day, and its next sweep."""

from collections.abc import Mapping
from datetime import datetime

from service import db
from service.kit import slots
from service.lanes import TenantId

TAKEN = "SELECT slot_minute FROM tenants WHERE slot_minute IS NOT NULL AND state <> 'dismissed'"
SLOT_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('slots', 0))"
GIVE_SLOT = "UPDATE tenants SET slot_minute = %(minute)s WHERE tenant_id = %(tenant_id)s AND slot_minute IS NULL"


def give_slot(conn: db.Conn, tenant_id: TenantId) -> None:
    """Give a new tenant its minute of the day, for good; one after the other, or two would take the same (R15)."""
    db.run(conn, SLOT_LOCK)
    db.run(conn, GIVE_SLOT, tenant_id=tenant_id, minute=slots.free(_taken(conn)))


def schedule(conn: db.Conn) -> Mapping[int, int]:
    """Return how many tenants have their slot in each hour of the day, hours of Prague."""
    return slots.per_hour(_taken(conn))


def _taken(conn: db.Conn) -> list[int]:
    return [row["slot_minute"] for row in db.rows(conn, TAKEN)]


SWEEP_DUE = "SELECT tenant_id FROM tenants WHERE COALESCE(sweep_due_at, installed_at) <= %(now)s"
SWEPT = "UPDATE tenants SET sweep_due_at = %(due_at)s WHERE tenant_id = %(tenant_id)s"


def sweep_due(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants whose housekeeping is due; a new one's is at once."""
    return [row["tenant_id"] for row in db.rows(conn, SWEEP_DUE, now=now)]


def swept(conn: db.Conn, tenant_id: TenantId, *, due_at: datetime) -> None:
    """Note when the tenant is to be swept next."""
    db.run(conn, SWEPT, tenant_id=tenant_id, due_at=due_at)
