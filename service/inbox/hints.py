"""What has to be looked at: one row per order, product or list, told often, read once.

Whoever has a row's claim may settle it; a lease that ran out is due again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from service import db
from service.inbox import readings
from service.inbox.pace import Dial, paced
from service.kit import ids
from service.lanes import Lane, TenantId

LOOK = ""  # the key of the hint "look at everything that changed": an event we could not read names no order
GIVE_UP_AT = 3  # tries without progress


@dataclass(frozen=True)
class Hint:
    """One thing to look at: an order number, a product id, or `LOOK`; `cause`: why a look asks for it, else None."""

    key: str
    urgent: bool
    due_at: datetime
    cause: str | None = None


@dataclass(frozen=True)
class Claimed:
    """A hint that is ours until its lease ends; settle it by `claim`, which all hints of one claiming share."""

    key: str
    claim: str
    revision: int
    urgent: bool
    since: datetime
    told_at: datetime
    tries: int
    cursor: dict[str, Any]


# Sorted, so that two expansions lock in the same order. A claimed row keeps its lease: `answered` sees the revision.
# News about a parked row is a reason to try again; `LEAST` ignores NULL, so a settled row takes the new time.
HINT = """
    INSERT INTO hints (tenant_id, lane, key, urgent, due_at, since, told_at, cause)
    SELECT %(tenant_id)s, %(lane)s, told.key, told.urgent, told.due_at, %(now)s, %(now)s, told.cause
    FROM unnest(%(keys)b::text[], %(urgent)b::boolean[], %(due)b::timestamptz[], %(causes)b::text[])
        AS told (key, urgent, due_at, cause)
    ORDER BY told.key
    ON CONFLICT (tenant_id, lane, key) DO UPDATE
    SET revision = hints.revision + 1,
        urgent = EXCLUDED.urgent OR (hints.urgent AND hints.due_at IS NOT NULL),
        due_at = CASE
            WHEN hints.claim IS NOT NULL THEN hints.due_at
            WHEN hints.parked IS NOT NULL THEN EXCLUDED.due_at
            ELSE LEAST(hints.due_at, EXCLUDED.due_at)
        END,
        since = COALESCE(hints.since, EXCLUDED.since),
        tries = CASE WHEN hints.parked IS NULL THEN hints.tries ELSE 0 END,
        parked = NULL,
        told_at = EXCLUDED.told_at,
        cause = COALESCE(EXCLUDED.cause, hints.cause)
"""


def hint(conn: db.Conn, tenant_id: TenantId, lane: Lane, hints: Sequence[Hint], *, now: datetime) -> int:
    """Note what has to be looked at and return how many different keys these were."""
    merged: dict[str, Hint] = {}
    for told in hints:
        known = merged.get(told.key)
        merged[told.key] = told if known is None else _merge(known, told)
    if not merged:
        return 0
    return db.run(
        conn,
        HINT,
        tenant_id=tenant_id,
        lane=lane.value,
        now=now,
        keys=list(merged),
        urgent=[told.urgent for told in merged.values()],
        due=[told.due_at for told in merged.values()],
        causes=[told.cause for told in merged.values()],
    )


def _merge(known: Hint, told: Hint) -> Hint:
    return Hint(known.key, known.urgent or told.urgent, min(known.due_at, told.due_at), known.cause or told.cause)


# One more than fits: a look among them is left out. A look that is not due waits for nobody and fills no batch.
WAITING = """
    SELECT key, due_at, revision, urgent, since, told_at, tries, cursor,
        answered_at IS NULL OR told_at > answered_at AS is_news
    FROM hints
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND due_at IS NOT NULL
      AND parked IS NULL
      AND (due_at <= %(now)s OR (claim IS NULL AND key <> '' AND tries = 0))
      AND NOT EXISTS (
          SELECT FROM tenants
          WHERE tenants.tenant_id = %(tenant_id)s AND (tenants.state <> 'active' OR tenants.doubted)
      )
    ORDER BY due_at > %(now)s, NOT (urgent OR key = ''), NOT (answered_at IS NULL OR told_at > answered_at), due_at, key
    LIMIT %(most)s + 1
    FOR UPDATE SKIP LOCKED
