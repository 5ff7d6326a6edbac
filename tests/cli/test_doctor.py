"""`doctor` against real servers: a planted trouble is the first cause it tells, with its numbers and what to do."""

from datetime import timedelta

import psycopg
import pytest

from service import activations, blocks, cli, inbox, problems, tenants
from service.budget import ledger
from service.db import migrate
from service.db.partitions import Parent
from service.flows import age
from service.inbox import Delivery, spool
from service.inbox.spool import Spool
from service.kit.clock import utc_now
from service.lanes import Lane
from service.wakeup import BEAT_ALIVE, WORKERS_ALIVE
from tests.cli.conftest import Run, Said
from tests.flows.town import Town
from workers.watchdog import Ear, Watchdog

ORDERS = Lane.REFRESH_ORDERS


def living(town: Town) -> None:
    """Give the signs of life of a web process, of beat and of a worker."""
    now = utc_now()
    town.watch.at = now
    age.run(town.rig)
    with town.rig.db.tx_all("a test's web process lives") as conn:
        inbox.beat(conn, now=now)
    town.rig.redis.set(BEAT_ALIVE, now.isoformat(), ex=timedelta(seconds=300))
    Watchdog(town.rig, Ear(1), []).sign()


@pytest.fixture
def well(run, town: Town, monkeypatch) -> Run:
    """Run a command about a service nothing is wrong with: a rehearsal whose processes all say that they are there."""
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8000")
    living(town)
    return run


def first(said: Said) -> str:
    """Return the name of the first cause, and the line it stands in."""
    assert said.err == ""
    [line] = [line for line in said.lines if line.startswith("1. ")]
    assert len(said.lines) <= 40
    return line.removeprefix("1. ")


def test_nothing_is_wrong_and_it_says_what_it_looked_at(well: Run) -> None:
    said = well("doctor")

    assert (said.code, said.err) == (cli.OK, "")
    assert said.lines[0].endswith("UTC: nothing is wrong")
    assert "1 workers alive" in said.out
    assert "0 shops; 8 lanes: 0 rows due" in said.out


