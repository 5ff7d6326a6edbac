"""The Celery application of the workers: wake-ups in, nothing out.

Threads pool, early acks, prefetch one, no results. A task that is lost is found again by beat, because the work itself
is a row that is due.
"""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery, Task, signals

from service import guard, wakeup
from service import rig as rigs
from service import settings as settings_of
from service.db import Database
from service.kit import log as logs
from service.kit.clock import Leaps
from service.lanes import Lane, TenantId
from workers.leaps import heed
from workers.watchdog import Ear, Watchdog

log = logging.getLogger(__name__)

Flow = Callable[[rigs.Rig, TenantId], int]

NICER = 5  # a third of a neighbour's share
AUTOGROUP = Path("/proc/self/autogroup")

app = Celery("expedition", broker=os.environ.get("REDIS_URL"), include=["workers.tasks"])
app.conf.update(
    result_backend=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    task_acks_late=False,
    timezone="UTC",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_hijack_root_logger=False,
    worker_soft_shutdown_timeout=3.0,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=True,
    task_routes={lane.value: {"queue": lane.value} for lane in Lane},
    broker_transport_options=wakeup.TRANSPORT,
)


class DatabaseFailed(Exception):
    """The database did not do its part; what was claimed is due again when its lease ends."""


class Held:
    """The rig of this process, built when its worker starts, its clock, what it takes, and who watches that it does."""

    rig: rigs.Rig | None = None
    leaps: Leaps | None = None
    ear: Ear | None = None
    watchdog: Watchdog | None = None


@signals.worker_init.connect
def start(**_: Any) -> None:  # the signal's own arguments
    """Build the rig before the first task; faults of settings and installation are told whole and end the process."""
    try:
        settings = settings_of.load()
    except settings_of.SettingsFault as faults:
        sys.exit(str(faults))
    logs.start(settings.log_level)
    step_back()
    Held.rig = rigs.build(settings)
    Held.leaps = Leaps(Held.rig.now)
    try:
        if not guard.insist(Held.rig):
            guard.insist_later(Held.rig)
    except guard.Unfit as unfit:
        sys.exit(str(unfit))
    Held.ear = Ear(settings.worker_threads)


@signals.worker_ready.connect
def watch(**_: Any) -> None:  # the signal's own arguments
    """Watch over the lanes this worker was told to listen to."""
    if Held.rig and Held.ear:
        lanes = [lane for lane in Lane if lane.value in app.amqp.queues.consume_from]
        own = Database(Held.rig.settings.database_url, size=1)
        own.open()
        Held.watchdog = Watchdog(replace(Held.rig, db=own), Held.ear, lanes)
        Held.watchdog.start()


@signals.worker_shutting_down.connect
def watch_no_more(**_: Any) -> None:  # the signal's own arguments
    """Let a worker that takes nothing more bring to an end what it holds."""
    if Held.watchdog:
        Held.watchdog.stop()


def step_back() -> None:
    """Let the receiver go first where it shares a small machine with us: it has a second, a read has minutes.

    Linux weighs sessions before it weighs the processes in them, so a worker in a session of its own tells both.
    """
    os.nice(NICER)
    with suppress(OSError):  # no such file elsewhere, and not ours to write in some containers
        AUTOGROUP.write_text(str(NICER))


@signals.worker_shutdown.connect
def stop(**_: Any) -> None:  # the signal's own arguments
    """Close what the rig holds."""
    if Held.rig:
        Held.rig.close()


def lane_task(lane: Lane, flow: Flow) -> Task[Any, Any]:
    """Make the task of a lane: forget the wake-up flag first, then do what is due."""

    def run(tenant_id: str) -> str:
        rig, leaps, ear = Held.rig, Held.leaps, Held.ear
        if rig is None or leaps is None or ear is None:
            raise RuntimeError("a task began before its worker")
        with ear.taking(lane):
            rig.wake.taken(lane, tenant_id)
            try:
                heed(rig, leaps)
                done = flow(rig, tenant_id)
            except psycopg.Error as fault:  # its text may quote a row, and a task's traceback is shown in Flower
                raise DatabaseFailed(f"{lane} of {tenant_id}: {type(fault).__name__} {fault.sqlstate or ''}") from None
        log.debug("%s of %s did %s", lane, tenant_id, done)
        return f"did {done}"  # Flower shows beside "the worker ended" what came of it; who waits, `parked` tells

    return app.task(name=lane.value)(run)
