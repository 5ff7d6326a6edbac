"""Walk along everything that changed since a time, while it goes on changing.

Pages of a moving list shift: whoever turns them one by one skips rows (docs/upgates.md T41). So an ordered list is
asked again from the newest change seen, and where pages must be turned, they are turned until two passes agree.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Self

from service import db, inbox
from service.kit import backoff, clock
from service.lanes import Lane, TenantId
from service.platform.client import Shop
from service.platform.errors import PlatformBusy, PlatformUnreachable
from service.platform.shapes import Page
from service.rig import Rig
from service.steps import take_over, turn

PULL_FIRST = timedelta(seconds=30)
OVERLAP = timedelta(minutes=10)  # the shop's stamps are its own clock's, and whole seconds (A.3)
PASSES = 4  # what is still missing after so many has slipped between two pages each time
EMPTY = 3  # so often is a shop asked again that says nothing changed: the change we know best should be on its list
KEYLESS = 3  # so often a shop is asked again when an item has no key that can be read: it may be this one answer
MOVED = -1  # in place of the count of a pass whose pages told different ones


@dataclass(frozen=True)
class Walk:
    """Where a look stands; it is stored as the cursor of its hint.

    A pass asks for the pages from `since` one by one: `began` is when, `total` the count its pages told, `seen` a sum
    over what they showed, and `before` that of the pass before, None when it proves nothing. `empty` counts the answers
    that said there is nothing.
    """

    since: str
    page: int = 1
    total: int | None = None
    newest: str = ""
    began: str = ""
    seen: int = 0
    before: int | None = None
    passes: int = 1
    empty: int = 0

    @classmethod
    def begun(cls, cursor: dict[str, Any], *, watermark: datetime) -> Self:
        """Return the stored walk, or a new one from a little before the watermark."""
        return cls(**cursor) if cursor else cls(since=(watermark - OVERLAP).isoformat())

    @property
    def since_at(self) -> datetime:
        """The time asked from."""
        return clock.parse(self.since)

    @property
    def proven(self) -> bool:
        """Whether the pass that has ended may be believed: it was one answer, or it showed what the one before did.

        A row slides past the reader when one before it leaves its place: deleted, or changed and sorted in elsewhere.
        The count may stay the same meanwhile, but what was shown does not: in one of two passes the row that left is
        missing or shown twice. The list of a busy shop may never stand still: after `PASSES` the walk ends anyway.
        """
        return self.page == 1 or self.passes >= PASSES or (self.seen == self.before and self.total != MOVED)

    @property
    def watermark(self) -> datetime:
        """The change up to which the mirror is complete once the walk has ended.

        Not later than the begin of its last pass: what changed on page one while page fifty was read stands on no page
        we saw.
        """
        return min(clock.parse(self.newest), clock.parse(self.began))

    def cursor(self) -> dict[str, Any]:
        """Return the walk as it is stored."""
        return asdict(self)


def shown(walk: Walk, page: Page[Any]) -> Walk:
    """Return the walk with what a page showed."""
    return replace(
        walk,
        total=page.total if walk.total in (None, page.total) else MOVED,
        newest=max(walk.newest or walk.since, newest_of(page) or walk.since),
        began=walk.began or page.began_at.isoformat(),
        seen=walk.seen + mark(page),
    )


def onward(walk: Walk, page: Page[Any], *, ordered: bool) -> Walk | None:
    """Return where to ask next after a page whose content the walk has taken in, None at the end.

    In an `ordered` list the newest change of the page is asked for again, because others may share its second. Pages
    are turned where nothing is said of the order and where one second fills a whole page.
    """
    newest = newest_of(page)
    later = ordered and newest is not None and clock.parse(newest) > walk.since_at
    if not (page.last or later):
        return replace(walk, page=walk.page + 1)
    if not walk.proven:
        before = None if walk.total == MOVED else walk.seen
        return Walk(since=walk.since, newest=walk.newest, before=before, passes=walk.passes + 1)
    if page.last or newest is None:
        return None
    return Walk(since=newest, newest=walk.newest)


def newest_of(page: Page[Any]) -> str | None:
    """Return the newest change on a page; None when it tells of none."""
    return max((item.last_update_time.isoformat() for item in page.items if item.last_update_time), default=None)


def mark(page: Page[Any]) -> int:
    """Return a sum over the keys of a page, so that passes are compared without storing what they showed."""
    keys = [*(str(getattr(item, item.key)) for item in page.items), *page.unread]
    return sum(int.from_bytes(blake2b(key.encode(errors="replace"), digest_size=6).digest()) for key in keys)


Ask = Callable[[Shop, datetime, int], Page[Any]]
Store = Callable[[db.Conn, Page[Any], datetime], Sequence[str]]  # returns what to look at once more, without hurry


def walk(
    rig: Rig,
    tenant_id: TenantId,
    lane: Lane,
    claimed: Sequence[inbox.Claimed],
    *,
    ask: Ask,
    store: Store,
    ordered: bool,
) -> None:
    """Read and store every page of a look; its watermark counts only once the last one is stored (A.3)."""
    [hint] = claimed
    with rig.db.tx(tenant_id) as conn:
        watermark = inbox.last_read(conn, tenant_id, lane).watermark
        patient = inbox.failures(conn, tenant_id, lane) < KEYLESS
        if watermark is None:  # the pull has not ended, and reads everything anyway
            until = rig.now() + PULL_FIRST
            inbox.put_off(conn, tenant_id, lane, hint.claim, until=until, failed=False, why="the pull comes first")
            return
    here: Walk | None = Walk.begun(hint.cursor, watermark=watermark)
    began = rig.now()
    while here is not None:
        page = ask(rig.shop(tenant_id, lane), here.since_at, here.page)
        if not page.complete and (patient or not page.keyless):
            raise PlatformUnreachable("a look came back short", unclear=False)
        if here.empty < EMPTY and not (page.items or page.set_aside or page.total):
            doubt(rig, tenant_id, lane, hint, here)
            return
        here = shown(here, page)
        next_here = onward(here, page, ordered=ordered)
        stored(rig, tenant_id, lane, hint, page, store, here=here, next_here=next_here)
        here = next_here
        if here is not None and rig.now() - began > turn.TURN:
            raise PlatformBusy(rig.now(), "the look goes on in its next turn")


def doubt(rig: Rig, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, here: Walk) -> None:
    """Ask again later when a list is empty; the lane need not rest, for other reads are vouched for by witnesses."""
    now = rig.now()
    until = backoff.after(now, here.empty)
    cursor = replace(here, empty=here.empty + 1).cursor()
    with rig.db.tx(tenant_id) as conn:
        inbox.turn_page(conn, tenant_id, lane, hint.claim, cursor=cursor, lease_until=until)
        inbox.put_off(conn, tenant_id, lane, hint.claim, until=until, failed=False, why="the look came back empty")


def stored(  # noqa: PLR0913  # one page, where it was asked, and where the look goes on
    rig: Rig,
    tenant_id: TenantId,
    lane: Lane,
    hint: inbox.Claimed,
    page: Page[Any],
    store: Store,
    *,
    here: Walk,
    next_here: Walk | None,
) -> None:
    """Store a page and where the look goes on; settle the hint after the last one.

    What could not be read is asked for by its key, and parked if it stays so.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        take_over.write_unread(conn, tenant_id, page, now=now)
        unsettled = turn.once_more(rig, store(conn, page, now), read_at=page.began_at)
        # The look's own row before the others: hints are locked by key, and its key comes first.
        if next_here is None:
            settle(rig, conn, tenant_id, lane, hint, page, here=here)
        else:
            lease_until = now + timedelta(seconds=rig.settings.lease_s)
            cursor = next_here.cursor()
            if not inbox.turn_page(conn, tenant_id, lane, hint.claim, cursor=cursor, lease_until=lease_until):
                raise PlatformBusy(now, "the look was taken over by somebody else")
        due = unsettled | dict.fromkeys(take_over.to_ask_again(page), now)
        hints = [inbox.Hint(key, urgent=False, due_at=due_at) for key, due_at in due.items()]
        inbox.hint(conn, tenant_id, lane, hints, now=now)


def settle(
    rig: Rig, conn: db.Conn, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, page: Page[Any], *, here: Walk
) -> None:
    """End the look: everything up to its watermark is in the mirror."""
    inbox.note_read(conn, tenant_id, lane, at=page.began_at, watermark=here.watermark)
    inbox.answered(
        conn,
        tenant_id,
        lane,
        hint.claim,
        now=rig.now(),
        dial=turn.dial_of(rig),
        read_at=page.began_at,
        again={},
    )
