"""Work returns off: claim one, mark that it is asked for, and write down what came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service import db
from service.kit import canon, ids
from service.lanes import TenantId
from service.returns.rows import COLUMNS, Parked, Return, back

DUE_TENANTS = """
    SELECT DISTINCT return_labels.tenant_id
    FROM return_labels
    JOIN tenants ON tenants.tenant_id = return_labels.tenant_id AND tenants.state <> 'dismissed'
    WHERE return_labels.due_at <= %(now)s
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants with a return to ask for now, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, now=now)]


CLAIM = f"""
    UPDATE return_labels
    SET claim = %(claim)s, due_at = %(until)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = (
          SELECT return_id
          FROM return_labels
          WHERE tenant_id = %(tenant_id)s
            AND due_at <= %(now)s
          ORDER BY due_at, return_id
          LIMIT 1
          FOR UPDATE SKIP LOCKED
      )
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def claim(conn: db.Conn, tenant_id: TenantId, *, now: datetime, lease_s: float) -> Return | None:
    """Claim the oldest that is due."""
    until, token = now + timedelta(seconds=lease_s), ids.fresh("c")
    row = db.one(conn, CLAIM, tenant_id=tenant_id, claim=token, now=now, until=until)
    return back(row) if row else None


ASKED = """
    UPDATE return_labels
    SET asked_at = %(at)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND claim = %(claim)s
      AND made_at IS NULL
"""


def asked(conn: db.Conn, tenant_id: TenantId, each: Return, *, at: datetime | None) -> bool:
    """Note that the question leaves, or None: that it surely did nothing. False: it is not ours any more."""
    return db.run(conn, ASKED, at=at, **_claimed(tenant_id, each)) == 1


# Whoever asked first may come late, after a person was called, as with what is made. Whoever only asked what became of
# it has nothing to say any more once it is not his.
PENDING = """
    UPDATE return_labels
    SET job = %(job)s::jsonb,
        due_at = %(until)s,
        since = coalesce(since, %(now)s),
        claim = NULL,
        parked = NULL,
        why = NULL,
        faults = '[]',
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND CASE WHEN %(is_first)s THEN job IS NULL ELSE claim = %(claim)s END
      AND made_at IS NULL
      AND cancelled_at IS NULL
"""


def pending(  # whose, by which job, and when to ask
    conn: db.Conn, tenant_id: TenantId, each: Return, job: Mapping[str, Any], *, until: datetime, now: datetime
) -> bool:
    """Note that the carrier is at it, and when to ask it; False: it is over, or not ours any more."""
    kept, is_first = canon.stored(job), each.job is None
    return db.run(conn, PENDING, job=kept, is_first=is_first, until=until, now=now, **_claimed(tenant_id, each)) == 1


# Whoever asked may come late, after a person was called: the answer is as true as before.
MADE = f"""
    UPDATE return_labels
    SET made_at = %(now)s,
        numbers = %(numbers)s,
        parcels = %(parcels)s::jsonb,
        notes = %(notes)s::jsonb,
        told = %(told)s,
        label = %(label)s,
        label_at = CASE WHEN %(is_whole)s THEN %(now)s::timestamptz END,
        content = NULL,
        due_at = CASE WHEN %(is_whole)s THEN NULL ELSE %(now)s::timestamptz END,
        since = CASE WHEN %(is_whole)s THEN NULL ELSE %(now)s::timestamptz END,
        tries = 0,
        claim = NULL,
        job = NULL,
        parked = NULL,
        why = NULL,
        faults = '[]',
        changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND made_at IS NULL
      AND cancelled_at IS NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def made(  # noqa: PLR0913  # all that a carrier's answer brings
    conn: db.Conn,
    tenant_id: TenantId,
    return_id: str,
    parcels: Sequence[Mapping[str, Any]],
    *,
    notes: Sequence[str],
    told: bytes | None,
    label: bytes | None,
    now: datetime,
) -> Return | None:
    """Note what the carrier made; None: it was made or given up before. Without `told` and `label` one is fetched."""
    row = db.one(
        conn,
        MADE,
        tenant_id=tenant_id,
        return_id=return_id,
        numbers=[parcel["number"] for parcel in parcels],
        parcels=canon.stored(list(parcels)),
        notes=canon.stored(list(notes)),
        told=told,
        label=label,
        is_whole=bool(told or label),
        now=now,
    )
    return back(row) if row else None


PRINTED = """
    UPDATE return_labels
    SET label = %(label)s, label_at = %(now)s, due_at = NULL, since = NULL, tries = 0, claim = NULL, parked = NULL,
        why = NULL, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
"""


def printed(conn: db.Conn, tenant_id: TenantId, each: Return, label: bytes, *, now: datetime) -> None:
    """Keep the label of one that is made, a PDF."""
    db.run(conn, PRINTED, tenant_id=tenant_id, return_id=each.return_id, label=label, now=now)


PUT_OFF = """
    UPDATE return_labels
    SET due_at = %(until)s, tries = tries + %(tries)s, claim = NULL, why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND claim = %(claim)s
"""


def put_off(  # whose, why, until when, and whether it was its own fault
    conn: db.Conn, tenant_id: TenantId, each: Return, *, until: datetime, why: str, counts: bool = False
) -> None:
    """Go on later."""
    db.run(conn, PUT_OFF, until=until, tries=int(counts), why=canon.storable(why), **_claimed(tenant_id, each))


PARK = """
    UPDATE return_labels
    SET parked = %(parked)s, why = %(why)s, faults = %(faults)s::jsonb, due_at = NULL, since = NULL, claim = NULL,
        job = NULL, changed_at = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND return_id = %(return_id)s
      AND claim = %(claim)s
"""


def park(  # what of whom, and why
    conn: db.Conn,
    tenant_id: TenantId,
    each: Return,
    reason: Parked,
    *,
    why: str,
    faults: Sequence[Mapping[str, Any]] = (),
    now: datetime,
) -> bool:
    """Leave it to a person; False: it is not ours any more."""
    return db.run(
        conn,
        PARK,
        parked=reason.value,
        why=canon.storable(why),
        faults=canon.stored(list(faults)),
        now=now,
        **_claimed(tenant_id, each),
    ) == 1  # fmt: skip


def _claimed(tenant_id: TenantId, each: Return) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "return_id": each.return_id, "claim": each.claim}
