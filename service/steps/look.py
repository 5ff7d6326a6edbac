"""Walk along the products that changed since a time, while the list goes on changing.

Pages of a moving list shift, and nothing is said of this one's order: whoever turns its pages once skips rows
(docs/upgates.md T41). They are turned until two passes agree. Orders are read newest first (service/steps/newest.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Self

from service import db, inbox
from service.inbox import Walked
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
    calls: int = 0
    found: int = 0
    first: str = ""  # when the look began, whatever the pass

    @classmethod
    def begun(cls, cursor: dict[str, Any], *, watermark: datetime) -> Self:
        """Return the stored walk, or a new one from a little before the watermark."""
        return cls(**cursor) if cursor else cls(since=(watermark - OVERLAP).isoformat())

    @property
    def since_at(self) -> datetime:
        """The time asked from."""
        return clock.parse(self.since)

    @property
    def first_at(self) -> datetime:
        """When the look began."""
        return clock.parse(self.first)

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
        first=walk.first or page.began_at.isoformat(),
        seen=walk.seen + mark(page),
        calls=walk.calls + 1,
    )


def onward(walk: Walk, page: Page[Any]) -> Walk | None:
    """Return where to ask next after a page whose content the walk has taken in, None at the end."""
    if not page.last:
        return replace(walk, page=walk.page + 1)
    if walk.proven:
        return None
    before = None if walk.total == MOVED else walk.seen
    return replace(walk, page=1, total=None, began="", seen=0, before=before, passes=walk.passes + 1)


def newest_of(page: Page[Any]) -> str | None:
    """Return the newest change on a page; None when it tells of none."""
    return max((item.last_update_time.isoformat() for item in page.items if item.last_update_time), default=None)


def mark(page: Page[Any]) -> int:
    """Return a sum over the keys of a page, so that passes are compared without storing what they showed."""
    keys = [*(str(getattr(item, item.key)) for item in page.items), *page.unread]
    return sum(int.from_bytes(blake2b(key.encode(errors="replace"), digest_size=6).digest()) for key in keys)


Ask = Callable[[Shop, datetime, int], Page[Any]]


@dataclass(frozen=True)
class Stored:
    """What storing a page meant: what to look at once more, without hurry, and how many items differed."""

    unsettled: Sequence[str]
    differed: int


Store = Callable[[db.Conn, Page[Any], datetime], Stored]


def walk(rig: Rig, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, *, ask: Ask, store: Store) -> None:
    """Read and store every page of a look; its watermark counts only once the last one is stored (A.3)."""
    opened = begin(rig, tenant_id, lane, hint)
    if opened is None:
        return
    here: Walk | None = Walk.begun(hint.cursor, watermark=opened.watermark)
    began = rig.now()
    while here is not None:
        page = fetch(rig, tenant_id, lane, ask, here.since_at, here.page)
        if here.empty < EMPTY and is_empty(page):
            cursor = replace(here, empty=here.empty + 1, calls=here.calls + 1).cursor()
            doubt(rig, tenant_id, lane, hint, cursor, doubts=here.empty)
            return
        here = stored(rig, tenant_id, lane, hint, page, store, here=shown(here, page))
        if here is not None and rig.now() - began > turn.TURN:
            raise PlatformBusy(rig.now(), "the look goes on in its next turn")


@dataclass(frozen=True)
class Opened:
    """A look that may begin: the change up to which the mirror is complete, and what made us doubt."""

    watermark: datetime
    looks: Sequence[inbox.Look]

    @property
    def because(self) -> Sequence[str]:
        """The causes, each once."""
        return list(dict.fromkeys(look.cause.value for look in self.looks))

    @property
    def doubted_from(self) -> datetime | None:
        """Since when news may be lost; None when nobody can tell."""
        return min((look.doubted_from for look in self.looks if look.doubted_from), default=None)


def begin(rig: Rig, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed) -> Opened | None:
    """Note that a look begins; None, and the look is put off, while the pull has not ended: it reads everything."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        watermark = inbox.last_read(conn, tenant_id, lane).watermark
        if watermark is not None:
            return Opened(
                watermark, inbox.begin_looks(conn, tenant_id, lane, now=now, anew=not hint.cursor.get("first"))
            )
        inbox.put_off(
            conn, tenant_id, lane, hint.claim, until=now + PULL_FIRST, failed=False, why="the pull comes first"
        )
    return None


