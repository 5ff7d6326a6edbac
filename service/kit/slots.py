"""The minute of the day at which a shop's scheduled work starts, so that shops are spread over the whole day (R15)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from service.kit.clock import PRAGUE

HOURS = 24
HOUR_M = 60
MORNING_M, MORNING_LASTS_M = 6 * HOUR_M, 3 * HOUR_M
STRIDE_M = 37  # shares no factor with 60: sixty slots of one hour are sixty different minutes


def free(taken: Sequence[int]) -> int:
    """Return a minute of the day, 0-1439 in Prague, in the hour with the fewest slots, away from its neighbours."""
    hours = per_hour(taken)
    hour = min(hours, key=lambda hour: hours[hour])
    minutes = Counter(taken)
    walk = (hour * HOUR_M + (hours[hour] + step) * STRIDE_M % HOUR_M for step in range(HOUR_M))
    return min(walk, key=lambda minute: minutes[minute])


def next_at(minute: int | None, now: datetime) -> datetime:
    """Return the next time at which this minute of Prague's day begins; at once for a shop without one."""
    if minute is None:
        return now
    today = now.astimezone(PRAGUE).replace(hour=minute // HOUR_M, minute=minute % HOUR_M, second=0, microsecond=0)
    at = today if today >= now else today + timedelta(days=1)
    return at.astimezone(UTC)


def morning(minute: int | None) -> int:
    """Return a minute between six and nine that goes with a shop's minute of the day, as evenly spread."""
    return MORNING_M + (minute or 0) % MORNING_LASTS_M


def per_hour(taken: Sequence[int]) -> Mapping[int, int]:
    """Return how many slots lie in each hour of the day."""
    hours = Counter(minute // HOUR_M for minute in taken)
    return {hour: hours[hour] for hour in range(HOURS)}
