"""What must hold before anything starts: settings and servers that would lose work are refused, each with its fix.

Only what is proven refuses. A server that is away proves nothing: whoever starts waits for it, `check` tells of it.
"""

import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import psycopg
import redis

from service import db
from service.db import migrate
from service.kit import volume
from service.platform import address
from service.rig import Rig
from service.settings import Settings

log = logging.getLogger(__name__)

LONGEST_FLOW_S = 30  # by construction: HTTP 3 s + 20 s, statements 5 s
SHORTEST_LEASE_S = LONGEST_FLOW_S + 10  # what a worker holds must not come back to another while it works
MOST_OFF = timedelta(seconds=5)
ASK_AGAIN_S = 10.0
PLACEHOLDER = "CHANGE-ME"


class Unfit(Exception):
    """An installation would lose work; the message lists why, and what to change."""


@dataclass
class Findings:
    """What was proven against a start, and who could not be asked."""

    faults: list[str] = field(default_factory=list[str])
    away: list[str] = field(default_factory=list[str])


def insist(rig: Rig, *, receives: bool = False) -> bool:
    """Let a process start and say whether all could be asked; raise Unfit where it would lose work.

    `receives`: it spools webhooks.
    """
    found = look(rig, receives=receives)
    if found.faults:
        raise Unfit("\n".join(["This installation would lose work:", *(f"  {fault}" for fault in found.faults)]))
    return not found.away


def insist_later(
    rig: Rig, *, receives: bool = False, end: Callable[[], object] = lambda: os.kill(os.getpid(), signal.SIGTERM)
) -> Thread:
    """Ask whoever was away at the start as soon as he answers, in a thread; `end` the process where it loses work."""

    def ask() -> None:
        while True:
            try:
                if insist(rig, receives=receives):
                    return
            except Unfit as unfit:
                log.critical("this process ends: %s", unfit)
                end()
                return
            rig.nap(ASK_AGAIN_S)

    asking = Thread(target=ask, name="guard", daemon=True)
    asking.start()
    return asking


def look(rig: Rig, *, receives: bool = False) -> Findings:
    """Return every fault of the settings, of both servers and of the clocks, and of the spool of a process with one."""
    mounts = volume.mounts()
    found = Findings(faults=of_settings(rig.settings, mounts=mounts))
    if receives:
        known = "" if rehearses(rig.settings) else mounts
        found.faults += [f"SPOOL_FOLDER: {fault}" for fault in volume.faults(rig.settings.spool_folder, known)]
    for name, ask in (("DATABASE_URL", _of_database), ("REDIS_URL", _of_redis)):
        try:
            found.faults += ask(rig)
        except (psycopg.Error, redis.RedisError) as away:
            found.away.append(f"{name}: {away}")
    return found


def of_settings(settings: Settings, *, mounts: str) -> list[str]:
    """Return the faults the settings have by themselves.

    An address that only this machine reaches is a rehearsal: no shop hangs on it, so it may go without TLS, lose its
    keys with its folder, and take over from the dead sooner than a real shop's calls would allow.
    """
    faults: list[str] = []
    if settings.database_pool < settings.worker_threads:
        faults.append(
            f"DATABASE_POOL is {settings.database_pool}, below WORKER_THREADS ({settings.worker_threads}): threads"
            f" would claim work and wait for a connection in vain; set DATABASE_POOL={settings.worker_threads} or more"
        )
    if rehearses(settings):
        return faults
    if not settings.public_url.startswith("https://"):
        faults.append(
            "PUBLIC_URL is not https: webhooks and credentials would travel readable; give it TLS (Caddy does) and say"
            f" https://{settings.public_url.removeprefix('http://')}"
        )
    if settings.signature_token.get_secret_value() == PLACEHOLDER:
        faults.append(
            f"SIGNATURE_TOKEN is {PLACEHOLDER}, as in env.example: every signed call would be refused, uninstallations"
            " too; put the one of the Marketplace"
        )
    if settings.lease_s < SHORTEST_LEASE_S:
        faults.append(
            f"LEASE_S is {settings.lease_s:g}: a flow may take {LONGEST_FLOW_S} s, and another worker would take over"
            f" what is still being done; set LEASE_S={SHORTEST_LEASE_S} or more"
        )
    for name in ("secrets_key_file", "webhook_key_file"):
        faults += dying(name.upper(), getattr(settings, name), mounts=mounts)
    return faults


