"""Read a shop's history once: every order of a closed window, then its products, page by page.

The cursor is stored with the page it belongs to, so a killed worker costs one page. The end is believed when two
answers agree on the count and the mirror holds as many; what is still short after three more readings is a problem for
a person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from service import activations, catalog, db, inbox, journal, orders
from service.activations import Claimed, Step
from service.kit import clock
from service.lanes import Lane, TenantId
from service.platform.client import Shop
from service.platform.errors import PlatformError, PlatformUnreachable
from service.platform.shapes import Page
from service.rig import Rig
from service.steps import setback, take_over

TURN = timedelta(seconds=20)  # a flow ends within 30 s; the rest of the pages is another turn
EMPTY = 3  # so often is a shop asked again that says it has nothing: a new one is rare, a faulty answer is not
PASSES = 3  # so often is a window read again when the mirror holds fewer orders than the shop tells


@dataclass(frozen=True)
class Walk:
    """Where a pull stands: the page to read next, and the count the answer before told."""

    page: int = 1
    count: int | None = None
    again: int = 0
    since: str = ""
    until: str = ""
    newest: str = ""
    unread: Sequence[str] = ()


def onward(walk: Walk, *, pages: int, total: int, size: int) -> Walk | None:
    """Return where to read next, or None when two answers in a row agree that this page was the last.

    A count that shrank means that rows slid onto pages already read; one that grew, that the answer before may have
    been short. Both step back by as many pages as rows moved.
    """
    if walk.count is not None and total != walk.count:
        return replace(walk, page=max(1, walk.page - ceil(abs(walk.count - total) / max(size, 1))), count=total)
    if walk.page < pages:
        return replace(walk, page=walk.page + 1, count=total)
    return None if walk.count == total else replace(walk, page=max(1, pages), count=total)


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Read pages of the step that is due until it ends or the turn is over; return how many."""
    with rig.db.tx(tenant_id) as conn:
        claimed = activations.claim(conn, tenant_id, Lane.PULL, now=rig.now(), lease_s=rig.settings.lease_s)
    if claimed is None:
        return 0
    try:
        if claimed.cursor.get("delta"):
            return read_delta(rig, tenant_id, claimed)
        return read_pages(rig, tenant_id, claimed)
    except activations.ClaimLost:  # somebody else has the step, and the page we rolled back is theirs to read
        return 0
    except PlatformError as trouble:
        with rig.db.tx(tenant_id) as conn:
            setback.take(conn, tenant_id, claimed, trouble, now=rig.now())
        return 0


