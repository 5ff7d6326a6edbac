"""Every command of `python -m service`, through its main function, against a real database."""

import re
from datetime import timedelta

import psycopg
import pytest

from service import accounts, blocks, cli, inbox, tenants
from service.activations import EXPEDITION
from service.db import migrate
from service.flows import age, dismiss, sweep
from service.inbox import Delivery
from service.kit.clock import utc_now
from service.lanes import Lane
from service.steps.lifecycle import Call, Endpoint
from simulator import changes
from simulator.shop import Shop as WorldShop
from tests.cli.conftest import Said
from tests.flows.town import Town
from tests.settle import settle

NEEDED = ("DATABASE_URL", "REDIS_URL", "ADDON", "PUBLIC_URL", "SIGNATURE_TOKEN")
NOBODY = "t_nobody"
EVERY_COMMAND = [
    ["check"],
    ["lanes"],
    ["spool"],
    ["schedule"],
    ["tenants"],
    ["tenant", NOBODY],
    ["calls", NOBODY],
    ["parked", NOBODY],
    ["retry", NOBODY],
    ["replay", "--tenant", NOBODY, "--from", "2026-03-01", "--to", "2026-03-02"],
    ["order", NOBODY, "1"],
    ["verify", NOBODY],
    ["look", NOBODY],
    ["looks", NOBODY],
    ["doctor", NOBODY],
    ["doctor"],
    ["certificate", NOBODY, "--from", "2026-03-01", "--to", "2026-03-02"],
    ["tenants", "set", NOBODY],
    ["release", NOBODY, "1"],
    ["problems", NOBODY],
    ["problems"],
    ["accounts"],
    ["ages"],
    ["account-create", "warehouse", "Sklad"],
    ["account-pair", NOBODY, "a_nobody"],
    ["token-create", "a_nobody", "wms"],
    ["token-revoke", "a_nobody", "123456789abc"],
]
OF_A_TENANT = [command for command in EVERY_COMMAND if NOBODY in command]
OF_NO_TENANT = [["check"], ["lanes"], ["schedule"], ["tenants"], ["problems"], ["accounts"], ["ages"]]


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda command: command[0])
def test_every_command_names_all_faults_of_its_environment_at_once(run, monkeypatch, command) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)

    said = run(*command)

    assert (said.code, said.out) == (cli.MISUSED, "")
    assert [name for name in NEEDED if f"{name}: " not in said.err] == []


def test_migrate_needs_the_url_of_the_schemas_owner_and_nothing_else(run, monkeypatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    assert run("migrate") == Said(cli.OK, f"the schema is at  {migrate.latest()}\n", "")

    monkeypatch.delenv("MIGRATION_DATABASE_URL")
    refused = run("migrate")
    assert refused.code == cli.MISUSED
    assert "MIGRATION_DATABASE_URL is not set" in refused.err


def test_a_migration_that_fails_is_told_without_the_password(run, monkeypatch) -> None:
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "mysterious://owner:s3cret-word@localhost/x")

    said = run("migrate")

    assert (said.code, said.out) == (cli.FAILED, "")
    assert said.err
    assert "s3cret-word" not in said.err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nonsense"],
        ["tenant"],
        ["order", "t_1"],
        ["account-create", "thief", "X"],
        *(["calls", "t_1", "--hours", hours] for hours in ("-1", "0", "nan", "inf", "1e300", "soon")),
    ],
)
def test_a_command_that_is_misused_says_how_it_is_used(run, argv) -> None:
    said = run(*argv)

    assert said.code == cli.MISUSED
    assert "usage: python -m service" in said.err


@pytest.mark.parametrize("tenant", [NOBODY, "*", ""])
@pytest.mark.parametrize("command", OF_A_TENANT, ids=lambda command: command[0])
def test_a_tenant_nobody_knows_is_told_clearly(run, command, tenant) -> None:
    said = run(*(tenant if word == NOBODY else word for word in command))

    assert (said.code, said.out) == (cli.FAILED, "")
    assert said.err == f"there is no tenant {tenant}; `tenants` lists them\n"


