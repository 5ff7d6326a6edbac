"""Asks the neighbours for evidence, each by itself, so that one that is away hides no other."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

import psycopg
import redis

from service import (
    accounts,
    activations,
    blocks,
    bookings,
    contracts,
    db,
    guard,
    inbox,
    journal,
    mappings,
    outbox,
    points,
    problems,
    tenants,
    tracking,
)
from service.budget import ledger, rules
from service.budget.purse import Later
from service.db import partitions
from service.db.partitions import Parent
from service.doctor.evidence import Caps, Evidence, OfDatabase, OfRedis, OfShop, OfSpool
from service.inbox import spool
from service.kit import tls
from service.lanes import Lane, TenantId
from service.rig import Rig
from service.settings import Settings
from service.steps import health
from service.tenants import State
from service.wakeup import ALIVE_FOR_S, BEAT_ALIVE, WORKERS_ALIVE

T = TypeVar("T")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCHEMA = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)  # behind: the guard has told it already


def everything(rig: Rig, tenant_id: TenantId | None = None) -> Evidence:
    """Return what is known now; who does not answer stands in `away`. Raise LookupError for a shop nobody knows."""
    found = guard.look(rig, receives=True)
    away = dict(told.split(": ", 1) for told in found.away)

    def asked(name: str, ask: Callable[[], T]) -> T | None:
        if name in away:
            return None
        try:
            return ask()
        except SCHEMA:
            return None
        except (psycopg.Error, redis.RedisError, OSError) as fault:
            away[name] = str(fault).strip()
            return None

    return Evidence(
        at=rig.now(),
        caps=caps(rig.settings),
        faults=found.faults,
        database=asked("DATABASE_URL", lambda: of_database(rig)),
        shop=asked("DATABASE_URL", lambda: None if tenant_id is None else of_shop(rig, tenant_id)),
        redis=asked("REDIS_URL", lambda: of_redis(rig)),
        waits=asked("REDIS_URL", lambda: None if tenant_id is None else waits(rig, tenant_id)),
        spool=asked("SPOOL_FOLDER", lambda: of_spool(rig.settings)),
        certificate_ends_at=asked("PUBLIC_URL", lambda: certificate_ends_at(rig.settings)),
        away=away,
    )


def caps(settings: Settings) -> Caps:
    """Return what a day's calls are held against."""
    return Caps(shop=settings.calls_per_day, service=rules.SERVICE_PER_DAY)


def of_database(rig: Rig) -> OfDatabase:
    """Ask PostgreSQL about all shops together, by a number of statements that does not grow with them."""
    now = rig.now()
    day = rules.moment(rules.day_began(rules.millis(now)))
    with rig.db.tx_all("what is wrong may be wrong at any shop") as conn:
        return OfDatabase(
            lanes=health.of_lanes(conn, now=now),
            shops=[shop for shop in tenants.everyone(conn) if shop.state is not State.DISMISSED],
            block=blocks.current(conn),
            calls=ledger.by_tenant(conn, since=day),
            outcomes=ledger.outcomes(conn, since=now - HOUR),
            problems=problems.counted(conn),
            hooks_off=inbox.shops_asked(conn, inbox.Cause.HOOK_OFF, since=now - DAY),
            receiver_at=inbox.alive_at(conn),
            looked_at=inbox.last_ended(conn),
            sealed_at=journal.last_sealed(conn),
            partitions={parent: _end_of(conn, parent) for parent in Parent},
            overdue=sum(inbox.overdue(conn, before=now - timedelta(days=rig.settings.keep_webhooks_days)).values()),
            labels=bookings.by_carrier(conn, now=now),
            failing=contracts.failing(conn),
            lists=_lists(conn),
            asked=tracking.spent(conn, now=now),
        )


def _lists(conn: db.Conn) -> dict[str, datetime]:
    """Return when lists were read, those of carriers anybody has a login with; one that never was, since it is owed."""
    held, read = contracts.carriers(conn), dict[str, datetime]()
    for feed in points.feeds(conn):
        at = feed.synced_at or feed.since
        if feed.carrier in held:
            read[feed.carrier] = min(at, read.get(feed.carrier, at))
    return read


def _end_of(conn: db.Conn, parent: Parent) -> datetime | None:
    last = max(partitions.days(conn, parent), default=None)
    end = partitions.ends(parent, last) if last else None
    return datetime(end.year, end.month, end.day, tzinfo=UTC) if end else None


def of_redis(rig: Rig) -> OfRedis:
    """Ask Redis who is at work; raise redis.RedisError."""
    at = cast("bytes | None", rig.redis.get(BEAT_ALIVE))
    return OfRedis(
        beat_at=datetime.fromisoformat(at.decode()) if at else None,
        workers=rig.redis.zcount(WORKERS_ALIVE, rig.now().timestamp() - ALIVE_FOR_S, "+inf"),
        wakeups={lane: rig.redis.llen(lane.value) for lane in Lane},
        calls_under_way=rig.purse.under_way(now=rig.now()),
    )


def of_spool(settings: Settings) -> OfSpool:
    """Look at the spool and at the disk it lies on; raise OSError where there is none."""
    disk = shutil.disk_usage(settings.spool_folder)
    return OfSpool(spool.standing(settings.spool_folder), settings.spool_bytes, disk.total, disk.free)


def certificate_ends_at(settings: Settings) -> datetime | None:
    """Ask our own public address until when its certificate is valid; None where only this machine reaches it."""
    return None if guard.rehearses(settings) else tls.certificate_ends_at(settings.public_url)


def of_shop(rig: Rig, tenant_id: TenantId) -> OfShop:
    """Return what the orders of a shop may wait for; raise LookupError for one nobody knows."""
    now = rig.now()
    with rig.db.tx_all("an operator names a tenant") as conn:
        tenant, access = tenants.of(conn, tenant_id), tenants.access(conn, tenant_id)
        accounts_of = (tenant.account_id, tenant.warehouse_account_id) if tenant else ()
        tokens = [token for each in accounts_of if each for token in accounts.tokens(conn, each)]
    if tenant is None or access is None:
        raise LookupError(f"there is no tenant {tenant_id}; `tenants` lists them")
    with rig.db.tx(tenant_id) as conn:
        steps = activations.of(conn, tenant_id)
        stopped = inbox.parked(conn, tenant_id), inbox.stuck(conn, tenant_id), outbox.parked(conn, tenant_id)
        return OfShop(
            tenant=tenant,
            doubted=access.doubted,
            mapping=mappings.of(conn, tenant_id),
            failed={step.step: step.why or "" for step in steps if step.state == "failed"},
            running=[step.step for step in steps if step.due_at],
            resting=_resting(conn, tenant_id, now),
            parked=sum(map(len, stopped)),
            problems=problems.counted(conn),
            heard_at=inbox.heard_at(conn, tenant_id),
            readers=sum(token.revoked_at is None for token in tokens),
        )


def _resting(conn: db.Conn, tenant_id: TenantId, now: datetime) -> dict[Lane, datetime]:
    until = outbox.shop_of(conn, tenant_id).rests_until
    writing = {Lane.WRITEBACK: until} if until and until > now else {}
    return {**inbox.resting(conn, tenant_id, now=now), **writing}


def waits(rig: Rig, tenant_id: TenantId) -> Later | None:
    """Return until when the shop may not be called, for fresh orders, and why."""
    return rig.purse.would_wait(tenant_id, Lane.REFRESH_ORDERS, now=rig.now())
