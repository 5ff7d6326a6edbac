"""The shops we serve: one tenant per `token`, its state, its sealed credentials, its minute of the day.

A shop is known by its `token`, not by its address (docs/upgates.md T1). Ask `access` to call it, `fence` to believe it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service import db
from service.kit import ids
from service.kit.seal import Seal, SealBroken
from service.lanes import TenantId
from service.tenants.held import hold as hold
from service.tenants.held import hold_all as hold_all
from service.tenants.held import how_many as how_many
from service.tenants.held import let_go as let_go
from service.tenants.held import next_held as next_held
from service.tenants.held import refused as refused
from service.tenants.held import refused_since as refused_since
from service.tenants.places import give_slot as give_slot
from service.tenants.places import schedule as schedule
from service.tenants.places import sweep_due as sweep_due
from service.tenants.places import swept as swept

OWNS = ("tenants",)


class CallTooOld(Exception):
    """A signed call is older than the last one we accepted from this shop: somebody replays it (2.2)."""


class State(StrEnum):
    """What a tenant may do: an active one is called and heard, the others are neither."""

    ACTIVE = "active"
    SUSPENDED = "suspended"  # credentials were rejected; a signed installation or a person wakes it (1.2, T8a)
    HELD = "held"  # the add-on is blocked at all shops; let go when the block has ended (2.7)
    DISMISSED = "dismissed"  # uninstalled: credentials are erased, what was mirrored stays


class Change(StrEnum):
    """What an installation meant for the tenant; the names are those of the journal."""

    INSTALLED = "installed"
    REINSTALLED = "reinstalled"  # it had been dismissed
    RESUMED = "resumed"  # it had been suspended or held
    RENEWED = "renewed"  # it was active and has other credentials now
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Credentials:
    """What a shop hands over so that we may call it (docs/upgates.md 2.3); `api_url` is allowed and normalised."""

    api_url: str
    api_user: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Access:
    """What a call to the shop needs; of a dismissed tenant user and key are empty."""

    state: State
    api_url: str
    api_user: str = field(repr=False)
    api_key_sealed: bytes = field(repr=False)
    credentials_revision: int
    doubted: bool  # no call has succeeded yet with these credentials
    generation: int


@dataclass(frozen=True)
class Tenant:
    """A tenant as people see it."""

    tenant_id: TenantId
    state: State
    state_why: str | None
    generation: int
    version: str | None
    shop_name: str | None
    slot_minute: int | None
    account_id: str | None
    warehouse_account_id: str | None
    installed_at: datetime
    dismissed_at: datetime | None


ADD = """
    INSERT INTO tenants (tenant_id, token, state, api_url, installed_at, lifecycle_time)
    VALUES (%(tenant_id)s, %(token)s, 'active', %(api_url)s, %(now)s, %(time)s)
    ON CONFLICT (token) DO NOTHING
"""

LOCK = """
    SELECT tenant_id, state, api_url, api_user, api_key_sealed, lifecycle_time
    FROM tenants
    WHERE token = %(token)s
    FOR UPDATE
"""

# The generation stays: `dismiss` alone counts it up. The webhooks of a shop that never left are still good hints (3.2).
ENTRUST = """
    UPDATE tenants
    SET state = 'active',
        state_why = NULL,
        installed_at = CASE WHEN state = 'dismissed' THEN %(now)s ELSE installed_at END,
        dismissed_at = NULL,
        api_url = %(api_url)s,
        api_user = %(api_user)s,
        api_key_sealed = %(api_key_sealed)s,
        credentials_revision = credentials_revision + 1,
        doubted = true
    WHERE tenant_id = %(tenant_id)s
