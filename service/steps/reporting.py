"""What a WMS is told of its shipments: the shipment, and how far the shop knows of it (docs/wms.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from service import db, outbox
from service.lanes import TenantId
from service.shipments import Shipment


def shown(conn: db.Conn, tenant_id: TenantId, told: Sequence[Shipment], *, now: datetime) -> list[dict[str, Any]]:
    """Return shipments as the WMS reads them, in the same order."""
    states = outbox.state_of(conn, tenant_id, sorted({shipment.order_number for shipment in told}), now=now)
    return [
        {
            "id": shipment.shipment_id,
            "tenant": tenant_id,
            "order": shipment.order_number,
            "revision": shipment.revision,
            "final": shipment.final,
            "voided": shipment.voided,
            "created": _stamp(shipment.created_at),
            "changed": _stamp(shipment.changed_at),
            "parcels": [
                {"carrier": parcel.carrier, "tracking_code": parcel.tracking_code, "weight_g": parcel.weight_g}
                for parcel in shipment.parcels
            ],
            "write_back": {
                "state": states[shipment.order_number],
                "written_before": shipment.written_before,
            },
        }
        for shipment in told
    ]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
