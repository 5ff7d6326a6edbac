"""Put, claim, record and mirror in a shop that is live, at seconds after one noon."""

from datetime import UTC, datetime, timedelta

from service import mappings, orders, outbox
from service.db import Conn
from service.mappings import Answers, Tracking
from service.outbox import Claimed, Pace, Want
from service.outbox.decide import Row
from service.outbox.rows import looked_at
from service.platform.shapes import Done
from tests.shop_items import order

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PACE = Pace(interval_s=60, wait_s=0.5)
SHOP, BASE, SENT = "t_one", 1, 5
YES, NO = Done(done=True), Done(done=False, levels=("error",))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def go_live(conn: Conn, tenant: str = SHOP) -> None:
    mappings.note_history(conn, tenant, until=NOW)
    mappings.save(conn, tenant, Answers([BASE], {}, None, None, Tracking.FIRST, {}), now=NOW)
    mappings.switch(conn, tenant, live_since=NOW)


def want(conn: Conn, *numbers: str, at: float = 0, **changed: object) -> bool:
    told = {"status_id": SENT, "milestone": "shipped", "mail": True, "based_on_status_id": BASE, "tracking_code": "A"}
    return outbox.put(conn, SHOP, {number: Want(**{**told, **changed}) for number in numbers}, now=after(at))


def claim(conn: Conn, at: float = 1, *, round_began: float | None = None, most: int = 100) -> Claimed:
    began = after(at if round_began is None else round_began)
    return outbox.claim(conn, SHOP, now=after(at), pace=PACE, round_began=began, most=most)


def record(conn: Conn, claimed: Claimed, at: float = 2, **told: Done) -> list[str]:
    found = outbox.record(conn, SHOP, claimed, told, now=after(at))
    return [finding.what for finding in found]


def send(conn: Conn, at: float = 1) -> Claimed:
    """Claim all there is and let it be done."""
    claimed = claim(conn, at)
    record(conn, claimed, at, **{update.order_number: YES for update in claimed.updates})
    return claimed


def numbers(claimed: Claimed) -> list[str]:
    return [update.order_number for update in claimed.updates]


def row(conn: Conn, number: str = "O1") -> Row:
    [(found, _)] = looked_at(conn, SHOP, [number])
    return found


def mirror(conn: Conn, number: str = "O1", *, at: float, **shown: object) -> list[str]:
    orders.mirror(conn, SHOP, [order(number, changed=at, **shown)], read_at=after(at), source="event")
    return [finding.what for finding in outbox.seen(conn, SHOP, [number], now=after(at))]
