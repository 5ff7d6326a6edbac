"""What is old goes: webhooks with their day, hints after their answer, names out of ended orders, shops that left."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import psycopg
import pytest

from service import accounts, inbox, tenants
from service.alarms import Kind, channels
from service.db import Database, erasure, partitions
from service.db.partitions import Parent
from service.flows import age, arrange, dismiss, release, sweep
from service.inbox import Hint
from service.lanes import Lane
from service.steps import ageing
from service.steps.lifecycle import Call, Endpoint
from simulator import changes
from tests.flows.shipping import live
from tests.flows.town import Town
from tests.simulator.until import until

DAY_S = 86_400
WAITS = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
EVERY_TABLE = """
    SELECT relname
    FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'tenants'
"""


@pytest.fixture
def see(database) -> Iterator[psycopg.Connection]:
    """Look past the policies."""
    with psycopg.connect(database.admin_url, autocommit=True) as conn:
        yield conn


def days_go_by(town: Town, days: float) -> None:
    town.watch.move(days * DAY_S)


def swept(town: Town, tenant: str, times: int = 1) -> None:
    for _ in range(times):
        sweep.run(town.rig, tenant)


def leave(town: Town, token: str) -> None:
    """Let a shop be uninstalled, by a signed call."""
    assert dismiss.run(town.rig, Call(Endpoint.UNINSTALL, token, town.watch(), f"d{town.watch()}", None, None))


def days_of(town: Town, parent: Parent) -> list[date]:
    with town.rig.db.tx_all("looks") as conn:
        return partitions.days(conn, parent)


def test_partitions_are_dropped_when_their_last_day_is_too_old(town: Town) -> None:
    first = town.watch().date()
    age.run(town.rig)
    days_go_by(town, 31)
    assert age.run(town.rig)
    assert days_of(town, Parent.DELIVERIES)[0] == first + timedelta(days=1)  # 30 whole days are kept, and today

    days_go_by(town, 90)
    age.run(town.rig)
    assert days_of(town, Parent.CALLS)[0] > first

    assert days_of(town, Parent.JOURNAL)[0] == date(2026, 3, 1)


def test_a_day_nobody_expanded_is_kept_and_said_so(town: Town, caplog) -> None:
    age.run(town.rig)
    town.deliver([inbox.Delivery("t_one", 1, "Orders.update", Lane.REFRESH_ORDERS, b"{}", 2, town.watch())])
    came_on = town.watch().date()
    days_go_by(town, 40)

    with caplog.at_level(logging.ERROR):
        assert age.run(town.rig)

    assert days_of(town, Parent.DELIVERIES)[0] == came_on
    assert f"webhooks of {came_on} were never expanded" in caplog.text


def test_beat_finds_somebody_at_work_and_comes_back(town: Town, db: Database) -> None:
    age.run(town.rig)
    days_go_by(town, 40)
    with db.tx_all("a slow reader") as slow:
        slow.execute("SELECT count(*) FROM deliveries")
        assert not age.run(town.rig)

    assert age.run(town.rig)


def test_answered_hints_go_after_a_week_and_what_is_owed_stays(town: Town) -> None:
    _, tenant = town.activated(orders=2)
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        conn.execute("DELETE FROM hints")
        for key in ("answered", "owed", "parked"):
            inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, [Hint(key, urgent=True, due_at=now)], now=now)
        conn.execute("UPDATE hints SET due_at = NULL, answered_at = %s WHERE key = 'answered'", [now])
        conn.execute("UPDATE hints SET parked = 'why' WHERE key = 'parked'")

    def left() -> list[str]:
        swept(town, tenant)
        with town.rig.db.tx(tenant) as conn:
            return [row["key"] for row in conn.execute("SELECT key FROM hints WHERE key <> '' ORDER BY key").fetchall()]

    days_go_by(town, 6.9)
    assert left() == ["answered", "owed", "parked"]
    days_go_by(town, 0.2)
    assert left() == ["owed", "parked"]


def test_many_hints_go_in_batches(town: Town) -> None:
    _, tenant = town.activated(orders=1)
    now = town.watch()
    with town.rig.db.tx(tenant) as conn:
        hints = [Hint(f"H{number}", urgent=False, due_at=now) for number in range(ageing.AT_ONCE + 3)]
        inbox.hint(conn, tenant, Lane.REFRESH_ORDERS, hints, now=now)
        conn.execute("UPDATE hints SET due_at = NULL, answered_at = %s", [now])
        before = now + timedelta(seconds=1)
        assert inbox.drop_answered(conn, tenant, before=before, most=ageing.AT_ONCE) == ageing.AT_ONCE
        assert inbox.drop_answered(conn, tenant, before=before, most=ageing.AT_ONCE) >= 3


def personal(shop) -> set[str]:
    """Return what names the customers of a shop."""
    told = ("email", "phone", "surname_invoice", "street_invoice")
    records = [order.record["customer"] for order in shop.orders.values()]
    return {str(record[field]) for record in records for field in told if record.get(field)}


def written_anywhere(see: psycopg.Connection, tenant: str) -> str:
    """Return every row of a tenant, of every table, as text."""
    tables = [name for (name,) in see.execute(EVERY_TABLE).fetchall()]
    found = [see.execute(f"SELECT t::text FROM {name} t WHERE tenant_id = %s", [tenant]).fetchall() for name in tables]
    return "\n".join(text for rows in found for (text,) in rows)


def test_who_ordered_is_forgotten_half_a_year_after_an_orders_end_wherever_it_stood(town: Town, see) -> None:
    shop, tenant = town.activated(orders=130)
    names = personal(shop)
    assert any(name in written_anywhere(see, tenant) for name in names)

    days_go_by(town, 181)
    swept(town, tenant)

    text = written_anywhere(see, tenant)
    assert [name for name in names if name in text] == []
    assert all(len(row["content"]["products"]) == len(shop.orders[n].record["products"]) for n, row in
               town.mirrored(tenant).items())  # fmt: skip


def masked(town: Town, tenant: str) -> list[str]:
    with town.rig.db.tx(tenant) as conn:
        found = conn.execute("SELECT order_number FROM orders WHERE masked_at IS NOT NULL ORDER BY 1").fetchall()
    return [row["order_number"] for row in found]


def offered(town: Town, tenant: str, number: str) -> tuple[str, str | None]:
    with town.rig.db.tx(tenant) as conn:
        (row,) = conn.execute("SELECT state, reason FROM offers WHERE order_number = %s", [number]).fetchall()
    return row["state"], row["reason"]


def test_an_order_a_warehouse_has_released_is_not_masked(town: Town) -> None:
    at_work = live(town, count=3)
    paid = at_work.numbers[0]
    changes.change_order(town.world, at_work.shop, paid, paid_date=town.watch().isoformat())
    at_work.read()
    release.run(town.rig, at_work.tenant, [paid], by="test")
    assert offered(town, at_work.tenant, paid) == ("released", None)

    days_go_by(town, 200)
    swept(town, at_work.tenant)

    assert paid not in masked(town, at_work.tenant)
    assert len(masked(town, at_work.tenant)) == 2


def test_a_masked_order_is_read_again_before_it_is_released(town: Town) -> None:
    at_work = live(town, count=3)
    paid = at_work.numbers[0]
    changes.change_order(town.world, at_work.shop, paid, paid_date=town.watch().isoformat())
    at_work.read()
    with town.rig.db.tx(at_work.tenant) as conn:
        conn.execute("DELETE FROM offers")
    days_go_by(town, 200)
    swept(town, at_work.tenant)

    release.run(town.rig, at_work.tenant, [paid], by="test")
    assert offered(town, at_work.tenant, paid) == ("held", "aged")
    town.work(for_s=120)

    assert offered(town, at_work.tenant, paid) == ("released", None)
    assert town.mirrored(at_work.tenant)[paid]["content"]["customer"] == at_work.shop.orders[paid].record["customer"]


def test_a_masked_order_that_changes_is_mirrored_again(town: Town) -> None:
    shop, tenant = town.activated(orders=3)
    town.hear(shop, tenant)
    days_go_by(town, 200)
    swept(town, tenant)
    number = min(shop.orders)
    assert len(masked(town, tenant)) == 3

    changes.change_order(town.world, shop, number, internal_note="back again")
    town.deliver()
    town.work()

    assert number not in masked(town, tenant)
    assert town.mirrored(tenant)[number]["content"]["customer"]


def test_a_shop_that_comes_back_in_time_finds_everything(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    leave(town, shop.token)
    days_go_by(town, 29)
    swept(town, tenant)

    assert town.install(shop) == tenant
    assert len(town.mirrored(tenant)) == 5


def test_a_shop_that_left_is_erased_but_for_the_fact(town: Town, see) -> None:
    shop, tenant = town.activated(orders=120)
    other, neighbour = town.open_shop("beta", orders=5), ""
    neighbour = town.install(other)
    town.work()
    age.run(town.rig)
    theirs = written_anywhere(see, neighbour)
    leave(town, shop.token)
    days_go_by(town, 31)

    assert tenant in due(town)
    swept(town, tenant, times=3)

    assert written_anywhere(see, tenant) == ""
    assert written_anywhere(see, neighbour) == theirs
    (row,) = see.execute("SELECT t::text, erased_at FROM tenants t WHERE tenant_id = %s", [tenant]).fetchall()
    assert row[1] == town.watch()
    assert [word for word in (shop.token, shop.slug, "example.com") if word in row[0]] == []
    days_go_by(town, 1)
    assert tenant not in due(town)


def test_a_merchant_is_erased_with_its_last_shop(town: Town) -> None:
    shop, tenant = town.activated(orders=1)
    other = town.open_shop("beta", orders=1)
    neighbour = town.install(other)
    town.work()
    with town.rig.db.tx_all("both shops are one merchant's") as conn:
        warehouse = accounts.create(conn, accounts.Kind.WAREHOUSE, accounts.Person("Sklad"), now=town.watch())
        merchant = tenants.account_of(conn, tenant)
        assert merchant
        accounts.add_token(conn, merchant, label="a token", now=town.watch())
        tenants.pair(conn, neighbour, account_id=merchant)
        tenants.ship_from(conn, neighbour, account_id=warehouse)
    for account in (merchant, warehouse):
        arrange.add(town.rig, Kind.MAIL, "eva@example.com", account_id=account, language="cs", by="test")

    def known() -> list[bool]:
        with town.rig.db.tx_all("a test looks for accounts") as conn:
            told = {channel.account_id for channel in channels.everyone(conn)}
            assert told == {account for account in (merchant, warehouse) if accounts.of(conn, account)}
            return [account in told for account in (merchant, warehouse)]

    for gone, who, still in ((shop, tenant, True), (other, neighbour, False)):
        leave(town, gone.token)
        days_go_by(town, 31)
        swept(town, who, times=3)
        assert known() == [still, True]


def due(town: Town) -> list[str]:
    with town.rig.db.tx_all("asks what beat asks") as conn:
        return tenants.sweep_due(conn, now=town.watch())


def test_an_erased_shop_that_comes_back_starts_anew(town: Town) -> None:
    shop, tenant = town.activated(orders=5)
    leave(town, shop.token)
    days_go_by(town, 31)
    swept(town, tenant)

    anew = town.install(shop)
    town.work()

    assert anew != tenant
    assert len(town.mirrored(anew)) == 5
    assert town.mirrored(tenant) == {}


def test_a_shop_that_comes_back_while_it_is_erased_is_taken_in_as_a_new_one(town: Town, db: Database) -> None:
    shop, tenant = town.activated(orders=1)
    leave(town, shop.token)
    days_go_by(town, 31)
    with ThreadPoolExecutor(1) as pool:
        with db.tx(tenant) as conn:
            before, again_at = town.watch() - timedelta(days=30), town.watch()
            erasure.erase(conn, tenant, before=before, most=1, again_at=again_at, now=town.watch())
            coming = pool.submit(town.install, shop)
            until(lambda: waits_for_a_lock(db), within_s=20)
        anew = coming.result(20)

    assert anew != tenant


def waits_for_a_lock(db: Database) -> bool:
    with db.tx_all("watches") as conn:
        return conn.execute(WAITS).rowcount > 0


def test_a_shop_that_is_active_cannot_be_erased(town: Town) -> None:
    _, tenant = town.activated(orders=1)
    with town.rig.db.tx(tenant) as conn:
        at = town.watch()
        assert erasure.erase(conn, tenant, before=at + timedelta(days=99), most=9, again_at=at, now=at) is None
    assert len(town.mirrored(tenant)) == 1
