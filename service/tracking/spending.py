"""How often carriers were asked about parcels: by contract and hour, held against a ceiling."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.tracking.decide import ceiling, hour_of

KEPT = timedelta(days=14)

TAKE = """
    INSERT INTO track_calls (contract_id, hour, carrier, calls, refused)
    VALUES (%(contract_id)s, %(hour)s, %(carrier)s, least(%(calls)s, %(most)s), 0)
    ON CONFLICT (contract_id, hour) DO UPDATE SET
        calls = track_calls.calls + CASE WHEN track_calls.calls < %(most)s THEN %(calls)s ELSE 0 END,
        refused = track_calls.refused + CASE WHEN track_calls.calls < %(most)s THEN 0 ELSE 1 END
    RETURNING refused
"""

REFUSED = """
    SELECT refused
    FROM track_calls
    WHERE contract_id = %(contract_id)s
      AND hour = %(hour)s
    FOR UPDATE
"""


def take(conn: db.Conn, contract_id: str, carrier: str, *, calls: int, now: datetime) -> bool:
    """Take so many calls from the hour's budget of a contract; False, and counted, when it is used up."""
    at = {"contract_id": contract_id, "hour": hour_of(now)}
    before = db.one(conn, REFUSED, **at)
    after = db.rows(conn, TAKE, **at, carrier=carrier, calls=calls, most=ceiling(carrier))[0]
    if before is None:
        db.run(conn, FORGET, before=hour_of(now) - KEPT)
    return after["refused"] == (before["refused"] if before else 0)


FORGET = """
    DELETE FROM track_calls
    WHERE hour < %(before)s
"""

ADD = """
    UPDATE track_calls
    SET calls = greatest(calls + %(calls)s, 0)
    WHERE contract_id = %(contract_id)s
      AND hour = %(hour)s
"""


def correct(conn: db.Conn, contract_id: str, *, calls: int, now: datetime) -> None:
    """Count calls that were made beside those taken, or (negative) were not made."""
    if calls:
        db.run(conn, ADD, contract_id=contract_id, hour=hour_of(now), calls=calls)


@dataclass(frozen=True)
class Spent:
    """What a carrier was asked in an hour, and how often a turn was sent away; `ceiling`: of each contract."""

    carrier: str
    calls: int
    refused: int
    fullest: int
    ceiling: int


SPENT = """
    SELECT carrier, sum(calls) AS calls, sum(refused) AS refused, max(calls) AS fullest
    FROM track_calls
    WHERE hour = %(hour)s
      AND (%(contract_ids)s::text[] IS NULL OR contract_id = ANY (%(contract_ids)s))
    GROUP BY carrier
    ORDER BY carrier
"""


def spent(conn: db.Conn, *, now: datetime, contract_ids: list[str] | None = None) -> list[Spent]:
    """Return what carriers were asked in this hour under these contracts (None: all)."""
    found = db.rows(conn, SPENT, hour=hour_of(now), contract_ids=contract_ids)
    return [
        Spent(row["carrier"], int(row["calls"]), int(row["refused"]), row["fullest"], ceiling(row["carrier"]))
        for row in found
    ]
