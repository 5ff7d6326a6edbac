"""The commands about going live: what releases orders, what we write, what waits for a person."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service import blocks, db, mappings, problems, tenants
from service.alarms import silence
from service.cli.plain import MISUSED, OK, Commands, add, fail, say
from service.flows import mapping, release
from service.flows.mapping import MappingRefused
from service.flows.release import ReleaseRefused
from service.kit.clock import PRAGUE
from service.mappings import Given, Milestone, Target, Tracking
from service.problems import Cause
from service.rig import Rig
from service.steps import statuses
from service.tenants import State

OPERATOR = "operator"
NONE = "none"
ON, OFF = "on", "off"

WHAT_TO_DO: Mapping[Cause, str] = {
    Cause.STATUS_NEW: "decide whether the new status releases orders, and save the mapping",
    Cause.STATUS_RENAMED: "check that the renamed status still means the same, and save the mapping",
    Cause.STATUS_GONE: "choose another status instead of the deleted one, and save the mapping",
    Cause.WRITE_REFUSED: "look at the order in the shop's admin; `retry` writes it again",
    Cause.SILENT_DROP: "set in the shop's admin what it lacks (see `order`): it took ours and shows something else",
    Cause.WEBHOOKS_SILENT: "see in the shop's admin whether its webhooks are active; `looks` says what was lost",
    Cause.NO_ECHO: "nothing, unless the shop's webhooks are expected to tell of our writes",
    Cause.OVERRULED: "nothing, if the shop's own status is the right one",
    Cause.VOIDED_AFTER_WRITTEN: "set the order right in the shop's admin: it shows what the warehouse took back",
    Cause.SHIPPED_THOUGH_HELD: "talk to the warehouse: the parcel left although the order was stopped or held",
    Cause.CANCELLED_AFTER_SHIPPED: "stop or fetch the parcel: the order was cancelled after it had left",
    Cause.NOT_ACKED: "call the warehouse: it does not fetch released orders, or does not acknowledge them; see `stuck`",
    Cause.NOT_CONFIRMED: "see `stuck` and `parked`: what was shipped does not reach the shop",
    Cause.LABEL_REFUSED: "correct what the booking says of the parcel, and book it again",
    Cause.LABEL_UNCLEAR: "look for the parcel at the carrier by its reference; book it again only if it is not there",
    Cause.LABEL_NOT_TAKEN_BACK: "make sure that the parcel did not leave, and confirm the cancellation",
    Cause.PARCEL_STRAY: "make sure that no parcel of these numbers left, then say `parcel-stopped TENANT ORDER`",
    Cause.HANDOVER_DUE: "have the merchant hand the parcels over on the page To pack, or the warehouse by its system",
    Cause.HANDOVER_PARKED: "see what the carrier has; then hand over anew or let it be, by the page or docs/wms.md",
    Cause.CARRIER_DOWN: "nothing, parcels wait and go once the carrier answers; its status page says more",
    Cause.CARRIER_REFUSES: "correct the login with the carrier; see what it says",
    Cause.PARCEL_BACK: "put the goods on stock in the shop, then say `goods-back TENANT BOOKING`",
    Cause.COD_OVERDUE: "ask the carrier for the money, or read its list of payments in by `cod-import`",
    Cause.COD_DIFFERS: "hold the carrier's payment against the order; it is another sum or currency than was asked for",
    Cause.POINTS_REFUSED: "see `points-offers` for why; mend it and say `points-offer` again, or `points-withdraw`",
    Cause.CHANNEL_FAILING: "see `alarms` for which channel fails and why; correct or remove it",
    Cause.ADDON_BLOCKED: "ask UPgates why; nothing is lost meanwhile, and the end is found by itself",
}


@dataclass(frozen=True)
class Chosen:
    """A status for a milestone, or the wish to write none."""

    target: Target | None


def add_set(tenants_command: argparse.ArgumentParser) -> None:
    """Add `tenants set`."""
    inner = tenants_command.add_subparsers(metavar="set")
    about = "what releases orders, what is written, observe or live; what is not named stays; shows what stands"
    change = inner.add_parser("set", help=about, description=about)
    change.set_defaults(run=set_tenant)
    change.add_argument("tenant")
    change.add_argument("--release", type=status_ids, help="statuses that release an order: 1,7")
    for milestone in Milestone:
        option = f"--{milestone.value.replace('_', '-')}"
        change.add_argument(option, type=chosen, help="status written then: 12, 12:mail, 12:mail:sms, or none")
    change.add_argument("--from", dest="release_from", type=day, help="orders created before it are never released")
    change.add_argument("--pull-from", type=day, help="read orders back to this day; they are history")
    change.add_argument("--tracking", choices=[each.value for each in Tracking])
    change.add_argument("--cod-paid", choices=(ON, OFF), help="whether the shop is told that COD was paid out")
    mode = change.add_mutually_exclusive_group()
    mode.add_argument("--live", action="store_true", help="offer and write from now on")
    mode.add_argument("--observe", action="store_true", help="only watch")


def add_commands(commands: Commands) -> None:
    """Add the commands that stand for themselves."""
    found = add(commands, "problems", show_problems, "what a person should do something about")
    found.add_argument("tenant", nargs="?")
    by_hand = add(commands, "release", release_by_hand, "release orders the pull brought; else they are history")
    by_hand.add_argument("tenant")
    by_hand.add_argument("number", nargs="*")
    by_hand.add_argument("--open", action="store_true", help="every one whose status releases")


def status_ids(text: str) -> frozenset[int]:
    """Return the ids of `1,7`; raise ValueError when one is no number."""
    return frozenset(int(each) for each in text.split(","))


def chosen(text: str) -> Chosen:
    """Return what `12:mail:sms` or `none` says; raise ValueError when it says neither."""
    if text == NONE:
        return Chosen(None)
    status_id, *told = text.split(":")
    if not set(told) <= {"mail", "sms"}:
        raise ValueError("say ID, ID:mail, ID:sms or ID:mail:sms")
    return Chosen(Target(int(status_id), mail="mail" in told, sms="sms" in told))


def day(text: str) -> datetime:
    """Return the beginning of a day in Prague."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=PRAGUE)


