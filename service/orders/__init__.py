"""The mirror of each shop's orders: the newest content we read, and whether the order is still there.

Whoever writes here locks the tenant's position row first. It is the mutex of the store: reads of one tenant are taken
over one after the other, nothing can deadlock, and positions are handed out in the order of commits.
"""

from service.orders.decide import Taken, What
from service.orders.looking import (
    Mirrored,
    Stamp,
    Standing,
    changed_but_unshown,
    count_changed,
    count_created_between,
    counts,
    created_after,
    created_next_to,
    created_until,
    oldest_change,
    one,
    several,
    stamps,
    standing,
    statuses_of,
    stream,
    unshown_between,
    with_status,
    witnesses,
)
from service.orders.masking import mask
from service.orders.taking import Source, delete_told, doubted, hold, mirror, missing

OWNS = ("orders", "order_positions")

__all__ = [
    "OWNS",
    "Mirrored",
    "Source",
    "Stamp",
    "Standing",
    "Taken",
    "What",
    "changed_but_unshown",
    "count_changed",
    "count_created_between",
    "counts",
    "created_after",
    "created_next_to",
    "created_until",
    "delete_told",
    "doubted",
    "hold",
    "mask",
    "mirror",
    "missing",
    "oldest_change",
    "one",
    "several",
    "stamps",
    "standing",
    "statuses_of",
    "stream",
    "unshown_between",
    "with_status",
    "witnesses",
]
