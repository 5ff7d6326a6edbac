"""The stand-in for a warehouse's system in threads and as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from simulator.wms import judge
from tests.simulator.dock import key, warehouse, well
from tests.simulator.fake_door import TOKEN, FakeDoor
from tests.simulator.until import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


def test_it_follows_and_acknowledges_by_itself(door: FakeDoor) -> None:
    it = warehouse(door)
    with it.running():
        door.release("O1", "O2")
        until(lambda: judge.report(it.ledger)["acks"] == {"acked": 2})
        door.deaf = 2
        door.stop("O1")
        until(lambda: judge.report(it.ledger)["stops"] == {"seen": 1, "acked": 1})

    assert well(it)
    assert not it.following


@contextmanager
def served(door: FakeDoor) -> Iterator[str]:
    """Serve a door over HTTP until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, told = door.answer(self.command, path, query, headers, body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json" if status == 200 else "application/problem+json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = reply  # noqa: N815 - the server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextmanager
def process(base_url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    started = subprocess.Popen(
        [sys.executable, "-m", "simulator.wms", "--base-url", base_url, "--token", TOKEN, "--wait", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = json.loads(started.stdout.readline())
        with httpx.Client(base_url=line["control_url"], trust_env=False, timeout=20) as client:
            yield started, client
    finally:
        started.kill()
        started.wait(20)
        started.stdout.close()


def test_the_process_is_told_over_http_and_goes_on_after_a_sudden_end(door: FakeDoor, tmp_path: Path) -> None:
    book = str(tmp_path / "book.jsonl")
    door.release("O1", "O2", "O3")
    with served(door) as url:
        with process(url, "--ledger", book) as (started, client):
            until(lambda: client.get("/report").json()["acks"] == {"acked": 3}, within_s=20)
            made = client.post("/ship", json={"orders": [key("O1")]}).json()
            shipment = made["results"][0]["shipment"]
            corrected = client.post("/correct", json={"shipment": shipment}).json()
            refused = client.post("/ship", json={"orders": [key("O1")]})
            wrong = client.post("/ship", json={"orders": [key("O2")], "finally": True})
            started.send_signal(signal.SIGKILL)
            started.wait(20)
        with process(url, "--ledger", book, "--lose-every", "1") as (started, client):
            until(lambda: client.get("/shelf").json()["count"] == 2, within_s=20)
            client.patch("/", json={"ack_stops": False})
            assert client.post("/ship", json={"count": 2}).json()["accepted"] == 2
            assert client.post("/void", json={"shipment": shipment}).json()["done"]
            until(lambda: client.get("/shelf").json()["orders"] == [[*key("O1")]], within_s=20)
            judged = client.post("/judge", json={"stopped": [key("O2")], "never": [key("O3")]}).json()
            posts = [json.loads(line) for line in client.get("/ledger", params={"what": "post"}).text.splitlines()]
            shown = client.get("/shown").text
            overview = client.get("/").json()
            started.send_signal(signal.SIGTERM)
            code = started.wait(20)

    assert (made["accepted"], corrected["done"], refused.status_code, wrong.status_code) == (1, True, 409, 400)
    assert judged["stops_missed"] == [[*key("O2")]]
    assert judged["released_though_never"] == [[*key("O3")]]
    assert (judged["deviations"], len(judged["shipments"]), len(posts)) == ({}, 3, 2)
    assert "Nováková" in shown or shown == ""
    assert (overview["acking"], overview["following"], overview["lose_every"]) == (["released"], True, 1)
    assert code == 0
    with pytest.raises(ProcessLookupError):
        os.kill(started.pid, 0)


def test_the_process_ends_within_a_second_although_a_long_poll_goes_on(door: FakeDoor) -> None:
    door.hung = threading.Event()
    with served(door) as url, process(url, "--wait", "25") as (started, client):
        until(lambda: door.calls)
        assert client.get("/").json()["following"]
        began = time.monotonic()
        started.send_signal(signal.SIGTERM)
        code = started.wait(20)
        took_s = time.monotonic() - began
        door.hung.set()

    assert code == 0
    assert took_s < 5.0  # on a slow machine; the poll would go on for 20


def test_the_process_names_what_is_wrong_with_its_arguments(tmp_path: Path) -> None:
    book = tmp_path / "book.jsonl"
    book.write_text("no json\n")
    ended = subprocess.run(
        [sys.executable, "-m", "simulator.wms", "--base-url", "http://x", "--token", "x", "--ledger", str(book)],
        cwd=ROOT, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert "ledger" in ended.stderr
    assert "Traceback" not in ended.stderr
