"""The house keeps its rules, and each rule is shown to find what it looks for."""

import tomllib
from collections.abc import Callable, Container
from pathlib import Path

import pytest

from tests import house

ALLOWED_AT_THE_TOP = {
    ".ci", ".dockerignore", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "Procfile", "README.md", "carriers",
    "deploy", "docs", "pyproject.toml", "requirements-dev.lock", "requirements.lock", "service", "simulator", "tests",
    "workers",
}  # fmt: skip
LONGEST_MODULE = 400
HOLDS_CLOCKS_TOGETHER = {"service/guard.py"}
THE_ONLY_WAIT = {"tests/simulator/until.py"}
COROUTINES = {"service/web/receiver.py", "service/web/app.py"}
STARTS_PROCESSES = {"service.demo.stage", "service.demo.story", "service.embedded.Child"}
PROCESS_TESTS = ("tests/processes/", "tests/browser/", "tests/chaos/", "tests/bench/")

# Who looks across tenants, and why. A new name here is a decision.
TX_ALL = {
    "service/budget/purse.py": "the budget of the service counts all shops' calls",
    "service/cli/__init__.py": "an operator's lists name every tenant",
    "service/cli/again.py": "an operator looks for what stopped at any shop",
    "service/cli/accounting.py": "an operator's lists name every account",
    "service/cli/ageing.py": "sizes and ages are those of all tenants",
    "service/cli/alarming.py": "a channel is told of many shops",
    "service/cli/pointing.py": "the points of a carrier belong to no shop",
    "service/cli/shipping.py": "an operator looks for the problems of every tenant",
    "service/doctor/gather.py": "what is wrong may be wrong at any shop",
    "service/flows/age.py": "partitions belong to no tenant",
    "service/flows/alarm.py": "a channel is told of many shops at once",
    "service/flows/arrange.py": "a channel is told of many shops",
    "service/flows/activate.py": "the start of other shops' pulls",
    "service/flows/admit.py": "a signed installation names its shop by token",
    "service/flows/attend.py": "the receiver is that of all shops, and so is its outage",
    "service/flows/bring_back.py": "an idempotency key belongs to an account",
    "service/flows/carriers.py": "a login may be that of all shops of an account",
    "service/flows/dismiss.py": "a signed uninstallation names its shop by token",
    "service/flows/drain.py": "a spool file holds webhooks of many shops",
    "service/flows/handover.py": "an idempotency key belongs to an account",
    "service/flows/hear.py": "a carrier's message names a contract, and several shops may share it",
    "service/flows/hang.py": "accounts and their tokens belong to no tenant",
    "service/flows/open.py": "a signed opening names its shop by token",
    "service/flows/pair.py": "an account may be left only when no other shop hangs on it",
    "service/flows/points.py": "the points of a carrier belong to no shop",
    "service/flows/receive.py": "webhooks of many shops share one commit",
    "service/flows/ship.py": "an idempotency key belongs to an account",
    "service/flows/version.py": "a signed version change names its shop by token",
    "service/guard.py": "a start asks the database for its clock and its schema",
    "service/rig.py": "a block of the add-on is told by many shops at once",
    "service/steps/desk.py": "what a carrier fails at is over when no shop of an account waits for it",
    "service/steps/doubting.py": "what was lost may be of any shop",
    "service/steps/unblock.py": "a block of the add-on is one problem of all shops",
    "service/web/ops.py": "the health of the service is that of all lanes",
    "service/web/wms/bookings.py": "which of an account's shops have news; their labels are read as their own",
    "service/web/wms/door.py": "a token names an account, and an account its shops",
    "service/web/wms/feed.py": "which of an account's shops have news; their orders are read as their own",
    "workers/beat.py": "beat asks whose rows are due",
    "workers/leaps.py": "the clock is that of all shops",
    "workers/watchdog.py": "the watchdog asks what nobody came for",
}

