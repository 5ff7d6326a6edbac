"""How far an order's parcels got all together: pure. One box that is late keeps the whole order from having arrived."""

from collections.abc import Sequence
from datetime import datetime

from service.mappings import Milestone
from service.shipments import Shipment
from service.tracking import Followed, State

THERE = frozenset({State.AT_PICKUP_POINT, State.DELIVERED})


def of(left: Sequence[Shipment], boxes: Sequence[Followed]) -> Milestone:
    """Return the furthest milestone of what left; `boxes` are those of the order that are followed.

    One that goes back tells more than all that arrived; a box nobody follows has only left, as far as we know.
    """
    ours = of_shipments(left, boxes)
    states = [box.state for box in ours]
    if State.RETURNING in states:
        return Milestone.RETURNING
    if State.RETURNED in states:
        return Milestone.RETURNED
    if not ours or len(ours) < sum(len(shipment.parcels) for shipment in left):
        return Milestone.SHIPPED
    if all(state is State.DELIVERED for state in states):
        return Milestone.DELIVERED
    return Milestone.PICKUP_POINT if THERE.issuperset(states) else Milestone.SHIPPED


def of_shipments(left: Sequence[Shipment], boxes: Sequence[Followed]) -> list[Followed]:
    """Return the boxes of these shipments: those of voided ones count no more."""
    names = {shipment.shipment_id for shipment in left}
    return [box for box in boxes if box.shipment_id in names]


def at(left: Sequence[Shipment], boxes: Sequence[Followed], milestone: Milestone) -> datetime | None:
    """Return when an order reached a milestone."""
    if milestone is Milestone.SHIPPED:
        return max((shipment.final_since for shipment in left if shipment.final_since), default=None)
    return max((box.state_since for box in of_shipments(left, boxes)), default=None)
