"""What a person arranges about alarms: who is told how, for how long nobody is, who sees to a problem.

Each act stands in the journal of every shop it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service import accounts, db, journal, problems, tenants
from service.alarms import Channel, Kind, Pace, Wishes, channels, merchants, silence
from service.kit import ids
from service.lanes import TenantId
from service.post import PostRefused, hook, mail
from service.problems import Cause
from service.rig import Rig
from service.steps import telling
from service.tenants import State, Tenant

WHY = "a channel is told of many shops"


class ArrangementRefused(Exception):
    """It cannot be arranged like this; the message says what to change."""


@dataclass(frozen=True)
class Added:
    """A new channel; the secret of a webhook is there in this moment only."""

    channel_id: str
    secret: str | None = field(default=None, repr=False)


def add(rig: Rig, kind: Kind, address: str, *, account_id: str | None, language: str, by: str) -> Added:
    """Open a channel and let it be told of all that is open; raise ArrangementRefused when its address is none."""
    secret = _checked(rig, kind, address)
    sealed = rig.settings.seal.close(secret) if secret else None
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        if account_id is not None and accounts.of(conn, account_id) is None:
            raise ArrangementRefused(f"there is no account {account_id}; `accounts` lists them")
        channel_id = channels.add(
            conn,
            kind,
            account_id=account_id,
            address=address,
            secret_sealed=sealed,
            language=language,
            now=now,
        )
        problems.tell_anew(conn, now=now)
        detail = {"act": "channel added", "channel": channel_id, "kind": kind.value}
        _note(conn, _about(conn, account_id=account_id), detail, by=by, now=now)
    return Added(channel_id, secret)


def _checked(rig: Rig, kind: Kind, address: str) -> str | None:
    """Return the secret of a webhook; raise ArrangementRefused for an address that can be none."""
    if kind is Kind.MAIL:
        if not mail.is_address(address):
            raise ArrangementRefused("this is no e-mail address")
        return None
    try:
        hook.allowed(address, rig.settings.alarm_hosts)
    except PostRefused as refused:
        raise ArrangementRefused(refused.why) from None
    return ids.secret()


def close(rig: Rig, channel_id: str, *, by: str) -> None:
    """Tell a channel nothing any more; raise ArrangementRefused when there is none of this id."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        channel = _channel(conn, channel_id)
        if not channels.close(conn, channel_id, now=now):
            raise ArrangementRefused(f"{channel_id} is a merchant's own mail: `alarms mails` switches it off per shop")
        detail = {"act": "channel removed", "channel": channel_id}
        _note(conn, _about(conn, account_id=channel.account_id), detail, by=by, now=now)
    with rig.db.tx_all(WHY) as conn:  # whoever weighs locks problems before alarms, and we hold alarms until here
        problems.tell_anew(conn, now=now)  # a channel that failed may have been the only one


def set_pace(rig: Rig, channel_id: str, cause: Cause, pace: Pace | None, *, by: str) -> None:
    """Say how soon a channel hears of a cause; None: as everybody. What is owed already keeps its time."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        channel = _channel(conn, channel_id)
        if channel.own_mail:
            raise ArrangementRefused(f"{channel_id} is a merchant's own mail: it is told at once of what is urgent")
        channels.set_pace(conn, channel_id, cause.value, pace)
        problems.tell_anew(conn, now=now)
        detail = {"act": "pace", "channel": channel_id, "cause": cause.value, "pace": pace or "as usual"}
        _note(conn, _about(conn, account_id=channel.account_id), detail, by=by, now=now)


def mute(
    rig: Rig, *, channel_id: str | None, tenant_id: TenantId | None, cause: Cause | None, until: datetime, by: str
) -> int:
    """Begin a silence and return its number; raise ArrangementRefused when nothing is named or it is over already."""
    now = rig.now()
    if not (channel_id or tenant_id or cause):
        raise ArrangementRefused("name a channel, a shop or a cause: silence over everything hides everything")
    if until <= now:
        raise ArrangementRefused("this silence would be over already")
    with rig.db.tx_all(WHY) as conn:
        account_id = _channel(conn, channel_id).account_id if channel_id else None
        named = {"channel_id": channel_id, "tenant_id": tenant_id, "cause": cause and cause.value}
        number = silence.make(conn, **named, until=until, by=by, now=now)
        detail = {"act": "silence", "silence": number, "until": until.isoformat(), **_said(named)}
        _note(conn, _about(conn, account_id=account_id, tenant_id=tenant_id), detail, by=by, now=now)
    return number


def unmute(rig: Rig, silence_id: int, *, by: str) -> None:
    """End a silence before its time; raise ArrangementRefused when there is none of this number."""
    now = rig.now()
    with rig.db.tx_all(WHY) as conn:
        ended = silence.end(conn, silence_id, by=by, now=now)
        if ended is None:
            raise ArrangementRefused(f"there is no silence {silence_id}; `alarms` lists them")
        channel = channels.of(conn, ended.channel_id) if ended.channel_id else None
        about = _about(conn, account_id=channel.account_id if channel else None, tenant_id=ended.tenant_id)
        _note(conn, about, {"act": "silence ended", "silence": silence_id}, by=by, now=now)


def take(rig: Rig, tenant_id: TenantId, cause: Cause, *, who: str | None, note: str | None, by: str) -> int:
    """Put the open problems of a cause into somebody's hands (None: nobody's any more); return how many they are.

    Nobody is reminded of them as long as somebody sees to them.
    """
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        count = problems.take(conn, tenant_id, cause, by=who, note=note, now=now)
        if not count:
            raise ArrangementRefused(f"{tenant_id} has no open problem {cause}; `problems` lists them")
        detail = {"act": "taken" if who else "given back", "cause": cause.value, **_said({"who": who, "note": note})}
        _note(conn, [tenant_id], detail, by=by, now=now)
    return count


def wish(rig: Rig, tenant_id: TenantId, wishes: Wishes, *, by: str) -> None:
    """Keep which of our mails a merchant wants."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        shop = tenants.of(conn, tenant_id)
        if shop is None or merchants.wishes(conn, tenant_id) == wishes:
            return
        merchants.wish(conn, tenant_id, wishes, due_at=telling.next_morning(shop, now=now))
        problems.tell_anew(conn, now=now, tenant_id=tenant_id)
        detail = {"act": "mails", "daily": wishes.daily, "urgent": wishes.urgent}
        _note(conn, [tenant_id], detail, by=by, now=now)


def _channel(conn: db.Conn, channel_id: str) -> Channel:
    found = channels.of(conn, channel_id)
    if found is None:
        raise ArrangementRefused(f"there is no channel {channel_id}; `alarms` lists them")
    return found


def _about(conn: db.Conn, *, account_id: str | None = None, tenant_id: TenantId | None = None) -> list[TenantId]:
    """Return the shops an act is about: one, those of an account, or all."""
    if tenant_id is not None:
        return [tenant_id]
    with_us = [shop for shop in tenants.everyone(conn) if shop.state is not State.DISMISSED]
    return [shop.tenant_id for shop in with_us if account_id is None or _hangs_on(shop, account_id)]


def _hangs_on(shop: Tenant, account_id: str) -> bool:
    return account_id in telling.accounts_of(shop)


def _said(named: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in named.items() if value is not None}


def _note(conn: db.Conn, shops: list[TenantId], detail: Mapping[str, object], *, by: str, now: datetime) -> None:
    for tenant_id in shops:
        entry = journal.Entry(now, journal.Kind.PERSON, None, {"by": by, **detail})
        journal.write(conn, tenant_id, [entry])