def test_an_order_nobody_knows_is_told_clearly(run, activated) -> None:
    said = run("order", activated[1], "4711")

    assert (said.code, said.out) == (cli.FAILED, "")
    assert said.err == f"nothing is known of an order 4711 of {activated[1]}\n"


def test_an_account_nobody_knows_is_told_clearly(run, activated) -> None:
    asked = [run("account-pair", activated[1], "a_nobody"), run("token-create", "a_nobody", "wms")]
    revoked = run("token-revoke", "a_nobody", "123456789abc")

    assert {(said.code, said.out, said.err) for said in asked} == {
        (cli.FAILED, "", "there is no account a_nobody; `accounts` lists them\n")
    }
    assert (revoked.code, revoked.err) == (cli.FAILED, "a_nobody has no token 123456789abc that could be revoked\n")


def test_an_installation_that_may_start_is_told_so(run, monkeypatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")  # else it matters what the test's folder lives on

    said = run("check")

    assert (said.code, said.lines[-1], said.err) == (cli.OK, "ready to start", "")


def test_a_database_and_a_redis_that_are_away_are_told_at_once(run, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://expedition:s3cret-word@127.0.0.1:1/none")
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret-word@127.0.0.1:1/0")

    said = run("check")

    assert (said.code, said.out) == (cli.FAILED, "")
    assert {"DATABASE_URL", "REDIS_URL"} <= {line.partition(":")[0] for line in said.err.splitlines()}
    assert "s3cret-word" not in said.err


def test_a_database_without_a_schema_is_to_be_migrated(run, monkeypatch, servers) -> None:
    monkeypatch.setenv("DATABASE_URL", servers.url("postgres", "postgres"))

    said = run("check")

    assert said.code == cli.FAILED
    assert f"the database has no schema, the code needs {migrate.latest()}: run `python -m service migrate`" in said.err


def test_a_database_that_is_away_is_told_by_every_command(run, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://expedition:s3cret-word@127.0.0.1:1/none")

    said = run("tenants")

    assert (said.code, said.out) == (cli.FAILED, "")
    assert "the database or Redis did not do its part" in said.err
    assert "s3cret-word" not in said.err


def test_lanes_tell_what_is_due_parked_and_how_old_it_is(run, town, activated) -> None:
    shop, tenant = activated
    assert "nothing due" in run("lanes").out
    now = utc_now()
    with town.rig.db.tx(tenant) as conn:
        told = [inbox.Hint(key, urgent=True, due_at=now) for key in shop.orders]
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, told, now=now - timedelta(seconds=90))
    park(town, tenant, next(iter(shop.orders)))

    [of_orders] = [line for line in run("lanes").lines if line.startswith("refresh_orders")]

    assert "due 2  later 0  parked 1  unexpanded 0" in of_orders
    assert re.search(r"oldest (9\d|1\d\d) s", of_orders)
    [of_labels] = [line for line in run("lanes").lines if line.startswith("book")]
    assert "due 0  later 0  parked 0  unclear 0  nothing due" in of_labels


def park(town: Town, tenant: str, number: str) -> None:
    """Let a row have been tried three times."""
    with town.rig.db.tx(tenant) as conn:
        conn.execute(
            "UPDATE hints SET parked = 'it cannot be read', tries = 3 WHERE lane = 'refresh_orders' AND key = %(key)s",
            {"key": number},
        )


def test_the_schedule_shows_each_hour_with_its_tenants(run, activated) -> None:
    lines = run("schedule").lines

    assert len(lines) == 24
    assert [line.split()[0] for line in lines] == [f"{hour:02d}:00" for hour in range(24)]


def test_tenants_are_listed_with_state_shop_account_and_slot(run, town, activated) -> None:
    shop, tenant = activated
    account = account_of(town, tenant)
    with town.rig.db.tx_all("a test gives a slot") as conn:
        tenants.give_slot(conn, tenant)

    [line] = run("tenants").lines

    assert re.fullmatch(rf"{tenant}  active  \S+  {account}  \d\d:\d\d  ", line)
    suspend(town, shop, tenant)
    assert run("tenants").out.rstrip().endswith("(401)")


def account_of(town: Town, tenant: str) -> str:
    with town.rig.db.tx(tenant) as conn:
        account = tenants.account_of(conn, tenant)
    assert account
    return account


def suspend(town: Town, shop: WorldShop, tenant: str) -> None:
    """Let a refresh find that the shop rejects our login."""
    assert shop.addon_user
    shop.addon_user.revoked = True
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        hint = inbox.Hint(next(iter(shop.orders)), urgent=True, due_at=now)
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, [hint], now=now)
    town.beat()


def test_a_tenant_is_shown_with_the_steps_of_its_activation(run, activated) -> None:
    said = run("tenant", activated[1])

    assert said.code == cli.OK
    assert said.lines[0].startswith(f"{activated[1]}  active  observe  ")
    assert [line.split()[0] for line in said.lines[1:-1]] == [step.value for step in EXPEDITION]
    assert {line.split()[1] for line in said.lines[1:-1]} == {"done"}
    assert "live=3" in said.lines[-1]


def test_calls_are_counted_for_as_long_as_is_asked(run, town, activated) -> None:
    rows = [line.split() for line in run("calls", activated[1]).lines]

    assert ["status", "activate", "1"] in rows
    assert ["create_webhook", "activate", "15"] in rows
    assert sum(int(row[-1]) for row in rows) == activated[0].stats.total
    assert run("calls", activated[1], "--hours", "0.2").out == ""


def test_a_parked_row_is_listed_and_goes_on_after_retry(run, town, activated) -> None:
    shop, tenant = activated
    assert run("parked", tenant) == Said(cli.OK, "", "")
    number = next(iter(shop.orders))
    changes.change_order(town.world, shop, number, internal_note="changed")
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, [inbox.Hint(number, urgent=True, due_at=now)], now=now)
    park(town, tenant, number)
    town.work()
    assert town.differences(shop, tenant) == {number: "stale"}

    [line] = run("parked", tenant).lines
    assert line.startswith(f"refresh_orders  {number}  since ")
    assert line.endswith("worker ended  parked  it cannot be read")

    assert run("retry", tenant).out == "tried again:  1 parked rows\n"
    work_on(town)
    assert town.differences(shop, tenant) == {}
    assert run("parked", tenant).out == ""


