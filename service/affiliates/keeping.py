"""The points of a shipment, and how they turn from state to state: from a named one only, for two may work at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from service import db
from service.affiliates.decide import Affiliate, Key, State
from service.affiliates.offering import Source
from service.lanes import TenantId

EVERY = """
    SELECT affiliate_id, carrier, network, point_id, digest, state
    FROM affiliates
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
    ORDER BY affiliate_id
"""


def every(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str) -> list[Affiliate]:
    """Return every point that stands or ever stood in a shipment."""
    found = db.binary(conn, EVERY, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id)
    return [_read(row) for row in found]


def _read(row: db.Row) -> Affiliate:
    key = Key(row["carrier"], row["network"], row["point_id"])
    return Affiliate(row["affiliate_id"], key, bytes(row["digest"]), State(row["state"]))


ADD = """
    INSERT INTO affiliates (tenant_id, shop_shipment_id, affiliate_id, carrier, network, point_id, digest, state)
    SELECT %(tenant_id)s, %(shop_shipment_id)s, affiliate_id, carrier, network, point_id, digest, 'wanted'
    FROM unnest(
        %(affiliate_ids)b::text[], %(carriers)b::text[], %(networks)b::text[], %(point_ids)b::text[],
        %(digests)b::bytea[]
    ) AS new (affiliate_id, carrier, network, point_id, digest)
"""


def add(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, new: Sequence[Affiliate]) -> None:
    """Write down points that are to be put in."""
    db.run(
        conn,
        ADD,
        tenant_id=tenant_id,
        shop_shipment_id=shop_shipment_id,
        affiliate_ids=[each.affiliate_id for each in new],
        carriers=[each.key.carrier for each in new],
        networks=[each.key.network for each in new],
        point_ids=[each.key.point_id for each in new],
        digests=[each.digest for each in new],
    )


# The rows are picked once, before: as part of the update they may be picked again for each, beyond the limit.
TAKE = """
    WITH picked AS MATERIALIZED (
        SELECT affiliate_id
        FROM affiliates
        WHERE tenant_id = %(tenant_id)s
          AND shop_shipment_id = %(shop_shipment_id)s
          AND state = %(of)s
        ORDER BY affiliate_id
        LIMIT %(most)s
        FOR UPDATE SKIP LOCKED
    )
    UPDATE affiliates
    SET state = %(to)s, asked_at = %(now)s
    FROM picked
    WHERE affiliates.tenant_id = %(tenant_id)s
      AND affiliates.shop_shipment_id = %(shop_shipment_id)s
      AND affiliates.affiliate_id = picked.affiliate_id
    RETURNING affiliates.affiliate_id, carrier, network, point_id, digest, state
"""


def take(  # whose, from which state to which
    conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str, *, of: State, to: State, most: int, now: datetime
) -> list[Affiliate]:
    """Mark up to so many as asked for, before they are; return them."""
    params = {"of": of.value, "to": to.value, "most": most, "now": now}
    found = db.binary(conn, TAKE, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id, **params)
    return sorted(map(_read, found), key=lambda each: each.affiliate_id)


TURN_TO = """
    UPDATE affiliates
    SET state = %(to)s
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
      AND state = ANY (%(of)s)
      AND (%(affiliate_ids)s::text[] IS NULL OR affiliate_id = ANY (%(affiliate_ids)s))
"""


def turn_to(  # whose, from which states to which
    conn: db.Conn,
    tenant_id: TenantId,
    shop_shipment_id: str,
    state: State,
    *,
    of: Iterable[State],
    affiliate_ids: Iterable[str] | None = None,
) -> int:
    """Turn these points, or (None) all in such a state; return how many did."""
    some = None if affiliate_ids is None else list(affiliate_ids)
    params = {"to": state.value, "of": [each.value for each in of], "affiliate_ids": some}
    return db.run(conn, TURN_TO, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id, **params)


DOUBT = """
    SELECT max(asked_at) AS asked_at
    FROM affiliates
    WHERE tenant_id = %(tenant_id)s
      AND shop_shipment_id = %(shop_shipment_id)s
      AND state IN ('sent', 'leaving')
"""


def doubt(conn: db.Conn, tenant_id: TenantId, shop_shipment_id: str) -> datetime | None:
    """Return when the last was asked for whose answer nobody knows; None: all is known."""
    [row] = db.rows(conn, DOUBT, tenant_id=tenant_id, shop_shipment_id=shop_shipment_id)
    return row["asked_at"]


COUNTS = """
    SELECT shop_shipment_id, state, count(*) AS points
    FROM affiliates
    WHERE tenant_id = %(tenant_id)s
    GROUP BY shop_shipment_id, state
"""


def counts(conn: db.Conn, tenant_id: TenantId) -> dict[str, dict[State, int]]:
    """Return how many points stand where, by the shop's id of the shipment."""
    found: dict[str, dict[State, int]] = {}
    for row in db.rows(conn, COUNTS, tenant_id=tenant_id):
        found.setdefault(row["shop_shipment_id"], {})[State(row["state"])] = row["points"]
    return found


SHOWN = """
    SELECT shop_shipment_id, carrier, network, country, kind
    FROM affiliate_offers
    WHERE tenant_id = %(tenant_id)s
      AND withdrawn_at IS NULL
      AND EXISTS (
          SELECT FROM affiliates
          WHERE affiliates.tenant_id = affiliate_offers.tenant_id
            AND affiliates.shop_shipment_id = affiliate_offers.shop_shipment_id
            AND affiliates.carrier = affiliate_offers.carrier
            AND affiliates.network = affiliate_offers.network
            AND affiliates.state = 'shown'
      )
"""


def shown(conn: db.Conn, tenant_id: TenantId) -> dict[str, Source]:
    """Return whose points shipments show by us, by the shop's id; one that shows none of its own yet is left out."""
    found = db.rows(conn, SHOWN, tenant_id=tenant_id)
    return {row.pop("shop_shipment_id"): Source(**row) for row in found}


FIND = """
    SELECT shop_shipment_id, affiliate_id, carrier, network, point_id
    FROM affiliates
    WHERE tenant_id = %(tenant_id)s
      AND (shop_shipment_id, affiliate_id) IN (
          SELECT shop_shipment_id, affiliate_id
          FROM unnest(%(shop_shipment_ids)s::text[], %(affiliate_ids)s::text[])
              AS asked (shop_shipment_id, affiliate_id)
      )
"""


def find(conn: db.Conn, tenant_id: TenantId, asked: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Key]:
    """Return which points these ids are, by the shop's ids of shipment and point; one that is not ours is left out."""
    shop_shipment_ids, affiliate_ids = [each[0] for each in asked], [each[1] for each in asked]
    found = db.rows(conn, FIND, tenant_id=tenant_id, shop_shipment_ids=shop_shipment_ids, affiliate_ids=affiliate_ids)
    return {
        (row["shop_shipment_id"], row["affiliate_id"]): Key(row["carrier"], row["network"], row["point_id"])
        for row in found
    }
