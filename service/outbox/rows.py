"""Rows of the outbox out of the table and back, each with what the mirror shows of its order."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from service import db
from service.kit import canon
from service.lanes import TenantId
from service.outbox.decide import News, Row, Shown

Known = tuple[Row, Shown | None]

COLUMNS = tuple(column.name for column in fields(Row))


# With what the mirror shows, and the news about the order that nobody has read yet.
SEEN = """
    SELECT outbox.order_number, outbox.revision, outbox.milestone, outbox.want_status_id, outbox.want_mail,
        outbox.want_sms, outbox.based_on_status_id, outbox.want_tracking_code, outbox.want_extra_codes,
        outbox.want_paid_date, outbox.waits_for_code_until, outbox.sent_status_id, outbox.sent_status_at,
        outbox.sent_tracking_code, outbox.sent_tracking_at, outbox.sent_paid_date, outbox.sent_paid_at,
        outbox.sent_extra_codes, outbox.confirmed_at, outbox.code_confirmed_at, outbox.paid_confirmed_at,
        outbox.confirm_by,
        outbox.overruled_at, outbox.asked_at, outbox.asked_status_id, outbox.asked_tracking_code,
        outbox.asked_paid_date, outbox.asked_extra_codes, outbox.asked_mail, outbox.asked_sms, outbox.asked_among,
        outbox.due_at, outbox.since, outbox.claim, outbox.claimed_revision, outbox.tries, outbox.parked,
        orders.status_id, orders.tracking_code, orders.paid_date IS NOT NULL AS is_paid, orders.read_at, orders.state,
        released.role AS released,
        news.since AS news_since, news.due_at AS news_due_at, news.urgent AS news_urgent
    FROM outbox
    LEFT JOIN orders ON orders.tenant_id = outbox.tenant_id AND orders.order_number = outbox.order_number
    LEFT JOIN mapped_statuses AS released
      ON released.tenant_id = orders.tenant_id AND released.status_id = orders.status_id AND released.role = 'release'
    LEFT JOIN hints AS news
      ON news.tenant_id = outbox.tenant_id
      AND news.lane = 'refresh_orders'
      AND news.key = outbox.order_number
      AND news.due_at IS NOT NULL
      AND news.parked IS NULL
    WHERE outbox.tenant_id = %(tenant_id)s
"""

# Locked by number, like every other change of several rows: another order could wait for each other in a circle.
OF = f"""{SEEN}
      AND outbox.order_number = ANY(%(numbers)b::text[])
    ORDER BY outbox.order_number
    FOR UPDATE OF outbox
"""


def of(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> list[Known]:
    """Lock and return the rows of these orders, by number; an order without a row has nothing to be written."""
    return [known(row) for row in db.rows(conn, OF, tenant_id=tenant_id, numbers=list(numbers))]


LOOKED_AT = f"""{SEEN}
      AND outbox.order_number = ANY(%(numbers)b::text[])
"""


def looked_at(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> list[Known]:
    """Return the rows of these orders without a lock."""
    return [known(row) for row in db.rows(conn, LOOKED_AT, tenant_id=tenant_id, numbers=list(numbers))]


CLAIMED = f"""{SEEN}
      AND outbox.order_number = ANY(%(numbers)b::text[])
      AND outbox.claim = %(claim)s
    ORDER BY outbox.order_number
    FOR UPDATE OF outbox
"""


def claimed(conn: db.Conn, tenant_id: TenantId, claim: str, numbers: Sequence[str]) -> list[Known]:
    """Lock and return those of these rows that a claim still holds."""
    return [known(row) for row in db.rows(conn, CLAIMED, tenant_id=tenant_id, claim=claim, numbers=list(numbers))]


def known(row: db.Row) -> Known:
    """Return a row as it was stored, and what the mirror shows."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    values |= {name: tuple(row[name]) for name in ("want_extra_codes", "sent_extra_codes", "asked_extra_codes")}
    if row["read_at"] is None:
        return Row(**values), None
    return Row(**values), Shown(
        row["status_id"],
        row["tracking_code"],
        row["read_at"],
        paid=row["is_paid"],
        deleted=row["state"] == "deleted",
        releases=row["released"] is not None,
        news=_news(row),
    )


def _news(row: db.Row) -> News | None:
    due_at = row["news_due_at"]
    return News(row["news_since"] or due_at, due_at, urgent=row["news_urgent"]) if due_at else None


NEW = """
    INSERT INTO outbox (tenant_id, order_number)
    SELECT %(tenant_id)s, order_number
    FROM unnest(%(numbers)b::text[]) AS told (order_number)
    ORDER BY order_number
    ON CONFLICT (tenant_id, order_number) DO NOTHING
"""


def make(conn: db.Conn, tenant_id: TenantId, numbers: Iterable[str]) -> int:
    """Make empty rows for orders that have none."""
    return db.run(conn, NEW, tenant_id=tenant_id, numbers=sorted(set(numbers)))


SAVE = """
    UPDATE outbox
    SET revision = new.revision,
        milestone = new.milestone,
        want_status_id = new.want_status_id,
        want_mail = new.want_mail,
        want_sms = new.want_sms,
        based_on_status_id = new.based_on_status_id,
        want_tracking_code = new.want_tracking_code,
        want_extra_codes = new.want_extra_codes,
        want_paid_date = new.want_paid_date,
        waits_for_code_until = new.waits_for_code_until,
        sent_status_id = new.sent_status_id,
        sent_status_at = new.sent_status_at,
        sent_tracking_code = new.sent_tracking_code,
        sent_tracking_at = new.sent_tracking_at,
        sent_paid_date = new.sent_paid_date,
        sent_paid_at = new.sent_paid_at,
        sent_extra_codes = new.sent_extra_codes,
        asked_extra_codes = new.asked_extra_codes,
        confirmed_at = new.confirmed_at,
        code_confirmed_at = new.code_confirmed_at,
        paid_confirmed_at = new.paid_confirmed_at,
        confirm_by = new.confirm_by,
        overruled_at = new.overruled_at,
        asked_at = new.asked_at,
        asked_status_id = new.asked_status_id,
        asked_tracking_code = new.asked_tracking_code,
        asked_paid_date = new.asked_paid_date,
        asked_mail = new.asked_mail,
        asked_sms = new.asked_sms,
        asked_among = new.asked_among,
        due_at = new.due_at,
        since = new.since,
        claim = new.claim,
        claimed_revision = new.claimed_revision,
        tries = new.tries,
        parked = new.parked
    FROM jsonb_populate_recordset(NULL::outbox, %(rows)s::jsonb) AS new
    WHERE outbox.tenant_id = %(tenant_id)s
      AND outbox.order_number = ANY(%(numbers)b::text[])
      AND outbox.order_number = new.order_number
"""


def save(conn: db.Conn, tenant_id: TenantId, changed: Sequence[Row]) -> int:
    """Write rows back that were locked before; return how many."""
    if not changed:
        return 0
    told = canon.stored([{name: _plain(value) for name, value in asdict(row).items()} for row in changed])
    numbers = [row.order_number for row in changed]
    return db.run(conn, SAVE, tenant_id=tenant_id, rows=told, numbers=numbers)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value  # a time is a date, too
