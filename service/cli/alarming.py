"""The commands about alarms: who is told, for how long nobody is, who sees to what, and which orders do not move."""

import argparse
from collections.abc import Callable
from datetime import datetime, timedelta

from service import accounts, db, outbox, tenants, words
from service.alarms import Channel, Kind, Pace, Wishes, channels, merchants, owed, silence
from service.cli.plain import OK, Commands, add, fail, say
from service.flows import arrange
from service.flows.arrange import ArrangementRefused
from service.kit.clock import PRAGUE
from service.outbox import Stuck, Where
from service.problems import Cause
from service.rig import Rig
from service.steps.daily import why_in_words
from service.tenants import State
from service.words import Language

OPERATOR = "operator"
USUAL = "usual"
ON = {"on": True, "off": False}
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

Run = Callable[[Rig, argparse.Namespace], int]


def add_commands(commands: Commands) -> None:
    """Add `alarms` with its acts, and `stuck`."""
    top = add(commands, "alarms", show, "who is told of problems, what he is still to be told, and the silences")
    acts = top.add_subparsers(metavar="ACT")
    new = _act(acts, "add", open_channel, "tell somebody: the operators, or an account of its shops")
    new.add_argument("kind", choices=[kind.value for kind in Kind])
    new.add_argument("address", help="an e-mail address, or the https URL of a webhook")
    new.add_argument("--account", help="whose shops it is told of; all when left out")
    new.add_argument("--language", choices=[each.value for each in Language], default=Language.EN.value)
    _act(acts, "remove", close_channel, "tell a channel nothing any more").add_argument("channel")
    pace = _act(acts, "pace", set_pace, "how soon a channel hears of a cause")
    pace.add_argument("channel")
    pace.add_argument("cause", type=Cause)
    pace.add_argument("pace", choices=[*(each.value for each in Pace), USUAL])
    mute = _act(acts, "mute", begin_silence, "silence a channel, a shop, a cause, or what of them is named")
    mute.add_argument("lasts", type=lasts, metavar="FOR", help="how long: 30m, 4h, 2d")
    mute.add_argument("--channel")
    mute.add_argument("--tenant")
    mute.add_argument("--cause", type=Cause)
    _act(acts, "unmute", end_silence, "end a silence now").add_argument("silence", type=int)
    take = _act(acts, "take", hand_over, "say who sees to a problem: nobody is reminded of it any more")
    take.add_argument("tenant")
    take.add_argument("cause", type=Cause)
    take.add_argument("who")
    take.add_argument("--note", help="what is known; no personal data of customers")
    back = _act(acts, "give-back", give_back, "nobody sees to a problem any more")
    back.add_argument("tenant")
    back.add_argument("cause", type=Cause)
    mails = _act(acts, "mails", set_mails, "which mails a shop's merchant gets; shows what stands")
    mails.add_argument("tenant")
    mails.add_argument("--daily", choices=list(ON))
    mails.add_argument("--urgent", choices=list(ON))
    found = add(commands, "stuck", show_stuck, "orders that do not move: where they stand, for how long, and why")
    found.add_argument("tenant", nargs="?")


