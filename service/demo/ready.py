"""How each process shows that it does its work, seen from outside."""

import json
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

BEAT_LOCKS = """
    SELECT count(*)
    FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""


def answers(url: str) -> bool:
    """Say whether a GET is answered with 200."""
    with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own URLs
        return answer.status == 200
    return False


def waits_for_messages(pid: int, redis_url: str) -> bool:
    """Say whether a Celery worker asks Redis for messages, the last thing it begins when it starts."""
    with suppress(redis.RedisError, psutil.NoSuchProcess), redis.Redis.from_url(redis_url, socket_timeout=2) as client:  # pyright: ignore[reportUnknownMemberType]
        asking = {one["addr"].rpartition(":")[2] for one in client.client_list() if one["cmd"] == "brpop"}  # pyright: ignore[reportUnknownMemberType]
        return any(str(wire.laddr[1]) in asking for wire in psutil.Process(pid).net_connections("tcp"))
    return False


def beat_holds_its_lock(database_url: str) -> bool:
    """Say whether a beat is at work in this database."""
    with psycopg.connect(database_url) as conn:
        return conn.execute(BEAT_LOCKS).fetchone() != (0,)


def said(log: Path) -> dict[str, Any] | None:
    """Return the JSON line a process said first, None while it has not."""
    with suppress(FileNotFoundError):
        for line in log.read_text().splitlines(keepends=True):
            if line.startswith("{") and line.endswith("\n"):
                return json.loads(line)
    return None
