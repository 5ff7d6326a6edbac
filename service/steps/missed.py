"""What a read shows and nobody had told: named order by order, in the transaction in which the mirror takes it over.

A webhook that came and was not answered yet is no loss: a read is owed because of it. Nor is a change of our own that
waits for its receipt (docs/upgates.md T19).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service import db, inbox, orders, outbox
from service.inbox import LATE, Loss, What
from service.lanes import Lane, TenantId
from service.orders import Stamp
from service.platform.shapes import Order, Page
from service.steps.look import OVERLAP
from service.steps.take_over import Outcome


@dataclass(frozen=True)
class Before:
    """What we knew of some orders before a page was taken over.

    `stamps`: the change the mirror showed. `owed`: which are to be read anyway. `ours`: when we last wrote to those
    whose receipt we wait for.
    """

    stamps: Mapping[str, Stamp]
    owed: set[str]
    ours: Mapping[str, datetime]


def before(conn: db.Conn, tenant_id: TenantId, lane: Lane, numbers: Sequence[str]) -> Before:
    """Return what we know of these orders now."""
    return Before(
        orders.stamps(conn, tenant_id, numbers),
        inbox.owed(conn, tenant_id, lane, numbers, told=True),
        outbox.unconfirmed(conn, tenant_id, numbers),
    )


def note(conn: db.Conn, tenant_id: TenantId, page: Page[Order], taken: Outcome, known: Before, *, now: datetime) -> int:
    """Write down what a page of a look that was taken over showed and nobody had told of.

    Return how many of these changed too long ago to be told still: they speak against the webhooks.
    """
    losses = differing(page, set(taken.differed), known, now=now)
    unread = {*page.unread, *taken.spoilt}
    losses += [unreadable(number, known, looked_at=page.began_at, now=now) for number in sorted(unread)]
    inbox.note_losses(conn, tenant_id, losses)
    return sum(each.changed_at is not None and each.changed_at < page.began_at - LATE for each in losses)


def note_witnesses(
    conn: db.Conn, tenant_id: TenantId, page: Page[Order], taken: Outcome, known: Before, *, now: datetime
) -> None:
    """Write down which orders that only vouched for an answer showed what nobody had told of."""
    losses = differing(page, set(taken.differed) & known.stamps.keys(), known, now=now)
    inbox.note_losses(conn, tenant_id, losses)


def differing(page: Page[Order], numbers: set[str], known: Before, *, now: datetime) -> list[Loss]:
    """Return which of these orders of a page, which the mirror had otherwise, are losses."""
    changed = (item for item in page.items if item.order_number in numbers)
    return [found for item in changed if (found := lost(item, known, looked_at=page.began_at, now=now))]


def lost(order: Order, known: Before, *, looked_at: datetime, now: datetime) -> Loss | None:
    """Return an order the mirror had otherwise as a loss; None when its change was told, ours, or none of its own.

    Of its own: what it shows of a status that was renamed changes without a new time.
    """
    number, changed_at, stamp = order.order_number, order.last_update_time, known.stamps.get(order.order_number)
    sent_at = known.ours.get(number)
    is_ours = sent_at is not None and abs(changed_at - sent_at) <= OVERLAP
    if number in known.owed or is_ours or (stamp and stamp.last_update_time == changed_at):
        return None
    what = What.NEW if stamp is None else What.CHANGED if stamp.live else What.RESTORED
    known_at = stamp.last_update_time if stamp else None
    return Loss(number, what, known_at, order.creation_time, changed_at, looked_at, now)


def unreadable(number: str, known: Before, *, looked_at: datetime, now: datetime) -> Loss:
    """Return an order that was listed and could not be read: what it shows nobody knows yet."""
    stamp = known.stamps.get(number)
    told_at = now if number in known.owed else None
    return Loss(number, What.UNREAD, stamp and stamp.last_update_time, None, None, looked_at, now, told_at)


def note_absent(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, numbers: Sequence[str], *, looked_at: datetime, now: datetime
) -> None:
    """Write down which orders of the mirror the shop does not list any more and nobody had told of."""
    known = before(conn, tenant_id, lane, numbers)
    owed = inbox.owed(conn, tenant_id, lane, numbers)
    absent = [number for number in numbers if number not in owed]
    seen = {number: known.stamps[number].seen_at for number in absent}
    losses = [Loss(number, What.ABSENT, at, None, None, looked_at, now) for number, at in seen.items()]
    inbox.note_losses(conn, tenant_id, losses)
