"""Log lines for people and machines: one line of JSON each, and nothing in it that must not leave."""

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import NamedTuple

HOOK_PATH = re.compile(r"/u/[^\s\"']*")
AUTHORIZATION = re.compile(r"(?i)(basic|bearer)\s+[a-z0-9+/=._-]{8,}")
MOST_ALIKE, SPELL_S = 20, 60.0  # a person reads no more of them
MOST_SPELLS = 1_000


def veil(text: str) -> str:
    """Hide webhook paths (their MAC is a credential) and authorization headers."""
    return AUTHORIZATION.sub(r"\1 ***", HOOK_PATH.sub("/u/***", text))


class JsonLines(logging.Formatter):
    """Format a record as one JSON object; extra fields are given by `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "what": veil(record.getMessage()),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["trace"] = veil(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class Spell(NamedTuple):
    """Since when warnings are alike, and how many have come."""

    since: float
    come: int


class Sparing(logging.Filter):
    """Let the first few of the warnings that are alike through, and say with the next spell how many were left out.

    A neighbour that is away would else be told of by each of thousands of webhooks. Alike are those of one template
    and, where a fault is told, of one place that raised it.
    """

    def __init__(
        self, *, most: int = MOST_ALIKE, spell_s: float = SPELL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._most, self._spell_s, self._clock = most, spell_s, clock
        self._spells: dict[Hashable, Spell] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is told."""
        if record.levelno < logging.WARNING:
            return True
        alike, now = (record.name, str(record.msg), _raised_at(record)), self._clock()
        with self._lock:
            spell = self._spells.get(alike)
            if spell is None and len(self._spells) >= MOST_SPELLS:  # somebody fills his templates in himself
                self._spells.clear()
            left_out = 0
            if spell is None or now - spell.since >= self._spell_s:
                left_out = max(0, spell.come - self._most) if spell else 0
                spell = Spell(now, 0)
            self._spells[alike] = Spell(spell.since, spell.come + 1)
        if left_out:
            record.fields = {**getattr(record, "fields", {}), "left_out_before": left_out}
        return spell.come < self._most


def _raised_at(record: logging.LogRecord) -> Hashable:
    """Return what kind of fault a record tells of and where it was raised; None when it tells of none."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    kind, _, trace = record.exc_info
    frames = traceback.extract_tb(trace, limit=-1)
    return kind, *((frame.filename, frame.lineno) for frame in frames)


def start(level: str) -> None:
    """Send every log line of this process to stderr; libraries that print URLs are turned down."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(JsonLines())
    out.addFilter(Sparing())
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "kombu", "amqp", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
