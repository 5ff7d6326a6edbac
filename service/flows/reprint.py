"""Print labels that are kept as one file, in the order asked, and write down who did.

What must not leave any more is not printed.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from carriers import labels as printing
from carriers.base import Format, Label
from service import bookings, db, journal
from service.bookings import Booking, State
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.rig import Rig
from service.steps import carriage, stopping


class Lack(StrEnum):
    """Why a label is not printed."""

    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    STOPPED = "stopped"
    GONE = "gone"  # it was kept for its time


class Incomplete(Exception):
    """Some have no label to print, so nothing is; `lacking` says which and why."""

    def __init__(self, lacking: Mapping[str, Lack]) -> None:
        super().__init__(f"{len(lacking)} labels are lacking")
        self.lacking = lacking


def run(rig: Rig, tenant_id: TenantId, shipment_ids: Sequence[str], *, on_a4: bool, start: int, by: str) -> Label:
    """Return the labels of these shipments; on A4 four to a sheet from place `start` (1 to 4) of the first one.

    Raise Incomplete.
    """
    with rig.db.tx(tenant_id) as conn:
        found = bookings.of_shipments(conn, tenant_id, shipment_ids)
        lacking = _lacking(conn, tenant_id, shipment_ids, found)
        ready = [found[each] for each in shipment_ids if each not in lacking]
        sheets = bookings.sheets(conn, tenant_id, [each.booking_id for each in ready], format=Format.PDF.value)
        lacking |= {each.shipment_id: Lack.GONE for each in ready if each.booking_id not in sheets}
        if lacking:
            raise Incomplete(lacking)
        _note(conn, rig, tenant_id, ready, on_a4=on_a4, by=by)
    label = printing.merged([carriage.label_of(sheets[each.booking_id]) for each in ready])
    return printing.on_a4(label, start=start) if on_a4 else label


def _lacking(
    conn: db.Conn, tenant_id: TenantId, shipment_ids: Sequence[str], found: Mapping[str, Booking]
) -> dict[str, Lack]:
    stopped = stopping.not_to_leave(conn, tenant_id, [each.order_number for each in found.values()])
    lacking: dict[str, Lack] = {}
    for shipment_id in shipment_ids:
        each = found.get(shipment_id)
        if each is None:
            lacking[shipment_id] = Lack.UNKNOWN
        elif each.order_number in stopped:
            lacking[shipment_id] = Lack.STOPPED
        elif each.state is not State.READY:
            lacking[shipment_id] = Lack.NOT_YET
    return lacking


def _note(  # what of whom
    conn: db.Conn, rig: Rig, tenant_id: TenantId, printed: Sequence[Booking], *, on_a4: bool, by: str
) -> None:
    told = {"format": Format.PDF.value, "page": "a4" if on_a4 else "a6", "account": by}
    entries = [
        Entry(
            rig.now(),
            Kind.LABEL_PRINTED,
            each.order_number,
            {"booking": each.booking_id, "shipment": each.shipment_id, **told},
        )
        for each in printed
    ]
    journal.write(conn, tenant_id, entries)
