"""The commands of those who run the service; each prints plain text, one thing a line."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import timedelta

import psycopg
import redis

from service import activations, bookings, guard, inbox, journal, mappings, orders, outbox, rig, settings, tenants
from service.budget import ledger
from service.cli import (
    accounting,
    again,
    ageing,
    alarming,
    carrying,
    certifying,
    doctoring,
    dossier,
    looking,
    pointing,
    remitting,
    shipping,
    spooling,
)
from service.cli.plain import FAILED, MISUSED, OK, add, fail, say
from service.db import migrate
from service.kit import clock
from service.lanes import Lane
from service.rig import Rig

CENTURY_H = 876_600


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 done, 1 refused or failed, 2 misused."""
    arguments = parser().parse_args(argv)
    if arguments.run in (migrate_schema, dossier.show_dossier):  # they need no tools
        return arguments.run()
    try:
        tools = rig.build(settings.load(), pool=2)
    except settings.SettingsFault as faults:
        sys.stderr.write(f"{faults}\n")
        return MISUSED
    try:
        if not is_known(tools, tenant_id := getattr(arguments, "tenant", None)):
            return fail(f"there is no tenant {tenant_id}; `tenants` lists them")
        code = arguments.run(tools, arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read us has seen enough; the interpreter must not try to write the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except (psycopg.Error, redis.RedisError) as away:
        return fail(f"the database or Redis did not do its part: {away}")
    else:
        return code
    finally:
        tools.close()


def is_known(tools: Rig, tenant_id: str | None) -> bool:
    """Say whether the tenant that a command names is one of ours; a command that names none is fine."""
    if tenant_id is None:
        return True
    with tools.db.tx_all("an operator names a tenant") as conn:
        return tenants.of(conn, tenant_id) is not None


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    top = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add(commands, "migrate", migrate_schema, "bring the schema up to date; needs MIGRATION_DATABASE_URL only")
    add(commands, "check", check, "say whether this installation may start")
    add(commands, "lanes", show_lanes, "the debt and the age of every lane")
    add(commands, "schedule", show_schedule, "how many tenants have their slot in each hour of the day")
    every = add(commands, "tenants", show_tenants, "every tenant: state, shop, account, slot")
    shipping.add_set(every)
    one = add(commands, "tenant", show_tenant, "one tenant and the steps of its activation")
    one.add_argument("tenant")
    calls = add(commands, "calls", show_calls, "calls per row of the call plan")
    calls.add_argument("tenant")
    calls.add_argument("--hours", type=hours, default="24", help="how far back; a day when not given")
    order = add(commands, "order", show_order, "what happened to an order, and how the mirror shows it")
    order.add_argument("tenant")
    order.add_argument("number")
    verify = add(commands, "verify", verify_journal, "hold a tenant's journal against its seals")
    verify.add_argument("tenant")
    again.add_commands(commands)
    shipping.add_commands(commands)
    accounting.add_commands(commands)
    spooling.add_commands(commands)
    ageing.add_commands(commands)
    looking.add_commands(commands)
    alarming.add_commands(commands)
    doctoring.add_commands(commands)
    certifying.add_commands(commands)
    remitting.add_commands(commands)
    dossier.add_commands(commands)
    pointing.add_commands(commands)
    carrying.add_commands(commands)
    return top


def hours(text: str) -> timedelta:
    """Return how far a command is to look back; raise ValueError when there is no such time."""
    given = float(text)
    if not 0 < given <= CENTURY_H:
        raise ValueError(f"must be more than 0 and at most {CENTURY_H}")
    return timedelta(hours=given)


def migrate_schema() -> int:
    """Apply the migrations as the role that owns the schema."""
    url = os.environ.get("MIGRATION_DATABASE_URL")
    if not url:
        sys.stderr.write("MIGRATION_DATABASE_URL is not set: the URL of the role that owns the schema\n")
        return MISUSED
    try:
        migrate.migrate(url)
    except migrate.MigrationFailed as failure:
        return fail(str(failure))
    say("the schema is at", migrate.latest())
    return OK


def check(tools: Rig, _: argparse.Namespace) -> int:
    """Say what stands in the way of a start, and who does not answer; the form of the settings was checked before."""
    found = guard.look(tools, receives=True)
    for fault in (*found.faults, *found.away):
        sys.stderr.write(f"{fault}\n")
    if found.faults or found.away:
        return FAILED
    ageing.say_overdue(tools)
    alarming.check_told(tools)
    say("ready to start")
    return OK


def show_lanes(tools: Rig, _: argparse.Namespace) -> int:
    """Print due rows, rows that wait, parked ones, and since when the oldest due one waits."""
    now = tools.now()
    with tools.db.tx_all("the health of the lanes") as conn:
        for lane in (Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS, Lane.REFRESH_STATUSES, Lane.REFRESH_SHIPPING):
            debt = inbox.debt(conn, lane, now=now)
            oldest = inbox.oldest(conn, lane, now=now)
            age = f"oldest {(now - oldest).total_seconds():.0f} s" if oldest else "nothing due"
            say(
                f"{lane:<18}",
                f"due {debt.due}",
                f"later {debt.later}",
                f"parked {debt.parked}",
                f"unexpanded {debt.unexpanded}",
                age,
            )
        owed, labels = outbox.debt(conn, now=now), bookings.waiting(conn, now=now)
        in_doubt = sum(each.doubtful for each in bookings.by_carrier(conn, now=now).values())
    for lane, each, unclear, oldest in (
        (Lane.WRITEBACK, owed, owed.in_doubt, owed.oldest),
        (Lane.BOOK, labels, in_doubt, labels.since),
    ):
        age = f"oldest {(now - oldest).total_seconds():.0f} s" if oldest else "nothing due"
        say(
            f"{lane:<18}",
            f"due {each.due}",
            f"later {each.later}",
            f"parked {each.parked}",
            f"unclear {unclear}",
            age,
        )
    ageing.say_overdue(tools)
    return OK


def show_schedule(tools: Rig, _: argparse.Namespace) -> int:
    """Print hours × tenants: when the work starts that nobody caused (R15)."""
    with tools.db.tx_all("the slots of all tenants") as conn:
        for hour, count in tenants.schedule(conn).items():
            say(f"{hour:02d}:00", f"{count:4d}", "#" * min(count, 100))
    return OK


def show_tenants(tools: Rig, _: argparse.Namespace) -> int:
    """Print every tenant."""
    with tools.db.tx_all("a list of all tenants") as conn:
        for tenant in tenants.everyone(conn):
            slot = (
                None if tenant.slot_minute is None else f"{tenant.slot_minute // 60:02d}:{tenant.slot_minute % 60:02d}"
            )
            say(tenant.tenant_id, tenant.state.value, tenant.shop_name, tenant.account_id, slot, tenant.state_why or "")
    return OK


def show_tenant(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print a tenant, its activation and the size of its mirror."""
    with tools.db.tx(arguments.tenant) as conn:
        tenant = tenants.of(conn, arguments.tenant)
        assert tenant is not None  # noqa: S101 - looked for before
        mode = "live" if mappings.of(conn, arguments.tenant).live else "observe"
        say(tenant.tenant_id, tenant.state.value, mode, tenant.shop_name, f"version {tenant.version}")
        if tenant.state_why:
            say("  because", tenant.state_why)
        for step in activations.of(conn, arguments.tenant):
            pages = f"page {step.pages_done} of {step.pages_all or '?'}" if step.pages_done else ""
            say(f"  {step.step:<12}", step.state, pages, step.why or "")
        say("  orders", orders.counts(conn, arguments.tenant))
    return OK


def show_calls(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print how often each row of the call plan was used."""
    since = tools.now() - arguments.hours
    with tools.db.tx(arguments.tenant) as conn:
        for row in ledger.counted(conn, arguments.tenant, since=since):
            say(f"{row.plan:<20}", f"{row.lane:<18}", row.calls)
    return OK


def show_order(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print the timeline of an order: one line an entry of the journal."""
    with tools.db.tx(arguments.tenant) as conn:
        order = orders.one(conn, arguments.tenant, arguments.number)
        timeline = journal.timeline(conn, arguments.tenant, arguments.number)
    if order is None and not timeline:
        return fail(f"nothing is known of an order {arguments.number} of {arguments.tenant}")
    if order:
        say(order.order_number, order.state.value, f"status {order.status_id}", f"read {order.read_at:%F %T}")
    for entry in timeline:
        detail = ", ".join(f"{name}: {value}" for name, value in entry.detail.items())
        say(f"{entry.at.astimezone(clock.PRAGUE):%F %T}", f"{entry.kind:<12}", detail)
    return OK


def verify_journal(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print whether the journal is what was sealed."""
    with tools.db.tx(arguments.tenant) as conn:
        verdict = journal.verify(conn, arguments.tenant)
    if not verdict.whole:
        return fail(f"broken at seal {verdict.broken_place}: {verdict.why}; {verdict.entries} entries before it hold")
    say(f"whole: {verdict.entries} entries under {verdict.seals - verdict.aged} seals")
    if verdict.aged:
        say(f"{verdict.aged} older seals are believed: entries of theirs from before {verdict.aged_until} aged away")
    return OK
