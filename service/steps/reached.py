"""How far an order's parcels got all together: pure. One box that is late keeps the whole order from having arrived."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from service.mappings import Milestone
from service.shipments import Shipment
from service.tracking import Followed, State

THERE = frozenset({State.AT_PICKUP_POINT, State.DELIVERED})
STATES: Mapping[Milestone, State | None] = {
    Milestone.SHIPPED: None,
    Milestone.PICKUP_POINT: State.AT_PICKUP_POINT,
    Milestone.DELIVERED: State.DELIVERED,
    Milestone.RETURNING: State.RETURNING,
    Milestone.RETURNED: State.RETURNED,
}


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
    """Return the boxes these shipments leave in: those of voided ones count no more."""
    names = {shipment.leaves_in for shipment in left}
    return [box for box in boxes if box.shipment_id in names]


def left_at(left: Sequence[Shipment]) -> datetime | None:
    """Return when all of an order had left; None: it has not."""
    return max((shipment.final_since for shipment in left if shipment.final_since), default=None)


def at(boxes: Sequence[Followed], milestone: Milestone) -> datetime | None:
    """Return when the last of an order's boxes that stand at a milestone came to it; None: we know of none."""
    return max((box.state_since for box in boxes if box.state is STATES[milestone]), default=None)
