"""Who is told of alarms, and how: mail addresses and webhooks, of the operators or of an account."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service import db
from service.alarms.decide import GATHER, Pace
from service.kit import backoff, ids
from service.lanes import TenantId

FAILING_AFTER = timedelta(hours=1)  # a channel that could not be told for so long is a problem itself


class Kind(StrEnum):
    """How a channel is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Channel:
    """Somebody who is told; `account_id` None: the operators. `address` None: the account's own e-mail.

    `paces`: how soon it hears of a cause where that is not as usual.
    """

    channel_id: str
    account_id: str | None
    kind: Kind
    address: str | None
    language: str
    paces: Mapping[str, Pace]
    sent_at: datetime | None
    failing_since: datetime | None
    tries: int
    why: str | None
    secret_sealed: bytes | None = field(default=None, repr=False)

    @property
    def own_mail(self) -> bool:
        """Whether it is a merchant's own mail: told at once of what is urgent, the rest is in his daily mail."""
        return self.address is None


SEEN = """
    SELECT channel_id, account_id, kind, address, secret_sealed, language, paces, sent_at, failing_since, tries, why
    FROM channels
    WHERE closed_at IS NULL
"""

ADD = """
    INSERT INTO channels (channel_id, account_id, kind, address, secret_sealed, language, created_at)
    VALUES (%(channel_id)s, %(account_id)s, %(kind)s, %(address)s, %(secret_sealed)s, %(language)s, %(now)s)
    ON CONFLICT (account_id) WHERE address IS NULL DO NOTHING
"""


def add(
    conn: db.Conn,
    kind: Kind,
    *,
    account_id: str | None,
    address: str | None,
    secret_sealed: bytes | None,
    language: str,
    now: datetime,
) -> str:
    """Open a channel and return its id; an account has one for its own e-mail at most."""
    channel_id = ids.fresh("c")
    db.run(
        conn,
        ADD,
        channel_id=channel_id,
        account_id=account_id,
        kind=kind.value,
        address=address,
        secret_sealed=secret_sealed,
        language=language,
        now=now,
    )
    return channel_id


CLOSE = """
    UPDATE channels
    SET closed_at = %(now)s, secret_sealed = NULL
    WHERE channel_id = %(channel_id)s
      AND closed_at IS NULL
      AND address IS NOT NULL
"""
FORGET = "DELETE FROM alarms WHERE channel_id = %(channel_id)s"


def close(conn: db.Conn, channel_id: str, *, now: datetime) -> bool:
    """Tell a channel nothing any more; False when there is none of this id, or it is a merchant's own mail."""
    if not db.run(conn, CLOSE, channel_id=channel_id, now=now):
        return False
    db.run(conn, FORGET, channel_id=channel_id)
    return True


FORGET_THOSE_OF = """
    WITH gone AS (DELETE FROM channels WHERE account_id = %(account_id)s RETURNING channel_id)
    DELETE FROM alarms
    USING gone
    WHERE alarms.channel_id = gone.channel_id
"""


def forget_those_of(conn: db.Conn, account_id: str) -> None:
    """Forget the channels of an account that is no more, with their addresses. The transaction sees every tenant."""
    db.run(conn, FORGET_THOSE_OF, account_id=account_id)


def everyone(conn: db.Conn) -> list[Channel]:
    """Return every open channel, the oldest first."""
    return [_seen(row) for row in db.rows(conn, SEEN + " ORDER BY created_at, channel_id")]


def of(conn: db.Conn, channel_id: str) -> Channel | None:
    """Return an open channel."""
    row = db.one(conn, SEEN + " AND channel_id = %(channel_id)s", channel_id=channel_id)
    return _seen(row) if row else None


def concerned(conn: db.Conn, accounts: Sequence[str]) -> list[Channel]:
    """Return the channels of the operators and of these accounts."""
    asked = SEEN + " AND (account_id IS NULL OR account_id = ANY (%(accounts)s)) ORDER BY channel_id"
    return [_seen(row) for row in db.rows(conn, asked, accounts=list(accounts))]


def _seen(row: db.Row) -> Channel:
    paces = {cause: Pace(pace) for cause, pace in row["paces"].items()}
    seen: db.Row = {**row, "kind": Kind(row["kind"]), "paces": paces}
    return Channel(**seen)


SET_PACE = """
    UPDATE channels
    SET paces = (paces - %(cause)s::text) || %(change)s::jsonb
    WHERE channel_id = %(channel_id)s
      AND closed_at IS NULL
"""


