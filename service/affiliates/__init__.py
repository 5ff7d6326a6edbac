"""The carriers' points that stand in a shop's own shipments, each under an id of ours: affiliates, in UPgates' word.

Nothing stands here unless somebody switched it on for one shipment of one shop (docs/decisions/0026-affiliates.md). An
id means one point for ever, also when it is gone: orders bear it.
"""

from service.affiliates.decide import Affiliate, Key, Plan, State, named, plan, spread
from service.affiliates.keeping import (
    add,
    counts,
    doubt,
    every,
    find,
    shown,
    take,
    turn_to,
)
from service.affiliates.offering import (
    Offer,
    Source,
    changed,
    claim,
    due_tenants,
    finish,
    offer,
    offers,
    park,
    put_off,
    read_on,
    went_well,
    withdraw,
)

OWNS = ("affiliate_offers", "affiliates")

__all__ = [
    "OWNS",
    "Affiliate",
    "Key",
    "Offer",
    "Plan",
    "Source",
    "State",
    "add",
    "changed",
    "claim",
    "counts",
    "doubt",
    "due_tenants",
    "every",
    "find",
    "finish",
    "named",
    "offer",
    "offers",
    "park",
    "plan",
    "put_off",
    "read_on",
    "shown",
    "spread",
    "take",
    "turn_to",
    "went_well",
    "withdraw",
]
