"""Orders that stand still for two hours are problems of their shop; both open and close by themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from service import accounts, db, outbox, problems, tenants
from service.lanes import TenantId
from service.outbox import Where
from service.problems import Cause
from service.tenants import State

LATE = timedelta(hours=2)
NAMED = 10  # orders a problem names; `stuck` lists them all

PROBLEMS: Mapping[Where, Cause] = {Where.UNACKED: Cause.NOT_ACKED, Where.UNCONFIRMED: Cause.NOT_CONFIRMED}


def watch(conn: db.Conn, tenant_id: TenantId, *, ahead: timedelta, now: datetime) -> bool:
    """Open what is late, and close what is not any more; of a shop that left everything.

    Return whether something more will be late within the time `ahead` unless it moves.
    """
    tenant = tenants.of(conn, tenant_id)
    gone = tenant is None or tenant.state is State.DISMISSED
    acks = accounts.has_wms(conn, tenant_id)
    soon = {} if gone else outbox.stuck(conn, tenant_id, before=now - LATE + ahead, now=now, acks=acks, most=1)
    late = outbox.stuck(conn, tenant_id, before=now - LATE, now=now, acks=acks, most=NAMED) if soon else {}
    for where, cause in PROBLEMS.items():
        heap = late.get(where)
        if heap is None:
            problems.settle(conn, tenant_id, cause, now=now)
            continue
        detail = {"count": heap.count, "orders": [each.order_number for each in heap.oldest]}
        problems.note(conn, tenant_id, cause, now=now, detail=detail)
    return any(soon[where].count > (late[where].count if where in late else 0) for where in PROBLEMS if where in soon)
