"""What a carrier told of parcels, in the transaction that writes it down: scans, states, money, and what follows.

Every scan is kept. The state is what all scans together amount to (carriers/states.py), however late, often or out of
order they came; only a return takes a parcel back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from carriers import states
from carriers.base import Tracked
from carriers.states import Reason, Scan
from service import bookings, db, journal, offers, problems, returns, shipments, tracking
from service.journal import Entry, Kind
from service.kit import canon
from service.kit.clock import PRAGUE
from service.lanes import TenantId
from service.problems import Cause
from service.steps import bringing, payouts, wanting
from service.tracking import Followed, News, Payment, State, Told, payments

Key = tuple[str, int]

NOTHING_TO_PAY = tracking.BACK | {State.CANCELLED}

MOST_SCANS = 200  # of one answer about one box, the latest
KEEPS_WAITING = {
    Reason.ABSENT,
    Reason.POINT_FULL,
    Reason.CUSTOMS,
    Reason.OTHER,
}  # sends nothing back that lies at a point
LONGEST_CODE, LONGEST_WORDS, LONGEST_SPOT = 64, 300, 120

# How far a parcel is. What moves nothing stands before what moves, a cancellation counts until the carrier has it.
RANK = (
    State.UNKNOWN,
    State.EXCEPTION,
    State.CREATED,
    State.CANCELLED,
    State.ACCEPTED,
    State.IN_TRANSIT,
    State.OUT_FOR_DELIVERY,
    State.AT_PICKUP_POINT,
    State.DELIVERED,
    State.RETURNING,
    State.RETURNED,
)


def numbered(conn: db.Conn, tenant_id: TenantId, some: Sequence[Followed]) -> dict[Key, bookings.Box]:
    """Return followed boxes as their carrier wants to hear of them, by key: those of bookings, and of returns."""
    boxes = bookings.boxes(conn, tenant_id, sorted({box.booking_id for box in some if not box.is_back}))
    back = returns.some(conn, tenant_id, sorted({box.booking_id for box in some if box.is_back}))
    boxes |= {return_id: bringing.boxes_of(each) for return_id, each in back.items()}
    known = {(booking_id, each.place): each for booking_id, theirs in boxes.items() for each in theirs}
    return {box.key: known[box.key] for box in some if box.key in known}


def record(  # whose, of which boxes, what, and whether payments are told of at all
    conn: db.Conn,
    tenant_id: TenantId,
    told: Mapping[Key, Tracked],
    *,
    tells_paid: bool,
    now: datetime,
) -> int:
    """Write down what a carrier told of boxes, each by its key; return how many are somewhere else now."""
    offers.hold(conn, tenant_id)  # first, as everywhere
    held = tracking.held(conn, tenant_id, sorted(told))
    ours = {box.key: box for box in held}
    tracking.keep(conn, tenant_id, {key: scans_of(told[key]) for key in ours}, now=now)
    booking_ids = sorted({box.booking_id for box in held})
    kept = tracking.scans(conn, tenant_id, booking_ids)
    money = payments.of_bookings(conn, tenant_id, booking_ids)
    moved: list[tuple[Followed, Followed]] = []
    weighed_anew: set[str] = set()
    for key, box in ours.items():
        payment = money.get(box.booking_id)
        awaited = payment if tells_paid and not told[key].cod_paid_on else None
        news = weighed(box, told[key], kept.get(key, ()), awaited, now=now)
        after = tracking.tell(conn, tenant_id, box, news, is_final=news.state in tracking.FINAL, now=now)
        if after and after.state is not box.state:
            moved.append((box, after))
        if payment and after and note_money(conn, tenant_id, payment, after, told[key], now=now):
            weighed_anew.add(payment.booking_id)
    numbers = follow(conn, tenant_id, moved, now=now) | payouts.owing(conn, tenant_id, weighed_anew)
    wanting.want(conn, tenant_id, sorted(numbers), now=now)  # at once: two sorted lots are no order to lock rows in
    return len(moved)


def scans_of(told: Tracked) -> list[Told]:
    """Return scans as they are kept: the carrier's own words within bounds."""
    return [
        Told(
            scan.at,
            canon.storable(scan.code)[:LONGEST_CODE],
            canon.storable(scan.text)[:LONGEST_WORDS] or None,
            canon.storable(scan.place)[:LONGEST_SPOT] or None,
            State(scan.state),
            scan.reason.value if scan.reason else None,
        )
        for scan in told.scans[-MOST_SCANS:]
    ]


