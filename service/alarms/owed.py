"""What each channel knows and is still to be told, a row for each cause at each shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service import db
from service.alarms.decide import Alarm, Owes
from service.lanes import TenantId

MOST = 500  # alarms of one message; what is more waits for the next


@dataclass(frozen=True)
class Owed:
    """An alarm with whose it is and what it is about."""

    channel_id: str
    tenant_id: TenantId
    cause: str
    alarm: Alarm


ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('alarms/' || %(tenant_id)s, 0))"


def alone(conn: db.Conn, tenant_id: TenantId) -> None:
    """Wait for whoever weighs the alarms of this shop: the latest is to have the last word."""
    db.rows(conn, ALONE, tenant_id=tenant_id)


KNOWN = """
    SELECT channel_id, tenant_id, cause, begun_at, over_at, told_at, owes, due_at, since
    FROM alarms
"""

OF_TENANT = f"""{KNOWN}
    WHERE tenant_id = %(tenant_id)s
    ORDER BY channel_id, cause
    FOR UPDATE
"""


def of(conn: db.Conn, tenant_id: TenantId) -> dict[tuple[str, str], Alarm]:
    """Lock and return the alarms of a shop, by channel and cause."""
    found = (_owed(row) for row in db.rows(conn, OF_TENANT, tenant_id=tenant_id))
    return {(each.channel_id, each.cause): each.alarm for each in found}


PUT = """
    INSERT INTO alarms (channel_id, tenant_id, cause, begun_at, over_at, told_at, owes, due_at, since)
    SELECT channel_id, tenant_id, cause, begun_at, over_at, told_at, owes, due_at, since
    FROM unnest(
        %(channel_ids)b::text[], %(tenant_ids)b::text[], %(causes)b::text[], %(begun)b::timestamptz[],
        %(over)b::timestamptz[], %(told)b::timestamptz[], %(owes)b::text[], %(due)b::timestamptz[],
        %(since)b::timestamptz[]
    ) AS moved (channel_id, tenant_id, cause, begun_at, over_at, told_at, owes, due_at, since)
    ORDER BY tenant_id, channel_id, cause
    ON CONFLICT (tenant_id, channel_id, cause) DO UPDATE SET
        begun_at = excluded.begun_at,
        over_at = excluded.over_at,
        told_at = excluded.told_at,
        owes = excluded.owes,
        due_at = excluded.due_at,
        since = excluded.since
"""


def put(conn: db.Conn, moved: Sequence[Owed]) -> None:
    """Store alarms as they stand now."""
    alarms = [each.alarm for each in moved]
    db.run(
        conn,
        PUT,
        channel_ids=[each.channel_id for each in moved],
        tenant_ids=[each.tenant_id for each in moved],
        causes=[each.cause for each in moved],
        begun=[alarm.begun_at for alarm in alarms],
        over=[alarm.over_at for alarm in alarms],
        told=[alarm.told_at for alarm in alarms],
        owes=[alarm.owes and alarm.owes.value for alarm in alarms],
        due=[alarm.due_at for alarm in alarms],
        since=[alarm.since for alarm in alarms],
    )


DUE = f"""{KNOWN}
    WHERE channel_id = %(channel_id)s
      AND due_at <= %(now)s
    ORDER BY tenant_id, cause
    LIMIT %(most)s
    FOR UPDATE
"""


def due(conn: db.Conn, channel_id: str, *, now: datetime) -> list[Owed]:
    """Lock and return what a channel is to be told now. The transaction must see every tenant."""
    return [_owed(row) for row in db.rows(conn, DUE, channel_id=channel_id, now=now, most=MOST)]


AGAIN = f"""{KNOWN}
    WHERE channel_id = %(channel_id)s
      AND tenant_id = ANY (%(tenant_ids)s)
    ORDER BY tenant_id, cause
    FOR UPDATE
"""


def again(conn: db.Conn, channel_id: str, tenant_ids: Sequence[TenantId]) -> dict[tuple[TenantId, str], Alarm]:
    """Lock and return a channel's alarms of these shops as they stand now, by shop and cause."""
    found = (_owed(row) for row in db.rows(conn, AGAIN, channel_id=channel_id, tenant_ids=sorted(set(tenant_ids))))
    return {(each.tenant_id, each.cause): each.alarm for each in found}


DEBT = """
    SELECT count(*) AS owed, min(since) AS since
    FROM alarms
    WHERE channel_id = %(channel_id)s
      AND due_at IS NOT NULL
      AND owes <> 'still'
"""


def debt(conn: db.Conn, channel_id: str) -> tuple[int, datetime | None]:
    """Return how many begins and ends a channel is still to be told of, and since when the oldest is owed."""
    row = db.rows(conn, DEBT, channel_id=channel_id)[0]
    return row["owed"], row["since"]


def _owed(row: db.Row) -> Owed:
    alarm = Alarm(
        begun_at=row["begun_at"],
        over_at=row["over_at"],
        told_at=row["told_at"],
        owes=Owes(row["owes"]) if row["owes"] else None,
        due_at=row["due_at"],
        since=row["since"],
    )
    return Owed(row["channel_id"], row["tenant_id"], row["cause"], alarm)
