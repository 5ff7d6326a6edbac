"""What the shop shows and tells of what we sent: doubts end, receipts come, silence is noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from service import db
from service.lanes import TenantId
from service.outbox import doubt, rows, shop
from service.outbox.decide import Finding, Row

MOST = 100  # a page of orders (docs/upgates.md 1.9)


# A row in doubt is due when it has rested. Others that wait for their receipt fill the call; it costs the same.
UNCLEAR = """
    SELECT order_number
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND asked_at <= %(asked_before)s
      AND due_at <= %(now)s
      AND parked IS NULL
    ORDER BY due_at, order_number
    LIMIT %(most)s
"""

ALONG = """
    SELECT order_number
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND confirm_by IS NOT NULL
      AND asked_at IS NULL
      AND strpos(order_number, %(separator)s) = 0
      AND GREATEST(sent_status_at, sent_tracking_at, sent_paid_at) <= %(sent_before)s
    ORDER BY confirm_by, order_number
    LIMIT %(most)s
"""


def unclear_rows(
    conn: db.Conn, tenant_id: TenantId, *, now: datetime, separator: str, alone: bool = False
) -> list[str]:
    """Return up to 100 orders: those to read before anything of them is sent again, and some that wait for a receipt.

    Without one in doubt there is none. A deleted order is not asked for, it rests until it lives. A number that holds
    the `separator` of a list rides with nobody, and nobody rides when those in doubt are to be read `alone`.
    """
    if not shop.is_open(conn, tenant_id, now=now):
        return []
    before = now - doubt.LANDS_WITHIN
    found = db.rows(conn, UNCLEAR, tenant_id=tenant_id, now=now, asked_before=before, most=MOST)
    known = rows.of(conn, tenant_id, [row["order_number"] for row in found])
    gone = [replace(row, due_at=None) for row, shown in known if shown is not None and shown.deleted]
    rows.save(conn, tenant_id, gone)
    asked = [row.order_number for row, shown in known if shown is None or not shown.deleted]
    if not asked or alone:
        return asked
    along = db.rows(conn, ALONG, tenant_id=tenant_id, separator=separator, sent_before=before, most=MOST - len(asked))
    return asked + [row["order_number"] for row in along]


# Whoever holds a row asks for it later himself, or it is asked for once more: to wait here for it could be in a circle,
# for the page before may have let the shop rest no more.
STILL_UNCLEAR = f"""{rows.SEEN}
      AND outbox.order_number = ANY(%(numbers)b::text[])
      AND outbox.asked_at IS NOT NULL
      AND outbox.due_at <= %(now)s
    ORDER BY outbox.order_number
    FOR UPDATE OF outbox SKIP LOCKED
"""


def put_off(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> int:
    """Ask later for those that are still in doubt after a read: it lacked them."""
    told = db.rows(conn, STILL_UNCLEAR, tenant_id=tenant_id, numbers=list(numbers), now=now)
    found = [row for row, _ in map(rows.known, told)]
    return rows.save(conn, tenant_id, [replace(row, due_at=doubt.read_again_at(row, now)) for row in found])


# A doubt that is not due is about a deleted order, and rests until that lives.
REST_ANEW = """
    WITH resting AS MATERIALIZED (
        SELECT tenant_id, order_number
        FROM outbox
        WHERE due_at IS NOT NULL
          AND parked IS NULL
          AND asked_at IS NOT NULL
        ORDER BY tenant_id, order_number
        FOR UPDATE
    )
    UPDATE outbox
    SET due_at = greatest(due_at, %(until)s)
    FROM resting
    WHERE outbox.tenant_id = resting.tenant_id
      AND outbox.order_number = resting.order_number
"""


def rest_anew(conn: db.Conn, *, now: datetime) -> int:
    """Let everything in doubt rest from now on, over every tenant: a clock that leapt ahead tells too long a rest.

    Return how many rows. What is under way may leave yet, so they rest as long as what is asked now.
    """
    return db.run(conn, REST_ANEW, until=now + doubt.LEAVES_WITHIN + doubt.LANDS_WITHIN)


def seen(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str], *, now: datetime) -> list[Finding]:
    """Take in what the mirror shows of these orders now; call it in the transaction that mirrored them."""
    findings: list[Finding] = []
    changed: list[Row] = []
    for row, shown in rows.of(conn, tenant_id, numbers):
        if shown is None:
            continue
        after, more = doubt.seen(row, shown, now=now)
        findings += more
        if after != row:
            changed.append(after)
    rows.save(conn, tenant_id, changed)
    if any(finding.what == "written" for finding in findings):  # the shop did its part, only its answer got lost
        shop.rest_no_more(conn, tenant_id)
    return findings


def echoed(
    conn: db.Conn, tenant_id: TenantId, told: Mapping[str, int], *, now: datetime
) -> tuple[set[str], list[Finding]]:
    """Take in webhooks that name a status, by order; return which of them tell only what we wrote ourselves."""
    findings: list[Finding] = []
    changed: list[Row] = []
    ours: set[str] = set()
    for row, shown in rows.of(conn, tenant_id, list(told)):
        after, is_ours, more = doubt.echoed(row, shown, told[row.order_number], now=now)
        findings += more
        ours |= {row.order_number} if is_ours else set()
        if after != row:
            changed.append(after)
    rows.save(conn, tenant_id, changed)
    if changed:  # a receipt, not one more webhook about an order that has long had its own
        shop.note_echo(conn, tenant_id)
    return ours, findings


UNCONFIRMED = """
    SELECT order_number, GREATEST(sent_status_at, sent_tracking_at, sent_paid_at) AS sent_at
    FROM outbox
    WHERE tenant_id = %(tenant_id)s
      AND order_number = ANY(%(numbers)b::text[])
      AND confirm_by IS NOT NULL
      AND COALESCE(sent_status_at, sent_tracking_at, sent_paid_at) IS NOT NULL
"""


def unconfirmed(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> dict[str, datetime]:
    """Return which of these orders wait for a receipt, and when we last wrote to them."""
    found = db.rows(conn, UNCONFIRMED, tenant_id=tenant_id, numbers=list(numbers))
    return {row["order_number"]: row["sent_at"] for row in found}


LATE = f"""{rows.SEEN}
      AND outbox.confirm_by <= %(now)s
    ORDER BY outbox.order_number
    LIMIT %(most)s
    FOR UPDATE OF outbox
"""


def late_receipts(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> list[str]:
    """Return the orders whose receipt did not come in time, to be read with the next batch; ask again ever later.

    Of a deleted order none is waited for; should it live again, the read that shows it is the receipt.
    """
    found = [rows.known(row) for row in db.rows(conn, LATE, tenant_id=tenant_id, now=now, most=10 * MOST)]
    gone = {row.order_number for row, shown in found if shown is not None and shown.deleted}
    rows.save(
        conn,
        tenant_id,
        [
            replace(row, confirm_by=None if row.order_number in gone else doubt.confirm_again_by(row, now))
            for row, _ in found
        ],
    )
    return [row.order_number for row, _ in found if row.order_number not in gone]
