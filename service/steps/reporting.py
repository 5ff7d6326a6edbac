"""What a WMS is told of its shipments and their labels: how far a carrier got, and the shop (docs/wms.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from carriers.base import Close
from carriers.money import Money
from service import bookings, contracts, db, outbox, tracking
from service.bookings import Booking, Box
from service.lanes import TenantId
from service.shipments import Shipment
from service.steps import carriage
from service.tracking import Followed, Payment, payments


def shown(conn: db.Conn, tenant_id: TenantId, told: Sequence[Shipment], *, now: datetime) -> list[dict[str, Any]]:
    """Return shipments as the WMS reads them, in the same order."""
    states = outbox.state_of(conn, tenant_id, sorted({shipment.order_number for shipment in told}), now=now)
    booked = bookings.of_shipments(conn, tenant_id, [shipment.leaves_in for shipment in told])
    labels = dict(zip(booked, labels_of(conn, tenant_id, [*booked.values()]), strict=True))
    return [
        {
            "id": shipment.shipment_id,
            "tenant": tenant_id,
            "order": shipment.order_number,
            "revision": shipment.revision,
            "final": shipment.final,
            "voided": shipment.voided,
            "created": stamp(shipment.created_at),
            "changed": stamp(shipment.changed_at),
            "parcels": [
                {"carrier": parcel.carrier, "tracking_code": parcel.tracking_code, "weight_g": parcel.weight_g}
                for parcel in shipment.parcels
            ],
            "booking": labels.get(shipment.leaves_in),
            "write_back": {
                "state": states[shipment.order_number],
                "written_before": shipment.written_before,
            },
        }
        for shipment in told
    ]


def labels_of(conn: db.Conn, tenant_id: TenantId, found: Sequence[Booking]) -> list[dict[str, Any]]:
    """Return bookings as the WMS reads them, in the same order."""
    if not found:
        return []
    boxes = bookings.boxes(conn, tenant_id, [each.booking_id for each in found])
    followed = tracking.of_bookings(conn, tenant_id, [each.booking_id for each in found])
    money = payments.of_bookings(conn, tenant_id, [each.booking_id for each in found])
    logins = {each.contract_id: contracts.one(conn, each.contract_id) for each in found}
    closing = {key for key, login in logins.items() if login and carriage.able_of(login).close is Close.REQUIRED}
    return [
        booking(
            tenant_id,
            each,
            boxes[each.booking_id],
            followed[each.booking_id],
            cod=collected(each, money.get(each.booking_id)),
            hears_by_handover=each.contract_id in closing,
        )
        for each in found
    ]


def collected(each: Booking, payment: Payment | None) -> Money | None:
    """Return what is collected for a booking; before its label what is asked for. None: nothing (any more)."""
    if payment is not None:
        return Money(*payment.collected) if payment.collected else None
    kept = None if each.cancelled_at or each.label_at else carriage.kept(each.content)
    return kept.cod.amount if kept and kept.cod else None


def booking(  # whose, what, in which boxes, and where they are as far as that is known
    tenant_id: TenantId,
    each: Booking,
    boxes: Sequence[Box],
    followed: Sequence[Followed],
    *,
    cod: Money | None,
    hears_by_handover: bool,
) -> dict[str, Any]:
    """Return the document of one booking: pure. `hears_by_handover`: before it the carrier knows of no parcel."""
    where = {box.place: box for box in followed}
    return {
        "id": each.booking_id,
        "tenant": tenant_id,
        "order": each.order_number,
        "shipment": each.shipment_id,
        "carrier": carriage.called(each.carrier),
        "service": each.service,
        "state": each.state.value,
        "reason": each.parked.value if each.parked else None,
        "why": each.why,
        "faults": list(each.faults),
        "notes": list(each.notes),
        "parcels": [_parcel(box, where.get(box.place)) for box in boxes],
        "cod": cod and {"amount": cod.plain(), "currency": cod.currency},
        "label": each.label_at is not None and not each.cancelled_at,
        "handed_over": stamp(each.handed_at) if each.handed_at else None,
        "handover_due": hears_by_handover and bool(each.label_at) and not (each.handed_at or each.cancelled_at),
        "created": stamp(each.created_at),
        "changed": stamp(each.changed_at),
    }  # fmt: skip


def parcel(box: Box, where: Followed | None) -> dict[str, Any]:
    """Return a box, and where it is once it is followed."""
    return {
        "tracking_code": carriage.code_of(box.number),
        "tracking_url": box.tracking_url,
        "state": where and where.state.value,
        "reason": where and where.reason,
        "state_since": where and stamp(where.state_since),
    }


def _parcel(box: Box, where: Followed | None) -> dict[str, Any]:
    """Return a box that went out, and whether its goods are back."""
    back_at = where and where.goods_back_at
    return {
        **parcel(box, where),
        "goods_back": stamp(back_at) if back_at else None,
    }


def stamp(at: datetime) -> str:
    """Return a time in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