@dataclass(frozen=True)
class Standing:
    """Where scans leave a parcel, why, and the day it was delivered on."""

    state: State
    reason: str | None
    delivered_on: date | None


def stands(before: State, told: Tracked, kept: Sequence[Told]) -> Standing:
    """Return where a parcel is after all that was ever told of it: pure; nothing takes it back but a return."""
    scans = states.settled(
        Scan(one.at, states.State(one.state), one.code, one.said or "", one.spot or "", _reason(one.reason))
        for one in kept
    )
    state = max(before, State(told.state), State(states.standing(scans)), key=RANK.index)
    days = [scan.at.astimezone(PRAGUE).date() for scan in scans if scan.state is states.State.DELIVERED]
    reason = why(state, told, scans)
    return Standing(state, reason.value if reason else None, days[0] if days else None)


def why(state: State, told: Tracked, scans: Sequence[Scan]) -> Reason | None:
    """Return the reason that belongs to a state.

    What the customs hold they hold while no later scan is kept, whenever that was told. Of a return the reason is the
    one told with it. Most carriers tell none: what lay at a point and goes back was not fetched,
    unless another reason was told since it lay there, or it had been delivered.
    """
    otherwise = (told.reason if told.reason is not Reason.CUSTOMS else None) or states.reason_of(scans)
    if state not in tracking.BACK:
        return otherwise
    with_it = [scan for scan in scans if scan.state in (states.State.RETURNING, states.State.RETURNED)]
    if given := states.reason_of(with_it):
        return given
    lay = _lying([scan for scan in scans if scan not in with_it and scan.at <= with_it[0].at] if with_it else scans)
    if not lay or any(scan.state is states.State.DELIVERED for scan in scans):
        return otherwise
    return states.reason_of([scan for scan in lay if scan.reason not in KEEPS_WAITING]) or Reason.NOT_COLLECTED


def _lying(scans: Sequence[Scan]) -> Sequence[Scan]:
    """Return the scans since a parcel last came to a point; none where it never did."""
    places = [place for place, scan in enumerate(scans) if scan.state is states.State.AT_PICKUP_POINT]
    return scans[places[-1] :] if places else ()


def _reason(kept: str | None) -> Reason | None:
    return Reason(kept) if kept else None


def weighed(box: Followed, told: Tracked, kept: Sequence[Told], awaited: Payment | None, *, now: datetime) -> News:
    """Return what is to be written down of a box, and when it is asked about next. `awaited`: its money is."""
    now_is = stands(box.state, told, kept)
    # What was called a delivery and was the sender's own receipt is none: all scans together say so.
    delivered_on = now_is.delivered_on or (None if now_is.state in tracking.BACK else box.delivered_on)
    if delivered_on or now_is.state is State.DELIVERED:  # a day to come is a slip: its money would never be late
        today = now.astimezone(PRAGUE).date()
        delivered_on = min(delivered_on or today, today)
    is_awaited = awaited is not None and awaited.paid_on is None and awaited.over_at is None
    money = tracking.money_until(box.carrier, delivered_on) if is_awaited and delivered_on else None
    since = box.state_since if now_is.state is box.state else now
    lasts = now_is.state is box.state and box.reason != Reason.CUSTOMS
    return News(
        state=now_is.state,
        reason=now_is.reason or (box.reason if lasts else None),
        last_scan_at=max((one.at for one in kept), default=box.last_scan_at),
        delivered_on=delivered_on,
        stored_until=told.stored_until or box.stored_until,
        partner=canon.storable(" ".join(told.partner))[:LONGEST_SPOT] if told.partner else box.partner,
        due_at=tracking.due_next(now_is.state, state_since=since, first_at=box.first_at, now=now, money=money),
    )


