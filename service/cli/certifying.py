"""The command about a period: whether we know everything of it, and what was lost."""

import argparse
import json
from collections.abc import Iterator
from datetime import datetime

from service.cli.again import moment
from service.cli.plain import FAILED, MISUSED, OK, Commands, add, fail, say
from service.flows import certify
from service.kit import clock
from service.rig import Rig
from service.steps import certificate, proof
from service.steps.certificate import Certificate, Counted, Missing, Proving
from service.steps.proof import NoPeriod, Verdict, Why

OPERATOR = "operator"
BECAUSE = {
    Why.BEFORE_US: "before the shop's first pull: nobody told us of changes",
    Why.AGED: "what looks found then is not kept any more (KEEP_JOURNAL_DAYS)",
    Why.NOT_LOOKED: "no look covers it",
}


def add_commands(commands: Commands) -> None:
    """Add `certificate`."""
    command = add(
        commands, "certificate", certify_period, "whether we know everything a shop changed in a period; costs no call"
    )
    command.add_argument("tenant")
    command.add_argument("--from", dest="since", type=moment, required=True, help="2026-03-01 or 2026-03-01T12:30")
    command.add_argument("--to", dest="until", type=moment, required=True, help="the first moment left out")
    command.add_argument("--json", action="store_true", help="print the document (docs/wms.md)")
    command.add_argument("--prove", action="store_true", help="ask for the look that proves what is not proven")
    command.add_argument("--whole", action="store_true", help="let the proof compare all orders, also deleted old ones")


def certify_period(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the certificate; exit with 0 when it is complete or its proof is on the way."""
    try:
        period = proof.period(arguments.since, arguments.until, now=tools.now())
    except NoPeriod as fault:
        say(f"--{fault.field}: {fault}")
        return MISUSED
    if arguments.prove:
        try:
            drawn = certify.run(tools, arguments.tenant, period, by=OPERATOR, whole=arguments.whole)
        except (certify.NotCalled, certify.TooSoon) as refused:
            return fail(str(refused))
    else:
        with tools.db.tx(arguments.tenant) as conn:
            now, keep_days = tools.now(), tools.settings.keep_journal_days
            drawn = certificate.draw(
                conn, arguments.tenant, period, now=now, keep_days=keep_days, whole=arguments.whole
            )
    if arguments.json:
        say(json.dumps(certificate.document(drawn), ensure_ascii=False, indent=2))
    else:
        for words in told(drawn, asked=arguments.prove):
            say(*words)
    on_the_way = arguments.prove and drawn.proving is not None
    return OK if drawn.verdict is Verdict.COMPLETE or on_the_way else FAILED


def told(drawn: Certificate, *, asked: bool) -> Iterator[tuple[object, ...]]:
    """Return the certificate line by line: the verdict first, then what it rests on."""
    yield drawn.verdict.upper(), drawn.tenant_id, f"{shown(drawn.period.since)} to {shown(drawn.period.until)}"
    for gap in drawn.gaps:
        yield "not proven", f"{shown(gap.span.since)} to {shown(gap.span.until)}", BECAUSE[gap.why]
    if drawn.proving:
        yield from told_of_proving(drawn.proving, asked=asked)
    for each in drawn.missing:
        yield told_of(each)
    if drawn.nameless:
        yield "unreadable", f"{drawn.nameless} orders of the shop's list have no number that can be read"
    for loss in drawn.undecided:
        yield "may still be told", loss.order_number, f"changed {shown(loss.changed_at)}, shortly before the look"
    for loss in drawn.late:
        yield "told late", loss.order_number, f"found {shown(loss.found_at)}, told {shown(loss.told_at)}"
    yield from told_of_evidence(drawn)


def told_of_evidence(drawn: Certificate) -> Iterator[tuple[object, ...]]:
    """Return what the verdict rests on, and what it cannot say."""
    yield "arrived", counted(drawn.arrived)
    yield "calls", counted(drawn.calls)
    yield "read", counted(drawn.taken)
    if listing := drawn.proves_until:
        yield "listed", f"{listing.listed} changes since {shown(listing.covers_from)}, at {shown(listing.covers_until)}"
    for walk in certificate.looks_of(drawn.looks):
        ids, causes = ",".join(map(str, walk["ids"])), ",".join(walk["because"])
        proves = f"proves {walk['proves']['from']} to {walk['proves']['to']}"
        yield "look", ids, causes, proves, f"{walk['calls']} calls", f"{walk['found']} found"
    for outage in drawn.outages:
        yield "outage of ours", f"{shown(outage.began_at)} to {shown(outage.ended_at)}"
    if drawn.seal:
        yield "journal", f"seal {drawn.seal.place}", drawn.seal.digest
    if not drawn.whole:
        yield "not seen", "an older order that was deleted without a word and that no warehouse may pack; see --whole"


def told_of_proving(proving: Proving, *, asked: bool) -> Iterator[tuple[object, ...]]:
    """Return what proving costs, or that it is under way."""
    yield (
        "proving",
        f"at least {proving.cost.at_least}, at most {proving.cost.at_most} calls",
        f"for {proving.orders} orders the mirror knows to be listed, and one more for each further hundred",
    )
    if proving.asked_at:
        yield "proving", f"asked for {shown(proving.asked_at)}, under way; ask for the certificate again"
    elif asked:
        yield "proving", "asked for; ask for the certificate again"
    elif proving.not_before:
        yield "proving", f"may be asked for again at {shown(proving.not_before)}"


def told_of(each: Missing) -> tuple[object, ...]:
    """Return the line of an order that was lost."""
    when = f"changed {shown(each.loss.changed_at)}" if each.loss.changed_at else ""
    certain = "" if each.share is proof.Share.CERTAIN else "perhaps not in this period"
    done = f"{each.outcome.done.value} {shown(each.outcome.at)}"
    return "missing", each.loss.order_number, each.loss.what.value, when, done, each.outcome.why or "", certain


def counted(what: Counted | None) -> str:
    """Return counts as words."""
    if what is None:
        return "not kept any more"
    words = (f"{name} {value}" for name, value in what.what.items())
    return f"since {shown(what.since)}: {', '.join(words) or 'nothing'}"


def shown(at: datetime | None) -> str:
    """Return a time of Prague."""
    return f"{at.astimezone(clock.PRAGUE):%F %T}" if at else "-"
