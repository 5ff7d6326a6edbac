"""Enter a login with a carrier, find the one that counts for a shop, and take numbers of an account's own row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service import db
from service.contracts import breakers
from service.kit import canon, ids
from service.lanes import Lane, TenantId


@dataclass(frozen=True)
class Contract:
    """A login with a carrier; `tenant_id` None: for all shops of the account. `numbered`: it has a row of numbers.

    `test_said`: what the carrier said at `tested_at` to the question whether it lets us in.
    """

    contract_id: str
    account_id: str
    tenant_id: TenantId | None
    carrier: str
    base_url: str
    secrets_sealed: bytes | None = field(repr=False)
    given: Mapping[str, str]
    switches: frozenset[str]
    numbered: bool
    revision: int
    changed_at: datetime
    tested_at: datetime | None = None
    test_said: str | None = None


COLUMNS = """
    contract_id, account_id, tenant_id, carrier, base_url, secrets_sealed, given, switches,
    next_serial IS NOT NULL AS numbered, revision, changed_at, tested_at, test_said
"""

# A revision is nobody else's: what was seen of a login that was there before is not taken for this one.
PUT = f"""
    INSERT INTO contracts (contract_id, account_id, tenant_id, carrier, base_url, secrets_sealed, given, switches,
        next_serial, last_serial, created_at, changed_at, revision)
    VALUES (%(contract_id)s, %(account_id)s, %(tenant_id)s, %(carrier)s, %(base_url)s, %(secrets_sealed)s,
        %(given)s::jsonb, %(switches)s, %(next_serial)s, %(last_serial)s, %(now)s, %(now)s,
        (
            SELECT coalesce(max(revision), 0) + 1
            FROM contracts AS before
            WHERE before.account_id = %(account_id)s
              AND before.tenant_id IS NOT DISTINCT FROM %(tenant_id)s
              AND before.carrier = %(carrier)s
        ))
    ON CONFLICT (account_id, tenant_id, carrier) WHERE closed_at IS NULL DO UPDATE SET
        base_url = excluded.base_url,
        secrets_sealed = excluded.secrets_sealed,
        given = excluded.given,
        switches = excluded.switches,
        next_serial = coalesce(excluded.next_serial, contracts.next_serial),
        last_serial = coalesce(excluded.last_serial, contracts.last_serial),
        revision = excluded.revision,
        changed_at = excluded.changed_at,
        tested_at = NULL,
        test_said = NULL
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def put(  # noqa: PLR0913  # a login, whole
    conn: db.Conn,
    account_id: str,
    tenant_id: TenantId | None,
    carrier: str,
    *,
    base_url: str,
    secrets_sealed: bytes,
    given: Mapping[str, str],
    switches: Sequence[str],
    serials: tuple[int | None, int] | None,
    now: datetime,
) -> Contract:
    """Enter a login, or replace the one there is; whatever the carrier refused before is asked again.

    `serials`: a new row of numbers, first and last; None leaves the one there is, a first of None goes on in it.
    """
    first, last = serials or (None, None)
    [row] = db.rows(
        conn,
        PUT,
        contract_id=ids.fresh("k"),
        account_id=account_id,
        tenant_id=tenant_id,
        carrier=carrier,
        base_url=base_url,
        secrets_sealed=secrets_sealed,
        given=canon.stored(given),
        switches=sorted(switches),
        next_serial=first,
        last_serial=last,
        now=now,
    )
    found = _contract(row)
    breakers.forget(conn, found.contract_id)
    return found


TESTED = """
    UPDATE contracts
    SET tested_at = %(now)s, test_said = %(said)s
    WHERE contract_id = %(contract_id)s
      AND revision = %(revision)s
"""


def tested(conn: db.Conn, contract: Contract, *, said: str, lets_in: bool, now: datetime) -> None:
    """Note what a carrier said to a login; where it lets us in, whoever waits may ask now, one call at first."""
    db.run(conn, TESTED, contract_id=contract.contract_id, revision=contract.revision, said=said, now=now)
    if lets_in:
        breakers.try_now(conn, contract.contract_id, now=now)


