"""What the merchant of a shop is mailed: whether he wants it, and when his next daily mail is due.

A daily mail is begun once a day at most: its day is written down before it is sent, so whoever dies in between costs
the mail of that day and never sends a second one.
"""

from dataclasses import dataclass
from datetime import date, datetime

from service import db
from service.lanes import TenantId


@dataclass(frozen=True)
class Wishes:
    """Which of our mails the merchant wants: the daily one, and those that cannot wait for it."""

    daily: bool = True
    urgent: bool = True


WISHES = "SELECT daily, urgent FROM merchant_mails WHERE tenant_id = %(tenant_id)s"


def wishes(conn: db.Conn, tenant_id: TenantId) -> Wishes:
    """Return what the merchant wants; who never said wants both."""
    row = db.one(conn, WISHES, tenant_id=tenant_id)
    return Wishes(**row) if row else Wishes()


WISH = """
    INSERT INTO merchant_mails (tenant_id, daily, urgent, due_at)
    VALUES (%(tenant_id)s, %(daily)s, %(urgent)s, %(due_at)s)
    ON CONFLICT (tenant_id) DO UPDATE SET
        daily = excluded.daily,
        urgent = excluded.urgent,
        due_at = CASE WHEN merchant_mails.daily THEN merchant_mails.due_at ELSE excluded.due_at END
"""


def wish(conn: db.Conn, tenant_id: TenantId, wishes: Wishes, *, due_at: datetime) -> None:
    """Keep what the merchant wants; `due_at`: of the next daily mail, if none is planned."""
    db.run(conn, WISH, tenant_id=tenant_id, daily=wishes.daily, urgent=wishes.urgent, due_at=due_at)


PLAN = """
    INSERT INTO merchant_mails (tenant_id, due_at)
    VALUES (%(tenant_id)s, %(due_at)s)
    ON CONFLICT (tenant_id) DO NOTHING
"""


def plan(conn: db.Conn, tenant_id: TenantId, *, due_at: datetime) -> None:
    """Plan the daily mails of a shop that has none planned."""
    db.run(conn, PLAN, tenant_id=tenant_id, due_at=due_at)


DUE = """
    SELECT merchant_mails.tenant_id
    FROM merchant_mails
    JOIN tenants ON tenants.tenant_id = merchant_mails.tenant_id AND tenants.state <> 'dismissed'
    WHERE merchant_mails.due_at <= %(now)s
      AND merchant_mails.daily
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the shops whose daily mail is due, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE, now=now)]


CLAIM = """
    UPDATE merchant_mails
    SET due_at = %(next_at)s, asked_on = %(day)s
    WHERE tenant_id = %(tenant_id)s
      AND due_at <= %(now)s
      AND daily
      AND asked_on IS DISTINCT FROM %(day)s
    RETURNING tries
"""

SKIP = """
    UPDATE merchant_mails
    SET due_at = %(next_at)s, tries = 0
    WHERE tenant_id = %(tenant_id)s
      AND due_at <= %(now)s
"""


def claim(conn: db.Conn, tenant_id: TenantId, *, day: date, next_at: datetime, now: datetime) -> int | None:
    """Begin the daily mail of a day and return how often it failed before; None: it is not due, or was begun."""
    row = db.one(conn, CLAIM, tenant_id=tenant_id, day=day, next_at=next_at, now=now)
    if row is None:
        skip(conn, tenant_id, next_at=next_at, now=now)
    return row["tries"] if row else None


def skip(conn: db.Conn, tenant_id: TenantId, *, next_at: datetime, now: datetime) -> None:
    """Let a mail that is due be; the next one is that of the next morning."""
    db.run(conn, SKIP, tenant_id=tenant_id, next_at=next_at, now=now)


SENT = """
    UPDATE merchant_mails
    SET sent_at = %(now)s, tries = 0, why = NULL
    WHERE tenant_id = %(tenant_id)s
"""


def sent(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Note that the daily mail is on its way."""
    db.run(conn, SENT, tenant_id=tenant_id, now=now)


MISSED = """
    UPDATE merchant_mails
    SET why = %(why)s,
        tries = CASE WHEN %(again_at)s::timestamptz IS NULL THEN 0 ELSE tries + 1 END,
        asked_on = CASE WHEN %(again_at)s::timestamptz IS NULL THEN asked_on END,
        due_at = COALESCE(%(again_at)s, due_at)
    WHERE tenant_id = %(tenant_id)s
"""


def missed(conn: db.Conn, tenant_id: TenantId, *, why: str, again_at: datetime | None) -> None:
    """Note why the daily mail was not sent; `again_at`: it certainly was not, and is tried once more then."""
    db.run(conn, MISSED, tenant_id=tenant_id, why=why, again_at=again_at)
