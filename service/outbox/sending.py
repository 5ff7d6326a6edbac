"""What goes to the shop: put what is wanted, claim what may be sent, write down what came of it.

A claim marks what will be asked in its own transaction, before the call: whoever dies in between leaves a row in doubt,
never one that is sent twice.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service import db
from service.kit import ids
from service.lanes import TenantId
from service.outbox import doubt, rows, shop
from service.outbox.decide import Finding, Row, Send, Want, dued, leaving, sendable, weigh
from service.outbox.merging import merge
from service.outbox.rows import Known
from service.outbox.shop import Pace
from service.platform.shapes import Done, OrderUpdate

MOST = 100  # the platform's ceiling for one PUT; 101 are refused whole (docs/upgates.md 1.3)
SEARCHED = 5 * MOST  # rows looked at for one batch of equal flags


@dataclass(frozen=True)
class Claimed:
    """Updates that are ours to send, once, with these flags; `claim` None: there is nothing to send now."""

    claim: str | None
    claimed_at: datetime
    updates: Sequence[OrderUpdate]
    mail: bool
    sms: bool
    findings: Sequence[Finding]
    last_put_at: datetime | None = None  # before this one


def put(conn: db.Conn, tenant_id: TenantId, wants: Mapping[str, Want], *, now: datetime) -> bool:
    """Merge what orders ought to show into their rows; say whether anything may be sent now.

    The pace is applied when rows are claimed. A row in doubt takes the wish and keeps its rest.
    """
    rows.make(conn, tenant_id, wants)
    changed: list[Row] = []
    for row, _ in rows.of(conn, tenant_id, list(wants)):
        merged = merge(row, wants[row.order_number])
        if merged is not row:
            changed.append(dued(merged, None, now, news=True))
    rows.save(conn, tenant_id, changed)
    return any(row.due_at is not None and row.due_at <= now for row in changed)


# Further parcels' codes go one order a call and wait for those: they must not stand in the way of a status.
ONLY_EXTRA = """
          NOT want_extra_codes <@ (sent_extra_codes || asked_extra_codes)
          AND NOT (
              want_status_id IS NOT NULL AND want_status_id IS DISTINCT FROM sent_status_id AND overruled_at IS NULL
              OR want_tracking_code IS NOT NULL AND want_tracking_code IS DISTINCT FROM sent_tracking_code
              OR want_paid_date IS NOT NULL AND sent_paid_date IS NULL
          )
"""

# What is due first; the others may fill a batch, unless they were put off.
CANDIDATES = f"""{rows.SEEN}
      AND outbox.due_at IS NOT NULL
      AND outbox.parked IS NULL
      AND outbox.asked_at IS NULL
      AND (outbox.due_at <= %(now)s OR outbox.tries = 0)
      AND NOT ({ONLY_EXTRA})
    ORDER BY outbox.due_at, outbox.order_number
    LIMIT %(most)s
    FOR UPDATE OF outbox SKIP LOCKED
