"""The servers under a bench: durable PostgreSQL, Redis, and web processes started as the Procfile does."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import psutil
import psycopg
from cryptography.fernet import Fernet

from service.db import migrate
from service.embedded import Embedded, free_port, servers
from service.inbox import spool
from service.kit.seal import HookMac
from tests.simulator.until import until

KEY = "k" * 40
TENANT = "t_bench"


@dataclass(frozen=True)
class Stage:
    """Everything a bench needs to know."""

    servers: Embedded
    env: dict[str, str]

    def path(self, event: str = "Orders.update", tenant: str = TENANT) -> str:
        subject = f"{tenant}.1/{event}"
        return f"/u/{subject}/{HookMac([KEY]).sign(subject)}"

    @contextmanager
    def web(
        self,
        app: str = "service.web.app:app",
        *options: str,
        dies: bool = False,
        port: int | None = None,
        log: IO[bytes] | None = None,
    ) -> Iterator[int]:
        """Serve an application until the block ends, by kill -9 if it `dies`; the port. `log` gets its stderr."""
        port = port or free_port()
        command = [sys.executable, "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
        command += ["--loop", "asyncio", "--http", "httptools", "--log-level", "warning", *options]
        process = subprocess.Popen(command, env=self.env, stderr=log)
        try:
            until(lambda: listens(port), within_s=30)
            yield port
        finally:
            process.send_signal(signal.SIGKILL if dies else signal.SIGINT)
            process.wait(20)

    def count(self, statement: str) -> int:
        with psycopg.connect(self.servers.postgres.url("postgres"), autocommit=True) as conn:
            row = conn.execute(statement.encode()).fetchone()
        return int(row[0] or 0) if row else 0

    def rows(self) -> int:
        """How many acknowledgements the table can account for, once the spool is empty."""
        until(lambda: not spool.files(Path(self.env["SPOOL_FOLDER"])), within_s=30)
        return self.count("SELECT sum(copies) FROM deliveries")

    def empty(self) -> None:
        self.servers.postgres.run("TRUNCATE deliveries, hints, readings", "expedition")
        self.servers.postgres.run("CHECKPOINT", "expedition")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop every process of PostgreSQL for the block; the postmaster first, for then no other begins."""
        postmaster = psutil.Process(self.servers.postgres.child.pid)
        stop(postmaster)
        everybody = [*postmaster.children(recursive=True), postmaster]
        for process in everybody:
            with suppress(psutil.NoSuchProcess):  # a backend that was about to end
                stop(process)
        try:
            yield
        finally:
            for process in everybody:
                with suppress(psutil.NoSuchProcess):
                    process.resume()


def stop(process: psutil.Process) -> None:
    """Stop a process in its tracks; it may run on for a moment after the signal was sent."""
    process.suspend()
    until(lambda: process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE))


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_ready(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200


@contextmanager
def stage(*, durable: bool = True) -> Iterator[Stage]:
    with servers(durable=durable) as both:
        migrate.migrate(both.migration_url)
        folder = Path(both.folder)
        (folder / "secrets").write_text(Fernet.generate_key().decode())
        (folder / "hooks").write_text(KEY)
        (folder / "spool").mkdir()
        env = {
            **os.environ,
            "DATABASE_URL": both.database_url,
            "REDIS_URL": both.redis_url,
            "ADDON": "fulfillment",
            "PUBLIC_URL": "http://127.0.0.1",
            "SIGNATURE_TOKEN": "not-a-secret",
            "SECRETS_KEY_FILE": str(folder / "secrets"),
            "WEBHOOK_KEY_FILE": str(folder / "hooks"),
            "SPOOL_FOLDER": str(folder / "spool"),
            "SUPPORT_PHONE": "+420123456789",
            "SUPPORT_EMAIL": "support@example.com",
        }
        yield Stage(both, env)
