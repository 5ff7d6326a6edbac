"""The warehouse has the goods of a parcel that came back: written down, and nobody is reminded of it any more.

Stock is the shop's own business (docs/upgates.md 4.7): nothing is written there.
"""

from service import journal, offers, problems, tracking
from service.journal import Entry, Kind
from service.lanes import TenantId
from service.problems import Cause
from service.rig import Rig


def run(rig: Rig, tenant_id: TenantId, booking_id: str, *, by: str) -> bool:
    """Note that the goods of a booking are back; False where that was said before, or nobody knows the booking."""
    now = rig.now()
    with rig.db.tx(tenant_id) as conn:
        offers.hold(conn, tenant_id)  # before boxes, as everywhere
        boxes = tracking.goods_back(conn, tenant_id, booking_id, by=by, now=now)
        for number in {box.order_number for box in boxes}:
            detail = {"booking": booking_id, "by": by}
            journal.write(conn, tenant_id, [Entry(now, Kind.GOODS_BACK, number, detail)])
            every = tracking.of_orders(conn, tenant_id, [number])[number]
            if all(box.goods_back_at or box.state is not tracking.State.RETURNED for box in every):
                problems.settle(conn, tenant_id, Cause.PARCEL_BACK, now=now, order_numbers=[number])
    return bool(boxes)