def set_tenant(tools: Rig, arguments: argparse.Namespace) -> int:
    """Change the answers that were named, switch the shop when asked to, and print what stands."""
    tenant_id: str = arguments.tenant
    with tools.db.tx(tenant_id) as conn:
        given = mappings.of(conn, tenant_id)
    try:
        if changes(arguments):
            mapping.save(
                tools,
                tenant_id,
                release=given.release if arguments.release is None else arguments.release,
                targets=targets(given, arguments),
                release_from=arguments.release_from or given.release_from,
                pull_from=arguments.pull_from or given.pull_from,
                tracking=Tracking(arguments.tracking or given.tracking),
                tells_paid=arguments.cod_paid == ON if arguments.cod_paid else given.paid_since is not None,
                by=OPERATOR,
                over=given.revision,
            )
        if arguments.live:
            mapping.go_live(tools, tenant_id, by=OPERATOR)
        if arguments.observe:
            mapping.observe(tools, tenant_id, by=OPERATOR)
    except MappingRefused as refused:
        return fail(str(refused))
    show_mapping(tools, tenant_id)
    return OK


def changes(arguments: argparse.Namespace) -> bool:
    """Say whether any answer was named."""
    named = (
        arguments.release,
        arguments.release_from,
        arguments.pull_from,
        arguments.tracking,
        arguments.cod_paid,
        *answers_of(arguments).values(),
    )
    return any(each is not None for each in named)


def answers_of(arguments: argparse.Namespace) -> dict[Milestone, Chosen | None]:
    """Return what was said of each milestone; None: nothing."""
    return {milestone: getattr(arguments, milestone.value) for milestone in Milestone}