CLOSE = """
    UPDATE contracts
    SET closed_at = %(now)s, secrets_sealed = NULL
    WHERE contract_id = %(contract_id)s
      AND closed_at IS NULL
"""


def close(conn: db.Conn, contract_id: str, *, now: datetime) -> bool:
    """Forget a login; what was booked under it cannot be asked for any more. False: there is none."""
    return db.run(conn, CLOSE, contract_id=contract_id, now=now) == 1


CLOSED = f"""
    SELECT {COLUMNS}
    FROM contracts
    WHERE account_id = %(account_id)s
      AND tenant_id IS NOT DISTINCT FROM %(tenant_id)s
      AND carrier = %(carrier)s
      AND closed_at IS NOT NULL
    ORDER BY closed_at DESC, contract_id
"""  # noqa: S608  # a constant


def closed(conn: db.Conn, account_id: str, tenant_id: TenantId | None, carrier: str) -> list[Contract]:
    """Return the logins there were before for an account, or for this shop of it, the last one first."""
    params = {"account_id": account_id, "tenant_id": tenant_id, "carrier": carrier}
    return [_contract(row) for row in db.rows(conn, CLOSED, **params)]


REOPEN = """
    UPDATE contracts
    SET closed_at = NULL, secrets_sealed = %(secrets_sealed)s
    WHERE contract_id = %(contract_id)s
      AND closed_at IS NOT NULL
"""


def reopen(conn: db.Conn, contract_id: str, *, secrets_sealed: bytes) -> None:
    """Have a login that was closed stand again, for what was booked under it; what else it holds is for `put`."""
    db.run(conn, REOPEN, contract_id=contract_id, secrets_sealed=secrets_sealed)


# A shop's own before those for all shops, and whoever ships for it before its merchant.
USABLE = f"""
    SELECT {COLUMNS}
    FROM contracts
    CROSS JOIN (
        SELECT account_id AS merchant, coalesce(warehouse_account_id, account_id) AS shipper
        FROM tenants
        WHERE tenant_id = %(tenant_id)s
    ) AS whose
    WHERE closed_at IS NULL
      AND (tenant_id = %(tenant_id)s OR tenant_id IS NULL)
      AND account_id IN (merchant, shipper)
    ORDER BY carrier, tenant_id IS NULL, account_id <> shipper
"""  # noqa: S608  # a constant


def usable(conn: db.Conn, tenant_id: TenantId) -> dict[str, Contract]:
    """Return the login that counts for each carrier this shop can ship with."""
    found: dict[str, Contract] = {}
    for row in db.rows(conn, USABLE, tenant_id=tenant_id):
        found.setdefault(row["carrier"], _contract(row))
    return found


REACHABLE = """
    SELECT contract_id
    FROM contracts
    CROSS JOIN (
        SELECT account_id AS merchant, coalesce(warehouse_account_id, account_id) AS shipper
        FROM tenants
        WHERE tenant_id = %(tenant_id)s
    ) AS whose
    WHERE (tenant_id = %(tenant_id)s OR tenant_id IS NULL)
      AND account_id IN (merchant, shipper)
"""


def reachable(conn: db.Conn, tenant_id: TenantId) -> list[str]:
    """Return every login something of the shop's may hang under, whether it counts by now or not."""
    return [row["contract_id"] for row in db.rows(conn, REACHABLE, tenant_id=tenant_id)]


def answering(conn: db.Conn, tenant_id: TenantId, contract_id: str, carrier: str) -> Contract | None:
    """Return the login to ask about what was made under one: that one, or what stands in for it once it is gone."""
    own = one(conn, contract_id)
    return own if own and own.secrets_sealed is not None else usable(conn, tenant_id).get(carrier)


OF_ACCOUNT = f"""
    SELECT {COLUMNS}
    FROM contracts
    WHERE account_id = %(account_id)s
      AND closed_at IS NULL
    ORDER BY carrier, tenant_id NULLS FIRST
"""  # noqa: S608  # a constant


def of_account(conn: db.Conn, account_id: str) -> list[Contract]:
    """Return the logins of an account, as far as the transaction sees them."""
    return [_contract(row) for row in db.rows(conn, OF_ACCOUNT, account_id=account_id)]


