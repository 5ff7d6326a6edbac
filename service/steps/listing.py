"""Which carrier's list of points is read next, and with whose login: one list at a time over the whole service.

A list takes a thread for a minute and 135 MB; points belong to no shop, so any shop's login will do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carriers import registry
from service import contracts, db, points
from service.lanes import Lane, TenantId

COUNTRIES = ("CZ", "SK")  # where shops of the platform deliver; a list of another is read once it is wanted


@dataclass(frozen=True)
class Turn:
    """A list that is to be read, and the login it is read with."""

    carrier: str
    country: str
    contract_id: str
    tenant_id: TenantId


def next_turn(conn: db.Conn, *, now: datetime) -> Turn | None:
    """Return the list that waits longest and can be read now, over every tenant; None while another is being read.

    Of several logins the oldest counts, so that a list looks the same every day (Balíkobot's shows what an account
    has); one that is refused rests, and the next one's turn comes.
    """
    waiting = _waiting(conn, now=now)
    if not waiting or points.is_reading(conn, now=now):
        return None
    holders = contracts.holders(conn, sorted({carrier for carrier, _ in waiting}), Lane.POINTS, now=now)
    for carrier, country in waiting:
        if holder := holders.get(carrier):
            return Turn(carrier, country, holder.contract_id, holder.tenant_id)
    return None


def _waiting(conn: db.Conn, *, now: datetime) -> Sequence[tuple[str, str]]:
    """Return the lists nobody has begun to read yet, then those that are due."""
    known = {(feed.carrier, feed.country): feed for feed in points.feeds(conn)}
    found = (feed for feed in known.values() if feed.due_at <= now and feed.carrier in registry.PROVEN)
    due = sorted(found, key=lambda feed: feed.due_at)
    return [*(each for each in wanted() if each not in known), *((feed.carrier, feed.country) for feed in due)]


def wanted() -> list[tuple[str, str]]:
    """Return the lists every shop may need, by carrier and country."""
    return [
        (code, country)
        for code, adapter in sorted(registry.ADAPTERS.items())
        for country in COUNTRIES
        if code in registry.PROVEN and adapter.able.points and country in adapter.able.countries
    ]
