"""What the shop ought to show of an order because of what left: recomputed whole whenever a shipment changes.

Only a milestone that was reached sets a status; codes go as soon as they are known. What is to be sent, and whether
the customer may be mailed once more, is the outbox's business.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from service import db, mappings, offers, orders, outbox, shipments, tenants, tracking
from service.lanes import TenantId
from service.mappings import Given, Milestone, Target, Tracking
from service.offers import Offer
from service.offers.told import CASH_ON_DELIVERY
from service.orders import Standing
from service.outbox import Want
from service.shipments import Shipment
from service.steps import reached, receipts, statuses
from service.tracking import Followed, Payment, payments

WAITS_FOR_CODE = timedelta(minutes=15)
BETWEEN = ", "
FURTHER = tuple(Milestone)


def want(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> bool:
    """Compute anew what the shop ought to show of these orders and merge it into the outbox; say whether anything is.

    Of its history nothing but what a person released by hand. A shop that is only observed is not written to, but what
    was shipped, corrected or voided meanwhile must be right when it goes live. A shop that has left is owed nothing: if
    it comes back, this is its history. Call it in the transaction of the change, after the offers were weighed: it
    holds them.
    """
    if not numbers:
        return False
    given = mappings.of(conn, tenant_id)
    if not given.live and tenants.has_left(conn, tenant_id):
        return False
    known = offers.known(conn, tenant_id, numbers)
    standing = orders.standing(conn, tenant_id, numbers)
    ours = [each for number, each in standing.items() if not _history(each, known.get(number), given)]
    left = shipments.of_orders(conn, tenant_id, [order.order_number for order in ours])
    types = statuses.types(conn, tenant_id)
    cancelled = {status_id for status_id, kind in types.items() if kind == statuses.RETURNS_STOCK}
    parcels = sorted({one.leaves_in for told in left.values() for one in told})
    boxes = tracking.of_shipments(conn, tenant_id, parcels)
    money = payments.of_shipments(conn, tenant_id, parcels) if given.paid_since else []
    wants: dict[str, Want] = {}
    for order in ours:
        if told := left[order.order_number]:
            followed = reached.of_shipments(told, boxes)
            is_over = order.status_id in cancelled
            found = wanted(told, given, status_id=order.status_id, cancelled=is_over, followed=followed)
            paid_date = None if is_over else paid_out(order, money, since=given.paid_since)
            wants[order.order_number] = replace(
                found, left_at=reached.left_at(told), shown_at=order.read_at, paid_date=paid_date
            )
    outbox.put(conn, tenant_id, wants, now=now)
    receipts.settle_histories(conn, tenant_id, list(wants), now=now)
    return bool(wants)


def _history(order: Standing, offer: Offer | None, given: Given) -> bool:
    until = given.history_until
    return (until is None or order.creation_time <= until) and not (offer and offer.by_hand)


def paid_out(order: Standing, money: Sequence[Payment], *, since: datetime | None) -> date | None:
    """Return the day on which an order's COD had been paid out, if the shop is to hear of it: pure.

    None: not all of it was, as far as we were told after `since`, when its merchant wanted it; or it is no COD order.
    """
    if since is None or order.payment_type != CASH_ON_DELIVERY:
        return None
    return payments.in_full([each for each in money if order.order_number in each.covers], since=since)


def wanted(
    told: Sequence[Shipment],
    given: Given,
    *,
    status_id: int | None,
    cancelled: bool,
    followed: Sequence[Followed] = (),
) -> Want:
    """Return what the shop ought to show: pure. `status_id` is the mirror's, `told` comes in the order it was told.

    `followed`: the order's boxes a carrier was asked about. A milestone without a status of its own leaves the shop at
    the one before.

    What waits for its label has not left. The shop's own cancellation stands, also against a parcel that left
    nevertheless: its code goes, a person decides about the status. So does a status that says that the parcel got
    further than we know.
    """
    stand = [shipment for shipment in told if not shipment.voided and not shipment.label_due]
    main, extra = _codes(stand, given.tracking)
    codes = Want(tracking_code=main, extra_codes=extra)
    closed = [shipment.final_since for shipment in stand if shipment.final_since]
    milestone = reached.of(stand, followed)
    milestone = milestone if milestone in given.targets else Milestone.SHIPPED
    target = given.targets.get(milestone)
    if not closed or target is None or cancelled or status_id in _further(given, milestone):
        return codes
    is_news = not _is_old(target, reached.at(reached.of_shipments(stand, followed), milestone))
    return replace(
        codes,
        status_id=target.status_id,
        milestone=milestone.value,
        mail=target.mail and is_news,
        sms=target.sms and is_news,
        based_on_status_id=status_id,
        wait_until=None if main or milestone is not Milestone.SHIPPED else min(closed) + WAITS_FOR_CODE,
    )


def _further(given: Given, milestone: Milestone) -> set[int]:
    """Return the statuses that say more than a milestone does. What stands for one before it, too, may be that one."""
    place = FURTHER.index(milestone) + 1
    until_now = {each.status_id for name, each in given.targets.items() if name in FURTHER[:place]}
    return {each.status_id for name, each in given.targets.items() if name in FURTHER[place:]} - until_now


def _is_old(target: Target, reached_at: datetime | None) -> bool:
    """Say whether parcels were there before anybody wanted to hear of it: customers are not mailed of history."""
    return target.since is not None and reached_at is not None and reached_at < target.since


def _codes(stand: Sequence[Shipment], tracking: Tracking) -> tuple[str | None, tuple[str, ...]]:
    """Return the code for the order's one field, and those for its history; each stands once."""
    parcels = (parcel for shipment in stand for parcel in shipment.parcels)
    codes = tuple(dict.fromkeys(parcel.tracking_code for parcel in parcels if parcel.tracking_code))
    if not codes:
        return None, ()
    match tracking:
        case Tracking.FIRST:
            return codes[0], codes[1:]
        case Tracking.LAST:
            return codes[-1], codes[:-1]
        case Tracking.JOINED:
            return BETWEEN.join(codes), ()
