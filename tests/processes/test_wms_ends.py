"""A web process that is told to end does not wait for those who wait for news."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic

import httpx
import pytest

from service import accounts
from service.accounts import Kind, Person
from service.db import Database
from service.web.bell import LISTEN
from tests.lifecycle import settings_of
from tests.shop_items import NOON
from tests.simulator.until import until

WAITING = "SELECT count(*) AS n FROM pg_stat_activity WHERE query = %s"


@pytest.fixture
def token(db: Database) -> str:
    with db.tx_all("a test opens an account") as conn:
        account = accounts.create(conn, Kind.WAREHOUSE, Person(name="w"), now=NOON)
        secret = accounts.add_token(conn, account, label="t", now=NOON).secret
    assert secret
    return secret


@pytest.fixture
def url(database, redis_url, tmp_path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A served process and where it listens."""
    spool = tmp_path / "spool"
    spool.mkdir()
    said = settings_of(
        database.url, tmp_path, redis_url=redis_url, public_url="http://localhost", spool_folder=spool
    ).model_dump(exclude_none=True)
    env = {name.upper(): str(value) for name, value in said.items()} | {"PATH": os.environ["PATH"]}
    env["SIGNATURE_TOKEN"] = "not-a-secret"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "service.web.app:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen([*command, "--loop", "asyncio", "--http", "httptools"], env=env) as process:
        yield f"http://127.0.0.1:{port}", process
        process.kill()


def test_a_told_process_ends_at_once_and_answers_who_waits(url, token: str, db: Database) -> None:
    address, process = url
    until(lambda: answers(f"{address}/health/live"), within_s=20)
    until(lambda: listens(db), within_s=10)
    with ThreadPoolExecutor(1) as pool, httpx.Client(base_url=address, timeout=40, trust_env=False) as client:
        said = {"authorization": f"Bearer {token}"}
        reading = pool.submit(client.get, "/wms/v1/orders?wait=25", headers=said)
        with pytest.raises(TimeoutError):
            reading.result(1)

        began = monotonic()
        process.send_signal(signal.SIGTERM)
        answer = reading.result(20)
        process.wait(20)

    assert (answer.status_code, answer.json()["orders"]) == (200, [])
    assert monotonic() - began < 10


def answers(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(address, trust_env=False).status_code == 200
    return False


def listens(db: Database) -> bool:
    with db.tx("t_one") as conn:
        row = conn.execute(WAITING, (LISTEN,)).fetchone()
    return bool(row and row["n"])
