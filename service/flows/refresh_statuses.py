"""Read the order statuses whole: the list is short, and one call brings it (docs/upgates.md 4.6)."""

from collections.abc import Sequence
from functools import partial

from service import inbox
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import code_lists, turn

LANE = Lane.REFRESH_STATUSES


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Answer what is due; return how many times the list was read."""
    return turn.work_off(rig, tenant_id, LANE, most=1, read=partial(read, rig, tenant_id))


def read(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Replace the mirrored statuses; one that is gone is marked, because orders may still bear it."""
    statuses = rig.shop(tenant_id, LANE).order_statuses()
    code_lists.answer(rig, tenant_id, LANE, claimed, {"order_statuses": [statuses]})
