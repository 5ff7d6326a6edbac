"""What becomes of a step of the activation when the shop did not do its part."""

from datetime import datetime, timedelta

from psycopg import Rollback

from service import activations, db, journal, tenants
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
    """Put the step off as the trouble demands, or end it with its reason for a person to read.

    Somebody who took the step over meanwhile decides about it; then nothing happens here.
    """
    until = due_again(trouble, tries=claimed.tries, now=now)
    busy = isinstance(trouble, PlatformBusy)
    why = None if busy else str(trouble)
    with conn.transaction() as all_of_it:
        if isinstance(trouble, CredentialsRejected):  # before the step, in the order in which an uninstallation locks
            tenants.doubt(conn, tenant_id)
        if not activations.put_off(conn, tenant_id, claimed, until=until, why=why, failed=not busy):
            raise Rollback(all_of_it)
        if until is None:
            detail = {"step": claimed.step.value, "why": why}
            journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, None, detail)])


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
