"""Take a list over, and know which lists are due. Only the read that began last may write."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.points import decide
from service.points.difference import Difference, Key, Row

LEASE = timedelta(minutes=15)  # a read that takes longer has died
AT_ONCE = 5_000
EMPTY = "the list shows no point"  # a contract without a network has such a list for ever, so it is never believed


class Overtaken(Exception):
    """Another read of this list began meanwhile; this one writes no more."""


@dataclass(frozen=True)
class Reading:
    """A read of a list that is under way."""

    carrier: str
    country: str
    began_at: datetime


@dataclass(frozen=True)
class Feed:
    """A carrier's list of one country; `rows` of the last whole one, whose read began at `synced_at`."""

    carrier: str
    country: str
    due_at: datetime
    since: datetime
    tries: int
    rows: int
    synced_at: datetime | None
    shrunk_since: datetime | None
    why: str | None


@dataclass(frozen=True)
class End:
    """What a whole list closed; `why` not, where it shrank beyond belief."""

    gone: int
    why: str = ""


WANT = """
    INSERT INTO point_feeds (carrier, country, due_at, since)
    VALUES (%(carrier)s, %(country)s, %(now)s, %(now)s)
    ON CONFLICT (carrier, country) DO NOTHING
"""


def want(conn: db.Conn, carrier: str, country: str, *, now: datetime) -> None:
    """Have a list read from now on, if it is not yet."""
    db.run(conn, WANT, carrier=carrier, country=country, now=now)


DUE = """
    SELECT carrier, country, due_at, since, tries, rows, synced_at, shrunk_since, why
    FROM point_feeds
    WHERE due_at <= %(now)s
    ORDER BY due_at, carrier, country
"""

FEEDS = """
    SELECT carrier, country, due_at, since, tries, rows, synced_at, shrunk_since, why
    FROM point_feeds
    ORDER BY carrier, country
"""


def due(conn: db.Conn, *, now: datetime) -> list[Feed]:
    """Return the lists that are due, the longest waiting first; one that is being read is not, until its lease ends."""
    return [Feed(**row) for row in db.rows(conn, DUE, now=now)]


def feeds(conn: db.Conn) -> list[Feed]:
    """Return every list."""
    return [Feed(**row) for row in db.rows(conn, FEEDS)]


IS_READING = """
    SELECT FROM point_feeds
    WHERE begun_at > %(dead)s
    LIMIT 1
"""


def is_reading(conn: db.Conn, *, now: datetime) -> bool:
    """Say whether any list is being read."""
    return db.run(conn, IS_READING, dead=now - LEASE) == 1


BEGIN = """
    INSERT INTO point_feeds (carrier, country, due_at, since, begun_at)
    VALUES (%(carrier)s, %(country)s, %(until)s, %(now)s, %(now)s)
    ON CONFLICT (carrier, country) DO UPDATE SET
        due_at = excluded.due_at,
        begun_at = excluded.begun_at
    WHERE point_feeds.begun_at IS NULL
       OR point_feeds.begun_at <= %(dead)s
"""


def begin(conn: db.Conn, carrier: str, country: str, *, now: datetime) -> Reading | None:
    """Begin to read a list, due or not; None while another read of it is under way."""
    params = {"carrier": carrier, "country": country, "until": now + LEASE, "now": now, "dead": now - LEASE}
    return Reading(carrier, country, now) if db.run(conn, BEGIN, **params) else None


KNOWN = """
    SELECT network, point_id, digest
    FROM points
    WHERE carrier = %(carrier)s
      AND feed = %(country)s
      AND gone_at IS NULL
      AND (network, point_id) > (%(network)s, %(point_id)s)
    ORDER BY network, point_id
    LIMIT %(most)s
"""


def known(conn: db.Conn, reading: Reading, *, after: Key) -> dict[Key, bytes]:
    """Return the digests of the next `AT_ONCE` points that are not gone; none when those were all."""
    network, point_id = after
    params = {"carrier": reading.carrier, "country": reading.country, "most": AT_ONCE}
    found = db.binary(conn, KNOWN, network=network, point_id=point_id, **params)
    return {(row["network"], row["point_id"]): bytes(row["digest"]) for row in found}


HOLD = """
    SELECT tries, shrunk_since
    FROM point_feeds
    WHERE carrier = %(carrier)s
      AND country = %(country)s
      AND begun_at = %(began_at)s
    FOR UPDATE
"""


def _hold(conn: db.Conn, reading: Reading) -> db.Row:
    """Keep every other read of this list out until the transaction ends; raise Overtaken when there was a later one."""
    held = db.one(conn, HOLD, carrier=reading.carrier, country=reading.country, began_at=reading.began_at)
    if held is None:
        raise Overtaken(f"{reading.carrier}, {reading.country}")
    return held


