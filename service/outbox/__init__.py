"""What the shops still have to show: one row an order, merged field by field, and what came of each sending.

A row that was asked and not answered is in doubt: it may have been done, so it rests, is read, and only what differs is
sent. Nothing mails a customer twice (docs/upgates.md 4.2, B27, B28).
"""

from service.outbox.decide import Finding, State, Want, What
from service.outbox.looking import (
    Counts,
    Debt,
    Told,
    counts,
    debt,
    due_tenants,
    forget,
    history_lacks,
    left_behind,
    parked,
    set_right,
    state_of,
    told,
    unpark,
    waiting,
)
from service.outbox.receiving import echoed, late_receipts, put_off, rest_anew, seen, unclear_rows, unconfirmed
from service.outbox.sending import (
    MOST,
    Claimed,
    claim,
    claim_extra,
    extra_told,
    give_back_extra,
    put,
    put_off_extra,
    record,
    unclear,
    unmark,
)
from service.outbox.shop import Pace, WriteBack, note_failure, note_silence, rest, rest_no_more
from service.outbox.shop import of as shop_of
from service.outbox.stuck import Heap, Stuck, Where, stuck

OWNS = ("outbox", "write_backs")

__all__ = [
    "MOST",
    "OWNS",
    "Claimed",
    "Counts",
    "Debt",
    "Finding",
    "Heap",
    "Pace",
    "State",
    "Stuck",
    "Told",
    "Want",
    "What",
    "Where",
    "WriteBack",
    "claim",
    "claim_extra",
    "counts",
    "debt",
    "due_tenants",
    "echoed",
    "extra_told",
    "forget",
    "give_back_extra",
    "history_lacks",
    "late_receipts",
    "left_behind",
    "note_failure",
    "note_silence",
    "parked",
    "put",
    "put_off",
    "put_off_extra",
    "record",
    "rest",
    "rest_anew",
    "rest_no_more",
    "seen",
    "set_right",
    "shop_of",
    "state_of",
    "stuck",
    "told",
    "unclear",
    "unclear_rows",
    "unconfirmed",
    "unmark",
    "unpark",
    "waiting",
]
