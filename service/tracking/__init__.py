"""Where parcels are: booked boxes that are followed, every scan of them, and the money collected for them.

A carrier is asked by a rhythm and within a budget that can be seen (docs/decisions/0024-tracking.md). What it told is
never deleted; what we make of it never goes back, but by a return.
"""

from service.tracking import collecting, payments
from service.tracking.claiming import (
    claim,
    due_contracts,
    due_tenants,
    hurry,
    hurry_all,
    let_go,
    put_off,
    rehang,
    waits,
)
from service.tracking.decide import BACK, FINAL, HELD, Paid, State, due_next, money_until, next_hour, payout_due
from service.tracking.following import News, enter, enter_back, forget_words, goods_back, keep, leave, scans, tell
from service.tracking.looking import (
    Uncollected,
    held,
    let_be,
    named,
    numbered,
    of_bookings,
    of_orders,
    of_shipments,
    uncollected,
    whose,
)
from service.tracking.payments import Payment
from service.tracking.rows import Followed, Told
from service.tracking.spending import Spent, correct, spent, take

OWNS = ("tracked", "scans", "cod_payments", "track_calls")

__all__ = [
    "BACK",
    "FINAL",
    "HELD",
    "OWNS",
    "Followed",
    "News",
    "Paid",
    "Payment",
    "Spent",
    "State",
    "Told",
    "Uncollected",
    "claim",
    "collecting",
    "correct",
    "due_contracts",
    "due_next",
    "due_tenants",
    "enter",
    "enter_back",
    "forget_words",
    "goods_back",
    "held",
    "hurry",
    "hurry_all",
    "keep",
    "leave",
    "let_be",
    "let_go",
    "money_until",
    "named",
    "next_hour",
    "numbered",
    "of_bookings",
    "of_orders",
    "of_shipments",
    "payments",
    "payout_due",
    "put_off",
    "rehang",
    "scans",
    "spent",
    "take",
    "tell",
    "uncollected",
    "waits",
    "whose",
]
