"""Requests and answers as plain values, and the wire format of the platform's types (contract 1.6).

Paths are raw: percent-encoding is undone per segment, because an order number may hold a slash (`2025%2F000123`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

PRAGUE = ZoneInfo("Europe/Prague")
JSON = "application/json; charset=utf-8"

_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?",
)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Request:
    """One HTTP request. `path` is raw (still percent-encoded), header names are lower case, the query is decoded."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client_ip: str = "127.0.0.1"
    group: str | None = None
    """The access group this request is counted for while in flight; set by `World.enter`, read by `World.leave`."""


@dataclass(slots=True)
class Response:
    """One HTTP answer. `delay_s`: wait before answering. `drop`: close the connection instead of answering."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    drop: bool = False


def dumps(value: object) -> bytes:
    """Return compact UTF-8 JSON."""
    return _encode(value).encode()


def answer_json(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(status, {"content-type": JSON, **(headers or {})}, dumps(value))


def failure(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error answer with one message (contract 1.5)."""
    return answer_json(
        status, {"messages": [message(text, level="fatal_error" if status >= 500 else "error")]}, headers
    )


def message(
    text: str, *, object_: str | None = None, property_: str | None = None, level: str = "error"
) -> dict[str, Any]:
    """Return one entry of `messages` (contract 1.5)."""
    return {"object": object_, "property": property_, "message": text, "level": level}


_stamps: dict[int, str] = {}


def stamp(at: datetime) -> str:
    """Return the observed form of a date: `2024-02-29T14:24:49+01:00`, Prague offset, whole seconds (contract 1.6)."""
    return stamp_of(int(at.timestamp()))


def stamp_of(second: int) -> str:
    """Return the wire form of a Unix second."""
    known = _stamps.get(second)
    if known is None:
        if len(_stamps) > 20_000:
            _stamps.clear()
        known = _stamps[second] = datetime.fromtimestamp(second, PRAGUE).isoformat(timespec="seconds")
    return known


def parse_date(text: str) -> datetime | None:
    """Return an aware time from a date in any accepted form, None when it is none of them.

    Accepts full ISO 8601, date only and `2025-1-1` (contract 1.6). A time without offset is Prague time.
    An offset whose `+` was not encoded arrives as a space and is refused (contract 1.3).
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    zone = timezone_of(offset)
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
        )
    except ValueError:
        return None


def timezone_of(offset: str | None) -> tzinfo:
    """Return the zone of a written offset, Prague without one."""
    if not offset:
        return PRAGUE
    if offset == "Z":
        return UTC
    plain = offset.replace(":", "")
    ahead = timedelta(hours=int(plain[1:3]), minutes=int(plain[3:5]))
    return timezone(-ahead if plain[0] == "-" else ahead)


def as_bool(value: object) -> bool | None:
    """Return the truth of `true/false/1/0` in JSON or text, None for anything else (contract 1.6)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def as_number(value: object) -> float | None:
    """Return a number from a JSON number or a numeric text with a decimal point, None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,10}(\.\d+)?", value.strip()):
        return float(value)
    return None


def as_int(value: object) -> int | None:
    """Return a whole number from a JSON number or text, None for anything else."""
    number = as_number(value)
    return int(number) if number is not None and number == int(number) else None


def digits(phone: str | None) -> str:
    """Return a phone number as MSISDN: country code and number, digits only (contract 4.1, `phone`)."""
    plain = re.sub(r"\D", "", phone or "")
    return plain.removeprefix("00")
