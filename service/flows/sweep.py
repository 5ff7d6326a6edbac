"""Seal what the journal has gathered, so that a row changed later is seen, and forget what need not be kept."""

from datetime import timedelta

from service import journal, shipments, tenants
from service.lanes import TenantId
from service.rig import Rig

BUSY = timedelta(minutes=1)
QUIET = timedelta(minutes=15)
KEYS_FOR = timedelta(days=30)  # docs/wms.md


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Chain the journal's finished rows to the last seal; return how many. Costs the shop no call."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        sealed = journal.seal(conn, tenant_id, now)
        shipments.forget_keys(conn, tenant_id, before=now - KEYS_FOR)
        tenants.swept(conn, tenant_id, due_at=now + (BUSY if sealed else QUIET))
    return sealed
