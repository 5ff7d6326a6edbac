"""Write back what the shop ought to show: status and tracking code of what left, a hundred orders in one call.

The unclear case decides everything here. A PUT leaves at most once for a claim, and the claim was written down before.
Whatever ends without an answer that names the order is in doubt: it rests, is read, and only what differs is sent.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from service import db, inbox, journal, orders, outbox
from service.lanes import Lane, TenantId
from service.outbox import Claimed
from service.platform.client import SEPARATOR
from service.platform.errors import (
    Gone,
    PlatformBusy,
    PlatformError,
    PlatformRefused,
    PlatformUnreachable,
    RequestRefused,
)
from service.platform.shapes import Done, Order, Page
from service.rig import Rig
from service.steps import apart, receipts, take_over, turn

log = logging.getLogger(__name__)

LANE = Lane.WRITEBACK
STALE = timedelta(seconds=5)  # whoever slept so long between claim and call sends nothing: it may be settled elsewhere
HISTORY_AGAIN = timedelta(hours=1)
CODE = "Číslo zásilky"  # the name of the rows in the order's history, for the merchant's staff


@dataclass
class Round:
    """One turn's worth of calls: what was due when it began goes in it, `most` orders a call."""

    began: datetime
    most: int


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Send what is due and settle what is in doubt; return how many calls were made."""
    with turn.only_one(rig, tenant_id, LANE) as still_mine:
        round_ = begin(rig, tenant_id)
        calls = 0
        while still_mine() and rig.now() - round_.began < turn.TURN:
            if not one_call(rig, tenant_id, round_):
                return calls
            calls += 1
    if calls:
        rig.wake(LANE, tenant_id)
    return calls


def begin(rig: Rig, tenant_id: TenantId) -> Round:
    """Look after receipts that are late, and begin a round."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        late = outbox.late_receipts(conn, tenant_id, now=now)
        receipts.note_silence(conn, tenant_id, now=now)
        hint(rig, conn, tenant_id, late, now=now)  # rows, the shop, hints: locked in this order everywhere
    return Round(now, outbox.MOST)


def hint(rig: Rig, conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> None:
    """Let orders be read with the next batch: a receipt is never worth a call of its own."""
    last_read = inbox.last_read(conn, tenant_id, Lane.REFRESH_ORDERS).last_read_at
    due_at = inbox.paced(turn.dial_of(rig), now=now, last_read=last_read, urgent=False)
    hints = [inbox.Hint(number, urgent=False, due_at=due_at) for number in numbers]
    inbox.hint(conn, tenant_id, Lane.REFRESH_ORDERS, hints, now=now)


def one_call(rig: Rig, tenant_id: TenantId, round_: Round) -> bool:
    """Make the call that matters most; False when there is none to make now."""
    try:
        return clear_doubt(rig, tenant_id) or send(rig, tenant_id, round_) or send_extra(rig, tenant_id)
    except PlatformError as trouble:
        set_back(rig, tenant_id, trouble)
        return False


def clear_doubt(rig: Rig, tenant_id: TenantId) -> bool:
    """Read the orders in doubt that have rested: what the shop shows was sent, the rest may be sent again (B28).

    An order the shop cannot answer about is found by halves and asked for ever more rarely; it stops no other.
    """
    with rig.db.tx(tenant_id) as conn:
        failures = outbox.shop_of(conn, tenant_id).failures
        failing = failures > 0
        found = outbox.unclear_rows(conn, tenant_id, now=rig.now(), separator=SEPARATOR, alone=failing)
    if not found:
        return False
    numbers = found[: max(1, outbox.MOST >> failures)]  # several the shop cannot answer about are soon apart
    shop = rig.shop(tenant_id, LANE)
    alone = [number for number in numbers if SEPARATOR in number]  # such a number cannot stand in a list
    asked = alone[:1] or numbers

    def read_batch(keys: Sequence[str], *, vouched: bool) -> None:  # noqa: ARG001  # nobody vouches: see take_in
        take_in(rig, tenant_id, keys, shop.orders_before_resend(keys))

    try:
        read_batch(asked, vouched=False)
    except (PlatformUnreachable, PlatformRefused) as trouble:
        if not failing or isinstance(trouble, apart.OF_THE_SHOP):
            raise
        is_up = len(asked) == 1 and answers(rig, tenant_id, besides=asked)
        apart.halve(asked, trouble, read_batch, partial(ask_later, rig, tenant_id, str(trouble)), is_up=is_up)
    return True


def answers(rig: Rig, tenant_id: TenantId, *, besides: Sequence[str]) -> bool:
    """Say whether the shop answers about an order we know to live; what it shows then is of no use here."""
    with rig.db.tx(tenant_id) as conn:
        witnesses = orders.witnesses(conn, tenant_id, besides=besides, separator=SEPARATOR, most=1)
    return bool(witnesses and rig.shop(tenant_id, LANE).orders_before_resend(witnesses).items)


def ask_later(rig: Rig, tenant_id: TenantId, why: str, number: str) -> None:
    """Leave an order in doubt for longer: the shop answers about others."""
    now = rig.now()
    log.warning("%s of %s: an order in doubt cannot be read: %s", LANE, tenant_id, why)
    with rig.db.tx(tenant_id) as conn:
        detail = {"lane": LANE.value, "why": why}
        journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, number, detail)])
        outbox.put_off(conn, tenant_id, [number], now=now)


