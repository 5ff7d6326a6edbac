"""What carriers are asked to carry: bookings, the numbers they gave, and their labels.

A row is marked before a create leaves, and what nobody heard the answer of is looked for before it is asked for again:
no second label is paid for (docs/decisions/0023-safe-booking.md).
"""

from service.bookings.claiming import Claimed, claim, due_contracts, due_tenants, rest_anew, soonest, waits
from service.bookings.decide import Step, Ways, ask_at, may_create_again, worn_out
from service.bookings.hanging import rehang, resume
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
    unasked,
    unhanded,
)
from service.bookings.making import (
    Draft,
    add,
    again,
    cancel,
    forget_labels,
    forget_words,
    fresh,
    give_up,
    handed,
    hold_feed,
    unused,
    used,
)
from service.bookings.moving import moved
from service.bookings.numbering import Numbered, Sheet, booked, keep, labelled, pending, unlabelled
from service.bookings.rows import Booking, Box, Parked, State, reference
from service.bookings.settling import (
    cancelled,
    doubted,
    never_made,
    not_done,
    not_found,
    not_known,
    over,
    park,
    put_off,
    replace,
)
from service.bookings.shown import parked, parked_of, printable, unbooked, under_way
from service.bookings.standing import Standing, by_carrier, waiting

OWNS = ("bookings", "booking_positions", "booked_parcels", "labels")

__all__ = [
    "OWNS",
    "Booking",
    "Box",
    "Claimed",
    "Draft",
    "Numbered",
    "Parked",
    "Sheet",
    "Standing",
    "State",
    "Step",
    "Ways",
    "add",
    "after",
    "again",
    "ask_at",
    "booked",
    "boxes",
    "by_carrier",
    "cancel",
    "cancelled",
    "claim",
    "doubted",
    "due_contracts",
    "due_tenants",
    "forget_labels",
    "forget_words",
    "fresh",
    "give_up",
    "handed",
    "heads",
    "hold_feed",
    "holders",
    "keep",
    "labelled",
    "may_create_again",
    "moved",
    "never_made",
    "newest",
    "not_done",
    "not_found",
    "not_known",
    "of_orders",
    "of_shipments",
    "one",
    "over",
    "park",
    "parked",
    "parked_of",
    "pending",
    "printable",
    "put_off",
    "reference",
    "rehang",
    "replace",
    "rest_anew",
    "resume",
    "sheets",
    "soonest",
    "unasked",
    "unbooked",
    "under_way",
    "unhanded",
    "unlabelled",
    "unused",
    "used",
    "waiting",
    "waits",
    "worn_out",
]