def targets(given: Given, arguments: argparse.Namespace) -> dict[Milestone, Target]:
    """Return the statuses to write: those that stood, but where something was said."""
    said = {milestone: answer for milestone, answer in answers_of(arguments).items() if answer is not None}
    stood = {milestone: target for milestone, target in given.targets.items() if milestone not in said}
    return stood | {milestone: answer.target for milestone, answer in said.items() if answer.target}


def show_mapping(tools: Rig, tenant_id: str) -> None:
    """Print what stands, and every status of the shop with what it means to us."""
    with tools.db.tx(tenant_id) as conn:
        given = mappings.of(conn, tenant_id)
        found = statuses.listed(conn, tenant_id)
    say("live since", f"{given.live_since:%F %T}") if given.live_since else say("observed")
    say("released from", given.release_from and f"{given.release_from:%F %T}", "tracking", given.tracking)
    say("paid COD", f"told since {given.paid_since:%F %T}" if given.paid_since else "not told")
    suggested = statuses.suggested(found)
    for status_id, content in sorted(found.items()):
        means = ["releases"] if status_id in given.release else []
        for milestone, target in given.targets.items():
            if target.status_id == status_id:
                told = [word for word, yes in (("mail", target.mail), ("sms", target.sms)) if yes]
                means.append(f"written at {milestone} ({', '.join(told) or 'silently'})")
        if status_id == suggested and not given.targets:
            means.append("suggested for shipped")
        say(f"{status_id:>6}", statuses.name_of(content), ", ".join(means))


def show_problems(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print what is open: of one tenant, or of all."""
    with tools.db.tx_all("an operator looks for problems of any shop") as conn:
        show_block(conn)
        silences = silence.standing(conn, now=tools.now())
        active = [each.tenant_id for each in tenants.everyone(conn) if each.state is not State.DISMISSED]
    for tenant_id in [arguments.tenant] if arguments.tenant else active:
        with tools.db.tx(tenant_id) as conn:
            found = problems.open_ones(conn, tenant_id)
        for each in found:
            if each.cause is Cause.ADDON_BLOCKED:  # said above, of all shops
                continue
            say(tenant_id, each.cause, each.order_number, f"since {each.first_at:%F %T}", f"{each.count} times")
            say("   ", "do:", WHAT_TO_DO[each.cause])
            if each.taken_by:
                say("   ", "seen to by", each.taken_by, each.taken_note or "")
            for quiet in silences:
                if quiet.over(tenant_id, each.cause):
                    say("   ", f"silent until {quiet.until:%F %T}", f"by {quiet.made_by}")
            for status in statuses_of(each):
                say("   ", *status)
    return OK


def show_block(conn: db.Conn) -> None:
    """Print the problem that is nobody's own: the add-on is blocked at all shops."""
    block = blocks.current(conn)
    if block is None:
        return
    say("the add-on", "blocked", f"since {block.since:%F %T}", f"{tenants.how_many(conn)} shops held")
    if block.waking_since:
        say("   ", "ending:", f"{block.stride} shops more are called every minute, next at {block.next_at:%F %T}")
        return
    told = ", ".join(block.seen)
    say("   ", "do:", "ask UPgates why; nothing is lost meanwhile, and the end is found by itself")
    say("   ", f"told by {told};", f"{block.probes} probes so far, the next one at {block.next_at:%F %T}")


def statuses_of(problem: problems.Problem) -> Sequence[tuple[object, object]]:
    """Return the statuses a problem is about, id and name."""
    return [(each.get("status_id"), each.get("name")) for each in problem.detail.get("statuses", [])]


def release_by_hand(tools: Rig, arguments: argparse.Namespace) -> int:
    """Release what would be history."""
    if bool(arguments.number) == arguments.open:
        say("name orders, or say --open")
        return MISUSED
    try:
        count = release.run(tools, arguments.tenant, arguments.number or None, by=OPERATOR)
    except ReleaseRefused as refused:
        return fail(str(refused))
    say(count, "orders weighed anew; `order TENANT NUMBER` says what became of one")
    return OK
