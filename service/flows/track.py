"""Ask carriers where parcels are: what is due, under each login in as few calls as it can, within its budget.

What comes back is written down by service/steps/tracing.py. A carrier that fails says nothing about a parcel: its state
stays, and it is asked again; ever later, where its own answer is what cannot be read.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from carriers.base import Able, Tracked
from carriers.errors import CarrierBusy, CarrierError
from service import bookings, contracts, db, tenants, tracking
from service.kit import backoff
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.steps import carriage, desk, tracing, turn
from service.steps.desk import Desk
from service.tracking import Followed

log = logging.getLogger(__name__)

LANE = Lane.TRACK
LOGINS_AT_ONCE = 4
MOVED_AT_ONCE = 500
NO_LOGIN = timedelta(days=1)
PATIENT = 6  # questions about one box without an answer; then its carrier does not know it yet, or never will


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Ask carriers about what is due; return how many questions were asked."""
    with turn.only_one(rig, tenant_id, LANE) as still_mine:
        began = rig.now()
        with rig.db.tx(tenant_id) as conn:
            due = [] if tenants.has_left(conn, tenant_id) else tracking.due_contracts(conn, tenant_id, now=began)
        clerk = partial(work_off, rig, tenant_id, going_on=partial(turn.goes_on, rig, began, still_mine))
        with ThreadPoolExecutor(LOGINS_AT_ONCE, thread_name_prefix=LANE) as pool:
            asked = sum(pool.map(clerk, due))
    if asked:
        with rig.db.tx(tenant_id) as conn:
            desk.settle(conn, rig, tenant_id)
        rig.wake(LANE, tenant_id)
    return asked


def ask_now(rig: Rig, tenant_id: TenantId) -> int:
    """Have carriers asked about a shop's parcels at once, within their budgets; return about how many boxes."""
    with rig.db.tx(tenant_id) as conn:
        hurried = tracking.hurry_all(conn, tenant_id, now=rig.now())
    rig.wake(LANE, tenant_id)
    return hurried


def work_off(rig: Rig, tenant_id: TenantId, contract_id: str, *, going_on: Callable[[], bool]) -> int:
    """Ask under one login while something is due and its carrier does its part; return how often."""
    asked = 0
    while going_on():
        try:
            at = desk.opened(rig, tenant_id, LANE, contract_id)
        except desk.NoContract:
            without_contract(rig, tenant_id, contract_id)
            break
        if at is None or not one_question(at):
            break
        asked += 1
    return asked


