"""Log lines for people and machines: one line of JSON each, and nothing in it that must not leave."""

import json
import logging
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

HOOK_PATH = re.compile(r"/u/[^\s\"']*")
MOST_ALIKE, SPELL_S = 20, 60.0
AUTHORIZATION = re.compile(r"(?i)(basic|bearer)\s+[a-z0-9+/=._-]{8,}")


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


class Sparing(logging.Filter):
    """Let the first few of the warnings that are alike through, and say with the next spell how many were left out.

    A neighbour that is away would else be told of by each of thousands of webhooks. Alike are those of one template.
    """

    def __init__(
        self, *, most: int = MOST_ALIKE, spell_s: float = SPELL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._most, self._spell_s, self._clock = most, spell_s, clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}  # since when, how many

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is told."""
        if record.levelno < logging.WARNING:
            return True
        alike, now = (record.name, str(record.msg)), self._clock()
        since, count = self._seen.get(alike, (now, 0))
        left_out = 0
        if now - since >= self._spell_s:
            since, count, left_out = now, 0, max(0, count - self._most)
        self._seen[alike] = since, count + 1
        if left_out:
            record.fields = {**getattr(record, "fields", {}), "left_out_before": left_out}
        return count < self._most


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
