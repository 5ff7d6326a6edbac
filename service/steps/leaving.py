"""Whether orders may leave, and what a person is told of those that left although they were held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service import db, mappings, offers, orders, problems, shipments
from service.lanes import TenantId
from service.offers import Offer, Reason, State
from service.problems import Cause
from service.shipments import Shipment
from service.steps import offering

Refusal = tuple[str, str]  # code and detail

UNKNOWN = ("unknown_order", "There is no such order here.")
ALREADY = ("already_shipped", "The order has left with its final shipment. Correct that one, or void it first.")


@dataclass(frozen=True)
class Stand:
    """How the orders of a batch stand in one shop; `closed` grows while the batch is gone through."""

    mirrored: Collection[str]
    offered: Mapping[str, Offer]
    closed: set[str]
    barred: Reason | None  # the whole shop

    def held(self, number: str) -> Refusal | None:
        """Return why an order may not leave; None when it may."""
        if self.barred:
            return "not_released", f"The order is not released: {self.barred}."
        offer = self.offered.get(number)
        if offer is None:
            return "not_released", f"The order is not released: {Reason.HISTORY}."
        if offer.state is State.STOP:
            return "stopped", f"The order is stopped: {offer.reason}. Take it off the line and acknowledge it."
        return (
            None if offer.state is State.RELEASED else ("not_released", f"The order is not released: {offer.reason}.")
        )

    def refuses(self, numbers: Sequence[str], *, left_already: bool) -> tuple[int, Refusal] | None:
        """Return which of these orders, by its place, keeps what they leave in from being taken, and why.

        None: all of them are free to leave.
        """
        found = ((place, self._refuses(number, left_already=left_already)) for place, number in enumerate(numbers))
        return next(((place, why) for place, why in found if why), None)

    def _refuses(self, number: str, *, left_already: bool) -> Refusal | None:
        if number not in self.mirrored:
            return UNKNOWN
        if number in self.closed:
            return ALREADY
        return None if left_already else self.held(number)


def stand(conn: db.Conn, tenant_id: TenantId, numbers: Sequence[str]) -> Stand:
    """Hold the shop's offers and return how these orders stand."""
    offers.hold(conn, tenant_id)
    return Stand(
        mirrored=orders.standing(conn, tenant_id, numbers).keys(),
        offered=offers.known(conn, tenant_id, numbers),
        closed=shipments.shipped(conn, tenant_id, numbers),
        barred=offering.barred(conn, tenant_id, mappings.of(conn, tenant_id)),
    )


def note_taken(conn: db.Conn, tenant_id: TenantId, shipment: Shipment, held: Refusal | None, *, now: datetime) -> None:
    """Tell a person of what left although it was held; what was voided after the shop was told has left after all."""
    number = shipment.order_number
    if shipment.final:
        problems.settle(conn, tenant_id, Cause.VOIDED_AFTER_WRITTEN, now=now, order_numbers=[number])
    if held:
        detail = {"shipment": shipment.shipment_id, "why": held[1]}
        problems.note(conn, tenant_id, Cause.SHIPPED_THOUGH_HELD, now=now, order_number=number, detail=detail)
