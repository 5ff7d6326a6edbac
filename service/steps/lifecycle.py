"""A signed call of the platform, and whether it may still be heard."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from service import db, replays, tenants
from service.lanes import TenantId
from service.replays import Seen

# `time` may mean "issued at" or "valid until" (docs/upgates.md 2.2, B1), so both are taken: a moment ahead of ours is
# an expiry, one behind it an issue.
VALID_AHEAD = timedelta(hours=24)
VALID_BEHIND = timedelta(minutes=10)
REMEMBERED = VALID_AHEAD + VALID_BEHIND  # from then on no window takes the signature any more


class Endpoint(StrEnum):
    """The four doors of the platform (2.1)."""

    INSTALL = "install"
    OPEN = "open"
    UNINSTALL = "uninstall"
    VERSION = "version"


class Stale(Exception):
    """The call is signed but out of its time or used before; the message says why, for our log only."""


@dataclass(frozen=True)
class Call:
    """A call whose signature fits; version and language are not signed and only hints (T6)."""

    endpoint: Endpoint
    token: str = field(repr=False)
    time: datetime
    signature_digest: str
    version: str | None
    language: str | None


def in_window(time: datetime, now: datetime) -> bool:
    """Say whether a call of this `time` may be heard now."""
    return -VALID_BEHIND <= time - now <= VALID_AHEAD


def accept(conn: db.Conn, call: Call, *, now: datetime) -> Seen:
    """Use the signature up for this endpoint; raise Stale when it was used at another one."""
    seen = replays.accept(
        conn,
        signature_digest=call.signature_digest,
        endpoint=call.endpoint.value,
        token=call.token,
        now=now,
        window=REMEMBERED,
    )
    if seen is Seen.REPLAY_ELSEWHERE:
        raise Stale("its signature was used at another endpoint")
    return seen


def note(conn: db.Conn, tenant_id: TenantId, call: Call) -> None:
    """Remember the call's time and hints with its tenant."""
    tenants.note(conn, tenant_id, time=call.time, version=call.version, language=call.language)