def test_single_rows_are_retried_by_lane_and_key(run, town, activated) -> None:
    shop, tenant = activated
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        told = [inbox.Hint(number, urgent=True, due_at=now) for number in shop.orders]
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, told, now=now)
    first, second, third = shop.orders
    for number in shop.orders:
        park(town, tenant, number)
    town.deliver([town.delivery(tenant, "Orders.update", b"{}")])
    with town.rig.db.tx(tenant) as conn:
        [row] = conn.execute("UPDATE deliveries SET parked = 'a fault' RETURNING delivery_id").fetchall()
    delivery = f"d{row['delivery_id']}"
    assert [line.split()[1] for line in run("parked", tenant).lines] == [first, second, third, delivery]
    assert run("parked", tenant).lines[-1].endswith("worker died  parked  Orders.update: a fault")

    assert run("retry", tenant, "--lane", "writeback", first).code == cli.FAILED
    assert run("retry", tenant, first).out == "tried again:  1 parked rows\n"
    assert run("retry", tenant, delivery).out == "tried again:  1 parked rows\n"
    assert [line.split()[1] for line in run("parked", tenant).lines] == [second, third]
    assert run("retry", tenant, "--lane", "refresh_orders").out == "tried again:  2 parked rows\n"
    assert run("parked", tenant).out == ""


def test_a_replay_prints_its_effects_and_reads_what_was_told(run, town, activated) -> None:
    shop, tenant = activated
    town.hear(shop, tenant)
    for number in shop.orders:
        changes.change_order(town.world, shop, number, internal_note="seen")
    town.deliver()
    town.work()
    town.world.on_event.clear()
    for number in shop.orders:  # nobody tells
        changes.change_order(town.world, shop, number, internal_note="seen again")
    period = ["--tenant", tenant, "--from", (utc_now() - timedelta(hours=1)).isoformat(), "--to", utc_now().isoformat()]

    dry = run("replay", *period, "--dry-run")
    assert dry.lines[0] == "3 deliveries  3 orders  0 products  at most 1 calls"
    assert run("replay", *period[:2], "--from", "2026-03-01", "--to", "2026-03-02").lines[-1] == "replayed:  0 hints"
    assert town.due() == []
    assert run("replay", *period).lines[-1] == "replayed:  3 hints"
    work_on(town)

    assert town.differences(shop, tenant) == {}


