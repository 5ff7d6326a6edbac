"""Where a shop may live: credentials are sent nowhere else."""

import re
from urllib.parse import SplitResult, urlsplit

from service.platform.errors import PlatformRefused

API_PATH = "/api/v2"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def allowed(url: str, hosts: str) -> str:
    """Return the API address in its one form, without a slash at the end; raise PlatformRefused when it is not allowed.

    `hosts` is a regular expression that must fit the whole of `host` or `host:port`. Anything but HTTPS, and anything
    in front of `/api/v2`, is for stand-ins on the loopback only.
    Source: docs/upgates.md 1.1 (the address changes and must be checked, or credentials go to a foreign host).
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PlatformRefused("the API address cannot be read") from None
    place = host if port is None else f"{host}:{port}"
    if not host or not url.isascii() or parts.netloc.lower() != place or parts.query or parts.fragment:
        raise PlatformRefused("the API address is not a plain https://host/api/v2")  # it might name a login: not shown
    if not re.fullmatch(hosts, place):
        raise PlatformRefused(f"the API address is on {place[:100]}, which PLATFORM_HOSTS does not allow")
    path = parts.path.rstrip("/")
    local = host in LOOPBACK
    if parts.scheme not in ({"https", "http"} if local else {"https"}):
        raise PlatformRefused(f"the API address on {place} is not HTTPS")
    if path != API_PATH and not (local and _is_prefixed(path)):
        raise PlatformRefused(f"the API address on {place} does not end in {API_PATH}")
    return f"{parts.scheme}://{place}{path}"


def reduced(url: str) -> str:
    """Cut an address down to its API address: a `Location` may name all of `…/api/v2/orders?page=2` (1.4)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    before, found, after = parts.path.partition(API_PATH)
    if not found or after[:1] not in ("", "/"):
        return url
    return SplitResult(parts.scheme, parts.netloc, before + API_PATH, "", "").geturl()


def _is_prefixed(path: str) -> bool:
    return re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/api/v2", path) is not None and ".." not in path
