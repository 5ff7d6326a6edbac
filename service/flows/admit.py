"""Take a shop in: one tenant per token, newest credentials at once, no call to the shop (docs/upgates.md 2.3, 2.7)."""

from service import activations, journal, mappings, tenants
from service.db import Conn
from service.lanes import Lane, TenantId
from service.replays import Seen
from service.rig import Rig
from service.steps import lifecycle, telling
from service.steps.lifecycle import Call, Stale
from service.tenants import Change, Credentials, State


def run(rig: Rig, call: Call, credentials: Credentials) -> TenantId:
    """Store what a signed installation says and return its tenant; the activation is walked through afterwards.

    A shop that was here before goes on from its watermark, and what it did without us is history. An active one with
    the same credentials is left alone, unless its activation had failed. A call that comes again changes nothing.
    Raise Stale or CallTooOld for a replay.
    """
    now = rig.now()
    with rig.db.tx_all("a signed installation names its shop by token") as conn:
        if lifecycle.accept(conn, call, now=now) is Seen.AGAIN:
            return installed_before(conn, call)
        tenant_id, change = tenants.admit(
            conn, call.token, credentials, time=call.time, seal=rig.settings.seal, now=now
        )
        lifecycle.note(conn, tenant_id, call)
        if change is Change.UNCHANGED and not activations.has_failed(conn, tenant_id):
            return tenant_id
        if change is Change.INSTALLED:
            tenants.give_slot(conn, tenant_id)
        if change is Change.REINSTALLED:
            mappings.note_absence(conn, tenant_id, until=now)
        activations.plan(conn, tenant_id, addon=rig.settings.addon, again=change is not Change.INSTALLED, now=now)
        kind = journal.Kind.RESUMED if change is Change.UNCHANGED else journal.Kind(change.value)
        detail = {"version": call.version, "api_url": credentials.api_url}
        journal.write(conn, tenant_id, [journal.Entry(now, kind, None, detail)])
    rig.wake(Lane.ACTIVATE, tenant_id)
    if change is Change.REINSTALLED:
        telling.anew(rig, tenant_id)
    return tenant_id


def installed_before(conn: Conn, call: Call) -> TenantId:
    """Return the tenant of an installation sent twice; raise Stale when its shop has left since: that is a replay.

    The shop may have gone within the second in which it came, so the time of the call alone does not tell (2.2).
    """
    tenant = tenants.called(conn, call.token, time=call.time, refuse_older=True)
    if tenant is None or tenant.state is State.DISMISSED:
        raise Stale("its signature was used before, and its shop has left since")
    return tenant.tenant_id
