"""A warehouse at a fake door, and what its tests ask of it."""

from typing import Any

import httpx

from simulator.wms import Warehouse, judge
from tests.simulator.fake_door import TENANT, TOKEN, FakeDoor


def warehouse(door: FakeDoor, *, token: str = TOKEN, **how: Any) -> Warehouse:
    client = httpx.Client(transport=door.transport(), base_url="http://door")
    return Warehouse(client, token, **{"wait_s": 0, "pause_s": 0.0, "tries": 3, **how})


def key(number: str) -> tuple[str, str]:
    return TENANT, number


def faults(it: Warehouse) -> list[str]:
    return sorted(line["fault"] for line in it.ledger.of("deviation"))


def well(it: Warehouse) -> bool:
    return not it.ledger.deviations and not any(judge.findings(it.ledger).values())
