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
from service.bookings.making import Draft, add, again, cancel, forget_labels, fresh, give_up, handed, resume
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
from service.bookings.shown import parked, printable, unbooked, under_way
from service.bookings.standing import Standing, by_carrier, waiting

OWNS = ("bookings", "booking_positions", "booked_parcels", "labels")

__all__ = [
    "OWNS",
    "Booking",
    "Box",
    "Claimed",
    "Draft",
    "Parked",
    "Sheet",
    "Standing",
    "State",
    "Step",
    "Ways",
    "add",
    "after",
    "again",
    "booked",
    "boxes",
    "by_carrier",
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
    "never_made",
    "newest",
    "not_done",
    "not_found",
    "of_orders",
    "of_shipments",
    "one",
    "park",
    "parked",
    "pending",
    "printable",
    "put_off",
    "reference",
    "replace",
    "rest_anew",
    "resume",
    "sheets",
    "unbooked",
    "under_way",
    "unhanded",
    "waiting",
    "worn_out",
]
