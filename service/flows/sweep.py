"""Seal what the journal has gathered, so that a row changed later is seen, tidy up behind the others, and doubt."""

from datetime import timedelta

from service import journal, mappings, shipments, tenants
from service.lanes import TenantId
from service.rig import Rig
from service.steps import ageing, desk, doubting, payouts, reweigh, stranded, telling, unblock, untold, watching

BUSY = timedelta(minutes=1)
QUIET = timedelta(minutes=15)
KEYS_FOR = timedelta(days=30)  # docs/wms.md


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Chain the journal's finished rows to the last seal; return how many. Costs the shop no call.

    Unless the add-on is blocked: then one shop an hour is asked whether that has ended.
    """
    unblock.run(rig)
    now = rig.now()
    if ageing.erase(rig, tenant_id, now=now):
        return 0
    ageing.drop_hints(rig, tenant_id, now=now)
    ageing.drop_looks(rig, tenant_id, now=now)
    ageing.drop_labels(rig, tenant_id, now=now)
    ageing.mask_orders(rig, tenant_id, now=now)
    ageing.mask_scans(rig, tenant_id, now=now)
    with rig.db.tx(tenant_id) as conn:
        payouts.watch(conn, tenant_id, now=now)
    with rig.db.tx(tenant_id) as conn:
        sealed = journal.seal(conn, tenant_id, now)
        shipments.forget_keys(conn, tenant_id, before=now - KEYS_FOR)
        owed_since = mappings.unweighed_since(conn, tenant_id)
        lanes = doubting.weigh(conn, tenant_id, now=now)
        desk.settle(conn, rig, tenant_id)
        stranded.settle(conn, tenant_id, now=now)
        untold.watch(conn, tenant_id, now=now)
        soon_late = watching.watch(conn, tenant_id, ahead=QUIET, now=now)
        telling.plan_daily(conn, tenant_id, now=now)
        tenants.swept(conn, tenant_id, due_at=now + (BUSY if sealed or owed_since or soon_late else QUIET))
    for lane in lanes:
        rig.wake(lane, tenant_id)
    if owed_since and owed_since <= now - reweigh.DEAD_AFTER:
        reweigh.run(rig, tenant_id)
    return sealed
