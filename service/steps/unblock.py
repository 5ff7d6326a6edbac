"""Find the end of a block of the add-on by one call an hour, and let the shops go by tenths (docs/upgates.md 2.7)."""

import logging
from datetime import datetime, timedelta

from service import blocks, db, inbox, journal, outbox, problems, tenants
from service.blocks import Block
from service.budget import ledger
from service.inbox import Cause
from service.lanes import LOOKED_AT, Lane, TenantId
from service.platform.errors import PlatformBusy, PlatformError
from service.rig import PROBE_EVERY, Rig

log = logging.getLogger(__name__)

WHY = "a block of the add-on is one problem of all shops"
WRONG_LOGINS = 2  # of the five an hour allows; a probe may be the next one, and fresh credentials need theirs (1.2)
STEPS = 10
STEP = timedelta(minutes=1)


def run(rig: Rig) -> int:
    """Probe, or let the next shops go, when that is due; return how many shops were let go."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        block = blocks.claim(conn, now=now, until=now + PROBE_EVERY, next_step_at=now + STEP)
        if block is None:
            return 0
        tenant_id = block.last_probed if block.waking_since else to_probe(conn, block, now=now)
    if tenant_id is None:
        return 0
    if block.waking_since is None and not let_in(rig, block, tenant_id):
        return 0
    return let_go(rig, block, first=tenant_id)


def to_probe(conn: db.Conn, block: Block, *, now: datetime) -> TenantId | None:
    """Return the shop to ask; none while wrong logins of the hour forbid it, or when no shop is held any more."""
    wrong = ledger.bad_logins(conn, since=now - PROBE_EVERY)
    if len(wrong) >= WRONG_LOGINS:
        blocks.put_off(conn, block.block_id, until=wrong[-WRONG_LOGINS] + PROBE_EVERY)
        return None
    tenant_id = tenants.next_held(conn, after=block.last_probed)
    if tenant_id is None:
        end(conn, block, now=now)
    else:
        blocks.probed(conn, block.block_id, tenant_id)
    return tenant_id


def let_in(rig: Rig, block: Block, tenant_id: TenantId) -> bool:
    """Ask one shop, by one call, whether it lets us in again."""
    try:
        rig.probe(tenant_id)
    except PlatformBusy as busy:  # nothing was asked
        with rig.db.tx_all(WHY) as conn:
            # Not longer than the hour: this shop may be busy all day, and the next one is not.
            blocks.put_off(conn, block.block_id, until=min(busy.until, rig.now() + PROBE_EVERY))
        return False
    except PlatformError as trouble:
        log.warning("the add-on is still blocked, %s says: %s", tenant_id, trouble)
        return False
    return True


def let_go(rig: Rig, block: Block, *, first: TenantId) -> int:
    """Let a tenth of the shops be called again; the next one follows unless they are refused."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        blocks.alone(conn)
        found = blocks.current(conn)
        if found is None or found.waking_since != block.waking_since:  # it began anew meanwhile
            return 0
        stride = block.stride or -(-tenants.how_many(conn) // STEPS)
        if block.waking_since is None:
            blocks.wake(conn, block.block_id, stride=stride, now=now)
        free = tenants.let_go(conn, most=stride, first=first)
        for tenant_id in free:
            go_on(conn, tenant_id, since=block.since, now=now)
        if tenants.how_many(conn):
            blocks.put_off(conn, block.block_id, until=now + STEP)
        else:
            end(conn, block, now=now)
    log.info("the block of the add-on is ending: %s shops are called again", len(free))
    for tenant_id in free:
        for lane in Lane:
            rig.wake(lane, tenant_id)
    return len(free)


def end(conn: db.Conn, block: Block, *, now: datetime) -> None:
    """Note that the block has ended, and tell those who were told of it."""
    blocks.end(conn, block.block_id, now=now)
    problems.over(conn, problems.Cause.ADDON_BLOCKED, now=now)


def go_on(conn: db.Conn, tenant_id: TenantId, *, since: datetime, now: datetime) -> None:
    """Let the lanes of a shop go on, and look once at what its webhooks may not have told: they hang on our access."""
    inbox.rest_no_more(conn, tenant_id)
    outbox.rest_no_more(conn, tenant_id)
    for lane in LOOKED_AT:
        if inbox.last_read(conn, tenant_id, lane).watermark:
            inbox.ask_look(conn, tenant_id, lane, Cause.RETURNED, now=now, doubted_from=since)
    detail = {"by": "the end of the block"}
    journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.RESUMED, None, detail)])
