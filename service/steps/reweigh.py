"""Weigh every order of a shop anew, after a person decided otherwise; whoever dies at it is followed by the sweep."""

from datetime import datetime, timedelta

from service import db, mappings, offers, orders, tenants
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import offering

AT_ONCE = 500  # orders weighed in one transaction
DEAD_AFTER = timedelta(minutes=2)  # thousands of orders take seconds; by then whoever weighs them has died


def owe(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Note, with the decision itself, that its orders are still to be weighed by it."""
    mappings.owe_weighing(conn, tenant_id, since=now)
    tenants.swept(conn, tenant_id, due_at=now + DEAD_AFTER)


def run(rig: Rig, tenant_id: TenantId) -> None:
    """Weigh every order that is no history or was released by hand, some at a time: any of them may move."""
    with rig.db.tx(tenant_id) as conn:
        owed = mappings.unweighed_since(conn, tenant_id)
        given = mappings.of(conn, tenant_id)
        since = given.history_until if given.live else None
        numbers = orders.created_after(conn, tenant_id, since) if since else []
        if since:
            numbers = list(dict.fromkeys([*numbers, *offers.by_hand(conn, tenant_id)]))
    for first in range(0, len(numbers), AT_ONCE):
        with rig.db.tx(tenant_id) as conn:
            some = numbers[first : first + AT_ONCE]
            offering.weigh(conn, tenant_id, dict.fromkeys(some, ()), now=rig.now())
    with rig.db.tx(tenant_id) as conn:
        mappings.weighed(conn, tenant_id, owed=owed)
    rig.wake(Lane.WRITEBACK, tenant_id)
