"""Read shipments and payments whole: which of the two changed the webhook's body does not tell for sure (3.4.5)."""

from collections.abc import Sequence
from functools import partial

from service import inbox
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import code_lists, turn

LANE = Lane.REFRESH_SHIPPING


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Answer what is due; return how many times the lists were read."""
    return turn.work_off(rig, tenant_id, LANE, most=1, read=partial(read, rig, tenant_id))


def read(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Replace both lists; the carriers' pairing reads them."""
    shop = rig.shop(tenant_id, LANE)
    lists = {"shipments": code_lists.every_page(shop.shipments), "payments": code_lists.every_page(shop.payments)}
    code_lists.answer(rig, tenant_id, LANE, claimed, lists)
