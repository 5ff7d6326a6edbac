"""How each carrier does under a login, lane by lane: one that is down rests, and one call at a time finds its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.contracts.busy import LAPSES_AFTER
from service.lanes import Lane

FIRST_REST = timedelta(seconds=5)
DOWN_MOST = timedelta(minutes=2)  # a carrier that is back is found within it
BROWN_MOST = timedelta(minutes=15)  # one that answers, but makes nothing, costs a parcel in doubt each time
WATCHED_FOR = timedelta(days=1)  # what it fails at for one alone is asked for much more often
PROBE_S = 60  # whoever asks whether it is back has this long
LABELLING = ["", "book", "poll", "print"]  # what a label takes; the first is nothing particular


@dataclass(frozen=True)
class Breaker:
    """How a carrier does under a contract: failures in a row, and until when nothing is asked.

    `busy_since`: since when it has answered nothing but that it is busy to something it was asked for, `idle_since`: to
    what a label takes. `is_watched`: it was busy at something before. `shut_out`: the login was refused last, which is
    its holder's to mend.
    """

    tries: int
    failing_since: datetime | None
    busy_since: datetime | None
    rests_until: datetime | None
    why: str | None
    shut_out: bool = False
    idle_since: datetime | None = None
    is_watched: bool = False

    def is_busy_since(self, now: datetime) -> datetime | None:
        """Return since when the carrier has been busy; None: it is not, or nobody has asked it for long."""
        return None if self._lapsed(now) else self.busy_since

    def _lapsed(self, now: datetime) -> bool:
        return self.rests_until is None or self.rests_until < now - LAPSES_AFTER

    def does_nothing_since(self, now: datetime) -> datetime | None:
        """Return since when the carrier has made no label it was asked for, failing or busy; None: it does."""
        idle_since = None if self._lapsed(now) else self.idle_since
        return min((each for each in (self.failing_since, idle_since) if each), default=None)


COLUMNS = "tries, failing_since, busy_since, rests_until, why, shut_out, idle_since, is_watched"

FOUND = """
    FROM breakers
    CROSS JOIN LATERAL (
        SELECT min(since) FILTER (WHERE until >= breakers.rests_until - %(lapse)s::interval) AS busy_since,
            min(since) FILTER (
                WHERE until >= breakers.rests_until - %(lapse)s::interval AND doing = ANY (%(labelling)s::text[])
            ) AS idle_since,
            count(*) > 0 AS is_watched
        FROM busy_at
        WHERE busy_at.contract_id = breakers.contract_id
          AND busy_at.lane = breakers.lane
    ) AS busy
"""

GATE = f"""
    SELECT {COLUMNS}
    {FOUND}
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
    FOR UPDATE OF breakers
"""  # constants

PROBE = """
    UPDATE breakers
    SET rests_until = %(until)s
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
"""


def gate(conn: db.Conn, contract_id: str, lane: Lane, *, now: datetime) -> Breaker | None:
    """Return how a carrier does when it may be asked now; None while it rests.

    After failures whoever is let through is the only one for a minute: he finds out whether it is back.
    """
    row = db.one(conn, GATE, contract_id=contract_id, lane=lane.value, lapse=LAPSES_AFTER, labelling=LABELLING)
    found = Breaker(**row) if row else Breaker(0, None, None, None, None)
    if found.rests_until and found.rests_until > now:
        return None
    if found.tries:
        db.run(conn, PROBE, contract_id=contract_id, lane=lane.value, until=now + timedelta(seconds=PROBE_S))
    return found


STANDING = f"""
    SELECT contract_id, {COLUMNS}
    {FOUND}
    WHERE lane = %(lane)s
      AND contract_id = ANY (%(contract_ids)s)
"""  # constants


def standing(conn: db.Conn, contract_ids: Sequence[str], lane: Lane) -> dict[str, Breaker]:
    """Return how carriers do that failed lately, by contract."""
    params = {"lapse": LAPSES_AFTER, "labelling": LABELLING}
    found = db.rows(conn, STANDING, contract_ids=list(contract_ids), lane=lane.value, **params)
    return {row.pop("contract_id"): Breaker(**row) for row in found}


REST = """
    INSERT INTO breakers (contract_id, lane, tries, failing_since, rests_until, why, shut_out)
    VALUES (%(contract_id)s, %(lane)s, %(failed)s::integer, %(since)s, %(until)s, %(why)s, %(shut_out)s)
    ON CONFLICT (contract_id, lane) DO UPDATE SET
        tries = least(breakers.tries + %(failed)s::integer, 1000),
        failing_since = coalesce(breakers.failing_since, excluded.failing_since),
        rests_until = greatest(breakers.rests_until, excluded.rests_until),
        why = excluded.why,
        shut_out = CASE %(failed)s::integer WHEN 0 THEN breakers.shut_out ELSE excluded.shut_out END
