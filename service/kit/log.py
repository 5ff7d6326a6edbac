"""Log lines for people and machines: one line of JSON each, and nothing in it that must not leave."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

HOOK_PATH = re.compile(r"/u/[^\s\"']*")
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


def start(level: str) -> None:
    """Send every log line of this process to stderr; libraries that print URLs are turned down."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "kombu", "amqp", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
