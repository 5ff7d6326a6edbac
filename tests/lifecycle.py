"""The platform's side of the four doors, for tests: it signs calls, serves its key, and its watch moves when told."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import redis
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from service.db import Database
from service.lanes import Lane
from service.rig import Rig
from service.settings import Settings
from service.steps.lifecycle import Call, Endpoint
from service.tenants import Credentials

SECRET = "the-signature-token"
API_URL = "https://shop.admin.s5.upgates.com/api/v2"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CREDENTIALS = Credentials(API_URL, "addon-7", "key-of-the-shop")


@cache
def pair(number: int) -> rsa.RSAPrivateKey:
    """Return one of the platform's key pairs; making them takes a while, so each number has one for good."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def pem(private: rsa.RSAPrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.PEM, form)


def signed(*values: str, key: int = 0) -> str:
    """Return `signature_v2` over the values."""
    made = pair(key).sign(";".join(values).encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(made).decode()


@dataclass
class Watch:
    """A clock that moves when told."""

    at: datetime = START
    elapsed_s: float = 0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.elapsed_s

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.elapsed_s += seconds


@dataclass
class KeyHost:
    """Serves the public key; it can be down, hang until released, or serve another key."""

    key: int = 0
    mode: str = "up"
    asked: list[httpx.Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.mode == "hanging":
            self.released.wait(20)
        if self.mode == "down":
            raise httpx.ConnectError("the key host is down")
        return httpx.Response(200, content=b"no key" if self.mode == "silly" else pem(pair(self.key)))

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)


@dataclass
class Wakes:
    """Counts wake-ups instead of sending them."""

    sent: list[tuple[Lane, str]] = field(default_factory=list)

    def __call__(self, lane: Lane, tenant_id: str) -> bool:
        self.sent.append((lane, tenant_id))
        return True

    def taken(self, lane: Lane, tenant_id: str) -> None: ...


@dataclass
class Bench:
    """A rig on a database of the test's own, and the platform that calls it."""

    rig: Rig
    watch: Watch
    keys: KeyHost
    wakes: Wakes

    def one(self, statement: str, **params: object) -> dict[str, Any]:
        with self.rig.db.tx_all("a test looks") as conn:
            found = conn.execute(statement, params).fetchone()  # pyright: ignore[reportArgumentType]
        assert found is not None
        return found

    def call(self, endpoint: Endpoint = Endpoint.INSTALL, *, token: str = "shop-1", **other: Any) -> Call:
        """Return a call that was verified; its signature is one that never came before unless given."""
        said = {"endpoint": endpoint, "token": token, "time": self.watch.at, "version": "1", "language": "cs"}
        digest = f"{endpoint} of {token} at {self.stamp()}"
        return Call(**{**said, "signature_digest": digest, **other})

    def stamp(self) -> str:
        return self.watch.at.isoformat()

    def install_body(
        self, token: str = "shop-1", *, key: int = 0, secret: str = SECRET, **other: Any
    ) -> dict[str, Any]:
        body = {"token": token, "version": 1, "apiUser": "addon-7", "apiKey": "key-of-the-shop", "apiUrl": API_URL}
        body |= {"current_admin_language": "cs", "time": self.stamp()} | other
        names = ("token", "apiUser", "apiKey", "apiUrl", "time")
        return {**body, "signature_v2": signed(*(str(body[name]) for name in names), secret, key=key)}

    def short_body(self, token: str = "shop-1", **other: Any) -> dict[str, Any]:
        """Return the body of an opening, an uninstallation or a version change."""
        body = {"token": token, "version": 1, "time": self.stamp()} | other
        return {**body, "signature_v2": signed(token, str(body["time"]), SECRET)}


def settings_of(database_url: str, folder: Path, **other: Any) -> Settings:
    """Return the settings of a service under test."""
    sealing, hooks = folder / "seal.key", folder / "hooks.key"
    if not sealing.exists():
        sealing.write_text(Fernet.generate_key().decode())
        hooks.write_text("h" * 40)
    said: Mapping[str, Any] = {
        "database_url": database_url,
        "redis_url": "redis://127.0.0.1:1/0",
        "addon": "expedition",
        "public_url": "https://expedition.example.com",
        "signature_token": SECRET,
        "secrets_key_file": sealing,
        "webhook_key_file": hooks,
        "support_phone": "+420 777 123 456",
        "support_email": "help@example.com",
    }
    return Settings(**{**said, **other})


@contextmanager
def bench(database_url: str, folder: Path, **other: Any) -> Iterator[Bench]:
    """Return a bench whose key host answers; whoever hangs on it is let go at the end."""
    watch, keys, wakes = Watch(), KeyHost(), Wakes()
    database = Database(database_url, size=12)
    database.open()
    rig = Rig(
        settings=settings_of(database_url, folder, **other),
        db=database,
        redis=redis.Redis(port=1),
        wake=wakes,
        now=watch.now,
        transport=keys.transport,
    )
    try:
        yield Bench(rig, watch, keys, wakes)
    finally:
        keys.released.set()
        database.close()
