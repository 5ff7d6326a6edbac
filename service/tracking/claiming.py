"""Whose turn it is, and the claim of what one call is about."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service import db
from service.kit import ids
from service.lanes import TenantId
from service.tracking.decide import AHEAD, STOP_AFTER
from service.tracking.rows import COLUMNS, Followed, followed

DUE_TENANTS = """
    SELECT DISTINCT tracked.tenant_id
    FROM tracked
    JOIN tenants ON tenants.tenant_id = tracked.tenant_id AND tenants.state <> 'dismissed'
    LEFT JOIN breakers ON breakers.contract_id = tracked.contract_id AND breakers.lane = 'track'
    WHERE tracked.due_at <= %(now)s
      AND coalesce(breakers.rests_until, '-infinity') <= %(now)s
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants with parcels a carrier may be asked about now, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, now=now)]


DUE_CONTRACTS = """
    SELECT contract_id
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND due_at <= %(now)s
    GROUP BY contract_id
    ORDER BY min(due_at)
"""


def due_contracts(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> list[str]:
    """Return the logins under which something is due, the one that waits longest first."""
    return [row["contract_id"] for row in db.rows(conn, DUE_CONTRACTS, tenant_id=tenant_id, now=now)]


WAITS = """
    SELECT EXISTS (
        SELECT
        FROM tracked
        WHERE tenant_id = %(tenant_id)s
          AND contract_id = ANY (%(contract_ids)s)
          AND due_at <= %(now)s
    ) AS waits
"""


def waits(conn: db.Conn, tenant_id: TenantId, contract_ids: Sequence[str], *, now: datetime) -> bool:
    """Say whether a parcel of the shop's ought to have been asked about under one of these logins by now."""
    found = db.rows(conn, WAITS, tenant_id=tenant_id, contract_ids=list(contract_ids), now=now)
    return found[0]["waits"]


# What is due first; a call that is made anyway takes along what would be due soon.
CANDIDATES = f"""
    SELECT {COLUMNS}
    FROM tracked
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND due_at <= %(soon)s
    ORDER BY due_at, booking_id, place
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608  # a constant

MARK = f"""
    UPDATE tracked
    SET claim = %(claim)s, due_at = %(until)s
    FROM unnest(%(booking_ids)b::text[], %(places)b::smallint[]) AS chosen (booking_id, place)
    WHERE tracked.tenant_id = %(tenant_id)s
      AND tracked.booking_id = chosen.booking_id
      AND tracked.place = chosen.place
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def claim(  # whose, under which login, and how much
    conn: db.Conn, tenant_id: TenantId, contract_id: str, *, most: int, now: datetime, lease_s: float
) -> list[Followed]:
    """Claim what one call is about, the longest due first; [] when nothing is due."""
    soon = now + AHEAD if most > 1 else now
    found = db.rows(conn, CANDIDATES, tenant_id=tenant_id, contract_id=contract_id, soon=soon, most=most)
    if not found or found[0]["due_at"] > now:
        return []
    marked = db.rows(
        conn,
        MARK,
        tenant_id=tenant_id,
        booking_ids=[row["booking_id"] for row in found],
        places=[row["place"] for row in found],
        claim=ids.fresh("c"),
        until=now + timedelta(seconds=lease_s),
    )
    return sorted((followed(row) for row in marked), key=lambda box: box.key)


PUT_OFF = """
    UPDATE tracked
    SET due_at = %(until)s, tries = least(tries + %(counts)s::integer, 1000), claim = NULL
    FROM unnest(%(booking_ids)b::text[], %(places)b::smallint[]) AS chosen (booking_id, place)
    WHERE tracked.tenant_id = %(tenant_id)s
      AND tracked.booking_id = chosen.booking_id
      AND tracked.place = chosen.place
      AND tracked.claim = %(claim)s
"""


def put_off(conn: db.Conn, tenant_id: TenantId, boxes: Sequence[Followed], *, until: datetime, counts: bool) -> None:
    """Ask about boxes of one claim later; `counts`: it is their own fault."""
    if boxes:
        db.run(
            conn,
            PUT_OFF,
            tenant_id=tenant_id,
            booking_ids=[box.booking_id for box in boxes],
            places=[box.place for box in boxes],
            claim=boxes[0].claim,
            until=until,
            counts=counts,
        )


LET_GO = """
    UPDATE tracked
    SET due_at = NULL,
        since = NULL,
        claim = NULL,
        stopped_at = CASE WHEN final_at IS NULL THEN coalesce(stopped_at, %(now)s) END
    FROM unnest(%(booking_ids)b::text[], %(places)b::smallint[]) AS chosen (booking_id, place)
    WHERE tracked.tenant_id = %(tenant_id)s
      AND tracked.booking_id = chosen.booking_id
      AND tracked.place = chosen.place
      AND tracked.claim = %(claim)s
"""


def let_go(conn: db.Conn, tenant_id: TenantId, boxes: Sequence[Followed], *, now: datetime) -> list[Followed]:
    """Ask no more about those of a claim that are too old, though nothing was told of them; return the others."""
    old = [box for box in boxes if now - box.first_at >= STOP_AFTER]
    if old:
        db.run(
            conn,
            LET_GO,
            tenant_id=tenant_id,
            booking_ids=[box.booking_id for box in old],
            places=[box.place for box in old],
            claim=old[0].claim,
            now=now,
        )
    return [box for box in boxes if box not in old]


HURRY = """
    UPDATE tracked
    SET due_at = %(now)s, since = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND booking_id = %(booking_id)s
      AND place = %(place)s
      AND (due_at IS NULL OR due_at > %(now)s)
"""


def hurry(conn: db.Conn, tenant_id: TenantId, box: Followed, *, now: datetime) -> bool:
    """Ask about a box now, also one that had ended: its carrier has news of it."""
    return db.run(conn, HURRY, tenant_id=tenant_id, booking_id=box.booking_id, place=box.place, now=now) == 1


HURRY_ALL = """
    UPDATE tracked
    SET due_at = %(now)s, since = %(now)s
    WHERE tenant_id = %(tenant_id)s
      AND due_at > %(now)s
      AND claim IS NULL
"""


def hurry_all(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> int:
    """Ask about every box now that is still asked about, but for those of a question in hand; return how many."""
    return db.run(conn, HURRY_ALL, tenant_id=tenant_id, now=now)


REHANG = """
    UPDATE tracked
    SET contract_id = %(to)s
    WHERE tenant_id = %(tenant_id)s
      AND contract_id = %(contract_id)s
      AND (final_at IS NULL OR due_at IS NOT NULL)
"""


def rehang(conn: db.Conn, tenant_id: TenantId, contract_id: str, *, to: str) -> int:
    """Ask about what was booked under one login under another one from now on; return how many boxes."""
    return db.run(conn, REHANG, tenant_id=tenant_id, contract_id=contract_id, to=to)
