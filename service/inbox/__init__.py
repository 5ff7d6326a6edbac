"""What the shops told us: webhooks as they came, and what has to be looked at because of them.

A delivery is only a hint to look (docs/upgates.md 3.2): many hints about one order are one row and become one read, and
a read answers only the revision it claimed.
"""

from service.inbox.beats import Outage, beat, last_outage
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
from service.inbox.hearing import Silence, forget_heard, heard_at, note_heard, silences
from service.inbox.hints import (
    LOOK,
    Claimed,
    Hint,
    answered,
    causes,
    claim,
    hint,
    put_off,
    told_since,
    turn_page,
)
from service.inbox.looks import (
    Cause,
    Look,
    Walked,
    ask_look,
    begin_looks,
    end_looks,
    is_asked,
    last_asked,
    looks_of,
    note_cause,
)
from service.inbox.pace import Dial, paced
from service.inbox.readings import Reading, failures, last_read, note_failure, note_read, rest, rest_no_more
from service.inbox.upkeep import drop_answered, forget, hurry, parked, unpark

__all__ = [
    "LOOK",
    "SAMPLE_BYTES",
    "Cause",
    "Claimed",
    "Debt",
    "Delivery",
    "Dial",
    "Hint",
    "Look",
    "Outage",
    "Reading",
    "Silence",
    "Verdict",
    "Walked",
    "answered",
    "ask_look",
    "beat",
    "begin_looks",
    "causes",
    "claim",
    "debt",
    "drained_to",
    "drop_answered",
    "due_tenants",
    "end_looks",
    "expanded",
    "failures",
    "forget",
    "forget_drained",
    "forget_heard",
    "heard_at",
    "hint",
    "hurry",
    "is_asked",
    "last_asked",
    "last_outage",
    "last_read",
    "looks_of",
    "note_cause",
    "note_drained",
    "note_failure",
    "note_heard",
    "note_read",
    "oldest",
    "overdue",
    "paced",
    "parked",
    "put_off",
    "received",
    "rest",
    "rest_no_more",
    "silences",
    "store",
    "stuck",
    "stumbled",
    "take",
    "told_since",
    "turn_page",
    "unpark",
    "unstick",
    "waiting",
]

OWNS = ("deliveries", "heard", "hints", "looks", "readings", "receiver_beats", "receiver_outages", "spool_files")