WRITE = """
    INSERT INTO points (
        carrier, network, point_id, feed, kind, name, street, city, zip, country, latitude, longitude, is_open,
        takes_cod, most_weight_g, opening, raw, digest, changed_at
    )
    SELECT
        %(carrier)s, network, point_id, %(feed)s, kind, name, street, city, zip, country, latitude, longitude, is_open,
        takes_cod, most_weight_g, opening, raw, digest, %(began_at)s
    FROM unnest(%(texts)b::text[], %(digests)b::bytea[]) AS told (text, digest),
        jsonb_to_record(told.text::jsonb) AS says (
            network text, point_id text, kind text, name text, street text, city text, zip text, country text,
            latitude double precision, longitude double precision, is_open boolean, takes_cod boolean,
            most_weight_g integer, opening text, raw jsonb
        )
    ON CONFLICT (carrier, point_id, network) DO UPDATE SET
        feed = excluded.feed,
        kind = excluded.kind,
        name = excluded.name,
        street = excluded.street,
        city = excluded.city,
        zip = excluded.zip,
        country = excluded.country,
        latitude = excluded.latitude,
        longitude = excluded.longitude,
        is_open = excluded.is_open,
        takes_cod = excluded.takes_cod,
        most_weight_g = excluded.most_weight_g,
        opening = excluded.opening,
        raw = excluded.raw,
        digest = excluded.digest,
        changed_at = excluded.changed_at,
        gone_at = NULL
"""


def write(conn: db.Conn, reading: Reading, rows: Sequence[Row]) -> int:
    """Write points that are new, changed or back again; return how many. Raise Overtaken."""
    _hold(conn, reading)
    return db.run(
        conn,
        WRITE,
        carrier=reading.carrier,
        feed=reading.country,
        began_at=reading.began_at,
        texts=[row.text.decode() for row in rows],
        digests=[row.digest for row in rows],
    )


GONE = """
    UPDATE points
    SET gone_at = %(began_at)s
    FROM unnest(%(networks)b::text[], %(point_ids)b::text[]) AS lacking (network, point_id)
    WHERE points.carrier = %(carrier)s
      AND points.feed = %(feed)s
      AND points.network = lacking.network
      AND points.point_id = lacking.point_id
      AND points.gone_at IS NULL
"""

END = """
    UPDATE point_feeds
    SET due_at = %(next_at)s, since = %(next_at)s, begun_at = NULL, tries = 0, rows = %(rows)s,
        synced_at = %(began_at)s, networks = %(networks)s, shrunk_since = NULL, why = NULL
    WHERE carrier = %(carrier)s
      AND country = %(country)s
"""

DOUBT = """
    UPDATE point_feeds
    SET shrunk_since = %(since)s
    WHERE carrier = %(carrier)s
      AND country = %(country)s
"""


def end(conn: db.Conn, reading: Reading, difference: Difference, *, now: datetime) -> End:
    """Mark gone what a whole list lacks, all of it or, where that is too much to believe, nothing. Raise Overtaken."""
    shrunk_since, lacking = _hold(conn, reading)["shrunk_since"], difference.lacking()
    if difference.before and not difference.shown:
        put_off(conn, reading, EMPTY, now=now)
        return End(0, EMPTY)
    why = decide.shrunk(difference.before, Counter(network for network, _ in lacking), difference.shown)
    feed = {"carrier": reading.carrier, "country": reading.country}
    if why and (shrunk_since is None or now - shrunk_since < decide.BELIEVED_AFTER):
        put_off(conn, reading, why, now=now)
        db.run(conn, DOUBT, since=shrunk_since or reading.began_at, **feed)
        return End(0, why)
    gone = sum(_close(conn, reading, lacking[place : place + AT_ONCE]) for place in range(0, len(lacking), AT_ONCE))
    next_at = decide.next_at(reading.carrier, reading.country, now)
    shown = {"rows": difference.shown.total(), "networks": sorted(difference.shown)}
    db.run(conn, END, next_at=next_at, began_at=reading.began_at, **shown, **feed)
    return End(gone)


def _close(conn: db.Conn, reading: Reading, keys: Sequence[Key]) -> int:
    networks, point_ids = zip(*keys, strict=True)
    params = {"carrier": reading.carrier, "feed": reading.country, "began_at": reading.began_at}
    return db.run(conn, GONE, networks=list(networks), point_ids=list(point_ids), **params)


PUT_OFF = """
    UPDATE point_feeds
    SET due_at = %(until)s, begun_at = NULL, tries = least(tries + 1, 1000), why = %(why)s
    WHERE carrier = %(carrier)s
      AND country = %(country)s
"""


def put_off(conn: db.Conn, reading: Reading, why: str, *, now: datetime, until: datetime | None = None) -> None:
    """Note why a list was not taken over, and read it again `until` then, else after ever longer. Raise Overtaken."""
    tries = _hold(conn, reading)["tries"]
    again_at = until or decide.again_at(now, tries)
    db.run(conn, PUT_OFF, carrier=reading.carrier, country=reading.country, until=again_at, why=why)
