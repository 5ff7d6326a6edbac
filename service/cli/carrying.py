"""The commands about carriers: logins, how each does, entering, testing and removing one; parcels."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from service import contracts, tracking
from service.cli.alarming import OPERATOR, local
from service.cli.plain import FAILED, OK, Commands, add, fail, say
from service.contracts import Breaker, Contract
from service.flows import carriers, track
from service.flows.carriers import ChangedMeanwhile, LoginFaulty, NoAccount, NoLogin, NotLetIn
from service.lanes import Lane
from service.rig import Rig
from service.steps.logins import Entered, Said, Tested

Run = Callable[[Rig, argparse.Namespace], int]
REFUSALS: Mapping[type[Exception], str] = {
    NoAccount: "the shop has no merchant's account yet; `account-pair` gives it one",
    NoLogin: "there is no such login; `carriers TENANT` lists them",
    ChangedMeanwhile: "somebody else changed the login meanwhile; do it once more",
}


class Unreadable(Exception):
    """The file is no login."""


def add_commands(commands: Commands) -> None:
    """Add the commands about logins with carriers."""
    _add(commands, "carriers", show, "a shop's logins with carriers and how each does; no secrets")
    login = _add(commands, "carrier-login", log_in, "enter a login with a carrier, or another one")
    login.add_argument("carrier")
    login.add_argument("file", type=Path, help='JSON: {"base_url": …, "secrets": {…}, "given": {…}, "switches": […]}')
    login.add_argument("--this-shop", action="store_true", help="for this shop alone, not for all of its merchant")
    login.add_argument("--untested", action="store_true", help="keep it without asking the carrier")
    login.add_argument("--by", default=OPERATOR, help="who does this, for the journal")
    _add(commands, "track-now", track_now, "ask carriers about a shop's parcels at once, within their budgets")
    scans = _add(commands, "scans", show_scans, "where parcels are, and every scan their carrier told of them")
    scans.add_argument("number", help="of the order, or of a parcel")
    for name, run, about in (
        ("carrier-test", test, "ask a carrier whether it lets us in"),
        ("carrier-logout", log_out, "remove a login with a carrier; what waits under it is left to a person"),
    ):
        command = _add(commands, name, run, about)
        command.add_argument("login", help="its id, as `carriers TENANT` lists it")
        command.add_argument("--by", default=OPERATOR, help="who does this, for the journal")


def _add(commands: Commands, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    def calmly(tools: Rig, arguments: argparse.Namespace) -> int:
        try:
            return run(tools, arguments)
        except tuple(REFUSALS) as refused:
            return fail(REFUSALS[type(refused)])
        except (LoginFaulty, NotLetIn, Unreadable) as refused:
            return fail(str(refused))

    command = add(commands, name, calmly, about)
    command.add_argument("tenant")
    return command


def show(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the login that counts for each carrier."""
    with tools.db.tx(arguments.tenant) as conn:
        found = contracts.usable(conn, arguments.tenant)
        standing = contracts.standing(conn, [each.contract_id for each in found.values()], Lane.BOOK)
    for each in found.values():
        scope = "this shop" if each.tenant_id else "all shops"
        say(each.contract_id, each.carrier, scope, each.account_id, each.base_url, tested(each))
        for line in trouble(standing.get(each.contract_id)):
            say("   ", line)
        for name, value in sorted(each.given.items()):
            say("   ", name, value)
        for switch in sorted(each.switches):
            say("   ", "switched on", switch)
    return OK


def track_now(tools: Rig, arguments: argparse.Namespace) -> int:
    """Have every parcel asked about that has not ended, instead of by its rhythm."""
    say(track.ask_now(tools, arguments.tenant), "boxes are asked about now")
    return OK


