"""The tests freeze PostgreSQL whole, also while its backends come and go."""

import threading
from contextlib import suppress

import psutil
import psycopg

from tests.bench.stage import Stage, stage

TIMES = 20


def come_and_go(stood: Stage, ended: threading.Event) -> None:
    while not ended.is_set():
        with suppress(psycopg.OperationalError):
            psycopg.connect(stood.servers.postgres.url("postgres"), connect_timeout=5).close()


def test_postgres_stands_still_while_its_backends_come_and_go() -> None:
    ended = threading.Event()
    with stage(durable=False) as stood:
        postmaster = psutil.Process(stood.servers.postgres.child.pid)
        guests = [threading.Thread(target=come_and_go, args=(stood, ended)) for _ in range(4)]
        for guest in guests:
            guest.start()
        try:
            for _ in range(TIMES):
                with stood.frozen():
                    everybody = [postmaster, *postmaster.children(recursive=True)]
                    states = {process.status() for process in everybody}
                assert states <= {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}
        finally:
            ended.set()
            for guest in guests:
                guest.join()