def note_money(
    conn: db.Conn, tenant_id: TenantId, payment: Payment, box: Followed, told: Tracked, *, now: datetime
) -> bool:
    """Note what a box and what was told of it mean for the money of its booking; say whether its orders may be paid."""
    is_news = False
    if box.state is State.DELIVERED and box.delivered_on and payment.delivered_on is None:
        payouts.delivered(conn, tenant_id, payment, on=box.delivered_on)
    if told.cod_paid_on and payment.paid_on is None:
        is_news = payouts.paid(
            conn, tenant_id, box.booking_id, on=told.cod_paid_on, amount=None, by="tracking", now=now
        )
    if box.state in NOTHING_TO_PAY and is_unpaid(conn, tenant_id, box.booking_id):
        is_news |= payouts.over(conn, tenant_id, box.booking_id, now=now)
    return is_news


def is_unpaid(conn: db.Conn, tenant_id: TenantId, booking_id: str) -> bool:
    """Say whether nobody pays for a parcel any more: all of its boxes are on their way back, or were never taken."""
    return nobody_pays(tracking.of_bookings(conn, tenant_id, [booking_id])[booking_id])


def nobody_pays(boxes: Sequence[Followed]) -> bool:
    """Say so of the boxes of a parcel: pure."""
    return bool(boxes) and all(each.state in NOTHING_TO_PAY and not each.delivered_on for each in boxes)


def follow(
    conn: db.Conn, tenant_id: TenantId, moved: Sequence[tuple[Followed, Followed]], *, now: datetime
) -> set[str]:
    """Let everybody know of boxes that are somewhere else: journal, hand-over, and a person of what came back.

    Return the orders of which the shop is to hear.
    Every order whose goods are in a box hears of it. What a customer sends back is in the journal alone: the goods are
    back when the warehouse says so.
    """
    if not moved:
        return set()
    whose = shipments.orders_in(conn, tenant_id, sorted({after.shipment_id for _, after in moved}))
    told = [
        _entry(before, after, number, now=now) for before, after in moved for number in whose[after.shipment_id]
    ]  # fmt: skip
    journal.write(conn, tenant_id, told)
    moved = [(before, after) for before, after in moved if not after.is_back]
    if not moved:
        return set()
    had = sorted(
        {
            after.booking_id
            for before, after in moved
            if after.state in tracking.HELD and before.state not in tracking.HELD
        }
    )
    handed = bookings.handed(conn, tenant_id, had, now=now) if had else []
    others = {after.booking_id for _, after in moved} - {*handed}
    bookings.moved(conn, tenant_id, sorted(others), now=now)
    for _, after in moved:
        if after.state is State.RETURNED and after.goods_back_at is None:
            detail = {"booking": after.booking_id, "carrier": after.carrier, "reason": after.reason}
            problems.note(conn, tenant_id, Cause.PARCEL_BACK, now=now, order_number=after.order_number, detail=detail)
    return {number for _, after in moved for number in whose[after.shipment_id]}


def _entry(before: Followed, after: Followed, order_number: str, *, now: datetime) -> Entry:
    detail = {
        "return" if after.is_back else "booking": after.booking_id,
        "shipment": after.shipment_id,
        "parcel": after.place,
        "carrier": after.carrier,
        "before": before.state.value,
        "state": after.state.value,
        "reason": after.reason,
    }
    return Entry(now, Kind.PARCEL, order_number, detail)
