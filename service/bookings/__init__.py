"""What carriers are asked to carry: bookings, the numbers they gave, and their labels.

A row is marked before a create leaves, and what nobody heard the answer of is looked for before it is asked for again:
no second label is paid for (docs/decisions/0023-safe-booking.md).
"""

from service.bookings.claiming import Claimed, claim, counted, due_contracts, due_tenants, rest_anew
from service.bookings.decide import Step, Ways, may_create_again, worn_out
from service.bookings.looking import (
    after,
    boxes,
    heads,
    holders,
    newest,
    of_orders,
    of_shipments,
    one,
    sheets,
    unhanded,
)
from service.bookings.making import Draft, add, again, cancel, forget_labels, fresh, give_up, handed
from service.bookings.moving import moved
from service.bookings.rows import Booking, Box, Parked, State, reference
from service.bookings.settling import (
    Sheet,
    booked,
    cancelled,
    doubted,
    keep,
    labelled,
    never_made,
    not_done,
    not_found,
    park,
    pending,
    put_off,
    replace,
)

OWNS = ("bookings", "booking_positions", "booked_parcels", "labels")

__all__ = [
    "OWNS",
    "Booking",
    "Box",
    "Claimed",
    "Draft",
    "Parked",
    "Sheet",
    "State",
    "Step",
    "Ways",
    "add",
    "after",
    "again",
    "booked",
    "boxes",
    "cancel",
    "cancelled",
    "claim",
    "counted",
    "doubted",
    "due_contracts",
    "due_tenants",
    "forget_labels",
    "fresh",
    "give_up",
    "handed",
    "heads",
    "holders",
    "keep",
    "labelled",
    "may_create_again",
    "moved",
    "never_made",
    "newest",
    "not_done",
    "not_found",
    "of_orders",
    "of_shipments",
    "one",
    "park",
    "pending",
    "put_off",
    "reference",
    "replace",
    "rest_anew",
    "sheets",
    "unhanded",
    "worn_out",
]