# Whose statements let themselves see every tenant, and why.
SEES_ALL = {
    "service/db/__init__.py": "this is the door",
    "service/inbox/deliveries.py": "webhooks of many shops are one statement, and it is their whole transaction",
}

# Who asks for chance, and why: a run must be repeatable (docs/decisions/0020-a-run-can-be-repeated.md).
CHANCE = {
    "service/kit/ids.py": "names nobody can guess, in a test from its dice",
    "service/rig.py": "jitter, handed in by tests",
    "service/embedded/__init__.py": "a password and a port of servers of our own",
    "service/demo/environment.py": "keys of the demo",
    "service/demo/market.py": "the demo's trade",
    "service/demo/customers.py": "who orders in the demo, and where they live",
}

# The packages of the project's brief, each with the module or folder that could not do without it.
BRIEF = {
    "starlette": "service/web/app.py",
    "celery": "workers/app.py",
    "redis": "service/rig.py",
    "httpx": "service/platform",
    "tenacity": "service/platform",
    "psycopg": "service/db/__init__.py",
    "pydantic": "service/settings.py",
    "prometheus_client": "service/web/metrics.py",
    "pytest": "tests/conftest.py",
    "fakeredis": "tests",
}


def broken(rule: Callable[[str], object], *packages: str, but: Container[str] = ()) -> dict[str, object]:
    """Return what a rule finds in the modules of these packages, by module."""
    found = {house.place(path): rule(path.read_text()) for path in house.modules(*packages)}
    return {name: faults for name, faults in found.items() if faults and name not in but}


def stores() -> list[tuple[str, Path]]:
    """Return the files of the stores, each with its store's name."""
    inside = [(path.relative_to(house.ROOT / "service"), path) for path in house.modules("service")]
    named = [(short.parts[0].removesuffix(".py"), path) for short, path in inside]
    return [(store, path) for store, path in named if store in house.STORES]


def owner_of() -> dict[str, str]:
    return {table: store for store, path in stores() for table in house.owns(path.read_text())}


def test_no_file_names_a_path_of_one_machine() -> None:
    assert {name: found for name, text in house.texts() if (found := house.machine_paths(text))} == {}


def test_a_path_of_a_machine_is_found() -> None:
    assert house.machine_paths("see /wo" + "rk/main/x")
    assert house.machine_paths("HOME=/ro" + "ot/.cache")
    assert not house.machine_paths("https://example.com/docs")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_name_no_index(lock: str) -> None:
    assert house.index_hosts((house.ROOT / lock).read_text()) == []


def test_an_index_in_a_lock_file_is_found() -> None:
    assert house.index_hosts("--index-url https://packages.example.com/simple")
    assert house.index_hosts("thing @ file:///x.whl")


def test_the_top_of_the_tree_holds_what_the_design_names() -> None:
    names = {name.split("/")[0] for name, _ in house.texts()}

    assert names - ALLOWED_AT_THE_TOP == set()


def test_a_module_is_short_enough_to_be_one_thing() -> None:
    assert broken(lambda text: text.count("\n") > LONGEST_MODULE, "service", "workers", "carriers", "simulator") == {}


def test_every_table_has_one_owner() -> None:
    migrations = sorted((house.ROOT / "service/db/migrations").rglob("*.sql"))
    made = {table for path in migrations for table in house.tables(path.read_text())}
    claims = [table for store, path in stores() for table in house.owns(path.read_text())]

    assert house.unlisted(sorted(made), [*claims, *(house.ELSEWHERE.keys() & made)]) == []
    assert len(claims) == len(set(claims))


def test_a_partition_is_no_table_of_its_own() -> None:
    assert house.tables("CREATE TABLE a (b int);\nCREATE TABLE a_1 PARTITION OF a DEFAULT;") == {"a"}


