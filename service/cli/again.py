"""The commands about work that stopped: what waits for a person, and how it goes on."""

import argparse
from collections.abc import Iterator
from datetime import datetime

from service import activations, db, inbox, outbox, tenants
from service.cli.plain import MISUSED, OK, Commands, add, fail, say
from service.flows import go_on, replay
from service.kit import clock
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.tenants import State

# Did the worker end, and did the business want it? Whoever died left a fault of ours; whoever ended brought a "no".
ENDED, DIED = "worker ended", "worker died"
REFUSED, PARKED = "refused", "parked"


def add_commands(commands: Commands) -> None:
    """Add `parked`, `retry` and `replay`."""
    parked = add(commands, "parked", show_parked, "what waits for a person, of one tenant or all, each with its reason")
    parked.add_argument("tenant", nargs="?")
    again = add(commands, "retry", retry, "let a suspended, failed or parked tenant go on, or single rows of it")
    again.add_argument("tenant")
    # argparse gives a word after an option to that option or to nobody, so the key is taken there too.
    again.add_argument("--lane", nargs="+", metavar=("LANE", "KEY"), help="only parked rows of this lane")
    again.add_argument("key", nargs="?", help="only this row, by its key as `parked` prints it")
    once_more = add(commands, "replay", run_replay, "make the webhooks of a period into hints again; mails nobody")
    once_more.add_argument("--tenant", required=True)
    once_more.add_argument("--from", dest="since", type=moment, required=True, help="2026-03-01 or 2026-03-01T12:30")
    once_more.add_argument("--to", dest="until", type=moment, required=True, help="the first moment left out")
    once_more.add_argument("--dry-run", action="store_true", help="print the effects and change nothing")


def moment(text: str) -> datetime:
    """Read a day or a time of Prague, or one with its own offset; raise ValueError when it is none."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=clock.PRAGUE)


def show_parked(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print what stopped: the shop, steps of its activation, rows; `retry` lets all of it go on."""
    with tools.db.tx_all("an operator looks for what stopped at any shop") as conn:
        every = [each.tenant_id for each in tenants.everyone(conn) if each.state is not State.DISMISSED]
    for tenant_id in [arguments.tenant] if arguments.tenant else every:
        with tools.db.tx(tenant_id) as conn:
            for words in stopped(conn, tenant_id):
                say(*words) if arguments.tenant else say(tenant_id, *words)
    return OK


def stopped(conn: db.Conn, tenant_id: TenantId) -> Iterator[tuple[object, ...]]:
    """Return a line for everything of a tenant that stopped: what, since when, the worker, the business, and why."""
    tenant = tenants.of(conn, tenant_id)
    if tenant and tenant.state not in (State.ACTIVE, State.DISMISSED):
        yield tenant.state, ENDED, REFUSED, tenant.state_why
    for step in activations.of(conn, tenant_id):
        if step.state == "failed":
            yield "failed", step.step, ENDED, REFUSED, step.why
    for row in inbox.parked(conn, tenant_id):
        yield (
            row["lane"],
            row["key"],
            f"since {row['since']:%F %T}",
            DIED if row["died"] else ENDED,
            PARKED,
            row["parked"],
        )
    for row in inbox.stuck(conn, tenant_id):
        what = f"d{row['delivery_id']}"
        yield row["lane"], what, f"since {row['received_at']:%F %T}", DIED, PARKED, f"{row['event']}: {row['parked']}"
    for row in outbox.parked(conn, tenant_id):
        since = f"since {row['since']:%F %T}" if row["since"] else None
        yield Lane.WRITEBACK, row["order_number"], since, ENDED, REFUSED, row["parked"]


def retry(tools: Rig, arguments: argparse.Namespace) -> int:
    """Let a tenant go on that was suspended, whose activation failed, or whose rows were parked; or only rows of it."""
    if arguments.lane or arguments.key:
        name, *keys = [*(arguments.lane or [None]), *([arguments.key] if arguments.key else [])]
        if len(keys) > 1 or name not in (None, *Lane):
            say("retry TENANT [--lane LANE] [KEY]; the lanes are", *Lane)
            return MISUSED
        lane, key = Lane(name) if name else None, next(iter(keys), None)
        count = go_on.rows(tools, arguments.tenant, lane=lane, key=key)
        if not count:
            return fail(f"no such row of {arguments.tenant} is parked; `parked {arguments.tenant}` lists them")
        say("tried again:", f"{count} parked rows")
        return OK
    try:
        started = go_on.run(tools, arguments.tenant)
    except LookupError as gone:
        return fail(str(gone.args[0]))
    say("tried again:", ", ".join(started) or "nothing had stopped")
    return OK


def run_replay(tools: Rig, arguments: argparse.Namespace) -> int:
    """Print what a replay does, then do it."""
    since, until = arguments.since, arguments.until
    if since >= until:
        say("--from must lie before --to")
        return MISUSED
    try:
        effects = replay.weigh(tools, arguments.tenant, since=since, until=until)
    except LookupError as gone:
        return fail(str(gone.args[0]))
    orders, products = effects.count(Lane.REFRESH_ORDERS), effects.count(Lane.REFRESH_PRODUCTS)
    say(
        f"{effects.deliveries} deliveries", f"{orders} orders", f"{products} products", f"at most {effects.calls} calls"
    )
    for lane in effects.looks:
        say("and a look at all that changed", lane, "a call for each page of it")
    say("nothing is written to the shop by it, and nobody is mailed")
    if arguments.dry_run:
        return OK
    hints = replay.run(tools, arguments.tenant, effects, since=since, until=until)
    say("replayed:", f"{hints} hints")
    return OK
