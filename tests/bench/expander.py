"""Expands the bench tenant's webhooks until its stdin ends, as the worker of the lane does, and says how fast."""

import sys
import threading
import time

from service.db import Database
from service.inbox import Dial
from service.kit.clock import utc_now
from service.lanes import Lane
from service.steps import expand
from service.tenants import State
from tests.bench.stage import TENANT

DIAL = Dial(interval_s=60, routine_s=1800, wait_s=0.5)


def main(url: str) -> None:
    db = Database(url, size=1)
    db.open()
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    records, busy = 0, 0.0
    while not stop.is_set():
        began = time.monotonic()
        with db.tx(TENANT) as conn:
            done = expand.expand(conn, TENANT, Lane.REFRESH_ORDERS, fence=(State.ACTIVE, 1), dial=DIAL, now=utc_now())
        if done.deliveries:
            records += done.records
            busy += time.monotonic() - began
        else:
            stop.wait(0.05)
    db.close()
    print(f"{records} records expanded at {records / max(busy, 0.001):.0f}/s while busy")


main(sys.argv[1])
