"""Somebody wants a period proven: the look that closes its gaps is asked for, and made by its lane like any other."""

from datetime import datetime

from service import inbox, journal
from service.inbox import Cause
from service.kit.spans import Span
from service.lanes import TenantId
from service.rig import Rig
from service.steps import certificate
from service.steps.certificate import LANE, Certificate
from service.tenants import State


class NotCalled(Exception):
    """The shop is not called at the moment; the message says why."""


class TooSoon(Exception):
    """A proof that somebody asked for has just ended; `until` is when the next may be asked for (R14)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"a proof has just ended; the next may be asked for at {until:%F %T} UTC")
        self.until = until


def run(rig: Rig, tenant_id: TenantId, period: Span, *, by: str, whole: bool = False) -> Certificate:
    """Ask for the look that proves what is not proven of a period; return the certificate before it.

    It states what the look costs, and so does the journal. `whole`: let it compare all orders of the mirror. Nothing is
    asked for when there is nothing to prove, nor while a look somebody asked for is under way. Raise LookupError,
    NotCalled or TooSoon.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        keep_days = rig.settings.keep_journal_days
        drawn = certificate.draw(conn, tenant_id, period, now=now, keep_days=keep_days, whole=whole)
        proving = drawn.proving
        if proving is None or proving.asked_at:
            return drawn
        if proving.state is not State.ACTIVE:
            raise NotCalled(f"{tenant_id} is {proving.state.value}: it is not called")
        if proving.not_before:
            raise TooSoon(proving.not_before)
        inbox.ask_look(conn, tenant_id, LANE, Cause.PERSON, now=now, doubted_from=proving.doubted_from)
        detail = {
            "by": by,
            "asked_for": "a proof",
            "from": period.since.isoformat(),
            "until": period.until.isoformat(),
            "calls_at_most": proving.cost.at_most,
        }
        journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PERSON, None, detail)])
    rig.wake(LANE, tenant_id)
    return drawn