"""


def claim(
    conn: db.Conn, tenant_id: TenantId, *, now: datetime, pace: Pace, round_began: datetime, most: int = MOST
) -> Claimed:
    """Claim up to `most` updates with equal mail flags, the fullest batch first; rows in doubt are never among them.

    A full batch goes at once, others when the pace allows; rows that are not due yet ride along. What went in a call
    that brought nothing goes again by half as many, so that one order the shop chokes on is soon alone. An order whose
    news nobody has read yet waits for that: it may have been cancelled. A payment waits for any
    news, and nothing waits for it.
    """
    if not shop.is_open(conn, tenant_id, now=now):
        return Claimed(None, now, [], mail=False, sms=False, findings=[])
    found = [rows.known(row) for row in db.rows(conn, CANDIDATES, tenant_id=tenant_id, now=now, most=SEARCHED)]
    weighed: dict[str, Row] = {}
    findings: list[Finding] = []
    for row, shown in found:
        weighed[row.order_number], more = weigh(row, shown, now)
        findings += more
    reads = {row.order_number: at for row, shown in found if (at := pace.read_at(shown, now)) is not None}
    weighed |= {number: replace(weighed[number], due_at=weighed[number].due_at and at) for number, at in reads.items()}
    read = [(weighed[row.order_number], shown) for row, shown in found if row.order_number not in reads]
    weighed |= _unread(read, now, pace)
    groups = _grouped(read, now, most)
    last_put = shop.of(conn, tenant_id).last_put_at
    chosen: Sequence[tuple[Row, Send]] = ()
    for (_, _, size), group in sorted(groups.items(), key=lambda each: min(len(each[1]), each[0][2]), reverse=True):
        since = min((row.since or now for row, _ in group if row.due_at and row.due_at <= now), default=None)
        soonest = since and pace.soonest(since=since, last_put=last_put, round_began=round_began)
        if len(group) >= size or (soonest is not None and soonest <= now):
            chosen = group[:size]
            break
        if soonest is not None:
            late = [row for row, _ in group if row.due_at and row.due_at <= now]
            weighed |= {row.order_number: replace(row, due_at=soonest) for row in late}
    token = ids.fresh("w") if chosen else None
    if token:
        weighed |= {
            row.order_number: doubt.asked(row, send, claim=token, among=len(chosen), now=now) for row, send in chosen
        }
        shop.note_put(conn, tenant_id, at=now)
    rows.save(conn, tenant_id, _changed(found, weighed))
    updates = [
        OrderUpdate(row.order_number, send.status_id, send.tracking_code, send.paid_date) for row, send in chosen
    ]
    mail, sms = (chosen[0][1].mail, chosen[0][1].sms) if chosen else (False, False)
    return Claimed(token, now, updates, mail=mail, sms=sms, findings=findings, last_put_at=last_put)


def _grouped(
    found: Sequence[Known], now: datetime, most: int
) -> Mapping[tuple[bool, bool, int], list[tuple[Row, Send]]]:
    """Return what may go in one call: by its two flags, and by how many may go in it."""
    groups: defaultdict[tuple[bool, bool, int], list[tuple[Row, Send]]] = defaultdict(list)
    for row, shown in found:
        send = leaving(row, shown, now) if row.due_at is not None else None
        if send is not None:
            size = most if row.asked_among is None else min(most, max(1, row.asked_among // 2))
            groups[send.mail, send.sms, size].append((row, send))
    return groups


def _unread(found: Sequence[Known], now: datetime, pace: Pace) -> dict[str, Row]:
    """Return the rows that are due with nothing but a day that waits for a read, put off until that is to be there."""
    return {
        row.order_number: replace(row, due_at=pace.looks_again(shown.news, now))
        for row, shown in found
        if row.due_at is not None and row.due_at <= now and shown is not None and shown.news is not None
        if sendable(row, shown, now) is not None and leaving(row, shown, now) is None
    }


def _changed(found: Sequence[Known], now_are: Mapping[str, Row]) -> list[Row]:
    return [now_are[row.order_number] for row, _ in found if now_are[row.order_number] != row]


def record(
    conn: db.Conn, tenant_id: TenantId, claimed: Claimed, told: Mapping[str, Done], *, now: datetime
) -> list[Finding]:
    """Write down what the shop said of each item; what it did not mention stays in doubt.

    A status whose echo overtook the answer is none the shop keeps silent about. An answer that tells of no item at all
    is none.
    """
    findings: list[Finding] = []
    changed: list[Row] = []
    statuses = 0
    for row, _ in _held(conn, tenant_id, claimed):
        done = told.get(row.order_number)
        if done is None or done.done is None:
            changed.append(doubt.unclear(row, now=now))
            findings.append(Finding(row.order_number, "unclear", {"why": "the answer does not say"}))
            continue
        if done.done:  # the mirror was read before the call and knows nothing of what it did
            after, more = doubt.landed(row, now=now)
            changed.append(dued(after, None, now))
            statuses += row.asked_status_id is not None and not doubt.confirmed_since_asked(row)
        else:
            after, more = doubt.refused(row, done.levels, now=now)
            changed.append(dued(after, None, now))
        findings += more
    rows.save(conn, tenant_id, changed)
    if changed and all(finding.what == "unclear" for finding in findings):
        shop.note_failure(conn, tenant_id, now=now)
    else:
        shop.note_sent(conn, tenant_id, statuses=statuses, now=now)
    return findings


def unmark(conn: db.Conn, tenant_id: TenantId, claimed: Claimed, *, now: datetime, until: datetime) -> int:
    """Take the marks of a claim back: nothing was sent. Its rows are due again then."""
    unasked = [replace(doubt.unasked(row), asked_among=None) for row, _ in _held(conn, tenant_id, claimed)]
    changed = [dued(row, None, now) for row in unasked]
    count = rows.save(conn, tenant_id, [replace(row, due_at=row.due_at and until) for row in changed])
    shop.note_put(conn, tenant_id, at=claimed.last_put_at)  # after the rows, as everywhere
    return count


def unclear(conn: db.Conn, tenant_id: TenantId, claimed: Claimed, *, now: datetime) -> list[Finding]:
    """Let the rows of a claim rest: its answer got lost and what was asked may still land."""
    changed = [doubt.unclear(row, now=now) for row, _ in _held(conn, tenant_id, claimed)]
    rows.save(conn, tenant_id, changed)
    return [Finding(row.order_number, "unclear", {"why": "the answer got lost"}) for row in changed]


def _held(conn: db.Conn, tenant_id: TenantId, claimed: Claimed) -> list[Known]:
    if claimed.claim is None:
        return []
    numbers = [update.order_number for update in claimed.updates]
    held = rows.claimed(conn, tenant_id, claimed.claim, numbers)
    return [(row, shown) for row, shown in held if row.in_doubt]


EXTRAS = """
    SELECT order_number
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND due_at <= %(now)s
      AND parked IS NULL
      AND asked_at IS NULL
      AND NOT want_extra_codes <@ (sent_extra_codes || asked_extra_codes)
    ORDER BY due_at, order_number
    LIMIT 1
    FOR UPDATE SKIP LOCKED
