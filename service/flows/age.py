"""Make the partitions of the days to come and drop those that are old: what comes in bulk is never deleted row by row.

Asked again and again by beat. Each step is a transaction of its own and waits for a lock of milliseconds at most: who
finds somebody at work tries again later.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from psycopg.errors import LockNotAvailable

from service import journal
from service.db import Conn, partitions
from service.db.partitions import Dropped, Parent
from service.rig import Rig

log = logging.getLogger(__name__)

AHEAD = {Parent.DELIVERIES: range(15), Parent.CALLS: range(0, 29, 7)}  # in days: so long beat may be away
STRAYS_AT_ONCE = 500


def run(rig: Rig) -> bool:
    """Do what is to be done now; False when something is left to do, because somebody was at work."""
    ended = [_briefly(rig, step) for step in _steps(rig)]
    return all(ended)


def kept_from(rig: Rig, parent: Parent) -> date:
    """Return the oldest day that is still to be kept."""
    settings = rig.settings
    days = {
        Parent.DELIVERIES: settings.keep_webhooks_days,
        Parent.CALLS: settings.keep_calls_days,
        Parent.JOURNAL: settings.keep_journal_days,
    }
    return rig.now().date() - timedelta(days=days[parent])


def _steps(rig: Rig) -> Iterator[Callable[[Conn], bool]]:
    """Yield every step, each for a transaction of its own; True: nothing of it is left to do."""
    now, today = rig.now(), rig.now().date()
    yield lambda conn: _months(conn, now)
    for parent, days in AHEAD.items():
        for ahead in days:
            day = today + timedelta(days=ahead)
            yield lambda conn, parent=parent, day=day: _make(conn, parent, day)
    for parent in Parent:
        before = kept_from(rig, parent)
        for day in _old(rig, parent, before):
            yield lambda conn, parent=parent, day=day: _drop(rig, conn, parent, day)
        yield lambda conn, parent=parent, before=before: _strays(rig, conn, parent, before)
    yield _clear


def _months(conn: Conn, now: datetime) -> bool:
    journal.ensure_months(conn, now)
    return True


def _make(conn: Conn, parent: Parent, day: date) -> bool:
    partitions.make(conn, parent, day)
    return True


def _clear(conn: Conn) -> bool:
    partitions.clear(conn)
    return True


def _old(rig: Rig, parent: Parent, before: date) -> list[date]:
    with rig.db.tx_all("partitions belong to no tenant") as conn:
        return [day for day in partitions.days(conn, parent) if partitions.ends(parent, day) <= before]


def _drop(rig: Rig, conn: Conn, parent: Parent, day: date) -> bool:
    became = partitions.drop(conn, parent, day, now=rig.now())
    if became is Dropped.KEPT:
        log.error("webhooks of %s were never expanded: the day is kept until they are; see `lanes`", day)
    else:
        log.info("%s of %s: %s", parent.value, day, became.value)
    return True


def _strays(rig: Rig, conn: Conn, parent: Parent, before: date) -> bool:
    deleted = partitions.strays(conn, parent, before=before, most=STRAYS_AT_ONCE, now=rig.now())
    return deleted < STRAYS_AT_ONCE


def _briefly(rig: Rig, step: Callable[[Conn], bool]) -> bool:
    """Do a step; False when a lock was not to be had at once: webhooks would queue behind us."""
    try:
        with rig.db.tx_all("partitions belong to no tenant") as conn:
            return step(conn)
    except LockNotAvailable:
        return False
