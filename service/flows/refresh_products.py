"""Read the products somebody told us about, fifty to a call; fulfillment reads their parameters and relations too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from service import catalog, db, inbox
from service.lanes import Lane, TenantId
from service.platform.shapes import Page, Product
from service.rig import Rig
from service.steps import apart, code_lists, look, take_over, turn

Lists = list[tuple[str, Sequence[Product], datetime]]

LANE = Lane.REFRESH_PRODUCTS
WITNESSES = 1
MOST = 50 - WITNESSES  # the platform's page of products (docs/upgates.md 1.9)


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Answer what is due; return how many batches were read."""
    return turn.work_off(rig, tenant_id, LANE, most=MOST, read=partial(read, rig, tenant_id))


def read(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Read the claimed products, or everything that changed."""
    if claimed[0].key == inbox.LOOK:
        read_changed(rig, tenant_id, claimed)
    else:
        read_ids(rig, tenant_id, claimed)


def read_ids(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Ask by product id (R21) for the claimed ones and for one we know to live."""
    waiting = {hint.key: hint.since for hint in claimed}
    with rig.db.tx(tenant_id) as conn:
        witnesses = catalog.witnesses(conn, tenant_id, besides=[int(key) for key in waiting], most=WITNESSES)

    def read_batch(keys: Sequence[str], *, vouched: bool) -> None:
        asked = {int(key): waiting[key] for key in keys}
        ids = [*asked, *(witnesses if vouched else [])]
        page = rig.shop(tenant_id, LANE).products_by_ids(ids)
        store(rig, tenant_id, claimed[0].claim, asked, page, fulfillment_lists(rig, tenant_id, ids))

    def read_witnesses() -> bool:
        return bool(witnesses and rig.shop(tenant_id, LANE).products_by_ids(witnesses))

    apart.read(
        rig, tenant_id, LANE, claimed[0].claim, list(waiting), read_batch=read_batch, read_witnesses=read_witnesses
    )


def store(  # whose claim, what was asked, and both answers
    rig: Rig, tenant_id: TenantId, claim: str, asked: Mapping[int, datetime], page: Page[Product], lists: Lists
) -> None:
    """Take an answer over, judge what it lacks, and settle the hints it answers."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        taken = take_over.take_over_products(conn, tenant_id, page.items, read_at=page.began_at, now=now)
        absent = take_over.judge_absent_products(conn, tenant_id, asked, page, read_at=page.began_at, now=now)
        for kind, items, read_at in lists:
            catalog.mirror_list(conn, tenant_id, kind, items, read_at=read_at)
        again = {**turn.once_more(rig, taken.unsettled, read_at=page.began_at), **absent.again}
        keys = [str(product_id) for product_id in asked]
        turn.settle(rig, conn, tenant_id, LANE, claim, keys, page, again=again, spoilt=taken.spoilt)


def fulfillment_lists(rig: Rig, tenant_id: TenantId, ids: Sequence[int]) -> Lists:
    """Ask for parameters and relations of the same products when this add-on is a fulfillment (4.7.4)."""
    if rig.settings.addon != "fulfillment":
        return []
    shop = rig.shop(tenant_id, LANE)
    pages = {"parameters": shop.product_parameters(product_ids=ids), "related": shop.product_related(product_ids=ids)}
    return [(kind, code_lists.believed(page).items, page.began_at) for kind, page in pages.items()]


def read_changed(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Look at everything that changed since the watermark."""
    look.walk(
        rig,
        tenant_id,
        LANE,
        claimed[0],
        ask=lambda shop, since, page: shop.products_changed(since=since, page=page),
        store=partial(store_changed, rig, tenant_id),
    )


def store_changed(rig: Rig, tenant_id: TenantId, conn: db.Conn, page: Page[Product], now: datetime) -> look.Stored:
    """Take one page of the look over; return what was read too close to its change, and how many products differed.

    Fulfillment looks at all of them once more: their other lists are read by a hint.
    """
    taken = take_over.take_over_products(conn, tenant_id, page.items, read_at=page.began_at, now=now)
    keys = [str(product.product_id) for product in page.items]
    again = keys if rig.settings.addon == "fulfillment" else [*taken.unsettled, *taken.spoilt]
    return look.Stored(again, len(taken.differed))
