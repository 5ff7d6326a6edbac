"""A person releases orders that were there before us; unless somebody does, what the pull brought is history."""

from collections.abc import Sequence

from service import journal, mappings, orders
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import offering, wanting

AT_ONCE = 500
NAMED = 20


class ReleaseRefused(Exception):
    """Nothing was released; the message says why."""


def run(rig: Rig, tenant_id: TenantId, numbers: Sequence[str] | None, *, by: str) -> int:
    """Release these orders, or (None) every open one, and return how many were weighed.

    Open are those whose status releases. Paid, not cancelled, there: that holds for them as for any other. Raise
    ReleaseRefused when the shop is only observed, or when an order is unknown.
    """
    with rig.db.tx(tenant_id) as conn:
        given = mappings.of(conn, tenant_id)
        if not given.live:
            raise ReleaseRefused("the shop is only observed: switch it live first")
        found = orders.with_status(conn, tenant_id, given.release) if numbers is None else list(dict.fromkeys(numbers))
        if unknown := sorted(set(found) - orders.standing(conn, tenant_id, found).keys()):
            raise ReleaseRefused(f"the shop has no order {', '.join(unknown[:NAMED])}")
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        with rig.db.tx(tenant_id) as conn:
            offering.release_by_hand(conn, tenant_id, some, now=rig.now())
            wanting.want(conn, tenant_id, some, now=rig.now())  # what had left before is told now
            detail = {"by": by, "did": "release", "orders": len(some), "among": some[:NAMED]}
            journal.write(conn, tenant_id, [journal.Entry(rig.now(), journal.Kind.PERSON, None, detail)])
    rig.wake(Lane.WRITEBACK, tenant_id)
    return len(found)