"""


def admit(
    conn: db.Conn, token: str, credentials: Credentials, *, time: datetime, seal: Seal, now: datetime
) -> tuple[TenantId, Change]:
    """Take a signed installation in and say what it changed; ten at once are one tenant.

    Credentials are compared open: two seals of one secret differ. Any change counts the revision up, so that a 401
    under way for older ones suspends nobody. Raise CallTooOld for a replay.
    """
    fresh, row = False, None
    while row is None:  # an old row of the shop may be erased while we wait for it: then there is room for a new one
        new = {"tenant_id": ids.fresh("t"), "api_url": credentials.api_url, "now": now, "time": time}
        fresh = db.run(conn, ADD, token=token, **new) == 1
        row = _locked(conn, token)
    _in_order(row, time)
    change = Change.INSTALLED if fresh else _change(row, credentials, seal)
    if change is not Change.UNCHANGED:
        _entrust(conn, row["tenant_id"], credentials, seal=seal, now=now)
    return row["tenant_id"], change


def renew(conn: db.Conn, tenant_id: TenantId, credentials: Credentials, *, seal: Seal, now: datetime) -> Change:
    """Replace the credentials of a tenant that is not dismissed when they differ (docs/upgates.md 2.6)."""
    row = db.one(conn, HELD, tenant_id=tenant_id)
    if row is None or row["state"] == State.DISMISSED:
        return Change.UNCHANGED
    change = _change(row, credentials, seal)
    if change is not Change.UNCHANGED:
        _entrust(conn, tenant_id, credentials, seal=seal, now=now)
    return change


def _change(row: db.Row, credentials: Credentials, seal: Seal) -> Change:
    if row["state"] == State.DISMISSED:
        return Change.REINSTALLED
    if row["state"] in (State.SUSPENDED, State.HELD):
        return Change.RESUMED
    known = (row["api_url"], row["api_user"], _opened(row["api_key_sealed"], seal))
    given = (credentials.api_url, credentials.api_user, credentials.api_key)
    return Change.UNCHANGED if known == given else Change.RENEWED


def _opened(sealed: bytes | None, seal: Seal) -> str | None:
    try:
        return seal.open(sealed) if sealed else None
    except SealBroken:  # sealed with a key that is gone: what the shop hands over now is the cure
        return None


def _entrust(conn: db.Conn, tenant_id: TenantId, credentials: Credentials, *, seal: Seal, now: datetime) -> None:
    db.run(
        conn,
        ENTRUST,
        tenant_id=tenant_id,
        api_url=credentials.api_url,
        api_user=credentials.api_user,
        api_key_sealed=seal.close(credentials.api_key),
        now=now,
    )


def called(conn: db.Conn, token: str, *, time: datetime, refuse_older: bool) -> Tenant | None:
    """Lock the tenant a signed call speaks of until the transaction ends; None when we do not know it.

    Raise CallTooOld when the call is older than the last one accepted and that matters for what it asks.
    """
    row = _locked(conn, token)
    if row is None:
        return None
    if refuse_older:
        _in_order(row, time)
    return of(conn, row["tenant_id"])


def _locked(conn: db.Conn, token: str) -> db.Row | None:
    return db.one(conn, LOCK, token=token)


def _in_order(row: db.Row, time: datetime) -> None:
    if row["lifecycle_time"] and time < row["lifecycle_time"]:
        raise CallTooOld


NOTE = """
    UPDATE tenants
    SET lifecycle_time = GREATEST(lifecycle_time, %(time)s),
        version = COALESCE(%(version)s, version),
        admin_language = COALESCE(%(language)s, admin_language)
    WHERE tenant_id = %(tenant_id)s
"""


def note(conn: db.Conn, tenant_id: TenantId, *, time: datetime, version: str | None, language: str | None) -> None:
    """Remember the time of an accepted call, and what it said about version and language (unsigned hints, T6)."""
    db.run(conn, NOTE, tenant_id=tenant_id, time=time, version=version, language=language)


DISMISS = """
    UPDATE tenants
    SET state = 'dismissed',
        state_why = NULL,
        dismissed_at = %(now)s,
        generation = generation + 1,
        api_user = NULL,
        api_key_sealed = NULL,
        doubted = true
    WHERE tenant_id = %(tenant_id)s
      AND state <> 'dismissed'
"""


def dismiss(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> bool:
    """Erase the credentials and let every webhook URL of the shop go stale; False when that was done before (2.5)."""
    return db.run(conn, DISMISS, tenant_id=tenant_id, now=now) == 1


HELD = """
    SELECT state, api_url, api_user, api_key_sealed, credentials_revision, doubted, generation
    FROM tenants
    WHERE tenant_id = %(tenant_id)s
"""


def access(conn: db.Conn, tenant_id: TenantId) -> Access | None:
    """Return how to call the shop, whatever its state; None when there is no such tenant."""
    row = db.one(conn, HELD, tenant_id=tenant_id)
    if row is None:
        return None
    return Access(
        state=State(row["state"]),
        api_url=row["api_url"],
        api_user=row["api_user"] or "",
        api_key_sealed=row["api_key_sealed"] or b"",
        credentials_revision=row["credentials_revision"],
        doubted=row["doubted"],
        generation=row["generation"],
    )


# FOR SHARE: an uninstallation waits for whoever believes the fence, and forgets afterwards what that one noted.
FENCE = "SELECT state, generation FROM tenants WHERE tenant_id = %(tenant_id)s FOR SHARE"


def fence(conn: db.Conn, tenant_id: TenantId) -> tuple[State, int]:
    """Return state and generation; a tenant we do not know counts as dismissed in generation 0."""
    row = db.one(conn, FENCE, tenant_id=tenant_id)
    return (State(row["state"]), row["generation"]) if row else (State.DISMISSED, 0)


def has_left(conn: db.Conn, tenant_id: TenantId) -> bool:
    """Say whether the shop was uninstalled and did not come back; without the fence, so that nobody waits."""
    tenant = of(conn, tenant_id)
    return tenant is not None and tenant.state is State.DISMISSED


SUSPEND = """
    UPDATE tenants
    SET state = 'suspended', state_why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND state = 'active'
      AND credentials_revision = %(credentials_revision)s