"""


def rest(conn: db.Conn, contract_id: str, lane: Lane, *, until: datetime, why: str) -> None:
    """Ask nothing before then: the carrier said so."""
    params = {"contract_id": contract_id, "lane": lane.value, "until": until, "why": why}
    db.run(conn, REST, failed=0, since=None, shut_out=False, **params)


FAILED = """
    SELECT tries
    FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
    FOR UPDATE
"""


def failed(  # whose, where, and how long it rests at most
    conn: db.Conn,
    contract_id: str,
    lane: Lane,
    *,
    why: str,
    now: datetime,
    most: timedelta = DOWN_MOST,
    shut_out: bool = False,
) -> int:
    """Count a failure and let the carrier rest, ever longer up to `most`; return how many there were in a row.

    `shut_out`: it answered, and refused the login.
    """
    row = db.one(conn, FAILED, contract_id=contract_id, lane=lane.value)
    tries = row["tries"] if row else 0
    params = {"contract_id": contract_id, "lane": lane.value, "until": now + pause(tries, most), "why": why}
    db.run(conn, REST, failed=1, since=now, shut_out=shut_out, **params)
    return tries + 1


def pause(tries: int, most: timedelta) -> timedelta:
    """Return how long a carrier rests after so many earlier failures: 5 s doubled each time."""
    return min(FIRST_REST * 2 ** min(tries, 16), most)


LET_IN = """
    UPDATE breakers
    SET rests_until = %(now)s
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
"""


def let_in(conn: db.Conn, contract_id: str, lane: Lane, *, now: datetime) -> None:
    """Let the next one find out whether the carrier does its part: whoever was let through did not."""
    db.run(conn, LET_IN, contract_id=contract_id, lane=lane.value, now=now)


# What it was busy at, or failed at, is known on: whether it does that for others tells whose fault it is.
CALM = """
    UPDATE breakers
    SET tries = 0, failing_since = NULL, shut_out = false, rests_until = %(now)s, why = NULL
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND tries > 0
      AND EXISTS (
          SELECT
          FROM busy_at
          WHERE busy_at.contract_id = breakers.contract_id
            AND busy_at.lane = breakers.lane
            AND until > %(before)s::timestamptz
      )
"""

WORKED = """
    DELETE FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND tries > 0
"""


def worked(conn: db.Conn, contract_id: str, lane: Lane, *, now: datetime) -> None:
    """Note that the carrier does its part."""
    before = now - WATCHED_FOR
    if not db.run(conn, CALM, contract_id=contract_id, lane=lane.value, now=now, before=before):
        db.run(conn, WORKED, contract_id=contract_id, lane=lane.value)


@dataclass(frozen=True)
class Failing:
    """How a carrier does in a lane: logins under which it is `down`, the first since when, and those it refuses."""

    carrier: str
    lane: str
    down: int
    since: datetime | None
    refused: int


FAILING = """
    SELECT contracts.carrier, breakers.lane,
        count(*) FILTER (WHERE NOT breakers.shut_out) AS down,
        min(breakers.failing_since) FILTER (WHERE NOT breakers.shut_out) AS since,
        count(*) FILTER (WHERE breakers.shut_out) AS refused
    FROM breakers
    JOIN contracts ON contracts.contract_id = breakers.contract_id AND contracts.closed_at IS NULL
    WHERE breakers.tries > 0
    GROUP BY contracts.carrier, breakers.lane
    ORDER BY contracts.carrier, breakers.lane
"""


def failing(conn: db.Conn) -> list[Failing]:
    """Return the carriers that fail under any login, over every account."""
    return [Failing(**row) for row in db.rows(conn, FAILING)]


FORGET = "DELETE FROM breakers WHERE contract_id = %(contract_id)s"
FORGET_BUSY = "DELETE FROM busy_at WHERE contract_id = %(contract_id)s"


def forget(conn: db.Conn, contract_id: str) -> None:
    """Forget how a carrier did: the login is another one now. In the order in which a failure is written down."""
    db.run(conn, FORGET, contract_id=contract_id)
    db.run(conn, FORGET_BUSY, contract_id=contract_id)


FORGET_WORDS = "UPDATE breakers SET why = NULL WHERE why IS NOT NULL AND rests_until < %(before)s"


def forget_words(conn: db.Conn, *, before: datetime) -> None:
    """Forget why carriers rested that nobody asked since then, under any login."""
    db.run(conn, FORGET_WORDS, before=before)


TRY_NOW = """
    UPDATE breakers
    SET rests_until = %(now)s
    WHERE contract_id = %(contract_id)s
      AND rests_until > %(now)s
"""


def try_now(conn: db.Conn, contract_id: str, *, now: datetime) -> None:
    """Let whoever waits ask now, one call at first: the carrier lets us in."""
    db.run(conn, TRY_NOW, contract_id=contract_id, now=now)
