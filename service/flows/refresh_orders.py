"""Read the orders somebody told us about: many hints, one call, and what is not in the answer is judged with care."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from service import inbox, orders
from service.lanes import Lane, TenantId
from service.platform.client import SEPARATOR
from service.platform.shapes import Order, Page
from service.rig import Rig
from service.steps import apart, missed, newest, take_over, turn

LANE = Lane.REFRESH_ORDERS
WITNESSES = 2
BESIDE = timedelta(minutes=1)
MOST = 100 - WITNESSES  # a call names a hundred orders at most (docs/upgates.md 4.1); two seats are the witnesses'


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Answer what is due; return how many batches were read."""
    return turn.work_off(rig, tenant_id, LANE, most=MOST, read=partial(read, rig, tenant_id))


def read(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Read the claimed orders, or everything that changed."""
    if claimed[0].key == inbox.LOOK:
        read_changed(rig, tenant_id, claimed)
    else:
        read_numbers(rig, tenant_id, claimed)


def read_numbers(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Ask for the claimed orders and for two we know to live: an answer without those proves nothing about the rest."""
    waiting = {hint.key: hint.since for hint in claimed}
    with rig.db.tx(tenant_id) as conn:
        witnesses = orders.witnesses(conn, tenant_id, besides=list(waiting), separator=SEPARATOR, most=WITNESSES)
    claim = claimed[0].claim

    def read_batch(keys: Sequence[str], *, vouched: bool) -> None:
        if SEPARATOR in keys[0]:
            page = read_alone(rig, tenant_id, keys[0])
        else:
            page = rig.shop(tenant_id, LANE).orders_by_numbers([*keys, *(witnesses if vouched else [])])
        store(rig, tenant_id, claim, {number: waiting[number] for number in keys}, page)

    def read_witnesses() -> bool:
        return bool(witnesses and rig.shop(tenant_id, LANE).orders_by_numbers(witnesses))

    alone = [[number] for number in waiting if SEPARATOR in number]  # such a number cannot stand in a list
    for batch in [*alone, [number for number in waiting if SEPARATOR not in number]]:
        if batch:
            apart.read(rig, tenant_id, LANE, claim, batch, read_batch=read_batch, read_witnesses=read_witnesses)


def read_alone(rig: Rig, tenant_id: TenantId, number: str) -> Page[Order]:
    """Ask for an order that can stand in no list; where nothing came, for those created around it, if there are any.

    An empty answer proves nothing, one that shows its neighbour does. Where a filter ends nobody knows to the second.
    """
    shop = rig.shop(tenant_id, LANE)
    page = shop.orders_by_numbers([number])
    if page.items or page.set_aside:
        return page
    with rig.db.tx(tenant_id) as conn:
        span = orders.created_next_to(conn, tenant_id, number)
    return shop.orders_about(span[0] - BESIDE, span[1] + BESIDE) if span else page


def store(rig: Rig, tenant_id: TenantId, claim: str, asked: Mapping[str, datetime], page: Page[Order]) -> None:
    """Take an answer over, judge what it lacks, and settle the hints it answers."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        known = missed.before(conn, tenant_id, LANE, [item.order_number for item in page.items])
        taken = take_over.take_over(conn, tenant_id, page.items, read_at=page.began_at, source="event", now=now)
        missed.note_witnesses(conn, tenant_id, page, taken, known, now=now)
        because = inbox.causes(conn, tenant_id, LANE, claim)
        absent = take_over.judge_absent(conn, tenant_id, asked, page, read_at=page.began_at, now=now, because=because)
        again = {**turn.once_more(rig, taken.unsettled, read_at=page.began_at), **absent.again}
        turn.settle(rig, conn, tenant_id, LANE, claim, list(asked), page, again=again, spoilt=taken.spoilt)


def read_changed(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Look at what changed since the watermark, the newest first."""
    newest.walk(rig, tenant_id, LANE, claimed[0], ask=lambda shop, since, page: shop.orders_changed(since, page))
