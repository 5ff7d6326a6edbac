"""Tell people: weigh what is new about a shop's problems, then one message to one channel, or the daily mail.

Costs the shop no call. A channel is claimed before it is told and what it was told is written down afterwards: who dies
in between tells operators twice, with the same key. A daily mail is written down before: it is never sent twice.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from service import accounts, alarms, db, journal, problems, tenants
from service.alarms import Channel, Kind, Owed, Owes, channels, merchants, owed, silence
from service.kit import backoff
from service.kit.clock import PRAGUE
from service.kit.seal import SealBroken
from service.lanes import TenantId
from service.post import PostRefused, PostTrouble, hook, mail
from service.problems import Cause
from service.rig import Rig
from service.steps import daily, letters, telling
from service.tenants import State, Tenant

log = logging.getLogger(__name__)

WHY = "a channel is told of many shops at once"
DAY_BREAKS_AT = time(6)  # Prague: what is overdue then, as after an outage, waits for the morning that comes
GIVE_UP_AT = time(12)  # a daily mail that did not leave by then has missed its day
NO_SERVER = "SMTP_URL is not set: no mail can be sent"
NO_ADDRESS = "the account has no e-mail"


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Return how many alarms were told; the daily mail counts as one."""
    with rig.db.tx_all(WHY) as conn:
        telling.weigh(conn, tenant_id, mails=rig.settings.smtp_url is not None, now=rig.now())
    settle_failing(rig)
    told = tell(rig, tenant_id)
    return send_daily(rig, tenant_id) if told is None else told  # never both: a mail server may take its time


def tell(rig: Rig, tenant_id: TenantId) -> int | None:
    """Tell one channel that is owed something about this shop everything it is owed now; None: there is none."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        taken = channels.claim(conn, tenant_id, now=now, until=now + timedelta(seconds=rig.settings.lease_s))
        if taken is None:
            return None
        channel, claim = taken
        due = audible(conn, channel, now=now)
        if not due:
            channels.free(conn, channel.channel_id, claim)
            return None
        message = letters.compose(conn, channel, due, footer=footer(rig), now=now)
        address = address_of(conn, channel)
    try:
        deliver(rig, channel, address, message, now=now)
    except PostTrouble as trouble:
        missed(rig, tenant_id, channel, claim, trouble)
        return 0
    record(rig, channel, claim, due)
    settle_failing(rig)
    return len(due)


def audible(conn: db.Conn, channel: Channel, *, now: datetime) -> list[Owed]:
    """Return what a channel is to be told now.

    A silence holds back until its end. Of a shop that left us, or left the channel's account, nothing is told any more.
    """
    silences = silence.standing(conn, now=now)
    due: list[Owed] = []
    quiet: list[Owed] = []
    for each in owed.due(conn, channel.channel_id, now=now):
        until = silence.until(silences, each)
        tenant = tenants.of(conn, each.tenant_id)
        if tenant is None or not telling.concerns(channel, tenant):
            quiet.append(moved_to(each, alarms.forgotten(each.alarm, now)))
        elif until:
            quiet.append(moved_to(each, alarms.put_off(each.alarm, until)))
        else:
            due.append(each)
    owed.put(conn, quiet)
    return due


def moved_to(each: Owed, alarm: alarms.Alarm) -> Owed:
    """Return an alarm as it is now."""
    return Owed(each.channel_id, each.tenant_id, each.cause, alarm)


def footer(rig: Rig) -> str:
    """Return who says all this."""
    return f"{rig.settings.addon}, {rig.settings.public_url}"


def address_of(conn: db.Conn, channel: Channel) -> str | None:
    """Return where a channel is told: an account's own e-mail is that of now."""
    if channel.address or not channel.account_id:
        return channel.address
    account = accounts.of(conn, channel.account_id)
    return account.person.email if account else None


def deliver(rig: Rig, channel: Channel, address: str | None, message: letters.Message, *, now: datetime) -> None:
    """Send a message; raise a PostTrouble when it did not arrive, or nobody knows."""
    if address is None:
        raise PostRefused(NO_ADDRESS)
    if channel.kind is Kind.MAIL:
        send_mail(rig, address, message.subject, message.text, message.html, key=message.key)
        return
    try:
        secret = rig.settings.seal.open(channel.secret_sealed or b"")
    except SealBroken as broken:
        raise PostRefused(str(broken)) from None
    hook.post(address, message.told, secret=secret, hosts=rig.settings.alarm_hosts, now=now)


def send_mail(rig: Rig, to: str, subject: str, text: str, html: str, *, key: str) -> None:
    """Send a mail by the server of the settings; raise a PostTrouble."""
    settings = rig.settings
    if settings.smtp_url is None:
        raise PostRefused(NO_SERVER)
    sender = settings.mail_from or settings.support_email
    server = mail.server(settings.smtp_url.get_secret_value(), sender=sender, name=settings.addon)
    mail.send(server, mail.Letter(to, subject, text, html, key), now=rig.now())


