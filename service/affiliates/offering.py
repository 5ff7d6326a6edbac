"""Which shipments are to show whose points, and when each is looked after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service import db
from service.affiliates import decide
from service.lanes import TenantId


@dataclass(frozen=True)
class Source:
    """Whose points: a network of a carrier's list of one country, and of it one kind or (empty) every kind."""

    carrier: str
    network: str
    country: str
    kind: str = ""


@dataclass(frozen=True)
class Offer:
    """A shipment that is to show these points, or (withdrawn) none of ours any more.

    `fresh`: this claim began a round. `read_page`: where reading back goes on, in a list of so many points as far as
    the shop tells (`read_total`). `parked_at`: a person must act on `why`.
    """

    shop_shipment_id: str
    source: Source
    later_s: int
    withdrawn_at: datetime | None
    changes: int
    begun_at: datetime | None
    done_at: datetime | None
    read_page: int
    read_total: int | None
    due_at: datetime | None
    tries: int
    parked_at: datetime | None
    why: str | None
    fresh: bool = False


def _read(row: db.Row) -> Offer:
    source = Source(*(row.pop(name) for name in ("carrier", "network", "country", "kind")))
    return Offer(source=source, **row)


OFFER = """
    INSERT INTO affiliate_offers (
        tenant_id, shop_shipment_id, carrier, network, country, kind, later_s, offered_at, due_at
    )
    VALUES (
        %(tenant_id)s, %(shop_shipment_id)s, %(carrier)s, %(network)s, %(country)s, %(kind)s, %(later_s)s, %(now)s,
        %(now)s
    )
    ON CONFLICT (tenant_id, shop_shipment_id) DO UPDATE SET
        carrier = excluded.carrier,
        network = excluded.network,
        country = excluded.country,
        kind = excluded.kind,
        offered_at = excluded.offered_at,
        withdrawn_at = NULL,
        changes = affiliate_offers.changes + 1,
        begun_at = NULL,
        read_page = 1,
        read_total = NULL,
        due_at = excluded.due_at,
        tries = 0,
        parked_at = NULL,
        why = NULL
"""

AGAIN = """
    UPDATE affiliates
    SET state = 'gone'
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
      AND state = 'refused'
"""


def offer(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, source: Source, *, now: datetime) -> None:
    """Let a shipment show these points from now on, due at once; what was parked or refused is tried again."""
    whose = {"tenant_id": tenant_id, "shop_shipment_id": shop_shipment_id}
    said = {"carrier": source.carrier, "network": source.network, "country": source.country, "kind": source.kind}
    db.run(conn, OFFER, **whose, **said, later_s=decide.spread(tenant_id, shop_shipment_id), now=now)
    db.run(conn, AGAIN, **whose)


WITHDRAW = """
    UPDATE affiliate_offers
    SET withdrawn_at = %(now)s, changes = changes + 1, begun_at = NULL, read_page = 1, read_total = NULL,
        due_at = %(now)s, tries = 0, parked_at = NULL, why = NULL
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
"""


def withdraw(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, *, now: datetime) -> bool:
    """Take every point of ours out of a shipment again, due at once; False when none were ever offered there."""
    return db.run(conn, WITHDRAW, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id, now=now) == 1


OFFERS = """
    SELECT shop_shipment_id, carrier, network, country, kind, later_s, withdrawn_at, changes, begun_at, done_at,
        read_page, read_total, due_at, tries, parked_at, why
    FROM affiliate_offers
    WHERE tenant_id = %(tenant_id)s
    ORDER BY shop_shipment_id
"""


def offers(conn: db.Conn, tenant_id: TenantId) -> list[Offer]:
    """Return every shipment of a shop for which this was ever switched on."""
    return [_read(row) for row in db.rows(conn, OFFERS, tenant_id=tenant_id)]


DUE_TENANTS = """
    SELECT DISTINCT affiliate_offers.tenant_id
    FROM affiliate_offers
    JOIN tenants ON tenants.tenant_id = affiliate_offers.tenant_id AND tenants.state = 'active'
    WHERE affiliate_offers.due_at <= %(now)s
"""


def due_tenants(conn: db.Conn, *, now: datetime) -> list[TenantId]:
    """Return the tenants with a shipment to look after now, over every tenant."""
    return [row["tenant_id"] for row in db.rows(conn, DUE_TENANTS, now=now)]