def _act(acts: Commands, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    def calmly(tools: Rig, arguments: argparse.Namespace) -> int:
        try:
            return run(tools, arguments)
        except ArrangementRefused as refused:
            return fail(str(refused))

    command = add(acts, name, calmly, about)
    command.add_argument("--by", default=OPERATOR, help="who does this, for the journal")
    return command


def lasts(text: str) -> timedelta:
    """Return how long `30m`, `4h` or `2d` is; raise ValueError for anything else."""
    found = int(text[:-1]) * UNITS[text[-1]] if text[-1:] in UNITS else timedelta(0)
    if not timedelta(0) < found <= timedelta(days=366):
        raise ValueError("say 30m, 4h or 2d")
    return found


def show(tools: Rig, _: argparse.Namespace) -> int:
    """Print every channel with what it is owed and why it fails, and the silences that last."""
    with tools.db.tx_all("a channel is told of many shops") as conn:
        found = channels.everyone(conn)
        for channel in found:
            show_channel(conn, channel)
        for each in silence.standing(conn, now=tools.now()):
            about = " ".join(part for part in (each.channel_id, each.tenant_id, each.cause) if part)
            say(f"silence {each.silence_id}", about, f"until {local(each.until)}", f"by {each.made_by}")
    say_deaf(tools, found)
    return OK


def show_channel(conn: db.Conn, channel: Channel) -> None:
    """Print one channel; a webhook's path may be a secret of its host and is left out."""
    count, since = owed.debt(conn, channel.channel_id)
    waits = f"owed {count}, the oldest since {local(since)}" if since else "owed nothing"
    last = f"told {local(channel.sent_at)}" if channel.sent_at else "never told"
    say(channel.channel_id, channel.kind, place_of(channel), channel.account_id or "operators", last, waits)
    for cause, pace in sorted(channel.paces.items()):
        say("   ", cause, pace)
    if channel.failing_since:
        say("   ", f"fails since {local(channel.failing_since)}, {channel.tries} tries:", channel.why)


def place_of(channel: Channel) -> str:
    """Return where a channel leads, as far as it may be shown."""
    if channel.address is None:
        return "the merchant's own e-mail"
    return channel.address if channel.kind is Kind.MAIL else channel.address.split("/")[2]


def say_deaf(tools: Rig, found: list[Channel]) -> None:
    """Say when nobody will be told of alarms."""
    mails = tools.settings.smtp_url is not None
    ours = [each for each in found if each.account_id is None and (mails or each.kind is Kind.WEBHOOK)]
    if not ours:
        say("NOBODY", "is told of alarms: `alarms add mail|webhook ADDRESS` names somebody")
    if not mails:
        say("NO MAIL", "leaves, merchants' neither: SMTP_URL is not set")


def local(at: datetime) -> str:
    """Return a time as Prague's clock shows it."""
    return f"{at.astimezone(PRAGUE):%F %H:%M}"


def check_told(tools: Rig) -> None:
    """Say for `check` whether anybody is told of alarms."""
    with tools.db.tx_all("a channel is told of many shops") as conn:
        found = channels.everyone(conn)
    say_deaf(tools, found)


def open_channel(tools: Rig, arguments: argparse.Namespace) -> int:
    """Open a channel; print its id and the secret of a webhook, which cannot be shown again."""
    kind, account = Kind(arguments.kind), arguments.account
    added = arrange.add(
        tools, kind, arguments.address, account_id=account, language=arguments.language, by=arguments.by
    )
    say(added.channel_id)
    if added.secret:
        say("secret", added.secret)
    return OK


def close_channel(tools: Rig, arguments: argparse.Namespace) -> int:
    """Close a channel."""
    arrange.close(tools, arguments.channel, by=arguments.by)
    say("removed", arguments.channel)
    return OK


def set_pace(tools: Rig, arguments: argparse.Namespace) -> int:
    """Change how soon a channel hears of a cause."""
    pace = None if arguments.pace == USUAL else Pace(arguments.pace)
    arrange.set_pace(tools, arguments.channel, arguments.cause, pace, by=arguments.by)
    say(arguments.channel, arguments.cause, arguments.pace)
    return OK


def begin_silence(tools: Rig, arguments: argparse.Namespace) -> int:
    """Begin a silence and print its number."""
    until = tools.now() + arguments.lasts
    named = {"channel_id": arguments.channel, "tenant_id": arguments.tenant, "cause": arguments.cause}
    number = arrange.mute(tools, **named, until=until, by=arguments.by)
    say(f"silence {number}", f"until {local(until)}")
    return OK


def end_silence(tools: Rig, arguments: argparse.Namespace) -> int:
    """End a silence."""
    arrange.unmute(tools, arguments.silence, by=arguments.by)
    say("ended", arguments.silence)
    return OK


def hand_over(tools: Rig, arguments: argparse.Namespace) -> int:
    """Put a problem into somebody's hands."""
    taken = {"who": arguments.who, "note": arguments.note}
    count = arrange.take(tools, arguments.tenant, arguments.cause, **taken, by=arguments.by)
    say(arguments.who, "sees to", arguments.cause, f"({count})")
    return OK


def give_back(tools: Rig, arguments: argparse.Namespace) -> int:
    """Take a problem out of everybody's hands."""
    arrange.take(tools, arguments.tenant, arguments.cause, who=None, note=None, by=arguments.by)
    say("nobody sees to", arguments.cause)
    return OK


def set_mails(tools: Rig, arguments: argparse.Namespace) -> int:
    """Change which mails a merchant gets, and print what stands."""
    with tools.db.tx(arguments.tenant) as conn:
        stood = merchants.wishes(conn, arguments.tenant)
    wanted = Wishes(ON.get(arguments.daily, stood.daily), ON.get(arguments.urgent, stood.urgent))
    arrange.wish(tools, arguments.tenant, wanted, by=arguments.by)
    say("daily", "on" if wanted.daily else "off", "urgent", "on" if wanted.urgent else "off")
    return OK


def show_stuck(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print what stands still: of one tenant, or of all; the oldest of each place first."""
    with tools.db.tx_all("an operator looks for stuck orders of any shop") as conn:
        active = [each.tenant_id for each in tenants.everyone(conn) if each.state is not State.DISMISSED]
    now = tools.now()
    for tenant_id in [arguments.tenant] if arguments.tenant else active:
        with tools.db.tx(tenant_id) as conn:
            found = outbox.stuck(conn, tenant_id, before=now, now=now, acks=accounts.has_wms(conn, tenant_id))
        for where, heap in found.items():
            say(tenant_id, words.EN[f"stuck_{where}"], heap.count)
            for each in heap.oldest:
                show_order(where, each, now=now)
            if heap.count > len(heap.oldest):
                say("   ", words.EN["mail_more"].format(count=heap.count - len(heap.oldest)))
    return OK


def show_order(where: Where, each: Stuck, *, now: datetime) -> None:
    """Print one order that stands still."""
    why = why_in_words(where, each, words.EN)
    say("   ", each.order_number, words.age(each.since, words.EN, now=now), *([why] if why else []))
