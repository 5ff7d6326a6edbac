"""Note which version of the add-on a shop is on, and compare its webhooks (docs/upgates.md 2.6)."""

from service import activations, journal, tenants
from service.activations import Step
from service.lanes import Lane
from service.replays import Seen
from service.rig import Rig
from service.steps import lifecycle
from service.steps.lifecycle import Call
from service.tenants import Change, Credentials, State


def run(rig: Rig, call: Call, credentials: Credentials | None) -> bool:
    """Store version and new credentials, if any, and have the webhooks compared; False when the shop is not with us.

    An activation that had failed begins anew: a version may bring the right that it lacked.
    Only one of the candidate signatures covers credentials. A signature that comes again therefore changes nothing:
    nobody can send a captured call once more with other credentials in it.
    """
    now = rig.now()
    with rig.db.tx_all("a signed version change names its shop by token") as conn:
        again = lifecycle.accept(conn, call, now=now) is Seen.AGAIN
        tenant = tenants.called(conn, call.token, time=call.time, refuse_older=credentials is not None)
        if tenant is None or tenant.state is State.DISMISSED:
            return False
        if again:
            return True
        lifecycle.note(conn, tenant.tenant_id, call)
        change = Change.UNCHANGED
        if credentials:
            change = tenants.renew(conn, tenant.tenant_id, credentials, seal=rig.settings.seal, now=now)
        # The webhooks of an old access are gone, and nobody told what changed.
        if change is not Change.UNCHANGED or activations.has_failed(conn, tenant.tenant_id):
            activations.plan(conn, tenant.tenant_id, addon=rig.settings.addon, again=True, now=now)
        else:
            activations.again(conn, tenant.tenant_id, step=Step.WEBHOOKS, now=now)
        detail = {"before": tenant.version, "after": call.version, "credentials": change.value}
        journal.write(conn, tenant.tenant_id, [journal.Entry(now, journal.Kind.VERSION_CHANGED, None, detail)])
    rig.wake(Lane.ACTIVATE, tenant.tenant_id)
    return True
