"""Evidence of a service that nothing is wrong with, for tests that spoil one thing of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from service.db.partitions import Parent
from service.doctor.evidence import Caps, Evidence, OfDatabase, OfRedis, OfShop, OfSpool
from service.inbox.spool import Standing
from service.lanes import Lane, Waiting
from service.mappings import Given
from service.steps import health
from service.tenants import State, Tenant

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IDLE = Waiting(0, 0, 0, None, None)


def tenant(tenant_id: str = "t_one", state: State = State.ACTIVE, **changed: Any) -> Tenant:
    said = {"state_why": None, "generation": 1, "version": "1", "shop_name": "alfa.example.com", "slot_minute": 0}
    said |= {"account_id": "a_one", "warehouse_account_id": "a_two", "installed_at": NOW, "dismissed_at": None}
    return Tenant(tenant_id, state, **{**said, **changed})


def lanes(**changed: Waiting) -> dict[Lane, Waiting]:
    return dict.fromkeys(health.PROMISED, IDLE) | {Lane(name): waiting for name, waiting in changed.items()}


DATABASE = OfDatabase(
    lanes=lanes(),
    shops=[tenant()],
    block=None,
    calls={"t_one": 40},
    outcomes=[],
    problems={},
    hooks_off=0,
    receiver_at=NOW - timedelta(seconds=30),
    looked_at=None,
    sealed_at=NOW,
    partitions=dict.fromkeys(Parent, NOW + timedelta(days=5)),
    overdue=0,
    labels={},
    failing=[],
    lists={},
)
REDIS = OfRedis(NOW, 2, dict.fromkeys(Lane, 0), 0)
SPOOL = OfSpool(Standing(0, 0, 0, None), most_bytes=10**9, disk_bytes=10**10, disk_free=9 * 10**9)
SHOP = OfShop(
    tenant=tenant(),
    doubted=False,
    mapping=Given(live_since=NOW, release=frozenset({1}), history_until=NOW),
    failed={},
    running=[],
    resting={},
    parked=0,
    problems={},
    heard_at=NOW,
    readers=1,
)
WELL = Evidence(
    at=NOW,
    caps=Caps(shop=5_000, service=50_000),
    database=DATABASE,
    redis=REDIS,
    spool=SPOOL,
    certificate_ends_at=NOW + timedelta(days=60),
)


def database(**changed: Any) -> Evidence:
    return replace(WELL, database=replace(DATABASE, **changed))


def redis(**changed: Any) -> Evidence:
    return replace(WELL, redis=replace(REDIS, **changed))


def spool(**changed: Any) -> Evidence:
    held = {name: changed.pop(name) for name in ("files", "aside", "size", "oldest") if name in changed}
    return replace(WELL, spool=replace(SPOOL, held=replace(SPOOL.held, **held), **changed))


def shop(**changed: Any) -> Evidence:
    return replace(WELL, shop=replace(SHOP, **changed))
