"""Time as a value that is handed in: flows and stores never ask the machine or the database."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

PRAGUE = ZoneInfo("Europe/Prague")  # the platform's hours and days begin here (docs/upgates.md 1.7)


def utc_now() -> datetime:
    """Return the machine's time, aware and in UTC."""
    return datetime.now(UTC)


def parse(text: str) -> datetime:
    """Read an ISO 8601 stamp of the platform as aware UTC; a stamp without an offset is Prague time (1.6)."""
    stamp = datetime.fromisoformat(text)
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=PRAGUE)).astimezone(UTC)
