"""Webhooks of our own: one signed POST of JSON, followed nowhere, within some seconds (docs/alarms.md)."""

import hashlib
import hmac
import json
import re
import socket
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from service.post.cut import cut
from service.post.errors import PostBusy, PostRefused, PostUnreachable

CONNECT_S, READ_S = 3.0, 10.0
WHOLE_S = 20.0  # a webhook that drips is cut off here: a flow ends within 30 s
SIGNATURE = "Expedition-Signature"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def allowed(url: str, hosts: str | None) -> str:
    """Return the address when it may be told; raise PostRefused when it may not.

    `hosts` is a regular expression that must fit the whole of `host` or `host:port`; without one nobody is allowed.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PostRefused("the address cannot be read") from None
    place = host if port is None else f"{host}:{port}"
    if not host or not url.isascii() or parts.netloc.lower() != place or parts.fragment:
        raise PostRefused("the address is not a plain https://host/path: no login and no fragment may stand in it")
    if not hosts or not re.fullmatch(hosts, place):
        raise PostRefused(f"the address is on {place[:100]}, which ALARM_HOSTS does not allow")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise PostRefused(f"the address on {place} is not HTTPS")
    return url


def signed(secret: str, body: bytes, *, now: datetime) -> str:
    """Return the value of the header: the time, and HMAC-SHA256 over `time.body` in hex."""
    at = int(now.timestamp())
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def post(  # whom, what, and how long
    url: str,
    told: Mapping[str, Any],
    *,
    secret: str,
    hosts: str | None,
    now: datetime,
    whole_s: float = WHOLE_S,
    trust: ssl.SSLContext | None = None,
) -> None:
    """Tell a webhook; raise a PostTrouble unless it answers 2xx. What else it answers is not read.

    `trust` None: as the system does.
    """
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", SIGNATURE: signed(secret, body, now=now)}
    waits = httpx.Timeout(READ_S, connect=CONNECT_S)
    place = urlsplit(allowed(url, hosts)).hostname
    line = _Line()
    try:
        with (
            httpx.Client(timeout=waits, follow_redirects=False, trust_env=False, verify=trust or True) as client,
            cut(whole_s, line.socket),
            client.stream("POST", url, content=body, headers=headers, extensions={"trace": line.trace}) as answer,
        ):
            status = answer.status_code
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
        raise PostUnreachable(f"{place} cannot be reached", unclear=False) from None
    except (httpx.HTTPError, httpx.StreamError) as fault:
        raise PostUnreachable(f"{place} gave no answer: {type(fault).__name__}", unclear=True) from None
    except (httpx.InvalidURL, ValueError) as fault:  # idna, punycode and ports: each library has its own rules
        raise PostRefused(f"the address on {place} cannot be called: {type(fault).__name__}") from None
    _judge(status, f"{place} answers {status}")


class _Line:
    """The socket of a call, as soon as there is one."""

    def __init__(self) -> None:
        self._stream: Any = None

    def trace(self, event: str, told: Mapping[str, Any]) -> None:
        """Take the stream from what httpcore tells of its steps: first the bare one, then the encrypted one."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream = told["return_value"]

    def socket(self) -> socket.socket | None:
        return self._stream and self._stream.get_extra_info("socket")


def _judge(status: int, said: str) -> None:
    if 200 <= status < 300:
        return
    if status in (408, 425, 429, 503):
        raise PostBusy(f"{said}: not now")
    if 300 <= status < 400:
        raise PostRefused(f"{said}: it leads elsewhere; give the address itself")
    if 400 <= status < 500:
        raise PostRefused(f"{said}: it does not take alarms at this address")
    raise PostUnreachable(said, unclear=True)
