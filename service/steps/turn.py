"""One turn of a refresh lane: expand what was delivered, then let reads answer what is due, batch after batch."""

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import redis
from redis.exceptions import LockError

from service import db, inbox, journal, mappings, tenants
from service.kit import backoff
from service.lanes import LOOKED_AT, Lane, TenantId
from service.platform.errors import PlatformBusy, PlatformError, PlatformRefused
from service.platform.shapes import Page
from service.rig import Rig
from service.steps import expand, take_over

log = logging.getLogger(__name__)

TURN = timedelta(seconds=20)  # a flow ends within 30 s; whoever still waits gets another turn

LOCK_S = 10  # what a dead worker held is free again after it; a batch that takes longer shares its turn

Read = Callable[[Sequence[inbox.Claimed]], None]


def work_off(rig: Rig, tenant_id: TenantId, lane: Lane, *, most: int, read: Read) -> int:
    """Answer hints until none is due or the turn is over; return how many batches were read.

    `read` makes the calls and settles its claim itself. When the shop does not do its part, the claim is given back
    until it may be asked again; that is never the hint's fault, so it is not counted against it.
    """
    with only_one(rig, tenant_id, lane) as still_mine:
        return batch_by_batch(rig, tenant_id, lane, most=most, read=read, still_mine=still_mine)


def batch_by_batch(
    rig: Rig, tenant_id: TenantId, lane: Lane, *, most: int, read: Read, still_mine: Callable[[], bool]
) -> int:
    """Expand, claim and read as long as this turn is ours; return how many batches were read."""
    began = rig.now()
    batches = 0
    while still_mine() and rig.now() - began < TURN:
        more = take_in(rig, tenant_id, lane)
        with rig.db.tx(tenant_id) as conn:
            # After a failure the next batch is half as large, so that one order the shop chokes on is soon alone.
            some = max(1, most >> inbox.failures(conn, tenant_id, lane))
            claimed = inbox.claim(conn, tenant_id, lane, now=rig.now(), lease_s=rig.settings.lease_s, most=some)
        if not claimed:
            if more:
                continue
            return batches
        try:
            read(claimed)
        except PlatformError as trouble:
            set_back(rig, tenant_id, lane, claimed, trouble)
            return batches
        batches += 1
    if batches:
        rig.wake(lane, tenant_id)
    return batches


@contextmanager
def only_one(rig: Rig, tenant_id: TenantId, lane: Lane) -> Generator[Callable[[], bool], None, None]:
    """Give the turn to one worker at a time, and the question whether it still has it, which also renews it.

    Several would share the hints between them, send smaller batches and wait for each other's transactions. The lock
    only saves work: claims alone keep two turns apart, and whoever finds it taken is woken again by beat.
    """
    lock = rig.redis.lock(f"turn:{lane}:{tenant_id}", timeout=LOCK_S, blocking=False, thread_local=False)
    try:
        mine = lock.acquire()
    except redis.RedisError as away:  # and without Redis there are no calls either
        log.warning("no turn of %s for %s: %s", lane, tenant_id, away)
        mine = False

    def still_mine() -> bool:
        with suppress(redis.RedisError, LockError):
            return mine and lock.reacquire()
        return False

    try:
        yield still_mine
    finally:
        with suppress(redis.RedisError, LockError):
            if mine:
                lock.release()


def goes_on(rig: Rig, began: datetime, still_mine: Callable[[], bool]) -> bool:
    """Say whether a turn that began then may ask once more."""
    return rig.now() - began < TURN and still_mine()


def take_in(rig: Rig, tenant_id: TenantId, lane: Lane) -> bool:
    """Expand the oldest deliveries of the lane; say whether more of them wait.

    Where one of them is at fault, fewer are tried until it is alone; then it is put off, and the others go on.
    """
    most = expand.MOST
    while True:
        try:
            return take_some(rig, tenant_id, lane, most=most)
        except expand.Stumbled as stumbled:
            if len(stumbled.delivery_ids) == 1:
                put_aside(rig, tenant_id, lane, stumbled)
                return True
            most = len(stumbled.delivery_ids) // 2


