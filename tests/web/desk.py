"""A receiver with its doors in reach: requests in process, and a database that waits for a word."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import redis

from service.db import Conn, Database
from service.inbox import spool
from service.kit.clock import utc_now
from service.lanes import Lane
from service.rig import Rig
from service.web.receiver import Receiver
from tests.platform.bench import settings
from tests.simulator.until import until

SHOP = "t_shop"


class Gated(Database):
    """A database that begins no transaction over tenants while its gate is shut, and none at all while it is away."""

    def __init__(self, url: str) -> None:
        super().__init__(url, size=2)
        self.gate = threading.Event()
        self.gate.set()
        self.at_the_gate = threading.Event()
        self.away = False

    @contextmanager
    def tx_all(self, why: str) -> Iterator[Conn]:
        self._pass()
        with super().tx_all(why) as conn:
            yield conn

    @contextmanager
    def statement_all(self, why: str) -> Iterator[Conn]:
        self._pass()
        with super().statement_all(why) as conn:
            yield conn

    def _pass(self) -> None:
        self.at_the_gate.set()
        assert self.gate.wait(10)
        if self.away:
            raise psycopg.OperationalError("the server closed the connection unexpectedly")


@dataclass
class Woken:
    """Notes who was woken; says each time that a message was sent."""

    calls: list[tuple[Lane, str]] = field(default_factory=list)

    def __call__(self, lane: Lane, tenant_id: str) -> bool:
        self.calls.append((lane, tenant_id))
        return True


@dataclass(frozen=True)
class Heard:
    """An answer: no status means that the connection was closed without one."""

    status: int | None
    seconds: float
    headers: Sequence[tuple[bytes, bytes]] = ()


@dataclass
class Desk:
    """A started receiver and what stands behind it."""

    receiver: Receiver
    db: Gated
    woken: Woken
    rig: Rig

    def path(self, event: str = "Orders.update", *, tenant: str = SHOP, generation: int = 1) -> str:
        subject = f"{tenant}.{generation}/{event}"
        return f"/u/{subject}/{self.rig.settings.hook_mac.sign(subject)}"

    async def post(self, path: str, *parts: bytes, method: str = "POST", ends: str = "complete") -> Heard:
        """Send a body in parts; `ends` says how: complete, silent (never) or disconnect."""
        began = monotonic()
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": part, "more_body": ends != "complete" or place < len(parts) - 1}
            for place, part in enumerate(parts)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            if ends == "silent":
                await asyncio.get_running_loop().create_future()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "headers": []}
        await self.receiver(scope, receive, send)
        start = sent[0] if sent else {}
        return Heard(start.get("status"), monotonic() - began, start.get("headers", ()))

    @property
    def spool(self) -> Path:
        return self.rig.settings.spool_folder

    def spooled(self) -> int:
        return sum(file.deliveries for file in spool.listed(self.spool))

    async def until(self, claim: Callable[[], object]) -> None:
        """Wait until a claim about the outcome holds; the receiver goes on meanwhile."""
        await asyncio.to_thread(until, claim)

    def rows(self) -> list[dict[str, Any]]:
        """Return every delivery; on a slow machine some took the way over the spool."""
        until(lambda: not spool.files(self.spool))
        with self.db.tx(SHOP) as conn:
            conn.execute("SELECT set_config('app.tenant', '*', true)")
            return conn.execute("SELECT * FROM deliveries ORDER BY delivery_id").fetchall()

    async def at_the_gate(self) -> None:
        """Wait until the flusher stands before the shut gate."""
        assert await asyncio.to_thread(self.db.at_the_gate.wait, 5)


def rig_over(
    url: str,
    folder: Path,
    *,
    db: Database,
    wake: Callable[..., bool],
    memory: redis.Redis | None = None,
    **changed: object,
) -> Rig:
    given = settings(folder, database_url=url, **changed)
    return Rig(settings=given, db=db, redis=memory or redis.Redis(), wake=wake, now=utc_now)


def at_the_desk(url: str, folder: Path, story: Callable[[Desk], Awaitable[None]], **changed: object) -> Desk:
    """Tell a story to a started receiver, then stop it."""
    db, woken = Gated(url), Woken()
    db.open()
    (folder / "spool").mkdir(exist_ok=True)
    rig = rig_over(url, folder, db=db, wake=woken, spool_folder=folder / "spool", **changed)
    desk = Desk(Receiver(rig), db, woken, rig)

    async def tell() -> None:
        desk.receiver.start()
        try:
            await asyncio.wait_for(story(desk), 30)
        finally:
            db.gate.set()
            await asyncio.to_thread(desk.receiver.stop)

    asyncio.run(tell())
    return desk