def fetch(rig: Rig, tenant_id: TenantId, lane: Lane, ask: Ask, since: datetime, page: int) -> Page[Any]:
    """Ask for a page; raise PlatformUnreachable when it came back short.

    An item without a key makes it short for ever: after some tries it is believed without it.
    """
    with rig.db.tx(tenant_id) as conn:
        patient = inbox.failures(conn, tenant_id, lane) < KEYLESS
    answer = ask(rig.shop(tenant_id, lane), since, page)
    if not answer.complete and (patient or not answer.keyless):
        raise PlatformUnreachable("a look came back short", unclear=False)
    return answer


def is_empty(page: Page[Any]) -> bool:
    """Say whether an answer says that nothing changed."""
    return not (page.items or page.set_aside or page.total)


def doubt(
    rig: Rig, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, cursor: Mapping[str, Any], *, doubts: int
) -> None:
    """Ask again later when a list is empty; the lane need not rest, for other reads are vouched for by witnesses."""
    until = backoff.after(rig.now(), doubts)
    with rig.db.tx(tenant_id) as conn:
        inbox.turn_page(conn, tenant_id, lane, hint.claim, cursor=cursor, lease_until=until)
        inbox.put_off(conn, tenant_id, lane, hint.claim, until=until, failed=False, why="the look came back empty")


def stored(  # one page, and where it was asked
    rig: Rig, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, page: Page[Any], store: Store, *, here: Walk
) -> Walk | None:
    """Store a page and where the look goes on; settle the hint after the last one.

    What could not be read is asked for by its key, and parked if it stays so.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        take_over.write_unread(conn, tenant_id, page, now=now)
        taken = store(conn, page, now)
        here = replace(here, found=here.found + taken.differed)
        next_here = onward(here, page)
        # The look's own row before the others: hints are locked by key, and its key comes first.
        if next_here is None:
            walked = Walked(here.since_at, here.first_at, here.calls, here.found)
            settle(rig, conn, tenant_id, lane, hint, walked, watermark=here.watermark)
        else:
            go_on(rig, conn, tenant_id, lane, hint, next_here.cursor())
        due = turn.once_more(rig, taken.unsettled, read_at=page.began_at)
        due |= dict.fromkeys(take_over.to_ask_again(page), now)
        hints = [inbox.Hint(key, urgent=False, due_at=due_at) for key, due_at in due.items()]
        inbox.hint(conn, tenant_id, lane, hints, now=now)
    return next_here


def go_on(
    rig: Rig, conn: db.Conn, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, cursor: Mapping[str, Any]
) -> None:
    """Note where the look goes on and renew its lease."""
    lease_until = rig.now() + timedelta(seconds=rig.settings.lease_s)
    if not inbox.turn_page(conn, tenant_id, lane, hint.claim, cursor=cursor, lease_until=lease_until):
        raise PlatformBusy(rig.now(), "the look was taken over by somebody else")


def settle(
    rig: Rig,
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    hint: inbox.Claimed,
    walked: Walked,
    *,
    watermark: datetime,
) -> None:
    """End the look: everything up to its watermark is in the mirror.

    A cause that came up between two turns is in the claim of the second one, but not in what the first one had read.
    """
    now, read_at = rig.now(), walked.began_at
    inbox.note_read(conn, tenant_id, lane, at=read_at, watermark=watermark)
    again = {inbox.LOOK: now} if inbox.end_looks(conn, tenant_id, lane, walked=walked, now=now) else {}
    dial = turn.dial_of(rig)
    inbox.answered(conn, tenant_id, lane, hint.claim, now=now, dial=dial, read_at=read_at, again=again)
