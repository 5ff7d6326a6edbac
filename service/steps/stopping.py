"""Which orders must not leave any more, whatever was booked for them: asked before a label is made or printed."""

from collections.abc import Sequence

from service import db, orders
from service.kit.mirroring import State
from service.lanes import TenantId
from service.steps import statuses


def not_to_leave(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, str]:
    """Return which of these orders must not leave any more, each with why."""
    types = statuses.types(conn, tenant_id)
    known = orders.standing(conn, tenant_id, numbers)
    said: dict[str, str] = {}
    for number in numbers:
        order = known.get(number)
        if order is None or order.state is not State.LIVE or order.delete_told:
            said[number] = "the shop does not show the order any more"
        elif order.status_id is not None and types.get(order.status_id) == statuses.RETURNS_STOCK:
            said[number] = "the shop has cancelled the order"
    return said
