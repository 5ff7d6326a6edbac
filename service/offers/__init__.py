"""What warehouses are told about each order: packed it may be, not yet, or stop.

One row an order, of its latest state; its revision grows with every state a warehouse could see. Whoever changes rows
holds the tenant's position row first (`hold`) and reads what stands only then, so that position order is commit order
and no two verdicts about one order cross. What the pull brought has no row unless a person released it.
"""

from service.offers.decide import Facts, Offer, Reason, State, Terms, move, release
from service.offers.keeping import (
    Shown,
    ack,
    after,
    by_hand,
    counts,
    ended,
    heads,
    hold,
    known,
    mark_by_hand,
    on_a_line,
    one,
    put,
)

OWNS = ("offers", "offer_positions")

__all__ = [
    "OWNS",
    "Facts",
    "Offer",
    "Reason",
    "Shown",
    "State",
    "Terms",
    "ack",
    "after",
    "by_hand",
    "counts",
    "ended",
    "heads",
    "hold",
    "known",
    "mark_by_hand",
    "move",
    "on_a_line",
    "one",
    "put",
    "release",
]
