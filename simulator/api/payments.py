"""GET /payments (contract 4.10)."""

from simulator.api import listed
from simulator.ask import Ask, Page
from simulator.wire import dumps

PER_PAGE = 50  # guess: paged, size not stated, B14


def get(ask: Ask) -> Page:
    """Return the payments that pass every filter; ids are strings here."""
    return ask.paged("payments", listed.found(ask, ask.shop.payments), dumps, PER_PAGE)
