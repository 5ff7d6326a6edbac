"""Return labels: what a customer sends back with, made by the carrier that brought it.

A row is marked before a question leaves. No carrier finds a return whose answer got lost, so it is never asked for
twice by itself. What a carrier said it is at is asked for by its job until that is over.
"""

from service.returns.deciding import add, again, forget_labels, give_up, print_again
from service.returns.looking import first, holders, label, newest, of_shipments, one, parked_of, some, waits
from service.returns.rows import Draft, Parked, Return, State, Step, fresh, reference, tenant_of
from service.returns.working import asked, claim, due_tenants, made, park, pending, printed, put_off

OWNS = ("return_labels",)

__all__ = [
    "OWNS",
    "Draft",
    "Parked",
    "Return",
    "State",
    "Step",
    "add",
    "again",
    "asked",
    "claim",
    "due_tenants",
    "first",
    "forget_labels",
    "fresh",
    "give_up",
    "holders",
    "label",
    "made",
    "newest",
    "of_shipments",
    "one",
    "park",
    "parked_of",
    "pending",
    "print_again",
    "printed",
    "put_off",
    "reference",
    "some",
    "tenant_of",
    "waits",
]
