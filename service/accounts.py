"""Whom we deal with: a merchant with one shop or several, a warehouse that ships for many.

Tokens hang on accounts. A token is shown once, when it is made; only its fingerprint is stored. Which shop belongs to
which account stands with the tenant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from service import db
from service.kit import ids, seal
from service.lanes import TenantId

OWNS = ("accounts", "account_tokens")


class Kind(StrEnum):
    """What an account is for."""

    MERCHANT = "merchant"
    WAREHOUSE = "warehouse"


@dataclass(frozen=True)
class Person:
    """Who an account is: taken from an entry of `/owner` or typed in."""

    name: str
    company_number: str | None = None
    vat_number: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Account:
    """An account as people see it."""

    account_id: str
    kind: Kind
    person: Person
    created_at: datetime


@dataclass(frozen=True)
class Token:
    """A token of an account; the secret is there only in the moment it is made."""

    token_id: str
    account_id: str
    label: str
    created_at: datetime
    revoked_at: datetime | None
    secret: str | None = field(default=None, repr=False)


def person_of(entry: Mapping[str, Any]) -> Person:
    """Return who an entry of `/owner` is; every field but the company may be null (docs/upgates.md 4.11)."""
    said = {key: str(value).strip() for key, value in entry.items() if value not in (None, "")}
    human = f"{said.get('firstname', '')} {said.get('surname', '')}".strip()
    return Person(
        name=said.get("company") or human or said.get("email") or "?",
        company_number=said.get("company_number"),
        vat_number=said.get("vat_number"),
        email=said.get("email"),
        phone=said.get("phone"),
    )


ADD = """
    INSERT INTO accounts (account_id, kind, name, company_number, vat_number, email, phone, created_at)
    VALUES (%(account_id)s, %(kind)s, %(name)s, %(company_number)s, %(vat_number)s, %(email)s, %(phone)s, %(now)s)
"""


def create(conn: db.Conn, kind: Kind, person: Person, *, now: datetime) -> str:
    """Open an account and return its id."""
    account_id = ids.fresh("a")
    db.run(
        conn,
        ADD,
        account_id=account_id,
        kind=kind.value,
        name=person.name,
        company_number=person.company_number,
        vat_number=person.vat_number,
        email=person.email,
        phone=person.phone,
        now=now,
    )
    return account_id


def create_merchant(conn: db.Conn, entry: Mapping[str, Any] | None, *, now: datetime) -> str:
    """Open the account of a shop's owner from an entry of `/owner`, which may be empty; return its id (R32, R34)."""
    return create(conn, Kind.MERCHANT, person_of(entry or {}), now=now)


SEEN = "SELECT account_id, kind, name, company_number, vat_number, email, phone, created_at FROM accounts"


def of(conn: db.Conn, account_id: str) -> Account | None:
    """Return an account."""
    row = db.one(conn, SEEN + " WHERE account_id = %(account_id)s", account_id=account_id)
    return _seen(row) if row else None


def everyone(conn: db.Conn) -> list[Account]:
    """Return all accounts, the oldest first."""
    return [_seen(row) for row in db.rows(conn, SEEN + " ORDER BY created_at, account_id")]


ALIKE = """
    SELECT account_id, kind, name, company_number, vat_number, email, phone, created_at
    FROM accounts
    WHERE kind = 'merchant'
      AND (company_number = %(company_number)s OR lower(email) = lower(%(email)s))
    ORDER BY created_at, account_id
"""


def alike(conn: db.Conn, person: Person) -> list[Account]:
    """Return the merchants with this company number or e-mail: candidates for pairing, for a person to decide."""
    return [_seen(row) for row in db.rows(conn, ALIKE, company_number=person.company_number, email=person.email)]


def _seen(row: db.Row) -> Account:
    person = Person(row["name"], row["company_number"], row["vat_number"], row["email"], row["phone"])
    return Account(row["account_id"], Kind(row["kind"]), person, row["created_at"])


LEFT = """
    DELETE FROM accounts
    WHERE account_id = %(account_id)s
      AND NOT EXISTS (SELECT FROM account_tokens WHERE account_tokens.account_id = accounts.account_id)
      AND NOT EXISTS (
          SELECT FROM tenants
          WHERE accounts.account_id IN (tenants.account_id, tenants.warehouse_account_id)
      )
"""