def test_a_database_that_is_away_is_the_first_cause(well: Run, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://expedition:s3cret-word@127.0.0.1:1/none")

    for command in (["doctor"], ["doctor", "t_nobody"]):
        said = well(*command)
        assert said.code == cli.FAILED
        assert first(said).startswith("database_away: PostgreSQL does not answer")
        assert "s3cret-word" not in said.all


def test_a_redis_that_is_away_is_the_first_cause(well: Run, monkeypatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret-word@127.0.0.1:1/0")

    said = well("doctor")

    assert first(said).startswith("redis_away: Redis does not answer")
    assert "s3cret-word" not in said.all
    assert "8 lanes" in said.out


def test_a_schema_behind_is_the_first_cause_though_nothing_of_it_can_be_asked(well: Run, database, servers) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        conn.execute("DELETE FROM schema_migrations WHERE version = %s", [migrate.latest()])
        conn.execute("DROP TABLE looks")

    said = well("doctor")

    assert first(said).startswith(f"schema_behind: the schema is behind, the code needs {migrate.latest()}")
    assert said.lines[2] == "   do: docker compose run --rm migrate"
    assert "database_away" not in said.out


def test_an_installation_that_is_unfit_is_the_first_cause(well: Run, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_POOL", "2")

    assert first(well("doctor")).startswith("unfit: DATABASE_POOL is 2")


def test_a_beat_that_is_silent_comes_before_the_lane_that_is_late(well: Run, town: Town) -> None:
    owed(town, town.activated(orders=1)[1])
    town.rig.redis.delete(BEAT_ALIVE)

    said = well("doctor")

    assert first(said).startswith("beat_silent: ")
    assert "lane_late: rows are due and nobody takes them: refresh_orders for" in said.out
    assert "(follows from beat_silent)" in said.out


def owed(town: Town, tenant: str) -> None:
    now = utc_now() - timedelta(minutes=5)
    with town.rig.db.tx(tenant) as conn:
        inbox.hint(conn, tenant, ORDERS, [inbox.Hint("1", urgent=True, due_at=now)], now=now)


def test_a_lane_that_is_late_is_told_when_nothing_else_is_wrong(well: Run, town: Town) -> None:
    owed(town, town.activated(orders=1)[1])

    assert first(well("doctor")).startswith("lane_late: rows are due and nobody takes them: refresh_orders for 30")


def test_workers_that_are_gone_are_the_first_cause(well: Run, town: Town) -> None:
    owed(town, town.activated(orders=1)[1])
    town.rig.redis.rpush(ORDERS.value, *["a message"] * 30)
    assert first(well("doctor")).startswith(
        "workers_deaf: 1 workers live and yet wake-ups pile up: 30 of refresh_orders"
    )

    town.rig.redis.delete(WORKERS_ALIVE)
    assert first(well("doctor")).startswith(
        "workers_gone: no worker has given a sign of life for 20 s; wake-ups nobody t"
    )


def test_a_web_process_that_is_silent_is_the_first_cause(well: Run, town: Town) -> None:
    with town.rig.db.tx_all("a test's web process dies") as conn:
        conn.execute("UPDATE receiver_beats SET alive_at = alive_at - interval '20 minutes'")

    assert first(well("doctor")).startswith("receiver_silent: no web process has said for 20 min")


def test_spooled_webhooks_that_nobody_drains_are_told(well: Run, tmp_path) -> None:
    written = Spool(tmp_path / "spool", most_bytes=10**6)
    long_ago = utc_now() - timedelta(minutes=30)
    written.append([Delivery("t_one", 1, "Orders.update", ORDERS, b"{}", 2, long_ago)])
    written.close()

    assert first(well("doctor")).startswith("spool_waits: webhooks wait in 1 spool files for 30 min")

    [file] = spool.files(tmp_path / "spool")
    file.rename(file.with_suffix(spool.ASIDE))
    assert first(well("doctor")).startswith("spool_aside: 1 spool files")


def test_a_spool_that_is_nearly_full_is_told(well: Run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SPOOL_BYTES", str(2**20))
    (tmp_path / "spool" / "s_big.spool").write_bytes(b"\0" * 900_000)

    assert first(well("doctor")).startswith("spool_full: the spool holds 1 MB of 1 MB")


def test_a_blocked_addon_comes_before_the_shops_it_shut_out(well: Run, town: Town) -> None:
    tenant, now = town.activated(orders=1)[1], utc_now()
    with town.rig.db.tx_all("a test blocks the add-on") as conn:
        blocks.begin(conn, seen=[tenant], next_at=now, now=now)
        tenants.hold_all(conn, why="the add-on is blocked", since=now)

    said = well("doctor", tenant)

    assert first_of(said.lines).startswith("1. addon_blocked: UPgates blocked the add-on: 1 shops are held")
    assert f"{tenant}, held: why its orders do not move" in said.lines


def first_of(lines: list[str]) -> str:
    return next(line for line in lines if line.startswith("1. "))


def test_refused_logins_and_the_shop_behind_them_are_told(well: Run, town: Town) -> None:
    tenant = town.activated(orders=1)[1]
    called(town, tenant, 3, ledger.End("CredentialsRejected", 401))
    with town.rig.db.tx(tenant) as conn:
        conn.execute("UPDATE tenants SET state = 'suspended', state_why = 'the shop rejected our login (401)'")

    said = well("doctor")

    assert first(said).startswith("logins_refused: 3 logins were refused")
    assert (
        f"2. shops_suspended: 1 of 1 shops are called no more: {tenant} (the shop rejected our login (401))" in said.out
    )
    assert f"do: python -m service retry {tenant}" in said.out


def called(town: Town, tenant: str, times: int, end: ledger.End) -> None:
    """Write calls of the last minutes into the ledger."""
    at = utc_now()
    with town.rig.db.tx(tenant) as conn:
        for _ in range(times):
            call = ledger.begin(conn, tenant, lane=ORDERS, plan="orders", began_at=at)
            ledger.end(conn, tenant, call_id=call, began_at=at, ended_at=at, end=end)


def test_a_platform_that_fails_is_told_by_how_it_fails(well: Run, town: Town) -> None:
    tenant = town.activated(orders=1)[1]
    called(town, tenant, 30, ledger.End("PlatformUnreachable", 503))
    called(town, tenant, 20, ledger.End("Unreadable", 200))

    line = first(well("doctor"))

    assert line.startswith("platform_fails: 50 of ")
    assert line.endswith("calls of the last hour brought nothing: 30 PlatformUnreachable 503, 20 Unreadable 200")


def test_calls_that_are_used_up_are_told_with_their_refill(well: Run, town: Town, monkeypatch) -> None:
    monkeypatch.setenv("CALLS_PER_DAY", "100")
    tenant = town.activated(orders=1)[1]
    called(town, tenant, 100, ledger.End("read", 200, 1))

    said = well("doctor", tenant)

    assert first_of(said.lines).startswith(
        f"1. shop_calls_used_up: 1 shops have used up their 100 calls of the day, {tenant}"
    )
    assert "00:00 in Prague" in said.out


def test_a_failed_activation_parked_rows_and_open_problems_are_told(well: Run, town: Town) -> None:
    tenant, now = town.activated(orders=2)[1], utc_now()
    with town.rig.db.tx(tenant) as conn:
        inbox.hint(conn, tenant, ORDERS, [inbox.Hint("1", urgent=True, due_at=now)], now=now)
        conn.execute("UPDATE hints SET parked = 'it cannot be read' WHERE key = '1'")
        problems.note(conn, tenant, problems.Cause.WRITE_REFUSED, now=now, order_number="1")
    assert first(well("doctor")).startswith("rows_parked: parked after three tries: 1 of refresh_orders")
    assert "problems_open: what a person decides: 1 write_refused (1 shops)" in well("doctor").out

    with town.rig.db.tx(tenant) as conn:
        activations.again(conn, tenant, step=activations.Step.WEBHOOKS, now=now)
        conn.execute("UPDATE activation_steps SET state = 'failed', due_at = NULL, why = '403' WHERE step = 'webhooks'")
    assert first(well("doctor")).startswith("activation_failed: 1 steps")


def test_partitions_that_are_not_made_are_told(well: Run, database) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        for (name,) in conn.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^calls_2'"
        ).fetchall():
            conn.execute(f"DROP TABLE {name}")

    assert first(well("doctor")).startswith(f"partitions_behind: no partitions are made ahead for {Parent.CALLS}")


def test_a_shop_is_told_what_keeps_its_orders(well: Run, town: Town) -> None:
    tenant = town.activated(orders=1)[1]

    said = well("doctor", tenant)

    assert said.lines[0].endswith("nothing is wrong")
    assert said.lines[1] == f"{tenant}, active: why its orders do not move"
    assert said.lines[2] == "1. shop_unanswered: nobody has answered which statuses release an order"
    assert said.lines[3] == f"   do: python -m service tenants set {tenant} --release STATUS …"
    assert said.code == cli.FAILED


def test_a_shop_that_rests_is_told_until_when(well: Run, town: Town) -> None:
    tenant, until_ = town.activated(orders=1)[1], utc_now() + timedelta(hours=1)
    with town.rig.db.tx(tenant) as conn:
        inbox.rest(conn, tenant, ORDERS, until=until_)

    assert (
        first(well("doctor", tenant))
        == f"shop_rests: it did not answer, and rests: refresh_orders until {until_:%F %T}"
    )


def test_a_live_shop_whose_offers_nobody_can_read_is_told_so(well: Run, town: Town) -> None:
    shop, tenant = town.activated(orders=1)
    answers = ["--release", str(next(iter(shop.orders.values())).record["status_id"])]
    assert well("tenants", "set", tenant, *answers, "--live").code == cli.OK
    assert first(well("doctor", tenant)).startswith("shop_unread: it is live and nobody can read its offers")

    account = well("account-create", "warehouse", "Sklad").out.split()[0]
    well("account-pair", tenant, account)
    well("token-create", account, "wms")
    said = well("doctor", tenant)
    assert (said.code, said.lines[1]) == (cli.OK, f"{tenant}, active: nothing of its own keeps its orders")

    [token] = [line.split()[0] for line in well("accounts").lines if " wms " in line]
    well("token-revoke", account, token)
    assert first(well("doctor", tenant)).startswith("shop_unread")
