"""What becomes of a step of the activation when the shop did not do its part."""

from datetime import datetime, timedelta

from service import activations, db, journal
from service.activations import Claimed
from service.kit import backoff
from service.lanes import TenantId
from service.platform.errors import (
    AccessBlocked,
    CredentialsRejected,
    NotActive,
    PlatformBusy,
    PlatformError,
    PlatformUnreachable,
)

# Fresh credentials may need a moment after our answer (docs/upgates.md B5). Three bad logins in an hour are the most
# that may be risked for the address all shops share (1.2), so the third time a person must act.
PROBE_AGAIN = (timedelta(seconds=30), timedelta(minutes=5))


def take(conn: db.Conn, tenant_id: TenantId, claimed: Claimed, trouble: PlatformError, *, now: datetime) -> None:
    """Put the step off as the trouble demands, or end it with its reason for a person to read."""
    until = due_again(trouble, tries=claimed.tries, now=now)
    if until is None:
        activations.fail(conn, tenant_id, claimed, why=str(trouble))
        detail = {"step": claimed.step.value, "why": str(trouble)}
        journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, None, detail)])
        return
    busy = isinstance(trouble, PlatformBusy)
    activations.put_off(conn, tenant_id, claimed, until=until, why=None if busy else str(trouble), failed=not busy)


def due_again(trouble: PlatformError, *, tries: int, now: datetime) -> datetime | None:
    """Return when to try again after `tries` earlier failures; None when only a person can help."""
    match trouble:
        case PlatformBusy():
            return trouble.until
        case PlatformUnreachable() | NotActive() | AccessBlocked():  # the last two end with the fence, not here
            return backoff.after(now, tries)
        case CredentialsRejected() if tries < len(PROBE_AGAIN):
            return now + PROBE_AGAIN[tries]
        case _:
            return None
