"""Bring what was spooled while PostgreSQL was away into the inbox, whoever wrote it, and remove the files.

Nobody is woken here: beat sees within a second whose turn it is, and a Redis that hangs must not hold up the drain.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from service import inbox
from service.inbox import Delivery, spool
from service.rig import Rig
from service.steps import doubting

log = logging.getLogger(__name__)

WHY = "a spool file holds webhooks of many shops"
MOST_ROWS = 500
MOST_BYTES = 4 * 2**20
BEFORE = timedelta(hours=1)  # what is damaged in front of the first that can be read came earlier than that one
OF_THE_ROW = (psycopg.DataError, psycopg.IntegrityError)  # it would fail again, and alone


@dataclass(frozen=True)
class Drained:
    """What a drain did: deliveries stored, files removed, files kept for a person."""

    stored: int = 0
    removed: int = 0
    aside: int = 0

    def __add__(self, other: "Drained") -> "Drained":
        return Drained(self.stored + other.stored, self.removed + other.removed, self.aside + other.aside)


def run(rig: Rig, folder: Path) -> Drained:
    """Drain every file nobody else is at; raise when the database is away, which loses nothing.

    A process that dies anywhere in here leaves a file and, in the database, how far it came; the next drain goes on
    there. A file the disk does not give back is logged and left, and one we fail at is told once the others are done.
    """
    all_of_it, failed = Drained(), None
    for path in spool.files(folder):
        try:
            with spool.taken(path) as held:
                if held:
                    all_of_it += _drain(rig, held)
        except OSError as fault:
            log.error("the spool file %s cannot be drained: %s", path.name, fault)  # noqa: TRY400
        except psycopg.Error:
            raise
        except Exception as bug:  # noqa: BLE001 - raised below
            failed = bug
    if failed:
        raise failed
    return all_of_it


def _drain(rig: Rig, held: spool.Held) -> Drained:
    stored, is_whole = _store(rig, held)
    if is_whole:
        held.remove()
    elif not os.access(held.path.parent, os.W_OK):  # or all shops were asked again with every try
        log.error("the spool file %s cannot be set aside: its folder is read-only", held.path.name)
        return Drained(stored)
    else:
        # Some shop's webhook was acknowledged and is lost, and nobody can say whose.
        doubting.look_everywhere(rig, inbox.Cause.UNREADABLE, doubted_from=_oldest(held) - BEFORE)
        held.set_aside()
        log.error("the spool file %s holds what cannot be read or stored: it is set aside", held.path.name)
    with rig.db.tx_all(WHY) as conn:  # after the removal: of a file that is still there it must be known
        inbox.forget_drained(conn, held.path.name)
    return Drained(stored, int(is_whole), int(not is_whole))


def _oldest(held: spool.Held) -> datetime:
    """Return when the first that can be read of a file came; where none can, when it was written last."""
    first, _ = next(held.batches(after=0, most=1, most_bytes=1), ((), 0))
    return first[0].received_at if first else datetime.fromtimestamp(held.path.stat().st_mtime, UTC)


def _store(rig: Rig, held: spool.Held) -> tuple[int, bool]:
    """Store a file's deliveries; say how many, and whether all of it could be read and stored."""
    with rig.db.tx_all(WHY) as conn:
        after = inbox.drained_to(conn, held.path.name)
    stored = refused = 0
    for batch, end in held.batches(after=after, most=MOST_ROWS, most_bytes=MOST_BYTES):
        try:
            # Behind one that was refused no progress is noted: a second drain must meet it again.
            _store_batch(rig, held.path.name, batch, None if refused else end)
            kept = batch
        except OF_THE_ROW:  # one of them cannot be kept: it must not take the others down
            kept = [delivery for delivery in batch if _stored_alone(rig, delivery)]
        stored += len(kept)
        refused += len(batch) - len(kept)
    return stored, not refused and not held.damaged


def _store_batch(rig: Rig, name: str, batch: Sequence[Delivery], end: int | None) -> None:
    with rig.db.tx_all(WHY) as conn:
        inbox.store(conn, batch)
        if end:
            inbox.note_drained(conn, name, to=end, now=rig.now())


def _stored_alone(rig: Rig, delivery: Delivery) -> bool:
    try:
        with rig.db.tx_all(WHY) as conn:
            inbox.store(conn, [delivery])
    except OF_THE_ROW as fault:
        log.error("a spooled %r of %r cannot be stored: %s", delivery.event, delivery.tenant_id, fault)  # noqa: TRY400
        return False
    return True
