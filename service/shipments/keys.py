"""Idempotency: the same request twice is one request, also when the first call died half way between two tenants.

A key is noted before anything is done. What came of it is kept in the transaction that does it, tenant by tenant, so
a repeat reads what was done and does only the rest.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service import db
from service.kit import canon
from service.lanes import TenantId

LONGER = timedelta(days=1)  # results outlive their key, so that a repeat in its last minute still finds them
SOME = 1_000


class OtherBody(Exception):
    """The key came before with another body."""


@dataclass(frozen=True)
class Asked:
    """A request that is known by its key; `tenant_ids`: the shops it may touch, as they were when it came first."""

    account_id: str
    key: str
    first_at: datetime
    tenant_ids: frozenset[TenantId]


BEGIN = """
    INSERT INTO idempotency_keys (account_id, key, digest, tenant_ids, first_at)
    VALUES (%(account_id)s, %(key)s, %(digest)s, %(tenant_ids)s, %(now)s)
    ON CONFLICT (account_id, key) DO UPDATE SET key = excluded.key
    RETURNING digest, tenant_ids, first_at
"""


def begin_key(
    conn: db.Conn, account_id: str, key: str, *, digest: str, tenant_ids: Collection[TenantId], now: datetime
) -> Asked:
    """Note a key, or find what it was first used for; raise OtherBody when the digest differs. Keys have no tenant."""
    row = db.rows(conn, BEGIN, account_id=account_id, key=key, digest=digest, tenant_ids=sorted(tenant_ids), now=now)[0]
    if row["digest"] != digest:
        raise OtherBody
    return Asked(account_id, key, row["first_at"], frozenset(row["tenant_ids"]))


# A row of another time is left from a key that was forgotten and is used anew. A second call with the same key waits
# here until the first has committed.
CLAIM = """
    INSERT INTO idempotency_results (tenant_id, account_id, key, results, first_at)
    VALUES (%(tenant_id)s, %(account_id)s, %(key)s, '[]', %(first_at)s)
    ON CONFLICT (tenant_id, account_id, key) DO UPDATE SET
        results = excluded.results,
        first_at = excluded.first_at
    WHERE idempotency_results.first_at <> excluded.first_at
"""

ANSWERED = """
    SELECT results
    FROM idempotency_results
    WHERE tenant_id = %(tenant_id)s
      AND account_id = %(account_id)s
      AND key = %(key)s
"""


def answered(conn: db.Conn, tenant_id: TenantId, asked: Asked) -> list[Mapping[str, Any]] | None:
    """Return what came of the request in this shop; None: nothing was done yet, and nobody else does it meanwhile."""
    named = {"tenant_id": tenant_id, "account_id": asked.account_id, "key": asked.key}
    if db.run(conn, CLAIM, first_at=asked.first_at, **named):
        return None
    return db.rows(conn, ANSWERED, **named)[0]["results"]


def kept(conn: db.Conn, tenant_id: TenantId, account_id: str, key: str) -> list[Mapping[str, Any]] | None:
    """Return what came of a request in this shop; None: there was none by this key."""
    row = db.one(conn, ANSWERED, tenant_id=tenant_id, account_id=account_id, key=key)
    return row["results"] if row else None


KEEP = """
    UPDATE idempotency_results
    SET results = %(results)s::jsonb
    WHERE tenant_id = %(tenant_id)s
      AND account_id = %(account_id)s
      AND key = %(key)s
"""


def keep(conn: db.Conn, tenant_id: TenantId, asked: Asked, results: Sequence[Mapping[str, Any]]) -> None:
    """Keep what came of the request in this shop, in the transaction that does it."""
    db.run(
        conn,
        KEEP,
        tenant_id=tenant_id,
        account_id=asked.account_id,
        key=asked.key,
        results=canon.stored(list(results)),
    )


FORGET_KEYS = """
    DELETE FROM idempotency_keys
    WHERE (account_id, key) IN (
        SELECT account_id, key
        FROM idempotency_keys
        WHERE first_at < %(before)s
        LIMIT %(most)s
        FOR UPDATE SKIP LOCKED
    )
"""

FORGET_RESULTS = """
    DELETE FROM idempotency_results
    WHERE tenant_id = %(tenant_id)s
      AND first_at < %(before)s
"""


def forget_keys(conn: db.Conn, tenant_id: TenantId, *, before: datetime) -> None:
    """Forget keys that are older, some of them, whoever's they are, and what came of such in this shop."""
    db.run(conn, FORGET_KEYS, before=before, most=SOME)
    db.run(conn, FORGET_RESULTS, tenant_id=tenant_id, before=before - LONGER)