def test_a_store_writes_its_own_tables_and_reads_upstream() -> None:
    owners = owner_of()
    faults = {
        (house.place(path), fault)
        for store, path in stores()
        for sql in house.statements(path.read_text())
        for fault in house.foreign_tables(store, sql, owners)
    }

    assert faults == set()


@pytest.mark.parametrize(
    ("store", "sql", "faults"),
    [
        ("orders", "UPDATE hints SET due_at = NULL", ["writes hints"]),
        ("orders", "INSERT INTO orders SELECT 1 FROM hints ON CONFLICT DO UPDATE SET a = 1", []),
        ("inbox", "DELETE FROM hints USING orders WHERE true", ["reads orders"]),
        ("inbox", "WITH orders AS (SELECT 1) SELECT * FROM orders, hints FOR UPDATE OF hints", []),
        ("orders", "SELECT * FROM journal", ["reads journal"]),
        ("journal", "SELECT * FROM tenants JOIN orders USING (tenant_id)", ["reads orders"]),
    ],
)
def test_a_foreign_table_is_found(store: str, sql: str, faults: list[str]) -> None:
    owners = {"orders": "orders", "hints": "inbox", "journal": "journal", "tenants": "tenants"}

    assert house.foreign_tables(store, sql, owners) == faults


def test_only_its_owner_writes_a_table() -> None:
    owners = {table: f"service/{store}" for table, store in owner_of().items()} | house.ELSEWHERE
    strangers = {
        (house.place(path), table)
        for path in house.modules("service", "workers")
        for sql in house.statements(path.read_text())
        for table in house.written(sql) & owners.keys()
        if not house.place(path).startswith((f"{owners[table]}.py", f"{owners[table]}/"))
    }

    assert strangers == set()


def test_a_store_knows_the_database_and_small_things_only() -> None:
    found = {house.place(path): house.strange_imports(store, path.read_text()) for store, path in stores()}

    assert {name: strange for name, strange in found.items() if strange} == {}


def test_a_strange_import_of_a_store_is_found() -> None:
    good = "from service import db\nfrom service.kit.clock import utc\nfrom service.platform import shapes\nimport re"

    assert house.strange_imports("orders", good) == set()
    assert house.strange_imports("orders", "from service.platform import client") == {"service.platform.client"}
    assert house.strange_imports("orders", "from service import inbox") == {"service.inbox"}


def test_every_module_of_the_service_has_its_storey() -> None:
    contracts = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    storeys = next(contract["layers"] for contract in contracts if contract["id"] == "storeys")
    named = {name.strip("() ") for storey in storeys for name in storey.split("|")}
    ours = {".".join(house.dotted(path).split(".")[:2]) for path in house.modules("service")} - {"service"}

    assert ours - named == set()


def test_coroutines_live_where_the_web_begins() -> None:
    assert broken(house.coroutines, "service", "workers", "carriers", but=COROUTINES) == {}


def test_a_coroutine_is_found() -> None:
    assert house.coroutines("async def run(): ...") == [1]


def test_a_statement_names_its_columns() -> None:
    def found(text: str) -> list[str]:
        return [star for sql in house.statements(text) for star in house.stars(sql)]

    assert broken(found, "service", "workers") == {}


def test_columns_that_nobody_named_are_found() -> None:
    assert house.stars("SELECT *\n    FROM orders") == ["SELECT *\n    FROM orders"]
    assert house.stars("UPDATE blocks SET a = 1 RETURNING *")
    assert house.stars("SELECT outbox.*, state FROM outbox JOIN orders")
    assert not house.stars("SELECT count(*) FROM orders")


def test_a_statement_asks_no_clock() -> None:
    def asked(text: str) -> list[str]:
        return [clock for sql in house.statements(text) for clock in house.clocks(sql)]

    assert broken(asked, "service", "workers", but=HOLDS_CLOCKS_TOGETHER) == {}


def test_a_migration_asks_no_clock() -> None:
    migrations = (house.ROOT / "service/db/migrations").rglob("*.sql")

    assert [path.name for path in migrations if house.clocks(path.read_text())] == []


