"""Is a lifecycle call really from UPgates? `signature_v2` is RSA PKCS#1 v1.5 with SHA-256 over values joined by `;`.

The platform may exchange its key at any moment, so the key is fetched for each call; the last good one is used only
when that fails, and not for long. Source: docs/upgates.md 2.2, 2.6.
"""

import base64
import binascii
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

log = logging.getLogger(__name__)

FETCH_S = 1.5  # of the 5 s an installation may take (2.3)
SPACING_S = 5.0  # at most one fetch in this time, however many calls come
KEPT_S = 1_800.0  # the last good key outlives an outage of the key host, not a change of keys (R3)
KEY_MOST = 65_536

Values = Sequence[str]


class KeyUnknown(Exception):
    """No public key could be had yet: nothing can be verified, and nothing is believed."""


class SignatureWrong(Exception):
    """The signature does not fit; the message says why, for our log only."""


@dataclass(frozen=True)
class Key:
    """A public key and the fetch it came with."""

    public: rsa.RSAPublicKey = field(repr=False)
    fetch: int
    fetched_at: float


@dataclass
class _Flight:
    """A fetch under way; whoever needs the key meanwhile waits for this one."""

    number: int
    began: float
    landed: threading.Event = field(default_factory=threading.Event)


class KeySource:
    """The platform's public key as it is now, fetched by one thread at a time for all that ask.

    A fetch runs in a thread of its own, because no timeout of httpx bounds a whole request: connecting tries one
    address after the other, and a body may come byte by byte. A fetch that lands late still teaches us the key.
    """

    def __init__(
        self, url: str, *, transport: httpx.BaseTransport | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._monotonic = monotonic
        # No connection is kept: calls are minutes apart, and the next fetch shall see the host as it is then.
        self._client = httpx.Client(
            transport=transport,
            timeout=FETCH_S,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"Cache-Control": "no-cache"},
        )
        self._lock = threading.Lock()
        self._flight: _Flight | None = None
        self._key: Key | None = None

    def current(self) -> Key:
        """Return the key, fetched now unless that was done less than 5 s ago; raise KeyUnknown when there is none."""
        flight = self._board()
        left_s = flight.began + FETCH_S - self._monotonic()
        if not flight.landed.wait(max(left_s, 0)):
            log.warning("the key host did not answer within %.1f s", FETCH_S)
        with self._lock:
            if self._key is None or self._monotonic() - self._key.fetched_at > KEPT_S:
                raise KeyUnknown(f"no signature key could be fetched from {self._url}")
            return self._key

    def _board(self) -> _Flight:
        with self._lock:
            now = self._monotonic()
            if self._flight and now - self._flight.began < SPACING_S:
                return self._flight
            flight = _Flight(self._flight.number + 1 if self._flight else 1, now)
            self._flight = flight
        threading.Thread(target=self._fly, args=[flight], name="signature-key", daemon=True).start()
        return flight

    def _fly(self, flight: _Flight) -> None:
        try:
            public = self._fetch()
            with self._lock:
                if self._key is None or self._key.fetch < flight.number:
                    self._key = Key(public, flight.number, self._monotonic())
        except (httpx.HTTPError, ValueError, UnsupportedAlgorithm) as lost:
            log.warning("the signature key could not be fetched: %r", lost)
        finally:
            flight.landed.set()

    def _fetch(self) -> rsa.RSAPublicKey:
        with self._client.stream("GET", self._url) as answer:
            answer.raise_for_status()
            pem = b""
            for piece in answer.iter_bytes():
                pem += piece
                if len(pem) > KEY_MOST:
                    raise ValueError("the key host sent more than a key")
        public = serialization.load_pem_public_key(pem)
        if not isinstance(public, rsa.RSAPublicKey):
            raise ValueError("the key host sent a key that is not RSA")  # noqa: TRY004  # bad content, not a bad call
        return public


def verify(keys: KeySource, signature: str, candidates: Sequence[Values]) -> str:
    """Return the digest of a signature that fits one of the candidates; raise SignatureWrong or KeyUnknown.

    `candidates` are the values in their prescribed order, as received, the last one the `signature_token`. A key that
    was not fetched for this call may be out of date, so it is asked for once more before the call is refused.
    """
    try:
        signed = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureWrong("the signature is not base64") from None
    data = [";".join(values).encode() for values in candidates]
    key = keys.current()
    if not _fits(key, signed, data):
        newer = keys.current()
        if newer is key or not _fits(newer, signed, data):
            raise SignatureWrong("the signature does not fit the values")
    return hashlib.sha256(signed).hexdigest()  # of the bytes: base64 can spell the same signature in several ways


def _fits(key: Key, signed: bytes, candidates: Sequence[bytes]) -> bool:
    return any(_verifies(key.public, signed, data) for data in candidates)


def _verifies(public: rsa.RSAPublicKey, signed: bytes, data: bytes) -> bool:
    try:
        public.verify(signed, data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