def left(conn: db.Conn, account_id: str) -> bool:
    """Close an account that a shop has just left when nothing else hangs on it; say whether it was closed."""
    return db.run(conn, LEFT, account_id=account_id) == 1


HAND_OUT = """
    INSERT INTO account_tokens (token_digest, account_id, label, created_at)
    VALUES (%(token_digest)s, %(account_id)s, %(label)s, %(now)s)
"""


def add_token(conn: db.Conn, account_id: str, *, label: str, now: datetime) -> Token:
    """Make a token; its secret is in the answer and nowhere else."""
    secret = f"{ids.fresh('k', length=6)}_{ids.secret()}"
    digest = seal.digest(secret)
    db.run(conn, HAND_OUT, token_digest=digest, account_id=account_id, label=label, now=now)
    return Token(_token_id(digest), account_id, label, now, None, secret)


TOKENS = """
    SELECT token_digest, account_id, label, created_at, revoked_at
    FROM account_tokens
    WHERE account_id = %(account_id)s
    ORDER BY created_at, token_digest
"""


def tokens(conn: db.Conn, account_id: str) -> list[Token]:
    """Return the tokens of an account, revoked ones too, without their secrets."""
    return [
        Token(_token_id(row["token_digest"]), row["account_id"], row["label"], row["created_at"], row["revoked_at"])
        for row in db.rows(conn, TOKENS, account_id=account_id)
    ]


def _token_id(digest: str) -> str:
    return digest[:12]


REVOKE = """
    UPDATE account_tokens
    SET revoked_at = %(now)s
    WHERE account_id = %(account_id)s
      AND left(token_digest, 12) = %(token_id)s
      AND revoked_at IS NULL
"""


def revoke(conn: db.Conn, account_id: str, *, token_id: str, now: datetime) -> bool:
    """Let a token open nothing any more; False when there is none of this id to revoke."""
    return db.run(conn, REVOKE, account_id=account_id, token_id=token_id, now=now) == 1


BEARER = """
    SELECT account.account_id, account.kind, account.name, account.company_number, account.vat_number, account.email,
           account.phone, account.created_at
    FROM account_tokens AS token
    JOIN accounts AS account ON account.account_id = token.account_id
    WHERE token.token_digest = %(token_digest)s
      AND token.revoked_at IS NULL
"""


def bearer(conn: db.Conn, secret: str) -> Account | None:
    """Return whose token this is; None when it is unknown or revoked."""
    row = db.one(conn, BEARER, token_digest=seal.digest(secret))
    return _seen(row) if row else None


@dataclass(frozen=True)
class Opened:
    """What a token opens: its account, and the shops that hang on it as its own or shipped by it."""

    account_id: str
    tenants: frozenset[TenantId]


# A suspended shop is one of them: what is packed already leaves, and must be told. So is one that left, until it is
# erased: its stops must be seen.
OPENS = """
    SELECT token.account_id, ARRAY(
        SELECT tenant_id
        FROM tenants
        WHERE token.account_id IN (tenants.account_id, tenants.warehouse_account_id)
    ) AS tenants
    FROM account_tokens AS token
    WHERE token.token_digest = %(token_digest)s
      AND token.revoked_at IS NULL
"""


def opens(conn: db.Conn, secret: str) -> Opened | None:
    """Return what this token opens; None when it is unknown or revoked. The transaction must see every tenant."""
    row = db.one(conn, OPENS, token_digest=seal.digest(secret))
    return Opened(row["account_id"], frozenset(row["tenants"])) if row else None


HAS_WMS = """
    SELECT
    FROM tenants
    WHERE tenant_id = %(tenant_id)s
      AND (warehouse_account_id IS NOT NULL OR account_id IN (
          SELECT account_id FROM account_tokens WHERE revoked_at IS NULL
      ))
"""


def has_wms(conn: db.Conn, tenant_id: TenantId) -> bool:
    """Say whether a WMS reads the shop: of the warehouse that ships for it, or one its merchant has a token for."""
    return db.one(conn, HAS_WMS, tenant_id=tenant_id) is not None


SHIPPER = "SELECT warehouse_account_id FROM tenants WHERE tenant_id = %(tenant_id)s"


def shipper(conn: db.Conn, tenant_id: TenantId) -> str | None:
    """Return the account of the warehouse that ships for the shop; None: its merchant ships himself."""
    row = db.one(conn, SHIPPER, tenant_id=tenant_id)
    return row["warehouse_account_id"] if row else None
