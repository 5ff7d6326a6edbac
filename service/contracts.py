"""Logins with carriers, and how each carrier does: a carrier that is down rests, and one call at a time finds its end.

A contract is an account's, for all its shops or for one of them. What is sealed is opened for one use and never shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service import db
from service.kit import canon, ids
from service.lanes import Lane, TenantId

OWNS = ("contracts", "breakers")

FIRST_REST = timedelta(seconds=5)
DOWN_MOST = timedelta(minutes=2)  # a carrier that is back is found within it
BROWN_MOST = timedelta(minutes=15)  # one that answers, but makes nothing, costs a parcel in doubt each time
PROBE_S = 60  # whoever asks whether it is back has this long


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

PUT = f"""
    INSERT INTO contracts (contract_id, account_id, tenant_id, carrier, base_url, secrets_sealed, given, switches,
        next_serial, last_serial, created_at, changed_at)
    VALUES (%(contract_id)s, %(account_id)s, %(tenant_id)s, %(carrier)s, %(base_url)s, %(secrets_sealed)s,
        %(given)s::jsonb, %(switches)s, %(next_serial)s, %(last_serial)s, %(now)s, %(now)s)
    ON CONFLICT (account_id, tenant_id, carrier) WHERE closed_at IS NULL DO UPDATE SET
        base_url = excluded.base_url,
        secrets_sealed = excluded.secrets_sealed,
        given = excluded.given,
        switches = excluded.switches,
        next_serial = coalesce(excluded.next_serial, contracts.next_serial),
        last_serial = coalesce(excluded.last_serial, contracts.last_serial),
        revision = contracts.revision + 1,
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
    db.run(conn, FORGET, contract_id=found.contract_id)
    return found


FORGET = "DELETE FROM breakers WHERE contract_id = %(contract_id)s"

TESTED = """
    UPDATE contracts
    SET tested_at = %(now)s, test_said = %(said)s
    WHERE contract_id = %(contract_id)s
      AND revision = %(revision)s
"""

TRY_NOW = """
    UPDATE breakers
    SET rests_until = %(now)s
    WHERE contract_id = %(contract_id)s
      AND rests_until > %(now)s
"""


def tested(conn: db.Conn, contract: Contract, *, said: str, lets_in: bool, now: datetime) -> None:
    """Note what a carrier said to a login; where it lets us in, whoever waits may ask now, one call at first."""
    db.run(conn, TESTED, contract_id=contract.contract_id, revision=contract.revision, said=said, now=now)
    if lets_in:
        db.run(conn, TRY_NOW, contract_id=contract.contract_id, now=now)


CLOSE = """
    UPDATE contracts
    SET closed_at = %(now)s, secrets_sealed = NULL
    WHERE contract_id = %(contract_id)s
      AND closed_at IS NULL
"""


def close(conn: db.Conn, contract_id: str, *, now: datetime) -> bool:
    """Forget a login; what was booked under it cannot be asked for any more. False: there is none."""
    return db.run(conn, CLOSE, contract_id=contract_id, now=now) == 1


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


@dataclass(frozen=True)
class Breaker:
    """How a carrier does under a contract: failures in a row, and until when nothing is asked."""

    tries: int
    failing_since: datetime | None
    rests_until: datetime | None
    why: str | None


GATE = """
    SELECT tries, failing_since, rests_until, why
    FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
    FOR UPDATE
"""

PROBE = """
    UPDATE breakers
    SET rests_until = %(until)s
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
"""


def gate(conn: db.Conn, contract_id: str, lane: Lane, *, now: datetime) -> Breaker | None:
    """Return how a carrier does when it may be asked now; None while it rests.

    After failures whoever is let through is the only one for a minute: he finds out whether it is back.
    """
    row = db.one(conn, GATE, contract_id=contract_id, lane=lane.value)
    found = Breaker(**row) if row else Breaker(0, None, None, None)
    if found.rests_until and found.rests_until > now:
        return None
    if found.tries:
        db.run(conn, PROBE, contract_id=contract_id, lane=lane.value, until=now + timedelta(seconds=PROBE_S))
    return found


STANDING = """
    SELECT contract_id, tries, failing_since, rests_until, why
    FROM breakers
    WHERE lane = %(lane)s
      AND contract_id = ANY (%(contract_ids)s)
"""


def standing(conn: db.Conn, contract_ids: Sequence[str], lane: Lane) -> dict[str, Breaker]:
    """Return how carriers do that failed lately, by contract."""
    found = db.rows(conn, STANDING, contract_ids=list(contract_ids), lane=lane.value)
    return {row.pop("contract_id"): Breaker(**row) for row in found}


REST = """
    INSERT INTO breakers (contract_id, lane, tries, failing_since, rests_until, why)
    VALUES (%(contract_id)s, %(lane)s, %(failed)s::integer, %(since)s, %(until)s, %(why)s)
    ON CONFLICT (contract_id, lane) DO UPDATE SET
        tries = least(breakers.tries + %(failed)s::integer, 1000),
        failing_since = coalesce(breakers.failing_since, excluded.failing_since),
        rests_until = greatest(breakers.rests_until, excluded.rests_until),
        why = excluded.why
"""


def rest(conn: db.Conn, contract_id: str, lane: Lane, *, until: datetime, why: str) -> None:
    """Ask nothing before then: the carrier said so, and is well otherwise."""
    params = {"contract_id": contract_id, "lane": lane.value, "until": until, "why": why}
    db.run(conn, REST, failed=0, since=None, **params)


FAILED = """
    SELECT tries
    FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
    FOR UPDATE
"""


def failed(  # whose, where, and how long it rests at most
    conn: db.Conn, contract_id: str, lane: Lane, *, why: str, now: datetime, most: timedelta = DOWN_MOST
) -> int:
    """Count a failure and let the carrier rest, ever longer up to `most`; return how many there were in a row."""
    row = db.one(conn, FAILED, contract_id=contract_id, lane=lane.value)
    tries = row["tries"] if row else 0
    params = {"contract_id": contract_id, "lane": lane.value, "until": now + pause(tries, most), "why": why}
    db.run(conn, REST, failed=1, since=now, **params)
    return tries + 1


def pause(tries: int, most: timedelta) -> timedelta:
    """Return how long a carrier rests after so many earlier failures: 5 s doubled each time."""
    return min(FIRST_REST * 2 ** min(tries, 16), most)


def worked(conn: db.Conn, contract_id: str, lane: Lane) -> bool:
    """Note that the carrier answers; say whether it had failed before."""
    return db.run(conn, WORKED, contract_id=contract_id, lane=lane.value) == 1


WORKED = """
    DELETE FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND tries > 0
"""


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