"""

CLAIM = """
    UPDATE hints
    SET claim = %(claim)s, claimed_revision = revision, due_at = %(lease_until)s
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND key = ANY(%(keys)b::text[])
"""


def claim(conn: db.Conn, tenant_id: TenantId, lane: Lane, *, now: datetime, lease_s: float, most: int) -> list[Claimed]:
    """Claim up to `most` hints for `lease_s` when one is due or a full batch waits; hints not yet due ride along.

    Due hints come first, urgent ones before routine ones. A look is claimed alone. A hint that was answered and only
    waits to be looked at once more makes no full batch. While the lane rests there is nothing to claim.
    """
    if readings.rests(conn, tenant_id, lane, now=now):
        return []
    waiting = db.rows(conn, WAITING, tenant_id=tenant_id, lane=lane.value, now=now, most=most)
    chosen = _choose(waiting, now=now, most=most)
    if not chosen:
        return []
    token = ids.fresh("c")
    lease_until = now + timedelta(seconds=lease_s)
    keys = [row["key"] for row in chosen]
    db.run(conn, CLAIM, tenant_id=tenant_id, lane=lane.value, keys=keys, claim=token, lease_until=lease_until)
    return [Claimed(**{name: row[name] for name in row if name not in NOT_CLAIMED}, claim=token) for row in chosen]


NOT_CLAIMED = ("due_at", "is_news")


def _choose(waiting: Sequence[db.Row], *, now: datetime, most: int) -> Sequence[db.Row]:
    """Choose from rows in the order of their turn: the first one's kind decides whether this is a look or a batch."""
    if waiting and waiting[0]["key"] == LOOK:
        return waiting[:1]
    batch = [row for row in waiting if row["key"] != LOOK][:most]
    full = len(batch) == most and all(row["is_news"] for row in batch)
    return batch if full or any(row["due_at"] <= now for row in batch) else []


OWED = """
    SELECT key
    FROM hints
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND key = ANY(%(keys)b::text[])
      AND due_at IS NOT NULL
      AND (NOT %(told)s OR answered_at IS NULL OR told_at > answered_at)
"""


def owed(conn: db.Conn, tenant_id: TenantId, lane: Lane, keys: Sequence[str], *, told: bool = False) -> set[str]:
    """Return which of the keys are to be read anyway, because somebody told of them and no read has answered yet."""
    found = db.rows(conn, OWED, tenant_id=tenant_id, lane=lane.value, keys=list(keys), told=told)
    return {row["key"] for row in found}


CAUSES = """
    SELECT key, cause
    FROM hints
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND claim = %(claim)s
      AND cause IS NOT NULL
"""


def causes(conn: db.Conn, tenant_id: TenantId, lane: Lane, claim: str) -> dict[str, str]:
    """Return which of the claimed keys a look asks for, and why it looked."""
    return {
        row["key"]: row["cause"] for row in db.rows(conn, CAUSES, tenant_id=tenant_id, lane=lane.value, claim=claim)
    }


# Locked by key, like the upsert of new hints: the other order could wait for each other in a circle.
LOCK_CLAIMED = """
    SELECT key
    FROM hints
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND claim = %(claim)s
    ORDER BY key
    FOR UPDATE
"""

