"""Read the orders somebody told us about: many hints, one call, and what is not in the answer is judged with care."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from service import inbox, orders
from service.kit import backoff
from service.lanes import Lane, TenantId
from service.platform.client import SEPARATOR
from service.platform.errors import (
    AccessBlocked,
    CredentialsRejected,
    MovedTwice,
    NotActive,
    PlatformError,
    PlatformRefused,
    PlatformUnreachable,
    RightMissing,
)
from service.platform.shapes import Order, Page
from service.rig import Rig
from service.steps import newest, take_over, turn

LANE = Lane.REFRESH_ORDERS
WITNESSES = 2
MOST = 100 - WITNESSES  # a call names a hundred orders at most (docs/upgates.md 4.1); two seats are the witnesses'

OF_THE_SHOP = (AccessBlocked, CredentialsRejected, MovedTwice, NotActive, RightMissing)  # whatever is asked for


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
    """Ask for the claimed orders and for two we know to live: an answer without those proves nothing about the rest.

    The first failure gives the batch back, for the shop may be down. The next one is read apart, without witnesses:
    one order the shop fails at, asked for or vouching, must not stop the others.
    """
    waiting = {hint.key: hint.since for hint in claimed}
    with rig.db.tx(tenant_id) as conn:
        failing = inbox.failures(conn, tenant_id, LANE) > 0
        witnesses = orders.witnesses(conn, tenant_id, besides=list(waiting), separator=SEPARATOR, most=WITNESSES)
    claim = claimed[0].claim
    alone = [number for number in waiting if SEPARATOR in number]  # such a number cannot stand in a list
    for batch in [*([number] for number in alone), [number for number in waiting if SEPARATOR not in number]]:
        if not batch:
            continue
        asked = {number: waiting[number] for number in batch}
        try:
            beside = [] if failing or SEPARATOR in batch[0] else witnesses
            read_batch(rig, tenant_id, claim, asked, beside)
        except (PlatformUnreachable, PlatformRefused) as trouble:
            if not failing or isinstance(trouble, OF_THE_SHOP):
                raise
            read_apart(rig, tenant_id, claim, asked, witnesses, trouble)


def read_batch(
    rig: Rig, tenant_id: TenantId, claim: str, asked: Mapping[str, datetime], witnesses: Sequence[str]
) -> None:
    """Read some orders by one call."""
    store(rig, tenant_id, claim, asked, rig.shop(tenant_id, LANE).orders_by_numbers([*asked, *witnesses]))


def read_apart(
    rig: Rig,
    tenant_id: TenantId,
    claim: str,
    asked: Mapping[str, datetime],
    witnesses: Sequence[str],
    trouble: PlatformError,
) -> None:
    """Halve a batch that failed until what is left are the orders the shop fails at; those count it against them.

    Raise the trouble when nothing at all can be read: then it is the shop's. Costs 14 calls for one order of 98.
    """
    failed, is_up = [list(asked)], False
    if len(asked) == 1 and witnesses:
        rig.shop(tenant_id, LANE).orders_by_numbers(witnesses)
        is_up = True
    while failed:
        batch = failed.pop()
        if len(batch) == 1:
            if not is_up:
                raise trouble
            blame(rig, tenant_id, claim, batch, trouble)
            continue
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            try:
                read_batch(rig, tenant_id, claim, {number: asked[number] for number in half}, [])
                is_up = True
            except (PlatformUnreachable, PlatformRefused) as again:
                if isinstance(again, OF_THE_SHOP):
                    raise
                failed.append(half)
        if not is_up:
            raise trouble


def blame(rig: Rig, tenant_id: TenantId, claim: str, keys: Sequence[str], trouble: PlatformError) -> None:
    """Count a failure against these orders, for the shop answers about others."""
    now = rig.now()
    until = backoff.after(now, 0)
    with rig.db.tx(tenant_id) as conn:
        inbox.put_off(conn, tenant_id, LANE, claim, until=until, failed=True, why=str(trouble), keys=keys)


def store(rig: Rig, tenant_id: TenantId, claim: str, asked: Mapping[str, datetime], page: Page[Order]) -> None:
    """Take an answer over, judge what it lacks, and settle the hints it answers."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        taken = take_over.take_over(conn, tenant_id, page.items, read_at=page.began_at, source="event", now=now)
        because = inbox.causes(conn, tenant_id, LANE, claim)
        absent = take_over.judge_absent(conn, tenant_id, asked, page, read_at=page.began_at, now=now, because=because)
        again = {**turn.once_more(rig, taken.unsettled, read_at=page.began_at), **absent.again}
        turn.settle(rig, conn, tenant_id, LANE, claim, list(asked), page, again=again)


def read_changed(rig: Rig, tenant_id: TenantId, claimed: Sequence[inbox.Claimed]) -> None:
    """Look at what changed since the watermark, the newest first."""
    newest.walk(rig, tenant_id, LANE, claimed[0], ask=lambda shop, since, page: shop.orders_changed(since, page))
