"""Read a shop's history once: every order of a closed window, then its products, page by page.

The cursor is stored with the page it belongs to, so a killed worker costs one page. The end is believed when two
answers agree on the count and the mirror holds as many. When it holds fewer, the window is halved until what differs is
read (service/steps/difference.py); what is still short after three such rounds is a problem for a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from service import activations, catalog, db, inbox, journal, mappings, orders
from service.activations import Claimed, Step
from service.kit import clock
from service.lanes import Lane, TenantId
from service.platform.client import Shop
from service.platform.errors import PlatformError, PlatformUnreachable
from service.platform.shapes import Page
from service.rig import Rig
from service.steps import difference, history, setback, take_over, turn
from service.steps.difference import Window
from service.steps.history import Walk

TURN = timedelta(seconds=20)  # a flow ends within 30 s; the rest of the pages is another turn
EMPTY = 3  # so often is a shop asked again that says it has nothing: a new one is rare, a faulty answer is not
LANES: Mapping[Step, Lane] = {Step.ORDERS: Lane.REFRESH_ORDERS, Step.PRODUCTS: Lane.REFRESH_PRODUCTS}


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
    walk = opened(rig, tenant_id, claimed)
    began = rig.now()
    for read in range(1, 10_000):
        page = fetch(rig.shop(tenant_id, Lane.PULL), claimed.step, walk)
        empty = history.counted(page) == 0 and walk.window == walk.whole  # a part of the window may well be
        patient = claimed.tries < EMPTY
        if not history.whole(page, patient=patient) or (empty and patient):
            raise PlatformUnreachable(f"page {walk.page} of {claimed.step} was short or empty", unclear=False)
        next_walk = store(rig, tenant_id, claimed, walk, page, pages_done=claimed.pages_done + read)
        if next_walk is None:
            return read
        if rig.now() - began > TURN:
            hand_on(rig, tenant_id, claimed)
            return read
        walk = next_walk
    raise AssertionError("a turn of ten thousand pages")


def hand_on(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> None:
    """End the turn: other tenants wait for this thread, and the step is due again at once."""
    with rig.db.tx(tenant_id) as conn:
        activations.put_off(conn, tenant_id, claimed, until=rig.now(), why=None, failed=False)
    rig.wake(Lane.PULL, tenant_id)


def opened(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> Walk:
    """Return the stored cursor, or the first one: the window closes at the moment the pull begins (A.1)."""
    if claimed.cursor:
        return Walk.stored(claimed.cursor)
    now = rig.now().replace(microsecond=0)  # the shop's stamps and filters have whole seconds
    with rig.db.tx(tenant_id) as conn:
        chosen = mappings.of(conn, tenant_id).pull_from
    since = chosen or now - timedelta(days=rig.settings.pull_days)
    return Walk(since=since.isoformat(), until=now.isoformat())


def fetch(shop: Shop, step: Step, walk: Walk) -> Page[Any]:
    """Ask for one page of the step's list."""
    asks: Mapping[Step, Callable[[], Page[Any]]] = {
        Step.ORDERS: lambda: shop.orders_created(
            since=clock.parse(walk.window.since), until=clock.parse(walk.window.until), page=walk.page
        ),
        Step.PRODUCTS: lambda: shop.products_page(page=walk.page),
        Step.PARAMETERS: lambda: shop.product_parameters(page=walk.page),
        Step.RELATED: lambda: shop.product_related(page=walk.page),
    }
    return asks[step]()


