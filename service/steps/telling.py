"""From problems to alarms: what each channel is to be told of a shop, weighed whenever one of its problems moves."""

from datetime import UTC, datetime, timedelta

from service import accounts, alarms, db, problems, tenants
from service.alarms import Channel, Kind, Owed, Standing, Terms, channels, merchants, owed
from service.kit import slots
from service.lanes import TenantId
from service.problems import Cause
from service.rig import Rig
from service.steps import urgency
from service.tenants import State, Tenant

OPERATORS_MORNING = 7 * slots.HOUR_M


def weigh(conn: db.Conn, tenant_id: TenantId, *, mails: bool, now: datetime) -> int:
    """Weigh what is new about a shop's problems; return how many alarms moved. `mails`: mails can be sent at all."""
    owed.alone(conn, tenant_id)
    news = problems.take_news(conn, tenant_id)
    tenant = tenants.of(conn, tenant_id)
    if not news or tenant is None:
        return 0
    if mails:
        _open_own(conn, tenant, now=now)
    known = owed.of(conn, tenant_id)
    moved: list[Owed] = []
    for channel in channels.concerned(conn, accounts_of(tenant)):
        for each in news:
            before = known.get((channel.channel_id, each.cause.value))
            standing = Standing(each.open_since, each.taken, each.passed_since)
            after = alarms.moved(before, standing, terms(conn, channel, tenant, each.cause, now=now), now=now)
            if after is not None and after != before:
                moved.append(Owed(channel.channel_id, tenant_id, each.cause.value, after))
    owed.put(conn, moved)
    return len(moved)


def anew(rig: Rig, tenant_id: TenantId) -> None:
    """Let who hears of a shop since now hear of what stands there already.

    In a transaction of its own, after the one that let him: it waits for whoever weighs, and must hold nothing then.
    """
    with rig.db.tx(tenant_id) as conn:
        problems.tell_anew(conn, now=rig.now(), tenant_id=tenant_id)


def plan_daily(conn: db.Conn, tenant_id: TenantId, *, now: datetime) -> None:
    """Plan the merchant's daily mails, if they are not: the first one is that of the next morning."""
    tenant = tenants.of(conn, tenant_id)
    if tenant is not None and tenant.state is not State.DISMISSED:
        merchants.plan(conn, tenant_id, due_at=next_morning(tenant, now=now))


def terms(conn: db.Conn, channel: Channel, tenant: Tenant, cause: Cause, *, now: datetime) -> Terms:
    """Return how a channel hears of a cause at a shop; of one that left it hears nothing more."""
    wishes = merchants.wishes(conn, tenant.tenant_id)
    return Terms(
        pace=urgency.pace(channel, cause, wishes) if concerns(channel, tenant) else alarms.Pace.NEVER,
        next_hour=next_hour(now),
        next_morning=next_morning(tenant if channel.account_id else None, now=now),
        begins_only=channel.own_mail,
    )


def concerns(channel: Channel, tenant: Tenant) -> bool:
    """Say whether a shop is one a channel may hear of."""
    ours = channel.account_id is None or channel.account_id in accounts_of(tenant)
    return ours and tenant.state is not State.DISMISSED


def next_hour(now: datetime) -> datetime:
    """Return the beginning of the next hour."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def next_morning(tenant: Tenant | None, *, now: datetime) -> datetime:
    """Return the next morning in Prague, at the shop's own minute or, of the operators, at seven; always after now."""
    minute = slots.morning(tenant.slot_minute) if tenant else OPERATORS_MORNING
    return slots.next_at(minute, now + timedelta(minutes=1))


def accounts_of(tenant: Tenant) -> list[str]:
    """Return the accounts a shop hangs on: its merchant's, and that of the warehouse that ships for it."""
    return [account for account in (tenant.account_id, tenant.warehouse_account_id) if account]


def _open_own(conn: db.Conn, tenant: Tenant, *, now: datetime) -> None:
    """Open the merchant's own mail as a channel; its address and language stand with account and shop."""
    account = accounts.of(conn, tenant.account_id) if tenant.account_id else None
    if account and account.person.email:
        channels.add(
            conn, Kind.MAIL, account_id=account.account_id, address=None, secret_sealed=None, language="", now=now
        )
