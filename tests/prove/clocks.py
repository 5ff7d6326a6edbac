"""The shops' time, our own beside it, and the days on which both are strange."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.platform.bench import Watch

SCENES = {
    "noon": datetime(2026, 3, 1, 11, 10, tzinfo=UTC),
    "spring forward": datetime(2026, 3, 29, 0, 50, tzinfo=UTC),  # 2:00 in Prague becomes 3:00 at 1:00 UTC
    "fall back": datetime(2026, 10, 25, 0, 50, tzinfo=UTC),  # 3:00 in Prague becomes 2:00 at 1:00 UTC
    "leap day": datetime(2028, 2, 28, 22, 50, tzinfo=UTC),  # ten minutes before 29 February in Prague
    "year's end": datetime(2026, 12, 31, 22, 50, tzinfo=UTC),
}


@dataclass
class Ours:
    """Our machine's clock: the shops' watch, and by how much it is off."""

    watch: Watch
    off: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return self.watch.at + self.off

    def steady(self) -> float:
        """Return a count of seconds that knows of no leap."""
        return self.watch.at.timestamp()
