"""A warehouse says that it has a revision of an order; after a stop that decides what comes next."""

from service import accounts
from service.lanes import TenantId
from service.offers import Shown
from service.rig import Rig
from service.steps import offering


class NotTheShipper(Exception):
    """Another account ships for the shop: only its word says that the goods were taken off the line."""


def run(rig: Rig, tenant_id: TenantId, number: str, *, revision: int, account_id: str) -> Shown | None:
    """Return the order as it is offered now; None when there is none, another revision when the word came too late.

    Raise NotTheShipper when a warehouse ships for the shop and this account is not its.
    """
    with rig.db.tx(tenant_id) as conn:
        if accounts.shipper(conn, tenant_id) not in (None, account_id):
            raise NotTheShipper
        return offering.acknowledged(conn, tenant_id, number, revision=revision, now=rig.now())