def work_on(town: Town) -> None:
    """Go on from the moment of the last command."""
    town.watch.at = utc_now()
    town.work()


def test_a_failed_activation_is_listed_and_goes_on_after_retry(run, town) -> None:
    shop = town.open_shop(orders=3)
    tenant = town.install(shop)
    assert shop.addon_user
    town.world.set_rights(shop, shop.addon_user, {"owner": "deny"})
    town.work()
    town.world.set_rights(shop, shop.addon_user, {"owner": "all"})

    why = "owner: our access to the shop lacks the right for it (403)"
    assert run("parked", tenant).out == f"failed  owner  worker ended  refused  {why}\n"
    assert "lacks the right" in run("tenant", tenant).out

    assert run("retry", tenant).out == "tried again:  the failed activation\n"
    work_on(town)
    assert town.differences(shop, tenant) == {}
    assert run("parked", tenant).out == ""


def test_a_suspended_shop_is_listed_and_goes_on_after_retry(run, town, activated) -> None:
    shop, tenant = activated
    suspend(town, shop, tenant)
    shop.addon_user.revoked = False
    changes.change_order(town.world, shop, next(iter(shop.orders)), internal_note="changed")

    assert run("parked", tenant).out.startswith("suspended  worker ended  refused  ")
    assert run("parked").out.startswith(f"{tenant}  suspended  ")
    assert run("tenant", tenant).lines[1].strip().startswith("because  ")

    assert run("retry", tenant).out == "tried again:  the suspended shop\n"
    work_on(town)
    assert town.differences(shop, tenant) == {}
    assert run("parked", tenant).out == ""


def test_a_blocked_add_on_is_a_problem_of_its_own(run, town, activated) -> None:
    _, tenant = activated
    now = town.watch()
    assert run("problems").out == ""
    with town.rig.db.tx_all("a test blocks the add-on") as conn:
        blocks.begin(conn, seen=[tenant], next_at=now + timedelta(hours=1), now=now)
        tenants.hold_all(conn, why="the add-on is blocked", since=now)

    said = run("problems")
    assert said.lines[0].startswith("the add-on  blocked  since ")
    assert said.lines[0].endswith("1 shops held")
    assert run("tenants").lines[0].startswith(f"{tenant}  held  ")
    assert run("parked", tenant).out == "held  worker ended  refused  the add-on is blocked\n"


def test_there_is_nothing_to_retry_where_nothing_stopped_or_the_shop_has_left(run, town, activated) -> None:
    shop, tenant = activated
    assert run("retry", tenant) == Said(cli.OK, "tried again:  nothing had stopped\n", "")
    dismiss.run(town.rig, Call(Endpoint.UNINSTALL, shop.token, town.watch(), "a signature", "1", None))

    said = run("retry", tenant)

    assert said == Said(cli.FAILED, "", f"{tenant} was uninstalled; only its merchant can install it again\n")


def test_an_order_is_shown_with_everything_that_happened_to_it(run, town, activated) -> None:
    shop, tenant = activated
    number = next(iter(shop.orders))
    town.hear(shop, tenant)
    changes.change_order(town.world, shop, number, internal_note="changed")
    town.deliver()
    town.work()

    said = run("order", tenant, number)

    assert said.code == cli.OK
    assert said.lines[0].startswith(f"{number}  live  status ")
    kinds = [line.split()[2] for line in said.lines[1:]]
    assert (kinds[0], kinds.count("new"), "changed" in kinds) == ("new", 1, True)


def test_a_journal_is_whole_until_somebody_rewrites_it(run, town, database, activated) -> None:
    _, tenant = activated
    settle(town.rig.db)
    sealed = sweep.run(town.rig, tenant)
    assert run("verify", tenant) == Said(cli.OK, f"whole: {sealed} entries under 1 seals\n", "")

    with psycopg.connect(database.admin_url) as conn:
        conn.execute("UPDATE journal SET detail = '{}' WHERE kind = 'step_done'")

    said = run("verify", tenant)
    assert (said.code, said.out) == (cli.FAILED, "")
    assert said.err == "broken at seal 1: an entry is not what was sealed; 0 entries before it hold\n"