# Two joins by one column each, as an account is merchant here and warehouse there: either of two columns is a loop.
HOLDERS = """
    WITH mine AS (
        SELECT contracts.carrier, contracts.contract_id, contracts.account_id, contracts.tenant_id, contracts.created_at
        FROM contracts
        LEFT JOIN breakers ON breakers.contract_id = contracts.contract_id AND breakers.lane = %(lane)s
        WHERE contracts.carrier = ANY (%(carriers)s)
          AND contracts.closed_at IS NULL
          AND coalesce(breakers.rests_until, '-infinity') <= %(now)s
    ), whose AS (
        SELECT mine.carrier, mine.contract_id, mine.created_at, mine.tenant_id AS only_for, tenants.tenant_id
        FROM mine
        JOIN tenants ON tenants.account_id = mine.account_id AND tenants.state = 'active'
        UNION ALL
        SELECT mine.carrier, mine.contract_id, mine.created_at, mine.tenant_id, tenants.tenant_id
        FROM mine
        JOIN tenants ON tenants.warehouse_account_id = mine.account_id AND tenants.state = 'active'
    )
    SELECT DISTINCT ON (carrier) carrier, contract_id, tenant_id
    FROM whose
    WHERE coalesce(only_for, tenant_id) = tenant_id
    ORDER BY carrier, created_at, contract_id, tenant_id
"""


@dataclass(frozen=True)
class Holder:
    """A shop that can ask a carrier, and the login it does so with."""

    contract_id: str
    tenant_id: TenantId


def holders(conn: db.Conn, carriers: Sequence[str], lane: Lane, *, now: datetime) -> dict[str, Holder]:
    """Return for each carrier the oldest login that does not rest and an active shop it is for, over every tenant."""
    found = db.rows(conn, HOLDERS, carriers=list(carriers), lane=lane.value, now=now)
    return {row["carrier"]: Holder(row["contract_id"], row["tenant_id"]) for row in found}


ONE = f"""
    SELECT {COLUMNS}
    FROM contracts
    WHERE contract_id = %(contract_id)s
"""  # noqa: S608  # a constant


def one(conn: db.Conn, contract_id: str) -> Contract | None:
    """Return a login, also one that was closed: its secrets are gone then."""
    row = db.one(conn, ONE, contract_id=contract_id)
    return _contract(row) if row else None


TAKE_SERIALS = """
    UPDATE contracts
    SET next_serial = next_serial + %(count)s
    WHERE contract_id = %(contract_id)s
      AND next_serial + %(count)s - 1 <= last_serial
    RETURNING next_serial - %(count)s AS first
"""


def take_serials(conn: db.Conn, contract_id: str, *, count: int) -> int | None:
    """Take so many numbers of the account's row, for good, and return the first; None: they are used up."""
    row = db.one(conn, TAKE_SERIALS, contract_id=contract_id, count=count)
    return row["first"] if row else None


NEXT_SERIAL = """
    SELECT next_serial
    FROM contracts
    WHERE contract_id = %(contract_id)s
"""


def next_serial(conn: db.Conn, contract_id: str) -> int | None:
    """Return where a login stands in its row of numbers; None: it has none."""
    row = db.one(conn, NEXT_SERIAL, contract_id=contract_id)
    return row["next_serial"] if row else None


CARRIERS = """
    SELECT DISTINCT carrier
    FROM contracts
    WHERE closed_at IS NULL
"""


def carriers(conn: db.Conn) -> set[str]:
    """Return the carriers anybody has a login with."""
    return {row["carrier"] for row in db.rows(conn, CARRIERS)}


def _contract(row: db.Row) -> Contract:
    return Contract(
        contract_id=row["contract_id"],
        account_id=row["account_id"],
        tenant_id=row["tenant_id"],
        carrier=row["carrier"],
        base_url=row["base_url"],
        secrets_sealed=row["secrets_sealed"],
        given=row["given"],
        switches=frozenset(row["switches"]),
        numbered=row["numbered"],
        revision=row["revision"],
        changed_at=row["changed_at"],
        tested_at=row["tested_at"],
        test_said=row["test_said"],
    )
