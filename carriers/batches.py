"""A batch that was refused for what one of its shipments says: the others are booked by themselves."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from carriers.base import Taken
from carriers.errors import CarrierBusy, CarrierRefused, CarrierUnreachable, Kind
from carriers.shipment import Shipment

Book: TypeAlias = Callable[[Sequence[Shipment]], Sequence[Taken]]


def booked(shipments: Sequence[Shipment], book: Book) -> Sequence[Taken]:
    """Book all at once, each alone where that is refused for its content; raise what concerns the call as a whole."""
    try:
        return book(shipments)
    except CarrierRefused as refused:
        if refused.kind is not Kind.CONTENT:
            raise
        return [refused] if len(shipments) == 1 else _one_by_one(shipments, book)


def _one_by_one(shipments: Sequence[Shipment], book: Book) -> Sequence[Taken]:
    """Book each alone; after a failure that is not the shipment's own, the rest is not asked for."""
    taken: list[Taken] = []
    for shipment in shipments:
        try:
            taken += book([shipment])
        except CarrierRefused as refused:
            taken.append(refused)
            if refused.kind is not Kind.CONTENT:
                break
        except (CarrierBusy, CarrierUnreachable) as lost:
            taken.append(lost)
            break
    return taken + [_not_asked(taken[-1])] * (len(shipments) - len(taken))


def _not_asked(last: Taken) -> Taken:
    if isinstance(last, CarrierUnreachable):
        return CarrierUnreachable(last.carrier, last.operation, "not asked for after a lost answer", unclear=False)
    return last
