"""Each tenant's minute of the day."""

from collections.abc import Mapping

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
