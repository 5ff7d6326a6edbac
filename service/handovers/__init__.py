"""What was handed over to a carrier, told to it where it wants to hear, and the car that was asked for.

A row is marked before a question leaves. A parcel is in one hand-over only; one a person has to look at gives its
parcels up to the next that names them.
"""

from service.handovers.cars import (
    called_off,
    car_doubted,
    car_left,
    car_refused,
    car_settled,
    claim_car,
    collected,
    is_last,
    recalled,
    withdrawn,
)
from service.handovers.entering import add, apart, give_up, take
from service.handovers.looking import document, held, left_to_a_person, newest, one, seen_to, waits
from service.handovers.rows import Handover, Parked, State, Step, fresh, tenant_of
from service.handovers.working import (
    asked,
    claim,
    closed,
    due_tenants,
    forget_papers,
    keep_only,
    park,
    put_off,
)

OWNS = ("handovers", "handed_bookings")

__all__ = [
    "OWNS",
    "Handover",
    "Parked",
    "State",
    "Step",
    "add",
    "apart",
    "asked",
    "called_off",
    "car_doubted",
    "car_left",
    "car_refused",
    "car_settled",
    "claim",
    "claim_car",
    "closed",
    "collected",
    "document",
    "due_tenants",
    "forget_papers",
    "fresh",
    "give_up",
    "held",
    "is_last",
    "keep_only",
    "left_to_a_person",
    "newest",
    "one",
    "park",
    "put_off",
    "recalled",
    "seen_to",
    "take",
    "tenant_of",
    "waits",
    "withdrawn",
]
