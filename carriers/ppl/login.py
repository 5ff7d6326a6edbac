"""The token PPL lets us in with: asked for once, kept while it lasts, shown to nobody (docs/carriers.md 2.1)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from carriers.base import Now
from carriers.errors import Kind
from carriers.ppl.rows import row
from carriers.wire import Answer

LIFE_S = 1800
SPARE_S = 60  # a token is renewed this long before it ends
YOUNG = timedelta(seconds=60)  # refused younger than this, a new one would fare the same; 12 a minute are allowed


@dataclass(frozen=True)
class Token:
    """What stands after `Bearer`; not used after `until`."""

    value: str = field(repr=False)
    since: datetime
    until: datetime


class Login:
    """One token for all threads of an adapter."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._lock = Lock()
        self._token: Token | None = None

    def token(self, ask: Callable[[], Answer]) -> str:
        """Return a token that lasts, asking for one where there is none; others wait meanwhile, and share it."""
        with self._lock:
            if self._token is None or self._now() >= self._token.until:
                self._token = read_token(ask(), self._now())
            return self._token.value

    def forget(self, value: str | None = None) -> bool:
        """Forget a refused token (None: any); say whether asking again with another makes sense."""
        with self._lock:
            if self._token is None or (value is not None and self._token.value != value):
                return True
            if value is not None and self._now() - self._token.since < YOUNG:
                return False
            self._token = None
            return True


def read_token(answer: Answer, now: datetime) -> Token:
    """Read `{"access_token": "…", "expires_in": 1800}`; wrong credentials are 400 or 401 and refused as LOGIN."""
    if answer.status in (400, 401, 403):
        raise answer.refused("client_id or client_secret is wrong", kind=Kind.LOGIN, code=str(answer.status))
    said = row(answer.expect_ok().json())
    value = said.get("access_token")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise answer.unreadable("the answer holds no token")
    life = said.get("expires_in")
    life_s = life if type(life) is int and 0 < life <= 86_400 else LIFE_S
    return Token(value, now, now + timedelta(seconds=life_s - min(SPARE_S, life_s / 2)))
