"""How each carrier does under a login, lane by lane: one that is down rests, and one call at a time finds its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.lanes import Lane

FIRST_REST = timedelta(seconds=5)
DOWN_MOST = timedelta(minutes=2)  # a carrier that is back is found within it
BROWN_MOST = timedelta(minutes=15)  # one that answers, but makes nothing, costs a parcel in doubt each time
PROBE_S = 60  # whoever asks whether it is back has this long
LAPSES_AFTER = timedelta(minutes=15)  # what was busy, and nobody asked since its rest ended so long ago


@dataclass(frozen=True)
class Breaker:
    """How a carrier does under a contract: failures in a row, and until when nothing is asked.

    `busy_since`: since when it has answered nothing but that it is busy. `shut_out`: the login was refused last, which
    is its holder's to mend.
    """

    tries: int
    failing_since: datetime | None
    busy_since: datetime | None
    rests_until: datetime | None
    why: str | None
    shut_out: bool = False

    def is_busy_since(self, now: datetime) -> datetime | None:
        """Return since when the carrier has been busy; None: it is not, or nobody has asked it for long."""
        lapsed = self.rests_until is None or self.rests_until < now - LAPSES_AFTER
        return None if lapsed else self.busy_since

    def does_nothing_since(self, now: datetime) -> datetime | None:
        """Return since when the carrier has done nothing of what it was asked for, failing or busy; None: it does."""
        return min((each for each in (self.failing_since, self.is_busy_since(now)) if each), default=None)


GATE = """
    SELECT tries, failing_since, busy_since, rests_until, why, shut_out
    FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
    FOR UPDATE
"""

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
    row = db.one(conn, GATE, contract_id=contract_id, lane=lane.value)
    found = Breaker(**row) if row else Breaker(0, None, None, None, None)
    if found.rests_until and found.rests_until > now:
        return None
    if found.tries:
        db.run(conn, PROBE, contract_id=contract_id, lane=lane.value, until=now + timedelta(seconds=PROBE_S))
    return found


STANDING = """
    SELECT contract_id, tries, failing_since, busy_since, rests_until, why, shut_out
    FROM breakers
    WHERE lane = %(lane)s
      AND contract_id = ANY (%(contract_ids)s)
"""


def standing(conn: db.Conn, contract_ids: Sequence[str], lane: Lane) -> dict[str, Breaker]:
    """Return how carriers do that failed lately, by contract."""
    found = db.rows(conn, STANDING, contract_ids=list(contract_ids), lane=lane.value)
    return {row.pop("contract_id"): Breaker(**row) for row in found}


REST = """
    INSERT INTO breakers (contract_id, lane, tries, failing_since, busy_since, rests_until, why, shut_out)
    VALUES (%(contract_id)s, %(lane)s, %(failed)s::integer, %(since)s, %(busy_since)s, %(until)s, %(why)s, %(shut_out)s)
    ON CONFLICT (contract_id, lane) DO UPDATE SET
        tries = least(breakers.tries + %(failed)s::integer, 1000),
        failing_since = coalesce(breakers.failing_since, excluded.failing_since),
        busy_since = CASE
            WHEN breakers.rests_until < %(lapsed)s::timestamptz THEN excluded.busy_since
            ELSE coalesce(breakers.busy_since, excluded.busy_since)
        END,
        rests_until = greatest(breakers.rests_until, excluded.rests_until),
        why = excluded.why,
        shut_out = CASE %(failed)s::integer WHEN 0 THEN breakers.shut_out ELSE excluded.shut_out END
    RETURNING busy_since
"""


def rest(  # whose, where, until when and why
    conn: db.Conn, contract_id: str, lane: Lane, *, until: datetime, why: str, busy_at: datetime | None = None
) -> datetime | None:
    """Ask nothing before then: the carrier said so. Return since when it has done nothing but that; None: it has not.

    `busy_at`: when it said so to what others ask for too; None where that says nothing of how it does.
    """
    params = {"contract_id": contract_id, "lane": lane.value, "until": until, "why": why, "busy_since": busy_at}
    lapsed = busy_at - LAPSES_AFTER if busy_at else None
    row = db.one(conn, REST, failed=0, since=None, lapsed=lapsed, shut_out=False, **params)
    return row["busy_since"] if row else None


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
    told = {"since": now, "busy_since": None, "lapsed": None, "shut_out": shut_out}
    db.run(conn, REST, failed=1, **told, **params)
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


def worked(conn: db.Conn, contract_id: str, lane: Lane) -> bool:
    """Note that the carrier answers; say whether it had failed before."""
    return db.run(conn, WORKED, contract_id=contract_id, lane=lane.value) == 1


WORKED = """
    DELETE FROM breakers
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND tries > 0
"""


AT_LEISURE = """
    UPDATE breakers
    SET busy_since = NULL
    WHERE contract_id = %(contract_id)s
      AND lane = %(lane)s
      AND busy_since IS NOT NULL
"""


def at_leisure(conn: db.Conn, contract_id: str, lane: Lane) -> None:
    """Note that a carrier that was busy has done something; it rests as long as it said."""
    db.run(conn, AT_LEISURE, contract_id=contract_id, lane=lane.value)


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


def forget(conn: db.Conn, contract_id: str) -> None:
    """Forget how a carrier did: the login is another one now."""
    db.run(conn, FORGET, contract_id=contract_id)


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
