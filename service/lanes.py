"""The lanes: one name for a queue, a Celery task, a flow file and a share of the budget."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Lane(StrEnum):
    """A kind of work that is due per tenant; ops see these names in Flower."""

    ACTIVATE = "activate"
    PULL = "pull"
    REFRESH_ORDERS = "refresh_orders"
    REFRESH_PRODUCTS = "refresh_products"
    REFRESH_STATUSES = "refresh_statuses"
    REFRESH_SHIPPING = "refresh_shipping"
    WRITEBACK = "writeback"
    SWEEP = "sweep"
    ALARM = "alarm"
    BOOK = "book"
    TRACK = "track"
    POINTS = "points"
    AFFILIATES = "affiliates"


@dataclass(frozen=True)
class Waiting:
    """What a lane owes over every tenant.

    `due` may be taken now; `later` waits for a known time, a refill or its shop. `since` is the oldest debt that is
    due, `untaken_since` when the longest waiting became due, or, where a worker died with it, since when it is owed.
    """

    due: int
    later: int
    parked: int
    since: datetime | None
    untaken_since: datetime | None


TenantId = str  # the public id: it stands in webhook URLs and is the only argument of a task

LOOKED_AT = (Lane.REFRESH_ORDERS, Lane.REFRESH_PRODUCTS)  # lanes that can ask what changed since a time (A.3)

# What a webhook is about decides whose turn it is. The event's name comes from our own URL, never from the body
# (docs/upgates.md 3.3); entities are compared in lower case because the platform prints them inconsistently (3.4).
LANE_OF_ENTITY = {
    "orders": Lane.REFRESH_ORDERS,
    "products": Lane.REFRESH_PRODUCTS,
    "orderstatuses": Lane.REFRESH_STATUSES,
    "shipments": Lane.REFRESH_SHIPPING,
    "payments": Lane.REFRESH_SHIPPING,
}


def lane_of(event: str) -> Lane | None:
    """Return the lane that answers an event such as `Orders.update`; None when no lane knows it."""
    return LANE_OF_ENTITY.get(event.partition(".")[0].lower())
