"""How long to leave a neighbour alone after it failed."""

from datetime import datetime, timedelta

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)


def after(now: datetime, tries: int) -> datetime:
    """Return when to try again after `tries` earlier failures: 30 s doubled each time, an hour at most."""
    return now + min(FIRST * 2 ** min(tries, 16), LONGEST)
