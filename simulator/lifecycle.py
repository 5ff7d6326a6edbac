"""Calls of the platform to the add-on: install, open, uninstall, version change.

A body once made and signed can be sent anywhere; that is how a replay is played. What a call does to a shop is told in
`marketplace.py`. Source: docs/upgates.md 2.1-2.6.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx

from simulator.signing import SigningKey

ANSWER_WITHIN_S = 5.0  # an installation that takes longer has failed (2.3)
PRAGUE = ZoneInfo("Europe/Prague")

Body = dict[str, Any]


class Door(StrEnum):
    """The four endpoints an add-on exposes (2.1), each at `{url}/addon/{value}` unless the add-on says otherwise."""

    INSTALL = "install"
    OPEN = "open"
    UNINSTALL = "uninstall"
    VERSION = "version"


class Signs(StrEnum):
    """Which values a version change signs; no document prints it (2.6, B2)."""

    SHORT = "short"  # token;time;signature_token
    WITH_VERSION = "with_version"  # token;version;time;signature_token
    FULL = "full"  # token;apiUser;apiKey;apiUrl;time;signature_token, credentials in the body


class Spoilt(StrEnum):
    """Ways in which a request is wrong on purpose; all others of its values stay right."""

    BAD_SIGNATURE = "bad_signature"  # one byte of it changed
    NO_SIGNATURE = "no_signature"  # the field is missing
    WRONG_SECRET = "wrong_secret"  # signed with another `signature_token`
    WRONG_KEY = "wrong_key"  # signed by a key nobody serves
    OLD_TIME = "old_time"  # validly signed two hours ago
    FAR_TIME = "far_time"  # validly signed for three days ahead
    UNREADABLE_TIME = "unreadable_time"  # validly signed, `time` is no date
    FOREIGN_API_URL = "foreign_api_url"  # validly signed, `apiUrl` points away from the platform


FOREIGN_API_URL = "https://api.example.org/api/v2"
SHIFTS: dict[Spoilt | None, timedelta] = {Spoilt.OLD_TIME: timedelta(hours=-2), Spoilt.FAR_TIME: timedelta(days=3)}


@dataclass(frozen=True)
class Access:
    """What an installation hands over: the API user made for this add-on in one shop (2.3)."""

    login: str
    key: str
    api_url: str


@dataclass
class Addon:
    """One add-on as the Marketplace knows it: where its doors are and which secret ends its signed strings (2.1).

    `doors` holds whole URLs for those that do not lie in the usual place.
    """

    url: str
    signature_token: str
    version: int | str = 1  # what new installations get; samples show 0 and "" too (2.3)
    valid_for_s: float = 0.0  # guess: B1; 0 = `time` says when the call was signed, more = until when it is valid
    doors: dict[Door, str] = field(default_factory=dict)

    def at(self, door: Door) -> str:
        """Return the URL of a door."""
        return self.doors.get(door) or f"{self.url.rstrip('/')}/addon/{door}"


@dataclass(frozen=True)
class Sent:
    """One call to the add-on and what came of it."""

    door: Door
    url: str
    body: Body
    status: int | None  # None: no connection, or no answer in time
    answer: Any
    seconds: float
    why: str  # the reason the platform calls it failed; empty: it worked

    @property
    def ok(self) -> bool:
        """Say whether the platform is content."""
        return not self.why

    def told(self) -> Body:
        """Return the call in JSON form."""
        return {
            "door": self.door, "url": self.url, "body": self.body, "status": self.status, "answer": self.answer,
            "seconds": round(self.seconds, 3), "ok": self.ok, "why": self.why,
        }  # fmt: skip


@dataclass
class Caller:
    """Makes, signs and sends the platform's requests to one add-on."""

    addon: Addon
    key: SigningKey
    client: httpx.AsyncClient
    now: Callable[[], datetime]
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=200))

    def install(self, token: str, access: Access, *, language: str, spoilt: Spoilt | None = None) -> Body:
        """Return a signed installation body; `version` and the language are not part of the signature (2.3)."""
        body = {
            "token": token,
            "version": self.addon.version,
            "apiUser": access.login,
            "apiKey": access.key,
            "apiUrl": FOREIGN_API_URL if spoilt is Spoilt.FOREIGN_API_URL else access.api_url,
            "current_admin_language": language,
            "time": self._time(spoilt),
        }
        return self._sign(body, ("token", "apiUser", "apiKey", "apiUrl", "time"), spoilt)

    def open(self, token: str, version: int | str, *, language: str, spoilt: Spoilt | None = None) -> Body:
        """Return a signed opening body (2.4)."""
        body = {
            "token": token,
            "current_admin_language": language,
            "version": version,
            "time": self._time(spoilt),
        }
        return self._sign(body, ("token", "time"), spoilt)

    def uninstall(self, token: str, version: int | str, *, spoilt: Spoilt | None = None) -> Body:
        """Return a signed uninstallation body (2.5)."""
        body = {"token": token, "version": version, "time": self._time(spoilt)}
        return self._sign(body, ("token", "time"), spoilt)

    def version(
        self,
        token: str,
        version: int | str,
        *,
        signs: Signs,
        access: Access | None = None,
        spoilt: Spoilt | None = None,
    ) -> Body:
        """Return a signed version change; with `Signs.FULL` it carries credentials.

        guess: B2 (body and signed values), B3 (new credentials); each of the contract's candidates can be asked for.
        """
        body: Body = {"token": token, "version": version}
        if access is not None:
            body |= {"apiUser": access.login, "apiKey": access.key, "apiUrl": access.api_url}
        body["time"] = self._time(spoilt)
        return self._sign(body, VERSION_SIGNS[signs], spoilt)

    async def send(self, door: Door, body: Body) -> Sent:
        """Call one door of the add-on and judge its answer as the platform would."""
        url = self.addon.at(door)
        begun = time.monotonic()
        status, answer, why = await _post(self.client, url, body)
        took_s = time.monotonic() - begun
        sent = Sent(door, url, body, status, answer, took_s, why=_fault_of(door, status, answer, why))
        self.sent.append(sent)
        return sent

    def _time(self, spoilt: Spoilt | None) -> str:
        if spoilt is Spoilt.UNREADABLE_TIME:
            return "yesterday, about noon"
        shift = SHIFTS.get(spoilt, timedelta(seconds=self.addon.valid_for_s))
        return (self.now() + shift).astimezone(PRAGUE).isoformat(timespec="seconds")

    def _sign(self, body: Body, names: tuple[str, ...], spoilt: Spoilt | None) -> Body:
        if spoilt is Spoilt.NO_SIGNATURE:
            return body
        key = SigningKey() if spoilt is Spoilt.WRONG_KEY else self.key
        secret = "not-the-secret" if spoilt is Spoilt.WRONG_SECRET else self.addon.signature_token
        signature = key.sign([*(str(body[name]) for name in names), secret])
        if spoilt is Spoilt.BAD_SIGNATURE:
            signature = ("B" if signature[0] == "A" else "A") + signature[1:]
        return body | {"signature_v2": signature}


