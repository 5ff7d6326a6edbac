"""The web process over HTTP: webhooks beside pages, errors in one form, a start that says what is wrong."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import redis
import uvicorn

from service import inbox
from service.db import Database
from service.lanes import Lane
from service.rig import Rig
from service.web.app import App
from service.web.receiver import Receiver
from tests.simulator.until import until
from tests.web.desk import SHOP, Woken, rig_over

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the system's certificates take 20 ms to read, and none is met
BODY = b'{"project_name": "x", "orders": []}'


@dataclass
class Site:
    """A served web process of one thread."""

    rig: Rig
    app: App
    http: httpx.Client
    port: int

    def path(self, event: str = "Orders.update") -> str:
        subject = f"{SHOP}.1/{event}"
        return f"/u/{subject}/{self.rig.settings.hook_mac.sign(subject)}"

    @property
    def receiver(self) -> Receiver:
        return self.app.web.receiver

    def block_the_loop(self, seconds: float) -> None:
        self.receiver._loop.call_soon_threadsafe(threading.Event().wait, seconds)

    def rows(self) -> int:
        with self.rig.db.tx(SHOP) as conn:
            row = conn.execute("SELECT count(*) AS n FROM deliveries").fetchone()
        return row["n"] if row else 0


@contextmanager
def serving(rig: Rig) -> Iterator[Site]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = App(lambda: rig)
    server = uvicorn.Server(
        uvicorn.Config(app, http="httptools", loop="asyncio", log_level="critical", access_log=False)
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        until(lambda: server.started)
        plain = httpx.HTTPTransport(verify=NOBODY)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, transport=plain) as client:
            yield Site(rig, app, client, port)
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture
def site(database, redis_url, tmp_path) -> Iterator[Site]:
    db = Database(database.url, size=2)
    db.open()
    rig = rig_over(database.url, tmp_path, db=db, wake=Woken(), memory=redis.Redis.from_url(redis_url))
    with serving(rig) as site:
        yield site


def test_a_webhook_is_received_beside_the_pages(site: Site) -> None:
    answer = site.http.post(site.path(), content=BODY)

    assert (answer.status_code, answer.content) == (204, b"")
    assert site.rows() == 1


@pytest.mark.parametrize("path", ["/u/", "/u/nobody.1/Orders.update/AAAAAAAAAAAAAAAAAAAAAA", "/u/%00/%ff/x"])
def test_a_webhook_path_is_never_refused(site: Site, path: str) -> None:
    for method in ("POST", "GET", "OPTIONS"):
        assert site.http.request(method, path, content=BODY).status_code == 204
    assert site.rows() == 0


def test_twenty_megabytes_are_answered_and_sampled(site: Site) -> None:
    # A machine with much else to do may be too slow for so large a body: then it is refused, and comes again.
    answers: list[int] = []
    until(lambda: answers.append(site.http.post(site.path(), content=b"x" * 20_000_000).status_code) or 204 in answers)
    assert {*answers} <= {204, 503}

    with site.rig.db.tx(SHOP) as conn:
        row = conn.execute("SELECT size, octet_length(body) AS kept FROM deliveries").fetchone()
    assert row == {"size": 20_000_000, "kept": 65_536}


def test_five_thousand_and_one_records_are_a_webhook_like_any_other(site: Site) -> None:
    body = b'{"orders": [' + b",".join(b'{"order_number": "O%d"}' % place for place in range(5_001)) + b"]}"

    assert site.http.post(site.path(), content=body).status_code == 204
    assert site.rows() == 1


def test_after_750_ms_there_is_no_answer_at_all(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as line:
        head = f"POST {site.path()} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(BODY)}\r\n\r\n".encode()
        line.sendall(head + BODY[:5])
        until(lambda: site.receiver.counters.received == 1)
        site.block_the_loop(0.8)
        line.sendall(BODY[5:])

        try:
            heard = line.recv(100)
        except ConnectionResetError:
            heard = b""
    assert heard == b""
    until(lambda: site.receiver.counters.hung_up == 1)
    assert site.http.post(site.path(), content=BODY).status_code == 204


def test_it_says_whether_it_lives_and_gets_through(site: Site) -> None:
    assert site.http.get("/health/live").json() == {"live": True}
    ready = site.http.get("/health/ready")
    told = ready.json()
    lanes = told.pop("lanes")
    assert (ready.status_code, told) == (200, {"ready": True, "database": True, "redis": True, "late_s": {}})
    assert lanes["refresh_orders"] == {"due": 0, "later": 0, "parked": 0, "oldest_s": None}


def test_it_is_not_ready_while_a_lane_is_past_its_promise(site: Site) -> None:
    now = site.rig.now()
    with site.rig.db.tx(SHOP) as conn:
        hint = inbox.Hint("1", urgent=True, due_at=now - timedelta(seconds=300))
        inbox.hint(conn, SHOP, Lane.REFRESH_ORDERS, [hint], now=now - timedelta(seconds=300))

    ready = site.http.get("/health/ready")

    told = ready.json()
    assert (ready.status_code, told["ready"], told["database"], [*told["late_s"]]) == (
        503,
        False,
        True,
        ["refresh_orders"],
    )
    assert told["lanes"]["refresh_orders"]["due"] == 1


def test_it_is_not_ready_without_its_database(site: Site) -> None:
    site.rig.db.close()

    ready = site.http.get("/health/ready")

    assert (ready.status_code, ready.json()) == (
        503,
        {"ready": False, "database": False, "redis": True, "late_s": {}, "lanes": {}},
    )
    assert site.http.get("/health/live").status_code == 200


def test_the_receivers_numbers_are_told(site: Site) -> None:
    site.http.post(site.path(), content=BODY)
    site.http.get("/u/")

    told = site.http.get("/health/receiver").json()

    assert (told["received"], told["stored"], told["wrong_mac"]) == (1, 1, 1)
    assert sum(told["ack_ms"].values()) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [("GET", "/nothing", 404, "Not Found"), ("DELETE", "/health/live", 405, "Method Not Allowed")],
)
def test_other_doors_answer_with_a_problem(site: Site, method: str, path: str, status: int, title: str) -> None:
    answer = site.http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": title, "status": status}


def test_a_body_too_large_for_a_door_is_refused(site: Site) -> None:
    answer = site.http.post("/addon/install", content=b"x" * 20_000_000)

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_a_bug_shows_nothing_of_itself(site: Site) -> None:
    object.__setattr__(site.rig, "redis", None)

    answer = site.http.get("/health/ready")

    assert answer.status_code == 500
    assert answer.json()["title"] == "Internal Server Error"
    assert "NoneType" not in answer.text


def test_wrong_settings_are_told_at_once_and_nothing_starts() -> None:
    command = [sys.executable, "-m", "uvicorn", "service.web.app:app", "--port", "0"]
    env = {"PATH": os.environ["PATH"], "ADDON": "nonsense"}

    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)

    assert ended.returncode == 2
    assert "DATABASE_URL" in ended.stderr
    assert "ADDON" in ended.stderr
    assert "Traceback" not in ended.stderr
