"""The commands about looks: whether we know everything of a shop, and what looks found before."""

import argparse

from service import inbox
from service.cli.plain import OK, Commands, add, fail, say
from service.flows import look
from service.flows.look import LookRefused
from service.lanes import LOOKED_AT
from service.rig import Rig

OPERATOR = "operator"
MOST = 20


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    ask = add(commands, "look", look_at, "compare a shop with its mirror; one call each for orders and products")
    ask.add_argument("tenant")
    made = add(commands, "looks", show_looks, "the last looks of a tenant: cause, calls, finds, the period each proves")
    made.add_argument("tenant")


def look_at(tools: Rig, arguments: argparse.Namespace) -> int:
    """Ask for a look."""
    try:
        look.run(tools, arguments.tenant, by=OPERATOR)
    except LookRefused as refused:
        return fail(str(refused))
    say("asked for; `looks TENANT` says what it found")
    return OK


def show_looks(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the last looks."""
    with tools.db.tx(arguments.tenant) as conn:
        found = {lane: inbox.looks_of(conn, arguments.tenant, lane, most=MOST) for lane in LOOKED_AT}
    for lane, looks in found.items():
        for each in looks:
            ended = each.ended_at and f"ended {each.ended_at:%F %T}, {each.calls} calls, {each.found} found"
            proves = each.covers_from and f"proves {each.covers_from:%F %T} to {each.covers_until:%F %T}"
            say(f"{lane:<18}", f"{each.cause:<10}", f"asked {each.asked_at:%F %T}", ended or "open", proves or "")
    return OK
