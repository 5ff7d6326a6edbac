"""What the journal says of a shipment: pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.journal import Entry, Kind
from service.shipments import Shipment

NOTHING: Mapping[str, Any] = {}


def entry(kind: Kind, shipment: Shipment, *, by: str, now: datetime, notes: Mapping[str, Any] = NOTHING) -> Entry:
    """Return that a shipment was told, or taken back; `by`: the account that did it, `notes`: what it goes without."""
    detail = {"shipment": shipment.shipment_id, "revision": shipment.revision, **_told(shipment), "account": by}
    return Entry(now, kind, shipment.order_number, {**detail, **notes})


def changed(before: Shipment, after: Shipment, *, by: str, now: datetime) -> Entry:
    """Return that a shipment was corrected, with what it held before."""
    detail = {
        "shipment": after.shipment_id,
        "revision": after.revision,
        "before": _told(before),
        "after": _told(after),
        "written_before": after.written_before,
        "account": by,
    }
    return Entry(now, Kind.SHIPMENT_CHANGED, after.order_number, detail)


def _told(shipment: Shipment) -> dict[str, object]:
    parcels = [[parcel.carrier, parcel.tracking_code] for parcel in shipment.parcels]
    return {"final": shipment.final, "parcels": parcels}
