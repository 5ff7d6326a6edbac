"""Fill a shop's own shipment with a carrier's points, where somebody switched that on: what is new, changed or closed.

Nothing is taken out but by ids of ours. A call whose answer got lost is not repeated blindly: the shop's list is read
back, page by page, and only what it does not show goes again, under the id it had.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service import affiliates, db, journal, problems
from service.affiliates import Affiliate, Key, Offer, State
from service.affiliates.decide import ALIVE, DOUBTFUL
from service.journal import Entry, Kind
from service.kit import backoff
from service.lanes import Lane, TenantId
from service.platform.client import AFFILIATES_AT_ONCE, Shop
from service.platform.errors import (
    AccessBlocked,
    CredentialsRejected,
    NotActive,
    PlatformBusy,
    PlatformError,
    PlatformRefused,
    PlatformUnreachable,
    RequestRefused,
)
from service.platform.shapes import Affiliate as Shown
from service.platform.shapes import NewAffiliate, Page
from service.problems import Cause
from service.rig import Rig
from service.steps import filling, turn

log = logging.getLogger(__name__)

LANE = Lane.AFFILIATES
REST = timedelta(seconds=90)  # so late a write may land that nobody answered (docs/upgates.md B28)
STALE = timedelta(seconds=5)  # whoever slept so long between claim and call sends nothing
OF_THE_SHOP = (AccessBlocked, CredentialsRejected, NotActive)  # it is not called at all meanwhile
ALONE = 4  # so many failures in a row, and one point is taken at a time
GIVE_UP = 8  # so often in a row one point alone, or several one by one, did not go in: a person is told
SHOWS = {State.SENT: State.SHOWN, State.LEAVING: State.KEPT}  # what was in doubt, and the shop's list has it
NO_POINTS = "the list shows no open point there: nothing is put in and nothing taken out"


class NotShown(PlatformUnreachable):
    """A point that was sent alone does not show: it is at fault, or nothing is taken at all."""


@dataclass
class Round:
    """A turn at one shipment: the points it is to show, as the shop is told of them; `total`: of the list read back."""

    rig: Rig
    tenant_id: TenantId
    offer: Offer
    points: Mapping[Key, NewAffiliate]
    page: int
    total: int | None

    @property
    def shipment(self) -> str:
        return self.offer.shop_shipment_id

    @property
    def most(self) -> int:
        """Points of one call: a quarter after each failure, so that what the shop chokes on is soon alone."""
        return max(1, AFFILIATES_AT_ONCE >> 2 * self.offer.tries)

    @property
    def shop(self) -> Shop:
        return self.rig.shop(self.tenant_id, LANE)


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Look after the shipment that waits longest; return how many calls were made."""
    with turn.only_one(rig, tenant_id, LANE) as still_mine:
        began, calls = rig.now(), 0
        at = begin(rig, tenant_id) if still_mine() else None
        if at is None:
            return 0
        try:
            while turn.goes_on(rig, began, still_mine):
                if not one_call(at):
                    return calls
                calls += 1
        except PlatformError as trouble:
            set_back(at, trouble)
            return calls
        put_off(at, until=rig.now())
    rig.wake(LANE, tenant_id)
    return calls


