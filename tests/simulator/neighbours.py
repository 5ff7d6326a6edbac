"""The simulator and an add-on for tests over HTTP: both real servers on loopback, one thread each."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import uvicorn

from simulator import serving
from simulator import stage as stages
from simulator.control import shops
from simulator.control.shops import NewShop
from simulator.server import App, Protocol
from simulator.shop import Shop, Webhook
from simulator.stage import Stage
from simulator.state import World
from tests.simulator.until import until

SECRET = "the-signature-token"


@dataclass
class Heard:
    """One request the add-on got."""

    path: str
    body: dict[str, Any]


@dataclass
class Addon:
    """An add-on that answers what it is told to: `answers` by path, `status` for all others."""

    url: str
    status: int = 204
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    silent: threading.Event = field(default_factory=threading.Event)  # set: no answer until it is cleared by the end
    over: threading.Event = field(default_factory=threading.Event)
    heard: list[Heard] = field(default_factory=list)

    def bodies(self, path: str = "/hook") -> list[dict[str, Any]]:
        return [heard.body for heard in self.heard if heard.path == path]


@dataclass
class Simulation:
    """A running simulator: its state, and a client of its control API."""

    stage: Stage
    client: httpx.Client

    def shop(self, slug: str = "alfa") -> Shop:
        return self.stage.world.shops[slug]

    def do(self, path: str, method: str = "POST", /, **body: Any) -> dict[str, Any]:
        answer = self.client.request(method, f"/_control{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def hook(self, event: str, url: str, login: str = "somebody") -> Webhook:
        shop = self.shop()
        id_ = shop.serial("webhooks")
        shop.webhooks[id_] = Webhook(id_, login, event, url, event, datetime.now(UTC))
        return shop.webhooks[id_]

    def figures(self) -> dict[str, Any]:
        return self.do("/shops/alfa/stats", "GET")["hooks"]


@contextmanager
def simulation(addon: Addon, *, timers: float = 1.0, orders: int = 12, products: int = 8) -> Iterator[Simulation]:
    """Serve one shop, `alfa`, until the block ends."""
    listening = serving.bound(0)
    world = World(seed=7)
    world.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    shops.add(world, NewShop(slug="alfa", orders=orders, products=products))
    stage = stages.build(world, addon_url=addon.url, signature_token=SECRET, timers=timers)
    config = uvicorn.Config(
        App(stage),
        http=Protocol,
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="critical",
        timeout_graceful_shutdown=0,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        until(lambda: server.started)
        with httpx.Client(base_url=world.base_url, trust_env=False, timeout=20) as client:
            yield Simulation(stage, client)
    finally:
        server.should_exit = True
        thread.join(5)
        listening.close()


@contextmanager
def an_addon() -> Iterator[Addon]:
    """Serve an add-on until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.addon = addon = Addon(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield addon
    finally:
        addon.over.set()
        server.shutdown()
        thread.join(5)
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 256  # a burst of calls that waits for a place to connect would count as timeouts


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        addon = self.server.addon
        length = int(self.headers["content-length"])
        content = self.rfile.read(length)
        if len(content) < length:  # the caller's second was over before it had said all
            return
        addon.heard.append(Heard(self.path, json.loads(content)))
        if addon.silent.is_set():
            addon.over.wait(10)
            return
        status, answer = addon.answers.get(self.path, (addon.status, None))
        content = json.dumps(answer).encode() if answer is not None else b""
        self.send_response(status)
        self.send_header("content-type", "application/json")
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if status != 204 else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""