def set_pace(conn: db.Conn, channel_id: str, cause: str, pace: Pace | None) -> bool:
    """Say how soon a channel hears of a cause (None: as usual); False when there is no such channel."""
    change: dict[str, Any] = {} if pace is None else {cause: pace.value}
    return db.run(conn, SET_PACE, channel_id=channel_id, cause=cause, change=json.dumps(change)) == 1


# One of its shops lends its name: whose turn it is, is always a tenant's.
DUE = """
    SELECT DISTINCT min(alarms.tenant_id) AS tenant_id
    FROM alarms
    JOIN channels ON channels.channel_id = alarms.channel_id
    WHERE alarms.due_at <= %(now)s
      AND channels.closed_at IS NULL
      AND (channels.rests_until IS NULL OR channels.rests_until <= %(now)s)
    GROUP BY alarms.channel_id
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return for each channel that is to be told something now one of the shops it is about."""
    return [row["tenant_id"] for row in db.rows(conn, DUE, now=now)]


CLAIM = """
    UPDATE channels
    SET rests_until = %(until)s, claim = %(claim)s
    WHERE channel_id = (
        SELECT channels.channel_id
        FROM channels
        JOIN alarms ON alarms.channel_id = channels.channel_id
        WHERE alarms.tenant_id = %(tenant_id)s
          AND alarms.due_at <= %(now)s
          AND channels.closed_at IS NULL
          AND (channels.rests_until IS NULL OR channels.rests_until <= %(now)s)
        ORDER BY channels.rests_until NULLS FIRST, channels.channel_id
        LIMIT 1
        FOR UPDATE OF channels SKIP LOCKED
    )
    RETURNING channel_id
"""


def claim(conn: db.Conn, tenant_id: TenantId, *, now: datetime, until: datetime) -> tuple[Channel, str] | None:
    """Take a channel that is to be told of this shop now, with the claim; it is nobody else's before `until`."""
    token = ids.fresh("c")
    row = db.one(conn, CLAIM, tenant_id=tenant_id, now=now, until=until, claim=token)
    found = of(conn, row["channel_id"]) if row else None
    return (found, token) if found else None


REACHED = """
    UPDATE channels
    SET rests_until = %(until)s, sent_at = %(now)s, claim = NULL, tries = 0, failing_since = NULL, why = NULL
    WHERE channel_id = %(channel_id)s
      AND claim = %(claim)s
"""


def reached(conn: db.Conn, channel_id: str, claim: str, *, now: datetime) -> bool:
    """Note that the channel was told: the next message is some minutes away. False when another worker has it."""
    return db.run(conn, REACHED, channel_id=channel_id, claim=claim, now=now, until=now + GATHER) == 1


FREE = """
    UPDATE channels
    SET rests_until = NULL, claim = NULL
    WHERE channel_id = %(channel_id)s
      AND claim = %(claim)s
"""


def free(conn: db.Conn, channel_id: str, claim: str) -> None:
    """Give a channel back that had nothing to be told after all."""
    db.run(conn, FREE, channel_id=channel_id, claim=claim)


MISSED = """
    UPDATE channels
    SET rests_until = %(until)s, claim = NULL, tries = LEAST(tries + 1, 1000), why = %(why)s,
        failing_since = COALESCE(failing_since, %(now)s)
    WHERE channel_id = %(channel_id)s
      AND claim = %(claim)s
"""


def missed(conn: db.Conn, channel: Channel, claim: str, *, why: str, now: datetime) -> bool:
    """Note that the channel could not be told, and back off; say whether that lasts long enough to be a problem."""
    until = backoff.after(now, channel.tries)
    db.run(conn, MISSED, channel_id=channel.channel_id, claim=claim, why=why, now=now, until=until)
    return now - (channel.failing_since or now) >= FAILING_AFTER


FAILING = """
    SELECT count(*) AS channels
    FROM channels
    WHERE closed_at IS NULL
      AND failing_since <= %(before)s
      AND EXISTS (SELECT FROM alarms WHERE alarms.channel_id = channels.channel_id AND alarms.due_at IS NOT NULL)
"""


def failing(conn: db.Conn, *, now: datetime) -> int:
    """Return how many channels could not be told for long what they are still owed."""
    return db.rows(conn, FAILING, before=now - FAILING_AFTER)[0]["channels"]
