"""What left the building: shipments with their parcels, and the requests that told us of them.

Nothing here says whether an order may leave: that is decided under the lock of its offer (service/flows/ship.py).
"""

from service.shipments.booking import (
    Draft,
    Parcel,
    Shipment,
    add,
    awaited_since,
    change,
    in_parcel,
    of_orders,
    one,
    orders_in,
    repack,
    shipped,
    tenant_of,
    void,
)
from service.shipments.keys import Asked, OtherBody, answered, begin_key, forget_keys, keep, kept
from service.shipments.together import along, leading

OWNS = ("shipments", "parcels", "idempotency_keys", "idempotency_results")

__all__ = [
    "OWNS",
    "Asked",
    "Draft",
    "OtherBody",
    "Parcel",
    "Shipment",
    "add",
    "along",
    "answered",
    "awaited_since",
    "begin_key",
    "change",
    "forget_keys",
    "in_parcel",
    "keep",
    "kept",
    "leading",
    "of_orders",
    "one",
    "orders_in",
    "repack",
    "shipped",
    "tenant_of",
    "void",
]