def show_scans(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the parcels of an order, or one by its number, each with what its carrier told, the oldest first."""
    with tools.db.tx(arguments.tenant) as conn:
        boxes = tracking.named(conn, arguments.tenant, arguments.number)
        kept = tracking.scans(conn, arguments.tenant, sorted({box.booking_id for box in boxes}))
    if not boxes:
        return fail(f"no parcel of {arguments.tenant} has, or is of, the number {arguments.number}")
    for box in boxes:
        asked = f"asked {local(box.polled_at)}" if box.polled_at else "never asked"
        again = f"again {local(box.due_at)}" if box.due_at else "no more"
        way = "return" if box.is_back else "parcel"
        say(box.carrier, way, box.number, f"order {box.order_number}", box.booking_id, stated(box.state, box.reason))
        say("   ", f"{asked}, {again}", f"{box.tries} questions unanswered since")
        for scan in kept.get(box.key, []):
            say("   ", local(scan.at), stated(scan.state, scan.reason), scan.code, scan.said or "", scan.spot or "")
    return OK


def stated(state: tracking.State, reason: str | None) -> str:
    """Return what we make of a scan, or of all of them."""
    return f"{state.value} ({reason})" if reason else state.value


def tested(each: Contract) -> str:
    """Return what came of the last test."""
    return f"{each.test_said} {local(each.tested_at)}" if each.tested_at else "never tested"


def trouble(breaker: Breaker | None) -> list[str]:
    """Return how a carrier fails, if it does."""
    if breaker is None:
        return []
    lines = [f"fails since {local(breaker.failing_since)}: {breaker.why}"] if breaker.failing_since else []
    return [*lines, *([f"rests until {local(breaker.rests_until)}"] if breaker.rests_until else [])]


def log_in(tools: Rig, arguments: argparse.Namespace) -> int:
    """Enter what a file holds; a secret the file lacks stays as it is."""
    entered = entered_of(arguments.file, arguments.carrier, for_all_shops=not arguments.this_shop)
    untested = arguments.untested
    said = carriers.log_in(tools, arguments.tenant, entered, over=None, by=arguments.by, untested=untested)
    say(entered.carrier, "kept", told(said) if said else "untested")
    return OK


def entered_of(path: Path, carrier: str, *, for_all_shops: bool) -> Entered:
    """Return the login a file holds, of the shape of an account of `python -m carriers`; raise Unreadable."""
    try:
        said: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise Unreadable(f"{path} cannot be read as JSON: {type(fault).__name__}") from None
    if not isinstance(said, dict):
        raise Unreadable(f"{path} holds no object")
    parts = cast("Mapping[str, Any]", said)
    secrets, given, base_url = parts.get("secrets", {}), parts.get("given", {}), parts.get("base_url", "")
    switches = _names(parts.get("switches", []))
    if not (_is_text(secrets) and _is_text(given) and isinstance(base_url, str)) or switches is None:
        raise Unreadable(f"{path} is no login: secrets and given hold text by name, switches is a list of names")
    return Entered(carrier, secrets, given, switches, for_all_shops, base_url)


def _names(part: object) -> frozenset[str] | None:
    names = cast("list[object]", part) if isinstance(part, list) else [None]
    found = frozenset(each for each in names if isinstance(each, str))
    return found if len(found) == len(names) else None


def _is_text(part: object) -> bool:
    return isinstance(part, dict) and all(isinstance(text, str) for text in cast("dict[str, object]", part).values())


def test(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print what the carrier says; 1 unless it lets us in."""
    said = carriers.test(tools, arguments.tenant, arguments.login, by=arguments.by)
    say(told(said))
    return OK if said.said is Said.WORKS else FAILED


def told(tested: Tested) -> str:
    """Return what came of a test in one line."""
    return f"{tested.said}: {tested.why}" if tested.why else tested.said.value


def log_out(tools: Rig, arguments: argparse.Namespace) -> int:
    """Remove a login."""
    carriers.log_out(tools, arguments.tenant, arguments.login, by=arguments.by)
    say("removed", arguments.login)
    return OK
