"""A carrier's options in one line, as a pairing has them: `carrier_id=106; deliver_on=2026-03-05`.

A value that holds a semicolon is JSON, and ends where that does, or stands in quotes: `sender_mask="Shop; Long 1; …"`.
"""

import json
from collections.abc import Mapping

BETWEEN = ";"
BLANK = "; \t\r\n"
QUOTE = '"'
JSON = json.JSONDecoder()


def read(text: str) -> dict[str, str] | None:
    """Return options typed in one line; None for what is none."""
    found: dict[str, str] = {}
    rest = text.strip(BLANK)
    while rest:
        name, _, behind = rest.partition("=")
        value, rest = _value(behind.lstrip())
        if not name.strip() or not value or BETWEEN in name:
            return None
        found[name.strip()] = value
        rest = rest.lstrip(BLANK)
    return found


def written(options: Mapping[str, str]) -> str:
    """Return options in one line, as `read` takes them."""
    return f"{BETWEEN} ".join(f"{name}={_quoted(value)}" for name, value in options.items())


def _value(text: str) -> tuple[str, str]:
    """Return the value a text begins with, and what stands behind it."""
    end = text.find(QUOTE, 1) + 1 if text.startswith(QUOTE) else _end_of_json(text)
    value, rest = text[:end], text[end:].lstrip()
    if value and (not rest or rest.startswith(BETWEEN)):
        return value.strip(QUOTE).strip(), rest
    value, _, rest = text.partition(BETWEEN)
    return value.strip(), rest


def _end_of_json(text: str) -> int:
    if not text.startswith(("[", "{")):
        return 0
    try:
        return JSON.raw_decode(text)[1]
    except (ValueError, RecursionError):
        return 0


def _quoted(value: str) -> str:
    return f"{QUOTE}{value}{QUOTE}" if BETWEEN in value and _end_of_json(value) < len(value) else value
