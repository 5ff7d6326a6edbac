"""What makes us doubt that a shop told us everything, beyond what its deliveries say: our own absence, and its silence.

Costs the shop nothing; what is asked for here are a look and, on this evidence, its list of webhooks (R12, R29).
"""

from datetime import datetime, timedelta

from service import activations, db, inbox, journal, problems, tenants
from service.inbox import Cause, Silence
from service.kit import slots
from service.lanes import LOOKED_AT, Lane, TenantId, lane_of
from service.rig import Rig

AT_ONCE, APART = 5, timedelta(seconds=10)  # so many shops at once when all are looked at
WEEK = timedelta(days=7)


def weigh(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> set[Lane]:
    """Ask for the looks there is a cause for; return whose turn it is."""
    state, _ = tenants.fence(conn, tenant_id)
    if state is not tenants.State.ACTIVE:
        return set()
    inbox.forget_heard(conn, tenant_id, now=now)
    return after_an_outage(conn, tenant_id, now=now) | in_silence(conn, tenant_id, now=now)


def after_an_outage(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> set[Lane]:
    """Look at a shop once after each time in which our receiver was away."""
    tenant = tenants.of(conn, tenant_id)
    if tenant is None:
        return set()
    asked_at = inbox.last_asked(conn, tenant_id, Lane.REFRESH_ORDERS, cause=Cause.OUTAGE)
    outage = inbox.away_after(conn, max(asked_at or tenant.installed_at, tenant.installed_at, now - WEEK))
    if outage is None:
        return set()
    for lane in LOOKED_AT:
        inbox.ask_look(conn, tenant_id, lane, Cause.OUTAGE, now=now, doubted_from=outage.began_at)
    return {*LOOKED_AT, *check_webhooks(conn, tenant_id, why="our receiver was away", now=now)}


def in_silence(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> set[Lane]:
    """Look at a shop that is silent beyond its rhythm at once, at one that says nothing at all once a week.

    While we are the ones who do not hear, nothing is said of its silence.
    """
    deaf = inbox.is_away(conn, now=now) or inbox.are_waiting(conn, tenant_id, LOOKED_AT)
    since = listening_since(conn, tenant_id, now=now)
    silences = [] if deaf else inbox.silences(conn, tenant_id, now=now, listening_since=since)
    if not (silences or deaf):
        problems.settle(conn, tenant_id, problems.Cause.WEBHOOKS_SILENT, now=now)
    news = [each for each in silences if is_news(conn, tenant_id, each)]
    if news:
        return alarm(conn, tenant_id, news, now=now)
    asked_at = inbox.last_asked(conn, tenant_id, Lane.REFRESH_ORDERS, cause=None)
    tenant = tenants.of(conn, tenant_id)
    known = [at for at in (inbox.heard_at(conn, tenant_id), asked_at, tenant and tenant.installed_at) if at]
    if max(known, default=now) > now - WEEK:
        return set()
    # Nothing urgent: it is done at the shop's own minute of the day (R15).
    due_at = slots.next_at(tenant.slot_minute if tenant else None, now)
    inbox.ask_look(conn, tenant_id, Lane.REFRESH_ORDERS, Cause.SILENCE, now=now, doubted_from=max(known), due_at=due_at)
    return set()


def listening_since(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> datetime | None:
    """Return since when our receiver is there and the shop's access is not blocked, as far as they ever were not."""
    outage = inbox.away_after(conn, now - WEEK)
    returned_at = inbox.last_asked(conn, tenant_id, Lane.REFRESH_ORDERS, cause=Cause.RETURNED)
    return max((at for at in (outage and outage.ended_at, returned_at) if at), default=None)


def is_news(conn: db.Conn, tenant_id: TenantId, silence: Silence) -> bool:
    """Say whether nobody has looked for this silence yet."""
    lane = lane_of(silence.event)
    if lane is None or lane not in LOOKED_AT:
        return False
    asked_at = inbox.last_asked(conn, tenant_id, lane, cause=Cause.SILENCE)
    return asked_at is None or asked_at < silence.since


def alarm(conn: db.Conn, tenant_id: TenantId, silences: list[Silence], *, now: datetime) -> set[Lane]:
    """Tell a person, look at the shop, and ask for its webhooks."""
    events = sorted(each.event for each in silences)
    detail = {"events": events, "heard_at": min(each.heard_at for each in silences).isoformat()}
    problems.note(conn, tenant_id, problems.Cause.WEBHOOKS_SILENT, now=now, detail=detail)
    journal.write(conn, tenant_id, [journal.Entry(now, journal.Kind.PROBLEM, None, {"silent": events})])
    lanes: set[Lane] = set()
    for each in silences:
        if lane := lane_of(each.event):
            inbox.ask_look(conn, tenant_id, lane, Cause.SILENCE, now=now, doubted_from=each.heard_at)
            lanes.add(lane)
    return lanes | check_webhooks(conn, tenant_id, why="webhooks are silent", now=now)


def check_webhooks(conn: db.Conn, tenant_id: TenantId, *, why: str, now: datetime) -> set[Lane]:
    """Ask for the shop's webhooks on this evidence, at most once an hour; return whose turn it is."""
    asked = activations.check_webhooks(conn, tenant_id, why=why, now=now)
    return {Lane.ACTIVATE} if asked else set()


def look_everywhere(rig: Rig, cause: Cause, *, doubted_from: datetime) -> None:
    """Let every shop that is with us be looked at, in waves: what was lost may be anybody's. Done twice it is once."""
    now = rig.now()
    with rig.db.tx_all("what was lost may be of any shop") as conn:
        ours = [each.tenant_id for each in tenants.everyone(conn) if each.state is not tenants.State.DISMISSED]
    for place, tenant_id in enumerate(ours):
        due_at = now + place // AT_ONCE * APART
        with rig.db.tx(tenant_id) as conn:
            state, _ = tenants.fence(conn, tenant_id)
            if state is not tenants.State.DISMISSED:
                for lane in LOOKED_AT:
                    inbox.ask_look(conn, tenant_id, lane, cause, now=now, doubted_from=doubted_from, due_at=due_at)
