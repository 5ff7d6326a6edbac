"""A call to a shop and its answer as plain values, and what a status means (docs/upgates.md 1.3, 1.4)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from service.kit import clock
from service.platform import address, jsontext
from service.platform.callplan import Row
from service.platform.errors import (
    CredentialsRejected,
    Forbidden,
    Gone,
    Moved,
    PlatformBusy,
    PlatformRefused,
    PlatformUnreachable,
    RequestRefused,
    Unreadable,
)

T = TypeVar("T")

BACK_OFF_S = (1.0, 3.0)  # after too many calls at once: what was in the way is over within seconds (1.8)
ABOUT_THE_REQUEST = frozenset({400, 409, 413, 422})  # any other refusal may be the whole shop's
LONGEST = timedelta(days=2)  # no window is longer than a day: a later time is a mistake


@dataclass(frozen=True)
class Ask(Generic[T]):
    """One call: its row in the plan, what is asked, and how its answer is read."""

    row: Row
    read: "Callable[[Answer], T]" = field(repr=False)
    params: tuple[tuple[str, str], ...] = ()
    body: jsontext.Json | None = field(default=None, repr=False)  # may hold the address of a webhook
    named: str = ""  # the one thing whose own address is asked, such as an order

    @property
    def path(self) -> str:
        """The path below the shop's API address."""
        return re.sub(r"\{\w+\}", lambda _: quote(self.named, safe=""), self.row.path)

    @property
    def safe(self) -> bool:
        """Whether asking twice does nothing twice."""
        return self.row.verb == "GET"


@dataclass(frozen=True)
class Answer:
    """What came back: `began_at` is when we asked, header names are lower case."""

    began_at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    ask: Ask[Any]

    def unreadable(self, why: str) -> Unreadable:
        """Return the error for an answer that cannot be read; a write may have been done."""
        return Unreadable(f"{self.ask.row.name}: {why}", unclear=not self.ask.safe)

    def json(self) -> jsontext.Json:
        """Return the JSON object of the body; raise Unreadable when there is none, whatever the status says."""
        if not self.body.strip():
            raise self.unreadable("the answer is empty")
        try:
            value = jsontext.parse(self.body)
        except ValueError:
            kind = "HTML" if self.body.lstrip()[:1] == b"<" else "not JSON, or breaks off"
            raise self.unreadable(f"the answer is {kind} ({len(self.body)} bytes)") from None
        if not jsontext.is_object(value):
            raise self.unreadable("the answer is JSON but no object")
        return value


def judge(answer: Answer, *, jitter: Callable[[], float]) -> None:
    """Raise what a status means; return when the answer may be read. `jitter` draws from 0 to 1.

    Source: docs/upgates.md 1.4. A 413 and other refusals did nothing; a 5xx on a write may have.
    """
    status, what = answer.status, answer.ask.row.name
    if 200 <= status < 300:
        return
    if status == 301:
        raise Moved(_moved_to(answer))
    if status == 401:
        raise CredentialsRejected(f"{what}: the shop does not accept our login (401)")
    if status == 403:
        raise Forbidden(f"{what}: 403")
    if status == 404:
        raise Gone(f"{what}: the shop knows no such address (404)")
    if status == 429:
        raise PlatformBusy(_free_again(answer, jitter), f"{what}: too many calls (429)")
    if status >= 500 and status != 501:
        raise PlatformUnreachable(f"{what}: the shop failed ({status})", unclear=not answer.ask.safe)
    refused = RequestRefused if status in ABOUT_THE_REQUEST else PlatformRefused
    raise refused(f"{what}: the shop refused ({status}){_told(answer)}")


def allowance(answer: Answer) -> tuple[int, int, int, int] | None:
    """Return what the shop allows in the hour, what is left of it, and both for the day; None: it told none (1.7)."""
    names = ("hour", "hour-remaining", "day", "day-remaining")
    told = [answer.headers.get(f"x-rate-limit-{name}", "").strip() for name in names]
    if not all(re.fullmatch("[0-9]{1,9}", text) for text in told):
        return None
    hour, hour_left, day, day_left = map(int, told)
    return hour, hour_left, day, day_left


def retry_after(text: str, now: datetime) -> datetime | None:
    """Read `Retry-After` as an HTTP date, an ISO date-time or whole seconds from now; None when it is none of them.

    Source: docs/upgates.md 1.7, T62 (documented as a GMT date, and not always there).
    """
    text = text.strip()
    for read in (_http_date, clock.parse):
        try:
            return read(text)
        except (ValueError, OverflowError):  # the last hours of the year 9999 are over in UTC
            pass
    return now + timedelta(seconds=int(text)) if re.fullmatch("[0-9]{1,6}", text) else None


def _http_date(text: str) -> datetime:
    stamp = parsedate_to_datetime(text)
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)


def _free_again(answer: Answer, jitter: Callable[[], float]) -> datetime:
    """Return when a 429 ends: as told, else with the hour when all is used up, else shortly: too many at once (1.8)."""
    now = answer.began_at
    told = retry_after(answer.headers.get("retry-after", ""), now)
    if told is not None:
        return min(max(told, now + timedelta(seconds=1)), now + LONGEST)
    left = allowance(answer)
    if left and left[1] == left[3] == 0:
        return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    least, most = BACK_OFF_S
    return now + timedelta(seconds=least + (most - least) * jitter())


def _moved_to(answer: Answer) -> str:
    """Return where a 301 says the shop is: in the body (A24, A25) or in `Location` (A25b), see docs/upgates.md 1.4."""
    try:
        told = answer.json().get("api_url")
    except Unreadable:
        told = None
    if isinstance(told, str) and told:
        return told
    return address.reduced(answer.headers.get("location", ""))


def _told(answer: Answer) -> str:
    """Return the first message of a refusal, cut short; messages are prose for people (1.5)."""
    try:
        messages = answer.json().get("messages")
    except Unreadable:
        return ""
    first: object = messages[0] if jsontext.is_list(messages) and messages else None
    text: object = first.get("message") if jsontext.is_object(first) else None
    return f": {text[:200]}" if isinstance(text, str) else ""
