"""Take a shop's code lists over: a list is read whole and replaces the one we had, unless it came back short."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from service import codebooks, db, inbox, journal
from service.lanes import Lane, TenantId
from service.platform.errors import PlatformUnreachable
from service.platform.shapes import CodebookEntry, Page
from service.rig import Rig
from service.steps import statuses, turn

T = TypeVar("T")
ONCE_MORE = timedelta(seconds=30)  # a list that lacks what it held is read again before that is believed
MOST_PAGES = 20  # a shop has a few dozen shipments and payments; one page or two is usual (docs/upgates.md 3.4.5)


def every_page(ask: Callable[[int], Page[T]]) -> list[Page[T]]:
    """Ask for a list until its last page; raise PlatformUnreachable when it has no end, or changed between two pages.

    A row that slid onto a page already read would pass for gone, and a shop that ignores the page asked for would be
    called for ever.
    """
    pages = [ask(1)]
    while not pages[-1].last:
        told = pages[-1].pages or 0
        if max(told, len(pages) + 1) > MOST_PAGES:
            why = f"a list tells of {told} pages and has not ended after {len(pages)}; at most {MOST_PAGES} are read"
            raise PlatformUnreachable(why, unclear=False)
        pages.append(ask(len(pages) + 1))
    if len({page.total for page in pages}) > 1:
        raise PlatformUnreachable("a list changed while its pages were read", unclear=False)
    return pages


def believed(page: Page[T]) -> Page[T]:
    """Return the page, or raise PlatformUnreachable: a list that came back short says nothing about what it lacks."""
    if not page.complete:
        raise PlatformUnreachable("a list came back short", unclear=False)
    return page


def take_over(
    conn: db.Conn,
    tenant_id: TenantId,
    kind: str,
    pages: Sequence[Page[CodebookEntry]],
    *,
    now: datetime,
    kept: Collection[str] = (),
) -> int:
    """Replace a list, write down what changed, and return how many entries it has; raise when a page was short.

    `kept` are entries that stay though the list lacks them.
    """
    items = [item for page in pages for item in believed(page).items]
    unread = {key for page in pages for key in page.unread}
    if not items and not unread and (kind == "order_statuses" or codebooks.entries(conn, tenant_id, kind)):
        raise PlatformUnreachable(f"the list {kind} came back empty", unclear=False)
    changes = codebooks.replace(conn, tenant_id, kind, items, read_at=pages[0].began_at, unread={*unread, *kept})
    if kind == "order_statuses":
        statuses.check(conn, tenant_id, now=now)
    if changes:
        told = {change.entry_id: [change.what, *change.fields] for change in changes}
        journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.CODEBOOK, None, {"list": kind, **told})])
    return len(items)


def lost(
    conn: db.Conn, tenant_id: TenantId, lists: Mapping[str, Sequence[Page[CodebookEntry]]]
) -> dict[str, list[str]]:
    """Return the entries we know that these lists lack, by list: they are believed to be gone the second time only.

    Nothing need tell in an answer that it was cut short, and a status that is gone is a problem for a person.
    """
    found: dict[str, list[str]] = {}
    for kind, pages in lists.items():
        told = {item.id for page in pages for item in page.items}.union(*(page.unread for page in pages))
        if lacking := sorted(codebooks.entries(conn, tenant_id, kind).keys() - told):
            found[kind] = lacking
    return found


def unproven(lacking: Mapping[str, Sequence[str]], cursor: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what this answer lacks and the one before it, kept in the cursor, did not, by list."""
    before: Mapping[str, Sequence[str]] = cursor.get("lost", {})
    found = {kind: [each for each in ids if each not in before.get(kind, ())] for kind, ids in lacking.items()}
    return {kind: ids for kind, ids in found.items() if ids}


def answer(
    rig: Rig,
    tenant_id: TenantId,
    lane: Lane,
    claimed: Sequence[inbox.Claimed],
    lists: Mapping[str, Sequence[Page[CodebookEntry]]],
) -> None:
    """Replace the lists that were read and settle the hint that asked for them.

    What they lack stays, once, and they are read again; what both lack is gone then. What only the second lacks stays
    until the list is read again: a list that lacks something else each time would be asked for for ever.
    """
    now, [hint] = rig.now(), claimed
    read_at = min(pages[0].began_at for pages in lists.values())
    with rig.db.tx(tenant_id) as conn:
        doubted = unproven(lost(conn, tenant_id, lists), hint.cursor)
        for kind, pages in lists.items():
            take_over(conn, tenant_id, kind, pages, now=now, kept=doubted.get(kind, ()))
        inbox.note_read(conn, tenant_id, lane, at=read_at, watermark=None)
        if hint.cursor or not doubted:
            dial = turn.dial_of(rig)
            inbox.answered(conn, tenant_id, lane, hint.claim, now=now, dial=dial, read_at=read_at, again={})
            return
        until = now + ONCE_MORE
        inbox.turn_page(conn, tenant_id, lane, hint.claim, cursor={"lost": doubted}, lease_until=until)
        inbox.put_off(conn, tenant_id, lane, hint.claim, until=until, failed=False, why="a list lacks what it held")
