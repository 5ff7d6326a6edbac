"""The Celery application of the workers: wake-ups in, nothing out.

Threads pool, early acks, prefetch one, no results. A task that is lost is found again by beat, because the work itself
is a row that is due.
"""

import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from celery import Celery, Task, signals

from service import rig as rigs
from service import settings as settings_of
from service import wakeup
from service.kit import log as logs
from service.lanes import Lane, TenantId

log = logging.getLogger(__name__)

Flow = Callable[[rigs.Rig, TenantId], int]

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


class Held:
    """The rig of this process, built when its worker has started."""

    rig: rigs.Rig | None = None


@signals.worker_init.connect
def start(**_: Any) -> None:  # the signal's own arguments
    """Build the rig before the first task; faults of the settings are told whole and end the process."""
    try:
        settings = settings_of.load()
    except settings_of.SettingsFault as faults:
        sys.exit(str(faults))
    logs.start(settings.log_level)
    Held.rig = rigs.build(settings)


@signals.worker_shutdown.connect
def stop(**_: Any) -> None:  # the signal's own arguments
    """Close what the rig holds."""
    if Held.rig:
        Held.rig.close()


def lane_task(lane: Lane, flow: Flow) -> Task[Any, Any]:
    """Make the task of a lane: forget the wake-up flag first, then do what is due."""

    def run(tenant_id: str) -> None:
        rig = Held.rig
        if rig is None:
            raise RuntimeError("a task began before its worker")
        rig.wake.taken(lane, tenant_id)
        done = flow(rig, tenant_id)
        log.debug("%s of %s did %s", lane, tenant_id, done)

    return app.task(name=lane.value)(run)
