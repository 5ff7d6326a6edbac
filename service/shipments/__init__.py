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
    shipped,
    tenant_of,
    there,
    void,
)
from service.shipments.keys import Asked, OtherBody, answered, begin_key, forget_keys, keep

OWNS = ("shipments", "parcels", "idempotency_keys", "idempotency_results")

__all__ = [
    "OWNS",
    "Asked",
    "Draft",
    "OtherBody",
    "Parcel",
    "Shipment",
    "add",
    "answered",
    "awaited_since",
    "begin_key",
    "change",
    "forget_keys",
    "in_parcel",
    "keep",
    "of_orders",
    "one",
    "orders_in",
    "shipped",
    "tenant_of",
    "there",
    "void",
]
