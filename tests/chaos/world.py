"""A small living world for many runs: three shops, a warehouse, all processes of the service, and ways to hurt them."""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psutil
import psycopg
import redis

from service.demo import activation, mirror, shipping
from service.demo.merchants import Merchant, told
from service.demo.mirror import Mirror
from service.demo.stage import WORKERS, Stage
from service.embedded import Embedded
from service.inbox import spool
from tests.bench.stage import Stage as Servers
from tests.chaos.proxy import Proxy

SHOPS = ("alfa:40:10:verified", "beta:40:10:verified", "gama:40:10:verified")  # of fewer nobody can tell a block
LEASE_S = 45  # as in production: the demo takes over sooner
PULLED_WITHIN_S = 60.0
LOOK_EVERY_S = 0.25
LINE = 300
ANSWER_S = 3  # a database that stands still is not waited for any longer
PROCESSES = ("web", *WORKERS, "beat")


@dataclass
class Town(Stage):
    """The demo's stage with a proxy before Redis."""

    proxy: Proxy | None = None

    def _begin_lines(self) -> None:
        if self.proxy and self.servers:
            self.proxy.target = self.servers.redis.port
            self.env["REDIS_URL"] = self.servers.redis.url.replace(
                f":{self.servers.redis.port}/", f":{self.proxy.port}/"
            )
        super()._begin_lines()

    def readiness(self, name: str) -> Callable[[], bool]:
        if not (name.startswith("worker") and self.proxy and self.servers):
            return super().readiness(name)
        worker, url, pairs = self.processes.children[name], self.servers.redis.url, self.proxy.pairs
        return lambda: _listens(worker.pid, url, pairs)


def _listens(pid: int, redis_url: str, pairs: dict[int, int]) -> bool:
    """Say whether a worker waits for messages behind the proxy."""
    with suppress(redis.RedisError, psutil.NoSuchProcess), redis.Redis.from_url(redis_url, socket_timeout=2) as client:
        asking = {int(one["addr"].rpartition(":")[2]) for one in client.client_list() if one["cmd"] == "brpop"}
        return any(pairs.get(wire.laddr[1]) in asking for wire in psutil.Process(pid).net_connections("tcp"))
    return False


