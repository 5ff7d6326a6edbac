"""The minute of the day at which a shop's scheduled work starts, so that shops are spread over the whole day (R15)."""

from collections import Counter
from collections.abc import Mapping, Sequence

HOURS = 24
HOUR_M = 60
STRIDE_M = 37  # shares no factor with 60: sixty slots of one hour are sixty different minutes


def free(taken: Sequence[int]) -> int:
    """Return a minute of the day, 0-1439 in Prague, in the hour with the fewest slots, away from its neighbours."""
    hours = per_hour(taken)
    hour = min(hours, key=lambda hour: hours[hour])
    minutes = Counter(taken)
    walk = (hour * HOUR_M + (hours[hour] + step) * STRIDE_M % HOUR_M for step in range(HOUR_M))
    return min(walk, key=lambda minute: minutes[minute])


def per_hour(taken: Sequence[int]) -> Mapping[int, int]:
    """Return how many slots lie in each hour of the day."""
    hours = Counter(minute // HOUR_M for minute in taken)
    return {hour: hours[hour] for hour in range(HOURS)}
