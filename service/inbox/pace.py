"""When a hint is read: the one decision about freshness and its price in calls (design, "Pace")."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Dial:
    """How fresh a mirror is kept: seconds between urgent and between routine reads, seconds to wait for company."""

    interval_s: float
    routine_s: float
    wait_s: float


def paced(dial: Dial, *, now: datetime, last_read: datetime | None, urgent: bool) -> datetime:
    """Return when a hint told now is to be read: a lone change after the wait, a busy shop's once per interval."""
    soonest = now + timedelta(seconds=dial.wait_s)
    if last_read is None:
        return soonest
    return max(soonest, last_read + timedelta(seconds=dial.interval_s if urgent else dial.routine_s))
