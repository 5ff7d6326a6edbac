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
from service.contracts.logins import (
    Contract,
    Holder,
    carriers,
    close,
    holders,
    of_account,
    one,
    put,
    take_serials,
    tested,
    usable,
)

OWNS = ("contracts", "breakers")

__all__ = [
    "BROWN_MOST",
    "DOWN_MOST",
    "OWNS",
    "Breaker",
    "Contract",
    "Failing",
    "Holder",
    "carriers",
    "close",
    "failed",
    "failing",
    "forget_words",
    "gate",
    "holders",
    "let_in",
    "of_account",
    "one",
    "put",
    "rest",
    "standing",
    "take_serials",
    "tested",
    "usable",
    "worked",
]
