"""Time as a value that is handed in: flows and stores never ask the machine or the database."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

LEAP = timedelta(seconds=5)  # what is less is the slow hand of a clock being set right
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
        self.taken()

    def ahead(self) -> timedelta:
        """Return by how much the clock leapt ahead since the last leap was taken in; nothing when it did not."""
        passed = timedelta(seconds=self._steady() - self._since_steady)
        ahead = self._now() - self._since - passed
        if ahead < timedelta(0):  # it was set back: what it leaps from now on counts from there
            self.taken()
        return ahead if ahead >= LEAP else timedelta(0)

    def taken(self) -> None:
        """Begin anew: what was noticed is taken in."""
        self._since, self._since_steady = self._now(), self._steady()
