"""Say every second whose row is due: what a lost wake-up left behind is found here.

One beat works at a time, under an advisory lock of PostgreSQL; a second one waits for the lock and takes over when the
first one's session ends, however it ended.
"""

import logging
import signal
import sys
from datetime import date, timedelta
from threading import Event

import psycopg
import redis
from psycopg.conninfo import make_conninfo

from service import activations, blocks, db, inbox, journal, outbox, tenants
from service import rig as rigs
from service import settings as settings_of
from service.kit import log as logs
from service.lanes import Lane, TenantId

log = logging.getLogger("beat")

LOCK = 0x65787065  # "expe": the one number of this database's beat
TICK_S = 1.0
SIGN_OF_LIFE_S = 15  # how long Redis remembers that beat was at work


def due(conn: db.Conn, lane: Lane, rig: rigs.Rig) -> list[TenantId]:
    """Return the tenants with due rows in a lane."""
    if lane in (Lane.ACTIVATE, Lane.PULL):
        return activations.due_tenants(conn, lane, now=rig.now())
    if lane is Lane.WRITEBACK:
        return outbox.due_tenants(conn, now=rig.now())
    if lane is Lane.SWEEP:
        return [*tenants.sweep_due(conn, now=rig.now()), *blocks.due_tenants(conn, now=rig.now())]
    return inbox.due_tenants(conn, lane, now=rig.now())


def tick(rig: rigs.Rig) -> int:
    """Wake whoever is due; return how many wake-ups were sent."""
    with rig.db.tx_all("beat asks whose rows are due") as conn:
        whose = [(lane, tenant_id) for lane in Lane for tenant_id in due(conn, lane, rig)]
    return sum(rig.wake(lane, tenant_id) for lane, tenant_id in whose)


def keep(rig: rigs.Rig, ended: Event) -> None:
    """Tick while this process holds the lock and nobody ends it."""
    with psycopg.connect(guarded(rig.settings.database_url), autocommit=True, application_name="beat") as guard:
        while not ended.is_set():
            if not _locked(guard):
                log.info("another beat is at work; standing by")
                ended.wait(TICK_S * 5)
                continue
            log.info("beating")
            months_of: date | None = None
            while not ended.wait(TICK_S):
                guard.execute("SELECT 1")  # the lock lives as long as this session
                months_of = keep_months(rig, months_of)
                sent = tick(rig)
                rig.redis.set("beat:alive", rig.now().isoformat(), ex=timedelta(seconds=SIGN_OF_LIFE_S))
                log.debug("woke %s", sent)


def guarded(url: str) -> str:
    """Return the address with keep-alives: beat must notice a database that vanished without a word."""
    return make_conninfo(url, **{name: str(value) for name, value in db.ALIVE.items()})


def keep_months(rig: rigs.Rig, done_on: date | None) -> date:
    """Make the journal's coming months once a day; return the day for which that is done."""
    today = rig.now().date()
    if today != done_on:
        with rig.db.tx_all("the journal's months") as conn:
            journal.ensure_months(conn, rig.now())
    return today


def _locked(guard: psycopg.Connection[tuple[object, ...]]) -> bool:
    found = guard.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return bool(found and found[0])


def main() -> int:
    """Beat until SIGTERM; a database or a Redis that is away is waited for."""
    try:
        settings = settings_of.load()
    except settings_of.SettingsFault as faults:
        sys.stderr.write(f"{faults}\n")
        return 2
    logs.start(settings.log_level)
    ended = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: ended.set())
    rig = rigs.build(settings)
    while not ended.is_set():
        try:
            keep(rig, ended)
        except (psycopg.Error, redis.RedisError) as away:
            log.warning("beat waits: %s", away)
            ended.wait(TICK_S)
    rig.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
