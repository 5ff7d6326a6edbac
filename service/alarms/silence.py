"""Silence: for how long which alarms are told to nobody, and who wanted that. What lasts beyond it is told then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.alarms.owed import Owed
from service.lanes import TenantId


@dataclass(frozen=True)
class Silence:
    """A silence over a channel, a shop, a cause, or what of them is named."""

    silence_id: int
    channel_id: str | None
    tenant_id: TenantId | None
    cause: str | None
    until: datetime
    made_by: str

    def covers(self, owed: Owed) -> bool:
        """Say whether an alarm lies in it."""
        return self.channel_id in (None, owed.channel_id) and self._about(owed.tenant_id, owed.cause)

    def over(self, tenant_id: TenantId, cause: str) -> bool:
        """Say whether no channel at all is told of a cause at a shop."""
        return self.channel_id is None and self._about(tenant_id, cause)

    def _about(self, tenant_id: TenantId, cause: str) -> bool:
        return self.tenant_id in (None, tenant_id) and self.cause in (None, cause)


MAKE = """
    INSERT INTO silences (channel_id, tenant_id, cause, until, made_by, made_at)
    VALUES (%(channel_id)s, %(tenant_id)s, %(cause)s, %(until)s, %(by)s, %(now)s)
    RETURNING silence_id
"""


def make(
    conn: db.Conn,
    *,
    channel_id: str | None,
    tenant_id: TenantId | None,
    cause: str | None,
    until: datetime,
    by: str,
    now: datetime,
) -> int:
    """Begin a silence and return its number."""
    named = {"channel_id": channel_id, "tenant_id": tenant_id, "cause": cause}
    return db.rows(conn, MAKE, **named, until=until, by=by, now=now)[0]["silence_id"]


STANDING = """
    SELECT silence_id, channel_id, tenant_id, cause, until, made_by
    FROM silences
    WHERE until > %(now)s
      AND ended_at IS NULL
    ORDER BY silence_id
"""


def standing(conn: db.Conn, *, now: datetime) -> list[Silence]:
    """Return the silences that last. The transaction must see every tenant."""
    return [Silence(**row) for row in db.rows(conn, STANDING, now=now)]


END = """
    UPDATE silences
    SET ended_at = %(now)s, ended_by = %(by)s
    WHERE silence_id = %(silence_id)s
      AND until > %(now)s
      AND ended_at IS NULL
    RETURNING silence_id, channel_id, tenant_id, cause, until, made_by
"""

WAKE = """
    UPDATE alarms
    SET due_at = %(now)s
    WHERE due_at = %(until)s
      AND channel_id = COALESCE(%(channel_id)s, channel_id)
      AND tenant_id = COALESCE(%(tenant_id)s, tenant_id)
      AND cause = COALESCE(%(cause)s, cause)
"""


def end(conn: db.Conn, silence_id: int, *, by: str, now: datetime) -> Silence | None:
    """End a silence before its time and let what it held back be told; None when there is none of this number."""
    row = db.one(conn, END, silence_id=silence_id, by=by, now=now)
    if row is None:
        return None
    ended = Silence(**row)
    named = {"channel_id": ended.channel_id, "tenant_id": ended.tenant_id, "cause": ended.cause}
    db.run(conn, WAKE, **named, until=ended.until, now=now)
    return ended


def until(silences: Sequence[Silence], owed: Owed) -> datetime | None:
    """Return when the silence over an alarm ends; None: there is none."""
    return max((each.until for each in silences if each.covers(owed)), default=None)
