"""What the shops told us: webhooks as they came, and what has to be looked at because of them.

A delivery is only a hint to look (docs/upgates.md 3.2): many hints about one order are one row and become one read, and
a read answers only the revision it claimed.
"""

from service.inbox.beats import Outage, alive_at, away_after, beat, is_away
from service.inbox.debts import Debt, debt, due_tenants, oldest, waiting
from service.inbox.deliveries import (
    SAMPLE_BYTES,
    Delivery,
    Verdict,
    are_waiting,
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
    last_asked,
    last_ended,
    looks_of,
    note_cause,
    shops_asked,
)
from service.inbox.pace import Dial, paced
from service.inbox.readings import Reading, failures, last_read, note_failure, note_read, rest, rest_no_more, resting
from service.inbox.upkeep import drop_answered, forget, hurry, parked, parked_keys, unpark

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
    "alive_at",
    "answered",
    "are_waiting",
    "ask_look",
    "away_after",
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
    "is_away",
    "last_asked",
    "last_ended",
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
    "parked_keys",
    "put_off",
    "received",
    "rest",
    "rest_no_more",
    "resting",
    "shops_asked",
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