def read_pages(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> int:
    """Walk on from the stored cursor."""
    walk = opened(rig, claimed)
    began = rig.now()
    for turn in range(1, 10_000):
        page = fetch(rig.shop(tenant_id, Lane.PULL), claimed.step, walk)
        if not whole(page) or (counted(page) == 0 and claimed.tries < EMPTY):
            raise PlatformUnreachable(f"page {walk.page} of {claimed.step} was short or empty", unclear=False)
        next_walk = store(rig, tenant_id, claimed, walk, page, pages_done=claimed.pages_done + turn)
        if next_walk is None:
            return turn
        if rig.now() - began > TURN:
            hand_on(rig, tenant_id, claimed)
            return turn
        walk = next_walk
    raise AssertionError("a turn of ten thousand pages")


def hand_on(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> None:
    """End the turn: other tenants wait for this thread, and the step is due again at once."""
    with rig.db.tx(tenant_id) as conn:
        activations.put_off(conn, tenant_id, claimed, until=rig.now(), why=None, failed=False)
    rig.wake(Lane.PULL, tenant_id)


def opened(rig: Rig, claimed: Claimed) -> Walk:
    """Return the stored cursor, or the first one: the window closes at the moment the pull begins (A.1)."""
    if claimed.cursor:
        return Walk(**claimed.cursor)
    now = rig.now().replace(microsecond=0)  # the shop's stamps and filters have whole seconds
    since = now - timedelta(days=rig.settings.pull_days)
    return Walk(since=since.isoformat(), until=now.isoformat())


def fetch(shop: Shop, step: Step, walk: Walk) -> Page[Any]:
    """Ask for one page of the step's list."""
    asks: Mapping[Step, Callable[[], Page[Any]]] = {
        Step.ORDERS: lambda: shop.orders_created(
            since=clock.parse(walk.since), until=clock.parse(walk.until), page=walk.page
        ),
        Step.PRODUCTS: lambda: shop.products_page(page=walk.page),
        Step.PARAMETERS: lambda: shop.product_parameters(page=walk.page),
        Step.RELATED: lambda: shop.product_related(page=walk.page),
    }
    return asks[step]()


def whole(page: Page[Any]) -> bool:
    """Say whether an answer may be believed: nothing is told that is not there, and only the last page is not full."""
    held = len(page.items) + len(page.set_aside)
    return page.complete and (page.last or held >= ceil(counted(page) / pages_of(page)))


def counted(page: Page[Any]) -> int:
    """Return how many items the list has; without an envelope, as many as came."""
    return len(page.items) + len(page.set_aside) if page.total is None else page.total


def pages_of(page: Page[Any]) -> int:
    """Return how many pages the list has; without an envelope this one is the last (1.9)."""
    return page.current_page if page.pages is None else page.pages


def store(
    rig: Rig, tenant_id: TenantId, claimed: Claimed, walk: Walk, page: Page[Any], *, pages_done: int
) -> Walk | None:
    """Mirror a page and its cursor in one transaction; return where to go on, None when the step has ended."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        mirror(conn, tenant_id, claimed.step, page, now=now)
        walk = replace(walk, unread=sorted({*walk.unread, *take_over.to_ask_again(page)}))
        walk = replace(walk, newest=max([walk.newest, *(item.last_update_time.isoformat() for item in dated(page))]))
        held = len(page.items) + len(page.set_aside)
        next_walk = onward(walk, pages=pages_of(page), total=counted(page), size=held)
        if next_walk is None and fewer_than_told(conn, tenant_id, claimed.step, walk, page):
            next_walk = replace(walk, page=1, count=None, again=walk.again + 1) if walk.again < PASSES else None
        until = now + timedelta(seconds=rig.settings.lease_s)
        activations.save(
            conn,
            tenant_id,
            claimed,
            cursor=asdict(next_walk or walk),
            pages_done=pages_done,
            pages_all=pages_done + max(0, pages_of(page) - page.current_page),
            until=until,
        )
        if next_walk is None:
            finish(rig, conn, tenant_id, claimed, walk, page)
    if next_walk is None:
        rig.wake(Lane.PULL, tenant_id)
    return next_walk


def dated(page: Page[Any]) -> list[Any]:
    """Return the items that say when they changed; the fulfillment lists do not."""
    return [item for item in page.items if getattr(item, "last_update_time", None)]


def mirror(conn: db.Conn, tenant_id: TenantId, step: Step, page: Page[Any], *, now: datetime) -> None:
    """Take a page over into the store it belongs to, and write down what on it could not be read."""
    take_over.write_unread(conn, tenant_id, page, now=now)
    if step is Step.ORDERS:
        take_over.take_over(conn, tenant_id, page.items, read_at=page.began_at, source="pull", now=now)
    elif step is Step.PRODUCTS:
        take_over.take_over_products(conn, tenant_id, page.items, read_at=page.began_at, now=now)
    else:
        catalog.mirror_list(conn, tenant_id, step.value, page.items, read_at=page.began_at)


def fewer_than_told(conn: db.Conn, tenant_id: TenantId, step: Step, walk: Walk, page: Page[Any]) -> bool:
    """Say whether the mirror holds fewer orders of the window than the shop lists."""
    if step is not Step.ORDERS:
        return False
    held = orders.count_created_between(conn, tenant_id, since=clock.parse(walk.since), until=clock.parse(walk.until))
    return held + len(walk.unread) < counted(page)


def finish(rig: Rig, conn: db.Conn, tenant_id: TenantId, claimed: Claimed, walk: Walk, page: Page[Any]) -> None:
    """End the step: its watermark is the newest change seen, and counts once every page is stored (A.3)."""
    now = rig.now()
    lane = {Step.ORDERS: Lane.REFRESH_ORDERS, Step.PRODUCTS: Lane.REFRESH_PRODUCTS}.get(claimed.step)
    if lane:
        # Not later than the begin: what changed on page one while page fifty was read stands on no page we saw.
        watermark = clock.parse(min(walk.newest or walk.until, walk.until or walk.newest))
        inbox.note_read(conn, tenant_id, lane, at=page.began_at, watermark=watermark)
        again = [inbox.Hint(key=key, urgent=False, due_at=now) for key in walk.unread]
        inbox.hint(conn, tenant_id, lane, again, now=now)
    short = fewer_than_told(conn, tenant_id, claimed.step, walk, page)
    detail = {"step": claimed.step.value, "told": counted(page), "passes": walk.again + 1, "short": short}
    kind = journal.Kind.PROBLEM if short else journal.Kind.STEP_DONE
    journal.write(conn, tenant_id, [journal.Entry(now, kind, None, detail)])
    activations.done(conn, tenant_id, claimed, now=now, next_at=now)


def read_delta(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> int:
    """Let the refresh lane look at what changed since the watermark: a shop that came back is not read twice."""
    now = rig.now()
    lane = {Step.ORDERS: Lane.REFRESH_ORDERS}.get(claimed.step, Lane.REFRESH_PRODUCTS)
    with rig.db.tx(tenant_id) as conn:
        inbox.hint(conn, tenant_id, lane, [inbox.Hint(key=inbox.LOOK, urgent=True, due_at=now)], now=now)
        activations.done(conn, tenant_id, claimed, now=now, next_at=now)
    rig.wake(lane, tenant_id)
    rig.wake(Lane.PULL, tenant_id)
    return 1
