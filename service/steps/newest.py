"""Compare a shop's newest changes with the mirror: one call when nothing differs, else what differs is read further.

The list stands newest first, so what changes meanwhile enters in front and pushes the others back: they are shown
twice, never skipped. Only what leaves the list lets one slip past the reader, and then its count shrinks
(docs/upgates.md T41, A.3, R12).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from service import activations, db, inbox, journal, orders, shipments
from service.inbox import Walked
from service.kit import clock
from service.lanes import Lane, TenantId
from service.platform.errors import PlatformBusy
from service.platform.shapes import Order, Page
from service.rig import Rig
from service.steps import look, missed, take_over, turn
from service.steps.look import EMPTY, OVERLAP, PASSES, Ask, Opened

ON_A_PAGE = 100  # docs/upgates.md 1.9
SECOND = timedelta(seconds=1)
CATCH_UP = 2  # the pass that shows what entered in front of the first one
NAMED = 100  # so many orders stand in the journal's row of a look


@dataclass(frozen=True)
class Walk:
    """Where a look stands; it is stored as the cursor of its hint.

    `told`: how many changes the last page told of. `began`: when the first page of this pass was asked for, `first`
    that of the look. `unread` holds the keys of what could not be read, `aside` counts all of that, `nameless` what had
    no key. `found`: the orders that differed, `untold`: how many of them no webhook had told of in time.
    """

    since: str
    page: int = 1
    told: int | None = None
    newest: str = ""
    began: str = ""
    first: str = ""
    passes: int = 1
    empty: int = 0
    calls: int = 0
    aside: int = 0
    nameless: int = 0
    untold: int = 0
    unread: Sequence[str] = field(default_factory=list[str])
    found: Sequence[str] = field(default_factory=list[str])

    @classmethod
    def begun(cls, cursor: dict[str, Any], *, opened: Opened, awaited_since: datetime | None) -> Self:
        """Return the stored walk, or a new one from `listed_since`."""
        known = cls(**cursor) if cursor else cls(since="")
        if known.first:
            return known
        since = listed_since(opened.watermark, opened.doubted_from, awaited_since)
        return replace(known, since=since.isoformat())

    @property
    def since_at(self) -> datetime:
        """The time asked from."""
        return clock.parse(self.since)

    @property
    def began_at(self) -> datetime:
        """When the first page of this pass was asked for."""
        return clock.parse(self.began)

    @property
    def watermark(self) -> datetime:
        """The change up to which the mirror is complete once the walk has ended: not later than its begin."""
        return min(clock.parse(self.newest), clock.parse(self.first))

    def cursor(self) -> dict[str, Any]:
        """Return the walk as it is stored."""
        return asdict(self)


def listed_since(watermark: datetime, doubted_from: datetime | None, awaited_since: datetime | None) -> datetime:
    """Return from which change on a look lets the shop list: a little before the watermark, or before any doubt.

    And from the last change of the oldest order a warehouse may pack, if that is earlier: the count of what changed
    since then tells for nothing whether one of them was deleted.
    """
    since = min(watermark - OVERLAP, (doubted_from or watermark) - OVERLAP, awaited_since or watermark)
    return since.replace(microsecond=0)


@dataclass(frozen=True)
class Compared:
    """What a page says beside the mirror that has taken it over.

    `differs`: an order that changed before anybody doubts stood otherwise in the mirror. `all_shown`: every order the
    shop lists was shown by this pass. `reaches`: to which time its changes go back. `lacking`: what the mirror holds of
    that time and no page has shown. `agrees`: but for those the shop lists as many changes as the mirror holds.
    """

    differs: bool
    agrees: bool
    all_shown: bool
    reaches: datetime
    lacking: Sequence[str] = ()


def shown(walk: Walk, page: Page[Order], differed: Sequence[str]) -> Walk:
    """Return the walk with what a page showed, still at that page."""
    began = page.began_at.isoformat()
    return replace(
        walk,
        newest=max(walk.newest or walk.since, look.newest_of(page) or walk.since),
        began=walk.began or began,
        first=walk.first or began,
        calls=walk.calls + 1,
        aside=walk.aside + (0 if walk.passes == CATCH_UP else len(page.set_aside)),
        nameless=walk.nameless + (0 if walk.passes > 1 else len(page.keyless)),
        unread=sorted({*walk.unread, *page.unread}),
        found=sorted({*walk.found, *differed}),
    )


def onward(walk: Walk, page: Page[Order], compared: Compared, *, doubted_from: datetime | None) -> Walk | None:
    """Return where to ask next after a page that was compared, None at the end.

    The pages go on as long as they differ or the counts do, and at least to a little before `doubted_from`. At their
    end everything listed must have been shown. What entered meanwhile stands in front: the next pass catches it up and
    counts what the first one showed. Only when that is not enough the others begin anew.
    """
    told = told_by(page)
    if walk.passes == CATCH_UP and compared.all_shown:
        return None
    if walk.told is not None and told < walk.told:  # something left the list, and what came after it slid forward
        steps = -(-(walk.told - told) // ON_A_PAGE)
        return replace(walk, page=max(1, walk.page - steps), told=told)
    if page.last:
        if compared.all_shown or walk.passes >= PASSES:
            return None
        again = replace(walk, page=1, told=None, passes=walk.passes + 1)
        return again if again.passes == CATCH_UP else replace(again, began="", aside=0)
    far_enough = doubted_from is None or compared.reaches <= doubted_from - OVERLAP
    if far_enough and compared.agrees and not compared.differs:
        return None
    return replace(walk, page=walk.page + 1, told=told)


def told_by(page: Page[Order]) -> int:
    """Return how many changes an answer tells of."""
    return page.total if page.total is not None else len(page.items) + len(page.set_aside)


@dataclass(frozen=True)
class Asked:
    """A look in our hands: whose, by which claim, and why."""

    rig: Rig
    tenant_id: TenantId
    lane: Lane
    hint: inbox.Claimed
    opened: Opened


def walk(rig: Rig, tenant_id: TenantId, lane: Lane, hint: inbox.Claimed, *, ask: Ask) -> None:
    """Compare page after page until nothing differs; every change up to the watermark is in the mirror then."""
    opened = look.begin(rig, tenant_id, lane, hint)
    if opened is None:
        return
    asked = Asked(rig, tenant_id, lane, hint, opened)
    with rig.db.tx(tenant_id) as conn:
        awaited_since = shipments.awaited_since(conn, tenant_id)
    here: Walk | None = Walk.begun(hint.cursor, opened=opened, awaited_since=awaited_since)
    began = rig.now()
    while here is not None:
        page = look.fetch(rig, tenant_id, lane, ask, here.since_at, here.page)
        if look.is_empty(page) and here.empty < EMPTY and expects_some(rig, tenant_id, here, page):
            cursor = replace(here, empty=here.empty + 1, calls=here.calls + 1).cursor()
            look.doubt(rig, tenant_id, lane, hint, cursor, doubts=here.empty)
            return
        here = take_in(asked, page, here=here)
        if here is not None and rig.now() - began > turn.TURN:
            raise PlatformBusy(rig.now(), "the look goes on in its next turn")


def expects_some(rig: Rig, tenant_id: TenantId, here: Walk, page: Page[Order]) -> bool:
    """Say whether an answer that shows nothing is to be doubted: it tells no count, or the mirror holds some."""
    if page.total is None:
        return True
    with rig.db.tx(tenant_id) as conn:
        listed, _ = orders.count_changed(
            conn, tenant_id, since=here.since_at, shown_since=page.began_at, besides=here.unread
        )
    return listed > 0


def take_in(asked: Asked, page: Page[Order], *, here: Walk) -> Walk | None:
    """Mirror a page, compare, and note where the look goes on; what it lacks is asked for by number after the last."""
    rig, tenant_id, lane = asked.rig, asked.tenant_id, asked.lane
    now, because = rig.now(), asked.opened.because
    with rig.db.tx(tenant_id) as conn:
        take_over.write_unread(conn, tenant_id, page, now=now)
        numbers = [*(item.order_number for item in page.items), *page.unread]
        known = missed.before(conn, tenant_id, lane, numbers)
        taken = take_over.take_over(
            conn, tenant_id, page.items, read_at=page.began_at, source="look", now=now, because=because
        )
        untold = here.untold + missed.note(conn, tenant_id, page, taken, known, now=now)
        here = replace(shown(here, page, taken.differed), untold=untold)
        compared = compare(
            conn, tenant_id, page, here, differs=differs(page, taken.differed, asked.opened.doubted_from)
        )
        next_here = onward(here, page, compared, doubted_from=asked.opened.doubted_from)
        # The look's own row before the others: hints are locked by key, and its key comes first.
        if next_here is None:
            conclude(conn, asked, here, compared, page)
        else:
            look.go_on(rig, conn, tenant_id, lane, asked.hint, next_here.cursor())
        due = turn.once_more(rig, [*taken.unsettled, *taken.spoilt], read_at=page.began_at)
        due |= dict.fromkeys(take_over.to_ask_again(page), now)
        hints = [inbox.Hint(key, urgent=False, due_at=due_at) for key, due_at in due.items()]
        if next_here is None:
            cause = " ".join(because) or None
            hints += [inbox.Hint(number, urgent=True, due_at=now, cause=cause) for number in compared.lacking]
        inbox.hint(conn, tenant_id, lane, hints, now=now)
        is_evidence = next_here is None and (here.untold or compared.lacking)
        if is_evidence and activations.check_webhooks(conn, tenant_id, why="a change no webhook told", now=now):
            rig.wake(Lane.ACTIVATE, tenant_id)
    return next_here


def differs(page: Page[Order], differed: Sequence[str], doubted_from: datetime | None) -> bool:
    """Say whether anything differs that nobody expected: what changed since `doubted_from` was likely not told."""
    changed = [item.last_update_time for item in page.items if item.order_number in set(differed)]
    return any(doubted_from is None or at < doubted_from - OVERLAP for at in changed)


def compare(conn: db.Conn, tenant_id: TenantId, page: Page[Order], here: Walk, *, differs: bool) -> Compared:
    """Hold a page against the mirror that has taken it over.

    On a page that is not the last one the second of its oldest change is left out: others of it may stand on the next.
    A pass that caught up need not turn its pages: the one before did.
    """
    besides = here.unread
    listed, seen = orders.count_changed(
        conn, tenant_id, since=here.since_at, shown_since=here.began_at, besides=besides
    )
    all_shown = seen + here.aside >= told_by(page)
    whole = page.last or (here.passes == CATCH_UP and all_shown)
    reaches = here.since_at
    if not whole:
        reaches = min(item.last_update_time for item in page.items) if page.items else page.began_at
    since = here.since_at if whole else reaches + SECOND
    lacking = orders.changed_but_unshown(conn, tenant_id, since=since, shown_since=here.began_at, besides=besides)
    return Compared(
        differs=differs,
        agrees=listed - len(lacking) + here.aside == told_by(page),
        all_shown=all_shown,
        reaches=reaches,
        lacking=lacking,
    )


def conclude(conn: db.Conn, asked: Asked, here: Walk, compared: Compared, page: Page[Order]) -> None:
    """End the look and write down why it was made, what it cost and what it found.

    Without an end at which everything was shown it proves nothing, though it mirrored what it saw.
    """
    rig, tenant_id = asked.rig, asked.tenant_id
    found = {*here.found, *compared.lacking}
    first = clock.parse(here.first)
    proves = compared.all_shown or not page.last
    walked = Walked(compared.reaches if proves else None, first, here.calls, len(found), told_by(page), here.nameless)
    missed.note_absent(conn, tenant_id, asked.lane, compared.lacking, looked_at=first, now=rig.now())
    look.settle(rig, conn, tenant_id, asked.lane, asked.hint, walked, watermark=here.watermark)
    detail = {
        "because": list(asked.opened.because),
        "calls": here.calls,
        "covers_from": compared.reaches.isoformat() if proves else None,
        "found": len(found),
        "untold": here.untold,
        "differed": here.found[:NAMED],
        "not_listed": compared.lacking[:NAMED],
    }
    journal.write(conn, tenant_id, [journal.Entry(rig.now(), journal.Kind.LOOKED, None, detail)])
