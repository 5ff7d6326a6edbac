"""How fresh each family of a tenant is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.lanes import Lane, TenantId


@dataclass(frozen=True)
class Reading:
    """When the last read of a family began, and up to which change the mirror is complete."""

    last_read_at: datetime | None
    watermark: datetime | None


LAST_READ = """
    SELECT last_read_at, watermark
    FROM readings
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
"""


def last_read(conn: db.Conn, tenant_id: TenantId, lane: Lane) -> Reading:
    """Return how fresh a family of the tenant is."""
    row = db.one(conn, LAST_READ, tenant_id=tenant_id, lane=lane.value)
    return Reading(**row) if row else Reading(None, None)


# GREATEST ignores NULL: a read that says nothing about the delta leaves the watermark alone.
NOTE_READ = """
    INSERT INTO readings (tenant_id, lane, last_read_at, watermark)
    VALUES (%(tenant_id)s, %(lane)s, %(at)s, %(watermark)s)
    ON CONFLICT (tenant_id, lane) DO UPDATE
    SET last_read_at = GREATEST(readings.last_read_at, EXCLUDED.last_read_at),
        watermark = GREATEST(readings.watermark, EXCLUDED.watermark),
        failures = 0,
        rests_until = NULL
"""


def note_read(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, at: datetime, watermark: datetime | None) -> None:
    """Note that a read that was answered began at `at`; with a watermark when it read every change up to there."""
    db.run(conn, NOTE_READ, tenant_id=tenant_id, lane=lane.value, at=at, watermark=watermark)


KNOWN_FROM = """
    SELECT known_from
    FROM readings
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
"""

NOTE_KNOWN = """
    UPDATE readings
    SET known_from = COALESCE(known_from, %(at)s)
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
"""


def known_from(conn: db.Conn, tenant_id: TenantId, lane: Lane) -> datetime | None:
    """Return when the first pull of a family began: nothing earlier was ever told; None before its end."""
    row = db.one(conn, KNOWN_FROM, tenant_id=tenant_id, lane=lane.value)
    return row["known_from"] if row else None


def note_known(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, at: datetime) -> None:
    """Note the begin of a pull that has ended; a later one changes nothing about it."""
    db.run(conn, NOTE_KNOWN, tenant_id=tenant_id, lane=lane.value, at=at)


NOTE_FAILURE = """
    INSERT INTO readings (tenant_id, lane, failures)
    VALUES (%(tenant_id)s, %(lane)s, 1)
    ON CONFLICT (tenant_id, lane) DO UPDATE
    SET failures = LEAST(readings.failures, 1000) + 1
    RETURNING failures
"""


def note_failure(conn: db.Conn, tenant_id: TenantId, lane: Lane) -> int:
    """Note that a shop did not answer a read; return how many reads before it failed in a row."""
    row = db.one(conn, NOTE_FAILURE, tenant_id=tenant_id, lane=lane.value)
    return row["failures"] - 1 if row else 0


REST = """
    INSERT INTO readings (tenant_id, lane, rests_until)
    VALUES (%(tenant_id)s, %(lane)s, %(until)s)
    ON CONFLICT (tenant_id, lane) DO UPDATE
    SET rests_until = EXCLUDED.rests_until
"""


def rest(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, until: datetime) -> None:
    """Let nothing of the lane be claimed until then: the shop failed, and news does not make it due sooner."""
    db.run(conn, REST, tenant_id=tenant_id, lane=lane.value, until=until)


REST_NO_MORE = "UPDATE readings SET rests_until = NULL, failures = 0 WHERE tenant_id = %(tenant_id)s"


def rest_no_more(conn: db.Conn, tenant_id: TenantId) -> None:
    """Let every lane of the tenant go on: its shop answers again."""
    db.run(conn, REST_NO_MORE, tenant_id=tenant_id)


FAILURES = """
    SELECT failures
    FROM readings
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
"""


def failures(conn: db.Conn, tenant_id: TenantId, lane: Lane) -> int:
    """Return how many reads of the lane failed in a row."""
    row = db.one(conn, FAILURES, tenant_id=tenant_id, lane=lane.value)
    return row["failures"] if row else 0


RESTING = """
    SELECT rests_until > %(now)s AS resting
    FROM readings
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
"""


def rests(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, now: datetime) -> bool:
    """Say whether the lane waits for its shop."""
    row = db.one(conn, RESTING, tenant_id=tenant_id, lane=lane.value, now=now)
    return bool(row and row["resting"])


RESTING_LANES = """
    SELECT lane, rests_until
    FROM readings
    WHERE tenant_id = %(tenant_id)s
      AND rests_until > %(now)s
"""


def resting(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> Mapping[Lane, datetime]:
    """Return the lanes that wait for their shop, each until when."""
    return {Lane(row["lane"]): row["rests_until"] for row in db.rows(conn, RESTING_LANES, tenant_id=tenant_id, now=now)}
