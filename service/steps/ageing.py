"""What ages row by row, shop by shop: answered hints, looks, personal data of orders that ended, shops that left.

Small batches, each in a transaction of its own: nobody waits for them, and what is left over waits for the next sweep.
"""

import logging
from datetime import datetime, timedelta

from service import bookings, contracts, handovers, inbox, offers, orders, returns, tracking
from service.db import erasure
from service.lanes import TenantId
from service.rig import Rig

log = logging.getLogger(__name__)

AT_ONCE = 500  # rows of one transaction
MASKED_AT_ONCE = 100  # whole contents go to and fro
BATCHES = 20  # of one sweep: it must end within its lease
SOON = timedelta(seconds=10)


def erase(rig: Rig, tenant_id: TenantId, *, now: datetime) -> bool:
    """Erase a shop that left long ago, as much of it as fits into one sweep; False when it is not to be erased."""
    before = now - timedelta(days=rig.settings.erase_shops_days)
    for _ in range(BATCHES):
        with rig.db.tx(tenant_id) as conn:
            deleted = erasure.erase(conn, tenant_id, before=before, most=AT_ONCE, again_at=now + SOON, now=now)
        if deleted is None:
            return False
        if deleted == 0:
            log.info("%s is erased", tenant_id)
            return True
    return True


def drop_hints(rig: Rig, tenant_id: TenantId, *, now: datetime) -> None:
    """Delete hints that were answered long ago."""
    before = now - timedelta(days=rig.settings.keep_hints_days)
    for _ in range(BATCHES):
        with rig.db.tx(tenant_id) as conn:
            if inbox.drop_answered(conn, tenant_id, before=before, most=AT_ONCE) < AT_ONCE:
                return


def drop_looks(rig: Rig, tenant_id: TenantId, *, now: datetime) -> None:
    """Delete what looks found and proved so long ago that the journal of it is gone as well."""
    before = now - timedelta(days=rig.settings.keep_journal_days)
    for drop in (inbox.drop_looks, inbox.drop_losses):
        for _ in range(BATCHES):
            with rig.db.tx(tenant_id) as conn:
                if drop(conn, tenant_id, before=before, most=AT_ONCE) < AT_ONCE:
                    break


def drop_labels(rig: Rig, tenant_id: TenantId, *, now: datetime) -> None:
    """Delete labels of long ago, and what else of parcels names people, carriers' words too.

    What waits for a person for so long keeps its reason alone: he decides by the order as it is now.
    """
    before = now - timedelta(days=rig.settings.keep_labels_days)
    with rig.db.tx(tenant_id) as conn:
        contracts.forget_words(conn, before=before)
    for forget in (bookings.forget_labels, bookings.forget_words, returns.forget_labels, handovers.forget_papers):
        for _ in range(BATCHES):
            with rig.db.tx(tenant_id) as conn:
                if forget(conn, tenant_id, before=before, most=MASKED_AT_ONCE) < MASKED_AT_ONCE:
                    break


def mask_orders(rig: Rig, tenant_id: TenantId, *, now: datetime) -> None:
    """Mask what names a person in orders that ended long ago."""
    before = now - timedelta(days=rig.settings.mask_orders_days)
    for _ in range(BATCHES):
        with rig.db.tx(tenant_id) as conn:
            orders.hold(conn, tenant_id)
            offers.hold(conn, tenant_id)  # nobody releases one of them while it is masked
            ended = offers.ended(conn, tenant_id, before=before, most=MASKED_AT_ONCE)
            orders.mask(conn, tenant_id, ended, now=now)
        if len(ended) < MASKED_AT_ONCE:
            return


def mask_scans(rig: Rig, tenant_id: TenantId, *, now: datetime) -> None:
    """Drop the words of scans that are as old as orders are when they are masked: they may name whoever signed."""
    before = now - timedelta(days=rig.settings.mask_orders_days)
    for _ in range(BATCHES):
        with rig.db.tx(tenant_id) as conn:
            if tracking.forget_words(conn, tenant_id, before=before, most=AT_ONCE) < AT_ONCE:
                return
