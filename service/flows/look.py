"""Somebody asks whether we know everything of a shop: the look is made by its lanes, like any other (R12)."""

from service import inbox, journal, tenants
from service.inbox import Cause
from service.lanes import LOOKED_AT, TenantId
from service.rig import Rig
from service.tenants import State


class LookRefused(Exception):
    """The shop cannot be looked at; the message says why, for whoever asked."""


def run(rig: Rig, tenant_id: TenantId, *, by: str) -> None:
    """Let orders and products be compared; one that was asked for already is not asked for twice (R14)."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        tenant = tenants.of(conn, tenant_id)
        if tenant is None or tenant.state is not State.ACTIVE:
            raise LookRefused(f"{tenant_id} is {tenant.state.value if tenant else 'unknown'}: it is not called")
        for lane in LOOKED_AT:
            inbox.ask_look(conn, tenant_id, lane, Cause.PERSON, now=now, doubted_from=None)
        entry = journal.Entry(now, journal.Kind.PERSON, None, {"by": by, "asked_for": "a look"})
        journal.write(conn, tenant_id, [entry])
    for lane in LOOKED_AT:
        rig.wake(lane, tenant_id)
