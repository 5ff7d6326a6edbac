"""Logins with carriers, and how each carrier does: a carrier that is down rests, and one call at a time finds its end.

A contract is an account's, for all its shops or for one of them. What is sealed is opened for one use and never shown.
"""

from service.contracts.breakers import (
    BROWN_MOST,
    DOWN_MOST,
    Breaker,
    Failing,
    failed,
    failing,
    forget_words,
    gate,
    let_in,
    rest,
    standing,
    worked,
)
from service.contracts.busy import busy, did, did_at, watch
from service.contracts.logins import (
    Contract,
    Holder,
    answering,
    carriers,
    close,
    closed,
    holders,
    next_serial,
    of_account,
    one,
    put,
    reachable,
    reopen,
    take_serials,
    tested,
    usable,
)

OWNS = ("contracts", "breakers", "busy_at")

__all__ = [
    "BROWN_MOST",
    "DOWN_MOST",
    "OWNS",
    "Breaker",
    "Contract",
    "Failing",
    "Holder",
    "answering",
    "busy",
    "carriers",
    "close",
    "closed",
    "did",
    "did_at",
    "failed",
    "failing",
    "forget_words",
    "gate",
    "holders",
    "let_in",
    "next_serial",
    "of_account",
    "one",
    "put",
    "reachable",
    "reopen",
    "rest",
    "standing",
    "take_serials",
    "tested",
    "usable",
    "watch",
    "worked",
]
