"""Say every second whose row is due: what a lost wake-up left behind is found here.

One beat works at a time, under an advisory lock of PostgreSQL; a second one waits for the lock and takes over when the
first one's session ends, however it ended.
"""

import logging
import signal
import sys
from datetime import datetime, timedelta
from threading import Event

import psycopg
import redis
from psycopg.conninfo import make_conninfo

from service import db, guard
from service import rig as rigs
from service import settings as settings_of
from service.flows import age
from service.kit import log as logs
from service.kit.clock import Leaps
from service.lanes import Lane
from service.wakeup import BEAT_ALIVE
from workers.due import due
from workers.leaps import heed

log = logging.getLogger("beat")

LOCK = 0x65787065  # "expe": the one number of this database's beat
TICK_S = 1.0
AGEING_EVERY, AGEING_AGAIN = timedelta(hours=1), timedelta(minutes=1)
STAND_BY_S = 5.0
SILENT_S = 20  # with the standby's own pace: taken over within 25 s
SIGN_OF_LIFE_S = 15  # how long Redis remembers that beat was at work


def tick(rig: rigs.Rig) -> int:
    """Wake whoever is due; return how many wake-ups were sent."""
    with rig.db.tx_all("beat asks whose rows are due") as conn:
        whose = [(lane, tenant_id) for lane in Lane for tenant_id in due(conn, lane, now=rig.now())]
    return sum(rig.wake(lane, tenant_id) for lane, tenant_id in whose)


def keep(rig: rigs.Rig, ended: Event, leaps: Leaps) -> None:
    """Tick while this process holds the lock and nobody ends it; raise guard.Unfit where it must not work."""
    guard.insist(rig)
    with psycopg.connect(guarded(rig.settings.database_url), autocommit=True, application_name="beat") as session:
        while not ended.is_set():
            if not _locked(session):
                log.info("another beat is at work; standing by")
                ended.wait(STAND_BY_S)
                continue
            log.info("beating")
            aged_until = rig.now()
            while not ended.wait(TICK_S):
                session.execute("SELECT 1")  # the lock lives as long as this session
                heed(rig, leaps)
                aged_until = keep_ages(rig, aged_until)
                sent = tick(rig)
                rig.redis.set(BEAT_ALIVE, rig.now().isoformat(), ex=timedelta(seconds=SIGN_OF_LIFE_S))
                log.debug("woke %s", sent)


def guarded(url: str) -> str:
    """Return the address of a session that ends when either side vanishes without a word.

    Keep-alives tell beat of a database that is gone. A machine that is gone, or a beat that hangs, says nothing for
    `SILENT_S`: then the server ends the session itself, and the lock is the standby's.
    """
    options = f"-c idle_session_timeout={SILENT_S * 1000} -c tcp_keepalives_idle={SILENT_S // 2}"
    options += f" -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c statement_timeout={SILENT_S * 1000}"
    return make_conninfo(url, options=options, **{name: str(value) for name, value in db.ALIVE.items()})


def keep_ages(rig: rigs.Rig, due_at: datetime) -> datetime:
    """Make partitions ahead and drop old ones when that is due; return when it is next. A failure stops no beat."""
    if rig.now() < due_at:
        return due_at
    try:
        done = age.run(rig)
    except psycopg.Error as fault:
        log.warning("ageing failed and is tried again: %s", fault)
        done = False
    return rig.now() + (AGEING_EVERY if done else AGEING_AGAIN)


def _locked(session: psycopg.Connection[tuple[object, ...]]) -> bool:
    found = session.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
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
    leaps = Leaps(rig.now)
    while not ended.is_set():
        try:
            keep(rig, ended, leaps)
        except (psycopg.Error, redis.RedisError) as away:
            log.warning("beat waits: %s", away)
            ended.wait(TICK_S)
        except guard.Unfit as unfit:
            sys.stderr.write(f"{unfit}\n")
            return 2
    rig.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
