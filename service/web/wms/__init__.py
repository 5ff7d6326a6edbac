"""`/wms/v1`: what a warehouse's own system reads from us and tells us (docs/wms.md)."""

from starlette.routing import Route

from service.rig import Rig
from service.web.bell import Bell
from service.web.wms import (
    again,
    bookings,
    carriers,
    certificates,
    cod,
    feed,
    goods_back,
    handover,
    labels,
    orders,
    points,
    returns,
    shipments,
)


def routes(rig: Rig, bell: Bell) -> list[Route]:
    """Return every route of the door; `bell` wakes those that wait for news."""
    return [
        *feed.routes(rig, bell),
        *orders.routes(rig),
        *shipments.routes(rig),
        *carriers.routes(rig),
        *again.routes(rig),
        *cod.routes(rig),
        *goods_back.routes(rig),
        *bookings.routes(rig, bell),
        *labels.routes(rig),
        *handover.routes(rig),
        *returns.routes(rig),
        *points.routes(rig),
        *certificates.routes(rig),
    ]
