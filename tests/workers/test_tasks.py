"""A lane is a queue, a task, a flow file: the same name everywhere."""

from importlib import import_module

from service.lanes import Lane
from workers.app import app
from workers.tasks import FLOWS, TASKS


def test_every_lane_has_its_task_its_queue_and_its_flow_file() -> None:
    assert set(TASKS) == set(FLOWS) == set(Lane)
    for lane, task in TASKS.items():
        assert task.name == lane.value
        assert app.conf.task_routes[lane.value] == {"queue": lane.value}
        assert FLOWS[lane] is import_module(f"service.flows.{lane.value}").run
