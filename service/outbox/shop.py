"""How a shop takes what we write: when it was asked last, how often it failed, whether it ever tells of it (B10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.kit import backoff
from service.lanes import TenantId
from service.outbox.decide import News, Shown

SILENT_AFTER = 20  # statuses sent
SILENT_FOR = timedelta(minutes=30)
READ_WITHIN = timedelta(seconds=30)  # beyond the interval, in which urgent news is read


@dataclass(frozen=True)
class Pace:
    """Seconds between two rounds of PUTs to a shop, and seconds a lone row waits for company."""

    interval_s: float
    wait_s: float

    def soonest(self, *, since: datetime, last_put: datetime | None, round_began: datetime) -> datetime:
        """Return when a row that waits `since` may go: what was due when a round began belongs to that round."""
        waited = since + timedelta(seconds=self.wait_s)
        if last_put is None or (last_put >= round_began and since <= round_began):
            return waited
        return max(waited, last_put + timedelta(seconds=self.interval_s))

    def read_at(self, shown: Shown | None, now: datetime) -> datetime | None:
        """Return when to come back for an order whose urgent news is still to be read; None: it need not be waited for.

        A shop that cannot be read for long is written to all the same.
        """
        news = shown and shown.news
        if (
            news is None
            or not news.urgent
            or now >= (latest := news.since + timedelta(seconds=self.interval_s) + READ_WITHIN)
        ):
            return None
        return min(max(news.due_at, now + timedelta(seconds=1)), latest)

    def looks_again(self, news: News, now: datetime) -> datetime:
        """Return when to see whether news was read that a day waits for: a read makes it due sooner by itself."""
        return max(news.due_at, now + timedelta(seconds=self.interval_s))


@dataclass(frozen=True)
class WriteBack:
    """How a shop takes what we write; `failures` counts those in a row."""

    last_put_at: datetime | None = None
    failures: int = 0
    rests_until: datetime | None = None
    no_echo: bool = False


SHOP = """
    SELECT last_put_at, failures, rests_until, no_echo
    FROM write_backs
    WHERE tenant_id = %(tenant_id)s
"""


def of(conn: db.Conn, tenant_id: TenantId) -> WriteBack:
    """Return how a shop takes what we write."""
    row = db.one(conn, SHOP, tenant_id=tenant_id)
    return WriteBack(**row) if row else WriteBack()


# A suspended shop and one that is only observed are not written to; one with fresh credentials waits until its
# activation has tried them.
OPEN = """
    SELECT EXISTS (SELECT FROM mappings WHERE tenant_id = %(tenant_id)s AND live_since IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM tenants
            WHERE tenants.tenant_id = %(tenant_id)s AND (tenants.state <> 'active' OR tenants.doubted)
        ) AS is_open
"""


def is_open(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> bool:
    """Say whether anything may be written to a shop now."""
    row = db.one(conn, OPEN, tenant_id=tenant_id)
    rests_until = of(conn, tenant_id).rests_until
    return bool(row and row["is_open"]) and (rests_until is None or rests_until <= now)


NOTE_PUT = """
    INSERT INTO write_backs (tenant_id, last_put_at)
    VALUES (%(tenant_id)s, %(at)s)
    ON CONFLICT (tenant_id) DO UPDATE
    SET last_put_at = EXCLUDED.last_put_at
"""


def note_put(conn: db.Conn, tenant_id: TenantId, *, at: datetime | None) -> None:
    """Note that a PUT is about to leave; or, when it did not, when the one before it left (None: there was none)."""
    db.run(conn, NOTE_PUT, tenant_id=tenant_id, at=at)


NOTE_FAILURE = """
    INSERT INTO write_backs (tenant_id, failures)
    VALUES (%(tenant_id)s, 1)
    ON CONFLICT (tenant_id) DO UPDATE
    SET failures = LEAST(write_backs.failures, 1000) + 1
    RETURNING failures
"""

REST = """
    UPDATE write_backs
    SET rests_until = %(until)s
    WHERE tenant_id = %(tenant_id)s
"""


def note_failure(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> datetime:
    """Note that a shop did not do its part and return until when it is left alone.

    One lost answer says little about a shop, so it rests from the second failure in a row.
    """
    row = db.one(conn, NOTE_FAILURE, tenant_id=tenant_id)
    before = row["failures"] - 1 if row else 0
    until = backoff.after(now, before - 1) if before else now
    db.run(conn, REST, tenant_id=tenant_id, until=until)
    return until


BUSY = """
    INSERT INTO write_backs (tenant_id, rests_until)
    VALUES (%(tenant_id)s, %(until)s)
    ON CONFLICT (tenant_id) DO UPDATE
    SET rests_until = EXCLUDED.rests_until
"""


def rest(conn: db.Conn, tenant_id: TenantId, *, until: datetime) -> None:
    """Write nothing before then: the shop or the budget said when to come back."""
    db.run(conn, BUSY, tenant_id=tenant_id, until=until)


REST_NO_MORE = "UPDATE write_backs SET rests_until = NULL, failures = 0 WHERE tenant_id = %(tenant_id)s"


def rest_no_more(conn: db.Conn, tenant_id: TenantId) -> None:
    """Let a shop be written to again."""
    db.run(conn, REST_NO_MORE, tenant_id=tenant_id)


NOTE_SENT = """
    INSERT INTO write_backs (tenant_id, sent_since_echo, first_sent_at)
    VALUES (%(tenant_id)s, %(statuses)s, CASE WHEN %(statuses)s > 0 THEN %(now)s::timestamptz END)
    ON CONFLICT (tenant_id) DO UPDATE
    SET sent_since_echo = LEAST(write_backs.sent_since_echo, 1000000) + EXCLUDED.sent_since_echo,
        first_sent_at = COALESCE(write_backs.first_sent_at, EXCLUDED.first_sent_at),
        failures = 0,
        rests_until = NULL
"""


def note_sent(conn: db.Conn, tenant_id: TenantId, *, statuses: int, now: datetime) -> None:
    """Note that a PUT was answered and how many statuses it brought."""
    db.run(conn, NOTE_SENT, tenant_id=tenant_id, statuses=statuses, now=now)


NOTE_ECHO = """
    UPDATE write_backs
    SET sent_since_echo = 0, first_sent_at = NULL, no_echo = false
    WHERE tenant_id = %(tenant_id)s
      AND (sent_since_echo > 0 OR no_echo)
"""


def note_echo(conn: db.Conn, tenant_id: TenantId) -> None:
    """Note that the shop tells of what we write."""
    db.run(conn, NOTE_ECHO, tenant_id=tenant_id)


NOTE_SILENCE = """
    UPDATE write_backs
    SET no_echo = true
    WHERE tenant_id = %(tenant_id)s
      AND NOT no_echo
      AND sent_since_echo >= %(most)s
      AND first_sent_at <= %(since)s
"""


def note_silence(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> bool:
    """Mark a shop that never tells of what we write; return whether that is news."""
    found = db.run(conn, NOTE_SILENCE, tenant_id=tenant_id, most=SILENT_AFTER, since=now - SILENT_FOR)
    return found == 1
