"""What the shops told us: webhooks as they came, and what has to be looked at because of them.

A delivery is only a hint to look (docs/upgates.md 3.2): many hints about one order are one row and become one read, and
a read answers only the revision it claimed.
"""

from service.inbox.debts import Debt, debt, due_tenants, oldest, waiting
from service.inbox.deliveries import (
    SAMPLE_BYTES,
    Delivery,
    Verdict,
    expanded,
    overdue,
    received,
    store,
    stuck,
    stumbled,
    take,
    unstick,
)
from service.inbox.drains import drained_to, forget_drained, note_drained
from service.inbox.hints import (
    LOOK,
    Claimed,
    Hint,
    answered,
    claim,
    drop_answered,
    forget,
    hint,
    hurry,
    parked,
    put_off,
    turn_page,
    unpark,
)
from service.inbox.pace import Dial, paced
from service.inbox.readings import Reading, failures, last_read, note_failure, note_read, rest, rest_no_more

__all__ = [
    "LOOK",
    "SAMPLE_BYTES",
    "Claimed",
    "Debt",
    "Delivery",
    "Dial",
    "Hint",
    "Reading",
    "Verdict",
    "answered",
    "claim",
    "debt",
    "drained_to",
    "drop_answered",
    "due_tenants",
    "expanded",
    "failures",
    "forget",
    "forget_drained",
    "hint",
    "hurry",
    "last_read",
    "note_drained",
    "note_failure",
    "note_read",
    "oldest",
    "overdue",
    "paced",
    "parked",
    "put_off",
    "received",
    "rest",
    "rest_no_more",
    "store",
    "stuck",
    "stumbled",
    "take",
    "turn_page",
    "unpark",
    "unstick",
    "waiting",
]

OWNS = ("deliveries", "hints", "readings", "spool_files")
