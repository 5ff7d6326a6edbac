"""Weigh the orders of a shop anew after a person decided otherwise; whoever dies at it is followed by the sweep."""

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
    """Weigh every order that may move, some at a time; what the shop ought to show of it is computed anew as well."""
    with rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)  # what is being decided by the old answers is committed first
        owed = mappings.unweighed_since(conn, tenant_id)
        numbers = _may_move(conn, tenant_id)
    for first in range(0, len(numbers), AT_ONCE):
        some = numbers[first : first + AT_ONCE]
        with rig.db.tx(tenant_id) as conn:
            offering.weigh(conn, tenant_id, dict.fromkeys(some, ()), now=rig.now())
            wanting.want(conn, tenant_id, some, now=rig.now())
    with rig.db.tx(tenant_id) as conn:
        mappings.weighed(conn, tenant_id, owed=owed)
    rig.wake(Lane.WRITEBACK, tenant_id)


def _may_move(conn: db.Conn, tenant_id: TenantId) -> list[str]:
    """Return what is no history, what was released by hand, and what a warehouse may be packing.

    Of a shop that left only the last. When it comes back at once that is history too, and must be stopped all the same.
    """
    packed = offers.on_the_line(conn, tenant_id)
    if tenants.has_left(conn, tenant_id):
        return packed
    since = mappings.of(conn, tenant_id).history_until
    fresh = orders.created_after(conn, tenant_id, since) if since else []
    return list(dict.fromkeys([*fresh, *offers.by_hand(conn, tenant_id), *packed]))