def take_in(rig: Rig, tenant_id: TenantId, asked: Sequence[str], page: Page[Order]) -> None:
    """Mirror an answer, which settles the doubts it shows; what it lacks is judged and asked for again later.

    What could not be read or taken over is the refresh lane's, which parks it with its reason.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        take_over.write_unread(conn, tenant_id, page, now=now)
        taken = take_over.take_over(conn, tenant_id, page.items, read_at=page.began_at, source="look", now=now)
        absent = take_over.judge_absent(
            conn, tenant_id, dict.fromkeys(asked, now), page, read_at=page.began_at, now=now
        )
        outbox.put_off(conn, tenant_id, asked, now=now)
        parked = inbox.parked_keys(conn, tenant_id, Lane.REFRESH_ORDERS)
        odd = {*taken.spoilt, *take_over.to_ask_again(page)} - parked
        again = {**dict.fromkeys(sorted(odd), now), **absent.again}
        hints = [inbox.Hint(key, urgent=True, due_at=at) for key, at in again.items()]
        inbox.hint(conn, tenant_id, Lane.REFRESH_ORDERS, hints, now=now)


def send(rig: Rig, tenant_id: TenantId, round_: Round) -> bool:
    """Claim a batch and send it, once."""
    pace = outbox.Pace(rig.settings.interval_s, rig.settings.wait_s)
    with rig.db.tx(tenant_id) as conn:
        now = rig.now()
        claimed = outbox.claim(conn, tenant_id, now=now, pace=pace, round_began=round_.began, most=round_.most)
        receipts.tell(conn, tenant_id, claimed.findings, now=now)
    if not claimed.updates or rig.now() - claimed.claimed_at > STALE:
        return False
    shop = rig.shop(tenant_id, LANE)
    try:
        told = shop.update_orders(claimed.updates, send_emails=claimed.mail, send_sms=claimed.sms)
    except RequestRefused as refusal:
        take_apart(rig, tenant_id, claimed, refusal, round_)
        return True
    except PlatformError as trouble:  # nothing of it is about these orders
        give_back(rig, tenant_id, claimed, trouble)
        raise
    record(rig, tenant_id, claimed, told)
    return True


def take_apart(rig: Rig, tenant_id: TenantId, claimed: Claimed, refusal: RequestRefused, round_: Round) -> None:
    """Try a batch that was refused whole again in halves; alone, an order is what was refused."""
    if len(claimed.updates) > 1:
        give_back(rig, tenant_id, claimed, refusal)
        round_.most = len(claimed.updates) // 2
        return
    log.warning("%s of %s: %s", LANE, tenant_id, refusal)
    record(rig, tenant_id, claimed, {claimed.updates[0].order_number: Done(done=False)})
    round_.most = outbox.MOST


def record(rig: Rig, tenant_id: TenantId, claimed: Claimed, told: Mapping[str, Done]) -> None:
    """Write down what the shop said of each item."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        receipts.tell(conn, tenant_id, outbox.record(conn, tenant_id, claimed, told, now=now), now=now)
        receipts.note_silence(conn, tenant_id, now=now)


