"""When a list is read again, and how much less of it is believed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

DAY = timedelta(days=1)
SPREAD = timedelta(hours=1)
FIRST, LONGEST = timedelta(minutes=10), timedelta(hours=6)  # a list may have a hundred megabytes
BELIEVED_AFTER = timedelta(days=2)  # of whole lists that all lack so many
STALE = timedelta(days=3)  # a list that was not read well for longer says nothing of what it does not show
SMALL = 20  # points: a network of fewer may well lose half of them


def next_at(carrier: str, country: str, now: datetime) -> datetime:
    """Return when a list that was read well is read next: a day later, give or take an hour that is this list's own."""
    place = int.from_bytes(blake2b(f"{carrier}/{country}".encode(), digest_size=4).digest()) / 2**32
    return now + DAY + SPREAD * (2 * place - 1)


def again_at(now: datetime, tries: int) -> datetime:
    """Return when to try again after `tries` earlier failures: 10 minutes doubled each time, six hours at most."""
    return now + min(FIRST * 2 ** min(tries, 16), LONGEST)


def shrunk(before: Mapping[str, int], lacking: Mapping[str, int], shown: Mapping[str, int]) -> str:
    """Say why a whole list is not believed, by points of each network; empty when it is.

    One that lacks more than half of all points, or of any network that is not small, is a list gone wrong: closing them
    all would stop parcels whose points are open. Of a network it does not show at all it says nothing.
    """
    all_before, all_lacking = sum(before[network] for network in shown if network in before), sum(lacking.values())
    if 2 * all_lacking > all_before:
        return f"the list lacks {all_lacking} of {all_before} points"
    for network, count in sorted(lacking.items()):
        if before[network] >= SMALL and 2 * count > before[network]:
            return f"the list lacks {count} of {before[network]} points of {network}"
    return ""