def test_a_token_is_shown_once_and_opens_nothing_after_it_was_revoked(run, town) -> None:
    account = run(
        "account-create", "warehouse", "Sklad", "--email", "sklad@example.com", "--phone", "+420123"
    ).out.strip()
    secret = run("token-create", account, "wms").out.strip()
    assert bearer(town, secret) == account

    shown = run("accounts")
    assert shown.lines[0] == f"{account}  warehouse  Sklad  sklad@example.com"
    assert secret not in shown.all
    token_id = shown.lines[1].split()[0]

    assert run("token-revoke", account, token_id) == Said(cli.OK, f"revoked  {token_id}\n", "")
    assert bearer(town, secret) is None
    assert run("accounts").lines[1].endswith("revoked")
    assert run("token-revoke", account, token_id).code == cli.FAILED


def bearer(town: Town, secret: str) -> str | None:
    with town.rig.db.tx_all("a test asks whose token this is") as conn:
        account = accounts.bearer(conn, secret)
    return account and account.account_id


@pytest.mark.parametrize("kind", ["merchant", "warehouse"])
def test_a_tenant_hangs_on_an_account_as_its_kind_says(run, town, activated, kind) -> None:
    _, tenant = activated
    account = run("account-create", kind, "Somebody").out.strip()

    assert run("account-pair", tenant, account) == Said(cli.OK, f"{tenant}  hangs on  {account}\n", "")

    with town.rig.db.tx(tenant) as conn:
        found = tenants.of(conn, tenant)
    assert found
    assert account == (found.account_id if kind == "merchant" else found.warehouse_account_id)


def test_no_command_prints_a_secret_or_who_ordered(run, town, activated, monkeypatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")  # else the fast database of the tests is told of as well
    shop, tenant = activated
    town.hear(shop, tenant)
    for number in shop.orders:
        changes.change_random_order(town.world, shop, number)
    town.deliver()
    town.work()
    lists = [*OF_NO_TENANT, *(["order", tenant, number] for number in shop.orders)]
    lists += [[name, tenant] for name in ("tenant", "calls", "parked", "retry", "verify")]

    said = [run(*command) for command in lists]

    assert {each.code for each in said} == {cli.OK}
    told = "".join(each.all for each in said)
    assert [secret for secret in (*secrets_of(shop), *people_of(shop)) if secret in told] == []


def secrets_of(shop: WorldShop) -> list[str]:
    assert shop.addon_user
    macs = [hook.url.rpartition("/")[2] for hook in shop.webhooks.values()]
    return [shop.token, shop.addon_user.login, shop.addon_user.key, "the-signature-token", *macs]


def people_of(shop: WorldShop) -> list[str]:
    """Return what the orders say about whoever ordered."""
    fields = ("email", "phone", "surname_invoice", "street_invoice", "surname_postal", "street_postal")
    customers = [order.record["customer"] for order in shop.orders.values()]
    found = [customer[field] for customer in customers for field in fields if customer.get(field)]
    assert len(found) > len(customers)
    return found


def test_ages_tells_size_and_age_of_every_table_and_what_is_overdue(run, town, monkeypatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")  # else `check` has something else to tell
    age.run(town.rig)
    long_ago = town.watch() - timedelta(days=40)
    town.deliver([Delivery("t_one", 1, "Orders.update", Lane.REFRESH_ORDERS, b"{}", 2, long_ago)])

    said = run("ages")

    rows = {line.split()[0]: line for line in said.lines}
    assert {"deliveries", "calls", "journal", "orders", "tenants"} <= rows.keys()
    assert f"since {town.watch():%F}" in rows["deliveries"]
    assert "16 partitions" in rows["deliveries"]
    overdue = f"OVERDUE  {long_ago:%F} is kept: 1 webhooks were never expanded; a worker has to take them"
    assert said.lines[-1] == overdue
    assert overdue in run("lanes").lines
    assert overdue in run("check").lines
