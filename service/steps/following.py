"""What follows whenever what left changed: warehouses and the shop are to know."""

from collections.abc import Sequence
from datetime import datetime

from service import db
from service.lanes import TenantId
from service.steps import offering, wanting


def follow(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> None:
    """Weigh orders anew and put into the outbox what the shop ought to show of them."""
    offering.weigh(conn, tenant_id, dict.fromkeys(numbers, ()), now=now)
    wanting.want(conn, tenant_id, numbers, now=now)