def give_back(rig: Rig, tenant_id: TenantId, claimed: Claimed, trouble: PlatformError) -> None:
    """Leave a batch in doubt when it may have been done; else take its marks back, to be sent when it may be."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        if isinstance(trouble, PlatformUnreachable) and trouble.unclear:
            receipts.tell(conn, tenant_id, outbox.unclear(conn, tenant_id, claimed, now=now), now=now)
        else:
            until = trouble.until if isinstance(trouble, PlatformBusy) else now
            outbox.unmark(conn, tenant_id, claimed, now=now, until=until)


def send_extra(rig: Rig, tenant_id: TenantId) -> bool:
    """Tell the codes of one order's further parcels in its history, at most once each.

    They are marked before the call. A lost answer is not repeated: nobody is mailed by a history, and finding out what
    it lacks would cost a call for each order. What the shop refused goes once more when a person says so.
    """
    with rig.db.tx(tenant_id) as conn:
        claimed = outbox.claim_extra(conn, tenant_id, now=rig.now())
    if claimed is None:
        return False
    number, codes = claimed
    try:
        done = rig.shop(tenant_id, LANE).add_history(number, [(CODE, code) for code in codes])
    except (RequestRefused, Gone):  # 404: it has no such order any more
        done = False
    except PlatformUnreachable as lost:
        if lost.unclear:
            with rig.db.tx(tenant_id) as conn:
                receipts.note_extra_unclear(conn, tenant_id, number, codes, now=rig.now())
        else:
            give_back_extra(rig, tenant_id, number, codes, until=rig.now())
        raise
    except PlatformBusy as busy:  # a status asks for itself whether there is a call for it
        give_back_extra(rig, tenant_id, number, codes, until=busy.until, others=True)
        return False
    except PlatformError:  # a right is missing, say: statuses may go all the same
        give_back_extra(rig, tenant_id, number, codes, until=rig.now() + HISTORY_AGAIN, others=True)
        raise
    with rig.db.tx(tenant_id) as conn:
        receipts.note_extra(conn, tenant_id, number, codes, done=done, now=rig.now())
    return True


def give_back_extra(  # whose codes, and until when they or all of them wait
    rig: Rig, tenant_id: TenantId, number: str, codes: Sequence[str], *, until: datetime, others: bool = False
) -> None:
    """Take the marks of codes back that did not leave; `others`: no order's further codes go before then."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        outbox.give_back_extra(conn, tenant_id, number, codes, now=now, until=until)
        if others:
            outbox.put_off_extra(conn, tenant_id, now=now, until=until)


def set_back(rig: Rig, tenant_id: TenantId, trouble: PlatformError) -> None:
    """Leave the shop alone: until it may be asked again, or ever longer when it does not do its part."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        if isinstance(trouble, PlatformBusy):
            outbox.rest(conn, tenant_id, until=trouble.until)
            return
        log.warning("%s of %s: %s", LANE, tenant_id, trouble)
        if isinstance(trouble, PlatformRefused):
            detail = {"lane": LANE.value, "why": str(trouble)}
            journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, None, detail)])
        outbox.note_failure(conn, tenant_id, now=now)
