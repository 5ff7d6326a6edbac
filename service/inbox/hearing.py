"""What was heard of each shop, hour by hour: from it a silence is told from a quiet night."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.inbox import rhythm
from service.lanes import TenantId


@dataclass(frozen=True)
class Silence:
    """An event a shop has not told of for too long."""

    event: str
    heard_at: datetime
    since: datetime  # from then on it is too long


NOTE = """
    INSERT INTO heard (tenant_id, event, hour, slots, last_at)
    SELECT %(tenant_id)s, event, hour, slots, last_at
    FROM unnest(%(events)b::text[], %(hours)b::timestamptz[], %(slots)b::smallint[], %(last)b::timestamptz[])
        AS told (event, hour, slots, last_at)
    ORDER BY event, hour
    ON CONFLICT (tenant_id, event, hour) DO UPDATE
    SET slots = heard.slots | EXCLUDED.slots, last_at = GREATEST(heard.last_at, EXCLUDED.last_at)
"""


def note_heard(conn: db.Conn, tenant_id: TenantId, told: Iterable[tuple[str, datetime]]) -> None:
    """Note of which events a shop told, and when; told twice or late it is the same."""
    slots: dict[tuple[str, datetime], int] = defaultdict(int)
    last: dict[tuple[str, datetime], datetime] = {}
    for event, at in told:
        place = event.lower(), rhythm.hour_of(at)
        slots[place] |= rhythm.slot_bit(at)
        last[place] = max(at, last.get(place, at))
    if slots:
        db.run(
            conn,
            NOTE,
            tenant_id=tenant_id,
            events=[event for event, _ in slots],
            hours=[hour for _, hour in slots],
            slots=list(slots.values()),
            last=list(last.values()),
        )


LAST = """
    SELECT max(last_at) AS heard_at
    FROM heard
    WHERE tenant_id = %(tenant_id)s
"""


def heard_at(conn: db.Conn, tenant_id: TenantId) -> datetime | None:
    """Return when anything was heard of the shop; None: nothing in the time we remember."""
    found = db.one(conn, LAST, tenant_id=tenant_id)
    return found["heard_at"] if found else None


HEARD = """
    SELECT event, hour, slots, last_at
    FROM heard
    WHERE tenant_id = %(tenant_id)s
"""


def silences(
    conn: db.Conn, tenant_id: TenantId, *, now: datetime, listening_since: datetime | None = None
) -> list[Silence]:
    """Return the events which the shop, by its own rhythm, ought to have told of again by now.

    Before `listening_since` it could not have reached us: that silence was ours.
    """
    hours: dict[str, dict[datetime, int]] = defaultdict(dict)
    last: dict[str, datetime] = {}
    for row in db.rows(conn, HEARD, tenant_id=tenant_id):
        hours[row["event"]][row["hour"]] = row["slots"].bit_count()
        last[row["event"]] = max(row["last_at"], last.get(row["event"], row["last_at"]))
    found: list[Silence] = []
    for event, at in sorted(last.items()):
        known = rhythm.learn(hours[event], heard_at=at)
        counted_from = max(at, listening_since or at)
        since = rhythm.silent_at(known, counted_from, now=now) if known else None
        if since:
            found.append(Silence(event, at, since))
    return found


FORGET = """
    DELETE FROM heard
    WHERE tenant_id = %(tenant_id)s
      AND hour < %(before)s
"""


def forget_heard(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Forget what is older than a rhythm is learned from."""
    db.run(conn, FORGET, tenant_id=tenant_id, before=now - 2 * rhythm.REMEMBERED)