VERSION_SIGNS = {
    Signs.SHORT: ("token", "time"),
    Signs.WITH_VERSION: ("token", "version", "time"),
    Signs.FULL: ("token", "apiUser", "apiKey", "apiUrl", "time"),
}


async def _post(client: httpx.AsyncClient, url: str, body: Body) -> tuple[int | None, Any, str]:
    """Return status, JSON answer and, when there was none, why."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            answer = await client.post(url, json=body, timeout=None)
    except TimeoutError:
        return None, None, f"the add-on did not answer within {ANSWER_WITHIN_S:.0f} s"
    except (httpx.HTTPError, httpx.InvalidURL) as lost:
        return None, None, f"the add-on cannot be reached: {lost!r}"
    try:
        return answer.status_code, answer.json(), ""
    except ValueError:
        return answer.status_code, answer.text[:2_000], ""


def _fault_of(door: Door, status: int | None, answer: Any, lost: str) -> str:
    """Return why this means failure to the platform, empty when it means success; `lost`: why there is no answer."""
    if door is Door.UNINSTALL:  # nobody waits for it: whatever is answered, the add-on is uninstalled (2.5)
        return ""
    if status != 200:
        return lost or f"the add-on answered {status}"
    if not isinstance(answer, dict):
        return "the add-on's answer is no JSON object"
    told = cast("Body", answer)
    return _fault_of_opening(told) if door is Door.OPEN else _fault_of_consent(told)


def _fault_of_consent(answer: Body) -> str:
    if answer.get("error") not in (True, False, 0, 1):
        return "the add-on's answer lacks `error`"
    # With `error` the message is for the merchant: he must do something first (2.3).
    return str(answer.get("message") or "the add-on asks for something first") if answer["error"] else ""


def _fault_of_opening(answer: Body) -> str:
    if answer.get("type") not in ("iframe", "redirect"):
        return "the add-on's answer lacks `type` iframe or redirect"
    # The contract wants https; loopback is let through because the stand-in has no certificates.
    if not str(answer.get("url")).startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        return "the add-on's `url` is not https"
    return ""