def without_contract(rig: Rig, tenant_id: TenantId, contract_id: str) -> None:
    """Ask under the login that stands in for one that is gone, or a day later where there is none."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        boxes = tracking.claim(conn, tenant_id, contract_id, most=MOVED_AT_ONCE, now=now, lease_s=0)
        usable = contracts.usable(conn, tenant_id)
        instead = next((usable[box.carrier] for box in boxes if box.carrier in usable), None)
        until = now if instead else now + NO_LOGIN
        tracking.put_off(conn, tenant_id, tracking.let_go(conn, tenant_id, boxes, now=now), until=until, counts=False)
        if instead:
            tracking.rehang(conn, tenant_id, contract_id, to=instead.contract_id)


def one_question(at: Desk) -> bool:
    """Claim what the next question is about, pay for it and ask; False when there is nothing to ask now."""
    rig, tenant_id, now = at.rig, at.tenant_id, at.rig.now()
    contract_id, most = at.contract.contract_id, size(at.carrier.able, wary=at.wary)
    with rig.db.tx(tenant_id) as conn:
        boxes = tracking.claim(
            conn, tenant_id, contract_id, most=most, now=now, lease_s=rig.settings.lease_s
        )  # fmt: skip
        paid = bool(boxes) and tracking.take(conn, contract_id, at.contract.carrier, calls=1, now=now)
        if boxes and not paid:
            tracking.put_off(conn, tenant_id, boxes, until=tracking.next_hour(now), counts=False)
        numbered = tracing.numbered(conn, tenant_id, boxes)
    if not boxes:
        desk.well(at)
    if paid:
        before = at.carrier.calls
        ask(at, [(box, numbered[box.key]) for box in boxes if box.key in numbered])
        with rig.db.tx(tenant_id) as conn:
            tracking.correct(conn, contract_id, calls=at.carrier.calls - before - 1, now=now)
    return bool(boxes)


def size(able: Able, *, wary: bool) -> int:
    """Return how many parcels one question is about."""
    return 1 if wary else able.track_batch


def ask(at: Desk, going: Sequence[tuple[Followed, bookings.Box]]) -> None:
    """Ask about parcels; what is refused for one of them is found out by halves, and the others are told of."""
    boxes = [box for box, _ in going]
    try:
        said = at.carrier.track(carriage.parcels_of([numbered for _, numbered in going]))
    except CarrierError as error:
        if desk.concerns_all(error) or len(going) == 1:
            put_off(at, boxes, error)
        else:
            half = len(going) // 2
            ask(at, going[:half])
            ask(at, going[half:])
        return
    left = record(at, boxes, [one for one in said if isinstance(one, Tracked)])
    if busy := next((one for one in said if isinstance(one, CarrierBusy)), None):
        put_off(at, left, busy)
        return
    with at.rig.db.tx(at.tenant_id) as conn:
        at_fault(conn, at, left)
    desk.well(at)


def record(at: Desk, boxes: Sequence[Followed], told: Sequence[Tracked]) -> list[Followed]:
    """Write down what was told of these boxes; return those of which nothing, or two things, were told."""
    believed = matched(boxes, told)
    moved = written(at, [box for box in boxes if box.key in believed], believed)
    left = [box for box in boxes if box.key not in believed]
    if len(told) != len(boxes) or left:
        log.warning("%s tells of %s parcels, asked about %s", at.contract.carrier, len(told), len(boxes))
    if moved:
        at.rig.wake(Lane.WRITEBACK, at.tenant_id)
    return left


def written(at: Desk, boxes: Sequence[Followed], told: Mapping[tuple[str, int], Tracked]) -> int:
    """Write down what was told of these, and return how many are somewhere else now.

    One that cannot be written down must not keep the others; it is asked about ever later.
    """
    try:
        with at.rig.db.tx(at.tenant_id) as conn:
            some = {box.key: told[box.key] for box in boxes}
            return tracing.record(
                conn, at.tenant_id, some, tells_paid=at.carrier.able.tells_paid, now=at.rig.now()
            )  # fmt: skip
    except Exception as fault:
        if not db.blames_rows(fault):
            raise
        if len(boxes) > 1:
            return sum(written(at, [box], told) for box in boxes)
        log.error("%s of %s: %s at %s", LANE, at.tenant_id, db.named(fault), boxes[0].key)  # noqa: TRY400  # it may quote
    with at.rig.db.tx(at.tenant_id) as conn:
        at_fault(conn, at, boxes)
    return 0


def matched(boxes: Sequence[Followed], told: Sequence[Tracked]) -> Mapping[tuple[str, int], Tracked]:
    """Return what was told of each box by its number: pure. Nothing is believed that was not asked, or told twice."""
    asked = Counter(box.number for box in boxes)
    counts = Counter(one.number for one in told)
    known = {one.number: one for one in told if counts[one.number] == asked[one.number] == 1}
    return {box.key: known[box.number] for box in boxes if box.number in known}


def put_off(at: Desk, boxes: Sequence[Followed], error: CarrierError) -> None:
    """Ask again: after its carrier's rest, or where the fault may be a parcel's own, ever later.

    What one parcel alone is answered may be what all are: it bears its part, and the carrier rests as well.
    """
    concerns_all = desk.concerns_all(error)
    is_own = not concerns_all or (len(boxes) == 1 and bears(at, boxes[0], error))
    with at.rig.db.tx(at.tenant_id) as conn:
        if is_own:
            at_fault(conn, at, boxes)
        else:
            now = at.rig.now()
            asked = tracking.let_go(conn, at.tenant_id, boxes, now=now)
            tracking.put_off(conn, at.tenant_id, asked, until=now, counts=False)
    if concerns_all:
        desk.failed(at, error)
    else:
        log.warning("%s of %s: a parcel, %s", LANE, at.tenant_id, desk.unnamed(error))
        desk.well(at)


def bears(at: Desk, box: Followed, error: CarrierError) -> bool:
    """Say whether an error that may concern all may be this parcel's own: its carrier answers, or lets us in."""
    return desk.is_own(at, error) or desk.outlasts(at, error, box.since)


def at_fault(conn: db.Conn, at: Desk, boxes: Sequence[Followed]) -> None:
    """Ask ever later about boxes whose own fault it is that nothing is told of them, and no more once they are old."""
    now = at.rig.now()
    asked = tracking.let_go(conn, at.tenant_id, boxes, now=now)
    if asked:
        until = min(again_at(box, now) for box in asked)
        tracking.put_off(conn, at.tenant_id, asked, until=until, counts=True)


def again_at(box: Followed, now: datetime) -> datetime:
    """Return when a box is asked about again of which nothing is told: pure. In the end as rarely as any other."""
    soon = backoff.after(now, 2 + box.tries)
    if box.tries < PATIENT:
        return soon
    at = tracking.due_next(box.state, state_since=box.state_since, first_at=box.first_at, now=now, money=None)
    return max(soon, at or now + NO_LOGIN)
