"""Exchange the ticket of an opening for a session of our own (docs/upgates.md 2.4)."""

from service import tickets
from service.rig import Rig
from service.tickets import Session


def run(rig: Rig, ticket: str) -> Session | None:
    """Use the ticket up and return the session; None when it is used, old or not ours."""
    tenant_id = tickets.tenant_of(ticket)
    if tenant_id is None:
        return None
    with rig.db.tx(tenant_id) as conn:
        return tickets.exchange(conn, tenant_id, ticket, now=rig.now())
