"""Let a shop go: its credentials are void already, nothing may be tried with them (docs/upgates.md 2.5, R8)."""

from service import activations, inbox, journal, mappings, outbox, tenants, tickets
from service.replays import Seen
from service.rig import Rig
from service.steps import lifecycle, reweigh
from service.steps.lifecycle import Call


def run(rig: Rig, call: Call) -> bool:
    """Erase the credentials and stop everything that is due; False when the shop is unknown or was gone before.

    What was mirrored stays, and so do the watermarks: a shop that comes back goes on from there, observed. What it had
    released and a warehouse has not shipped is stopped afterwards, some orders at a time. A call that comes again is
    False too: the shop may be back since, within the second the call names (2.2).
    Raise Stale or CallTooOld for a replay.
    """
    now = rig.now()
    with rig.db.tx_all("a signed uninstallation names its shop by token") as conn:
        again = lifecycle.accept(conn, call, now=now) is Seen.AGAIN
        tenant = tenants.called(conn, call.token, time=call.time, refuse_older=True)
        if tenant is None or again:
            return False
        lifecycle.note(conn, tenant.tenant_id, call)
        if not tenants.dismiss(conn, tenant.tenant_id, now=now):
            return False
        outbox.forget(conn, tenant.tenant_id)
        inbox.forget(conn, tenant.tenant_id)
        activations.stop(conn, tenant.tenant_id)
        tickets.forget(conn, tenant.tenant_id)
        mappings.switch(conn, tenant.tenant_id, live_since=None)
        mappings.owe_weighing(conn, tenant.tenant_id, since=now)
        tenants.swept(conn, tenant.tenant_id, due_at=now + reweigh.DEAD_AFTER)
        detail = {"version": call.version}
        journal.write(conn, tenant.tenant_id, [journal.Entry(now, journal.Kind.UNINSTALLED, None, detail)])
    reweigh.run(rig, tenant.tenant_id)
    return True
