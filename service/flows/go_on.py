"""An operator lets a tenant go on: one that was suspended, whose activation failed, or whose rows were parked."""

from service import activations, inbox, journal, outbox, tenants
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.tenants import State


def rows(rig: Rig, tenant_id: TenantId, *, lane: Lane | None, key: str | None) -> int:
    """Let parked rows of the tenant be tried again, those of a lane or with a key; return how many.

    A key is an order's number, a product's id, or `d` and the number of a delivery, as `parked` prints it.
    """
    now = rig.now()
    delivery = int(key[1:]) if key and key[:1] == "d" and key[1:].isdecimal() else None
    with rig.db.tx(tenant_id) as conn:
        count = 0
        if lane in (None, Lane.WRITEBACK):  # first: whoever writes back locks rows before hints
            count += outbox.unpark(conn, tenant_id, now=now, order_number=key)
        count += inbox.unpark(conn, tenant_id, now=now, lane=lane, key=key)
        if key is None or delivery is not None:
            count += inbox.unstick(conn, tenant_id, lane=lane, delivery_id=delivery)
        if count:
            detail = {"by": "operator", "tried_again": [f"{count} parked rows"], "lane": lane, "key": key}
            journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PERSON, None, detail)])
    for each in [lane] if lane else Lane:
        rig.wake(each, tenant_id)
    return count


def run(rig: Rig, tenant_id: TenantId) -> list[str]:
    """Start again what had stopped and return what that was, in words; empty when nothing had.

    Raise LookupError, with words for the operator, for a shop that is not with us.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        tenant = tenants.of(conn, tenant_id)
        if tenant is None:
            raise LookupError(f"there is no tenant {tenant_id}; `tenants` lists them")
        if tenant.state is State.DISMISSED:
            raise LookupError(f"{tenant_id} was uninstalled; only its merchant can install it again")
        started: list[str] = []
        if tenants.resume(conn, tenant_id):
            started.append("the suspended shop")
        if activations.has_failed(conn, tenant_id):
            started.append("the failed activation")
        if started:
            activations.plan(conn, tenant_id, addon=rig.settings.addon, again=True, now=now)
        count = outbox.unpark(conn, tenant_id, now=now)
        outbox.rest_no_more(conn, tenant_id)
        count += inbox.unpark(conn, tenant_id, now=now)  # rows, the shop, hints: as the write-back locks
        if count := count + inbox.unstick(conn, tenant_id):
            started.append(f"{count} parked rows")
        inbox.rest_no_more(conn, tenant_id)
        inbox.hurry(conn, tenant_id, now=now)
        if started:
            detail = {"by": "operator", "tried_again": started}
            journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PERSON, None, detail)])
    for lane in Lane:
        rig.wake(lane, tenant_id)
    return started