def take_some(rig: Rig, tenant_id: TenantId, lane: Lane, *, most: int) -> bool:
    """Expand at most so many deliveries; say whether more may wait."""
    with rig.db.tx(tenant_id) as conn:
        fence = tenants.fence(conn, tenant_id)
        settled = mappings.of(conn, tenant_id).settled if lane is Lane.REFRESH_ORDERS else frozenset[int]()
        dial, now = dial_of(rig), rig.now()
        done = expand.expand(conn, tenant_id, lane, fence=fence, dial=dial, now=now, settled=settled, most=most)
        return done.more


def put_aside(rig: Rig, tenant_id: TenantId, lane: Lane, stumbled: expand.Stumbled) -> None:
    """Put off the one delivery we fail at; the third time it is parked, and what it may have told is looked for."""
    now = rig.now()
    [delivery_id] = stumbled.delivery_ids
    log.error("delivery %s of %s cannot be expanded: %s", delivery_id, tenant_id, stumbled.why)
    with rig.db.tx(tenant_id) as conn:
        came_at = inbox.stumbled(conn, tenant_id, delivery_id, until=backoff.after(now, 0), why=stumbled.why)
        if came_at:
            if lane in LOOKED_AT:
                inbox.note_cause(conn, tenant_id, lane, inbox.Cause.UNREADABLE, now=now, doubted_from=came_at)
            inbox.hint(conn, tenant_id, lane, [inbox.Hint(inbox.LOOK, urgent=True, due_at=now)], now=now)
            detail = {"lane": lane.value, "delivery": delivery_id, "why": stumbled.why, "worker": "died"}
            journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, None, detail)])


def dial_of(rig: Rig) -> inbox.Dial:
    """Return how fresh this installation keeps its mirrors."""
    return inbox.Dial(rig.settings.interval_s, rig.settings.routine_s, rig.settings.wait_s)


def once_more(rig: Rig, keys: Sequence[str], *, read_at: datetime) -> dict[str, datetime]:
    """Let these ride along in a later read: theirs began within the second of a change, which may hide another one."""
    due_at = inbox.paced(dial_of(rig), now=rig.now(), last_read=read_at, urgent=False)
    return dict.fromkeys(keys, due_at)


def settle(  # noqa: PLR0913  # whose claim, which hints, by what answer, and what comes next
    rig: Rig,
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    claim: str,
    keys: Sequence[str],
    page: Page[Any],
    *,
    again: Mapping[str, datetime],
    spoilt: Mapping[str, str],
) -> None:
    """Settle the hints an answer was about; what stood in it and could not be read is counted against its own hint.

    So is what could be read and not be taken over: `spoilt` says why.
    """
    now, until = rig.now(), backoff.after(rig.now(), 0)
    take_over.write_unread(conn, tenant_id, page, now=now)
    if unread := [key for key in keys if key in page.unread]:
        why = next(iter(page.set_aside), "it cannot be read")
        inbox.put_off(conn, tenant_id, lane, claim, until=until, failed=True, why=why, keys=unread)
    for key in spoilt.keys() & set(keys):
        why = spoilt[key]
        inbox.put_off(conn, tenant_id, lane, claim, until=until, failed=True, why=why, keys=[key], died=True)
    inbox.note_read(conn, tenant_id, lane, at=page.began_at, watermark=None)
    read = [key for key in keys if key not in page.unread and key not in spoilt]
    inbox.answered(
        conn, tenant_id, lane, claim, now=now, dial=dial_of(rig), read_at=page.began_at, again=again, keys=read
    )


def set_back(
    rig: Rig, tenant_id: TenantId, lane: Lane, claimed: Sequence[inbox.Claimed], trouble: PlatformError
) -> None:
    """Give a claim back: until the shop may be asked again, or by the lane's own back-off when it does not answer."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        if isinstance(trouble, PlatformBusy):
            until = trouble.until
        else:
            log.warning("%s of %s: %s", lane, tenant_id, trouble)
            if isinstance(trouble, PlatformRefused):
                detail = {"lane": lane.value, "why": str(trouble)}
                journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, None, detail)])
            until = backoff.after(now, inbox.note_failure(conn, tenant_id, lane))
        inbox.rest(conn, tenant_id, lane, until=until)
        inbox.put_off(conn, tenant_id, lane, claimed[0].claim, until=until, failed=False, why=str(trouble))
