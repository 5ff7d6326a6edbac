"""Secrets at rest, and the MAC that stands in a webhook's URL."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealBroken(Exception):
    """A sealed value does not open with any key of the ring: the key file is not the one it was sealed with."""


class Seal:
    """Seals with the first key of the ring and opens with any, so that keys can be turned over."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._ring = MultiFernet([Fernet(key) for key in keys])

    def close(self, secret: str) -> bytes:
        """Return the sealed form of a secret."""
        return self._ring.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Return the secret; raise SealBroken when no key fits."""
        try:
            return self._ring.decrypt(sealed).decode()
        except InvalidToken as broken:
            raise SealBroken("a sealed value opens with no key of SECRETS_KEY_FILE: was the file replaced?") from broken


class HookMac:
    """The MAC of a webhook URL: HMAC-SHA256 over `tenant.generation/event`, cut to 128 bits (docs/upgates.md 3.3)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def sign(self, subject: str) -> str:
        """Return the MAC under the newest key, URL-safe and 22 letters long."""
        return _mac(self._keys[0], subject)

    def fits(self, subject: str, mac: str) -> bool:
        """Say whether the MAC was made by any key of the ring."""
        given = mac.encode()
        return any(hmac.compare_digest(_mac(key, subject).encode(), given) for key in self._keys)


def read_keys(path: Path) -> list[str]:
    """Return the keys of a key file, newest first: one a line, blank lines and `#` lines left out."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def digest(secret: str) -> str:
    """Return the fingerprint under which a bearer token or a one-time token is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _mac(key: bytes, subject: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, subject.encode(), "sha256")[:16]).decode().rstrip("=")