def store(
    rig: Rig, tenant_id: TenantId, claimed: Claimed, walk: Walk, page: Page[Any], *, pages_done: int
) -> Walk | None:
    """Mirror a page and its cursor in one transaction; return where to go on, None when the step has ended."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        page = mirror(rig, conn, tenant_id, claimed.step, page)
        walk = replace(walk, unread=sorted({*walk.unread, *take_over.to_ask_again(page)}))
        walk = replace(walk, keyless=sorted({*walk.keyless, *page.keyless}))
        walk = replace(walk, newest=max([walk.newest, *(item.last_update_time.isoformat() for item in dated(page))]))
        next_walk = further(conn, tenant_id, claimed.step, walk, page)
        if next_walk is None:
            conclude(conn, tenant_id, claimed.step, walk, page, now=now)
        # The step after the hints, as an uninstallation does: the other order would deadlock.
        activations.save(
            conn,
            tenant_id,
            claimed,
            cursor=asdict(next_walk or walk),
            pages_done=pages_done,
            pages_all=pages_done + history.to_come(next_walk, pages=history.pages_of(page)),
            until=now + timedelta(seconds=rig.settings.lease_s),
        )
        if next_walk is None:
            activations.done(conn, tenant_id, claimed, now=now, next_at=now)
            chosen = mappings.of(conn, tenant_id).pull_from
            if claimed.step is Step.ORDERS and chosen:  # a person may have gone further back meanwhile
                activations.read_older(conn, tenant_id, since=chosen, now=now)
    if next_walk is None:
        rig.wake(Lane.PULL, tenant_id)
    return next_walk


def mirror(rig: Rig, conn: db.Conn, tenant_id: TenantId, step: Step, page: Page[Any]) -> Page[Any]:
    """Take a page over into the store it belongs to, and write down what on it could not be read.

    Return the page as far as it was taken over: what we failed at counts as unread.

    What changed within two seconds of the read is looked at once more by its own lane, which does not wait for the end
    of the pull: one change may hide another of the same second.
    """
    now = rig.now()
    take_over.write_unread(conn, tenant_id, page, now=now)
    if step is Step.ORDERS:
        taken = take_over.take_over(conn, tenant_id, page.items, read_at=page.began_at, source="pull", now=now)
    elif step is Step.PRODUCTS:
        taken = take_over.take_over_products(conn, tenant_id, page.items, read_at=page.began_at, now=now)
    else:
        catalog.mirror_list(conn, tenant_id, step.value, page.items, read_at=page.began_at)
        return page
    again = turn.once_more(rig, taken.unsettled, read_at=page.began_at)
    hints = [inbox.Hint(key=key, urgent=False, due_at=due_at) for key, due_at in again.items()]
    inbox.hint(conn, tenant_id, LANES[step], hints, now=now)
    return page.without(list(taken.spoilt), "it could not be taken over")


def dated(page: Page[Any]) -> list[Any]:
    """Return the items that say when they changed; the fulfillment lists do not."""
    return [item for item in page.items if getattr(item, "last_update_time", None)]


def further(conn: db.Conn, tenant_id: TenantId, step: Step, walk: Walk, page: Page[Any]) -> Walk | None:
    """Return where to go on after a page that has been stored; None at the end of the step."""
    if walk.windows:
        return compared(conn, tenant_id, walk, page)
    size = len(page.items) + len(page.set_aside)
    next_walk = history.onward(walk, pages=history.pages_of(page), total=history.counted(page), size=size)
    if next_walk is None and lacking(conn, tenant_id, step, walk):
        return history.another_round(walk)
    return next_walk


def compared(conn: db.Conn, tenant_id: TenantId, walk: Walk, page: Page[Any]) -> Walk | None:
    """Return where the comparing goes on; None when nothing is short any more, or after the last round."""
    told = history.counted(page)
    if walk.window == walk.whole and told != walk.count:  # as on the walk, two answers in a row have to agree
        return replace(walk, page=1, count=told)
    if not lacking(conn, tenant_id, Step.ORDERS, walk):
        return None
    seen = held(conn, tenant_id, walk, walk.window) + len(take_over.to_ask_again(page)) + len(page.keyless)
    windows, next_page = difference.onward(
        walk.windows,
        page=walk.page,
        pages=history.pages_of(page),
        lacking=seen < told,
        shown=[item.creation_time for item in page.items],
    )
    return replace(walk, windows=windows, page=next_page) if windows else history.another_round(walk)


def lacking(conn: db.Conn, tenant_id: TenantId, step: Step, walk: Walk) -> bool:
    """Say whether the mirror holds fewer orders than the shop lists; one that cannot be read is asked for later."""
    if step is not Step.ORDERS or walk.count is None:
        return False
    return held(conn, tenant_id, walk, walk.whole) + len(walk.unread) + len(walk.keyless) < walk.count


def held(conn: db.Conn, tenant_id: TenantId, walk: Walk, window: Window) -> int:
    """Return how many readable orders of a window were shown since the pull began.

    What the mirror holds from an earlier life may be gone from the shop, and would hide that another is missing.
    """
    since, until = map(clock.parse, window)
    begun = clock.parse(walk.until)
    return orders.count_created_between(
        conn, tenant_id, since=since, until=until, shown_since=begun, besides=walk.unread
    )


def conclude(conn: db.Conn, tenant_id: TenantId, step: Step, walk: Walk, page: Page[Any], *, now: datetime) -> None:
    """Write down what was read: the watermark is the newest change seen, and counts once every page is stored (A.3)."""
    if lane := LANES.get(step):
        # Not later than the begin: what changed on page one while page fifty was read stands on no page we saw.
        watermark = clock.parse(min(walk.newest or walk.until, walk.until or walk.newest))
        inbox.note_read(conn, tenant_id, lane, at=page.began_at, watermark=watermark)
        keys = [*walk.unread, *unshown(conn, tenant_id, step, walk)]
        inbox.hint(conn, tenant_id, lane, [inbox.Hint(key=key, urgent=False, due_at=now) for key in keys], now=now)
    if step is Step.ORDERS:
        mappings.note_history(conn, tenant_id, until=clock.parse(walk.until))
        inbox.note_known(conn, tenant_id, Lane.REFRESH_ORDERS, at=clock.parse(walk.until))
    short = lacking(conn, tenant_id, step, walk)
    detail = {"step": step.value, "told": walk.count, "rounds": walk.again, "short": short}
    kind = journal.Kind.PROBLEM if short else journal.Kind.STEP_DONE
    journal.write(conn, tenant_id, [journal.Entry(now, kind, None, detail)])


def unshown(conn: db.Conn, tenant_id: TenantId, step: Step, walk: Walk) -> list[str]:
    """Return what the mirror holds from an earlier life and no page has shown: asked for by number, it may be gone."""
    if step is not Step.ORDERS:
        return []
    since, until = map(clock.parse, walk.whole)
    return orders.unshown_between(conn, tenant_id, since=since, until=until, shown_since=until)


def read_delta(rig: Rig, tenant_id: TenantId, claimed: Claimed) -> int:
    """Let the refresh lane look at what changed since the watermark: a shop that came back is not read twice."""
    now = rig.now()
    lane = {Step.ORDERS: Lane.REFRESH_ORDERS}.get(claimed.step, Lane.REFRESH_PRODUCTS)
    with rig.db.tx(tenant_id) as conn:
        inbox.ask_look(conn, tenant_id, lane, inbox.Cause.RETURNED, now=now, doubted_from=None)
        activations.done(conn, tenant_id, claimed, now=now, next_at=now)
    rig.wake(lane, tenant_id)
    rig.wake(Lane.PULL, tenant_id)
    return 1
