"""A warehouse says that it has a revision of an order; after a stop that decides what comes next."""

from service.lanes import TenantId
from service.offers import Shown
from service.rig import Rig
from service.steps import offering


def run(rig: Rig, tenant_id: TenantId, number: str, *, revision: int) -> Shown | None:
    """Return the order as it is offered now; None when there is none, another revision when the word came too late."""
    with rig.db.tx(tenant_id) as conn:
        return offering.acknowledged(conn, tenant_id, number, revision=revision, now=rig.now())