CLAIM = """
    WITH before AS MATERIALIZED (
        SELECT shop_shipment_id, begun_at
        FROM affiliate_offers
        WHERE tenant_id = %(tenant_id)s
          AND due_at <= %(now)s
        ORDER BY due_at
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    UPDATE affiliate_offers
    SET due_at = %(until)s, begun_at = coalesce(affiliate_offers.begun_at, %(now)s)
    FROM before
    WHERE affiliate_offers.tenant_id = %(tenant_id)s
      AND affiliate_offers.shop_shipment_id = before.shop_shipment_id
    RETURNING affiliate_offers.shop_shipment_id, carrier, network, country, kind, later_s, withdrawn_at, changes,
        affiliate_offers.begun_at, done_at, read_page, read_total, due_at, tries, parked_at, why,
        before.begun_at IS NULL AS fresh
"""


def claim(conn: db.Conn, tenant_id: TenantId, *, now: datetime, lease_s: float) -> Offer | None:
    """Take the shipment that waits longest, for as long as a lease; None when none is due."""
    row = db.one(conn, CLAIM, tenant_id=tenant_id, now=now, until=now + timedelta(seconds=lease_s))
    return _read(row) if row else None


READ_ON = """
    UPDATE affiliate_offers
    SET read_page = %(page)s, read_total = %(total)s
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
"""


def read_on(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, *, page: int, total: int | None) -> None:
    """Note with which page reading back goes on, and how many points the list has in which it does."""
    db.run(conn, READ_ON, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id, page=page, total=total)


PUT_OFF = """
    UPDATE affiliate_offers
    SET due_at = %(until)s, tries = CASE WHEN %(failed)s THEN least(tries + 1, 1000) ELSE tries END,
        why = coalesce(%(why)s, why)
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
      AND changes = %(changes)s
      AND parked_at IS NULL
"""


def put_off(  # whose, until when, and why
    conn: db.Conn, tenant_id: TenantId, each: Offer, *, until: datetime, failed: bool = False, why: str | None = None
) -> None:
    """Go on with a round then; what changed meanwhile is due as it says."""
    params = {"until": until, "failed": failed, "why": why, "changes": each.changes}
    db.run(conn, PUT_OFF, tenant_id=tenant_id, shop_shipment_id=each.shop_shipment_id, **params)


WENT_WELL = """
    UPDATE affiliate_offers
    SET tries = %(tries)s
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
"""


def went_well(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, *, tries: int) -> None:
    """Count so many failures only, since the shop answered for all that it was asked."""
    db.run(conn, WENT_WELL, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id, tries=tries)


PARK = """
    UPDATE affiliate_offers
    SET due_at = NULL, begun_at = NULL, read_page = 1, read_total = NULL, parked_at = %(now)s, why = %(why)s
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
      AND changes = %(changes)s
"""


def park(conn: db.Conn, tenant_id: TenantId, each: Offer, *, why: str, now: datetime) -> bool:
    """Ask nothing more for a shipment until a person says so; False when somebody did meanwhile."""
    params = {"why": why, "now": now, "changes": each.changes}
    return db.run(conn, PARK, tenant_id=tenant_id, shop_shipment_id=each.shop_shipment_id, **params) == 1


FINISH = """
    UPDATE affiliate_offers
    SET begun_at = NULL, read_page = 1, read_total = NULL, tries = 0, why = %(why)s,
        done_at = CASE WHEN %(why)s::text IS NULL THEN %(now)s ELSE done_at END,
        due_at = CASE WHEN changes = %(changes)s THEN NULL WHEN due_at <= %(now)s THEN due_at ELSE %(tomorrow)s END
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
      AND parked_at IS NULL
"""


def finish(conn: db.Conn, tenant_id: TenantId, each: Offer, *, now: datetime, why: str | None = None) -> None:
    """End a round; a list that changed meanwhile waits until tomorrow, a person does not. `why` it did nothing."""
    params = {"now": now, "why": why, "changes": each.changes, "tomorrow": now + decide.DAY}
    db.run(conn, FINISH, tenant_id=tenant_id, shop_shipment_id=each.shop_shipment_id, **params)


CHANGED = """
    UPDATE affiliate_offers
    SET changes = changes + 1,
        due_at = coalesce(
            due_at, greatest(%(now)s::timestamptz + later_s * interval '1 s', done_at + %(day)s::interval)
        )
    WHERE carrier = %(carrier)s
      AND country = %(country)s
      AND withdrawn_at IS NULL
      AND parked_at IS NULL
"""


def changed(conn: db.Conn, carrier: str, country: str, *, now: datetime) -> int:
    """Let every shop's shipments follow a list that changed, each in its own hour and once a day; return how many.

    The transaction must see every tenant.
    """
    return db.run(conn, CHANGED, carrier=carrier, country=country, now=now, day=decide.DAY)
