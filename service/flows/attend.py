"""The receiver says that it lives, and which webhooks it did not take; what may be lost with them is looked at."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from service import inbox, tenants
from service.inbox import Cause
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.tenants import State

AT_ONCE, APART = 5, timedelta(seconds=10)  # so many shops at once after an outage of ours
RESENT_BY_THEN = timedelta(minutes=10)  # a refused webhook comes again after five (docs/upgates.md 3.2)

Refused = Mapping[tuple[TenantId, Lane], datetime]


def run(rig: Rig, refused: Refused, *, here_since: datetime | None = None) -> None:
    """Note that a web process lives, and let every shop be looked at when none did for five minutes.

    `refused`: whose webhooks were answered 503 or not at all, of which lane, and since when. They are sent again; a
    look that finds nothing else costs one call. `here_since`: since when this process has taken all that came, None
    when nobody knows; while it did and only the database was away, nothing was lost.
    """
    now = rig.now()
    with rig.db.tx_all("the receiver says that it lives") as conn:
        if inbox.beat(conn, now=now, here_since=here_since):
            active = [each.tenant_id for each in tenants.everyone(conn) if each.state is State.ACTIVE]
            for place, tenant_id in enumerate(active):  # in waves, or an outage of ours would end with a rush
                tenants.swept(conn, tenant_id, due_at=now + place // AT_ONCE * APART)
    for (tenant_id, lane), since in refused.items():
        with rig.db.tx(tenant_id) as conn:
            state, _ = tenants.fence(conn, tenant_id)
            if state is not State.DISMISSED:
                inbox.ask_look(
                    conn, tenant_id, lane, Cause.REFUSED, now=now, doubted_from=since, due_at=now + RESENT_BY_THEN
                )
