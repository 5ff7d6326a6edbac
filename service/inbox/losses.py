"""Orders a read found otherwise than the mirror had them although nobody had told: what webhooks lost, by number.

Numbers and times only: the rows are kept as long as the journal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service import db
from service.lanes import TenantId

LATE = timedelta(minutes=10)  # a webhook we refused comes again after five (docs/upgates.md 3.2)
FRESH = timedelta(days=2)  # and so for half a day


class What(StrEnum):
    """How a look found an order."""

    NEW = "new"  # the mirror did not have it
    CHANGED = "changed"
    RESTORED = "restored"  # the mirror had it missing or deleted
    ABSENT = "absent"  # the shop does not list it any more; its own read decides
    UNREAD = "unread"  # listed, but it could not be read or taken over; its own read decides


@dataclass(frozen=True)
class Loss:
    """One order a look found. The shop's times: the change the mirror had, the creation, the change that was found.

    Of one that is absent `known_at` is when a read last showed it, by our clock, and nobody knows when it went.
    `looked_at`: when that look began. `told_at`: when a webhook about it came after all; of what was not read, also
    when it had come before.
    """

    order_number: str
    what: What
    known_at: datetime | None
    created_at: datetime | None
    changed_at: datetime | None
    looked_at: datetime
    found_at: datetime
    told_at: datetime | None = None


# A look may meet an order on two of its pages; the first meeting stands.
NOTE = """
    INSERT INTO losses (
        tenant_id, order_number, what, known_at, created_at, changed_at, looked_at, found_at, told_at
    )
    SELECT %(tenant_id)s, order_number, what, known_at, created_at, changed_at, looked_at, found_at, told_at
    FROM unnest(
        %(numbers)b::text[], %(whats)b::text[], %(known)b::timestamptz[], %(created)b::timestamptz[],
        %(changed)b::timestamptz[], %(looked)b::timestamptz[], %(found)b::timestamptz[], %(told)b::timestamptz[]
    ) AS found (order_number, what, known_at, created_at, changed_at, looked_at, found_at, told_at)
    ON CONFLICT (tenant_id, order_number, found_at) DO NOTHING
"""


def note_losses(conn: db.Conn, tenant_id: TenantId, losses: Sequence[Loss]) -> None:
    """Write down what a look found."""
    if losses:
        db.run(
            conn,
            NOTE,
            tenant_id=tenant_id,
            numbers=[each.order_number for each in losses],
            whats=[each.what.value for each in losses],
            known=[each.known_at for each in losses],
            created=[each.created_at for each in losses],
            changed=[each.changed_at for each in losses],
            looked=[each.looked_at for each in losses],
            found=[each.found_at for each in losses],
            told=[each.told_at for each in losses],
        )


FOUND = """
    SELECT order_number, what, known_at, created_at, changed_at, looked_at, found_at, told_at
    FROM losses
    WHERE tenant_id = %(tenant_id)s
      AND found_at > %(since)s
    ORDER BY found_at, order_number
"""


def losses_of(conn: db.Conn, tenant_id: TenantId, *, since: datetime) -> list[Loss]:
    """Return what looks found after `since`, oldest first."""
    found = db.rows(conn, FOUND, tenant_id=tenant_id, since=since)
    known: list[db.Row] = [{**row, "what": What(row["what"])} for row in found]
    return [Loss(**row) for row in known]


UNTOLD = """
    SELECT EXISTS (
        SELECT FROM losses WHERE tenant_id = %(tenant_id)s AND found_at > %(since)s AND told_at IS NULL
    ) AS some
"""

# A webhook carries the time of its change: only the one about the change that was found proves it was on its way.
ABOUT = """unnest(%(numbers)b::text[], %(stamps)b::timestamptz[], %(deletions)b::boolean[])
        AS told (order_number, at, deletion)
    WHERE losses.tenant_id = %(tenant_id)s
      AND losses.order_number = told.order_number
      AND losses.found_at > %(since)s
      AND losses.told_at IS NULL
      AND CASE WHEN told.deletion THEN what = 'absent' AND told.at <= losses.found_at ELSE changed_at = told.at END
"""

FORGET = f"""
    DELETE FROM losses
    USING {ABOUT}
      AND changed_at > %(in_time)s
"""  # noqa: S608  # a constant

TOLD = f"""
    UPDATE losses
    SET told_at = %(now)s
    FROM {ABOUT}
"""  # noqa: S608  # a constant


@dataclass(frozen=True)
class Told:
    """What a webhook says of an order: when it changed or, `deletion`, was deleted, by the shop's clock."""

    order_number: str
    at: datetime
    deletion: bool


def awaits_tellings(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> bool:
    """Say whether a webhook may still come for something a look found of late."""
    [row] = db.rows(conn, UNTOLD, tenant_id=tenant_id, since=now - FRESH)
    return row["some"]


def told_late(conn: db.Conn, tenant_id: TenantId, told: Sequence[Told], *, now: datetime) -> None:
    """Take in that webhooks came after all for what had been found before them.

    What came in time is no loss; of what came later than the shop's second try stays when.
    """
    params = {
        "now": now,
        "since": now - FRESH,
        "numbers": [each.order_number for each in told],
        "stamps": [each.at for each in told],
        "deletions": [each.deletion for each in told],
    }
    db.run(conn, FORGET, tenant_id=tenant_id, in_time=now - LATE, **params)
    db.run(conn, TOLD, tenant_id=tenant_id, **params)


DROP = """
    DELETE FROM losses
    WHERE (order_number, found_at) IN (
        SELECT order_number, found_at
        FROM losses
        WHERE tenant_id = %(tenant_id)s
          AND found_at < %(before)s
        ORDER BY found_at
        LIMIT %(most)s
    )
      AND tenant_id = %(tenant_id)s
"""


def drop_losses(conn: db.Conn, tenant_id: TenantId, *, before: datetime, most: int) -> int:
    """Delete up to `most` finds from before then; return how many."""
    return db.run(conn, DROP, tenant_id=tenant_id, before=before, most=most)