ANSWERED = """
    UPDATE hints
    SET claim = NULL,
        claimed_revision = NULL,
        due_at = CASE
            WHEN revision > claimed_revision AND urgent THEN LEAST(%(urgent_due_at)s, again.due_at)
            WHEN revision > claimed_revision THEN LEAST(%(routine_due_at)s, again.due_at)
            ELSE again.due_at
        END,
        since = CASE WHEN revision > claimed_revision OR again.due_at IS NOT NULL THEN since END,
        answered_at = CASE
            WHEN revision > claimed_revision THEN LEAST(%(now)s, told_at - interval '1 microsecond')
            ELSE %(now)s
        END,
        tries = 0,
        cursor = '{}',
        cause = CASE WHEN revision > claimed_revision OR again.due_at IS NOT NULL THEN cause END
    FROM unnest(%(keys)b::text[], %(again)b::timestamptz[]) AS again (key, due_at)
    WHERE hints.tenant_id = %(tenant_id)s
      AND hints.lane = %(lane)s
      AND hints.claim = %(claim)s
      AND hints.key = again.key
"""


def answered(  # noqa: PLR0913 - the pace needs three of them
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    claim: str,
    *,
    now: datetime,
    dial: Dial,
    read_at: datetime,
    again: Mapping[str, datetime],
    keys: Sequence[str] | None = None,
) -> int:
    """Settle a claim, or only these keys of it, by a read that began at `read_at`; return how many rows carried it.

    A hint told again since the claim is due by the pace, one named in `again` at the time given there.
    """
    claimed = _locked(conn, tenant_id, lane, claim)
    settled = claimed if keys is None else [key for key in claimed if key in set(keys)]
    return db.run(
        conn,
        ANSWERED,
        tenant_id=tenant_id,
        lane=lane.value,
        claim=claim,
        now=now,
        urgent_due_at=paced(dial, now=now, last_read=read_at, urgent=True),
        routine_due_at=paced(dial, now=now, last_read=read_at, urgent=False),
        keys=settled,
        again=[again.get(key) for key in settled],
    )


def _locked(conn: db.Conn, tenant_id: TenantId, lane: Lane, claim: str) -> list[str]:
    return [row["key"] for row in db.rows(conn, LOCK_CLAIMED, tenant_id=tenant_id, lane=lane.value, claim=claim)]


PUT_OFF = """
    UPDATE hints
    SET claim = NULL,
        claimed_revision = NULL,
        due_at = %(until)s,
        tries = tries + %(failures)s,
        died = %(died)s,
        parked = CASE WHEN %(failures)s > 0 AND tries + %(failures)s >= %(give_up_at)s THEN %(why)s END
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND claim = %(claim)s
      AND (%(keys)b::text[] IS NULL OR key = ANY(%(keys)b::text[]))
"""


def put_off(  # noqa: PLR0913  # which rows, until when, and whose fault it was
    conn: db.Conn,
    tenant_id: TenantId,
    lane: Lane,
    claim: str,
    *,
    until: datetime,
    failed: bool,
    why: str,
    keys: Sequence[str] | None = None,
    died: bool = False,
) -> int:
    """Give a claim, or only these keys of it, back until then; `died`: by a fault of ours, not by the shop's word.

    A busy budget is no failure; after three failures a row is parked with `why`, and the tenant's other rows go on.
    """
    _locked(conn, tenant_id, lane, claim)
    return db.run(
        conn,
        PUT_OFF,
        tenant_id=tenant_id,
        lane=lane.value,
        claim=claim,
        until=until,
        failures=int(failed),
        died=died,
        give_up_at=GIVE_UP_AT,
        why=why,
        keys=None if keys is None else list(keys),
    )


TURN_PAGE = """
    UPDATE hints
    SET cursor = %(cursor)s, due_at = %(lease_until)s, tries = 0
    WHERE tenant_id = %(tenant_id)s
      AND lane = %(lane)s
      AND key = ''
      AND claim = %(claim)s
"""


def turn_page(
    conn: db.Conn, tenant_id: TenantId, lane: Lane, claim: str, *, cursor: Mapping[str, Any], lease_until: datetime
) -> bool:
    """Note how far a claimed look has come and renew its lease; False when the claim is no longer ours."""
    turned = db.run(
        conn, TURN_PAGE, tenant_id=tenant_id, lane=lane.value, claim=claim, cursor=Jsonb(dict(cursor)),
        lease_until=lease_until,
    )  # fmt: skip
    return turned == 1