def rehearses(settings: Settings) -> bool:
    """Say whether only this machine reaches the service: no shop hangs on it."""
    return urlsplit(settings.public_url).hostname in address.LOOPBACK


def dying(name: str, path: Path, *, mounts: str) -> list[str]:
    """Return the fault of a path whose volume ends with the machine or the container.

    What is mounted read-only was put there by somebody who keeps it elsewhere: the secrets of Swarm and Kubernetes.
    """
    found = volume.under(path, mounts)
    if found is None or found.kind not in volume.MEMORY or found.read_only:
        return []
    where = f"{name} is {path}, on the {found.kind} {found.place} that is gone after a restart"
    return [f"{where}: put it on a disk, in a container on a volume or a secret"]


# Without them a commit that was acknowledged may be gone after a crash of the server.
LASTING = """
    SELECT name
    FROM pg_settings
    WHERE name IN ('fsync', 'synchronous_commit')
      AND setting = 'off'
    ORDER BY name
"""
CLOCK = "SELECT clock_timestamp() AS at"  # the one statement that asks a clock: it is what is looked at
APPLIED = "SELECT version FROM schema_migrations"


def _of_database(rig: Rig) -> list[str]:
    with rig.db.tx_all("the clock of the database") as conn:
        faults = _off(rig, "PostgreSQL", lambda: db.rows(conn, CLOCK)[0]["at"])
        passing = [] if rehearses(rig.settings) else [row["name"] for row in db.rows(conn, LASTING)]
    faults += [
        f"DATABASE_URL: this PostgreSQL has {name} off, so a crash takes back what we acknowledged: set {name} = on"
        for name in passing
    ]
    try:
        with rig.db.tx_all("which schema is this") as conn:
            applied = {row["version"] for row in db.rows(conn, APPLIED)}
    except psycopg.errors.UndefinedTable:
        return [*faults, f"the database has no schema, the code needs {migrate.latest()}: {MIGRATE}"]
    # A newer schema is none of our business: its `pre` migrations let the code before them live.
    if missing := [version for version in migrate.versions() if version not in applied]:
        faults.append(f"the schema is behind, the code needs {', '.join(missing)}: {MIGRATE}")
    return faults


KEEP_TIME = "let both machines keep time by NTP"
MIGRATE = "run `python -m service migrate`"


def _of_redis(rig: Rig) -> list[str]:
    def clock() -> datetime:
        seconds, micros = rig.redis.time()  # pyright: ignore[reportUnknownMemberType]
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)

    faults = _off(rig, "Redis", clock)
    memory = rig.redis.info("memory")  # pyright: ignore[reportUnknownMemberType]
    policy = memory.get("maxmemory_policy", "noeviction")
    if memory.get("maxmemory") and policy != "noeviction":
        faults.append(
            f"REDIS_URL: this Redis forgets keys when its memory is full (maxmemory-policy {policy}), and a forgotten"
            " budget is spent twice: set maxmemory-policy noeviction"
        )
    return faults


def _off(rig: Rig, whose: str, ask: Callable[[], datetime]) -> list[str]:
    """Return the fault of clocks that disagree by more than five seconds; a slow answer is given its doubt."""
    asked_at = rig.now()
    theirs = ask()
    heard_at = rig.now()
    off = max(asked_at - theirs, theirs - heard_at)
    if off <= MOST_OFF:
        return []
    apart = f"this machine's clock and that of {whose} are {off.total_seconds():.0f} s apart"
    return [f"{apart}: leases and schedules go by them; {KEEP_TIME}"]
