"""Weigh every order of a shop anew after a person decided otherwise; whoever dies at it is followed by the sweep."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from service import db, mappings, offers, orders, tenants
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import offering, wanting

AT_ONCE = 500  # orders weighed in one transaction
DEAD_AFTER = timedelta(minutes=2)  # thousands of orders take seconds; by then whoever weighs them has died


@contextmanager
def deciding(rig: Rig, tenant_id: TenantId) -> Generator[db.Conn, None, None]:
    """Open the transaction of a decision that every order is to be weighed by; the mirror is held.

    The sweep is told first: the tenant's row is locked before the mirror, as everywhere. What is being read by the old
    answers is committed before, and weighed afterwards.
    """
    with rig.db.tx(tenant_id) as conn:
        tenants.swept(conn, tenant_id, due_at=rig.now() + DEAD_AFTER)
        orders.hold(conn, tenant_id)
        yield conn


def run(rig: Rig, tenant_id: TenantId) -> None:
    """Weigh every order that is no history, some at a time: any of them may move. Of history, what a person released.

    And what a warehouse may have on its line, though it became history when the shop left and came back. What a live
    shop ought to show of them is computed anew as well.
    """
    with rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)  # what is being decided by the old answers is committed first
        owed = mappings.unweighed_since(conn, tenant_id)
        given = mappings.of(conn, tenant_id)
        numbers = orders.created_after(conn, tenant_id, given.history_until) if given.history_until else []
        told = [*offers.by_hand(conn, tenant_id), *offers.on_the_line(conn, tenant_id)]
        numbers = list(dict.fromkeys([*numbers, *told]))
    for first in range(0, len(numbers), AT_ONCE):
        some = numbers[first : first + AT_ONCE]
        with rig.db.tx(tenant_id) as conn:
            offering.weigh(conn, tenant_id, dict.fromkeys(some, ()), now=rig.now())
            if given.live:
                wanting.want(conn, tenant_id, some, now=rig.now())
    with rig.db.tx(tenant_id) as conn:
        mappings.weighed(conn, tenant_id, owed=owed)
    rig.wake(Lane.WRITEBACK, tenant_id)
