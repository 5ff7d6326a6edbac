"""Walk along everything that changed since a time, while it goes on changing.

Pages of a moving list shift: whoever turns them one by one skips rows (docs/upgates.md T41). So the walk asks again
from the newest change it has seen and turns pages only within one second.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from service import db, inbox
from service.kit import clock
from service.lanes import Lane, TenantId
from service.platform.client import Shop
from service.platform.errors import PlatformBusy, PlatformUnreachable
from service.platform.shapes import Page
from service.rig import Rig
from service.steps import turn

PULL_FIRST = timedelta(seconds=30)
OVERLAP = timedelta(minutes=10)  # the shop's stamps are its own clock's, and whole seconds (A.3)


@dataclass(frozen=True)
class Walk:
    """Where a look stands; it is stored as the cursor of its hint."""

    since: str
    page: int = 1
    total: int | None = None
    newest: str = ""

    @classmethod
    def begun(cls, cursor: dict[str, Any], *, watermark: datetime) -> Self:
        """Return the stored walk, or a new one from a little before the watermark."""
        return cls(**cursor) if cursor else cls(since=(watermark - OVERLAP).isoformat())

    @property
    def since_at(self) -> datetime:
        """The time asked from."""
        return clock.parse(self.since)

    def cursor(self) -> dict[str, Any]:
        """Return the walk as it is stored."""
        return asdict(self)


def onward(walk: Walk, page: Page[Any], *, ordered: bool) -> Walk | None:
    """Return where to ask next, None at the end.

    In an `ordered` list the newest change seen is asked for again, because others may share its second. Where nothing
    is said of the order, or one second fills whole pages, pages are turned, and begun anew when the count changed.
    """
    walk = replace(walk, newest=newest_of(walk, page))
    if page.last:
        return None
    if ordered and clock.parse(walk.newest) > walk.since_at:
        return Walk(since=walk.newest, newest=walk.newest)
    if walk.total not in (None, page.total):
        return replace(walk, page=1, total=None)
    return replace(walk, page=walk.page + 1, total=page.total)


def newest_of(walk: Walk, page: Page[Any]) -> str:
    """Return the newest change seen by the walk, this page included."""
    stamps = [item.last_update_time.isoformat() for item in page.items if item.last_update_time]
    return max([walk.newest or walk.since, *stamps])


Ask = Callable[[Shop, datetime, int], Page[Any]]
Store = Callable[[db.Conn, Page[Any], datetime], None]


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
        if watermark is None:  # the pull has not ended, and reads everything anyway
            until = rig.now() + PULL_FIRST
            inbox.put_off(conn, tenant_id, lane, hint.claim, until=until, failed=False, why="the pull comes first")
            return
    here: Walk | None = Walk.begun(hint.cursor, watermark=watermark)
    began = rig.now()
    while here is not None:
        page = ask(rig.shop(tenant_id, lane), here.since_at, here.page)
        if not page.complete:
            raise PlatformUnreachable("a look came back short", unclear=False)
        next_here = onward(here, page, ordered=ordered)
        stored(rig, tenant_id, lane, hint, page, store, here=here, next_here=next_here)
        here = next_here
        if here is not None and rig.now() - began > turn.TURN:
            raise PlatformBusy(rig.now(), "the look goes on in its next turn")


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
    """Store a page and where the look goes on; settle the hint after the last one."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        store(conn, page, now)
        if next_here is None:
            watermark = clock.parse(newest_of(here, page))
            inbox.note_read(conn, tenant_id, lane, at=page.began_at, watermark=watermark)
            inbox.answered(
                conn,
                tenant_id,
                lane,
                hint.claim,
                now=now,
                dial=turn.dial_of(rig),
                read_at=page.began_at,
                again={},
            )
        else:
            lease_until = now + timedelta(seconds=rig.settings.lease_s)
            cursor = next_here.cursor()
            if not inbox.turn_page(conn, tenant_id, lane, hint.claim, cursor=cursor, lease_until=lease_until):
                raise PlatformBusy(now, "the look was taken over by somebody else")
