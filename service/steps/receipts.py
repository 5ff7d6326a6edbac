"""What the shop shows and tells of what we wrote: receipts, and what a person should know of it.

A receipt is never worth a call of its own: any read and any webhook will do.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from service import db, journal, outbox, problems
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.outbox import Finding, What
from service.platform.hooks import Record
from service.platform.shapes import Order
from service.problems import Cause

KINDS: Mapping[What, Kind] = {
    "written": Kind.WRITTEN,
    "unclear": Kind.WRITE_UNCLEAR,
    "confirmed": Kind.CONFIRMED,
    "refused": Kind.WRITE_REFUSED,
    "parked": Kind.WRITE_REFUSED,
    "overruled": Kind.OVERRULED,
    "dropped": Kind.SILENT_DROP,
}
OPENS: Mapping[What, Cause] = {
    "parked": Cause.WRITE_REFUSED,
    "overruled": Cause.OVERRULED,
    "dropped": Cause.SILENT_DROP,
}


def seen(conn: db.Conn, tenant_id: TenantId, page: Sequence[Order], *, now: datetime) -> None:
    """Take in what a page shows, in the transaction that mirrored it: the mirror says what counts, and since when."""
    numbers = [order.order_number for order in page]
    tell(conn, tenant_id, outbox.seen(conn, tenant_id, numbers, now=now), now=now)
    if right := outbox.set_right(conn, tenant_id, numbers):
        problems.settle(conn, tenant_id, Cause.VOIDED_AFTER_WRITTEN, now=now, order_numbers=right)


def echoed(conn: db.Conn, tenant_id: TenantId, records: Sequence[Record], *, now: datetime) -> set[str]:
    """Take in what webhooks tell and return the orders of which they tell only what we wrote ourselves (T19).

    An order that is told of in two ways is news, whichever of them came last.
    """
    named: dict[str, set[tuple[str, int | None]]] = {}
    for record in records:
        named.setdefault(record.key, set()).add((record.action, record.status_id))
    told = {
        number: status_id
        for number, ways in named.items()
        for action, status_id in ways
        if len(ways) == 1 and action == "update" and status_id is not None
    }
    if not told:
        return set()
    ours, findings = outbox.echoed(conn, tenant_id, told, now=now)
    tell(conn, tenant_id, findings, now=now)
    if ours:
        problems.settle(conn, tenant_id, Cause.NO_ECHO, now=now)
    return ours


def tell(conn: db.Conn, tenant_id: TenantId, findings: Sequence[Finding], *, now: datetime) -> None:
    """Write down what was found, open the problems it means and close those it ends."""
    journal.write(conn, tenant_id, [Entry(now, KINDS[each.what], each.order_number, each.detail) for each in findings])
    for cause in (Cause.WRITE_REFUSED, Cause.SILENT_DROP, Cause.OVERRULED):
        if numbers := sorted({each.order_number for each in findings if _ends(each, cause)}):
            problems.settle(conn, tenant_id, cause, now=now, order_numbers=numbers, history=False)
    for each in sorted(findings, key=lambda each: each.order_number):
        if cause := OPENS.get(each.what):
            problems.note(conn, tenant_id, cause, now=now, order_number=each.order_number, detail=each.detail)


def _ends(finding: Finding, cause: Cause) -> bool:
    """Say whether a problem is over: the shop took or shows what it did not, a status of ours stands or replaces it."""
    match cause:
        case Cause.WRITE_REFUSED:
            return finding.what in {"written", "confirmed", "overruled"}
        case Cause.SILENT_DROP:
            return finding.what == "confirmed"
        case _:
            return finding.what in {"written", "confirmed"} and "status_id" in finding.detail


def note_extra(
    conn: db.Conn, tenant_id: TenantId, number: str, codes: Sequence[str], *, done: bool | None, now: datetime
) -> None:
    """Write down that the codes of further parcels went into an order's history, or that the shop refused them."""
    detail = {"history": list(codes)}
    if done is not False:
        outbox.extra_told(conn, tenant_id, number, codes)
        journal.write(conn, tenant_id, [Entry(now, Kind.WRITTEN, number, detail)])
        settle_histories(conn, tenant_id, [number], now=now)
        return
    journal.write(conn, tenant_id, [Entry(now, Kind.WRITE_REFUSED, number, detail)])
    problems.note(conn, tenant_id, Cause.WRITE_REFUSED, now=now, order_number=number, detail=detail)


def note_extra_unclear(conn: db.Conn, tenant_id: TenantId, number: str, codes: Sequence[str], *, now: datetime) -> None:
    """Write down that nobody knows whether the codes of further parcels went into an order's history."""
    detail = {"history": list(codes), "why": "the answer got lost"}
    outbox.extra_told(conn, tenant_id, number, codes)
    journal.write(conn, tenant_id, [Entry(now, Kind.WRITE_UNCLEAR, number, detail)])


def settle_histories(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> None:
    """Close what was told of these orders' histories where they hold by now what they are to hold."""
    if over := sorted(set(numbers) - outbox.history_lacks(conn, tenant_id, numbers)):
        problems.settle(conn, tenant_id, Cause.WRITE_REFUSED, now=now, order_numbers=over, history=True)


def note_silence(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Tell a person, once, of a shop whose webhooks never speak of what we write (B10)."""
    if outbox.note_silence(conn, tenant_id, now=now):
        problems.note(conn, tenant_id, Cause.NO_ECHO, now=now)