def test_a_clock_in_a_statement_is_found() -> None:
    (statement,) = house.statements('"""SELECT no clock()"""\nWHEN = "SELECT now() AS x"')

    assert house.clocks(statement) == ["now("]
    assert house.clocks("SELECT current_timestamp")
    assert not house.clocks("SELECT known(now) -- never now()")


def test_nobody_sleeps() -> None:
    assert broken(house.sleeps, "service", "workers", "carriers", "tests", but=THE_ONLY_WAIT) == {}


def test_a_sleep_is_found() -> None:
    assert house.sleeps("import time\ntime.sleep(1)") == [2]
    assert house.sleeps("from time import sleep") == [0]


def test_no_test_patches_the_code() -> None:
    assert broken(house.patches, "tests") == {}


def test_a_patch_is_found() -> None:
    assert house.patches("from unittest.mock import patch")
    assert house.patches("def test(mocker): ...") == ["mocker"]
    assert house.patches("monkeypatch.setattr(a, 'b', 1)\nmonkeypatch.setenv('A', 'b')") == ["monkeypatch.setattr"]


def test_who_looks_across_tenants_is_listed() -> None:
    found = [house.place(path) for path in house.modules("service", "workers") if house.looks_across(path.read_text())]

    assert house.unlisted(found, [*TX_ALL]) == []


def test_which_statements_see_every_tenant_is_listed() -> None:
    found = [house.place(path) for path in house.modules("service", "workers") if house.sees_all(path.read_text())]

    assert house.unlisted(found, [*SEES_ALL]) == []


def test_a_look_across_tenants_is_found() -> None:
    assert house.looks_across("with rig.db.tx_all('why') as conn: ...")
    assert house.looks_across("door = rig.db.statement_all")
    assert house.unlisted(["a.py"], []) == ["a.py"]
    assert house.unlisted([], ["gone.py"]) == ["gone.py"]


def test_who_asks_for_chance_is_listed() -> None:
    found = [house.place(path) for path in house.modules("service", "workers") if house.asks_chance(path.read_text())]

    assert house.unlisted(found, [*CHANCE]) == []


def test_whoever_asks_for_chance_is_found() -> None:
    assert house.asks_chance("from secrets import choice")
    assert house.asks_chance("import uuid")
    assert not house.asks_chance("parent_uuid = random_order")


def test_ids_come_from_dice_in_tests_only() -> None:
    assert broken(lambda text: "ids.drawn_from" in text, "service", "workers", but={"service/kit/ids.py"}) == {}


def test_celery_is_known_to_the_workers_and_one_producer() -> None:
    def known(text: str) -> bool:
        return house.imports_of(text, "celery") or house.imports_of(text, "kombu")

    assert broken(known, "service", "carriers", "simulator", but={"service/wakeup.py"}) == {}


def test_nobody_imports_the_tests() -> None:
    assert broken(lambda text: house.imports_of(text, "tests"), "service", "workers", "carriers", "simulator") == {}


def test_an_import_is_found() -> None:
    assert house.imports_of("from celery.app import base", "celery")
    assert not house.imports_of("import celery_types", "celery")


def test_tests_that_start_our_processes_have_folders_of_their_own() -> None:
    starters = broken(lambda text: house.imports(text) & STARTS_PROCESSES, "tests")

    assert {name for name in starters if not name.startswith(PROCESS_TESTS)} == set()


@pytest.mark.parametrize(("package", "where"), BRIEF.items())
def test_a_package_of_the_brief_is_at_work(package: str, where: str) -> None:
    place = house.ROOT / where
    modules = [place] if place.is_file() else place.rglob("*.py")

    assert any(house.imports_of(path.read_text(), package) for path in modules)


def test_fakeredis_runs_our_lua() -> None:
    assert "fakeredis[lua]" in (house.ROOT / "pyproject.toml").read_text()
