"""Which shipments leave in one parcel: several orders may, and the parcel is booked for one of them."""

from collections.abc import Sequence

from service import db
from service.lanes import TenantId

LEADING = """
    SELECT shipment_id, coalesce(booked_with, shipment_id) AS leading
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND shipment_id = ANY (%(shipment_ids)s)
"""


def leading(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> dict[str, str]:
    """Return for each of these that there is, voided or not, the shipment its parcel is booked for: mostly itself."""
    found = db.rows(conn, LEADING, tenant_id=tenant_id, shipment_ids=list(shipment_ids))
    return {row["shipment_id"]: row["leading"] for row in found}


ALONG = """
    SELECT booked_with, shipment_id
    FROM shipments
    WHERE tenant_id = %(tenant_id)s
      AND booked_with = ANY (%(shipment_ids)s)
    ORDER BY entered
"""


def along(conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the shipments of other orders that go in the parcels of these, voided or not, by shipment: mostly none."""
    found: dict[str, list[str]] = {shipment_id: [] for shipment_id in shipment_ids}
    for row in db.rows(conn, ALONG, tenant_id=tenant_id, shipment_ids=list(shipment_ids)):
        found[row["booked_with"]].append(row["shipment_id"])
    return found
