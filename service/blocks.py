"""Blocks of the add-on: it is shut out of all shops at once, which is one problem and not one of each shop.

Source: docs/upgates.md 2.7 (credentials come back unchanged), 1.2 (wrong logins count against our address).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.lanes import TenantId

OWNS = ("blocks",)

WINDOW = timedelta(minutes=5)
NIGHT = timedelta(days=1)  # by night few shops are called, and while we are blocked their webhooks call for none
FEWEST = 3  # shops; of fewer nobody can tell a block from their own troubles


def told_by(refused: Mapping[TenantId, datetime], let_in: Mapping[TenantId, datetime]) -> list[TenantId]:
    """Return the shops whose refusals together mean that the add-on is blocked; none when they do not.

    `refused` says when each shop refused us last, `let_in` which shops answered since the first of these refusals.
    Three shops, and half of those called, are no coincidence.
    """
    out = [tenant for tenant, at in refused.items() if tenant not in let_in or let_in[tenant] <= at]
    return sorted(out) if len(out) >= FEWEST and 2 * len(out) >= len({*out, *let_in}) else []


def told_slowly(refused: Mapping[TenantId, datetime], let_in: Mapping[TenantId, datetime]) -> list[TenantId]:
    """Return the shops that refused us one after the other since anybody let us in; none when they are too few."""
    last = max(let_in.values(), default=None)
    out = [tenant for tenant, at in refused.items() if last is None or at > last]
    return sorted(out) if len(out) >= FEWEST else []


@dataclass(frozen=True)
class Block:
    """A block: who told of it, when something is to be done about it next, and how far its end has come.

    While `waking_since` is None that is the next probe; afterwards `stride` shops are let go at a time.
    """

    block_id: int
    since: datetime
    seen: Sequence[TenantId]
    next_at: datetime
    probes: int
    last_probed: TenantId | None
    waking_since: datetime | None
    stride: int
    ended_at: datetime | None


# Refusals are weighed one after the other: at the same time, each would see only itself.
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('blocks', 0))"


def alone(conn: db.Conn) -> None:
    """Wait for whoever weighs a refusal right now."""
    db.run(conn, ALONE)


# Named one by one: a newer schema may have more of them while this code still runs.
COLUMNS = "block_id, since, seen, next_at, probes, last_probed, waking_since, stride, ended_at"

CURRENT = f"SELECT {COLUMNS} FROM blocks WHERE ended_at IS NULL"  # noqa: S608  # a constant


def current(conn: db.Conn) -> Block | None:
    """Return the block that has not ended."""
    row = db.one(conn, CURRENT)
    return Block(**row) if row else None


BEGIN = """
    INSERT INTO blocks (since, seen, next_at)
    VALUES (%(now)s, %(seen)s, %(next_at)s)
    ON CONFLICT ((ended_at IS NULL)) WHERE ended_at IS NULL DO UPDATE
    SET seen = EXCLUDED.seen, next_at = EXCLUDED.next_at, waking_since = NULL, stride = 0
"""


def begin(conn: db.Conn, *, seen: Sequence[TenantId], next_at: datetime, now: datetime) -> None:
    """Write down that the add-on is blocked, or still is though its end had been believed."""
    db.run(conn, BEGIN, now=now, seen=list(seen), next_at=next_at)


DUE = "SELECT seen FROM blocks WHERE ended_at IS NULL AND next_at <= %(now)s"


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return a tenant in whose name the block is to be looked after now; none when there is nothing to do."""
    row = db.one(conn, DUE, now=now)
    return row["seen"][:1] if row else []


CLAIM = f"""
    UPDATE blocks
    SET next_at = CASE WHEN waking_since IS NULL THEN %(until)s ELSE %(next_step_at)s END
    WHERE ended_at IS NULL
      AND next_at <= %(now)s
    RETURNING {COLUMNS}
"""  # noqa: S608  # a constant


def claim(conn: db.Conn, *, now: datetime, until: datetime, next_step_at: datetime) -> Block | None:
    """Take what is due about the block: even if we die of it, nobody probes before `until`.

    Letting shops go calls nobody: that goes on at `next_step_at`.
    """
    row = db.one(conn, CLAIM, now=now, until=until, next_step_at=next_step_at)
    return Block(**row) if row else None


PUT_OFF = "UPDATE blocks SET next_at = %(until)s WHERE block_id = %(block_id)s AND ended_at IS NULL"
PROBED = "UPDATE blocks SET probes = probes + 1, last_probed = %(tenant_id)s WHERE block_id = %(block_id)s"
WAKE = "UPDATE blocks SET waking_since = %(now)s, stride = %(stride)s WHERE block_id = %(block_id)s"
END = "UPDATE blocks SET ended_at = %(now)s WHERE block_id = %(block_id)s AND ended_at IS NULL"


def put_off(conn: db.Conn, block_id: int, *, until: datetime) -> None:
    """Look after the block again at `until`."""
    db.run(conn, PUT_OFF, block_id=block_id, until=until)


def probed(conn: db.Conn, block_id: int, tenant_id: TenantId) -> None:
    """Note which shop is asked whether it lets us in."""
    db.run(conn, PROBED, block_id=block_id, tenant_id=tenant_id)


def wake(conn: db.Conn, block_id: int, *, stride: int, now: datetime) -> None:
    """Note that a shop let us in, and how many are to be let go at a time."""
    db.run(conn, WAKE, block_id=block_id, stride=stride, now=now)


def end(conn: db.Conn, block_id: int, *, now: datetime) -> None:
    """Close the block: every shop is called again."""
    db.run(conn, END, block_id=block_id, now=now)