@dataclass
class World:
    """What runs, what is down on purpose, and what has been told of it."""

    stage: Town
    truth: Mirror
    merchants: list[Merchant]
    names: dict[str, str]  # of their shops with us, by token
    down: set[str] = field(default_factory=set)
    revived: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what a fault itself found
    figures: dict[str, float] = field(default_factory=dict)
    old: dict[str, list[str]] = field(default_factory=dict)  # by token: orders from before us
    gone: dict[str, list[str]] = field(default_factory=dict)  # by token: those of them that are deleted now
    alone: bool = True  # whether one fault strikes at a time
    keep_logs: Path | None = None
    said_from: float = field(default_factory=time.monotonic)

    @property
    def servers(self) -> Embedded:
        assert self.stage.servers
        return self.stage.servers

    @property
    def control_url(self) -> str:
        return str(self.stage.world["control_url"])

    def say(self, words: str) -> None:
        """Write a line of the story."""
        self.story.append(f"{time.monotonic() - self.said_from:6.1f} s  {words}")

    def measured(self, figure: str, value: float) -> None:
        """Keep the worst of a figure."""
        self.figures[figure] = max(self.figures.get(figure, 0.0), round(value, 2))
        self.say(f"{figure}: {value:.2f}")

    def tell_all(self, path: str, method: str = "POST", **body: Any) -> None:
        """Tell every shop the same."""
        for merchant in self.merchants:
            merchant.tell(path, method, **body)

    def platform(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Tell the platform something that concerns all shops."""
        return told(method, self.control_url + path, body)

    def find_shops(self) -> None:
        """Learn anew where the shops are: they may have moved."""
        self.merchants = [Merchant.of(shop) for shop in told("GET", self.control_url + "/shops", {})["shops"]]

    def tenants(self) -> dict[str, Merchant]:
        """Return the merchants by our names of their shops."""
        return {self.names[merchant.token]: merchant for merchant in self.merchants}

    def memory(self) -> redis.Redis:
        """Return a client of Redis itself, past the proxy."""
        return redis.Redis.from_url(self.servers.redis.url, socket_timeout=5)

    def run(self, statement: str) -> None:
        """Run a statement as the superuser of the database."""
        with psycopg.connect(self.truth.url, autocommit=True) as conn:
            conn.execute(statement.encode())

    @contextmanager
    def postgres_frozen(self) -> Iterator[None]:
        """Stop every process of PostgreSQL for the block."""
        with Servers(self.servers, self.stage.env).frozen():
            yield

    def kill(self, *names: str) -> None:
        """End processes with kill -9; they stay down until `begin`."""
        self.down.update(names)
        for name in names:
            self.stage.kill(name)
        self.say(f"kill -9 {', '.join(names)}")

    def begin(self, *names: str) -> None:
        """Start what is down; `wait_ready` tells when it works."""
        for name in names:
            self.stage.processes.children[name].start()
        self.down.difference_update(names)
        self.say(f"started again: {', '.join(names)}")

    def replace(self, name: str) -> None:
        """Let a process end by SIGTERM and a new one take its place, as a deployment does."""
        child = self.stage.processes.children[name]
        self.down.add(name)
        child.ask_to_stop()
        if not child.wait_stopped(within_s=35):
            self.wrong.append(f"{name} did not end within 35 s of SIGTERM")
        self.begin(name)

    def supervise(self) -> None:
        """Start those who ended by themselves once more, as production's supervisor does."""
        for name in self.stage.processes.died():
            if name not in self.down:
                child = self.stage.processes.children[name]
                said = child.last_words().splitlines()[-1:]
                self.say(f"{name} ended by itself with {child.returncode} and is started again: {''.join(said)[:LINE]}")
                child.start()
                self.revived.append(name)

    def let_pass(self, seconds: float) -> None:
        """Let time pass under supervision."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.supervise()
            Event().wait(min(left, LOOK_EVERY_S))

    def until(self, claim: Callable[[], bool], *, within_s: float) -> bool:
        """Wait for a claim under supervision; say whether it came to hold. A server that is away says no."""
        ends = time.monotonic() + within_s
        while time.monotonic() < ends:
            self.supervise()
            with suppress(psycopg.Error, httpx.HTTPError, redis.RedisError):
                if claim():
                    return True
            Event().wait(LOOK_EVERY_S)
        return False

    def works(self) -> bool:
        """Say whether every process does its work again."""
        return all(self.stage.readiness(name)() for name in PROCESSES)

    def unsettled(self) -> dict[str, Any]:
        """Return what is still under way, by kind; empty when everything has settled."""
        files = spool.files(Path(self.stage.env["SPOOL_FOLDER"]))
        [owed] = self.truth.rows(OWED, now=datetime.now(UTC))
        waiting = [merchant.stats()["hooks"]["waiting"] for merchant in self.merchants]
        found = self.judge()
        left = {
            "webhooks": sum(sum(each.values()) for each in waiting),
            "spool files": len(files),
            **owed,
            "posts": len(found["findings"]["posts_not_answered"]),
            "feed": len(found["findings"]["offered_though_shipped"]),
        }
        return {name: count for name, count in left.items() if count}

    def judge(self) -> dict[str, Any]:
        """Return what the warehouse says of us."""
        return shipping.warehouse_of(self.stage).tell("/judge", stopped=[], never=[])


# What was refused is looked at in ten minutes, when it will have come again: nobody waits for that.
OWED = """
    SELECT (SELECT count(*) FROM deliveries WHERE expanded_at IS NULL AND parked IS NULL) AS deliveries,
           (SELECT count(*)
            FROM hints
            WHERE due_at IS NOT NULL
              AND parked IS NULL
              AND (key <> '' OR due_at < %(now)s + interval '10 s' OR NOT EXISTS (
                  SELECT FROM looks
                  WHERE looks.tenant_id = hints.tenant_id AND looks.lane = hints.lane
                    AND looks.cause = 'refused' AND looks.ended_at IS NULL))) AS hints,
           (SELECT count(*) FROM activation_steps WHERE due_at IS NOT NULL) AS steps,
           (SELECT count(*)
            FROM outbox
            WHERE (due_at IS NOT NULL AND parked IS NULL) OR asked_at IS NOT NULL OR confirm_by IS NOT NULL) AS writes
"""


@contextmanager
def standing() -> Iterator[World]:
    """Stand a world up: shops activated, pulled and live, a warehouse at work; afterwards nothing of it is left."""
    with Proxy(target=0).running() as proxy:
        stage, world = Town.make(SHOPS, LEASE_S=str(LEASE_S)), None
        stage.proxy = proxy
        try:
            stage.start()
            world = _settled(stage)
            yield world
        finally:
            logs = stage.close()
            if world and world.keep_logs:
                shutil.rmtree(world.keep_logs, ignore_errors=True)
                shutil.move(logs, world.keep_logs)
            elif world:
                shutil.rmtree(logs)
        assert not stage.notes["left_processes"]


def _settled(stage: Town) -> World:
    truth, merchants = Mirror(stage.admin_url), activation.merchants_of(stage)
    for merchant in merchants:
        assert activation.activate(merchant)["ok"]
        merchant.tell(
            "/hooks", "PATCH", timeout_delivered=False
        )  # the older rule: what we were too slow for comes again
    tenants = {mirror.tenant_of(truth, merchant): merchant for merchant in merchants}
    mirror.until(
        lambda: all(step["state"] == "done" for tenant_id in tenants for step in mirror.steps(truth, tenant_id)),
        within_s=PULLED_WITHIN_S,
        what=lambda: "the shops are not pulled",
    )
    account_id = stage.command("account-create", "warehouse", "Chaos")
    with ThreadPoolExecutor(len(tenants)) as crowd:
        asked = [crowd.submit(_go_live, stage, *each, account_id) for each in tenants.items()]
        for each in asked:
            each.result()
    stage.begin_warehouse(account_id, stage.command("token-create", account_id, "chaos"))
    names = {merchant.token: tenant_id for tenant_id, merchant in tenants.items()}
    return World(stage, Mirror(f"{stage.admin_url}&connect_timeout={ANSWER_S}"), merchants, names)


def _go_live(stage: Town, tenant_id: str, merchant: Merchant, account_id: str) -> None:
    types = shipping.statuses(merchant)
    releasing = ",".join(str(types[each]) for each in shipping.RELEASING)
    stage.command("account-pair", tenant_id, account_id)
    stage.command(
        "tenants", "set", tenant_id, "--release", releasing, "--shipped", f"{types[shipping.SENT]}:mail", "--live"
    )
