"""Take over a carrier's list of pick-up points: what differs is written, what a whole list lacks is gone.

What a list shows is true even where it breaks off later, so it is written as it comes; only a whole one says what is
gone. No transaction is open while the carrier is read. A list takes longer than other flows may: its row has a lease of
its own, one is read at a time, and all calls for it together are cut off before that lease ends.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from carriers import line
from carriers.base import Carrier
from carriers.base import Point as Told
from carriers.errors import CarrierBusy, CarrierError, CarrierRefused
from service import affiliates, contracts, db, points
from service.lanes import Lane, TenantId
from service.points import Difference, Key, Overtaken, Reading, Row
from service.rig import Rig
from service.steps import desk, listing
from service.steps.desk import Desk

log = logging.getLogger(__name__)

LANE = Lane.POINTS
WHY = "the points of a carrier belong to no shop"
AT_ONCE = 2_000  # rows of one statement, which the server ends after 5 s
CALLS_S = 600.0  # all calls for one list: what is read of them is written before the lease of 15 min ends


@dataclass(frozen=True)
class Synced:
    """What came of a list: points shown, written, marked gone; `why` nothing was; `shut_out`: the login was refused."""

    shown: int
    written: int
    gone: int
    why: str = ""
    shut_out: bool = False


def run(rig: Rig, tenant_id: TenantId) -> int:
    """Take over the one list whose turn it is, if it is to be read with a login of this shop; return what changed."""
    with rig.db.tx_all(WHY) as conn:
        turn = listing.next_turn(conn, now=rig.now())
    if turn is None or turn.tenant_id != tenant_id:
        return 0
    try:
        at = desk.opened(rig, tenant_id, LANE, turn.contract_id)
    except desk.NoContract:
        return 0
    if at is None:
        return 0
    with line.within(CALLS_S):
        synced = sync(rig, at.carrier, turn.country)
    return settle(at, synced) if synced else 0


def settle(at: Desk, synced: Synced) -> int:
    """Let a login rest that was refused, so that another shop's is tried; of a carrier that is away its lists tell."""
    contract_id = at.contract.contract_id
    if not synced.shut_out:
        desk.well(at)
    with at.rig.db.tx(at.tenant_id) as conn:
        if synced.shut_out:
            until = points.next_at(at.carrier.code, contract_id, at.rig.now())
            contracts.rest(conn, contract_id, LANE, until=until, why=synced.why)
        else:
            desk.settle(conn, at.rig, at.tenant_id)
    return synced.written + synced.gone


def sync(rig: Rig, carrier: Carrier, country: str) -> Synced | None:
    """Take over the list of a country, due or not; None while somebody else does, or when somebody overtook."""
    with rig.db.tx_all(WHY) as conn:
        reading = points.begin(conn, carrier.code, country, now=rig.now())
    if reading is None:
        return None
    try:
        synced = _take_over(rig, carrier, reading)
    except Overtaken as overtaken:
        log.warning("another read of %s began meanwhile", overtaken)
        return None
    return synced


def _take_over(rig: Rig, carrier: Carrier, reading: Reading) -> Synced:
    difference, written = _known(rig, reading), 0
    news = _news(difference, carrier.points(reading.country))
    try:
        for rows in _batches(news):
            with rig.db.tx_all(WHY) as conn:
                written += _followed(conn, reading, points.write(conn, reading, rows), now=rig.now())
    except CarrierError as trouble:
        log.warning("the points of %s: %s", reading.country, trouble)
        with rig.db.tx_all(WHY) as conn:
            points.put_off(conn, reading, str(trouble), now=rig.now(), until=_until(reading, trouble, now=rig.now()))
        return Synced(difference.shown.total(), written, 0, str(trouble), _is_shut_out(trouble))
    with rig.db.tx_all(WHY) as conn:
        ended = points.end(conn, reading, difference, now=rig.now())
        _followed(conn, reading, ended.gone, now=rig.now())
    if ended.why:
        log.warning("%s, %s: %s", reading.carrier, reading.country, ended.why)
    return Synced(difference.shown.total(), written, ended.gone, ended.why)


def _followed(conn: db.Conn, reading: Reading, rows: int, *, now: datetime) -> int:
    """Return how many rows a transaction changed, and let every shop that shows points of the list follow it.

    With what was written and not once the list ends: nobody else tells of it, where this read dies or is overtaken.
    """
    if rows:
        affiliates.changed(conn, reading.carrier, reading.country, now=now)
    return rows


def _is_shut_out(trouble: CarrierError) -> bool:
    return isinstance(trouble, CarrierRefused) and desk.concerns_all(trouble)


def _known(rig: Rig, reading: Reading) -> Difference:
    known: dict[Key, bytes] = {}
    after = ("", "")
    while True:
        with rig.db.tx_all(WHY) as conn:
            page = points.known(conn, reading, after=after)
        if not page:
            return Difference(known)
        known |= page
        after = next(reversed(page))


def _news(difference: Difference, told: Iterator[Told]) -> Iterator[Row]:
    for point in told:
        if row := difference.news(point.network, point.point_id, _says(point)):
            yield row


def _batches(news: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield rows for one statement at a time, before a list that breaks off says so those that came until then."""
    rows: list[Row] = []
    try:
        for row in news:
            rows.append(row)
            if len(rows) == AT_ONCE:
                yield rows
                rows = []
    except CarrierError:
        yield rows
        raise
    yield rows


def _says(point: Told) -> dict[str, object]:
    return {
        "kind": point.kind,
        "name": point.name,
        "street": point.street,
        "city": point.city,
        "zip": point.zip,
        "country": point.country,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "is_open": point.is_open,
        "takes_cod": point.takes_cod,
        "most_weight_g": point.most_weight_g,
        "opening": point.opening,
        "raw": point.raw,
    }


def _until(reading: Reading, trouble: CarrierError, *, now: datetime) -> datetime | None:
    """Return when a carrier lets itself be asked again: when it said, or, for what it will never list, tomorrow.

    A login that is refused is not the list's fault: with another one it can be read soon.
    """
    if isinstance(trouble, CarrierBusy) and trouble.wait_s is not None:
        return now + timedelta(seconds=trouble.wait_s)
    if isinstance(trouble, CarrierRefused) and not _is_shut_out(trouble):
        return points.next_at(reading.carrier, reading.country, now)
    return None
