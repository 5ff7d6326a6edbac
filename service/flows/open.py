"""Let the merchant in: a one-time ticket for whoever the platform vouches for (docs/upgates.md 2.4, R37)."""

from service import tenants, tickets
from service.rig import Rig
from service.steps import lifecycle
from service.steps.lifecycle import Call
from service.tenants import State


def run(rig: Rig, call: Call, *, language: str) -> str | None:
    """Return a ticket that opens the panel once within a minute; None when the shop is not with us.

    The same signature may come again: two clicks within one second are signed alike.
    """
    now = rig.now()
    with rig.db.tx_all("a signed opening names its shop by token") as conn:
        lifecycle.accept(conn, call, now=now)
        tenant = tenants.called(conn, call.token, time=call.time, refuse_older=False)
        if tenant is None or tenant.state is State.DISMISSED:
            return None
        lifecycle.note(conn, tenant.tenant_id, call)
        return tickets.issue(conn, tenant.tenant_id, language=language, now=now)
