"""Time as a value that is handed in: flows and stores never ask the machine or the database."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

LEAP = timedelta(seconds=5)  # less is a clock that is set right slowly
PRAGUE = ZoneInfo("Europe/Prague")  # the platform's hours and days begin here (docs/upgates.md 1.7)


def utc_now() -> datetime:
    """Return the machine's time, aware and in UTC."""
    return datetime.now(UTC)


def parse(text: str) -> datetime:
    """Read an ISO 8601 stamp of the platform as aware UTC; a stamp without an offset is Prague time (1.6)."""
    stamp = datetime.fromisoformat(text)
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=PRAGUE)).astimezone(UTC)


class Leaps:
    """Notices that a clock leapt ahead: more time seems to have passed than has by `steady`, which counts seconds."""

    def __init__(self, now: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        self._now, self._steady = now, steady
        self._since, self._since_steady = now(), steady()

    def ahead(self) -> timedelta:
        """Return by how much the clock leapt ahead since the last leap was taken in; nothing if it did not.

        One that was set back is taken in at once: whoever waits by it waits the longer.
        """
        passed = timedelta(seconds=self._steady() - self._since_steady)
        leapt = self._now() - self._since - passed
        if leapt <= -LEAP:
            self.take_in()
        return leapt if leapt >= LEAP else timedelta(0)

    def take_in(self) -> None:
        """Count from here on: what was noticed has had its consequences."""
        self._since, self._since_steady = self._now(), self._steady()
