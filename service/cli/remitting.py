"""The commands about what comes back: money that was collected, goods nobody wanted."""

import argparse
import sys
from pathlib import Path
from typing import get_args

from carriers.money import Money
from carriers.registry import ADAPTERS
from service import words
from service.cli.plain import FAILED, OK, Commands, add, fail, say
from service.flows import goods_back, rebook, remit
from service.kit.clock import PRAGUE
from service.rig import Rig
from service.steps.paylist import ListUnreadable
from service.tracking import Paid, payments

OPERATOR = "operator"
SHOWN = 200


def add_commands(commands: Commands) -> None:
    """Add `cod`, `cod-import`, `goods-back` and `parcel-stopped`."""
    money = add(commands, "cod", show_payments, "COD money of a shop: paid out, overdue, or another sum")
    money.add_argument("tenant")
    money.add_argument("--stands", choices=get_args(Paid), default="overdue")
    read = add(commands, "cod-import", import_payments, "read a carrier's list of COD payments in (CSV)")
    read.add_argument("tenant")
    read.add_argument("carrier", choices=sorted(ADAPTERS))
    read.add_argument("file", type=Path)
    back = add(commands, "goods-back", say_back, "the warehouse has the goods of a parcel that came back")
    back.add_argument("tenant")
    back.add_argument("booking")
    stopped = add(commands, "parcel-stopped", say_stopped, "a parcel of an order whose number no label has was stopped")
    stopped.add_argument("tenant")
    stopped.add_argument("order")


def show_payments(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the money that stands so, the latest first."""
    today = tools.now().astimezone(PRAGUE).date()
    with tools.db.tx(arguments.tenant) as conn:
        found = payments.listed(conn, arguments.tenant, arguments.stands, today=today, most=SHOWN)
    for each in found:
        paid = _plain(each.paid) if each.paid else "all" if each.paid_on else "-"
        say(each.order_number, each.booking_id, each.carrier, _plain(each.amount), each.due_on, each.paid_on, paid)
    return OK


def import_payments(tools: Rig, arguments: argparse.Namespace) -> int:
    """Read a file in and say what came of it; lines that cannot stand go to stderr with their numbers."""
    try:
        done = remit.run(tools, arguments.tenant, arguments.carrier, arguments.file.read_bytes())
    except (OSError, ListUnreadable) as fault:
        return fail(str(fault))
    for each in done.bad:
        sys.stderr.write(f"line {each.at}: {words.EN[f'payline_{each.why}']}\n")
    say(f"new {done.new}", f"known {done.known}", f"not taken {len(done.bad)}")
    return FAILED if done.bad else OK


def say_back(tools: Rig, arguments: argparse.Namespace) -> int:
    """Note that goods are back."""
    if not goods_back.run(tools, arguments.tenant, arguments.booking, by=OPERATOR):
        return fail(f"nothing of {arguments.booking} was still to come back")
    say(arguments.booking, "is back")
    return OK


def say_stopped(tools: Rig, arguments: argparse.Namespace) -> int:
    """Close what is told of a parcel whose number came too late."""
    if not rebook.seen_to(tools, arguments.tenant, arguments.order, by=OPERATOR):
        return fail(f"nothing is told of {arguments.order} that is no label's own")
    say(arguments.order, "is seen to")
    return OK


def _plain(amount: tuple[int, str]) -> str:
    return f"{Money(*amount).plain()} {amount[1]}"
