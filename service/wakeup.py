"""The only producer of Celery messages: whose turn it is, never what to do.

Losing, doubling or delaying a message is harmless: the work is a row, and beat asks every second whose row is due. A
flag per lane and tenant keeps a burst of webhooks down to one message; the task deletes it first and claims then, so
whatever was written before the flag was set is seen.
"""

import logging
from typing import Protocol

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from service.lanes import Lane, TenantId

log = logging.getLogger(__name__)

BEAT_ALIVE = "beat:alive"  # Redis forgets it 15 s after beat's last tick
WORKERS_ALIVE = "workers:alive"  # every worker's last sign of life
ALIVE_FOR_S = 20  # a worker gives one every five seconds
FLAG_MS = 5_000  # a lost message is replaced by beat once its flag has gone

# Without a socket timeout a publish on a half-open connection waits for ever; retry_on_timeout must never be set: it
# turns a worker deaf when its pub/sub connection drops.
TRANSPORT = {
    "socket_timeout": 15,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "visibility_timeout": 600,
}
PUBLISH = {**TRANSPORT, "socket_timeout": 2, "socket_connect_timeout": 1}


class Wake(Protocol):
    """Whoever can tell a lane that a tenant's turn has come."""

    def __call__(self, lane: Lane, tenant_id: TenantId) -> bool:
        """Send one message unless one is already under way; return whether one was sent."""
        ...

    def taken(self, lane: Lane, tenant_id: TenantId) -> None:
        """Say that a message has arrived, so that the next one may be sent."""
        ...


class Wakeup:
    """Sends a wake-up by name, so that the sender needs none of the workers' code."""

    def __init__(self, redis_url: str, flags: redis.Redis) -> None:
        self._flags = flags
        self._celery = Celery("wakeup", broker=redis_url)
        self._celery.conf.update(
            task_serializer="json", result_backend=None, task_ignore_result=True, broker_transport_options=PUBLISH
        )

    def __call__(self, lane: Lane, tenant_id: TenantId) -> bool:
        """Send one message unless one is already under way; a broker that is away is beat's business, not ours."""
        flag = flag_of(lane, tenant_id)
        try:
            if not self._flags.set(flag, 1, nx=True, px=FLAG_MS):
                return False
        except redis.RedisError as away:
            log.warning("no wake-up for %s of %s: %s", lane, tenant_id, away)
            return False
        try:
            self._celery.send_task(lane.value, args=[tenant_id], queue=lane.value, retry=False, ignore_result=True)
        except (OperationalError, redis.RedisError, OSError) as away:
            log.warning("no wake-up for %s of %s: %s", lane, tenant_id, away)
            self._forget(flag)
            return False
        return True

    def taken(self, lane: Lane, tenant_id: TenantId) -> None:
        """Delete the flag: what is written from now on needs a message of its own."""
        self._forget(flag_of(lane, tenant_id))

    def _forget(self, flag: str) -> None:
        try:
            self._flags.delete(flag)
        except redis.RedisError as away:
            log.warning("a wake-up flag stays until it expires: %s", away)


def flag_of(lane: Lane, tenant_id: TenantId) -> str:
    """Return the name of the flag that says a message is under way."""
    return f"wake:{lane.value}:{tenant_id}"