def begin(rig: Rig, tenant_id: TenantId) -> Round | None:
    """Claim a shipment; None when none is due, or there is nothing to ask for the one that was."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        offer = affiliates.claim(conn, tenant_id, now=now, lease_s=rig.settings.lease_s)
        if offer is None:
            return None
        if offer.fresh:
            affiliates.turn_to(conn, tenant_id, offer.shop_shipment_id, State.UNWANTED, of=[State.KEPT])
        unfit = filling.why_unfit(conn, tenant_id, offer.shop_shipment_id)
        if unfit and offer.withdrawn_at:  # whatever it showed went with it
            affiliates.turn_to(conn, tenant_id, offer.shop_shipment_id, State.GONE, of=[*ALIVE, *DOUBTFUL])
            end(conn, tenant_id, offer, now=now)
        elif unfit:
            park(conn, tenant_id, offer, why=unfit, now=now)
        else:
            found = {} if offer.withdrawn_at else filling.wanted(conn, offer.source)
            if found or offer.withdrawn_at:
                return Round(rig, tenant_id, offer, found, page=offer.read_page, total=offer.read_total)
            end(conn, tenant_id, offer, now=now, why=NO_POINTS)
    return None


def one_call(at: Round) -> bool:
    """Make the call that matters most; False when there is none to make now."""
    with at.rig.db.tx(at.tenant_id) as conn:
        asked_at = affiliates.doubt(conn, at.tenant_id, at.shipment)
    if asked_at is None:
        if put_in(at) or take_out(at):
            return True
        with at.rig.db.tx(at.tenant_id) as conn:
            end(conn, at.tenant_id, at.offer, now=at.rig.now())
        return False
    if at.rig.now() < asked_at + REST:
        put_off(at, until=asked_at + REST)
        return False
    return read_back(at)


def put_in(at: Round) -> bool:
    """Plan what differs, and put up to a hundred points in; what the shop does not speak of is in doubt."""
    with at.rig.db.tx(at.tenant_id) as conn:
        known = affiliates.every(conn, at.tenant_id, at.shipment)
        digests = {key: filling.digest(each) for key, each in at.points.items()}
        plan = affiliates.plan(known, digests, tenant_id=at.tenant_id)
        for state, affiliate_ids in plan.turns.items():
            affiliates.turn_to(conn, at.tenant_id, at.shipment, state, of=ALIVE, affiliate_ids=affiliate_ids)
        affiliates.add(conn, at.tenant_id, at.shipment, plan.new)
        now = at.rig.now()
        taken = _take(conn, at, of=State.WANTED, to=State.SENT, now=now)
    if not taken:
        return False
    if at.rig.now() - now > STALE:
        return True  # it sent nothing, and nobody knows that
    told = [replace(at.points[each.key], affiliate_id=each.affiliate_id) for each in taken]
    try:
        said = at.shop.add_affiliates(at.shipment, told)
    except PlatformError as trouble:
        give_back(at, taken, trouble, of=State.SENT, to=_alone(taken, trouble, State.REFUSED) or State.WANTED)
        raise
    with at.rig.db.tx(at.tenant_id) as conn:
        for state, done in ((State.SHOWN, True), (State.REFUSED, False)):
            some = [each.affiliate_id for each, item in zip(taken, said, strict=True) if item.done is done]
            affiliates.turn_to(conn, at.tenant_id, at.shipment, state, of=[State.SENT], affiliate_ids=some)
        if all(item.done is not None for item in said):
            went_well(conn, at)
    return True


def _alone(taken: Sequence[Affiliate], trouble: PlatformError, state: State) -> State | None:
    return state if len(taken) == 1 and isinstance(trouble, RequestRefused) else None


def went_well(conn: db.Conn, at: Round) -> None:
    """Let the next call take four times as many, up to a hundred: what the shop choked on may be among them."""
    if at.offer.tries:
        tries = min(at.offer.tries, ALONE) - 1
        affiliates.went_well(conn, at.tenant_id, at.shipment, tries=tries)
        at.offer = replace(at.offer, tries=tries)


def _take(conn: db.Conn, at: Round, *, of: State, to: State, now: datetime) -> list[Affiliate]:
    return affiliates.take(conn, at.tenant_id, at.shipment, of=of, to=to, most=at.most, now=now)


def take_out(at: Round) -> bool:
    """Take up to a hundred points out that closed or changed, by their ids; what is not said to be gone is in doubt."""
    now = at.rig.now()
    with at.rig.db.tx(at.tenant_id) as conn:
        taken = _take(conn, at, of=State.UNWANTED, to=State.LEAVING, now=now)
    if not taken:
        return False
    if at.rig.now() - now > STALE:
        return True  # it sent nothing, and nobody knows that
    affiliate_ids = [each.affiliate_id for each in taken]
    try:
        said = at.shop.remove_affiliates(at.shipment, affiliate_ids)
    except PlatformError as trouble:
        give_back(at, taken, trouble, of=State.LEAVING, to=_alone(taken, trouble, State.KEPT) or State.UNWANTED)
        raise
    gone = [affiliate_id for affiliate_id in affiliate_ids if affiliate_id in said and said[affiliate_id].done]
    with at.rig.db.tx(at.tenant_id) as conn:
        affiliates.turn_to(conn, at.tenant_id, at.shipment, State.GONE, of=[State.LEAVING], affiliate_ids=gone)
        if len(gone) == len(taken):
            went_well(conn, at)
    return True


def give_back(at: Round, taken: Sequence[Affiliate], trouble: PlatformError, *, of: State, to: State) -> None:
    """Take the marks of a batch back that did not arrive; one that may have is left in doubt."""
    if isinstance(trouble, PlatformUnreachable) and trouble.unclear:
        return
    affiliate_ids = [each.affiliate_id for each in taken]
    with at.rig.db.tx(at.tenant_id) as conn:
        affiliates.turn_to(conn, at.tenant_id, at.shipment, to, of=[of], affiliate_ids=affiliate_ids)


def read_back(at: Round) -> bool:
    """Read one page of what the shop shows: it settles the doubts it names, and the last page all others.

    A list that changes while it is read proves nothing: what slid onto a page that was read would be put in twice.
    """
    page = at.shop.affiliates(at.shipment, at.page)
    if _proves_nothing(at, page):
        with at.rig.db.tx(at.tenant_id) as conn:
            affiliates.read_on(conn, at.tenant_id, at.shipment, page=1, total=None)
        raise PlatformUnreachable("the points came back short, or changed while they were read", unclear=False)
    at.page, at.total = (1, None) if page.last else (at.page + 1, page.total)
    there = [item.affiliate_id for item in page.items]
    with at.rig.db.tx(at.tenant_id) as conn:
        for asked, shown in SHOWS.items():
            affiliates.turn_to(conn, at.tenant_id, at.shipment, shown, of=[asked], affiliate_ids=there)
        lacking = _end_doubts(conn, at) if page.last else 0
        affiliates.read_on(conn, at.tenant_id, at.shipment, page=at.page, total=at.total)
    if lacking:
        failed = NotShown if lacking == at.most == 1 else PlatformUnreachable
        raise failed(f"points that were sent do not show: {lacking}", unclear=False)
    return True


def _end_doubts(conn: db.Conn, at: Round) -> int:
    """Settle what no page showed; return how many points did not go in. One that was sent alone goes no more."""
    affiliates.turn_to(conn, at.tenant_id, at.shipment, State.GONE, of=[State.LEAVING])
    lacking = affiliates.counts(conn, at.tenant_id).get(at.shipment, {}).get(State.SENT, 0)
    state = State.REFUSED if lacking == at.most == 1 else State.WANTED
    affiliates.turn_to(conn, at.tenant_id, at.shipment, state, of=[State.SENT])
    return lacking


def _proves_nothing(at: Round, page: Page[Shown]) -> bool:
    """Say whether a page is not the one asked for, whole, of the list whose other pages were read."""
    is_that = page.current_page == at.page <= max(page.pages or 1, 1)
    is_cut = page.last and page.current_page < (page.pages or 1)  # empty, and the shop tells of pages after it
    return not page.complete or not is_that or is_cut or at.total not in (None, page.total)


def end(conn: db.Conn, tenant_id: TenantId, offer: Offer, *, now: datetime, why: str | None = None) -> None:
    """Let a shipment be until its list changes."""
    affiliates.finish(conn, tenant_id, offer, now=now, why=why)
    filling.settle(conn, tenant_id, now=now)


def put_off(at: Round, *, until: datetime, failed: bool = False, why: str | None = None) -> None:
    """Go on with the round then."""
    with at.rig.db.tx(at.tenant_id) as conn:
        affiliates.put_off(conn, at.tenant_id, at.offer, until=until, failed=failed, why=why)


def set_back(at: Round, trouble: PlatformError) -> None:
    """Come back when the shop may be asked again; what it refuses is a person's, and is not tried again.

    A batch that is refused as such is tried again in parts.
    """
    now = at.rig.now()
    if isinstance(trouble, PlatformBusy):
        put_off(at, until=trouble.until)
        return
    log.warning("%s of %s: %s", LANE, at.tenant_id, trouble)
    if _is_for_a_person(at, trouble):
        with at.rig.db.tx(at.tenant_id) as conn:
            park(conn, at.tenant_id, at.offer, why=str(trouble), now=now)
    else:
        put_off(at, until=backoff.after(now, at.offer.tries), failed=True, why=str(trouble))


def _is_for_a_person(at: Round, trouble: PlatformError) -> bool:
    if isinstance(trouble, RequestRefused | NotShown):
        return at.offer.tries >= GIVE_UP
    return isinstance(trouble, PlatformRefused) and not isinstance(trouble, OF_THE_SHOP)


def park(conn: db.Conn, tenant_id: TenantId, offer: Offer, *, why: str, now: datetime) -> None:
    """Ask nothing more for a shipment, and tell why."""
    if affiliates.park(conn, tenant_id, offer, why=why, now=now):
        detail = {"lane": LANE.value, "shipment": offer.shop_shipment_id, "why": why}
        journal.write(conn, tenant_id, [Entry(now, Kind.PROBLEM, None, detail)])
        problems.note(conn, tenant_id, Cause.POINTS_REFUSED, now=now, detail={"shipment": offer.shop_shipment_id})