"""


def suspend(conn: db.Conn, tenant_id: TenantId, *, why: str, credentials_revision: int) -> bool:
    """Stop all calls to a shop that rejected these credentials; False when it has others by now (1.2)."""
    return db.run(conn, SUSPEND, tenant_id=tenant_id, why=why, credentials_revision=credentials_revision) == 1


RESUME = """
    UPDATE tenants SET state = 'active', state_why = NULL, doubted = true
    WHERE tenant_id = %(tenant_id)s AND state IN ('suspended', 'held')
"""


def resume(conn: db.Conn, tenant_id: TenantId) -> bool:
    """Let a suspended or held shop be called again with the credentials it has: a block keeps them (T8a)."""
    return db.run(conn, RESUME, tenant_id=tenant_id) == 1


TRUST = """
    UPDATE tenants
    SET doubted = false
    WHERE tenant_id = %(tenant_id)s
      AND credentials_revision = %(credentials_revision)s
      AND doubted
"""


def trust(conn: db.Conn, tenant_id: TenantId, *, credentials_revision: int) -> bool:
    """Note that the shop took these credentials."""
    return db.run(conn, TRUST, tenant_id=tenant_id, credentials_revision=credentials_revision) == 1


DOUBT = "UPDATE tenants SET doubted = true WHERE tenant_id = %(tenant_id)s"


def doubt(conn: db.Conn, tenant_id: TenantId) -> None:
    """Trust the credentials no more until a call succeeds: the activation alone may try them, with care (1.2)."""
    db.run(conn, DOUBT, tenant_id=tenant_id)


MOVED = """
    UPDATE tenants SET api_url = %(api_url)s
    WHERE tenant_id = %(tenant_id)s AND state <> 'dismissed' AND api_url <> %(api_url)s
"""


def moved(conn: db.Conn, tenant_id: TenantId, *, api_url: str) -> bool:
    """Follow the shop to another server (R10); the caller has checked the address."""
    return db.run(conn, MOVED, tenant_id=tenant_id, api_url=api_url) == 1


RENAME = "UPDATE tenants SET shop_name = %(shop_name)s WHERE tenant_id = %(tenant_id)s"
PAIR = "UPDATE tenants SET account_id = %(account_id)s WHERE tenant_id = %(tenant_id)s"
SHIP_FROM = "UPDATE tenants SET warehouse_account_id = %(account_id)s WHERE tenant_id = %(tenant_id)s"


def rename(conn: db.Conn, tenant_id: TenantId, *, shop_name: str | None) -> None:
    """Give the shop its display name: the domain of its default language (4.12)."""
    db.run(conn, RENAME, tenant_id=tenant_id, shop_name=shop_name)


def pair(conn: db.Conn, tenant_id: TenantId, *, account_id: str) -> None:
    """Hang the shop on a merchant's account."""
    db.run(conn, PAIR, tenant_id=tenant_id, account_id=account_id)


def ship_from(conn: db.Conn, tenant_id: TenantId, *, account_id: str | None) -> None:
    """Hang the shop on the account of the warehouse that ships for it; None takes it away."""
    db.run(conn, SHIP_FROM, tenant_id=tenant_id, account_id=account_id)


ACCOUNT = "SELECT account_id FROM tenants WHERE tenant_id = %(tenant_id)s FOR UPDATE"


def account_of(conn: db.Conn, tenant_id: TenantId) -> str | None:
    """Return the merchant's account and hold it until the transaction ends: one shop is paired by one at a time."""
    row = db.one(conn, ACCOUNT, tenant_id=tenant_id)
    return row["account_id"] if row else None


SEEN = """
    SELECT tenant_id, state, state_why, generation, version, shop_name, slot_minute, account_id,
           warehouse_account_id, installed_at, dismissed_at
    FROM tenants
"""


def of(conn: db.Conn, tenant_id: TenantId) -> Tenant | None:
    """Return a tenant as people see it."""
    row = db.one(conn, SEEN + " WHERE tenant_id = %(tenant_id)s", tenant_id=tenant_id)
    return _seen(row) if row else None


def everyone(conn: db.Conn) -> list[Tenant]:
    """Return all tenants, the oldest first."""
    return [_seen(row) for row in db.rows(conn, SEEN + " ORDER BY installed_at, tenant_id")]


def _seen(row: db.Row) -> Tenant:
    seen: db.Row = {**row, "state": State(row["state"])}
    return Tenant(**seen)


LANGUAGE = "SELECT admin_language FROM tenants WHERE tenant_id = %(tenant_id)s"


def language(conn: db.Conn, tenant_id: TenantId) -> str | None:
    """Return the language in which somebody last came from the shop's admin."""
    row = db.one(conn, LANGUAGE, tenant_id=tenant_id)
    return row["admin_language"] if row else None
