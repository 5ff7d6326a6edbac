"""What Redis forgets is made again from the ledger; without Redis nobody calls."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from service.budget import ledger
from service.budget.ledger import End
from service.budget.purse import Later, Lease, Purse
from service.budget.rules import Caps
from service.db import Database
from service.lanes import Lane

NOW = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
CAPS = Caps(
    calls_per_second=2, burst=20, calls_per_day=10, service_per_day=14, at_once=2, service_at_once=16, lease_ms=45_000
)
FRESH = Lane.REFRESH_ORDERS
SHOP = "t_one"


@pytest.fixture
def memory(redis_url):
    client = redis.Redis.from_url(redis_url)
    yield client
    client.close()


@pytest.fixture
def purse(memory, db) -> Purse:
    return Purse(memory, db, CAPS)


def called(db: Database, *, ago_s: float, lane: Lane = FRESH, status: int | None = 200, tenant: str = SHOP) -> None:
    """Write down a call that ended within a second; `status` None: it has not ended."""
    began_at = NOW - timedelta(seconds=ago_s)
    with db.tx(tenant) as conn:
        call_id = ledger.begin(conn, tenant, lane=lane, plan="orders_events", began_at=began_at)
        if status:
            ended = End("read" if status == 200 else "CredentialsRejected", status, 1)
            ledger.end(conn, tenant, call_id=call_id, began_at=began_at, ended_at=began_at, end=ended)


def test_the_calls_of_the_day_are_counted_again(purse, memory, db) -> None:
    for _ in range(8):
        called(db, ago_s=7_200)
    called(db, ago_s=86_400)

    granted = [purse.take(SHOP, FRESH, now=NOW + timedelta(seconds=60 * n), doubted=False) for n in range(3)]

    assert [type(one) for one in granted] == [Lease, Lease, Later]
    assert granted[2].until == datetime(2026, 3, 1, 23, tzinfo=UTC)


def test_the_calls_of_all_shops_are_counted_again(purse, db) -> None:
    for _ in range(14):
        called(db, ago_s=3_600, tenant="t_two")

    later = purse.take(SHOP, FRESH, now=NOW, doubted=False)

    assert isinstance(later, Later)
    assert "service" in later.why


def test_a_call_under_way_is_waited_for_until_its_lease_ends(purse, db) -> None:
    called(db, ago_s=20, status=None)
    called(db, ago_s=10, status=None)
    called(db, ago_s=50, status=None)  # its lease is over: its worker died

    assert isinstance(purse.take(SHOP, FRESH, now=NOW, doubted=False), Later)
    assert isinstance(purse.take(SHOP, FRESH, now=NOW + timedelta(seconds=26), doubted=False), Lease)


def test_redis_emptied_in_the_middle_forgets_no_call(purse, memory, db) -> None:
    for _ in range(10):
        called(db, ago_s=600)
    assert isinstance(purse.take(SHOP, FRESH, now=NOW, doubted=False), Later)

    memory.flushdb()

    assert isinstance(purse.take(SHOP, FRESH, now=NOW, doubted=False), Later)


def test_a_burst_before_redis_was_emptied_is_not_made_twice(memory, db) -> None:
    purse = Purse(memory, db, Caps(2, 20, 5_000, 50_000, at_once=2, service_at_once=16, lease_ms=45_000))
    for n in range(20):
        called(db, ago_s=0.01 * n)

    later = purse.take(SHOP, FRESH, now=NOW, doubted=False)

    assert isinstance(later, Later)
    assert NOW < later.until < NOW + timedelta(seconds=1)


def test_bad_logins_of_all_shops_are_counted_again(purse, db) -> None:
    for tenant in ("t_two", "t_three", "t_four"):
        called(db, ago_s=60, status=401, tenant=tenant)

    fresh = purse.take(SHOP, Lane.ACTIVATE, now=NOW, doubted=True)

    assert isinstance(fresh, Later)
    assert fresh.until == NOW + timedelta(minutes=59)
    assert isinstance(purse.take(SHOP, FRESH, now=NOW, doubted=False), Lease)
    assert purse.locked_out(now=NOW) == fresh.until


def test_what_a_lane_would_wait_for_is_told_and_nothing_is_taken(purse) -> None:
    assert purse.would_wait(SHOP, FRESH, now=NOW) is None  # nothing is known of it
    lease = purse.take(SHOP, FRESH, now=NOW, doubted=False)
    assert isinstance(lease, Lease)
    assert purse.would_wait(SHOP, FRESH, now=NOW) is None
    assert purse.under_way(now=NOW) == 1

    until = NOW + timedelta(minutes=10)
    purse.block(SHOP, until)
    assert purse.would_wait(SHOP, FRESH, now=NOW) == Later(until, "the shop told us to come back later")
    purse.free(lease)
    assert purse.under_way(now=NOW) == 0


def test_without_redis_nobody_calls(db) -> None:
    gone = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)

    assert Purse(gone, db, CAPS).take(SHOP, FRESH, now=NOW, doubted=False) == Later(
        NOW + timedelta(seconds=5), "Redis is away, and nobody knows who else is calling"
    )


def test_the_ledger_counts_by_row_and_lane(db) -> None:
    called(db, ago_s=60)
    called(db, ago_s=30, status=401)
    called(db, ago_s=20, lane=Lane.PULL)
    called(db, ago_s=20, lane=Lane.PULL, tenant="t_two")
    called(db, ago_s=7_200)

    with db.tx(SHOP) as conn:
        counted = ledger.counted(conn, SHOP, since=NOW - timedelta(hours=1))
        none_yet = ledger.counted(conn, SHOP, since=NOW - timedelta(hours=3), until=NOW - timedelta(hours=2, seconds=1))
    with db.tx_all("counts every shop's calls") as conn:
        everybody = ledger.counted(conn, None, since=NOW - timedelta(hours=1))

    assert counted == [
        ledger.Count("orders_events", "pull", calls=1, items=1, failed=0),
        ledger.Count("orders_events", "refresh_orders", calls=2, items=2, failed=1),
    ]
    assert none_yet == []
    assert [row.calls for row in everybody] == [2, 2]


def test_a_call_of_another_tenant_cannot_be_ended(db) -> None:
    called(db, ago_s=1, status=None)
    with db.tx("t_two") as conn:
        ledger.end(conn, SHOP, call_id=1, began_at=NOW - timedelta(seconds=1), ended_at=NOW, end=End("read", 200, 1))

    with db.tx(SHOP) as conn:
        assert conn.execute("SELECT ended_at FROM calls").fetchone() == {"ended_at": None}