"""


def claim_extra(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> tuple[str, tuple[str, ...]] | None:
    """Return one order whose history lacks parcels' codes, with these, and mark them as asked: they go at most once.

    They stay asked when the shop refuses them or the worker dies: then a person may say that they go once more.
    """
    if not shop.is_open(conn, tenant_id, now=now):
        return None
    found = db.one(conn, EXTRAS, tenant_id=tenant_id, now=now)
    if found is None:
        return None
    [(row, shown)] = rows.of(conn, tenant_id, [found["order_number"]])
    codes = row.extra_owed
    rows.save(conn, tenant_id, [dued(replace(row, asked_extra_codes=(*row.asked_extra_codes, *codes)), shown, now)])
    return row.order_number, codes


def extra_told(conn: db.Conn, tenant_id: TenantId, order_number: str, codes: Collection[str]) -> None:
    """Count codes as sent that stand in the history, or may stand there: a missing line is better than two."""
    told = [
        replace(
            row,
            sent_extra_codes=tuple(dict.fromkeys((*row.sent_extra_codes, *codes))),
            asked_extra_codes=tuple(code for code in row.asked_extra_codes if code not in codes),
        )
        for row, _ in rows.of(conn, tenant_id, [order_number])
    ]
    rows.save(conn, tenant_id, told)


def give_back_extra(
    conn: db.Conn, tenant_id: TenantId, order_number: str, codes: Collection[str], *, now: datetime, until: datetime
) -> None:
    """Take the mark back from codes that did not leave."""
    for row, shown in rows.of(conn, tenant_id, [order_number]):
        kept = tuple(code for code in row.asked_extra_codes if code not in codes)
        owing = dued(replace(row, asked_extra_codes=kept), shown, now)
        rows.save(conn, tenant_id, [owing if row.in_doubt else replace(owing, due_at=owing.due_at and until)])


OWING_EXTRA = f"""{rows.SEEN}
      AND outbox.due_at <= %(now)s
      AND outbox.parked IS NULL
      AND outbox.asked_at IS NULL
      AND ({ONLY_EXTRA})
    ORDER BY outbox.order_number
    FOR UPDATE OF outbox
"""


def put_off_extra(conn: db.Conn, tenant_id: TenantId, *, now: datetime, until: datetime) -> int:
    """Let orders that owe nothing but further codes wait until then; return how many."""
    owing = [row for row, _ in map(rows.known, db.rows(conn, OWING_EXTRA, tenant_id=tenant_id, now=now))]
    return rows.save(conn, tenant_id, [replace(row, due_at=until) for row in owing])
