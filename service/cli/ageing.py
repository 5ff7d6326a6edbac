"""How large and how old everything is, and what is older than it should be."""

import argparse
from datetime import timedelta
from typing import LiteralString

from service import db, inbox
from service.cli.plain import OK, Commands, add, say
from service.db import partitions
from service.db.partitions import Parent
from service.rig import Rig

MEGABYTE = 1_000_000

# Of each table whose rows age one by one. A table cut by time is as old as its oldest partition.
OLDEST: dict[str, LiteralString] = {
    "hints": "SELECT min(COALESCE(answered_at, told_at)) AS oldest FROM hints WHERE due_at IS NULL",
    "orders": "SELECT min(last_update_time) AS oldest FROM orders WHERE masked_at IS NULL",
    "offers": "SELECT min(changed_at) AS oldest FROM offers",
    "shipments": "SELECT min(created_at) AS oldest FROM shipments",
    "problems": "SELECT min(first_at) AS oldest FROM problems",
    "journal_seals": "SELECT min(sealed_at) AS oldest FROM journal_seals",
    "tenants": "SELECT min(dismissed_at) AS oldest FROM tenants WHERE erased_at IS NULL",
}


def add_commands(commands: Commands) -> None:
    """Add the command about sizes and ages."""
    add(commands, "ages", show_ages, "size and age of every table, the largest first")


def show_ages(tools: Rig, _: argparse.Namespace) -> int:
    """Print megabytes, estimated rows, partitions, and the oldest row that still ages."""
    with tools.db.tx_all("sizes and ages are those of all tenants") as conn:
        first = {parent.value: min(partitions.days(conn, parent), default=None) for parent in Parent}
        for row in partitions.sizes(conn):
            name = row["name"]
            size = f"{row['bytes'] / MEGABYTE:,.1f} MB"
            cut = f"{row['partitions']} partitions" if row["partitions"] else ""
            oldest = db.rows(conn, OLDEST[name])[0]["oldest"] if name in OLDEST else first.get(name)
            say(
                f"{name:<20}", f"{size:>14}", f"{row['entries']:>12,} rows", cut, f"since {oldest:%F}" if oldest else ""
            )
    say_overdue(tools)
    return OK


def say_overdue(tools: Rig) -> None:
    """Say which days stay although they are too old: webhooks of theirs were never expanded."""
    before = tools.now() - timedelta(days=tools.settings.keep_webhooks_days)
    with tools.db.tx_all("a day holds the webhooks of all tenants") as conn:
        for day, count in inbox.overdue(conn, before=before).items():
            say("OVERDUE", f"{day:%F} is kept: {count} webhooks were never expanded; a worker has to take them")