def missed(rig: Rig, tenant_id: TenantId, channel: Channel, claim: str, trouble: PostTrouble) -> None:
    """Put the channel off; when that lasts, it is a problem of its own."""
    now = rig.now()
    log.warning("channel %s was not told: %s", channel.channel_id, trouble.why)
    with rig.db.tx_all(WHY) as conn:
        if channels.missed(conn, channel, claim, why=trouble.why, now=now):
            detail = {"channel": channel.channel_id}
            problems.note(conn, tenant_id, Cause.CHANNEL_FAILING, now=now, detail=detail)


def record(rig: Rig, channel: Channel, claim: str, due: Sequence[Owed]) -> None:
    """Write down what the channel knows now; what moved meanwhile keeps what that asks for."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        if not channels.reached(conn, channel.channel_id, claim, now=now):
            return  # our lease was over: another worker has told it once more, and writes that down
        standing = owed.again(conn, channel.channel_id, [each.tenant_id for each in due])
        shops = {each.tenant_id: tenants.of(conn, each.tenant_id) for each in due}
        in_hands = {tenant_id: problems.in_hands(conn, tenant_id) for tenant_id in shops}
        moved: list[Owed] = []
        for each in due:
            cause, shop = Cause(each.cause), shops[each.tenant_id]
            alarm = standing.get((each.tenant_id, each.cause))
            if alarm and shop:
                terms = telling.terms(conn, channel, shop, cause, now=now)
                taken = cause in in_hands[each.tenant_id]
                moved.append(moved_to(each, alarms.told(alarm, each.alarm, terms, taken=taken, now=now)))
                write_down(conn, channel, each, now=now)
        owed.put(conn, moved)


def settle_failing(rig: Rig) -> None:
    """Close the problem of channels that fail when none does: each was reached, or is owed nothing any more.

    In a transaction of its own: whoever weighs locks problems before alarms.
    """
    with rig.db.tx_all(WHY) as conn:
        if not channels.failing(conn, now=rig.now()):
            problems.over(conn, Cause.CHANNEL_FAILING, now=rig.now())


def write_down(conn: db.Conn, channel: Channel, each: Owed, *, now: datetime) -> None:
    """Note in the shop's journal that somebody was told; a daily reminder is no news."""
    if each.alarm.owes is not Owes.STILL:
        detail = {"channel": channel.channel_id, "cause": each.cause, "state": each.alarm.owes}
        journal.write(conn, each.tenant_id, [journal.Entry(now, journal.Kind.ALARM, None, detail)])


def send_daily(rig: Rig, tenant_id: TenantId) -> int:
    """Send the merchant's mail of this morning when it is due and there is something to say."""
    now = rig.now()
    local = now.astimezone(PRAGUE)
    with rig.db.tx_all(WHY) as conn:
        shop = tenants.of(conn, tenant_id)
        if shop is None or shop.state is State.DISMISSED:
            return 0
        next_at = telling.next_morning(shop, now=now)
        if not DAY_BREAKS_AT <= local.time() < GIVE_UP_AT:
            merchants.skip(conn, tenant_id, next_at=next_at, now=now)
            return 0
        tries = merchants.claim(conn, tenant_id, day=local.date(), next_at=next_at, now=now)
        to = None if tries is None else merchant_of(conn, shop)
        if tries is None or to is None or rig.settings.smtp_url is None:
            return 0
        support = (rig.settings.support_phone, rig.settings.support_email)
        found = daily.compose(conn, tenant_id, support=support, now=now)
    if found is None:
        return 0
    try:
        send_mail(rig, to, found.subject, found.text, found.html, key=f"{tenant_id}.{local:%Y-%m-%d}")
    except PostTrouble as trouble:
        daily_missed(rig, tenant_id, trouble, tries=tries)
        return 0
    with rig.db.tx(tenant_id) as conn:
        merchants.sent(conn, tenant_id, now=rig.now())
        detail = {"daily": local.date().isoformat()}
        journal.write(conn, tenant_id, [journal.Entry(rig.now(), journal.Kind.ALARM, None, detail)])
    return 1


def merchant_of(conn: db.Conn, shop: Tenant) -> str | None:
    """Return the merchant's e-mail."""
    account = accounts.of(conn, shop.account_id) if shop.account_id else None
    return account.person.email if account else None


def daily_missed(rig: Rig, tenant_id: TenantId, trouble: PostTrouble, *, tries: int) -> None:
    """Try again until noon what was put off; what may have left, or was refused, is not sent again."""
    now = rig.now()
    again_at = backoff.after(now, tries)
    late = again_at.astimezone(PRAGUE).time() >= GIVE_UP_AT
    refused = isinstance(trouble, PostRefused)
    log.warning("the daily mail of %s did not leave: %s", tenant_id, trouble.why)
    with rig.db.tx(tenant_id) as conn:
        why = trouble.why
        merchants.missed(conn, tenant_id, why=why, again_at=None if trouble.unclear or late or refused else again_at)
